//! Incoming data made to fit the schema of its feature group: columns matched by name, types widened where no value can
//! change, and everything that does not fit reported at once, by column and row.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, Int64Array, ListArray, PrimitiveArray, RecordBatch, RecordBatchOptions,
    StructArray, TimestampMicrosecondArray, new_null_array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{
    ArrowNativeType, ArrowPrimitiveType, DataType, Date64Type, Field, FieldRef, Fields, Schema, SchemaRef, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt64Type,
};
use mangonel_proto::names::INTERNAL_PREFIX;

use crate::canonical::{self, Fault};
use crate::error::{Result, StorageError};
use crate::text::{ParseRules, ROWS_NAMED, is_text_readable, parse_text_column};
use crate::types::{FIXED_LENGTH_KEY, FeatureType, problem};

const FAULT_LONG: Fault = "unsigned integers above the range of long";

/// The columns in which a null is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keys {
    pub primary_key: Vec<String>,
    pub event_time: Option<String>,
}

impl Keys {
    fn columns(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let primary = self.primary_key.iter().map(|name| ("primary key", name.as_str()));
        primary.chain(self.event_time.iter().map(|name| ("event time", name.as_str())))
    }
}

/// Where the data comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Data with types of its own, which must fit.
    Typed,
    /// Text, such as CSV: columns of strings are read as the stored type. Read every column of the file as string, since a
    /// guessed type may not fit and may have lost what the text said.
    Text(ParseRules),
}

/// Makes batches of one incoming schema fit the stored schema of a feature group.
#[derive(Clone, Debug)]
pub struct Conformer {
    schema: SchemaRef,
    incoming: usize,
    /// Per stored column, its position in the incoming data; `None` for one that is missing there and becomes null.
    sources: Vec<Option<usize>>,
    keys: Keys,
    input: Input,
}

impl Conformer {
    /// Plans how data with the `incoming` schema becomes data with the `stored` one. Columns of our own in `stored` are left out.
    /// Names match exactly. A column that is missing becomes null unless it is a key or not nullable.
    ///
    /// # Errors
    /// [`StorageError::SchemaMismatch`] with every unknown, repeated, missing and unfitting column.
    pub fn new(stored: &Schema, incoming: &Schema, keys: Keys, input: Input) -> Result<Self> {
        let own = |field: &&FieldRef| !field.name().starts_with(INTERNAL_PREFIX);
        let fields: Vec<FieldRef> = stored.fields().iter().filter(own).map(Arc::clone).collect();
        let mut problems = Vec::new();
        let mut positions = HashMap::with_capacity(incoming.fields().len());
        for (index, field) in incoming.fields().iter().enumerate() {
            if positions.insert(field.name().as_str(), index).is_some() {
                problems.push(problem(field.name(), "occurs twice in the data"));
            }
        }
        let known: HashSet<&str> = fields.iter().map(|field| field.name().as_str()).collect();
        for field in incoming.fields().iter().filter(|field| !known.contains(field.name().as_str())) {
            let free = known.iter().filter(|name| !positions.contains_key(**name)).copied();
            let hint = similar(field.name(), free).map(|name| format!(": did you mean `{name}`?")).unwrap_or_default();
            problems.push(problem(field.name(), format!("is not in the feature group{hint}")));
        }
        let mut sources = Vec::with_capacity(fields.len());
        for field in &fields {
            let source = positions.get(field.name().as_str()).copied();
            sources.push(source);
            if let Some(index) = source {
                if let Err(phrase) = fits(incoming.field(index).data_type(), field.data_type(), &input) {
                    problems.push(problem(field.name(), phrase));
                }
            } else if let Some((role, _)) = keys.columns().find(|(_, name)| *name == field.name()) {
                problems.push(problem(field.name(), format!("is the {role} and missing in the data")));
            } else if !field.is_nullable() {
                problems.push(problem(field.name(), "is not nullable and missing in the data"));
            }
        }
        for (role, name) in keys.columns().filter(|(_, name)| !known.contains(name)) {
            problems.push(problem(name, format!("is the {role} and not in the feature group")));
        }
        if !problems.is_empty() {
            return Err(StorageError::SchemaMismatch { problems });
        }
        let schema = Arc::new(Schema::new_with_metadata(fields, stored.metadata().clone()));
        Ok(Self { schema, incoming: incoming.fields().len(), sources, keys, input })
    }

