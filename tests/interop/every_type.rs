//! Every type of the type table: from Arrow into a feature group, out of it as Arrow, in its Delta table for other engines, and
//! in training datasets for TensorFlow and pyarrow.

use std::{path::PathBuf, sync::Arc};

use arrow::{
    array::*,
    compute::{cast, sort_to_indices, take_record_batch},
    datatypes::{DataType, Field, Fields, Float32Type, Float64Type, Int64Type, Schema, TimeUnit},
    record_batch::RecordBatch,
};
use mangonel_client::schema_bytes;
use mangonel_proto::v1;

use crate::harness::{Sandbox, dataset, group, on_every_engine, python, tables::rows_of};

on_every_engine!(every_type_survives_every_direction);

/// Noon of 14 September 2020 in microseconds, and three more that show when digits are lost.
const NOON: i64 = 1_600_084_800_000_003;

/// Rows as clients send them: every Arrow type that is taken. Row 1 has ordinary values, row 2 extreme ones, row 3 nulls.
fn sent() -> RecordBatch {
    let text = |values: [Option<&str>; 3]| Arc::new(StringArray::from(values.to_vec())) as ArrayRef;
    let as_type = |array: ArrayRef, data_type: DataType| cast(&array, &data_type).unwrap();
    let dictionary = DataType::Dictionary(Box::new(DataType::Int16), Box::new(DataType::Utf8));
    let seconds = TimestampSecondArray::from(vec![Some(1_600_084_800), Some(-1), None]);
    let milliseconds = TimestampMillisecondArray::from(vec![Some(1_600_084_800_000), Some(-1_000), None]);
    let nanoseconds = TimestampNanosecondArray::from(vec![Some(NOON * 1000), Some(-1_000), None]);
    let longs =
        ListArray::from_iter_primitive::<Int64Type, _, _>([Some(vec![Some(1), Some(-2), Some(3)]), Some(vec![]), None]);
    let pairs = FixedSizeListArray::from_iter_primitive::<Float64Type, _, _>(
        [
            Some(vec![Some(0.5), Some(-0.25)]),
            Some(vec![Some(f64::MAX / 1e300), Some(0.0)]),
            Some(vec![Some(1.0), Some(2.0)]),
        ],
        2,
    );
    let narrow = LargeListArray::from_iter_primitive::<Float32Type, _, _>([Some(vec![Some(1.5)]), Some(vec![]), None]);
    let mut words = ListBuilder::new(StringBuilder::new());
    words.append_value([Some("Öster"), Some("")]);
    words.append_value([Some("x")]);
    words.append_null();
    let members = Fields::from(vec![Field::new("x", DataType::UInt8, true), Field::new("name", DataType::Utf8, true)]);
    let point = StructArray::new(
        members,
        vec![Arc::new(UInt8Array::from(vec![Some(7), Some(255), Some(1)])), text([Some("a"), Some(""), Some("b")])],
        None,
    );
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from(vec![1, 2, 3]))),
        ("flag", Arc::new(BooleanArray::from(vec![Some(true), Some(false), None]))),
        ("i8", Arc::new(Int8Array::from(vec![Some(-5), Some(i8::MIN), None]))),
        ("i16", Arc::new(Int16Array::from(vec![Some(-500), Some(i16::MIN), None]))),
        ("i32", Arc::new(Int32Array::from(vec![Some(-50_000), Some(i32::MIN), None]))),
        ("i64", Arc::new(Int64Array::from(vec![Some(-5_000_000_000), Some(i64::MIN), None]))),
        ("u8", Arc::new(UInt8Array::from(vec![Some(5), Some(u8::MAX), None]))),
        ("u16", Arc::new(UInt16Array::from(vec![Some(500), Some(u16::MAX), None]))),
        ("u32", Arc::new(UInt32Array::from(vec![Some(50_000), Some(u32::MAX), None]))),
        ("u64", Arc::new(UInt64Array::from(vec![Some(5), Some(i64::MAX as u64), None]))),
        ("f32", Arc::new(Float32Array::from(vec![Some(0.5), Some(f32::MAX), None]))),
        ("f64", Arc::new(Float64Array::from(vec![Some(0.1), Some(-0.0), None]))),
        ("price", {
            let values = Decimal128Array::from(vec![Some(12_345), Some(-999_999_999_999), None]);
            Arc::new(values.with_precision_and_scale(12, 3).unwrap())
        }),
        ("text", text([Some("Örgryte 京都"), Some(""), None])),
        ("large_text", as_type(text([Some("large"), Some("\n"), None]), DataType::LargeUtf8)),
        ("text_view", as_type(text([Some("a view of a longer text"), Some("v"), None]), DataType::Utf8View)),
        ("category", as_type(text([Some("red"), Some("blue"), None]), dictionary)),
        ("raw", Arc::new(BinaryArray::from(vec![Some(&b"\x00\xff"[..]), Some(b""), None]))),
        ("day", Arc::new(Date32Array::from(vec![Some(18_519), Some(-1), None]))),
        ("day_ms", Arc::new(Date64Array::from(vec![Some(18_519 * 86_400_000), Some(0), None]))),
        ("at_s", Arc::new(seconds.with_timezone("UTC"))),
        ("at_ms", Arc::new(milliseconds.with_timezone("+02:00"))),
        ("at_us", Arc::new(TimestampMicrosecondArray::from(vec![Some(NOON), Some(-1), None]).with_timezone("UTC"))),
        ("clock", Arc::new(TimestampMicrosecondArray::from(vec![Some(NOON), Some(-1), None]))),
        ("clock_ns", Arc::new(nanoseconds)),
        ("longs", Arc::new(longs)),
        ("pairs", Arc::new(pairs)),
        ("narrow", Arc::new(narrow)),
        ("words", Arc::new(words.finish())),
        ("point", Arc::new(point)),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, name != "id")))
        .unwrap()
}

