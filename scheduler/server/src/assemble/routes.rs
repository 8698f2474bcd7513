//! Rows that have to be laid out anew for the stages of a request: what a route job is made of, which columns move and what
//! orders them, and how the stages read what was routed.

use std::{collections::BTreeSet, sync::Arc};

use arrow::datatypes::SchemaRef;
use datafusion::{error::Result as PlanResult, physical_plan::ExecutionPlan};
use mangonel_operators::{
    columns::DIGEST,
    error::{ours, to_wire},
    scan::{FileColumns, LaneScan, ScannedFile, file_scan, spread},
};
use mangonel_planner::{ColumnOf, ShardBounds, StageChild, lanes};
use mangonel_proto::{Result, v1::JoinType};

use super::{PinnedQuery, lane_starts, plan_error, plan_name, project};

/// Rows that have to be laid out anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Route {
    /// The child of an edge, for the stage that joins it.
    Child { stage: usize, edge: usize },
    /// What a stage joins others to.
    Base { stage: usize },
}

/// Rows as a route job has laid them out.
#[derive(Clone, Debug)]
pub(crate) struct Routed {
    pub buckets: u32,
    pub files: Vec<ScannedFile>,
    /// Columns of the files.
    pub schema: SchemaRef,
}

impl Routed {
    /// A route that was not run, for plans that are only looked at.
    pub(crate) fn empty(schema: &SchemaRef, buckets: u32) -> Self {
        Self { buckets, files: Vec::new(), schema: Arc::clone(schema) }
    }
}

/// What a route job is made of.
pub(crate) struct RoutePlan {
    pub input: Arc<dyn ExecutionPlan>,
    pub keys: Vec<String>,
    pub ties: Vec<String>,
    pub spread_nulls_by: Vec<String>,
    /// Rows that go in, as far as they are known.
    pub rows: u64,
}

impl PinnedQuery {
    /// What has to be laid out anew before [`PinnedQuery::plan`], in this order.
    pub(crate) fn routes(&self) -> Vec<Route> {
        let mut routes = Vec::new();
        for (stage, step) in self.stages.iter().enumerate() {
            let children = step.children.iter().filter(|child| child.routed);
            routes.extend(children.map(|child| Route::Child { stage, edge: child.edge }));
            if self.base_is_routed(stage) {
                routes.push(Route::Base { stage });
            }
        }
        routes
    }

    /// Notes that a route is laid out.
    pub(crate) fn add_routed(&mut self, route: Route, routed: Routed) {
        self.routed.insert(route, routed);
    }

    /// A route in words: `players_features_1 by team_id`.
    pub(crate) fn route_text(&self, route: Route) -> String {
        match route {
            Route::Child { stage, edge } => {
                let child = self.stages[stage].children.iter().find(|child| child.edge == edge);
                let keys = child.map(|child| child.keys.join(", ")).unwrap_or_default();
                format!("{} by {keys}", self.query.table(self.query.edges[edge].child))
            }
            Route::Base { stage } => {
                let keys: Vec<&str> = self.stages[stage].key.iter().map(|(_, column)| column.as_str()).collect();
                let joined = if self.groups_before(stage).len() > 1 { " with what was joined" } else { "" };
                format!("{}{joined} by {}", self.query.table(self.query.root), keys.join(", "))
            }
        }
    }

    /// The rows of a route before they are laid out anew, for `slots` tasks at the same time.
    ///
    /// # Errors
    /// When an earlier route is missing, or the tables do not fit the query.
    pub(crate) fn route_plan(&self, route: Route, slots: usize) -> Result<RoutePlan> {
        self.assemble_route(route, slots).map_err(|error| to_wire(&error))
    }

