//! `kill -9` of an executor in the middle of a build: it ends with the bytes of an undisturbed one, no row is doubled, and
//! the next build has every slot that is left.

use mangonel_proto::v1::RunState;

use super::notes;
use crate::harness::{cluster::Cluster, dataset, group, sandbox::workers};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_build_survives_the_loss_of_an_executor_byte_for_byte() {
    let cluster = Cluster::start(3, 1);
    let sandbox = cluster.sandbox().await;
    sandbox.create_filled(group("notes", "id", "id:long note:string"), notes::rows()).await;
    let undisturbed = sandbox.build(dataset("undisturbed", "note id", 12)).await;
    assert_eq!(workers(&sandbox.show_run(&undisturbed.run.id).await), cluster.executor_ids());

    let run_id = sandbox.start(dataset("disturbed", "note id", 12)).await;
    notes::until_writing(&cluster, &sandbox, &run_id).await;
    let lost = cluster.kill_executor();
    let now = sandbox.show_run(&run_id).await;
    assert_eq!(now.run.unwrap().state(), RunState::Prepared, "the loss came too late");
    let now = now.progress.unwrap();
    assert!(now.step.starts_with("writing") && now.tasks_done < now.tasks_total, "not in the middle of it: {now:?}");

    let disturbed = sandbox.end_of_build(&run_id).await.unwrap();
    assert!(disturbed.files() == undisturbed.files(), "other bytes than those of an undisturbed build");
    notes::assert_whole(&sandbox, &disturbed).await;
    let left = cluster.executor_ids();
    assert!(left.len() == 2 && !left.contains(&lost));
    let detail = sandbox.show_run(&run_id).await;
    assert!(left.iter().all(|executor| workers(&detail).contains(executor)), "{:?}", detail.stages);

    // What is left of the cluster has all of its slots.
    let again = sandbox.build(dataset("again", "note id", 12)).await;
    assert!(again.files() == undisturbed.files());
    assert_eq!(workers(&sandbox.show_run(&again.run.id).await), left);
}
