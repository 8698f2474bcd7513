//! Writes the answer to a read as Arrow IPC files in a folder of the process that computes it, one file per lane, for
//! clients to fetch from there.

use std::{
    fs::File,
    io::BufWriter,
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::{
    array::ArrayRef,
    datatypes::{Schema, SchemaRef},
    ipc::{CompressionType, writer::IpcWriteOptions, writer::StreamWriter},
    record_batch::RecordBatch,
};
use datafusion::{
    common::{DataFusionError, Result, exec_datafusion_err, exec_err},
    execution::SendableRecordBatchStream,
};
use futures::StreamExt;
use mangonel_storage::hash::hash_keys;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::{
    columns::{INTERNAL_PREFIX, feature_columns},
    error::from_storage,
    keys::KeyReader,
    operator::Operator,
    record::{TaskRecord, WrittenResult, record_batch, record_schema, worker},
    task::Task,
};

/// Bytes of a message that batches are cut to, so that one fits every client's limit.
const MESSAGE_BYTES: usize = 4 << 20;
/// Batches between the plan and the file.
const BATCHES_IN_FLIGHT: usize = 2;

/// Writes the rows of one lane in the order in which they arrive, without columns of our own. A task that gets no rows
/// writes no file, and says so in its record.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ResultWriterExec {
    /// The read that is answered: the name of the folder.
    pub read: String,
    /// Columns of the root's entity key.
    pub keys: Vec<String>,
    /// First hash of every lane. The rows say which lane they are of, never the partition's number.
    pub lane_starts: Vec<u64>,
    /// Rows per lane at most; a request's limit, which the coordinator applies over all lanes.
    pub limit: Option<u64>,
}

/// Where this process keeps the files of results: `<folder>/<read>/<file>`. An extension of the session.
#[derive(Clone, Debug)]
pub struct ResultFolder(pub PathBuf);

impl ResultFolder {
    /// Folder of one read.
    ///
    /// # Errors
    /// When `read` is no plain name.
    pub fn of(&self, read: &str) -> mangonel_proto::Result<PathBuf> {
        Ok(self.0.join(plain(read)?))
    }

    /// One file of a read.
    ///
    /// # Errors
    /// When a name is no plain name.
    pub fn file(&self, read: &str, file: &str) -> mangonel_proto::Result<PathBuf> {
        Ok(self.of(read)?.join(plain(file)?))
    }
}

/// A name that leads nowhere else.
fn plain(name: &str) -> mangonel_proto::Result<&str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' || byte == b'.';
    if name.is_empty() || name.starts_with('.') || !name.bytes().all(plain) {
        let message = format!("`{}` is no name of a result", mangonel_proto::names::shown(name));
        return Err(mangonel_proto::Error::invalid(message));
    }
    Ok(name)
}

impl Operator for ResultWriterExec {
    const NAME: &'static str = "ResultWriterExec";

    fn output_schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        self.keys.iter().try_for_each(|key| inputs[0].index_of(key).map(|_| ()))?;
        Ok(record_schema())
    }

    fn start(&self, mut inputs: Vec<SendableRecordBatchStream>, task: Task) -> Result<SendableRecordBatchStream> {
        let mut input = inputs.remove(0);
        let keys = KeyReader::try_new(&input.schema(), &self.keys)?;
        let spec = self.clone();
        Ok(task.spawn(async move |task, output| {
            let mut lane = Lane { number: None, starts: &spec.lane_starts };
            let mut file = ResultWriter::new(&spec, &task, &input.schema())?;
            while let Some(batch) = input.next().await.transpose()? {
                task.check_cancelled()?;
                if batch.num_rows() == 0 {
                    continue;
                }
                lane.check(&keys.columns(&batch))?;
                task.pulse.add_rows(batch.num_rows());
                if !file.write(batch).await? {
                    break;
                }
            }
            let (file, rows, bytes) = file.finish().await?;
            let written = WrittenResult { lane: lane.number, file, rows, bytes, task: task.id(), worker: worker() };
            output.send(record_batch(&TaskRecord::Result(written))?).await;
            output.done(&task).await
        }))
    }
}

/// The lane that the rows of a task are of.
struct Lane<'a> {
    number: Option<u32>,
    starts: &'a [u64],
}

impl Lane<'_> {
    /// Reads the lane from the first row of a batch; all batches must be of one.
    fn check(&mut self, keys: &[ArrayRef]) -> Result<()> {
        let first: Vec<ArrayRef> = keys.iter().map(|key| key.slice(0, 1)).collect();
        let hash = hash_keys(&first).map_err(from_storage)?[0];
        let number = self.starts.partition_point(|start| *start <= hash).saturating_sub(1) as u32;
        match self.number.replace(number) {
            Some(before) if before != number => exec_err!("rows of the lanes {before} and {number} came together"),
            _ => Ok(()),
        }
    }
}

/// The file of one task; it is made when the first rows come. A thread of its own compresses and writes.
struct ResultWriter {
    path: PathBuf,
    columns: Vec<usize>,
    schema: SchemaRef,
    rows_left: Option<u64>,
    rows: u64,
    writing: Option<Writing>,
}

