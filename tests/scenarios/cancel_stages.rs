//! A build that is cancelled at any of its stages leaves its version free, nothing visible and no slot in use, and the next one
//! works.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use arrow::{
    array::{ArrayRef, Int64Array},
    record_batch::RecordBatch,
};
use mangonel_client::MangonelClient;
use mangonel_proto::{
    v1::{self, RunState},
    wire,
};
use mangonel_scheduler::Limits;

use super::notes;
use crate::harness::{Sandbox, cluster::Cluster, dataset, files::walk, group, request, table};

/// Every stage of a build, in order. `publishing` is while shards are written and some are published already.
const STAGES: [&str; 6] = ["waiting", "counting", "routing", "writing", "publishing", "committing"];
/// Builds that are tried for a stage, since a cancel may come too late for it.
const TRIES: usize = 40;
const SHARDS: u32 = 200;
const NAMES: i64 = 300_000;
const FREE_WITHIN: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_build_is_cancelled_at_every_stage_on_the_local_engine() {
    let sandbox = Sandbox::local_limited(Limits { running: Some(1), ..Limits::default() }).await;
    every_stage(&sandbox).await;
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_build_is_cancelled_at_every_stage_on_a_cluster() {
    let cluster = Cluster::start_with(2, 1, &["--max-running", "1", "--broadcast-max", "0"]);
    every_stage(&cluster.sandbox().await).await;
}

async fn every_stage(sandbox: &Sandbox) {
    // The other group has another key, so that rows are routed; large enough for each stage to be met.
    sandbox.create_filled(group("notes", "id", "id:long note:string"), notes::rows()).await;
    let ids = || Arc::new(Int64Array::from_iter_values(0..NAMES)) as ArrayRef;
    let names = RecordBatch::try_from_iter([("name_id", ids()), ("id", ids())]).unwrap();
    sandbox.create_filled(group("names", "name_id", "name_id:long id:long"), names).await;

    let mut hits = BTreeMap::new();
    for stage in STAGES {
        let holder = if stage == "waiting" { Some(holding(sandbox).await) } else { None };
        for attempt in 1..=TRIES {
            let run_id = format!("{stage}-{attempt}");
            let build = v1::CreateTrainingDataset { run_id: run_id.clone(), ..wanted("cancelled") };
            // The version is free again after each: else this is refused.
            sandbox.start(build).await;
            let was_met = until_stage(sandbox, &run_id, stage).await;
            let cancelled = cancel(sandbox.client(), &run_id).await;
            free_again(sandbox, &run_id, holder.is_some()).await;
            if cancelled == RunState::Committed {
                // Too late: it is there, whole.
                let version = v1::VersionRef { name: "cancelled".into(), version: 1 };
                assert_eq!(sandbox.verify("cancelled").await.problems, Vec::<String>::new());
                sandbox.client().call(wire::DeleteTrainingDataset(version)).await.unwrap();
                continue;
            }
            assert_eq!(cancelled, RunState::Cancelled);
            assert_eq!(sandbox.run(&run_id).await.state(), RunState::Cancelled);
            let listed = sandbox.client().call(v1::ListTrainingDatasets { name: "cancelled".into() }).await.unwrap();
            assert_eq!(listed.training_datasets.len(), 0, "a cancelled build is visible");
            if was_met {
                hits.insert(stage, attempt);
                break;
            }
        }
        if let Some(holder) = holder {
            cancel(sandbox.client(), &holder).await;
            free_again(sandbox, &holder, false).await;
        }
    }
    assert_eq!(hits.len(), STAGES.len(), "stages that were met, and after how many builds: {hits:?}");
    let built = sandbox.build(wanted("cancelled")).await;
    assert!(built.run.rows > NAMES as u64 - 10 && built.dataset.version == 1, "{:?}", built.run);
    assert_eq!(sandbox.verify("cancelled").await.problems, Vec::<String>::new());
}

fn wanted(name: &str) -> v1::CreateTrainingDataset {
    let source = v1::FeatureRequest { join_key: vec!["id".into()], root: "notes".into(), ..request("name_id note") };
    v1::CreateTrainingDataset { source: Some(source), version: 1, ..dataset(name, "", SHARDS) }
}

/// A build that has the only turn, and keeps it for long.
async fn holding(sandbox: &Sandbox) -> String {
    for name in ["left_group", "right_group"] {
        let rows: Vec<String> = (0..20_000).map(|row| format!("{} | {row} | {row}", row % 10)).collect();
        let create = group(name, &format!("k {name}_id"), &format!("k:long {name}_id:long {name}_a:long"));
        let head = format!("k:long | {name}_id:long | {name}_a:long");
        sandbox.create_filled(create, table(&format!("{head}\n{}", rows.join("\n")))).await;
    }
    let features = request("left_group_a right_group_a");
    let source = v1::FeatureRequest { join_key: vec!["k".into()], root: "left_group".into(), ..features };
    let run_id = sandbox.start(v1::CreateTrainingDataset { source: Some(source), ..dataset("holder", "", 4) }).await;
    assert!(until_stage(sandbox, &run_id, "writing").await);
    run_id
}

/// Waits for a stage; `false` when it is over already.
async fn until_stage(sandbox: &Sandbox, run_id: &str, stage: &str) -> bool {
    loop {
        let Some(progress) = sandbox.show_run(run_id).await.progress else { return false };
        let now = progress.step.split([' ', ':']).next().unwrap_or_default();
        if stage == "publishing" {
            let has_shards =
                || walk(&folder(sandbox)).iter().any(|file| file.contains(run_id) && file.contains("/part-r-"));
            if now == "writing" && has_shards() {
                return true;
            }
        } else if now == stage {
            return true;
        }
        let place = |stage: &str| STAGES.iter().position(|other| *other == stage);
        if place(now) > place(stage) && !(stage == "publishing" && now == "writing") {
            return false;
        }
    }
}

fn folder(sandbox: &Sandbox) -> std::path::PathBuf {
    sandbox.warehouse().join(Path::new(sandbox.project()))
}

/// Waits until nothing of a run holds a slot, or only what `is_held` says.
async fn free_again(sandbox: &Sandbox, run_id: &str, is_held: bool) {
    let asked = Instant::now();
    loop {
        let status = sandbox.client().call(wire::Status(v1::Empty {})).await.unwrap();
        let is_gone = sandbox.show_run(run_id).await.progress.is_none();
        let has_slots = is_held || status.free_slots == status.slots && status.memory_reserved_bytes == 0;
        if is_gone && has_slots && status.runs_active == u32::from(is_held) && status.runs_waiting == 0 {
            return;
        }
        assert!(asked.elapsed() < FREE_WITHIN, "{run_id} holds something: {status:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn cancel(client: &MangonelClient, run_id: &str) -> RunState {
    client.call(wire::CancelRun(v1::RunRef { run_id: run_id.into() })).await.unwrap().state()
}
