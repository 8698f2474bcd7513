//! The same rows and the same request give the same shards byte for byte: on the local engine and on clusters of 1, 2 and 3
//! executors with 1 and 4 slots each, where sorting spills and where there is room.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{ArrayRef, Date32Array, Float32Array, Float64Array, Int32Array, Int64Array, StringArray},
    record_batch::RecordBatch,
};
use mangonel_proto::v1::{self, DataFormat};
use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::harness::{
    Sandbox,
    cluster::Cluster,
    dataset, group,
    sandbox::{begin, workers},
    spills::SpillWatch,
};

const NOTES: i64 = 180_000;
const CITIES: i64 = 40;
/// Parts of an insert; each is sorted by a task of its own where there are slots enough.
const PARTS: i64 = 4;
/// Memory of a slot. Of the small one half at most is for sorts, and a quarter of the notes does not fit into that.
const SMALL_BYTES: usize = 48 << 20;
const ROOMY_BYTES: usize = 256 << 20;

/// Name and bytes of every shard of both datasets.
type Shards = BTreeMap<String, Vec<u8>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn engine_executors_slots_and_memory_do_not_show_in_the_bytes() {
    let expected = on_the_local_engine(ROOMY_BYTES).await;
    assert_parquet_is_interesting(&expected);
    assert_same(&on_the_local_engine(SMALL_BYTES).await, &expected, "local, with spilled sorts");

    let mut cluster = Cluster::start(0, 1);
    let mut roomy: Option<Sandbox> = None;
    for (executors, slots) in [(1, 1), (1, 4), (2, 1), (2, 4), (3, 1), (3, 4)] {
        let what = format!("{executors} executors of {slots} slots");
        start_executors(&mut cluster, executors, slots, SMALL_BYTES);
        let sandbox = cluster.sandbox().await;
        let spills = SpillWatch::start(cluster.work_folders());
        insert(&sandbox).await;
        assert!(spills.has_seen(), "{what}: the budget was meant to be too small for the rows");
        assert_same(&build(&sandbox, &cluster.executor_ids()).await, &expected, &format!("{what}, with spilled sorts"));

        start_executors(&mut cluster, executors, slots, ROOMY_BYTES);
        let sandbox = match roomy.take() {
            Some(sandbox) => sandbox.connected_again().await,
            // The rows are inserted once for all clusters.
            None => {
                let sandbox = cluster.sandbox().await;
                insert(&sandbox).await;
                sandbox
            }
        };
        assert_same(&build(&sandbox, &cluster.executor_ids()).await, &expected, &format!("{what}, roomy"));
        roomy = Some(sandbox);
    }
}

async fn on_the_local_engine(slot_bytes: usize) -> Shards {
    let sandbox = Sandbox::local_of(2, 2 * slot_bytes).await;
    let spills = SpillWatch::start(vec![sandbox.folder().join("spill")]);
    insert(&sandbox).await;
    assert_eq!(spills.has_seen(), slot_bytes == SMALL_BYTES);
    let shards = build(&sandbox, &["local".to_owned()]).await;
    sandbox.stop().await;
    shards
}

/// Other executors than before, with so much memory per slot, and a scheduler that has never heard of those before.
fn start_executors(cluster: &mut Cluster, executors: usize, slots: usize, slot_bytes: usize) {
    cluster.kill_executors();
    cluster.restart_scheduler();
    for _ in 0..executors {
        cluster.add_executor_of(slots, &format!("{}MiB", (slots * slot_bytes) >> 20));
    }
}

/// Two groups on one key, one of them with an event time, and a small one that is joined on another column.
async fn insert(sandbox: &Sandbox) {
    sandbox.create(group("notes", "id", "id:long city_id:long score:double note:string")).await;
    let positions = group("positions", "id", "id:long at:date position:integer");
    sandbox.create(v1::CreateFeatureGroup { event_time: "at".into(), ..positions }).await;
    sandbox.create(group("cities", "city_id", "city_id:long rain:float")).await;
    let share = NOTES / PARTS;
    sandbox.insert_as(begin("notes"), (0..PARTS).map(|part| notes(part * share, share)).collect()).await.unwrap();
    // Two inserts, so that the later row of a key is in another file.
    sandbox.insert("positions", positions_at(0)).await;
    sandbox.insert("positions", positions_at(1)).await;
    sandbox.insert("cities", cities()).await;
}

