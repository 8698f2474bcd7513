//! Several versions in time of each entity, and labels to join them to: the input of point-in-time benchmarks, with its answer.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, TimestampMicrosecondArray};
use arrow::datatypes::DataType;

use super::{RowOrder, feature_column, feature_field};
use crate::draws::{Draws, Topic, topic_key};
use crate::table_spec::{event_time_type, required};
use crate::{TableBatches, TableSpec};

/// 2024-01-01, when version 0 begins to appear; version v of every entity appears at some second of day v.
const FIRST_DAY_US: i64 = 1_704_067_200_000_000;
const DAY_US: i64 = 86_400_000_000;

/// Of a group: eight doubles, the version number in place of the integer, and the string of few values.
const FEATURES: usize = 10;
const VERSION_FEATURE: usize = 8;

/// Groups `0..groups`; every group has versions `0..versions` of the entities `1..=entities`, each group at other times of the day.
///
/// The feature `g<group>_version` counts versions from 0, so that a point-in-time join can be checked row by row with
/// [`EventGroups::version_at`], at any size.
/// ```
/// use mangonel_generator::EventGroups;
///
/// let events = EventGroups { entities: 10, versions: 3, ..Default::default() };
/// assert_eq!(events.version_at(0, 4, events.event_time_us(0, 4, 2)), Some(2));
/// assert_eq!(events.version_at(0, 4, events.event_time_us(0, 4, 2) - 1), Some(1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventGroups {
    pub entities: u64,
    pub versions: u64,
    pub groups: usize,
    pub seed: u64,
    pub order: RowOrder,
}

impl Default for EventGroups {
    fn default() -> Self {
        Self { entities: 1000, versions: 4, groups: 2, seed: 1, order: RowOrder::Sequential }
    }
}

impl EventGroups {
    /// Rows of one group.
    pub fn rows(&self) -> u64 {
        self.entities.saturating_mul(self.versions)
    }

    /// `events_g<group>` with key `entity_id`, event time `event_time` and features `g<group>_...`.
    pub fn spec(&self, group: usize) -> TableSpec {
        let mut fields = vec![
            required("entity_id", DataType::Int64, "Number of the entity"),
            required("event_time", event_time_type(), "When the version came into being"),
        ];
        fields.extend((0..FEATURES).map(|feature| match feature {
            VERSION_FEATURE => required(&format!("g{group}_version"), DataType::Int64, "Number of the version, from 0"),
            _ => feature_field(&format!("g{group}_f{feature}"), feature),
        }));
        TableSpec {
            name: format!("events_g{group}"),
            description: "Several versions of each entity".into(),
            primary_key: vec!["entity_id".into()],
            event_time: Some("event_time".into()),
            fields,
        }
    }

    pub fn specs(&self) -> Vec<TableSpec> {
        (0..self.groups).map(|group| self.spec(group)).collect()
    }

    pub fn batches(&self, group: usize, batch_rows: usize) -> TableBatches {
        self.slice_batches(group, 0..self.rows(), batch_rows)
    }

    /// Only the rows at these places of the group's order, so that several threads or machines make one group together.
    pub fn slice_batches(&self, group: usize, places: Range<u64>, batch_rows: usize) -> TableBatches {
        let events = *self;
        let row_at = self.order.rows(self.rows(), topic_key(self.seed, Topic::EventOrder, group as u64));
        let rows = (places.start..places.end.min(self.rows())).map(row_at);
        TableBatches::new(self.spec(group).schema(), batch_rows, rows, move |schema, rows: &[u64]| {
            // A row number is version * entities + entity index; there is no row if there is no entity.
            let ids = rows.iter().map(|row| (row % events.entities) as i64 + 1);
            let times = rows
                .iter()
                .map(|row| events.event_time_us(group, (row % events.entities) as i64 + 1, row / events.entities));
            let keys: [ArrayRef; 2] = [
                Arc::new(Int64Array::from_iter_values(ids)),
                Arc::new(TimestampMicrosecondArray::from_iter_values(times).with_data_type(event_time_type())),
            ];
            let features = (0..FEATURES).map(|feature| match feature {
                VERSION_FEATURE => {
                    let versions = rows.iter().map(|row| (row / events.entities) as i64);
                    Arc::new(Int64Array::from_iter_values(versions)) as ArrayRef
                }
                _ => feature_column(events.seed, Topic::EventRow, group, feature, rows),
            });
            RecordBatch::try_new(schema, keys.into_iter().chain(features).collect())
        })
    }

    /// Microseconds since 1970: a whole second of the version's day.
    pub fn event_time_us(&self, group: usize, entity_id: i64, version: u64) -> i64 {
        let key = topic_key(self.seed, Topic::EventTime, (group as u64) << 32 | version);
        let second = Draws::of_key(key, entity_id as u64).below(86_400) as i64;
        FIRST_DAY_US + version as i64 * DAY_US + second * 1_000_000
    }

    /// The newest version of an entity whose event time is not after `time_us`; `None` if there is none yet, or no such entity.
    pub fn version_at(&self, group: usize, entity_id: i64, time_us: i64) -> Option<u64> {
        let known = entity_id >= 1 && entity_id as u64 <= self.entities;
        let newest = self.versions.checked_sub(1).filter(|_| known)?;
        let day = u64::try_from((time_us - FIRST_DAY_US).div_euclid(DAY_US)).ok()?.min(newest);
        if self.event_time_us(group, entity_id, day) <= time_us { Some(day) } else { day.checked_sub(1) }
    }

    /// `event_labels` with key `entity_id`, event time `label_time` and one feature, `label`.
    pub fn labels_spec(&self) -> TableSpec {
        TableSpec {
            name: "event_labels".into(),
            description: "What is to be predicted, and when it was seen".into(),
            primary_key: vec!["entity_id".into()],
            event_time: Some("label_time".into()),
            fields: vec![
                required("entity_id", DataType::Int64, "Number of the entity"),
                required("label_time", event_time_type(), "When the label was seen"),
                required("label", DataType::Float64, "Number, uniform in [0, 1)"),
            ],
        }
    }

    /// `labels` rows: entities at random, times at random between the first day and the end of the last one, so that some labels come
    /// before their entity's first version.
    pub fn label_batches(&self, labels: u64, batch_rows: usize) -> TableBatches {
        let events = *self;
        let labels = if self.rows() == 0 { 0 } else { labels };
        TableBatches::new(self.labels_spec().schema(), batch_rows, 0..labels, move |schema, rows: &[u64]| {
            let drawn: Vec<(i64, i64, f64)> = rows
                .iter()
                .map(|&row| {
                    let mut draws = Draws::new(events.seed, Topic::Label, 0, row);
                    let entity = draws.below(events.entities) as i64 + 1;
                    let time = FIRST_DAY_US + draws.below(events.versions.saturating_mul(DAY_US as u64)) as i64;
                    (entity, time, draws.uniform())
                })
                .collect();
            let times = TimestampMicrosecondArray::from_iter_values(drawn.iter().map(|label| label.1));
            RecordBatch::try_new(
                schema,
                vec![
                    Arc::new(Int64Array::from_iter_values(drawn.iter().map(|label| label.0))),
                    Arc::new(times.with_data_type(event_time_type())),
                    Arc::new(Float64Array::from_iter_values(drawn.iter().map(|label| label.2))),
                ],
            )
        })
    }
}
