//! The tables that queries see: each version of a feature group under its own name, the latest under that of the group, the
//! latest rows of both, and tables that were sent along.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::{
    catalog::{SchemaProvider, Session, TableProvider},
    common::{Result as PlanResult, Statistics, exec_datafusion_err, stats::Precision},
    datasource::{TableType, source::DataSourceExec},
    execution::{SendableRecordBatchStream, TaskContext},
    logical_expr::{Expr, TableProviderFilterPushDown, utils::conjunction},
    physical_expr::expressions::col,
    physical_plan::{
        ExecutionPlan,
        projection::{ProjectionExec, ProjectionExpr},
        stream::RecordBatchReceiverStream,
        streaming::{PartitionStream, StreamingTableExec},
    },
    sql::unparser::expr_to_sql,
};
use mangonel_operators::{
    error::ours,
    scan::{LaneScan, ScannedFile, file_scan_config, spread},
};
use mangonel_planner::{ShardBounds, table_name};
use mangonel_proto::{Error, Result, v1};
use mangonel_storage::{types::arrow_schema, warehouse::Warehouse};
use tokio::sync::OnceCell;

use super::{
    pruning::{Kept, files_that_may_match},
    sealed::SealedExec,
    sent::{QueryTables, SentTable},
};
use crate::{
    assemble::lane_starts,
    pins::{Moment, PinnedTable, pin},
};

/// What follows the name of a group, or of its version, in the name of its latest rows.
const LATEST: &str = "_latest";
/// Below this the latest rows are looked for in one partition: starting more costs more than it brings.
const SMALL_BYTES: u64 = 16 << 20;
/// Batches between the file of a table that was sent along and the query.
const BATCHES_WAITING: usize = 2;

/// The tables of a project, by name.
#[derive(Clone, Debug)]
pub(super) struct FeatureTables {
    tables: BTreeMap<String, Table>,
    scans: Arc<Mutex<Vec<Scan>>>,
}

/// A table under one of its names.
#[derive(Clone, Debug)]
pub(super) enum Table {
    /// Of a feature group.
    Group(GroupTable),
    Sent(Arc<SentTable>),
}

/// A name for a version: its own, or that of its group; and which rows are meant.
#[derive(Clone, Debug)]
pub(super) struct GroupTable {
    version: Arc<Version>,
    rows: Rows,
    /// Whether it is not the version's own name for all of its rows.
    pub(super) is_view: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    All,
    /// The latest of each key.
    Latest,
}

impl GroupTable {
    pub(super) fn group(&self) -> &v1::FeatureGroup {
        &self.version.group
    }

    pub(super) fn rows(&self) -> Rows {
        self.rows
    }
}

/// What a query reads of a table, and what it leaves out.
#[derive(Clone, Debug)]
pub(super) struct Scan {
    /// Name of the table in full, whatever it is called in the query.
    pub table: String,
    /// Where its files are; empty for what was sent along.
    pub location: String,
    /// Of the table of a group.
    pub table_version: Option<i64>,
    pub latest: bool,
    pub columns: Vec<String>,
    pub columns_all: usize,
    /// The condition that files are chosen by.
    pub filter: Option<String>,
    pub files: usize,
    pub files_all: usize,
    /// Of those that are left out.
    pub files_out_by_partition: usize,
    pub bytes: u64,
    pub bytes_all: u64,
    pub rows: Option<u64>,
    pub rows_all: u64,
}

