//! An executor that freezes in the middle of a build for longer than its time-out, and wakes when the build has ended: the
//! build has the bytes of an undisturbed one, nothing that is published is touched, and the sleeper can work again.

use std::{
    collections::BTreeMap,
    os::unix::fs::MetadataExt,
    time::{Duration, Instant},
};

use mangonel_proto::{v1, wire};

use super::notes;
use crate::harness::{
    Sandbox,
    cluster::Cluster,
    dataset, group,
    sandbox::{Built, workers},
};

/// After 15 s without a sign of life the scheduler takes an executor for lost, and for another 20 s it tries to tell it to stop.
/// One that wakes later goes on with its task.
const FROZEN_FOR: Duration = Duration::from_secs(50);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_published_is_not_touched_by_an_executor_that_wakes() {
    let cluster = Cluster::start(2, 1);
    let sandbox = cluster.sandbox().await;
    sandbox.create_filled(group("notes", "id", "id:long note:string"), notes::rows()).await;
    let undisturbed = sandbox.build(dataset("undisturbed", "note id", 8)).await;

    let (disturbed, frozen, since) = freeze_one_at_work(&cluster, &sandbox).await;
    assert!(!alive(&sandbox).await.contains(&frozen), "it is counted on");
    assert!(disturbed.files() == undisturbed.files(), "other bytes than those of an undisturbed build");
    notes::assert_whole(&sandbox, &disturbed).await;

    tokio::time::sleep(FROZEN_FOR.saturating_sub(since.elapsed())).await;
    let (before, idle) = (published(&disturbed), cluster.executor_times()[0]);
    cluster.signal_executor("CONT");
    // It goes on with its task, to the end, and is a member again.
    let woken = Instant::now();
    while !(alive(&sandbox).await.contains(&frozen) && cluster.executor_times()[0] > idle) {
        assert!(woken.elapsed() < Duration::from_secs(30), "it does not come back");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(published(&disturbed), before, "something that was published has changed");
    assert!(disturbed.files() == undisturbed.files());
    assert!(sandbox.verify(&disturbed.run.target_name).await.problems.is_empty());

    let again = sandbox.build(dataset("again", "note id", 8)).await;
    assert!(again.files() == undisturbed.files());
    assert_eq!(workers(&sandbox.show_run(&again.run.id).await), cluster.executor_ids());
}

/// Freezes an executor in the middle of a build and waits for the end of the build. One that holds a task makes it wait until
/// the executor is taken for lost; one that was between two tasks does not, and then another build is tried.
async fn freeze_one_at_work(cluster: &Cluster, sandbox: &Sandbox) -> (Built, String, Instant) {
    for attempt in 1..=5 {
        let run_id = sandbox.start(dataset(&format!("disturbed{attempt}"), "note id", 8)).await;
        notes::until_writing(cluster, sandbox, &run_id).await;
        let (frozen, since) = (cluster.signal_executor("STOP"), Instant::now());
        let disturbed = sandbox.end_of_build(&run_id).await.unwrap();
        if !alive(sandbox).await.contains(&frozen) {
            return (disturbed, frozen, since);
        }
        cluster.signal_executor("CONT");
    }
    panic!("it froze with nothing to do, five times");
}

async fn alive(sandbox: &Sandbox) -> Vec<String> {
    let status = sandbox.client().call(wire::Status(v1::Empty {})).await.unwrap();
    status.executors.into_iter().map(|executor| executor.id).collect()
}

/// What a file is, and when it was last written.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    bytes: u64,
    written: (i64, i64),
}

/// Everything in the folder of a dataset, but for unfinished uploads.
fn published(built: &Built) -> BTreeMap<String, Stamp> {
    let mut found = BTreeMap::new();
    for folder in [built.folder.clone(), built.folder.join("_done"), built.folder.parent().unwrap().to_owned()] {
        for entry in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap()) {
            let metadata = entry.metadata().unwrap();
            if metadata.is_file() {
                let written = (metadata.mtime(), metadata.mtime_nsec());
                let stamp = Stamp { inode: metadata.ino(), bytes: metadata.len(), written };
                found.insert(entry.path().display().to_string(), stamp);
            }
        }
    }
    assert!(found.len() > built.manifest.shards.len());
    found
}
