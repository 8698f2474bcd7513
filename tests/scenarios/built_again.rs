//! Datasets that are built again: a new generation has the latest rows under the same name, and a rebuild proves that the
//! committed one comes out the same from its pinned inputs.

use mangonel_proto::{
    Error, ErrorCode,
    v1::{self, Compression, DataFormat, RunState},
    wire,
};

use crate::harness::{
    Sandbox, assert_table, dataset,
    files::walk,
    group, on_every_engine, request,
    sandbox::{Built, version_of},
    table,
};

on_every_engine!(
    an_insert_makes_the_next_generation_and_readers_of_the_old_one_keep_their_files,
    an_insert_of_other_columns_is_refused,
    a_rebuild_agrees_although_its_inputs_have_grown,
    a_rebuild_finds_a_generation_that_is_not_what_it_was,
);

async fn fill(sandbox: &Sandbox) {
    sandbox.create(group("teams", "id", "id:long name:string")).await;
    sandbox.create(group("budgets", "id", "id:long budget:double")).await;
    sandbox.insert("teams", table("id:long | name:string\n1 | Malmö\n2 | AIK\n3 | Häcken")).await;
    sandbox.insert("budgets", table("id:long | budget:double\n1 | 1.5\n2 | 2.5\n3 | 3.5")).await;
}

async fn grow(sandbox: &Sandbox) {
    sandbox.insert("teams", table("id:long | name:string\n4 | Örgryte")).await;
    sandbox.insert("budgets", table("id:long | budget:double\n4 | 4.5")).await;
}

fn in_parquet(name: &str) -> v1::CreateTrainingDataset {
    v1::CreateTrainingDataset { data_format: DataFormat::Parquet.into(), ..dataset(name, "teams.id name budget", 2) }
}

async fn inserted(sandbox: &Sandbox, insert: v1::InsertIntoTrainingDataset) -> Result<v1::Run, Error> {
    let run = sandbox.client().call(insert).await?.run.unwrap();
    sandbox.end_of(&run.id).await
}

async fn rebuilt(sandbox: &Sandbox, name: &str) -> Result<v1::Run, Error> {
    let run = sandbox.client().call(v1::RebuildTrainingDataset { name: name.into(), ..Default::default() }).await?;
    sandbox.end_of(&run.id).await
}

async fn an_insert_makes_the_next_generation_and_readers_of_the_old_one_keep_their_files(sandbox: &Sandbox) {
    fill(sandbox).await;
    let first = sandbox.build(in_parquet("d")).await;
    grow(sandbox).await;
    let insert = v1::InsertIntoTrainingDataset { name: "d".into(), run_id: "again".into(), ..Default::default() };
    let run = inserted(sandbox, insert.clone()).await.unwrap();
    assert_eq!((run.state(), run.rows), (RunState::Committed, 4));
    let expected = "id | name | budget\n 1 | Malmö | 1.5\n 2 | AIK | 2.5\n 3 | Häcken | 3.5\n 4 | Örgryte | 4.5";
    assert_table(&sandbox.dataset_rows("d").await, expected);
    let second = shown(sandbox, "d").await;
    let generation = second.training_dataset.clone().unwrap().generation.unwrap();
    assert_eq!((generation.number, generation.shards, second.path == first.detail.path), (2, 2, false));
    assert_table(&first.rows(), "id | name | budget\n 1 | Malmö | 1.5\n 2 | AIK | 2.5\n 3 | Häcken | 3.5");
    assert!(sandbox.verify("d").await.problems.is_empty());
    // Sent twice, it is done once.
    assert_eq!(inserted(sandbox, insert).await.unwrap().id, "again");
    let number = |detail: v1::TrainingDatasetDetail| detail.training_dataset.unwrap().generation.unwrap().number;
    assert_eq!(number(shown(sandbox, "d").await), 2);
    // Another source of the same columns, and other shards.
    let source =
        v1::FeatureRequest { join_type: v1::JoinType::Inner.into(), ..request("teams_1.id name budgets.budget") };
    let other =
        v1::InsertIntoTrainingDataset { name: "d".into(), source: Some(source), shards: 3, ..Default::default() };
    inserted(sandbox, other).await.unwrap();
    let third = shown(sandbox, "d").await.training_dataset.unwrap().generation.unwrap();
    assert_eq!((third.number, third.shards, third.rows), (3, 3, 4));
}

