//! The row digest, version 1: XXH3-128 over the names and canonical bytes of the non-null columns, sorted by name. It
//! orders rows of one key and time for ever; `docs/layout.md` specifies it with test vectors.

use arrow::array::{FixedSizeBinaryArray, RecordBatch};
use arrow::buffer::Buffer;
use arrow::datatypes::Schema;
use mangonel_proto::names::INTERNAL_PREFIX;
use xxhash_rust::xxh3::xxh3_128;

use crate::canonical::{self, Column};
use crate::error::{Result, StorageError};
use crate::row_bytes::{CHUNK_ROWS, Nulls, RowBytes};
use crate::types;

/// Version of the digest, written beside everything that is sorted by it.
pub const DIGEST_VERSION: u32 = 1;
/// Bytes of a digest.
pub const DIGEST_BYTES: i32 = 16;

/// Digests the rows of batches of one schema. Columns of our own (prefix `_mangonel`) are not part of a row.
#[derive(Clone, Debug)]
pub struct RowDigester {
    columns: usize,
    /// Position and name of each column that counts, sorted by name.
    planned: Vec<(usize, String)>,
    /// What precedes each column's value: the length of its name and the name.
    prefixes: Vec<Vec<u8>>,
}

impl RowDigester {
    /// Plans the digests of batches with this schema.
    ///
    /// # Errors
    /// [`StorageError::SchemaMismatch`] with every column whose type has no digest or whose name occurs twice.
    pub fn new(schema: &Schema) -> Result<Self> {
        let fields = schema.fields().iter().enumerate();
        let mut planned: Vec<(usize, String)> = fields
            .filter(|(_, field)| !field.name().starts_with(INTERNAL_PREFIX))
            .map(|(index, field)| (index, field.name().clone()))
            .collect();
        planned.sort_by(|left, right| left.1.cmp(&right.1));
        let mut problems = Vec::new();
        for pair in planned.windows(2).filter(|pair| pair[0].1 == pair[1].1) {
            problems.push(types::problem(&pair[0].1, "occurs twice"));
        }
        for (index, name) in &planned {
            if let Err(refused) = Column::new(&arrow::array::new_empty_array(schema.field(*index).data_type())) {
                problems.push(types::problem(name, format!("has no row digest: type {refused}")));
            }
        }
        if !problems.is_empty() {
            return Err(StorageError::SchemaMismatch { problems });
        }
        let mut prefixes = Vec::with_capacity(planned.len());
        for (_, name) in &planned {
            let mut prefix = Vec::with_capacity(4 + name.len());
            canonical::put_length(name.len(), &mut prefix).map_err(StorageError::invalid)?;
            prefix.extend_from_slice(name.as_bytes());
            prefixes.push(prefix);
        }
        Ok(Self { columns: schema.fields().len(), planned, prefixes })
    }

