//! How rows meet: a chain of stages, each a merge of inputs that are hashed and sorted by the same columns. Where the join
//! columns are not what rows are laid out by, they are routed: written anew, by the hash of those columns.

use std::collections::BTreeSet;

use mangonel_proto::v1::JoinType;

use crate::{
    physical::EdgeStrategy,
    query::{FeatureQuery, JoinEdge},
};

/// A column of a group of the query.
pub type ColumnOf = (usize, String);

/// One merge. Its base is the root's rows in the first stage, else what the stage before gave; rows of the base that are
/// not hashed by `key` already are routed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// What the inputs are hashed and sorted by, as columns of the base.
    pub key: Vec<ColumnOf>,
    /// Groups that are joined to the base, in order.
    pub children: Vec<StageChild>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageChild {
    /// Index in the query's edges.
    pub edge: usize,
    /// Its join columns, in the order of the stage's key.
    pub keys: Vec<String>,
    /// Its rows are laid out by other columns and have to be routed.
    pub routed: bool,
}

/// The stages that join everything but what `strategies` broadcasts. The last one is hashed by the root's entity key, which
/// is what shards are ranges of; where no edge is routed it is the only one.
///
/// Rows are moved once per list of join columns. What is joined on the root's key waits for the last stage, unless
/// something that is joined on other columns hangs on it.
pub fn stages(query: &FeatureQuery, strategies: &[EdgeStrategy]) -> Vec<Stage> {
    let root_key: Vec<ColumnOf> =
        query.groups[query.root].group.primary_key.iter().map(|name| (query.root, name.clone())).collect();
    let moved = |edge: usize| strategies.get(edge) != Some(&EdgeStrategy::Broadcast);
    let joins: Vec<Join> = (0..query.edges.len()).filter(|edge| moved(*edge)).map(|edge| join(query, edge)).collect();
    let mut waiting: Vec<&Join> = joins.iter().collect();
    let mut joined = BTreeSet::from([query.root]);
    let mut stages = Vec::new();

    while waiting.iter().any(|join| join.key != root_key) {
        // First what others hang on, so that they can be reached at all.
        let key = match waiting.iter().find(|join| join.key != root_key && joined.contains(&join.parent)) {
            Some(join) if !stages.is_empty() || !must_come_first(&waiting, &root_key, query) => join.key.clone(),
            _ => root_key.clone(),
        };
        let first: Vec<&Join> = if key == root_key {
            let needed =
                |join: &&Join| waiting.iter().any(|other| other.key != root_key && hangs_on(query, other, join));
            waiting.iter().copied().filter(|join| join.key == root_key && needed(join)).collect()
        } else {
            waiting.iter().copied().filter(|join| join.key == key).collect()
        };
        let children = take(first, &mut waiting, &mut joined);
        if children.is_empty() {
            // Ruled out by the tree: every group can be reached from the root.
            break;
        }
        stages.push(Stage { key, children });
    }
    let rest = waiting.clone();
    let children = take(rest, &mut waiting, &mut joined);
    stages.push(Stage { key: root_key, children });
    stages
}

/// An edge with the columns that its join hashes by.
struct Join {
    edge: usize,
    parent: usize,
    child: usize,
    key: Vec<ColumnOf>,
    child_keys: Vec<String>,
    routed: bool,
}

fn join(query: &FeatureQuery, index: usize) -> Join {
    let edge = &query.edges[index];
    let root = &query.groups[query.root].group;
    let child = &query.groups[edge.child].group;
    // A left join may find no row of the parent, whose columns are then null although the column that they are joined on
    // is not.
    let strict = edge.join_type == JoinType::Left && !query.colocated(edge);
    let origin = |parent: &String| {
        let (group, column) = if strict { (edge.parent, parent.as_str()) } else { query.origin(edge.parent, parent) };
        (group, column.to_owned())
    };
    let pairs: Vec<(ColumnOf, String)> =
        edge.on.iter().map(|(parent, child)| (origin(parent), child.clone())).collect();
    let by_root: Option<Vec<&(ColumnOf, String)>> = root
        .primary_key
        .iter()
        .map(|name| pairs.iter().find(|(column, _)| *column == (query.root, name.clone())))
        .collect();
    let by_child: Option<Vec<&(ColumnOf, String)>> =
        child.primary_key.iter().map(|name| pairs.iter().find(|(_, column)| column == name)).collect();
    let whole = |ordered: &Vec<&(ColumnOf, String)>| ordered.len() == pairs.len();
    // The root's order first: its rows need not move then. Then the child's.
    let ordered = by_root.filter(whole).or(by_child.filter(whole)).unwrap_or_else(|| pairs.iter().collect());
    let key: Vec<ColumnOf> = ordered.iter().map(|(column, _)| column.clone()).collect();
    let child_keys: Vec<String> = ordered.iter().map(|(_, column)| column.clone()).collect();
    let routed = child_keys != child.primary_key || child.hash_version != root.hash_version;
    Join { edge: index, parent: edge.parent, child: edge.child, key, child_keys, routed }
}

/// Takes the joins whose parents are there, in the order of the tree.
fn take(wanted: Vec<&Join>, waiting: &mut Vec<&Join>, joined: &mut BTreeSet<usize>) -> Vec<StageChild> {
    let mut children = Vec::new();
    for join in wanted {
        // Parents come before children in the tree, so that one pass is enough.
        if joined.contains(&join.parent) {
            joined.insert(join.child);
            waiting.retain(|other| other.edge != join.edge);
            children.push(StageChild { edge: join.edge, keys: join.child_keys.clone(), routed: join.routed });
        }
    }
    children
}

/// Whether something on other columns hangs on a group that is joined on the root's key.
fn must_come_first(waiting: &[&Join], root_key: &[ColumnOf], query: &FeatureQuery) -> bool {
    let on_root_key = |join: &&&Join| join.key == root_key;
    waiting
        .iter()
        .filter(on_root_key)
        .any(|join| waiting.iter().any(|other| other.key != root_key && hangs_on(query, other, join)))
}

/// Whether `join`'s parent is the child of `above`, or below it.
fn hangs_on(query: &FeatureQuery, join: &Join, above: &Join) -> bool {
    let mut group = join.parent;
    loop {
        if group == above.child {
            return true;
        }
        let edge: Option<&JoinEdge> = query.edges.iter().find(|edge| edge.child == group);
        match edge {
            Some(edge) => group = edge.parent,
            None => return false,
        }
    }
}
