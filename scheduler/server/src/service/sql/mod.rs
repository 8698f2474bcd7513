//! SQL: one SELECT over the feature groups of a project and tables that its client sends along. `<group>_<version>` is a table,
//! `<group>` its latest version; both hold every row of the version, with all columns. A table is pinned when the query is
//! planned, and only if it is read.

mod explain;
mod information;
mod options;
mod pruning;
mod sealed;
mod sent;
mod stop;
mod tables;
mod text;
mod threads;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use arrow::record_batch::RecordBatch;
use datafusion::{
    catalog::{CatalogProvider, CatalogProviderList, MemoryCatalogProvider, MemoryCatalogProviderList, SchemaProvider},
    common::{DataFusionError, TableReference},
    execution::{SessionState, context::SQLOptions, memory_pool::MemoryLimit, runtime_env::RuntimeEnv},
    logical_expr::{LogicalPlan, LogicalPlanBuilder},
    physical_plan::{
        ExecutionPlan, ExecutionPlanProperties, coalesce_partitions::CoalescePartitionsExec, limit::GlobalLimitExec,
    },
    prelude::SessionConfig,
    sql::{parser::Statement, sqlparser::ast},
};
use futures::stream::BoxStream;
use mangonel_operators::{error::to_wire, session::sql_session_state};
use mangonel_planner::{did_you_mean, nearest};
use mangonel_proto::{
    Error, ErrorCode, Result,
    names::{Principal, shown},
    v1,
};

use super::FeatureStore;
use crate::{engine::Engine, pins::Moment};
use explain::{ExplainExec, Explained};
use information::{INFORMATION_SCHEMA, InformationSchema};
pub use options::SqlOptions;
use sent::{QueryTables, SentTables};
use tables::FeatureTables;
use threads::{QueryThreads, in_words};

const CATALOG: &str = "mangonel";
/// Up to so many rows a limit changes how a query is planned: a sort then keeps the rows in memory that it gives, and others
/// spill.
const PLANNED_ROWS_MAX: usize = 100_000;

