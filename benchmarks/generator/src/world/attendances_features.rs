//! `attendances_features`: spectators at home games, two measurements per team and season. A wave is half a season.

use std::sync::Arc;

use arrow::array::{Float32Builder, Int64Builder, RecordBatch, TimestampMicrosecondBuilder};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;

use super::arrivals::Arrival;
use super::calendar::Calendar;
use super::options::WorldVersion;
use super::team::{CLUSTERS, Teams};
use crate::draws::{Draws, Topic};
use crate::table_spec::{TableSpec, event_time_type, nullable, required};

/// Games over which a measurement sums.
pub(super) const HOME_GAMES: i64 = 19;

/// Standard deviation of a measurement around the team's own mean, as a share of its cluster's deviation.
pub(super) const MEASUREMENT_NOISE: f64 = 0.25;

pub(super) fn spec() -> TableSpec {
    TableSpec {
        name: "attendances_features".into(),
        description: "Spectators at the home games of football teams, some of them not counted".into(),
        primary_key: vec!["team_id".into()],
        event_time: Some("measured_at".into()),
        fields: vec![
            required("team_id", DataType::Int64, "Number of the team"),
            required("measured_at", event_time_type(), "When the spectators were counted"),
            nullable(
                "average_attendance",
                DataType::Float32,
                "Mean number of spectators of a home game, null if not counted",
            ),
            nullable("sum_attendance", DataType::Float32, "Number of spectators of 19 home games, null if not counted"),
        ],
    }
}

/// How many more spectators come in this version of the world.
pub(super) fn shift(version: WorldVersion) -> f64 {
    match version {
        WorldVersion::One => 0.0,
        WorldVersion::Two => 6_000.0,
    }
}

/// Whole spectators, so that 32-bit floats hold average and sum exactly.
pub(super) fn average_attendance(teams: &Teams, seed: u64, version: WorldVersion, row: &Arrival) -> Option<f32> {
    if row.is_null {
        return None;
    }
    let team = teams.team(row.team);
    let noise = Draws::new(seed, Topic::Attendance, row.wave << 1 | row.revision, row.team).normal();
    let deviation = CLUSTERS[team.cluster].attendance.deviation * MEASUREMENT_NOISE;
    Some((team.attendance + deviation * noise + shift(version)).round() as f32)
}

pub(super) fn build(
    teams: &Teams,
    calendar: Calendar,
    version: WorldVersion,
    schema: SchemaRef,
    rows: &[Arrival],
) -> Result<RecordBatch, ArrowError> {
    let count = rows.len();
    let mut ids = Int64Builder::with_capacity(count);
    let mut times = TimestampMicrosecondBuilder::with_capacity(count).with_data_type(event_time_type());
    let mut averages = Float32Builder::with_capacity(count);
    let mut sums = Float32Builder::with_capacity(count);
    for row in rows {
        let average = average_attendance(teams, calendar.seed, version, row);
        ids.append_value(row.team as i64 + 1);
        times.append_value(calendar.measured_us(row.wave, row.team));
        averages.append_option(average);
        sums.append_option(average.map(|average| average * HOME_GAMES as f32));
    }
    RecordBatch::try_new(
        schema,
        vec![Arc::new(ids.finish()), Arc::new(times.finish()), Arc::new(averages.finish()), Arc::new(sums.finish())],
    )
}
