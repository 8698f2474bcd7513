//! What a feature store does, one file per noun. Resolves names with the catalog, plans with the planner, runs on the
//! engine; the fronts (Flight, HTTP) only translate.

mod bounds;
mod build;
mod compaction;
mod evolution;
mod feature_group;
mod garbage;
mod in_use;
mod insert;
mod metadata;
mod project;
mod read;
mod rebuild;
mod rewrite;
mod route;
mod run;
mod sql;
mod status;
mod training_dataset;

pub(crate) use garbage::Clean;
pub(crate) use route::clear_reads;
pub use sql::SqlOptions;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use mangonel_catalog::Catalog;
use mangonel_proto::{
    Error, Result,
    names::{Principal, RunId, check_name},
};
use mangonel_storage::warehouse::Warehouse;

use crate::{
    admission::{Limits, Queue, ReadPlaces, Wording},
    conversions::now_ms,
    engine::Engine,
    flight::tickets::TicketSigner,
    imports::ImportRoots,
    members::Members,
    metrics::Metrics,
    runs::LiveRuns,
};

/// A feature store: everything that the fronts call.
pub(crate) struct FeatureStore {
    pub(crate) catalog: Catalog,
    pub(crate) warehouse: Arc<Warehouse>,
    pub(crate) engine: Arc<dyn Engine>,
    /// Executors; none on the local engine.
    pub(crate) members: Arc<Members>,
    pub(crate) live: LiveRuns,
    pub(crate) metrics: Metrics,
    pub(crate) tickets: TicketSigner,
    /// Runs and computed reads that work, and those that wait.
    pub(crate) admission: Arc<Queue>,
    /// Reads that this process streams.
    pub(crate) reads_open: ReadPlaces,
    /// Folder for uploads on their way into the warehouse.
    pub(crate) staging: PathBuf,
    pub(crate) memory_bytes: usize,
    /// Largest group that is sent whole to every task.
    pub(crate) broadcast_bytes_max: u64,
    /// Sorted runs that readers of a feature group may have to merge before it is compacted; 0 leaves it to people.
    compact_after: usize,
    compacting: compaction::Compacting,
    pub(crate) imports: ImportRoots,
    started_ms: i64,
    reads: read::Reads,
    /// Whether runs are interrupted because the server stops.
    stopping: AtomicBool,
    /// Inserts that a part is being uploaded of.
    uploads: in_use::InUse,
    /// Folders of what reads have laid out.
    route_folders: in_use::InUse,
    /// Held by the one call that removes garbage.
    cleaning: tokio::sync::Mutex<()>,
    queries: sql::Queries,
}

/// What an operator has chosen for a store.
pub(crate) struct StoreOptions {
    pub staging: PathBuf,
    pub memory_bytes: usize,
    pub broadcast_bytes_max: u64,
    pub compact_after: usize,
    pub imports: ImportRoots,
    pub limits: Limits,
    pub sql: SqlOptions,
}

/// Memory that a read which is streamed should have in this process.
const READ_BYTES: usize = 32 << 20;
/// Reads at the same time, where memory would allow fewer or more.
const READS_MIN: usize = 8;
const READS_MAX: usize = 256;

impl FeatureStore {
    /// # Errors
    /// `internal` when no key for tickets can be made, and when queries get no folder or no threads.
    pub(crate) fn try_new(
        catalog: Catalog,
        warehouse: Arc<Warehouse>,
        engine: Arc<dyn Engine>,
        members: Arc<Members>,
        options: StoreOptions,
    ) -> Result<Self> {
        let StoreOptions { staging, memory_bytes, broadcast_bytes_max, compact_after, imports, limits, sql } = options;
        let queries = sql::Queries::try_new(sql, &staging)?;
        let runs_at_once = Arc::clone(&engine);
        let admission = Queue::new(
            Wording {
                what: "runs and computed reads",
                advice: "or let the operator raise --max-waiting or --max-running",
            },
            move || limits.running.unwrap_or_else(|| runs_at_once.runs_at_once()),
            limits.waiting,
        );
        let reads_max = limits.reads.unwrap_or_else(|| (memory_bytes / READ_BYTES).clamp(READS_MIN, READS_MAX));
        let reads = Queue::new(
            Wording { what: "reads", advice: "or let the operator raise --max-reads" },
            move || reads_max,
            limits.waiting,
        );
        Ok(Self {
            admission,
            reads_open: ReadPlaces::new(reads),
            metrics: Metrics::new(engine.name(), catalog.backend()),
            catalog,
            warehouse,
            engine,
            members,
            live: LiveRuns::default(),
            tickets: TicketSigner::try_new()?,
            staging,
            memory_bytes,
            broadcast_bytes_max,
            compact_after,
            compacting: compaction::Compacting::default(),
            imports,
            started_ms: now_ms(),
            reads: read::Reads::default(),
            stopping: AtomicBool::new(false),
            uploads: in_use::InUse::default(),
            route_folders: in_use::InUse::default(),
            cleaning: tokio::sync::Mutex::default(),
            queries,
        })
    }

    /// Who calls. The embedded server has one user, who may do everything in every project.
    ///
    /// # Errors
    /// `invalid_argument` for what cannot be the name of a project.
    pub(crate) fn authenticate(&self, project: &str) -> Result<Principal> {
        check_name("project", project)?;
        Ok(Principal::local(project))
    }

    /// Interrupts what is at work and waits a moment for it to end. The next server goes on with it.
    pub(crate) async fn stop(&self) {
        self.stopping.store(true, Ordering::Release);
        for run_id in self.live.ids() {
            self.engine.cancel(&run_id).await;
        }
        for _ in 0..40 {
            if self.live.count() == 0 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
}

/// The run id of a request, or a new one that sorts by time.
pub(crate) fn run_id_or_new(id: &str) -> Result<RunId> {
    if id.is_empty() {
        return RunId::parse(&uuid::Uuid::now_v7().to_string());
    }
    RunId::parse(id)
}

/// Folder of a run's working files in the warehouse.
pub(crate) fn run_folder(run_id: &str) -> String {
    format!("_runs/{run_id}")
}

/// An internal error for what the code rules out.
pub(crate) fn broken(what: &str) -> Error {
    Error::internal(format!("{what}: this is an error in Mangonel"))
}