impl FeatureTables {
    /// `groups` as they were at `moment`, and what was `sent` along.
    ///
    /// # Errors
    /// `invalid_argument` for each table that was sent under the name of another.
    pub(super) fn try_new(
        warehouse: &Arc<Warehouse>,
        groups: Vec<v1::FeatureGroup>,
        moment: Moment,
        sent: QueryTables,
    ) -> Result<Self> {
        Error::all(sent.keys().filter_map(|name| Self::clash(&groups, name)).collect())?;
        let (mut versions, mut names, mut latest) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        for (group, is_latest) in with_latest(groups) {
            let (name, title, has_times) = (group.name.clone(), table_name(&group), !group.event_time.is_empty());
            let version = Version { warehouse: Arc::clone(warehouse), group, moment, pinned: OnceCell::new() };
            let version = Arc::new(version);
            let table = |rows, is_view| Table::Group(GroupTable { version: Arc::clone(&version), rows, is_view });
            if has_times {
                latest.insert(format!("{title}{LATEST}"), table(Rows::Latest, true));
            }
            if has_times && is_latest {
                latest.insert(format!("{name}{LATEST}"), table(Rows::Latest, true));
            }
            if is_latest {
                names.insert(name, table(Rows::All, true));
            }
            versions.insert(title, table(Rows::All, false));
        }
        // A group that is called like the latest rows of another comes before them.
        let mut tables = latest;
        tables.extend(names);
        tables.extend(versions);
        tables.extend(sent.into_iter().map(|(name, table)| (name, Table::Sent(table))));
        Ok(Self { tables, scans: Arc::default() })
    }

    /// What is wrong with sending a table under a name that one of a group has.
    pub(super) fn clash(groups: &[v1::FeatureGroup], name: &str) -> Option<Error> {
        let bare = name.strip_suffix(LATEST).unwrap_or(name);
        let has_name = |group: &&v1::FeatureGroup| {
            let names = [group.name.clone(), table_name(group)];
            names.iter().any(|own| own == name || (own == bare && !group.event_time.is_empty()))
        };
        let group = groups.iter().find(has_name)?;
        let title = table_name(group);
        let message =
            format!("table `{name}` would hide `{name}` of the feature group `{title}`: send it under another name");
        Some(Error::invalid(message).named([name.to_owned(), title]))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.tables.keys()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Table)> {
        self.tables.iter()
    }

    /// What was read so far, in the order in which it was planned.
    pub(super) fn scans(&self) -> Vec<Scan> {
        lock(&self.scans).clone()
    }
}

impl Table {
    pub(super) fn kind(&self) -> TableType {
        match self {
            Self::Group(table) if table.is_view => TableType::View,
            Self::Group(_) => TableType::Base,
            Self::Sent(_) => TableType::Temporary,
        }
    }
}

fn lock(scans: &Mutex<Vec<Scan>>) -> MutexGuard<'_, Vec<Scan>> {
    scans.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Each version, and whether it is the latest of its group.
fn with_latest(groups: Vec<v1::FeatureGroup>) -> Vec<(v1::FeatureGroup, bool)> {
    let mut latest: BTreeMap<String, u32> = BTreeMap::new();
    for group in &groups {
        let known = latest.entry(group.name.clone()).or_default();
        *known = group.version.max(*known);
    }
    let with_latest = |group: v1::FeatureGroup| {
        let is_latest = latest.get(&group.name) == Some(&group.version);
        (group, is_latest)
    };
    groups.into_iter().map(with_latest).collect()
}

#[async_trait]
impl SchemaProvider for FeatureTables {
    fn table_names(&self) -> Vec<String> {
        self.names().cloned().collect()
    }

    async fn table(&self, name: &str) -> PlanResult<Option<Arc<dyn TableProvider>>> {
        let scans = Arc::clone(&self.scans);
        Ok(match self.tables.get(name) {
            None => None,
            Some(Table::Sent(table)) => {
                Some(Arc::new(OpenSentTable { name: name.to_owned(), table: Arc::clone(table), scans }))
            }
            Some(Table::Group(table)) => {
                let schema = arrow_schema(&table.version.group.features).map_err(|error| ours(error.into()))?;
                Some(Arc::new(OpenTable { table: table.clone(), schema, scans }))
            }
        })
    }

    async fn table_type(&self, name: &str) -> PlanResult<Option<TableType>> {
        Ok(self.tables.get(name).map(Table::kind))
    }

