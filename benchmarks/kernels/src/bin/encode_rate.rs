//! How fast the encoder is on one core, against prost with sorted maps and against a plain copy of the same bytes.
//! `encode-rate [rows] [rounds]` prints one JSON object; `benchmarks/run.py encode` runs it and keeps the answer.
//! Rows have 30 float32, 15 int64 and 5 strings of 12 bytes under names of 16 characters. Rounds are taken in turns.

use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow::array::{ArrayRef, AsArray, Float32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Float32Type, Int64Type, Schema};
use mangonel_tfrecord::{ENCODER_VERSION, EncodeOptions, Encoder, ExampleSchema, verify_frames};
use prost::Message;

const BATCH_ROWS: usize = 8_192;

#[derive(Clone, PartialEq, Message)]
struct Example {
    #[prost(message, optional, tag = "1")]
    features: Option<Features>,
}

#[derive(Clone, PartialEq, Message)]
struct Features {
    #[prost(btree_map = "string, message", tag = "1")]
    feature: BTreeMap<String, Feature>,
}

#[derive(Clone, PartialEq, Message)]
struct Feature {
    #[prost(oneof = "Kind", tags = "1, 2, 3")]
    kind: Option<Kind>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
enum Kind {
    #[prost(message, tag = "1")]
    Bytes(BytesList),
    #[prost(message, tag = "2")]
    Float(FloatList),
    #[prost(message, tag = "3")]
    Int64(Int64List),
}

#[derive(Clone, PartialEq, Message)]
struct BytesList {
    #[prost(bytes = "vec", repeated, tag = "1")]
    value: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
struct FloatList {
    #[prost(float, repeated, tag = "1")]
    value: Vec<f32>,
}

#[derive(Clone, PartialEq, Message)]
struct Int64List {
    #[prost(int64, repeated, tag = "1")]
    value: Vec<i64>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<usize> = std::env::args().skip(1).map(|arg| arg.parse()).collect::<Result<_, _>>()?;
    let rows = args.first().copied().unwrap_or(100_000).max(1);
    let rounds = args.get(1).copied().unwrap_or(5).max(1);
    let batches = batches(rows)?;
    let schema = Arc::new(ExampleSchema::plan(batches[0].schema_ref(), &EncodeOptions::default())?);

    let (mut by_hand, mut by_prost, mut copied) = (Vec::new(), Vec::new(), Vec::new());
    let (mut hand, mut prost, mut copy, mut verify) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut verified = 0;
    // The first round touches the memory for the first time, and is not counted.
    for round in 0..=rounds {
        by_prost.clear();
        prost.push(timed(|| encode_with_prost(&batches, &mut by_prost))?);
        by_hand.clear();
        hand.push(timed(|| {
            let mut encoder = Encoder::new(Arc::clone(&schema));
            batches.iter().try_for_each(|batch| encoder.encode(batch, &mut by_hand).map(|_| ()))?;
            Ok(())
        })?);
        copied.clear();
        copy.push(timed(|| {
            copied.extend_from_slice(black_box(&by_hand));
            black_box(&copied);
            Ok(())
        })?);
        verify.push(timed(|| {
            verified = verify_frames(by_hand.as_slice())?.records;
            Ok(())
        })?);
        if by_hand != by_prost || verified != rows as u64 {
            return Err(format!("the encoder and prost differ, or {verified} of {rows} rows were read back").into());
        }
        if round == 0 {
            [&mut hand, &mut prost, &mut copy, &mut verify].into_iter().for_each(Vec::clear);
        }
    }

    let seconds = |times: Vec<Duration>| times.iter().map(Duration::as_secs_f64).collect::<Vec<_>>();
    let report = serde_json::json!({
        "versions": { "encoder": ENCODER_VERSION, "arrow": arrow::ARROW_VERSION },
        "rows": rows,
        "batch_rows": BATCH_ROWS,
        "bytes": by_hand.len(),
        "seconds": {
            "encoder": seconds(hand), "prost": seconds(prost), "copy": seconds(copy), "verify_frames": seconds(verify),
        },
    });
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}

fn timed(run: impl FnOnce() -> Result<(), Box<dyn Error>>) -> Result<Duration, Box<dyn Error>> {
    let start = Instant::now();
    run()?;
    Ok(start.elapsed())
}

/// Rows with a fixed seed: integers of all varint lengths, small ones more often.
fn batches(rows: usize) -> Result<Vec<RecordBatch>, Box<dyn Error>> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut fields = Vec::new();
    let name = |kind: &str, index: usize| format!("{kind}_{index:0width$}", width = 15 - kind.len());
    fields.extend((0..30).map(|i| Field::new(name("measure", i), DataType::Float32, false)));
    fields.extend((0..15).map(|i| Field::new(name("count", i), DataType::Int64, false)));
    fields.extend((0..5).map(|i| Field::new(name("label", i), DataType::Utf8, false)));
    let schema = Arc::new(Schema::new(fields));
    let mut batches = Vec::new();
    let mut left = rows;
    while left > 0 {
        let len = left.min(BATCH_ROWS);
        let columns = schema.fields().iter().map(|field| -> ArrayRef {
            match field.data_type() {
                DataType::Float32 => Arc::new(Float32Array::from_iter_values((0..len).map(|_| random() as f32 / 1e9))),
                DataType::Int64 => {
                    Arc::new(Int64Array::from_iter_values((0..len).map(|_| (random() >> (20 + random() % 43)) as i64)))
                }
                _ => Arc::new(StringArray::from_iter_values((0..len).map(|_| format!("{:012x}", random() >> 16)))),
            }
        });
        batches.push(RecordBatch::try_new(Arc::clone(&schema), columns.collect())?);
        left -= len;
    }
    Ok(batches)
}

fn encode_with_prost(batches: &[RecordBatch], out: &mut Vec<u8>) -> Result<(), Box<dyn Error>> {
    for batch in batches {
        for row in 0..batch.num_rows() {
            let features = batch.schema_ref().fields().iter().zip(batch.columns()).map(|(field, column)| {
                let kind = match field.data_type() {
                    DataType::Float32 => {
                        Kind::Float(FloatList { value: vec![column.as_primitive::<Float32Type>().value(row)] })
                    }
                    DataType::Int64 => {
                        Kind::Int64(Int64List { value: vec![column.as_primitive::<Int64Type>().value(row)] })
                    }
                    _ => Kind::Bytes(BytesList { value: vec![column.as_string::<i32>().value(row).into()] }),
                };
                (field.name().clone(), Feature { kind: Some(kind) })
            });
            let example = Example { features: Some(Features { feature: features.collect() }) };
            let length = example.encoded_len() as u64;
            out.extend_from_slice(&length.to_le_bytes());
            out.extend_from_slice(&masked_crc32c(&length.to_le_bytes()).to_le_bytes());
            let data = out.len();
            example.encode(out)?;
            let checksum = masked_crc32c(&out[data..]);
            out.extend_from_slice(&checksum.to_le_bytes());
        }
    }
    Ok(())
}

fn masked_crc32c(data: &[u8]) -> u32 {
    crc_fast::crc32_iscsi(data).rotate_right(15).wrapping_add(0xa282_ead8)
}
