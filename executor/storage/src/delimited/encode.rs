//! Rows to delimited text.

use arrow::{
    array::{
        Array, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int8Array, Int16Array,
        Int32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
    },
    datatypes::{DataType, Schema, TimeUnit},
};
use mangonel_proto::Error;

use super::Delimiter;
use crate::{
    error::{Result, StorageError},
    text::{is_text_readable, type_name},
};

const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// Writes rows of one schema, the line of names first.
pub(crate) struct DelimitedEncoder {
    delimiter: u8,
    nulls: Vec<u64>,
    header: Vec<u8>,
}

impl DelimitedEncoder {
    /// # Errors
    /// [`StorageError::Invalid`] with every column whose type is not written as text.
    pub(crate) fn new(columns: &Schema, delimiter: Delimiter) -> Result<Self> {
        check_columns(columns)?;
        let delimiter = delimiter.byte();
        let mut header = Vec::new();
        for (index, field) in columns.fields().iter().enumerate() {
            if index > 0 {
                header.push(delimiter);
            }
            put_text(field.name(), delimiter, &mut header);
        }
        header.push(b'\n');
        Ok(Self { delimiter, nulls: vec![0; columns.fields().len()], header })
    }

    /// Appends the rows of `batch` to `out`.
    ///
    /// # Errors
    /// [`StorageError::Internal`] for a column of another type than was checked.
    pub(crate) fn encode(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<()> {
        out.append(&mut self.header);
        let columns = batch.columns().iter().map(|column| Cells::of(column.as_ref()));
        let columns: Vec<Cells<'_>> = columns.collect::<Result<_>>()?;
        for (total, column) in self.nulls.iter_mut().zip(batch.columns()) {
            *total += column.null_count() as u64;
        }
        let nulls: Vec<_> = batch.columns().iter().map(|column| column.logical_nulls()).collect();
        for row in 0..batch.num_rows() {
            for (index, (cells, nulls)) in columns.iter().zip(&nulls).enumerate() {
                if index > 0 {
                    out.push(self.delimiter);
                }
                if nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row)) {
                    cells.put(row, self.delimiter, out);
                } else if columns.len() == 1 {
                    out.extend(b"\"\"");
                }
            }
            out.push(b'\n');
        }
        Ok(())
    }

    /// Appends what is left when no more rows come: the line of names, if there were none.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.header);
    }

    /// Nulls so far, by column.
    pub(crate) fn nulls(&self) -> &[u64] {
        &self.nulls
    }
}

/// Whether all columns can be written as text.
///
/// # Errors
/// [`StorageError::Invalid`] with every column that cannot.
pub fn check_columns(columns: &Schema) -> Result<()> {
    let unfit = columns.fields().iter().filter(|field| !is_text_readable(field.data_type()));
    let unfit: Vec<(String, String)> =
        unfit.map(|field| (field.name().clone(), type_name(field.data_type()))).collect();
    if unfit.is_empty() {
        return Ok(());
    }
    let shown: Vec<String> = unfit.iter().map(|(name, kind)| format!("`{name}` ({kind})")).collect();
    let message =
        format!("text holds no lists, structs or bytes: leave out {}, or write tfrecord or parquet", shown.join(", "));
    Err(Error::invalid(message).named(unfit.into_iter().map(|(name, _)| name)).into())
}

