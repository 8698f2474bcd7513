//! TFRecord files of `tf.Example` records: which feature each Arrow column becomes, RecordBatch to bytes, and back.
//! A pure codec: it opens no file, knows no query engine and no catalog, and writes the same bytes for the same rows
//! however they are cut into batches.
#![forbid(unsafe_code)]

mod decode;
mod encode;
mod error;
mod example;
mod frame;
mod options;
mod schema;
mod schema_file;
mod values;
mod wire;

pub use decode::BatchReader;
pub use encode::{EncodedRows, Encoder};
pub use error::{ColumnProblem, ExampleFault, FrameFault, NullCount, TfRecordError};
pub use frame::{FrameCount, RECORD_BYTES_MAX, RecordReader, verify_frames};
pub use options::{DecimalFeatures, EncodeOptions, NullPolicy, StringFeatures};
pub use schema::{ExampleSchema, Feature};
pub use schema_file::{FeatureKind, FeatureLength, FeatureSpec, SCHEMA_FILE_NAME, SchemaFile};

/// Version of the bytes that [`Encoder`] writes, for manifests: raised whenever the same rows would give other bytes.
pub const ENCODER_VERSION: u32 = 1;

#[cfg(test)]
mod tests;
