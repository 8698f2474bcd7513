//! Statistics of one file as the Delta log keeps them: counted while the file is written, read back for planning.

use std::collections::BTreeMap;

use arrow::{
    array::{Array, ArrayRef, AsArray},
    compute,
    datatypes::{
        ArrowPrimitiveType, DataType, Date32Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
        Schema, SchemaRef, TimeUnit, TimestampMicrosecondType,
    },
    record_batch::RecordBatch,
};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::error::{Result, StorageError};

/// Columns whose extremes are kept, so that the log of a very wide table stays small. Null counts are kept of all.
const EXTREMES_COLUMNS_MAX: usize = 64;
/// Characters of a text that are kept in an extreme.
const TEXT_CHARS_MAX: usize = 32;

/// An extreme of a column.
#[derive(Clone, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatValue {
    Int(i64),
    Bool(bool),
    /// Days since 1970.
    Date(i32),
    /// Microseconds since 1970, in UTC or without zone.
    TimestampUs(i64),
    Float(f64),
    Text(String),
}

impl StatValue {
    /// Whether a row with this very value is in the file. Else it is only a bound: timestamps are rounded outwards to
    /// milliseconds and texts to 32 characters, and floats have several zeros.
    pub fn is_exact(&self) -> bool {
        matches!(self, Self::Int(_) | Self::Bool(_) | Self::Date(_))
    }

    fn to_json(&self, zoned: bool) -> Option<Value> {
        match self {
            Self::Int(value) => Some(json!(value)),
            Self::Bool(value) => Some(json!(value)),
            Self::Float(value) => value.is_finite().then(|| json!(value)),
            Self::Text(value) => Some(json!(value)),
            Self::Date(days) => {
                let date = NaiveDate::default().checked_add_signed(chrono::Duration::days(i64::from(*days)))?;
                has_four_digits(&date).then(|| json!(date.format("%Y-%m-%d").to_string()))
            }
            Self::TimestampUs(us) => {
                let time = DateTime::<Utc>::from_timestamp_micros(*us)?;
                let text = time.to_rfc3339_opts(SecondsFormat::Millis, true);
                let text = if zoned { text.as_str() } else { text.trim_end_matches('Z') };
                has_four_digits(&time).then(|| json!(text))
            }
        }
    }
}

/// Other engines read years of four digits only.
fn has_four_digits(date: &impl Datelike) -> bool {
    (1..=9999).contains(&date.year())
}

/// What the log knows of one column of one file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ColumnStats {
    /// Exact; `None` when it was not counted.
    pub null_count: Option<u64>,
    /// No row is less; see [`StatValue::is_exact`]. `None` when not known or all rows are null.
    pub min: Option<StatValue>,
    /// No row is greater; see [`StatValue::is_exact`].
    pub max: Option<StatValue>,
}

/// Counts the statistics of a file while its rows go by.
#[derive(Debug)]
pub(crate) struct FileStats {
    schema: SchemaRef,
    rows: u64,
    columns: Vec<Counted>,
}

#[derive(Debug, Default)]
struct Counted {
    nulls: u64,
    extremes: Option<(StatValue, StatValue)>,
    /// A NaN went by: it has no place in JSON and no agreed place in the order.
    unordered: bool,
    wanted: bool,
}

impl FileStats {
    /// For the columns of `schema`; extremes of `always` and of the first ones.
    pub(crate) fn new(schema: SchemaRef, always: &[String]) -> Self {
        let wanted = |(index, name): (usize, &String)| index < EXTREMES_COLUMNS_MAX || always.contains(name);
        let names = schema.fields().iter().map(|field| field.name());
        let columns = names.enumerate().map(|at| Counted { wanted: wanted(at), ..Counted::default() }).collect();
        Self { schema, rows: 0, columns }
    }

    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Takes in rows; the first columns of `batch` are those of the schema.
    pub(crate) fn update(&mut self, batch: &RecordBatch) {
        self.rows += batch.num_rows() as u64;
        for (counted, array) in self.columns.iter_mut().zip(batch.columns()) {
            counted.nulls += array.null_count() as u64;
            if !counted.wanted || counted.unordered {
                continue;
            }
            match extremes(array) {
                Seen::Nothing => {}
                Seen::Unordered => counted.unordered = true,
                Seen::Between(low, high) => {
                    counted.extremes = Some(match counted.extremes.take() {
                        None => (low, high),
                        Some((min, max)) => (if low < min { low } else { min }, if high > max { high } else { max }),
                    });
                }
            }
        }
    }

