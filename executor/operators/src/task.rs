//! What an operator knows while it works: its run, the cancel flag, the memory budget, and where to send rows.

use std::{
    any::Any,
    collections::HashMap,
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use arrow::{datatypes::SchemaRef, record_batch::RecordBatch};
use datafusion::{
    common::{Result, config_err, exec_datafusion_err},
    config::{ConfigEntry, ConfigExtension, ExtensionOptions},
    datasource::{physical_plan::FileScanConfig, source::DataSourceExec},
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::{
        ExecutionPlan,
        metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricValue},
        stream::RecordBatchReceiverStream,
    },
};
use futures::Future;
use mangonel_storage::warehouse::Warehouse;
use tokio::sync::mpsc::Sender;

use crate::{
    error::{ours, with_full_disk},
    record::{TaskDone, TaskRecord, record_batch, worker},
};

/// Settings that travel with every task of a run.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Run that the task works for; empty for ad hoc queries.
    pub run_id: String,
}

const RUN_ID: &str = "run_id";

impl ConfigExtension for RunOptions {
    const PREFIX: &'static str = "mangonel";
}

/// By hand, because those that `extensions_options!` makes say their keys without the prefix: Ballista sends them as they
/// are said, and executors drop a key that they do not know.
impl ExtensionOptions for RunOptions {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn cloned(&self) -> Box<dyn ExtensionOptions> {
        Box::new(self.clone())
    }

    fn set(&mut self, key: &str, value: &str) -> Result<()> {
        if key != RUN_ID {
            return config_err!("there is no setting `{}.{key}`", Self::PREFIX);
        }
        value.clone_into(&mut self.run_id);
        Ok(())
    }

    fn entries(&self) -> Vec<ConfigEntry> {
        let (key, value) = (format!("{}.{RUN_ID}", Self::PREFIX), Some(self.run_id.clone()));
        vec![ConfigEntry { key, value, description: "Run that the task works for" }]
    }
}

/// Live counters and the cancel flag of one run in this process.
#[derive(Debug, Default)]
pub struct RunPulse {
    cancelled: AtomicBool,
    rows: AtomicU64,
    /// Rows by executor, as their pulses say.
    remote: Mutex<HashMap<String, u64>>,
}

impl RunPulse {
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
    }
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }
    /// Rows that writers of this run have taken in so far, here and on executors; repeated work counts again.
    pub fn rows(&self) -> u64 {
        let remote: u64 = self.remote.lock().unwrap_or_else(PoisonError::into_inner).values().sum();
        self.rows.load(Ordering::Relaxed) + remote
    }
    /// What the pulse of an executor says of this run.
    pub fn set_remote_rows(&self, executor: &str, rows: u64) {
        self.remote.lock().unwrap_or_else(PoisonError::into_inner).insert(executor.to_owned(), rows);
    }
    pub fn add_rows(&self, rows: usize) {
        self.rows.fetch_add(rows as u64, Ordering::Relaxed);
    }
}

static PULSES: LazyLock<Mutex<HashMap<String, Arc<RunPulse>>>> = LazyLock::new(Mutex::default);

/// The pulse of a run in this process, made on first use. Operators find it by the run id of their task, because neither
/// engine can hand a flag to a plan that was serialised.
pub fn pulse(run_id: &str) -> Arc<RunPulse> {
    let mut pulses = PULSES.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(pulses.entry(run_id.to_owned()).or_default())
}

/// The pulse of a run that this process knows of.
pub fn known_pulse(run_id: &str) -> Option<Arc<RunPulse>> {
    PULSES.lock().unwrap_or_else(PoisonError::into_inner).get(run_id).cloned()
}

/// Rows of all runs that this process has worked on and not forgotten.
pub fn pulse_rows() -> HashMap<String, u64> {
    let pulses = PULSES.lock().unwrap_or_else(PoisonError::into_inner);
    pulses.iter().map(|(run_id, pulse)| (run_id.clone(), pulse.rows())).collect()
}

/// Forgets the pulse of a run that has ended.
pub fn forget_pulse(run_id: &str) {
    PULSES.lock().unwrap_or_else(PoisonError::into_inner).remove(run_id);
}

/// Forgets the pulse of a run that is over, unless a task still works for it: one that has heard a cancellation must not
/// lose it.
pub fn forget_idle_pulse(run_id: &str) {
    let mut pulses = PULSES.lock().unwrap_or_else(PoisonError::into_inner);
    if pulses.get(run_id).is_some_and(|pulse| Arc::strong_count(pulse) == 1) {
        pulses.remove(run_id);
    }
}

/// One partition of one operator at work.
#[derive(Clone)]
pub struct Task {
    pub schema: SchemaRef,
    pub context: Arc<TaskContext>,
    pub pulse: Arc<RunPulse>,
    pub metrics: BaselineMetrics,
    pub partition: usize,
    /// The scans below the operator.
    sources: Arc<[Arc<dyn ExecutionPlan>]>,
}

