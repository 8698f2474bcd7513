//! Rows are sorted as DataFusion sorts them, with room and without.

use std::sync::Arc;

use arrow::{
    array::{
        ArrayRef, FixedSizeBinaryArray, Float64Array, Int32Array, ListArray, StringArray, TimestampMicrosecondArray,
    },
    compute::concat_batches,
    datatypes::Int32Type,
    record_batch::RecordBatch,
};
use datafusion::{
    datasource::memory::MemorySourceConfig,
    execution::{SessionStateBuilder, runtime_env::RuntimeEnvBuilder},
    physical_plan::{ExecutionPlan, collect, sorts::sort::SortExec},
    prelude::SessionContext,
};
use mangonel_operators::{
    layer_merge::ascending,
    row_sort::RowSortExec,
    session::{BATCH_ROWS, session_config},
};

const ROWS: usize = 40_000;
const BATCHES: usize = 23;

/// Batches of unequal length with keys of several types, some null, and one column that no two rows agree in.
fn rows() -> Vec<RecordBatch> {
    let draw = |row: usize, of: u64| (row as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 20 & (of - 1);
    let some = |row: usize| draw(row, 16) != 0;
    let digest = |row: usize| (draw(row, 1 << 40) as u128 * 0x1234_5678_9ABC_DEF1).to_be_bytes();
    let batch = |rows: std::ops::Range<usize>| {
        let numbers = rows.clone().map(|row| some(row).then(|| draw(row, 1024) as i32 - 512));
        let texts = rows.clone().map(|row| some(row + 1).then(|| "x".repeat(draw(row, 64) as usize)));
        let times = rows.clone().map(|row| Some(draw(row, 4) as i64));
        let lists = rows.clone().map(|row| some(row).then(|| vec![Some(row as i32); row % 4]));
        let columns: [(&str, ArrayRef); 6] = [
            ("number", Arc::new(numbers.collect::<Int32Array>())),
            ("text", Arc::new(texts.collect::<StringArray>())),
            ("time", Arc::new(times.collect::<TimestampMicrosecondArray>())),
            ("digest", Arc::new(FixedSizeBinaryArray::try_from_iter(rows.clone().map(digest)).unwrap())),
            ("value", Arc::new(rows.clone().map(|row| some(row + 2).then_some(row as f64)).collect::<Float64Array>())),
            ("list", Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(lists))),
        ];
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
    };
    let cut = |at: usize| ROWS * at * at / (BATCHES * BATCHES);
    (0..BATCHES).map(|at| batch(cut(at)..cut(at + 1))).collect()
}

fn context(pool_bytes: usize) -> SessionContext {
    let runtime = RuntimeEnvBuilder::new().with_memory_limit(pool_bytes, 1.0).build_arc().unwrap();
    let state = SessionStateBuilder::new().with_config(session_config("", 1)).with_runtime_env(runtime);
    SessionContext::new_with_state(state.with_default_features().build())
}

async fn sorted(plan: Arc<dyn ExecutionPlan>, pool_bytes: usize) -> RecordBatch {
    let schema = plan.schema();
    let batches = collect(plan, context(pool_bytes).task_ctx()).await.unwrap();
    assert!(batches.iter().all(|batch| batch.num_rows() <= BATCH_ROWS));
    concat_batches(&schema, &batches).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_are_sorted_with_room_and_without() {
    let rows = rows();
    let schema = rows[0].schema();
    let input = || MemorySourceConfig::try_new_exec(std::slice::from_ref(&rows), Arc::clone(&schema), None).unwrap();
    for order in [
        &["number", "digest"][..],
        &["text", "number", "digest"],
        &["time", "digest"],
        &["number", "text", "time", "digest"],
    ] {
        let order: Vec<String> = order.iter().map(|name| (*name).to_owned()).collect();
        let by = ascending(&schema, &order).unwrap();
        let expected = sorted(Arc::new(SortExec::new(by, input())), 1 << 30).await;
        assert_eq!(expected.num_rows(), ROWS);
        // In memory; in several runs; with batches that are larger than the whole budget.
        for pool_bytes in [1 << 30, 6 << 20, 3 << 20] {
            let rows = sorted(RowSortExec::plan(order.clone(), input()).unwrap(), pool_bytes).await;
            assert!(rows == expected, "by {order:?} with {pool_bytes} bytes");
        }
    }
}
