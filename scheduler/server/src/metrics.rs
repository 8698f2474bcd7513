//! What a person on call watches, in Prometheus' format: counters that grow as things happen, and figures that are taken
//! when somebody asks.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use datafusion::physical_plan::ExecutionPlan;
use mangonel_proto::{Error, ErrorCode, RELEASE, Result, v1, v1::RunKind};
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram, info::Info},
    registry::{Registry, Unit},
};

use crate::service::FeatureStore;

/// Bounds of the histograms of runs, in seconds.
const RUN_BUCKETS: [f64; 9] = [0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0];
/// Bounds of the histograms of calls, in seconds.
const CALL_BUCKETS: [f64; 10] = [0.001, 0.005, 0.02, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RunLabels {
    kind: &'static str,
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FailureLabels {
    code: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CallLabels {
    action: &'static str,
    code: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ActionLabels {
    action: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ExecutorLabels {
    executor: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FolderLabels {
    folder: String,
}

/// Counters of this server.
pub(crate) struct Metrics {
    registry: Registry,
    runs: Family<RunLabels, Counter>,
    failures: Family<FailureLabels, Counter>,
    run_seconds: Histogram,
    pub run_wait_seconds: Histogram,
    rows_written: Counter,
    bytes_written: Counter,
    work_rows_read: Counter,
    work_bytes_read: Counter,
    pub rows_uploaded: Counter,
    calls: Family<CallLabels, Counter>,
    call_seconds: Family<ActionLabels, Histogram>,
    pub reads: ReadCounters,
    pub garbage_bytes: Gauge,
    now: Gauges,
    rendering: Mutex<()>,
}

/// Figures of the moment.
#[derive(Default)]
struct Gauges {
    uptime: Gauge,
    runs_active: Gauge,
    runs_waiting: Gauge,
    running_max: Gauge,
    waiting_max: Gauge,
    oldest_run: Gauge,
    reads_open: Gauge,
    reads_waiting: Gauge,
    reads_max: Gauge,
    slots: Gauge,
    slots_free: Gauge,
    executors: Gauge,
    executor_slots: Family<ExecutorLabels, Gauge>,
    executor_slots_free: Family<ExecutorLabels, Gauge>,
    executor_silent: Family<ExecutorLabels, Gauge<f64, std::sync::atomic::AtomicU64>>,
    memory_budget: Gauge,
    memory_reserved: Gauge,
    disk_free: Family<FolderLabels, Gauge>,
    disk_total: Family<FolderLabels, Gauge>,
    catalog_up: Gauge,
    catalog_seconds: Gauge<f64, std::sync::atomic::AtomicU64>,
    catalog_revision: Gauge,
}

impl Gauges {
    fn register(&self, registry: &mut Registry) {
        let (seconds, bytes) = (Unit::Seconds, Unit::Bytes);
        registry.register_with_unit("uptime", "Since the server was started", seconds.clone(), self.uptime.clone());
        registry.register("runs_active", "Runs at work now", self.runs_active.clone());
        registry.register("runs_waiting", "Runs that wait for their turn or for executors", self.runs_waiting.clone());
        registry.register("runs_active_max", "Runs and computed reads that may work at once", self.running_max.clone());
        registry.register("runs_waiting_max", "Runs and computed reads that may wait", self.waiting_max.clone());
        let help = "Age of the oldest run that has not ended; 0 without one";
        registry.register_with_unit("oldest_run", help, seconds.clone(), self.oldest_run.clone());
        registry.register("reads_open", "Reads that this process streams now", self.reads_open.clone());
        registry.register("reads_waiting", "Reads that wait to be streamed", self.reads_waiting.clone());
        registry.register("reads_open_max", "Reads that may be streamed at once", self.reads_max.clone());
        registry.register("slots", "Partitions that can be worked on at the same time", self.slots.clone());
        registry.register("slots_free", "Slots without work now", self.slots_free.clone());
        registry.register("executors", "Executors that are alive", self.executors.clone());
        registry.register("executor_slots", "Slots of an executor", self.executor_slots.clone());
        registry.register("executor_slots_free", "Its slots without work", self.executor_slots_free.clone());
        let help = "Since an executor was last heard of";
        registry.register_with_unit("executor_silent", help, seconds.clone(), self.executor_silent.clone());
        let help = "Memory for the work on data in this process";
        registry.register_with_unit("memory_budget", help, bytes.clone(), self.memory_budget.clone());
        let help = "What sorts, joins and open shards have reserved of it";
        registry.register_with_unit("memory_reserved", help, bytes.clone(), self.memory_reserved.clone());
        let help = "Free space where a folder is";
        registry.register_with_unit("disk_free", help, bytes.clone(), self.disk_free.clone());
        registry.register_with_unit("disk_total", "All space where a folder is", bytes, self.disk_total.clone());
        registry.register("catalog_up", "Whether the catalog answers", self.catalog_up.clone());
        let help = "How long the catalog took to answer, or was waited for";
        registry.register_with_unit("catalog_round_trip", help, seconds, self.catalog_seconds.clone());
        registry.register("catalog_revision", "Newest revision of the catalog", self.catalog_revision.clone());
    }

    fn set(&self, status: &v1::ServerStatus, catalog: Duration, reads_waiting: usize, now_ms: i64) {
        self.uptime.set((now_ms - status.started_ms) / 1000);
        self.runs_active.set(status.runs_active.into());
        self.runs_waiting.set(status.runs_waiting.into());
        self.running_max.set(status.running_max.into());
        self.waiting_max.set(status.waiting_max.into());
        self.oldest_run.set(status.oldest_run_s as i64);
        self.reads_open.set(status.reads_open.into());
        self.reads_waiting.set(reads_waiting as i64);
        self.reads_max.set(status.reads_max.into());
        self.slots.set(status.slots.into());
        self.slots_free.set(status.free_slots.into());
        self.executors.set(status.executors.len() as i64);
        // Those that are gone are no longer told of.
        self.executor_slots.clear();
        self.executor_slots_free.clear();
        self.executor_silent.clear();
        for executor in &status.executors {
            let labels = ExecutorLabels { executor: executor.id.clone() };
            self.executor_slots.get_or_create(&labels).set(executor.slots.into());
            self.executor_slots_free.get_or_create(&labels).set(executor.free_slots.into());
            let silent = (now_ms - executor.last_seen_ms).max(0) as f64 / 1000.0;
            self.executor_silent.get_or_create(&labels).set(silent);
        }
        self.memory_budget.set(status.memory_bytes as i64);
        self.memory_reserved.set(status.memory_reserved_bytes as i64);
        self.disk_free.clear();
        self.disk_total.clear();
        for disk in &status.disks {
            let labels = FolderLabels { folder: disk.name.clone() };
            self.disk_free.get_or_create(&labels).set(disk.free_bytes as i64);
            self.disk_total.get_or_create(&labels).set(disk.total_bytes as i64);
        }
        self.catalog_up.set(i64::from(status.catalog_us.is_some()));
        self.catalog_seconds.set(catalog.as_secs_f64());
        if status.catalog_us.is_some() {
            self.catalog_revision.set(status.catalog_revision);
        }
    }
}

impl Metrics {
    pub(crate) fn new(engine: &'static str, catalog: &'static str) -> Self {
        let mut registry = Registry::with_prefix("mangonel");
        let server = [("release", RELEASE), ("engine", engine), ("catalog", catalog)];
        registry.register("server", "What this server is", Info::new(server.to_vec()));
        let runs = Family::default();
        registry.register("runs", "Runs ended, by kind and state", runs.clone());
        let failures = Family::default();
        registry.register("run_failures", "Runs failed, by code of the error", failures.clone());
        let run_seconds = Histogram::new(RUN_BUCKETS);
        registry.register("run_seconds", "Duration of ended runs, without their waiting", run_seconds.clone());
        let run_wait_seconds = Histogram::new(RUN_BUCKETS);
        registry.register("run_wait_seconds", "How long runs have waited before they worked", run_wait_seconds.clone());
        let rows_written = Counter::default();
        registry.register("rows_written", "Rows in committed runs", rows_written.clone());
        let bytes_written = Counter::default();
        registry.register("bytes_written", "Bytes in committed runs", bytes_written.clone());
        let work_rows_read = Counter::default();
        registry.register("work_rows_read", "Rows that ended runs have read", work_rows_read.clone());
        let work_bytes_read = Counter::default();
        registry.register("work_bytes_read", "Bytes that ended runs have read", work_bytes_read.clone());
        let rows_uploaded = Counter::default();
        registry.register("rows_uploaded", "Rows of parts that have arrived", rows_uploaded.clone());
        let calls = Family::default();
        registry.register("calls", "Calls of clients, by action and result", calls.clone());
        let call_seconds = Family::new_with_constructor((|| Histogram::new(CALL_BUCKETS)) as fn() -> Histogram);
        registry.register("call_seconds", "Time until the answer began, by action", call_seconds.clone());
        let reads = ReadCounters::default();
        registry.register("reads", "Streams of reads that have ended, finished or not", reads.reads.clone());
        registry.register("read_file_bytes", "Bytes of files read for them", reads.file_bytes.clone());
        registry.register("read_rows", "Rows that were streamed to clients", reads.rows.clone());
        registry.register("read_streams_open", "Streams of reads that are open now", reads.open.clone());
        let garbage_bytes = Gauge::default();
        let help = "Bytes of garbage in the warehouse, as of the last time that it was listed or removed";
        registry.register("garbage_bytes", help, garbage_bytes.clone());
        let now = Gauges::default();
        now.register(&mut registry);
        Self {
            registry,
            runs,
            failures,
            run_seconds,
            run_wait_seconds,
            rows_written,
            bytes_written,
            work_rows_read,
            work_bytes_read,
            rows_uploaded,
            calls,
            call_seconds,
            reads,
            now,
            rendering: Mutex::default(),
            garbage_bytes,
        }
    }

    /// The text that Prometheus scrapes.
    ///
    /// # Errors
    /// Never in practice; writing to a string has an error type.
    pub(crate) async fn render(&self, store: &FeatureStore) -> std::result::Result<String, std::fmt::Error> {
        let asked = Instant::now();
        let status = store.status().await;
        let catalog = status.catalog_us.map_or_else(|| asked.elapsed(), Duration::from_micros);
        // One at a time: figures of executors are taken out and put in again.
        let _one = self.rendering.lock().unwrap_or_else(PoisonError::into_inner);
        self.now.set(&status, catalog, store.reads_open.fill().waiting, crate::conversions::now_ms());
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }

    /// Counts an ended run: how it ended, rows and bytes that it wrote, and what its stages read.
    pub(crate) fn count_run(
        &self,
        kind: RunKind,
        ended: &Result<()>,
        lasted: Duration,
        (rows, bytes): (u64, u64),
        stages: &[v1::StageReport],
    ) {
        let state = match ended {
            Ok(()) => "committed",
            Err(error) if error.code == ErrorCode::Cancelled => "cancelled",
            Err(_) => "failed",
        };
        self.runs.get_or_create(&RunLabels { kind: kind_name(kind), state }).inc();
        self.run_seconds.observe(lasted.as_secs_f64());
        if let Err(error) = ended
            && state == "failed"
        {
            self.failures.get_or_create(&FailureLabels { code: code_name(error) }).inc();
        }
        for worker in stages.iter().flat_map(|stage| &stage.workers) {
            self.work_rows_read.inc_by(worker.rows_read);
            self.work_bytes_read.inc_by(worker.bytes_read);
        }
        if state == "committed" {
            self.rows_written.inc_by(rows);
            self.bytes_written.inc_by(bytes);
        }
    }

    /// Begins to count a call; one that is dropped without an end was given up by its client.
    pub(crate) fn call(&self, action: &'static str) -> CountedCall<'_> {
        CountedCall { metrics: self, action, began: Instant::now(), code: "gone".into() }
    }

    /// Fills in what is counted.
    pub(crate) fn tell(&self, status: &mut v1::ServerStatus) {
        for kind in [RunKind::Insert, RunKind::Build, RunKind::Rebuild, RunKind::Rewrite] {
            for state in ["committed", "failed", "cancelled"] {
                let kind = kind_name(kind);
                let count = self.runs.get(&RunLabels { kind, state }).map_or(0, |count| count.get());
                if count > 0 {
                    status.runs_ended.insert(format!("{kind} {state}"), count);
                }
            }
        }
        for code in CODES {
            let code = code.as_str_name().trim_start_matches("ERROR_CODE_").to_lowercase();
            let count = self.failures.get(&FailureLabels { code: code.clone() }).map_or(0, |count| count.get());
            if count > 0 {
                status.runs_failed.insert(code, count);
            }
        }
        status.rows_written = self.rows_written.get();
        status.bytes_written = self.bytes_written.get();
    }
}

/// Codes that runs can fail with.
const CODES: [ErrorCode; 11] = [
    ErrorCode::NotFound,
    ErrorCode::AlreadyExists,
    ErrorCode::InvalidArgument,
    ErrorCode::Ambiguous,
    ErrorCode::Conflict,
    ErrorCode::PermissionDenied,
    ErrorCode::Unauthenticated,
    ErrorCode::ResourceExhausted,
    ErrorCode::Unavailable,
    ErrorCode::Internal,
    ErrorCode::Unspecified,
];

fn kind_name(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Insert => "insert",
        RunKind::Build => "build",
        RunKind::Rebuild => "rebuild",
        RunKind::Rewrite => "rewrite",
        RunKind::Unspecified => "unspecified",
    }
}

fn code_name(error: &Error) -> String {
    error.code.as_str_name().trim_start_matches("ERROR_CODE_").to_lowercase()
}

/// A call at work.
pub(crate) struct CountedCall<'a> {
    metrics: &'a Metrics,
    action: &'static str,
    began: Instant,
    code: String,
}

impl CountedCall<'_> {
    /// Passes an answer on, and remembers what became of the call.
    pub(crate) fn ends<T>(mut self, answer: Result<T>) -> Result<T> {
        self.code = answer.as_ref().err().map_or_else(|| "ok".into(), code_name);
        answer
    }
}

impl Drop for CountedCall<'_> {
    fn drop(&mut self) {
        let labels = CallLabels { action: self.action, code: std::mem::take(&mut self.code) };
        self.metrics.calls.get_or_create(&labels).inc();
        let seconds = self.metrics.call_seconds.get_or_create(&ActionLabels { action: self.action });
        seconds.observe(self.began.elapsed().as_secs_f64());
    }
}

/// Counters of what this process streams to clients.
#[derive(Clone, Default)]
pub(crate) struct ReadCounters {
    reads: Counter,
    file_bytes: Counter,
    rows: Counter,
    open: Gauge,
}

impl ReadCounters {
    /// Counts the work of a plan when it has ended, or was given up: with the drop of the answer.
    pub(crate) fn count(&self, plan: Arc<dyn ExecutionPlan>) -> CountedRead {
        self.open.inc();
        CountedRead { plan, counters: self.clone() }
    }
}

/// A plan at work, to be counted. No other stream may run it.
pub(crate) struct CountedRead {
    plan: Arc<dyn ExecutionPlan>,
    counters: ReadCounters,
}

impl CountedRead {
    pub(crate) fn count_rows(&self, rows: usize) {
        self.counters.rows.inc_by(rows as u64);
    }
}

impl Drop for CountedRead {
    fn drop(&mut self) {
        self.counters.open.dec();
        self.counters.reads.inc();
        self.counters.file_bytes.inc_by(bytes_scanned(self.plan.as_ref()));
    }
}

fn bytes_scanned(plan: &dyn ExecutionPlan) -> u64 {
    let own = plan.metrics().and_then(|metrics| metrics.sum_by_name("bytes_scanned"));
    let below = plan.children().into_iter().map(|child| bytes_scanned(child.as_ref()));
    own.map_or(0, |bytes| bytes.as_usize() as u64) + below.sum::<u64>()
}
