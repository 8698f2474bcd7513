//! The columns of a batch as the three kinds of values that features have, converted once per batch by Arrow kernels
//! (without a copy for int64, float32, microseconds, strings and binaries), with the null policy applied.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BinaryViewArray, BooleanArray, BooleanBufferBuilder, FixedSizeListArray,
    GenericListArray, LargeBinaryArray, OffsetSizeTrait, PrimitiveArray, StructArray,
};
use arrow::buffer::{NullBuffer, ScalarBuffer};
use arrow::compute::{CastOptions, cast_with_options, nullif};
use arrow::datatypes::{
    ArrowPrimitiveType, DataType, Date32Type, Date64Type, Float32Type, Float64Type, Int64Type, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt64Type,
};
use arrow::record_batch::RecordBatch;

use crate::{Feature, FeatureKind, NullPolicy, TfRecordError};

/// One feature's values for all rows of a batch.
pub(crate) struct Column {
    pub(crate) values: Values,
    /// For a list: where each row's elements are in `values`.
    pub(crate) spans: Option<Vec<Span>>,
    /// Rows whose key is left out; `None` if no row's is.
    pub(crate) omitted: Option<NullBuffer>,
    /// Nulls in the batch, omitted or replaced.
    pub(crate) nulls: usize,
    /// Nulls inside the lists of the batch.
    pub(crate) null_elements: usize,
}

#[derive(Clone, Copy)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) len: usize,
}

pub(crate) enum Values {
    Int(ScalarBuffer<i64>),
    Float(ScalarBuffer<f32>),
    Bytes(BytesValues),
}

pub(crate) enum BytesValues {
    Small(BinaryArray),
    Large(LargeBinaryArray),
    View(BinaryViewArray),
}

impl BytesValues {
    #[inline]
    pub(crate) fn get(&self, index: usize) -> &[u8] {
        match self {
            Self::Small(array) => array.value(index),
            Self::Large(array) => array.value(index),
            Self::View(array) => array.value(index),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Small(array) => array.len(),
            Self::Large(array) => array.len(),
            Self::View(array) => array.len(),
        }
    }
}

impl Column {
    /// Finds and converts the column of `feature`. Nulls are counted, not judged, so that the caller can name all columns.
    pub(crate) fn read(batch: &RecordBatch, feature: &Feature, policy: NullPolicy) -> Result<Self, TfRecordError> {
        let array = find(batch, feature)?;
        let mismatch = || mismatch(feature, Some(array.data_type().clone()));
        if !array.data_type().equals_datatype(&feature.data_type) {
            return Err(mismatch());
        }
        match array.data_type() {
            DataType::List(_) => Self::read_list(array.as_list_opt::<i32>().ok_or_else(mismatch)?, feature, policy),
            DataType::LargeList(_) => {
                Self::read_list(array.as_list_opt::<i64>().ok_or_else(mismatch)?, feature, policy)
            }
            DataType::FixedSizeList(..) => {
                Self::read_fixed_size_list(array.as_fixed_size_list_opt().ok_or_else(mismatch)?, feature, policy)
            }
            _ => {
                let nulls = array.logical_nulls().filter(|nulls| nulls.null_count() > 0);
                let values = convert(&array, feature, policy)?;
                let count = nulls.as_ref().map_or(0, NullBuffer::null_count);
                let omitted = nulls.filter(|_| feature.omits_nulls);
                Ok(Self { values, spans: None, omitted, nulls: count, null_elements: 0 })
            }
        }
    }

    fn read_list<O: OffsetSizeTrait>(
        list: &GenericListArray<O>,
        feature: &Feature,
        policy: NullPolicy,
    ) -> Result<Self, TfRecordError> {
        let offsets = list.value_offsets();
        let first = offsets.first().map_or(0, |offset| offset.as_usize());
        let last = offsets.last().map_or(0, |offset| offset.as_usize());
        let spans = offsets
            .windows(2)
            .map(|pair| Span { start: pair[0].as_usize() - first, len: pair[1].as_usize() - pair[0].as_usize() });
        Self::from_spans(list.values().slice(first, last - first), spans.collect(), list.nulls(), feature, policy)
    }

