//! The resolved form of a feature request: plain data that says which groups are read, how they are joined and which
//! columns come out. Built by `resolve`, read by `explain`, `physical` and the server.

use mangonel_proto::v1::{self, JoinType};

/// What a feature request means, with every name resolved and every choice made.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureQuery {
    /// Index in `groups` of the group whose rows decide which rows come out; always the first.
    pub root: usize,
    /// The root, then the other groups in the order in which the request first names a feature of them.
    pub groups: Vec<GroupUse>,
    /// A tree over `groups`; the parent of an edge is the root or the child of an earlier edge.
    pub edges: Vec<JoinEdge>,
    /// In request order, each name once.
    pub output: Vec<OutputColumn>,
    pub join_type: JoinType,
    /// Sentences about what the planner had to assume.
    pub warnings: Vec<String>,
    /// Rows at most; 0 means all.
    pub limit: u64,
}

/// One version of a feature group as one query reads it.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupUse {
    pub group: v1::FeatureGroup,
    /// Columns to read, in declared order: requested features, join columns, entity key, event time.
    pub columns: Vec<String>,
    /// Only the latest row per entity key counts; true when the group has an event time.
    pub latest_per_key: bool,
}

/// Joins a group to one that is nearer to the root.
#[derive(Clone, Debug, PartialEq)]
pub struct JoinEdge {
    pub parent: usize,
    pub child: usize,
    /// Pairs of (parent column, child column) that must be equal; at least one.
    pub on: Vec<(String, String)>,
    pub join_type: JoinType,
    pub kind: EdgeKind,
    /// A row of the parent meets at most one row of the child: `on` covers the child's whole entity key, and only the
    /// latest row per key is read.
    pub child_key_unique: bool,
    /// The opposite: nothing known at planning proves that a row of the parent meets at most one row of the child.
    pub may_multiply: bool,
    /// Why these columns.
    pub reason: String,
}

/// How the columns of an edge relate to the keys of its groups, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EdgeKind {
    /// The child's whole entity key is joined on: a lookup.
    Lookup,
    /// The parent's whole entity key is joined on; the child may hold several rows of it.
    Detail,
    /// Key columns that are the whole key of neither.
    KeyColumns,
    /// Columns that are in no key; only when nothing else links the groups.
    SharedColumns,
}

/// One column of the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputColumn {
    /// Bare name of the feature.
    pub name: String,
    pub group: usize,
    /// As declared, but nullable where a left join may find no row.
    pub feature: v1::Feature,
    /// Why this group.
    pub reason: String,
}

/// `<name>_<version>`, as tables and folders are named.
pub fn table_name(group: &v1::FeatureGroup) -> String {
    format!("{}_{}", group.name, group.version)
}

impl JoinEdge {
    /// The columns as text: `team_id`, or `team_id = Team_ID` where their spelling differs.
    pub fn on_text(&self) -> String {
        on_text(&self.on)
    }
}

pub(crate) fn on_text(on: &[(String, String)]) -> String {
    let pair = |(parent, child): &(String, String)| {
        if parent == child { format!("`{parent}`") } else { format!("`{parent}` = `{child}`") }
    };
    on.iter().map(pair).collect::<Vec<_>>().join(", ")
}

impl FeatureQuery {
    /// `<name>_<version>` of a group of this query.
    pub fn table(&self, group: usize) -> String {
        table_name(&self.groups[group].group)
    }

    /// The column nearest to the root that equals `column` of `group` in every joined row: follows the edges towards the
    /// root as long as the column is joined on. Two columns are equal by the joins if their origins are the same.
    pub fn origin<'a>(&'a self, group: usize, column: &'a str) -> (usize, &'a str) {
        origin(&self.edges, group, column)
    }

    /// Whether the child of `edge` can be joined in the root's hash ranges without moving a row: the edge joins on the
    /// child's whole entity key, and its parent columns equal the root's whole entity key, both in declared order, and both
    /// tables are laid out by the same version of the hash.
    pub fn colocated(&self, edge: &JoinEdge) -> bool {
        let root = &self.groups[self.root].group;
        let child = &self.groups[edge.child].group;
        let key = &child.primary_key;
        if key.is_empty() || key.len() != root.primary_key.len() || key.len() != edge.on.len() {
            return false;
        }
        let same = |(child_key, root_key): (&String, &String)| {
            let pair = edge.on.iter().find(|(_, child)| child == child_key);
            pair.is_some_and(|(parent, _)| self.origin(edge.parent, parent) == (self.root, root_key.as_str()))
        };
        child.hash_version == root.hash_version && key.iter().zip(&root.primary_key).all(same)
    }

    /// Indexes of the edges that [`FeatureQuery::colocated`] holds for.
    pub fn colocated_edges(&self) -> Vec<usize> {
        (0..self.edges.len()).filter(|&index| self.colocated(&self.edges[index])).collect()
    }
}

pub(crate) fn origin<'a>(edges: &'a [JoinEdge], mut group: usize, mut column: &'a str) -> (usize, &'a str) {
    while let Some(edge) = edges.iter().find(|edge| edge.child == group) {
        let Some((parent, _)) = edge.on.iter().find(|(_, child)| child == column) else { break };
        (group, column) = (edge.parent, parent);
    }
    (group, column)
}
