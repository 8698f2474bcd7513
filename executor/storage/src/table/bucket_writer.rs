//! Writes the sorted rows of one bucket as Parquet files of a table, named so that no other attempt uses the name. They
//! are nothing until they are committed.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, DictionaryArray, Int32Array, StringArray},
    datatypes::{DataType, Field, Int32Type, Schema, SchemaRef},
    record_batch::RecordBatch,
};
use mangonel_proto::names::RunId;
use object_store::buffered::BufWriter;
use parquet::arrow::{AsyncArrowWriter, arrow_writer::ArrowWriterOptions};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    COMMIT_COLUMN, DIGEST_COLUMN, LayoutTags, PartitionValues, RUN_COLUMN, file_stats::FileStats, partition_name,
};
use crate::{
    error::{Result, StorageError},
    parquet_settings::parquet_settings,
    warehouse::{Warehouse, store_path},
};

/// Bytes of a row group, which readers hold in memory: a build reads as many files at once as a bucket has layers, of
/// every group and in every slot. Larger ones are read in fewer requests.
const ROW_GROUP_BYTES: std::ops::RangeInclusive<usize> = 2 << 20..=32 << 20;
/// A task's part of the memory is this many row groups.
const ROW_GROUPS_OF_A_TASK: usize = 32;
/// Rows of a page: readers and writers hold a page of every column.
const PAGE_ROWS: usize = 4096;

/// A written file, ready to be committed. Executors send it to the scheduler as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AddedFile {
    /// Path in the table's folder.
    pub path: String,
    /// Bytes.
    pub size: u64,
    pub rows: u64,
    /// Statistics in the form of the Delta log.
    pub stats_json: String,
    pub tags: LayoutTags,
    #[serde(default)]
    pub partition_values: PartitionValues,
    /// When it was written, in milliseconds since 1970 UTC.
    pub modified_ms: i64,
}

/// What a writer of one bucket is told.
#[derive(Clone, Debug)]
pub struct BucketFileOptions {
    /// The run that writes; also in the column `_mangonel_run` of rows that do not name another.
    pub run_id: RunId,
    /// Bucket, hash version and order of the rows to come.
    pub layout: LayoutTags,
    /// Texts of the partition columns, equal for all rows; these columns are left out of the file.
    pub(super) partition_values: PartitionValues,
    /// Folder of the partition in that of the table.
    pub(super) partition: Option<String>,
    /// Bytes after which another file is begun.
    pub file_bytes_max: usize,
    /// Bytes of a row group, and about what a writer holds in memory.
    pub row_group_bytes_max: usize,
}

impl BucketFileOptions {
    pub fn new(run_id: RunId, layout: LayoutTags) -> Self {
        Self {
            run_id,
            layout,
            partition_values: PartitionValues::new(),
            partition: None,
            file_bytes_max: 512 << 20,
            row_group_bytes_max: *ROW_GROUP_BYTES.start(),
        }
    }

    /// Files of one partition of a table that is partitioned by `columns`.
    #[must_use]
    pub fn in_partition(self, columns: &[String], values: PartitionValues) -> Self {
        let partition = (!columns.is_empty()).then(|| partition_name(columns, &values));
        Self { partition_values: values, partition, ..self }
    }

    /// Row groups for tasks that have so much memory each: as large as leaves room for many of them.
    pub fn for_memory(self, task_bytes: usize) -> Self {
        let wanted = task_bytes / ROW_GROUPS_OF_A_TASK;
        let row_group_bytes_max = wanted.clamp(*ROW_GROUP_BYTES.start(), *ROW_GROUP_BYTES.end());
        Self { row_group_bytes_max, ..self }
    }
}

/// Writes one bucket of one partition. Rows must come in the order that `layout.sorted_by` promises.
pub struct BucketFileWriter {
    warehouse: Warehouse,
    location: String,
    /// Columns of the table that are in the files.
    columns: SchemaRef,
    options: BucketFileOptions,
    open: Option<OpenFile>,
    done: Vec<AddedFile>,
}

struct OpenFile {
    name: String,
    writer: AsyncArrowWriter<BufWriter>,
    stats: FileStats,
    schema: SchemaRef,
}

impl BucketFileWriter {
    /// For the table at `location` with the columns of `schema`.
    ///
    /// # Errors
    /// [`StorageError::Invalid`] for a location that is no path, [`StorageError::Corrupt`] for a layout that is none.
    pub fn try_new(warehouse: &Warehouse, location: &str, schema: &Schema, options: BucketFileOptions) -> Result<Self> {
        store_path(location)?;
        options.layout.check(location)?;
        let stored = schema.fields().iter().filter(|field| !options.partition_values.contains_key(field.name()));
        let columns = Arc::new(Schema::new(stored.cloned().collect::<Vec<_>>()));
        let (warehouse, location) = (warehouse.clone(), location.to_owned());
        Ok(Self { warehouse, location, columns, options, open: None, done: Vec::new() })
    }

