//! What the codec promises: the bytes of a protobuf library, one row of the type table each, the null policies, and that
//! hostile bytes end in an error.

mod proto;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow::array::*;
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::*;
use arrow::record_batch::RecordBatch;
use proptest::prelude::*;
use prost::Message;

use self::proto::{Example, Kind, example, floats, framed, ints, strings};
use crate::*;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields: Vec<Field> =
        columns.iter().map(|(name, array)| Field::new(*name, array.data_type().clone(), true)).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.into_iter().map(|(_, array)| array).collect()).unwrap()
}

fn plan(batch: &RecordBatch, options: &EncodeOptions) -> Arc<ExampleSchema> {
    Arc::new(ExampleSchema::plan(batch.schema_ref(), options).unwrap())
}

fn encode_with(batch: &RecordBatch, options: &EncodeOptions) -> Result<Vec<u8>, TfRecordError> {
    let mut out = Vec::new();
    let rows = Encoder::new(plan(batch, options)).encode(batch, &mut out)?;
    assert_eq!(rows, EncodedRows { rows: batch.num_rows() as u64, bytes: out.len() as u64 });
    Ok(out)
}

fn with_nulls(null_policy: NullPolicy) -> EncodeOptions {
    EncodeOptions { null_policy, ..EncodeOptions::default() }
}

/// The records as prost reads them.
fn examples(bytes: &[u8]) -> Vec<BTreeMap<String, Kind>> {
    let mut reader = RecordReader::new(bytes);
    let mut examples = Vec::new();
    while let Some(record) = reader.next_record().unwrap() {
        let features = Example::decode(record).unwrap().features.unwrap().feature;
        examples.push(features.into_iter().map(|(name, feature)| (name, feature.kind.unwrap())).collect());
    }
    examples
}

fn framed_examples(examples: &[Example]) -> Vec<u8> {
    examples.iter().flat_map(|example| framed(&example.encode_to_vec())).collect()
}

/// One column `x`, encoded and read back: its feature in the first row, and the column.
fn through(array: ArrayRef, options: &EncodeOptions) -> (Kind, ArrayRef) {
    let batch = batch(vec![("x", array)]);
    let bytes = encode_with(&batch, options).unwrap();
    let mut back = BatchReader::new(bytes.as_slice(), plan(&batch, options), 1_000);
    let column = back.next().unwrap().unwrap().column(0).clone();
    assert!(back.next().is_none());
    (examples(&bytes)[0]["x"].clone(), column)
}