    fn read_fixed_size_list(
        list: &FixedSizeListArray,
        feature: &Feature,
        policy: NullPolicy,
    ) -> Result<Self, TfRecordError> {
        let len = usize::try_from(list.value_length()).unwrap_or(0);
        let spans = (0..list.len()).map(|row| Span { start: row * len, len }).collect();
        Self::from_spans(list.values().clone(), spans, list.nulls(), feature, policy)
    }

    fn from_spans(
        elements: ArrayRef,
        mut spans: Vec<Span>,
        nulls: Option<&NullBuffer>,
        feature: &Feature,
        policy: NullPolicy,
    ) -> Result<Self, TfRecordError> {
        let nulls = nulls.filter(|nulls| nulls.null_count() > 0);
        let elements = match nulls {
            // What stands in a null row's place is arbitrary and must not be judged.
            Some(nulls) => hide_elements_of_null_rows(&elements, &spans, nulls, feature)?,
            None => elements,
        };
        let valid = |row: usize| nulls.is_none_or(|nulls| nulls.is_valid(row));
        let rows = || spans.iter().enumerate().filter(|(row, _)| valid(*row));
        if let Some(expected) = feature.list_length
            && let Some((row, span)) = rows().find(|(_, span)| span.len != expected)
        {
            return Err(TfRecordError::ListLength { column: feature.name.clone(), row, expected, found: span.len });
        }
        let null_elements = match elements.logical_nulls().filter(|nulls| nulls.null_count() > 0) {
            Some(hidden) => rows().map(|(_, span)| hidden.slice(span.start, span.len).null_count()).sum(),
            None => 0,
        };
        let mut values = convert(&elements, feature, policy)?;
        if let Some(nulls) = nulls
            && policy == NullPolicy::Default
        {
            let default = Span { start: values.len(), len: feature.list_length.unwrap_or(0) };
            values.push_defaults(default.len);
            let null_rows = spans.iter_mut().enumerate().filter(|(row, _)| nulls.is_null(*row));
            null_rows.for_each(|(_, span)| *span = default);
        }
        Ok(Self {
            values,
            spans: Some(spans),
            omitted: nulls.filter(|_| feature.omits_nulls).cloned(),
            nulls: nulls.map_or(0, NullBuffer::null_count),
            null_elements,
        })
    }
}

impl Values {
    fn len(&self) -> usize {
        match self {
            Self::Int(values) => values.len(),
            Self::Float(values) => values.len(),
            Self::Bytes(values) => values.len(),
        }
    }

    fn push_defaults(&mut self, count: usize) {
        match self {
            Self::Int(values) => *values = values.iter().copied().chain(std::iter::repeat_n(0, count)).collect(),
            Self::Float(values) => *values = values.iter().copied().chain(std::iter::repeat_n(0.0, count)).collect(),
            Self::Bytes(values) => {
                let defaults = std::iter::repeat_n([].as_slice(), count);
                let all = (0..values.len()).map(|index| values.get(index)).chain(defaults);
                *values = BytesValues::Large(LargeBinaryArray::from_iter_values(all));
            }
        }
    }
}

