//! Executors that would do harm are not admitted, and are told why: those that do not know the secret, are of another
//! release, or work on another warehouse than the scheduler.

use std::process::Command;

use arrow_flight::{Action, flight_service_client::FlightServiceClient};
use futures::StreamExt;
use mangonel_client::from_status;
use mangonel_proto::{
    Error, ErrorCode, RELEASE, Result, v1,
    wire::{self, cluster},
};
use mangonel_storage::warehouse::Warehouse;
use serde::{Serialize, de::DeserializeOwned};
use tonic::transport::Endpoint;

use crate::harness::cluster::Cluster;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn executors_that_do_not_belong_are_refused_with_the_reason() {
    let cluster = Cluster::start(0, 1);
    let work_dir = cluster.folder().join("refused");
    let executor = || {
        let mut command = cluster.executor();
        command.arg("--work-dir").arg(&work_dir);
        command
    };
    let said = refusal(executor().env("MANGONEL_CLUSTER_SECRET", "another"));
    assert!(said.contains("the cluster secret is wrong: set MANGONEL_CLUSTER_SECRET"), "{said}");
    let said = refusal(executor().env_remove("MANGONEL_CLUSTER_SECRET"));
    assert!(said.contains("the cluster secret is wrong"), "{said}");

    // Where the scheduler's folder is, an executor on another machine finds nothing, or another warehouse.
    let (here, away) = (cluster.warehouse(), cluster.folder().join("away"));
    std::fs::rename(&here, &away).unwrap();
    let said = refusal(&mut executor());
    assert!(said.contains("the scheduler's warehouse is not here") && said.contains("warehouse"), "{said}");
    let other = Warehouse::open(&here.display().to_string(), true).await.unwrap();
    let said = refusal(&mut executor());
    assert!(said.contains(&format!("the executor reads warehouse {}", other.id())), "{said}");
    assert!(said.contains("both must reach the same one"), "{said}");
    std::fs::remove_dir_all(&here).unwrap();
    std::fs::rename(&away, &here).unwrap();

    say_what_only_an_odd_executor_says(&cluster).await;

    let sandbox = cluster.sandbox().await;
    let status = sandbox.client().call(wire::Status(v1::Empty {})).await.unwrap();
    assert!(status.executors.is_empty(), "{:?}", status.executors);
    let admitted = cluster.add_executor(1);
    let status = sandbox.client().call(wire::Status(v1::Empty {})).await.unwrap();
    assert_eq!(status.executors.iter().map(|executor| executor.id.as_str()).collect::<Vec<_>>(), [admitted.as_str()]);
}

/// What another release would say, and one whose writes the scheduler does not see.
async fn say_what_only_an_odd_executor_says(cluster: &Cluster) {
    let join = v1::JoinCluster {
        executor_id: "executor-odd".into(),
        release: RELEASE.into(),
        secret: cluster.secret().into(),
        flight: String::new(),
        slots: 1,
    };
    let of_old = v1::JoinCluster { release: "0.0.1".into(), ..join.clone() };
    let error = act::<v1::JoinClusterResponse>(cluster, cluster::JOIN, &of_old).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Conflict, "{error}");
    assert!(error.message.contains(RELEASE) && error.message.contains("0.0.1"), "{error}");

    let mut admit = v1::AdmitExecutor {
        executor_id: join.executor_id.clone(),
        secret: cluster.secret().into(),
        ..Default::default()
    };
    let beat = v1::ExecutorPulse {
        executor_id: join.executor_id.clone(),
        secret: cluster.secret().into(),
        ..Default::default()
    };
    let never_joined = act::<v1::ExecutorPulseResponse>(cluster, cluster::PULSE, &beat).await.unwrap_err();
    assert_eq!(never_joined.code, ErrorCode::NotFound, "{never_joined}");

    let joined: v1::JoinClusterResponse = act(cluster, cluster::JOIN, &join).await.unwrap();
    admit.warehouse_id = uuid::Uuid::new_v4().to_string();
    admit.probe = joined.probe;
    let error = act::<v1::Empty>(cluster, cluster::ADMIT, &admit).await.unwrap_err();
    assert!(error.code == ErrorCode::Conflict && error.message.contains(&admit.warehouse_id), "{error}");
    // A copy of the warehouse has its id; what is written there is not seen here.
    admit.warehouse_id.clone_from(&joined.warehouse_id);
    let error = act::<v1::Empty>(cluster, cluster::ADMIT, &admit).await.unwrap_err();
    assert!(error.code == ErrorCode::Conflict && error.message.contains("is not seen by the scheduler"), "{error}");
    let not_admitted = act::<v1::ExecutorPulseResponse>(cluster, cluster::PULSE, &beat).await.unwrap_err();
    assert_eq!(not_admitted.code, ErrorCode::NotFound, "{not_admitted}");

    let secret = "another".to_owned();
    let strangers = [
        act::<v1::Empty>(cluster, cluster::ADMIT, &v1::AdmitExecutor { secret: secret.clone(), ..admit }).await.err(),
        act::<v1::Empty>(cluster, cluster::PULSE, &v1::ExecutorPulse { secret: secret.clone(), ..beat }).await.err(),
        act::<v1::Empty>(cluster, cluster::JOIN, &v1::JoinCluster { secret, ..join }).await.err(),
    ];
    for error in strangers {
        assert_eq!(error.unwrap().code, ErrorCode::Unauthenticated);
    }
}

/// One action of the cluster port.
async fn act<A: DeserializeOwned>(cluster: &Cluster, action: &str, message: &impl Serialize) -> Result<A> {
    let endpoint = Endpoint::from_shared(format!("http://{}", cluster.address())).unwrap();
    let mut flight = FlightServiceClient::new(endpoint.connect().await.unwrap());
    let action = Action { r#type: action.to_owned(), body: wire::to_body(message)?.into() };
    let answers = flight.do_action(action).await.map_err(|status| from_status(&status))?;
    let answer = answers.into_inner().next().await.ok_or_else(|| Error::internal("no answer"))?;
    wire::from_body(&answer.map_err(|status| from_status(&status))?.body)
}

/// Standard error of an executor that must end by itself.
#[track_caller]
fn refusal(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && output.stdout.is_empty(), "{}: {said}", output.status);
    assert!(said.lines().any(|line| line.starts_with("error: ")), "{said}");
    said
}
