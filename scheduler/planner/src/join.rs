//! The join graph: which columns two groups can be joined on, and the one tree that links all groups of a request.
//!
//! Columns for a pair of groups are those that both have (names without regard to case, types that compare), without event
//! times that are in no key. Of them, the first that applies: the child's whole key; the parent's whole key; the columns
//! that are in both keys; the column that is in the keys of the most groups of the request (ties by name); all of them.
//! With a `join_key` it is those columns for every pair.
//!
//! The tree grows from the root. Each step takes, of all pairs of a joined and an unjoined group, the best kind of columns,
//! then the longest key, then the parent nearest to the root, then the child and the parent named first in the request.

use std::{cmp::Reverse, collections::BTreeSet, collections::HashMap};

use mangonel_proto::{
    Error,
    names::shown,
    v1::{Feature, FeatureGroup, JoinType},
};

use crate::{
    key_type::key_type,
    query::{EdgeKind, JoinEdge, on_text, origin, table_name},
    visible::feature_of,
};

/// The tree of one request, and what was wrong or assumed on the way.
pub(crate) struct JoinTree {
    pub(crate) edges: Vec<JoinEdge>,
    pub(crate) warnings: Vec<String>,
    /// Columns of `join_key` that cannot be joined on.
    pub(crate) key_problems: Vec<Error>,
    /// Groups that nothing links to the root.
    pub(crate) path_problems: Vec<Error>,
}

/// Builds the tree over `groups`, of which the first is the root and the rest are in request order. `join_key` is empty
/// when the columns are to be inferred. `others` may be proposed as a link where there is none.
pub(crate) fn join_tree(
    groups: &[&FeatureGroup],
    join_key: &[String],
    join_type: JoinType,
    others: &[&FeatureGroup],
) -> JoinTree {
    let mut tree = JoinTree { edges: vec![], warnings: vec![], key_problems: vec![], path_problems: vec![] };
    if groups.len() < 2 {
        if let (Some(group), false) = (groups.first(), join_key.is_empty()) {
            let message = format!("the join key is not used: every feature comes from `{}`", table_name(group));
            tree.warnings.push(message);
        }
        return tree;
    }
    tree.key_problems = join_key_problems(groups, join_key);
    if !tree.key_problems.is_empty() {
        return tree;
    }
    let graph = Graph::new(groups, join_key);
    let unreached = grow(&graph, join_type, &mut tree);
    warn(&graph, &mut tree);
    tree.path_problems = unreached.into_iter().map(|child| no_path(&graph, child, others)).collect();
    tree
}

/// How one group can be joined to another.
#[derive(Clone)]
struct Candidate {
    kind: EdgeKind,
    on: Vec<(String, String)>,
}

/// The groups of a request, with what is needed to compare any two of them.
struct Graph<'a> {
    groups: &'a [&'a FeatureGroup],
    join_key: &'a [String],
    /// Lower-case column name -> number of groups of the request whose key holds it.
    keys: HashMap<String, usize>,
    /// Per group: lower-case column name -> feature.
    columns: Vec<HashMap<String, &'a Feature>>,
}

impl<'a> Graph<'a> {
    fn new(groups: &'a [&'a FeatureGroup], join_key: &'a [String]) -> Self {
        let mut keys = HashMap::new();
        for name in groups.iter().flat_map(|group| &group.primary_key) {
            *keys.entry(name.to_ascii_lowercase()).or_default() += 1;
        }
        Self { groups, join_key, keys, columns: groups.iter().map(|group| columns(group)).collect() }
    }

    fn candidate(&self, parent: usize, child: usize) -> Option<Candidate> {
        candidate(self.groups[parent], &self.columns[parent], self.groups[child], &self.keys, self.join_key)
    }
}

fn columns(group: &FeatureGroup) -> HashMap<String, &Feature> {
    group.features.iter().map(|feature| (feature.name.to_ascii_lowercase(), feature)).collect()
}

fn is_key(group: &FeatureGroup, column: &str) -> bool {
    group.primary_key.iter().any(|key| key.eq_ignore_ascii_case(column))
}