    /// The statistics in the form of the Delta log.
    pub(crate) fn to_json(&self) -> String {
        let (mut min, mut max, mut nulls) = (Map::new(), Map::new(), Map::new());
        for (counted, field) in self.columns.iter().zip(self.schema.fields()) {
            if field.data_type().is_nested() && !matches!(field.data_type(), DataType::List(_)) {
                continue;
            }
            nulls.insert(field.name().clone(), json!(counted.nulls));
            let Some((low, high)) = counted.extremes.as_ref().filter(|_| !counted.unordered) else { continue };
            let zoned = !matches!(field.data_type(), DataType::Timestamp(_, None));
            if let Some(value) = rounded_down(low).to_json(zoned) {
                min.insert(field.name().clone(), value);
            }
            if let Some(value) = rounded_up(high).and_then(|high| high.to_json(zoned)) {
                max.insert(field.name().clone(), value);
            }
        }
        json!({"numRecords": self.rows, "minValues": min, "maxValues": max, "nullCount": nulls}).to_string()
    }
}

enum Seen {
    Nothing,
    Unordered,
    Between(StatValue, StatValue),
}

fn extremes(array: &ArrayRef) -> Seen {
    fn primitive<T: ArrowPrimitiveType>(array: &ArrayRef, wrap: impl Fn(T::Native) -> StatValue) -> Seen {
        let array = array.as_primitive::<T>();
        between(compute::min(array).map(&wrap), compute::max(array).map(&wrap))
    }
    fn between(low: Option<StatValue>, high: Option<StatValue>) -> Seen {
        low.zip(high).map_or(Seen::Nothing, |(low, high)| Seen::Between(low, high))
    }
    fn float<T: ArrowPrimitiveType>(array: &ArrayRef, widen: impl Fn(T::Native) -> f64) -> Seen {
        let values = array.as_primitive::<T>().iter().flatten().map(widen);
        let mut seen: Option<(f64, f64)> = None;
        for value in values {
            if value.is_nan() {
                return Seen::Unordered;
            }
            let (min, max) = seen.unwrap_or((value, value));
            seen = Some((min.min(value), max.max(value)));
        }
        // Both zeros are equal to readers and differ in their order: the bounds hold for either.
        let zero = |value: f64, zero: f64| if value == 0.0 { zero } else { value };
        let seen = seen.map(|(min, max)| (zero(min, -0.0), zero(max, 0.0)));
        between(seen.map(|seen| StatValue::Float(seen.0)), seen.map(|seen| StatValue::Float(seen.1)))
    }
    let text = |value: &str| StatValue::Text(value.to_owned());
    match array.data_type() {
        DataType::Int8 => primitive::<Int8Type>(array, |value| StatValue::Int(value.into())),
        DataType::Int16 => primitive::<Int16Type>(array, |value| StatValue::Int(value.into())),
        DataType::Int32 => primitive::<Int32Type>(array, |value| StatValue::Int(value.into())),
        DataType::Int64 => primitive::<Int64Type>(array, StatValue::Int),
        DataType::Float32 => float::<Float32Type>(array, f64::from),
        DataType::Float64 => float::<Float64Type>(array, |value| value),
        DataType::Date32 => primitive::<Date32Type>(array, StatValue::Date),
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            primitive::<TimestampMicrosecondType>(array, StatValue::TimestampUs)
        }
        DataType::Boolean => {
            let array = array.as_boolean();
            between(compute::min_boolean(array).map(StatValue::Bool), compute::max_boolean(array).map(StatValue::Bool))
        }
        DataType::Utf8 => {
            let array = array.as_string::<i32>();
            between(compute::min_string(array).map(text), compute::max_string(array).map(text))
        }
        _ => Seen::Nothing,
    }
}

