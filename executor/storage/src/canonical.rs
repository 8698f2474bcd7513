//! The canonical bytes of a value: what the entity key hash and the row digest are computed over. Equal values have equal
//! bytes whatever their width, scale, unit or encoding. Specified in `docs/layout.md`; a change is a new version of both.

use std::ops::Range;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BinaryViewArray, BooleanArray, FixedSizeBinaryArray, LargeBinaryArray,
    LargeStringArray, StringArray, StringViewArray,
};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{
    DataType, Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};

pub(crate) const NULL: u8 = 0x00;
const INTEGER: u8 = 0x01;
pub(crate) const BOOLEAN: u8 = 0x02;
pub(crate) const STRING: u8 = 0x03;
const BINARY: u8 = 0x04;
const DATE: u8 = 0x05;
const TIMESTAMP: u8 = 0x06;
const DECIMAL: u8 = 0x07;
pub(crate) const FLOAT: u8 = 0x08;
const LIST: u8 = 0x09;
const STRUCT: u8 = 0x0A;

/// Bytes of a tag and 64 bits: every integer, date, timestamp and float.
pub(crate) const WORD: usize = 9;
const DAY_MS: i64 = 86_400_000;

/// Why a value has no canonical bytes.
pub(crate) type Fault = &'static str;
pub(crate) const FAULT_NANOSECONDS: Fault = "nanoseconds that are not whole microseconds";
pub(crate) const FAULT_TIMESTAMP: Fault = "timestamps outside the range of microseconds";
pub(crate) const FAULT_DATE: Fault = "dates with a time of day or out of range";
const FAULT_LENGTH: Fault = "values of 4 GiB or more";
const FAULT_DECIMAL: Fault = "decimals of more than 38 digits";

/// An integer, as the canonical bytes of any width have it.
#[inline]
pub(crate) fn integer(value: i64) -> [u8; WORD] {
    word(INTEGER, value.cast_unsigned())
}

#[inline]
pub(crate) fn word(tag: u8, bits: u64) -> [u8; WORD] {
    let mut bytes = [tag; WORD];
    bytes[1..].copy_from_slice(&bits.to_le_bytes());
    bytes
}

/// Appends the tag, length and bytes of a string.
pub(crate) fn put_string(value: &str, out: &mut Vec<u8>) -> Result<(), Fault> {
    put_bytes(STRING, value.as_bytes(), out)
}

fn put_bytes(tag: u8, value: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    out.push(tag);
    put_length(value.len(), out)?;
    out.extend_from_slice(value);
    Ok(())
}

/// Appends a length or count as 32 bits.
pub(crate) fn put_length(length: usize, out: &mut Vec<u8>) -> Result<(), Fault> {
    out.extend_from_slice(&u32::try_from(length).map_err(|_| FAULT_LENGTH)?.to_le_bytes());
    Ok(())
}

/// A 32-bit float widened to 64 bits, the same on every processor: a NaN keeps sign and payload and becomes quiet.
pub(crate) fn widened(value: f32) -> u64 {
    if !value.is_nan() {
        return f64::from(value).to_bits();
    }
    let bits = u64::from(value.to_bits());
    ((bits >> 31) << 63) | 0x7FF8_0000_0000_0000 | ((bits & 0x007F_FFFF) << 29)
}

/// A decimal by value: trailing zeros of the fraction removed; an integral one in the range of 64 bits is an integer.
fn put_decimal(mut value: i128, mut scale: i8, out: &mut Vec<u8>) -> Result<(), Fault> {
    while scale < 0 {
        if value == 0 {
            scale = 0;
            break;
        }
        value = value.checked_mul(10).ok_or(FAULT_DECIMAL)?;
        scale += 1;
    }
    while scale > 0 {
        // Division of 64 bits is several times faster and serves nearly all values.
        if let Ok(mut small) = i64::try_from(value) {
            while scale > 0 && small % 10 == 0 {
                small /= 10;
                scale -= 1;
            }
            value = i128::from(small);
            break;
        }
        if value % 10 != 0 {
            break;
        }
        value /= 10;
        scale -= 1;
    }
    if scale == 0
        && let Ok(value) = i64::try_from(value)
    {
        out.extend_from_slice(&integer(value));
        return Ok(());
    }
    out.push(DECIMAL);
    out.extend_from_slice(&value.to_le_bytes());
    out.extend_from_slice(&scale.to_le_bytes());
    Ok(())
}

