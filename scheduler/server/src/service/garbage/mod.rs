//! Garbage: files of the warehouse that no reader, run or version can ever need again. Each class has a file of its own;
//! this one asks, counts and removes.
//!
//! Nothing here may take away what somebody commits at the same time. Files are listed first, then it is looked up which runs
//! have not ended, then what is committed: a run that was seen to have ended commits nothing after that look, and one that
//! began later has no file in the listing.

mod datasets;
mod runs;
mod tables;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use futures::TryStreamExt;
use mangonel_catalog::access::system;
use mangonel_proto::{
    Error, Result,
    names::Principal,
    v1::{self, GarbageKind, RunKind, RunState},
};
use mangonel_storage::walk::Found;

use super::FeatureStore;
use crate::conversions::now_ms;

/// What is younger is left alone unless something else is asked for.
const OLDER_THAN_S: u64 = 24 * 3600;
/// Less must be asked for by name: uploads may pause, and tickets of reads are good for an hour.
const OLDER_THAN_S_MIN: u64 = 3600;
/// A file on its way is left alone for so long whatever is asked for: its writer may be about to give it its name.
const TEMPORARY_MS_MIN: i64 = 60_000;
/// Paths of one class that an answer names at most.
const PATHS_MAX: u32 = 100_000;
/// Things left alone that an answer names at most.
const KEPT_MAX: usize = 100;

/// What becomes of garbage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Clean {
    /// It is counted.
    Look,
    Remove,
}

impl FeatureStore {
    /// Looks for garbage in the whole warehouse, and removes it if that is asked for.
    ///
    /// # Errors
    /// `permission_denied`; `invalid_argument` for an age that would hit what is at work; `conflict` while another call
    /// removes garbage.
    pub(crate) async fn clean(
        self: &Arc<Self>,
        who: &Principal,
        query: v1::GarbageQuery,
        clean: Clean,
    ) -> Result<v1::GarbageReport> {
        self.catalog.may_clean(who)?;
        let older_than_s = query.older_than_s.unwrap_or(OLDER_THAN_S);
        if older_than_s < OLDER_THAN_S_MIN && !query.even_young {
            return Err(Error::invalid(
                "what is younger than an hour may be of uploads and reads at work: ask for what is older than an hour, or, \
                 where nobody uploads or reads, for even the young (`--even-young`)",
            ));
        }
        let store = Arc::clone(self);
        // A task of its own: a client that goes away must not stop it in the middle of a run that it holds.
        let swept = tokio::spawn(async move {
            let _alone = match clean {
                Clean::Look => None,
                Clean::Remove => Some(store.cleaning.try_lock().map_err(|_| {
                    Error::conflict("another call is removing garbage at this moment: list again when it is done")
                })?),
            };
            let mut sweep = Sweep::new(&store, clean, older_than_s, query.paths.min(PATHS_MAX) as usize);
            sweep.everything().await?;
            Ok::<_, Error>(sweep.report(older_than_s))
        });
        swept.await.map_err(|error| Error::internal(format!("cleaning ended without an answer: {error}")))?
    }
}

/// What is known of a run that files belong to.
#[derive(Clone, Debug)]
struct KnownRun {
    project: String,
    kind: RunKind,
    state: RunState,
    target: (String, u32),
    updated_ms: i64,
}

type KnownRuns = HashMap<String, KnownRun>;

/// One way through the warehouse.
struct Sweep<'a> {
    store: &'a FeatureStore,
    clean: Clean,
    started_ms: i64,
    cutoff_ms: i64,
    paths_max: usize,
    classes: BTreeMap<i32, Class>,
    kept: Vec<String>,
}

#[derive(Default)]
struct Class {
    counted: v1::GarbageClass,
    /// Owners come one after the other.
    last_owner: String,
}

impl<'a> Sweep<'a> {
    fn new(store: &'a FeatureStore, clean: Clean, older_than_s: u64, paths_max: usize) -> Self {
        let started_ms = now_ms();
        let older_ms = i64::try_from(older_than_s.saturating_mul(1000)).unwrap_or(i64::MAX);
        let cutoff_ms = started_ms.saturating_sub(older_ms);
        Self { store, clean, started_ms, cutoff_ms, paths_max, classes: BTreeMap::new(), kept: Vec::new() }
    }

    async fn everything(&mut self) -> Result<()> {
        self.runs().await?;
        self.reads().await?;
        self.probes().await?;
        for project in self.projects().await? {
            self.feature_groups(&project).await?;
            self.training_datasets(&project).await?;
        }
        Ok(())
    }

