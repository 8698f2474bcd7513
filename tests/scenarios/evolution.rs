//! Evolution: features are added to a feature group and its integers become wider, and every row stays what it was.

use mangonel_proto::{
    Error, ErrorCode,
    v1::{self, DataFormat, RunState},
    wire::Command,
};

use crate::harness::{
    Sandbox, assert_table, dataset, group, on_every_engine, request, sandbox::Built, table, tables::rows_of,
};

on_every_engine!(
    new_features_are_null_in_the_rows_that_are_there,
    integers_become_wider_and_what_was_built_before_comes_out_the_same,
    keys_become_wider_and_still_meet_their_partners,
    other_changes_are_refused_at_once,
);

fn feature(name: &str, of: &str) -> v1::Feature {
    v1::Feature { name: name.into(), r#type: of.into(), ..Default::default() }
}

/// Evolves the latest version and waits for the end.
async fn evolve(sandbox: &Sandbox, name: &str, features: &[v1::Feature]) -> Result<Option<v1::Run>, Error> {
    let evolve = v1::EvolveFeatureGroup { name: name.into(), features: features.to_vec(), ..Default::default() };
    match sandbox.client().call(evolve).await?.run {
        Some(run) => sandbox.end_of(&run.id).await.map(Some),
        None => Ok(None),
    }
}

async fn types(sandbox: &Sandbox, name: &str) -> Vec<String> {
    let group = sandbox.show_group(name).await.feature_group.unwrap();
    group.features.iter().map(|feature| format!("{}:{}", feature.name, feature.r#type)).collect()
}

async fn new_features_are_null_in_the_rows_that_are_there(sandbox: &Sandbox) {
    sandbox.create(group("teams", "id", "id:long name:string")).await;
    sandbox.insert("teams", table("id:long | name:string\n1 | AIK\n2 | Malmö")).await;
    let stadium = v1::Feature { description: "where they play".into(), ..feature("stadium", "string") };
    let seen = feature("seen", "timestamp_ntz");
    assert_eq!(evolve(sandbox, "teams", &[stadium.clone(), seen]).await.unwrap(), None, "nothing is written");
    assert_eq!(types(sandbox, "teams").await, ["id:long", "name:string", "stadium:string", "seen:timestamp_ntz"]);
    sandbox
        .insert(
            "teams",
            table("id:long | name:string | stadium:string | seen:timestamp_ntz\n3 | Häcken | Bravida | 2020-02-03"),
        )
        .await;
    let expected = "id | name | stadium\n 1 | AIK | null\n 2 | Malmö | null\n 3 | Häcken | Bravida";
    assert_table(&sandbox.ask(request("id name stadium")).await.unwrap(), expected);
    let sql = "SELECT id, stadium FROM teams WHERE stadium IS NULL ORDER BY id".to_owned();
    let queried = sandbox.read(Command::Sql(v1::SqlQuery { sql, ..Default::default() })).await.unwrap();
    assert_table(&queried, "id | stadium\n 1 | null\n 2 | null");
    // Asked for once more, it is there; and what people say of it can be said again.
    let version = sandbox.show_group("teams").await.table_version;
    assert_eq!(evolve(sandbox, "teams", &[stadium]).await.unwrap(), None);
    assert_eq!(sandbox.show_group("teams").await.table_version, version);
    // Before, nobody knew of it.
    let kind = v1::DependencyKind::FeatureGroup.into();
    let read = v1::ReadVersion { kind, name: "teams".into(), table_version: Some(1), ..Default::default() };
    let before = sandbox.read(Command::Read(read)).await.unwrap();
    assert_eq!(before.num_rows(), 2);
}

async fn integers_become_wider_and_what_was_built_before_comes_out_the_same(sandbox: &Sandbox) {
    let features = "id:long year:short goals:integer";
    sandbox
        .create(v1::CreateFeatureGroup { partition_by: vec!["year".into()], ..group("games", "id", features) })
        .await;
    let rows = |first: i64| {
        let rows: Vec<String> =
            (first..first + 20).map(|id| format!("{id} | {} | {}", 2018 + id % 2, id * 3)).collect();
        table(&format!("id:long | year:short | goals:integer\n{}", rows.join("\n")))
    };
    sandbox.insert("games", rows(0)).await;
    sandbox.insert("games", rows(20)).await;
    let in_parquet = |name: &str| v1::CreateTrainingDataset {
        data_format: DataFormat::Parquet.into(),
        ..dataset(name, "id year goals", 2)
    };
    let before = sandbox.build(in_parquet("before")).await;
    let (version, expected) = (sandbox.show_group("games").await.table_version, rows_of(&sandbox.rows("games").await));

    let asked = [feature("goals", "long"), feature("year", "integer"), feature("cup", "boolean")];
    let run = evolve(sandbox, "games", &asked).await.unwrap().unwrap();
    assert_eq!((run.state(), run.rows, run.table_version), (RunState::Committed, 40, version + 1));
    assert_eq!(types(sandbox, "games").await, ["id:long", "year:integer", "goals:long", "cup:boolean"]);
    sandbox
        .insert("games", table("id:long | year:integer | goals:long | cup:boolean\n99 | 70000 | 5000000000 | true"))
        .await;
    let read = |columns: &str| sandbox.ask(request(columns));
    let mut now = rows_of(&read("id year goals").await.unwrap());
    now.sort();
    let mut wanted = expected.clone();
    wanted.push("99 | 70000 | 5000000000".into());
    wanted.sort();
    assert_eq!(now, wanted);

    // What was there then has the types of then.
    let kind = v1::DependencyKind::FeatureGroup.into();
    let then = v1::ReadVersion { kind, name: "games".into(), table_version: Some(version), ..Default::default() };
    let then = sandbox.read(Command::Read(then)).await.unwrap();
    assert_eq!(then.schema().field_with_name("goals").unwrap().data_type(), &arrow::datatypes::DataType::Int32);
    let rebuild = v1::RebuildTrainingDataset { name: "before".into(), ..Default::default() };
    let rebuild = sandbox.client().call(rebuild).await.unwrap();
    assert_eq!(sandbox.end_of(&rebuild.id).await.unwrap().rows, before.run.rows);
    let after: Built = sandbox.build(in_parquet("after")).await;
    assert_eq!(after.rows().num_rows(), 41);
    assert_eq!(evolve(sandbox, "games", &[feature("goals", "long")]).await.unwrap(), None, "it is so wide already");
}

async fn keys_become_wider_and_still_meet_their_partners(sandbox: &Sandbox) {
    sandbox.create(group("teams", "id", "id:byte name:string")).await;
    sandbox.create(group("budgets", "id", "id:byte budget:double")).await;
    sandbox.insert("teams", table("id:byte | name:string\n1 | AIK\n2 | Malmö")).await;
    sandbox.insert("budgets", table("id:byte | budget:double\n1 | 1.5\n2 | 2.5")).await;
    evolve(sandbox, "teams", &[feature("id", "long")]).await.unwrap().unwrap();
    sandbox.insert("teams", table("id:long | name:string\n3000000000 | Häcken")).await;
    let expected = "id | name | budget\n 1 | AIK | 1.5\n 2 | Malmö | 2.5";
    assert_table(&sandbox.ask(request("teams.id name budget")).await.unwrap(), expected);
}

async fn other_changes_are_refused_at_once(sandbox: &Sandbox) {
    sandbox.create(group("teams", "id", "id:long name:string goals:integer")).await;
    sandbox.insert("teams", table("id:long | name:string | goals:integer\n1 | AIK | 2")).await;
    let asked = [
        feature("id", "integer"),
        feature("name", "long"),
        feature("goals", "double"),
        feature("Goals", "long"),
        feature("fine", "double"),
    ];
    let error = evolve(sandbox, "teams", &asked).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidArgument);
    for part in
        ["`id` of `teams_1` is long and cannot become integer", "`name`", "cannot become double", "create version 2"]
    {
        assert!(error.to_string().to_lowercase().contains(&part.to_lowercase()), "{part}: {error}");
    }
    let error = evolve(sandbox, "teams", &[feature("x", "varchar")]).await.unwrap_err();
    assert!(error.to_string().contains("feature type `varchar` is unknown"), "{error}");
    assert_eq!(evolve(sandbox, "teems", &[feature("x", "long")]).await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(evolve(sandbox, "teams", &[]).await.unwrap_err().code, ErrorCode::InvalidArgument);
    assert_eq!(types(sandbox, "teams").await, ["id:long", "name:string", "goals:integer"], "nothing of it happened");
}
