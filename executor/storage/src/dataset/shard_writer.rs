//! Writes the rows of one shard, in the order given, so that its bytes depend on the rows alone and not on how they
//! arrived. Memory is a few parts of an upload and, for Parquet, a row group (or a page per column, the rest in a file).

use std::{collections::BTreeMap, fs::File, sync::Arc};

use arrow::{
    array::{Array, AsArray},
    compute::{cast, concat_batches},
    datatypes::{DataType, Schema, SchemaRef},
    record_batch::RecordBatch,
};
use mangonel_proto::Error;
use mangonel_tfrecord::{Encoder, ExampleSchema, TfRecordError};
use object_store::buffered::BufWriter;
use parquet::arrow::{ArrowWriter, arrow_writer::ArrowWriterOptions};
use tokio::io::AsyncWriteExt;
use uuid::Uuid;
use xxhash_rust::xxh3::Xxh3;

use super::{
    pages::PagesInFile,
    publish::{Checksum, ShardRecord, attempt_path, publish_shard},
};
use crate::{
    error::{Result, StorageError},
    parquet_settings::parquet_settings,
    table::DIGEST_COLUMN,
    warehouse::Warehouse,
};

/// Rows of the batches that Parquet shards are encoded from, counted from the shard's start: every open shard holds one twice.
pub const SHARD_BATCH_ROWS: usize = 2048;
/// Rows of a page of a Parquet shard, a multiple of the rows of a batch.
const PAGE_ROWS: usize = 8192;
/// Rows that are encoded to TFRecords at once; their bytes do not depend on it.
const RECORD_ROWS: usize = 1024;
/// Bytes of a row group of a Parquet shard. Part of the format: another value gives other bytes.
const ROW_GROUP_BYTES: usize = 16 << 20;
/// Bytes of a chunk of finished Parquet.
const CHUNK_BYTES: usize = 256 << 10;

/// How a shard is encoded.
#[derive(Clone, Debug)]
pub enum ShardFormat {
    /// Planned for exactly the columns of the target.
    TfRecord(Arc<ExampleSchema>),
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
            Self::TfRecord(_) => (upload, upload),
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
    TfRecord { encoder: Encoder, buffer: Vec<u8>, upload: Box<Upload> },
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
    /// this writer alone. TFRecords wait for nothing.
    ///
    /// # Errors
    /// As [`ShardWriter::try_new`].
    pub fn with_pages_in(pages: File, warehouse: &Warehouse, target: ShardTarget) -> Result<Self> {
        Self::begin(warehouse, target, Some(pages))
    }