/// A column, ready to be written value by value.
enum Cells<'a> {
    Boolean(&'a BooleanArray),
    Int8(&'a Int8Array),
    Int16(&'a Int16Array),
    Int32(&'a Int32Array),
    Int64(&'a Int64Array),
    Float32(&'a Float32Array),
    Float64(&'a Float64Array),
    Decimal(&'a Decimal128Array, usize),
    Text(&'a StringArray),
    Date(&'a Date32Array),
    /// With `Z` or without.
    Time(&'a TimestampMicrosecondArray, bool),
}

impl<'a> Cells<'a> {
    fn of(column: &'a dyn Array) -> Result<Self> {
        let any = column.as_any();
        let cells = match column.data_type() {
            DataType::Boolean => any.downcast_ref().map(Self::Boolean),
            DataType::Int8 => any.downcast_ref().map(Self::Int8),
            DataType::Int16 => any.downcast_ref().map(Self::Int16),
            DataType::Int32 => any.downcast_ref().map(Self::Int32),
            DataType::Int64 => any.downcast_ref().map(Self::Int64),
            DataType::Float32 => any.downcast_ref().map(Self::Float32),
            DataType::Float64 => any.downcast_ref().map(Self::Float64),
            DataType::Decimal128(_, scale) => {
                let scale = usize::from(scale.unsigned_abs());
                any.downcast_ref().map(|column| Self::Decimal(column, scale))
            }
            DataType::Utf8 => any.downcast_ref().map(Self::Text),
            DataType::Date32 => any.downcast_ref().map(Self::Date),
            DataType::Timestamp(TimeUnit::Microsecond, zone) => {
                any.downcast_ref().map(|column| Self::Time(column, zone.is_some()))
            }
            _ => None,
        };
        let unfit = || StorageError::Internal { detail: format!("{} is not written as text", column.data_type()) };
        cells.ok_or_else(unfit)
    }

    fn put(&self, row: usize, delimiter: u8, out: &mut Vec<u8>) {
        match self {
            Self::Boolean(column) => out.extend(if column.value(row) { &b"true"[..] } else { b"false" }),
            Self::Int8(column) => put_integer(column.value(row), out),
            Self::Int16(column) => put_integer(column.value(row), out),
            Self::Int32(column) => put_integer(column.value(row), out),
            Self::Int64(column) => put_integer(column.value(row), out),
            Self::Float32(column) => out.extend(ryu::Buffer::new().format(column.value(row)).as_bytes()),
            Self::Float64(column) => out.extend(ryu::Buffer::new().format(column.value(row)).as_bytes()),
            Self::Decimal(column, scale) => put_decimal(column.value(row), *scale, out),
            Self::Text(column) => put_text(column.value(row), delimiter, out),
            Self::Date(column) => put_date(column.value(row).into(), out),
            Self::Time(column, utc) => put_time(column.value(row), *utc, out),
        }
    }
}

fn put_integer(value: impl itoa::Integer, out: &mut Vec<u8>) {
    out.extend(itoa::Buffer::new().format(value).as_bytes());
}

fn put_decimal(value: i128, scale: usize, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    let mut buffer = itoa::Buffer::new();
    let digits = buffer.format(value.unsigned_abs());
    let zeros = (scale + 1).saturating_sub(digits.len());
    let whole = (zeros + digits.len()) - scale;
    for (place, digit) in std::iter::repeat_n(b'0', zeros).chain(digits.bytes()).enumerate() {
        if place == whole {
            out.push(b'.');
        }
        out.push(digit);
    }
}

fn put_text(text: &str, delimiter: u8, out: &mut Vec<u8>) {
    let special = |byte: &u8| *byte == delimiter || matches!(byte, b'"' | b'\n' | b'\r');
    // Blanks at the ends are quoted too: some readers strip them.
    let padded = text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace);
    if !text.is_empty() && !padded && !text.as_bytes().iter().any(special) {
        return out.extend(text.as_bytes());
    }
    out.push(b'"');
    for (index, piece) in text.split('"').enumerate() {
        if index > 0 {
            out.extend(b"\"\"");
        }
        out.extend(piece.as_bytes());
    }
    out.push(b'"');
}

/// `days` since 1970-01-01 as year, month and day of the proleptic Gregorian calendar.
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`.
fn put_date(days: i64, out: &mut Vec<u8>) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    match year {
        0..=9999 => {}
        ..0 => out.push(b'-'),
        _ => out.push(b'+'),
    }
    put_padded(year.abs(), 4, out);
    out.push(b'-');
    put_padded(month, 2, out);
    out.push(b'-');
    put_padded(day, 2, out);
}

fn put_time(micros: i64, utc: bool, out: &mut Vec<u8>) {
    let (seconds, fraction) = (micros.div_euclid(MICROS_PER_SECOND), micros.rem_euclid(MICROS_PER_SECOND));
    let second_of_day = seconds.rem_euclid(SECONDS_PER_DAY);
    put_date(seconds.div_euclid(SECONDS_PER_DAY), out);
    for (mark, part) in [(b'T', second_of_day / 3600), (b':', second_of_day / 60 % 60), (b':', second_of_day % 60)] {
        out.push(mark);
        put_padded(part, 2, out);
    }
    if fraction > 0 {
        out.push(b'.');
        put_padded(fraction, 6, out);
    }
    if utc {
        out.push(b'Z');
    }
}

fn put_padded(value: i64, digits: usize, out: &mut Vec<u8>) {
    let mut buffer = itoa::Buffer::new();
    let text = buffer.format(value);
    out.extend(std::iter::repeat_n(b'0', digits.saturating_sub(text.len())));
    out.extend(text.as_bytes());
}
