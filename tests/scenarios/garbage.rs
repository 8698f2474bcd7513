//! Garbage is found and removed, every class of it, left by work that really failed, was cancelled or was killed; and nothing
//! that anybody can still reach goes with it, also while an insert and a build are at work.

use std::{
    collections::BTreeMap,
    fs::File,
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use arrow::{
    array::{ArrayRef, Int64Array, StringArray},
    record_batch::RecordBatch,
};
use futures::{StreamExt, stream};
use mangonel_proto::{
    Error, ErrorCode,
    v1::{self, DependencyKind, GarbageKind, InsertMode, RunState},
    wire::{self, Command},
};

use super::notes;
use crate::harness::{
    Sandbox, assert_table,
    cluster::Cluster,
    dataset,
    files::walk,
    group,
    process::{Up, http_get},
    sandbox::{begin, upload},
    table,
    tables::{noise, rows_of},
};

/// Everything, however young.
fn all() -> v1::GarbageQuery {
    v1::GarbageQuery { older_than_s: Some(0), even_young: true, paths: 1000 }
}

async fn list(sandbox: &Sandbox) -> v1::GarbageReport {
    sorted(sandbox.client().call(wire::ListGarbage(all())).await.unwrap())
}

async fn delete(sandbox: &Sandbox) -> v1::GarbageReport {
    sorted(sandbox.client().call(wire::DeleteGarbage(all())).await.unwrap())
}

fn sorted(mut report: v1::GarbageReport) -> v1::GarbageReport {
    report.classes.iter_mut().for_each(|class| class.paths.sort());
    report
}

fn paths(report: &v1::GarbageReport, kind: GarbageKind) -> Vec<String> {
    report.classes.iter().filter(|class| class.kind() == kind).flat_map(|class| class.paths.clone()).collect()
}

/// A table version of a group as rows.
async fn version(sandbox: &Sandbox, name: &str, table_version: i64) -> Vec<String> {
    let kind = DependencyKind::FeatureGroup.into();
    let read = v1::ReadVersion { kind, name: name.into(), table_version: Some(table_version), ..Default::default() };
    let mut rows = rows_of(&sandbox.read(Command::Read(read)).await.unwrap());
    rows.sort();
    rows
}

fn numbers(ids: std::ops::Range<i64>) -> RecordBatch {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(ids.clone().collect::<Int64Array>())),
        ("note", Arc::new(StringArray::from_iter_values(ids.map(|id| format!("{id:0>20}"))))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn with_a_null_at_the_end(rows: i64) -> RecordBatch {
    let ids = (0..rows).map(|id| Some(id).filter(|id| id + 1 < rows));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(ids.collect::<Int64Array>())),
        ("note", Arc::new(StringArray::from_iter_values((0..rows).map(|id| id.to_string())))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

/// A group whose two versions of a table have no file in common, and a dataset of two generations.
async fn live_things(sandbox: &Sandbox) {
    sandbox.create(group("kept", "id", "id:long note:string")).await;
    sandbox.insert("kept", numbers(0..100)).await;
    sandbox.build(dataset("kept_data", "kept.note kept.id", 3)).await;
    let overwrite = v1::BeginInsert { mode: InsertMode::Overwrite.into(), ..begin("kept") };
    sandbox.insert_as(overwrite, vec![numbers(100..300)]).await.unwrap();
    next_generation(sandbox).await.unwrap();
}

async fn next_generation(sandbox: &Sandbox) -> Result<v1::Run, Error> {
    let insert = v1::InsertIntoTrainingDataset { name: "kept_data".into(), ..Default::default() };
    let run = sandbox.client().call(insert).await?.run.unwrap();
    sandbox.end_of(&run.id).await
}

/// What a reader can reach.
#[derive(Debug, PartialEq)]
struct Reachable {
    first_version: Vec<String>,
    second_version: Vec<String>,
    dataset: Vec<String>,
    problems: Vec<String>,
}

async fn reachable(sandbox: &Sandbox) -> Reachable {
    let mut dataset = rows_of(&sandbox.dataset_rows("kept_data").await);
    dataset.sort();
    Reachable {
        first_version: version(sandbox, "kept", 1).await,
        second_version: version(sandbox, "kept", 2).await,
        dataset,
        problems: sandbox.verify("kept_data").await.problems,
    }
}

/// Work that fails, is cancelled or is given up, one for each class that needs no killed process.
async fn make_garbage(sandbox: &Sandbox) {
    // An upload that is given up.
    let insert = sandbox.client().begin_insert(begin("kept")).await.unwrap();
    upload(&insert, "a", numbers(0..1000)).await.unwrap();

    // One task writes its file, the other finds a null in the key.
    let insert = sandbox.client().begin_insert(begin("kept")).await.unwrap();
    let run_id = insert.run_id().to_owned();
    upload(&insert, "a", numbers(0..1000)).await.unwrap();
    upload(&insert, "b", with_a_null_at_the_end(300_000)).await.unwrap();
    insert.commit().await.unwrap();
    assert!(sandbox.end_of(&run_id).await.unwrap_err().message.contains("is null"));

    // A deleted group and a deleted dataset; and a deleted group that a dataset was built from.
    for name in ["gone", "needed"] {
        let column = format!("{name}_note");
        sandbox
            .create_filled(
                group(name, "id", &format!("id:long {column}:string")),
                table(&format!("id:long | {column}:string\n 1 | a\n 2 | b")),
            )
            .await;
    }
    sandbox.build(dataset("gone_data", "gone_note", 2)).await;
    sandbox.build(dataset("needed_data", "needed_note", 2)).await;
    let client = sandbox.client();
    client.call(wire::DeleteTrainingDataset(v1::VersionRef { name: "gone_data".into(), version: 1 })).await.unwrap();
    for name in ["gone", "needed"] {
        client.call(wire::DeleteFeatureGroup(v1::VersionRef { name: name.into(), version: 1 })).await.unwrap();
    }
}

/// Makes the files below a folder a day older.
fn age(folder: &Path) {
    for path in walk(folder).into_iter().filter(|path| !Path::new(path).is_symlink()) {
        let time = SystemTime::now() - Duration::from_secs(24 * 3600);
        File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    }
}

/// Everything in the warehouse but what lists as garbage.
fn others(sandbox: &Sandbox, report: &v1::GarbageReport) -> Vec<String> {
    let garbage: Vec<&String> = report.classes.iter().flat_map(|class| &class.paths).collect();
    let prefix = format!("{}/", sandbox.warehouse().display());
    let mut files: Vec<String> =
        walk(sandbox.warehouse()).iter().map(|path| path.strip_prefix(&prefix).unwrap().to_owned()).collect();
    files.retain(|path| !garbage.contains(&path));
    files.sort();
    files
}

async fn garbage_goes_and_nothing_else(sandbox: &Sandbox, kinds: &[GarbageKind]) {
    let before = reachable(sandbox).await;
    assert_eq!((before.first_version.len(), before.second_version.len(), before.dataset.len()), (100, 200, 200));
    age(sandbox.warehouse());
    let listed = list(sandbox).await;
    let found: Vec<GarbageKind> = listed.classes.iter().map(|class| class.kind()).collect();
    assert_eq!(found, kinds, "{listed:#?}");
    for class in &listed.classes {
        assert!(class.owners > 0 && !class.why.is_empty(), "{class:?}");
        assert_eq!(class.files as usize, class.paths.len(), "{class:?}");
        assert!(class.oldest_ms > 0 && class.bytes > 0, "{class:?}");
    }
    let deleted_groups = paths(&listed, GarbageKind::Deleted);
    assert!(deleted_groups.iter().any(|path| path.contains("/gone_1/_delta_log/")), "{deleted_groups:?}");
    assert!(deleted_groups.iter().any(|path| path.contains("/gone_data_1/")), "{deleted_groups:?}");
    let needed = "of the deleted feature group `needed_1`: training dataset `needed_data_1` was built from it";
    assert!(listed.kept.len() == 1 && listed.kept[0].contains(needed), "{:?}", listed.kept);
    assert_eq!(list(sandbox).await, listed, "a listing changes nothing");
    assert_eq!(reachable(sandbox).await, before);
    let others_before = others(sandbox, &listed);

    let removed = delete(sandbox).await;
    assert!(removed.deleted && removed.classes == listed.classes, "{removed:#?}\n{listed:#?}");
    let mut others_after = others(sandbox, &v1::GarbageReport::default());
    // The abandoned upload has its tombstone in the log of its table.
    others_after.retain(|path| others_before.contains(path) || !path.contains("/kept_1/_delta_log/"));
    assert_eq!(others_after, others_before, "only garbage went");
    assert_eq!(reachable(sandbox).await, before);
    let left = list(sandbox).await;
    assert!(left.classes.is_empty() && left.kept.len() == 1, "{left:#?}");
    // The abandoned insert is over, and says so.
    let runs = sandbox.client().call(v1::ListRuns { limit: 100 }).await.unwrap().runs;
    assert!(runs.iter().all(|run| run.state() != RunState::Prepared), "{runs:#?}");
    let abandoned: Vec<&v1::Run> = runs.iter().filter(|run| run.error.starts_with("abandoned")).collect();
    assert_eq!(abandoned.len(), 1);
    let commit = v1::CommitInsert { run_id: abandoned[0].id.clone(), parts: vec!["a".into()] };
    assert_eq!(sandbox.client().call(commit).await.unwrap().state(), RunState::Cancelled);
    // A dataset that was built from a deleted group still verifies; once it is deleted the group can go.
    assert_eq!(sandbox.verify("needed_data").await.problems, Vec::<String>::new());
    let reference = v1::VersionRef { name: "needed_data".into(), version: 1 };
    sandbox.client().call(wire::DeleteTrainingDataset(reference)).await.unwrap();
    let removed = delete(sandbox).await;
    assert!(paths(&removed, GarbageKind::Deleted).iter().any(|path| path.contains("/needed_1/")), "{removed:#?}");
    assert!(
        !sandbox
            .warehouse()
            .join(sandbox.project())
            .join(format!("{}_featurestore.db/needed_1", sandbox.project()))
            .exists()
    );

    // Life goes on.
    next_generation(sandbox).await.unwrap();
    sandbox.insert("kept", numbers(300..400)).await;
    assert_eq!(sandbox.rows("kept").await.num_rows(), 300);
    assert_eq!(sandbox.verify("kept_data").await.problems, Vec::<String>::new());
}

/// A build of the next generation that is cancelled when some of its shards are done.
async fn cancel_a_generation(sandbox: &Sandbox) {
    sandbox.create_filled(group("notes", "id", "id:long note:string"), notes::rows()).await;
    sandbox.build(dataset("notes_data", "notes.note notes.id", 16)).await;
    let insert = v1::InsertIntoTrainingDataset { name: "notes_data".into(), ..Default::default() };
    let run = sandbox.client().call(insert).await.unwrap().run.unwrap();
    let folder = sandbox.warehouse().join(sandbox.project());
    let is_of_run = |path: &String| path.contains(&run.id) && path.contains("/_done/");
    while !walk(&folder).iter().any(is_of_run) {
        assert_eq!(sandbox.run(&run.id).await.state(), RunState::Prepared, "it was to be cancelled while it writes");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    sandbox.client().call(wire::CancelRun(v1::RunRef { run_id: run.id.clone() })).await.unwrap();
    assert_eq!(sandbox.end_of(&run.id).await.unwrap_err().code, ErrorCode::Cancelled);
    while sandbox.show_run(&run.id).await.progress.is_some() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Tasks end at their next batch.
    tokio::time::sleep(Duration::from_secs(1)).await;
}

/// Rows of the insert that is disturbed, each with some 200 bytes that no compression makes much smaller.
const LARGE: i64 = 400_000;

/// Begins an insert of many rows, and waits until so many tasks of it write.
async fn begin_large(sandbox: &Sandbox, writers: usize) -> String {
    let large = sandbox.client().begin_insert(begin("notes")).await.unwrap();
    let run_id = large.run_id().to_owned();
    for part in 0..2 {
        upload(&large, &format!("part-{part}"), noise(part * LARGE / 2, LARGE / 2)).await.unwrap();
    }
    large.commit().await.unwrap();
    let table = format!("{0}/{0}_featurestore.db/notes_1", sandbox.project());
    let has_rows = |path: &str| std::fs::metadata(path).is_ok_and(|metadata| metadata.len() > 0);
    let is_being_written = |path: &&String| path.contains(&run_id) && path.contains('#') && has_rows(path);
    while walk(&sandbox.warehouse().join(&table)).iter().filter(is_being_written).count() < writers {
        assert_eq!(sandbox.run(&run_id).await.state(), RunState::Prepared, "the insert ended too early");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    run_id
}

const KINDS: [GarbageKind; 7] = [
    GarbageKind::AbandonedUpload,
    GarbageKind::RunFile,
    GarbageKind::DataFile,
    GarbageKind::Shard,
    GarbageKind::OldGeneration,
    GarbageKind::Deleted,
    GarbageKind::Temporary,
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_classes_of_one_process_that_was_killed() {
    let temporary = tempfile::tempdir().unwrap();
    let (folder, project) = (temporary.path().join("data"), "football");
    let warehouse = folder.join("warehouse");
    let server = Up::start(&folder, &["--threads", "2", "--memory", "512MiB"]);
    let sandbox = Sandbox::on(server.url(), project, &warehouse).await.unwrap();
    live_things(&sandbox).await;
    cancel_a_generation(&sandbox).await;
    let killed = begin_large(&sandbox, 1).await;
    server.kill();

    let server = Up::start(&folder, &["--threads", "2"]);
    let sandbox = Sandbox::at(server.url(), project, &warehouse).await;
    // It goes on by itself, with files of its own: those of before are of no use.
    assert_eq!(sandbox.end_of(&killed).await.unwrap().rows, LARGE as u64);
    make_garbage(&sandbox).await;
    // The index forgets a run after a thousand others; its record is taken to be one that it has forgotten.
    let forgotten = warehouse.join("_runs/forgotten");
    std::fs::create_dir(&forgotten).unwrap();
    std::fs::copy(warehouse.join("_runs").join(&killed).join("detail.json"), forgotten.join("detail.json")).unwrap();
    let mut kinds = KINDS.to_vec();
    kinds.insert(2, GarbageKind::ForgottenRun);
    garbage_goes_and_nothing_else(&sandbox, &kinds).await;
    assert!(!forgotten.exists());

    // On the command line, and for Prometheus.
    let answer = server.answer(&["--project", project, "garbage", "list"]);
    assert!(answer.contains("no garbage"), "{answer}");
    let insert = sandbox.client().begin_insert(begin("kept")).await.unwrap();
    upload(&insert, "a", numbers(0..1000)).await.unwrap();
    assert!(server.answer(&["garbage", "list"]).contains("no garbage"), "what is young is left alone");
    let (code, refused) = server.refusal(&["garbage", "delete", "--older-than", "10m"]);
    assert!(code == 2 && refused.contains("younger than an hour"), "{refused}");
    let (code, refused) = server.refusal(&["garbage", "list", "--older-than", "soon"]);
    assert!(code == 2 && refused.contains("not like 90m"), "{refused}");
    let young = ["garbage", "list", "--older-than", "0s", "--even-young", "--verbose"];
    let answer = server.answer(&young);
    assert!(answer.contains("uploads that nobody committed") && answer.contains("/parts/a"), "{answer}");
    let bytes = |metrics: &str| {
        let line = metrics.lines().find(|line| line.starts_with("mangonel_garbage_bytes ")).unwrap();
        line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()
    };
    assert!(bytes(&http_get(&server, "/metrics").1) > 0);
    // It can still be committed: nothing was removed.
    let run_id = insert.run_id().to_owned();
    insert.commit().await.unwrap();
    assert_eq!(sandbox.end_of(&run_id).await.unwrap().rows, 1000);
    assert!(server.terminate().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_classes_of_a_cluster_that_lost_an_executor() {
    let cluster = Cluster::start(2, 1);
    let sandbox = cluster.sandbox().await;
    live_things(&sandbox).await;
    cancel_a_generation(&sandbox).await;
    let run_id = begin_large(&sandbox, 2).await;
    cluster.kill_executor();
    assert_eq!(sandbox.end_of(&run_id).await.unwrap().rows, LARGE as u64);
    cluster.add_executor(1);
    make_garbage(&sandbox).await;
    garbage_goes_and_nothing_else(&sandbox, &KINDS).await;
    assert_eq!(sandbox.rows("notes").await.num_rows() as i64, notes::ROWS + LARGE);
}

/// Removes everything, however young, again and again while an upload, an insert and two builds are at work.
async fn nothing_at_work_is_hit(sandbox: &Sandbox) {
    live_things(sandbox).await;
    sandbox.create_filled(group("notes", "id", "id:long note:string"), notes::rows()).await;
    let before = reachable(sandbox).await;
    // An upload that goes on all the time: its second batch comes late.
    let slow = sandbox.client().begin_insert(begin("kept")).await.unwrap();
    let slow_run = slow.run_id().to_owned();
    let (go_on, waits) = tokio::sync::oneshot::channel::<()>();
    let batches = stream::once(std::future::ready(Ok::<_, Error>(numbers(1000..1010)))).chain(stream::once(async {
        waits.await.unwrap();
        Ok(numbers(1010..1020))
    }));
    let uploading = tokio::spawn(async move {
        slow.upload("a", numbers(0..1).schema(), batches.boxed()).await.unwrap();
        slow.commit().await.unwrap();
    });
    let inserting = begin_large(sandbox, 1).await;
    let building = sandbox.start(dataset("while_cleaning", "notes.note notes.id", 16)).await;
    let mut rounds = 0;
    loop {
        let removed = delete(sandbox).await;
        rounds += 1;
        let of_runs = [&slow_run, &inserting, &building];
        let hit: Vec<&String> = removed
            .classes
            .iter()
            // What a run has worked with is garbage as soon as it has ended.
            .filter(|class| class.kind() != GarbageKind::RunFile)
            .flat_map(|class| &class.paths)
            .filter(|path| of_runs.iter().any(|run| path.contains(run.as_str())))
            .collect();
        assert!(hit.is_empty(), "{hit:?}");
        let states = [sandbox.run(&inserting).await.state(), sandbox.run(&building).await.state()];
        if states.iter().all(|state| *state != RunState::Prepared) {
            break;
        }
    }
    assert!(rounds > 3, "the work ended too early");
    go_on.send(()).unwrap();
    uploading.await.unwrap();
    assert_eq!(sandbox.end_of(&inserting).await.unwrap().rows, LARGE as u64);
    assert_eq!(sandbox.end_of(&slow_run).await.unwrap().rows, 20);
    let built = sandbox.end_of_build(&building).await.unwrap();
    notes::assert_whole(sandbox, &built).await;
    assert_eq!(sandbox.rows("notes").await.num_rows() as i64, notes::ROWS + LARGE);
    assert_eq!(sandbox.rows("kept").await.num_rows(), 220);
    assert_eq!(reachable(sandbox).await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_at_work_is_hit_on_the_local_engine() {
    let sandbox = Sandbox::local().await;
    nothing_at_work_is_hit(&sandbox).await;
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_at_work_is_hit_on_a_cluster() {
    let cluster = Cluster::start(2, 1);
    nothing_at_work_is_hit(&cluster.sandbox().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_and_files_of_others_are_left_alone() {
    let sandbox = Sandbox::local().await;
    live_things(&sandbox).await;
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::write(elsewhere.path().join("precious"), "x").unwrap();
    let table = sandbox.warehouse().join("football/football_featurestore.db/kept_1");
    let data = sandbox.warehouse().join("football/football_Training_Datasets/kept_data_1");
    for folder in [&table, &data, &sandbox.warehouse().join("_runs")] {
        std::os::unix::fs::symlink(elsewhere.path(), folder.join("link")).unwrap();
    }
    let foreign = ["readme.txt", "part-00000-2b6d9a52-c000.snappy.parquet", "notes/mine.csv"];
    for name in foreign {
        for folder in [&table, &data] {
            std::fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
            std::fs::write(folder.join(name), "x").unwrap();
        }
    }
    age(&table);
    delete(&sandbox).await;
    assert!(elsewhere.path().join("precious").exists());
    let there: BTreeMap<&str, bool> =
        foreign.iter().map(|name| (*name, table.join(name).exists() && data.join(name).exists())).collect();
    assert!(there.values().all(|there| *there), "{there:?}");
    assert_table(
        &sandbox
            .read(Command::Sql(v1::SqlQuery { sql: "SELECT count(*) AS n FROM kept".into(), ..Default::default() }))
            .await
            .unwrap(),
        "n\n200",
    );
    sandbox.stop().await;
}
