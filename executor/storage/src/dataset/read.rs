//! Committed shards back to rows, in the declared types of the dataset's features. Streams: memory is about a batch.

use std::{io::Read, sync::Arc};

use arrow::{compute::cast, datatypes::SchemaRef, record_batch::RecordBatch};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use mangonel_proto::{
    tickets::{ShardFile, ShardFiles},
    v1::{self, DataFormat},
};
use mangonel_tfrecord::{BatchReader, EncodeOptions, ExampleSchema};
use object_store::ObjectStoreExt;
use parquet::arrow::ParquetRecordBatchStreamBuilder;
use tokio::sync::mpsc;

use super::{Compression, verify::StoredFile};
use crate::{
    delimited::{DelimitedReader, Delimiter},
    error::{Result, StorageError},
    types::arrow_schema,
    warehouse::{Warehouse, store_path},
};

/// Rows of a batch.
const BATCH_ROWS: usize = 8192;
/// Chunks between the download and the decoder.
const CHUNKS_IN_FLIGHT: usize = 4;
/// Batches between the decoder and its reader.
const BATCHES_IN_FLIGHT: usize = 2;

/// Rows of shards, as they are decoded.
pub type ShardRows = BoxStream<'static, Result<RecordBatch>>;

/// Columns of a dataset that is read back. Parquet has the features as they are. TFRecord has structs flattened to `a.b`,
/// and any column may be null, since a null is a key that was left out.
///
/// # Errors
/// [`StorageError::Unsupported`] for formats that cannot be read back.
pub fn shard_schema(features: &[v1::Feature], data_format: DataFormat) -> Result<SchemaRef> {
    let declared = arrow_schema(features)?;
    match data_format {
        DataFormat::Parquet | DataFormat::Csv | DataFormat::Tsv => Ok(declared),
        DataFormat::Tfrecord => Ok(Arc::new(examples(&declared)?.flat_schema())),
        DataFormat::Unspecified => {
            Err(StorageError::Internal { detail: "the format of a dataset to read is unknown".into() })
        }
    }
}

/// Rows of the shards, one shard after the other, in the columns of [`shard_schema`]. What the format lost stays lost: a
/// `double` comes back with the digits of a float.
///
/// # Errors
/// As [`shard_schema`]. Through the stream: [`StorageError::Corrupt`] for a shard that is missing or not as its manifest
/// says, and whatever keeps the store from being read.
pub fn read_shards(warehouse: &Warehouse, files: ShardFiles) -> Result<(SchemaRef, ShardRows)> {
    let schema = shard_schema(&files.features, files.data_format)?;
    let text = |delimiter| RowFormat::Delimited(delimiter, Arc::clone(&schema));
    let rows = match files.data_format {
        DataFormat::Tfrecord => Some(RowFormat::Examples(examples(&*arrow_schema(&files.features)?)?)),
        DataFormat::Csv => Some(text(Delimiter::Comma)),
        DataFormat::Tsv => Some(text(Delimiter::Tab)),
        DataFormat::Parquet | DataFormat::Unspecified => None,
    };
    let compression = files.compression.into();
    let schema_of_rows = Arc::clone(&schema);
    let shards =
        Shards { warehouse: warehouse.clone(), folder: files.folder, schema: schema_of_rows, rows, compression };
    let rows = stream::iter(files.shards).then(move |shard| {
        let shards = shards.clone();
        async move { shards.open(shard).await }
    });
    Ok((schema, rows.try_flatten().boxed()))
}

fn examples(declared: &arrow::datatypes::Schema) -> Result<Arc<ExampleSchema>> {
    ExampleSchema::plan(declared, &EncodeOptions::default())
        .map(Arc::new)
        .map_err(|error| StorageError::Internal { detail: format!("columns of a TFRecord dataset: {error}") })
}

#[derive(Clone)]
struct Shards {
    warehouse: Warehouse,
    folder: String,
    schema: SchemaRef,
    /// How rows are decoded where a shard is read from its start to its end.
    rows: Option<RowFormat>,
    compression: Compression,
}

#[derive(Clone)]
enum RowFormat {
    Examples(Arc<ExampleSchema>),
    Delimited(Delimiter, SchemaRef),
}

impl RowFormat {
    /// Batches of what `read` gives. Blocks.
    fn batches(self, read: Box<dyn Read + Send>) -> Box<dyn Iterator<Item = std::result::Result<RecordBatch, String>>> {
        match self {
            Self::Examples(schema) => {
                let batches = BatchReader::new(read, schema, BATCH_ROWS);
                Box::new(batches.map(|batch| batch.map_err(|error| error.to_string())))
            }
            Self::Delimited(delimiter, schema) => {
                let batches = DelimitedReader::new(read, schema, delimiter, BATCH_ROWS);
                Box::new(batches.map(|batch| batch.map_err(|error| error.to_string())))
            }
        }
    }
}