    /// The digest of every row, most significant byte first, so that the order of bytes is the order of numbers.
    ///
    /// # Errors
    /// [`StorageError::Internal`] if the batch has another schema than planned for; [`StorageError::Value`] for
    /// nanoseconds and dates that the stored type cannot hold.
    pub fn digest(&self, batch: &RecordBatch) -> Result<FixedSizeBinaryArray> {
        let schema = batch.schema_ref();
        if batch.num_columns() != self.columns
            || self.planned.iter().any(|(index, name)| schema.field(*index).name() != name)
        {
            return Err(StorageError::Internal { detail: "a row digest was planned for another schema".into() });
        }
        let columns = self.planned.iter().map(|(index, _)| Column::new(batch.column(*index)));
        let columns = columns.collect::<Result<Vec<_>, _>>().map_err(|refused| StorageError::Internal {
            detail: format!("a row digest was planned for another schema, which had no {refused}"),
        })?;
        let rows = batch.num_rows();
        let mut digests = Vec::with_capacity(rows * DIGEST_BYTES as usize);
        let mut bytes = RowBytes::default();
        for start in (0..rows).step_by(CHUNK_ROWS) {
            let chunk = start..rows.min(start + CHUNK_ROWS);
            bytes.encode(&columns, &self.prefixes, Nulls::LeftOut, chunk).map_err(|at| StorageError::Value {
                column: self.planned[at.column].1.clone(),
                detail: at.fault.into(),
                values: 1,
                rows: vec![at.row as u64],
            })?;
            bytes.rows().for_each(|row| digests.extend_from_slice(&xxh3_128(row).to_be_bytes()));
        }
        Ok(FixedSizeBinaryArray::try_new(DIGEST_BYTES, Buffer::from_vec(digests), None)?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::*;
    use arrow::buffer::*;
    use arrow::datatypes::*;

    use super::*;

    type Columns = Vec<(&'static str, ArrayRef)>;

    fn digests(columns: Columns) -> Vec<String> {
        let batch =
            RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
                .unwrap();
        let digests = RowDigester::new(&batch.schema()).unwrap().digest(&batch).unwrap();
        digests.iter().flatten().map(|digest| digest.iter().map(|byte| format!("{byte:02x}")).collect()).collect()
    }
    fn array(array: impl Array + 'static) -> ArrayRef {
        Arc::new(array)
    }
    fn decimal(value: i128, precision: u8, scale: i8) -> ArrayRef {
        array(Decimal128Array::from(vec![value]).with_precision_and_scale(precision, scale).unwrap())
    }
    fn strings(value: Option<&str>) -> ArrayRef {
        array(StringArray::from(vec![value]))
    }
    fn point() -> ArrayRef {
        let x = (Arc::new(Field::new("x", DataType::Int32, true)), array(Int32Array::from(vec![3])));
        let y = (Arc::new(Field::new("y", DataType::Float64, true)), array(Float64Array::from(vec![None])));
        let b = (Arc::new(Field::new("b", DataType::Utf8, true)), strings(Some("t")));
        array(StructArray::from(vec![x, y, b]))
    }
    fn list() -> ArrayRef {
        array(ListArray::from_iter_primitive::<Float32Type, _, _>(vec![Some(vec![Some(1.0), None, Some(-2.5)])]))
    }

    /// `c000` to `c099`.
    static WIDE: std::sync::LazyLock<Vec<&'static str>> =
        std::sync::LazyLock::new(|| (0..100).map(|index| &*format!("c{index:03}").leak()).collect());

    fn cases() -> Vec<(&'static str, Columns)> {
        let time = TimestampMicrosecondArray::from(vec![1_600_000_000_123_456]);
        vec![
            ("all null", vec![("a", array(Int32Array::from(vec![None])))]),
            ("one integer", vec![("a", array(Int16Array::from(vec![1])))]),
            ("two columns", vec![("b", strings(Some("x"))), ("a", array(Int64Array::from(vec![1])))]),
            ("float 0.5", vec![("f", array(Float32Array::from(vec![0.5])))]),
            ("float 0.0", vec![("f", array(Float64Array::from(vec![0.0])))]),
            ("float -0.0", vec![("f", array(Float64Array::from(vec![-0.0])))]),
            ("float nan", vec![("f", array(Float64Array::from(vec![f64::from_bits(0x7FF8_0000_0000_0000)])))]),
            (
                "wide",
                WIDE.iter()
                    .map(|name| (*name, array(Int64Array::from(vec![name[1..].parse::<i64>().unwrap()]))))
                    .collect(),
            ),
            ("list", vec![("l", list())]),
            ("empty list", vec![("l", array(ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![])])))]),
            ("struct", vec![("p", point())]),
            (
                "row",
                vec![
                    ("id", array(Int32Array::from(vec![7]))),
                    ("name", strings(Some("Göteborg"))),
                    ("budget", decimal(1_234_500, 12, 4)),
                    ("active", array(BooleanArray::from(vec![false]))),
                    ("since", array(Date32Array::from(vec![18_519]))),
                    ("seen", array(time)),
                    ("raw", array(BinaryArray::from(vec![&[1u8, 2][..]]))),
                    ("missing", array(NullArray::new(1))),
                    ("_mangonel_run", strings(Some("r1"))),
                    ("embedding", list()),
                    ("point", point()),
                ],
            ),
        ]
    }

    #[test]
    fn digests_are_those_of_the_published_vectors() {
        let vectors: serde_json::Value = serde_json::from_str(include_str!("../vectors/hash_v1.json")).unwrap();
        let vectors = vectors["digest"].as_array().unwrap().clone();
        assert_eq!(cases().len(), vectors.len());
        for (name, columns) in cases() {
            let vector = vectors.iter().find(|vector| vector["name"] == name).unwrap_or_else(|| panic!("{name}"));
            assert_eq!(digests(columns)[0], vector["xxh3_128"].as_str().unwrap(), "{name}");
        }
    }

    #[test]
    fn null_columns_column_order_and_widening_change_nothing() {
        let expected =
            digests(vec![("a", array(Int32Array::from(vec![1]))), ("b", array(Float32Array::from(vec![0.1])))]);
        let same: Vec<Columns> = vec![
            vec![("b", array(Float32Array::from(vec![0.1]))), ("a", array(Int8Array::from(vec![1])))],
            vec![("a", array(Int64Array::from(vec![1]))), ("b", array(Float64Array::from(vec![f64::from(0.1f32)])))],
            vec![("a", decimal(100, 10, 2)), ("b", array(Float32Array::from(vec![0.1]))), ("c", strings(None))],
        ];
        for columns in same {
            assert_eq!(digests(columns), expected);
        }
        assert_eq!(digests(vec![("a", decimal(15, 5, 1))]), digests(vec![("a", decimal(15_000, 20, 4))]));
        assert_eq!(
            digests(vec![("a", decimal(10i128.pow(25), 38, 1))]),
            digests(vec![("a", decimal(10i128.pow(26), 38, 2))])
        );
        let widened = |bits: u32| digests(vec![("f", array(Float32Array::from(vec![f32::from_bits(bits)])))]);
        let wide = |bits: u64| digests(vec![("f", array(Float64Array::from(vec![f64::from_bits(bits)])))]);
        assert_eq!(
            widened(0x7FA0_0001),
            wide(0x7FFC_0000_2000_0000),
            "a signalling NaN becomes quiet and keeps its payload"
        );
        assert_eq!(widened(0xFFC0_0000), wide(0xFFF8_0000_0000_0000));
        assert_eq!(widened(0x8000_0000), wide(0x8000_0000_0000_0000));
    }

