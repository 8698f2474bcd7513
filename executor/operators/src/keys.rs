//! Entity keys of a batch in a form that compares fast: one integer column as `i64`, everything else as row bytes.
//! Ascending, nulls first, which is the order of feature group files.

use std::{cmp::Ordering, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray},
    buffer::{NullBuffer, ScalarBuffer},
    compute::cast,
    datatypes::{DataType, Int64Type, Schema},
    record_batch::RecordBatch,
    row::{OwnedRow, RowConverter, Rows, SortField},
};
use datafusion::common::{Result, plan_err};

/// Reads the key columns of batches of one schema.
#[derive(Debug)]
pub(crate) struct KeyReader {
    indices: Vec<usize>,
    types: Vec<DataType>,
    converter: Option<RowConverter>,
}

/// The keys of one batch. Keys of batches with equal key types compare across readers.
#[derive(Debug)]
pub(crate) enum Keys {
    Integer(ScalarBuffer<i64>, Option<NullBuffer>),
    Rows(Rows, Option<NullBuffer>),
}

/// One key, detached from its batch.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Integer(Option<i64>),
    Row(OwnedRow),
}

/// Integers of any width compare as `i64`, so that an `integer` joins a `long`.
fn compared_as(data_type: &DataType) -> DataType {
    if data_type.is_integer() { DataType::Int64 } else { data_type.clone() }
}

impl KeyReader {
    pub(crate) fn try_new(schema: &Schema, columns: &[String]) -> Result<Self> {
        if columns.is_empty() {
            return plan_err!("a keyed operator needs at least one key column");
        }
        let indices = columns.iter().map(|name| Ok(schema.index_of(name)?)).collect::<Result<Vec<_>>>()?;
        let types: Vec<DataType> = indices.iter().map(|index| compared_as(schema.field(*index).data_type())).collect();
        let converter = match types.as_slice() {
            [DataType::Int64] => None,
            types => Some(RowConverter::new(types.iter().cloned().map(SortField::new).collect())?),
        };
        Ok(Self { indices, types, converter })
    }

    /// Types that keys are compared as; inputs of one join must agree.
    pub(crate) fn types(&self) -> &[DataType] {
        &self.types
    }

    pub(crate) fn columns(&self, batch: &RecordBatch) -> Vec<ArrayRef> {
        self.indices.iter().map(|index| Arc::clone(batch.column(*index))).collect()
    }

    pub(crate) fn read(&self, batch: &RecordBatch) -> Result<Keys> {
        let columns = self.columns(batch).into_iter().zip(&self.types);
        let columns: Vec<ArrayRef> =
            columns.map(|(column, wanted)| Ok(cast(&column, wanted)?)).collect::<Result<_>>()?;
        let nulls = columns.iter().fold(None, |nulls, column| NullBuffer::union(nulls.as_ref(), column.nulls()));
        Ok(match &self.converter {
            None => Keys::Integer(columns[0].as_primitive::<Int64Type>().values().clone(), nulls),
            Some(converter) => Keys::Rows(converter.convert_columns(&columns)?, nulls),
        })
    }
}

impl Keys {
    pub(crate) fn is_null(&self, row: usize) -> bool {
        let (Self::Integer(_, nulls) | Self::Rows(_, nulls)) = self;
        nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }

    #[inline]
    pub(crate) fn compare(&self, row: usize, other: &Self, other_row: usize) -> Ordering {
        match (self, other) {
            (Self::Integer(left, None), Self::Integer(right, None)) => left[row].cmp(&right[other_row]),
            (Self::Integer(left, _), Self::Integer(right, _)) => {
                // `None < Some`: nulls first.
                let left = (!self.is_null(row)).then(|| left[row]);
                left.cmp(&(!other.is_null(other_row)).then(|| right[other_row]))
            }
            (Self::Rows(left, _), Self::Rows(right, _)) => left.row(row).cmp(&right.row(other_row)),
            // Ruled out when the operator starts; kept total so that a wrong plan cannot panic.
            (Self::Integer(..), Self::Rows(..)) => Ordering::Less,
            (Self::Rows(..), Self::Integer(..)) => Ordering::Greater,
        }
    }

    pub(crate) fn same(&self, left: usize, right: usize) -> bool {
        self.compare(left, self, right) == Ordering::Equal
    }

    pub(crate) fn get(&self, row: usize) -> Key {
        match self {
            Self::Integer(values, _) => Key::Integer((!self.is_null(row)).then(|| values[row])),
            Self::Rows(rows, _) => Key::Row(rows.row(row).owned()),
        }
    }

    /// First row from `from` on whose key is not below row `other_row` of `other`; `rows` if there is none. Gallops, so
    /// that a sparse partner is skipped in logarithmic time.
    pub(crate) fn seek(&self, from: usize, rows: usize, other: &Self, other_row: usize) -> usize {
        let below = |row: usize| self.compare(row, other, other_row) == Ordering::Less;
        if from >= rows || !below(from) {
            return from;
        }
        let (mut low, mut step) = (from, 1);
        while low + step < rows && below(low + step) {
            low += step;
            step *= 2;
        }
        let mut high = (low + step).min(rows);
        while low + 1 < high {
            let middle = low + (high - low) / 2;
            if below(middle) { low = middle } else { high = middle }
        }
        high
    }

    /// End of the run of rows that have the key of `row`.
    pub(crate) fn run_end(&self, row: usize, rows: usize) -> usize {
        let mut end = row + 1;
        while end < rows && self.same(row, end) {
            end += 1;
        }
        end
    }
}
