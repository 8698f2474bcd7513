//! A key with more rows than a shard should have spans several shards: in the order of its rows, on both engines alike.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{ArrayRef, AsArray, Float64Array, Int64Array, StringArray},
    datatypes::Int64Type,
    record_batch::RecordBatch,
};

use crate::harness::{Sandbox, cluster::Cluster, dataset, group};

const ROWS: i64 = 40_000;

/// A third of all rows have the key 7.
fn visits() -> RecordBatch {
    let numbers = || 0..ROWS;
    let key = |number: i64| if number % 3 == 0 { 7 } else { 100 + number };
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("visitor_id", Arc::new(numbers().map(key).collect::<Int64Array>())),
        ("number", Arc::new(numbers().collect::<Int64Array>())),
        ("length", Arc::new(numbers().map(|number| number as f64 * 0.25).collect::<Float64Array>())),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

fn visitors() -> RecordBatch {
    let ids = || std::iter::once(7).chain((0..ROWS).map(|number| 100 + number));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("visitor_id", Arc::new(ids().collect::<Int64Array>())),
        ("name", Arc::new(StringArray::from_iter_values(ids().map(|id| format!("visitor {id}"))))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

async fn build(sandbox: &Sandbox) -> BTreeMap<String, Vec<u8>> {
    sandbox.create_filled(group("visits", "visitor_id", "visitor_id:long number:long length:double"), visits()).await;
    sandbox.create_filled(group("visitors", "visitor_id", "visitor_id:long name:string"), visitors()).await;
    let built = sandbox.build(dataset("all", "visits.visitor_id number length name", 8)).await;
    assert_eq!(built.run.rows, ROWS as u64);
    let mut numbers = std::collections::BTreeSet::new();
    let mut with_hot_key = 0;
    for shard in 0..8 {
        let rows = built.shard(shard);
        // An eighth each, give or take a tenth.
        let expected = ROWS as usize / 8;
        assert!(rows.num_rows().abs_diff(expected) < expected / 10, "shard {shard} has {} rows", rows.num_rows());
        let column = |name: &str| rows.column_by_name(name).unwrap().as_primitive::<Int64Type>().values().to_vec();
        with_hot_key += usize::from(column("visitor_id").contains(&7));
        numbers.extend(column("number"));
    }
    assert_eq!(numbers.len(), ROWS as usize, "rows were lost or doubled");
    assert!(with_hot_key >= 3, "the hot key is in {with_hot_key} shards");
    let orders = built.manifest.boundaries.iter().filter(|bound| bound.order().unwrap() > 0).count();
    assert!(orders >= 2, "{:?}", built.manifest.boundaries);
    assert!(sandbox.verify("all").await.problems.is_empty());
    built.files()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hot_key_spans_shards_alike_on_both_engines() {
    let local = Sandbox::local().await;
    let expected = build(&local).await;
    local.stop().await;
    let on_cluster = build(&Cluster::shared().sandbox().await).await;
    assert!(on_cluster == expected, "the engines cut or order the hot key differently");
}
