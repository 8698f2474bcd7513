//! Framed records back to rows: to verify what was written, and to read a dataset back. Each value is first collected as
//! the feature holds it, then cast to the column's type.

use std::collections::HashMap;
use std::io::Read;
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, FixedSizeListArray, Float32Array, Int64Array, LargeBinaryArray, LargeListArray, NullBufferBuilder,
};
use arrow::buffer::{Buffer, NullBuffer, OffsetBuffer};
use arrow::compute::{CastOptions, cast_with_options, take};
use arrow::datatypes::{DataType, Field, SchemaRef, TimeUnit};
use arrow::error::ArrowError;
use arrow::record_batch::{RecordBatch, RecordBatchOptions};

use crate::example::{ValueSink, find_features, read_feature};
use crate::{ExampleFault, ExampleSchema, Feature, FeatureKind, RecordReader, TfRecordError};

/// A batch ends early once its records have this many bytes, so that long rows do not gather in memory.
const BATCH_BYTES_MAX: u64 = 64 << 20;

/// Reads a file of records as batches of the flattened schema ([`ExampleSchema::flat_schema`]). Memory is about a batch.
///
/// An absent key is a null, and so is a feature without a kind; columns are as they were before encoding, up to what the
/// feature could not hold (digits of lossy columns; structs stay flattened). Unknown keys are skipped.
/// After an error the reader is at its end.
pub struct BatchReader<R> {
    records: RecordReader<R>,
    schema: Arc<ExampleSchema>,
    flat: SchemaRef,
    keys: HashMap<Vec<u8>, usize>,
    rows_max: usize,
    ended: bool,
}

impl<R: Read> BatchReader<R> {
    /// `read`: the start of an uncompressed file, buffered. `rows_max`: rows of a batch, at least 1.
    pub fn new(read: R, schema: Arc<ExampleSchema>, rows_max: usize) -> Self {
        let flat = Arc::new(schema.flat_schema());
        let keys = schema.features().iter().enumerate();
        let keys = keys.map(|(index, feature)| (feature.name.clone().into_bytes(), index)).collect();
        Self { records: RecordReader::new(read), schema, flat, keys, rows_max: rows_max.max(1), ended: false }
    }

    /// The schema of the batches.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.flat)
    }

    fn read_batch(&mut self) -> Result<Option<RecordBatch>, TfRecordError> {
        let schema = Arc::clone(&self.schema);
        let mut builders: Vec<Builder<'_>> = schema.features().iter().map(Builder::new).collect();
        let start = self.records.count();
        let mut rows = 0;
        while rows < self.rows_max && self.records.count().bytes - start.bytes < BATCH_BYTES_MAX {
            let at = self.records.count();
            let Some(record) = self.records.next_record()? else { break };
            let fault = |column, fault| TfRecordError::Example { record: at.records, offset: at.bytes, column, fault };
            let mut found = vec![None; builders.len()];
            find_features(record, &self.keys, &mut found).map_err(|source| fault(None, source))?;
            for (builder, feature) in builders.iter_mut().zip(found) {
                builder.append(feature).map_err(|source| fault(Some(builder.feature.name.clone()), source))?;
            }
            rows += 1;
        }
        if rows == 0 {
            return Ok(None);
        }
        let arrays: Vec<ArrayRef> = builders.into_iter().map(Builder::finish).collect::<Result<_, _>>()?;
        let columns = schema.in_source_order().filter_map(|(index, _)| arrays.get(index).cloned()).collect();
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(self.schema(), columns, &options)
            .map(Some)
            .map_err(|source| TfRecordError::Arrow { column: "*".to_owned(), source })
    }
}

impl<R: Read> Iterator for BatchReader<R> {
    type Item = Result<RecordBatch, TfRecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let batch = self.read_batch().transpose();
        self.ended = !matches!(batch, Some(Ok(_)));
        batch
    }
}

/// Collects one feature over the rows of a batch.
struct Builder<'a> {
    feature: &'a Feature,
    values: Collected,
    /// End of each row's values, for lists.
    ends: Vec<i64>,
    nulls: NullBufferBuilder,
}

#[derive(Default)]
struct Collected {
    ints: Vec<i64>,
    floats: Vec<f32>,
    bytes: Vec<u8>,
    /// End of each string in `bytes`.
    byte_ends: Vec<i64>,
}

impl ValueSink for Collected {
    fn int(&mut self, value: i64) {
        self.ints.push(value);
    }

    fn float(&mut self, value: f32) {
        self.floats.push(value);
    }

    fn bytes(&mut self, value: &[u8]) {
        self.bytes.extend_from_slice(value);
        self.byte_ends.push(self.bytes.len() as i64);
    }
}

impl Collected {
    fn len(&self, kind: FeatureKind) -> usize {
        match kind {
            FeatureKind::Int => self.ints.len(),
            FeatureKind::Float => self.floats.len(),
            FeatureKind::String => self.byte_ends.len(),
        }
    }