/// Microseconds since the epoch of a timestamp in `unit`.
#[inline]
pub(crate) fn microseconds(value: i64, unit: TimeUnit) -> Result<i64, Fault> {
    match unit {
        TimeUnit::Second => value.checked_mul(1_000_000).ok_or(FAULT_TIMESTAMP),
        TimeUnit::Millisecond => value.checked_mul(1_000).ok_or(FAULT_TIMESTAMP),
        TimeUnit::Microsecond => Ok(value),
        TimeUnit::Nanosecond if value % 1_000 == 0 => Ok(value / 1_000),
        TimeUnit::Nanosecond => Err(FAULT_NANOSECONDS),
    }
}

/// Days since the epoch of a date in milliseconds.
#[inline]
pub(crate) fn days(milliseconds: i64) -> Result<i32, Fault> {
    if milliseconds % DAY_MS != 0 {
        return Err(FAULT_DATE);
    }
    i32::try_from(milliseconds / DAY_MS).map_err(|_| FAULT_DATE)
}

/// One column, ready to be encoded row by row.
pub(crate) struct Column<'a> {
    pub(crate) nulls: Option<NullBuffer>,
    pub(crate) values: Values<'a>,
}

/// The values of a column by Arrow type.
pub(crate) enum Values<'a> {
    Null,
    Bool(&'a BooleanArray),
    I8(&'a [i8]),
    I16(&'a [i16]),
    I32(&'a [i32]),
    I64(&'a [i64]),
    U8(&'a [u8]),
    U16(&'a [u16]),
    U32(&'a [u32]),
    U64(&'a [u64]),
    F32(&'a [f32]),
    F64(&'a [f64]),
    Date32(&'a [i32]),
    Date64(&'a [i64]),
    Timestamp(&'a [i64], TimeUnit),
    Decimal32(&'a [i32], i8),
    Decimal64(&'a [i64], i8),
    Decimal128(&'a [i128], i8),
    Utf8(&'a StringArray),
    LargeUtf8(&'a LargeStringArray),
    Utf8View(&'a StringViewArray),
    Binary(&'a BinaryArray),
    LargeBinary(&'a LargeBinaryArray),
    BinaryView(&'a BinaryViewArray),
    FixedBinary(&'a FixedSizeBinaryArray),
    Dictionary(Vec<usize>, Box<Column<'a>>),
    List(&'a [i32], Box<Column<'a>>),
    LargeList(&'a [i64], Box<Column<'a>>),
    FixedList(usize, Box<Column<'a>>),
    /// Members sorted by name.
    Struct(Vec<(&'a str, Column<'a>)>),
}

impl<'a> Column<'a> {
    /// Views `array`.
    ///
    /// # Errors
    /// The type, in Arrow's words, if the canonical encoding has no place for it.
    pub(crate) fn new(array: &'a ArrayRef) -> Result<Self, String> {
        let values = match array.data_type() {
            DataType::Null => Values::Null,
            DataType::Boolean => Values::Bool(array.as_boolean()),
            DataType::Int8 => Values::I8(array.as_primitive::<Int8Type>().values()),
            DataType::Int16 => Values::I16(array.as_primitive::<Int16Type>().values()),
            DataType::Int32 => Values::I32(array.as_primitive::<Int32Type>().values()),
            DataType::Int64 => Values::I64(array.as_primitive::<Int64Type>().values()),
            DataType::UInt8 => Values::U8(array.as_primitive::<UInt8Type>().values()),
            DataType::UInt16 => Values::U16(array.as_primitive::<UInt16Type>().values()),
            DataType::UInt32 => Values::U32(array.as_primitive::<UInt32Type>().values()),
            DataType::UInt64 => Values::U64(array.as_primitive::<UInt64Type>().values()),
            DataType::Float32 => Values::F32(array.as_primitive::<Float32Type>().values()),
            DataType::Float64 => Values::F64(array.as_primitive::<Float64Type>().values()),
            DataType::Date32 => Values::Date32(array.as_primitive::<Date32Type>().values()),
            DataType::Date64 => Values::Date64(array.as_primitive::<Date64Type>().values()),
            DataType::Timestamp(unit, _) => Values::Timestamp(
                match unit {
                    TimeUnit::Second => array.as_primitive::<TimestampSecondType>().values(),
                    TimeUnit::Millisecond => array.as_primitive::<TimestampMillisecondType>().values(),
                    TimeUnit::Microsecond => array.as_primitive::<TimestampMicrosecondType>().values(),
                    TimeUnit::Nanosecond => array.as_primitive::<TimestampNanosecondType>().values(),
                },
                *unit,
            ),
            DataType::Decimal32(_, scale) => Values::Decimal32(array.as_primitive::<Decimal32Type>().values(), *scale),
            DataType::Decimal64(_, scale) => Values::Decimal64(array.as_primitive::<Decimal64Type>().values(), *scale),
            DataType::Decimal128(_, scale) => {
                Values::Decimal128(array.as_primitive::<Decimal128Type>().values(), *scale)
            }
            DataType::Utf8 => Values::Utf8(array.as_string()),
            DataType::LargeUtf8 => Values::LargeUtf8(array.as_string()),
            DataType::Utf8View => Values::Utf8View(array.as_string_view()),
            DataType::Binary => Values::Binary(array.as_binary()),
            DataType::LargeBinary => Values::LargeBinary(array.as_binary()),
            DataType::BinaryView => Values::BinaryView(array.as_binary_view()),
            DataType::FixedSizeBinary(_) => Values::FixedBinary(array.as_fixed_size_binary()),
            DataType::Dictionary(_, _) => {
                let dictionary = array.as_any_dictionary();
                if dictionary.values().is_empty() {
                    Values::Null // normalised keys need a value; without one every row is null
                } else {
                    Values::Dictionary(dictionary.normalized_keys(), Box::new(Self::new(dictionary.values())?))
                }
            }
            DataType::List(_) => {
                let list = array.as_list::<i32>();
                Values::List(list.value_offsets(), Box::new(Self::new(list.values())?))
            }
            DataType::LargeList(_) => {
                let list = array.as_list::<i64>();
                Values::LargeList(list.value_offsets(), Box::new(Self::new(list.values())?))
            }
            DataType::FixedSizeList(_, length) => {
                let length = usize::try_from(*length).map_err(|_| array.data_type().to_string())?;
                Values::FixedList(length, Box::new(Self::new(array.as_fixed_size_list().values())?))
            }
            DataType::Struct(fields) => {
                let children = array.as_struct().columns();
                let mut members = Vec::with_capacity(fields.len());
                for (field, child) in fields.iter().zip(children) {
                    members.push((field.name().as_str(), Self::new(child)?));
                }
                members.sort_by(|left, right| left.0.cmp(right.0));
                if members.windows(2).any(|pair| pair[0].0 == pair[1].0) {
                    return Err(format!("{} with two members of one name", array.data_type()));
                }
                Values::Struct(members)
            }
            other => return Err(other.to_string()),
        };
        Ok(Self { nulls: array.logical_nulls().filter(|nulls| nulls.null_count() > 0), values })
    }

    #[inline]
    pub(crate) fn is_null(&self, row: usize) -> bool {
        self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row))
    }

    /// Appends the canonical bytes of one value, null included.
    pub(crate) fn put(&self, row: usize, out: &mut Vec<u8>) -> Result<(), Fault> {
        if self.is_null(row) {
            out.push(NULL);
            return Ok(());
        }
        match &self.values {
            Values::Null => out.push(NULL),
            Values::Bool(values) => out.extend_from_slice(&[BOOLEAN, u8::from(values.value(row))]),
            Values::I8(values) => out.extend_from_slice(&integer(values[row].into())),
            Values::I16(values) => out.extend_from_slice(&integer(values[row].into())),
            Values::I32(values) => out.extend_from_slice(&integer(values[row].into())),
            Values::I64(values) => out.extend_from_slice(&integer(values[row])),
            Values::U8(values) => out.extend_from_slice(&integer(values[row].into())),
            Values::U16(values) => out.extend_from_slice(&integer(values[row].into())),
            Values::U32(values) => out.extend_from_slice(&integer(values[row].into())),
            Values::U64(values) => put_decimal(values[row].into(), 0, out)?,
            Values::F32(values) => out.extend_from_slice(&word(FLOAT, widened(values[row]))),
            Values::F64(values) => out.extend_from_slice(&word(FLOAT, values[row].to_bits())),
            Values::Date32(values) => out.extend_from_slice(&date(values[row])),
            Values::Date64(values) => out.extend_from_slice(&date(days(values[row])?)),
            Values::Timestamp(values, unit) => out.extend_from_slice(&timestamp(values[row], *unit)?),
            Values::Decimal32(values, scale) => put_decimal(values[row].into(), *scale, out)?,
            Values::Decimal64(values, scale) => put_decimal(values[row].into(), *scale, out)?,
            Values::Decimal128(values, scale) => put_decimal(values[row], *scale, out)?,
            Values::Utf8(values) => put_string(values.value(row), out)?,
            Values::LargeUtf8(values) => put_string(values.value(row), out)?,
            Values::Utf8View(values) => put_string(values.value(row), out)?,
            Values::Binary(values) => put_bytes(BINARY, values.value(row), out)?,
            Values::LargeBinary(values) => put_bytes(BINARY, values.value(row), out)?,
            Values::BinaryView(values) => put_bytes(BINARY, values.value(row), out)?,
            Values::FixedBinary(values) => put_bytes(BINARY, values.value(row), out)?,
            Values::Dictionary(keys, values) => values.put(keys[row], out)?,
            Values::List(offsets, elements) => {
                elements.put_list(offsets[row] as usize..offsets[row + 1] as usize, out)?;
            }
            Values::LargeList(offsets, elements) => {
                elements.put_list(offsets[row] as usize..offsets[row + 1] as usize, out)?;
            }
            Values::FixedList(length, elements) => elements.put_list(row * length..(row + 1) * length, out)?,
            Values::Struct(members) => {
                out.push(STRUCT);
                put_length(members.iter().filter(|(_, member)| member.is_some(row)).count(), out)?;
                for (name, member) in members.iter().filter(|(_, member)| member.is_some(row)) {
                    put_length(name.len(), out)?;
                    out.extend_from_slice(name.as_bytes());
                    member.put(row, out)?;
                }
            }
        }
        Ok(())
    }

    fn put_list(&self, elements: Range<usize>, out: &mut Vec<u8>) -> Result<(), Fault> {
        out.push(LIST);
        put_length(elements.len(), out)?;
        elements.into_iter().try_for_each(|element| self.put(element, out))
    }

    fn is_some(&self, row: usize) -> bool {
        !self.is_null(row) && !matches!(self.values, Values::Null)
    }
}

pub(crate) fn date(days: i32) -> [u8; WORD] {
    word(DATE, i64::from(days).cast_unsigned())
}

pub(crate) fn timestamp(value: i64, unit: TimeUnit) -> Result<[u8; WORD], Fault> {
    Ok(word(TIMESTAMP, microseconds(value, unit)?.cast_unsigned()))
}
