//! From a resolved feature request and pinned tables to a plan that both engines run: sorted scans of the groups on the
//! root's entity key merged in one pass, small other groups joined by broadcast.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::{
    error::{DataFusionError, Result as PlanResult},
    physical_expr::expressions::col,
    physical_plan::{
        ExecutionPlan, ExecutionPlanProperties,
        coalesce_partitions::CoalescePartitionsExec,
        limit::GlobalLimitExec,
        projection::{ProjectionExec, ProjectionExpr},
    },
};
use mangonel_operators::{
    broadcast_join::BroadcastJoinExec,
    columns::{DIGEST, key_column},
    error::to_wire,
    merge_join::{JoinColumn, JoinInput, MergeJoinExec},
    operator::OperatorExec,
    scan::{LaneScan, ScannedFile},
};
use mangonel_planner::{
    physical::{EdgeStrategy, GroupSize, plan_edges},
    query::{FeatureQuery, OutputColumn},
};
use mangonel_proto::{Error, Result, v1::JoinType};

use crate::pins::PinnedTable;

/// Largest group that is sent whole to every task.
pub(crate) const BROADCAST_BYTES_MAX: u64 = 64 << 20;

/// A request with its tables pinned: everything that a plan is made of.
pub(crate) struct PinnedQuery {
    pub query: FeatureQuery,
    /// One per group of the query, in order.
    pub tables: Vec<PinnedTable>,
    pub strategies: Vec<EdgeStrategy>,
}

impl PinnedQuery {
    /// # Errors
    /// When a group can only be joined by moving rows, and is too large for a broadcast.
    pub(crate) fn new(query: FeatureQuery, tables: Vec<PinnedTable>) -> Result<Self> {
        let sizes: Vec<GroupSize> =
            tables.iter().map(|table| GroupSize { rows: table.rows, bytes: table.bytes() }).collect();
        let strategies = plan_edges(&query, &sizes, BROADCAST_BYTES_MAX);
        let problems = query.edges.iter().zip(&strategies).filter(|(_, strategy)| **strategy == EdgeStrategy::Routed);
        let problems = problems.map(|(edge, _)| {
            Error::invalid(format!(
                "`{}` has {} MiB and would have to be joined on {}, which is not the entity key of `{}`: such a join moves \
                 rows between tasks, which this release does not do yet above {} MiB",
                query.table(edge.child),
                sizes[edge.child].bytes >> 20,
                edge.on_text(),
                query.table(query.root),
                BROADCAST_BYTES_MAX >> 20
            ))
        });
        Error::all(problems.collect())?;
        Ok(Self { query, tables, strategies })
    }

    /// Types and names of the answer, in request order.
    pub(crate) fn output_schema(&self) -> Result<SchemaRef> {
        let fields = self.query.output.iter().map(|column| {
            let stored = &self.tables[column.group].schema;
            let field =
                stored.field_with_name(&column.feature.name).map_err(|error| Error::internal(error.to_string()))?;
            let nullable = column.feature.nullable || field.is_nullable();
            Ok(Arc::new(
                Field::new(&column.name, field.data_type().clone(), nullable).with_metadata(field.metadata().clone()),
            ))
        });
        Ok(Arc::new(Schema::new(fields.collect::<Result<Vec<_>>>()?)))
    }

    /// Columns of the answer that hold no null for certain: declared so, and not from the far side of a left join.
    pub(crate) fn columns_without_nulls(&self) -> BTreeSet<String> {
        let declared = |column: &&OutputColumn| {
            let stored = self.tables[column.group].schema.field_with_name(&column.feature.name);
            !column.feature.nullable && stored.is_ok_and(|field| !field.is_nullable())
        };
        self.query.output.iter().filter(declared).map(|column| column.name.clone()).collect()
    }

    /// Lists of which every row has the same length, by column of the answer.
    pub(crate) fn list_lengths(&self) -> BTreeMap<String, usize> {
        let fixed = self.query.output.iter().filter(|column| column.feature.fixed_length > 0);
        fixed.map(|column| (column.name.clone(), column.feature.fixed_length as usize)).collect()
    }

