//! etcd is killed or freezes: calls say so in bounded time, with its address; what is at work goes on and is committed once when
//! it is back, or can be asked for again with the same run id; and nobody is told that something failed which is there later.

use std::time::{Duration, Instant};

use futures::{StreamExt, TryStreamExt, pin_mut};
use mangonel_proto::{
    Error, ErrorCode,
    v1::{self, DependencyKind, RunState},
    wire::Command,
};

use super::notes;
use crate::harness::{
    Sandbox,
    cluster::Cluster,
    dataset, group,
    sandbox::{begin, upload},
    table,
};

/// What is promised of a call while etcd is away.
const ANSWERED_WITHIN: Duration = Duration::from_secs(12);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    Killed,
    Frozen,
}

impl Loss {
    fn begin(self, cluster: &mut Cluster) {
        match self {
            Self::Killed => cluster.etcd().kill(),
            Self::Frozen => cluster.etcd().signal("STOP"),
        }
    }

    fn end(self, cluster: &mut Cluster) {
        match self {
            Self::Killed => cluster.etcd().start_again(),
            Self::Frozen => cluster.etcd().signal("CONT"),
        }
    }
}

#[track_caller]
fn assert_names(error: &Error, etcd: &str, began: Instant) {
    assert_eq!(error.code, ErrorCode::Unavailable, "{error}");
    assert!(error.message.contains("etcd") && error.message.contains(etcd), "{error}");
    assert!(began.elapsed() < ANSWERED_WITHIN, "{:?}: {error}", began.elapsed());
}

/// Calls that need the catalog.
async fn calls_say_so(sandbox: &Sandbox, etcd: &str) {
    let client = sandbox.client();
    let began = Instant::now();
    let error = client.call(v1::ListRuns { limit: 1 }).await.unwrap_err();
    assert_names(&error, etcd, began);
    assert!(error.message.contains("can be repeated"), "{error}");
    let began = Instant::now();
    assert_names(&sandbox.ask(crate::harness::request("note")).await.unwrap_err(), etcd, began);
    let began = Instant::now();
    assert_names(&client.begin_insert(begin("notes")).await.err().unwrap(), etcd, began);
}

/// Asks until the catalog answers again.
async fn answers(sandbox: &Sandbox) {
    let began = Instant::now();
    while sandbox.client().call(v1::ListRuns { limit: 1 }).await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(30), "the scheduler does not find etcd again");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn generations(sandbox: &Sandbox, name: &str) -> Vec<u32> {
    let listed = sandbox.client().call(v1::ListTrainingDatasets { name: name.into() }).await.unwrap();
    let number = |dataset: &v1::TrainingDataset| dataset.generation.as_ref().map_or(0, |generation| generation.number);
    listed.training_datasets.iter().map(number).collect()
}