impl Task {
    pub(crate) fn new(
        context: &Arc<TaskContext>,
        schema: SchemaRef,
        metrics: &ExecutionPlanMetricsSet,
        partition: usize,
        sources: Arc<[Arc<dyn ExecutionPlan>]>,
    ) -> Self {
        let run_id = context.session_config().options().extensions.get::<RunOptions>().map(|run| run.run_id.clone());
        let pulse = match run_id {
            Some(run_id) if !run_id.is_empty() => pulse(&run_id),
            _ => Arc::default(),
        };
        let metrics = BaselineMetrics::new(metrics, partition);
        Self { schema, context: Arc::clone(context), pulse, metrics, partition, sources }
    }

    /// The warehouse of this process, as its session was built with.
    ///
    /// # Errors
    /// When the session has none: an executor that was not told its warehouse.
    pub fn warehouse(&self) -> Result<Arc<Warehouse>> {
        let warehouse = self.context.session_config().get_extension::<Warehouse>();
        warehouse.ok_or_else(|| exec_datafusion_err!("this process has no warehouse"))
    }

    /// Names the unit of work that was handed out: Ballista's task, or the partition of the local engine.
    pub fn id(&self) -> String {
        self.context.task_id().unwrap_or_else(|| format!("partition {}", self.partition))
    }

    /// What this partition has read so far: rows that came out of its files, and bytes of them. Metrics are right here,
    /// beside the scans; they are not used across the wire.
    pub fn read_so_far(&self) -> (u64, u64) {
        let (mut rows, mut bytes) = (0, 0);
        for source in self.sources.iter() {
            let Some(metrics) = source.metrics() else { continue };
            let mut scanned = None;
            for metric in metrics.iter().filter(|metric| metric.partition() == Some(self.partition)) {
                match metric.value() {
                    MetricValue::OutputRows(count) => rows += count.value() as u64,
                    MetricValue::Count { name, count } if name == "bytes_scanned" => {
                        *scanned.get_or_insert(0) += count.value() as u64;
                    }
                    _ => {}
                }
            }
            // Not every format counts its bytes: then it is whole files.
            bytes += scanned.unwrap_or_else(|| bytes_of_files(source.as_ref(), self.partition));
        }
        (rows, bytes)
    }

    /// Rows of a batch that operators aim at.
    pub fn batch_rows(&self) -> usize {
        self.context.session_config().batch_size()
    }

    /// # Errors
    /// When the run was cancelled; operators ask once per batch, since neither engine stops running work.
    pub fn check_cancelled(&self) -> Result<()> {
        if self.pulse.is_cancelled() {
            return Err(ours(mangonel_proto::Error::cancelled("the run was cancelled")));
        }
        Ok(())
    }

    /// Runs `work` beside its reader; what it sends comes out as the stream, and its error ends the stream.
    pub fn spawn<F, W>(self, work: W) -> SendableRecordBatchStream
    where
        W: FnOnce(Task, Output) -> F,
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let mut builder = RecordBatchReceiverStream::builder(Arc::clone(&self.schema), 2);
        let output = Output { sender: builder.tx(), metrics: self.metrics.clone() };
        let spills = self.context.runtime_env().disk_manager.temp_dir_paths();
        let worked = work(self, output);
        builder.spawn(async move { worked.await.map_err(|error| with_full_disk(error, &spills)) });
        builder.build()
    }
}

/// The scans below `plan`.
pub(crate) fn scans_below(plan: &[Arc<dyn ExecutionPlan>]) -> Vec<Arc<dyn ExecutionPlan>> {
    let (mut found, mut next) = (Vec::new(), plan.to_vec());
    while let Some(plan) = next.pop() {
        if plan.downcast_ref::<DataSourceExec>().is_some() {
            found.push(plan);
        } else {
            next.extend(plan.children().into_iter().cloned());
        }
    }
    found
}

fn bytes_of_files(scan: &dyn ExecutionPlan, partition: usize) -> u64 {
    let scan =
        scan.downcast_ref::<DataSourceExec>().and_then(|scan| scan.data_source().downcast_ref::<FileScanConfig>());
    let group = scan.and_then(|scan| scan.file_groups.get(partition));
    group.map_or(0, |group| group.files().iter().map(|file| file.object_meta.size).sum())
}

/// Where an operator sends its batches.
#[derive(Clone)]
pub struct Output {
    sender: Sender<Result<RecordBatch>>,
    metrics: BaselineMetrics,
}

impl Output {
    /// Ends the records of a partition of a leaf job.
    pub(crate) async fn done(&self, task: &Task) -> Result<()> {
        let (rows_read, bytes_read) = task.read_so_far();
        let done = TaskDone { task: task.id(), worker: worker(), rows_read, bytes_read };
        self.send(record_batch(&TaskRecord::Done(done))?).await;
        Ok(())
    }

    /// `false` when nobody reads any more and the work should end.
    pub async fn send(&self, batch: RecordBatch) -> bool {
        self.metrics.output_rows().add(batch.num_rows());
        self.sender.send(Ok(batch)).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use ballista_core::extension::SessionConfigHelperExt;

    use super::*;
    use crate::session::session_config;

    #[test]
    fn the_run_of_a_task_arrives_on_the_executor() {
        let sent = session_config("run-1", 4).to_key_value_pairs();
        let arrived = session_config("", 1).update_from_key_value_pair(&sent);
        assert_eq!(arrived.options().extensions.get::<RunOptions>().unwrap().run_id, "run-1");
        assert!(session_config("", 1).options_mut().set("mangonel.other", "1").is_err());
    }
}