    fn assemble_route(&self, route: Route, slots: usize) -> PlanResult<RoutePlan> {
        match route {
            Route::Child { stage, edge } => {
                let group = self.query.edges[edge].child;
                let input = self.unsorted(group, slots)?;
                let child = self.stages[stage].children.iter().find(|child| child.edge == edge);
                let child = child.ok_or_else(|| plan_error("a stage lost a child"))?;
                let keys = child.keys.iter().map(|key| plan_name(group, key)).collect();
                // Its rows are looked up: those without a key are never found.
                let (ties, rows) = (self.own_ties(child), self.tables[group].rows);
                Ok(RoutePlan { input, keys, ties, spread_nulls_by: Vec::new(), rows })
            }
            Route::Base { stage } => {
                let rows = self.tables[self.query.root].rows;
                let input = match stage.checked_sub(1) {
                    None => self.unsorted(self.query.root, slots)?,
                    Some(before) => self.stage_plan(before, &self.lanes_of_stage(before, slots)?)?,
                };
                let carried = self.carried(stage).into_iter().map(|(group, column)| plan_name(group, &column));
                let input = project(input, carried.map(|name| (name.clone(), name)).collect())?;
                let step = &self.stages[stage];
                let keys = step.key.iter().map(|(group, column)| plan_name(*group, column)).collect();
                let optional = |child: &StageChild| self.query.edges[child.edge].join_type == JoinType::Left;
                let keeps_nulls = step.children.iter().all(optional);
                let root_key = self.keys(self.query.root).into_iter().map(|key| plan_name(self.query.root, &key));
                let spread_nulls_by = if keeps_nulls { root_key.collect() } else { Vec::new() };
                Ok(RoutePlan { input, keys, ties: self.ties(stage), spread_nulls_by, rows })
            }
        }
    }

    /// The rows of a group that count, for a job that sorts them anyway. Columns are named by [`plan_name`].
    fn unsorted(&self, group: usize, slots: usize) -> PlanResult<Arc<dyn ExecutionPlan>> {
        let columns = self.scanned(group);
        let scan = if self.unique(group) {
            self.scan(group, &self.lanes_in_place(&[group], slots), false)?
        } else {
            // File by file: lanes would read a file once for every lane that it has rows of.
            let files = spread(self.tables[group].files.clone(), 4 * slots, |file| file.bytes);
            file_scan(&self.tables[group].file_columns().map_err(ours)?, files, &columns)?
        };
        let columns = columns.into_iter().map(|column| (column.clone(), plan_name(group, &column)));
        project(scan, columns.collect())
    }

    /// Whether the rows that a stage joins others to come from route files: all but the root's own, in its own order.
    pub(super) fn base_is_routed(&self, stage: usize) -> bool {
        let root = self.query.root;
        let own = self.keys(root).into_iter().map(|key| (root, key));
        stage > 0 || !own.eq(self.stages[0].key.iter().cloned())
    }

    /// Groups that are joined before a stage begins, in order.
    fn groups_before(&self, stage: usize) -> Vec<usize> {
        let children = self.stages[..stage].iter().flat_map(|step| &step.children);
        std::iter::once(self.query.root).chain(children.map(|child| self.query.edges[child.edge].child)).collect()
    }

    /// Columns that the routed base of a stage has: what comes out, what is still to be joined on, and what orders rows.
    pub(super) fn carried(&self, stage: usize) -> Vec<ColumnOf> {
        let before = self.groups_before(stage);
        let mut needed: BTreeSet<ColumnOf> = BTreeSet::new();
        needed.extend(self.query.output.iter().map(|column| (column.group, column.feature.name.clone())));
        needed.extend(self.stages[stage..].iter().flat_map(|step| step.key.iter().cloned()));
        for edge in self.query.edges.iter().filter(|edge| !before.contains(&edge.child)) {
            needed.extend(edge.on.iter().map(|(parent, _)| (edge.parent, parent.clone())));
        }
        needed.extend(self.tie_columns(stage));
        needed.into_iter().filter(|(group, _)| before.contains(group)).collect()
    }

    /// What decides between rows of the base of a stage that are equal in its key: the root's order, then for one row of
    /// the root the order of its partners. Rows that are equal in all of it are equal in every column.
    fn tie_columns(&self, stage: usize) -> Vec<ColumnOf> {
        let root = self.query.root;
        let mut ties: Vec<ColumnOf> = Vec::new();
        if self.divides_keys || !self.unique(root) {
            ties.push((root, DIGEST.to_owned()));
        }
        for child in self.stages[..stage].iter().flat_map(|step| &step.children) {
            let group = self.query.edges[child.edge].child;
            ties.extend(self.child_ties(child).into_iter().map(|column| (group, column)));
        }
        ties
    }

