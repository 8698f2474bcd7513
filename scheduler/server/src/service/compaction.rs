//! Compaction: files of many small inserts become few large ones, by hand or by itself after an insert.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use datafusion::common::ScalarValue;
use mangonel_operators::{
    rewrite::RewriteSet,
    scan::{MERGED_LAYERS_MAX, ScannedFile},
};
use mangonel_planner::compaction::{CommittedFiles, worth_merging};
use mangonel_proto::{
    Result,
    names::{Principal, RunId},
    v1::{self, RunKind},
};
use mangonel_storage::table::{Rewrite, commit_rewrite};

use super::{FeatureStore, insert::bucket_count, rewrite::RewriteSpec, run::RunResult, run_id_or_new};
use crate::{
    pins::{Moment, PinnedTable, pin},
    runs::LiveRun,
};

/// Ids of the groups that are being compacted by themselves.
pub(super) type Compacting = Mutex<HashSet<String>>;

impl FeatureStore {
    /// Starts a run that writes the files of a group anew, one sorted file for each bucket of a partition.
    ///
    /// # Errors
    /// `not_found`; `conflict` for a run id of something else.
    pub(crate) async fn compact_feature_group(
        self: &Arc<Self>,
        who: &Principal,
        request: v1::CompactFeatureGroup,
    ) -> Result<v1::Run> {
        let group = self.catalog.get_feature_group(who, &request.name, request.version).await?.value;
        self.start_compaction(who, group, run_id_or_new(&request.run_id)?, 1, usize::MAX).await.map(|(run, _)| run)
    }

    /// Compacts a group whose readers have too much to merge. What goes wrong is told by the run: the insert before it is
    /// committed.
    pub(super) async fn compact_if_layered(self: &Arc<Self>, who: &Principal, name: &str, version: u32) {
        if self.compact_after == 0 {
            return;
        }
        let compacted = async {
            let group = self.catalog.get_feature_group(who, name, version).await?.value;
            let table = pin(&self.warehouse, &group, Moment::Latest).await?;
            if file_sets(&table, self.compact_after, MERGED_LAYERS_MAX).is_empty() || !self.claim(&group.id) {
                return Ok(());
            }
            let (id, run_id) = (group.id.clone(), run_id_or_new("")?);
            let mut started = self.start_compaction(who, group, run_id, self.compact_after, MERGED_LAYERS_MAX).await;
            if let Ok((_, Some(ended))) = &mut started {
                let _ = ended.await;
            }
            self.compacting.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
            started.map(drop)
        };
        if let Err(error) = compacted.await {
            tracing::warn!(name, version, %error, "the group was not compacted: the next insert tries again");
        }
    }

    /// `false` while the group is being compacted.
    fn claim(&self, id: &str) -> bool {
        self.compacting.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned())
    }

    async fn start_compaction(
        self: &Arc<Self>,
        who: &Principal,
        group: v1::FeatureGroup,
        run_id: RunId,
        layers_max: usize,
        merged_max: usize,
    ) -> Result<(v1::Run, Option<tokio::task::JoinHandle<v1::RunState>>)> {
        let place = self.admission.enter()?;
        let (run, created) = self.begin_run(who, &run_id, RunKind::Rewrite, (&group.name, group.version)).await?;
        let answer = run.value.clone();
        if !created {
            return Ok((answer, None));
        }
        self.record_rewrite(&run_id, &RewriteSpec::default()).await?;
        let Some(live) = self.live.enter(run_id.as_str(), 2) else { return Ok((answer, None)) };
        let ended = self.spawn_run(who, run, live, place, move |store, live| async move {
            Ok((store.compact(&run_id, &group, &live, layers_max, merged_max).await?, false))
        });
        Ok((answer, Some(ended)))
    }

    async fn compact(
        &self,
        run_id: &RunId,
        group: &v1::FeatureGroup,
        live: &LiveRun,
        layers_max: usize,
        merged_max: usize,
    ) -> Result<RunResult> {
        let table = pin(&self.warehouse, group, Moment::Latest).await?;
        let sets = file_sets(&table, layers_max, merged_max);
        if sets.is_empty() {
            return Ok(RunResult { table_version: table.version, ..Default::default() });
        }
        let files = sets.iter().map(|set| set.files.len()).sum::<usize>();
        live.step(format!("merging {files} files of {}_{}", group.name, group.version), 0);
        let removed = sets.iter().flat_map(|set| &set.files).map(|file| file.path.clone()).collect();
        let added = self.rewrite(run_id, group, &table, sets, live).await?;
        live.step("committing", 0);
        let (rows, bytes) = (added.iter().map(|file| file.rows).sum(), added.iter().map(|file| file.size).sum());
        let rewrite = Rewrite { removed, added, columns: None };
        let outcome = commit_rewrite(&self.warehouse, &group.location, run_id, &rewrite).await?;
        Ok(RunResult { rows, bytes, table_version: outcome.version.unwrap_or_default() })
    }
}

/// What to merge so that readers merge at most `layers_max` sorted runs of each bucket.
fn file_sets(table: &PinnedTable, layers_max: usize, merged_max: usize) -> Vec<RewriteSet> {
    let mut partitions: HashMap<&[ScalarValue], BTreeMap<i64, Vec<&ScannedFile>>> = HashMap::new();
    for (file, statistics) in table.files.iter().zip(table.statistics.iter()) {
        partitions.entry(&file.partition).or_default().entry(statistics.added).or_default().push(file);
    }
    let set = |commits: BTreeMap<i64, Vec<&ScannedFile>>| {
        let commits: Vec<Vec<&ScannedFile>> = commits.into_values().collect();
        let sizes: Vec<CommittedFiles> = commits.iter().map(|files| size_of(files)).collect();
        let chosen = worth_merging(&sizes, layers_max, merged_max);
        let files: Vec<ScannedFile> = chosen.iter().flat_map(|commit| &commits[*commit]).copied().cloned().collect();
        set_of(table, files)
    };
    let mut sets: Vec<RewriteSet> = partitions.into_values().filter_map(set).collect();
    sets.sort_by(|left, right| left.files[0].path.cmp(&right.files[0].path));
    sets
}

/// Files of one partition that are to become one sorted run; `None` without any.
pub(super) fn set_of(table: &PinnedTable, files: Vec<ScannedFile>) -> Option<RewriteSet> {
    let bytes = files.iter().map(|file| file.bytes).sum();
    (!files.is_empty()).then(|| RewriteSet { files, buckets: bucket_count(table.bytes(), bytes) })
}

fn size_of(files: &[&ScannedFile]) -> CommittedFiles {
    let mut of_bucket: HashMap<(u64, u64), usize> = HashMap::new();
    for file in files {
        *of_bucket.entry(file.hashes).or_default() += 1;
    }
    CommittedFiles {
        bytes: files.iter().map(|file| file.bytes).sum(),
        layers: of_bucket.into_values().max().unwrap_or_default(),
    }
}
