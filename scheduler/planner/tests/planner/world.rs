//! Feature groups and requests written as one line each, and queries and errors printed as tables.

use mangonel_planner::{EdgeKind, FeatureQuery, resolve};
use mangonel_proto::{
    Error,
    v1::{Feature, FeatureGroup, FeatureRequest},
};

/// A group from its table name and its columns: `team_id* long, at@ timestamp, team_budget float`; `*` marks the entity key,
/// in order, `@` the event time.
pub(crate) fn group(table: &str, columns: &str) -> FeatureGroup {
    let (name, version) = mangonel_proto::names::split_version(table).unwrap();
    let mut group = FeatureGroup { name: name.into(), version, id: format!("id-{table}"), ..Default::default() };
    for column in columns.split(", ") {
        let (name, r#type) = column.split_once(' ').unwrap();
        let bare = name.trim_end_matches(['*', '@']);
        if name.ends_with('*') {
            group.primary_key.push(bare.into());
        }
        if name.ends_with('@') {
            group.event_time = bare.into();
        }
        group.features.push(Feature { name: bare.into(), r#type: r#type.into(), ..Default::default() });
    }
    group
}

/// The five groups of the vendor's tour.
pub(crate) fn tour() -> Vec<FeatureGroup> {
    vec![
        group("games_features_1", "away_team_id integer, home_team_id* integer, score integer"),
        group("season_scores_features_1", "average_position float, sum_position float, team_id* integer"),
        group("attendances_features_1", "average_attendance float, sum_attendance float, team_id* integer"),
        group(
            "players_features_1",
            "average_player_age float, average_player_rating float, average_player_worth float, sum_player_age float, \
             sum_player_rating float, sum_player_worth float, team_id* integer",
        ),
        group("teams_features_1", "team_budget float, team_id* integer, team_position integer"),
    ]
}

/// The twelve features of the vendor's `team_position_prediction`.
pub(crate) const TEAM_POSITION_PREDICTION: &str = "average_attendance, sum_attendance, average_player_age, \
     average_player_rating, average_player_worth, sum_player_age, sum_player_rating, sum_player_worth, team_budget, \
     team_position, average_position, sum_position";

pub(crate) fn request(features: &str) -> FeatureRequest {
    let features = features.split(", ").filter(|name| !name.is_empty()).map(Into::into).collect();
    FeatureRequest { features, ..Default::default() }
}

/// Output columns, joins and warnings, a line each.
pub(crate) fn table(query: &FeatureQuery) -> String {
    let mut lines: Vec<String> =
        query.output.iter().map(|column| format!("{}.{}", query.table(column.group), column.name)).collect();
    for edge in &query.edges {
        let kind = match edge.kind {
            EdgeKind::Lookup => "lookup",
            EdgeKind::Detail => "detail",
            EdgeKind::KeyColumns => "key columns",
            EdgeKind::SharedColumns => "shared columns",
        };
        let multiplies = if edge.may_multiply { "" } else { ", unique" };
        let (parent, child) = (query.table(edge.parent), query.table(edge.child));
        lines.push(format!("{parent} -> {child} on {} ({kind}{multiplies})", edge.on_text()));
    }
    lines.extend(query.warnings.iter().map(|warning| format!("! {warning}")));
    lines.join("\n")
}

/// Every problem of an error, a line each: `reason: message`.
pub(crate) fn problems(error: &Error) -> String {
    let line = |problem: &Error| {
        let reason = if problem.reason.is_empty() { "invalid" } else { problem.reason };
        format!("{reason}: {}", problem.message)
    };
    std::iter::once(error).chain(&error.problems).map(line).collect::<Vec<_>>().join("\n")
}

/// The answer to a request as text, whether it resolves or not.
pub(crate) fn answer(request: &FeatureRequest, groups: &[FeatureGroup]) -> String {
    match resolve(request, groups) {
        Ok(query) => table(&query),
        Err(error) => problems(&error),
    }
}

/// Compares with a table that is indented in the test.
#[track_caller]
pub(crate) fn same(actual: &str, expected: &str) {
    let trimmed: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(actual.lines().collect::<Vec<_>>(), trimmed, "\nactual:\n{actual}\n");
}
