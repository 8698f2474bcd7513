//! Hostile names never become part of a path, a key or a plan: they are refused, in a message that can be shown.

use mangonel_proto::{Error, ErrorCode, v1, wire};

use crate::harness::{
    Sandbox, dataset, group, on_every_engine, request,
    sandbox::{begin, upload},
    table,
};

on_every_engine!(hostile_names_are_refused_everywhere, what_does_not_exist_is_not_found);

fn hostile() -> Vec<String> {
    let mut names: Vec<String> = [
        "..",
        "../../etc/passwd",
        "a/b",
        "a\\b",
        "a'b",
        "a\"b",
        "a`b",
        "a\0b",
        "a b",
        "a\nb",
        "å",
        "%2e%2e",
        "a.b.c.d",
    ]
    .map(str::to_owned)
    .into();
    names.push("x".repeat(5000));
    names
}

#[track_caller]
fn refused<T>(what: &str, name: &str, answer: Result<T, Error>) {
    let Err(error) = answer else { panic!("{what} {name:?} was taken") };
    let expected = matches!(error.code, ErrorCode::InvalidArgument | ErrorCode::NotFound);
    assert!(expected, "{what} {name:?}: {:?} {error}", error.code);
    let text = error.to_string();
    assert!(text.len() < 2000 && !text.contains('\0'), "{what} {name:?}: {} bytes of message", text.len());
}

async fn hostile_names_are_refused_everywhere(sandbox: &Sandbox) {
    let client = sandbox.client();
    sandbox.create_filled(group("good", "id", "id:long x:integer"), table("id:long | x:integer\n 1 | 1")).await;
    for name in hostile() {
        let name = name.as_str();
        let project = v1::CreateProject { name: name.into(), description: String::new() };
        refused("project", name, client.call(project).await);
        refused("feature group", name, client.call(group(name, "id", "id:long")).await);
        let feature = v1::Feature { name: name.into(), r#type: "long".into(), nullable: true, ..Default::default() };
        let mut with_feature = group("other", "id", "id:long");
        with_feature.features.push(feature);
        refused("feature", name, client.call(with_feature).await);
        let mut with_type = group("other", "id", "id:long");
        with_type.features[0].r#type = name.into();
        refused("type", name, client.call(with_type).await);
        refused("dataset", name, client.call(dataset(name, "x", 1)).await);
        let build = v1::CreateTrainingDataset { run_id: name.into(), ..dataset("good", "x", 1) };
        refused("run of a build", name, client.call(build).await);
        refused("run of an insert", name, client.call(v1::BeginInsert { run_id: name.into(), ..begin("good") }).await);
        refused("group of an insert", name, client.call(begin(name)).await);
        refused("run", name, client.call(wire::ShowRun(v1::RunRef { run_id: name.into() })).await);
        refused("run", name, client.call(wire::CancelRun(v1::RunRef { run_id: name.into() })).await);
        refused("run", name, client.call(v1::CommitInsert { run_id: name.into(), parts: Vec::new() }).await);
        let version = v1::VersionRef { name: name.into(), version: 1 };
        refused("group", name, client.call(wire::ShowFeatureGroup(version.clone())).await);
        refused("group", name, client.call(wire::DeleteFeatureGroup(version.clone())).await);
        refused("dataset", name, client.call(wire::ShowTrainingDataset(version.clone())).await);
        refused("dataset", name, client.call(wire::VerifyTrainingDataset(version)).await);
        let mut ask = request("x");
        ask.features.push(name.into());
        refused("requested feature", name, sandbox.ask(ask).await);
        refused("root", name, sandbox.ask(v1::FeatureRequest { root: name.into(), ..request("x") }).await);

        let insert = client.begin_insert(begin("good")).await.unwrap();
        refused("part", name, upload(&insert, name, table("id:long | x:integer\n 2 | 1")).await);
        if let Ok(other) = sandbox.client_of(name).await {
            refused("project of a call", name, other.call(v1::ListFeatureGroups::default()).await);
        }
    }
    let groups = client.call(v1::ListFeatureGroups::default()).await.unwrap().feature_groups;
    assert_eq!(groups.len(), 1);
    assert!(client.call(v1::ListTrainingDatasets::default()).await.unwrap().training_datasets.is_empty());
    assert_eq!(sandbox.rows("good").await.num_rows(), 1);
    let outside: Vec<_> =
        std::fs::read_dir(sandbox.folder()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(outside.iter().all(|name| !name.to_string_lossy().contains("passwd")), "{outside:?}");
}

async fn what_does_not_exist_is_not_found(sandbox: &Sandbox) {
    let client = sandbox.client();
    sandbox.create(group("good", "id", "id:long")).await;
    let version = |name: &str, version| v1::VersionRef { name: name.into(), version };
    let code = |error: Error| error.code;
    assert_eq!(client.call(wire::ShowFeatureGroup(version("goof", 0))).await.map_err(code), Err(ErrorCode::NotFound));
    assert_eq!(client.call(wire::ShowFeatureGroup(version("good", 2))).await.map_err(code), Err(ErrorCode::NotFound));
    assert_eq!(client.call(wire::DeleteFeatureGroup(version("good", 2))).await.map_err(code), Err(ErrorCode::NotFound));
    assert_eq!(client.call(wire::ShowTrainingDataset(version("x", 0))).await.map_err(code), Err(ErrorCode::NotFound));
    assert_eq!(client.call(begin("nothing")).await.map(drop).map_err(code), Err(ErrorCode::NotFound));
    let run = v1::RunRef { run_id: "0".into() };
    assert_eq!(client.call(wire::ShowRun(run.clone())).await.map(drop).map_err(code), Err(ErrorCode::NotFound));
    assert!(client.watch("0").await.is_err());
    client.call(wire::DeleteFeatureGroup(version("good", 1))).await.unwrap();
    let gone = client.call(wire::ShowFeatureGroup(version("good", 1))).await.map(drop).map_err(code);
    assert_eq!(gone, Err(ErrorCode::NotFound));
    let again = v1::CreateFeatureGroup { version: 1, ..group("good", "id", "id:long") };
    let created = sandbox.create(again.clone()).await;
    assert_eq!(created.version, 1);
    assert_eq!(client.call(again).await.map_err(code), Err(ErrorCode::AlreadyExists));
}
