//! SQL: one SELECT over the feature groups of a project. `<group>_<version>` is a table, `<group>` its latest version; both
//! hold every row of the version, with all columns. A table is pinned when the query is planned, and only if it is read.

mod pruning;
mod tables;

use std::sync::Arc;

use datafusion::{
    catalog::{CatalogProvider, CatalogProviderList, MemoryCatalogProvider, MemoryCatalogProviderList, SchemaProvider},
    common::{DataFusionError, TableReference},
    execution::{SessionState, context::SQLOptions},
    logical_expr::LogicalPlan,
    physical_plan::{ExecutionPlan, ExecutionPlanProperties, coalesce_partitions::CoalescePartitionsExec},
    sql::{parser::Statement, sqlparser::ast},
};
use mangonel_operators::{error::to_wire, session::sql_session_state};
use mangonel_planner::{did_you_mean, nearest};
use mangonel_proto::{
    Error, ErrorCode, Result,
    names::{Principal, shown},
    v1,
};

use super::FeatureStore;
use crate::pins::Moment;
use tables::FeatureTables;

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
        let moment = Moment::as_of(query.as_of_ms);
        let tables = FeatureTables::new(&self.warehouse, self.visible_groups(who, moment).await?, moment);
        let schema = format!("{}_featurestore", who.project);
        let (config, runtime) = self.engine.queries();
        let config = config.with_default_catalog_and_schema(CATALOG, &schema);
        let state = sql_session_state(config, runtime, catalogs(&schema, Arc::new(tables.clone()))?);

        let statement = select(&state, &query.sql)?;
        let references = state.resolve_table_references(&statement).map_err(|error| sql_error(&error))?;
        let logical = state.statement_to_plan(statement).await;
        let logical =
            logical.map_err(|error| moment.about(unknown_tables(sql_error(&error), &references, &state, &tables)))?;
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
            && !tables.table_exist(name)
            && !state.table_functions().contains_key(name)
            && error.message.contains(name)
    };
    let unknown: Vec<&str> = references.iter().filter(unknown).map(TableReference::table).collect();
    if let Some(first) = unknown.first() {
        let offers = nearest(first, tables.names().map(|table| (table, table.clone())));
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
