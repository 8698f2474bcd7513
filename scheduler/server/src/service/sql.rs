//! SQL: one SELECT over the feature groups of a project. `<group>_<version>` is a table, `<group>` its latest version; both
//! hold every row of the version, with all columns. A table is pinned when the query is planned, and only if it is read.

use std::{collections::BTreeMap, sync::Arc};

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::{
    catalog::{
        CatalogProvider, CatalogProviderList, MemoryCatalogProvider, MemoryCatalogProviderList, SchemaProvider,
        Session, TableProvider,
    },
    common::{DataFusionError, Result as PlanResult, Statistics, TableReference, stats::Precision},
    datasource::{
        TableType,
        listing::PartitionedFile,
        physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource},
        source::DataSourceExec,
        table_schema::TableSchema,
    },
    execution::{SessionState, context::SQLOptions},
    logical_expr::{Expr, LogicalPlan},
    physical_plan::{ExecutionPlan, ExecutionPlanProperties, coalesce_partitions::CoalescePartitionsExec},
    sql::{parser::Statement, sqlparser::ast},
};
use mangonel_operators::{
    error::{ours, to_wire},
    scan::ScannedFile,
    session::{sql_session_state, warehouse_url},
};
use mangonel_planner::{did_you_mean, nearest, table_name};
use mangonel_proto::{
    Error, ErrorCode, Result,
    names::{Principal, shown},
    v1,
};
use mangonel_storage::{types::arrow_schema, warehouse::Warehouse};
use tokio::sync::OnceCell;

use super::FeatureStore;
use crate::pins::{PinnedTable, pin};

const CATALOG: &str = "mangonel";
/// Longest query: planning takes time and memory beyond that of reading it.
const SQL_BYTES_MAX: usize = 1 << 20;

impl FeatureStore {
    /// The plan of a query, with one partition: whatever is shared between partitions inside is started once.
    ///
    /// # Errors
    /// `invalid_argument`, in DataFusion's words, for what is no query or names what is not there.
    pub(super) async fn sql_plan(&self, who: &Principal, query: &v1::SqlQuery) -> Result<Arc<dyn ExecutionPlan>> {
        if query.sql.len() > SQL_BYTES_MAX {
            return Err(Error::invalid(format!("the query is longer than {SQL_BYTES_MAX} bytes")));
        }
        let tables = FeatureTables::new(&self.warehouse, self.visible_groups(who).await?);
        let schema = format!("{}_featurestore", who.project);
        let (config, runtime) = self.engine.queries();
        let config = config.with_default_catalog_and_schema(CATALOG, &schema);
        let state = sql_session_state(config, runtime, catalogs(&schema, Arc::new(tables.clone()))?);

        let statement = select(&state, &query.sql)?;
        let references = state.resolve_table_references(&statement).map_err(|error| sql_error(&error))?;
        let logical = state.statement_to_plan(statement).await;
        let logical = logical.map_err(|error| unknown_tables(sql_error(&error), &references, &state, &tables))?;
        check_read_only(&logical)?;
        let plan = Box::pin(state.create_physical_plan(&logical)).await.map_err(|error| sql_error(&error))?;
        Ok(match plan.output_partitioning().partition_count() {
            1 => plan,
            _ => Arc::new(CoalescePartitionsExec::new(plan)),
        })
    }
}

/// The error of the wire for a query that cannot be planned or run: what the query itself is to blame for is
/// `invalid_argument`.
pub(super) fn sql_error(error: &DataFusionError) -> Error {
    let wire = to_wire(error);
    match error.find_root() {
        _ if wire.code != ErrorCode::Internal => wire,
        DataFusionError::IoError(_)
        | DataFusionError::ObjectStore(_)
        | DataFusionError::ParquetError(_)
        | DataFusionError::External(_)
        | DataFusionError::Internal(_) => wire,
        root => Error::invalid(root.strip_backtrace()),
    }
}

/// The one statement of `sql`, which must be a query.
fn select(state: &SessionState, sql: &str) -> Result<Statement> {
    let dialect = state.config_options().sql_parser.dialect;
    let statement = state.sql_to_statement(sql, &dialect).map_err(|error| sql_error(&error))?;
    let refused = match &statement {
        Statement::Statement(statement) => match statement.as_ref() {
            ast::Statement::Query(_) => None,
            other => Some(first_word(&other.to_string())),
        },
        Statement::CreateExternalTable(_) => Some("CREATE EXTERNAL TABLE".to_owned()),
        Statement::CopyTo(_) => Some("COPY".to_owned()),
        Statement::Explain(_) => Some("EXPLAIN".to_owned()),
        other => Some(first_word(&other.to_string())),
    };
    match refused {
        None => Ok(statement),
        Some(verb) => Err(Error::invalid(format!("`{verb}` is refused: SQL only reads here, with SELECT"))),
    }
}

fn first_word(statement: &str) -> String {
    shown(statement.split_whitespace().next().unwrap_or("this statement"))
}

/// A query can still write (`SELECT ... INTO`, `WITH ... INSERT`), which shows in its plan.
fn check_read_only(plan: &LogicalPlan) -> Result<()> {
    let reads = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    reads.verify_plan(plan).map_err(|error| {
        let said = sql_error(&error).message;
        Error::invalid(format!("SQL only reads here, with SELECT: {said}"))
    })
}

