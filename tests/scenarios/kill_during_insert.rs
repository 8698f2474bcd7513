//! `kill -9` of the server in the middle of an insert: it goes on after the restart if its commit was asked for, and nothing of it
//! is there before it is done.

use std::{sync::Arc, time::Duration};

use arrow::{
    array::{ArrayRef, Float64Array, Int64Array, StringArray},
    record_batch::RecordBatch,
};
use futures::TryStreamExt;
use mangonel_client::MangonelClient;
use mangonel_proto::{
    v1::{self, RunState},
    wire::{self, Command},
};

use crate::harness::{
    group,
    process::Up,
    sandbox::{begin, upload, version_of},
};

const ROWS: i64 = 400_000;

fn rows(first: i64, count: i64) -> RecordBatch {
    let ids = || (first..first + count).map(|row| (row * 7_919) % 1_000_003);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(ids().collect::<Int64Array>())),
        ("score", Arc::new(ids().map(|id| id as f64).collect::<Float64Array>())),
        ("note", Arc::new(StringArray::from_iter_values(ids().map(|id| format!("{id:0>100}"))))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

async fn connect(server: &Up) -> MangonelClient {
    MangonelClient::connect(server.url(), "default").await.unwrap()
}

async fn count(client: &MangonelClient) -> usize {
    let kind = v1::DependencyKind::FeatureGroup.into();
    let read = client
        .read(&Command::Read(v1::ReadVersion { kind, name: "notes".into(), ..Default::default() }))
        .await
        .unwrap();
    let rows = read.stream().try_fold(0, async |rows, batch| Ok(rows + batch.num_rows())).await;
    rows.unwrap()
}

async fn insert(client: &MangonelClient, first: i64, count: i64) -> v1::Run {
    let insert = client.begin_insert(begin("notes")).await.unwrap();
    let run_id = insert.run_id().to_owned();
    upload(&insert, "a", rows(first, count)).await.unwrap();
    insert.commit().await.unwrap();
    let _ended: Vec<v1::RunProgress> = client.watch(&run_id).await.unwrap().try_collect().await.unwrap();
    run(client, &run_id).await.run.unwrap()
}

async fn run(client: &MangonelClient, run_id: &str) -> v1::RunDetail {
    client.call(wire::ShowRun(v1::RunRef { run_id: run_id.into() })).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_half_done_is_visible_after_a_kill() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("data");
    let server = Up::start(&folder, &["--threads", "1", "--memory", "256MiB"]);
    let client = connect(&server).await;
    client.call(group("notes", "id", "id:long score:double note:string")).await.unwrap();
    assert_eq!(insert(&client, 0, 10).await.state(), RunState::Committed);

    let large = client.begin_insert(begin("notes")).await.unwrap();
    let run_id = large.run_id().to_owned();
    for part in 0..4 {
        upload(&large, &format!("part-{part}"), rows(part * ROWS, ROWS)).await.unwrap();
    }
    large.commit().await.unwrap();
    loop {
        let detail = run(&client, &run_id).await;
        let state = detail.run.unwrap().state();
        assert_eq!(state, RunState::Prepared, "the insert ended before it could be killed");
        if detail.progress.is_some_and(|progress| progress.rows_done > 100_000) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    server.kill();

    let server = Up::start(&folder, &[]);
    let client = connect(&server).await;
    // That it works on it proves that the server died in the middle. Until it is done, nothing of it is there.
    let shown = client.call(wire::ShowFeatureGroup(version_of("notes"))).await.unwrap();
    let settled = run(&client, &run_id).await.run.unwrap();
    assert_eq!(settled.state(), RunState::Prepared, "its commit was asked for: it goes on");
    assert_eq!((shown.rows, shown.files), (10, 1));
    ended(&client, &run_id).await;
    assert_eq!(count(&client).await, 10 + 4 * ROWS as usize);

    // A commit of the same run that is sent again adds nothing.
    let again = client.call(v1::CommitInsert { run_id, parts: vec!["part-0".into()] }).await.unwrap();
    assert_eq!((again.state(), again.rows), (RunState::Committed, 4 * ROWS as u64));
    assert_eq!(insert(&client, 10, 1000).await.state(), RunState::Committed);
    assert_eq!(count(&client).await, 1010 + 4 * ROWS as usize);
    assert!(server.terminate().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_was_not_committed_ends_with_its_server() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("data");
    let server = Up::start(&folder, &[]);
    let client = connect(&server).await;
    client.call(group("notes", "id", "id:long score:double note:string")).await.unwrap();
    let begun = client.begin_insert(begin("notes")).await.unwrap();
    let run_id = begun.run_id().to_owned();
    upload(&begun, "a", rows(0, 10)).await.unwrap();
    server.kill();
    let server = Up::start(&folder, &[]);
    let client = connect(&server).await;
    let settled = run(&client, &run_id).await.run.unwrap();
    assert_eq!(settled.state(), RunState::Failed);
    assert!(settled.error.contains("insert again"), "{}", settled.error);
    // A commit of the dead run does not bring it back.
    let again = client.call(v1::CommitInsert { run_id, parts: vec!["a".into()] }).await.unwrap();
    assert_eq!((again.state(), count(&client).await), (RunState::Failed, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_build_that_was_killed_goes_on_after_the_restart() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("data");
    let server = Up::start(&folder, &["--threads", "1"]);
    let client = connect(&server).await;
    client.call(group("notes", "id", "id:long score:double note:string")).await.unwrap();
    assert_eq!(insert(&client, 0, 3 * ROWS).await.state(), RunState::Committed);
    let create = |name: &str| crate::harness::dataset(name, "note score id", 8);
    let undisturbed = client.call(create("undisturbed")).await.unwrap().run.unwrap();
    ended(&client, &undisturbed.id).await;

    let run_id = client.call(create("killed")).await.unwrap().run.unwrap().id;
    // Asked for more often than a watcher is told.
    loop {
        let detail = run(&client, &run_id).await;
        let state = detail.run.unwrap().state();
        assert_eq!(state, RunState::Prepared, "the build ended before it could be killed");
        let progress = detail.progress.unwrap_or_default();
        if progress.step.starts_with("writing") && progress.rows_done > 20_000 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    server.kill();
    let server = Up::start(&folder, &["--threads", "2"]);
    let client = connect(&server).await;
    ended(&client, &run_id).await;
    assert_eq!(run(&client, &run_id).await.run.unwrap().rows, 3 * ROWS as u64);
    let files = async |name: &str| {
        let detail = client.call(wire::ShowTrainingDataset(version_of(name))).await.unwrap();
        let shard = |shard: u32| std::fs::read(format!("{}/part-r-{shard:05}", detail.path)).unwrap();
        (0..8).map(shard).collect::<Vec<_>>()
    };
    assert!(files("killed").await == files("undisturbed").await, "other bytes than an undisturbed build");
    let report = client.call(wire::VerifyTrainingDataset(version_of("killed"))).await.unwrap();
    assert!(report.problems.is_empty(), "{:?}", report.problems);
}

async fn ended(client: &MangonelClient, run_id: &str) {
    let all: Vec<v1::RunProgress> = client.watch(run_id).await.unwrap().try_collect().await.unwrap();
    let last = all.last().unwrap();
    assert_eq!(last.state(), RunState::Committed, "{}", last.error);
}
