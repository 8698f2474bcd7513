//! Cancelling ends the work within two seconds, leaves nothing visible, and the next build has all of the machine.

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use futures::{StreamExt, TryStreamExt, pin_mut};
use mangonel_proto::{ErrorCode, v1, v1::RunState, wire};

use crate::harness::{
    Sandbox,
    cluster::Cluster,
    dataset, group, on_every_engine, request,
    sandbox::{begin, upload, workers},
    table,
};

on_every_engine!(a_cancelled_insert_can_no_longer_commit);

/// What is promised of a cancel.
const STOPPED_WITHIN: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_build_ends_at_once_on_the_local_engine() {
    let sandbox = Sandbox::local().await;
    long_work(&sandbox).await;
    cancel_in_the_middle(&sandbox).await;
    let small = sandbox.build(dataset("small", "left_group.a", 8)).await;
    assert_eq!(small.run.rows, KEYS_TIMES);
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_build_ends_at_once_on_a_cluster_and_frees_its_slots() {
    let cluster = Cluster::start(2, 1);
    let sandbox = cluster.sandbox().await;
    long_work(&sandbox).await;
    cancel_in_the_middle(&sandbox).await;
    // Executors that went on with the work would use a core each.
    let before = cluster.executor_times();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let busy = cluster.executor_times().into_iter().zip(before).map(|(now, before)| now - before);
    let busy: Vec<Duration> = busy.collect();
    assert!(busy.iter().all(|busy| *busy < Duration::from_millis(300)), "executors worked for {busy:?} in a second");
    // More work than one executor does before the other one is asked.
    let small = sandbox.build(dataset("small", "left_group.a", 8)).await;
    assert_eq!(small.run.rows, KEYS_TIMES);
    assert_eq!(workers(&sandbox.show_run(&small.run.id).await), cluster.executor_ids(), "all slots are free");
}

/// Rows of each of the two groups.
const KEYS_TIMES: u64 = 30_000;

/// Two small groups of 10 keys whose join has 90 million rows: a build that would take long.
async fn long_work(sandbox: &Sandbox) {
    for (name, column) in [("left_group", "a"), ("right_group", "b")] {
        let rows: Vec<String> = (0..KEYS_TIMES).map(|row| format!("{} | {row} | {row}", row % 10)).collect();
        let head = format!("k:long | {name}_id:long | {column}:long");
        let create = group(name, &format!("k {name}_id"), &format!("k:long {name}_id:long {column}:long"));
        sandbox.create_filled(create, table(&format!("{head}\n{}", rows.join("\n")))).await;
    }
}

/// Starts the long build, cancels it in the middle of its writing, and looks at what is left of it.
async fn cancel_in_the_middle(sandbox: &Sandbox) {
    let source = v1::FeatureRequest { join_key: vec!["k".into()], root: "left_group".into(), ..request("a b") };
    let create = v1::CreateTrainingDataset { source: Some(source), ..dataset("large", "", 4) };
    let run_id = sandbox.start(create).await;
    let progress = sandbox.client().watch(&run_id).await.unwrap();
    pin_mut!(progress);
    while let Some(now) = progress.next().await {
        let now = now.unwrap();
        assert_eq!(now.state(), RunState::Prepared, "it was to be cancelled in the middle of its work: {}", now.error);
        if now.step.starts_with("writing") && now.rows_done > 100_000 {
            break;
        }
    }
    let folder = sandbox.warehouse().join(sandbox.project());
    assert!(!unfinished(&folder).is_empty(), "shards were to be on their way");

    let asked = Instant::now();
    let cancelled = sandbox.client().call(wire::CancelRun(v1::RunRef { run_id: run_id.clone() })).await.unwrap();
    assert_eq!(cancelled.state(), RunState::Cancelled);
    assert_eq!(sandbox.end_of(&run_id).await.unwrap_err().code, ErrorCode::Cancelled);
    // The work itself has ended when the server has no live run any more, and nobody writes.
    while sandbox.show_run(&run_id).await.progress.is_some() || is_written(&folder).await {
        assert!(asked.elapsed() < STOPPED_WITHIN, "the work goes on: {:?}", unfinished(&folder));
    }
    assert!(asked.elapsed() < STOPPED_WITHIN, "it took {:?}", asked.elapsed());
    let rest: Vec<v1::RunProgress> = progress.try_collect().await.unwrap();
    assert_eq!(rest.last().map(|last| last.state()), Some(RunState::Cancelled), "watchers are told");

    let shown = wire::ShowTrainingDataset(v1::VersionRef { name: "large".into(), version: 1 });
    let shown = sandbox.client().call(shown).await;
    assert!(shown.is_err() || shown.unwrap().path.is_empty(), "nothing of it is visible");
    let published: Vec<String> = files(&folder).into_keys().filter(|file| file.contains("/part-r-")).collect();
    assert!(published.is_empty(), "shards of a cancelled run stay unpublished: {published:?}");
    // Cancelling what has ended changes nothing.
    let again = sandbox.client().call(wire::CancelRun(v1::RunRef { run_id })).await.unwrap();
    assert_eq!(again, cancelled);
}

/// Whether uploads grow at this moment.
async fn is_written(folder: &Path) -> bool {
    let before = unfinished(folder);
    tokio::time::sleep(Duration::from_millis(200)).await;
    unfinished(folder) != before
}

/// Name and bytes of the uploads of shards below a folder.
fn unfinished(folder: &Path) -> BTreeMap<String, u64> {
    files(folder).into_iter().filter(|(file, _)| file.contains("/_attempts/")).collect()
}

/// Path and bytes of every file below a folder; what vanishes meanwhile is left out.
fn files(folder: &Path) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => found.extend(files(&entry.path())),
            Ok(metadata) => drop(found.insert(entry.path().display().to_string(), metadata.len())),
            Err(_) => {}
        }
    }
    found
}

async fn a_cancelled_insert_can_no_longer_commit(sandbox: &Sandbox) {
    sandbox.create(group("events", "id", "id:long")).await;
    let insert = sandbox.client().begin_insert(begin("events")).await.unwrap();
    let run_id = insert.run_id().to_owned();
    upload(&insert, "a", table("id:long\n 1")).await.unwrap();
    let cancelled = sandbox.client().call(wire::CancelRun(v1::RunRef { run_id: run_id.clone() })).await.unwrap();
    assert_eq!(cancelled.state(), RunState::Cancelled);
    let staged = sandbox.warehouse().join("_runs").join(&run_id).join("parts");
    assert_eq!(files(&staged).len(), 0, "what was uploaded is gone");
    assert!(upload(&insert, "b", table("id:long\n 2")).await.is_err(), "no part is taken any more");
    let committed = insert.commit().await.unwrap();
    assert_eq!(committed.state(), RunState::Cancelled);
    assert_eq!(sandbox.rows("events").await.num_rows(), 0);
    sandbox.insert("events", table("id:long\n 3")).await;
    assert_eq!(sandbox.rows("events").await.num_rows(), 1);
}
