//! Writes the rows of one shard, in the order given, so that its bytes depend on the rows alone and not on how they
//! arrived. Memory is a few parts of an upload and, for Parquet, a row group (or a page per column, the rest in a file).

use std::{collections::BTreeMap, fs::File, sync::Arc};

use arrow::{
    array::{Array, AsArray},
    compute::cast,
    datatypes::{DataType, Schema, SchemaRef},
    record_batch::RecordBatch,
};
use mangonel_tfrecord::ExampleSchema;
use uuid::Uuid;
use xxhash_rust::xxh3::Xxh3;

use super::{
    compression::Compression,
    parquet_shard::{ParquetEncoder, ROW_GROUP_BYTES},
    publish::{Checksum, ShardRecord, attempt_path, publish_shard},
    row_shard::RowEncoder,
    upload::Upload,
};
use crate::{
    delimited::Delimiter,
    error::{Result, StorageError},
    table::DIGEST_COLUMN,
    warehouse::Warehouse,
};

/// What a compressor holds: its window, its tables, and blocks on their way in and out.
const DEFLATE_BYTES: usize = 512 << 10;

/// How a shard is encoded.
#[derive(Clone, Debug)]
pub enum ShardFormat {
    /// Planned for exactly the columns of the target.
    TfRecord(Arc<ExampleSchema>, Compression),
    Delimited(Delimiter, Compression),
    Parquet,
}

/// Which shard is written, and what of the rows.
#[derive(Clone, Debug)]
pub struct ShardTarget {
    /// Folder of the run (or of its split), relative to the warehouse.
    pub run_folder: String,
    pub shard: u32,
    /// Columns to write, in their order. Dictionaries are written as their values.
    pub columns: SchemaRef,
    pub format: ShardFormat,
}

impl ShardFormat {
    /// About what a writer holds at most when its pages are in memory, and when they are not.
    pub fn writer_bytes(&self, warehouse: &Warehouse) -> (usize, usize) {
        let upload = warehouse.upload_bytes();
        match self {
            Self::TfRecord(_, Compression::None) | Self::Delimited(_, Compression::None) => (upload, upload),
            Self::TfRecord(..) | Self::Delimited(..) => (upload + DEFLATE_BYTES, upload + DEFLATE_BYTES),
            // A page of each column is in memory in any case. That a group which is full is there as a whole while it is
            // handed on counts as memory of the slot: it happens to one writer at a time.
            Self::Parquet => (upload + ROW_GROUP_BYTES, upload + ROW_GROUP_BYTES / 4),
        }
    }
}

/// Writer of one shard. Dropping it leaves nothing that a reader could see.
pub struct ShardWriter {
    warehouse: Warehouse,
    target: ShardTarget,
    record: ShardRecord,
    digests: Xxh3,
    encoder: ShardEncoder,
}

enum ShardEncoder {
    Rows(Box<RowEncoder>),
    Parquet(Box<ParquetEncoder>),
}

impl ShardWriter {
    /// Begins an attempt at a shard, under a name that no other attempt uses.
    ///
    /// # Errors
    /// [`StorageError::Invalid`] for a folder that is no path or columns that the format cannot hold.
    pub fn try_new(warehouse: &Warehouse, target: ShardTarget) -> Result<Self> {
        Self::begin(warehouse, target, None)
    }

    /// [`ShardWriter::try_new`] with little memory: what waits for the end of a row group waits in `pages`, a file for
    /// this writer alone. Formats without row groups wait for nothing.
    ///
    /// # Errors
    /// As [`ShardWriter::try_new`].
    pub fn with_pages_in(pages: File, warehouse: &Warehouse, target: ShardTarget) -> Result<Self> {
        Self::begin(warehouse, target, Some(pages))
    }

    fn begin(warehouse: &Warehouse, mut target: ShardTarget, pages: Option<File>) -> Result<Self> {
        target.columns = Arc::new(without_dictionaries(&target.columns));
        let attempt = format!("{:05}-{}", target.shard, Uuid::new_v4().simple());
        let upload = Upload::new(warehouse.upload(&attempt_path(&target.run_folder, &attempt))?);
        let columns = &target.columns;
        let encoder = match &target.format {
            ShardFormat::TfRecord(schema, compression) => {
                ShardEncoder::Rows(Box::new(RowEncoder::examples(schema, columns, (*compression, upload))))
            }
            ShardFormat::Delimited(delimiter, compression) => {
                ShardEncoder::Rows(Box::new(RowEncoder::delimited(*delimiter, columns, (*compression, upload))?))
            }
            ShardFormat::Parquet => ShardEncoder::Parquet(Box::new(ParquetEncoder::new(columns, upload, pages)?)),
        };
        let record = ShardRecord::new(target.shard, attempt);
        Ok(Self { warehouse: warehouse.clone(), target, record, digests: Xxh3::new(), encoder })
    }

