//! What the names of a request mean, and what is said about those that mean nothing.

use mangonel_planner::resolve;
use mangonel_proto::{ErrorCode, v1::FeatureRequest};

use crate::world::{TEAM_POSITION_PREDICTION, answer, group, problems, request, same, tour};

#[test]
fn ten_features_of_four_groups_come_in_request_order() {
    let features = "team_position, average_attendance, average_player_age, sum_player_age, average_player_rating, \
         average_position, sum_attendance, sum_position, team_budget, sum_player_worth";
    let expected = "
        teams_features_1.team_position
        attendances_features_1.average_attendance
        players_features_1.average_player_age
        players_features_1.sum_player_age
        players_features_1.average_player_rating
        season_scores_features_1.average_position
        attendances_features_1.sum_attendance
        season_scores_features_1.sum_position
        teams_features_1.team_budget
        players_features_1.sum_player_worth
        teams_features_1 -> attendances_features_1 on `team_id` (lookup)
        teams_features_1 -> players_features_1 on `team_id` (lookup)
        teams_features_1 -> season_scores_features_1 on `team_id` (lookup)";
    same(&answer(&request(features), &tour()), expected);
}

#[test]
fn the_vendors_training_dataset_resolves() {
    let query = resolve(&request(TEAM_POSITION_PREDICTION), &tour()).unwrap();
    assert_eq!(
        query.output.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", "),
        TEAM_POSITION_PREDICTION
    );
    assert_eq!((query.root, query.table(0)), (0, "attendances_features_1".into()));
    assert_eq!(query.groups[2].columns, ["team_budget", "team_id", "team_position"]);
}

#[test]
fn a_feature_may_be_named_in_three_ways() {
    for name in ["team_budget", "teams_features.team_budget", "teams_features_1.team_budget", "Team_Budget"] {
        same(&answer(&request(name), &tour()), "teams_features_1.team_budget");
    }
}

#[test]
fn the_latest_version_is_taken_unless_one_is_named() {
    let groups = [
        group("teams_9", "team_id* long, budget float, old float"),
        group("teams_10", "team_id* long, budget float, fresh float"),
    ];
    let pinned = |features| FeatureRequest { group_versions: [("teams".into(), 9)].into(), ..request(features) };
    for (request, expected) in [
        (request("budget, fresh"), "teams_10.budget\nteams_10.fresh"),
        (request("teams.budget"), "teams_10.budget"),
        (request("teams_9.budget"), "teams_9.budget"),
        // The version that the request names for one feature counts for the bare names too.
        (request("teams_9.budget, old"), "teams_9.budget\nteams_9.old"),
        (pinned("budget, old"), "teams_9.budget\nteams_9.old"),
        (
            request("old"),
            "FeatureNotFound: feature `old` not found: it exists only in version 9 of `teams`: write `teams_9.old`",
        ),
        (
            request("teams.old"),
            "FeatureNotFound: feature `old` of `teams_10` not found: it exists only in version 9 of `teams`: write `teams_9.old`",
        ),
        (
            pinned("fresh"),
            "FeatureNotFound: feature `fresh` not found: it exists only in version 10 of `teams`: write `teams_10.fresh`",
        ),
        (
            request("teams_9.old, teams_10.fresh"),
            "teams_9.old
             teams_10.fresh
             teams_9 -> teams_10 on `team_id` (lookup)
             ! two versions of one group are joined: `teams_9` and `teams_10`",
        ),
    ] {
        same(&answer(&request, &groups), expected);
    }
}

#[test]
fn a_join_key_may_be_asked_for_by_bare_name() {
    let root = |features, root: &str| FeatureRequest { root: root.into(), ..request(features) };
    for (request, first) in [
        (request("team_id, team_budget"), "teams_features_1.team_id"),
        (request("team_id, team_budget, sum_attendance"), "teams_features_1.team_id"),
        (request("sum_attendance, team_id, team_budget"), "attendances_features_1.sum_attendance"),
        (root("team_id, team_budget", "players_features"), "players_features_1.team_id"),
        (root("team_id", "players_features_1"), "players_features_1.team_id"),
    ] {
        let query = resolve(&request, &tour()).unwrap();
        let column = &query.output[0];
        assert_eq!(format!("{}.{}", query.table(column.group), column.name), first, "{request:?}");
    }
    let query = resolve(&request("team_id, team_budget"), &tour()).unwrap();
    assert_eq!(query.output[0].reason, "a join key that 4 groups have; taken from `teams_features_1`, the root");
}

