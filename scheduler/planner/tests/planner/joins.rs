//! How the groups of a request are joined: chains, composite keys, named keys, left joins, and what is never joined on.

use mangonel_proto::v1::{FeatureGroup, FeatureRequest, JoinType};

use crate::world::{answer, group, request, same, tour};

#[test]
fn groups_are_joined_along_a_chain() {
    let groups = [
        group("players_1", "player_id* long, team_id long, age float"),
        group("teams_1", "team_id* integer, city_id string, budget float"),
        group("cities_1", "city_id* string, rain float"),
    ];
    let expected = "
        players_1.age
        cities_1.rain
        teams_1.budget
        players_1 -> teams_1 on `team_id` (lookup)
        teams_1 -> cities_1 on `city_id` (lookup)";
    same(&answer(&request("age, rain, budget"), &groups), expected);
    let expected = "
        InferJoinKeyError: no columns to join `players_1` and `cities_1` on: `players_1` has `age`, `player_id`, `team_id`; `cities_1` has `city_id`, `rain`";
    let without_teams: Vec<FeatureGroup> = vec![groups[0].clone(), groups[2].clone()];
    same(&answer(&request("age, rain"), &without_teams), expected);
    let linked = format!("{expected}; `teams_1` links them: ask for a feature of it too");
    same(&answer(&request("age, rain"), &groups), &linked);
    // From the other end, the same chain multiplies rows.
    let expected = "
        cities_1.rain
        players_1.age
        teams_1.budget
        cities_1 -> teams_1 on `city_id` (detail)
        teams_1 -> players_1 on `team_id` (detail)
        ! a row of `cities_1` may meet several rows of `teams_1`: they are joined on `city_id`, and the key of `teams_1` is `team_id`
        ! a row of `teams_1` may meet several rows of `players_1`: they are joined on `team_id`, and the key of `players_1` is `player_id`";
    same(&answer(&request("rain, age, budget"), &groups), expected);
}

#[test]
fn composite_keys_are_joined_whole() {
    let groups = [
        group("standings_1", "season* long, team_id* long, at@ timestamp, points long"),
        group("budgets_1", "team_id* long, season* integer, budget float"),
        group("teams_1", "team_id* long, founded date"),
        group("transfers_1", "player_id* long, season* long, fee float, team_id long"),
    ];
    let expected = "
        standings_1.points
        budgets_1.budget
        teams_1.founded
        standings_1 -> budgets_1 on `team_id`, `season` (lookup)
        standings_1 -> teams_1 on `team_id` (lookup)";
    same(&answer(&request("points, budget, founded"), &groups), expected);
    // The key of the parent is all in the child.
    let expected = "
        transfers_1.fee
        standings_1.points
        transfers_1 -> standings_1 on `season`, `team_id` (lookup, unique)";
    same(&answer(&request("fee, points"), &groups), expected);
    let expected = "
        budgets_1.budget
        transfers_1.fee
        budgets_1 -> transfers_1 on `team_id`, `season` (detail)
        ! a row of `budgets_1` may meet several rows of `transfers_1`: they are joined on `team_id`, `season`, and the key of `transfers_1` is `player_id`, `season`";
    same(&answer(&request("budget, fee"), &groups), expected);
}

#[test]
fn an_event_time_proves_that_a_lookup_does_not_multiply() {
    let groups = [group("a_1", "id* long, at@ timestamp, x float"), group("b_1", "id* long, at@ timestamp, y float")];
    same(&answer(&request("x, y"), &groups), "a_1.x\nb_1.y\na_1 -> b_1 on `id` (lookup, unique)");
}

#[test]
fn a_shared_column_that_is_no_key_is_never_joined_on_where_a_key_is() {
    let groups = [
        group("players_1", "player_id* long, country string, team_id long, age float"),
        group("teams_1", "team_id* long, country string, budget float"),
        group("weather_1", "station* long, country string, rain float, city string"),
        group("hotels_1", "hotel* long, Country string, stars long, city string"),
    ];
    let expected = "
        players_1.age
        teams_1.budget
        players_1 -> teams_1 on `team_id` (lookup)";
    same(&answer(&request("age, budget"), &groups), expected);
    let expected = "
        weather_1.rain
        hotels_1.stars
        weather_1 -> hotels_1 on `city`, `country` = `Country` (shared columns)
        ! `weather_1` and `hotels_1` share no key: they are joined on `city`, `country` = `Country`, which may not be what you mean; name a join key to choose";
    same(&answer(&request("rain, stars"), &groups), expected);
}

#[test]
fn keys_in_the_most_groups_are_preferred_where_no_whole_key_is_shared() {
    let groups = [
        group("a_1", "team* long, day* date, p* long, x float"),
        group("b_1", "team* long, day* date, q* long, y float"),
        group("c_1", "c* long, stadium long, referee long, u float"),
        group("d_1", "d* long, stadium long, referee long, v float"),
        group("e_1", "referee* long, e* long, w float"),
    ];
    let both = "a row of `a_1` may meet several rows of `b_1`: they are joined on `day`, `team`, and the key of `b_1` is `team`, `day`, `q`";
    same(
        &answer(&request("x, y"), &groups),
        &format!("a_1.x\nb_1.y\na_1 -> b_1 on `day`, `team` (key columns)\n! {both}"),
    );
    let expected = "
        c_1.u
        d_1.v
        e_1.w
        c_1 -> d_1 on `referee` (key columns)
        c_1 -> e_1 on `referee` (key columns)
        ! a row of `c_1` may meet several rows of `d_1`: they are joined on `referee`, and the key of `d_1` is `d`
        ! a row of `c_1` may meet several rows of `e_1`: they are joined on `referee`, and the key of `e_1` is `referee`, `e`";
    same(&answer(&request("u, v, w"), &groups), expected);
}