    fn begin(warehouse: &Warehouse, mut target: ShardTarget, pages: Option<File>) -> Result<Self> {
        target.columns = Arc::new(without_dictionaries(&target.columns));
        let attempt = format!("{:05}-{}", target.shard, Uuid::new_v4().simple());
        let upload =
            Upload { upload: warehouse.upload(&attempt_path(&target.run_folder, &attempt))?, sum: Checksum::default() };
        let encoder = match &target.format {
            ShardFormat::TfRecord(schema) => ShardEncoder::TfRecord {
                encoder: Encoder::new(Arc::clone(schema)),
                buffer: Vec::new(),
                upload: Box::new(upload),
            },
            ShardFormat::Parquet => ShardEncoder::parquet(&target.columns, upload, pages)?,
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
        self.encoder.write(rows).await
    }

    /// Ends the shard and publishes it; if an equal one is there, its record is the answer.
    ///
    /// # Errors
    /// [`StorageError::Corrupt`] if the store kept other bytes, or another attempt has published other ones.
    pub async fn finish(self) -> Result<ShardRecord> {
        let Self { warehouse, target, mut record, digests, encoder } = self;
        let (sum, null_counts) = encoder.finish(&target.columns).await?;
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
            ShardEncoder::TfRecord { upload, .. } => *upload,
            ShardEncoder::Parquet(encoder) => encoder.upload,
        };
        let name = attempt_path(&self.target.run_folder, &self.record.attempt);
        upload.upload.abort().await.map_err(StorageError::object_store(format!("aborting `{name}`")))
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

/// Publishes a shard without rows: no bytes as TFRecord, a schema as Parquet.
///
/// # Errors
/// As [`ShardWriter::finish`].
pub async fn write_empty_shard(warehouse: &Warehouse, target: ShardTarget) -> Result<ShardRecord> {
    ShardWriter::try_new(warehouse, target)?.finish().await
}

impl ShardEncoder {
    fn parquet(columns: &SchemaRef, upload: Upload, pages: Option<File>) -> Result<Self> {
        let settings = parquet_settings(columns, ROW_GROUP_BYTES, PAGE_ROWS);
        // The Arrow schema holds maps, whose order is not the same in every process.
        let mut options = ArrowWriterOptions::new().with_properties(settings).with_skip_arrow_metadata(true);
        if let Some(pages) = pages {
            options = options.with_page_store_factory(Arc::new(PagesInFile::new(pages)));
        }
        let writer = ArrowWriter::try_new_with_options(Chunks::default(), Arc::clone(columns), options);
        let writer = writer.map_err(|error| StorageError::invalid(format!("columns do not fit Parquet: {error}")))?;
        let nulls = vec![0; columns.fields().len()];
        let encoder = ParquetEncoder { writer, upload, waiting: Vec::new(), waiting_rows: 0, nulls };
        Ok(Self::Parquet(Box::new(encoder)))
    }

    async fn write(&mut self, rows: RecordBatch) -> Result<()> {
        match self {
            Self::TfRecord { encoder, buffer, upload } => {
                for start in (0..rows.num_rows()).step_by(RECORD_ROWS) {
                    let block = rows.slice(start, RECORD_ROWS.min(rows.num_rows() - start));
                    encoder.encode(&block, buffer).map_err(refused)?;
                    upload.append(buffer).await.map_err(StorageError::io("uploading a shard"))?;
                    buffer.clear();
                }
                Ok(())
            }
            Self::Parquet(encoder) => encoder.write(&rows).await,
        }
    }

    /// Ends the upload; gives back its sums and the nulls by column.
    async fn finish(self, columns: &Schema) -> Result<(Checksum, BTreeMap<String, u64>)> {
        match self {
            Self::TfRecord { encoder, mut upload, .. } => {
                upload.upload.shutdown().await.map_err(StorageError::io("ending the upload of a shard"))?;
                let nulls = encoder.null_counts().map(|(name, nulls)| (name.to_owned(), nulls));
                Ok((upload.sum, nulls.collect()))
            }
            Self::Parquet(encoder) => encoder.finish(columns).await,
        }
    }
}

/// A Parquet file on its way. What the encoder has finished goes up chunk by chunk, so that a row group is never there twice.
struct ParquetEncoder {
    writer: ArrowWriter<Chunks>,
    upload: Upload,
    waiting: Vec<RecordBatch>,
    waiting_rows: usize,
    nulls: Vec<u64>,
}

impl ParquetEncoder {
    async fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        for (total, column) in self.nulls.iter_mut().zip(rows.columns()) {
            *total += column.null_count() as u64;
        }
        let mut start = 0;
        while start < rows.num_rows() {
            let wanted = (SHARD_BATCH_ROWS - self.waiting_rows).min(rows.num_rows() - start);
            self.waiting.push(rows.slice(start, wanted));
            self.waiting_rows += wanted;
            start += wanted;
            if self.waiting_rows == SHARD_BATCH_ROWS {
                self.write_waiting().await?;
            }
        }
        Ok(())
    }

    async fn write_waiting(&mut self) -> Result<()> {
        let Some(first) = self.waiting.first() else { return Ok(()) };
        let batch = concat_batches(&first.schema(), self.waiting.iter())?;
        self.waiting.clear();
        self.waiting_rows = 0;
        self.writer.write(&batch)?;
        self.send().await
    }

    async fn finish(mut self: Box<Self>, columns: &Schema) -> Result<(Checksum, BTreeMap<String, u64>)> {
        self.write_waiting().await?;
        self.writer.finish()?;
        self.send().await?;
        self.upload.upload.shutdown().await.map_err(StorageError::io("ending the upload of a shard"))?;
        let names = columns.fields().iter().map(|field| field.name().clone());
        let nulls = names.zip(self.nulls).filter(|(_, nulls)| *nulls > 0).collect();
        Ok((self.upload.sum, nulls))
    }

    /// Uploads what the encoder has finished.
    async fn send(&mut self) -> Result<()> {
        for chunk in std::mem::take(&mut self.writer.inner_mut().0) {
            self.upload.append(&chunk).await.map_err(StorageError::io("uploading a shard"))?;
        }
        Ok(())
    }
}

/// Bytes in pieces of bounded size: one buffer would double, and be copied, as it grows.
#[derive(Default)]
struct Chunks(Vec<Vec<u8>>);

impl std::io::Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self.0.last_mut() {
            Some(last) if last.len() + bytes.len() <= CHUNK_BYTES => last.extend_from_slice(bytes),
            _ => {
                let mut chunk = Vec::with_capacity(CHUNK_BYTES.max(bytes.len()));
                chunk.extend_from_slice(bytes);
                self.0.push(chunk);
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn refused(error: TfRecordError) -> StorageError {
    match error {
        TfRecordError::Nulls { ref columns } => {
            let names: Vec<_> = columns.iter().map(|column| column.column.clone()).collect();
            Error::invalid(error.to_string()).reason("NullValues").named(names).into()
        }
        TfRecordError::BatchMismatch { .. } => StorageError::Internal { detail: error.to_string() },
        other => StorageError::invalid(other.to_string()),
    }
}

fn without_dictionaries(schema: &Schema) -> Schema {
    let plain = |field: &arrow::datatypes::FieldRef| match field.data_type() {
        DataType::Dictionary(_, values) => Arc::new(field.as_ref().clone().with_data_type(values.as_ref().clone())),
        _ => Arc::clone(field),
    };
    Schema::new(schema.fields().iter().map(plain).collect::<Vec<_>>())
}

/// An upload that sums up what goes through it.
struct Upload {
    upload: BufWriter,
    sum: Checksum,
}

impl Upload {
    async fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.sum.update(bytes);
        self.upload.write_all(bytes).await
    }
}