/// `error` with names near to the tables that are not there.
fn unknown_tables(
    mut error: Error,
    references: &[TableReference],
    state: &SessionState,
    tables: &FeatureTables,
) -> Error {
    let unknown = |reference: &&TableReference| {
        let name = reference.table();
        reference.schema() != Some("information_schema")
            && !tables.tables.contains_key(name)
            && !state.table_functions().contains_key(name)
            && error.message.contains(name)
    };
    let unknown: Vec<&str> = references.iter().filter(unknown).map(TableReference::table).collect();
    if let Some(first) = unknown.first() {
        let offers = nearest(first, tables.tables.keys().map(|table| (table, table.clone())));
        let hint = match offers.is_empty() {
            true => "; SQL reads feature groups, by `<group>_<version>` or `<group>`, and never files".to_owned(),
            false => did_you_mean(&offers),
        };
        error.message.push_str(&hint);
        error.names.extend(unknown.iter().map(|name| shown(name)));
    }
    error
}

/// A catalog with one schema, and no other catalog.
fn catalogs(schema: &str, tables: Arc<dyn SchemaProvider>) -> Result<Arc<dyn CatalogProviderList>> {
    let (catalogs, catalog) = (MemoryCatalogProviderList::new(), MemoryCatalogProvider::new());
    catalog.register_schema(schema, tables).map_err(|error| to_wire(&error))?;
    catalogs.register_catalog(CATALOG.to_owned(), Arc::new(catalog));
    Ok(Arc::new(catalogs))
}

/// The tables of a project, by name.
#[derive(Clone, Debug)]
struct FeatureTables {
    tables: BTreeMap<String, FeatureTable>,
}

impl FeatureTables {
    fn new(warehouse: &Arc<Warehouse>, groups: Vec<v1::FeatureGroup>) -> Self {
        let mut tables = BTreeMap::new();
        let mut latest: BTreeMap<String, (u32, FeatureTable)> = BTreeMap::new();
        for group in groups {
            let (name, version, title) = (group.name.clone(), group.version, table_name(&group));
            let version_of = Arc::new(Version { warehouse: Arc::clone(warehouse), group, pinned: OnceCell::new() });
            let table = |kind| FeatureTable { version: Arc::clone(&version_of), kind };
            if latest.get(&name).is_none_or(|(known, _)| *known < version) {
                latest.insert(name, (version, table(TableType::View)));
            }
            tables.insert(title, table(TableType::Base));
        }
        tables.extend(latest.into_iter().map(|(name, (_, table))| (name, table)));
        Self { tables }
    }
}

#[async_trait]
impl SchemaProvider for FeatureTables {
    fn table_names(&self) -> Vec<String> {
        self.tables.keys().cloned().collect()
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
    pinned: OnceCell<PinnedTable>,
}

impl Version {
    async fn pinned(&self) -> Result<&PinnedTable> {
        self.pinned.get_or_try_init(|| pin(&self.warehouse, &self.group, None)).await
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

    /// A scan of the pinned files. Filters are not taken here: the physical planner pushes them into the Parquet source,
    /// where they skip row groups and pages.
    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        _filters: &[Expr],
        limit: Option<usize>,
    ) -> PlanResult<Arc<dyn ExecutionPlan>> {
        let pinned = self.table.version.pinned().await.map_err(ours)?;
        let mut statistics = Statistics::new_unknown(&self.schema);
        statistics.num_rows = Precision::Exact(usize::try_from(pinned.rows).unwrap_or(usize::MAX));
        statistics.total_byte_size = Precision::Inexact(usize::try_from(pinned.bytes()).unwrap_or(usize::MAX));
        let source = ParquetSource::new(TableSchema::from(Arc::clone(&self.schema)));
        let scan = FileScanConfigBuilder::new(warehouse_url()?, Arc::new(source))
            .with_file_groups(spread(&pinned.files, state.config().target_partitions()))
            .with_statistics(statistics)
            .with_limit(limit)
            .with_projection_indices(projection.cloned())?
            .build();
        Ok(DataSourceExec::from_data_source(scan))
    }
}

/// The files in at most `partitions` groups of about the same size; at least one, since a table without rows has a plan.
fn spread(files: &[ScannedFile], partitions: usize) -> Vec<FileGroup> {
    let mut groups: Vec<(u64, Vec<PartitionedFile>)> = vec![(0, Vec::new()); files.len().clamp(1, partitions.max(1))];
    let mut by_size: Vec<&ScannedFile> = files.iter().collect();
    by_size.sort_by(|left, right| right.bytes.cmp(&left.bytes).then_with(|| left.path.cmp(&right.path)));
    for file in by_size {
        if let Some((bytes, files)) = groups.iter_mut().min_by_key(|(bytes, _)| *bytes) {
            *bytes += file.bytes;
            files.push(PartitionedFile::new(file.path.clone(), file.bytes));
        }
    }
    groups.into_iter().map(|(_, files)| FileGroup::new(files)).collect()
}