async fn a_build_and_a_read_go_on(loss: Loss) {
    let mut cluster = Cluster::start(2, 1);
    let etcd = cluster.etcd().address().to_owned();
    let sandbox = cluster.sandbox().await;
    sandbox.create_filled(group("notes", "id", "id:long note:string"), notes::rows()).await;
    let undisturbed = sandbox.build(dataset("undisturbed", "note id", 8)).await;

    // A read that was begun before.
    let kind = DependencyKind::TrainingDataset.into();
    let command = Command::Read(v1::ReadVersion { kind, name: "undisturbed".into(), ..Default::default() });
    let mut read = sandbox.client().read(&command).await.unwrap().stream();
    let first = read.next().await.unwrap().unwrap();

    let run_id = "disturbed-build";
    let create = v1::CreateTrainingDataset { run_id: run_id.into(), ..dataset("disturbed", "note id", 8) };
    sandbox.start(create.clone()).await;
    notes::until_writing(&cluster, &sandbox, run_id).await;
    let progress = sandbox.client().watch(run_id).await.unwrap();
    pin_mut!(progress);
    progress.next().await.unwrap().unwrap();
    loss.begin(&mut cluster);

    calls_say_so(&sandbox, &etcd).await;
    let rest: Vec<arrow::record_batch::RecordBatch> = read.try_collect().await.unwrap();
    let rows = first.num_rows() + rest.iter().map(arrow::record_batch::RecordBatch::num_rows).sum::<usize>();
    assert_eq!(rows as i64, notes::ROWS, "a read that has begun needs no catalog");
    // The watcher hears what the run waits for, and at last that nobody knows; never that it failed.
    let mut waited = false;
    let unknown = loop {
        match progress.next().await.unwrap() {
            Ok(now) => {
                assert_eq!(now.state(), RunState::Prepared, "{}", now.error);
                waited |= now.step.contains("waiting for the catalog") && now.step.contains(&etcd);
            }
            Err(error) => break error,
        }
    };
    assert!(waited, "it was to say what it waits for");
    assert_eq!(unknown.code, ErrorCode::Unavailable, "{unknown}");
    let said = &unknown.message;
    assert!(said.contains("not known yet") && said.contains(run_id) && said.contains(&etcd), "{said}");

    loss.end(&mut cluster);
    answers(&sandbox).await;
    let disturbed = sandbox.end_of_build(run_id).await.unwrap();
    notes::assert_whole(&sandbox, &disturbed).await;
    assert!(disturbed.files() == undisturbed.files(), "other bytes than those of an undisturbed build");
    assert_eq!(generations(&sandbox, "disturbed").await, [1], "committed once");
    let again = sandbox.build(create).await;
    assert_eq!((&again.run, again.folder == disturbed.folder), (&disturbed.run, true));
}

