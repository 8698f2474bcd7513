//! Promises of a run's folder: bytes depend on rows only, a shard appears once, and damage is found.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, FixedSizeBinaryArray, Float32Array, Int64Array, StringArray},
    compute::concat_batches,
    datatypes::{DataType, Field, Schema, SchemaRef},
    record_batch::RecordBatch,
};
use futures::TryStreamExt;
use mangonel_proto::{
    tickets::{ShardFile, ShardFiles},
    v1,
};
use mangonel_tfrecord::{EncodeOptions, ExampleSchema, NullPolicy};

use super::*;
use crate::{delimited::Delimiter, error::StorageError, table::DIGEST_COLUMN, warehouse::Warehouse};

const ROWS: usize = 20_000;

fn columns() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("team", DataType::Utf8, true),
        Field::new("average_age", DataType::Float32, true),
        Field::new("id", DataType::Int64, true),
    ]))
}

/// Rows as an operator gives them: other order of columns, more of them, and digests.
fn rows(count: usize) -> RecordBatch {
    let digests = (0..count).map(|row| (row as u128 * 0x9E37_79B9_7F4A_7C15).to_le_bytes());
    let digests = FixedSizeBinaryArray::try_from_iter(digests).unwrap();
    let ages = (0..count).map(|row| (row % 7 != 0).then_some(row as f32 / 3.0));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("_mangonel_lane", Arc::new(Int64Array::from(vec![1; count]))),
        ("id", Arc::new((0..count as i64).collect::<Int64Array>())),
        ("team", Arc::new(StringArray::from_iter_values((0..count).map(|row| format!("team {}", row % 100))))),
        ("average_age", Arc::new(ages.collect::<Float32Array>())),
        (DIGEST_COLUMN, Arc::new(digests)),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap()
}

fn tfrecord(null_policy: NullPolicy) -> ShardFormat {
    compressed(null_policy, Compression::None)
}

fn compressed(null_policy: NullPolicy, compression: Compression) -> ShardFormat {
    let options = EncodeOptions { null_policy, ..EncodeOptions::default() };
    ShardFormat::TfRecord(Arc::new(ExampleSchema::plan(&columns(), &options).unwrap()), compression)
}

