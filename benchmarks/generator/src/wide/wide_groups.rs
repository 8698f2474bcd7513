//! Many features of one key, one row per entity, spread over groups that all have the same entities.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, RecordBatch};
use arrow::datatypes::DataType;

use super::{RowOrder, feature_column, feature_field};
use crate::draws::{Topic, topic_key};
use crate::table_spec::required;
use crate::{TableBatches, TableSpec};

/// Groups `0..groups` of `rows` rows each; every group has the entities `1..=rows`, once.
///
/// A value depends on seed, group, feature and entity alone: more rows, groups or features, or another order, leave it as it is.
/// ```
/// use mangonel_generator::WideGroups;
///
/// let wide = WideGroups { rows: 1_000_000, groups: 4, features_per_group: 100, ..Default::default() };
/// assert_eq!(wide.spec(3).fields[1].0.name(), "g3_f0");
/// let batch = wide.batches(3, 8192).next().transpose()?;
/// assert_eq!(batch.map(|batch| (batch.num_rows(), batch.num_columns())), Some((8192, 101)));
/// # Ok::<(), arrow::error::ArrowError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WideGroups {
    pub rows: u64,
    pub groups: usize,
    /// Of ten features eight are doubles, then come an integer and a string of few values.
    pub features_per_group: usize,
    pub seed: u64,
    pub order: RowOrder,
}

impl Default for WideGroups {
    fn default() -> Self {
        Self { rows: 1000, groups: 2, features_per_group: 10, seed: 1, order: RowOrder::Sequential }
    }
}

impl WideGroups {
    /// `wide_g<group>` with key `entity_id` and features `g<group>_f<feature>`, so that no feature name is in two groups.
    pub fn spec(&self, group: usize) -> TableSpec {
        let key = required("entity_id", DataType::Int64, "Number of the entity");
        let features =
            (0..self.features_per_group).map(|feature| feature_field(&format!("g{group}_f{feature}"), feature));
        TableSpec {
            name: format!("wide_g{group}"),
            description: "Many features of one key".into(),
            primary_key: vec!["entity_id".into()],
            event_time: None,
            fields: std::iter::once(key).chain(features).collect(),
        }
    }

    pub fn specs(&self) -> Vec<TableSpec> {
        (0..self.groups).map(|group| self.spec(group)).collect()
    }

    pub fn batches(&self, group: usize, batch_rows: usize) -> TableBatches {
        self.slice_batches(group, 0..self.rows, batch_rows)
    }

    /// Only the rows at these places of the group's order, so that several threads or machines make one group together.
    pub fn slice_batches(&self, group: usize, places: Range<u64>, batch_rows: usize) -> TableBatches {
        let Self { seed, features_per_group, .. } = *self;
        let row_at = self.order.rows(self.rows, topic_key(seed, Topic::WideOrder, group as u64));
        let rows = (places.start..places.end.min(self.rows)).map(row_at);
        TableBatches::new(self.spec(group).schema(), batch_rows, rows, move |schema, rows: &[u64]| {
            let key: ArrayRef = Arc::new(Int64Array::from_iter_values(rows.iter().map(|&row| row as i64 + 1)));
            let features =
                (0..features_per_group).map(|feature| feature_column(seed, Topic::WideRow, group, feature, rows));
            RecordBatch::try_new(schema, std::iter::once(key).chain(features).collect())
        })
    }
}
