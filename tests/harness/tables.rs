//! Tables as text, so that a test can be read: batches from it, and batches compared with it.

use std::{collections::HashMap, sync::Arc};

use arrow::{
    array::{ArrayRef, Int64Array, StringArray},
    compute::concat_batches,
    datatypes::{DataType, Field, Schema, SchemaRef},
    record_batch::RecordBatch,
    util::display::{ArrayFormatter, FormatOptions},
};
use mangonel_proto::{v1, wire};
use mangonel_storage::{
    text::{ParseRules, parse_text_column},
    types::arrow_schema,
};

const NULL: &str = "null";

/// A batch from text: a head of `name:type` cells, then rows; cells are separated by `|`, and `null` is one.
pub(crate) fn table(text: &str) -> RecordBatch {
    let mut lines = cells(text).into_iter();
    let features: Vec<v1::Feature> = lines
        .next()
        .unwrap()
        .iter()
        .map(|cell| {
            let (name, r#type) = cell.split_once(':').unwrap();
            v1::Feature { name: name.into(), r#type: r#type.into(), nullable: true, ..Default::default() }
        })
        .collect();
    let schema = arrow_schema(&features).unwrap();
    let rows: Vec<Vec<String>> = lines.collect();
    let rules = ParseRules { null_values: vec![NULL.into()] };
    let columns = schema.fields().iter().enumerate().map(|(index, field)| {
        let texts: StringArray = rows.iter().map(|row| Some(row[index].as_str())).collect();
        parse_text_column(field.name(), &texts, field.data_type(), &rules, 0).unwrap()
    });
    RecordBatch::try_new(Arc::clone(&schema), columns.collect()).unwrap()
}

/// The same, as a CSV file reaches the server: all columns text, to be read by the types of the group.
pub(crate) fn text_table(text: &str, nulls: &[&str]) -> RecordBatch {
    let mut lines = cells(text).into_iter();
    let head = lines.next().unwrap();
    let rows: Vec<Vec<String>> = lines.collect();
    let nulls: Vec<String> = nulls.iter().map(|null| (*null).to_owned()).collect();
    let metadata = HashMap::from([(wire::TEXT_METADATA.to_owned(), wire::text_metadata(&nulls).unwrap())]);
    let fields: Vec<Field> = head.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
    let columns = (0..head.len())
        .map(|index| Arc::new(rows.iter().map(|row| Some(row[index].as_str())).collect::<StringArray>()) as ArrayRef);
    RecordBatch::try_new(Arc::new(Schema::new_with_metadata(fields, metadata)), columns.collect()).unwrap()
}

/// Rows `id:long note:string` from `first` on, of some 200 bytes that compress to half at best.
pub(crate) fn noise(first: i64, count: i64) -> RecordBatch {
    let mut state = first as u64 + 1;
    let mut word = || {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
    };
    let notes: StringArray =
        (0..count).map(|_| Some((0..12).map(|_| format!("{:016x}", word())).collect::<String>())).collect();
    let columns: Vec<(&str, ArrayRef)> =
        vec![("id", Arc::new((first..first + count).collect::<Int64Array>())), ("note", Arc::new(notes))];
    RecordBatch::try_from_iter(columns).unwrap()
}

/// One batch out of many of one schema.
pub(crate) fn whole(schema: &SchemaRef, batches: &[RecordBatch]) -> RecordBatch {
    concat_batches(schema, batches).unwrap()
}

/// The rows as text, in order, without the head.
pub(crate) fn rows_of(batch: &RecordBatch) -> Vec<String> {
    let options = FormatOptions::default().with_null(NULL).with_display_error(false);
    let columns: Vec<ArrayFormatter<'_>> =
        batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options).unwrap()).collect();
    let row = |row: usize| columns.iter().map(|column| column.value(row).to_string()).collect::<Vec<_>>().join(" | ");
    (0..batch.num_rows()).map(row).collect()
}

/// Compares with a table in text, whose head is names alone; the order of rows does not count.
#[track_caller]
pub(crate) fn assert_table(batch: &RecordBatch, expected: &str) {
    let (head, mut rows) = (head_of(batch), rows_of(batch));
    let mut lines = cells(expected).into_iter().map(|cells| cells.join(" | "));
    assert_eq!(head, lines.next().unwrap(), "columns differ");
    let mut expected: Vec<String> = lines.collect();
    rows.sort();
    expected.sort();
    assert!(rows == expected, "rows differ:\n{}\nexpected:\n{}\n", rows.join("\n"), expected.join("\n"));
}

pub(crate) fn head_of(batch: &RecordBatch) -> String {
    batch.schema().fields().iter().map(|field| field.name().as_str()).collect::<Vec<_>>().join(" | ")
}

fn cells(text: &str) -> Vec<Vec<String>> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| line.split('|').map(|cell| cell.trim().to_owned()).collect()).collect()
}
