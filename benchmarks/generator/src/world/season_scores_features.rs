//! `season_scores_features`: how each season went, one event per team and season. A wave is a season.

use std::sync::Arc;

use arrow::array::{Float32Builder, Int32Builder, Int64Builder, RecordBatch, TimestampMicrosecondBuilder};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;

use super::arrivals::Arrival;
use super::calendar::Calendar;
use super::team::{Teams, sixty_fourths};
use crate::draws::{Draws, Topic};
use crate::table_spec::{TableSpec, event_time_type, required};

/// Match days of a season.
pub(super) const ROUNDS: i64 = 38;

pub(super) fn spec() -> TableSpec {
    TableSpec {
        name: "season_scores_features".into(),
        description: "Positions and points of football teams by season".into(),
        primary_key: vec!["team_id".into()],
        event_time: Some("season_end".into()),
        fields: vec![
            required("team_id", DataType::Int64, "Number of the team"),
            required("season_end", event_time_type(), "When the season's last game was over"),
            required("season", DataType::Int32, "Year in which the season started"),
            required(
                "average_position",
                DataType::Float32,
                "Mean place in the league over the match days, 1 is the best",
            ),
            required("sum_position", DataType::Float32, "Sum of the places in the league over the match days"),
            required("points", DataType::Int32, "Points at the end of the season, 0 to 114"),
        ],
    }
}

pub(super) fn build(
    teams: &Teams,
    calendar: Calendar,
    schema: SchemaRef,
    rows: &[Arrival],
) -> Result<RecordBatch, ArrowError> {
    let count = rows.len();
    let mut ids = Int64Builder::with_capacity(count);
    let mut ends = TimestampMicrosecondBuilder::with_capacity(count).with_data_type(event_time_type());
    let mut seasons = Int32Builder::with_capacity(count);
    let mut averages = Float32Builder::with_capacity(count);
    let mut sums = Float32Builder::with_capacity(count);
    let mut points = Int32Builder::with_capacity(count);
    for row in rows {
        let quality = teams.team(row.team).quality();
        let mut draws = Draws::new(calendar.seed, Topic::SeasonScore, row.wave << 1 | row.revision, row.team);
        let average = sixty_fourths((10.5 - 4.0 * quality + 1.5 * draws.normal()).clamp(1.0, 20.0));
        ids.append_value(row.team as i64 + 1);
        ends.append_value(calendar.season_end_us(row.wave, row.team));
        seasons.append_value(calendar.year(row.wave));
        averages.append_value(average as f32);
        sums.append_value((average * ROUNDS as f64) as f32);
        points.append_value((52.0 + 15.0 * quality + 6.0 * draws.normal()).clamp(0.0, 114.0).round() as i32);
    }
    RecordBatch::try_new(
        schema,
        vec![
            Arc::new(ids.finish()),
            Arc::new(ends.finish()),
            Arc::new(seasons.finish()),
            Arc::new(averages.finish()),
            Arc::new(sums.finish()),
            Arc::new(points.finish()),
        ],
    )
}
