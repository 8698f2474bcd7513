//! `players_features`: the squads, one row per team.

use std::sync::Arc;

use arrow::array::{Float32Builder, Float64Builder, Int32Builder, Int64Builder, RecordBatch};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;

use super::team::{Teams, sixty_fourths};
use crate::draws::{Draws, Topic};
use crate::table_spec::{TableSpec, required};

pub(super) fn spec() -> TableSpec {
    TableSpec {
        name: "players_features".into(),
        description: "Age, rating and worth of the players, aggregated by team".into(),
        primary_key: vec!["team_id".into()],
        event_time: None,
        fields: vec![
            required("team_id", DataType::Int64, "Number of the team"),
            required("squad_size", DataType::Int32, "Number of players under contract"),
            required("average_player_age", DataType::Float32, "Mean age of the players in years"),
            required("sum_player_age", DataType::Float32, "Sum of the ages of the players in years"),
            required("average_player_rating", DataType::Float32, "Mean rating of the players, 0 to 100"),
            required("sum_player_rating", DataType::Float32, "Sum of the ratings of the players"),
            required("average_player_worth", DataType::Float64, "Mean market value of the players in euros"),
            required("sum_player_worth", DataType::Float64, "Sum of the market values of the players in euros"),
        ],
    }
}

pub(super) fn build(teams: &Teams, seed: u64, schema: SchemaRef, rows: &[u64]) -> Result<RecordBatch, ArrowError> {
    let count = rows.len();
    let mut ids = Int64Builder::with_capacity(count);
    let mut sizes = Int32Builder::with_capacity(count);
    let mut ages = [0, 1].map(|_| Float32Builder::with_capacity(count));
    let mut ratings = [0, 1].map(|_| Float32Builder::with_capacity(count));
    let mut worths = [0, 1].map(|_| Float64Builder::with_capacity(count));
    for &row in rows {
        let team = teams.team(row);
        let mut draws = Draws::new(seed, Topic::Squad, 0, row);
        let size = 20 + draws.below(11) as i32;
        let age = sixty_fourths(26.0 + 1.5 * draws.normal());
        let worth = (team.budget / 25.0 * (0.8 + 0.4 * draws.uniform())).round();
        ids.append_value(row as i64 + 1);
        sizes.append_value(size);
        // The averages are short binary fractions, so the sums are exact also as 32-bit floats.
        let size = f64::from(size);
        ages[0].append_value(age as f32);
        ages[1].append_value((age * size) as f32);
        ratings[0].append_value(team.rating as f32);
        ratings[1].append_value((team.rating * size) as f32);
        worths[0].append_value(worth);
        worths[1].append_value(worth * size);
    }
    RecordBatch::try_new(
        schema,
        vec![
            Arc::new(ids.finish()),
            Arc::new(sizes.finish()),
            Arc::new(ages[0].finish()),
            Arc::new(ages[1].finish()),
            Arc::new(ratings[0].finish()),
            Arc::new(ratings[1].finish()),
            Arc::new(worths[0].finish()),
            Arc::new(worths[1].finish()),
        ],
    )
}
