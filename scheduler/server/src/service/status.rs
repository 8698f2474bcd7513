//! What the server is, how it is doing, and what is wrong with it.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use mangonel_proto::{Error, RELEASE, Result, names::Principal, v1};

use super::FeatureStore;
use crate::disk::space;

/// How long catalog and warehouse may take to answer before they are taken for lost.
const PATIENCE: Duration = Duration::from_secs(3);
/// A disk is nearly full with less than this part of it free, and less than [`FREE_BYTES_MIN`].
const FREE_PART_MIN: f64 = 0.1;
const FREE_BYTES_MIN: u64 = 10 << 30;
/// A catalog that takes longer to answer is slow: a build asks it a dozen times.
const CATALOG_SLOW: Duration = Duration::from_millis(500);
/// For so long an executor that is gone is told of.
const GONE_TOLD: Duration = Duration::from_secs(600);

impl FeatureStore {
    /// The server in figures, and what is wrong in words. Answers in bounded time whatever else does not.
    pub(crate) async fn status(&self) -> v1::ServerStatus {
        let work = space("work", self.staging.clone());
        let warehouse = async {
            match self.warehouse.folder() {
                Some(folder) => space("warehouse", folder.to_owned()).await,
                None => None,
            }
        };
        let (catalog, work, warehouse, busy) = tokio::join!(self.ask_catalog(), work, warehouse, self.engine.busy());
        let (live, queue, reads) = (self.live.figures(), self.admission.fill(), self.reads_open.fill());
        // The engine plans for one slot at least.
        let slots = if self.engine.can_work() { self.engine.slots() } else { 0 };
        let mut status = v1::ServerStatus {
            release: RELEASE.into(),
            engine: self.engine.name().into(),
            catalog: self.catalog.backend().into(),
            warehouse: self.warehouse.url().to_string(),
            warehouse_id: self.warehouse.id().to_string(),
            runs_active: live.active as u32,
            slots: slots as u32,
            memory_bytes: self.memory_bytes as u64,
            executors: with_free_slots(self.engine.executors(), &busy),
            started_ms: self.started_ms,
            runs_waiting: live.waiting as u32,
            running_max: queue.running_max as u32,
            waiting_max: queue.waiting_max as u32,
            oldest_run_s: live.oldest.as_secs(),
            reads_open: reads.running as u32,
            reads_max: reads.running_max as u32,
            free_slots: slots.saturating_sub(busy.values().sum()) as u32,
            memory_reserved_bytes: self.engine.memory_reserved() as u64,
            disks: work.into_iter().chain(warehouse).collect(),
            ..Default::default()
        };
        self.metrics.tell(&mut status);
        let mut problems = Vec::new();
        match catalog {
            Ok((revision, took)) => {
                status.catalog_revision = revision;
                status.catalog_us = Some(took.as_micros() as u64);
                if took > CATALOG_SLOW {
                    problems.push(format!("the catalog is slow: it took {} ms to answer", took.as_millis()));
                }
            }
            Err(error) => problems.push(format!("the catalog ({}) does not answer: {error}", status.catalog)),
        }
        self.add_problems(&status, live.waiting_for_executors, &mut problems);
        status.problems = problems;
        status
    }

    /// What is wrong beside the catalog, worst first.
    fn add_problems(&self, status: &v1::ServerStatus, waiting_for_executors: usize, problems: &mut Vec<String>) {
        if !self.engine.can_work() {
            let waiting = match waiting_for_executors {
                0 => String::new(),
                1 => "1 run waits; ".to_owned(),
                runs => format!("{runs} runs wait; "),
            };
            problems
                .push(format!("no executor has joined: {waiting}start one with `mangonel executor --scheduler ADDR`"));
        }
        for disk in &status.disks {
            let free_part = disk.free_bytes as f64 / disk.total_bytes.max(1) as f64;
            if free_part < FREE_PART_MIN && disk.free_bytes < FREE_BYTES_MIN {
                let (free, of) = (disk.free_bytes >> 20, disk.total_bytes >> 20);
                let what = if disk.name == "work" { "work folder" } else { "warehouse" };
                problems
                    .push(format!("the disk of the {what} is nearly full: {free} of {of} MiB free at {}", disk.path));
            }
        }
        if status.runs_waiting >= status.waiting_max && status.waiting_max > 0 {
            problems.push(format!(
                "{} runs wait, as many as may: further ones are refused until some have ended",
                status.runs_waiting
            ));
        }
        if status.reads_open >= status.reads_max {
            problems.push(format!("{} reads are open, as many as may: further ones wait", status.reads_open));
        }
        for (executor, silent) in self.members.gone(GONE_TOLD) {
            problems.push(format!("executor {executor} is gone: it was last heard of {} s ago", silent.as_secs()));
        }
    }

    /// Revision of the catalog, and how long it took to say so.
    async fn ask_catalog(&self) -> Result<(i64, Duration)> {
        let asked = Instant::now();
        let anybody = Principal::local("default");
        let revision = tokio::time::timeout(PATIENCE, self.catalog.revision(&anybody)).await;
        let silent = |_| Error::unavailable(format!("nothing came for {} s", PATIENCE.as_secs()));
        Ok((revision.map_err(silent)??, asked.elapsed()))
    }

    /// # Errors
    /// When catalog or warehouse do not answer, or nobody is there to do the work.
    pub(crate) async fn check_ready(&self) -> Result<()> {
        self.ask_catalog()
            .await
            .map_err(|error| Error::unavailable(format!("the catalog does not answer: {error}")))?;
        let warehouse = tokio::time::timeout(PATIENCE, self.warehouse.get("_mangonel/warehouse.json")).await;
        let silent = || Error::unavailable(format!("the warehouse does not answer at {}", self.warehouse.url()));
        if warehouse.map_err(|_| silent())??.is_none() {
            return Err(Error::unavailable(format!("the warehouse is gone from {}", self.warehouse.url())));
        }
        if !self.engine.can_work() {
            return Err(Error::unavailable("no executor has joined"));
        }
        if self.stopping.load(std::sync::atomic::Ordering::Acquire) {
            return Err(Error::unavailable("the server is stopping"));
        }
        Ok(())
    }
}

fn with_free_slots(executors: Vec<v1::ExecutorStatus>, busy: &BTreeMap<String, usize>) -> Vec<v1::ExecutorStatus> {
    let with = |mut executor: v1::ExecutorStatus| {
        let at_work = busy.get(&executor.id).copied().unwrap_or(0) as u32;
        executor.free_slots = executor.slots.saturating_sub(at_work);
        executor
    };
    executors.into_iter().map(with).collect()
}
