//! What a feature store does, one file per noun. Resolves names with the catalog, plans with the planner, runs on the
//! engine; the fronts (Flight, HTTP) only translate.

mod bounds;
mod build;
mod feature_group;
mod insert;
mod metadata;
mod project;
mod read;
mod rebuild;
mod route;
mod run;
mod sql;
mod status;
mod training_dataset;

pub(crate) use route::clear_reads;
pub use sql::SqlOptions;

use std::{path::PathBuf, sync::Arc};

use mangonel_catalog::Catalog;
use mangonel_proto::{
    Error, Result,
    names::{Principal, RunId, check_name},
    v1::{RunKind, RunState},
};
use mangonel_storage::warehouse::Warehouse;

use crate::{
    conversions::now_ms,
    engine::Engine,
    flight::tickets::TicketSigner,
    members::Members,
    metrics::{Metrics, RunLabels},
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
    /// Folder for uploads on their way into the warehouse.
    pub(crate) staging: PathBuf,
    pub(crate) memory_bytes: usize,
    /// Largest group that is sent whole to every task.
    pub(crate) broadcast_bytes_max: u64,
    started_ms: i64,
    reads: read::Reads,
    queries: sql::Queries,
}

impl FeatureStore {
    /// # Errors
    /// `internal` when no key for tickets can be made, and when queries get no folder or no threads.
    pub(crate) fn try_new(
        catalog: Catalog,
        warehouse: Arc<Warehouse>,
        engine: Arc<dyn Engine>,
        members: Arc<Members>,
        staging: PathBuf,
        memory_bytes: usize,
        broadcast_bytes_max: u64,
        sql: SqlOptions,
    ) -> Result<Self> {
        let queries = sql::Queries::try_new(sql, &staging)?;
        Ok(Self {
            catalog,
            warehouse,
            engine,
            members,
            live: LiveRuns::default(),
            metrics: Metrics::default(),
            tickets: TicketSigner::try_new()?,
            staging,
            memory_bytes,
            broadcast_bytes_max,
            started_ms: now_ms(),
            reads: read::Reads::default(),
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

    /// Cancels what is at work and waits a moment for it to end.
    pub(crate) async fn stop(&self) {
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

    /// Counts an ended run.
    pub(crate) fn count_run(&self, kind: RunKind, state: RunState, seconds: f64, rows: u64, bytes: u64) {
        let kind = match kind {
            RunKind::Insert => "insert",
            RunKind::Build => "build",
            RunKind::Rebuild => "rebuild",
            RunKind::Unspecified => "unspecified",
        };
        let state = match state {
            RunState::Committed => "committed",
            RunState::Cancelled => "cancelled",
            _ => "failed",
        };
        self.metrics.runs.get_or_create(&RunLabels { kind, state }).inc();
        self.metrics.run_seconds.observe(seconds);
        if state == "committed" {
            self.metrics.rows_written.inc_by(rows);
            self.metrics.bytes_written.inc_by(bytes);
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
