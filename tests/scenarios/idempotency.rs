//! A run id is an idempotency key: what was asked for twice is done once.

use futures::stream;
use mangonel_proto::{Error, ErrorCode, v1};

use crate::harness::{
    Sandbox, assert_table, dataset, group, on_every_engine,
    sandbox::{begin, upload},
    table,
};

on_every_engine!(
    an_insert_with_the_same_run_id_counts_once,
    a_part_that_is_sent_twice_counts_once,
    a_part_that_broke_off_does_not_count,
    a_part_that_did_not_arrive_stops_the_commit,
    a_failed_insert_can_be_tried_again_under_a_new_id,
    a_build_with_the_same_run_id_is_done_once,
    a_run_id_belongs_to_one_request,
);

fn rows(first: i64) -> arrow::record_batch::RecordBatch {
    let rows: Vec<String> = (first..first + 3).map(|id| format!("{id} | {id}")).collect();
    table(&format!("id:long | x:integer\n{}", rows.join("\n")))
}

fn named(run_id: &str) -> v1::BeginInsert {
    v1::BeginInsert { run_id: run_id.into(), ..begin("events") }
}

async fn an_insert_with_the_same_run_id_counts_once(sandbox: &Sandbox) {
    sandbox.create(group("events", "id", "id:long x:integer")).await;
    let run_id = uuid::Uuid::new_v4().to_string();
    let first = sandbox.insert_as(named(&run_id), vec![rows(1)]).await.unwrap();
    assert_eq!(first.id, run_id);
    // A client that lost the answer asks again, and its upload is refused or ignored.
    let again = sandbox.client().begin_insert(named(&run_id)).await.unwrap();
    let _refused = upload(&again, "part-0", rows(1)).await;
    let second = again.commit().await.unwrap();
    assert_eq!((second.state(), second.table_version), (v1::RunState::Committed, first.table_version));
    assert_eq!(sandbox.rows("events").await.num_rows(), 3);
    // Two commits at the same time are one.
    let run_id = uuid::Uuid::new_v4().to_string();
    let one = sandbox.client().begin_insert(named(&run_id)).await.unwrap();
    upload(&one, "part-0", rows(4)).await.unwrap();
    let commit = v1::CommitInsert { run_id: run_id.clone(), parts: vec!["part-0".into()] };
    let (left, right) = futures::join!(sandbox.client().call(commit.clone()), sandbox.client().call(commit));
    assert!(left.is_ok() && right.is_ok(), "{left:?} {right:?}");
    sandbox.end_of(&run_id).await.unwrap();
    assert_eq!(sandbox.rows("events").await.num_rows(), 6);
}

async fn a_part_that_is_sent_twice_counts_once(sandbox: &Sandbox) {
    sandbox.create(group("events", "id", "id:long x:integer")).await;
    let insert = sandbox.client().begin_insert(begin("events")).await.unwrap();
    let run_id = insert.run_id().to_owned();
    for part in ["a", "b", "a"] {
        upload(&insert, part, rows(i64::from(part.as_bytes()[0]) * 10)).await.unwrap();
    }
    insert.commit().await.unwrap();
    assert_eq!(sandbox.end_of(&run_id).await.unwrap().rows, 6);
    assert_eq!(sandbox.rows("events").await.num_rows(), 6);
}

async fn a_part_that_broke_off_does_not_count(sandbox: &Sandbox) {
    sandbox.create(group("events", "id", "id:long x:integer")).await;
    let insert = sandbox.client().begin_insert(begin("events")).await.unwrap();
    let run_id = insert.run_id().to_owned();
    let broken = stream::iter([Ok(rows(1)), Err(Error::invalid("the disk is on fire"))]);
    let error = insert.upload("a", rows(1).schema(), broken).await.unwrap_err();
    assert!(error.message.contains("on fire"), "{error}");
    let commit = v1::CommitInsert { run_id: run_id.clone(), parts: vec!["a".into()] };
    let error = sandbox.client().call(commit).await.unwrap_err();
    assert!(error.message.contains("did not arrive"), "{error}");
    upload(&insert, "a", rows(10)).await.unwrap();
    insert.commit().await.unwrap();
    sandbox.end_of(&run_id).await.unwrap();
    assert_table(&sandbox.rows("events").await, "id | x\n 10 | 10\n 11 | 11\n 12 | 12");
}