    /// Bytes of all pinned files.
    pub(crate) fn bytes(&self) -> u64 {
        self.tables.iter().map(PinnedTable::bytes).sum()
    }

    /// The join, one partition per lane, in root order within a lane. The answer's columns come first, then the copies
    /// of the root's entity key if `with_keys`.
    ///
    /// # Errors
    /// When the tables do not fit the query.
    pub(crate) fn plan(&self, lane_starts: &[u64], with_keys: bool) -> Result<Arc<dyn ExecutionPlan>> {
        self.assemble(lane_starts, with_keys).map_err(|error| to_wire(&error))
    }

    /// [`PinnedQuery::plan`] for a reader: without keys, cut to the request's limit.
    ///
    /// # Errors
    /// When the tables do not fit the query.
    pub(crate) fn read_plan(&self, lane_starts: &[u64]) -> Result<Arc<dyn ExecutionPlan>> {
        let plan = self.plan(lane_starts, false)?;
        Ok(match usize::try_from(self.query.limit) {
            Ok(0) => plan,
            limit => {
                let single: Arc<dyn ExecutionPlan> = match plan.output_partitioning().partition_count() {
                    1 => plan,
                    _ => Arc::new(CoalescePartitionsExec::new(plan)),
                };
                Arc::new(GlobalLimitExec::new(single, 0, limit.ok()))
            }
        })
    }

    fn assemble(&self, lane_starts: &[u64], with_keys: bool) -> PlanResult<Arc<dyn ExecutionPlan>> {
        let query = &self.query;
        let mut plan = self.merged(lane_starts)?;
        for (index, edge) in query.edges.iter().enumerate() {
            // What hangs on a broadcast group is joined with it before it is sent.
            let parent_is_merged = edge.parent == query.root || self.is_merged(edge.parent);
            if self.strategies[index] == EdgeStrategy::Broadcast && parent_is_merged {
                plan = self.broadcast(plan, index, lane_starts)?;
            }
        }
        let mut columns = Vec::new();
        for column in &query.output {
            columns.push((plan_name(column.group, &column.feature.name), column.name.clone()));
        }
        if with_keys {
            let keys = query.groups[query.root].group.primary_key.iter().enumerate();
            columns.extend(keys.map(|(index, key)| (plan_name(query.root, key), key_column(index))));
        }
        project(plan, columns)
    }

    fn is_merged(&self, group: usize) -> bool {
        self.query
            .edges
            .iter()
            .zip(&self.strategies)
            .any(|(edge, strategy)| edge.child == group && *strategy == EdgeStrategy::Merge)
    }

    /// The root and all groups on its key, joined in one pass. Columns are named by [`plan_name`].
    fn merged(&self, lane_starts: &[u64]) -> PlanResult<Arc<dyn ExecutionPlan>> {
        let query = &self.query;
        let mut groups = vec![query.root];
        let mut inputs =
            vec![JoinInput { keys: self.keys(query.root), unique: self.unique(query.root), optional: false }];
        for (edge, strategy) in query.edges.iter().zip(&self.strategies) {
            if *strategy == EdgeStrategy::Merge {
                let optional = edge.join_type == JoinType::Left;
                inputs.push(JoinInput { keys: self.keys(edge.child), unique: self.unique(edge.child), optional });
                groups.push(edge.child);
            }
        }
        let scans = groups.iter().map(|group| self.scan(*group, lane_starts, false)).collect::<PlanResult<Vec<_>>>()?;
        let columns = groups.iter().enumerate().flat_map(|(input, group)| {
            let columns = query.groups[*group].columns.iter();
            columns.map(move |column| JoinColumn { input, column: column.clone(), name: plan_name(*group, column) })
        });
        let output: Vec<JoinColumn> = columns.collect();
        if groups.len() == 1 {
            let Some(scan) = scans.into_iter().next() else { return Err(no_root()) };
            return project(scan, output.into_iter().map(|column| (column.column, column.name)).collect());
        }
        OperatorExec::plan(MergeJoinExec { inputs, output }, scans)
    }

