//! `kill -9` of an executor in the middle of a build: it ends with the bytes of an undisturbed one.

use std::{sync::Arc, time::Duration};

use arrow::{
    array::{ArrayRef, Int64Array, StringArray},
    record_batch::RecordBatch,
};
use futures::{StreamExt, TryStreamExt};
use mangonel_proto::{
    v1::{self, RunState},
    wire,
};

use crate::harness::{cluster::Cluster, dataset, group, sandbox::version_of};

const ROWS: i64 = 600_000;

fn notes() -> RecordBatch {
    let ids = || (0..ROWS).map(|row| (row * 7_919) % 1_000_003);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(ids().collect::<Int64Array>())),
        ("note", Arc::new(StringArray::from_iter_values(ids().map(|id| format!("{id:0>200}"))))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_build_survives_the_loss_of_an_executor_byte_for_byte() {
    let cluster = Cluster::start(3, 1);
    let sandbox = cluster.sandbox().await;
    sandbox.create_filled(group("notes", "id", "id:long note:string"), notes()).await;
    let undisturbed = sandbox.build(dataset("undisturbed", "note id", 12)).await;

    let run_id = sandbox.client().call(dataset("disturbed", "note id", 12)).await.unwrap().run.unwrap().id;
    let mut watch = Box::pin(sandbox.client().watch(&run_id).await.unwrap());
    loop {
        let progress = watch.next().await.unwrap().unwrap();
        assert_eq!(progress.state(), RunState::Prepared, "the build ended before the loss: {}", progress.error);
        if progress.step.starts_with("writing") {
            break;
        }
    }
    tokio::time::sleep(Duration::from_millis(150)).await;
    cluster.kill_executor();
    assert_eq!(sandbox.run(&run_id).await.state(), RunState::Prepared, "the loss came too late");
    let rest: Vec<v1::RunProgress> = watch.try_collect().await.unwrap();
    let last = rest.last().unwrap();
    assert_eq!(last.state(), RunState::Committed, "{}", last.error);

    let detail = sandbox.client().call(wire::ShowTrainingDataset(version_of("disturbed"))).await.unwrap();
    for (name, bytes) in undisturbed.files() {
        let found = std::fs::read(format!("{}/{name}", detail.path)).unwrap();
        assert!(found == bytes, "{name} has other bytes than an undisturbed build's");
    }
    assert!(sandbox.verify("disturbed").await.problems.is_empty());
    // What is left of the cluster has all of its slots.
    let again = sandbox.build(dataset("again", "note id", 12)).await;
    assert!(again.files() == undisturbed.files());
}
