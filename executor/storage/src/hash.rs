//! The entity key hash, version 1: XXH3-64 over the canonical bytes of the key columns in declared order. It decides the
//! bucket and file of a row for ever; `docs/layout.md` specifies it with test vectors.

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::buffer::{BooleanBuffer, NullBuffer};
use arrow::datatypes::{DataType, Int32Type, Int64Type};
use xxhash_rust::xxh3::xxh3_64;

use crate::canonical::{self, Column};
use crate::error::{Result, StorageError};
use crate::row_bytes::{CHUNK_ROWS, FaultAt, Nulls, RowBytes};
use crate::types;

/// Version of the hash, written beside everything that is laid out by it. A table is read and written with its own version.
pub const HASH_VERSION: u32 = 1;

/// Hashes the entity keys of all rows.
/// `columns`: the key columns in declared order, of equal length. Types that hold the same value give the same hash.
/// A null is hashed as a value of its own; whether it may be one is for [`null_key_mask`].
///
/// # Errors
/// [`StorageError::Invalid`] without columns and for types that are no keys (floats, lists, structs, ...);
/// [`StorageError::Value`] for nanoseconds and dates that the stored type cannot hold.
pub fn hash_keys(columns: &[ArrayRef]) -> Result<Vec<u64>> {
    let mut hashes = Vec::new();
    hash_keys_into(columns, &mut hashes)?;
    Ok(hashes)
}

/// As [`hash_keys`], into a buffer of the caller that is cleared first.
///
/// # Errors
/// As [`hash_keys`].
pub fn hash_keys_into(columns: &[ArrayRef], hashes: &mut Vec<u64>) -> Result<()> {
    let rows = check(columns)?;
    hashes.clear();
    hashes.reserve(rows);
    if let [column] = columns
        && column.null_count() == 0
    {
        match column.data_type() {
            DataType::Int64 => {
                let values = column.as_primitive::<Int64Type>().values();
                hashes.extend(values.iter().map(|value| xxh3_64(&canonical::integer(*value))));
                return Ok(());
            }
            DataType::Int32 => {
                let values = column.as_primitive::<Int32Type>().values();
                hashes.extend(values.iter().map(|value| xxh3_64(&canonical::integer((*value).into()))));
                return Ok(());
            }
            DataType::Utf8 => {
                let mut bytes = Vec::with_capacity(64);
                for value in column.as_string::<i32>().iter().flatten() {
                    bytes.clear();
                    canonical::put_string(value, &mut bytes)
                        .map_err(|fault| value_error(FaultAt { column: 0, row: hashes.len(), fault }))?;
                    hashes.push(xxh3_64(&bytes));
                }
                return Ok(());
            }
            _ => {}
        }
    }
    let views = columns.iter().map(Column::new).collect::<Result<Vec<_>, _>>().map_err(not_a_key)?;
    let prefixes = vec![Vec::new(); columns.len()];
    let mut bytes = RowBytes::default();
    for start in (0..rows).step_by(CHUNK_ROWS) {
        let chunk = start..rows.min(start + CHUNK_ROWS);
        bytes.encode(&views, &prefixes, Nulls::Written, chunk).map_err(value_error)?;
        hashes.extend(bytes.rows().map(xxh3_64));
    }
    Ok(())
}

/// Rows (set bits) in which any key column is null; `None` when there are none.
pub fn null_key_mask(columns: &[ArrayRef]) -> Option<BooleanBuffer> {
    let valid = columns
        .iter()
        .fold(None, |valid, column| NullBuffer::union(valid.as_ref(), column.logical_nulls().as_ref()))?;
    (valid.null_count() > 0).then(|| !valid.inner())
}

/// Bucket of a hash: its top bits, so that each bucket of B is split into two of 2B.
/// `buckets` is a power of two; anything else counts as the next lower one.
#[inline]
pub fn bucket_of(hash: u64, buckets: u32) -> u32 {
    match bits(buckets) {
        0 => 0,
        bits => (hash >> (64 - bits)) as u32,
    }
}

/// First and last hash of a bucket, both inclusive.
pub fn hash_range_of(bucket: u32, buckets: u32) -> (u64, u64) {
    match bits(buckets) {
        0 => (0, u64::MAX),
        bits => {
            let first = u64::from(bucket) << (64 - bits);
            (first, first | (u64::MAX >> bits))
        }
    }
}

fn bits(buckets: u32) -> u32 {
    debug_assert!(buckets.is_power_of_two(), "{buckets} buckets");
    buckets.max(1).ilog2()
}

fn check(columns: &[ArrayRef]) -> Result<usize> {
    let Some(first) = columns.first() else {
        return Err(StorageError::Internal { detail: "a key without columns".into() });
    };
    if columns.iter().any(|column| column.len() != first.len()) {
        return Err(StorageError::Internal { detail: "key columns of unequal length".into() });
    }
    match columns.iter().find(|column| !types::is_key_type(column.data_type())) {
        Some(column) => Err(not_a_key(column.data_type().to_string())),
        None => Ok(first.len()),
    }
}

