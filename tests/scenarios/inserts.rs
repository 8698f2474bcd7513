//! Inserts: whole or not at all, nothing lost, and everything that is wrong with the rows said at once.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Int64Array, MapBuilder, StringArray, StringBuilder, TimestampNanosecondArray, UInt64Array},
    datatypes::{DataType, Field, Schema},
    record_batch::RecordBatch,
};
use futures::future::join_all;
use mangonel_client::schema_bytes;
use mangonel_proto::{ErrorCode, v1, v1::InsertMode};

use crate::harness::{
    Sandbox, assert_table, group, on_every_engine, request, sandbox::begin, table, tables::text_table,
};

on_every_engine!(
    rows_are_appended_and_overwritten,
    eight_writers_at_once_lose_nothing,
    appends_that_race_an_overwrite_survive_it,
    all_differences_between_data_and_group_are_said_at_once,
    duplicate_and_missing_columns_are_refused,
    null_keys_are_refused_with_count_and_rows,
    values_that_do_not_fit_are_refused_by_row,
    text_that_is_no_value_is_refused_by_row,
    an_insert_of_no_rows_is_an_insert,
    keys_that_do_not_compare_are_refused_at_creation,
    columns_in_another_order_and_narrower_types_fit,
    parts_of_different_schemas_make_one_insert,
);

async fn rows_are_appended_and_overwritten(sandbox: &Sandbox) {
    sandbox.create(group("teams", "id", "id:long name:string")).await;
    let first = sandbox.insert("teams", table("id:long | name:string\n 1 | aik\n 2 | ifk")).await;
    let second = sandbox.insert("teams", table("id:long | name:string\n 3 | Häcken")).await;
    assert_eq!((first.rows, first.table_version, second.rows, second.table_version), (2, 1, 1, 2));
    assert_table(&sandbox.rows("teams").await, "id | name\n 1 | aik\n 2 | ifk\n 3 | Häcken");
    let overwrite = v1::BeginInsert { mode: InsertMode::Overwrite.into(), ..begin("teams") };
    let rows = table("id:long | name:string\n 9 | new");
    let third = sandbox.insert_as(overwrite, vec![rows]).await.unwrap();
    assert_eq!(third.table_version, 3);
    assert_table(&sandbox.rows("teams").await, "id | name\n 9 | new");
    let shown = sandbox.show_group("teams").await;
    assert_eq!((shown.rows, shown.table_version, shown.files), (1, 3, 1));
}

async fn eight_writers_at_once_lose_nothing(sandbox: &Sandbox) {
    sandbox.create(group("events", "id", "id:long writer:integer")).await;
    let write = async |writer: i64| {
        for round in 0..3 {
            let rows: Vec<String> =
                (0..20).map(|row| format!("{} | {writer}", writer * 1000 + round * 100 + row)).collect();
            sandbox.insert("events", table(&format!("id:long | writer:integer\n{}", rows.join("\n")))).await;
        }
    };
    join_all((0..8).map(write)).await;
    let rows = sandbox.rows("events").await;
    let ids: std::collections::BTreeSet<i64> =
        arrow::array::AsArray::as_primitive::<arrow::datatypes::Int64Type>(rows.column(0))
            .values()
            .iter()
            .copied()
            .collect();
    assert_eq!((rows.num_rows(), ids.len()), (480, 480));
    // Compaction may have added versions of its own.
    assert!(sandbox.show_group("events").await.table_version >= 24);
}

async fn appends_that_race_an_overwrite_survive_it(sandbox: &Sandbox) {
    sandbox.create(group("events", "id", "id:long writer:integer")).await;
    sandbox.insert("events", table("id:long | writer:integer\n 1 | 0")).await;
    let overwrite = v1::BeginInsert { mode: InsertMode::Overwrite.into(), ..begin("events") };
    let appended = table("id:long | writer:integer\n 2 | 1");
    let (append, overwrite) = futures::join!(
        sandbox.insert_as(begin("events"), vec![appended]),
        sandbox.insert_as(overwrite, vec![table("id:long | writer:integer\n 3 | 2")]),
    );
    let (append, overwrite) = (append.unwrap(), overwrite.unwrap());
    let expected = if append.table_version > overwrite.table_version {
        "id | writer\n 2 | 1\n 3 | 2"
    } else {
        // The overwrite saw the append, or the append came from a snapshot before it and is kept.
        "id | writer\n 3 | 2"
    };
    let rows = sandbox.rows("events").await;
    if rows.num_rows() == 2 {
        assert_table(&rows, "id | writer\n 2 | 1\n 3 | 2");
    } else {
        assert_table(&rows, expected);
    }
}

async fn all_differences_between_data_and_group_are_said_at_once(sandbox: &Sandbox) {
    sandbox.create(group("teams", "id", "id:long name:string budget:float founded:date city:string")).await;
    let rows = table(
        "id:double | nam:string | budget:double | founded:timestamp | city:string | extra:integer\n 1 | a | 1.0 | 2020-01-01 | b | 1",
    );
    let error = sandbox.try_insert("teams", rows).await.unwrap_err().to_string();
    for expected in ["`id`", "`nam`", "did you mean `name`", "`budget`", "`founded`", "`extra`"] {
        assert!(error.contains(expected), "no `{expected}` in {error}");
    }
    assert!(!error.contains("`city`"), "{error}");
    assert_eq!(sandbox.show_group("teams").await.table_version, 0, "nothing was committed");
}

