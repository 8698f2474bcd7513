//! The engine of one process: partitions run side by side on the runtime's threads, under one memory budget.

use std::{path::Path, sync::Arc, time::Instant};

use async_trait::async_trait;
use datafusion::{
    execution::{SendableRecordBatchStream, TaskContext, runtime_env::RuntimeEnv},
    physical_plan::{ExecutionPlan, ExecutionPlanProperties},
    prelude::{SessionConfig, SessionContext},
};
use futures::{StreamExt, TryStreamExt, stream};
use mangonel_operators::{
    error::to_wire,
    record::{TaskRecord, read_records},
    session::{TaskShare, runtime, session_config, session_state, streamed_rows, task_runtime},
    task::pulse,
};
use mangonel_proto::{Error, Result, v1};
use mangonel_storage::warehouse::Warehouse;

use super::{Engine, JobOutcome, LeafJob, OnTask};

/// DataFusion in this process.
pub(crate) struct LocalEngine {
    warehouse: Arc<Warehouse>,
    runtime: Arc<RuntimeEnv>,
    slots: usize,
    memory_bytes: usize,
}

impl LocalEngine {
    /// # Errors
    /// When the spill folder cannot be used.
    pub(crate) fn try_new(warehouse: Arc<Warehouse>, slots: usize, memory_bytes: usize, spill: &Path) -> Result<Self> {
        let runtime = runtime(&warehouse, memory_bytes, slots, spill).map_err(|error| to_wire(&error))?;
        Ok(Self { warehouse, runtime, slots: slots.max(1), memory_bytes })
    }

    fn config(&self, run_id: &str) -> SessionConfig {
        session_config(run_id, self.slots).with_extension(Arc::clone(&self.warehouse))
    }

    fn context_in(&self, runtime: Arc<RuntimeEnv>, run_id: &str) -> SessionContext {
        SessionContext::new_with_state(session_state(self.config(run_id), runtime))
    }

    /// For one of the tasks that work at the same time: each has its part of the memory, as on an executor.
    fn task_context(&self, run_id: &str, share: TaskShare) -> Result<Arc<TaskContext>> {
        let runtime = task_runtime(&self.runtime, share.pool_bytes).map_err(|error| to_wire(&error))?;
        Ok(self.context_in(runtime, run_id).task_ctx())
    }
}

#[async_trait]
impl Engine for LocalEngine {
    fn name(&self) -> &'static str {
        "local"
    }

    fn slots(&self) -> usize {
        self.slots
    }

    async fn run(&self, job: LeafJob, on_task: OnTask<'_>) -> Result<JobOutcome> {
        let started = Instant::now();
        let tasks = job.plan.output_partitioning().partition_count();
        let share = TaskShare::new(self.memory_bytes, self.slots.min(tasks), job.plan.as_ref());
        on_task(0, tasks);
        let partitions = stream::iter(0..tasks).map(|partition| {
            // A task of its own, so that partitions use all threads and not only this one.
            let plan = Arc::clone(&job.plan);
            let context = self.task_context(&job.run_id, share);
            let handle = tokio::spawn(async move { run_partition(plan, partition, context?).await });
            async move {
                let _abort = AbortOnDrop(handle.abort_handle());
                handle.await.map_err(|error| Error::internal(format!("a task ended without an answer: {error}")))?
            }
        });
        let mut partitions = partitions.buffer_unordered(share.tasks);
        let (mut records, mut done) = (Vec::new(), 0);
        while let Some(finished) = partitions.try_next().await? {
            records.extend(finished);
            done += 1;
            on_task(done, tasks);
        }
        drop(partitions);
        JobOutcome::new(job.name, tasks, started, records)
    }

    fn stream(&self, plan: Arc<dyn ExecutionPlan>, partition: usize) -> Result<SendableRecordBatchStream> {
        let config = self.config("").with_batch_size(streamed_rows(plan.as_ref()));
        let context = SessionContext::new_with_state(session_state(config, Arc::clone(&self.runtime)));
        plan.execute(partition, context.task_ctx()).map_err(|error| to_wire(&error))
    }

    fn queries(&self) -> (SessionConfig, Arc<RuntimeEnv>) {
        (self.config(""), Arc::clone(&self.runtime))
    }

    async fn cancel(&self, run_id: &str) {
        pulse(run_id).cancel();
    }

    fn executors(&self) -> Vec<v1::ExecutorStatus> {
        Vec::new()
    }
}

struct AbortOnDrop(tokio::task::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn run_partition(
    plan: Arc<dyn ExecutionPlan>,
    partition: usize,
    context: Arc<TaskContext>,
) -> Result<Vec<TaskRecord>> {
    let mut stream = plan.execute(partition, context).map_err(|error| to_wire(&error))?;
    let mut records = Vec::new();
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(|error| to_wire(&error))?;
        records.extend(read_records(&batch).map_err(|error| to_wire(&error))?);
    }
    Ok(records)
}
