//! Columns of text (CSV and the like) read as the type that the feature group stores: what counts as null, and every
//! text that is no value of the type, by row.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int8Array, Int16Array,
    Int32Array, Int64Array, StringArray, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, TimeUnit};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Timelike};
use mangonel_proto::names::shown;

use crate::error::{Result, StorageError};
use crate::types::FeatureType;

/// How text is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseRules {
    /// Texts that mean null, compared exactly, in every type.
    pub null_values: Vec<String>,
}

impl Default for ParseRules {
    /// The empty text is null and nothing else.
    fn default() -> Self {
        Self { null_values: vec![String::new()] }
    }
}

/// Rows that an error names.
pub(crate) const ROWS_NAMED: usize = 5;

/// Whether text can be read as `target`.
pub(crate) fn is_text_readable(target: &DataType) -> bool {
    match target {
        DataType::Timestamp(unit, _) => *unit == TimeUnit::Microsecond,
        DataType::Decimal128(_, scale) => *scale >= 0,
        other => matches!(
            other,
            DataType::Boolean
                | DataType::Int8
                | DataType::Int16
                | DataType::Int32
                | DataType::Int64
                | DataType::Float32
                | DataType::Float64
                | DataType::Utf8
                | DataType::Date32
        ),
    }
}

/// Reads a column of text as `target`. Blanks around everything but strings do not count.
/// - booleans: `true`, `t`, `yes`, `y`, `1` and their opposites, in any case
/// - numbers: decimal digits; floats also `1e-3`, `nan`, `inf`; decimals exactly, with at most the digits of the type
/// - dates: `2020-09-14`
/// - timestamps: `2020-09-14`, or that and `T` or a blank and `12:26`, `12:26:40` or `12:26:40.123456`; with `Z` or an offset
///   such as `+02:00` in a timestamp, which counts as UTC without one; never with one in a timestamp without zone
///
/// `name` and `rows_before` (rows of earlier batches) are for the error.
///
/// # Errors
/// [`StorageError::Value`] with the number of texts that are no value of the type, and the first rows;
/// [`StorageError::SchemaMismatch`] if text is not read as `target` (binary, lists, structs).
pub fn parse_text_column(
    name: &str,
    texts: &StringArray,
    target: &DataType,
    rules: &ParseRules,
    rows_before: u64,
) -> Result<ArrayRef> {
    let mut reader = Reader { texts, rules, bad: Vec::new() };
    let array: ArrayRef = match target {
        DataType::Boolean => Arc::new(BooleanArray::from(reader.values(boolean))),
        DataType::Int8 => Arc::new(Int8Array::from(reader.values(|text| text.parse().ok()))),
        DataType::Int16 => Arc::new(Int16Array::from(reader.values(|text| text.parse().ok()))),
        DataType::Int32 => Arc::new(Int32Array::from(reader.values(|text| text.parse().ok()))),
        DataType::Int64 => Arc::new(Int64Array::from(reader.values(|text| text.parse().ok()))),
        DataType::Float32 => Arc::new(Float32Array::from(
            reader.values(|text| text.parse::<f32>().ok().filter(|value| value.is_finite() || spells_non_finite(text))),
        )),
        DataType::Float64 => Arc::new(Float64Array::from(
            reader.values(|text| text.parse::<f64>().ok().filter(|value| value.is_finite() || spells_non_finite(text))),
        )),
        DataType::Decimal128(precision, scale) if *scale >= 0 => {
            let values = reader.values(|text| decimal(text, *precision, scale.unsigned_abs()));
            Arc::new(Decimal128Array::from(values).with_precision_and_scale(*precision, *scale)?)
        }
        DataType::Utf8 => {
            let is_null = |text: &str| rules.null_values.iter().any(|null| null == text);
            Arc::new(texts.iter().map(|text| text.filter(|text| !is_null(text))).collect::<StringArray>())
        }
        DataType::Date32 => Arc::new(Date32Array::from(reader.values(|text| {
            let days = date(text)?.signed_duration_since(NaiveDate::default()).num_days();
            i32::try_from(days).ok()
        }))),
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            let values = reader.values(|text| timestamp(text, zone.is_some()));
            Arc::new(TimestampMicrosecondArray::from(values).with_timezone_opt(zone.clone()))
        }
        other => {
            let problem = crate::types::problem(name, format!("is text, which is not read as {}", type_name(other)));
            return Err(StorageError::SchemaMismatch { problems: vec![problem] });
        }
    };
    let Some(first) = reader.bad.first() else { return Ok(array) };
    Err(StorageError::Value {
        column: name.to_owned(),
        detail: format!("text such as `{}`, which is no {},", shown(texts.value(*first)), type_name(target)),
        values: reader.bad.len(),
        rows: reader.bad.iter().take(ROWS_NAMED).map(|row| rows_before + *row as u64).collect(),
    })
}