    /// The schema of conforming batches.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The batch with the columns and types of the feature group. `rows_before`: rows of earlier batches of the insert, so that
    /// errors count rows over the whole insert.
    ///
    /// # Errors
    /// [`StorageError::Value`] and [`StorageError::NullKey`], or [`StorageError::Several`] of them: every column with
    /// values that do not fit, how many, and the first rows.
    pub fn conform(&self, batch: &RecordBatch, rows_before: u64) -> Result<RecordBatch> {
        if batch.num_columns() != self.incoming {
            return Err(StorageError::Internal { detail: "a batch has another schema than planned for".into() });
        }
        let mut problems = Vec::new();
        let mut columns = Vec::with_capacity(self.sources.len());
        for (field, source) in self.schema.fields().iter().zip(&self.sources) {
            let column = match source {
                None => new_null_array(field.data_type(), batch.num_rows()),
                Some(index) => match self.column(batch.column(*index), field, rows_before, &mut problems) {
                    Ok(column) => column,
                    Err(error) => {
                        problems.push(error);
                        continue;
                    }
                },
            };
            let role = match self.keys.columns().find(|(_, name)| *name == field.name()) {
                Some((role, _)) => Some(role),
                None => (!field.is_nullable()).then_some("not nullable column"),
            };
            problems.extend(role.and_then(|role| null_key(role, field.name(), &column, rows_before)));
            columns.push(column);
        }
        StorageError::all(problems)?;
        let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }

    fn column(
        &self,
        array: &ArrayRef,
        field: &Field,
        rows_before: u64,
        problems: &mut Vec<StorageError>,
    ) -> Result<ArrayRef> {
        if let Input::Text(rules) = &self.input
            && is_text(array.data_type())
            && is_text_readable(field.data_type())
        {
            let texts = exact_cast(array, &DataType::Utf8)?;
            return parse_text_column(field.name(), texts.as_string(), field.data_type(), rules, rows_before);
        }
        let mut bad = Vec::new();
        let column = widen(array, field.data_type(), &mut bad)?;
        while let Some(&(fault, _)) = bad.first() {
            // A list may hold several bad elements in one row.
            let mut rows: Vec<usize> = bad.iter().filter(|(other, _)| *other == fault).map(|(_, row)| *row).collect();
            rows.sort_unstable();
            rows.dedup();
            bad.retain(|(other, _)| *other != fault);
            problems.push(value_error(field.name(), fault.into(), &rows, rows_before));
        }
        if let (DataType::List(_), Some(length)) = (field.data_type(), field.metadata().get(FIXED_LENGTH_KEY)) {
            let length: i32 = length.parse().map_err(|_| StorageError::Corrupt {
                what: format!("the schema of column `{}`", field.name()),
                detail: format!("fixed length `{length}`"),
            })?;
            let list = column.as_list::<i32>();
            let differs = |row: &usize| list.is_valid(*row) && list.value_length(*row) != length;
            let rows: Vec<usize> = (0..list.len()).filter(differs).collect();
            if !rows.is_empty() {
                let detail = format!("lists of another length than {length}");
                problems.push(value_error(field.name(), detail, &rows, rows_before));
            }
        }
        Ok(column)
    }
}

/// Refuses nulls in the primary key and the event time.
///
/// # Errors
/// [`StorageError::NullKey`], or [`StorageError::Several`] of them: each column with its number of nulls and the first rows.
pub fn check_keys(batch: &RecordBatch, keys: &Keys, rows_before: u64) -> Result<()> {
    let mut problems = Vec::new();
    for (role, name) in keys.columns() {
        match batch.column_by_name(name) {
            None => problems.push(problem(name, format!("is the {role} and missing in the data")).into()),
            Some(column) => problems.extend(null_key(role, name, column, rows_before)),
        }
    }
    StorageError::all(problems)
}

