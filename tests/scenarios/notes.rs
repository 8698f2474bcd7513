//! A build that takes a moment, for those who disturb it, and what must be true of it afterwards.

use std::{sync::Arc, time::Duration};

use arrow::{
    array::{ArrayRef, Int64Array, StringArray},
    record_batch::RecordBatch,
};
use futures::{StreamExt, pin_mut};
use mangonel_proto::v1::RunState;

use crate::harness::{Sandbox, cluster::Cluster, sandbox::Built};

pub(super) const ROWS: i64 = 1_000_000;

/// Rows of a group `id:long note:string`.
pub(super) fn rows() -> RecordBatch {
    let ids = || (0..ROWS).map(|row| (row * 7_919) % 1_000_003);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(ids().collect::<Int64Array>())),
        ("note", Arc::new(StringArray::from_iter_values(ids().map(|id| format!("{id:0>200}"))))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

/// Returns when the first executor is in the middle of its first task of the writing.
pub(super) async fn until_writing(cluster: &Cluster, sandbox: &Sandbox, run_id: &str) {
    let too_late = "the build ended before it could be disturbed";
    let progress = sandbox.client().watch(run_id).await.unwrap();
    pin_mut!(progress);
    loop {
        let now = progress.next().await.unwrap().unwrap();
        assert_eq!(now.state(), RunState::Prepared, "{too_late}: {}", now.error);
        if now.step.starts_with("writing") && now.tasks_total > 0 {
            break;
        }
    }
    let idle = cluster.executor_times()[0];
    while cluster.executor_times()[0] < idle + Duration::from_millis(50) {
        assert_eq!(sandbox.run(run_id).await.state(), RunState::Prepared, "{too_late}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Every row is there once: by the manifest, and by reading every shard again.
pub(super) async fn assert_whole(sandbox: &Sandbox, built: &Built) {
    assert_eq!((built.run.rows, built.manifest.totals.rows), (ROWS as u64, ROWS as u64));
    assert_eq!(built.manifest.shards.iter().map(|shard| shard.rows).sum::<u64>(), ROWS as u64);
    assert_eq!(built.files().len(), built.manifest.shards.len());
    let report = sandbox.verify(&built.run.target_name).await;
    assert_eq!((report.rows, report.problems.len()), (ROWS as u64, 0), "{:?}", report.problems);
}
