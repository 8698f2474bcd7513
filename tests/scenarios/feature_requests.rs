//! Asking for features by name: what is found, how it is joined, and what is said when it cannot be.

use std::collections::BTreeMap;

use mangonel_proto::{ErrorCode, v1, wire::Explain};

use crate::harness::{Sandbox, assert_table, group, on_every_engine, request, table, tables::rows_of};

on_every_engine!(
    what_is_wrong_with_a_request_is_said_all_at_once,
    the_latest_version_is_meant_unless_one_is_named,
    a_name_in_two_groups_must_be_qualified,
    a_chain_of_groups_is_joined_along_their_keys,
    composite_keys_are_compared_whole,
    null_join_values_never_match,
    a_limit_is_kept,
    explain_says_where_each_feature_comes_from,
    groups_of_other_projects_are_not_seen,
    a_pinned_read_does_not_see_a_later_insert,
);

async fn what_is_wrong_with_a_request_is_said_all_at_once(sandbox: &Sandbox) {
    let error = sandbox.ask(request("anything")).await.unwrap_err();
    assert_eq!((error.code, error.reason), (ErrorCode::NotFound, "FeaturegroupNotFound"), "{error}");
    sandbox.create(group("teams", "team_id", "team_id:long team_budget:double")).await;
    sandbox.create(group("weather", "station", "station:string rain:float")).await;

    let error = sandbox.ask(request("team_budgets rain nothing_like_it")).await.unwrap_err();
    assert_eq!((error.code, error.reason), (ErrorCode::NotFound, "FeatureNotFound"));
    let text = error.to_string();
    for expected in ["`team_budgets`", "did you mean", "team_budget", "`nothing_like_it`"] {
        assert!(text.contains(expected), "no `{expected}` in {text}");
    }
    let error = sandbox.ask(request("team_budget rain")).await.unwrap_err();
    assert_eq!((error.code, error.reason), (ErrorCode::InvalidArgument, "InferJoinKeyError"), "{error}");
    let error = sandbox.ask(request("")).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidArgument);
    let wrong_key = v1::FeatureRequest { join_key: vec!["colour".into()], ..request("team_budget rain") };
    assert!(sandbox.ask(wrong_key).await.unwrap_err().to_string().contains("`colour`"));
}

async fn the_latest_version_is_meant_unless_one_is_named(sandbox: &Sandbox) {
    for budget in ["1.0", "2.0"] {
        let created = sandbox.create(group("teams", "team_id", "team_id:long budget:double")).await;
        sandbox.insert(&created.name, table(&format!("team_id:long | budget:double\n 7 | {budget}"))).await;
    }
    assert_table(&sandbox.ask(request("budget")).await.unwrap(), "budget\n 2.0");
    assert_table(&sandbox.ask(request("teams.budget")).await.unwrap(), "budget\n 2.0");
    assert_table(&sandbox.ask(request("teams_1.budget")).await.unwrap(), "budget\n 1.0");
    let old = v1::FeatureRequest { group_versions: BTreeMap::from([("teams".into(), 1)]), ..request("budget") };
    assert_table(&sandbox.ask(old).await.unwrap(), "budget\n 1.0");
    let none = v1::FeatureRequest { group_versions: BTreeMap::from([("teams".into(), 9)]), ..request("budget") };
    let error = sandbox.ask(none).await.unwrap_err();
    assert!(error.code == ErrorCode::NotFound && error.to_string().contains('9'), "{error}");
    // A read pins the version for good, also over a third one.
    sandbox.create(group("teams", "team_id", "team_id:long budget:double")).await;
    assert_table(&sandbox.ask(request("teams_2.budget")).await.unwrap(), "budget\n 2.0");
    assert_table(&sandbox.ask(request("budget")).await.unwrap(), "budget");
}