    /// Appends rows: the table's columns by name, and of our own `_mangonel_digest`, `_mangonel_run` and
    /// `_mangonel_commit` where given (in every batch or in none). Other columns are left out.
    ///
    /// # Errors
    /// [`StorageError::Internal`] if a column is missing or of another type; what the store or the encoder says.
    pub async fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let rows = self.rows_to_write(batch)?;
        let mut file = match self.open.take() {
            Some(file) => file,
            None => self.begin(rows.schema())?,
        };
        if file.schema != rows.schema() {
            return Err(StorageError::Internal { detail: "batches of one bucket differ in our own columns".into() });
        }
        file.stats.update(&rows);
        file.writer.write(&rows).await?;
        if file.writer.bytes_written() + file.writer.in_progress_size() >= self.options.file_bytes_max {
            self.close(file).await
        } else {
            self.open = Some(file);
            Ok(())
        }
    }

    /// Ends the last file. Without rows there are no files.
    ///
    /// # Errors
    /// What the store or the encoder says.
    pub async fn finish(mut self) -> Result<Vec<AddedFile>> {
        if let Some(file) = self.open.take() {
            self.close(file).await?;
        }
        Ok(self.done)
    }

    /// Removes everything written. Also what is dropped is never seen by readers; this only tidies up earlier.
    ///
    /// # Errors
    /// What the store says.
    pub async fn abort(mut self) -> Result<()> {
        if let Some(file) = self.open.take() {
            let mut upload = file.writer.into_inner();
            upload.abort().await.map_err(StorageError::object_store(format!("aborting `{}`", file.name)))?;
        }
        for file in &self.done {
            self.warehouse.delete(&format!("{}/{}", self.location, file.path)).await?;
        }
        Ok(())
    }

    fn rows_to_write(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.columns.fields().len() + 3);
        let mut fields = self.columns.fields().to_vec();
        for field in self.columns.fields() {
            let column = batch.column_by_name(field.name()).filter(|column| column.data_type() == field.data_type());
            let column = column.ok_or_else(|| StorageError::Internal {
                detail: format!("rows to write have no column `{}` of {}", field.name(), field.data_type()),
            })?;
            columns.push(Arc::clone(column));
        }
        for name in [DIGEST_COLUMN, COMMIT_COLUMN] {
            if let Some(column) = batch.column_by_name(name) {
                fields.push(Arc::new(Field::new(name, column.data_type().clone(), true)));
                columns.push(Arc::clone(column));
            }
        }
        let run = DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into());
        columns.push(match batch.column_by_name(RUN_COLUMN) {
            Some(column) => arrow::compute::cast(column, &run)?,
            None => self.own_run(batch.num_rows())?,
        });
        fields.push(Arc::new(Field::new(RUN_COLUMN, run, true)));
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
    }

    fn own_run(&self, rows: usize) -> Result<ArrayRef> {
        let names: ArrayRef = Arc::new(StringArray::from(vec![self.options.run_id.as_str()]));
        Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(Int32Array::from(vec![0; rows]), names)?))
    }

    fn begin(&self, schema: SchemaRef) -> Result<OpenFile> {
        let bucket = self.options.layout.bucket.map_or("rows".into(), |bucket| format!("{bucket:05}"));
        let mut name = format!("part-{bucket}-{}-{}.parquet", self.options.run_id, Uuid::new_v4().simple());
        if let Some(partition) = &self.options.partition {
            name = format!("{partition}/{name}");
        }
        let upload = self.warehouse.upload(&format!("{}/{name}", self.location))?;
        // Readers take types from the table; an Arrow schema in the file could only disagree.
        let options = ArrowWriterOptions::new()
            .with_properties(parquet_settings(&schema, self.options.row_group_bytes_max, PAGE_ROWS))
            .with_skip_arrow_metadata(true);
        let writer = AsyncArrowWriter::try_new_with_options(upload, Arc::clone(&schema), options)?;
        let stats = FileStats::new(Arc::clone(&self.columns), &self.options.layout.sorted_by);
        Ok(OpenFile { name, writer, stats, schema })
    }

    async fn close(&mut self, mut file: OpenFile) -> Result<()> {
        file.writer.finish().await?;
        let size = file.writer.bytes_written() as u64;
        let path = format!("{}/{}", self.location, file.name);
        self.warehouse.flush(&path).await?;
        let stored = self.warehouse.size(&path).await?;
        if stored != Some(size) {
            let detail = format!("{size} bytes were written, the store has {stored:?}");
            return Err(StorageError::Corrupt { what: format!("file `{path}`"), detail });
        }
        self.done.push(AddedFile {
            path: file.name,
            size,
            rows: file.stats.rows(),
            stats_json: file.stats.to_json(),
            tags: LayoutTags { run_id: Some(self.options.run_id.to_string()), ..self.options.layout.clone() },
            partition_values: self.options.partition_values.clone(),
            modified_ms: chrono::Utc::now().timestamp_millis(),
        });
        Ok(())
    }
}