struct Writing {
    batches: mpsc::Sender<RecordBatch>,
    thread: tokio::task::JoinHandle<Result<u64>>,
}

impl ResultWriter {
    fn new(spec: &ResultWriterExec, task: &Task, input: &Schema) -> Result<Self> {
        let folder = task.context.session_config().get_extension::<ResultFolder>();
        let folder = folder.ok_or_else(|| exec_datafusion_err!("this process keeps no results"))?;
        // Unique for this attempt: two of them never meet in one file.
        let file = format!("{}.arrows", uuid::Uuid::new_v4().simple());
        let path = folder.file(&spec.read, &file).map_err(crate::error::ours)?;
        let fields = input.fields().iter().enumerate();
        let columns = fields.filter(|(_, field)| !field.name().starts_with(INTERNAL_PREFIX)).map(|(index, _)| index);
        let (columns, schema) = (columns.collect(), feature_columns(input));
        Ok(Self { path, columns, schema, rows_left: spec.limit, rows: 0, writing: None })
    }

    /// `false` once the limit is reached.
    async fn write(&mut self, batch: RecordBatch) -> Result<bool> {
        let mut batch = batch.project(&self.columns)?;
        if let Some(left) = self.rows_left {
            batch = batch.slice(0, batch.num_rows().min(usize::try_from(left).unwrap_or(usize::MAX)));
            self.rows_left = Some(left - batch.num_rows() as u64);
        }
        self.rows += batch.num_rows() as u64;
        let step = (batch.num_rows() * MESSAGE_BYTES / batch.get_array_memory_size().max(1)).max(1);
        for start in (0..batch.num_rows()).step_by(step) {
            let piece = batch.slice(start, step.min(batch.num_rows() - start));
            if self.writing()?.batches.send(piece).await.is_err() {
                break;
            }
        }
        if self.writing.as_ref().is_some_and(|writing| writing.batches.is_closed()) {
            // It failed, and says why.
            self.end().await?;
            return exec_err!("the writer of a result ended early");
        }
        Ok(self.rows_left != Some(0))
    }

    fn writing(&mut self) -> Result<&Writing> {
        if self.writing.is_none() {
            let (batches, mut waiting) = mpsc::channel(BATCHES_IN_FLIGHT);
            let (path, schema) = (self.path.clone(), Arc::clone(&self.schema));
            let thread = tokio::task::spawn_blocking(move || write_file(&path, &schema, &mut waiting));
            self.writing = Some(Writing { batches, thread });
        }
        self.writing.as_ref().ok_or_else(|| exec_datafusion_err!("a result has no writer"))
    }

    /// Name of the file if there is one, rows and bytes.
    async fn finish(mut self) -> Result<(Option<String>, u64, u64)> {
        let bytes = self.end().await?;
        let file = self.path.file_name().map(|name| name.to_string_lossy().into_owned());
        let rows = std::mem::take(&mut self.rows);
        Ok((file.filter(|_| bytes.is_some()), rows, bytes.unwrap_or(0)))
    }

    async fn end(&mut self) -> Result<Option<u64>> {
        let Some(Writing { batches, thread }) = self.writing.take() else { return Ok(None) };
        // Without a word the thread would take a lost task for the end of the rows.
        let finished = batches.send(RecordBatch::new_empty(Arc::clone(&self.schema))).await;
        drop(batches);
        let bytes = thread.await.map_err(|error| exec_datafusion_err!("the writer of a result ended: {error}"))??;
        match finished {
            Ok(()) => Ok(Some(bytes)),
            Err(_) => exec_err!("the writer of a result ended early"),
        }
    }
}

/// Writes batches until an empty one comes; a file that was not ended so is removed. Gives its bytes.
fn write_file(path: &Path, schema: &Schema, waiting: &mut mpsc::Receiver<RecordBatch>) -> Result<u64> {
    let written = try_write_file(path, schema, waiting);
    if !matches!(written, Ok(Some(_))) {
        // Removing is only tidiness: what is left goes with the read's folder.
        let _ = std::fs::remove_file(path);
    }
    written?.ok_or_else(|| exec_datafusion_err!("a result was given up"))
}

fn try_write_file(path: &Path, schema: &Schema, waiting: &mut mpsc::Receiver<RecordBatch>) -> Result<Option<u64>> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::LZ4_FRAME))?;
    let file = BufWriter::with_capacity(1 << 20, File::create_new(path)?);
    let mut writer = StreamWriter::try_new_with_options(file, schema, options)?;
    while let Some(batch) = waiting.blocking_recv() {
        if batch.num_rows() > 0 {
            writer.write(&batch).map_err(from_arrow)?;
            continue;
        }
        writer.finish().map_err(from_arrow)?;
        let file = writer.into_inner().map_err(from_arrow)?;
        let file = file.into_inner().map_err(|error| DataFusionError::IoError(error.into_error()))?;
        return Ok(Some(file.metadata()?.len()));
    }
    Ok(None)
}

/// IO errors stay IO errors, the only ones that Ballista tries again.
fn from_arrow(error: arrow::error::ArrowError) -> DataFusionError {
    match error {
        arrow::error::ArrowError::IoError(_, source) => DataFusionError::IoError(source),
        other => other.into(),
    }
}