fn not_a_key(data_type: String) -> StorageError {
    StorageError::invalid(format!("a column of type {data_type} cannot be a key"))
}

fn value_error(at: FaultAt) -> StorageError {
    StorageError::Value {
        column: format!("key column {}", at.column + 1),
        detail: at.fault.into(),
        values: 1,
        rows: vec![at.row as u64],
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::*;
    use arrow::datatypes::*;

    use super::*;

    fn hash_of(array: impl Array + 'static) -> u64 {
        hash_keys(&[Arc::new(array)]).unwrap()[0]
    }

    fn decimal(value: i128, precision: u8, scale: i8) -> Decimal128Array {
        Decimal128Array::from(vec![value]).with_precision_and_scale(precision, scale).unwrap()
    }

    /// Tests of this file and of the digest share the vectors with other languages.
    #[test]
    fn hashes_are_those_of_the_published_vectors() {
        let vectors: serde_json::Value = serde_json::from_str(include_str!("../vectors/hash_v1.json")).unwrap();
        let expected = |name: &str| {
            let all = vectors["hash"].as_array().unwrap();
            let vector = all.iter().find(|vector| vector["name"] == name).unwrap_or_else(|| panic!("{name}"));
            u64::from_str_radix(vector["xxh3_64"].as_str().unwrap(), 16).unwrap()
        };
        let micros = 1_600_000_000_123_456;
        let cases: Vec<(&str, Vec<ArrayRef>)> = vec![
            ("integer 0", vec![Arc::new(Int8Array::from(vec![0]))]),
            ("integer 1", vec![Arc::new(UInt32Array::from(vec![1]))]),
            ("integer -1", vec![Arc::new(Int16Array::from(vec![-1]))]),
            ("integer 42", vec![Arc::new(Int64Array::from(vec![42]))]),
            ("integer max", vec![Arc::new(Int64Array::from(vec![i64::MAX]))]),
            ("integer min", vec![Arc::new(Int64Array::from(vec![i64::MIN]))]),
            ("integer 2^63", vec![Arc::new(UInt64Array::from(vec![1 << 63]))]),
            ("boolean true", vec![Arc::new(BooleanArray::from(vec![true]))]),
            ("string empty", vec![Arc::new(StringArray::from(vec![""]))]),
            ("string ascii", vec![Arc::new(StringViewArray::from(vec!["team"]))]),
            ("string utf8", vec![Arc::new(LargeStringArray::from(vec!["Göteborg"]))]),
            ("string long", vec![Arc::new(StringArray::from(vec!["x".repeat(1_000)]))]),
            ("binary", vec![Arc::new(BinaryArray::from(vec![&[0u8, 255][..]]))]),
            ("date", vec![Arc::new(Date32Array::from(vec![18_519]))]),
            ("date before 1970", vec![Arc::new(Date64Array::from(vec![-86_400_000]))]),
            ("timestamp", vec![Arc::new(TimestampMicrosecondArray::from(vec![micros]).with_timezone("UTC"))]),
            ("decimal 1.5", vec![Arc::new(decimal(1_500, 10, 3))]),
            ("decimal -0.05", vec![Arc::new(decimal(-5, 10, 2))]),
            ("decimal large", vec![Arc::new(decimal(10i128.pow(30), 38, 2))]),
            ("null", vec![Arc::new(Int64Array::from(vec![None]))]),
            (
                "composite",
                vec![
                    Arc::new(Int32Array::from(vec![7])),
                    Arc::new(StringArray::from(vec!["a"])),
                    Arc::new(Date32Array::from(vec![1])),
                ],
            ),
        ];
        assert_eq!(cases.len(), vectors["hash"].as_array().unwrap().len());
        for (name, columns) in cases {
            assert_eq!(
                format!("{:016x}", hash_keys(&columns).unwrap()[0]),
                format!("{:016x}", expected(name)),
                "{name}"
            );
        }
    }

    #[test]
    fn equal_values_hash_alike_whatever_their_type() {
        let expected = hash_of(Int64Array::from(vec![42]));
        assert_eq!(hash_of(Int8Array::from(vec![42])), expected);
        assert_eq!(hash_of(Int16Array::from(vec![42])), expected);
        assert_eq!(hash_of(Int32Array::from(vec![42])), expected);
        assert_eq!(hash_of(UInt8Array::from(vec![42])), expected);
        assert_eq!(hash_of(UInt64Array::from(vec![42])), expected);
        assert_eq!(hash_of(decimal(42, 10, 0)), expected);
        assert_eq!(hash_of(decimal(4_200, 38, 2)), expected);
        assert_eq!(hash_of(Decimal64Array::from(vec![420]).with_precision_and_scale(10, 1).unwrap()), expected);
        assert_eq!(hash_of(UInt64Array::from(vec![u64::MAX])), hash_of(decimal(u64::MAX.into(), 38, 0)));

        let text = hash_of(StringArray::from(vec!["x"]));
        assert_eq!(hash_of(LargeStringArray::from(vec!["x"])), text);
        assert_eq!(hash_of(StringViewArray::from(vec!["x"])), text);
        assert_eq!(hash_of(vec!["x"].into_iter().collect::<DictionaryArray<Int32Type>>()), text);
        assert_ne!(hash_of(BinaryArray::from(vec![&b"x"[..]])), text);

        let time = hash_of(TimestampMicrosecondArray::from(vec![2_000_000]));
        assert_eq!(hash_of(TimestampSecondArray::from(vec![2])), time);
        assert_eq!(hash_of(TimestampMillisecondArray::from(vec![2_000]).with_timezone("Europe/Stockholm")), time);
        assert_eq!(hash_of(TimestampNanosecondArray::from(vec![2_000_000_000])), time);
        assert_eq!(hash_of(Date64Array::from(vec![86_400_000])), hash_of(Date32Array::from(vec![1])));
    }

    #[test]
    fn fast_paths_and_slices_hash_as_the_general_path() {
        let numbers: Vec<i64> = (0..1_000).map(|n| n * 7_919 - 300_000).collect();
        let texts: Vec<String> = numbers.iter().map(|n| format!("key {n}")).collect();
        let plain: [ArrayRef; 3] = [
            Arc::new(Int64Array::from(numbers.clone())),
            Arc::new(Int32Array::from_iter_values(numbers.iter().map(|n| *n as i32))),
            Arc::new(StringArray::from(texts.clone())),
        ];
        let general: [ArrayRef; 3] = [
            Arc::new(numbers.iter().map(|n| Some(*n)).chain([None]).collect::<Int64Array>()),
            Arc::new(numbers.iter().map(|n| Some(*n as i32)).chain([None]).collect::<Int32Array>()),
            Arc::new(StringViewArray::from_iter(texts.iter().map(Some))),
        ];
        for (fast, slow) in plain.iter().zip(&general) {
            let fast_hashes = hash_keys(&[Arc::clone(fast)]).unwrap();
            assert_eq!(fast_hashes, hash_keys(&[Arc::clone(slow)]).unwrap()[..1_000]);
            assert_eq!(hash_keys(&[fast.slice(300, 500)]).unwrap(), fast_hashes[300..800]);
            assert_eq!(hash_keys(&[slow.slice(300, 500)]).unwrap(), fast_hashes[300..800]);
        }
        let both = hash_keys(&plain[1..]).unwrap();
        let sliced: Vec<ArrayRef> = general[1..].iter().map(|column| column.slice(255, 600)).collect();
        assert_eq!(hash_keys(&sliced).unwrap(), both[255..855]);
    }

    #[test]
    fn floats_and_nested_types_are_no_keys() {
        for column in [
            Arc::new(Float64Array::from(vec![1.0])) as ArrayRef,
            Arc::new(Float32Array::from(vec![1.0])),
            new_null_array(&DataType::new_list(DataType::Int32, true), 1),
            new_null_array(&DataType::Null, 1),
        ] {
            assert!(matches!(hash_keys(&[column]), Err(StorageError::Invalid(_))));
        }
        let odd: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![0, 1]));
        let error = hash_keys(&[odd]).unwrap_err();
        assert!(matches!(error, StorageError::Value { ref rows, .. } if rows == &[1]), "{error}");
    }

    #[test]
    fn a_row_with_any_null_key_is_marked() {
        let left: ArrayRef = Arc::new(Int32Array::from(vec![Some(1), None, Some(3)]));
        let right: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), Some("b"), None]));
        let mask = null_key_mask(&[left, right]).unwrap();
        assert_eq!(mask.iter().collect::<Vec<_>>(), [false, true, true]);
        assert!(null_key_mask(&[Arc::new(Int32Array::from(vec![1]))]).is_none());
    }

    #[test]
    fn buckets_are_top_bits_and_nest() {
        assert_eq!(bucket_of(u64::MAX, 1), 0);
        assert_eq!(bucket_of(u64::MAX, 1 << 31), (1 << 31) - 1);
        for hash in hash_keys(&[Arc::new(Int64Array::from_iter_values(0..1_000))]).unwrap() {
            for buckets in [1, 2, 16, 1_024] {
                let bucket = bucket_of(hash, buckets);
                assert_eq!(bucket_of(hash, buckets * 2) / 2, bucket);
                let (first, last) = hash_range_of(bucket, buckets);
                assert!(first <= hash && hash <= last);
                assert_eq!(bucket_of(last, buckets), bucket);
            }
        }
        assert_eq!(hash_range_of(0, 1), (0, u64::MAX));
        assert_eq!(hash_range_of(3, 4), (3 << 62, u64::MAX));
    }
}
