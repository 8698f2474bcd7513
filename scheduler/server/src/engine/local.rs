//! The engine of one process: partitions run side by side on the runtime's threads, under one memory budget.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Instant,
};

use async_trait::async_trait;
use datafusion::{
    execution::{SendableRecordBatchStream, TaskContext, memory_pool::MemoryPool, runtime_env::RuntimeEnv},
    physical_plan::{ExecutionPlan, ExecutionPlanProperties},
    prelude::{SessionConfig, SessionContext},
};
use futures::{StreamExt, TryStreamExt, stream};
use mangonel_operators::{
    error::to_wire,
    record::{TaskRecord, read_records},
    session::{TaskShare, runtime, session_config, session_state, task_runtime},
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
    /// Jobs at the same time, among which the memory is divided.
    running_max: usize,
    /// Pools of tasks, while they work.
    pools: Mutex<Vec<Weak<dyn MemoryPool>>>,
}

/// Memory that a run should have in this process.
const RUN_BYTES: usize = 2 << 30;

impl LocalEngine {
    /// `running_max`: jobs at the same time; as many as have room unless given.
    ///
    /// # Errors
    /// When the spill folder cannot be used.
    pub(crate) fn try_new(
        warehouse: Arc<Warehouse>,
        slots: usize,
        memory_bytes: usize,
        running_max: Option<usize>,
        spill: &Path,
    ) -> Result<Self> {
        let runtime = runtime(&warehouse, memory_bytes, slots, spill).map_err(|error| to_wire(&error))?;
        let slots = slots.max(1);
        let running_max = running_max.unwrap_or_else(|| (1 + memory_bytes / RUN_BYTES).min(slots)).max(1);
        Ok(Self { warehouse, runtime, slots, memory_bytes, running_max, pools: Mutex::default() })
    }

    fn config(&self, run_id: &str) -> SessionConfig {
        session_config(run_id, self.slots).with_extension(Arc::clone(&self.warehouse))
    }

    fn context(&self, run_id: &str) -> SessionContext {
        self.context_in(Arc::clone(&self.runtime), run_id)
    }

    fn context_in(&self, runtime: Arc<RuntimeEnv>, run_id: &str) -> SessionContext {
        SessionContext::new_with_state(session_state(self.config(run_id), runtime))
    }

    /// For one of the tasks that work at the same time: each has its part of the memory, as on an executor.
    fn task_context(&self, run_id: &str, share: TaskShare) -> Result<Arc<TaskContext>> {
        let runtime = task_runtime(&self.runtime, share.pool_bytes).map_err(|error| to_wire(&error))?;
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.retain(|pool| pool.strong_count() > 0);
        pools.push(Arc::downgrade(&runtime.memory_pool));
        drop(pools);
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
        let memory_bytes = self.memory_bytes / self.running_max;
        let share = TaskShare::new(memory_bytes, self.slots.min(tasks), job.plan.as_ref());
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
        plan.execute(partition, self.context("").task_ctx()).map_err(|error| to_wire(&error))
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

    fn can_work(&self) -> bool {
        true
    }

    fn runs_at_once(&self) -> usize {
        self.running_max
    }

    fn memory_reserved(&self) -> usize {
        let of_tasks = |pools: &Vec<Weak<dyn MemoryPool>>| -> usize {
            pools.iter().filter_map(Weak::upgrade).map(|pool| pool.reserved()).sum()
        };
        self.runtime.memory_pool.reserved() + of_tasks(&self.pools.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn busy(&self) -> BTreeMap<String, usize> {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.retain(|pool| pool.strong_count() > 0);
        BTreeMap::from([(String::new(), pools.len())])
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
