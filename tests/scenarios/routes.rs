//! Joins on other columns than tables are laid out by move rows between tasks, through files: the same rows, in the same
//! order, as a join that sends small groups whole, whoever does the work and whoever is lost in the middle of it.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{ArrayRef, Float64Array, Int64Array, StringArray},
    record_batch::RecordBatch,
};
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use mangonel_proto::{
    Result,
    v1::{self, DataFormat, JoinType, NullPolicy, RunState},
    wire,
};

use crate::harness::{
    Sandbox, assert_table, cluster::Cluster, dataset, files::walk, group, request, sandbox::version_of, table,
    tables::rows_of,
};

/// A number that looks random, below `below`.
fn mixed(number: i64, below: i64) -> i64 {
    (number.wrapping_mul(7_368_787) + 12_345).rem_euclid(1_000_003) % below
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap()
}

/// Players, of whom some have no team and some one that is not there; their ratings, of whom some have none; teams, of which
/// some are there twice, in cities, with sponsors. `note` letters make a player as wide as it has to be.
async fn fill(sandbox: &Sandbox, players: i64, note: usize) {
    let (teams, cities) = (players / 20, players / 200);
    let ids = || 0..players;
    let team = |id: i64| (mixed(id, 10) > 0).then(|| mixed(id + 7, teams + 5));
    let text = |id: i64| format!("{id:0>note$}");
    let rows = batch(vec![
        ("player_id", Arc::new(ids().collect::<Int64Array>())),
        ("team_id", Arc::new(ids().map(team).collect::<Int64Array>())),
        ("age", Arc::new(ids().map(|id| 16 + mixed(id, 20)).collect::<Int64Array>())),
        ("note", Arc::new(StringArray::from_iter_values(ids().map(text)))),
    ]);
    let features = "player_id:long team_id:long age:long note:string";
    sandbox.create_filled(group("players", "player_id", features), rows).await;
    let rated = || ids().filter(|id| mixed(*id, 10) != 3);
    let rows = batch(vec![
        ("player_id", Arc::new(rated().collect::<Int64Array>())),
        ("rating", Arc::new(rated().map(|id| id as f64 * 0.37).collect::<Float64Array>())),
    ]);
    sandbox.create_filled(group("ratings", "player_id", "player_id:long rating:double"), rows).await;
    let twice = || (0..teams).chain((0..teams).filter(|id| mixed(*id, 10) == 1).map(|id| id + teams));
    let rows = batch(vec![
        ("team_id", Arc::new(twice().map(|id| id % teams).collect::<Int64Array>())),
        ("city_id", Arc::new(twice().map(|id| mixed(id, cities + 2)).collect::<Int64Array>())),
        ("budget", Arc::new(twice().map(|id| id as f64 * 1.5).collect::<Float64Array>())),
    ]);
    sandbox.create_filled(group("teams", "team_id", "team_id:long city_id:long budget:double"), rows).await;
    let rows = batch(vec![
        ("city_id", Arc::new((0..cities).collect::<Int64Array>())),
        ("rain", Arc::new((0..cities).map(|id| id as f64).collect::<Float64Array>())),
    ]);
    sandbox.create_filled(group("cities", "city_id", "city_id:long rain:double"), rows).await;
    let rows = batch(vec![
        ("team_id", Arc::new((0..teams).collect::<Int64Array>())),
        ("money", Arc::new((0..teams).map(|id| id as f64 / 3.0).collect::<Float64Array>())),
    ]);
    sandbox.create_filled(group("sponsors", "team_id", "team_id:long money:double"), rows).await;
}

/// Requests whose joins move rows: a chain of lookups, the same as a left join, and details of a root.
fn datasets() -> Vec<v1::CreateTrainingDataset> {
    let inner = dataset("looked_up", "age rating budget rain money", 5);
    let source = v1::FeatureRequest { root: "players".into(), ..request("age rating budget rain money") };
    let source = v1::FeatureRequest { join_type: JoinType::Left.into(), ..source };
    let left = v1::CreateTrainingDataset {
        source: Some(source),
        null_policy: NullPolicy::Omit.into(),
        data_format: DataFormat::Parquet.into(),
        ..dataset("kept", "", 3)
    };
    vec![inner, left, dataset("details", "money age rating", 4)]
}