fn rounded_down(value: &StatValue) -> StatValue {
    match value {
        StatValue::TimestampUs(us) => StatValue::TimestampUs(us.div_euclid(1000).saturating_mul(1000)),
        StatValue::Text(text) => StatValue::Text(text.chars().take(TEXT_CHARS_MAX).collect()),
        other => other.clone(),
    }
}

/// `None` when nothing short is greater.
fn rounded_up(value: &StatValue) -> Option<StatValue> {
    match value {
        StatValue::TimestampUs(us) => {
            Some(StatValue::TimestampUs(us.checked_add(999)?.div_euclid(1000).checked_mul(1000)?))
        }
        StatValue::Text(text) => {
            let mut chars: Vec<char> = text.chars().take(TEXT_CHARS_MAX + 1).collect();
            if chars.len() <= TEXT_CHARS_MAX {
                return Some(value.clone());
            }
            chars.truncate(TEXT_CHARS_MAX);
            while let Some(last) = chars.pop() {
                if let Some(next) = successor(last) {
                    chars.push(next);
                    return Some(StatValue::Text(chars.into_iter().collect()));
                }
            }
            None
        }
        other => Some(other.clone()),
    }
}

/// The next character, over the gap that UTF-16 needs.
fn successor(char: char) -> Option<char> {
    char::from_u32(if char == '\u{D7FF}' { 0xE000 } else { u32::from(char) + 1 })
}

/// Reads the statistics of `file` from the log: its rows, and what is known of each column of `schema`.
///
/// # Errors
/// [`StorageError::Corrupt`] if they are no JSON. Values of an unexpected kind are taken for unknown.
pub(crate) fn read_stats(
    file: &str,
    json: Option<&str>,
    schema: &Schema,
) -> Result<(Option<u64>, BTreeMap<String, ColumnStats>)> {
    let Some(json) = json.filter(|json| !json.is_empty()) else { return Ok((None, BTreeMap::new())) };
    let stats: Value = serde_json::from_str(json).map_err(|error| StorageError::Corrupt {
        what: format!("statistics of `{file}`"),
        detail: error.to_string(),
    })?;
    let column = |field: &arrow::datatypes::FieldRef| {
        let of = |kind: &str| stats.get(kind).and_then(|values| values.get(field.name()));
        let min = of("minValues").and_then(|value| read_value(value, field.data_type()));
        let max = of("maxValues").and_then(|value| read_value(value, field.data_type()));
        let max = match max {
            // Other writers cut what is below a millisecond.
            Some(StatValue::TimestampUs(us)) => us.checked_add(999).map(StatValue::TimestampUs),
            other => other,
        };
        (field.name().clone(), ColumnStats { null_count: of("nullCount").and_then(Value::as_u64), min, max })
    };
    let rows = stats.get("numRecords").and_then(Value::as_u64);
    Ok((rows, schema.fields().iter().map(column).collect()))
}