/// Follows the path of `feature` into the batch; a null struct makes its fields null.
fn find(batch: &RecordBatch, feature: &Feature) -> Result<ArrayRef, TfRecordError> {
    let mut found: Option<(ArrayRef, Option<NullBuffer>)> = None;
    let mut name = String::new();
    for &index in &feature.path {
        let (child, field_name, nulls) = match &found {
            None => (
                batch.columns().get(index),
                batch.schema_ref().fields().get(index).map(|field| field.name().clone()),
                None,
            ),
            Some((parent, nulls)) => {
                let parent: &StructArray =
                    parent.as_struct_opt().ok_or_else(|| mismatch(feature, Some(parent.data_type().clone())))?;
                let nulls = NullBuffer::union(nulls.as_ref(), parent.nulls());
                (parent.columns().get(index), parent.fields().get(index).map(|field| field.name().clone()), nulls)
            }
        };
        let (Some(child), Some(field_name)) = (child, field_name) else { return Err(mismatch(feature, None)) };
        name = if name.is_empty() { field_name } else { format!("{name}.{field_name}") };
        found = Some((child.clone(), nulls));
    }
    match found {
        Some((_, _)) if name != feature.name => Err(mismatch(feature, None)),
        Some((array, Some(nulls))) if nulls.null_count() > 0 => {
            nullif(&array, &BooleanArray::new(!nulls.inner(), None)).map_err(|source| failed(feature, source))
        }
        Some((array, _)) => Ok(array),
        None => Err(mismatch(feature, None)),
    }
}

fn hide_elements_of_null_rows(
    elements: &ArrayRef,
    spans: &[Span],
    nulls: &NullBuffer,
    feature: &Feature,
) -> Result<ArrayRef, TfRecordError> {
    let mut hidden = BooleanBufferBuilder::new(elements.len());
    hidden.append_n(elements.len(), false);
    let null_rows = spans.iter().enumerate().filter(|(row, _)| nulls.is_null(*row));
    for index in null_rows.flat_map(|(_, span)| span.start..span.start + span.len) {
        hidden.set_bit(index, true);
    }
    nullif(elements, &BooleanArray::new(hidden.finish(), None)).map_err(|source| failed(feature, source))
}

/// Scalars, or the elements of lists, as the feature's kind. Nulls hold arbitrary values, or the default under that policy.
fn convert(array: &ArrayRef, feature: &Feature, policy: NullPolicy) -> Result<Values, TfRecordError> {
    let filled = policy == NullPolicy::Default;
    Ok(match feature.kind {
        FeatureKind::Int => Values::Int(plain(&ints(array, feature)?, filled)),
        FeatureKind::Float => Values::Float(plain(&floats(array, feature)?, filled)),
        FeatureKind::String => Values::Bytes(bytes(array, feature, filled)?),
    })
}

fn plain<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, filled: bool) -> ScalarBuffer<T::Native> {
    if filled && array.null_count() > 0 {
        array.iter().map(Option::unwrap_or_default).collect()
    } else {
        array.values().clone()
    }
}

fn ints(array: &ArrayRef, feature: &Feature) -> Result<PrimitiveArray<Int64Type>, TfRecordError> {
    const MILLIS_PER_DAY: i64 = 86_400_000;
    let refused = |value: &dyn ToString, problem| TfRecordError::Value {
        column: feature.name.clone(),
        value: value.to_string(),
        problem,
    };
    match array.data_type() {
        DataType::UInt64 => typed::<UInt64Type>(array, feature)?
            .try_unary(|value| i64::try_from(value).map_err(|_| refused(&value, "is above the largest int64"))),
        DataType::Date32 => Ok(typed::<Date32Type>(array, feature)?.unary(i64::from)),
        DataType::Date64 => Ok(typed::<Date64Type>(array, feature)?.unary(|millis| millis.div_euclid(MILLIS_PER_DAY))),
        DataType::Timestamp(TimeUnit::Second, _) => typed::<TimestampSecondType>(array, feature)?.try_unary(|value| {
            value.checked_mul(1_000_000).ok_or_else(|| refused(&value, "seconds do not fit int64 microseconds"))
        }),
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            typed::<TimestampMillisecondType>(array, feature)?.try_unary(|value| {
                value.checked_mul(1_000).ok_or_else(|| refused(&value, "milliseconds do not fit int64 microseconds"))
            })
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let array = typed::<TimestampMicrosecondType>(array, feature)?;
            Ok(PrimitiveArray::new(array.values().clone(), array.nulls().cloned()))
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            typed::<TimestampNanosecondType>(array, feature)?.try_unary(|value| match value % 1_000 {
                0 => Ok(value / 1_000),
                _ => Err(refused(&value, "nanoseconds are not whole microseconds")),
            })
        }
        _ => Ok(typed::<Int64Type>(&cast(array, &DataType::Int64, feature)?, feature)?.clone()),
    }
}

