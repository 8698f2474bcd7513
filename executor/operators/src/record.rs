//! What a leaf job gives back: one JSON record per shard, file or partition. Records, not metrics, carry counts.

use std::sync::{Arc, LazyLock, OnceLock};

use arrow::{
    array::{AsArray, StringArray},
    datatypes::{DataType, Field, Schema, SchemaRef},
    record_batch::RecordBatch,
};
use datafusion::common::{DataFusionError, Result, exec_err};
use mangonel_storage::{dataset::ShardRecord, table::AddedFile};
use serde::{Deserialize, Serialize};

/// One row of the result of a leaf job.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TaskRecord {
    /// A shard of a training dataset is complete.
    Shard(WrittenShard),
    /// A file of a feature group was written.
    File(WrittenFile),
    HashCounts(HashCounts),
    PlaceCounts(PlaceCounts),
    /// A lane of the answer to a read is there, or had no rows.
    Result(WrittenResult),
    /// A partition was worked on to its end. Every partition of every leaf job gives exactly one.
    Done(TaskDone),
}

/// What one partition has read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TaskDone {
    pub task: String,
    pub worker: String,
    /// Rows that came out of its files.
    pub rows_read: u64,
    /// Bytes that were read of its files.
    pub bytes_read: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WrittenShard {
    pub shard: ShardRecord,
    /// Rows that arrived for the shard in this attempt, also if it was done already.
    pub rows_in: u64,
    /// Task that wrote it: the unit of work that was handed out.
    pub task: String,
    pub worker: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WrittenFile {
    pub file: AddedFile,
    pub task: String,
    pub worker: String,
}

/// A file of results in the folder of its worker; none for a task without rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WrittenResult {
    pub lane: Option<u32>,
    pub file: Option<String>,
    pub rows: u64,
    pub bytes: u64,
    pub task: String,
    pub worker: String,
}

/// Rows per cell of the hash space; cells without rows are left out.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HashCounts {
    pub task: String,
    pub worker: String,
    pub rows: u64,
    pub cells: Vec<(u32, u64)>,
}

/// Rows per place of the order that shards are ranges of: (hash, order, rows).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PlaceCounts {
    pub worker: String,
    pub counts: Vec<(u64, u64, u64)>,
}

static SCHEMA: LazyLock<SchemaRef> =
    LazyLock::new(|| Arc::new(Schema::new(vec![Field::new("record", DataType::Utf8, false)])));

/// Schema of the result of every leaf job: one column of JSON.
pub fn record_schema() -> SchemaRef {
    Arc::clone(&SCHEMA)
}

/// # Errors
/// When the record cannot be written as JSON.
pub fn record_batch(record: &TaskRecord) -> Result<RecordBatch> {
    let json = serde_json::to_string(record).map_err(|error| DataFusionError::External(error.into()))?;
    Ok(RecordBatch::try_new(record_schema(), vec![Arc::new(StringArray::from(vec![json]))])?)
}

/// # Errors
/// When the batch is no result of a leaf job of this release.
pub fn read_records(batch: &RecordBatch) -> Result<Vec<TaskRecord>> {
    let Some(column) = batch.column(0).as_string_opt::<i32>() else {
        return exec_err!("a leaf job gave back {} instead of records", batch.schema());
    };
    let parse = |json: &str| serde_json::from_str(json).map_err(|error| DataFusionError::External(error.into()));
    column.iter().flatten().map(parse).collect()
}

static WORKER: OnceLock<String> = OnceLock::new();

/// Names this process in the records of its work; the first call wins.
pub fn set_worker(name: impl Into<String>) {
    let _ = WORKER.set(name.into());
}

/// Name of this process.
pub fn worker() -> String {
    WORKER.get().cloned().unwrap_or_else(|| "local".into())
}
