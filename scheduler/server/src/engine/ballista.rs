//! The engine of a cluster: leaf jobs are submitted to the Ballista scheduler in this process, executors do the work.
//! The facts behind every setting and check are in ARCHITECTURE.md, "What Ballista does".

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use ballista_core::{
    client::BallistaClient,
    config::TaskSchedulingPolicy,
    serde::protobuf::{
        PartitionLocation, UpdateTaskStatusParams,
        job_status::Status,
        scheduler_grpc_server::{SchedulerGrpc, SchedulerGrpcServer},
        task_status,
    },
};
use ballista_scheduler::{
    cluster::BallistaCluster,
    config::SchedulerConfig,
    scheduler_process::create_scheduler,
    scheduler_server::SchedulerServer,
    state::execution_stage::{ExecutionStage, TaskInfo},
};
use datafusion::{
    execution::{SendableRecordBatchStream, runtime_env::RuntimeEnv},
    physical_plan::{ExecutionPlan, ExecutionPlanProperties},
    prelude::{SessionConfig, SessionContext},
};
use datafusion_proto::protobuf::{LogicalPlanNode, PhysicalPlanNode};
use futures::{StreamExt, TryStreamExt, stream};
use mangonel_operators::{
    codec::MangonelCodec,
    error::{from_text, full_work_folder, to_wire},
    record::{TaskRecord, read_records},
    session::{runtime, session_config, session_state},
    task::pulse,
};
use mangonel_proto::{Error, ErrorCode, Result, v1};
use mangonel_storage::warehouse::Warehouse;
use tokio::sync::mpsc;

use super::{Engine, JobOutcome, LeafJob, OnTask};
use crate::members::{EXECUTOR_TIMEOUT, Members};

/// Largest message between scheduler and executors; plans grow with files.
const MESSAGE_BYTES_MAX: u32 = 64 << 20;
/// A job that makes no progress for this long is given up and tried again: Ballista loses status messages.
const STALL: Duration = Duration::from_secs(90);
/// A job without progress is looked after this often.
const NUDGE_EVERY: Duration = Duration::from_secs(2);
/// How long a job waits for the first executor.
const EXECUTOR_WAIT: Duration = Duration::from_secs(30);
/// Results fetched at the same time.
const FETCHES_AT_ONCE: usize = 8;
/// Slots that a run should have when several work at the same time.
const SLOTS_OF_A_RUN: usize = 4;
/// Runs at the same time at most: this process coordinates them all.
const RUNS_MAX: usize = 16;

type Scheduler = SchedulerServer<LogicalPlanNode, PhysicalPlanNode>;

/// Ballista, embedded: this process schedules, executors run.
pub(crate) struct BallistaEngine {
    warehouse: Arc<Warehouse>,
    runtime: Arc<RuntimeEnv>,
    scheduler: Scheduler,
    members: Arc<Members>,
}

impl BallistaEngine {
    /// `cluster`: the address that executors dial. `memory_bytes`: for what this process runs itself.
    ///
    /// # Errors
    /// When the spill folder cannot be used or Ballista does not start.
    pub(crate) async fn try_new(
        warehouse: Arc<Warehouse>,
        cluster: SocketAddr,
        members: Arc<Members>,
        memory_bytes: usize,
        spill: &Path,
    ) -> Result<Self> {
        let runtime = runtime(&warehouse, memory_bytes, 1, spill).map_err(|error| to_wire(&error))?;
        let config = SchedulerConfig {
            external_host: cluster.ip().to_string(),
            bind_host: cluster.ip().to_string(),
            bind_port: cluster.port(),
            scheduling_policy: TaskSchedulingPolicy::PushStaged,
            executor_timeout_seconds: EXECUTOR_TIMEOUT.as_secs(),
            expire_dead_executor_interval_seconds: 2,
            executor_termination_grace_period: 30,
            no_executors_grace_period_seconds: 30,
            finished_job_data_clean_up_interval_seconds: 600,
            finished_job_state_clean_up_interval_seconds: 600,
            grpc_server_max_decoding_message_size: MESSAGE_BYTES_MAX,
            grpc_server_max_encoding_message_size: MESSAGE_BYTES_MAX,
            grpc_client_max_message_size: MESSAGE_BYTES_MAX,
            override_physical_codec: Some(Arc::new(MangonelCodec::default())),
            override_config_producer: Some(Arc::new(|| session_config("", 1))),
            ..Default::default()
        };
        let state = BallistaCluster::new_from_config(&config).await.map_err(|error| ballista(&error))?;
        let scheduler = create_scheduler(state, Arc::new(config)).await.map_err(|error| ballista(&error))?;
        Ok(Self { warehouse, runtime, scheduler, members })
    }

