//! A server works on so many runs at a time, in the order in which they came; so many wait, and say so; further ones are refused
//! and leave nothing behind.

use std::time::{Duration, Instant};

use futures::StreamExt;
use mangonel_client::MangonelClient;
use mangonel_proto::{
    ErrorCode,
    v1::{self, RunState},
    wire::{self, Command},
};
use mangonel_scheduler::Limits;

use crate::harness::{
    Sandbox,
    cluster::Cluster,
    dataset, group,
    process::{Up, http_get_at},
    request,
    sandbox::{begin, upload, version_of},
    table,
};

/// Rows of each of the two groups whose join takes long.
const ROWS: u64 = 20_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_wait_for_their_turn_on_the_local_engine() {
    let limits = Limits { running: Some(1), waiting: 3, reads: None };
    let sandbox = Sandbox::local_limited(limits).await;
    runs_wait_for_their_turn(&sandbox).await;
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_wait_for_their_turn_on_a_cluster() {
    let cluster = Cluster::start_with(2, 1, &["--max-running", "1", "--max-waiting", "3"]);
    runs_wait_for_their_turn(&cluster.sandbox().await).await;
}

async fn runs_wait_for_their_turn(sandbox: &Sandbox) {
    long_work(sandbox).await;
    let client = sandbox.client();
    // What an insert needs before its commit is no work: it is uploaded, and refused only then.
    let late = client.begin_insert(begin("left_group")).await.unwrap();
    let late_id = late.run_id().to_owned();
    upload(&late, "a", table("k:long | left_group_id:long | a:long\n 1 | 999999 | 1")).await.unwrap();

    let large = sandbox.start(large_build()).await;
    at_work(client, &large).await;
    let mut waiting = Vec::new();
    for name in ["first", "second", "third"] {
        waiting.push(sandbox.start(dataset(name, "left_group.a", 2)).await);
    }
    for (before, run_id) in waiting.iter().enumerate() {
        let step = format!("waiting: {before} before it");
        let progress = until(client, run_id, |progress| progress.step == step).await;
        assert_eq!((progress.waiting_before, progress.state()), (Some(before as u32), RunState::Prepared));
    }
    let listed = client.call(v1::ListRuns { limit: 20 }).await.unwrap();
    let second = listed.progress.iter().find(|progress| progress.run_id == waiting[1]).unwrap();
    assert_eq!(second.step, "waiting: 1 before it");

    // Beyond the bound: who waits, that it is worth another try, and what an operator can do.
    let refused = client.call(dataset("fourth", "left_group.a", 2)).await.unwrap_err();
    assert_eq!((refused.code, refused.reason), (ErrorCode::ResourceExhausted, "Busy"));
    for word in ["1 runs", "3 wait", "try again", "--max-waiting"] {
        assert!(refused.message.contains(word), "no `{word}` in: {refused}");
    }
    let left = client.call(v1::ListTrainingDatasets { name: "fourth".into() }).await.unwrap();
    assert_eq!(left.training_datasets.len(), 0, "a refused build leaves no version");
    let refused = client.call(v1::CommitInsert { run_id: late_id.clone(), parts: vec!["a".into()] }).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::ResourceExhausted);
    assert_eq!(sandbox.run(&late_id).await.state(), RunState::Prepared, "its rows are still there");

    // Questions are not held up.
    let asked = Instant::now();
    let count = v1::SqlQuery { sql: "select count(*) from left_group_1".into(), ..Default::default() };
    sandbox.read(Command::Sql(count)).await.unwrap();
    assert_eq!(sandbox.ask(request("left_group.a")).await.unwrap().num_rows() as u64, ROWS);
    assert!(asked.elapsed() < Duration::from_secs(10), "questions took {:?}", asked.elapsed());

    // Who waits can be cancelled at once, and makes room.
    let asked = Instant::now();
    cancel(client, &waiting[1]).await;
    gone(client, &waiting[1]).await;
    assert!(asked.elapsed() < Duration::from_secs(1), "cancelling took {:?}", asked.elapsed());
    until(client, &waiting[2], |progress| progress.step == "waiting: 1 before it").await;
    let second = client.call(dataset("second", "left_group.a", 2)).await.unwrap().run.unwrap().id;
    until(client, &second, |progress| progress.step == "waiting: 2 before it").await;

    cancel(client, &large).await;
    let mut ends = Vec::new();
    for run_id in [&waiting[0], &waiting[2], &second] {
        ends.push(sandbox.end_of(run_id).await.unwrap().updated_ms);
    }
    assert!(ends.is_sorted(), "they end in the order in which they came: {ends:?}");
    client.call(v1::CommitInsert { run_id: late_id.clone(), parts: vec!["a".into()] }).await.unwrap();
    assert_eq!(sandbox.end_of(&late_id).await.unwrap().rows, 1);
    let status = client.call(wire::Status(v1::Empty {})).await.unwrap();
    assert_eq!((status.runs_active, status.runs_waiting, status.running_max, status.waiting_max), (0, 0, 1, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_waits_is_not_lost_with_the_server() {
    for is_killed in [true, false] {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("data");
        let limits = ["--max-running", "1", "--threads", "1"];
        let server = Up::start(&folder, &limits);
        let sandbox = Sandbox::on(server.url(), "football", &folder.join("warehouse")).await.unwrap();
        long_work(&sandbox).await;
        let large = sandbox.start(large_build()).await;
        at_work(sandbox.client(), &large).await;
        let insert = sandbox.client().begin_insert(begin("left_group")).await.unwrap();
        let insert_id = insert.run_id().to_owned();
        upload(&insert, "a", table("k:long | left_group_id:long | a:long\n 1 | 999999 | 1")).await.unwrap();
        insert.commit().await.unwrap();
        let build = sandbox.start(dataset("small", "right_group.b", 2)).await;
        until(sandbox.client(), &build, |progress| progress.step == "waiting: 1 before it").await;
        if is_killed {
            server.kill();
        } else {
            assert!(server.terminate().success());
        }

        let server = Up::start(&folder, &limits);
        let client = MangonelClient::connect(server.url(), "football").await.unwrap();
        until(&client, &insert_id, |progress| progress.step == "waiting: 0 before it").await;
        until(&client, &build, |progress| progress.step == "waiting: 1 before it").await;
        at_work(&client, &large).await;
        cancel(&client, &large).await;
        for (run_id, rows) in [(&insert_id, 1), (&build, ROWS)] {
            gone(&client, run_id).await;
            let run = client.call(wire::ShowRun(v1::RunRef { run_id: run_id.clone() })).await.unwrap().run.unwrap();
            assert_eq!((run.state(), run.rows), (RunState::Committed, rows), "{}", run.error);
        }
        let shown = client.call(wire::ShowFeatureGroup(version_of("left_group"))).await.unwrap();
        assert_eq!(shown.rows, ROWS + 1, "the insert counts once");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_waits_for_the_first_executor_and_says_so() {
    let cluster = Cluster::start(0, 0);
    let sandbox = cluster.sandbox().await;
    let client = sandbox.client();
    sandbox.create(group("events", "id", "id:long")).await;
    let insert = client.begin_insert(begin("events")).await.unwrap();
    upload(&insert, "a", table("id:long\n 1")).await.unwrap();
    let run = insert.commit().await.unwrap();
    until(client, &run.id, |progress| progress.step == "waiting for executors").await;
    let status = client.call(wire::Status(v1::Empty {})).await.unwrap();
    assert!(status.problems[0].contains("no executor has joined: 1 run waits"), "{:?}", status.problems);
    let (status, body) = http_get_at(cluster.http(), "/readyz");
    assert!(status == 503 && body.contains("no executor has joined"), "{status} {body}");
    cluster.add_executor(1);
    assert_eq!(sandbox.end_of(&run.id).await.unwrap().rows, 1);
    assert_eq!(http_get_at(cluster.http(), "/readyz").0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_read_at_a_time_has_all_its_streams_and_the_next_one_waits() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("data");
    let server = Up::start(&folder, &["--max-reads", "1", "--threads", "4"]);
    let sandbox = Sandbox::on(server.url(), "football", &folder.join("warehouse")).await.unwrap();
    // Above 16 MiB as stored, so that a read has as many streams as threads; its client opens three of them at once.
    let rows = 200_000_i64;
    let noise =
        |row: i64| (0..12).map(move |part| format!("{:x}", (row * 12 + part).wrapping_mul(-7_046_029_254_386_353_131)));
    let texts = (0..rows).map(|row| noise(row).collect::<String>());
    let batch = arrow::record_batch::RecordBatch::try_from_iter([
        ("id", std::sync::Arc::new(arrow::array::Int64Array::from_iter_values(0..rows)) as arrow::array::ArrayRef),
        ("note", std::sync::Arc::new(arrow::array::StringArray::from_iter_values(texts))),
    ]);
    sandbox.create_filled(group("notes", "id", "id:long note:string"), batch.unwrap()).await;

    let whole = || {
        let kind = v1::DependencyKind::FeatureGroup.into();
        Command::Read(v1::ReadVersion { kind, name: "notes".into(), ..Default::default() })
    };
    let held = sandbox.client().read(&whole()).await.unwrap();
    assert!(held.endpoints.len() > 2, "it has {} streams", held.endpoints.len());
    let mut held = held.stream();
    held.next().await.unwrap().unwrap();
    let small = v1::SqlQuery { sql: "select 1".into(), ..Default::default() };
    let next = sandbox.read(Command::Sql(small.clone()));
    tokio::pin!(next);
    assert!(tokio::time::timeout(Duration::from_millis(500), &mut next).await.is_err(), "it waits");
    let status = sandbox.client().call(wire::Status(v1::Empty {})).await.unwrap();
    assert_eq!((status.reads_open, status.reads_max), (1, 1));
    // The held one comes to its end, though its later streams were asked for while it had its place.
    let mut rest = 0;
    while let Some(batch) = held.next().await {
        rest += batch.unwrap().num_rows();
    }
    assert!(rest > 100_000);
    drop(held);
    assert_eq!(next.await.unwrap().num_rows(), 1);

    // One that nobody ends is refused in bounded time, whatever holds the place.
    let mut held = sandbox.client().read(&whole()).await.unwrap().stream();
    held.next().await.unwrap().unwrap();
    let refused = sandbox.read(Command::Sql(small)).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::ResourceExhausted);
    assert!(refused.message.contains("--max-reads"), "{refused}");
}

/// Two small groups of 10 keys whose join is large.
async fn long_work(sandbox: &Sandbox) {
    for (name, column) in [("left_group", "a"), ("right_group", "b")] {
        let rows: Vec<String> = (0..ROWS).map(|row| format!("{} | {row} | {row}", row % 10)).collect();
        let head = format!("k:long | {name}_id:long | {column}:long");
        let create = group(name, &format!("k {name}_id"), &format!("k:long {name}_id:long {column}:long"));
        sandbox.create_filled(create, table(&format!("{head}\n{}", rows.join("\n")))).await;
    }
}

fn large_build() -> v1::CreateTrainingDataset {
    let source = v1::FeatureRequest { join_key: vec!["k".into()], root: "left_group".into(), ..request("a b") };
    v1::CreateTrainingDataset { source: Some(source), ..dataset("large", "", 4) }
}

/// Waits until a run writes rows.
async fn at_work(client: &MangonelClient, run_id: &str) {
    until(client, run_id, |progress| progress.step.starts_with("writing") && progress.rows_done > 10_000).await;
}

/// Waits for progress of a run that has not ended.
async fn until(client: &MangonelClient, run_id: &str, is_there: impl Fn(&v1::RunProgress) -> bool) -> v1::RunProgress {
    let asked = Instant::now();
    loop {
        let detail = client.call(wire::ShowRun(v1::RunRef { run_id: run_id.into() })).await.unwrap();
        let progress = detail.progress.unwrap_or_else(|| panic!("it has ended: {:?}", detail.run));
        if is_there(&progress) {
            return progress;
        }
        assert!(asked.elapsed() < Duration::from_secs(60), "{progress:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Waits until nobody works on a run any more.
async fn gone(client: &MangonelClient, run_id: &str) {
    let asked = Instant::now();
    while client.call(wire::ShowRun(v1::RunRef { run_id: run_id.into() })).await.unwrap().progress.is_some() {
        assert!(asked.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn cancel(client: &MangonelClient, run_id: &str) {
    let cancelled = client.call(wire::CancelRun(v1::RunRef { run_id: run_id.into() })).await.unwrap();
    assert_eq!(cancelled.state(), RunState::Cancelled);
}