    fn report(self, older_than_s: u64) -> v1::GarbageReport {
        let classes: Vec<v1::GarbageClass> = self.classes.into_values().map(|class| class.counted).collect();
        let left = match self.clean {
            Clean::Look => classes.iter().map(|class| class.bytes).sum(),
            Clean::Remove => 0,
        };
        self.store.metrics.garbage_bytes.set(i64::try_from(left).unwrap_or(i64::MAX));
        v1::GarbageReport { classes, kept: self.kept, older_than_s, deleted: self.clean == Clean::Remove }
    }

    fn is_old(&self, ms: i64) -> bool {
        ms <= self.cutoff_ms
    }

    fn class(&mut self, kind: GarbageKind, owner: &str) -> &mut v1::GarbageClass {
        let class = self.classes.entry(kind.into()).or_insert_with(|| {
            let counted = v1::GarbageClass { kind: kind.into(), why: why(kind).into(), ..Default::default() };
            Class { counted, last_owner: String::new() }
        });
        if class.last_owner != owner {
            owner.clone_into(&mut class.last_owner);
            class.counted.owners += 1;
        }
        &mut class.counted
    }

    /// Counts a file as garbage, and removes it if that is asked for.
    async fn garbage(&mut self, kind: GarbageKind, owner: &str, found: &Found) {
        if self.clean == Clean::Remove
            && let Err(error) = self.store.warehouse.remove(found).await
        {
            self.keep(format!("`{}` could not be removed: {error}", found.path));
            return;
        }
        let paths_max = self.paths_max;
        let class = self.class(kind, owner);
        class.files += 1;
        class.bytes += found.bytes;
        if class.oldest_ms == 0 || found.modified_ms < class.oldest_ms {
            class.oldest_ms = found.modified_ms;
        }
        if class.paths.len() < paths_max {
            class.paths.push(found.path.clone());
        }
    }

    fn keep(&mut self, what: String) {
        tracing::info!(what, "garbage that is left alone");
        if self.kept.len() < KEPT_MAX {
            self.kept.push(what);
        }
    }

    async fn tidy(&self, folder: &str) {
        if self.clean == Clean::Remove {
            self.store.warehouse.remove_empty_folders(folder).await;
        }
    }

    async fn projects(&self) -> Result<Vec<String>> {
        let projects = self.store.catalog.list_projects(&system("default")).await?;
        Ok(projects.into_iter().map(|project| project.value.name).collect())
    }

    /// The runs of a project that its index knows.
    async fn known_runs(&self, project: &str) -> Result<KnownRuns> {
        let runs = self.store.catalog.list_runs(&system(project), 0).await?;
        let known = |run: v1::Run| {
            let (kind, state) = (run.kind(), run.state());
            let target = (run.target_name, run.target_version);
            (run.id, KnownRun { project: run.project, kind, state, target, updated_ms: run.updated_ms })
        };
        Ok(runs.into_iter().map(|run| known(run.value)).collect())
    }

    /// What executors left behind to prove that they can write, and the scheduler did not come to look for.
    async fn probes(&mut self) -> Result<()> {
        let mut files = self.store.warehouse.walk("_mangonel/probes");
        while let Some(found) = files.try_next().await? {
            // A server's own is written anew at each start.
            if self.is_old(found.modified_ms) && !found.path.ends_with("/server") {
                self.garbage(GarbageKind::Temporary, "probes", &found).await;
            }
        }
        Ok(())
    }

    /// Whether a file that was on its way will never arrive.
    fn is_stuck(&self, found: &Found) -> bool {
        found.is_half() && self.is_old(found.modified_ms) && found.modified_ms <= self.started_ms - TEMPORARY_MS_MIN
    }
}

impl KnownRun {
    fn is_prepared(&self) -> bool {
        self.state == RunState::Prepared
    }
}

fn why(kind: GarbageKind) -> &'static str {
    match kind {
        GarbageKind::AbandonedUpload => "uploads that nobody committed",
        GarbageKind::RunFile => "working files of runs that have ended",
        GarbageKind::ForgottenRun => "records of runs that the list of runs has forgotten",
        GarbageKind::DataFile => "data files that no version of their table names",
        GarbageKind::Shard => "shards of builds that did not commit",
        GarbageKind::OldGeneration => "generations that a later one has replaced",
        GarbageKind::Deleted => "feature groups and training datasets that were deleted",
        GarbageKind::Temporary => "files that were on their way when their writer ended",
        GarbageKind::ReadFile => "rows that reads have laid out",
        GarbageKind::Unspecified => "",
    }
}
