//! A bucketed scan gives every row in the lane that its hash says, once, sorted within the lane; also on the far side of the
//! wire, with several files per bucket and several threads.

use std::collections::BTreeSet;

use arrow::{
    array::{ArrayRef, AsArray},
    compute::{SortColumn, lexsort_to_indices},
    datatypes::Int64Type,
    record_batch::RecordBatch,
};
use mangonel_storage::hash::hash_keys;

use super::{
    tables::{event_rows, events},
    world::{World, equal_lanes},
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
