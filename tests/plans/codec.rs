//! Every node of ours survives the codec: the plan that arrives does what the plan that was sent does.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use arrow::{compute::concat_batches, ipc::reader::StreamReader, record_batch::RecordBatch};
use datafusion::{
    physical_expr::expressions::col,
    physical_plan::{
        ExecutionPlan, ExecutionPlanProperties, displayable,
        projection::{ProjectionExec, ProjectionExpr},
    },
};
use mangonel_operators::{
    broadcast_join::BroadcastJoinExec,
    codec::NODES,
    hash_count::HashCountExec,
    hot_count::{HotCount, HotCountExec},
    merge_join::{JoinColumn, JoinInput, MergeJoinExec},
    operator::OperatorExec,
    record::TaskRecord,
    result_writer::ResultWriterExec,
    route::{RouteTarget, route_job},
    shard_writer::{Nulls, ShardEncoding, ShardWriterExec},
};
use mangonel_storage::{dataset::Compression, delimited::Delimiter, hash::hash_keys};

use super::{
    tables::{event_rows, events},
    world::{World, files},
};

/// The hash of the key that has the most rows, and how many.
fn largest_key(rows: &[RecordBatch]) -> (BTreeSet<u64>, u64) {
    let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
    for batch in rows.iter().filter(|batch| batch.num_rows() > 0) {
        let keys = ["team", "season"].map(|name| Arc::clone(batch.column_by_name(name).unwrap()));
        hash_keys(&keys).unwrap().into_iter().for_each(|hash| *counts.entry(hash).or_default() += 1);
    }
    let (hash, rows) = counts.into_iter().max_by_key(|(_, rows)| *rows).unwrap();
    (BTreeSet::from([hash]), rows)
}

