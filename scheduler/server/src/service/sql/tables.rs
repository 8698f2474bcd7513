//! The tables that queries see: each version of a feature group under its own name, the latest under that of the group.

use std::{collections::BTreeMap, sync::Arc};

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::{
    catalog::{SchemaProvider, Session, TableProvider},
    common::{Result as PlanResult, Statistics, stats::Precision},
    datasource::{TableType, source::DataSourceExec},
    logical_expr::{Expr, TableProviderFilterPushDown},
    physical_plan::ExecutionPlan,
};
use mangonel_operators::{
    error::ours,
    scan::{file_scan_config, spread},
};
use mangonel_planner::table_name;
use mangonel_proto::{Result, v1};
use mangonel_storage::{types::arrow_schema, warehouse::Warehouse};
use tokio::sync::OnceCell;

use super::pruning::files_that_may_match;
use crate::pins::{Moment, PinnedTable, pin};

/// The tables of a project, by name.
#[derive(Clone, Debug)]
pub(super) struct FeatureTables {
    tables: BTreeMap<String, FeatureTable>,
}

impl FeatureTables {
    /// `groups` as they were at `moment`.
    pub(super) fn new(warehouse: &Arc<Warehouse>, groups: Vec<v1::FeatureGroup>, moment: Moment) -> Self {
        let mut tables = BTreeMap::new();
        let mut latest: BTreeMap<String, (u32, FeatureTable)> = BTreeMap::new();
        for group in groups {
            let (name, version, title) = (group.name.clone(), group.version, table_name(&group));
            let version_of = Version { warehouse: Arc::clone(warehouse), group, moment, pinned: OnceCell::new() };
            let version_of = Arc::new(version_of);
            let table = |kind| FeatureTable { version: Arc::clone(&version_of), kind };
            if latest.get(&name).is_none_or(|(known, _)| *known < version) {
                latest.insert(name, (version, table(TableType::View)));
            }
            tables.insert(title, table(TableType::Base));
        }
        tables.extend(latest.into_iter().map(|(name, (_, table))| (name, table)));
        Self { tables }
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.tables.keys()
    }
}

#[async_trait]
impl SchemaProvider for FeatureTables {
    fn table_names(&self) -> Vec<String> {
        self.names().cloned().collect()
    }

    async fn table(&self, name: &str) -> PlanResult<Option<Arc<dyn TableProvider>>> {
        let Some(table) = self.tables.get(name) else { return Ok(None) };
        let schema = arrow_schema(&table.version.group.features).map_err(|error| ours(error.into()))?;
        Ok(Some(Arc::new(OpenTable { table: table.clone(), schema })))
    }

    async fn table_type(&self, name: &str) -> PlanResult<Option<TableType>> {
        Ok(self.tables.get(name).map(|table| table.kind))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.tables.contains_key(name)
    }
}

/// A name for a version: its own, or that of its group.
#[derive(Clone, Debug)]
struct FeatureTable {
    version: Arc<Version>,
    kind: TableType,
}

/// One version of a group, pinned once per query whatever names it is read by.
#[derive(Debug)]
struct Version {
    warehouse: Arc<Warehouse>,
    group: v1::FeatureGroup,
    moment: Moment,
    pinned: OnceCell<PinnedTable>,
}

impl Version {
    async fn pinned(&self) -> Result<&PinnedTable> {
        self.pinned.get_or_try_init(|| pin(&self.warehouse, &self.group, self.moment)).await
    }
}

#[derive(Debug)]
struct OpenTable {
    table: FeatureTable,
    schema: SchemaRef,
}

#[async_trait]
impl TableProvider for OpenTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        self.table.kind
    }

    /// Filters choose files here; the physical planner also pushes them into the Parquet source, where they skip row groups
    /// and pages. Rows are still compared one by one above.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> PlanResult<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    /// A scan of the pinned files that may hold rows which pass `filters`.
    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> PlanResult<Arc<dyn ExecutionPlan>> {
        let pinned = self.table.version.pinned().await.map_err(ours)?;
        let kept = files_that_may_match(state, pinned, filters)?;
        let rows = kept.iter().map(|file| pinned.statistics[*file].rows).sum::<Option<u64>>();
        let mut files: Vec<_> = kept.into_iter().map(|file| pinned.files[file].clone()).collect();
        // The largest first, so that partitions come out even.
        files.sort_by(|left, right| right.bytes.cmp(&left.bytes).then_with(|| left.path.cmp(&right.path)));
        let bytes: u64 = files.iter().map(|file| file.bytes).sum();

        let columns = pinned.file_columns().map_err(ours)?;
        let mut statistics = Statistics::new_unknown(&columns.schema());
        statistics.num_rows =
            rows.and_then(|rows| usize::try_from(rows).ok()).map_or(Precision::Absent, Precision::Exact);
        statistics.total_byte_size = Precision::Inexact(usize::try_from(bytes).unwrap_or(usize::MAX));
        let all: Vec<usize> = (0..self.schema.fields().len()).collect();
        let names = projection.unwrap_or(&all).iter().map(|column| self.schema.field(*column).name().clone());
        let groups = spread(files, state.config().target_partitions(), |file| file.bytes);
        let scan = file_scan_config(&columns, groups, &names.collect::<Vec<_>>())?;
        Ok(DataSourceExec::from_data_source(scan.with_statistics(statistics).with_limit(limit).build()))
    }
}
