//! Runs plans: [`LocalEngine`] in this process, `BallistaEngine` on a cluster. Both get the same operators and give back
//! the same records.

mod ballista;
mod local;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Instant,
};

use async_trait::async_trait;
use datafusion::{
    execution::{SendableRecordBatchStream, runtime_env::RuntimeEnv},
    physical_plan::ExecutionPlan,
    prelude::SessionConfig,
};
use mangonel_operators::record::TaskRecord;
use mangonel_proto::{Error, Result, v1};

pub(crate) use ballista::BallistaEngine;
pub(crate) use local::LocalEngine;

/// A plan whose every partition reads files and gives back records: it survives the loss of an executor, because nothing
/// in it reads another task's output.
pub(crate) struct LeafJob {
    /// What it does, in words for progress and `run show`.
    pub name: String,
    pub run_id: String,
    pub plan: Arc<dyn ExecutionPlan>,
}

/// What a leaf job gave back, and how its work was spread.
pub(crate) struct JobOutcome {
    /// All but those that only say that a partition has ended.
    pub records: Vec<TaskRecord>,
    pub report: v1::StageReport,
}

impl JobOutcome {
    /// # Errors
    /// `unavailable` unless every partition has ended exactly once: results were lost, or work was counted twice.
    fn new(name: String, tasks: usize, started: Instant, mut records: Vec<TaskRecord>) -> Result<Self> {
        let ended = records.iter().filter(|record| matches!(record, TaskRecord::Done(_))).count();
        if ended != tasks {
            return Err(Error::unavailable(format!("{ended} ends were told of the {tasks} tasks of `{name}`")));
        }
        let report = v1::StageReport {
            name,
            tasks: tasks as u32,
            wall_ms: started.elapsed().as_millis() as u64,
            workers: shares(&records),
        };
        records.retain(|record| !matches!(record, TaskRecord::Done(_)));
        Ok(Self { records, report })
    }
}

/// How the work of a job was spread, from its own records.
fn shares(records: &[TaskRecord]) -> Vec<v1::WorkerShare> {
    let mut shares: BTreeMap<&str, (BTreeSet<&str>, v1::WorkerShare)> = BTreeMap::new();
    for record in records {
        let (worker, task, read, written) = match record {
            TaskRecord::Shard(shard) => (&shard.worker, &shard.task, (0, 0), (shard.shard.rows, shard.shard.bytes)),
            TaskRecord::Result(result) => (&result.worker, &result.task, (0, 0), (result.rows, result.bytes)),
            TaskRecord::File(file) => (&file.worker, &file.task, (0, 0), (file.file.rows, file.file.size)),
            TaskRecord::HashCounts(_) | TaskRecord::PlaceCounts(_) => continue,
            TaskRecord::Done(done) => (&done.worker, &done.task, (done.rows_read, done.bytes_read), (0, 0)),
        };
        let (tasks, share) = shares.entry(worker).or_default();
        tasks.insert(task);
        share.worker.clone_from(worker);
        share.tasks = tasks.len() as u32;
        share.rows_read += read.0;
        share.bytes_read += read.1;
        share.rows_written += written.0;
        share.bytes_written += written.1;
    }
    shares.into_values().map(|(_, share)| share).collect()
}

/// How far a job is: tasks done and in all.
pub(crate) type OnTask<'a> = &'a (dyn Fn(usize, usize) + Send + Sync);

/// Something that runs plans.
#[async_trait]
pub(crate) trait Engine: Send + Sync {
    /// `local` or `ballista`.
    fn name(&self) -> &'static str;

    /// Partitions that can be worked on at the same time.
    fn slots(&self) -> usize;

    /// Whether there is somebody who does the work.
    fn can_work(&self) -> bool;

    /// Runs that there is room for at the same time.
    fn runs_at_once(&self) -> usize;

    /// Bytes that the work in this process has reserved of its memory.
    fn memory_reserved(&self) -> usize;

    /// Runs a leaf job to its end. `on_task` hears of every finished task.
    ///
    /// # Errors
    /// What the job failed with; `cancelled` when its run was cancelled.
    async fn run(&self, job: LeafJob, on_task: OnTask<'_>) -> Result<JobOutcome>;

    /// Streams one partition of a read.
    ///
    /// # Errors
    /// When the plan cannot start; what fails later comes through the stream.
    fn stream(&self, plan: Arc<dyn ExecutionPlan>, partition: usize) -> Result<SendableRecordBatchStream>;

    /// Settings and memory of the queries that this process plans and runs itself.
    fn queries(&self) -> (SessionConfig, Arc<RuntimeEnv>);

    /// Stops work on a run; what is running ends at its next batch.
    async fn cancel(&self, run_id: &str);

    /// Executors that were heard of lately, without what they do.
    fn executors(&self) -> Vec<v1::ExecutorStatus>;

    /// Partitions that are worked on now, by executor; by the empty name in this process.
    async fn busy(&self) -> BTreeMap<String, usize>;
}