/// Every format, by the name that its manifest has.
fn formats() -> [(&'static str, Compression, ShardFormat); 6] {
    use Compression::{Gzip, None, Zlib};
    let text = |delimiter, compression| ShardFormat::Delimited(delimiter, compression);
    [
        ("tfrecords", None, tfrecord(NullPolicy::Omit)),
        ("tfrecords", Gzip, compressed(NullPolicy::Omit, Gzip)),
        ("tfrecords", Zlib, compressed(NullPolicy::Omit, Zlib)),
        ("csv", None, text(Delimiter::Comma, None)),
        ("tsv", Gzip, text(Delimiter::Tab, Gzip)),
        ("parquet", None, ShardFormat::Parquet),
    ]
}

fn target(run_folder: &str, shard: u32, format: &ShardFormat) -> ShardTarget {
    ShardTarget { run_folder: run_folder.into(), shard, columns: columns(), format: format.clone() }
}

async fn write(warehouse: &Warehouse, target: ShardTarget, rows: &RecordBatch, step: usize) -> ShardRecord {
    let mut writer = ShardWriter::try_new(warehouse, target).unwrap();
    for start in (0..rows.num_rows()).step_by(step) {
        writer.write(&rows.slice(start, step.min(rows.num_rows() - start))).await.unwrap();
    }
    writer.finish().await.unwrap()
}

async fn local() -> (tempfile::TempDir, Warehouse) {
    let folder = tempfile::tempdir().unwrap();
    let warehouse = Warehouse::open(&folder.path().to_string_lossy(), true).await.unwrap();
    (folder, warehouse)
}

fn features() -> Vec<v1::Feature> {
    let features = [("team", "string"), ("average_age", "float"), ("id", "long")];
    let features = features.map(|(name, kind)| v1::Feature {
        name: name.into(),
        r#type: kind.into(),
        nullable: true,
        ..Default::default()
    });
    features.into()
}

fn manifest(data_format: &str, compression: Compression, records: &[ShardRecord]) -> Manifest {
    let shards: Vec<_> = records.iter().map(|record| ManifestShard::written(record, None)).collect();
    Manifest {
        format: MANIFEST_FORMAT,
        dataset: DatasetIdentity { project: "p".into(), name: "teams".into(), version: 1, id: "1".into() },
        run_id: "run-1".into(),
        release: "0.1.0".into(),
        encoders: EncoderVersions { tfrecord: Some(1), ..EncoderVersions::default() },
        data_format: data_format.into(),
        compression,
        features: features()
            .into_iter()
            .map(|feature| ManifestFeature {
                name: feature.name,
                type_name: feature.r#type,
                lossy: false,
                null_count: 0,
            })
            .collect(),
        labels: vec!["id".into()],
        null_policy: "omit".into(),
        inputs: Vec::new(),
        boundaries: vec![ShardBoundary::new(u64::MAX, 3)],
        totals: ManifestTotals::of(&shards),
        shards,
        splits: Vec::new(),
        statistics: None,
        created_ms: 0,
    }
}

#[tokio::test]
async fn bytes_do_not_depend_on_how_rows_arrive() {
    let (_folder, local) = local().await;
    let rows = rows(ROWS);
    for warehouse in [local, Warehouse::in_memory().await.unwrap()] {
        for (name, compression, format) in formats() {
            let name = format!("{name}-{compression:?}");
            let mut seen = Vec::new();
            for step in [ROWS, 1, 1000, 8192, 8191] {
                let folder = format!("{name}/{step}");
                let record = write(&warehouse, target(&folder, 3, &format), &rows, step).await;
                assert_eq!((record.shard, record.rows), (3, ROWS as u64));
                assert_eq!(record.null_counts["average_age"], ROWS.div_ceil(7) as u64);
                assert!(warehouse.list(&format!("{folder}/_attempts")).await.unwrap().is_empty());
                let bytes = warehouse.get(&format!("{folder}/part-r-00003")).await.unwrap().unwrap();
                assert_eq!(bytes.len() as u64, record.bytes);
                assert_eq!(crc_fast::crc32_iscsi(&bytes), record.crc32c);
                seen.push((bytes, record.row_digest));
            }
            assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{name}");
        }
    }
}

#[tokio::test]
async fn dictionaries_give_the_bytes_of_their_values() {
    let (_folder, warehouse) = local().await;
    let rows = rows(1000);
    let plain = write(&warehouse, target("plain", 0, &ShardFormat::Parquet), &rows, 100).await;
    let packed: Vec<(String, ArrayRef, bool)> = rows
        .schema()
        .fields()
        .iter()
        .zip(rows.columns())
        .map(|(field, column)| {
            let packed = DataType::Dictionary(DataType::Int32.into(), DataType::Utf8.into());
            let column = if field.name() == "team" {
                arrow::compute::cast(column, &packed).unwrap()
            } else {
                Arc::clone(column)
            };
            (field.name().clone(), column, true)
        })
        .collect();
    let packed = RecordBatch::try_from_iter_with_nullable(packed).unwrap();
    let packed = write(&warehouse, target("packed", 0, &ShardFormat::Parquet), &packed, 77).await;
    assert_eq!((plain.crc32c, plain.row_digest), (packed.crc32c, packed.row_digest));
}

#[tokio::test]
async fn the_second_attempt_finds_the_first_one() {
    let (_folder, local) = local().await;
    let (rows, format) = (rows(500), tfrecord(NullPolicy::Omit));
    for warehouse in [local, Warehouse::in_memory().await.unwrap()] {
        let first = write(&warehouse, target("run", 0, &format), &rows, 100).await;
        let second = write(&warehouse, target("run", 0, &format), &rows, 70).await;
        assert_eq!(first, second, "the record that was there wins");

        // The first attempt died between publishing and recording: the second one records what it has proven equal.
        warehouse.delete("run/_done/00000.json").await.unwrap();
        assert!(read_done(&warehouse, "run").await.unwrap().is_empty());
        let third = write(&warehouse, target("run", 0, &format), &rows, 33).await;
        assert_eq!((third.crc32c, third.attempt != first.attempt), (first.crc32c, true));
        assert_eq!(read_done(&warehouse, "run").await.unwrap()[&0], third);

        // A zombie with other rows stops.
        let mut writer = ShardWriter::try_new(&warehouse, target("run", 0, &format)).unwrap();
        writer.write(&rows.slice(0, 499)).await.unwrap();
        assert!(matches!(writer.finish().await, Err(StorageError::Corrupt { .. })));
        let bytes = warehouse.get("run/part-r-00000").await.unwrap().unwrap();
        assert_eq!(crc_fast::crc32_iscsi(&bytes), first.crc32c);
        assert!(warehouse.list("run/_attempts").await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn pages_that_wait_in_a_file_give_the_same_bytes() {
    let (folder, warehouse) = local().await;
    // Texts that do not compress: several row groups, so that the file is begun anew.
    let mut state = 1_u64;
    let mut letter = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b' ' + (state >> 58) as u8)
    };
    let columns: SchemaRef = Arc::new(Schema::new(vec![Field::new("text", DataType::Utf8, true)]));
    let batches: Vec<RecordBatch> = (0..6)
        .map(|_| {
            let texts =
                StringArray::from_iter_values((0..8192).map(|_| (0..1000).map(|_| letter()).collect::<String>()));
            let digests = FixedSizeBinaryArray::try_from_iter((0..8192_u128).map(u128::to_le_bytes)).unwrap();
            let columns: Vec<(&str, ArrayRef)> = vec![("text", Arc::new(texts)), (DIGEST_COLUMN, Arc::new(digests))];
            RecordBatch::try_from_iter(columns).unwrap()
        })
        .collect();
    let mut records = Vec::new();
    for run_folder in ["memory", "file"] {
        let columns = Arc::clone(&columns);
        let target = ShardTarget { run_folder: run_folder.into(), shard: 0, columns, format: ShardFormat::Parquet };
        let mut file = std::fs::File::options();
        file.read(true).write(true).create_new(true);
        let mut writer = match run_folder {
            "memory" => ShardWriter::try_new(&warehouse, target).unwrap(),
            _ => {
                let file = file.open(folder.path().join("pages")).unwrap();
                ShardWriter::with_pages_in(file, &warehouse, target).unwrap()
            }
        };
        for batch in &batches {
            writer.write(batch).await.unwrap();
        }
        records.push(writer.finish().await.unwrap());
    }
    assert!(records[0].bytes > 32 << 20, "{} bytes are too few row groups", records[0].bytes);
    assert_eq!((records[0].bytes, records[0].crc32c), (records[1].bytes, records[1].crc32c));
    let waited = std::fs::metadata(folder.path().join("pages")).unwrap().len();
    assert!((1..32 << 20).contains(&waited), "{waited} bytes waited");
}

#[tokio::test]
async fn racing_attempts_publish_one_shard() {
    let (_folder, warehouse) = local().await;
    let (rows, format) = (rows(3000), tfrecord(NullPolicy::Default));
    let attempts = (1..9).map(|step| write(&warehouse, target("run", 7, &format), &rows, step * 100));
    let records = futures::future::join_all(attempts).await;
    assert!(records.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(read_done(&warehouse, "run").await.unwrap().len(), 1);
}

#[tokio::test]
async fn half_written_records_are_shards_to_write_again() {
    let (_folder, warehouse) = local().await;
    let (rows, format) = (rows(100), tfrecord(NullPolicy::Omit));
    for shard in 0..4 {
        write(&warehouse, target("run", shard, &format), &rows, 100).await;
    }
    let other = warehouse.get("run/_done/00001.json").await.unwrap().unwrap();
    warehouse.put("run/_done/00000.json", r#"{"format":1,"sha"#).await.unwrap();
    warehouse.put("run/_done/00002.json", other).await.unwrap();
    warehouse.put("run/_done/note.txt", "x").await.unwrap();
    warehouse.delete("run/part-r-00003").await.unwrap();
    let done = read_done(&warehouse, "run").await.unwrap();
    assert_eq!(done.keys().copied().collect::<Vec<_>>(), [1]);
    let again = write(&warehouse, target("run", 0, &format), &rows, 10).await;
    assert_eq!(read_done(&warehouse, "run").await.unwrap()[&0], again);
    write(&warehouse, target("run", 3, &format), &rows, 10).await;
    assert_eq!(read_done(&warehouse, "run").await.unwrap().len(), 3);
}

#[tokio::test]
async fn an_aborted_or_dropped_attempt_leaves_nothing() {
    let (_folder, warehouse) = local().await;
    for format in [tfrecord(NullPolicy::Omit), ShardFormat::Parquet] {
        let mut writer = ShardWriter::try_new(&warehouse, target("run", 0, &format)).unwrap();
        writer.write(&rows(ROWS)).await.unwrap();
        writer.abort().await.unwrap();
        drop(ShardWriter::try_new(&warehouse, target("run", 0, &format)).unwrap());
        assert!(warehouse.list("run").await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn nulls_are_refused_with_their_columns() {
    let (_folder, warehouse) = local().await;
    let mut writer = ShardWriter::try_new(&warehouse, target("run", 0, &tfrecord(NullPolicy::Error))).unwrap();
    let error = mangonel_proto::Error::from(writer.write(&rows(10)).await.unwrap_err());
    assert_eq!((error.reason, error.names.as_slice()), ("NullValues", &["average_age".to_owned()][..]));
}

#[tokio::test]
async fn rows_without_digests_are_refused() {
    let (_folder, warehouse) = local().await;
    let mut writer = ShardWriter::try_new(&warehouse, target("run", 0, &ShardFormat::Parquet)).unwrap();
    let rows = rows(10);
    let without = rows.project(&[1, 2, 3]).unwrap();
    assert!(matches!(writer.write(&without).await, Err(StorageError::Internal { .. })));
    assert!(matches!(writer.write(&rows.project(&[1, 2, 4]).unwrap()).await, Err(StorageError::Internal { .. })));
}

#[tokio::test]
async fn empty_shards_are_valid_files() {
    let (_folder, local) = local().await;
    for warehouse in [local, Warehouse::in_memory().await.unwrap()] {
        for (data_format, compression, format) in formats() {
            let folder = format!("{data_format}-{compression:?}");
            let first = write_empty_shard(&warehouse, target(&folder, 0, &format)).await.unwrap();
            assert_eq!(first, write_empty_shard(&warehouse, target(&folder, 0, &format)).await.unwrap());
            assert_eq!((first.rows, first.bytes == 0), (0, folder == "tfrecords-None"));
            let manifest = manifest(data_format, compression, &[first]);
            assert_eq!(verify_dataset(&warehouse, &folder, &manifest).await.unwrap(), Vec::<String>::new());
        }
    }
}

#[tokio::test]
async fn a_manifest_is_written_once() {
    let (_folder, warehouse) = local().await;
    let record = write(&warehouse, target("d/run", 0, &tfrecord(NullPolicy::Omit)), &rows(100), 100).await;
    let mut manifest = manifest("tfrecords", Compression::None, &[record]);
    let written = write_manifest(&warehouse, "d/run", &manifest).await.unwrap();
    write_manifest_copy(&warehouse, "d", &manifest).await.unwrap();
    assert_eq!(read_manifest(&warehouse, &written.path, Some(&written.digest)).await.unwrap(), manifest);
    assert_eq!(read_manifest(&warehouse, "d/_manifest.json", None).await.unwrap(), manifest);
    assert!(read_manifest(&warehouse, &written.path, Some("0")).await.is_err());
    assert_eq!(manifest.boundaries[0].hash(), Some(u64::MAX));

    // A resumed run writes it at another time: the first one stays.
    let resumed = Manifest { created_ms: 5, ..manifest.clone() };
    assert_eq!(write_manifest(&warehouse, "d/run", &resumed).await.unwrap(), written);
    manifest.shards[0].crc32c ^= 1;
    assert!(matches!(write_manifest(&warehouse, "d/run", &manifest).await, Err(StorageError::Corrupt { .. })));
    manifest.totals.rows = 7;
    assert!(matches!(write_manifest(&warehouse, "d/other", &manifest).await, Err(StorageError::Corrupt { .. })));
    assert!(matches!(read_manifest(&warehouse, "d/none", None).await, Err(StorageError::NotFound { .. })));
}

#[tokio::test]
async fn damage_is_found_and_named() {
    let (_folder, warehouse) = local().await;
    for (data_format, compression, format) in formats() {
        let folder = format!("{data_format}-{compression:?}");
        let mut records = Vec::new();
        for shard in 0..3 {
            records.push(write(&warehouse, target(&folder, shard, &format), &rows(ROWS), 5000).await);
        }
        let manifest = manifest(data_format, compression, &records);
        assert_eq!(verify_dataset(&warehouse, &folder, &manifest).await.unwrap(), Vec::<String>::new());

        let path = format!("{folder}/part-r-00001");
        let mut bytes = warehouse.get(&path).await.unwrap().unwrap().to_vec();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 4;
        warehouse.put(&path, bytes.clone()).await.unwrap();
        bytes.truncate(middle);
        warehouse.put(&format!("{folder}/part-r-00002"), bytes).await.unwrap();
        warehouse.delete(&format!("{folder}/part-r-00000")).await.unwrap();
        warehouse.put(&format!("{folder}/part-r-00009"), "x").await.unwrap();
        let problems = verify_dataset(&warehouse, &folder, &manifest).await.unwrap().join("\n");
        assert!(problems.contains("00000`: missing") && problems.contains("00001`: its CRC32C"), "{problems}");
        assert!(problems.contains("00002`: has ") && problems.contains("00009`: not in the manifest"), "{problems}");
        if folder == "tfrecords-None" {
            assert!(problems.contains("00001`: record "), "{problems}");
        }
    }
}

#[tokio::test]
async fn rows_come_back_from_every_format() {
    let (_folder, warehouse) = local().await;
    let rows = rows(ROWS);
    for (data_format, compression, format) in formats() {
        let folder = format!("{data_format}-{compression:?}");
        let record = write(&warehouse, target(&folder, 0, &format), &rows, 3000).await;
        let shard = ShardFile { name: shard_name(0), rows: record.rows, bytes: record.bytes };
        let files = ShardFiles {
            folder: folder.clone(),
            shards: vec![shard],
            data_format: match data_format {
                "tfrecords" => v1::DataFormat::Tfrecord,
                "csv" => v1::DataFormat::Csv,
                "tsv" => v1::DataFormat::Tsv,
                _ => v1::DataFormat::Parquet,
            },
            compression: match compression {
                Compression::None => v1::Compression::None,
                Compression::Gzip => v1::Compression::Gzip,
                Compression::Zlib => v1::Compression::Zlib,
            },
            features: features(),
        };
        let (schema, batches) = read_shards(&warehouse, files).unwrap();
        let batches: Vec<RecordBatch> = batches.try_collect().await.unwrap();
        let read = concat_batches(&schema, &batches).unwrap();
        for name in ["team", "average_age", "id"] {
            assert_eq!(read.column_by_name(name), rows.column_by_name(name), "{name} of {folder}");
        }
    }
}

/// Another release of the compressor may give other bytes: then `DEFLATE_ENCODER` must be raised.
#[tokio::test]
async fn compressed_bytes_are_those_of_their_version() {
    let (_folder, warehouse) = local().await;
    let rows = rows(ROWS);
    let mut sums = Vec::new();
    for (_, compression, format) in
        formats().into_iter().filter(|(_, compression, _)| *compression != Compression::None)
    {
        sums.push(write(&warehouse, target(&format!("{compression:?}{sums:?}"), 0, &format), &rows, 700).await.crc32c);
    }
    assert_eq!((DEFLATE_ENCODER, sums), (1, vec![3_170_671_013, 2_782_142_522, 4_044_528_010]));
}
