//! Runs plans: [`LocalEngine`] in this process, `BallistaEngine` on a cluster. Both get the same operators and give back
//! the same records.

mod ballista;
mod local;

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::{
    execution::{SendableRecordBatchStream, runtime_env::RuntimeEnv},
    physical_plan::ExecutionPlan,
    prelude::SessionConfig,
};
use mangonel_operators::record::TaskRecord;
use mangonel_proto::{Result, v1};

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
    pub records: Vec<TaskRecord>,
    pub report: v1::StageReport,
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

    fn executors(&self) -> Vec<v1::ExecutorStatus>;
}