fn null_key(role: &'static str, name: &str, column: &ArrayRef, rows_before: u64) -> Option<StorageError> {
    let nulls = column.logical_nulls().filter(|nulls| nulls.null_count() > 0)?;
    let rows = (0..nulls.len()).filter(|row| nulls.is_null(*row)).take(ROWS_NAMED);
    let rows = rows.map(|row| rows_before + row as u64).collect();
    Some(StorageError::NullKey { role, column: name.to_owned(), nulls: nulls.null_count(), rows })
}

fn value_error(column: &str, detail: String, rows: &[usize], rows_before: u64) -> StorageError {
    let first = rows.iter().take(ROWS_NAMED).map(|row| rows_before + *row as u64).collect();
    StorageError::Value { column: column.to_owned(), detail, values: rows.len(), rows: first }
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, value) => is_text(value),
        other => matches!(other, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View),
    }
}

/// Whether every value of an incoming type is one of the stored type; else a phrase that goes on after the column's name.
fn fits(incoming: &DataType, stored: &DataType, input: &Input) -> Result<(), String> {
    if matches!(incoming, DataType::Null) {
        return Ok(()); // a column without any value, as pandas sends it
    }
    let from = FeatureType::from_arrow(incoming)?;
    let to = FeatureType::from_arrow(stored)?;
    if matches!(input, Input::Text(_)) && is_text(incoming) && is_text_readable(stored) {
        return Ok(());
    }
    if widens(&from, &to) {
        return Ok(());
    }
    use FeatureType::{Byte, Date, Double, Float, Integer, Long, Short, Timestamp, TimestampNtz};
    let hint = match (&from, &to) {
        (Timestamp, TimestampNtz) => ": take the time zone off in the data",
        (TimestampNtz, Timestamp) => ": give the data a time zone",
        (Date, Timestamp | TimestampNtz) => ": cast the data",
        (Short | Integer | Long, Byte | Short | Integer) | (Double, Float) => {
            ": values could be lost; cast the data if none is"
        }
        (Byte | Short | Integer | Long, Float | Double) => {
            ": large integers could be rounded; cast the data if none is"
        }
        _ => "",
    };
    Err(format!("has type {from} in the data and {to} in the feature group{hint}"))
}

fn widens(from: &FeatureType, to: &FeatureType) -> bool {
    use FeatureType::{Array, Byte, Decimal, Double, Float, Integer, Long, Short, Struct};
    let digits = |feature_type: &FeatureType| match feature_type {
        Byte => Some(3),
        Short => Some(5),
        Integer => Some(10),
        Long => Some(19),
        _ => None,
    };
    match (from, to) {
        (Float, Double) => true,
        (Array(from), Array(to)) => widens(from, to),
        (Struct(from), Struct(to)) => {
            from.iter().all(|(name, member)| to.iter().any(|(other, wanted)| other == name && widens(member, wanted)))
        }
        (Decimal { precision, scale }, Decimal { precision: wide, scale: fine }) => {
            scale <= fine && precision - scale <= wide - fine
        }
        (from, Decimal { precision, scale }) => digits(from).is_some_and(|digits| digits <= precision - scale),
        (from, to) => from == to || matches!((digits(from), digits(to)), (Some(from), Some(to)) if from <= to),
    }
}

/// Values that do not fit: why, and in which row.
type Bad = Vec<(Fault, usize)>;