    #[test]
    fn nested_encodings_and_slices_change_nothing() {
        let expected = digests(vec![("l", list())]);
        let element = Arc::new(Field::new("item", DataType::Float32, true));
        let values = array(Float32Array::from(vec![Some(9.0), Some(9.0), Some(9.0), Some(1.0), None, Some(-2.5)]));
        let fixed = FixedSizeListArray::new(Arc::clone(&element), 3, Arc::clone(&values), None);
        assert_eq!(digests(vec![("l", fixed.slice(1, 1))].into_iter().map(|(n, a)| (n, array(a))).collect()), expected);
        let large = LargeListArray::new(element, OffsetBuffer::from_lengths([3, 3]), values, None);
        assert_eq!(digests(vec![("l", array(large.slice(1, 1)))]), expected);
        let dictionary: DictionaryArray<Int8Type> = vec![Some("y"), None, Some("x")].into_iter().collect();
        let all = digests(vec![("d", array(dictionary.clone()))]);
        assert_eq!(all[2], digests(vec![("d", strings(Some("x")))])[0]);
        assert_eq!(all[1], digests(vec![("d", strings(None))])[0]);
        assert_eq!(digests(vec![("d", array(dictionary.slice(2, 1)))])[0], all[2]);
        assert_ne!(
            digests(vec![("l", new_null_array(list().data_type(), 1))]),
            digests(vec![("l", list().slice(0, 1))])
        );
    }

    #[test]
    fn a_row_does_not_depend_on_its_chunk() {
        let numbers: Int64Array = (0..1_000).map(|n| (n % 3 != 0).then_some(n)).collect();
        let texts: StringArray = (0..1_000).map(|n| (n % 5 != 0).then(|| "x".repeat(n % 300))).collect();
        let decimals: Decimal128Array = (0..1_000).map(|n| (n % 7 != 0).then_some(n * 10)).collect();
        let decimals = decimals.with_precision_and_scale(20, 3).unwrap();
        let columns: Columns = vec![("n", array(numbers)), ("t", array(texts)), ("d", array(decimals))];
        let all = digests(columns.clone());
        for row in [0, 1, 15, 255, 256, 511, 999] {
            let one = columns.iter().map(|(name, column)| (*name, column.slice(row, 1))).collect();
            assert_eq!(digests(one)[0], all[row]);
        }
    }

    #[test]
    fn every_refused_column_is_named() {
        let schema = Schema::new(vec![
            Field::new("m", DataType::Interval(IntervalUnit::DayTime), true),
            Field::new("a", DataType::Int32, true),
            Field::new("a", DataType::Int32, true),
        ]);
        let StorageError::SchemaMismatch { problems } = RowDigester::new(&schema).unwrap_err() else { panic!() };
        assert_eq!(problems.len(), 2);
    }

    /// `cargo test --release -- --ignored --nocapture digest_speed`
    #[test]
    #[ignore = "a measurement"]
    fn digest_speed() {
        let rows = 65_536;
        let columns: Vec<(String, ArrayRef)> = (0..50)
            .map(|index| {
                let column: ArrayRef = match index % 5 {
                    0 => Arc::new(Int64Array::from_iter_values((0..rows).map(|row| row * 31 + index))),
                    1 => Arc::new(Int32Array::from_iter_values((0..rows).map(|row| (row % 977) as i32))),
                    2 => Arc::new(Float32Array::from_iter_values((0..rows).map(|row| row as f32))),
                    3 => Arc::new((0..rows).map(|row| (row % 10 != 0).then_some(row as f64)).collect::<Float64Array>()),
                    _ => Arc::new(StringArray::from_iter_values((0..rows).map(|row| format!("value {row}")))),
                };
                (format!("feature_{index:02}"), column)
            })
            .collect();
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let digester = RowDigester::new(&batch.schema()).unwrap();
        let measure = |name: &str, work: &dyn Fn()| {
            let best = (0..7)
                .map(|_| {
                    let start = std::time::Instant::now();
                    work();
                    start.elapsed()
                })
                .min()
                .unwrap();
            println!("{name}: {:.1} ns/row", best.as_nanos() as f64 / rows as f64);
        };
        measure("digest of 50 columns", &|| drop(digester.digest(&batch).unwrap()));
        for index in [0, 1, 4] {
            let key = [Arc::clone(batch.column(index))];
            measure(&format!("hash of {}", key[0].data_type()), &|| drop(crate::hash::hash_keys(&key).unwrap()));
        }
        let key = [Arc::clone(batch.column(0)), Arc::clone(batch.column(4))];
        measure("hash of (Int64, Utf8)", &|| drop(crate::hash::hash_keys(&key).unwrap()));
    }
}