/// A query to be run while its client reads.
pub(super) struct QueryRead {
    pub plan: Arc<dyn ExecutionPlan>,
    pub limits: QueryLimits,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct QueryLimits {
    timeout: Option<Duration>,
    /// Where tables were sent along: its rows are read once, and within this time, and then the tables are removed.
    pub life: Option<Duration>,
}

/// The plan of a query that was started, and the rows of one of its partitions.
pub(super) type StartedQuery = (Arc<dyn ExecutionPlan>, BoxStream<'static, Result<RecordBatch>>);

/// What queries share.
pub(super) struct Queries {
    options: SqlOptions,
    /// Of the tables that were sent along.
    folder: PathBuf,
    sent: SentTables,
    threads: QueryThreads,
}

impl Queries {
    /// # Errors
    /// When there is no folder or no thread to be had.
    pub(super) fn try_new(options: SqlOptions, staging: &Path) -> Result<Self> {
        let sent = SentTables::new(&options);
        Ok(Self { options, folder: sent::empty_folder(staging)?, sent, threads: QueryThreads::try_new()? })
    }

    /// The rows of a query, and the plan that gives them. Dropping the rows stops the work.
    ///
    /// # Errors
    /// When the plan cannot start; what fails later comes through the stream.
    pub(super) fn run(
        &self,
        engine: &Arc<dyn Engine>,
        plan: Arc<dyn ExecutionPlan>,
        partition: usize,
        limits: QueryLimits,
    ) -> Result<StartedQuery> {
        self.threads.run(engine, plan, partition, limits.timeout)
    }

    /// How long the server may work on a query that asks for `timeout_ms`, 0 for what is allowed.
    fn timeout(&self, timeout_ms: u64) -> Result<Option<Duration>> {
        let asked = Some(Duration::from_millis(timeout_ms)).filter(|asked| !asked.is_zero());
        match (asked, self.options.timeout_max) {
            (Some(asked), Some(max)) if asked > max => Err(Error::invalid(format!(
                "the query asks for {} of work, and this server gives {} (`--sql-timeout`)",
                in_words(asked),
                in_words(max)
            ))),
            (asked, max) => Ok(asked.or(max)),
        }
    }
}

impl FeatureStore {
    /// The plan of a query, to be read by [`QueryThreads::run`]. `asked`: the query takes the tables that were sent along for it;
    /// else it only looks at them.
    ///
    /// # Errors
    /// `invalid_argument`, in DataFusion's words, for what is no query or names what is not there.
    pub(super) async fn plan_query(&self, who: &Principal, query: v1::SqlQuery, asked: bool) -> Result<QueryRead> {
        let sent = match (query.query_id.as_str(), asked) {
            ("", _) => QueryTables::new(),
            (id, true) => self.queries.sent.take(who, id)?,
            (id, false) => self.queries.sent.of(who, id)?,
        };
        let timeout = self.queries.timeout(query.timeout_ms)?;
        let life = Some(self.queries.options.tables_life).filter(|_| !sent.is_empty());
        let moment = Moment::as_of(query.as_of_ms);
        let groups = self.visible_groups(who, moment).await?;
        let tables = FeatureTables::try_new(&self.warehouse, groups, moment, sent)?;
        let (config, runtime) = self.engine.queries();
        let schema = format!("{}_featurestore", who.project);
        let memory_bytes = self.memory_bytes;
        let planning = Planning { query, timeout, moment, schema, tables, config, runtime, memory_bytes };
        let plan = self.queries.threads.plan(timeout, planning.plan()).await?;
        Ok(QueryRead { plan, limits: QueryLimits { timeout, life } })
    }
}

/// A query on its way to a plan.
struct Planning {
    query: v1::SqlQuery,
    timeout: Option<Duration>,
    moment: Moment,
    schema: String,
    tables: FeatureTables,
    config: SessionConfig,
    runtime: Arc<RuntimeEnv>,
    memory_bytes: usize,
}

impl Planning {
    /// The plan, with one partition: whatever is shared between partitions inside is started once.
    async fn plan(self) -> Result<Arc<dyn ExecutionPlan>> {
        text::check_text(&self.query.sql)?;
        let config = self.config.clone().with_default_catalog_and_schema(CATALOG, &self.schema);
        // Ours says more.
        let config = config.with_information_schema(false);
        let state = sql_session_state(config, Arc::clone(&self.runtime), self.catalogs()?);
        let (statement, explained) = select(&state, &self.query.sql)?;
        let references = state.resolve_table_references(&statement).map_err(|error| sql_error(&error))?;
        let logical = state.statement_to_plan(statement).await;
        let unknown = |error| self.moment.about(unknown_tables(sql_error(&error), &references, &state, &self.tables));
        let logical = self.limited(logical.map_err(unknown)?)?;
        check_read_only(&logical)?;
        let plan = Box::pin(state.create_physical_plan(&logical)).await.map_err(|error| sql_error(&error))?;
        let mut plan: Arc<dyn ExecutionPlan> = match plan.output_partitioning().partition_count() {
            1 => plan,
            _ => Arc::new(CoalescePartitionsExec::new(plan)),
        };
        if let Some(limit) = self.limit().filter(|limit| *limit > PLANNED_ROWS_MAX) {
            plan = Arc::new(GlobalLimitExec::new(plan, 0, Some(limit)));
        }
        let Some(measured) = explained else { return Ok(plan) };
        let about = Explained {
            scans: self.tables.scans(),
            limit: self.query.limit,
            timeout: self.timeout,
            memory_bytes: self.memory_bytes,
            pool_bytes: match self.runtime.memory_pool.memory_limit() {
                MemoryLimit::Finite(bytes) => bytes,
                _ => self.memory_bytes,
            },
            measured,
        };
        Ok(ExplainExec::plan(plan, about))
    }

    fn limit(&self) -> Option<usize> {
        Some(self.query.limit).filter(|limit| *limit > 0).map(|limit| usize::try_from(limit).unwrap_or(usize::MAX))
    }

    fn limited(&self, plan: LogicalPlan) -> Result<LogicalPlan> {
        let Some(limit) = self.limit().filter(|limit| *limit <= PLANNED_ROWS_MAX) else { return Ok(plan) };
        let limited = LogicalPlanBuilder::from(plan).limit(0, Some(limit)).and_then(LogicalPlanBuilder::build);
        limited.map_err(|error| sql_error(&error))
    }

    /// A catalog with the tables and what is said of them, and no other catalog.
    fn catalogs(&self) -> Result<Arc<dyn CatalogProviderList>> {
        let (catalogs, catalog) = (MemoryCatalogProviderList::new(), MemoryCatalogProvider::new());
        let about = InformationSchema { catalog: CATALOG, schema: self.schema.clone(), tables: self.tables.clone() };
        let register = |name: &str, schema| catalog.register_schema(name, schema).map_err(|error| to_wire(&error));
        register(&self.schema, Arc::new(self.tables.clone()))?;
        register(INFORMATION_SCHEMA, Arc::new(about))?;
        catalogs.register_catalog(CATALOG.to_owned(), Arc::new(catalog));
        Ok(Arc::new(catalogs))
    }
}

/// The error of the wire for a query that cannot be planned or run: what the query itself is to blame for is
/// `invalid_argument`.
fn sql_error(error: &DataFusionError) -> Error {
    let wire = to_wire(error);
    match error.find_root() {
        _ if wire.code != ErrorCode::Internal => wire,
        DataFusionError::IoError(_)
        | DataFusionError::ObjectStore(_)
        | DataFusionError::ParquetError(_)
        | DataFusionError::External(_)
        | DataFusionError::Internal(_) => wire,
        root => {
            let mut said = root.strip_backtrace();
            if said.contains("Ambiguous reference") {
                said.push_str("; say of which table, such as `t.id`, in WHERE also after USING");
            }
            Error::invalid(said)
        }
    }
}

/// The one statement of `sql`, which must be a query; and whether it is to be explained, with or without being run.
fn select(state: &SessionState, sql: &str) -> Result<(Statement, Option<bool>)> {
    let dialect = state.config_options().sql_parser.dialect;
    let statement = state.sql_to_statement(sql, &dialect).map_err(|error| match error {
        DataFusionError::NotImplemented(_) => {
            Error::invalid("a query is one statement: ask several one after the other")
        }
        error => sql_error(&error),
    });
    let (statement, explained) = match statement? {
        Statement::Explain(explain) => {
            if explain.options.verbose || explain.options.format.is_some() {
                return Err(Error::invalid(
                    "EXPLAIN and EXPLAIN ANALYZE have one form here: leave out VERBOSE and FORMAT",
                ));
            }
            (*explain.statement, Some(explain.options.analyze))
        }
        other => (other, None),
    };
    let refused = match &statement {
        Statement::Statement(statement) => match statement.as_ref() {
            query @ ast::Statement::Query(_) => {
                text::check_tables(query)?;
                None
            }
            other => Some(first_word(&other.to_string())),
        },
        Statement::CreateExternalTable(_) => Some("CREATE EXTERNAL TABLE".to_owned()),
        Statement::CopyTo(_) => Some("COPY".to_owned()),
        Statement::Explain(_) => Some("EXPLAIN EXPLAIN".to_owned()),
        other => Some(first_word(&other.to_string())),
    };
    match refused {
        None => Ok((statement, explained)),
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
        reference.schema() != Some(INFORMATION_SCHEMA)
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
