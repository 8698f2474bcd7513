//! From a resolved feature request and pinned tables to plans that both engines run: sorted scans of the groups merged in one
//! pass per stage, small other groups joined by broadcast. Rows that a stage needs laid out otherwise come from route files.

mod routes;

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
    columns::{DIGEST, ROOT_DIGEST, key_column},
    error::{ours, to_wire},
    merge_join::{JoinColumn, JoinInput, MergeJoinExec},
    operator::OperatorExec,
    scan::{GROUP_TIES, LaneScan, ScannedFile, file_scan, spread},
};
use mangonel_planner::{
    ColumnOf, ShardBounds, Stage,
    physical::{EdgeStrategy, GroupSize, plan_edges},
    query::{FeatureQuery, OutputColumn},
    stages,
};
use mangonel_proto::{Error, Result, v1::JoinType};

use crate::pins::PinnedTable;
pub(crate) use routes::{Route, Routed, route_buckets};

/// A request with its tables pinned: everything that a plan is made of.
#[derive(Clone)]
pub(crate) struct PinnedQuery {
    pub query: FeatureQuery,
    /// One per group of the query, in order.
    pub tables: Vec<PinnedTable>,
    pub strategies: Vec<EdgeStrategy>,
    stages: Vec<Stage>,
    /// Shards divide keys, so that the order of the root's rows is needed where they are written.
    divides_keys: bool,
    /// Rows that were laid out anew so far, in the order of [`PinnedQuery::routes`].
    routed: BTreeMap<Route, Routed>,
}

impl PinnedQuery {
    /// `broadcast_bytes_max`: largest group that is sent whole to every task.
    pub(crate) fn new(query: FeatureQuery, tables: Vec<PinnedTable>, broadcast_bytes_max: u64) -> Self {
        let sizes: Vec<GroupSize> =
            tables.iter().map(|table| GroupSize { rows: table.rows, bytes: table.bytes() }).collect();
        let strategies = plan_edges(&query, &sizes, broadcast_bytes_max);
        let stages = stages(&query, &strategies);
        Self { query, tables, strategies, stages, divides_keys: false, routed: BTreeMap::new() }
    }

    /// Entity key of the root.
    pub(crate) fn root_keys(&self) -> Vec<String> {
        self.keys(self.query.root)
    }

    /// Whether the root contributes one row per entity key.
    pub(crate) fn root_is_unique(&self) -> bool {
        self.unique(self.query.root)
    }

    /// Entity keys of the root's rows that count, for `slots` tasks at the same time; `with_digest` with their digests.
    ///
    /// # Errors
    /// When the table lacks a column.
    pub(crate) fn root_plan(&self, slots: usize, with_digest: bool) -> Result<Arc<dyn ExecutionPlan>> {
        let root = self.query.root;
        let table = &self.tables[root];
        let mut columns = self.keys(root);
        let plan = if self.unique(root) {
            let event_time = self.query.groups[root].group.event_time.clone();
            columns.extend(Some(event_time.clone()).filter(|name| !columns.contains(name)));
            let lanes = self.lanes_in_place(&[root], slots);
            table.lane_scan(columns, Some(event_time), true, &lanes)?.plan()
        } else {
            columns.extend(with_digest.then(|| DIGEST.to_owned()));
            let files = spread(table.files.clone(), slots, |file| file.bytes);
            file_scan(&table.file_columns()?, files, &columns)
        };
        plan.map_err(|error| to_wire(&error))
    }

