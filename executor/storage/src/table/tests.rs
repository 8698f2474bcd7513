//! Promises of a feature group's table: each run commits once, nothing is lost in a race, and what a file says of itself
//! outlives checkpoints and trimmed logs.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow::{
    array::{
        ArrayRef, AsArray, FixedSizeBinaryArray, Float64Array, Int64Array, ListArray, StringArray,
        TimestampMicrosecondArray,
    },
    datatypes::{DataType, Field, Int64Type, Schema, TimeUnit},
    record_batch::RecordBatch,
};
use mangonel_proto::names::RunId;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::*;
use crate::{error::StorageError, warehouse::Warehouse};

const LOCATION: &str = "football/football_featurestore.db/teams_features_1";

fn schema() -> Schema {
    Schema::new(vec![
        Field::new("id", DataType::Int64, true),
        Field::new("at", DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())), true),
        Field::new("score", DataType::Float64, true),
        Field::new("name", DataType::Utf8, true),
        Field::new("last", DataType::List(Arc::new(Field::new("element", DataType::Int64, true))), true),
    ])
}

fn rows(first: i64, count: i64) -> RecordBatch {
    let ids = || first..first + count;
    let lists = ids().map(|id| Some(vec![Some(id), None]));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(ids().collect::<Int64Array>()),
        Arc::new(ids().map(|id| Some(id * 1000 + 1)).collect::<TimestampMicrosecondArray>().with_timezone("UTC")),
        Arc::new(ids().map(|id| (id % 2 == 0).then_some(id as f64 / 2.0)).collect::<Float64Array>()),
        Arc::new(StringArray::from_iter_values(ids().map(|id| format!("team {id}")))),
        Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(lists)),
    ];
    let last = DataType::List(Arc::new(Field::new("element", DataType::Int64, true)));
    let schema = schema();
    let columns = columns.into_iter().zip(schema.fields()).map(|(column, field)| {
        let column = if field.name() == "last" { arrow::compute::cast(&column, &last).unwrap() } else { column };
        (field.name().clone(), column, true)
    });
    let digests = FixedSizeBinaryArray::try_from_iter(ids().map(|id| i128::from(id).to_le_bytes())).unwrap();
    let digests: ArrayRef = Arc::new(digests);
    RecordBatch::try_from_iter_with_nullable(columns.chain([(DIGEST_COLUMN.into(), digests, false)])).unwrap()
}

fn run(name: &str) -> RunId {
    RunId::parse(name).unwrap()
}

fn layout() -> LayoutTags {
    let sorted_by = vec!["id".to_owned(), "at".to_owned()];
    LayoutTags { hash_version: Some(1), buckets: Some(4), bucket: Some(2), sorted_by, ..LayoutTags::default() }
}

async fn local() -> (tempfile::TempDir, Warehouse) {
    let folder = tempfile::tempdir().unwrap();
    let warehouse = Warehouse::open(&folder.path().to_string_lossy(), true).await.unwrap();
    create_table(&warehouse, LOCATION, &schema(), &[], &BTreeMap::new()).await.unwrap();
    (folder, warehouse)
}

async fn written(warehouse: &Warehouse, run_id: &str, first: i64, count: i64) -> Vec<AddedFile> {
    let options = BucketFileOptions::new(run(run_id), layout());
    let mut writer = BucketFileWriter::try_new(warehouse, LOCATION, &schema(), options).unwrap();
    writer.write(&rows(first, count)).await.unwrap();
    writer.finish().await.unwrap()
}

async fn insert(warehouse: &Warehouse, run_id: &str, mode: InsertMode, first: i64) -> Result<CommitOutcome> {
    let adds = written(warehouse, run_id, first, 10).await;
    commit_insert(warehouse, LOCATION, &run(run_id), mode, &schema(), adds).await
}

async fn snapshot(warehouse: &Warehouse) -> TableSnapshot {
    open_table(warehouse, LOCATION, None).await.unwrap().snapshot().unwrap()
}