/// What the catalog calls each column, and the text of its values in rows 1 and 2.
const STORED: &[(&str, &str, &str, &str)] = &[
    ("id", "long", "1", "2"),
    ("flag", "boolean", "true", "false"),
    ("i8", "byte", "-5", "-128"),
    ("i16", "short", "-500", "-32768"),
    ("i32", "integer", "-50000", "-2147483648"),
    ("i64", "long", "-5000000000", "-9223372036854775808"),
    ("u8", "short", "5", "255"),
    ("u16", "integer", "500", "65535"),
    ("u32", "long", "50000", "4294967295"),
    ("u64", "long", "5", "9223372036854775807"),
    ("f32", "float", "0.5", "3.4028235e38"),
    ("f64", "double", "0.1", "-0.0"),
    ("price", "decimal(12,3)", "12.345", "-999999999.999"),
    ("text", "string", "Örgryte 京都", ""),
    ("large_text", "string", "large", "\n"),
    ("text_view", "string", "a view of a longer text", "v"),
    ("category", "string", "red", "blue"),
    ("raw", "binary", "00ff", ""),
    ("day", "date", "2020-09-14", "1969-12-31"),
    ("day_ms", "date", "2020-09-14", "1970-01-01"),
    ("at_s", "timestamp", "2020-09-14T12:00:00Z", "1969-12-31T23:59:59Z"),
    ("at_ms", "timestamp", "2020-09-14T12:00:00Z", "1969-12-31T23:59:59Z"),
    ("at_us", "timestamp", "2020-09-14T12:00:00.000003Z", "1969-12-31T23:59:59.999999Z"),
    ("clock", "timestamp_ntz", "2020-09-14T12:00:00.000003", "1969-12-31T23:59:59.999999"),
    ("clock_ns", "timestamp_ntz", "2020-09-14T12:00:00.000003", "1969-12-31T23:59:59.999999"),
    ("longs", "array<long>", "[1, -2, 3]", "[]"),
    ("pairs", "array<double>", "[0.5, -0.25]", "[179769313.48623157, 0.0]"),
    ("narrow", "array<float>", "[1.5]", "[]"),
    ("words", "array<string>", "[Öster, ]", "[x]"),
    ("point", "struct<x:short,name:string>", "{x: 7, name: a}", "{x: 255, name: }"),
];

fn by_id(batch: &RecordBatch) -> RecordBatch {
    let order = sort_to_indices(batch.column_by_name("id").unwrap(), None, None).unwrap();
    take_record_batch(batch, &order).unwrap()
}

#[track_caller]
fn assert_stored(batch: &RecordBatch) {
    let rows = by_id(batch);
    assert_eq!(rows.num_rows(), 3);
    for (index, (name, _, first, second)) in STORED.iter().enumerate() {
        let column = rows.project(&[index]).unwrap();
        let text = rows_of(&column);
        assert_eq!((text[0].as_str(), text[1].as_str()), (*first, *second), "column {name}");
    }
}