/// In no order, with two rows per key.
fn notes(first: i64, count: i64) -> RecordBatch {
    let rows = || (first..first + count).map(|row| (row * 7_368_787) % NOTES);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(rows().map(|row| row / 2).collect::<Int64Array>())),
        ("city_id", Arc::new(rows().map(|row| row % (CITIES + 1)).collect::<Int64Array>())),
        ("score", Arc::new(rows().map(|row| row as f64 * 0.37).collect::<Float64Array>())),
        ("note", Arc::new(StringArray::from_iter_values(rows().map(note)))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

/// A text that does not get smaller by packing.
fn note(row: i64) -> String {
    let mut state = row as u64;
    let mut words = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        format!("{state:016x}")
    });
    (0..12).filter_map(|_| words.next()).collect()
}

/// A position of most keys, on one day.
fn positions_at(day: i32) -> RecordBatch {
    let ids = || (0..NOTES / 2).rev().filter(move |id| id % 7 != i64::from(day));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(ids().collect::<Int64Array>())),
        ("at", Arc::new(Date32Array::from_iter_values(ids().map(|_| day)))),
        ("position", Arc::new(ids().map(|id| id as i32 % 19 + 100 * day).collect::<Int32Array>())),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn cities() -> RecordBatch {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("city_id", Arc::new((0..CITIES).collect::<Int64Array>())),
        ("rain", Arc::new((0..CITIES).map(|city| city as f32 / 3.0).collect::<Float32Array>())),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

/// One dataset in each format.
async fn build(sandbox: &Sandbox, executors: &[String]) -> Shards {
    let many = sandbox.build(dataset("many_records", "score position rain notes.id", 16)).await;
    let large = v1::CreateTrainingDataset {
        data_format: DataFormat::Parquet.into(),
        ..dataset("large_tables", "note position rain score notes.id", 2)
    };
    let large = sandbox.build(large).await;
    assert!(many.run.rows > NOTES as u64 * 9 / 10 && many.run.rows == large.run.rows, "{} rows", many.run.rows);
    assert_eq!(workers(&sandbox.show_run(&many.run.id).await), executors, "all executors have a part in it");
    let named = |(name, bytes): (String, Vec<u8>), of: &str| (format!("{of}/{name}"), bytes);
    let many = many.files().into_iter().map(|shard| named(shard, "tfrecord"));
    many.chain(large.files().into_iter().map(|shard| named(shard, "parquet"))).collect()
}

#[track_caller]
fn assert_same(shards: &Shards, expected: &Shards, what: &str) {
    assert!(shards.keys().eq(expected.keys()), "{what}: {:?}", shards.keys());
    let differ: Vec<&String> = shards.keys().filter(|name| shards[*name] != expected[*name]).collect();
    assert!(differ.is_empty(), "{what}: other bytes in {differ:?}");
}

/// Row groups are what a budget could have cut elsewhere; and nothing in a footer names a time, a place or a plan.
fn assert_parquet_is_interesting(shards: &Shards) {
    assert_eq!(shards.len(), 18);
    for (name, bytes) in shards.iter().filter(|(name, _)| name.starts_with("parquet/")) {
        let reader = SerializedFileReader::new(bytes::Bytes::copy_from_slice(bytes)).unwrap();
        let metadata = reader.metadata();
        assert!(metadata.num_row_groups() > 1, "{name} has one row group");
        assert_eq!(metadata.file_metadata().key_value_metadata(), None, "{name}");
        let created_by = metadata.file_metadata().created_by().unwrap();
        assert!(created_by.starts_with("parquet-rs version "), "{name} was created by {created_by}");
    }
}