fn refused(schema: Schema, options: &EncodeOptions) -> Vec<(String, String)> {
    match ExampleSchema::plan(&schema, options) {
        Err(TfRecordError::SchemaRefused { problems }) => {
            problems.into_iter().map(|problem| (problem.column, problem.problem)).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_type_of_the_table_becomes_its_feature_and_comes_back() {
    let list = |values: ArrayRef| -> ArrayRef {
        let item = Arc::new(Field::new_list_field(values.data_type().clone(), true));
        Arc::new(ListArray::new(item, OffsetBuffer::from_lengths([2, 0, 1]), values, None))
    };
    let micros = 1_700_000_000_123_456_i64;
    let decimal = Decimal128Array::from(vec![-1250, 3, 0]).with_precision_and_scale(9, 2).unwrap();
    let table: Vec<(ArrayRef, Kind)> = vec![
        (Arc::new(BooleanArray::from(vec![true, false])), ints(&[1])),
        (Arc::new(Int8Array::from(vec![-3, 0])), ints(&[-3])),
        (Arc::new(Int16Array::from(vec![i16::MIN, 0])), ints(&[-32_768])),
        (Arc::new(Int32Array::from(vec![0, i32::MAX])), ints(&[0])),
        (Arc::new(Int64Array::from(vec![i64::MIN, i64::MAX])), ints(&[i64::MIN])),
        (Arc::new(UInt8Array::from(vec![255])), ints(&[255])),
        (Arc::new(UInt16Array::from(vec![65_535])), ints(&[65_535])),
        (Arc::new(UInt32Array::from(vec![u32::MAX])), ints(&[4_294_967_295])),
        (Arc::new(UInt64Array::from(vec![i64::MAX as u64])), ints(&[i64::MAX])),
        (Arc::new(Float32Array::from(vec![-0.0, f32::INFINITY])), floats(&[-0.0])),
        (Arc::new(Float64Array::from(vec![1.5, -2.25])), floats(&[1.5])),
        (Arc::new(decimal.clone()), floats(&[-12.5])),
        (
            Arc::new(Decimal256Array::from(vec![i256::from_i128(25)]).with_precision_and_scale(40, 1).unwrap()),
            floats(&[2.5]),
        ),
        (Arc::new(StringArray::from(vec!["", "hé"])), strings(&[""])),
        (Arc::new(LargeStringArray::from(vec!["large"])), strings(&["large"])),
        (
            Arc::new(StringViewArray::from(vec!["a view longer than twelve bytes"])),
            strings(&["a view longer than twelve bytes"]),
        ),
        (Arc::new(BinaryArray::from(vec![&[0xff, 0][..]])), strings(&[&[0xff, 0]])),
        (Arc::new(LargeBinaryArray::from(vec![&[0xfe][..]])), strings(&[&[0xfe]])),
        (Arc::new(BinaryViewArray::from(vec![&[0xfd][..]])), strings(&[&[0xfd]])),
        (Arc::new(DictionaryArray::<Int32Type>::from_iter(["b", "a", "b"])), strings(&["b"])),
        (Arc::new(Date32Array::from(vec![-1, 20_000])), ints(&[-1])),
        (Arc::new(Date64Array::from(vec![-86_400_000])), ints(&[-1])),
        (Arc::new(TimestampSecondArray::from(vec![-7])), ints(&[-7_000_000])),
        (Arc::new(TimestampMillisecondArray::from(vec![1_700_000_000_123])), ints(&[1_700_000_000_123_000])),
        (Arc::new(TimestampMicrosecondArray::from(vec![micros]).with_timezone("UTC")), ints(&[micros])),
        (Arc::new(TimestampMicrosecondArray::from(vec![micros]).with_timezone("+02:00")), ints(&[micros])),
        (Arc::new(TimestampNanosecondArray::from(vec![-5_000])), ints(&[-5])),
        (list(Arc::new(Int32Array::from(vec![7, -8, 9]))), ints(&[7, -8])),
        (list(Arc::new(Float64Array::from(vec![0.5, 0.0, 9.0]))), floats(&[0.5, 0.0])),
        (list(Arc::new(StringViewArray::from(vec!["p", "", "q"]))), strings(&["p", ""])),
        (list(Arc::new(Date32Array::from(vec![1, 2, 3]))), ints(&[1, 2])),
        (list(Arc::new(decimal)), floats(&[-12.5, 0.03])),
    ];
    for (array, kind) in table {
        let (written, back) = through(array.clone(), &EncodeOptions::default());
        assert_eq!(written, kind, "{}", array.data_type());
        let lossless = !array.data_type().to_string().contains("Decimal");
        assert_eq!(back.data_type(), array.data_type());
        assert!(!lossless || back.to_data() == array.to_data(), "{back:?} is not {array:?}");
    }

    let text = EncodeOptions { decimal_features: DecimalFeatures::Text, ..EncodeOptions::default() };
    let decimal: ArrayRef = Arc::new(Decimal128Array::from(vec![-1250]).with_precision_and_scale(9, 2).unwrap());
    let (written, back) = through(decimal.clone(), &text);
    assert_eq!((written, back.to_data()), (strings(&["-12.50"]), decimal.to_data()));

    let pairs = FixedSizeListArray::from_iter_primitive::<Int16Type, _, _>([Some([Some(1), Some(2)]), None], 2);
    let (written, back) = through(Arc::new(pairs.clone()), &with_nulls(NullPolicy::Omit));
    assert_eq!((written, back.to_data()), (ints(&[1, 2]), pairs.to_data()));
    let (_, back) = through(Arc::new(pairs), &with_nulls(NullPolicy::Default));
    assert_eq!(back.as_fixed_size_list().values().as_primitive::<Int16Type>().values(), &[1, 2, 0, 0]);
}

#[test]
fn structs_are_flattened_and_their_nulls_are_their_fields_nulls() {
    let inner: Fields = vec![Field::new("b", DataType::Int64, false)].into();
    let column = StructArray::new(
        inner,
        vec![Arc::new(Int64Array::from(vec![5, 6])) as ArrayRef],
        Some(NullBuffer::from(vec![true, false])),
    );
    let batch = batch(vec![("a", Arc::new(column)), ("a-", Arc::new(Int64Array::from(vec![1, 2])))]);
    let options = with_nulls(NullPolicy::Omit);
    let bytes = encode_with(&batch, &options).unwrap();
    assert_eq!(
        bytes,
        framed_examples(&[example([("a-", ints(&[1])), ("a.b", ints(&[5]))]), example([("a-", ints(&[2]))])])
    );
    let back = BatchReader::new(bytes.as_slice(), plan(&batch, &options), 10).next().unwrap().unwrap();
    assert_eq!(back.schema().fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>(), ["a.b", "a-"]);
    assert_eq!(back.column(0).as_ref(), &Int64Array::from(vec![Some(5), None]) as &dyn Array);
}

#[test]
fn all_problems_of_a_schema_are_named_at_once() {
    let nested = DataType::List(Arc::new(Field::new_list_field(DataType::new_list(DataType::Int8, true), true)));
    let schema = Schema::new(vec![
        Field::new("ok", DataType::Int8, true),
        Field::new("nested", nested, true),
        Field::new("time", DataType::Time64(TimeUnit::Microsecond), true),
        Field::new("half", DataType::Float16, true),
        Field::new("wide", DataType::Float64, true),
        Field::new("s.x", DataType::Int8, true),
        Field::new(
            "s",
            DataType::Struct(vec![Field::new("x", DataType::Int8, true), Field::new("n", DataType::Null, true)].into()),
            true,
        ),
        Field::new("money", DataType::Decimal128(9, 2), true),
        Field::new("codes", DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::Int64)), true),
    ]);
    let list_lengths = BTreeMap::from([("ok".to_owned(), 2), ("missing".to_owned(), 3)]);
    let problems = refused(schema, &EncodeOptions { strict: true, list_lengths, ..EncodeOptions::default() });
    let columns: Vec<&str> = problems.iter().map(|(column, _)| column.as_str()).collect();
    assert_eq!(
        columns,
        ["ok", "nested", "time", "half", "wide", "s.n", "money", "codes", "s.x", "missing"],
        "{problems:?}"
    );
}

#[test]
fn the_schema_file_has_the_old_form_sorted_by_name() {
    let item = |data_type| Arc::new(Field::new_list_field(data_type, true));
    let schema = Schema::new(vec![
        Field::new("team", DataType::Utf8, false),
        Field::new("scores", DataType::List(item(DataType::Int64)), false),
        Field::new("pair", DataType::FixedSizeList(item(DataType::Float32), 2), false),
        Field::new("known", DataType::LargeList(item(DataType::Utf8)), false),
        Field::new("budget", DataType::Float64, true),
    ]);
    let options = EncodeOptions {
        null_policy: NullPolicy::Omit,
        list_lengths: BTreeMap::from([("known".to_owned(), 4)]),
        ..EncodeOptions::default()
    };
    let planned = ExampleSchema::plan(&schema, &options).unwrap();
    let compact = |file: SchemaFile| serde_json::to_string(&file).unwrap();
    let rest = r#""known":{"feature":"fixed_len","type":"string","shape":[4]},"pair":{"feature":"fixed_len","type":"float","shape":[2]},"scores":{"feature":"var_len","type":"int"},"team":{"feature":"fixed_len","type":"string"}}"#;
    assert_eq!(compact(planned.schema_file()), format!(r#"{{"budget":{{"feature":"var_len","type":"float"}},{rest}"#));
    let settled = planned.schema_file_after(&BTreeMap::new());
    assert_eq!(compact(settled.clone()), format!(r#"{{"budget":{{"feature":"fixed_len","type":"float"}},{rest}"#));
    assert_eq!(SchemaFile::from_json(&settled.to_json().unwrap()).unwrap(), settled);
    assert_eq!(planned.schema_file_after(&BTreeMap::from([("budget".to_owned(), 1)])), planned.schema_file());
    assert_eq!(planned.lossy_columns().collect::<Vec<_>>(), ["budget"]);

    let var = EncodeOptions { string_features: StringFeatures::VarLen, ..options };
    let file = ExampleSchema::plan(&schema, &var).unwrap().schema_file();
    for name in ["team", "known"] {
        assert_eq!((file.features[name].length, file.features[name].shape.len()), (FeatureLength::VarLen, 0));
    }
    assert!(matches!(SchemaFile::from_json(r#"{"x":{"feature":"fixed"}}"#), Err(TfRecordError::SchemaFile { .. })));
}

#[test]
fn nulls_are_refused_filled_or_omitted() {
    let mut lists = ListBuilder::new(Int64Builder::new());
    lists.append_value([Some(1)]);
    lists.append_null();
    let nullable = batch(vec![
        ("i", Arc::new(Int32Array::from(vec![Some(1), None]))),
        ("s", Arc::new(StringArray::from(vec![None, Some("t")]))),
        ("l", Arc::new(lists.finish())),
        ("f", Arc::new(Float64Array::from(vec![None::<f64>, None]))),
    ]);
    let Err(TfRecordError::Nulls { columns }) = encode_with(&nullable, &with_nulls(NullPolicy::Error)) else {
        panic!()
    };
    let counts: Vec<_> = columns.iter().map(|count| (count.column.as_str(), count.nulls)).collect();
    assert_eq!(counts, [("f", 2), ("i", 1), ("l", 1), ("s", 1)]);

    let omitted = encode_with(&nullable, &with_nulls(NullPolicy::Omit)).unwrap();
    let rows = [example([("i", ints(&[1])), ("l", ints(&[1]))]), example([("s", strings(&["t"]))])];
    assert_eq!(omitted, framed_examples(&rows));

    let filled = encode_with(&nullable, &with_nulls(NullPolicy::Default)).unwrap();
    let rows = [
        example([("f", floats(&[0.0])), ("i", ints(&[1])), ("l", ints(&[1])), ("s", strings(&[""]))]),
        example([("f", floats(&[0.0])), ("i", ints(&[0])), ("l", ints(&[])), ("s", strings(&["t"]))]),
    ];
    assert_eq!(filled, framed_examples(&rows));

    let only = batch(vec![("i", Arc::new(Int32Array::from(vec![Some(1), None])))]);
    let promised = EncodeOptions { without_nulls: BTreeSet::from(["i".to_owned()]), ..with_nulls(NullPolicy::Omit) };
    assert_eq!(plan(&only, &promised).schema_file().features["i"].length, FeatureLength::FixedLen);
    assert!(matches!(encode_with(&only, &promised), Err(TfRecordError::Nulls { .. })));

    let mut encoder = Encoder::new(plan(&nullable, &with_nulls(NullPolicy::Omit)));
    encoder.encode(&nullable, &mut Vec::new()).unwrap();
    encoder.encode(&nullable, &mut Vec::new()).unwrap();
    assert_eq!(encoder.null_counts().collect::<Vec<_>>(), [("f", 4), ("i", 2), ("l", 2), ("s", 2)]);
}

#[test]
fn a_null_inside_a_list_is_refused_or_filled_never_omitted() {
    let mut lists = ListBuilder::new(StringBuilder::new());
    lists.append_value([Some("a"), None]);
    let nullable = batch(vec![("l", Arc::new(lists.finish()))]);
    for policy in [NullPolicy::Error, NullPolicy::Omit] {
        let Err(TfRecordError::NullElements { columns }) = encode_with(&nullable, &with_nulls(policy)) else {
            panic!()
        };
        assert_eq!(columns, [NullCount { column: "l".to_owned(), nulls: 1 }]);
    }
    let bytes = encode_with(&nullable, &with_nulls(NullPolicy::Default)).unwrap();
    assert_eq!(examples(&bytes)[0]["l"], strings(&["a", ""]));
}

#[test]
fn values_without_a_place_stop_the_batch_and_leave_no_bytes() {
    let cases: Vec<ArrayRef> = vec![
        Arc::new(UInt64Array::from(vec![1, u64::MAX])),
        Arc::new(TimestampNanosecondArray::from(vec![1_500])),
        Arc::new(TimestampSecondArray::from(vec![i64::MAX])),
    ];
    for array in cases {
        let batch = batch(vec![("x", array)]);
        let mut out = b"kept".to_vec();
        let result = Encoder::new(plan(&batch, &EncodeOptions::default())).encode(&batch, &mut out);
        assert!(matches!(result, Err(TfRecordError::Value { .. })), "{result:?}");
        assert_eq!(out, b"kept");
    }
    // What stands below a null is not a value.
    let hidden = UInt64Array::new(vec![u64::MAX, 3].into(), Some(NullBuffer::from(vec![false, true])));
    let hidden = batch(vec![("x", Arc::new(hidden))]);
    assert_eq!(examples(&encode_with(&hidden, &with_nulls(NullPolicy::Default)).unwrap())[0]["x"], ints(&[0]));

    let lists = ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1)]), Some(vec![])]);
    let lists = batch(vec![("x", Arc::new(lists))]);
    let promised = EncodeOptions { list_lengths: BTreeMap::from([("x".to_owned(), 1)]), ..EncodeOptions::default() };
    let result = encode_with(&lists, &promised);
    assert!(matches!(result, Err(TfRecordError::ListLength { row: 1, expected: 1, found: 0, .. })), "{result:?}");

    let planned = plan(&lists, &EncodeOptions::default());
    let other = batch(vec![("y", lists.column(0).clone())]);
    let result = Encoder::new(planned).encode(&other, &mut Vec::new());
    assert!(matches!(result, Err(TfRecordError::BatchMismatch { .. })), "{result:?}");
}

#[test]
fn the_frame_is_that_of_tensorflow() {
    // CRC32C of "123456789" is the check value of its catalogue.
    assert_eq!(crc_fast::crc32_iscsi(b"123456789"), 0xe306_9283);
    let empty = RecordBatch::try_new_with_options(
        Arc::new(Schema::empty()),
        vec![],
        &RecordBatchOptions::new().with_row_count(Some(2)),
    );
    assert_eq!(encode_with(&empty.unwrap(), &EncodeOptions::default()).unwrap(), framed(&[0x0a, 0]).repeat(2));
    assert_eq!(verify_frames(&[][..]).unwrap(), FrameCount::default());
}

#[test]
fn damage_is_found_at_its_record() {
    let rows = batch(vec![("x", Arc::new(Int64Array::from(vec![1, 2, 3])))]);
    let bytes = encode_with(&rows, &EncodeOptions::default()).unwrap();
    let record = bytes.len() / 3;
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x10;
        let Err(TfRecordError::Frame { record: number, offset, fault }) = verify_frames(damaged.as_slice()) else {
            panic!()
        };
        let expected = if at % record < 12 { FrameFault::LengthChecksum } else { FrameFault::DataChecksum };
        assert_eq!((number as usize, offset as usize, fault), (at / record, at / record * record, expected));

        let cut = verify_frames(&bytes[..at]);
        if at % record == 0 {
            assert_eq!(cut.unwrap(), FrameCount { records: (at / record) as u64, bytes: at as u64 });
        } else {
            assert!(matches!(cut, Err(TfRecordError::Frame { fault: FrameFault::Cut, .. })), "{cut:?}");
        }
    }
    for length in [1u64 << 63, u64::MAX, 1 << 31, i32::MAX as u64] {
        let mut hostile = vec![0; 12];
        crate::frame::put_header(&mut hostile, length as usize);
        let expected_cut = length <= RECORD_BYTES_MAX as u64;
        let Err(TfRecordError::Frame { fault, .. }) = verify_frames(hostile.as_slice()) else { panic!() };
        assert_eq!(fault == FrameFault::Cut, expected_cut, "{fault}");
    }
}

#[test]
fn readers_accept_what_other_writers_write() {
    let schema = batch(vec![
        ("f", new_empty_array(&DataType::Float32)),
        ("i", new_empty_array(&DataType::new_list(DataType::Int64, true))),
    ]);
    let schema = plan(&schema, &EncodeOptions::default());
    // Unpacked numbers, an unknown key, a feature without kind, and the same key twice, of which the last counts.
    let entry = |key: &str, feature: &[u8]| {
        let inner = [&[0x0a, key.len() as u8], key.as_bytes(), &[0x12, feature.len() as u8], feature].concat();
        [&[0x0a, inner.len() as u8], inner.as_slice()].concat()
    };
    let unpacked = [0x1a, 4, 0x08, 5, 0x08, 6];
    let features = [entry("i", &[0x1a, 0]), entry("zz", &[]), entry("f", &[]), entry("i", &unpacked)].concat();
    let record = framed(&[&[0x0a, features.len() as u8], features.as_slice()].concat());
    let back = BatchReader::new(record.as_slice(), Arc::clone(&schema), 5).next().unwrap().unwrap();
    assert!(back.column(0).is_null(0));
    assert_eq!(back.column(1).as_list::<i32>().value(0).as_primitive::<Int64Type>().values(), &[5, 6]);

    let wrong = framed(&example([("f", ints(&[1]))]).encode_to_vec());
    let two = framed(&example([("f", floats(&[1.0, 2.0]))]).encode_to_vec());
    for bytes in [wrong, two, framed(&[0x0a, 0x7f])] {
        let mut reader = BatchReader::new(bytes.as_slice(), Arc::clone(&schema), 5);
        assert!(matches!(reader.next(), Some(Err(TfRecordError::Example { record: 0, offset: 0, .. }))));
        assert!(reader.next().is_none());
    }
}

#[test]
fn rows_of_many_blocks_and_rows_larger_than_a_block_are_the_same_bytes() {
    let long = "x".repeat(300_000);
    let row = |index: i64| -> Row {
        let text = if index == 700 { long.clone().into_bytes() } else { vec![b'y'; index as usize % 90] };
        let list = (0..index % 70).map(|value| value << (index % 50)).collect();
        (
            (index % 3 > 0).then_some(-index),
            Some(0.5),
            (index % 5 > 0).then_some(text),
            list,
            vec![1.0; index as usize % 9],
            None,
        )
    };
    let rows: Vec<Row> = (0..3_000).map(row).collect();
    let names = ["a", "b", "c", "d", "e", "f"].map(String::from);
    let options = with_nulls(NullPolicy::Omit);
    let bytes = encode_with(&batch_of(&rows, &names), &options).unwrap();
    let expected = rows.iter().map(|row| reference(row, &names)).collect::<Vec<_>>();
    assert!(bytes == framed_examples(&expected));
}

/// A row of the property tests: scalars that may be null, and lists.
type Row = (Option<i64>, Option<f32>, Option<Vec<u8>>, Vec<i64>, Vec<f32>, Option<Vec<String>>);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let int = prop_oneof![any::<i64>(), -2..200i64, any::<u8>().prop_map(|bits| 1i64 << (bits % 64))];
    let row = (
        prop::option::of(int.clone()),
        prop::option::of(any::<f32>()),
        prop::option::of(prop::collection::vec(any::<u8>(), 0..300)),
        prop::collection::vec(int, 0..40),
        prop::collection::vec(any::<f32>(), 0..40),
        prop::option::of(prop::collection::vec(".{0,9}", 0..6)),
    );
    prop::collection::vec(row, 0..12)
}

fn batch_of(rows: &[Row], names: &[String]) -> RecordBatch {
    let mut bytes = BinaryBuilder::new();
    let mut ints = ListBuilder::new(Int64Builder::new());
    let mut floats = LargeListBuilder::new(Float32Builder::new());
    let mut texts = ListBuilder::new(StringViewBuilder::new());
    for row in rows {
        bytes.append_option(row.2.as_ref());
        ints.append_value(row.3.iter().copied().map(Some));
        floats.append_value(row.4.iter().copied().map(Some));
        texts.append_option(row.5.as_ref().map(|list| list.iter().map(Some)));
    }
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.0))),
        Arc::new(Float32Array::from_iter(rows.iter().map(|row| row.1))),
        Arc::new(bytes.finish()),
        Arc::new(ints.finish()),
        Arc::new(floats.finish()),
        Arc::new(texts.finish()),
    ];
    batch(names.iter().map(String::as_str).zip(columns).collect())
}

