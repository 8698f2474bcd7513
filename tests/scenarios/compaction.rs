//! Compaction: after many small inserts the files are fewer, and nothing that anybody reads has changed.

use std::{collections::BTreeSet, time::Duration};

use mangonel_proto::{
    v1,
    v1::{RunKind, RunState},
    wire::Command,
};

use crate::harness::{
    Sandbox, assert_table,
    cluster::Cluster,
    dataset, group, on_every_engine, request,
    sandbox::{begin, upload},
    table,
    tables::rows_of,
};

on_every_engine!(
    many_small_inserts_are_compacted_and_nothing_changes,
    compaction_by_hand_leaves_one_file_for_each_partition,
);

async fn files(sandbox: &Sandbox, name: &str) -> u32 {
    sandbox.show_group(name).await.files
}

async fn rewrites(sandbox: &Sandbox) -> Vec<v1::Run> {
    let runs = sandbox.client().call(v1::ListRuns { limit: 0 }).await.unwrap().runs;
    runs.into_iter().filter(|run| run.kind() == RunKind::Rewrite).collect()
}

async fn compact(sandbox: &Sandbox, name: &str, run_id: &str) -> v1::Run {
    let compact = v1::CompactFeatureGroup { name: name.into(), version: 0, run_id: run_id.into() };
    let run = sandbox.client().call(compact).await.unwrap();
    sandbox.end_of(&run.id).await.unwrap()
}

fn sorted(rows: &arrow::record_batch::RecordBatch) -> Vec<String> {
    let mut rows = rows_of(rows);
    rows.sort();
    rows
}

