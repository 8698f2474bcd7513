//! Evolution: features are added to a feature group, or its integers become wider, while its rows stay.

use std::{collections::BTreeMap, str::FromStr, sync::Arc};

use mangonel_operators::scan::ScannedFile;
use mangonel_planner::evolution::evolve;
use mangonel_proto::{
    Error, ErrorCode, Result,
    names::{Principal, RunId},
    v1::{self, RunKind},
};
use mangonel_storage::{
    table::{Rewrite, commit_rewrite},
    types::{FeatureType, arrow_schema},
};

use super::{FeatureStore, compaction::set_of, rewrite::RewriteSpec, run::RunResult, run_id_or_new};
use crate::{
    pins::{Moment, pin},
    runs::LiveRun,
};

/// How often rows of the old type may come while files are written anew; each time only theirs are left to write.
const ROUNDS_MAX: usize = 10;
/// Updates of the record that others may come before.
const UPDATES_MAX: usize = 10;

impl FeatureStore {
    /// Adds features at once, or starts the run that makes integers wider.
    ///
    /// # Errors
    /// Every change that is refused, at once; `not_found`; `conflict` for a run id of something else.
    pub(crate) async fn evolve_feature_group(
        self: &Arc<Self>,
        who: &Principal,
        request: v1::EvolveFeatureGroup,
    ) -> Result<v1::EvolveFeatureGroupResponse> {
        let asked = spelt(&request.features)?;
        let mut group = self.catalog.get_feature_group(who, &request.name, request.version).await?.value;
        group.features = spelt(&group.features)?;
        let evolved = evolve(&group, &asked)?;
        let columns = arrow_schema(&evolved.features)?;
        let run_id = run_id_or_new(&request.run_id)?;
        if evolved.widened.is_empty() {
            if !evolved.added.is_empty() {
                let rewrite = Rewrite { columns: Some(columns), ..Default::default() };
                commit_rewrite(&self.warehouse, &group.location, &run_id, &rewrite).await?;
            }
            let group = self.evolve_record(who, &group, &asked).await?;
            return Ok(v1::EvolveFeatureGroupResponse { feature_group: Some(group), run: None });
        }
        let place = self.admission.enter()?;
        let (run, created) = self.begin_run(who, &run_id, RunKind::Rewrite, (&group.name, group.version)).await?;
        let after = v1::FeatureGroup { features: evolved.features, ..group.clone() };
        let answer =
            v1::EvolveFeatureGroupResponse { feature_group: Some(after.clone()), run: Some(run.value.clone()) };
        if !created {
            return Ok(answer);
        }
        self.record_rewrite(&run_id, &RewriteSpec { evolve: asked.clone() }).await?;
        let Some(live) = self.live.enter(run_id.as_str(), 2) else { return Ok(answer) };
        let principal = who.clone();
        self.spawn_run(who, run, live, place, move |store, live| async move {
            let result = store.widen(&run_id, &after, &live).await?;
            // The table has its new columns: a lost catalog is waited for, else inserts would be refused.
            store.until_answered(&live, || store.evolve_record(&principal, &after, &asked)).await?;
            Ok((result, false))
        });
        Ok(answer)
    }

    /// Writes every file with the types of `group` and commits them with its columns.
    async fn widen(&self, run_id: &RunId, group: &v1::FeatureGroup, live: &LiveRun) -> Result<RunResult> {
        let columns = arrow_schema(&group.features)?;
        let mut rewrite = Rewrite { columns: Some(Arc::clone(&columns)), ..Default::default() };
        let mut round = 1;
        let outcome = loop {
            let table = pin(&self.warehouse, group, Moment::Latest).await?.widened(Arc::clone(&columns))?;
            let mut partitions: BTreeMap<String, Vec<ScannedFile>> = BTreeMap::new();
            for file in table.files.iter().filter(|file| !rewrite.removed.contains(&file.path)) {
                partitions.entry(format!("{:?}", file.partition)).or_default().push(file.clone());
            }
            let sets: Vec<_> = partitions.into_values().filter_map(|files| set_of(&table, files)).collect();
            let read: Vec<String> = sets.iter().flat_map(|set| &set.files).map(|file| file.path.clone()).collect();
            if !sets.is_empty() {
                live.step(format!("widening {} files of {}_{}", read.len(), group.name, group.version), 0);
                rewrite.added.extend(self.rewrite(run_id, group, &table, sets, live).await?);
                rewrite.removed.extend(read);
            }
            live.step("committing", 0);
            match commit_rewrite(&self.warehouse, &group.location, run_id, &rewrite).await.map_err(Error::from) {
                Err(error) if error.code == ErrorCode::Conflict && round < ROUNDS_MAX => {
                    self.check_cancelled(run_id.as_str())?;
                    round += 1;
                }
                outcome => break outcome?,
            }
        };
        let files = &rewrite.added;
        let (rows, bytes) = (files.iter().map(|file| file.rows).sum(), files.iter().map(|file| file.size).sum());
        Ok(RunResult { rows, bytes, table_version: outcome.version.unwrap_or_default() })
    }

    /// Brings the record of a group up to its table. Changes that others made meanwhile stay.
    pub(super) async fn evolve_record(
        &self,
        who: &Principal,
        group: &v1::FeatureGroup,
        asked: &[v1::Feature],
    ) -> Result<v1::FeatureGroup> {
        for attempt in 1.. {
            let mut current = self.catalog.get_feature_group(who, &group.name, group.version).await?;
            if current.value.id != group.id {
                let message = format!("`{}_{}` was deleted and created again meanwhile", group.name, group.version);
                return Err(Error::conflict(message));
            }
            current.value.features = spelt(&current.value.features)?;
            if asked.is_empty() {
                return Ok(current.value);
            }
            let evolved = evolve(&current.value, asked)?;
            if evolved.features == current.value.features {
                return Ok(current.value);
            }
            current.value.features = evolved.features;
            match self.catalog.update_feature_group(who, &current).await {
                Err(error) if error.code == ErrorCode::Conflict && attempt < UPDATES_MAX => {}
                updated => return updated.map(|updated| updated.value),
            }
        }
        Err(Error::internal("an update has no end"))
    }
}

/// Features with their types in the spelling of the type table.
fn spelt(features: &[v1::Feature]) -> Result<Vec<v1::Feature>> {
    let mut problems = Vec::new();
    let mut spelt = features.to_vec();
    for feature in &mut spelt {
        match FeatureType::from_str(&feature.r#type) {
            Ok(parsed) => feature.r#type = parsed.to_string(),
            Err(error) => problems.push(error),
        }
    }
    Error::all(problems)?;
    Ok(spelt)
}