async fn duplicate_and_missing_columns_are_refused(sandbox: &Sandbox) {
    sandbox.create(group("teams", "id", "id:long name:string")).await;
    let error = sandbox.try_insert("teams", table("id:long | id:long | name:string\n 1 | 2 | a")).await.unwrap_err();
    assert!(error.message.contains("`id` occurs twice"), "{error}");
    let error = sandbox.try_insert("teams", table("name:string\n a")).await.unwrap_err();
    assert!(error.message.contains("`id` is the primary key and missing"), "{error}");
    // What is no key may be missing, and is null then.
    sandbox.insert("teams", table("id:long\n 1")).await;
    assert_table(&sandbox.rows("teams").await, "id | name\n 1 | null");

    let twice = v1::CreateFeatureGroup { name: "twice".into(), ..group("twice", "id", "id:long a:long A:long") };
    let error = sandbox.client().call(twice).await.unwrap_err();
    assert!(error.code == ErrorCode::InvalidArgument && error.to_string().contains("case"), "{error}");
}

async fn null_keys_are_refused_with_count_and_rows(sandbox: &Sandbox) {
    let create =
        v1::CreateFeatureGroup { event_time: "at".into(), ..group("events", "id", "id:long at:date x:integer") };
    sandbox.create(create).await;
    let rows = table(
        "id:long | at:date | x:integer
         1    | 2020-01-01 | 1
         null | 2020-01-01 | 2
         3    | null       | 3
         null | 2020-01-01 | null",
    );
    let error = sandbox.try_insert("events", rows).await.unwrap_err().to_string();
    for expected in ["primary key `id` is null in 2 rows", "rows 1, 3", "event time `at` is null in 1 row", "row 2"] {
        assert!(error.contains(expected), "no `{expected}` in {error}");
    }
    assert_eq!(sandbox.rows("events").await.num_rows(), 0);
    // The rows of a later batch are counted on.
    let mut texts: Vec<String> = (0..10_000).map(|id| format!("{id} | 2020-01-01 | 1")).collect();
    texts.push("null | 2020-01-01 | 1".into());
    let rows = table(&format!("id:long | at:date | x:integer\n{}", texts.join("\n")));
    let error = sandbox.try_insert("events", rows).await.unwrap_err().to_string();
    assert!(error.contains("row 10000"), "{error}");
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter(columns).unwrap()
}

async fn values_that_do_not_fit_are_refused_by_row(sandbox: &Sandbox) {
    sandbox.create(group("events", "id", "id:long at:timestamp_ntz")).await;
    let ids: ArrayRef = Arc::new(UInt64Array::from(vec![1, u64::MAX, 3, 1 << 63]));
    let times: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![Some(1_000), Some(1_001), None, Some(2_000)]));
    let error = sandbox.try_insert("events", batch(vec![("id", ids), ("at", times)])).await.unwrap_err().to_string();
    for expected in ["`id`", "rows 1, 3", "`at`", "row 1"] {
        assert!(error.contains(expected), "no `{expected}` in {error}");
    }
    assert_eq!(sandbox.rows("events").await.num_rows(), 0);
    // Those that fit are taken.
    let ids: ArrayRef = Arc::new(UInt64Array::from(vec![1, (1 << 63) - 1]));
    let times: ArrayRef = Arc::new(TimestampNanosecondArray::from(vec![Some(-1_000), None]));
    sandbox.insert("events", batch(vec![("id", ids), ("at", times)])).await;
    let expected = "id | at\n 1 | 1969-12-31T23:59:59.999999\n 9223372036854775807 | null";
    assert_table(&sandbox.rows("events").await, expected);
}

async fn text_that_is_no_value_is_refused_by_row(sandbox: &Sandbox) {
    sandbox.create(group("results", "id", "id:long score:integer day:date rate:double team:string")).await;
    let rows = text_table(
        "id | score | day        | rate | team
         1  | 2     | 2020-01-01 | 0.5  | Örgryte
         2  | two   | 2020-02-30 | x    | NA
         3  | NA    | NA         | NA   | AIK
         4  | 1e3   |            | inf  |",
        &["NA"],
    );
    let error = sandbox.try_insert("results", rows).await.unwrap_err().to_string();
    for expected in ["`score`", "`two`", "rows 1, 3", "`day`", "`2020-02-30`", "`rate`", "`x`"] {
        assert!(error.contains(expected), "no `{expected}` in {error}");
    }
    assert!(!error.contains("`team`"), "{error}");
    let rows = text_table(
        "id | score | day        | rate | team
         1  | 2     | 2020-01-01 | 0.5  | Örgryte
         3  | NA    | NA         |      | NA",
        &["NA"],
    );
    sandbox.insert("results", rows).await;
    let expected =
        "id | score | day | rate | team\n 1 | 2 | 2020-01-01 | 0.5 | Örgryte\n 3 | null | null | null | null";
    assert_table(&sandbox.rows("results").await, expected);
}

