//! What people say of feature groups and training datasets can be changed, and nobody overwrites what somebody else said
//! meanwhile without knowing.

use mangonel_proto::{
    ErrorCode,
    v1::{self, DependencyKind},
    wire,
};

use crate::harness::{Sandbox, dataset, group, on_every_engine, sandbox::version_of, table};

on_every_engine!(
    what_is_given_changes_and_the_rest_stays,
    of_two_clients_that_change_the_same_description_one_is_told,
    clients_that_change_different_tags_all_succeed,
    everything_wrong_with_an_update_is_said_at_once,
);

fn update(name: &str) -> v1::UpdateMetadata {
    v1::UpdateMetadata { kind: DependencyKind::FeatureGroup.into(), name: name.into(), ..Default::default() }
}

async fn detail(sandbox: &Sandbox, name: &str) -> v1::FeatureGroupDetail {
    sandbox.client().call(wire::ShowFeatureGroup(version_of(name))).await.unwrap()
}

fn tag(key: &str, value: &str) -> std::collections::BTreeMap<String, String> {
    [(key.to_owned(), value.to_owned())].into()
}

async fn what_is_given_changes_and_the_rest_stays(sandbox: &Sandbox) {
    sandbox.create(group("teams", "id", "id:long budget:double")).await;
    sandbox.insert("teams", table("id:long | budget:double\n1 | 2.5")).await;
    let first = v1::UpdateMetadata {
        description: Some("Teams of the first league".into()),
        set_tags: tag("season", "2020"),
        feature_descriptions: tag("budget", "Million euros"),
        ..update("teams")
    };
    sandbox.client().call(first).await.unwrap();
    let second = v1::UpdateMetadata {
        owner: Some("data team".into()),
        set_tags: tag("source", "club reports"),
        remove_tags: vec!["season".into()],
        ..update("teams")
    };
    let revision = sandbox.client().call(second).await.unwrap().revision;
    let found = detail(sandbox, "teams").await;
    assert_eq!(found.revision, revision);
    let group = found.feature_group.unwrap();
    assert_eq!((group.description.as_str(), group.owner.as_str()), ("Teams of the first league", "data team"));
    assert_eq!((group.tags, group.features[1].description.as_str()), (tag("source", "club reports"), "Million euros"));
    assert_eq!(found.rows, 1, "rows stay as they are");

    let built = sandbox.build(dataset("d", "id budget", 1)).await;
    let of_dataset = v1::UpdateMetadata {
        kind: DependencyKind::TrainingDataset.into(),
        description: Some("For the demo".into()),
        ..update("d")
    };
    sandbox.client().call(of_dataset).await.unwrap();
    let shown = sandbox.client().call(wire::ShowTrainingDataset(version_of("d"))).await.unwrap();
    let dataset = shown.training_dataset.unwrap();
    assert_eq!((dataset.description.as_str(), dataset.generation), ("For the demo", built.dataset.generation));
}

async fn of_two_clients_that_change_the_same_description_one_is_told(sandbox: &Sandbox) {
    sandbox.create(group("teams", "id", "id:long")).await;
    let seen = detail(sandbox, "teams").await.revision;
    let change =
        |text: &str| v1::UpdateMetadata { description: Some(text.into()), expected_revision: seen, ..update("teams") };
    let (mine, theirs) = (sandbox.client(), sandbox.client());
    let (mine, theirs) = tokio::join!(mine.call(change("mine")), theirs.call(change("theirs")));
    let (winner, loser) = if mine.is_ok() { ("mine", theirs) } else { ("theirs", mine) };
    let error = loser.unwrap_err();
    assert_eq!(error.code, ErrorCode::Conflict, "{error}");
    assert_eq!(detail(sandbox, "teams").await.feature_group.unwrap().description, winner);
    let error = sandbox.client().call(change("late")).await.unwrap_err();
    assert!(error.to_string().contains("changed by somebody else"), "{error}");
}

async fn clients_that_change_different_tags_all_succeed(sandbox: &Sandbox) {
    sandbox.create(group("teams", "id", "id:long")).await;
    let updates = (0..8).map(|client| async move {
        let update = v1::UpdateMetadata { set_tags: tag(&format!("tag{client}"), "x"), ..update("teams") };
        sandbox.client().call(update).await.unwrap()
    });
    futures::future::join_all(updates).await;
    assert_eq!(detail(sandbox, "teams").await.feature_group.unwrap().tags.len(), 8);
}

async fn everything_wrong_with_an_update_is_said_at_once(sandbox: &Sandbox) {
    sandbox.create(group("teams", "id", "id:long budget:double")).await;
    let before = detail(sandbox, "teams").await;
    let wrong = v1::UpdateMetadata {
        description: Some("good".into()),
        owner: Some(String::new()),
        set_tags: tag("", "empty key"),
        remove_tags: vec!["season".into()],
        feature_descriptions: tag("bugdet", "Million euros"),
        ..update("teams")
    };
    let error = sandbox.client().call(wrong).await.unwrap_err().to_string();
    for part in ["an owner has 1 to", "tag ``", "no tag `season`", "no feature `bugdet`; did you mean `budget`?"] {
        assert!(error.contains(part), "no `{part}` in {error}");
    }
    assert_eq!(detail(sandbox, "teams").await, before, "nothing of a refused update is kept");
    let none = sandbox.client().call(update("teems")).await.unwrap_err();
    assert!(none.code == ErrorCode::NotFound && none.to_string().contains("teams"), "{none}");
    let unclear = v1::UpdateMetadata { kind: 0, ..update("teams") };
    assert_eq!(sandbox.client().call(unclear).await.unwrap_err().code, ErrorCode::InvalidArgument);
}