/// Converts to a type that `fits`. A value that does not fit is noted in `bad`, and the array is then not to be used.
fn widen(array: &ArrayRef, to: &DataType, bad: &mut Bad) -> Result<ArrayRef> {
    if array.data_type() == to {
        return Ok(Arc::clone(array));
    }
    match (array.data_type(), to) {
        (DataType::Null, _) => Ok(new_null_array(to, array.len())),
        (DataType::Dictionary(_, value), _) => widen(&exact_cast(array, value)?, to, bad),
        (DataType::Timestamp(unit, _), DataType::Timestamp(TimeUnit::Microsecond, zone)) => {
            let convert = |value| canonical::microseconds(value, *unit);
            let (values, nulls) = match unit {
                TimeUnit::Second => converted(array.as_primitive::<TimestampSecondType>(), convert, bad),
                TimeUnit::Millisecond => converted(array.as_primitive::<TimestampMillisecondType>(), convert, bad),
                TimeUnit::Nanosecond => converted(array.as_primitive::<TimestampNanosecondType>(), convert, bad),
                TimeUnit::Microsecond => {
                    let same = array.as_primitive::<TimestampMicrosecondType>().clone();
                    return Ok(Arc::new(same.with_timezone_opt(zone.clone())));
                }
            };
            Ok(Arc::new(TimestampMicrosecondArray::try_new(values, nulls)?.with_timezone_opt(zone.clone())))
        }
        (DataType::Date64, DataType::Date32) => {
            let (values, nulls) = converted(array.as_primitive::<Date64Type>(), canonical::days, bad);
            Ok(Arc::new(Date32Array::try_new(values, nulls)?))
        }
        (DataType::UInt64, _) => {
            let convert = |value| i64::try_from(value).map_err(|_| FAULT_LONG);
            let (values, nulls) = converted(array.as_primitive::<UInt64Type>(), convert, bad);
            exact_cast(&(Arc::new(Int64Array::try_new(values, nulls)?) as ArrayRef), to)
        }
        (DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..), DataType::List(element)) => {
            widen_list(array, element, bad)
        }
        (DataType::Struct(_), DataType::Struct(members)) => widen_struct(array.as_struct(), members, bad),
        _ => exact_cast(array, to),
    }
}

/// Arrow's cast, with an error instead of a null where a value does not fit.
fn exact_cast(array: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    Ok(cast_with_options(array, to, &CastOptions { safe: false, ..Default::default() })?)
}

/// Converts the values that are not null; those that fail become the default and are noted.
fn converted<T: ArrowPrimitiveType, N: ArrowNativeType>(
    array: &PrimitiveArray<T>,
    convert: impl Fn(T::Native) -> Result<N, Fault>,
    bad: &mut Bad,
) -> (ScalarBuffer<N>, Option<NullBuffer>) {
    let mut values = Vec::with_capacity(array.len());
    for (row, value) in array.values().iter().enumerate() {
        values.push(match convert(*value) {
            Ok(value) => value,
            Err(fault) => {
                if array.is_valid(row) {
                    bad.push((fault, row));
                }
                N::default()
            }
        });
    }
    (values.into(), array.nulls().cloned())
}

fn widen_list(array: &ArrayRef, element: &FieldRef, bad: &mut Bad) -> Result<ArrayRef> {
    let (starts, values): (Vec<usize>, ArrayRef) = match array.data_type() {
        DataType::FixedSizeList(_, length) => {
            let length = usize::try_from(*length).unwrap_or(0);
            ((0..=array.len()).map(|row| row * length).collect(), Arc::clone(array.as_fixed_size_list().values()))
        }
        DataType::LargeList(_) => {
            let list = array.as_list::<i64>();
            (list.value_offsets().iter().map(|offset| *offset as usize).collect(), Arc::clone(list.values()))
        }
        _ => {
            let list = array.as_list::<i32>();
            (list.value_offsets().iter().map(|offset| *offset as usize).collect(), Arc::clone(list.values()))
        }
    };
    let (first, last) = (starts.first().copied().unwrap_or(0), starts.last().copied().unwrap_or(0));
    let mut bad_elements = Vec::new();
    let values = widen(&values.slice(first, last - first), element.data_type(), &mut bad_elements)?;
    for (fault, index) in bad_elements {
        // Rows of equal start are empty but for the last of them, which is the one that holds the element.
        let row = starts.partition_point(|start| *start <= first + index) - 1;
        if array.is_valid(row) {
            bad.push((fault, row));
        }
    }
    let offsets = starts.iter().map(|start| i32::try_from(start - first)).collect::<Result<Vec<_>, _>>();
    let offsets = offsets
        .map_err(|_| StorageError::invalid("a batch has lists of more than 2^31 elements: send smaller batches"))?;
    let list =
        ListArray::try_new(Arc::clone(element), OffsetBuffer::new(offsets.into()), values, array.nulls().cloned())?;
    Ok(Arc::new(list))
}