    fn push_default(&mut self, kind: FeatureKind) {
        match kind {
            FeatureKind::Int => self.int(0),
            FeatureKind::Float => self.float(0.0),
            FeatureKind::String => self.bytes(&[]),
        }
    }
}

impl<'a> Builder<'a> {
    fn new(feature: &'a Feature) -> Self {
        Self { feature, values: Collected::default(), ends: Vec::new(), nulls: NullBufferBuilder::new(0) }
    }

    fn append(&mut self, feature: Option<&[u8]>) -> Result<(), ExampleFault> {
        let kind = self.feature.kind;
        let count = match feature {
            Some(bytes) => read_feature(bytes, kind, &mut self.values)?,
            None => None,
        };
        match count {
            Some(found) if !self.feature.list && found != 1 => return Err(ExampleFault::NotScalar { found }),
            Some(found) => {
                if let Some(expected) = self.feature.list_length.filter(|&expected| expected != found) {
                    return Err(ExampleFault::ListLength { expected, found });
                }
                self.nulls.append_non_null();
            }
            None => {
                if !self.feature.list {
                    self.values.push_default(kind);
                }
                self.nulls.append_null();
            }
        }
        if self.feature.list {
            self.ends.push(self.values.len(kind) as i64);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<ArrayRef, TfRecordError> {
        let feature = self.feature;
        let nulls = self.nulls.finish();
        let array = if feature.list {
            let elements =
                values_array(self.values, feature.kind, None).and_then(|array| cast_value(&array, &feature.value_type));
            elements.and_then(|elements| list_array(elements, &self.ends, nulls, &feature.data_type))
        } else {
            values_array(self.values, feature.kind, nulls).and_then(|array| cast_value(&array, &feature.value_type))
        };
        array.map_err(|source| TfRecordError::Arrow { column: feature.name.clone(), source })
    }
}

fn values_array(values: Collected, kind: FeatureKind, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
    Ok(match kind {
        FeatureKind::Int => Arc::new(Int64Array::try_new(values.ints.into(), nulls)?),
        FeatureKind::Float => Arc::new(Float32Array::try_new(values.floats.into(), nulls)?),
        FeatureKind::String => {
            Arc::new(LargeBinaryArray::try_new(offsets(&values.byte_ends), Buffer::from_vec(values.bytes), nulls)?)
        }
    })
}

fn offsets(ends: &[i64]) -> OffsetBuffer<i64> {
    OffsetBuffer::new(std::iter::once(0).chain(ends.iter().copied()).collect())
}

/// From int64, float32 or bytes to the column's own type; a value that does not fit is an error.
fn cast_value(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    use DataType::*;
    let steps = match to {
        Date32 => vec![Int32],
        Date64 => vec![Int32, Date32],
        // With the zone from the start: a cast between zoned and not zoned would shift the values.
        Timestamp(_, zone) => vec![Timestamp(TimeUnit::Microsecond, zone.clone())],
        Binary | LargeBinary | BinaryView => vec![],
        Dictionary(_, values) if matches!(values.as_ref(), Binary | LargeBinary | BinaryView) => vec![],
        _ if array.data_type() == &LargeBinary => vec![LargeUtf8],
        _ => vec![],
    };
    steps.iter().chain([to]).try_fold(Arc::clone(array), |array, step| cast(&array, step))
}

fn cast(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    cast_with_options(array, to, &CastOptions { safe: false, ..CastOptions::default() })
}

fn list_array(
    elements: ArrayRef,
    ends: &[i64],
    nulls: Option<NullBuffer>,
    to: &DataType,
) -> Result<ArrayRef, ArrowError> {
    if let DataType::FixedSizeList(item, size) = to {
        return fixed_size_list(&elements, ends, nulls, item, *size);
    }
    let item = match to {
        DataType::List(item) | DataType::LargeList(item) => Arc::clone(item),
        _ => Arc::new(Field::new_list_field(elements.data_type().clone(), true)),
    };
    let list: ArrayRef = Arc::new(LargeListArray::try_new(item, offsets(ends), elements, nulls)?);
    cast(&list, to)
}

/// A null row of a fixed-size list still has places for its elements; they become null, which Arrow allows under a null row.
fn fixed_size_list(
    elements: &ArrayRef,
    ends: &[i64],
    nulls: Option<NullBuffer>,
    item: &Arc<Field>,
    size: i32,
) -> Result<ArrayRef, ArrowError> {
    let mut places = Vec::new();
    let mut start = 0;
    for &end in ends {
        // Rows that are there have exactly `size` elements, as checked when they were read.
        places.extend((0..i64::from(size)).map(|index| (end > start).then_some(start + index)));
        start = end;
    }
    let elements =
        if nulls.is_some() { take(elements, &Int64Array::from(places), None)? } else { Arc::clone(elements) };
    Ok(Arc::new(FixedSizeListArray::try_new_with_length(Arc::clone(item), size, elements, nulls, ends.len())?))
}
