//! A full disk: one clear error that says which folder is full and what to do, nothing half visible, and the next try works
//! once there is room again. Warehouse and work folder are really small file systems here.

use std::path::Path;

use mangonel_proto::{
    Error, ErrorCode,
    v1::{self, RunState},
    wire,
};

use crate::harness::{
    Sandbox,
    cluster::Cluster,
    dataset,
    files::walk,
    group,
    process::{Up, up},
    sandbox::{begin, upload},
    small_disk::{Filler, inside, with_small_disk},
    tables::noise,
};

const MIB: u64 = 1 << 20;
const PROJECT: &str = "football";

#[track_caller]
fn assert_full(error: &Error, folder: &Path) {
    assert_eq!(error.code, ErrorCode::ResourceExhausted, "{error}");
    let named = format!("folder `{}", folder.display());
    assert!(error.message.contains("no room is left") && error.message.contains(&named), "{error}");
    assert!(error.message.contains("try again"), "it says what to do: {error}");
    assert!(!error.message.contains("os error"), "one sentence for people: {error}");
}

async fn count(sandbox: &Sandbox) -> usize {
    sandbox.rows("notes").await.num_rows()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_warehouse_loses_nothing_and_goes_on_when_there_is_room() {
    let temporary = tempfile::tempdir().unwrap();
    let (data, warehouse) = (temporary.path().join("data"), temporary.path().join("small"));
    std::fs::create_dir(&warehouse).unwrap();
    let command = up(&data, &["--threads", "2", "--memory", "512MiB", "--warehouse", warehouse.to_str().unwrap()]);
    let server = Up::start_as(&with_small_disk(&command, &warehouse, 32 * MIB), &data.with_extension("log"));
    let sandbox = Sandbox::on(server.url(), PROJECT, &inside(server.pid(), &warehouse)).await.unwrap();
    let fill = |left: u64| Filler::fill(server.pid(), &warehouse, left);
    sandbox.create(group("notes", "id", "id:long note:string")).await;
    sandbox.insert("notes", noise(0, 1000)).await;

    // An upload.
    let filler = fill(MIB);
    let insert = sandbox.client().begin_insert(begin("notes")).await.unwrap();
    let run_id = insert.run_id().to_owned();
    assert_full(&upload(&insert, "a", noise(1000, 20_000)).await.unwrap_err(), &warehouse);
    filler.remove();
    // The same part, sent again, counts once.
    upload(&insert, "a", noise(1000, 20_000)).await.unwrap();

    // The layout: what was uploaded fits, what is made of it does not.
    let filler = fill(MIB);
    insert.commit().await.unwrap();
    assert_full(&sandbox.end_of(&run_id).await.unwrap_err(), &warehouse);
    assert_eq!(sandbox.run(&run_id).await.state(), RunState::Failed);
    let left: Vec<String> = walk(sandbox.warehouse()).into_iter().filter(|path| path.contains(&run_id)).collect();
    let left: Vec<&String> = left.iter().filter(|path| !path.contains("/_runs/")).collect();
    assert!(left.is_empty(), "what it wrote made room again: {left:?}");
    assert_eq!(count(&sandbox).await, 1000);
    filler.remove();
    assert_eq!(count(&sandbox).await, 1000);
    sandbox.insert("notes", noise(1000, 20_000)).await;
    assert_eq!(count(&sandbox).await, 21_000);

    // A build.
    let filler = fill(MIB);
    assert_full(&sandbox.try_build(dataset("d", "note id", 4)).await.err().unwrap(), &warehouse);
    let datasets = || async { sandbox.client().call(v1::ListTrainingDatasets::default()).await.unwrap() };
    assert!(datasets().await.training_datasets.is_empty(), "the version is free again");
    filler.remove();
    let built = sandbox.build(dataset("d", "note id", 4)).await;
    assert_eq!((built.run.rows, built.dataset.version), (21_000, 1));
    assert_eq!(sandbox.verify("d").await.problems, Vec::<String>::new());

    // Commits of tables, when not even those fit.
    let filler = fill(0);
    let error = sandbox.client().call(group("other", "id", "id:long")).await.unwrap_err();
    assert_full(&error, &warehouse);
    filler.remove();
    sandbox.create(group("other", "id", "id:long")).await;
    let garbage = sandbox.client().call(wire::ListGarbage(v1::GarbageQuery::default())).await.unwrap();
    assert!(garbage.kept.is_empty(), "{garbage:?}");
    assert!(server.terminate().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_work_folder_is_named_and_the_catalog_goes_on_when_there_is_room() {
    let temporary = tempfile::tempdir().unwrap();
    let (data, warehouse) = (temporary.path().join("small"), temporary.path().join("warehouse"));
    std::fs::create_dir(&data).unwrap();
    let memory = ["--threads", "1", "--memory", "160MiB"];
    let command = up(&data, &[&memory[..], &["--warehouse", warehouse.to_str().unwrap()]].concat());
    let server = Up::start_as(&with_small_disk(&command, &data, 400 * MIB), &data.with_extension("log"));
    let sandbox = Sandbox::on(server.url(), PROJECT, &warehouse).await.unwrap();
    let fill = |left: u64| Filler::fill(server.pid(), &data, left);
    sandbox.create(group("notes", "id", "id:long note:string")).await;
    sandbox.insert("notes", noise(0, 1000)).await;

    // An upload waits in the work folder first.
    let filler = fill(MIB);
    let insert = sandbox.client().begin_insert(begin("notes")).await.unwrap();
    let run_id = insert.run_id().to_owned();
    assert_full(&upload(&insert, "a", noise(1000, 40_000)).await.unwrap_err(), &data.join("staging"));
    filler.remove();

    // A sort that spills.
    let parts = 8;
    for part in 0..parts {
        upload(&insert, &format!("part-{part}"), noise(1000 + part * 200_000, 200_000)).await.unwrap();
    }
    let filler = fill(MIB);
    insert.commit().await.unwrap();
    assert_full(&sandbox.end_of(&run_id).await.unwrap_err(), &data.join("spill"));
    assert_eq!(sandbox.run(&run_id).await.state(), RunState::Failed);
    assert_eq!(count(&sandbox).await, 1000);
    filler.remove();

    // A write of the catalog.
    let filler = fill(0);
    let mut refused = None;
    for version in 1..100 {
        // What is left of its own file takes some writes yet.
        let create = v1::CreateFeatureGroup { version, ..group("other", "id", "id:long") };
        refused = sandbox.client().call(create).await.err();
        if refused.is_some() {
            break;
        }
    }
    let error = refused.expect("the catalog was to be full");
    assert_eq!(error.code, ErrorCode::ResourceExhausted, "{error}");
    let catalog = data.join("catalog");
    assert!(error.message.contains("is full") && error.message.contains(catalog.to_str().unwrap()), "{error}");
    assert!(error.message.contains("make room"), "{error}");
    assert_eq!(count(&sandbox).await, 1000, "reads go on");
    filler.remove();
    sandbox.create(group("another", "id", "id:long")).await;
    sandbox.insert("notes", noise(1000, 2000)).await;
    assert_eq!(count(&sandbox).await, 3000);
    assert!(server.terminate().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_work_folder_of_an_executor_is_named() {
    let cluster = Cluster::start(0, 1);
    let folder = cluster.add_executor_on_small_disk("160MiB", 20 * MIB);
    let sandbox = cluster.sandbox().await;
    sandbox.create(group("notes", "id", "id:long note:string")).await;
    let error = sandbox.try_insert("notes", noise(0, 400_000)).await.unwrap_err();
    assert_full(&error, &folder);
    assert!(error.message.contains(&cluster.executor_ids()[0]), "{error}");
    assert_eq!(count(&sandbox).await, 0);
    // Less fits.
    sandbox.insert("notes", noise(0, 1000)).await;
    assert_eq!(count(&sandbox).await, 1000);
}