/// The columns that `child` would be joined to `parent` on.
fn candidate(
    parent: &FeatureGroup,
    parent_columns: &HashMap<String, &Feature>,
    child: &FeatureGroup,
    keys: &HashMap<String, usize>,
    join_key: &[String],
) -> Option<Candidate> {
    let shared = shared_columns(parent, parent_columns, child);
    let pair = |name: &String| shared.iter().find(|(_, column)| column.eq_ignore_ascii_case(name)).cloned();
    let all = |names: &[String]| -> Option<Vec<(String, String)>> {
        if names.is_empty() { None } else { names.iter().map(pair).collect() }
    };
    let covers = |on: &[(String, String)], key: &[String]| {
        !key.is_empty() && key.iter().all(|name| on.iter().any(|(_, column)| column.eq_ignore_ascii_case(name)))
    };
    if !join_key.is_empty() {
        let on = all(join_key)?;
        let kind = if covers(&on, &child.primary_key) {
            EdgeKind::Lookup
        } else if covers(&on, &parent.primary_key) {
            EdgeKind::Detail
        } else {
            EdgeKind::KeyColumns
        };
        return Some(Candidate { kind, on });
    }
    if let Some(on) = all(&child.primary_key) {
        return Some(Candidate { kind: EdgeKind::Lookup, on });
    }
    if let Some(on) = all(&parent.primary_key) {
        return Some(Candidate { kind: EdgeKind::Detail, on });
    }
    let in_both: Vec<_> =
        shared.iter().filter(|(left, right)| is_key(parent, left) && is_key(child, right)).cloned().collect();
    if !in_both.is_empty() {
        return Some(Candidate { kind: EdgeKind::KeyColumns, on: in_both });
    }
    let count = |(_, column): &&(String, String)| keys.get(&column.to_ascii_lowercase()).copied().unwrap_or_default();
    // `shared` is in order of names, and the smallest of equals is the first.
    if let Some(most) = shared.iter().filter(|pair| count(pair) > 0).min_by_key(|pair| Reverse(count(pair))) {
        return Some(Candidate { kind: EdgeKind::KeyColumns, on: vec![most.clone()] });
    }
    if shared.is_empty() { None } else { Some(Candidate { kind: EdgeKind::SharedColumns, on: shared }) }
}

