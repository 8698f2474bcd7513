//! Garbage of training datasets: shards of builds that did not commit, generations that were replaced, and datasets that
//! were deleted.

use std::collections::HashSet;

use futures::TryStreamExt;
use mangonel_catalog::access::system;
use mangonel_proto::{
    ErrorCode, Result,
    names::RunId,
    v1::{self, GarbageKind, RunState},
};
use mangonel_storage::dataset::MANIFEST_NAME;
use mangonel_tfrecord::SCHEMA_FILE_NAME;

use super::{KnownRun, Sweep};

impl Sweep<'_> {
    pub(super) async fn training_datasets(&mut self, project: &str) -> Result<()> {
        let home = format!("{project}/{project}_Training_Datasets");
        let folders = self.store.warehouse.folders(&home).await?;
        let (datasets, _) = self.store.catalog.list_training_datasets(&system(project), "").await?;
        let deletions = self.store.catalog.list_deleted_training_datasets(&system(project)).await?;
        let locations: HashSet<&str> = datasets.iter().map(|dataset| dataset.value.location.as_str()).collect();
        for folder in &folders {
            let location = format!("{home}/{folder}");
            if !locations.contains(location.as_str()) && self.deletion_of(project, folder, &deletions).await?.is_some()
            {
                self.deleted_folder(&location).await?;
            }
        }
        for dataset in &datasets {
            self.dataset(project, &dataset.value).await?;
        }
        Ok(())
    }

    async fn dataset(&mut self, project: &str, dataset: &v1::TrainingDataset) -> Result<()> {
        let location = dataset.location.as_str();
        let folders = self.store.warehouse.folders(location).await?;
        let runs = self.known_runs(project).await?;
        // After the runs: the generation of one that has committed by then is this one, or one that replaced it.
        let found = self.store.catalog.get_training_dataset(&system(project), &dataset.name, dataset.version).await;
        let current = match found {
            Ok(found) if found.value.location == location => found.value.generation,
            Ok(_) => return Ok(()),
            Err(error) if error.code == ErrorCode::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for run_id in folders {
            if RunId::parse(&run_id).is_err() || self.store.live.get(&run_id).is_some() {
                continue;
            }
            let is_current = current.as_ref().is_some_and(|current| current.run_id == run_id);
            let kind = match (runs.get(&run_id), &current) {
                (Some(run), _) if run.is_prepared() => continue,
                // No run commits without a generation.
                (Some(KnownRun { state: RunState::Committed, .. }), None) => continue,
                (Some(KnownRun { state: RunState::Committed, .. }) | None, Some(current))
                    if !is_current && !self.is_old(current.committed_ms) =>
                {
                    continue;
                }
                (Some(KnownRun { state: RunState::Committed, .. }), Some(_)) if !is_current => {
                    GarbageKind::OldGeneration
                }
                (Some(run), _) if !self.is_old(run.updated_ms) => continue,
                _ => GarbageKind::Shard,
            };
            self.build_files(location, &run_id, kind, is_current).await?;
        }
        // On their way to be the copies of manifest and schema that lie beside the runs' folders.
        let mut files = self.store.warehouse.walk(location);
        while let Some(found) = files.try_next().await? {
            let is_beside = found.path.strip_prefix(location).is_some_and(|rest| rest.rfind('/') == Some(0));
            if is_beside && self.is_stuck(&found) {
                self.garbage(GarbageKind::Temporary, location, &found).await;
            }
        }
        Ok(())
    }

    /// Of the committed generation only what is no part of it.
    async fn build_files(&mut self, location: &str, run_id: &str, kind: GarbageKind, is_current: bool) -> Result<()> {
        let folder = format!("{location}/{run_id}");
        let mut files = self.store.warehouse.walk(&folder);
        while let Some(found) = files.try_next().await? {
            if !self.is_old(found.modified_ms) {
                continue;
            }
            let name = found.path.strip_prefix(&folder).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default();
            let is_attempt = name.starts_with("_attempts/");
            if is_attempt || self.is_stuck(&found) || (!is_current && is_of_a_build(name)) {
                self.garbage(kind, run_id, &found).await;
            }
        }
        self.tidy(&folder).await;
        Ok(())
    }
}

/// Whether a build writes files of this name into its folder. What people have put there is theirs.
fn is_of_a_build(name: &str) -> bool {
    let last = name.rsplit('/').next().unwrap_or_default();
    name.starts_with("_done/") || last.starts_with("part-r-") || last == MANIFEST_NAME || last == SCHEMA_FILE_NAME
}