struct Reader<'a> {
    texts: &'a StringArray,
    rules: &'a ParseRules,
    bad: Vec<usize>,
}

impl Reader<'_> {
    fn values<T>(&mut self, parse: impl Fn(&str) -> Option<T>) -> Vec<Option<T>> {
        let mut values = Vec::with_capacity(self.texts.len());
        for (row, text) in self.texts.iter().enumerate() {
            values.push(text.map(str::trim).and_then(|trimmed| {
                let is_null = |null: &String| null == trimmed || Some(null.as_str()) == text;
                if self.rules.null_values.iter().any(is_null) {
                    return None;
                }
                let value = parse(trimmed);
                if value.is_none() {
                    self.bad.push(row);
                }
                value
            }));
        }
        values
    }
}

pub(crate) fn type_name(data_type: &DataType) -> String {
    FeatureType::from_arrow(data_type).map_or_else(|_| data_type.to_string(), |feature_type| feature_type.to_string())
}

fn boolean(text: &str) -> Option<bool> {
    let any = |words: [&str; 5]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if any(["true", "t", "yes", "y", "1"]) {
        Some(true)
    } else if any(["false", "f", "no", "n", "0"]) {
        Some(false)
    } else {
        None
    }
}

/// Whether the text means infinity or not-a-number, unlike a number that is too large.
fn spells_non_finite(text: &str) -> bool {
    !text.bytes().any(|byte| byte.is_ascii_digit())
}

/// The unscaled value of an exact decimal.
fn decimal(text: &str, precision: u8, scale: u8) -> Option<i128> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if digits.bytes().all(|byte| byte == b'.') || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let zeros = usize::from(scale).checked_sub(fraction.len())?;
    let mut value: i128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()).chain(std::iter::repeat_n(b'0', zeros)) {
        value = value.checked_mul(10)?.checked_add(i128::from(digit - b'0'))?;
    }
    let fits = value < 10i128.checked_pow(precision.into())?;
    fits.then_some(if negative { -value } else { value })
}

fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

/// Microseconds since the epoch.
fn timestamp(text: &str, zoned: bool) -> Option<i64> {
    let (time, nanoseconds) = match DateTime::parse_from_rfc3339(text) {
        Ok(time) if zoned => (time.to_utc(), time.nanosecond()),
        Ok(_) => return None,
        Err(_) => {
            let formats = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
            let parsed = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
            let time = parsed.or_else(|| date(text)?.and_hms_opt(0, 0, 0))?;
            (time.and_utc(), time.nanosecond())
        }
    };
    // A leap second counts from 10^9 nanoseconds; it has no place on the stored clock.
    (nanoseconds < 1_000_000_000 && nanoseconds % 1_000 == 0).then(|| time.timestamp_micros())
}

#[cfg(test)]
mod tests {
    use arrow::util::display::array_value_to_string;

    use super::*;