/// Pairs of (parent column, child column) with one name and types that compare, by name.
fn shared_columns(
    parent: &FeatureGroup,
    parent_columns: &HashMap<String, &Feature>,
    child: &FeatureGroup,
) -> Vec<(String, String)> {
    let mut shared: Vec<(String, String)> = Vec::new();
    for right in &child.features {
        let Some(left) = parent_columns.get(&right.name.to_ascii_lowercase()) else { continue };
        let compares = key_type(&left.r#type).is_some() && key_type(&left.r#type) == key_type(&right.r#type);
        let in_a_key = is_key(parent, &left.name) || is_key(child, &right.name);
        let is_time = left.name == parent.event_time || right.name == child.event_time;
        if compares && (in_a_key || !is_time) {
            shared.push((left.name.clone(), right.name.clone()));
        }
    }
    shared.sort_by_key(|(_, column)| column.to_ascii_lowercase());
    shared
}

/// Grows the tree from the root; answers the groups that it could not reach.
fn grow(graph: &Graph, join_type: JoinType, tree: &mut JoinTree) -> Vec<usize> {
    let count = graph.groups.len();
    let mut depth: Vec<Option<usize>> = vec![None; count];
    // Per unjoined group the best way to join it so far: a smaller rank is better.
    let mut best: Vec<Option<(Rank, Candidate)>> = vec![None; count];
    let mut joined = 0;
    depth[0] = Some(0);
    loop {
        let parent_depth = depth[joined].unwrap_or_default();
        for child in (0..count).filter(|&child| depth[child].is_none()) {
            let Some(candidate) = graph.candidate(joined, child) else { continue };
            let rank = (candidate.kind, Reverse(candidate.on.len()), parent_depth, child, joined);
            if best[child].as_ref().is_none_or(|(known, _)| rank < *known) {
                best[child] = Some((rank, candidate));
            }
        }
        let Some(((.., child, parent), candidate)) = best
            .iter_mut()
            .filter(|b| b.is_some())
            .min_by_key(|b| b.as_ref().map(|(rank, _)| *rank))
            .and_then(Option::take)
        else {
            return (0..count).filter(|&group| depth[group].is_none()).collect();
        };
        depth[child] = depth[parent].map(|depth| depth + 1);
        tree.edges.push(edge(graph, parent, child, candidate, join_type));
        joined = child;
    }
}

/// Kind, length of the key, depth of the parent, child, parent.
type Rank = (EdgeKind, Reverse<usize>, usize, usize, usize);

fn edge(graph: &Graph, parent: usize, child: usize, candidate: Candidate, join_type: JoinType) -> JoinEdge {
    let (left, right) = (graph.groups[parent], graph.groups[child]);
    let Candidate { kind, on } = candidate;
    let child_key_unique = kind == EdgeKind::Lookup && !right.event_time.is_empty();
    let reason = if graph.join_key.is_empty() {
        match kind {
            EdgeKind::Lookup => format!("the whole key of `{}`", table_name(right)),
            EdgeKind::Detail => format!("the whole key of `{}`", table_name(left)),
            EdgeKind::KeyColumns => "the key columns that both have".into(),
            EdgeKind::SharedColumns => "in no key, but all that both have".into(),
        }
    } else {
        "the join key named in the request".into()
    };
    JoinEdge { parent, child, on, join_type, kind, child_key_unique, may_multiply: !child_key_unique, reason }
}

/// Says what the tree assumes: rows that multiply, columns of no key, keys of one name that are not compared.
fn warn(graph: &Graph, tree: &mut JoinTree) {
    for edge in &tree.edges {
        let (left, right) = (graph.groups[edge.parent], graph.groups[edge.child]);
        let (parent, child, on) = (table_name(left), table_name(right), on_text(&edge.on));
        match edge.kind {
            EdgeKind::Lookup => {}
            EdgeKind::Detail | EdgeKind::KeyColumns => tree.warnings.push(format!(
                "a row of `{parent}` may meet several rows of `{child}`: they are joined on {on}, and the key of `{child}` is {}",
                quoted(&right.primary_key)
            )),
            EdgeKind::SharedColumns => tree.warnings.push(format!(
                "`{parent}` and `{child}` share no key: they are joined on {on}, which may not be what you mean; name a join \
                 key to choose"
            )),
        }
    }
    for right in 1..graph.groups.len() {
        for left in 0..right {
            for (name, a, b) in keys_not_compared(graph, &tree.edges, left, right) {
                tree.warnings.push(format!(
                    "`{name}` of `{}` ({a}) and `{name}` of `{}` ({b}) are not compared by the joins, though it is a key",
                    table_name(graph.groups[left]),
                    table_name(graph.groups[right])
                ));
            }
        }
    }
}

/// Key columns that two groups share by name but that the tree does not make equal, with both types.
fn keys_not_compared(graph: &Graph, edges: &[JoinEdge], left: usize, right: usize) -> Vec<(String, String, String)> {
    let reached = |group: usize| group == 0 || edges.iter().any(|edge| edge.child == group);
    if !graph.join_key.is_empty() || !reached(left) || !reached(right) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for b in &graph.groups[right].features {
        let Some(a) = graph.columns[left].get(&b.name.to_ascii_lowercase()) else { continue };
        let key = is_key(graph.groups[left], &a.name) || is_key(graph.groups[right], &b.name);
        if key && origin(edges, left, &a.name) != origin(edges, right, &b.name) {
            found.push((b.name.clone(), a.r#type.clone(), b.r#type.clone()));
        }
    }
    found
}

/// Every group must have every column of a named join key, with types that compare.
fn join_key_problems(groups: &[&FeatureGroup], join_key: &[String]) -> Vec<Error> {
    let mut problems = Vec::new();
    for group in groups {
        let missing: Vec<String> =
            join_key.iter().filter(|name| feature_of(group, name).is_none()).map(|name| shown(name)).collect();
        if !missing.is_empty() {
            let table = table_name(group);
            let message =
                format!("join key {} is no column of `{table}`, which has {}", quoted(&missing), names_of(group));
            problems.push(Error::invalid(message).reason("InferJoinKeyError").named([table]).named(missing));
        }
    }
    for name in join_key {
        let columns: Vec<(&&FeatureGroup, &Feature)> =
            groups.iter().filter_map(|group| feature_of(group, name).map(|feature| (group, feature))).collect();
        let first = columns.first().and_then(|(_, feature)| key_type(&feature.r#type));
        if columns.iter().any(|(_, feature)| first.is_none() || key_type(&feature.r#type) != first) {
            let types: Vec<String> = columns
                .iter()
                .map(|(group, feature)| format!("`{}` in `{}`", feature.r#type, table_name(group)))
                .collect();
            let message = format!("join key `{}` cannot be compared: it is {}", shown(name), types.join(", "));
            problems.push(Error::invalid(message).reason("InferJoinKeyError").named([shown(name)]));
        }
    }
    problems
}

/// The problem of a group that nothing links to the root.
fn no_path(graph: &Graph, child: usize, others: &[&FeatureGroup]) -> Error {
    let (root, group) = (graph.groups[0], graph.groups[child]);
    let (left, right) = (table_name(root), table_name(group));
    let mismatched: Vec<String> = group
        .features
        .iter()
        .filter_map(|b| graph.columns[0].get(&b.name.to_ascii_lowercase()).map(|a| (a, b)))
        .filter(|(a, b)| key_type(&a.r#type) != key_type(&b.r#type))
        .map(|(a, b)| format!("`{}` is {} in one and {} in the other", b.name, a.r#type, b.r#type))
        .collect();
    let mut message = format!(
        "no columns to join `{left}` and `{right}` on: `{left}` has {}; `{right}` has {}",
        names_of(root),
        names_of(group)
    );
    if !mismatched.is_empty() {
        message += &format!("; {}", mismatched.join(", "));
    }
    // A group outside the request that has a key in common with both would link them.
    let links = |a: &FeatureGroup, b: &FeatureGroup| {
        candidate(a, &columns(a), b, &HashMap::new(), &[]).is_some_and(|found| found.kind <= EdgeKind::Detail)
    };
    let link = others.iter().find(|other| links(root, other) && links(other, group));
    if let (Some(link), true) = (link, graph.join_key.is_empty()) {
        message += &format!("; `{}` links them: ask for a feature of it too", table_name(link));
    }
    Error::invalid(message).reason("InferJoinKeyError").named([left, right])
}

fn names_of(group: &FeatureGroup) -> String {
    /// Columns listed at most.
    const LISTED: usize = 20;
    let names: BTreeSet<&str> = group.features.iter().map(|feature| feature.name.as_str()).collect();
    let listed: Vec<String> = names.iter().take(LISTED).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > LISTED { format!(" and {} more", names.len() - LISTED) } else { String::new() };
    listed.join(", ") + &more
}

pub(crate) fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
