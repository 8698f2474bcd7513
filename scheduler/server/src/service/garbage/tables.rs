//! Garbage of feature groups: data files that no version names, left by tasks that failed or were lost, and tables of groups
//! that were deleted.

use std::collections::BTreeSet;

use futures::TryStreamExt;
use mangonel_catalog::{Deletion, access::system};
use mangonel_proto::{
    ErrorCode, Result,
    v1::{GarbageKind, RunKind},
};
use mangonel_storage::{
    error::StorageError,
    table::{NamedFiles, table_id, writer_of},
    walk::Found,
};

use super::{KnownRun, KnownRuns, Sweep};

/// Files that are judged at a time.
const CHUNK: usize = 10_000;

impl Sweep<'_> {
    pub(super) async fn feature_groups(&mut self, project: &str) -> Result<()> {
        let home = format!("{project}/{project}_featurestore.db");
        let folders = self.store.warehouse.folders(&home).await?;
        let (groups, _) = self.store.catalog.list_feature_groups(&system(project), "").await?;
        let deletions = self.store.catalog.list_deleted_feature_groups(&system(project)).await?;
        let locations: BTreeSet<String> = groups.into_iter().map(|group| group.value.location).collect();
        let mut pinned: Option<Vec<(String, String)>> = None;
        for folder in &folders {
            let location = format!("{home}/{folder}");
            if locations.contains(&location) {
                continue;
            }
            let Some(deletion) = self.deletion_of(project, folder, &deletions).await? else { continue };
            if pinned.is_none() {
                match self.pinned_tables(project).await {
                    Ok(tables) => pinned = Some(tables),
                    Err(error) => {
                        self.keep(format!(
                            "deleted feature groups of `{project}`, some dataset may need them: {error}"
                        ));
                        break;
                    }
                }
            }
            match table_id(&self.store.warehouse, &location).await {
                Ok(id) => {
                    let pins = |(table, by): &(String, String)| (*table == id).then(|| by.clone());
                    if let Some(dataset) = pinned.iter().flatten().find_map(pins) {
                        let title = format!("{}_{}", deletion.name, deletion.version);
                        self.keep(format!(
                            "`{location}` of the deleted feature group `{title}`: {dataset} was built from it"
                        ));
                        continue;
                    }
                }
                // An earlier clean-up was broken off behind its log.
                Err(StorageError::NotFound { .. }) => {}
                Err(error) => {
                    self.keep(format!("`{location}` of a deleted feature group: {error}"));
                    continue;
                }
            }
            self.deleted_folder(&location).await?;
        }
        for location in &locations {
            self.table(project, location).await?;
        }
        Ok(())
    }

    /// The deletion that a folder was left by, if nobody can be using it any more.
    pub(super) async fn deletion_of<'d>(
        &self,
        project: &str,
        folder: &str,
        deletions: &'d [Deletion],
    ) -> Result<Option<&'d Deletion>> {
        // One that took the place of a deleted one has a part of its id behind the version.
        let title = folder.split('-').next().unwrap_or_default();
        let found = deletions.iter().find(|deletion| format!("{}_{}", deletion.name, deletion.version) == title);
        let Some(deletion) = found.filter(|deletion| self.is_old(deletion.deleted_ms)) else { return Ok(None) };
        let runs = self.known_runs(project).await?;
        let mut at_work = runs.values().filter(|run| run.is_prepared());
        let is_used = at_work.any(|run| run.target == (deletion.name.clone(), deletion.version));
        Ok((!is_used).then_some(deletion))
    }

    /// Removes a folder with everything in it. A table's log goes last, and its first commit last of all: until then it says
    /// which table it was.
    pub(super) async fn deleted_folder(&mut self, location: &str) -> Result<()> {
        let log = format!("{location}/_delta_log/");
        let mut files = self.store.warehouse.walk(location);
        let mut commits: Vec<Found> = Vec::new();
        while let Some(found) = files.try_next().await? {
            if found.path.starts_with(&log) {
                commits.push(found);
            } else {
                self.garbage(GarbageKind::Deleted, location, &found).await;
            }
        }
        commits.sort_by(|left, right| right.path.cmp(&left.path));
        for found in &commits {
            self.garbage(GarbageKind::Deleted, location, found).await;
        }
        self.tidy(location).await;
        Ok(())
    }

    /// Data files of a live table that no version names.
    async fn table(&mut self, project: &str, location: &str) -> Result<()> {
        let log = format!("{location}/_delta_log/");
        let mut files = self.store.warehouse.walk(location);
        let (mut named, mut listed) = (None, Vec::new());
        loop {
            let found = files.try_next().await?;
            let is_last = found.is_none();
            // Names that are not of ours are for those to clean who wrote them.
            let is_ours = |found: &Found| writer_of(&found.path).is_some() && !found.path.starts_with(&log);
            listed.extend(found.filter(|found| {
                self.is_stuck(found) || (!found.is_half() && self.is_old(found.modified_ms) && is_ours(found))
            }));
            if listed.len() >= CHUNK || (is_last && !listed.is_empty()) {
                let runs = self.known_runs(project).await?;
                if let Err(error) = self.catch_up(location, &mut named).await {
                    self.keep(format!("`{location}`: its log cannot be read, so its files are left alone: {error}"));
                    return Ok(());
                }
                if let Some(named) = &named {
                    self.judge(location, std::mem::take(&mut listed), &runs, named).await;
                }
            }
            if is_last {
                return Ok(());
            }
        }
    }

    async fn catch_up(&self, location: &str, named: &mut Option<NamedFiles>) -> Result<(), StorageError> {
        match named {
            Some(named) => named.catch_up(&self.store.warehouse).await,
            None => {
                *named = Some(NamedFiles::read(&self.store.warehouse, location).await?);
                Ok(())
            }
        }
    }

    async fn judge(&mut self, location: &str, listed: Vec<Found>, runs: &KnownRuns, named: &NamedFiles) {
        for found in listed {
            let whole = found.whole_name().unwrap_or(&found.path);
            let writer = writer_of(whole).and_then(|run| runs.get(run));
            if writer.is_some_and(|run| run.is_prepared() || !self.is_old(run.updated_ms)) {
                continue;
            }
            if found.is_half() {
                self.garbage(GarbageKind::Temporary, location, &found).await;
            } else if !named.contains(&found.path) {
                self.garbage(GarbageKind::DataFile, location, &found).await;
            }
        }
    }

    /// Tables that committed datasets and builds at work were pinned to, each with what pins it.
    ///
    /// # Errors
    /// When one of them cannot be read: it may need anything.
    async fn pinned_tables(&self, project: &str) -> Result<Vec<(String, String)>> {
        let mut pinned = Vec::new();
        // Runs first: a build that is seen to have ended has its dataset below.
        let runs = self.known_runs(project).await?;
        let builds = |run: &KnownRun| matches!(run.kind, RunKind::Build | RunKind::Rebuild);
        for (run_id, run) in runs.iter().filter(|(_, run)| run.is_prepared() && builds(run)) {
            let spec = match self.store.build_spec(run_id).await {
                Ok(spec) => spec,
                // It has only begun, and what was deleted before cannot be found by it.
                Err(error) if error.code == ErrorCode::NotFound => continue,
                Err(error) => return Err(error),
            };
            let (name, version) = &run.target;
            pinned.extend(spec.table_ids().map(|id| (id.to_owned(), format!("training dataset `{name}_{version}`"))));
        }
        let (datasets, _) = self.store.catalog.list_training_datasets(&system(project), "").await?;
        for dataset in datasets.into_iter().map(|dataset| dataset.value).filter(|dataset| dataset.generation.is_some())
        {
            let title = format!("training dataset `{}_{}`", dataset.name, dataset.version);
            let (manifest, _) = self.store.manifest(&dataset).await?;
            pinned.extend(manifest.inputs.into_iter().map(|input| (input.table_id, title.clone())));
        }
        Ok(pinned)
    }
}
