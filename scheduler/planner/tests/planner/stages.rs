//! How rows meet: which joins share a stage, what is routed, and that a query without routed edges has one stage.

use mangonel_planner::{EdgeStrategy, FeatureQuery, GroupSize, plan_edges, resolve, stages};
use mangonel_proto::v1::FeatureGroup;

use crate::world::{group, request, same, tour};

/// Stages as text, a line each: the key, then the children, `*` where their rows are routed.
fn text(query: &FeatureQuery, strategies: &[EdgeStrategy]) -> String {
    let column = |(group, name): &(usize, String)| format!("{}.{name}", query.table(*group));
    let stage = |stage: &mangonel_planner::Stage| {
        let key: Vec<String> = stage.key.iter().map(column).collect();
        let children: Vec<String> = stage
            .children
            .iter()
            .map(|child| {
                let routed = if child.routed { "*" } else { "" };
                format!("{}{routed} on {}", query.table(query.edges[child.edge].child), child.keys.join(","))
            })
            .collect();
        format!("by {}: {}", key.join(","), children.join("; ")).trim_end().to_owned()
    };
    stages(query, strategies).iter().map(stage).collect::<Vec<_>>().join("\n")
}

/// All groups are too large to be broadcast.
fn routed(features: &str, groups: &[FeatureGroup]) -> String {
    let query = resolve(&request(features), groups).unwrap();
    text(&query, &plan_edges(&query, &[], 0))
}

#[test]
fn groups_on_the_roots_key_are_one_stage() {
    same(
        &routed("average_attendance, average_player_age, team_budget", &tour()),
        "by attendances_features_1.team_id: players_features_1 on team_id; teams_features_1 on team_id",
    );
    same(&routed("team_budget", &tour()), "by teams_features_1.team_id:");
}

#[test]
fn a_lookup_moves_the_rows_of_the_root_there_and_back() {
    let groups = [
        group("players_1", "player_id* long, team_id long, age float"),
        group("ratings_1", "player_id* long, rating float"),
        group("teams_1", "team_id* long, city_id long, budget float"),
        group("cities_1", "city_id* long, rain float"),
    ];
    same(
        &routed("age, rating, budget, rain", &groups),
        "by players_1.team_id: teams_1 on team_id
         by teams_1.city_id: cities_1 on city_id
         by players_1.player_id: ratings_1 on player_id",
    );
    // What is broadcast is in no stage.
    let query = resolve(&request("age, rating, budget, rain"), &groups).unwrap();
    let sizes = [1, 1, 100, 1].map(|bytes| GroupSize { rows: 1, bytes });
    same(
        &text(&query, &plan_edges(&query, &sizes, 50)),
        "by players_1.team_id: teams_1 on team_id
         by players_1.player_id: ratings_1 on player_id",
    );
}

#[test]
fn what_others_hang_on_is_joined_first() {
    let groups = [
        group("players_1", "player_id* long, age float"),
        group("contracts_1", "player_id* long, team_id long, wage float"),
        group("ratings_1", "player_id* long, rating float"),
        group("teams_1", "team_id* long, budget float"),
        group("sponsors_1", "team_id* long, money float"),
    ];
    same(
        &routed("age, wage, rating, budget, money", &groups),
        "by players_1.player_id: contracts_1 on player_id
         by contracts_1.team_id: teams_1 on team_id; sponsors_1 on team_id
         by players_1.player_id: ratings_1 on player_id",
    );
}

#[test]
fn details_are_routed_to_the_root() {
    let groups = [
        group("teams_1", "team_id* long, budget float"),
        group("players_1", "player_id* long, team_id long, age float"),
        group("ratings_1", "player_id* long, rating float"),
    ];
    // The teams stay where they are; the players come to them, and the ratings to the players.
    same(
        &routed("budget, age, rating", &groups),
        "by teams_1.team_id: players_1* on team_id
         by players_1.player_id: ratings_1 on player_id
         by teams_1.team_id:",
    );
}

#[test]
fn composite_keys_are_compared_in_one_order() {
    let pair = |left: &str, right: &str| [group("a_1", left), group("b_1", right)];
    let table = [
        ("k* long, l* string, x float", "l* string, k* long, y float", "by a_1.k,a_1.l: b_1* on k,l"),
        ("j* long, k long, l string, x float", "l* string, k* long, y float", "by a_1.l,a_1.k: b_1 on l,k\nby a_1.j:"),
        ("k* long, l* string, x float", "k* long, y float", "by a_1.k: b_1 on k\nby a_1.k,a_1.l:"),
        ("j* long, k long, x float", "i* long, k long, y float, j long", "by a_1.j: b_1* on j"),
    ];
    for (left, right, expected) in table {
        same(&routed("x, y", &pair(left, right)), expected);
    }
    let mut other_hash = pair("k* long, x float", "k* long, y float");
    other_hash[1].hash_version = 2;
    same(&routed("x, y", &other_hash), "by a_1.k: b_1* on k");
}
