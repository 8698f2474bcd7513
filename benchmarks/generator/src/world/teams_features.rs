//! `teams_features`: who the teams are, one row each.

use std::sync::Arc;

use arrow::array::{Date32Builder, Float64Builder, Int32Builder, Int64Builder, RecordBatch, StringBuilder};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;

use super::names::{COUNTRIES, team_name};
use super::team::{LEAGUE_TEAMS, Teams};
use crate::draws::{Draws, Topic};
use crate::table_spec::{TableSpec, required};

/// 1863-01-01, and the days from there to the end of 1989.
const FIRST_FOUNDED_DAY: i32 = -39_081;
const FOUNDED_DAYS: u64 = 46_386;

pub(super) fn spec() -> TableSpec {
    TableSpec {
        name: "teams_features".into(),
        description: "Budget and position of football teams, and who they are".into(),
        primary_key: vec!["team_id".into()],
        event_time: None,
        fields: vec![
            required("team_id", DataType::Int64, "Number of the team"),
            required("team_name", DataType::Utf8, "Name of the team, in the script of its fans"),
            required("country", DataType::Utf8, "Country of the team's league"),
            required("founded", DataType::Date32, "Day on which the team was founded"),
            required("team_budget", DataType::Float64, "Yearly budget in euros"),
            required("team_position", DataType::Int32, "Place in the league, 1 is the best"),
        ],
    }
}

pub(super) fn build(teams: &Teams, seed: u64, schema: SchemaRef, rows: &[u64]) -> Result<RecordBatch, ArrowError> {
    let count = rows.len();
    let mut ids = Int64Builder::with_capacity(count);
    let mut names = StringBuilder::new();
    let mut countries = StringBuilder::new();
    let mut founded = Date32Builder::with_capacity(count);
    let mut budgets = Float64Builder::with_capacity(count);
    let mut positions = Int32Builder::with_capacity(count);
    let mut league = (u64::MAX, Vec::new());
    for &row in rows {
        let (number, member) = (row / LEAGUE_TEAMS, (row % LEAGUE_TEAMS) as usize);
        if league.0 != number {
            league = (number, teams.league_places(number));
        }
        let mut draws = Draws::new(seed, Topic::TeamIdentity, 0, row);
        ids.append_value(row as i64 + 1);
        names.append_value(team_name(&mut draws));
        countries.append_value(Draws::new(seed, Topic::TeamIdentity, 1, number).pick(&COUNTRIES));
        founded.append_value(FIRST_FOUNDED_DAY + draws.below(FOUNDED_DAYS) as i32);
        budgets.append_value(teams.team(row).budget);
        positions.append_value(league.1.get(member).copied().unwrap_or_default());
    }
    RecordBatch::try_new(
        schema,
        vec![
            Arc::new(ids.finish()),
            Arc::new(names.finish()),
            Arc::new(countries.finish()),
            Arc::new(founded.finish()),
            Arc::new(budgets.finish()),
            Arc::new(positions.finish()),
        ],
    )
}