    /// Appends rows. `batch` has the target's columns by name and `_mangonel_digest` (16 bytes, not null); other columns
    /// are left out.
    ///
    /// # Errors
    /// [`StorageError::Invalid`] with reason `NullValues` where the null policy is `error`, with columns and counts, and
    /// for values that the format cannot hold; [`StorageError::Internal`] for a missing column.
    pub async fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.add_digests(batch)?;
        let columns = self.target.columns.fields().iter().map(|field| {
            let column = batch.column_by_name(field.name()).ok_or_else(|| self.unfit(field.name()))?;
            if column.data_type() == field.data_type() {
                return Ok(Arc::clone(column));
            }
            Ok(cast(column, field.data_type())?)
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let options = arrow::record_batch::RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        let rows = RecordBatch::try_new_with_options(Arc::clone(&self.target.columns), columns, &options)?;
        self.record.rows += rows.num_rows() as u64;
        match &mut self.encoder {
            ShardEncoder::Rows(encoder) => encoder.write(&rows).await,
            ShardEncoder::Parquet(encoder) => encoder.write(&rows).await,
        }
    }

    /// Ends the shard and publishes it; if an equal one is there, its record is the answer.
    ///
    /// # Errors
    /// [`StorageError::Corrupt`] if the store kept other bytes, or another attempt has published other ones.
    pub async fn finish(self) -> Result<ShardRecord> {
        let Self { warehouse, target, mut record, digests, encoder } = self;
        let (sum, null_counts): (Checksum, BTreeMap<String, u64>) = match encoder {
            ShardEncoder::Rows(encoder) => encoder.finish().await?,
            ShardEncoder::Parquet(encoder) => encoder.finish(&target.columns).await?,
        };
        record.bytes = sum.bytes();
        record.crc32c = sum.crc32c();
        record.row_digest = format!("{:032x}", digests.digest128());
        record.null_counts = null_counts;
        warehouse.flush(&attempt_path(&target.run_folder, &record.attempt)).await?;
        publish_shard(&warehouse, &target.run_folder, record).await
    }

    /// Gives the attempt up and removes what was uploaded.
    ///
    /// # Errors
    /// When the store refuses; the leftover is collected with the run.
    pub async fn abort(self) -> Result<()> {
        let mut upload = match self.encoder {
            ShardEncoder::Rows(encoder) => encoder.into_upload(),
            ShardEncoder::Parquet(encoder) => encoder.into_upload(),
        };
        let name = attempt_path(&self.target.run_folder, &self.record.attempt);
        upload.file.abort().await.map_err(StorageError::object_store(format!("aborting `{name}`")))
    }

    fn add_digests(&mut self, batch: &RecordBatch) -> Result<()> {
        let column = batch.column_by_name(DIGEST_COLUMN).ok_or_else(|| self.unfit(DIGEST_COLUMN))?;
        let column = column.as_fixed_size_binary_opt().filter(|digests| digests.value_length() == 16);
        let digests = column.filter(|digests| digests.null_count() == 0).ok_or_else(|| self.unfit(DIGEST_COLUMN))?;
        for row in 0..digests.len() {
            self.digests.update(digests.value(row));
        }
        Ok(())
    }

    fn unfit(&self, column: &str) -> StorageError {
        let (folder, shard) = (&self.target.run_folder, self.target.shard);
        StorageError::Internal { detail: format!("rows of shard {shard} of `{folder}` lack a fit column `{column}`") }
    }
}

/// Publishes a shard without rows: no bytes as TFRecord, a line of names as text, a schema as Parquet.
///
/// # Errors
/// As [`ShardWriter::finish`].
pub async fn write_empty_shard(warehouse: &Warehouse, target: ShardTarget) -> Result<ShardRecord> {
    ShardWriter::try_new(warehouse, target)?.finish().await
}

fn without_dictionaries(schema: &Schema) -> Schema {
    let plain = |field: &arrow::datatypes::FieldRef| match field.data_type() {
        DataType::Dictionary(_, values) => Arc::new(field.as_ref().clone().with_data_type(values.as_ref().clone())),
        _ => Arc::clone(field),
    };
    Schema::new(schema.fields().iter().map(plain).collect::<Vec<_>>())
}