    fn table_exist(&self, name: &str) -> bool {
        self.tables.contains_key(name)
    }
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
    table: GroupTable,
    schema: SchemaRef,
    scans: Arc<Mutex<Vec<Scan>>>,
}

impl OpenTable {
    /// Whether files may be left out by a filter. Of latest rows only by their keys: another row of a key decides which of its
    /// rows is the latest.
    fn chooses_files(&self, filter: &Expr) -> bool {
        let keys = &self.table.version.group.primary_key;
        self.table.rows == Rows::All || filter.column_refs().iter().all(|column| keys.contains(&column.name))
    }

    fn note(&self, pinned: &PinnedTable, kept: &Kept, columns: &[String], filters: &[Expr]) {
        lock(&self.scans).push(Scan {
            table: pinned.table.clone(),
            location: self.table.version.group.location.clone(),
            table_version: Some(pinned.version),
            latest: self.table.rows == Rows::Latest,
            columns: columns.to_vec(),
            columns_all: self.schema.fields().len(),
            filter: conjunction(filters.iter().cloned()).map(|filter| in_sql(&filter)),
            files: kept.files.len(),
            files_all: pinned.files.len(),
            files_out_by_partition: kept.out_by_partition,
            bytes: kept.files.iter().map(|file| pinned.files[*file].bytes).sum(),
            bytes_all: pinned.bytes(),
            rows: kept.files.iter().map(|file| pinned.statistics[*file].rows).sum(),
            rows_all: pinned.rows,
        });
    }

    /// Every row of the files that were kept.
    fn all_rows(
        &self,
        state: &dyn Session,
        pinned: &PinnedTable,
        kept: &Kept,
        names: &[String],
        limit: Option<usize>,
    ) -> PlanResult<Arc<dyn ExecutionPlan>> {
        let rows = kept.files.iter().map(|file| pinned.statistics[*file].rows).sum::<Option<u64>>();
        let mut files: Vec<_> = kept.files.iter().map(|file| pinned.files[*file].clone()).collect();
        // The largest first, so that partitions come out even.
        files.sort_by(|left, right| right.bytes.cmp(&left.bytes).then_with(|| left.path.cmp(&right.path)));
        let bytes: u64 = files.iter().map(|file| file.bytes).sum();

        let columns = pinned.file_columns().map_err(ours)?;
        let mut statistics = Statistics::new_unknown(&columns.schema());
        statistics.num_rows =
            rows.and_then(|rows| usize::try_from(rows).ok()).map_or(Precision::Absent, Precision::Exact);
        statistics.total_byte_size = Precision::Inexact(usize::try_from(bytes).unwrap_or(usize::MAX));
        let groups = spread(files, state.config().target_partitions(), |file| file.bytes);
        let scan = file_scan_config(&columns, groups, names)?;
        Ok(DataSourceExec::from_data_source(scan.with_statistics(statistics).with_limit(limit).build()))
    }

    /// The latest row of each key, as feature requests see them.
    fn latest_rows(
        &self,
        state: &dyn Session,
        pinned: &PinnedTable,
        kept: &Kept,
        names: &[String],
    ) -> PlanResult<Arc<dyn ExecutionPlan>> {
        let group = &self.table.version.group;
        let mut columns = names.to_vec();
        for needed in group.primary_key.iter().chain([&group.event_time]) {
            if !columns.contains(needed) {
                columns.push(needed.clone());
            }
        }
        let files: Vec<ScannedFile> = kept.files.iter().map(|file| pinned.files[*file].clone()).collect();
        let small = files.iter().map(|file| file.bytes).sum::<u64>() < SMALL_BYTES;
        let lanes = if small { 1 } else { (state.config().target_partitions() as u32).next_power_of_two() };
        let lanes = lane_starts(&ShardBounds::equal_width(lanes), (0..lanes).collect());
        let scan = pinned.lane_scan(columns, Some(group.event_time.clone()), true, &lanes).map_err(ours)?;
        let rows = LaneScan { files, ..scan }.plan()?;
        let schema = rows.schema();
        let wanted = names.iter().map(|name| Ok(ProjectionExpr { expr: col(name, &schema)?, alias: name.clone() }));
        let rows = ProjectionExec::try_new(wanted.collect::<PlanResult<Vec<_>>>()?, rows)?;
        Ok(SealedExec::plan(Arc::new(rows)))
    }
}

