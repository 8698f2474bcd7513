//! The plan of a rewrite: rows of files that are there are merged bucket by bucket and written as new files, which keep of
//! every row by which run and commit it came.

use std::sync::Arc;

use arrow::datatypes::DataType;
use datafusion::{
    common::Result,
    physical_expr::expressions::col,
    physical_plan::{
        ExecutionPlan,
        projection::{ProjectionExec, ProjectionExpr},
        union::UnionExec,
    },
};
use mangonel_proto::names::RunId;
use mangonel_storage::hash::hash_range_of;

use crate::{
    bucket_writer::BucketWriterExec,
    columns::{BUCKET, COMMIT, DIGEST, LANE, RUN},
    operator::OperatorExec,
    scan::{FileColumns, GROUP_TIES, LaneScan, ScannedFile},
};

/// Everything that the job of a rewrite is made of.
#[derive(Clone, Debug)]
pub struct RewritePlan {
    pub run_id: RunId,
    pub location: String,
    /// What is read of the files; types may be wider than theirs.
    pub file_columns: FileColumns,
    /// Features, partition columns included.
    pub features: Vec<String>,
    pub primary_key: Vec<String>,
    pub event_time: Option<String>,
    pub partition_by: Vec<String>,
    pub sets: Vec<RewriteSet>,
}

/// Files of one partition that become one sorted file per bucket.
#[derive(Clone, Debug)]
pub struct RewriteSet {
    pub files: Vec<ScannedFile>,
    /// A power of two.
    pub buckets: u32,
}

impl RewritePlan {
    /// The leaf job, a task for each bucket of each set; `None` without sets.
    ///
    /// # Errors
    /// When the files lack a column.
    pub fn plan(&self) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let plans = self.sets.iter().map(|set| self.write(set)).collect::<Result<Vec<_>>>()?;
        Ok(match <[_; 1]>::try_from(plans) {
            Ok([only]) => Some(only),
            Err(plans) if plans.is_empty() => None,
            Err(plans) => Some(UnionExec::try_new(plans)?),
        })
    }

    fn write(&self, set: &RewriteSet) -> Result<Arc<dyn ExecutionPlan>> {
        let of_ours = [DIGEST, COMMIT, RUN, LANE].map(str::to_owned);
        let scan = LaneScan {
            file_columns: self.file_columns.with_stored(RUN, DataType::Utf8),
            files: set.files.clone(),
            keys: self.primary_key.clone(),
            event_time: self.event_time.clone(),
            ties: GROUP_TIES.map(str::to_owned).into(),
            columns: self.features.iter().cloned().chain(of_ours).collect(),
            lane_starts: (0..set.buckets).map(|bucket| hash_range_of(bucket, set.buckets).0).collect(),
            latest: false,
            everywhere: false,
        };
        let rows = scan.plan()?;
        let schema = rows.schema();
        // Lanes are the buckets to come.
        let columns = schema.fields().iter().map(|field| {
            let name = if field.name() == LANE { BUCKET } else { field.name() };
            Ok(ProjectionExpr::new(col(field.name(), &schema)?, name))
        });
        let rows = ProjectionExec::try_new(columns.collect::<Result<Vec<_>>>()?, rows)?;
        let mut sorted_by = self.primary_key.clone();
        sorted_by.extend(self.event_time.iter().filter(|name| !self.primary_key.contains(name)).cloned());
        let writer = BucketWriterExec {
            run_id: self.run_id.to_string(),
            location: self.location.clone(),
            partition_by: self.partition_by.clone(),
            sorted_by,
            ties: GROUP_TIES.map(str::to_owned).into(),
            buckets: set.buckets,
            taken_over: true,
        };
        OperatorExec::plan(writer, vec![Arc::new(rows)])
    }
}