    pub(super) fn ties(&self, stage: usize) -> Vec<String> {
        self.tie_columns(stage).into_iter().map(|(group, column)| plan_name(group, &column)).collect()
    }

    /// What decides between rows of a child that are equal in its join columns: its own order.
    fn child_ties(&self, child: &StageChild) -> Vec<String> {
        let group = self.query.edges[child.edge].child;
        let mut ties = if child.routed { self.keys(group) } else { Vec::new() };
        ties.retain(|column| !child.keys.contains(column));
        if !self.unique(group) {
            ties.push(DIGEST.to_owned());
        }
        ties
    }

    pub(super) fn own_ties(&self, child: &StageChild) -> Vec<String> {
        let group = self.query.edges[child.edge].child;
        self.child_ties(child).iter().map(|column| plan_name(group, column)).collect()
    }

    /// Columns that are read of a group: those of the query, and the digest where it orders rows that move.
    pub(super) fn scanned(&self, group: usize) -> Vec<String> {
        let mut columns = self.query.groups[group].columns.clone();
        let moves = (0..self.stages.len())
            .any(|stage| self.base_is_routed(stage) && self.groups_before(stage).contains(&group));
        let is_routed = |child: &StageChild| child.routed && self.query.edges[child.edge].child == group;
        let moves = moves
            || (self.divides_keys && group == self.query.root)
            || self.stages.iter().flat_map(|step| &step.children).any(is_routed);
        if moves && (!self.unique(group) || (self.divides_keys && group == self.query.root)) {
            columns.push(DIGEST.to_owned());
        }
        columns
    }

    /// Lanes for reading groups where they lie.
    pub(super) fn lanes_in_place(&self, groups: &[usize], slots: usize) -> Vec<u64> {
        let buckets: Vec<Option<u32>> = groups.iter().map(|group| self.tables[*group].buckets).collect();
        let cuts = route_buckets(slots);
        let lanes = lanes(cuts, true, slots as u32, &buckets);
        lane_starts(&ShardBounds::equal_width(cuts), lanes.iter().map(|lane| lane.first_shard).collect())
    }

    /// Lanes of a stage whose result is routed: the buckets of its base, where rows without a key stay where they are.
    fn lanes_of_stage(&self, stage: usize, slots: usize) -> PlanResult<Vec<u64>> {
        if !self.base_is_routed(stage) {
            let children = self.stages[stage].children.iter().filter(|child| !child.routed);
            let mut groups: Vec<usize> = children.map(|child| self.query.edges[child.edge].child).collect();
            groups.push(self.query.root);
            return Ok(self.lanes_in_place(&groups, slots));
        }
        let base = self.routed.get(&Route::Base { stage }).ok_or_else(|| plan_error("a stage has no base yet"))?;
        Ok(lane_starts(&ShardBounds::equal_width(base.buckets), (0..base.buckets).collect()))
    }

    pub(super) fn routed_scan(
        &self,
        route: Route,
        keys: &[String],
        ties: Vec<String>,
        lane_starts: &[u64],
    ) -> PlanResult<Arc<dyn ExecutionPlan>> {
        let routed = self.routed.get(&route).ok_or_else(|| plan_error("rows are not routed yet"))?;
        let scan = LaneScan {
            file_columns: FileColumns::stored(Arc::clone(&routed.schema)),
            files: routed.files.clone(),
            keys: keys.to_vec(),
            event_time: None,
            ties,
            columns: routed.schema.fields().iter().map(|field| field.name().clone()).collect(),
            lane_starts: lane_starts.to_vec(),
            latest: false,
            everywhere: false,
        };
        scan.plan()
    }
}

/// Buckets that rows are routed into: four per slot, so that a slow task does not leave the others idle.
pub(crate) fn route_buckets(slots: usize) -> u32 {
    (4 * slots.max(1)).next_power_of_two().min(4096) as u32
}