/// The row as prost writes it, nulls omitted.
fn reference(row: &Row, names: &[String]) -> Example {
    let kinds = [
        row.0.map(|value| ints(&[value])),
        row.1.map(|value| floats(&[value])),
        row.2.as_ref().map(|value| strings(&[value])),
        Some(ints(&row.3)),
        Some(floats(&row.4)),
        row.5.as_ref().map(|list| strings(list)),
    ];
    example(names.iter().zip(kinds).filter_map(|(name, kind)| Some((name.clone(), kind?))))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_are_those_of_prost_however_the_rows_are_cut(
        rows in rows(),
        names in prop::collection::btree_set("[a-zé]{1,3}|[a-z]{100,140}", 6..=6).prop_map(Vec::from_iter).prop_shuffle(),
        cut in 0usize..12,
    ) {
        let whole = batch_of(&rows, &names);
        let options = with_nulls(NullPolicy::Omit);
        let expected: Vec<Example> = rows.iter().map(|row| reference(row, &names)).collect();
        let expected = framed_examples(&expected);
        prop_assert_eq!(&encode_with(&whole, &options).unwrap(), &expected);

        let cut = cut.min(rows.len());
        let mut encoder = Encoder::new(plan(&whole, &options));
        let mut out = Vec::new();
        encoder.encode(&whole.slice(0, cut), &mut out).unwrap();
        encoder.encode(&whole.slice(cut, rows.len() - cut), &mut out).unwrap();
        prop_assert_eq!(&out, &expected);

        let back: Vec<RecordBatch> = BatchReader::new(out.as_slice(), plan(&whole, &options), 5).collect::<Result<_, _>>().unwrap();
        let back = arrow::compute::concat_batches(&whole.schema(), &back).unwrap();
        prop_assert_eq!(back.num_rows(), whole.num_rows());
        for (left, right) in back.columns().iter().zip(whole.columns()) {
            prop_assert_eq!(format!("{left:?}"), format!("{right:?}"));
        }
    }

    #[test]
    fn no_bytes_make_the_readers_panic(
        rows in rows(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        noise in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let names: Vec<String> = ["a", "b", "c", "d", "e", "f"].map(String::from).to_vec();
        let whole = batch_of(&rows, &names);
        let planned = plan(&whole, &with_nulls(NullPolicy::Omit));
        let mut hostile = framed(&noise);
        let bytes = encode_with(&whole, &with_nulls(NullPolicy::Omit)).unwrap();
        let mut reader = RecordReader::new(bytes.as_slice());
        // Edits below intact checksums, so that they reach the parser.
        while let Some(record) = reader.next_record().unwrap() {
            let mut record = record.to_vec();
            for (index, byte) in edits.iter().filter(|_| !record.is_empty()).collect::<Vec<_>>() {
                let at = index.index(record.len());
                record[at] = *byte;
            }
            let framed = framed(&record);
            for result in BatchReader::new(framed.as_slice(), Arc::clone(&planned), 3) {
                drop(result);
            }
            hostile.extend(framed);
        }
        for result in BatchReader::new(hostile.as_slice(), Arc::clone(&planned), 3) {
            drop(result);
        }
        let _ = verify_frames(noise.as_slice());
    }
}
