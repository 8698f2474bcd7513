//! A bucketed scan gives every row in the lane that its hash says, once, sorted within the lane; also on the far side of the
//! wire, with several files per bucket and several threads.

use std::{collections::BTreeSet, sync::Arc};

use arrow::{
    array::{ArrayRef, AsArray},
    compute::{SortColumn, lexsort_to_indices},
    datatypes::Int64Type,
    record_batch::RecordBatch,
};
use datafusion::{
    physical_expr::expressions::col,
    physical_plan::{
        ExecutionPlan,
        projection::{ProjectionExec, ProjectionExpr},
    },
};
use mangonel_operators::{
    route::{RouteTarget, route_job},
    scan::{FileColumns, LaneScan, MERGED_LAYERS_MAX, ScannedFile},
};
use mangonel_storage::hash::{hash_keys, hash_range_of};

use super::{
    tables::{event_rows, events},
    world::{World, equal_lanes, files},
};
use crate::harness::tables::rows_of;

const ROWS: i64 = 6000;

/// Inserts into different numbers of buckets, since a table grows.
async fn grown(world: &World, buckets: &[u32]) -> mangonel_proto::v1::CreateFeatureGroup {
    let group = events("events");
    world.create(&group).await;
    let share = ROWS / buckets.len() as i64;
    for (index, buckets) in buckets.iter().enumerate() {
        let first = index as i64 * share;
        let parts = vec![event_rows(first, share / 2), event_rows(first + share / 2, share - share / 2)];
        world.insert(&group, &format!("run-{index}"), *buckets, parts).await;
    }
    group
}

fn keys(batch: &RecordBatch) -> Vec<ArrayRef> {
    ["team", "season"].map(|name| batch.column_by_name(name).unwrap().clone()).into()
}

fn assert_sorted(batch: &RecordBatch, columns: &[&str]) {
    let column = |name: &&str| SortColumn { values: batch.column_by_name(name).unwrap().clone(), options: None };
    let columns: Vec<SortColumn> = columns.iter().map(column).collect();
    let comparator = arrow::compute::LexicographicalComparator::try_new(&columns).unwrap();
    let sorted = (1..batch.num_rows()).all(|row| comparator.compare(row - 1, row).is_le());
    assert!(sorted, "a lane is not sorted; its order would be {:?}", lexsort_to_indices(&columns, Some(5)));
}