async fn every_type_survives_every_direction(sandbox: &Sandbox) {
    let sent = sent();
    let create =
        v1::CreateFeatureGroup { arrow_schema: schema_bytes(&sent.schema()).unwrap(), ..group("kinds", "id", "") };
    let created = sandbox.create(create).await;
    let told: Vec<(&str, &str)> =
        created.features.iter().map(|feature| (feature.name.as_str(), feature.r#type.as_str())).collect();
    let expected: Vec<(&str, &str)> = STORED.iter().map(|(name, kind, _, _)| (*name, *kind)).collect();
    assert_eq!(told, expected);
    assert_eq!(created.features.iter().find(|feature| feature.name == "pairs").unwrap().fixed_length, 2);
    sandbox.insert("kinds", sent).await;

    // Out as Arrow: the whole group, and by name.
    assert_stored(&sandbox.rows("kinds").await);
    let names: Vec<String> = STORED.iter().map(|(name, ..)| format!("kinds.{name}")).collect();
    let asked = sandbox.ask(crate::harness::request(&names.join(" "))).await.unwrap();
    assert_stored(&asked);

    // Into datasets.
    let build = |name: &str, format: v1::DataFormat| v1::CreateTrainingDataset {
        data_format: format.into(),
        null_policy: v1::NullPolicy::Omit.into(),
        ..dataset(name, &names.join(" "), 2)
    };
    let parquet = sandbox.build(build("in_parquet", v1::DataFormat::Parquet)).await;
    assert_stored(&parquet.rows());
    let records = sandbox.build(build("in_records", v1::DataFormat::Tfrecord)).await;
    assert_eq!(records.run.rows, 3);
    let lossy: Vec<&str> = records.manifest.features.iter().filter(|f| f.lossy).map(|f| f.name.as_str()).collect();
    assert_eq!(lossy, ["f64", "price", "pairs"], "what TFRecord narrows is marked");

    let table = sandbox.warehouse().join(&created.location);
    let said = python::run("interop/every_type.py", &[&table, &records.folder, &parquet.folder]);
    for reader in ["deltalake", "duckdb", "polars", "tensorflow", "parquet"] {
        assert!(said.contains(&format!("{reader}: 3 rows agree")), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn types_that_have_no_place_in_the_table_are_refused_by_name() {
    let sandbox = Sandbox::local().await;
    let entries = Field::new(
        "entries",
        DataType::Struct(Fields::from(vec![
            Field::new("key", DataType::Utf8, false),
            Field::new("value", DataType::Utf8, true),
        ])),
        false,
    );
    let fields = vec![
        Field::new("id", DataType::Int64, false),
        Field::new("a_map", DataType::Map(Arc::new(entries), false), true),
        Field::new("an_interval", DataType::Interval(arrow::datatypes::IntervalUnit::MonthDayNano), true),
        Field::new("a_duration", DataType::Duration(TimeUnit::Second), true),
        Field::new("a_time", DataType::Time64(TimeUnit::Microsecond), true),
        Field::new("wide", DataType::Decimal256(50, 2), true),
    ];
    let create = v1::CreateFeatureGroup {
        arrow_schema: schema_bytes(&Schema::new(fields)).unwrap(),
        ..group("kinds", "id", "")
    };
    let error = sandbox.client().call(create).await.unwrap_err().to_string();
    for name in ["`a_map`", "`an_interval`", "`a_duration`", "`a_time`", "`wide`"] {
        assert!(error.contains(name), "no {name} in {error}");
    }
    sandbox.stop().await;
}

/// Rows of a bucket are found by other engines through the log alone: the files that it names are whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_of_many_commits_is_read_by_other_engines() {
    let sandbox = Sandbox::local().await;
    let created = sandbox.create(group("counts", "id", "id:long x:double")).await;
    for commit in 0..12_i64 {
        let rows: Vec<String> = (0..5).map(|row| format!("{} | {}", commit * 5 + row, row)).collect();
        let rows = crate::harness::table(&format!("id:long | x:double\n{}", rows.join("\n")));
        if commit == 6 {
            let overwrite =
                v1::BeginInsert { mode: v1::InsertMode::Overwrite.into(), ..crate::harness::sandbox::begin("counts") };
            sandbox.insert_as(overwrite, vec![rows]).await.unwrap();
        } else {
            sandbox.insert("counts", rows).await;
        }
    }
    let table: PathBuf = sandbox.warehouse().join(&created.location);
    let said = python::run("interop/count_rows.py", &[&table]);
    assert!(said.contains("30 rows from 30 to 59 at version 12; version 6 had 30 rows"), "{said}");
    sandbox.stop().await;
}