async fn built(sandbox: &Sandbox) -> Vec<(u64, BTreeMap<String, Vec<u8>>)> {
    let mut built = Vec::new();
    for create in datasets() {
        let dataset = sandbox.build(create).await;
        built.push((dataset.run.rows, dataset.files()));
    }
    built
}

/// The same requests as reads: their rows, in no order.
async fn answers(sandbox: &Sandbox) -> Vec<Vec<String>> {
    let mut answers = Vec::new();
    for create in datasets() {
        let mut rows = rows_of(&sandbox.ask(create.source.unwrap()).await.unwrap());
        rows.sort();
        answers.push(rows);
    }
    answers
}

async fn stages(sandbox: &Sandbox, run_id: &str) -> Vec<v1::StageReport> {
    sandbox.client().call(wire::ShowRun(v1::RunRef { run_id: run_id.into() })).await.unwrap().stages
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn routed_rows_make_the_bytes_of_broadcast_ones() {
    let players = 6000;
    let broadcast = Sandbox::local().await;
    fill(&broadcast, players, 3).await;
    let expected = built(&broadcast).await;
    let asked = answers(&broadcast).await;
    broadcast.stop().await;
    // Every player stays in the left join, and those of a team that is there twice come twice.
    assert!(expected[1].0 > players as u64 && expected[0].0 < expected[1].0, "{:?}", expected[0].0);

    let routing = Sandbox::local_that_routes().await;
    fill(&routing, players, 3).await;
    assert!(built(&routing).await == expected, "the local engine routes to other bytes");
    assert!(answers(&routing).await == asked, "the local engine answers with other rows");
    routing.stop().await;

    let cluster = Cluster::start_with(2, 1, &["--broadcast-max", "0"]);
    let routing = cluster.sandbox().await;
    fill(&routing, players, 3).await;
    assert!(built(&routing).await == expected, "the cluster routes to other bytes");
    assert!(answers(&routing).await == asked, "the cluster answers with other rows");
    // Route files go with their run.
    let left = walk(&routing.warehouse().join("_runs"));
    let left: Vec<_> = left.iter().filter(|path| path.contains("/route/")).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// Starts a build and kills an executor in the middle of its routes; on a quick machine a build may end before, and then another
/// one is tried. The name of the dataset, and the rest of the build's progress.
async fn lose_an_executor_while_routing(
    cluster: &Cluster,
    sandbox: &Sandbox,
    features: &str,
) -> (String, BoxStream<'static, Result<v1::RunProgress>>) {
    for attempt in 1..=10 {
        let name = format!("disturbed{attempt}");
        let run_id = sandbox.client().call(dataset(&name, features, 12)).await.unwrap().run.unwrap().id;
        let mut watch = sandbox.client().watch(&run_id).await.unwrap().boxed();
        let routes = async {
            while let Some(progress) = watch.try_next().await.unwrap() {
                if progress.step.starts_with("routing") && progress.rows_done > 20_000 {
                    return true;
                }
            }
            false
        };
        if !routes.await {
            continue;
        }
        let detail = sandbox.client().call(wire::ShowRun(v1::RunRef { run_id: run_id.clone() })).await.unwrap();
        if detail.progress.is_none_or(|progress| !progress.step.starts_with("routing")) {
            continue;
        }
        cluster.kill_executor();
        return (name, watch);
    }
    panic!("no build was seen routing, ten times");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn executors_share_routing_and_writing_and_survive_a_loss_while_routing() {
    const EXECUTORS: usize = 3;
    let cluster = Cluster::start_with(EXECUTORS, 1, &["--broadcast-max", "0"]);
    let sandbox = cluster.sandbox().await;
    fill(&sandbox, 300_000, 150).await;
    let features = "age note rating budget money";
    let undisturbed = sandbox.build(dataset("undisturbed", features, 12)).await;

    // Each of N executors does between 0.5/N and 1.5/N of the work, and no stage of it is one task.
    let (mut read, mut written): (BTreeMap<String, u64>, BTreeMap<String, u64>) = Default::default();
    let stages = stages(&sandbox, &undisturbed.run.id).await;
    let data: Vec<_> = stages.iter().filter(|stage| !stage.name.starts_with("count")).collect();
    assert_eq!(data.iter().filter(|stage| stage.name.starts_with("route")).count(), 2, "{stages:?}");
    for stage in data {
        assert!(stage.tasks > 1, "{stage:?}");
        for share in &stage.workers {
            *read.entry(share.worker.clone()).or_default() += share.bytes_read;
            *written.entry(share.worker.clone()).or_default() += share.bytes_written;
        }
    }
    for (what, shares) in [("read", read), ("wrote", written)] {
        let total: u64 = shares.values().sum();
        assert!(total > 10 << 20, "{what} only {total} bytes: {shares:?}");
        let even = |bytes: &u64| {
            let part = *bytes as f64 / total as f64 * EXECUTORS as f64;
            (0.5..=1.5).contains(&part)
        };
        assert!(shares.len() == EXECUTORS && shares.values().all(even), "executors {what} {shares:?} of {total} bytes");
    }

    let (disturbed, watch) = lose_an_executor_while_routing(&cluster, &sandbox, features).await;
    let rest: Vec<v1::RunProgress> = watch.try_collect().await.unwrap();
    let last = rest.last().unwrap();
    assert_eq!(last.state(), RunState::Committed, "{}", last.error);
    let detail = sandbox.client().call(wire::ShowTrainingDataset(version_of(&disturbed))).await.unwrap();
    for (name, bytes) in undisturbed.files() {
        let found = std::fs::read(format!("{}/{name}", detail.path)).unwrap();
        assert!(found == bytes, "{name} has other bytes than an undisturbed build's");
    }
    assert!(sandbox.verify(&disturbed).await.problems.is_empty());
    // A read, which executors compute, has the rows of a build that keeps all digits, and leaves nothing that it has routed.
    let parquet = v1::DataFormat::Parquet.into();
    sandbox.build(v1::CreateTrainingDataset { data_format: parquet, ..dataset("exact", features, 12) }).await;
    let asked = sandbox.ask(request(features)).await.unwrap();
    let read = sandbox.dataset_rows("exact").await;
    let (mut asked, mut read) = (rows_of(&asked), rows_of(&read));
    asked.sort();
    read.sort();
    assert!(asked == read, "a read has {} rows or others, not the {} of the build", asked.len(), read.len());
    let left = walk(&sandbox.warehouse().join("_reads"));
    assert!(left.is_empty(), "{left:?}");
    // What is left of the cluster has all of its slots.
    let again = sandbox.build(dataset("again", features, 12)).await;
    assert!(again.files() == undisturbed.files());
    let workers: std::collections::BTreeSet<String> = self::stages(&sandbox, &again.run.id)
        .await
        .into_iter()
        .flat_map(|stage| stage.workers.into_iter().map(|share| share.worker))
        .collect();
    assert_eq!(workers.len(), EXECUTORS - 1, "{workers:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_left_join_keeps_rows_whose_key_is_null_or_nowhere() {
    let sandbox = Sandbox::local_that_routes().await;
    let players = "player_id:long | team_id:long\n 1 | 10\n 2 | null\n 3 | 99\n 4 | 20\n 5 | 10";
    sandbox.create_filled(group("players", "player_id", "player_id:long team_id:long"), table(players)).await;
    let teams = "team_id:long | name:string\n 10 | aik\n 20 | null\n 30 | ifk";
    sandbox.create_filled(group("teams", "team_id", "team_id:long name:string"), table(teams)).await;
    let source = v1::FeatureRequest { root: "players".into(), ..request("player_id name") };
    let source = v1::FeatureRequest { join_type: JoinType::Left.into(), ..source };
    let null_policy = NullPolicy::Omit.into();
    let create = v1::CreateTrainingDataset { source: Some(source), null_policy, ..dataset("kept", "", 2) };
    let rows = sandbox.build(create).await.rows();
    assert_table(&rows, "player_id | name\n 1 | aik\n 2 | null\n 3 | null\n 4 | null\n 5 | aik");
    sandbox.stop().await;
}
