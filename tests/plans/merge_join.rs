//! The merge join gives the rows of nested loops, in their order, however its sorted inputs were cut into batches.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Int32Array, Int64Array, StringArray},
    compute::concat_batches,
    record_batch::RecordBatch,
};
use datafusion::{
    datasource::memory::MemorySourceConfig,
    physical_plan::ExecutionPlan,
    prelude::{SessionConfig, SessionContext},
};
use futures::TryStreamExt;
use mangonel_operators::{
    merge_join::{JoinColumn, JoinInput, MergeJoinExec},
    operator::OperatorExec,
};
use proptest::prelude::*;

use crate::harness::tables::rows_of;

/// How keys are shaped; the last has two columns.
#[derive(Clone, Copy, Debug)]
enum KeyShape {
    Long,
    /// The root has 32 bits, the others 64.
    Widened,
    Text,
    Composite,
}

type Key = (Option<i64>, Option<i64>);

#[derive(Clone, Debug)]
struct Input {
    keys: Vec<Key>,
    unique: bool,
    optional: bool,
    /// Rows of each batch; what is left makes one more.
    cuts: Vec<usize>,
}

fn key(shape: KeyShape) -> impl Strategy<Value = Key> {
    let part = prop_oneof![1 => Just(None), 6 => (0_i64..7).prop_map(Some)];
    let second = if matches!(shape, KeyShape::Composite) { (0_i64..3).boxed() } else { Just(0).boxed() };
    (part, prop_oneof![1 => Just(None), 8 => second.prop_map(Some)])
        .prop_map(move |(first, second)| (first, if matches!(shape, KeyShape::Composite) { second } else { None }))
}

fn input(shape: KeyShape) -> impl Strategy<Value = Input> {
    let keys = prop::collection::vec(key(shape), 0..30);
    let cuts = prop::collection::vec(0_usize..6, 0..20);
    (keys, any::<bool>(), any::<bool>(), cuts).prop_map(|(mut keys, unique, optional, cuts)| {
        keys.sort();
        if unique {
            keys.dedup();
        }
        Input { keys, unique, optional, cuts }
    })
}

fn case() -> impl Strategy<Value = (KeyShape, Vec<Input>, usize)> {
    let shape =
        prop_oneof![Just(KeyShape::Long), Just(KeyShape::Widened), Just(KeyShape::Text), Just(KeyShape::Composite)];
    shape.prop_flat_map(|shape| (Just(shape), prop::collection::vec(input(shape), 2..4), 1_usize..9))
}

/// Batches with the key columns and `row`, the number of the row in the input.
fn batches(shape: KeyShape, index: usize, input: &Input) -> Vec<RecordBatch> {
    let text = |part: &Option<i64>| part.map(|number| "k".repeat(number as usize + 1));
    let first = || input.keys.iter().map(|key| key.0);
    let column: ArrayRef = match shape {
        KeyShape::Widened if index == 0 => {
            Arc::new(first().map(|part| part.map(|number| number as i32)).collect::<Int32Array>())
        }
        KeyShape::Long | KeyShape::Widened => Arc::new(first().collect::<Int64Array>()),
        KeyShape::Text | KeyShape::Composite => Arc::new(first().map(|part| text(&part)).collect::<StringArray>()),
    };
    let mut columns = vec![("a", column, true)];
    if matches!(shape, KeyShape::Composite) {
        columns.push(("b", Arc::new(input.keys.iter().map(|key| key.1).collect::<Int64Array>()), true));
    }
    columns.push(("row", Arc::new((0..input.keys.len() as i64).collect::<Int64Array>()), false));
    let whole = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let mut cut = Vec::new();
    let mut first = 0;
    for rows in input.cuts.iter().copied().chain([usize::MAX]) {
        let rows = rows.min(whole.num_rows() - first);
        cut.push(whole.slice(first, rows));
        first += rows;
    }
    cut
}

fn has_null(shape: KeyShape, key: &Key) -> bool {
    key.0.is_none() || (matches!(shape, KeyShape::Composite) && key.1.is_none())
}

/// Root rows in order, and for each the combinations of its partners, the first input slowest.
fn nested_loops(shape: KeyShape, inputs: &[Input]) -> Vec<String> {
    let mut rows = Vec::new();
    for (number, key) in inputs[0].keys.iter().enumerate() {
        let mut combinations = vec![number.to_string()];
        for input in &inputs[1..] {
            let partners = input.keys.iter().enumerate().filter(|(_, other)| !has_null(shape, key) && *other == key);
            let mut partners: Vec<String> = partners.map(|(row, _)| row.to_string()).collect();
            if partners.is_empty() && input.optional {
                partners.push("null".into());
            }
            let pairs =
                combinations.iter().flat_map(|row| partners.iter().map(move |partner| format!("{row} | {partner}")));
            combinations = pairs.collect();
        }
        rows.extend(combinations);
    }
    rows
}

fn merged(shape: KeyShape, inputs: &[Input], batch_rows: usize) -> Vec<String> {
    let keys: Vec<String> =
        if matches!(shape, KeyShape::Composite) { vec!["a".into(), "b".into()] } else { vec!["a".into()] };
    let join = MergeJoinExec {
        inputs: inputs
            .iter()
            .map(|input| JoinInput { keys: keys.clone(), unique: input.unique, optional: input.optional })
            .collect(),
        output: (0..inputs.len())
            .map(|input| JoinColumn { input, column: "row".into(), name: format!("row of {input}") })
            .collect(),
    };
    let children = inputs.iter().enumerate().map(|(index, input)| {
        let batches = batches(shape, index, input);
        let schema = batches[0].schema();
        MemorySourceConfig::try_new_exec(&[batches], schema, None).unwrap() as Arc<dyn ExecutionPlan>
    });
    let plan = OperatorExec::plan(join, children.collect()).unwrap();
    let context = SessionContext::new_with_config(SessionConfig::new().with_batch_size(batch_rows)).task_ctx();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let stream = plan.execute(0, context).unwrap();
        let schema = stream.schema();
        let batches: Vec<RecordBatch> = stream.try_collect().await.unwrap();
        assert!(batches.iter().all(|batch| batch.num_rows() > 0), "an empty batch came out");
        rows_of(&concat_batches(&schema, &batches).unwrap())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_merge_join_is_a_join((shape, inputs, batch_rows) in case()) {
        prop_assert_eq!(merged(shape, &inputs, batch_rows), nested_loops(shape, &inputs));
    }
}

#[test]
fn keys_of_different_types_are_refused() {
    let input = Input { keys: vec![(Some(1), None)], unique: true, optional: false, cuts: Vec::new() };
    let sides: Vec<Arc<dyn ExecutionPlan>> = [KeyShape::Long, KeyShape::Text]
        .iter()
        .map(|shape| {
            let batches = batches(*shape, 1, &input);
            let schema = batches[0].schema();
            MemorySourceConfig::try_new_exec(&[batches], schema, None).unwrap() as Arc<dyn ExecutionPlan>
        })
        .collect();
    let side = JoinInput { keys: vec!["a".into()], unique: true, optional: false };
    let output = vec![JoinColumn { input: 0, column: "row".into(), name: "row".into() }];
    let join = MergeJoinExec { inputs: vec![side.clone(), side], output };
    let plan = OperatorExec::plan(join, sides).unwrap();
    let Err(error) = plan.execute(0, SessionContext::new().task_ctx()) else {
        panic!("text was compared with numbers")
    };
    assert!(error.to_string().contains("Utf8"), "{error}");
}
