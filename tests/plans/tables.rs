//! Rows made by the number, for plans.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Date32Array, Int64Array, StringArray},
    record_batch::RecordBatch,
};
use mangonel_proto::v1;

use crate::harness::group;

/// Events of a composite key: a team and a season, a day, and a number that no other row has.
pub(super) fn events(name: &str) -> v1::CreateFeatureGroup {
    let features = "team:string season:long day:date number:long";
    v1::CreateFeatureGroup { event_time: "day".into(), ..group(name, "team season", features) }
}

/// `count` events from number `first` on, in no order, of 500 keys; some days occur twice for a key.
pub(super) fn event_rows(first: i64, count: i64) -> RecordBatch {
    let numbers = || first..first + count;
    let mixed = |number: i64| (number * 7_919 + 13) % 104_729;
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("team", Arc::new(StringArray::from_iter_values(numbers().map(|n| format!("team {}", mixed(n) % 50))))),
        ("season", Arc::new(numbers().map(|n| 2000 + mixed(n) / 50 % 10).collect::<Int64Array>())),
        ("day", Arc::new(Date32Array::from_iter_values(numbers().map(|n| (mixed(n) % 30) as i32)))),
        ("number", Arc::new(numbers().collect::<Int64Array>())),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap()
}
