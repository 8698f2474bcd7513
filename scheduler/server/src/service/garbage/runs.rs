//! Garbage of runs: uploads that nobody committed, working files of ended runs, and records of runs that nobody can ask for.
//! Also what reads have laid out.

use std::collections::{HashMap, HashSet};

use futures::TryStreamExt;
use mangonel_catalog::access::system;
use mangonel_proto::{
    Error, Result,
    names::{Principal, RunId},
    v1::{self, GarbageKind, RunKind, RunState},
};

use super::{Clean, FeatureStore, KnownRun, Sweep};
use crate::service::{insert::commit_path, route::READS, run_folder};

/// Files of a run's folder that are its record, which `run show` and builds from pinned inputs read.
const RECORDS: [&str; 2] = ["detail.json", "stages.json"];

impl Sweep<'_> {
    pub(super) async fn runs(&mut self) -> Result<()> {
        let folders = self.store.warehouse.folders("_runs").await?;
        // Run ids are of a project, their folders are not: one id may be known to several.
        let mut known: HashMap<String, Vec<KnownRun>> = HashMap::new();
        let projects = self.projects().await?;
        for project in &projects {
            for (run_id, run) in self.known_runs(project).await? {
                known.entry(run_id).or_default().push(run);
            }
        }
        let mut building = HashSet::new();
        for project in &projects {
            let (datasets, _) = self.store.catalog.list_training_datasets(&system(project), "").await?;
            building.extend(datasets.into_iter().filter_map(|dataset| Some(dataset.value.generation?.run_id)));
        }
        for run_id in folders {
            match known.get(&run_id).map(Vec::as_slice) {
                None => self.forgotten_run(&run_id, building.contains(&run_id)).await?,
                Some([run]) if run.is_prepared() && run.kind == RunKind::Insert => {
                    self.open_insert(&run_id, run).await?;
                }
                Some(runs) if runs.iter().any(KnownRun::is_prepared) => {}
                Some(runs) if runs.iter().all(|run| self.is_old(run.updated_ms)) => {
                    self.working_files(&run_id, GarbageKind::RunFile).await?;
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// `needed`: a generation was built by it, whose record says how to build it again.
    async fn forgotten_run(&mut self, run_id: &str, needed: bool) -> Result<()> {
        let folder = run_folder(run_id);
        let mut files = self.store.warehouse.walk(&folder);
        while let Some(found) = files.try_next().await? {
            let is_record = is_record(&folder, &found.path);
            if !self.is_old(found.modified_ms) || (is_record && needed) {
                continue;
            }
            let kind = if is_record { GarbageKind::ForgottenRun } else { GarbageKind::RunFile };
            self.garbage(kind, run_id, &found).await;
        }
        self.tidy(&folder).await;
        Ok(())
    }

    /// Everything of a run but its record.
    async fn working_files(&mut self, run_id: &str, kind: GarbageKind) -> Result<()> {
        let folder = run_folder(run_id);
        let mut files = self.store.warehouse.walk(&folder);
        while let Some(found) = files.try_next().await? {
            if self.is_old(found.modified_ms) && !is_record(&folder, &found.path) {
                self.garbage(kind, run_id, &found).await;
            }
        }
        self.tidy(&folder).await;
        Ok(())
    }

    /// An insert that was begun and has not ended: abandoned unless something came for it lately.
    async fn open_insert(&mut self, run_id: &str, run: &KnownRun) -> Result<()> {
        if self.store.live.get(run_id).is_some() || self.store.uploads.contains(run_id) {
            return Ok(());
        }
        let mut newest_ms = run.updated_ms;
        let mut files = self.store.warehouse.walk(&run_folder(run_id));
        while let Some(found) = files.try_next().await? {
            if found.path == commit_path(run_id) {
                // Its commit was asked for: a server that starts goes on with it.
                return Ok(());
            }
            newest_ms = newest_ms.max(found.modified_ms);
        }
        if !self.is_old(newest_ms) {
            return Ok(());
        }
        if self.clean == Clean::Remove && !self.store.abandon(&run.project, run_id).await? {
            return Ok(());
        }
        self.class(GarbageKind::AbandonedUpload, run_id);
        self.working_files(run_id, GarbageKind::AbandonedUpload).await
    }

    pub(super) async fn reads(&mut self) -> Result<()> {
        for read in self.store.warehouse.folders(READS).await? {
            let folder = format!("{READS}/{read}");
            if self.store.route_folders.contains(&folder) {
                continue;
            }
            let mut files = self.store.warehouse.walk(&folder);
            while let Some(found) = files.try_next().await? {
                if self.is_old(found.modified_ms) {
                    self.garbage(GarbageKind::ReadFile, &read, &found).await;
                }
            }
            self.tidy(&folder).await;
        }
        Ok(())
    }
}

impl FeatureStore {
    /// Ends an insert that nobody will commit; says whether it is over. Its rows can no longer become visible.
    async fn abandon(&self, project: &str, run_id: &str) -> Result<bool> {
        // Held like a run at work, so that nobody commits it meanwhile.
        let Some(_held) = self.live.enter(run_id, 1) else { return Ok(false) };
        let ended = self.abandon_held(project, run_id).await;
        match &ended {
            Ok(Some(run)) => {
                let failure = run.failure.clone().map(Error::from_message);
                self.live.leave(run_id, run.state(), failure.as_ref());
            }
            _ => self.live.release(run_id),
        }
        Ok(ended?.is_some_and(|run| run.state() != RunState::Committed))
    }

    async fn abandon_held(&self, project: &str, run_id: &str) -> Result<Option<v1::Run>> {
        let who = Principal::local(project);
        let run = self.catalog.get_run(&who, run_id).await?;
        if run.value.state() != RunState::Prepared || self.uploads.contains(run_id) {
            return Ok(None);
        }
        let abandoned =
            Error::cancelled("abandoned: it was begun and never committed, so nothing of it is visible; insert again");
        let settled = self.settle_by_log(&who, &run.value, &RunId::parse(run_id)?, abandoned).await?;
        self.end_run(&who, run, settled).await.map(Some)
    }
}

fn is_record(folder: &str, path: &str) -> bool {
    let name = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
    name.is_some_and(|name| RECORDS.contains(&name))
}