fn floats(array: &ArrayRef, feature: &Feature) -> Result<PrimitiveArray<Float32Type>, TfRecordError> {
    match array.data_type() {
        // Rounded to nearest, beyond the range to infinity, as the readers' own narrowing does.
        DataType::Float64 => Ok(typed::<Float64Type>(array, feature)?.unary(|value| value as f32)),
        DataType::Float32 => Ok(typed::<Float32Type>(array, feature)?.clone()),
        // Through the text, which is rounded once; a division of float64 values would round three times.
        _ => {
            let text = cast(array, &DataType::Utf8, feature)?;
            Ok(typed::<Float32Type>(&cast(&text, &DataType::Float32, feature)?, feature)?.clone())
        }
    }
}

fn bytes(array: &ArrayRef, feature: &Feature, filled: bool) -> Result<BytesValues, TfRecordError> {
    let mismatch = || mismatch(feature, Some(array.data_type().clone()));
    let values = match array.data_type() {
        DataType::Utf8 => BytesValues::Small(array.as_string_opt::<i32>().ok_or_else(mismatch)?.clone().into()),
        DataType::LargeUtf8 => BytesValues::Large(array.as_string_opt::<i64>().ok_or_else(mismatch)?.clone().into()),
        DataType::Utf8View => {
            BytesValues::View(array.as_string_view_opt().ok_or_else(mismatch)?.clone().to_binary_view())
        }
        DataType::Binary => BytesValues::Small(array.as_binary_opt().ok_or_else(mismatch)?.clone()),
        DataType::LargeBinary => BytesValues::Large(array.as_binary_opt().ok_or_else(mismatch)?.clone()),
        DataType::BinaryView => BytesValues::View(array.as_binary_view_opt().ok_or_else(mismatch)?.clone()),
        // Views share the dictionary's strings, which may be long and repeated.
        DataType::Dictionary(_, values) => {
            let target = match values.as_ref() {
                DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8View,
                _ => DataType::BinaryView,
            };
            return bytes(&cast(array, &target, feature)?, feature, filled);
        }
        _ => return bytes(&cast(array, &DataType::Utf8, feature)?, feature, filled),
    };
    let nulls = match array.logical_nulls() {
        Some(nulls) if filled && nulls.null_count() > 0 => nulls,
        _ => return Ok(values),
    };
    let or_empty = (0..array.len()).map(|row| if nulls.is_valid(row) { values.get(row) } else { &[] });
    Ok(BytesValues::Large(LargeBinaryArray::from_iter_values(or_empty)))
}

fn typed<'a, T: ArrowPrimitiveType>(
    array: &'a ArrayRef,
    feature: &Feature,
) -> Result<&'a PrimitiveArray<T>, TfRecordError> {
    array.as_primitive_opt::<T>().ok_or_else(|| mismatch(feature, Some(array.data_type().clone())))
}

fn cast(array: &ArrayRef, to: &DataType, feature: &Feature) -> Result<ArrayRef, TfRecordError> {
    if array.data_type() == to {
        return Ok(Arc::clone(array));
    }
    let options = CastOptions { safe: false, ..CastOptions::default() };
    cast_with_options(array, to, &options).map_err(|source| failed(feature, source))
}

fn failed(feature: &Feature, source: arrow::error::ArrowError) -> TfRecordError {
    TfRecordError::Arrow { column: feature.name.clone(), source }
}

fn mismatch(feature: &Feature, found: Option<DataType>) -> TfRecordError {
    TfRecordError::BatchMismatch { column: feature.name.clone(), expected: feature.data_type.clone(), found }
}