fn widen_struct(array: &StructArray, members: &Fields, bad: &mut Bad) -> Result<ArrayRef> {
    let mut columns = Vec::with_capacity(members.len());
    for member in members {
        let Some(column) = array.column_by_name(member.name()) else {
            columns.push(new_null_array(member.data_type(), array.len()));
            continue;
        };
        let mut bad_values = Vec::new();
        columns.push(widen(column, member.data_type(), &mut bad_values)?);
        bad.extend(bad_values.into_iter().filter(|(_, row)| array.is_valid(*row)));
    }
    Ok(Arc::new(StructArray::try_new_with_length(members.clone(), columns, array.nulls().cloned(), array.len())?))
}

/// The name that was probably meant: the same but for case, or at most two letters off.
fn similar<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let allowed = if lower.len() > 4 { 2 } else { usize::from(lower.len() > 2) };
    let ranked = names.map(|other| (distance(&lower, &other.to_lowercase()), other));
    ranked.filter(|(distance, _)| *distance <= allowed).min().map(|(_, other)| other)
}

/// Letters to insert, remove or replace to get from one word to the other (Wagner, Fischer 1974).
fn distance(left: &str, right: &str) -> usize {
    if left.len().abs_diff(right.len()) > 8 {
        return usize::MAX; // hostile lengths are not compared
    }
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, from) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, to) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(row[column] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use arrow::array::*;
    use arrow::datatypes::*;

    use super::*;
    use crate::types::{FIXED_LENGTH_KEY, FeatureType};

    fn schema(columns: &[(&str, &str, bool)]) -> Schema {
        let field = |(name, kind, nullable): &(&str, &str, bool)| {
            Field::new(*name, kind.parse::<FeatureType>().unwrap().to_arrow(), *nullable)
        };
        Schema::new(columns.iter().map(field).collect::<Fields>())
    }
    fn keys(primary: &str, event_time: Option<&str>) -> Keys {
        Keys { primary_key: vec![primary.into()], event_time: event_time.map(Into::into) }
    }
    fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap()
    }
    fn conformed(stored: &Schema, data: &RecordBatch) -> Result<RecordBatch> {
        Conformer::new(stored, data.schema_ref(), Keys::default(), Input::Typed)?.conform(data, 1_000)
    }
    /// One column `c` conformed to a type.
    fn widened(array: ArrayRef, to: &str) -> Result<ArrayRef> {
        Ok(Arc::clone(conformed(&schema(&[("c", to, true)]), &batch(vec![("c", array)]))?.column(0)))
    }
    fn messages(error: StorageError) -> Vec<String> {
        match error {
            StorageError::SchemaMismatch { problems } => problems.into_iter().map(|problem| problem.message).collect(),
            StorageError::Several { problems } => problems.iter().map(ToString::to_string).collect(),
            other => vec![other.to_string()],
        }
    }

    #[test]
    fn every_difference_is_reported_at_once() {
        let stored = schema(&[
            ("id", "long", false),
            ("at", "timestamp", true),
            ("team_name", "string", true),
            ("rank", "integer", true),
            ("score", "float", true),
            ("must", "long", false),
            ("_mangonel_run", "string", false),
        ]);
        let incoming = Schema::new(vec![
            Field::new("Team_Name", DataType::Utf8, true),
            Field::new("colour", DataType::Utf8, true),
            Field::new("rank", DataType::Int64, true),
            Field::new("score", DataType::Int64, true),
            Field::new("score", DataType::Int64, true),
        ]);
        let error = Conformer::new(&stored, &incoming, keys("id", Some("at")), Input::Typed).unwrap_err();
        assert_eq!(
            messages(error),
            [
                "column `score` occurs twice in the data",
                "column `Team_Name` is not in the feature group: did you mean `team_name`?",
                "column `colour` is not in the feature group",
                "column `id` is the primary key and missing in the data",
                "column `at` is the event time and missing in the data",
                "column `rank` has type long in the data and integer in the feature group: values could be lost; cast the data if none is",
                "column `score` has type long in the data and float in the feature group: large integers could be rounded; cast the data if none is",
                "column `must` is not nullable and missing in the data",
            ]
        );
    }

    #[test]
    fn columns_are_reordered_and_missing_ones_become_null() {
        let stored = schema(&[
            ("id", "long", false),
            ("name", "string", true),
            ("tags", "array<string>", true),
            ("_mangonel_run", "string", true),
        ]);
        let data =
            batch(vec![("name", Arc::new(StringArray::from(vec!["a"]))), ("id", Arc::new(Int32Array::from(vec![7])))]);
        let result = conformed(&stored, &data).unwrap();
        assert_eq!(result.schema().fields()[..], stored.fields()[..3]);
        assert_eq!(result.column(0).as_primitive::<Int64Type>().values(), &[7]);
        assert_eq!(result.column(2).null_count(), 1);
    }

    #[test]
    fn types_widen_only_where_no_value_can_change() {
        use DataType::*;
        let zone = |name: &str| Timestamp(TimeUnit::Second, Some(name.into()));
        let dictionary = Dictionary(Box::new(Int8), Box::new(Utf8));
        let allowed = [
            (Int8, "short"),
            (Int8, "long"),
            (UInt8, "short"),
            (UInt16, "integer"),
            (UInt32, "long"),
            (UInt64, "long"),
            (UInt64, "decimal(19,0)"),
            (Int32, "decimal(12,2)"),
            (Float16, "float"),
            (Float16, "double"),
            (Float32, "double"),
            (Decimal64(9, 2), "decimal(12,4)"),
            (Decimal128(5, -2), "decimal(8,1)"),
            (Decimal256(20, 2), "decimal(20,2)"),
            (LargeUtf8, "string"),
            (Utf8View, "string"),
            (dictionary, "string"),
            (BinaryView, "binary"),
            (FixedSizeBinary(2), "binary"),
            (Date64, "date"),
            (zone("Asia/Tokyo"), "timestamp"),
            (Timestamp(TimeUnit::Nanosecond, None), "timestamp_ntz"),
            (Null, "struct<a:long>"),
            (DataType::new_list(Int8, true), "array<long>"),
            (DataType::new_large_list(Utf8View, true), "array<string>"),
            (DataType::new_fixed_size_list(Float32, 2, true), "array<double>"),
            (Struct(vec![Field::new("b", UInt8, true)].into()), "struct<a:string,b:integer>"),
        ];
        for (from, to) in allowed {
            let array = widened(new_null_array(&from, 2), to).unwrap_or_else(|error| panic!("{from} to {to}: {error}"));
            assert_eq!(array.data_type(), &to.parse::<FeatureType>().unwrap().to_arrow());
            assert_eq!(array.logical_null_count(), 2);
        }
        let refused = [
            (Int16, "byte"),
            (UInt8, "byte"),
            (Int64, "double"),
            (Int8, "float"),
            (Float64, "float"),
            (Float32, "decimal(38,10)"),
            (Int32, "decimal(11,2)"),
            (Decimal128(9, 2), "decimal(9,1)"),
            (Decimal128(9, 2), "decimal(9,3)"),
            (Decimal128(9, 0), "long"),
            (Date32, "timestamp"),
            (Timestamp(TimeUnit::Microsecond, None), "timestamp"),
            (zone("UTC"), "timestamp_ntz"),
            (zone("UTC"), "date"),
            (Utf8, "long"),
            (Int64, "string"),
            (Utf8, "binary"),
            (Boolean, "byte"),
            (Int64, "boolean"),
            (DataType::new_list(Int64, true), "array<integer>"),
            (Int64, "array<long>"),
            (Struct(vec![Field::new("x", Int8, true)].into()), "struct<a:byte>"),
            (Duration(TimeUnit::Second), "long"),
        ];
        for (from, to) in refused {
            assert!(
                matches!(widened(new_null_array(&from, 2), to), Err(StorageError::SchemaMismatch { .. })),
                "{from} to {to}"
            );
        }
    }

    #[test]
    fn values_survive_widening() {
        let expected = |array: ArrayRef, to: &str, value: &str| {
            let mut result = widened(array, to).unwrap();
            if to == "timestamp" {
                // Printing in `UTC` by name needs a time zone database.
                result = Arc::new(result.as_primitive::<TimestampMicrosecondType>().clone().with_timezone("+00:00"));
            }
            assert_eq!(arrow::util::display::array_value_to_string(&result, 0).unwrap(), value, "{to}");
        };
        expected(Arc::new(UInt64Array::from(vec![i64::MAX as u64])), "long", "9223372036854775807");
        expected(Arc::new(Float32Array::from(vec![0.5])), "double", "0.5");
        expected(Arc::new(Int32Array::from(vec![-3])), "decimal(12,2)", "-3.00");
        expected(Arc::new(Date64Array::from(vec![-86_400_000])), "date", "1969-12-31");
        expected(
            Arc::new(TimestampSecondArray::from(vec![-1]).with_timezone("+02:00")),
            "timestamp",
            "1969-12-31T23:59:59Z",
        );
        expected(Arc::new(TimestampNanosecondArray::from(vec![-1_000])), "timestamp_ntz", "1969-12-31T23:59:59.999999");
        expected(
            Arc::new(vec!["y", "x"].into_iter().collect::<DictionaryArray<Int8Type>>().slice(1, 1)),
            "string",
            "x",
        );
        let lists =
            ListArray::from_iter_primitive::<UInt8Type, _, _>([Some(vec![Some(9)]), None, Some(vec![Some(1), None])]);
        expected(Arc::new(lists.slice(2, 1)), "array<long>", "[1, ]");
        let fixed = FixedSizeListArray::from_iter_primitive::<Float32Type, _, _>(
            [Some([Some(9.0); 2]), Some([Some(1.0), Some(2.0)])],
            2,
        );
        expected(Arc::new(fixed.slice(1, 1)), "array<double>", "[1.0, 2.0]");
        let member: ArrayRef = Arc::new(Int8Array::from(vec![4, 5]));
        let point = StructArray::from(vec![(Arc::new(Field::new("b", DataType::Int8, true)), member)]);
        expected(Arc::new(point.slice(1, 1)), "struct<a:string,b:long>", "{a: , b: 5}");
    }

    #[test]
    fn values_that_do_not_fit_are_counted_and_named() {
        let unsigned = |values: Vec<Option<u64>>| Arc::new(UInt64Array::from(values)) as ArrayRef;
        let long = (0..9).map(|row| Some(if row % 2 == 0 { u64::MAX } else { row })).collect();
        let stored = schema(&[
            ("n", "long", true),
            ("t", "timestamp", true),
            ("s", "timestamp", true),
            ("d", "date", true),
            ("id", "long", false),
        ]);
        let nanos = TimestampNanosecondArray::from(vec![0, 1, 1_000, 0, 0, 0, 0, 0, -1]).with_timezone("UTC");
        let seconds = TimestampSecondArray::from(vec![i64::MAX, 0, 0, 0, 0, 0, 0, 0, 0]).with_timezone("UTC");
        let dates = Date64Array::from(vec![0, 0, 0, 5, 0, 0, 0, 0, 0]);
        let ids: Int64Array = (0..9).map(|row| (row != 4).then_some(row)).collect();
        let data = batch(vec![
            ("n", unsigned(long)),
            ("t", Arc::new(nanos)),
            ("s", Arc::new(seconds)),
            ("d", Arc::new(dates)),
            ("id", Arc::new(ids)),
        ]);
        let conformer = Conformer::new(&stored, data.schema_ref(), keys("id", None), Input::Typed).unwrap();
        assert_eq!(
            messages(conformer.conform(&data, 1_000).unwrap_err()),
            [
                "column `n`: unsigned integers above the range of long in 5 rows, first rows 1000, 1002, 1004, 1006, 1008",
                "column `t`: nanoseconds that are not whole microseconds in 2 rows, first rows 1001, 1008",
                "column `s`: timestamps outside the range of microseconds in 1 row, first row 1000",
                "column `d`: dates with a time of day or out of range in 1 row, first row 1003",
                "primary key `id` is null in 1 row, first row 1004",
            ]
        );
        let hidden = UInt64Array::new(vec![u64::MAX, 1].into(), Some(vec![false, true].into()));
        assert_eq!(widened(Arc::new(hidden), "long").unwrap().null_count(), 1, "what a null hides does not count");
    }

    #[test]
    fn elements_that_do_not_fit_are_named_by_the_row_of_their_list() {
        let list = ListArray::from_iter_primitive::<UInt64Type, _, _>([
            Some(vec![Some(u64::MAX)]),
            Some(vec![]),
            Some(vec![Some(1), Some(u64::MAX), Some(u64::MAX)]),
            None,
            Some(vec![Some(2)]),
        ]);
        let message = |rows: ListArray| widened(Arc::new(rows), "array<long>").unwrap_err().to_string();
        assert!(message(list.clone()).ends_with("in 2 rows, first rows 1000, 1002"));
        assert!(message(list.slice(1, 3)).ends_with("in 1 row, first row 1001"));
        assert!(widened(Arc::new(list.slice(3, 2)), "array<long>").is_ok());
        let kept = HashMap::from([(FIXED_LENGTH_KEY.to_owned(), "1".to_owned())]);
        let field = Field::new("c", "array<long>".parse::<FeatureType>().unwrap().to_arrow(), true).with_metadata(kept);
        let ones = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1)]), None, Some(vec![])]);
        let error = conformed(&Schema::new(vec![field]), &batch(vec![("c", Arc::new(ones))])).unwrap_err();
        assert_eq!(error.to_string(), "column `c`: lists of another length than 1 in 1 row, first row 1002");
    }

    #[test]
    fn nulls_in_keys_are_counted_and_named() {
        let data = batch(vec![
            ("id", Arc::new(Int64Array::from(vec![Some(1), None, None])) as ArrayRef),
            ("at", Arc::new(Date32Array::from(vec![None, Some(1), Some(2)]))),
        ]);
        let error = check_keys(&data, &keys("id", Some("at")), 10).unwrap_err();
        assert_eq!(
            messages(error),
            ["primary key `id` is null in 2 rows, first rows 11, 12", "event time `at` is null in 1 row, first row 10",]
        );
        assert!(check_keys(&data.slice(1, 1), &keys("at", None), 0).is_ok());
        let error = conformed(&schema(&[("id", "long", false), ("at", "date", true)]), &data).unwrap_err();
        assert_eq!(error.to_string(), "not nullable column `id` is null in 2 rows, first rows 1001, 1002");
    }

    #[test]
    fn text_is_read_as_the_stored_types() {
        let stored = schema(&[
            ("id", "long", false),
            ("score", "double", true),
            ("name", "string", true),
            ("raw", "binary", true),
        ]);
        let text = |values: [&str; 2]| Arc::new(StringViewArray::from(values.to_vec())) as ArrayRef;
        let data = batch(vec![("id", text(["1", "2"])), ("score", text(["0.5", "NA"])), ("name", text(["x", ""]))]);
        let input = Input::Text(ParseRules { null_values: vec!["NA".into(), String::new()] });
        let conformer = Conformer::new(&stored, data.schema_ref(), keys("id", None), input.clone()).unwrap();
        let result = conformer.conform(&data, 0).unwrap();
        assert_eq!(result.column(0).as_primitive::<Int64Type>().values(), &[1, 2]);
        assert_eq!((result.column(1).null_count(), result.column(2).null_count()), (1, 1));
        let data = batch(vec![("id", text(["1", ""])), ("score", text(["a", "b"])), ("name", text(["x", "y"]))]);
        assert_eq!(
            messages(conformer.conform(&data, 0).unwrap_err()),
            [
                "primary key `id` is null in 1 row, first row 1",
                "column `score`: text such as `a`, which is no double, in 2 rows, first rows 0, 1",
            ]
        );
        let raw = batch(vec![("id", text(["1", "2"])), ("raw", text(["x", "y"]))]);
        assert!(Conformer::new(&stored, raw.schema_ref(), keys("id", None), input).is_err());
    }
}