#[test]
fn a_name_that_is_no_join_key_of_the_request_is_ambiguous() {
    let alone = resolve(&request("team_id"), &tour()).unwrap_err();
    assert_eq!((alone.code, alone.reason), (ErrorCode::Ambiguous, "FeatureNameCollisionError"));
    assert_eq!(
        alone.names,
        [
            "attendances_features_1.team_id",
            "players_features_1.team_id",
            "season_scores_features_1.team_id",
            "teams_features_1.team_id"
        ]
    );
    let groups = [
        group("teams_1", "team_id* long, country string, budget float"),
        group("players_1", "player_id* long, team_id long, country string, age float"),
    ];
    let expected = "FeatureNameCollisionError: feature `country` is in 2 feature groups: write one of `players_1.country`, `teams_1.country`";
    same(&answer(&request("country, budget, age"), &groups), expected);
    // A key of one group, and the other refers to it.
    same(&answer(&request("age, team_id"), &groups), "players_1.age\nplayers_1.team_id");
}

#[test]
fn two_features_cannot_give_one_column() {
    let once = "teams_features_1.team_budget";
    same(&answer(&request("team_budget, teams_features_1.team_budget, Team_Budget"), &tour()), once);
    let expected = "FeatureNameCollisionError: `teams_features_1.team_id` and `players_features_1.team_id` would both be the column `team_id`: ask for one of them";
    same(&answer(&request("teams_features_1.team_id, players_features.team_id"), &tour()), expected);
}

#[test]
fn names_that_differ_in_case_are_found_but_an_exact_match_is_preferred() {
    let groups = [group("a_1", "id* long, Score float"), group("b_1", "id* long, score float")];
    same(&answer(&request("Score"), &groups), "a_1.Score");
    same(&answer(&request("score"), &groups), "b_1.score");
    let expected =
        "FeatureNameCollisionError: feature `SCORE` is in 2 feature groups: write one of `a_1.Score`, `b_1.score`";
    same(&answer(&request("SCORE"), &groups), expected);
}

#[test]
fn every_problem_is_reported_at_once() {
    let request = FeatureRequest {
        group_versions: [("teams_features".into(), 7), ("player_features".into(), 1)].into(),
        root: "team_features".into(),
        join_type: 9,
        ..request("team_bugdet, nothing_like_it, teams_features.score, weather.rain, games_features_2.score, team_id, ")
    };
    let expected = "
        FeaturegroupNotFound: feature group `player_features` not found; did you mean `players_features_1`?
        FeaturegroupNotFound: feature group `teams_features` has no version 7: it has version 1
        FeaturegroupNotFound: root: feature group `team_features` not found; did you mean `teams_features_1`?
        invalid: join type 9 is unknown: use inner or left
        FeatureNotFound: feature `team_bugdet` not found; did you mean `teams_features_1.team_budget`?
        FeatureNotFound: feature `nothing_like_it` not found
        FeatureNotFound: feature `score` of `teams_features_1` not found; did you mean `games_features_1.score`?
        FeaturegroupNotFound: feature group `weather` not found
        FeaturegroupNotFound: feature group `games_features` has no version 2: it has version 1
        FeatureNameCollisionError: feature `team_id` is in 4 feature groups: write one of `attendances_features_1.team_id`, `players_features_1.team_id`, `season_scores_features_1.team_id`, `teams_features_1.team_id`";
    same(&answer(&request, &tour()), expected);
    let error = resolve(&request, &tour()).unwrap_err();
    assert_eq!((error.code, error.problems.len()), (ErrorCode::NotFound, 9));
}

#[test]
fn empty_requests_and_empty_stores_are_refused() {
    same(&answer(&request(""), &tour()), "invalid: the request names no feature");
    let expected = "FeaturegroupNotFound: the feature store has no feature groups yet: create one first";
    same(&answer(&request("team_budget"), &[]), expected);
}

#[test]
fn hostile_names_are_shown_escaped_and_cut() {
    let features = vec![String::new(), ".".into(), "a.b.c".into(), "x\n\u{0}".into(), "y".repeat(100_000)];
    let error = resolve(&FeatureRequest { features, ..Default::default() }, &tour()).unwrap_err();
    let text = problems(&error);
    assert_eq!(text.lines().count(), 5, "{text}");
    assert!(text.lines().all(|line| line.len() < 200), "{text}");
}

#[test]
fn the_answer_does_not_depend_on_the_order_of_the_groups() {
    let mut groups = tour();
    groups.push(group("teams_features_2", "team_budget float, team_id* integer, coach string"));
    let requests = [
        request(TEAM_POSITION_PREDICTION.replace("team_position", "coach").as_str()),
        request("team_id, coach, sum_attendance, average_position, average_player_age"),
        request("team_id, score, nonsense"),
    ];
    for request in requests {
        let expected = resolve(&request, &groups);
        for rotation in 0..groups.len() {
            let mut other = groups.clone();
            other.rotate_left(rotation);
            assert_eq!(resolve(&request, &other), expected, "rotated by {rotation}");
            other.reverse();
            assert_eq!(resolve(&request, &other), expected, "rotated by {rotation} and reversed");
            other.swap(0, 3);
            assert_eq!(resolve(&request, &other), expected);
        }
    }
}