async fn a_name_in_two_groups_must_be_qualified(sandbox: &Sandbox) {
    let teams = table("team_id:long | rating:double\n 1 | 0.5\n 2 | 0.75");
    sandbox.create_filled(group("teams", "team_id", "team_id:long rating:double"), teams).await;
    let coaches = table("team_id:long | rating:integer | coach:string\n 1 | 5 | Åsa\n 2 | 6 | Bo");
    sandbox.create_filled(group("coaches", "team_id", "team_id:long rating:integer coach:string"), coaches).await;
    let error = sandbox.ask(request("coach rating")).await.unwrap_err();
    assert_eq!((error.code, error.reason), (ErrorCode::Ambiguous, "FeatureNameCollisionError"));
    assert!(error.message.contains("`teams_1.rating`") && error.message.contains("`coaches_1.rating`"), "{error}");
    let answer = sandbox.ask(request("coaches.rating coach team_id")).await.unwrap();
    assert_table(&answer, "rating | coach | team_id\n 5 | Åsa | 1\n 6 | Bo | 2");
    let answer = sandbox.ask(request("coach teams_1.rating")).await.unwrap();
    assert_table(&answer, "coach | rating\n Åsa | 0.5\n Bo | 0.75");
    let both = sandbox.ask(request("teams.rating coaches.rating")).await.unwrap_err();
    assert_eq!(both.code, ErrorCode::Ambiguous);
}

/// players - teams - cities: the far end is joined through the middle, which is small and sent whole.
async fn a_chain_of_groups_is_joined_along_their_keys(sandbox: &Sandbox) {
    let players = table(
        "player_id:long | team_id:integer | age:integer
         1 | 10 | 21
         2 | 10 | 22
         3 | 20 | 23
         4 | 30 | 24
         5 | 99 | 25
         6 | null | 26",
    );
    let teams =
        table("team_id:long | city_id:string | budget:double\n 10 | gbg | 1.5\n 20 | sthlm | 2.5\n 30 | void | 3.5");
    let cities = table("city_id:string | rain:float\n gbg | 100.0\n sthlm | 50.0\n kiruna | 20.0");
    sandbox.create_filled(group("players", "player_id", "player_id:long team_id:integer age:integer"), players).await;
    sandbox.create_filled(group("teams", "team_id", "team_id:long city_id:string budget:double"), teams).await;
    sandbox.create_filled(group("cities", "city_id", "city_id:string rain:float"), cities).await;
    let answer = sandbox.ask(request("age budget rain")).await.unwrap();
    assert_table(&answer, "age | budget | rain\n 21 | 1.5 | 100.0\n 22 | 1.5 | 100.0\n 23 | 2.5 | 50.0");
    let left = v1::FeatureRequest {
        join_type: v1::JoinType::Left.into(),
        root: "players".into(),
        ..request("rain age budget")
    };
    let expected = "
        rain  | age | budget
        100.0 | 21  | 1.5
        100.0 | 22  | 1.5
        50.0  | 23  | 2.5
        null  | 24  | 3.5
        null  | 25  | null
        null  | 26  | null";
    assert_table(&sandbox.ask(left).await.unwrap(), expected);
    // From the far end, rows are multiplied.
    let answer = sandbox.ask(request("rain age budget")).await.unwrap();
    assert_table(&answer, "rain | age | budget\n 100.0 | 21 | 1.5\n 100.0 | 22 | 1.5\n 50.0 | 23 | 2.5");
}

async fn composite_keys_are_compared_whole(sandbox: &Sandbox) {
    let standings = table(
        "team:string | season:integer | points:integer
         aik | 2019 | 50
         aik | 2020 | 40
         ifk | 2019 | 30
         a   | 2019 | 20",
    );
    let budgets = table(
        "season:long | team:string | budget:double
         2019 | aik | 1.5
         2020 | aik | 2.5
         2020 | ifk | 3.5
         2019 | a   | 4.5",
    );
    sandbox
        .create_filled(group("standings", "team season", "team:string season:integer points:integer"), standings)
        .await;
    // The key is declared in another order, with another width.
    sandbox.create_filled(group("budgets", "season team", "season:long team:string budget:double"), budgets).await;
    let expected = "
        points | budget | team | season
        50     | 1.5    | aik  | 2019
        40     | 2.5    | aik  | 2020
        20     | 4.5    | a    | 2019";
    assert_table(&sandbox.ask(request("points budget team season")).await.unwrap(), expected);
    let same_order = table("team:string | season:integer | goals:integer\n aik | 2020 | 9\n a | 2019 | 8");
    sandbox.create_filled(group("goals", "team season", "team:string season:integer goals:integer"), same_order).await;
    assert_table(&sandbox.ask(request("points goals")).await.unwrap(), "points | goals\n 40 | 9\n 20 | 8");
    let all = sandbox.ask(request("points goals budget")).await.unwrap();
    assert_table(&all, "points | goals | budget\n 40 | 9 | 2.5\n 20 | 8 | 4.5");
}