impl Shards {
    async fn open(&self, shard: ShardFile) -> Result<ShardRows> {
        let path = format!("{}/{}", self.folder, shard.name);
        match self.warehouse.size(&path).await? {
            Some(bytes) if bytes == shard.bytes => {}
            Some(bytes) => return Err(damaged(&path, format!("it has {bytes} bytes, not {}", shard.bytes))),
            None => return Err(damaged(&path, "it is missing".into())),
        }
        let rows = match &self.rows {
            Some(rows) => self.records(&path, rows.clone())?,
            None => self.pages(&path, shard.bytes).await?,
        };
        Ok(counted(rows, path, shard.rows))
    }

    /// Rows of a Parquet shard.
    async fn pages(&self, path: &str, bytes: u64) -> Result<ShardRows> {
        let file = StoredFile { store: self.warehouse.store(), path: store_path(path)?, bytes };
        let rows = ParquetRecordBatchStreamBuilder::new(file).await?.with_batch_size(BATCH_ROWS).build()?;
        let schema = Arc::clone(&self.schema);
        Ok(rows.map(move |batch| as_declared(&batch?, &schema)).boxed())
    }

    /// Rows of a shard without pages: one task downloads, one decodes. Both end when nobody reads any more.
    fn records(&self, path: &str, rows: RowFormat) -> Result<ShardRows> {
        let (chunks, waiting) = mpsc::channel(CHUNKS_IN_FLIGHT);
        let (batches, decoded) = mpsc::channel(BATCHES_IN_FLIGHT);
        let (store, at, name) = (self.warehouse.store(), store_path(path)?, path.to_owned());
        let compression = self.compression;
        tokio::spawn(async move {
            let mut bytes = match store.get(&at).await {
                Ok(found) => found.into_stream(),
                Err(error) => stream::iter([Err(error)]).boxed(),
            };
            while let Some(chunk) = bytes.next().await {
                let failed = chunk.is_err();
                let chunk = chunk.map_err(|error| std::io::Error::other(error.to_string()));
                if chunks.send(chunk).await.is_err() || failed {
                    break;
                }
            }
        });
        tokio::task::spawn_blocking(move || {
            let bytes = compression.decompressed(Download { waiting, left: Bytes::new() });
            for batch in rows.batches(bytes) {
                let batch = batch.map_err(|detail| damaged(&name, detail));
                if batches.blocking_send(batch).is_err() {
                    break;
                }
            }
        });
        let rows = stream::unfold(decoded, |mut decoded| async move { Some((decoded.recv().await?, decoded)) });
        Ok(rows.boxed())
    }
}

/// Ends with an error unless as many rows came as the manifest promises.
fn counted(rows: ShardRows, path: String, expected: u64) -> ShardRows {
    let state = Some((rows, path, 0_u64));
    let counted = stream::unfold(state, move |state| async move {
        let (mut rows, path, seen) = state?;
        match rows.next().await {
            Some(Ok(batch)) => {
                let seen = seen + batch.num_rows() as u64;
                Some((Ok(batch), Some((rows, path, seen))))
            }
            Some(Err(error)) => Some((Err(error), None)),
            None if seen == expected => None,
            None => {
                let error = damaged(&path, format!("it has {seen} rows, the manifest says {expected}"));
                Some((Err(error), None))
            }
        }
    });
    counted.boxed()
}

/// The batch in the declared schema; columns have the same names in the same order.
fn as_declared(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let columns = schema.fields().iter().map(|field| {
        let column = batch.column_by_name(field.name()).ok_or_else(|| {
            arrow::error::ArrowError::SchemaError(format!("a shard lacks the column `{}`", field.name()))
        })?;
        if column.data_type() == field.data_type() { Ok(Arc::clone(column)) } else { cast(column, field.data_type()) }
    });
    let columns = columns.collect::<Result<Vec<_>, _>>()?;
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}

fn damaged(path: &str, detail: String) -> StorageError {
    StorageError::Corrupt { what: format!("shard `{path}`"), detail }
}

/// What a download brings, as a file. A download that failed is an error of the file, never its end.
struct Download {
    waiting: mpsc::Receiver<std::io::Result<Bytes>>,
    left: Bytes,
}

impl Read for Download {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.left.is_empty() {
            match self.waiting.blocking_recv() {
                Some(chunk) => self.left = chunk?,
                None => return Ok(0),
            }
        }
        let taken = self.left.split_to(buffer.len().min(self.left.len()));
        buffer[..taken.len()].copy_from_slice(&taken);
        Ok(taken.len())
    }
}
