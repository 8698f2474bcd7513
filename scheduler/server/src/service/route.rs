//! Lays rows out anew where a request joins on other columns than tables are laid out by: one leaf job per route, whose files
//! are listed in the warehouse once they are all there. A run that goes on finds them.

use std::{collections::BTreeSet, sync::Arc};

use mangonel_operators::{
    columns::feature_columns, error::to_wire, record::TaskRecord, route::RouteTarget, route::route_job,
    scan::ScannedFile,
};
use mangonel_proto::{Error, Result, wire};
use mangonel_storage::{hash::hash_range_of, warehouse::Warehouse};
use serde::{Deserialize, Serialize};

use super::{
    FeatureStore, broken,
    in_use::{InUse, Use},
    run_folder,
};
use crate::{
    assemble::{PinnedQuery, Route, Routed, route_buckets},
    engine::LeafJob,
    runs::LiveRun,
};

/// The files of one route, as the warehouse keeps them.
#[derive(Serialize, Deserialize)]
struct Listing {
    format: u32,
    buckets: u32,
    files: Vec<ListedFile>,
}

#[derive(Serialize, Deserialize)]
struct ListedFile {
    path: String,
    bytes: u64,
    bucket: u32,
}

impl FeatureStore {
    /// Runs what [`PinnedQuery::routes`] asks for, into `folder` of the warehouse; afterwards the query can be planned.
    ///
    /// # Errors
    /// What a job failed with.
    pub(super) async fn route(&self, folder: &str, pinned: &mut PinnedQuery, live: &LiveRun) -> Result<()> {
        for route in pinned.routes() {
            let routed = self.lay_out(folder, pinned, route, live).await?;
            pinned.add_routed(route, routed);
        }
        Ok(())
    }

    async fn lay_out(&self, folder: &str, pinned: &PinnedQuery, route: Route, live: &LiveRun) -> Result<Routed> {
        let (name, run_id) = (route_name(route), live.run_id());
        let listing = format!("{folder}/{name}.json");
        let plan = pinned.route_plan(route, self.engine.slots())?;
        let schema = feature_columns(&plan.input.schema());
        let text = pinned.route_text(route);
        live.step(format!("routing {text}"), plan.rows);
        let stored = match self.warehouse.get(&listing).await? {
            Some(stored) => stored,
            None => {
                let location = format!("{folder}/{name}");
                let buckets = route_buckets(self.engine.slots());
                let outcome = self.run_job(live, || async {
                    let target = RouteTarget {
                        run_id: run_id.to_owned(),
                        location: location.clone(),
                        keys: plan.keys.clone(),
                        ties: plan.ties.clone(),
                        buckets,
                        spread_nulls_by: plan.spread_nulls_by.clone(),
                    };
                    let job = route_job(plan.input.clone(), target).map_err(|error| to_wire(&error))?;
                    Ok(LeafJob { name: format!("route {text}"), run_id: run_id.to_owned(), plan: job })
                });
                let files = listed(&location, outcome.await?.records)?;
                let body = wire::to_body(&Listing { format: 1, buckets, files })?;
                self.warehouse.put_if_absent(&listing, body).await?;
                // Another hand may work on this run too: the stored listing counts, whole.
                self.warehouse.get(&listing).await?.ok_or_else(|| broken("the listing of a route vanished"))?
            }
        };
        let listing: Listing = wire::from_body(&stored)?;
        let files = listing.files.into_iter().map(|file| ScannedFile {
            path: file.path,
            bytes: file.bytes,
            hashes: hash_range_of(file.bucket, listing.buckets),
            commit: Some(0),
            partition: Vec::new(),
        });
        Ok(Routed { buckets: listing.buckets, files: files.collect(), schema })
    }
}

/// The route files of a read, which go when nobody can ask for its rows any more.
pub(super) struct RouteFolder {
    warehouse: Arc<Warehouse>,
    folder: String,
    _use: Use,
}

impl RouteFolder {
    pub(super) fn new(warehouse: &Arc<Warehouse>, read: &str, folders: &InUse) -> Self {
        let folder = format!("{READS}/{read}");
        Self { warehouse: Arc::clone(warehouse), _use: folders.enter(&folder), folder }
    }

    pub(super) fn path(&self) -> &str {
        &self.folder
    }
}

impl Drop for RouteFolder {
    fn drop(&mut self) {
        let (warehouse, folder) = (Arc::clone(&self.warehouse), std::mem::take(&mut self.folder));
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { empty(&warehouse, &folder).await });
        }
    }
}

/// Folder of what reads have laid out.
pub(super) const READS: &str = "_reads";

/// Removes what the reads of an earlier process have left: tickets do not outlive it. For the start, before the first read.
pub(crate) async fn clear_reads(warehouse: &Warehouse) {
    empty(warehouse, READS).await;
}

/// Removes whatever is in a folder that nobody reads any more.
pub(super) async fn empty(warehouse: &Warehouse, folder: &str) {
    let Ok(files) = warehouse.list(folder).await else { return };
    for path in files.keys() {
        if let Err(error) = warehouse.delete(path).await {
            tracing::warn!(path, %error, "a file that is no longer needed stayed behind");
        }
    }
}

fn listed(location: &str, records: Vec<TaskRecord>) -> Result<Vec<ListedFile>> {
    let mut names = BTreeSet::new();
    let files = records.into_iter().map(|record| {
        let TaskRecord::File(written) = record else { return Err(broken("a route wrote something else")) };
        let bucket = written.file.tags.bucket.ok_or_else(|| broken("a route wrote a file of no bucket"))?;
        if !names.insert(written.file.path.clone()) {
            return Err(Error::unavailable("a file of a route was told of twice"));
        }
        Ok(ListedFile { path: format!("{location}/{}", written.file.path), bytes: written.file.size, bucket })
    });
    files.collect()
}

fn route_name(route: Route) -> String {
    match route {
        Route::Base { stage } => format!("{stage}-base"),
        Route::Child { stage, edge } => format!("{stage}-child-{edge}"),
    }
}

/// Where a run keeps its route files.
pub(super) fn routes_folder(run_id: &str) -> String {
    format!("{}/route", run_folder(run_id))
}
