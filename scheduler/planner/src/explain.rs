//! A resolved request in words: where each feature comes from and why, how groups are joined, which rows count, which table
//! versions are read. One text for `mangonel explain`, the registry and the run record.

use mangonel_proto::v1::JoinType;

use crate::{
    join::quoted,
    physical::{EdgeStrategy, GroupSize, plan_edges},
    query::{FeatureQuery, JoinEdge},
    words::{bytes_text, counted, section},
};

/// The version of a group's table that a run reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pin {
    /// Index of the group in the query.
    pub group: usize,
    pub table_version: i64,
    pub rows: u64,
    /// Bytes as stored.
    pub bytes: u64,
    pub files: u32,
    /// `None` when the rows are not laid out by the hash of the key.
    pub buckets: Option<u32>,
}

/// Explains `query` over the table versions in `pins`; a group without a pin has no rows yet, or is not looked up.
/// `broadcast_bytes_max`: largest group that is sent whole to every task.
pub fn explain(query: &FeatureQuery, pins: &[Pin], broadcast_bytes_max: u64) -> String {
    let mut text = headline(query);
    section(&mut text, "Features", feature_lines(query));
    section(&mut text, "Joins", join_lines(query, pins, broadcast_bytes_max));
    section(&mut text, "Rows", query.groups.iter().enumerate().map(|(group, _)| row_line(query, group)).collect());
    section(&mut text, "Tables", (0..query.groups.len()).map(|group| table_line(query, group, pins)).collect());
    section(&mut text, "Warnings", query.warnings.clone());
    text
}

fn headline(query: &FeatureQuery) -> String {
    let features = counted(query.output.len() as u64, "feature");
    let root = query.table(query.root);
    let limit = if query.limit == 0 { String::new() } else { format!(", at most {}", counted(query.limit, "row")) };
    let rows = match (query.groups.len(), query.join_type) {
        (1, _) => format!("of `{root}`"),
        (count, JoinType::Left) => format!("of {count} feature groups; every row of `{root}` is kept (left join)"),
        (count, _) => {
            format!("of {count} feature groups; rows of `{root}` that have a match in all others (inner join)")
        }
    };
    format!("{features} {rows}{limit}\n")
}

fn feature_lines(query: &FeatureQuery) -> Vec<String> {
    let width = |texts: Vec<&str>| texts.iter().map(|text| text.chars().count()).max().unwrap_or_default();
    let name_width = width(query.output.iter().map(|column| column.name.as_str()).collect());
    let type_width = width(query.output.iter().map(|column| column.feature.r#type.as_str()).collect());
    let tables: Vec<String> = query.output.iter().map(|column| query.table(column.group)).collect();
    let table_width = width(tables.iter().map(String::as_str).collect());
    let line = |(column, table): (&crate::OutputColumn, &String)| {
        let (name, r#type) = (&column.name, &column.feature.r#type);
        format!("{name:name_width$}  {type:type_width$}  {table:table_width$}  {}", column.reason)
    };
    query.output.iter().zip(&tables).map(line).collect()
}

/// The tree, children below and right of their parent.
fn join_lines(query: &FeatureQuery, pins: &[Pin], broadcast_bytes_max: u64) -> Vec<String> {
    if query.edges.is_empty() {
        return Vec::new();
    }
    let sizes: Option<Vec<GroupSize>> = (0..query.groups.len())
        .map(|group| pin_of(pins, group).map(|pin| GroupSize { rows: pin.rows, bytes: pin.bytes }))
        .collect();
    let strategies = plan_edges(query, sizes.as_deref().unwrap_or_default(), broadcast_bytes_max);
    let mut lines = vec![format!("{} (root)", query.table(query.root))];
    // Per open edge: its index, whether it is the last of its parent, and what its lines begin with.
    let mut open = branches(query, query.root, "");
    while let Some((index, is_last, indent)) = open.pop() {
        let edge = &query.edges[index];
        let (branch, trunk) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        let below = format!("{indent}{trunk}");
        let next = branches(query, edge.child, &below);
        let stem = if next.is_empty() { "  " } else { "│ " };
        let how = how_text(query, edge, strategies[index], pins, sizes.is_some());
        lines.push(format!("{indent}{branch}{} on {}: {}", query.table(edge.child), edge.on_text(), edge.reason));
        lines.push(format!("{below}{stem}{}; {how}", matches_text(query, edge)));
        open.extend(next);
    }
    lines
}

/// The edges below `parent`, the first at the end.
fn branches(query: &FeatureQuery, parent: usize, indent: &str) -> Vec<(usize, bool, String)> {
    let edges = (0..query.edges.len()).rev().filter(|&index| query.edges[index].parent == parent);
    edges.enumerate().map(|(place, index)| (index, place == 0, indent.to_owned())).collect()
}

fn how_text(
    query: &FeatureQuery,
    edge: &JoinEdge,
    strategy: EdgeStrategy,
    pins: &[Pin],
    sizes_known: bool,
) -> &'static str {
    let bucketed = |group| pin_of(pins, group).is_none_or(|pin| pin.buckets.is_some());
    match strategy {
        EdgeStrategy::Merge if bucketed(query.root) && bucketed(edge.child) => "merged in hash ranges, no row moves",
        EdgeStrategy::Merge => "merged in hash ranges, once the rows that are not bucketed are hashed",
        EdgeStrategy::Broadcast => "small, read whole by every task (broadcast)",
        EdgeStrategy::Routed if sizes_known => "rows are routed by hash first",
        EdgeStrategy::Routed => "broadcast if small, else rows are routed by hash first",
    }
}

fn matches_text(query: &FeatureQuery, edge: &JoinEdge) -> &'static str {
    let covers_key = edge.kind == crate::EdgeKind::Lookup;
    match (edge.child_key_unique, covers_key, query.groups[edge.child].latest_per_key) {
        (true, ..) => "at most one row matches",
        (false, true, _) => "one row matches as long as the key is unique",
        (false, false, true) => "several keys may match",
        (false, false, false) => "several rows may match",
    }
}

fn row_line(query: &FeatureQuery, group: usize) -> String {
    let used = &query.groups[group];
    let (table, key) = (query.table(group), quoted(&used.group.primary_key));
    if used.latest_per_key {
        return format!("{table}: the latest row per {key}, by `{}`", used.group.event_time);
    }
    let repeats =
        if group == query.root { String::new() } else { format!("; {key} may repeat, and rows then multiply") };
    format!("{table}: all rows as they are, since it has no event time{repeats}")
}

fn table_line(query: &FeatureQuery, group: usize, pins: &[Pin]) -> String {
    let table = query.table(group);
    let Some(pin) = pin_of(pins, group) else { return format!("{table}: not looked up") };
    let buckets = pin.buckets.map_or("not bucketed".into(), |buckets| counted(u64::from(buckets), "bucket"));
    format!(
        "{table}: table version {}, {} in {} ({}), {buckets}",
        pin.table_version,
        counted(pin.rows, "row"),
        counted(u64::from(pin.files), "file"),
        bytes_text(pin.bytes)
    )
}

fn pin_of(pins: &[Pin], group: usize) -> Option<&Pin> {
    pins.iter().find(|pin| pin.group == group)
}