    /// Makes [`PinnedQuery::plan`] carry the order of the root's rows; to be said before anything is routed.
    pub(crate) fn carry_order(&mut self) {
        self.divides_keys = true;
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

    /// Columns of the answer that hold no null for certain: declared so or counted so, and not from the far side of a left
    /// join.
    pub(crate) fn columns_without_nulls(&self) -> BTreeSet<String> {
        let proven = |column: &&OutputColumn| {
            let table = &self.tables[column.group];
            let stored = table.schema.field_with_name(&column.feature.name);
            // The members of a struct may be null where the struct is not.
            let is_struct = stored.as_ref().is_ok_and(|field| matches!(field.data_type(), DataType::Struct(_)));
            let counted = !is_struct && table.nulls.get(&column.feature.name) == Some(&0);
            let is_root = column.group == self.query.root;
            let matched = is_root || self.query.join_type != JoinType::Left;
            matched && (counted || stored.is_ok_and(|field| !field.is_nullable()))
        };
        self.query.output.iter().filter(proven).map(|column| column.name.clone()).collect()
    }

    /// Nulls that will come out for certain, by column of the answer: those of a root all of whose rows come out once.
    pub(crate) fn certain_nulls(&self) -> BTreeMap<String, u64> {
        let root = self.query.root;
        let all_rows = self.query.edges.is_empty() || self.query.join_type == JoinType::Left;
        let columns = self.query.output.iter().filter(|column| column.group == root);
        let counted = columns.map(|column| (&column.name, self.tables[root].nulls.get(&column.feature.name)));
        let certain =
            counted.filter_map(|(name, nulls)| Some((name.clone(), nulls.copied().filter(|nulls| *nulls > 0)?)));
        if all_rows && !self.unique(root) { certain.collect() } else { BTreeMap::new() }
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
        let mut plan = self.stage_plan(self.stages.len() - 1, lane_starts)?;
        for (index, edge) in query.edges.iter().enumerate() {
            // What hangs on a broadcast group is joined with it before it is sent.
            let parent_is_sent =
                (0..query.edges.len()).any(|other| query.edges[other].child == edge.parent && self.is_broadcast(other));
            if self.is_broadcast(index) && !parent_is_sent {
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
            if self.divides_keys {
                columns.push((plan_name(query.root, DIGEST), ROOT_DIGEST.to_owned()));
            }
        }
        project(plan, columns)
    }

    fn is_broadcast(&self, edge: usize) -> bool {
        self.strategies[edge] == EdgeStrategy::Broadcast
    }

    /// The base of a stage merged with its children in one pass. Columns are named by [`plan_name`].
    fn stage_plan(&self, stage: usize, lane_starts: &[u64]) -> PlanResult<Arc<dyn ExecutionPlan>> {
        let step = &self.stages[stage];
        let named = |columns: Vec<ColumnOf>| columns.into_iter().map(|(group, column)| plan_name(group, &column));
        // Per input: its scan, its keys and the columns that come out, by their names in the input and in the plan.
        let mut scans = Vec::new();
        let mut inputs = Vec::new();
        let mut output = Vec::new();
        if self.base_is_routed(stage) {
            let keys: Vec<String> = named(step.key.clone()).collect();
            scans.push(self.routed_scan(Route::Base { stage }, &keys, self.ties(stage), lane_starts)?);
            inputs.push(JoinInput { keys, unique: false, optional: false });
            let columns = named(self.carried(stage));
            output.extend(columns.map(|name| JoinColumn { input: 0, column: name.clone(), name }));
        } else {
            let root = self.query.root;
            scans.push(self.scan(root, lane_starts, false)?);
            inputs.push(JoinInput { keys: self.keys(root), unique: self.unique(root), optional: false });
            output.extend(self.scanned(root).into_iter().map(|column| join_column(0, root, column)));
        }
        for child in &step.children {
            let edge = &self.query.edges[child.edge];
            let (input, group, optional) = (scans.len(), edge.child, edge.join_type == JoinType::Left);
            if child.routed {
                let keys: Vec<String> = child.keys.iter().map(|key| plan_name(group, key)).collect();
                let route = Route::Child { stage, edge: child.edge };
                scans.push(self.routed_scan(route, &keys, self.own_ties(child), lane_starts)?);
                inputs.push(JoinInput { keys, unique: false, optional });
                let columns = named(self.scanned(group).into_iter().map(|column| (group, column)).collect());
                output.extend(columns.map(|name| JoinColumn { input, column: name.clone(), name }));
            } else {
                scans.push(self.scan(group, lane_starts, false)?);
                inputs.push(JoinInput { keys: child.keys.clone(), unique: self.unique(group), optional });
                output.extend(self.scanned(group).into_iter().map(|column| join_column(input, group, column)));
            }
        }
        match <[_; 1]>::try_from(scans) {
            Ok([only]) => project(only, output.into_iter().map(|column| (column.column, column.name)).collect()),
            Err(scans) => OperatorExec::plan(MergeJoinExec { inputs, output }, scans),
        }
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
        let columns = if everywhere { used.columns.clone() } else { self.scanned(group) };
        let scan = self.tables[group].lane_scan(columns, event_time, used.latest_per_key, lane_starts);
        let mut scan = scan.map_err(ours)?;
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
    ///
    /// # Errors
    /// `internal` for a partition column that is no feature.
    pub(crate) fn lane_scan(
        &self,
        columns: Vec<String>,
        event_time: Option<String>,
        latest: bool,
        lane_starts: &[u64],
    ) -> Result<LaneScan> {
        Ok(LaneScan {
            file_columns: self.file_columns()?,
            files: self.files.clone(),
            keys: self.primary_key.clone(),
            event_time,
            ties: GROUP_TIES.map(str::to_owned).into(),
            columns,
            lane_starts: lane_starts.to_vec(),
            latest,
            everywhere: false,
        })
    }

    /// Every row of the table, with the columns in the order given.
    ///
    /// # Errors
    /// When the table lacks a column.
    pub(crate) fn read_plan(&self, columns: Vec<String>, lane_starts: &[u64]) -> Result<Arc<dyn ExecutionPlan>> {
        let scan = self.lane_scan(columns.clone(), None, false, lane_starts)?;
        let plan =
            scan.plan().and_then(|plan| project(plan, columns.into_iter().map(|name| (name.clone(), name)).collect()));
        plan.map_err(|error| to_wire(&error))
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.files.iter().map(|file: &ScannedFile| file.bytes).sum()
    }
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

fn join_column(input: usize, group: usize, column: String) -> JoinColumn {
    let name = plan_name(group, &column);
    JoinColumn { input, column, name }
}

fn plan_error(what: &str) -> DataFusionError {
    DataFusionError::Plan(what.into())
}

/// First hash of each lane, given the first shard of each.
pub(crate) fn lane_starts(bounds: &ShardBounds, first_shards: Vec<u32>) -> Vec<u64> {
    first_shards.into_iter().map(|shard| bounds.first(shard).map_or(u64::MAX, |first| first.hash)).collect()
}
