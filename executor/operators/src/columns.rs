//! Columns of our own that plans carry beside features. All begin with [`INTERNAL_PREFIX`], which no feature name may.

use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
pub use mangonel_proto::names::INTERNAL_PREFIX;

/// Lane that a scanned file was listed for (`UInt32`, a partition value): the only way for a task to know its place.
pub const LANE: &str = "_mangonel_lane";
/// Table version that committed the row (`Int64`, a partition value of the scan): decides between rows of one event time.
pub const COMMIT: &str = "_mangonel_commit";
/// Row digest (`FixedSizeBinary(16)`), stored in every file.
pub const DIGEST: &str = "_mangonel_digest";
/// Run that wrote the row (text), stored in every file.
pub const RUN: &str = "_mangonel_run";
/// Bucket of the row by its entity key (`UInt32`), in plans that write files of buckets.
pub const BUCKET: &str = "_mangonel_bucket";
/// Which staged part a row of an insert is of (`Int32`, a partition value of the scan), for errors.
pub const ORIGIN: &str = "_mangonel_origin";
/// Row digest of the root group's row (`FixedSizeBinary(16)`) in build plans whose shards divide keys.
pub const ROOT_DIGEST: &str = "_mangonel_root_digest";
/// Prefix of copies of the root group's entity key in build plans: `_mangonel_key_0`, ...
pub const KEY: &str = "_mangonel_key_";

/// Name of the copy of the root's `index`-th key column.
pub fn key_column(index: usize) -> String {
    format!("{KEY}{index}")
}

/// The columns of a schema that are not our own.
pub fn feature_columns(schema: &Schema) -> SchemaRef {
    let fields = schema.fields().iter().filter(|field| !field.name().starts_with(INTERNAL_PREFIX));
    Arc::new(Schema::new(fields.cloned().collect::<Vec<_>>()))
}
