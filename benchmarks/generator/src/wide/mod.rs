//! Groups of meaningless features for benchmarks: `WideGroups` with one row per entity, `EventGroups` with several versions in time.
//! Here is what they share: the order of rows, and columns whose values depend on (seed, group, feature, row number) only.

mod event_groups;
mod wide_groups;

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, StringArray};
use arrow::datatypes::{DataType, Field};

use crate::draws::{Draws, Topic, topic_key};
use crate::shuffle::Shuffle;
use crate::table_spec::required;

pub use event_groups::EventGroups;
pub use wide_groups::WideGroups;

/// In which order rows come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RowOrder {
    /// By entity, or by version and then entity.
    #[default]
    Sequential,
    /// At random, and differently in each group, so that a join has work to do.
    Shuffled,
}

impl RowOrder {
    /// The row that comes at each place of `0..rows`.
    fn rows(self, rows: u64, key: u64) -> impl Fn(u64) -> u64 + Send + 'static {
        let shuffle = (self == Self::Shuffled).then(|| Shuffle::new(rows, key));
        move |place| shuffle.map_or(place, |shuffle| shuffle.image(place))
    }
}

const KINDS: [&str; 16] = [
    "amber", "beige", "blue", "brown", "crimson", "cyan", "green", "grey", "indigo", "lime", "magenta", "ochre",
    "pink", "red", "violet", "white",
];

/// Bound of the integer features.
const INTEGER_BOUND: u64 = 1000;

/// Of ten features eight are doubles, uniform in [0, 1); one is an integer in 0..1000, one a string of sixteen values.
fn feature_field(name: &str, feature: usize) -> (Field, String) {
    match feature % 10 {
        8 => required(name, DataType::Int64, "Whole number, uniform in 0..1000"),
        9 => required(name, DataType::Utf8, "One of sixteen colours"),
        _ => required(name, DataType::Float64, "Number, uniform in [0, 1)"),
    }
}

fn feature_column(seed: u64, topic: Topic, group: usize, feature: usize, rows: &[u64]) -> ArrayRef {
    let key = topic_key(seed, topic, (group as u64) << 32 | feature as u64);
    let draws = rows.iter().map(|&row| Draws::of_key(key, row));
    match feature % 10 {
        8 => Arc::new(Int64Array::from_iter_values(draws.map(|mut draws| draws.below(INTEGER_BOUND) as i64))),
        9 => Arc::new(StringArray::from_iter_values(draws.map(|mut draws| draws.pick(&KINDS)))),
        _ => Arc::new(Float64Array::from_iter_values(draws.map(|mut draws| draws.uniform()))),
    }
}