async fn shown(sandbox: &Sandbox, name: &str) -> v1::TrainingDatasetDetail {
    sandbox.client().call(wire::ShowTrainingDataset(version_of(name))).await.unwrap()
}

async fn an_insert_of_other_columns_is_refused(sandbox: &Sandbox) {
    fill(sandbox).await;
    sandbox.build(in_parquet("d")).await;
    let insert = |features: &str| v1::InsertIntoTrainingDataset {
        name: "d".into(),
        source: Some(request(features)),
        ..Default::default()
    };
    let error = inserted(sandbox, insert("teams.id budget")).await.unwrap_err();
    assert!(error.to_string().contains("without `name` string; with nothing else"), "{error}");
    let error = inserted(sandbox, insert("name teams.id budget")).await.unwrap_err();
    assert!(error.to_string().contains("in another order") && error.code == ErrorCode::InvalidArgument, "{error}");
    let error = inserted(sandbox, insert("teams.id nam budget")).await.unwrap_err();
    assert!(error.to_string().contains("did you mean"), "{error}");
    let none = v1::InsertIntoTrainingDataset { name: "e".into(), ..Default::default() };
    assert_eq!(inserted(sandbox, none).await.unwrap_err().code, ErrorCode::NotFound);
    let runs = sandbox.client().call(v1::ListRuns::default()).await.unwrap().runs;
    assert_eq!(runs.len(), 3, "two inserts and one build ran");
}

async fn a_rebuild_agrees_although_its_inputs_have_grown(sandbox: &Sandbox) {
    fill(sandbox).await;
    let built: Built = sandbox.build(dataset("records", "teams.id name budget", 3)).await;
    let gzip = v1::CreateTrainingDataset { compression: Compression::Gzip.into(), ..dataset("gz", "id name", 2) };
    sandbox.build(v1::CreateTrainingDataset { source: Some(request("teams.id name")), ..gzip }).await;
    grow(sandbox).await;
    // Names without a version would mean this one now.
    sandbox.create(group("teams", "id", "id:long name:string")).await;
    for (name, rows) in [("records", 3), ("gz", 3)] {
        let run = rebuilt(sandbox, name).await.unwrap();
        assert_eq!((run.state(), run.rows, run.kind()), (RunState::Committed, rows, v1::RunKind::Rebuild), "{name}");
        let left = sandbox.warehouse().join(format!("_runs/{}/rebuild", run.id));
        let left = walk(&left);
        assert!(left.is_empty(), "{left:?}");
    }
    let shown = shown(sandbox, "records").await.training_dataset.unwrap().generation;
    assert_eq!(shown, built.dataset.generation, "a rebuild commits nothing");
}

async fn a_rebuild_finds_a_generation_that_is_not_what_it_was(sandbox: &Sandbox) {
    fill(sandbox).await;
    let built = sandbox.build(in_parquet("d")).await;
    // A run record that names other inputs than the shards were made of: as if the engine had another result.
    grow(sandbox).await;
    let detail = sandbox.warehouse().join(format!("_runs/{}/detail.json", built.run.id));
    let record = std::fs::read_to_string(&detail).unwrap();
    let mut record: serde_json::Value = serde_json::from_str(&record).unwrap();
    for input in record["inputs"].as_array_mut().unwrap() {
        input["version"] = 2.into();
    }
    std::fs::write(&detail, record.to_string()).unwrap();
    let error = rebuilt(sandbox, "d").await.unwrap_err();
    assert!(error.code == ErrorCode::Conflict, "{error}");
    assert!(error.to_string().contains("of 2 shards came out with other bytes: part-r-0000"), "{error}");
}
