//! Promise: wide and event groups have every row once, in any order and batch size, and know the answer of a point-in-time join.

#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap like the tests themselves")]

use std::collections::HashMap;

use arrow::array::{AsArray, RecordBatch};
use arrow::compute::{concat_batches, sort_to_indices, take_record_batch};
use arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use mangonel_generator::{EventGroups, RowOrder, TableBatches, WideGroups};

fn read(batches: TableBatches) -> RecordBatch {
    let schema = arrow::record_batch::RecordBatchReader::schema(&batches);
    let batches: Vec<RecordBatch> = batches.map(Result::unwrap).collect();
    concat_batches(&schema, &batches).unwrap()
}

fn sorted(batch: &RecordBatch, column: &str) -> RecordBatch {
    let indices = sort_to_indices(batch.column_by_name(column).unwrap(), None, None).unwrap();
    take_record_batch(batch, &indices).unwrap()
}

#[test]
fn order_batch_size_and_slices_change_no_row() {
    let wide = WideGroups { rows: 1003, groups: 2, features_per_group: 25, ..Default::default() };
    let shuffled = WideGroups { order: RowOrder::Shuffled, ..wide };
    for group in 0..2 {
        let whole = read(wide.batches(group, 100));
        assert_eq!((whole.num_rows(), whole.num_columns()), (1003, 26));
        let mixed = read(shuffled.batches(group, 77));
        assert_ne!(mixed, whole);
        assert_eq!(sorted(&mixed, "entity_id"), whole);
        let parts = [0..400, 400..5000].map(|places| read(shuffled.slice_batches(group, places, 64)));
        assert_eq!(concat_batches(&whole.schema(), &parts).unwrap(), mixed);
    }
    let keys = |group| read(shuffled.batches(group, 1003)).column(0).clone();
    assert_ne!(&keys(0), &keys(1), "groups are shuffled differently");
}

#[test]
fn a_value_does_not_depend_on_how_much_else_there_is() {
    let small = WideGroups { rows: 10, groups: 1, features_per_group: 10, ..Default::default() };
    let large = WideGroups { rows: 1000, groups: 9, features_per_group: 40, ..Default::default() };
    let head = read(large.batches(0, 500)).slice(0, 10).project(&(0..11).collect::<Vec<_>>()).unwrap();
    assert_eq!(head.columns(), read(small.batches(0, 3)).columns());
}

#[test]
fn feature_names_are_unique_over_groups() {
    let specs = WideGroups { groups: 5, ..Default::default() }.specs();
    let mut names: Vec<&str> = specs.iter().flat_map(|spec| spec.features()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 50);
}

#[test]
fn version_at_is_what_a_point_in_time_join_finds() {
    let events = EventGroups { entities: 50, versions: 6, groups: 2, order: RowOrder::Shuffled, ..Default::default() };
    let labels = read(events.label_batches(2_000, 300));
    let times = labels.column(1).as_primitive::<TimestampMicrosecondType>();
    for group in 0..2 {
        let batch = read(events.batches(group, 41));
        assert_eq!((batch.num_rows(), batch.schema()), (300, events.spec(group).schema()));
        let event_times = batch.column(1).as_primitive::<TimestampMicrosecondType>().values();
        let versions = batch.column_by_name(&format!("g{group}_version")).unwrap().as_primitive::<Int64Type>().values();
        let mut history: HashMap<i64, Vec<(i64, i64)>> = HashMap::new();
        for (row, &entity) in batch.column(0).as_primitive::<Int64Type>().values().iter().enumerate() {
            history.entry(entity).or_default().push((event_times[row], versions[row]));
        }
        let mut without = 0;
        for (&entity, &time) in labels.column(0).as_primitive::<Int64Type>().values().iter().zip(times.values()) {
            let found = history[&entity].iter().filter(|event| event.0 <= time).max().map(|event| event.1 as u64);
            assert_eq!(events.version_at(group, entity, time), found);
            without += usize::from(found.is_none());
        }
        assert!((50..500).contains(&without), "{without} labels come before the first version");
    }
    assert_eq!((events.version_at(0, 0, i64::MAX), events.version_at(0, 51, i64::MAX)), (None, None));
    assert_eq!(events.version_at(0, 1, 0), None);
}

#[test]
fn empty_groups_have_a_schema_and_no_rows() {
    let events = EventGroups { entities: 0, ..Default::default() };
    assert_eq!(read(events.batches(0, 10)).num_rows() + read(events.label_batches(10, 10)).num_rows(), 0);
    assert_eq!(read(WideGroups { rows: 0, ..Default::default() }.batches(0, 10)).num_columns(), 11);
}