/// Every insert gives each key a row of the same time, so that only the commit says which is the latest: it must outlive
/// the files.
async fn many_small_inserts_are_compacted_and_nothing_changes(sandbox: &Sandbox) {
    let features = "id:long at:date goals:integer";
    sandbox.create(v1::CreateFeatureGroup { event_time: "at".into(), ..group("scores", "id", features) }).await;
    let insert = |goals: i64| {
        let rows =
            format!("1 | 2020-01-01 | {goals}\n 2 | 2020-01-01 | {}\n {} | 2020-01-02 | 0", goals * 2, goals + 10);
        table(&format!("id:long | at:date | goals:integer\n{rows}"))
    };
    for goals in 0..16 {
        sandbox.insert("scores", insert(goals)).await;
    }
    assert!(rewrites(sandbox).await.is_empty(), "readers merge so many without trouble");
    let before = sandbox.build(dataset("before", "id goals", 2)).await;
    let table_version = sandbox.show_group("scores").await.table_version;
    sandbox.insert("scores", insert(16)).await;
    let expected = sorted(&sandbox.rows("scores").await);
    let of_requests = sorted(&sandbox.ask(request("id goals")).await.unwrap());
    assert!(of_requests.contains(&"1 | 16".to_owned()) && of_requests.contains(&"2 | 32".to_owned()));

    let mut waited = 0;
    let compaction = loop {
        match rewrites(sandbox).await.into_iter().next() {
            Some(run) if run.state() != RunState::Prepared => break run,
            _ if waited > 200 => panic!("nobody compacted"),
            _ => waited += 1,
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!((compaction.state(), compaction.rows), (RunState::Committed, 51), "{}", compaction.error);
    assert_eq!((&*compaction.target_name, compaction.table_version), ("scores", table_version + 2));
    assert_eq!(files(sandbox, "scores").await, 1);

    assert_eq!(sorted(&sandbox.rows("scores").await), expected);
    assert_eq!(sorted(&sandbox.ask(request("id goals")).await.unwrap()), of_requests);
    let sql = "SELECT id, at, goals FROM scores".to_owned();
    let queried = sandbox.read(Command::Sql(v1::SqlQuery { sql, ..Default::default() })).await.unwrap();
    assert_eq!(sorted(&queried), expected);
    // What was there before is still there: for readers of that version, and to be built again.
    let kind = v1::DependencyKind::FeatureGroup.into();
    let read =
        v1::ReadVersion { kind, name: "scores".into(), table_version: Some(table_version), ..Default::default() };
    assert_eq!(sandbox.read(Command::Read(read)).await.unwrap().num_rows(), 48);
    let rebuild = v1::RebuildTrainingDataset { name: "before".into(), ..Default::default() };
    let rebuild = sandbox.client().call(rebuild).await.unwrap();
    assert_eq!(sandbox.end_of(&rebuild.id).await.unwrap().rows, before.run.rows);
    // A row that comes now is later than those that were written anew.
    sandbox.insert("scores", table("id:long | at:date | goals:integer\n1 | 2020-01-01 | 99")).await;
    assert!(sorted(&sandbox.ask(request("id goals")).await.unwrap()).contains(&"1 | 99".to_owned()));
    // Compacted files are compacted like others, and a dataset has the same bytes from them as from many.
    let from_two = sandbox.build(dataset("from_two", "id goals", 3)).await;
    compact(sandbox, "scores", "").await;
    assert_eq!(files(sandbox, "scores").await, 1);
    let from_one = sandbox.build(dataset("from_one", "id goals", 3)).await;
    assert_eq!(from_one.files(), from_two.files());
    assert!(sorted(&from_one.rows()).contains(&"1 | 99".to_owned()));
}

async fn compaction_by_hand_leaves_one_file_for_each_partition(sandbox: &Sandbox) {
    let features = "id:long year:integer goals:integer";
    sandbox
        .create(v1::CreateFeatureGroup { partition_by: vec!["year".into()], ..group("games", "id", features) })
        .await;
    assert_eq!(compact(sandbox, "games", "of-nothing").await.rows, 0);
    for insert in 0..3 {
        let rows: Vec<String> = (0..30).map(|id| format!("{} | {} | {id}", id + insert * 30, 2018 + id % 3)).collect();
        sandbox.insert("games", table(&format!("id:long | year:integer | goals:integer\n{}", rows.join("\n")))).await;
    }
    assert!(files(sandbox, "games").await >= 9);
    let expected = sorted(&sandbox.rows("games").await);
    let run = compact(sandbox, "games", "by-hand").await;
    assert_eq!((run.rows, files(sandbox, "games").await), (90, 3));
    assert_eq!(sorted(&sandbox.rows("games").await), expected);
    // The same run once more, and another one with nothing left to do.
    let version = sandbox.show_group("games").await.table_version;
    assert_eq!(compact(sandbox, "games", "by-hand").await.table_version, run.table_version);
    assert_eq!(compact(sandbox, "games", "").await.rows, 0);
    assert_eq!(sandbox.show_group("games").await.table_version, version, "nothing to do is no commit");
}

/// More sorted runs than are merged as streams are sorted anew, and Ballista's planner must not take that sort away.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_sorted_runs_than_are_merged_are_sorted_on_a_cluster() {
    let cluster = Cluster::start_with(0, 1, &["--compact-after", "0"]);
    cluster.add_executor_of(40, "4GiB");
    let sandbox = cluster.sandbox().await;
    let features = "id:long at:date goals:integer";
    sandbox.create(v1::CreateFeatureGroup { event_time: "at".into(), ..group("scores", "id", features) }).await;
    // One file for each of 40 slots.
    for insert in 0..2 {
        let part = |part: i64| {
            let rows =
                (0..20).map(|id| format!("{} | 2020-01-{:02} | {}", id * 7 % 20, part % 28 + 1, part + insert * 40));
            let rows: BTreeSet<String> = rows.collect();
            let rows: Vec<String> = rows.into_iter().collect();
            table(&format!("id:long | at:date | goals:integer\n{}", rows.join("\n")))
        };
        let parts = (0..40).map(part).collect();
        sandbox.insert_as(begin("scores"), parts).await.unwrap();
    }
    assert_eq!(files(&sandbox, "scores").await, 80);
    let mut expected: Vec<String> = (0..20).map(|id| format!("{id} | 2020-01-28 | 67")).collect();
    expected.sort();
    let latest = sorted(&sandbox.ask(request("id at goals")).await.unwrap());
    assert_eq!(latest, expected);
    let built = sandbox.build(dataset("latest", "id goals", 3)).await;
    assert_eq!((built.run.rows, sorted(&built.rows()).len()), (20, 20));
    let run = compact(&sandbox, "scores", "").await;
    assert_eq!((run.rows, files(&sandbox, "scores").await), (1600, 1));
    assert_eq!(sorted(&sandbox.ask(request("id at goals")).await.unwrap()), latest);
}

/// A run that has ended keeps its word although the files of it are gone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_insert_whose_files_were_compacted_is_still_known() {
    let sandbox = Sandbox::local().await;
    sandbox.create(group("teams", "id", "id:long name:string")).await;
    let twice = v1::BeginInsert { run_id: "twice".into(), ..begin("teams") };
    sandbox.insert_as(twice.clone(), vec![table("id:long | name:string\n1 | AIK")]).await.unwrap();
    sandbox.insert("teams", table("id:long | name:string\n2 | Malmö")).await;
    compact(&sandbox, "teams", "").await;
    let insert = sandbox.client().begin_insert(twice).await.unwrap();
    let refused = upload(&insert, "part-0", table("id:long | name:string\n1 | AIK")).await;
    assert!(refused.is_err(), "the run has ended");
    assert_table(&sandbox.rows("teams").await, "id | name\n 1 | AIK\n 2 | Malmö");
    sandbox.stop().await;
}
