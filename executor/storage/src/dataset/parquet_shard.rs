//! Shards of Parquet: rows are gathered to batches of one size, and finished row groups go up chunk by chunk.

use std::{collections::BTreeMap, fs::File, sync::Arc};

use arrow::{
    compute::concat_batches,
    datatypes::{Schema, SchemaRef},
    record_batch::RecordBatch,
};
use parquet::arrow::{ArrowWriter, arrow_writer::ArrowWriterOptions};
use tokio::io::AsyncWriteExt;

use super::{pages::PagesInFile, publish::Checksum, upload::Upload};
use crate::{
    error::{Result, StorageError},
    parquet_settings::parquet_settings,
};

/// Rows of the batches that Parquet shards are encoded from, counted from the shard's start: every open shard holds one twice.
const BATCH_ROWS: usize = 2048;
/// Rows of a page, a multiple of the rows of a batch.
const PAGE_ROWS: usize = 8192;
/// Bytes of a row group. Part of the format: another value gives other bytes.
pub(super) const ROW_GROUP_BYTES: usize = 16 << 20;
/// Bytes of a chunk of finished Parquet.
const CHUNK_BYTES: usize = 256 << 10;

/// A Parquet file on its way. What the encoder has finished goes up chunk by chunk, so that a row group is never there twice.
pub(super) struct ParquetEncoder {
    writer: ArrowWriter<Chunks>,
    upload: Upload,
    waiting: Vec<RecordBatch>,
    waiting_rows: usize,
    nulls: Vec<u64>,
}

impl ParquetEncoder {
    /// `pages`: a file for what waits for the end of its row group; in memory without one.
    ///
    /// # Errors
    /// [`StorageError::Invalid`] for columns that Parquet cannot hold.
    pub(super) fn new(columns: &SchemaRef, upload: Upload, pages: Option<File>) -> Result<Self> {
        let settings = parquet_settings(columns, ROW_GROUP_BYTES, PAGE_ROWS);
        // The Arrow schema holds maps, whose order is not the same in every process.
        let mut options = ArrowWriterOptions::new().with_properties(settings).with_skip_arrow_metadata(true);
        if let Some(pages) = pages {
            options = options.with_page_store_factory(Arc::new(PagesInFile::new(pages)));
        }
        let writer = ArrowWriter::try_new_with_options(Chunks::default(), Arc::clone(columns), options);
        let writer = writer.map_err(|error| StorageError::invalid(format!("columns do not fit Parquet: {error}")))?;
        let nulls = vec![0; columns.fields().len()];
        Ok(Self { writer, upload, waiting: Vec::new(), waiting_rows: 0, nulls })
    }

    pub(super) async fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        for (total, column) in self.nulls.iter_mut().zip(rows.columns()) {
            *total += column.null_count() as u64;
        }
        let mut start = 0;
        while start < rows.num_rows() {
            let wanted = (BATCH_ROWS - self.waiting_rows).min(rows.num_rows() - start);
            self.waiting.push(rows.slice(start, wanted));
            self.waiting_rows += wanted;
            start += wanted;
            if self.waiting_rows == BATCH_ROWS {
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

    /// Ends the upload; gives back its sums and the nulls by column.
    pub(super) async fn finish(mut self: Box<Self>, columns: &Schema) -> Result<(Checksum, BTreeMap<String, u64>)> {
        self.write_waiting().await?;
        self.writer.finish()?;
        self.send().await?;
        self.upload.file.shutdown().await.map_err(StorageError::io("ending the upload of a shard"))?;
        let names = columns.fields().iter().map(|field| field.name().clone());
        let nulls = names.zip(self.nulls).filter(|(_, nulls)| *nulls > 0).collect();
        Ok((self.upload.sum, nulls))
    }

    /// The upload, not ended.
    pub(super) fn into_upload(self) -> Upload {
        self.upload
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
