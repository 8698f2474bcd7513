//! How a query is run: which joins move no row, which are broadcast, and how shards are dealt to tasks.

use mangonel_planner::{
    EdgeStrategy, FeatureQuery, GroupSize, Lane, Place, ShardBounds, lanes, lanes_of, plan_edges, resolve,
};
use mangonel_proto::v1::FeatureGroup;

use crate::world::{TEAM_POSITION_PREDICTION, group, request, tour};

fn query(features: &str, groups: &[FeatureGroup]) -> FeatureQuery {
    resolve(&request(features), groups).unwrap()
}

#[test]
fn groups_with_the_roots_key_are_colocated() {
    assert_eq!(query(TEAM_POSITION_PREDICTION, &tour()).colocated_edges(), [0, 1, 2]);
    let pair = |left: &str, right: &str| [group("a_1", left), group("b_1", right)];
    for (left, right, colocated) in [
        ("k* long, x float", "k* integer, y float", true),
        ("k* long, l* string, x float", "k* long, l* string, y float", true),
        // The order of the key decides the hash.
        ("k* long, l* string, x float", "l* string, k* long, y float", false),
        // Part of the root's key, and more than it.
        ("k* long, l* string, x float", "k* long, y float", false),
        ("k* long, x float", "k* long, l* string, y float", false),
        // The child's key is a column of the root, not its key.
        ("j* long, k long, x float", "k* long, y float", false),
    ] {
        let query = query("x, y", &pair(left, right));
        assert_eq!(!query.colocated_edges().is_empty(), colocated, "{left} and {right}");
    }
    let mut other_hash = pair("k* long, x float", "k* long, y float");
    other_hash[1].hash_version = 2;
    assert_eq!(query("x, y", &other_hash).colocated_edges(), [] as [usize; 0]);
}

#[test]
fn equality_is_followed_along_the_tree() {
    let groups = [
        group("a_1", "k* long, l long, x float"),
        group("b_1", "k* long, l* long, y float"),
        group("c_1", "l* long, z float"),
        group("d_1", "k* long, w float"),
    ];
    let query = query("x, y, z, w", &groups);
    assert_eq!(query.origin(1, "l"), (0, "l"));
    assert_eq!(query.origin(2, "l"), (0, "l"));
    assert_eq!(query.origin(2, "z"), (2, "z"));
    let colocated: Vec<String> =
        query.colocated_edges().iter().map(|&edge| query.table(query.edges[edge].child)).collect();
    assert_eq!(colocated, ["d_1"]);
}

#[test]
fn small_subtrees_are_broadcast() {
    use EdgeStrategy::{Broadcast, Merge, Routed};
    let groups = [
        group("players_1", "player_id* long, team_id long, age float"),
        group("ratings_1", "player_id* long, rating float"),
        group("teams_1", "team_id* long, city_id long, budget float"),
        group("cities_1", "city_id* long, rain float"),
    ];
    let query = query("age, rating, budget, rain", &groups);
    let sizes = |bytes: [u64; 4]| bytes.map(|bytes| GroupSize { rows: bytes / 10, bytes });
    for (bytes, expected) in [
        ([900, 900, 10, 20], [Merge, Broadcast, Broadcast]),
        // Teams would fit, but not together with the cities that are joined to them.
        ([900, 900, 90, 20], [Merge, Routed, Broadcast]),
        ([900, 900, 10, 101], [Merge, Routed, Routed]),
        ([1, 1, u64::MAX, u64::MAX], [Merge, Routed, Routed]),
    ] {
        assert_eq!(plan_edges(&query, &sizes(bytes), 100), expected, "{bytes:?}");
    }
    assert_eq!(plan_edges(&query, &[], u64::MAX - 1), [Merge, Routed, Routed], "sizes unknown");
}

#[test]
fn lanes_are_whole_shards_without_gaps() {
    for shards in [1, 2, 3, 7, 16, 100, 1000, 4096, 100_000] {
        for (slots, equal_width) in [(0, true), (1, true), (4, false), (4, true), (100, true), (100, false)] {
            for buckets in [&[][..], &[None, Some(8)], &[Some(1024), Some(64)]] {
                let lanes = lanes(shards, equal_width, slots, buckets);
                let case = format!("{shards} shards, {slots} slots, equal width {equal_width}, {buckets:?}");
                assert_eq!((lanes[0].first_shard, lanes[lanes.len() - 1].end_shard), (0, shards), "{case}");
                assert!(lanes.windows(2).all(|pair| pair[0].end_shard == pair[1].first_shard), "{case}");
                assert!(lanes.iter().all(|lane| lane.first_shard < lane.end_shard), "{case}");
                assert!(lanes.iter().all(|lane| lane.end_shard - lane.first_shard <= 64), "{case}");
                assert!(lanes.len() as u32 >= slots.min(shards), "{case}");
            }
        }
    }
    assert_eq!(lanes(0, true, 4, &[]), []);
}

#[test]
fn lanes_begin_where_buckets_begin() {
    let cut = |shards, equal_width, slots, buckets: &[Option<u32>]| lanes(shards, equal_width, slots, buckets).len();
    let table = [
        (cut(64, true, 3, &[Some(64)]), 64, "a bucket and a shard a lane: little is open at once"),
        (cut(64, true, 3, &[Some(64), None]), 8, "six wanted, the next power of two: all lanes read all of one group"),
        (cut(48, true, 2, &[Some(64), Some(32)]), 16, "as many as divide the shards"),
        (cut(64, true, 3, &[Some(1)]), 8, "one bucket: six wanted, the next power of two"),
        (cut(64, false, 3, &[Some(64)]), 6, "no bounds to meet"),
        (cut(64, true, 6, &[Some(8)]), 8, "a bucket is read by one task as long as slots are busy"),
        (cut(64, true, 6, &[Some(4)]), 16, "too few buckets to keep the slots busy"),
        (cut(64, true, 6, &[Some(1024), None, Some(8)]), 8, "the smallest bucket count"),
        (cut(12, true, 6, &[Some(64)]), 12, "fewer shards than the power of two"),
        (cut(4096, true, 2, &[Some(4)]), 64, "64 shards a lane"),
    ];
    for (actual, expected, why) in table {
        assert_eq!(actual, expected, "{why}");
    }
    let quarters = lanes(8, true, 2, &[]);
    assert_eq!(quarters[1], Lane { first_shard: 2, end_shard: 4 });
}

#[test]
fn the_shards_of_one_key_are_one_lane() {
    let hot = |order| Place { hash: 1 << 40, order };
    let bounds = ShardBounds::from_inner(vec![
        hot(0),
        hot(5),
        hot(9),
        hot(70),
        Place::of_hash(1 << 50),
        Place::of_hash(1 << 60),
    ]);
    let cut: Vec<(u32, u32)> =
        lanes_of(&bounds, 3, &[]).into_iter().map(|lane| (lane.first_shard, lane.end_shard)).collect();
    assert_eq!(cut, [(0, 1), (1, 5), (5, 7)]);
    assert_eq!(lanes_of(&ShardBounds::equal_width(8), 2, &[]), lanes(8, true, 2, &[]));
}