fn read_value(value: &Value, data_type: &DataType) -> Option<StatValue> {
    match data_type {
        DataType::Int8 | DataType::Int16 | DataType::Int32 | DataType::Int64 => value.as_i64().map(StatValue::Int),
        DataType::Boolean => value.as_bool().map(StatValue::Bool),
        DataType::Float32 | DataType::Float64 => value.as_f64().map(StatValue::Float),
        DataType::Utf8 => value.as_str().map(|text| StatValue::Text(text.to_owned())),
        DataType::Date32 => {
            let date: NaiveDate = value.as_str()?.parse().ok()?;
            i32::try_from((date - NaiveDate::default()).num_days()).ok().map(StatValue::Date)
        }
        DataType::Timestamp(..) => {
            let text = value.as_str()?;
            let zoned = DateTime::parse_from_rfc3339(text).ok().map(|time| time.timestamp_micros());
            let plain = || text.parse::<NaiveDateTime>().ok().map(|time| time.and_utc().timestamp_micros());
            zoned.or_else(plain).map(StatValue::TimestampUs)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::{
        array::{BooleanArray, Date32Array, Float64Array, Int64Array, StringArray, TimestampMicrosecondArray},
        datatypes::Field,
    };

    use super::*;

    fn stats_of(columns: Vec<(&str, ArrayRef)>) -> (String, BTreeMap<String, ColumnStats>) {
        let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true))).unwrap();
        let mut stats = FileStats::new(batch.schema(), &[]);
        stats.update(&batch.slice(0, 1));
        stats.update(&batch.slice(1, batch.num_rows() - 1));
        let json = stats.to_json();
        let (rows, read) = read_stats("f", Some(&json), &batch.schema()).unwrap();
        assert_eq!(rows, Some(batch.num_rows() as u64));
        (json, read)
    }

    #[test]
    fn exact_extremes_come_back_and_bounds_hold() {
        let (json, read) = stats_of(vec![
            ("id", Arc::new(Int64Array::from(vec![Some(i64::MAX), None, Some(-9_007_199_254_740_993)]))),
            ("ok", Arc::new(BooleanArray::from(vec![true, false, true]))),
            ("day", Arc::new(Date32Array::from(vec![0, -1, 19_000]))),
            ("at", Arc::new(TimestampMicrosecondArray::from(vec![1_500, -1_500, 3]).with_timezone("UTC"))),
            ("local", Arc::new(TimestampMicrosecondArray::from(vec![1_500, 0, 3]))),
            ("x", Arc::new(Float64Array::from(vec![1.5, -0.0, 0.0]))),
            ("gap", Arc::new(Float64Array::from(vec![1.5, f64::NAN, 0.0]))),
            ("void", Arc::new(Int64Array::from(vec![None::<i64>; 3]))),
        ]);
        let of = |name: &str| read[name].clone();
        assert_eq!(of("id").null_count, Some(1));
        assert_eq!(of("id").min, Some(StatValue::Int(-9_007_199_254_740_993)));
        assert_eq!(of("id").max, Some(StatValue::Int(i64::MAX)));
        assert_eq!((of("ok").min, of("ok").max), (Some(StatValue::Bool(false)), Some(StatValue::Bool(true))));
        assert_eq!((of("day").min, of("day").max), (Some(StatValue::Date(-1)), Some(StatValue::Date(19_000))));
        assert_eq!(of("at").min, Some(StatValue::TimestampUs(-2_000)));
        assert_eq!(of("at").max, Some(StatValue::TimestampUs(2_999)));
        assert!(json.contains("1970-01-01T00:00:00.002Z") && json.contains("\"1970-01-01T00:00:00.002\""), "{json}");
        assert!(!of("at").min.unwrap().is_exact() && of("day").min.unwrap().is_exact());
        assert_eq!(of("x").max, Some(StatValue::Float(1.5)));
        assert_eq!((of("gap").min, of("gap").max), (None, None));
        assert_eq!((of("void").null_count, of("void").min), (Some(3), None));
    }

    #[test]
    fn long_texts_are_cut_so_that_the_bounds_hold() {
        let long = "é".repeat(40);
        let top = char::MAX.to_string().repeat(33);
        let (_, read) = stats_of(vec![
            ("a", Arc::new(StringArray::from(vec![long.as_str(), long.as_str()]))),
            ("b", Arc::new(StringArray::from(vec![top.as_str(), "x"]))),
            ("c", Arc::new(StringArray::from(vec!["Arsenal", "Ajax"]))),
        ]);
        let (Some(StatValue::Text(min)), Some(StatValue::Text(max))) = (&read["a"].min, &read["a"].max) else {
            unreachable!("texts have text bounds")
        };
        assert!(min.as_str() <= long.as_str() && max.as_str() > long.as_str() && max.chars().count() == 32);
        assert_eq!(read["b"].max, None);
        assert_eq!(read["c"].max, Some(StatValue::Text("Arsenal".into())));
        assert_eq!(successor('\u{D7FF}'), Some('\u{E000}'));
    }

    #[test]
    fn statistics_of_other_writers_never_claim_too_much() {
        let schema = Schema::new(vec![Field::new("id", DataType::Int64, true), Field::new("s", DataType::Utf8, true)]);
        assert_eq!(read_stats("f", None, &schema).unwrap().0, None);
        let odd = r#"{"numRecords":3,"minValues":{"id":"x"},"nullCount":{"id":-1}}"#;
        let (rows, read) = read_stats("f", Some(odd), &schema).unwrap();
        assert_eq!((rows, &read["id"]), (Some(3), &ColumnStats::default()));
        assert!(read_stats("f", Some("{"), &schema).is_err());
    }
}
