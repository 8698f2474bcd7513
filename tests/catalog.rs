//! The catalog on its real stores: one contract for SQLite and etcd, and the commit of a build under a race.

use std::{sync::Arc, time::Duration};

use futures::future::join_all;
use mangonel_catalog::{
    AccessPolicy, Catalog,
    store::{EtcdStore, KeyValueStore, SqliteStore, contract},
};
use mangonel_proto::{
    ErrorCode,
    names::Principal,
    v1::{Generation, Project, Run, RunKind, RunState, TrainingDataset},
};

use crate::harness::etcd::Etcd;

async fn connect(server: &Etcd) -> EtcdStore {
    EtcdStore::connect(&[server.address().to_owned()], Duration::from_secs(10)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_keeps_the_contract_of_stores() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("catalog.sqlite")).unwrap();
    contract::all(&store, "/contract").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn etcd_keeps_the_contract_of_stores() {
    let server = Etcd::start();
    contract::all(&connect(&server).await, "/contract").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_builds_of_one_dataset_one_commits() {
    let folder = tempfile::tempdir().unwrap();
    let server = Etcd::start();
    let stores: [Arc<dyn KeyValueStore>; 2] =
        [Arc::new(SqliteStore::open(folder.path().join("catalog.sqlite")).unwrap()), Arc::new(connect(&server).await)];
    for store in stores {
        one_of_many_commits(store).await;
    }
}

async fn one_of_many_commits(store: Arc<dyn KeyValueStore>) {
    let catalog = Catalog::new(store, AccessPolicy::default());
    let local = Principal::local("football");
    catalog.create_project(&local, Project { name: "football".into(), ..Default::default() }).await.unwrap();
    let dataset = TrainingDataset { name: "positions".into(), ..Default::default() };
    let dataset = catalog.create_training_dataset(&local, dataset).await.unwrap();
    let mut runs = Vec::new();
    for number in 0..6 {
        let run = Run {
            id: format!("run-{number}"),
            kind: RunKind::Build.into(),
            state: RunState::Prepared.into(),
            target_name: "positions".into(),
            target_version: dataset.value.version,
            ..Default::default()
        };
        runs.push(catalog.create_run(&local, run).await.unwrap().0);
    }
    let commits = runs.iter().map(|run| {
        let generation = Generation {
            run_id: run.value.id.clone(),
            folder: format!("{}/{}", dataset.value.location, run.value.id),
            rows: 1,
            bytes: 1,
            shards: 1,
            number: 1,
            ..Default::default()
        };
        catalog.commit_generation(&local, run, &dataset, generation)
    });
    let ended = join_all(commits).await;
    let won: Vec<usize> = (0..runs.len()).filter(|index| ended[*index].is_ok()).collect();
    assert_eq!(won.len(), 1, "{ended:?}");
    for lost in ended.iter().filter_map(|ended| ended.as_ref().err()) {
        assert_eq!(lost.code, ErrorCode::Conflict, "{lost}");
    }
    let visible = catalog.get_training_dataset(&local, "positions", 0).await.unwrap().value;
    assert_eq!(visible.generation.unwrap().run_id, runs[won[0]].value.id);
    for (index, run) in runs.iter().enumerate() {
        let state = catalog.get_run(&local, &run.value.id).await.unwrap().value.state();
        let expected = if index == won[0] { RunState::Committed } else { RunState::Prepared };
        assert_eq!(state, expected, "only the run whose dataset is visible has committed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_etcd_that_is_down_is_said_within_the_time_given() {
    let started = std::time::Instant::now();
    let error = EtcdStore::connect(&["127.0.0.1:1".to_owned()], Duration::from_secs(1)).await.unwrap_err();
    assert!(error.to_string().contains("127.0.0.1:1"), "{error}");
    assert!(started.elapsed() < Duration::from_secs(5));
}