fn check(lanes: &[RecordBatch], starts: &[u64]) -> BTreeSet<i64> {
    let mut seen = BTreeSet::new();
    for (lane, rows) in lanes.iter().enumerate() {
        for hash in hash_keys(&keys(rows)).unwrap() {
            assert_eq!(starts.partition_point(|start| *start <= hash) - 1, lane, "a row came out of another lane");
        }
        let numbers = rows.column_by_name("number").unwrap().as_primitive::<Int64Type>();
        for number in numbers.values() {
            assert!(seen.insert(*number), "row {number} came twice");
        }
        assert_sorted(rows, &["team", "season", "day"]);
    }
    seen
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rows_stay_in_their_lanes() {
    for buckets in [&[1, 1, 1][..], &[4], &[8, 8, 8], &[1, 2, 16], &[16, 4]] {
        let world = World::new().await;
        let group = grown(&world, buckets).await;
        for lanes in [1, 2, 4, 8, 32] {
            let starts = equal_lanes(lanes);
            let plan = world.scan(&group, starts.clone(), false).await.plan().unwrap();
            let rows = world.run(&world.shipped(&plan)).await;
            assert_eq!(rows.len(), lanes as usize);
            let seen = check(&rows, &starts);
            assert_eq!(seen.len(), ROWS as usize, "rows were lost with {buckets:?} buckets and {lanes} lanes");
        }
        // Lanes as shards make them: of unequal width, some empty.
        let starts = vec![0, 1, 1 << 60, (1 << 60) + 7, u64::MAX - 1];
        let plan = world.scan(&group, starts.clone(), false).await.plan().unwrap();
        assert_eq!(check(&world.run(&world.shipped(&plan)).await, &starts).len(), ROWS as usize);
    }
}

/// Rows that are routed by a column that is not their key, then read back lane by lane: for any number of buckets on the way
/// and of lanes afterwards, every row is where the hash of that column says, once, in order.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn routed_rows_are_where_their_new_key_says() {
    let world = World::new().await;
    let group = grown(&world, &[8, 1, 2]).await;
    for (buckets, lanes) in [(1, 1), (4, 4), (4, 16), (16, 4), (64, 8)] {
        let input = world.scan(&group, equal_lanes(3), false).await.plan().unwrap();
        let names = ["number", "season", "team", "day"];
        let input = {
            let schema = input.schema();
            let columns = names.map(|name| ProjectionExpr::new(col(name, &schema).unwrap(), name.to_owned()));
            Arc::new(ProjectionExec::try_new(columns, input).unwrap()) as Arc<dyn ExecutionPlan>
        };
        let schema = input.schema();
        let location = format!("_runs/route/{buckets}-{lanes}");
        let target = RouteTarget {
            run_id: "route".into(),
            location: location.clone(),
            keys: vec!["season".into()],
            ties: vec!["number".into()],
            buckets,
            spread_nulls_by: Vec::new(),
        };
        let files = files(world.records(&world.shipped(&route_job(input, target).unwrap())).await);
        let scan = LaneScan {
            file_columns: FileColumns::stored(schema),
            files: files
                .into_iter()
                .map(|file| ScannedFile {
                    path: format!("{location}/{}", file.path),
                    bytes: file.size,
                    hashes: hash_range_of(file.tags.bucket.unwrap(), buckets),
                    commit: Some(0),
                    partition: Vec::new(),
                })
                .collect(),
            keys: vec!["season".into()],
            event_time: None,
            ties: vec!["number".into()],
            columns: names.map(str::to_owned).into(),
            lane_starts: equal_lanes(lanes),
            latest: false,
            everywhere: false,
        };
        let rows = world.run(&world.shipped(&scan.plan().unwrap())).await;
        let starts = equal_lanes(lanes);
        let mut seen = BTreeSet::new();
        for (lane, rows) in rows.iter().enumerate() {
            for hash in hash_keys(&[rows.column_by_name("season").unwrap().clone()]).unwrap() {
                assert_eq!(starts.partition_point(|start| *start <= hash) - 1, lane, "a row came out of another lane");
            }
            let numbers = rows.column_by_name("number").unwrap().as_primitive::<Int64Type>();
            numbers.values().iter().for_each(|number| assert!(seen.insert(*number), "row {number} came twice"));
            assert_sorted(rows, &["season", "number"]);
        }
        assert_eq!(seen.len(), ROWS as usize, "rows were lost with {buckets} buckets and {lanes} lanes");
    }
}

/// More files of a lane than are merged as streams are sorted instead, into the same order.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_small_inserts_are_read_in_the_same_order() {
    let world = World::new().await;
    let group = events("events");
    world.create(&group).await;
    for insert in 0..(MERGED_LAYERS_MAX as i64 + 6) {
        world.insert(&group, &format!("run-{insert}"), 1, vec![event_rows(insert * 20, 20)]).await;
    }
    let scan = world.scan(&group, equal_lanes(2), false).await;
    assert!(scan.layer_count() > MERGED_LAYERS_MAX);
    let lanes = world.run(&world.shipped(&scan.plan().unwrap())).await;
    assert_eq!(check(&lanes, &equal_lanes(2)).len(), 20 * (MERGED_LAYERS_MAX + 6));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_latest_rows_do_not_depend_on_buckets_lanes_or_layers() {
    let mut answers = Vec::new();
    // The same three commits each time, laid out differently: the later commit decides between rows of one day.
    for buckets in [[1, 1, 1], [8, 8, 8], [1, 4, 16]] {
        let world = World::new().await;
        let group = grown(&world, &buckets).await;
        for lanes in [1, 4, 16] {
            let plan = world.scan(&group, equal_lanes(lanes), true).await.plan().unwrap();
            let mut rows: Vec<String> = world.run(&world.shipped(&plan)).await.iter().flat_map(rows_of).collect();
            rows.sort();
            answers.push(rows);
        }
    }
    assert_eq!(answers[0].len(), 500);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}
