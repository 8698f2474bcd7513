//! How a query is run: a strategy per edge, and the hash ranges that tasks work on. Pure arithmetic over sizes.

use crate::{query::FeatureQuery, shards::ShardBounds};

/// Largest side, in bytes as stored, that every task reads whole unless the server was told otherwise.
pub const BROADCAST_BYTES_MAX: u64 = 64 << 20;
/// Shards that one task writes at most, since each keeps a file open.
pub const SHARDS_PER_LANE_MAX: u32 = 64;
/// Lanes per slot, so that a slow task does not leave the others idle.
const LANES_PER_SLOT: u32 = 2;
/// Lanes that are made for the sake of memory at most, since each is a task.
const LANES_MAX: u32 = 1024;

/// How the child of an edge meets its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeStrategy {
    /// Both are sorted by the hash of the same key: merged within each hash range, no row moves.
    Merge,
    /// Every task reads the whole child, joined with everything below it.
    Broadcast,
    /// The rows are written as route files first, by the hash of the join columns.
    Routed,
}

/// Size of a pinned table version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupSize {
    pub rows: u64,
    /// Bytes as stored.
    pub bytes: u64,
}

/// One strategy per edge of `query`, in order: merge if the edge is colocated, else broadcast if the child and everything
/// joined below it have at most `broadcast_bytes_max` bytes, else routed.
/// `sizes`: one per group of the query; a group without one counts as too large to broadcast.
pub fn plan_edges(query: &FeatureQuery, sizes: &[GroupSize], broadcast_bytes_max: u64) -> Vec<EdgeStrategy> {
    let mut subtree: Vec<u64> =
        (0..query.groups.len()).map(|group| sizes.get(group).map_or(u64::MAX, |size| size.bytes)).collect();
    // Parents come before children, so that the reverse order adds up each subtree before it is added itself.
    for edge in query.edges.iter().rev() {
        subtree[edge.parent] = subtree[edge.parent].saturating_add(subtree[edge.child]);
    }
    let strategy = |edge| {
        if query.colocated(edge) {
            EdgeStrategy::Merge
        } else if subtree[edge.child] <= broadcast_bytes_max {
            EdgeStrategy::Broadcast
        } else {
            EdgeStrategy::Routed
        }
    };
    query.edges.iter().map(strategy).collect()
}

/// The work of one task: whole shards, which are one range of the hash space. `end_shard` is exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    pub first_shard: u32,
    pub end_shard: u32,
}

/// Cuts `shards` into lanes, in order and without gaps: at least two per slot where there are shards enough, at most
/// [`SHARDS_PER_LANE_MAX`] shards each.
///
/// A lane merges all files that it reads and keeps all its shards open, so that small lanes need little memory. Shards of
/// equal width therefore get as many lanes as can begin where both a shard and a bucket begin: lane j of L, a power of two,
/// begins at j/L of the hash space, and so does a shard if L divides their number, and a bucket if it divides the bucket
/// count (`buckets`: one per group read in place; `None` for one that is not bucketed). No bucket is then read twice.
/// Where those are too few to keep every slot busy, there are two per slot all the same.
pub fn lanes(shards: u32, shard_bounds_equal_width: bool, slots: u32, buckets: &[Option<u32>]) -> Vec<Lane> {
    let slots = slots.max(1);
    let fewest = shards.div_ceil(SHARDS_PER_LANE_MAX);
    let wanted = slots.saturating_mul(LANES_PER_SLOT).max(fewest).min(shards);
    let mut count = wanted;
    if shard_bounds_equal_width {
        let smallest = buckets.iter().flatten().min().copied().unwrap_or(1);
        let usual = wanted.checked_next_power_of_two().unwrap_or(wanted).min(shards);
        // What is not bucketed is read whole by every lane.
        let most = if buckets.contains(&None) { usual } else { LANES_MAX };
        let aligned = power_of_two_in(shards).min(power_of_two_below(smallest)).min(most);
        count = if aligned >= slots.max(fewest) { aligned } else { usual };
    }
    let bound = |lane: u32| (u64::from(lane) * u64::from(shards) / u64::from(count)) as u32;
    (0..count).map(|lane| Lane { first_shard: bound(lane), end_shard: bound(lane + 1) }).collect()
}

/// [`lanes`] of these bounds. The shards of one key are never dealt to several tasks, which would have to know the order of
/// each other's rows: a lane that would begin within a key begins after it.
pub fn lanes_of(bounds: &ShardBounds, slots: u32, buckets: &[Option<u32>]) -> Vec<Lane> {
    let mut cut: Vec<Lane> = Vec::new();
    for lane in lanes(bounds.shards(), bounds.is_equal_width(), slots, buckets) {
        let within_key = |shard: u32| bounds.first(shard).is_some_and(|first| first.order > 0);
        let first_shard = (lane.first_shard..lane.end_shard).find(|shard| !within_key(*shard));
        let end = first_shard.unwrap_or(lane.end_shard);
        if let Some(before) = cut.last_mut() {
            before.end_shard = end;
        }
        if let Some(first_shard) = first_shard {
            cut.push(Lane { first_shard, end_shard: lane.end_shard });
        }
    }
    cut
}

/// The largest power of two that divides `number`; 0 for 0.
fn power_of_two_in(number: u32) -> u32 {
    number & number.wrapping_neg()
}

/// The largest power of two that is not above `number`; 0 for 0.
fn power_of_two_below(number: u32) -> u32 {
    number.checked_ilog2().map_or(0, |bits| 1 << bits)
}
