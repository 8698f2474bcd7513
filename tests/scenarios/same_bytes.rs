//! The bytes of a training dataset depend on its rows and its request, and on nothing that happened on the way.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{ArrayRef, Float64Array, Int64Array, StringArray},
    record_batch::RecordBatch,
};
use mangonel_proto::v1;

use crate::harness::{Sandbox, dataset, group, on_every_engine, sandbox::begin, spills::SpillWatch, table};

on_every_engine!(rows_of_one_key_come_in_one_order_however_they_were_inserted);

const ROWS: i64 = 500_000;

/// Rows with a wide text, so that sorting them needs more than the small budget; every key is there twice.
fn rows(first: i64, count: i64) -> RecordBatch {
    let ids = || (first..first + count).map(|row| (row * 7_368_787) % ROWS);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(ids().map(|id| id / 2).collect::<Int64Array>())),
        ("score", Arc::new(ids().map(|id| id as f64 * 0.37).collect::<Float64Array>())),
        ("note", Arc::new(StringArray::from_iter_values(ids().map(|id| format!("{id:0>160}"))))),
    ];
    RecordBatch::try_from_iter(columns).unwrap()
}

struct Work {
    threads: usize,
    memory_bytes: usize,
    inserts: i64,
    parts: i64,
    must_spill: bool,
}

async fn bytes_of(work: Work) -> BTreeMap<String, Vec<u8>> {
    let sandbox = Sandbox::local_of(work.threads, work.memory_bytes).await;
    sandbox.create(group("notes", "id", "id:long score:double note:string")).await;
    let spills = SpillWatch::start(vec![sandbox.folder().join("spill")]);
    let share = ROWS / work.inserts / work.parts;
    for insert in 0..work.inserts {
        let parts = (0..work.parts).map(|part| rows((insert * work.parts + part) * share, share)).collect();
        sandbox.insert_as(begin("notes"), parts).await.unwrap();
    }
    assert!(spills.has_seen() || !work.must_spill, "the budget was meant to be too small for the rows");
    let built = sandbox.build(dataset("shuffled", "note id score", 5)).await;
    assert_eq!(built.run.rows, ROWS as u64);
    let files = built.files();
    sandbox.stop().await;
    files
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn threads_memory_and_splits_of_inserts_do_not_show_in_the_bytes() {
    let roomy = 1 << 30;
    let expected = bytes_of(Work { threads: 1, memory_bytes: roomy, inserts: 1, parts: 1, must_spill: false }).await;
    assert_eq!(expected.len(), 5);
    let others = [
        Work { threads: 2, memory_bytes: 64 << 20, inserts: 1, parts: 2, must_spill: true },
        Work { threads: 4, memory_bytes: roomy, inserts: 5, parts: 4, must_spill: false },
    ];
    for work in others {
        let what = format!("{} threads, {} inserts of {} parts", work.threads, work.inserts, work.parts);
        let bytes = bytes_of(work).await;
        assert!(bytes == expected, "other bytes with {what}");
    }
}

/// Without an event time nothing says which row of a key is first, so that their order is that of the row digests.
async fn rows_of_one_key_come_in_one_order_however_they_were_inserted(sandbox: &Sandbox) {
    let one = "1 | a\n 1 | b\n 1 | c\n 2 | a";
    let other = "1 | d\n 1 | e\n 2 | b\n 1 | f";
    let rows = |text: &str| table(&format!("id:long | text:string\n{text}"));
    for (name, inserts) in [
        ("forwards", vec![rows(one), rows(other)]),
        ("backwards", vec![rows(other), rows(one)]),
        ("at_once", vec![rows(&format!("{other}\n{one}"))]),
    ] {
        sandbox.create(group(name, "id", "id:long text:string")).await;
        for insert in inserts {
            sandbox.insert(name, insert).await;
        }
    }
    let mut built = Vec::new();
    for name in ["forwards", "backwards", "at_once"] {
        let source = format!("{name}.id {name}.text");
        built.push(
            sandbox.build(v1::CreateTrainingDataset { ..dataset(&format!("of_{name}"), &source, 2) }).await.files(),
        );
    }
    assert!(built[0] == built[2], "two inserts and one differ");
    assert!(built[0] == built[1], "the order of inserts shows");
}