async fn null_join_values_never_match(sandbox: &Sandbox) {
    let left = table("id:long | city:string | a:integer\n 1 | null | 1\n 2 | gbg | 2\n 3 | null | 3");
    let right = table("key:long | city:string | b:integer\n 1 | null | 10\n 2 | gbg | 20");
    sandbox.create_filled(group("left_group", "id", "id:long city:string a:integer"), left).await;
    sandbox.create_filled(group("right_group", "key", "key:long city:string b:integer"), right).await;
    let on_city = |join_type: v1::JoinType| v1::FeatureRequest {
        join_key: vec!["city".into()],
        join_type: join_type.into(),
        root: "left_group".into(),
        ..request("a b")
    };
    assert_table(&sandbox.ask(on_city(v1::JoinType::Inner)).await.unwrap(), "a | b\n 2 | 20");
    assert_table(&sandbox.ask(on_city(v1::JoinType::Left)).await.unwrap(), "a | b\n 1 | null\n 2 | 20\n 3 | null");
}

async fn a_limit_is_kept(sandbox: &Sandbox) {
    let numbers: Vec<String> = (0..100).map(|number| format!("{number} | {number}")).collect();
    let rows = table(&format!("id:long | x:integer\n{}", numbers.join("\n")));
    sandbox.create_filled(group("numbers", "id", "id:long x:integer"), rows).await;
    for (limit, expected) in [(0, 100), (1, 1), (7, 7), (100, 100), (1_000, 100)] {
        let answer = sandbox.ask(v1::FeatureRequest { limit, ..request("x id") }).await.unwrap();
        assert_eq!(answer.num_rows(), expected, "limit {limit}");
    }
}

async fn explain_says_where_each_feature_comes_from(sandbox: &Sandbox) {
    let teams = table("team_id:long | budget:double\n 1 | 1.0");
    sandbox.create_filled(group("teams", "team_id", "team_id:long budget:double"), teams).await;
    sandbox.create(group("teams", "team_id", "team_id:long budget:double")).await;
    let coaches = table("team_id:long | coach:string\n 1 | Åsa");
    sandbox.create_filled(group("coaches", "team_id", "team_id:long coach:string"), coaches).await;
    let explanation = sandbox.client().call(Explain(request("budget coach"))).await.unwrap();
    for expected in ["teams_2", "coaches_1", "team_id", "latest of"] {
        assert!(explanation.text.contains(expected), "no `{expected}` in {}", explanation.text);
    }
    assert!(explanation.physical_plan.contains("MergeJoinExec"), "{}", explanation.physical_plan);
}

async fn groups_of_other_projects_are_not_seen(sandbox: &Sandbox) {
    let teams = table("team_id:long | budget:double\n 1 | 1.0");
    sandbox.create_filled(group("teams", "team_id", "team_id:long budget:double"), teams).await;
    let other = sandbox.client_of("hockey").await.unwrap();
    other.call(v1::CreateProject { name: "hockey".into(), description: String::new() }).await.unwrap();
    let seen = other.call(v1::ListFeatureGroups::default()).await.unwrap();
    assert!(seen.feature_groups.is_empty());
    let read = other.read(&mangonel_proto::wire::Command::Features(request("budget"))).await;
    assert_eq!(read.err().unwrap().code, ErrorCode::NotFound);
}

async fn a_pinned_read_does_not_see_a_later_insert(sandbox: &Sandbox) {
    let teams = table("team_id:long | budget:double\n 1 | 1.0");
    sandbox.create_filled(group("teams", "team_id", "team_id:long budget:double"), teams).await;
    let read = sandbox.client().read(&mangonel_proto::wire::Command::Features(request("budget"))).await.unwrap();
    sandbox.insert("teams", table("team_id:long | budget:double\n 2 | 2.0")).await;
    let batches: Vec<_> = futures::TryStreamExt::try_collect(read.stream()).await.unwrap();
    let rows: Vec<String> = batches.iter().flat_map(rows_of).collect();
    assert_eq!(rows, ["1.0"]);
    assert_eq!(sandbox.ask(request("budget")).await.unwrap().num_rows(), 2);
}