#[test]
fn a_key_that_no_join_compares_is_warned_about() {
    let groups = [
        group("x_1", "x* long, a long, f float"),
        group("y_1", "x* long, b long, g float"),
        group("z_1", "a* long, b* long, h float"),
    ];
    let expected = "
        x_1.f
        y_1.g
        z_1.h
        x_1 -> y_1 on `x` (lookup)
        x_1 -> z_1 on `a` (key columns)
        ! a row of `x_1` may meet several rows of `z_1`: they are joined on `a`, and the key of `z_1` is `a`, `b`
        ! `b` of `y_1` (long) and `b` of `z_1` (long) are not compared by the joins, though it is a key";
    same(&answer(&request("f, g, h"), &groups), expected);
}

#[test]
fn a_named_join_key_is_always_used() {
    let groups = [
        group("games_1", "game* long, home long, away long, score long, day date"),
        group("teams_1", "team* long, home long, budget float, day date"),
        group("fans_1", "home* long, Day* date, fans long"),
    ];
    let on = |features: &str, keys: &[&str]| FeatureRequest {
        join_key: keys.iter().map(|key| (*key).into()).collect(),
        ..request(features)
    };
    for (request, expected) in [
        (
            on("score, budget", &["home"]),
            "games_1.score
             teams_1.budget
             games_1 -> teams_1 on `home` (key columns)
             ! a row of `games_1` may meet several rows of `teams_1`: they are joined on `home`, and the key of `teams_1` is `team`",
        ),
        (
            on("score, fans", &["home", "day", "HOME"]),
            "games_1.score
             fans_1.fans
             games_1 -> fans_1 on `home`, `day` = `Day` (lookup)",
        ),
        (on("score", &["home"]), "games_1.score\n! the join key is not used: every feature comes from `games_1`"),
        (
            on("score, budget, fans", &["away"]),
            "InferJoinKeyError: join key `away` is no column of `teams_1`, which has `budget`, `day`, `home`, `team`
             InferJoinKeyError: join key `away` is no column of `fans_1`, which has `Day`, `fans`, `home`",
        ),
        (
            on("home, budget, score", &["nope"]),
            "InferJoinKeyError: join key `nope` is no column of `teams_1`, which has `budget`, `day`, `home`, `team`
             InferJoinKeyError: join key `nope` is no column of `games_1`, which has `away`, `day`, `game`, `home`, `score`",
        ),
    ] {
        same(&answer(&request, &groups), expected);
    }
}

#[test]
fn columns_are_joined_only_where_their_types_compare() {
    let pairs = [
        ("long", "byte", true),
        ("integer", "short", true),
        ("decimal(10,2)", "decimal(38,0)", true),
        ("string", "string", true),
        ("date", "date", true),
        ("timestamp", "timestamp", true),
        ("timestamp", "timestamp_ntz", false),
        ("date", "timestamp", false),
        ("long", "string", false),
        ("long", "decimal(18,0)", false),
        ("double", "double", false),
        ("array<long>", "array<long>", false),
    ];
    for (left, right, joined) in pairs {
        let groups = [group("a_1", &format!("k* {left}, x float")), group("b_1", &format!("k* {right}, y float"))];
        let answer = answer(&request("x, y"), &groups);
        assert_eq!(answer.contains("a_1 -> b_1 on `k`"), joined, "{left} and {right}: {answer}");
    }
    let groups = [group("a_1", "k* long, x float"), group("b_1", "k* string, y float")];
    let none = "InferJoinKeyError: no columns to join `a_1` and `b_1` on: `a_1` has `k`, `x`; `b_1` has `k`, `y`; `k` is long in one and string in the other";
    same(&answer(&request("x, y"), &groups), none);
    let named = FeatureRequest { join_key: vec!["k".into()], ..request("x, y") };
    let expected = "InferJoinKeyError: join key `k` cannot be compared: it is `long` in `a_1`, `string` in `b_1`";
    same(&answer(&named, &groups), expected);
}

#[test]
fn the_root_need_not_contribute_a_feature() {
    let request = FeatureRequest { root: "teams_features".into(), ..request("sum_attendance, sum_position") };
    let expected = "
        attendances_features_1.sum_attendance
        season_scores_features_1.sum_position
        teams_features_1 -> attendances_features_1 on `team_id` (lookup)
        teams_features_1 -> season_scores_features_1 on `team_id` (lookup)";
    same(&answer(&request, &tour()), expected);
}

#[test]
fn the_vendors_games_cannot_be_joined_without_a_common_name() {
    let expected = "InferJoinKeyError: no columns to join `games_features_1` and `teams_features_1` on: \
        `games_features_1` has `away_team_id`, `home_team_id`, `score`; `teams_features_1` has `team_budget`, `team_id`, `team_position`";
    same(&answer(&request("score, team_budget"), &tour()), expected);
}

#[test]
fn a_left_join_names_its_root_and_keeps_its_rows() {
    let left = |root: &str| FeatureRequest {
        join_type: JoinType::Left.into(),
        root: root.into(),
        ..request("team_budget, sum_attendance, team_id")
    };
    let expected = "invalid: a left join keeps every row of the root: name it with `root`, such as `teams_features`";
    same(&answer(&left(""), &tour()), expected);
    let query = mangonel_planner::resolve(&left("attendances_features_1"), &tour()).unwrap();
    assert!(query.edges.iter().all(|edge| edge.join_type == JoinType::Left));
    let nullable: Vec<(&str, bool)> =
        query.output.iter().map(|column| (column.name.as_str(), column.feature.nullable)).collect();
    assert_eq!(nullable, [("team_budget", true), ("sum_attendance", false), ("team_id", false)]);
}