    /// Joins `plan` with the child of `edge` and everything below it, which every lane reads whole.
    fn broadcast(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        edge: usize,
        lane_starts: &[u64],
    ) -> PlanResult<Arc<dyn ExecutionPlan>> {
        let edge = &self.query.edges[edge];
        let mut small = self.scan(edge.child, lane_starts, true)?;
        let columns = self.query.groups[edge.child].columns.iter();
        small = project(small, columns.map(|column| (column.clone(), plan_name(edge.child, column))).collect())?;
        for (below, child_edge) in self.query.edges.iter().enumerate() {
            if child_edge.parent == edge.child {
                small = self.broadcast(small, below, lane_starts)?;
            }
        }
        let keys = edge.on.iter();
        let keys = keys.map(|(parent, child)| (plan_name(edge.parent, parent), plan_name(edge.child, child))).collect();
        let join = BroadcastJoinExec { keys, optional: edge.join_type == JoinType::Left };
        OperatorExec::plan(join, vec![plan, small])
    }

    fn scan(&self, group: usize, lane_starts: &[u64], everywhere: bool) -> PlanResult<Arc<dyn ExecutionPlan>> {
        let used = &self.query.groups[group];
        let event_time = Some(used.group.event_time.clone()).filter(|name| !name.is_empty());
        let mut scan = self.tables[group].lane_scan(used.columns.clone(), event_time, used.latest_per_key, lane_starts);
        scan.everywhere = everywhere;
        scan.plan()
    }

    fn keys(&self, group: usize) -> Vec<String> {
        self.query.groups[group].group.primary_key.clone()
    }

    fn unique(&self, group: usize) -> bool {
        self.query.groups[group].latest_per_key
    }
}

impl PinnedTable {
    /// A scan of this table, lane by lane.
    pub(crate) fn lane_scan(
        &self,
        columns: Vec<String>,
        event_time: Option<String>,
        latest: bool,
        lane_starts: &[u64],
    ) -> LaneScan {
        LaneScan {
            file_schema: file_schema(&self.schema),
            files: self.files.clone(),
            keys: self.primary_key.clone(),
            event_time,
            columns,
            lane_starts: lane_starts.to_vec(),
            latest,
            everywhere: false,
        }
    }

    /// Every row of the table, with the columns in the order given.
    ///
    /// # Errors
    /// When the table lacks a column.
    pub(crate) fn read_plan(&self, columns: Vec<String>, lane_starts: &[u64]) -> Result<Arc<dyn ExecutionPlan>> {
        let scan = self.lane_scan(columns.clone(), None, false, lane_starts);
        let plan =
            scan.plan().and_then(|plan| project(plan, columns.into_iter().map(|name| (name.clone(), name)).collect()));
        plan.map_err(|error| to_wire(&error))
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.files.iter().map(|file: &ScannedFile| file.bytes).sum()
    }
}

/// The stored features and the internal columns that scans may ask for.
fn file_schema(stored: &Schema) -> SchemaRef {
    let mut fields: Vec<_> = stored.fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new(DIGEST, DataType::FixedSizeBinary(16), true)));
    Arc::new(Schema::new(fields))
}

/// Name of a group's column within a plan, where every name must be different.
fn plan_name(group: usize, column: &str) -> String {
    format!("{group}.{column}")
}

/// `columns`: (name in the input, name in the output).
fn project(input: Arc<dyn ExecutionPlan>, columns: Vec<(String, String)>) -> PlanResult<Arc<dyn ExecutionPlan>> {
    let schema = input.schema();
    let expressions = columns.into_iter().map(|(column, alias)| Ok(ProjectionExpr::new(col(&column, &schema)?, alias)));
    Ok(Arc::new(ProjectionExec::try_new(expressions.collect::<PlanResult<Vec<_>>>()?, input)?))
}

fn no_root() -> DataFusionError {
    DataFusionError::Plan("a query needs a root group".into())
}