    fn micros(zone: Option<&str>) -> DataType {
        DataType::Timestamp(TimeUnit::Microsecond, zone.map(Into::into))
    }
    fn read(text: &str, target: &DataType) -> Option<String> {
        let array = parse_text_column("c", &StringArray::from(vec![text]), target, &ParseRules::default(), 0).ok()?;
        Some(array_value_to_string(&array, 0).unwrap())
    }

    /// Type, texts with what they are read as, and texts that are refused.
    type Case = (DataType, &'static [(&'static str, &'static str)], &'static [&'static str]);

    #[test]
    fn text_is_read_as_each_type() {
        use DataType::*;
        let cases: Vec<Case> = vec![
            (Boolean, &[("TRUE", "true"), (" 1 ", "true"), ("No", "false"), ("", "")], &["2", "truth"]),
            (Int8, &[("-128", "-128"), ("+7", "7")], &["128", "1.0", "0x1", "1 2"]),
            (Int64, &[("9223372036854775807", "9223372036854775807")], &["9223372036854775808", "1e3", "1_000"]),
            (Float32, &[("0.1", "0.1"), ("-inf", "-inf"), ("NaN", "NaN")], &["1e39", "0,1", "abc"]),
            (Float64, &[("1e-3", "0.001"), ("-0", "-0.0"), ("5", "5.0")], &["1e400", "1,000.0"]),
            (
                Decimal128(5, 2),
                &[("1.5", "1.50"), ("-.25", "-0.25"), ("12.", "12.00"), ("0.500", "0.50"), ("+999.99", "999.99")],
                &["1.005", "1000", "1e2", ".", "-", "1.2.3", "1-2"],
            ),
            (Utf8, &[(" x ", " x "), ("", "")], &[]),
            (
                Date32,
                &[("2020-09-14", "2020-09-14"), ("1969-12-31", "1969-12-31")],
                &["2020-02-30", "14.9.2020", "2020-09-14T00:00"],
            ),
            (
                micros(Some("+00:00")),
                &[
                    ("2020-09-14T12:26:40.123456Z", "2020-09-14T12:26:40.123456Z"),
                    ("2020-09-14 12:26:40+02:00", "2020-09-14T10:26:40Z"),
                    ("2020-09-14 12:26:40.5", "2020-09-14T12:26:40.500Z"),
                    ("2020-09-14 12:26", "2020-09-14T12:26:00Z"),
                    ("1960-01-01", "1960-01-01T00:00:00Z"),
                ],
                &["2020-09-14T12:26:40.1234567Z", "2016-12-31T23:59:60Z", "1600000000", "yesterday"],
            ),
            (micros(None), &[("2020-09-14T12:26:40", "2020-09-14T12:26:40")], &["2020-09-14T12:26:40Z"]),
        ];
        for (target, good, bad) in cases {
            assert!(is_text_readable(&target));
            for (text, expected) in good {
                assert_eq!(read(text, &target).as_deref(), Some(*expected), "{text} as {target}");
            }
            for text in bad {
                assert_eq!(read(text, &target), None, "{text} as {target}");
            }
        }
    }

    #[test]
    fn bad_text_is_counted_and_its_first_rows_are_named() {
        let texts = StringArray::from(vec![Some("1"), Some("x"), None, Some("NA"), Some(""), Some("2.5")]);
        let rules = ParseRules { null_values: vec!["NA".into(), String::new()] };
        let error = parse_text_column("age", &texts, &DataType::Int32, &rules, 100).unwrap_err();
        assert_eq!(
            error.to_string(),
            "column `age`: text such as `x`, which is no integer, in 2 rows, first rows 101, 105"
        );
        let array = parse_text_column("age", &texts, &DataType::Utf8, &rules, 100).unwrap();
        assert_eq!(array.null_count(), 3);
        let error = parse_text_column("raw", &texts, &DataType::Binary, &rules, 0).unwrap_err();
        assert!(error.to_string().contains("column `raw` is text, which is not read as binary"), "{error}");
        assert!(!is_text_readable(&DataType::Binary));
    }
}