#[async_trait]
impl TableProvider for OpenTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        if self.table.is_view { TableType::View } else { TableType::Base }
    }

    /// Filters choose files here; the physical planner also pushes them into the Parquet source, where they skip row groups
    /// and pages. Rows are still compared one by one above.
    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> PlanResult<Vec<TableProviderFilterPushDown>> {
        let support = |filter: &&Expr| match self.chooses_files(filter) {
            true => TableProviderFilterPushDown::Inexact,
            false => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(support).collect())
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
        let filters: Vec<Expr> = filters.iter().filter(|filter| self.chooses_files(filter)).cloned().collect();
        let kept = files_that_may_match(state, pinned, &filters)?;
        let names = projected(&self.schema, projection);
        self.note(pinned, &kept, &names, &filters);
        match self.table.rows {
            Rows::All => self.all_rows(state, pinned, &kept, &names, limit),
            Rows::Latest => self.latest_rows(state, pinned, &kept, &names),
        }
    }
}

/// A condition as people write it.
fn in_sql(condition: &Expr) -> String {
    expr_to_sql(condition).map_or_else(|_| condition.to_string(), |sql| sql.to_string())
}

fn projected(schema: &SchemaRef, projection: Option<&Vec<usize>>) -> Vec<String> {
    let all: Vec<usize> = (0..schema.fields().len()).collect();
    projection.unwrap_or(&all).iter().map(|column| schema.field(*column).name().clone()).collect()
}

/// A table that was sent along.
#[derive(Debug)]
struct OpenSentTable {
    name: String,
    table: Arc<SentTable>,
    scans: Arc<Mutex<Vec<Scan>>>,
}

#[async_trait]
impl TableProvider for OpenSentTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.table.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Temporary
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> PlanResult<Arc<dyn ExecutionPlan>> {
        let table = &self.table;
        lock(&self.scans).push(Scan {
            table: self.name.clone(),
            location: String::new(),
            table_version: None,
            latest: false,
            columns: projected(&table.schema, projection),
            columns_all: table.schema.fields().len(),
            filter: None,
            files: 1,
            files_all: 1,
            files_out_by_partition: 0,
            bytes: table.bytes,
            bytes_all: table.bytes,
            rows: Some(table.rows),
            rows_all: table.rows,
        });
        let columns: Vec<usize> = projection.cloned().unwrap_or_else(|| (0..table.schema.fields().len()).collect());
        let schema: SchemaRef = Arc::new(table.schema.project(&columns)?);
        let rows = SentRows { table: Arc::clone(table), schema: Arc::clone(&schema), columns };
        // One partition, so that rows stay in the order in which they came.
        Ok(Arc::new(StreamingTableExec::try_new(schema, vec![Arc::new(rows)], None, [], false, limit)?))
    }
}

/// Columns of a table that was sent along, read from its file when they are wanted.
#[derive(Debug)]
struct SentRows {
    table: Arc<SentTable>,
    schema: SchemaRef,
    columns: Vec<usize>,
}

impl PartitionStream for SentRows {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _context: Arc<TaskContext>) -> SendableRecordBatchStream {
        let mut rows = RecordBatchReceiverStream::builder(Arc::clone(&self.schema), BATCHES_WAITING);
        let (sender, table, columns) = (rows.tx(), Arc::clone(&self.table), self.columns.clone());
        rows.spawn_blocking(move || {
            let lost = |error| exec_datafusion_err!("a table that was sent along cannot be read: {error}");
            for batch in table.open(columns).map_err(lost)? {
                if sender.blocking_send(batch.map_err(lost)).is_err() {
                    break;
                }
            }
            Ok(())
        });
        rows.build()
    }
}
