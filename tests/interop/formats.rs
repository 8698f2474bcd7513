//! Every format and compression of a training dataset: TensorFlow, pandas, DuckDB and Polars read the rows that were asked
//! for, and so do we; a shard has about the bytes that were asked for.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, StringArray},
    record_batch::RecordBatch,
};
use mangonel_proto::v1::{self, Compression, DataFormat};

use crate::harness::{Sandbox, dataset, group, on_every_engine, python, request, table, tables::rows_of};

on_every_engine!(every_format_is_read_by_us_and_by_others, shards_have_about_the_bytes_asked_for);

async fn every_format_is_read_by_us_and_by_others(sandbox: &Sandbox) {
    sandbox.create(group("words", "id", "id:long word:string score:double day:date flag:boolean")).await;
    let words = ["Köln", "a,b", "tab\there", "say \"no\"", "two\nlines", " blank ", "NULL"];
    let mut rows = vec!["id:long | word:string | score:double | day:date | flag:boolean".to_owned()];
    for id in 0..60 {
        let score = if id % 5 == 0 { "null".to_owned() } else { format!("{}", f64::from(id) / 8.0) };
        rows.push(format!("{id} | word {id} | {score} | 2020-09-{:02} | {}", id % 30 + 1, id % 2 == 0));
    }
    sandbox.insert("words", with_words(&table(&rows.join("\n")), &words)).await;

    let names = "id word score day flag";
    let mut expected = rows_of(&sandbox.ask(request(names)).await.unwrap());
    expected.sort();
    let mut folders = Vec::new();
    for (name, data_format, compression) in [
        ("records", DataFormat::Tfrecord, Compression::None),
        ("records_gzip", DataFormat::Tfrecord, Compression::Gzip),
        ("records_zlib", DataFormat::Tfrecord, Compression::Zlib),
        ("csv", DataFormat::Csv, Compression::None),
        ("csv_gzip", DataFormat::Csv, Compression::Gzip),
        ("tsv", DataFormat::Tsv, Compression::None),
        ("tsv_gzip", DataFormat::Tsv, Compression::Gzip),
    ] {
        let create = v1::CreateTrainingDataset {
            data_format: data_format.into(),
            compression: compression.into(),
            null_policy: v1::NullPolicy::Omit.into(),
            ..dataset(name, names, 3)
        };
        let built = sandbox.build(create).await;
        let nulls: u64 = built.manifest.features.iter().map(|feature| feature.null_count).sum();
        assert_eq!((built.run.rows, nulls, built.manifest.shards.len()), (60, 13, 3), "{name}");
        let report = sandbox.verify(name).await;
        assert!(report.problems.is_empty(), "{name}: {:?}", report.problems);
        let mut read = rows_of(&sandbox.dataset_rows(name).await);
        read.sort();
        assert_eq!(read, expected, "{name}");
        folders.push(built.folder);
    }
    let said = python::run("interop/formats.py", &folders.iter().map(|folder| folder.as_path()).collect::<Vec<_>>());
    for reader in ["tensorflow", "tensorflow GZIP", "tensorflow ZLIB", "pandas csv", "pandas tsv", "duckdb", "polars"] {
        assert!(said.contains(&format!("{reader}: 60 rows agree")), "no {reader}: {said}");
    }

    // What a format cannot hold is said before anything is written.
    sandbox.create(group("blobs", "id", "id:long raw:binary days:array<long>")).await;
    let create = v1::CreateTrainingDataset {
        data_format: DataFormat::Csv.into(),
        ..dataset("blobs_in_csv", "blobs.id raw days", 1)
    };
    let error = sandbox.client().call(create).await.unwrap_err().to_string();
    assert!(error.contains("`raw` (binary), `days` (array<long>)"), "{error}");
}

/// The rows with other words in the first: the notation of tables has no line ends.
fn with_words(rows: &RecordBatch, words: &[&str]) -> RecordBatch {
    let old = rows.column(1).as_string::<i32>();
    let new = (0..old.len()).map(|row| match words.get(row) {
        Some(word) => Some(*word),
        None if row == words.len() => None,
        None if row == words.len() + 1 => Some(""),
        None => Some(old.value(row)),
    });
    let mut columns: Vec<ArrayRef> = rows.columns().to_vec();
    columns[1] = Arc::new(new.collect::<StringArray>());
    RecordBatch::try_new(rows.schema(), columns).unwrap()
}

async fn shards_have_about_the_bytes_asked_for(sandbox: &Sandbox) {
    sandbox.create(group("numbers", "key", "key:long a:double b:double c:float d:integer")).await;
    let rows: Vec<String> = (0..20_000).map(|key| format!("{key} | {key}.5 | 0.25 | 1.5 | {key}")).collect();
    let header = "key:long | a:double | b:double | c:float | d:integer";
    sandbox.insert("numbers", table(&format!("{header}\n{}", rows.join("\n")))).await;
    for (name, data_format) in [("r", DataFormat::Tfrecord), ("c", DataFormat::Csv)] {
        let create = v1::CreateTrainingDataset {
            data_format: data_format.into(),
            shard_bytes: 100_000,
            ..dataset(name, "key a b c d", 0)
        };
        let built = sandbox.build(create).await;
        let mean = built.run.bytes / built.manifest.shards.len() as u64;
        assert!((25_000..130_000).contains(&mean), "{name}: shards have {mean} bytes");
    }
}
