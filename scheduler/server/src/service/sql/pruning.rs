//! Which files of a table can hold rows that pass the filters of a query, by their partition and their statistics.

use std::{collections::HashSet, sync::Arc};

use arrow::{
    array::{ArrayRef, BooleanArray, UInt64Array},
    datatypes::DataType,
};
use datafusion::{
    catalog::Session,
    common::{Column, DFSchema, Result, ScalarValue, pruning::PruningStatistics},
    logical_expr::{Expr, utils::conjunction},
    physical_optimizer::pruning::PruningPredicateBuilder,
};
use mangonel_storage::table::{ColumnStats, StatValue};

use crate::pins::PinnedTable;

/// The files that a query reads.
pub(super) struct Kept {
    /// Places in `table.files`.
    pub files: Vec<usize>,
    /// How many of the others their partition rules out alone.
    pub out_by_partition: usize,
}

/// The files of `table` that may hold rows which pass all of `filters`.
///
/// # Errors
/// When a filter does not fit the table.
pub(super) fn files_that_may_match(state: &dyn Session, table: &PinnedTable, filters: &[Expr]) -> Result<Kept> {
    let all = || Kept { files: (0..table.files.len()).collect(), out_by_partition: 0 };
    let Some(filter) = conjunction(filters.iter().cloned()) else { return Ok(all()) };
    let filter = state.create_physical_expr(filter, &DFSchema::try_from(Arc::clone(&table.schema))?)?;
    // What cannot be said of whole files is left to the scan.
    let Some(predicate) = PruningPredicateBuilder::new().with_file_schema(Arc::clone(&table.schema)).build(filter)
    else {
        return Ok(all());
    };
    let may_match = |facts| predicate.prune(&FileFacts { table, facts });
    let kept = may_match(Facts::All)?;
    let out_by_partition = match table.partition_by.is_empty() {
        true => 0,
        false => may_match(Facts::Partitions)?.iter().filter(|kept| !**kept).count(),
    };
    Ok(Kept { files: (0..table.files.len()).filter(|file| kept[*file]).collect(), out_by_partition })
}

/// What is known of the files of a table.
struct FileFacts<'a> {
    table: &'a PinnedTable,
    facts: Facts,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Facts {
    Partitions,
    /// Those, and the statistics of the log.
    All,
}

impl FileFacts<'_> {
    /// One value per file: that of its partition, else what `of` its statistics says; null where nothing is known.
    fn values(&self, column: &Column, of: impl Fn(&ColumnStats) -> Option<StatValue>) -> Option<ArrayRef> {
        let data_type = self.table.schema.field_with_name(&column.name).ok()?.data_type();
        let partition = self.partition(column);
        let value = |(file, statistics): (usize, &crate::pins::FileStatistics)| match partition {
            Some(index) => Some(self.table.files[file].partition[index].clone()),
            None if self.facts == Facts::Partitions => None,
            None => of(statistics.columns.get(&column.name)?).and_then(|value| scalar(value, data_type)),
        };
        let null = ScalarValue::try_from(data_type).ok()?;
        let values = self.table.statistics.iter().enumerate().map(|file| value(file).unwrap_or_else(|| null.clone()));
        ScalarValue::iter_to_array(values).ok()
    }

    fn partition(&self, column: &Column) -> Option<usize> {
        self.table.partition_by.iter().position(|name| *name == column.name)
    }
}

impl PruningStatistics for FileFacts<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.values(column, |statistics| match &statistics.min {
            // Of the two zeros the lower one, whichever was kept.
            Some(StatValue::Float(0.0)) => Some(StatValue::Float(-0.0)),
            other => other.clone(),
        })
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.values(column, |statistics| match &statistics.max {
            Some(StatValue::Float(0.0)) => Some(StatValue::Float(0.0)),
            other => other.clone(),
        })
    }

    fn num_containers(&self) -> usize {
        self.table.files.len()
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        let partition = self.partition(column);
        let nulls = self.table.statistics.iter().enumerate().map(|(file, statistics)| match partition {
            Some(index) if self.table.files[file].partition[index].is_null() => statistics.rows,
            Some(_) => Some(0),
            None if self.facts == Facts::Partitions => None,
            None => statistics.columns.get(&column.name)?.null_count,
        });
        Some(Arc::new(UInt64Array::from_iter(nulls)))
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        Some(Arc::new(UInt64Array::from_iter(self.table.statistics.iter().map(|statistics| statistics.rows))))
    }

    fn contained(&self, _column: &Column, _values: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}

fn scalar(value: StatValue, data_type: &DataType) -> Option<ScalarValue> {
    let scalar = match value {
        StatValue::Int(value) => ScalarValue::Int64(Some(value)),
        StatValue::Bool(value) => ScalarValue::Boolean(Some(value)),
        StatValue::Date(days) => ScalarValue::Date32(Some(days)),
        StatValue::TimestampUs(us) => ScalarValue::TimestampMicrosecond(Some(us), None),
        StatValue::Float(value) => ScalarValue::Float64(Some(value)),
        StatValue::Text(text) => ScalarValue::Utf8(Some(text)),
    };
    match (scalar, data_type) {
        // A cast would take the time for a local one.
        (ScalarValue::TimestampMicrosecond(us, _), DataType::Timestamp(_, zone)) => {
            Some(ScalarValue::TimestampMicrosecond(us, zone.clone()))
        }
        (scalar, data_type) => scalar.cast_to(data_type).ok(),
    }
}