    /// The service that executors register with.
    pub(crate) fn service(&self) -> SchedulerGrpcServer<Scheduler> {
        SchedulerGrpcServer::new(self.scheduler.clone())
            .max_decoding_message_size(MESSAGE_BYTES_MAX as usize)
            .max_encoding_message_size(MESSAGE_BYTES_MAX as usize)
    }

    fn context(&self, run_id: &str, partitions: usize) -> SessionContext {
        let config = session_config(run_id, partitions)
            .set_str("ballista.planner.adaptive.enabled", "false")
            // One partition a task: the unit of retry and of progress, and work spreads over executors.
            .set_str("ballista.scheduler.max_partitions_per_task", "1")
            .with_extension(Arc::clone(&self.warehouse));
        SessionContext::new_with_state(session_state(config, Arc::clone(&self.runtime)))
    }

    /// Waits until an executor is there: after a restart of this process they take a moment to join again.
    async fn wait_for_executors(&self, run_id: &str) -> Result<()> {
        let started = Instant::now();
        while self.executors().is_empty() {
            if pulse(run_id).is_cancelled() {
                return Err(Error::cancelled("the run was cancelled"));
            }
            if started.elapsed() > EXECUTOR_WAIT {
                let message = "no executor is connected: start one with `mangonel executor --scheduler ADDR`";
                return Err(Error::unavailable(message));
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Ok(())
    }

    /// Waits for the end of a job and gives where its results are.
    async fn finished(
        &self,
        job: &ballista_core::JobId,
        run_id: &str,
        tasks: usize,
        mut changes: mpsc::Receiver<ballista_core::serde::protobuf::JobStatus>,
        on_task: OnTask<'_>,
    ) -> Result<Vec<PartitionLocation>> {
        let pulse = pulse(run_id);
        let mut moved = (Instant::now(), (0, 0));
        let mut nudged = Instant::now();
        loop {
            // Changes are dropped when the channel is full, so the state is asked for as well.
            let _ = tokio::time::timeout(Duration::from_millis(50), changes.recv()).await;
            let status =
                self.scheduler.state.task_manager.get_job_status(job).await.map_err(|error| ballista(&error))?;
            match status.and_then(|status| status.status) {
                Some(Status::Successful(done)) => {
                    on_task(tasks, tasks);
                    return Ok(done.partition_location);
                }
                Some(Status::Failed(failed)) => return Err(self.failure(&failed.error)),
                _ => {}
            }
            if pulse.is_cancelled() {
                self.scheduler.cancel_job(job.clone()).await.map_err(|error| ballista(&error))?;
                return Err(Error::cancelled("the run was cancelled"));
            }
            let done = self.tasks_done(job).await;
            on_task(done, tasks);
            let now = (done, pulse.rows());
            if now != moved.1 {
                moved = (Instant::now(), now);
                nudged = Instant::now();
            } else if moved.0.elapsed() > STALL {
                let _ = self.scheduler.cancel_job(job.clone()).await;
                return Err(Error::unavailable(format!("job {job} made no progress for {} s", STALL.as_secs())));
            } else if nudged.elapsed() > NUDGE_EVERY {
                self.nudge().await;
                nudged = Instant::now();
            }
        }
    }

    /// Makes Ballista hand out waiting tasks. After it has lost an executor that does not answer, it does so only when
    /// the next status comes, and none may come; an empty one will do.
    async fn nudge(&self) {
        let Some(executor) = self.executors().into_iter().next() else { return };
        let empty = UpdateTaskStatusParams { executor_id: executor.id, task_status: Vec::new() };
        if let Err(error) = SchedulerGrpc::update_task_status(&self.scheduler, tonic::Request::new(empty)).await {
            tracing::debug!(%error, "nudging the scheduler failed");
        }
    }

    async fn tasks_done(&self, job: &ballista_core::JobId) -> usize {
        let running = self.scheduler.state.task_manager.get_running_job_cache();
        let Some(info) = running.get(job) else { return 0 };
        let graph = info.execution_graph.read().await;
        let stages = graph.stages().values();
        stages
            .map(|stage| match stage {
                ExecutionStage::Running(stage) => {
                    let ended = |task: &&TaskInfo| matches!(task.task_status, task_status::Status::Successful(_));
                    stage.task_infos.iter().filter(ended).count()
                }
                _ => 0,
            })
            .sum()
    }

    /// Our error, if the text carries one; what an executor's loss does is worth another try.
    fn failure(&self, text: &str) -> Error {
        if let Some(error) = from_text(text) {
            return error;
        }
        if text.contains("Resources exhausted") || text.contains("ResourcesExhausted") {
            return Error::new(
                ErrorCode::ResourceExhausted,
                format!("the memory of an executor is too small for this work: {text}"),
            );
        }
        if text.contains("No space left on device") {
            return full_work_folder(None, &format!("an executor ({text})"));
        }
        let lost = ["executor", "Executor", "IoError", "IO error", "transport", "connection"];
        if lost.iter().any(|word| text.contains(word)) {
            return Error::unavailable(format!("executors were lost: {text}"));
        }
        Error::internal(text)
    }
}

#[async_trait]
impl Engine for BallistaEngine {
    fn name(&self) -> &'static str {
        "ballista"
    }

    fn slots(&self) -> usize {
        self.executors().iter().map(|executor| executor.slots as usize).sum::<usize>().max(1)
    }

    async fn run(&self, job: LeafJob, on_task: OnTask<'_>) -> Result<JobOutcome> {
        let started = Instant::now();
        self.wait_for_executors(&job.run_id).await?;
        let tasks = job.plan.output_partitioning().partition_count();
        on_task(0, tasks);
        let context = Arc::new(self.context(&job.run_id, tasks));
        let (sender, changes) = mpsc::channel(64);
        let submitted = self.scheduler.submit_physical_plan(&job.name, context, job.plan, Some(sender)).await;
        let id = submitted.map_err(|error| ballista(&error))?;
        tracing::info!(run = job.run_id, job = %id, tasks, name = job.name, "job submitted");
        let locations = self.finished(&id, &job.run_id, tasks, changes, on_task).await?;
        let fetched = stream::iter(locations).map(fetch).buffered(FETCHES_AT_ONCE);
        let records: Vec<Vec<TaskRecord>> = fetched.try_collect().await?;
        let records: Vec<TaskRecord> = records.into_iter().flatten().collect();
        JobOutcome::new(job.name, tasks, started, records)
    }

    fn stream(&self, plan: Arc<dyn ExecutionPlan>, partition: usize) -> Result<SendableRecordBatchStream> {
        plan.execute(partition, self.context("", 1).task_ctx()).map_err(|error| to_wire(&error))
    }

    fn queries(&self) -> (SessionConfig, Arc<RuntimeEnv>) {
        // All cores of this machine: executors have machines of their own.
        let partitions = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        (session_config("", partitions), Arc::clone(&self.runtime))
    }

    async fn cancel(&self, run_id: &str) {
        pulse(run_id).cancel();
    }

    fn executors(&self) -> Vec<v1::ExecutorStatus> {
        self.members.alive()
    }

    fn can_work(&self) -> bool {
        !self.executors().is_empty()
    }

    fn runs_at_once(&self) -> usize {
        // Each should have some slots to itself; two, so that a small one can pass a large one.
        (self.slots() / SLOTS_OF_A_RUN).clamp(2, RUNS_MAX)
    }

    fn memory_reserved(&self) -> usize {
        self.runtime.memory_pool.reserved()
    }

    async fn busy(&self) -> BTreeMap<String, usize> {
        let mut busy = BTreeMap::new();
        for info in self.scheduler.state.task_manager.get_running_job_cache().values() {
            let graph = info.execution_graph.read().await;
            for stage in graph.stages().values() {
                let ExecutionStage::Running(stage) = stage else { continue };
                for task in &stage.task_infos {
                    if let task_status::Status::Running(running) = &task.task_status {
                        *busy.entry(running.executor_id.clone()).or_insert(0) += 1;
                    }
                }
            }
        }
        busy
    }
}

/// Records of one task, from the executor that ran it. A result that is gone is a failed run, to be resumed.
async fn fetch(location: PartitionLocation) -> Result<Vec<TaskRecord>> {
    let lost =
        |error: &dyn std::fmt::Display| Error::unavailable(format!("results of a finished job were lost: {error}"));
    let layout = location.layout();
    let (Some(executor), Some(partition)) = (location.executor_meta, location.partition_id) else {
        return Err(lost(&"they have no place"));
    };
    let port = u16::try_from(executor.port).map_err(|error| lost(&error))?;
    let client =
        BallistaClient::try_new(&executor.host, port, MESSAGE_BYTES_MAX as usize, false, None, 3, 200, 0, 0).await;
    let mut client = client.map_err(|error| lost(&error))?;
    let fetched = client.fetch_partition(&executor.id, &partition.into(), location.file_id, layout, true).await;
    let mut batches = fetched.map_err(|error| lost(&error))?;
    let mut records = Vec::new();
    while let Some(batch) = batches.next().await {
        let batch = batch.map_err(|error| lost(&error))?;
        records.extend(read_records(&batch).map_err(|error| to_wire(&error))?);
    }
    Ok(records)
}

fn ballista(error: &ballista_core::error::BallistaError) -> Error {
    let text = error.to_string();
    from_text(&text).unwrap_or_else(|| Error::internal(text))
}