async fn a_part_that_did_not_arrive_stops_the_commit(sandbox: &Sandbox) {
    sandbox.create(group("events", "id", "id:long x:integer")).await;
    let insert = sandbox.client().begin_insert(begin("events")).await.unwrap();
    let run_id = insert.run_id().to_owned();
    upload(&insert, "a", rows(1)).await.unwrap();
    let commit = |parts: &[&str]| v1::CommitInsert {
        run_id: run_id.clone(),
        parts: parts.iter().map(|part| (*part).to_owned()).collect(),
    };
    let error = sandbox.client().call(commit(&["a", "b", "c"])).await.unwrap_err().to_string();
    assert!(error.contains("`b`") && error.contains("`c`") && !error.contains("`a`"), "{error}");
    assert_eq!(sandbox.run(&run_id).await.state(), v1::RunState::Prepared, "the rest can still be sent");
    upload(&insert, "b", rows(10)).await.unwrap();
    // What was staged and is not named is left out.
    sandbox.client().call(commit(&["b"])).await.unwrap();
    assert_eq!(sandbox.end_of(&run_id).await.unwrap().rows, 3);
}

async fn a_failed_insert_can_be_tried_again_under_a_new_id(sandbox: &Sandbox) {
    sandbox.create(group("events", "id", "id:long x:integer")).await;
    let run_id = uuid::Uuid::new_v4().to_string();
    let bad = table("id:long | x:integer\n null | 1");
    assert!(sandbox.insert_as(named(&run_id), vec![bad]).await.is_err());
    let failed = sandbox.run(&run_id).await;
    assert_eq!(failed.state(), v1::RunState::Failed);
    assert!(failed.error.contains("`id` is null"), "{}", failed.error);
    sandbox.insert("events", rows(1)).await;
    assert_eq!(sandbox.rows("events").await.num_rows(), 3);
}

async fn a_build_with_the_same_run_id_is_done_once(sandbox: &Sandbox) {
    sandbox.create_filled(group("events", "id", "id:long x:integer"), rows(1)).await;
    let run_id = uuid::Uuid::new_v4().to_string();
    let create = v1::CreateTrainingDataset { run_id: run_id.clone(), ..dataset("built", "id x", 2) };
    let first = sandbox.build(create.clone()).await;
    let second = sandbox.build(create).await;
    assert_eq!((first.run.id.as_str(), second.dataset.version), (run_id.as_str(), 1));
    assert_eq!(first.run, second.run);
    let listed = sandbox.client().call(v1::ListTrainingDatasets::default()).await.unwrap();
    assert_eq!(listed.training_datasets.len(), 1);
}

async fn a_run_id_belongs_to_one_request(sandbox: &Sandbox) {
    sandbox.create_filled(group("events", "id", "id:long x:integer"), rows(1)).await;
    sandbox.create(group("other", "id", "id:long y:integer")).await;
    let run_id = uuid::Uuid::new_v4().to_string();
    sandbox.insert_as(named(&run_id), vec![rows(5)]).await.unwrap();
    let elsewhere = v1::BeginInsert { feature_group: "other".into(), ..named(&run_id) };
    assert_eq!(sandbox.client().begin_insert(elsewhere).await.err().unwrap().code, ErrorCode::AlreadyExists);
    sandbox.create(v1::CreateFeatureGroup { version: 2, ..group("events", "id", "id:long x:integer") }).await;
    let next = v1::BeginInsert { version: 2, ..named(&run_id) };
    assert_eq!(sandbox.client().begin_insert(next).await.err().unwrap().code, ErrorCode::Conflict);
    let build = v1::CreateTrainingDataset { run_id, ..dataset("built", "id x", 1) };
    assert_eq!(sandbox.try_build(build).await.err().unwrap().code, ErrorCode::Conflict);
    let listed = sandbox.client().call(v1::ListTrainingDatasets::default()).await.unwrap();
    assert!(listed.training_datasets.is_empty());
}