fn names(plan: &Arc<dyn ExecutionPlan>, found: &mut BTreeSet<String>) {
    found.insert(plan.name().to_owned());
    plan.children().into_iter().for_each(|child| names(child, found));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_node_works_after_the_wire_as_before() {
    let world = World::new().await;
    let mut covered = BTreeSet::new();
    let mut ship = |plan: &Arc<dyn ExecutionPlan>| {
        names(plan, &mut covered);
        let shipped = world.shipped(plan);
        let text = |plan: &Arc<dyn ExecutionPlan>| displayable(plan.as_ref()).indent(true).to_string();
        assert_eq!(text(&shipped), text(plan));
        assert_eq!(shipped.schema(), plan.schema());
        let counts = |plan: &Arc<dyn ExecutionPlan>| plan.output_partitioning().partition_count();
        assert_eq!(counts(&shipped), counts(plan));
        shipped
    };

    // Insert: conform, sort, write. What is written is named anew each time; all else is equal.
    let group = events("events");
    world.create(&group).await;
    let plan = world.insert_plan(&group, "first", 4, vec![event_rows(0, 3000), event_rows(3000, 2000)]).await;
    let shipped = ship(&plan);
    let written = |records| {
        let files = files(records).into_iter();
        let mut told: Vec<_> = files.map(|file| (file.tags.bucket, file.rows, file.size, file.stats_json)).collect();
        told.sort();
        told
    };
    assert_eq!(written(world.records(&shipped).await), written(world.records(&plan).await));
    world.insert(&group, "again", 4, vec![event_rows(0, 5000)]).await;
    world.insert(&group, "second", 4, vec![event_rows(5000, 2000)]).await;
    world.insert(&group, "third", 1, vec![event_rows(7000, 500)]).await;

    // Scan: lanes, layers, latest; then a join of two of them.
    // A lane per shard, since all rows of a shard must come out of one.
    let starts = vec![0, 1 << 62, 1 << 63, u64::MAX - 5];
    let latest = world.scan(&group, starts.clone(), true).await.plan().unwrap();
    let all = world.scan(&group, starts.clone(), false).await.plan().unwrap();
    let input = |unique, optional| JoinInput { keys: group.primary_key.clone(), unique, optional };
    let column = |input, column: &str, name: &str| JoinColumn { input, column: column.into(), name: name.into() };
    let join = MergeJoinExec {
        inputs: vec![input(false, false), input(true, true)],
        output: vec![
            column(0, "team", "team"),
            column(0, "season", "season"),
            column(0, "number", "number"),
            column(1, "number", "latest number"),
        ],
    };
    let joined = OperatorExec::plan(join, vec![Arc::clone(&all), Arc::clone(&latest)]).unwrap();
    // A broadcast: every lane reads the small side whole, so every row finds its partner wherever that is.
    let mut small = world.scan(&group, starts.clone(), true).await;
    small.everywhere = true;
    let small = small.plan().unwrap();
    let columns = ["team", "season", "number"];
    let columns = columns.map(|name| ProjectionExpr::new(col(name, &small.schema()).unwrap(), format!("small {name}")));
    let small: Arc<dyn ExecutionPlan> = Arc::new(ProjectionExec::try_new(columns, small).unwrap());
    let keys = ["team", "season"].map(|name| (name.to_owned(), format!("small {name}")));
    let broadcast = BroadcastJoinExec { keys: keys.to_vec(), optional: false };
    let broadcast = OperatorExec::plan(broadcast, vec![Arc::clone(&all), small]).unwrap();
    for plan in [&latest, &all, &joined, &broadcast] {
        let shipped = ship(plan);
        assert_eq!(world.run(&shipped).await, world.run(plan).await);
    }

    // Counting.
    let count = HashCountExec { keys: group.primary_key.clone(), cell_bits: 6 };
    let plan = OperatorExec::plan(count, vec![Arc::clone(&all)]).unwrap();
    let counts = |records: Vec<TaskRecord>| -> BTreeMap<u32, u64> {
        let mut cells = BTreeMap::new();
        for record in records {
            let TaskRecord::HashCounts(counts) = record else { panic!("a count gave {record:?}") };
            for (cell, rows) in counts.cells {
                *cells.entry(cell).or_default() += rows;
            }
        }
        cells
    };
    let counted = counts(world.records(&ship(&plan)).await);
    assert_eq!(counted, counts(world.records(&plan).await));
    assert_eq!(counted.values().sum::<u64>(), 7500);

    // A closer look: every cell by key, and one key by the order of its rows. `all` reads digests, having several layers.
    let cells = (0..1 << 6).collect();
    let (hashes, of_one_key) = largest_key(&world.run(&all).await);
    for (of, rows) in [(HotCount::Keys { bits: 6, cells }, 7500), (HotCount::Orders { hashes }, of_one_key)] {
        let plan = OperatorExec::plan(HotCountExec { keys: group.primary_key.clone(), of }, vec![Arc::clone(&all)]);
        let plan = plan.unwrap();
        let counts = |records: Vec<TaskRecord>| {
            let mut places = BTreeMap::new();
            for record in records {
                let TaskRecord::PlaceCounts(counts) = record else { panic!("a count gave {record:?}") };
                places.extend(counts.counts.into_iter().map(|(hash, order, rows)| ((hash, order), rows)));
            }
            places
        };
        let counted = counts(world.records(&ship(&plan)).await);
        assert_eq!(counted, counts(world.records(&plan).await));
        assert_eq!(counted.values().sum::<u64>(), rows);
    }

    // Routes: rows by the hash of another column. Files are named anew each time; all else is equal.
    let target = |folder: &str| RouteTarget {
        run_id: "route".into(),
        location: format!("_runs/{folder}"),
        keys: vec!["season".into()],
        ties: vec!["number".into()],
        buckets: 4,
        spread_nulls_by: Vec::new(),
    };
    let plan = route_job(Arc::clone(&latest), target("here")).unwrap();
    assert_eq!(written(world.records(&ship(&plan)).await), written(world.records(&plan).await));

    // Shards.
    for (name, encoding) in [
        ("parquet", ShardEncoding::Parquet),
        ("tfrecord", {
            let (strict, var_len_strings, without_nulls) = (false, true, BTreeSet::from(["number".to_owned()]));
            let (nulls, list_lengths, compression) = (Nulls::Omit, BTreeMap::new(), Compression::Zlib);
            ShardEncoding::TfRecord { nulls, strict, var_len_strings, without_nulls, list_lengths, compression }
        }),
        ("csv", ShardEncoding::Delimited { delimiter: Delimiter::Comma, compression: Compression::Gzip }),
    ] {
        let write = |folder: &str| {
            let writer = ShardWriterExec {
                run_folder: format!("football/{folder}"),
                key_columns: 2,
                bounds: starts[1..].iter().map(|hash| (*hash, 0)).collect(),
                encoding: encoding.clone(),
                done: BTreeMap::new(),
            };
            let schema = joined.schema();
            let columns =
                [("team", "team"), ("number", "number"), ("team", "_mangonel_key_0"), ("season", "_mangonel_key_1")];
            let columns =
                columns.map(|(column, alias)| ProjectionExpr::new(col(column, &schema).unwrap(), alias.to_owned()));
            let keyed = Arc::new(ProjectionExec::try_new(columns, Arc::clone(&joined)).unwrap());
            OperatorExec::plan(writer, vec![keyed]).unwrap()
        };
        let told = |records: Vec<TaskRecord>| {
            let mut shards = BTreeMap::new();
            for record in records {
                let TaskRecord::Shard(shard) = record else { panic!("a writer gave {record:?}") };
                let told =
                    (shard.rows_in, shard.shard.rows, shard.shard.bytes, shard.shard.crc32c, shard.shard.row_digest);
                assert!(shards.insert(shard.shard.shard, told).is_none(), "a shard of two lanes");
            }
            shards
        };
        let sent = told(world.records(&write(&format!("{name}_sent"))).await);
        let shipped = told(world.records(&ship(&write(&format!("{name}_shipped")))).await);
        assert_eq!(sent, shipped);
        assert_eq!(sent.values().map(|told| told.1).sum::<u64>(), 7500);
    }

    // Results of a read: a file per lane with rows, in the order of its rows, without columns of ours.
    let write = |read: &str, limit| {
        let (read, keys) = (read.to_owned(), group.primary_key.clone());
        OperatorExec::plan(ResultWriterExec { read, keys, lane_starts: starts.clone(), limit }, vec![Arc::clone(&all)])
    };
    let told = |read: &str, records: Vec<TaskRecord>| {
        let mut lanes = BTreeMap::new();
        for record in records {
            let TaskRecord::Result(result) = record else { panic!("a result gave {record:?}") };
            let (Some(lane), Some(file)) = (result.lane, result.file) else {
                assert_eq!((result.rows, result.bytes), (0, 0), "nothing is told of an empty lane");
                continue;
            };
            let path = world.results().join(read).join(file);
            assert_eq!(std::fs::metadata(&path).unwrap().len(), result.bytes);
            let rows = StreamReader::try_new(std::fs::File::open(path).unwrap(), None).unwrap();
            let rows: Vec<RecordBatch> = rows.map(|batch| batch.unwrap()).collect();
            let rows = concat_batches(&rows[0].schema(), &rows).unwrap();
            assert_eq!(rows.num_rows() as u64, result.rows);
            assert!(lanes.insert(lane, rows).is_none(), "a lane of two tasks");
        }
        lanes
    };
    let sent = told("sent", world.records(&write("sent", None).unwrap()).await);
    let shipped = told("shipped", world.records(&ship(&write("shipped", None).unwrap())).await);
    assert_eq!(sent, shipped);
    assert_eq!(sent.len(), 3, "the last lane is all but empty");
    assert_eq!(sent.values().map(RecordBatch::num_rows).sum::<usize>(), 7500);
    let limited = told("limited", world.records(&write("limited", Some(9)).unwrap()).await);
    for (lane, rows) in &limited {
        assert_eq!(rows, &sent[lane].slice(0, 9));
    }

    let missing: Vec<&&str> = NODES.iter().filter(|name| !covered.contains(**name)).collect();
    assert!(missing.is_empty(), "no round trip of {missing:?}: add one");
}

#[tokio::test]
async fn an_unknown_or_damaged_node_is_an_error() {
    use datafusion_proto::physical_plan::{DefaultPhysicalProtoConverter, PhysicalExtensionCodec};
    let world = World::new().await;
    let codec = mangonel_operators::codec::MangonelCodec::default();
    for bytes in [&b"\xff\x07Unknown{}"[..], b"\xff\xffMergeJoinExec", b"\xff\x0dMergeJoinExec{", b"\xff", b""] {
        let decoded = codec.try_decode(bytes, &[], &world.context(), &DefaultPhysicalProtoConverter {});
        assert!(decoded.is_err(), "{bytes:?} was taken for a node");
    }
}
