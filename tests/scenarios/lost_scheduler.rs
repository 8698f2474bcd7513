//! `kill -9` of the scheduler in the middle of a build: after the restart the run goes on by itself and ends with the bytes
//! of an undisturbed one; asking again with its run id answers that run.

use mangonel_proto::v1::{self, RunState};

use super::notes;
use crate::harness::{Sandbox, cluster::Cluster, dataset, group, sandbox::workers};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_build_survives_the_loss_of_the_scheduler_byte_for_byte() {
    let mut cluster = Cluster::start(2, 1);
    let sandbox = cluster.sandbox().await;
    sandbox.create_filled(group("notes", "id", "id:long note:string"), notes::rows()).await;
    let undisturbed = sandbox.build(dataset("undisturbed", "note id", 8)).await;

    let run_id = uuid::Uuid::new_v4().to_string();
    let create = v1::CreateTrainingDataset { run_id: run_id.clone(), ..dataset("disturbed", "note id", 8) };
    assert_eq!(sandbox.start(create.clone()).await, run_id);
    notes::until_writing(&cluster, &sandbox, &run_id).await;
    let before = sandbox.run(&run_id).await;
    assert_eq!(before.state(), RunState::Prepared, "the loss came too late");
    cluster.restart_scheduler();

    let sandbox = sandbox.connected_again().await;
    let disturbed = sandbox.end_of_build(&run_id).await.unwrap();
    assert!(
        disturbed.run.epoch > before.epoch,
        "the run was to be taken over by the new scheduler: {:?}",
        disturbed.run
    );
    assert!(disturbed.files() == undisturbed.files(), "other bytes than those of an undisturbed build");
    notes::assert_whole(&sandbox, &disturbed).await;

    let again = sandbox.build(create).await;
    assert_eq!((&again.run, again.dataset.version), (&disturbed.run, 1), "the run id is an idempotency key");
    assert_eq!(again.folder, disturbed.folder);
    // The executors have joined again, and both work.
    assert_everybody_works(&cluster, &sandbox).await;
}

async fn assert_everybody_works(cluster: &Cluster, sandbox: &Sandbox) {
    let built = sandbox.build(dataset("afterwards", "note id", 8)).await;
    assert_eq!(workers(&sandbox.show_run(&built.run.id).await), cluster.executor_ids());
}
