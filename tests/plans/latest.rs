//! The latest row of each key is that of a loop over all rows, however the sorted input was cut into batches.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{ArrayRef, FixedSizeBinaryArray, Int64Array, TimestampMicrosecondArray},
    compute::concat_batches,
    record_batch::RecordBatch,
};
use datafusion::{datasource::memory::MemorySourceConfig, prelude::SessionContext};
use futures::TryStreamExt;
use mangonel_operators::{
    columns::{COMMIT, DIGEST},
    latest::LatestExec,
    operator::OperatorExec,
};
use proptest::prelude::*;

use crate::harness::tables::rows_of;

/// Key, event time, commit and first byte of the digest.
type Row = (i64, Option<i64>, i64, u8);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let time = prop_oneof![1 => Just(None), 9 => (-2_i64..3).prop_map(Some)];
    prop::collection::vec((0_i64..6, time, 0_i64..3, 0_u8..4), 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_latest_row_of_each_key_is_kept(mut rows in rows(), cuts in prop::collection::vec(0_usize..5, 0..20)) {
        // Files are sorted by key alone as far as this node is concerned.
        rows.sort_by_key(|row| row.0);
        let mut expected: BTreeMap<i64, Row> = BTreeMap::new();
        for row in &rows {
            let best = expected.entry(row.0).or_insert(*row);
            if (row.1, row.2, row.3) > (best.1, best.2, best.3) {
                *best = *row;
            }
        }
        let expected: Vec<String> = expected.values().map(|row| {
            let time = row.1.map_or_else(|| "null".to_owned(), |time| time.to_string());
            format!("{} | {time} | {} | {}", row.0, row.2, row.3)
        }).collect();
        prop_assert_eq!(latest(&rows, &cuts), expected);
    }
}

fn latest(rows: &[Row], cuts: &[usize]) -> Vec<String> {
    let digests: Vec<[u8; 16]> = rows.iter().map(|row| [row.3; 16]).collect();
    let digests: ArrayRef = if digests.is_empty() {
        Arc::new(FixedSizeBinaryArray::new_null(16, 0))
    } else {
        Arc::new(FixedSizeBinaryArray::try_from_iter(digests.into_iter()).unwrap())
    };
    let columns: Vec<(&str, ArrayRef, bool)> = vec![
        ("id", Arc::new(rows.iter().map(|row| row.0).collect::<Int64Array>()), false),
        ("at", Arc::new(rows.iter().map(|row| row.1).collect::<TimestampMicrosecondArray>()), true),
        (COMMIT, Arc::new(rows.iter().map(|row| row.2).collect::<Int64Array>()), false),
        (DIGEST, digests, false),
    ];
    let whole = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let mut batches = Vec::new();
    let mut first = 0;
    for rows in cuts.iter().copied().chain([usize::MAX]) {
        let rows = rows.min(whole.num_rows() - first);
        batches.push(whole.slice(first, rows));
        first += rows;
    }
    let input = MemorySourceConfig::try_new_exec(&[batches], whole.schema(), None).unwrap();
    let latest = LatestExec { keys: vec!["id".into()], event_time: "at".into() };
    let plan = OperatorExec::plan(latest, vec![input]).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let kept = runtime.block_on(async {
        let stream = plan.execute(0, SessionContext::new().task_ctx()).unwrap();
        let schema = stream.schema();
        let batches: Vec<RecordBatch> = stream.try_collect().await.unwrap();
        concat_batches(&schema, &batches).unwrap()
    });
    let time = arrow::compute::cast(kept.column(1), &arrow::datatypes::DataType::Int64).unwrap();
    let digest = kept.column(3).as_any().downcast_ref::<FixedSizeBinaryArray>().unwrap();
    let first_bytes: Int64Array = (0..kept.num_rows()).map(|row| i64::from(digest.value(row)[0])).collect();
    let columns: Vec<(&str, ArrayRef, bool)> = vec![
        ("id", kept.column(0).clone(), true),
        ("at", time, true),
        ("commit", kept.column(2).clone(), true),
        ("digest", Arc::new(first_bytes), true),
    ];
    rows_of(&RecordBatch::try_from_iter_with_nullable(columns).unwrap())
}
