//! Files of a feature group written anew with the rows that they have: what compaction and evolution share.

use std::collections::BTreeSet;

use mangonel_operators::{
    error::to_wire,
    record::TaskRecord,
    rewrite::{RewritePlan, RewriteSet},
};
use mangonel_proto::{
    Error, Result,
    names::{Principal, RunId},
    v1, wire,
};
use mangonel_storage::table::AddedFile;
use serde::{Deserialize, Serialize};

use super::{
    FeatureStore, broken,
    run::{RunResult, detail_path},
};
use crate::{engine::LeafJob, pins::PinnedTable, runs::LiveRun};

/// What the detail of a rewrite keeps.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct RewriteSpec {
    /// Features to add or to make wider; none for a compaction.
    pub evolve: Vec<v1::Feature>,
}

impl FeatureStore {
    pub(super) async fn record_rewrite(&self, run_id: &RunId, spec: &RewriteSpec) -> Result<()> {
        self.warehouse.put_if_absent(&detail_path(run_id.as_str()), wire::to_body(spec)?).await?;
        Ok(())
    }

    /// Writes the rows of `sets` anew.
    pub(super) async fn rewrite(
        &self,
        run_id: &RunId,
        group: &v1::FeatureGroup,
        table: &PinnedTable,
        sets: Vec<RewriteSet>,
        live: &LiveRun,
    ) -> Result<Vec<AddedFile>> {
        let plan = RewritePlan {
            run_id: run_id.clone(),
            location: group.location.clone(),
            file_columns: table.file_columns()?,
            features: group.features.iter().map(|feature| feature.name.clone()).collect(),
            primary_key: group.primary_key.clone(),
            event_time: Some(group.event_time.clone()).filter(|name| !name.is_empty()),
            partition_by: group.partition_by.clone(),
            sets,
        };
        let outcome = self.run_job(live, || async {
            let name = format!("rewrite files of {}_{}", group.name, group.version);
            let plan = plan.plan().map_err(|error| to_wire(&error))?;
            let plan = plan.ok_or_else(|| broken("a rewrite of no files"))?;
            Ok(LeafJob { name, run_id: run_id.to_string(), plan })
        });
        let mut files = Vec::new();
        for record in outcome.await?.records {
            let TaskRecord::File(written) = record else { return Err(broken("a rewrite wrote something else")) };
            files.push(written.file);
        }
        self.check_rows(table, &plan.sets, &files)?;
        self.check_cancelled(run_id.as_str())?;
        Ok(files)
    }

    /// The last look before files with rows are taken out of a table.
    fn check_rows(&self, table: &PinnedTable, sets: &[RewriteSet], files: &[AddedFile]) -> Result<()> {
        let read: BTreeSet<&str> = sets.iter().flat_map(|set| &set.files).map(|file| file.path.as_str()).collect();
        let counted = table.files.iter().zip(table.statistics.iter()).filter(|(file, _)| read.contains(&*file.path));
        let before: Option<u64> = counted.map(|(_, statistics)| statistics.rows).sum();
        let after: u64 = files.iter().map(|file| file.rows).sum();
        if before.is_none_or(|before| before == after) {
            return Ok(());
        }
        Err(broken(&format!(
            "{} rows were read and {after} written, so nothing is committed",
            before.unwrap_or_default()
        )))
    }

    /// What becomes of a rewrite that a stopped server left behind.
    pub(super) async fn settle_rewrite(
        &self,
        who: &Principal,
        run: &v1::Run,
        run_id: &RunId,
    ) -> Result<Result<RunResult>> {
        let stopped = "the server stopped during this rewrite: nothing has changed, start it again";
        let settled = self.settle_by_log(who, run, run_id, Error::unavailable(stopped)).await?;
        if settled.is_ok() {
            let group = self.catalog.get_feature_group(who, &run.target_name, run.target_version).await?.value;
            let spec = self.warehouse.get(&detail_path(run_id.as_str())).await?;
            let spec: RewriteSpec = wire::from_body(&spec.ok_or_else(|| broken("a rewrite without a record"))?)?;
            self.evolve_record(who, &group, &spec.evolve).await?;
        }
        Ok(settled)
    }
}