async fn an_insert_of_no_rows_is_an_insert(sandbox: &Sandbox) {
    sandbox.create(group("teams", "id", "id:long name:string")).await;
    sandbox.insert("teams", table("id:long | name:string\n 1 | a")).await;
    let run = sandbox.insert_as(begin("teams"), Vec::new()).await.unwrap();
    assert_eq!(run.rows, 0);
    let run = sandbox.insert("teams", table("id:long | name:string")).await;
    assert_eq!(run.rows, 0);
    assert_eq!(sandbox.rows("teams").await.num_rows(), 1);
    // Overwriting with nothing empties the group.
    let overwrite = v1::BeginInsert { mode: InsertMode::Overwrite.into(), ..begin("teams") };
    sandbox.insert_as(overwrite, Vec::new()).await.unwrap();
    assert_eq!(sandbox.rows("teams").await.num_rows(), 0);
}

async fn keys_that_do_not_compare_are_refused_at_creation(sandbox: &Sandbox) {
    let create =
        async |keys: &str, features: &str| sandbox.client().call(group("g", keys, features)).await.unwrap_err();
    for (keys, features, expected) in [
        ("price", "price:double x:long", "`price`"),
        ("price", "price:float x:long", "`price`"),
        ("list", "list:array<long> x:long", "`list`"),
        ("", "x:long", "no primary key"),
        ("y", "x:long", "`y`"),
        ("x x", "x:long y:long", "given twice"),
    ] {
        let error = create(keys, features).await;
        assert!(error.to_string().contains(expected), "{keys} of {features}: {error}");
        assert_eq!((error.code, error.reason), (ErrorCode::InvalidArgument, "InvalidPrimaryKey"), "{error}");
    }
    let error = create("x", "x:map<string,long> y:colour").await.to_string();
    assert!(error.contains("`x`") && error.contains("`y`"), "{error}");
    // The same through an Arrow schema.
    let mut map = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    map.append(true).unwrap();
    let map = map.finish();
    let fields = vec![
        Field::new("id", DataType::Int64, false),
        Field::new("properties", arrow::array::Array::data_type(&map).clone(), true),
        Field::new("length", DataType::Duration(arrow::datatypes::TimeUnit::Second), true),
    ];
    let create =
        v1::CreateFeatureGroup { arrow_schema: schema_bytes(&Schema::new(fields)).unwrap(), ..group("g", "id", "") };
    let error = sandbox.client().call(create).await.unwrap_err().to_string();
    assert!(error.contains("`properties`") && error.contains("`length`"), "{error}");
    assert!(sandbox.client().call(v1::ListFeatureGroups::default()).await.unwrap().feature_groups.is_empty());
}

async fn columns_in_another_order_and_narrower_types_fit(sandbox: &Sandbox) {
    sandbox.create(group("wide", "id", "id:long x:double d:decimal(10,2) n:integer")).await;
    let rows = table("n:short | d:decimal(5,1) | id:byte | x:float\n 1 | 2.5 | 3 | 0.5");
    sandbox.insert("wide", rows).await;
    sandbox.insert("wide", table("id:long | x:double | d:decimal(10,2) | n:integer\n 4 | 1.5 | 0.25 | 7")).await;
    assert_table(&sandbox.rows("wide").await, "id | x | d | n\n 3 | 0.5 | 2.50 | 1\n 4 | 1.5 | 0.25 | 7");
    let error = sandbox.try_insert("wide", table("id:long | n:long\n 1 | 1")).await.unwrap_err();
    assert!(error.message.contains("`n`"), "{error}");
}

async fn parts_of_different_schemas_make_one_insert(sandbox: &Sandbox) {
    sandbox.create(group("mixed", "id", "id:long name:string x:double")).await;
    let dictionary = {
        let values = arrow::compute::cast(
            &(Arc::new(StringArray::from(vec!["a", "b", "a"])) as ArrayRef),
            &DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)),
        );
        batch(vec![("name", values.unwrap()), ("id", Arc::new(Int64Array::from(vec![1, 2, 3])))])
    };
    let parts = vec![
        dictionary,
        table("id:integer | x:float | name:string\n 4 | 0.5 | c"),
        text_table("x | id\n 1.25 | 5\n | 6", &[]),
    ];
    let run = sandbox.insert_as(begin("mixed"), parts).await.unwrap();
    assert_eq!((run.rows, run.table_version), (6, 1));
    let expected =
        "id | name | x\n 1 | a | null\n 2 | b | null\n 3 | a | null\n 4 | c | 0.5\n 5 | null | 1.25\n 6 | null | null";
    assert_table(&sandbox.rows("mixed").await, expected);
    assert_eq!(sandbox.ask(request("x name")).await.unwrap().num_rows(), 6);
}
