//! Time travel: what the store held at a time or a version of a table, for reads, queries and training datasets.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mangonel_proto::{
    ErrorCode, v1,
    v1::{DependencyKind, InsertMode},
    wire::Command,
};

use crate::harness::{
    Sandbox, assert_table, dataset, group, on_every_engine, request, sandbox::begin, table, tables::rows_of,
};

on_every_engine!(
    every_read_sees_what_was_there,
    a_dataset_is_built_from_what_was_there_and_then_from_now,
    groups_of_later_are_not_known,
    times_and_versions_that_never_were_are_refused,
);

/// Now, between two commits.
async fn moment() -> i64 {
    tokio::time::sleep(Duration::from_millis(5)).await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64;
    tokio::time::sleep(Duration::from_millis(5)).await;
    now
}

/// Three states of a group, and the times between them.
async fn three_states(sandbox: &Sandbox) -> [i64; 3] {
    sandbox.create(group("teams", "id", "id:long budget:double")).await;
    sandbox.insert("teams", table("id:long | budget:double\n 1 | 1.5")).await;
    let first = moment().await;
    sandbox.insert("teams", table("id:long | budget:double\n 2 | 2.5")).await;
    let second = moment().await;
    let overwrite = v1::BeginInsert { mode: InsertMode::Overwrite.into(), ..begin("teams") };
    sandbox.insert_as(overwrite, vec![table("id:long | budget:double\n 3 | 3.5")]).await.unwrap();
    [first, second, moment().await]
}

const STATES: [&str; 3] = ["id | budget\n 1 | 1.5", "id | budget\n 1 | 1.5\n 2 | 2.5", "id | budget\n 3 | 3.5"];

fn read(as_of_ms: i64, table_version: Option<i64>) -> Command {
    let kind = DependencyKind::FeatureGroup.into();
    Command::Read(v1::ReadVersion { kind, name: "teams".into(), version: 0, as_of_ms, table_version })
}

async fn every_read_sees_what_was_there(sandbox: &Sandbox) {
    let times = three_states(sandbox).await;
    for (version, (time, state)) in (1..).zip(times.into_iter().zip(STATES)) {
        assert_table(&sandbox.read(read(time, None)).await.unwrap(), state);
        assert_table(&sandbox.read(read(0, Some(version))).await.unwrap(), state);
        let asked = v1::FeatureRequest { as_of_ms: time, ..request("id budget") };
        assert_table(&sandbox.ask(asked).await.unwrap(), state);
        let sql = "SELECT * FROM teams_1 ORDER BY id".to_owned();
        let queried = Command::Sql(v1::SqlQuery { sql, as_of_ms: time, ..Default::default() });
        assert_table(&sandbox.read(queried).await.unwrap(), state);
    }
    assert_eq!(sandbox.read(read(0, Some(0))).await.unwrap().num_rows(), 0);
}

async fn a_dataset_is_built_from_what_was_there_and_then_from_now(sandbox: &Sandbox) {
    let [_, second, _] = three_states(sandbox).await;
    let mut create = dataset("budgets", "id budget", 1);
    create.source.as_mut().unwrap().as_of_ms = second;
    let built = sandbox.build(create).await;
    assert_eq!(rows_of(&built.rows()), ["1 | 1.5", "2 | 2.5"]);
    let insert = v1::InsertIntoTrainingDataset { name: "budgets".into(), ..Default::default() };
    let run = sandbox.client().call(insert).await.unwrap().run.unwrap();
    let again = sandbox.end_of_build(&run.id).await.unwrap();
    assert_eq!(rows_of(&again.rows()), ["3 | 3.5"]);
}

async fn groups_of_later_are_not_known(sandbox: &Sandbox) {
    let [first, ..] = three_states(sandbox).await;
    sandbox
        .create_filled(group("cities", "id", "id:long budget:double"), table("id:long | budget:double\n 9 | 9.5"))
        .await;
    // Today the name is in two groups; then there was one.
    let error = sandbox.ask(request("budget")).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::Ambiguous, "{error}");
    let then = v1::FeatureRequest { as_of_ms: first, ..request("budget") };
    assert_table(&sandbox.ask(then).await.unwrap(), "budget\n 1.5");
}

async fn times_and_versions_that_never_were_are_refused(sandbox: &Sandbox) {
    three_states(sandbox).await;
    let error = sandbox.read(read(0, Some(9))).await.unwrap_err();
    assert!(error.code == ErrorCode::NotFound && error.message.contains("version 9"), "{error}");
    let error = sandbox.read(read(1_000, None)).await.unwrap_err();
    assert!(error.code == ErrorCode::NotFound && error.message.contains("1970-01-01T00:00:01"), "{error}");
    let error = sandbox.read(read(1_000, Some(1))).await.unwrap_err();
    assert!(error.code == ErrorCode::InvalidArgument && error.message.contains("not both"), "{error}");
    let error = sandbox.ask(v1::FeatureRequest { as_of_ms: 1_000, ..request("budget") }).await.unwrap_err();
    assert!(error.code == ErrorCode::NotFound && error.message.contains("1970-01-01T00:00:01"), "{error}");
    let sql = Command::Sql(v1::SqlQuery { sql: "SELECT * FROM teams".into(), as_of_ms: 1_000, ..Default::default() });
    let error = sandbox.read(sql).await.unwrap_err();
    assert!(error.message.contains("teams") && error.message.contains("1970-01-01T00:00:01"), "{error}");
}
