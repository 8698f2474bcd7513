//! Cancelling ends the work within two seconds, leaves nothing visible, and the next build has all of the machine.

use std::time::{Duration, Instant};

use futures::{StreamExt, TryStreamExt, pin_mut};
use mangonel_proto::{ErrorCode, v1, v1::RunState, wire};

use crate::harness::{Sandbox, dataset, group, on_every_engine, request, sandbox::begin, sandbox::upload, table};

on_every_engine!(a_cancelled_build_ends_at_once_and_leaves_nothing, a_cancelled_insert_can_no_longer_commit);

/// Two small groups of 10 keys whose join has 90 million rows: a build that would take long.
async fn long_work(sandbox: &Sandbox) -> v1::CreateTrainingDataset {
    for (name, column) in [("left_group", "a"), ("right_group", "b")] {
        let rows: Vec<String> = (0..30_000).map(|row| format!("{} | {row} | {row}", row % 10)).collect();
        let head = format!("k:long | {name}_id:long | {column}:long");
        let create = group(name, &format!("k {name}_id"), &format!("k:long {name}_id:long {column}:long"));
        sandbox.create_filled(create, table(&format!("{head}\n{}", rows.join("\n")))).await;
    }
    let source = v1::FeatureRequest { join_key: vec!["k".into()], root: "left_group".into(), ..request("a b") };
    v1::CreateTrainingDataset { source: Some(source), ..dataset("large", "", 4) }
}

/// What is promised of a cancel.
const STOPPED_WITHIN: Duration = Duration::from_secs(2);
/// The machine that runs the tests does other work too: one of so many cancels has to keep the promise.
const TRIES: usize = 3;

/// Starts a long build, cancels it in the middle of its writing, and measures the time until its work has ended.
async fn cancel_in_the_middle(sandbox: &Sandbox, create: v1::CreateTrainingDataset) -> Duration {
    let run_id = sandbox.client().call(create).await.unwrap().run.unwrap().id;
    let progress = sandbox.client().watch(&run_id).await.unwrap();
    pin_mut!(progress);
    let mut writing = None;
    while let Some(now) = progress.next().await {
        let now = now.unwrap();
        assert_eq!(now.state(), RunState::Prepared, "it was to be cancelled in the middle of its work: {}", now.error);
        // Executors do not tell rows while they work, so that time must do there.
        let since = now.step.starts_with("writing").then(|| *writing.get_or_insert_with(Instant::now));
        if since.is_some_and(|since| now.rows_done > 100_000 || since.elapsed() > Duration::from_secs(1)) {
            break;
        }
    }
    let asked = Instant::now();
    let cancelled = sandbox.client().call(wire::CancelRun(v1::RunRef { run_id: run_id.clone() })).await.unwrap();
    assert_eq!(cancelled.state(), RunState::Cancelled);
    assert_eq!(sandbox.end_of(&run_id).await.unwrap_err().code, ErrorCode::Cancelled);
    // The work itself has ended when the server has no live run any more.
    loop {
        let detail = sandbox.client().call(wire::ShowRun(v1::RunRef { run_id: run_id.clone() })).await.unwrap();
        if detail.progress.is_none() {
            break;
        }
        assert!(asked.elapsed() < Duration::from_secs(60), "the work goes on a minute after the cancel");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let took = asked.elapsed();
    let rest: Vec<v1::RunProgress> = progress.try_collect().await.unwrap();
    assert_eq!(rest.last().map(|last| last.state()), Some(RunState::Cancelled), "watchers are told");
    took
}

async fn a_cancelled_build_ends_at_once_and_leaves_nothing(sandbox: &Sandbox) {
    let create = long_work(sandbox).await;
    let mut took = Vec::new();
    while took.iter().all(|took| *took >= STOPPED_WITHIN) {
        assert!(took.len() < TRIES, "cancelled work went on for {took:?}");
        took.push(cancel_in_the_middle(sandbox, create.clone()).await);
    }

    let shown =
        sandbox.client().call(wire::ShowTrainingDataset(v1::VersionRef { name: "large".into(), version: 1 })).await;
    assert!(shown.is_err() || shown.unwrap().path.is_empty(), "nothing of it is visible");
    let folder = sandbox.warehouse().join(sandbox.project());
    assert!(published(&folder).is_empty(), "shards of a cancelled run stay unpublished: {:?}", published(&folder));
    let small = sandbox.build(dataset("small", "left_group.a", 2)).await;
    assert_eq!(small.run.rows, 30_000);
    // Cancelling what has ended changes nothing.
    let after = sandbox.client().call(wire::CancelRun(v1::RunRef { run_id: small.run.id })).await.unwrap();
    assert_eq!(after.state(), RunState::Committed);
}

/// Shards under their final names anywhere below a folder.
fn published(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(published(&entry.path()));
        } else if entry.file_name().to_string_lossy().starts_with("part-r-") {
            found.push(entry.path());
        }
    }
    found
}

async fn a_cancelled_insert_can_no_longer_commit(sandbox: &Sandbox) {
    sandbox.create(group("events", "id", "id:long")).await;
    let mut insert = sandbox.client().begin_insert(begin("events")).await.unwrap();
    let run_id = insert.run_id().to_owned();
    upload(&mut insert, "a", table("id:long\n 1")).await.unwrap();
    let cancelled = sandbox.client().call(wire::CancelRun(v1::RunRef { run_id: run_id.clone() })).await.unwrap();
    assert_eq!(cancelled.state(), RunState::Cancelled);
    assert!(upload(&mut insert, "b", table("id:long\n 2")).await.is_err(), "no part is taken any more");
    let committed = insert.commit().await.unwrap();
    assert_eq!(committed.state(), RunState::Cancelled);
    assert_eq!(sandbox.rows("events").await.num_rows(), 0);
    sandbox.insert("events", table("id:long\n 3")).await;
    assert_eq!(sandbox.rows("events").await.num_rows(), 1);
}
