//! How a query is run: a strategy per edge, and the hash ranges that tasks work on. Pure arithmetic over sizes.

use crate::{query::FeatureQuery, shards::ShardBounds};

/// Largest side, in bytes as stored, that every task reads whole unless the server was told otherwise.
pub const BROADCAST_BYTES_MAX: u64 = 64 << 20;
/// Shards that one task writes at most, since each keeps a file open.
pub const SHARDS_PER_LANE_MAX: u32 = 64;
/// Lanes per slot, so that a slow task does not leave the others idle.
const LANES_PER_SLOT: u32 = 2;

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

/// Cuts `shards` into lanes, in order and without gaps: two per slot where there are shards enough, at most
/// [`SHARDS_PER_LANE_MAX`] shards each.
///
/// Shards of equal width get a power of two of lanes (unless there are fewer shards), because lane j of L then begins at
/// j/L of the hash space, where a bucket begins too if the bucket count is a multiple of L. Where L would be more than the
/// smallest of the `buckets` (one per group read in place; `None` for one that is not bucketed) a bucket would be read by
/// several tasks: L is then that bucket count, if it still keeps every slot busy.
pub fn lanes(shards: u32, shard_bounds_equal_width: bool, slots: u32, buckets: &[Option<u32>]) -> Vec<Lane> {
    let slots = slots.max(1);
    let fewest = shards.div_ceil(SHARDS_PER_LANE_MAX);
    let wanted = slots.saturating_mul(LANES_PER_SLOT).max(fewest).min(shards);
    let mut count = wanted;
    if shard_bounds_equal_width {
        count = wanted.checked_next_power_of_two().unwrap_or(wanted).min(shards);
        let smallest = buckets.iter().flatten().min().copied().unwrap_or(u32::MAX);
        if count > smallest && smallest >= slots.max(fewest) {
            count = smallest;
        }
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
