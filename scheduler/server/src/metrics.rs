//! What a person on call watches, in Prometheus' format.

use std::sync::Arc;

use datafusion::physical_plan::ExecutionPlan;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use crate::service::FeatureStore;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct RunLabels {
    pub kind: &'static str,
    pub state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct CallLabels {
    pub action: String,
    pub code: String,
}

/// Counters of this server.
pub(crate) struct Metrics {
    registry: Registry,
    pub runs: Family<RunLabels, Counter>,
    pub rows_written: Counter,
    pub bytes_written: Counter,
    pub run_seconds: Histogram,
    pub calls: Family<CallLabels, Counter>,
    pub reads: ReadCounters,
    pub garbage_bytes: Gauge,
    runs_active: Gauge,
    slots: Gauge,
    executors: Gauge,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("mangonel");
        let runs = Family::default();
        registry.register("runs", "Runs ended, by kind and state", runs.clone());
        let rows_written = Counter::default();
        registry.register("rows_written", "Rows in committed runs", rows_written.clone());
        let bytes_written = Counter::default();
        registry.register("bytes_written", "Bytes in committed runs", bytes_written.clone());
        let run_seconds = Histogram::new([0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0]);
        registry.register("run_seconds", "Duration of ended runs", run_seconds.clone());
        let calls = Family::default();
        registry.register("calls", "Calls of clients, by action and result", calls.clone());
        let reads = ReadCounters::default();
        registry.register("reads", "Reads that this process has streamed, finished or not", reads.reads.clone());
        registry.register("read_file_bytes", "Bytes of files read for them", reads.file_bytes.clone());
        let garbage_bytes = Gauge::default();
        let help = "Bytes of garbage in the warehouse, as of the last time that it was listed or removed";
        registry.register("garbage_bytes", help, garbage_bytes.clone());
        let (runs_active, slots, executors) = (Gauge::default(), Gauge::default(), Gauge::default());
        registry.register("runs_active", "Runs at work now", runs_active.clone());
        registry.register("slots", "Partitions that can be worked on at the same time", slots.clone());
        registry.register("executors", "Executors that are alive", executors.clone());
        Self {
            registry,
            runs,
            rows_written,
            bytes_written,
            run_seconds,
            calls,
            reads,
            garbage_bytes,
            runs_active,
            slots,
            executors,
        }
    }

    /// The text that Prometheus scrapes.
    ///
    /// # Errors
    /// Never in practice; writing to a string has an error type.
    pub(crate) fn render(&self, store: &FeatureStore) -> Result<String, std::fmt::Error> {
        self.runs_active.set(store.live.count() as i64);
        self.slots.set(store.engine.slots() as i64);
        self.executors.set(store.engine.executors().len() as i64);
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// Counters of what this process streams to clients.
#[derive(Clone, Default)]
pub(crate) struct ReadCounters {
    reads: Counter,
    file_bytes: Counter,
}

impl ReadCounters {
    /// Counts the work of a plan when it has ended, or was given up: with the drop of the answer.
    pub(crate) fn count(&self, plan: Arc<dyn ExecutionPlan>) -> CountedRead {
        CountedRead { plan, counters: self.clone() }
    }
}

/// A plan at work, to be counted. No other stream may run it.
pub(crate) struct CountedRead {
    plan: Arc<dyn ExecutionPlan>,
    counters: ReadCounters,
}

impl Drop for CountedRead {
    fn drop(&mut self) {
        self.counters.reads.inc();
        self.counters.file_bytes.inc_by(bytes_scanned(self.plan.as_ref()));
    }
}

fn bytes_scanned(plan: &dyn ExecutionPlan) -> u64 {
    let own = plan.metrics().and_then(|metrics| metrics.sum_by_name("bytes_scanned"));
    let below = plan.children().into_iter().map(|child| bytes_scanned(child.as_ref()));
    own.map_or(0, |bytes| bytes.as_usize() as u64) + below.sum::<u64>()
}