fn runs_of(snapshot: &TableSnapshot) -> BTreeSet<String> {
    snapshot.files.iter().filter_map(|file| file.tags.run_id.clone()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_is_created_once() {
    let (_folder, warehouse) = local().await;
    let table = open_table(&warehouse, LOCATION, None).await.unwrap();
    assert_eq!(table.version().unwrap(), 0);
    let names =
        |schema: &Schema| schema.fields().iter().map(|f| (f.name().clone(), f.data_type().clone())).collect::<Vec<_>>();
    assert_eq!(names(&table.snapshot().unwrap().schema), names(&schema()));
    let again = create_table(&warehouse, LOCATION, &schema(), &[], &BTreeMap::new()).await;
    assert!(matches!(again, Err(StorageError::AlreadyExists { .. })));
    assert!(matches!(open_table(&warehouse, "a/none", None).await, Err(StorageError::NotFound { .. })));
    assert!(matches!(open_table(&warehouse, LOCATION, Some(7)).await, Err(StorageError::NotFound { .. })));

    let creations =
        (0..8).map(|_| async { create_table(&warehouse, "a/racing_1", &schema(), &[], &BTreeMap::new()).await });
    let created: Vec<_> = futures::future::join_all(creations).await.into_iter().filter_map(Result::ok).collect();
    assert_eq!(created.len(), 1);
    assert_eq!(open_table(&warehouse, "a/racing_1", None).await.unwrap().id().unwrap(), created[0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn zoneless_timestamps_and_partitions_are_declared() {
    let (_folder, warehouse) = local().await;
    let schema = Schema::new(vec![
        Field::new("local", DataType::Timestamp(TimeUnit::Microsecond, None), true),
        Field::new("day", DataType::Date32, true),
    ]);
    let day = vec!["day".to_owned()];
    create_table(&warehouse, "a/local_1", &schema, &day, &BTreeMap::new()).await.unwrap();
    let snapshot = open_table(&warehouse, "a/local_1", None).await.unwrap().snapshot().unwrap();
    assert_eq!(snapshot.partition_columns, day);
    assert_eq!(snapshot.schema.field(0).data_type(), schema.field(0).data_type());

    let values = PartitionValues::from([("day".into(), Some("2020-02-03".into()))]);
    let options = BucketFileOptions::new(run("r"), LayoutTags::default()).in_partition(&day, values);
    let mut writer = BucketFileWriter::try_new(&warehouse, "a/local_1", &schema, options).unwrap();
    let local: ArrayRef = Arc::new(TimestampMicrosecondArray::from(vec![1, 2]));
    writer.write(&RecordBatch::try_from_iter_with_nullable([("local", local, true)]).unwrap()).await.unwrap();
    let adds = writer.finish().await.unwrap();
    commit_insert(&warehouse, "a/local_1", &run("r"), InsertMode::Append, &schema, adds).await.unwrap();
    let snapshot = open_table(&warehouse, "a/local_1", None).await.unwrap().snapshot().unwrap();
    assert_eq!(snapshot.files[0].partition_values["day"].as_deref(), Some("2020-02-03"));
    assert_eq!(snapshot.files[0].rows, Some(2));

    let none = ["x".to_owned()];
    assert!(create_table(&warehouse, "a/b_1", &schema, &none, &BTreeMap::new()).await.is_err());
    let property = BTreeMap::from([("delta.enableDeletionVectors".to_owned(), "true".to_owned())]);
    assert!(create_table(&warehouse, "a/b_1", &schema, &[], &property).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tables_that_need_more_than_plain_parquet_are_refused() {
    let (_folder, warehouse) = local().await;
    let log = format!("{LOCATION}/_delta_log/00000000000000000001.json");
    for (protocol, word) in [
        (
            r#"{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["deletionVectors"],"writerFeatures":["deletionVectors"]}}"#,
            "deletionVectors",
        ),
        (r#"{"protocol":{"minReaderVersion":2,"minWriterVersion":5}}"#, "column mapping"),
        (
            r#"{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["v2Checkpoint"],"writerFeatures":["v2Checkpoint"]}}"#,
            "v2Checkpoint",
        ),
    ] {
        warehouse.put(&log, protocol).await.unwrap();
        let error = open_table(&warehouse, LOCATION, None).await.unwrap_err();
        assert!(matches!(error, StorageError::Unsupported { .. }) && error.to_string().contains(word), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_commits_once() {
    let (_folder, warehouse) = local().await;
    assert_eq!(settle(&warehouse, LOCATION, &run("r1")).await.unwrap(), Settled::Absent);
    let first = insert(&warehouse, "r1", InsertMode::Append, 0).await.unwrap();
    assert_eq!(first, CommitOutcome { version: Some(1), already: false });
    let second = insert(&warehouse, "r1", InsertMode::Append, 0).await.unwrap();
    assert_eq!(second, CommitOutcome { version: Some(1), already: true });
    let snapshot = snapshot(&warehouse).await;
    assert_eq!((snapshot.version, snapshot.rows()), (1, Some(10)));
    let file = &snapshot.files[0];
    assert!(file.path.starts_with(LOCATION));
    assert_eq!(warehouse.size(&file.path).await.unwrap(), Some(file.size));
    assert_eq!((file.tags.commit, file.tags.bucket, file.tags.buckets), (Some(1), Some(2), Some(4)));
    assert_eq!(file.stats["id"].max, Some(StatValue::Int(9)));
    assert_eq!(file.stats["score"].null_count, Some(5));
    assert_eq!(settle(&warehouse, LOCATION, &run("r1")).await.unwrap(), Settled::Committed { version: Some(1) });

    // Racing commits of one run: one is it.
    let adds = written(&warehouse, "r2", 10, 10).await;
    let racing = (0..6).map(|_| {
        let (warehouse, adds) = (warehouse.clone(), adds.clone());
        tokio::spawn(async move {
            commit_insert(&warehouse, LOCATION, &run("r2"), InsertMode::Append, &schema(), adds).await
        })
    });
    let outcomes: Vec<_> =
        futures::future::join_all(racing).await.into_iter().map(|done| done.unwrap().unwrap()).collect();
    assert_eq!(outcomes.iter().filter(|outcome| !outcome.already).count(), 1);
    assert!(outcomes.iter().all(|outcome| outcome.version == Some(2)));
    assert_eq!(self::snapshot(&warehouse).await.rows(), Some(20));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forbidden_run_never_commits() {
    let (_folder, warehouse) = local().await;
    // A stale commit: its snapshot is older than the tombstone.
    let adds = written(&warehouse, "r1", 0, 10).await;
    let stale = open_table(&warehouse, LOCATION, None).await.unwrap();
    assert_eq!(forbid(&warehouse, LOCATION, &run("r1")).await.unwrap(), Settled::Forbidden);
    let transaction = deltalake_core::kernel::Transaction::new("r1", 1);
    let properties =
        deltalake_core::kernel::transaction::CommitProperties::default().with_application_transaction(transaction);
    let operation = deltalake_core::protocol::DeltaOperation::Write {
        mode: deltalake_core::protocol::SaveMode::Append,
        partition_by: None,
        predicate: None,
    };
    let commit = deltalake_core::kernel::transaction::CommitBuilder::from(properties).build(
        Some(stale.state().unwrap()),
        stale.log_store(),
        operation,
    );
    assert!(commit.await.is_err());
    // And a fresh one.
    let fresh = commit_insert(&warehouse, LOCATION, &run("r1"), InsertMode::Append, &schema(), adds.clone()).await;
    assert!(matches!(fresh, Err(StorageError::Conflict { .. })));
    assert_eq!(forbid(&warehouse, LOCATION, &run("r1")).await.unwrap(), Settled::Forbidden);
    assert_eq!(settle(&warehouse, LOCATION, &run("r1")).await.unwrap(), Settled::Forbidden);
    assert_eq!(snapshot(&warehouse).await.files.len(), 0);

    insert(&warehouse, "r2", InsertMode::Append, 0).await.unwrap();
    assert_eq!(forbid(&warehouse, LOCATION, &run("r2")).await.unwrap(), Settled::Committed { version: Some(2) });

    // A commit and a tombstone at once: exactly one of them holds.
    for round in 0..5 {
        let id = format!("race-{round}");
        let adds = written(&warehouse, &id, 100, 10).await;
        let id = run(&id);
        let columns = schema();
        let (committed, forbidden) = tokio::join!(
            commit_insert(&warehouse, LOCATION, &id, InsertMode::Append, &columns, adds),
            forbid(&warehouse, LOCATION, &id)
        );
        assert_eq!(committed.is_ok(), forbidden.unwrap() != Settled::Forbidden);
        assert_eq!(runs_of(&snapshot(&warehouse).await).contains(id.as_str()), committed.is_ok());
    }
}

/// Two attempts at one commit, as after a take-over: the second one has written files of its own. Whatever snapshot it comes
/// with, its rows are not added to those of the first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_commit_of_a_second_attempt_adds_nothing() {
    let (_folder, warehouse) = local().await;
    let id = run("r1");
    let (first, second) = (written(&warehouse, "r1", 0, 10).await, written(&warehouse, "r1", 0, 10).await);
    let stale = open_table(&warehouse, LOCATION, None).await.unwrap();
    let committed =
        commit_insert(&warehouse, LOCATION, &id, InsertMode::Append, &schema(), first.clone()).await.unwrap();
    assert_eq!(committed, CommitOutcome { version: Some(1), already: false });

    for (mode, other) in [(InsertMode::Append, "other-1"), (InsertMode::Overwrite, "other-2")] {
        // Stale: it has checked before the first one committed, and commits now.
        let late = commit::Work {
            warehouse: &warehouse,
            location: LOCATION,
            run_id: &id,
            change: commit::Change::Insert { mode, adds: &second, columns: &schema() },
        };
        let lost = late.try_next(&stale).await.unwrap().unwrap_err();
        assert!(commit::is_lost_race(&lost), "{lost}");
        let known = Settled::Committed { version: Some(1) };
        assert_eq!(late.carry_out().await.unwrap(), (known.clone(), true), "it loads again and finds itself committed");
        // Fresh: also after others have gone on.
        insert(&warehouse, other, InsertMode::Append, 100).await.unwrap();
        let fresh = commit_insert(&warehouse, LOCATION, &id, mode, &schema(), second.clone()).await.unwrap();
        assert_eq!(fresh, CommitOutcome { version: Some(1), already: true });
        assert_eq!(settle(&warehouse, LOCATION, &id).await.unwrap(), known);
    }
    let snapshot = snapshot(&warehouse).await;
    assert_eq!((snapshot.version, snapshot.rows()), (3, Some(30)));
    let of_run = snapshot.files.iter().filter(|file| file.tags.run_id.as_deref() == Some("r1"));
    let names: Vec<&str> = of_run.filter_map(|file| file.path.rsplit('/').next()).collect();
    assert_eq!(names, [first[0].path.as_str()], "the files are those of the first attempt");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn appends_of_many_processes_lose_nothing() {
    let (folder, _warehouse) = local().await;
    let path = folder.path().to_string_lossy().into_owned();
    let tasks = (0..8).map(|task| {
        let path = path.clone();
        tokio::spawn(async move {
            let warehouse = Warehouse::open(&path, false).await.unwrap();
            for round in 0..10 {
                let first = (task * 10 + round) * 10;
                let outcome =
                    insert(&warehouse, &format!("run-{task}-{round}"), InsertMode::Append, first).await.unwrap();
                assert!(!outcome.already);
            }
        })
    });
    for task in futures::future::join_all(tasks).await {
        task.unwrap();
    }
    let snapshot = snapshot(&_warehouse).await;
    assert_eq!((snapshot.version, snapshot.rows(), runs_of(&snapshot).len()), (80, Some(800), 80));
    let versions: BTreeSet<_> = snapshot.files.iter().filter_map(|file| file.tags.commit).collect();
    assert_eq!(versions, (1..=80).collect());
    let lowest: BTreeSet<_> = snapshot
        .files
        .iter()
        .map(|file| match file.stats["id"].min {
            Some(StatValue::Int(id)) => id,
            _ => -1,
        })
        .collect();
    assert_eq!(lowest, (0..80).map(|file| file * 10).collect());
    let log = _warehouse.list(&format!("{LOCATION}/_delta_log")).await.unwrap();
    assert!(log.keys().any(|name| name.ends_with(".checkpoint.parquet")), "checkpoints are written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn appends_that_race_an_overwrite_are_before_it_or_survive_it() {
    let (_folder, warehouse) = local().await;
    // Two overwrites of an empty table: one of them is the last.
    let (one, two) = tokio::join!(
        insert(&warehouse, "o1", InsertMode::Overwrite, 0),
        insert(&warehouse, "o2", InsertMode::Overwrite, 10)
    );
    assert_ne!(one.unwrap().version, two.unwrap().version);
    assert_eq!(snapshot(&warehouse).await.rows(), Some(10));

    let commits = (0..24).map(|index| {
        let warehouse = warehouse.clone();
        let mode = if index % 6 == 3 { InsertMode::Overwrite } else { InsertMode::Append };
        tokio::spawn(async move {
            let id = format!("run-{index}");
            (id.clone(), mode, insert(&warehouse, &id, mode, index * 10).await.unwrap().version.unwrap())
        })
    });
    let commits: Vec<_> = futures::future::join_all(commits).await.into_iter().map(|done| done.unwrap()).collect();
    let last = commits.iter().filter(|commit| commit.1 == InsertMode::Overwrite).map(|commit| commit.2).max();
    let expected: BTreeSet<_> =
        commits.iter().filter(|commit| Some(commit.2) >= last).map(|commit| commit.0.clone()).collect();
    let now = snapshot(&warehouse).await;
    assert_eq!(runs_of(&now), expected);
    // Older versions can still be read.
    for version in 0..=now.version {
        open_table(&warehouse, LOCATION, Some(version)).await.unwrap().snapshot().unwrap();
    }
    // Runs whose files are gone are still known, with their versions.
    for (id, _, version) in commits {
        assert_eq!(
            settle(&warehouse, LOCATION, &run(&id)).await.unwrap(),
            Settled::Committed { version: Some(version) }
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tags_statistics_and_runs_outlive_the_log() {
    let (_folder, warehouse) = local().await;
    for index in 0..24 {
        insert(&warehouse, &format!("run-{index}"), InsertMode::Append, index * 10).await.unwrap();
    }
    forbid(&warehouse, LOCATION, &run("dead")).await.unwrap();
    let before = snapshot(&warehouse).await;
    let table = open_table(&warehouse, LOCATION, None).await.unwrap();
    deltalake_core::checkpoints::create_checkpoint(&table.delta, None).await.unwrap();
    let last = format!("{LOCATION}/_delta_log/{:020}.json", before.version);
    let last_commit = warehouse.get(&last).await.unwrap().unwrap();
    for name in warehouse.list(&format!("{LOCATION}/_delta_log")).await.unwrap().into_keys() {
        if name.ends_with(".json") {
            warehouse.delete(&name).await.unwrap();
        }
    }
    let after = snapshot(&warehouse).await;
    assert_eq!((after.version, &after.table_id, &after.files), (before.version, &before.table_id, &before.files));
    assert_eq!(after.files[3].tags.sorted_by, ["id", "at"]);
    assert_eq!(after.files.len(), 24);
    let known = settle(&warehouse, LOCATION, &run("run-5")).await.unwrap();
    assert_eq!(known, Settled::Committed { version: Some(6) });
    assert_eq!(settle(&warehouse, LOCATION, &run("dead")).await.unwrap(), Settled::Forbidden);
    assert!(insert(&warehouse, "run-7", InsertMode::Append, 0).await.unwrap().already);
    assert!(insert(&warehouse, "dead", InsertMode::Append, 0).await.is_err());
    assert!(matches!(open_table(&warehouse, LOCATION, Some(3)).await, Err(StorageError::NotFound { .. })));
    // And it goes on from there; a trimmer keeps the commit that its checkpoint is of.
    warehouse.put(&last, last_commit).await.unwrap();
    assert_eq!(insert(&warehouse, "next", InsertMode::Append, 0).await.unwrap().version, Some(26));
    assert!(matches!(
        create_table(&warehouse, LOCATION, &schema(), &[], &BTreeMap::new()).await,
        Err(StorageError::AlreadyExists { .. })
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn missing_and_repeated_files_are_not_committed() {
    let (_folder, warehouse) = local().await;
    let adds = written(&warehouse, "r", 0, 10).await;
    let commit = |adds: Vec<AddedFile>| {
        let warehouse = warehouse.clone();
        async move { commit_insert(&warehouse, LOCATION, &run("r"), InsertMode::Append, &schema(), adds).await }
    };
    assert!(commit([adds.clone(), adds.clone()].concat()).await.is_err());
    let mut cut = adds.clone();
    cut[0].size += 1;
    assert!(matches!(commit(cut).await, Err(StorageError::Corrupt { .. })));
    warehouse.delete(&format!("{LOCATION}/{}", adds[0].path)).await.unwrap();
    assert!(matches!(commit(adds).await, Err(StorageError::Corrupt { .. })));
    assert_eq!(commit(Vec::new()).await.unwrap(), CommitOutcome { version: Some(1), already: false });
    assert!(commit(Vec::new()).await.unwrap().already);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_roll_and_hold_our_own_columns() {
    let (_folder, warehouse) = local().await;
    let options = BucketFileOptions {
        file_bytes_max: 40_000,
        row_group_bytes_max: 10_000,
        ..BucketFileOptions::new(run("r"), layout())
    };
    let mut writer = BucketFileWriter::try_new(&warehouse, LOCATION, &schema(), options.clone()).unwrap();
    for first in (0..20_000).step_by(1000) {
        writer.write(&rows(first, 1000)).await.unwrap();
    }
    let adds = writer.finish().await.unwrap();
    assert!(adds.len() > 2);
    assert_eq!(adds.iter().map(|added| added.rows).sum::<u64>(), 20_000);
    let added: AddedFile = serde_json::from_str(&serde_json::to_string(&adds[0]).unwrap()).unwrap();
    assert_eq!(added, adds[0]);
    assert!(added.path.starts_with("part-00002-r-"));
    let bytes = warehouse.get(&format!("{LOCATION}/{}", adds[0].path)).await.unwrap().unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
    assert!(reader.metadata().num_row_groups() > 1);
    let batch = reader.build().unwrap().next().unwrap().unwrap();
    assert_eq!(batch.column_by_name(RUN_COLUMN).unwrap().as_string::<i32>().value(0), "r");
    assert_eq!(batch.column_by_name(DIGEST_COLUMN).unwrap().as_fixed_size_binary().value(5), 5_i128.to_le_bytes());

    // Rows of another run keep its name, and nothing aborted is left.
    let mut writer = BucketFileWriter::try_new(&warehouse, LOCATION, &schema(), options).unwrap();
    let other: ArrayRef = Arc::new(StringArray::from(vec!["older"; 10]));
    let mixed = rows(0, 10);
    let fields = mixed
        .schema()
        .fields()
        .iter()
        .cloned()
        .chain([Arc::new(Field::new(RUN_COLUMN, DataType::Utf8, true))])
        .collect::<Vec<_>>();
    let mixed =
        RecordBatch::try_new(Arc::new(Schema::new(fields)), mixed.columns().iter().cloned().chain([other]).collect())
            .unwrap();
    writer.write(&mixed).await.unwrap();
    let before = warehouse.list(LOCATION).await.unwrap().len();
    writer.abort().await.unwrap();
    assert_eq!(warehouse.list(LOCATION).await.unwrap().len(), before);
}

#[tokio::test]
async fn a_table_lives_in_memory_as_on_disk() {
    let warehouse = Warehouse::in_memory().await.unwrap();
    create_table(&warehouse, LOCATION, &schema(), &[], &BTreeMap::new()).await.unwrap();
    for index in 0..22 {
        insert(&warehouse, &format!("run-{index}"), InsertMode::Append, index).await.unwrap();
    }
    assert_eq!(snapshot(&warehouse).await.rows(), Some(220));
}

/// Writes a table for other readers to try: `MANGONEL_INTEROP=<folder>`, see the crate's docs on interop.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes a table for readers of other makes"]
async fn interop_table() {
    let folder = std::env::var("MANGONEL_INTEROP").unwrap();
    let warehouse = Warehouse::open(&folder, true).await.unwrap();
    create_table(&warehouse, LOCATION, &schema(), &[], &BTreeMap::new()).await.unwrap();
    for index in 0..25 {
        insert(&warehouse, &format!("run-{index}"), InsertMode::Append, index * 10).await.unwrap();
    }
    insert(&warehouse, "over", InsertMode::Overwrite, 1000).await.unwrap();
    insert(&warehouse, "after", InsertMode::Append, 2000).await.unwrap();
}