async fn an_insert_is_committed_once(loss: Loss) {
    let mut cluster = Cluster::start(1, 2);
    let etcd = cluster.etcd().address().to_owned();
    let sandbox = cluster.sandbox().await;
    sandbox.create(group("notes", "id", "id:long note:string")).await;
    sandbox.insert("notes", table("id:long | note:string\n -1 | first")).await;
    let run_id = "disturbed-insert";
    let named = v1::BeginInsert { run_id: run_id.into(), ..begin("notes") };
    let insert = sandbox.client().begin_insert(named.clone()).await.unwrap();
    upload(&insert, "a", notes::rows()).await.unwrap();
    let progress = sandbox.client().watch(run_id).await.unwrap();
    insert.commit().await.unwrap();
    loss.begin(&mut cluster);
    pin_mut!(progress);
    // Its rows are there before anybody can say so.
    let log = walk_log(&cluster, &sandbox);
    let began = Instant::now();
    while !log().iter().any(|path| path.ends_with("00000000000000000002.json")) {
        assert!(began.elapsed() < Duration::from_secs(60), "the insert needs no catalog for its work");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let unknown = loop {
        match progress.next().await {
            Some(Ok(now)) => assert_eq!(now.state(), RunState::Prepared, "{}", now.error),
            Some(Err(error)) => break error,
            None => panic!("the watch ended without a word"),
        }
    };
    assert_eq!(unknown.code, ErrorCode::Unavailable, "{unknown}");
    assert!(unknown.message.contains(&etcd), "{unknown}");

    loss.end(&mut cluster);
    answers(&sandbox).await;
    let run = sandbox.end_of(run_id).await.unwrap();
    assert_eq!((run.state(), run.rows, run.table_version), (RunState::Committed, notes::ROWS as u64, 2));
    // Sent again by a client that never heard.
    let again = sandbox.client().begin_insert(named).await.unwrap();
    let _refused = upload(&again, "a", notes::rows()).await;
    assert_eq!(again.commit().await.unwrap(), run);
    assert_eq!(sandbox.rows("notes").await.num_rows() as i64, notes::ROWS + 1);
}

fn walk_log(cluster: &Cluster, sandbox: &Sandbox) -> impl Fn() -> Vec<String> + use<> {
    let project = sandbox.project().to_owned();
    let log = cluster.warehouse().join(&project).join(format!("{project}_featurestore.db/notes_1/_delta_log"));
    move || crate::harness::files::walk(&log)
}

/// What is created while etcd is lost is there whole or not at all, and can be asked for again.
async fn creations_can_be_repeated(loss: Loss) {
    let mut cluster = Cluster::start(1, 1);
    let etcd = cluster.etcd().address().to_owned();
    let sandbox = cluster.sandbox().await;
    let rows = table("id:long | note:string\n 1 | a\n 2 | b");
    sandbox.create_filled(group("notes", "id", "id:long note:string"), rows.clone()).await;
    let client = sandbox.client();
    let named = v1::CreateTrainingDataset { run_id: "named".into(), ..dataset("named", "note id", 1) };
    let mut broken_off = Vec::new();
    for round in 0..3 {
        // One of these is under way when etcd is lost, wherever it stands by then.
        let creating = client.clone();
        let creating = tokio::spawn(async move {
            let mut number = 0;
            loop {
                let name = format!("made{round}x{number}");
                if let Err(error) = creating.call(group(&name, "id", "id:long")).await {
                    return (name, error);
                }
                number += 1;
            }
        });
        tokio::time::sleep(Duration::from_millis(100 + 37 * round)).await;
        let began = Instant::now();
        loss.begin(&mut cluster);
        let (name, error) = creating.await.unwrap();
        assert_names(&error, &etcd, began);
        broken_off.push(name);
        let began = Instant::now();
        assert_names(&client.call(named.clone()).await.unwrap_err(), &etcd, began);
        loss.end(&mut cluster);
        answers(&sandbox).await;
    }
    for name in broken_off {
        let began = Instant::now();
        while let Err(error) = client.call(group(&name, "id", "id:long")).await {
            // One that was made unheard is taken back first.
            assert!(began.elapsed() < Duration::from_secs(10), "{error}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        sandbox.insert(&name, table("id:long\n 1")).await;
    }
    let built = sandbox.build(named).await;
    assert_eq!((built.run.id.as_str(), built.run.rows, built.dataset.version), ("named", 2, 1));
    assert_eq!(generations(&sandbox, "named").await, [1]);
    sandbox.insert("notes", rows).await;
    assert_eq!(sandbox.rows("notes").await.num_rows(), 4);
}

async fn a_scheduler_without_etcd_does_not_start(loss: Loss) {
    let mut cluster = Cluster::start(1, 1);
    let etcd = cluster.etcd().address().to_owned();
    let sandbox = cluster.sandbox().await;
    sandbox.create_filled(group("notes", "id", "id:long note:string"), notes::rows()).await;
    sandbox.start(v1::CreateTrainingDataset { run_id: "goes-on".into(), ..dataset("d", "note id", 8) }).await;
    notes::until_writing(&cluster, &sandbox, "goes-on").await;
    cluster.kill_scheduler();
    loss.begin(&mut cluster);
    let began = Instant::now();
    let (code, said) = cluster.refused_scheduler();
    assert!(code == 5 && said.contains(&etcd) && said.contains("start etcd"), "{code}: {said}");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    loss.end(&mut cluster);
    cluster.restart_scheduler();
    let sandbox = sandbox.connected_again().await;
    notes::assert_whole(&sandbox, &sandbox.end_of_build("goes-on").await.unwrap()).await;
}

mod killed {
    use super::Loss;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_build_and_a_read_go_on() {
        super::a_build_and_a_read_go_on(Loss::Killed).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn an_insert_is_committed_once() {
        super::an_insert_is_committed_once(Loss::Killed).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn creations_can_be_repeated() {
        super::creations_can_be_repeated(Loss::Killed).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_scheduler_without_etcd_does_not_start() {
        super::a_scheduler_without_etcd_does_not_start(Loss::Killed).await;
    }
}

mod frozen {
    use super::Loss;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_build_and_a_read_go_on() {
        super::a_build_and_a_read_go_on(Loss::Frozen).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn an_insert_is_committed_once() {
        super::an_insert_is_committed_once(Loss::Frozen).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn creations_can_be_repeated() {
        super::creations_can_be_repeated(Loss::Frozen).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_scheduler_without_etcd_does_not_start() {
        super::a_scheduler_without_etcd_does_not_start(Loss::Frozen).await;
    }
}
