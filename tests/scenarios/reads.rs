//! Reads over Flight: who answers them, that every way gives the same rows, and that tickets open nothing else.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use arrow::{
    array::{ArrayRef, Float64Array, Int64Array},
    record_batch::RecordBatch,
};
use futures::TryStreamExt;
use mangonel_client::{MangonelClient, Read, ReadEndpoint};
use mangonel_proto::{
    Error, ErrorCode, Result,
    v1::{self, DataFormat},
    wire::{Command, SAME_CONNECTION},
};

use crate::harness::{
    Sandbox, assert_table,
    cluster::Cluster,
    dataset, group, on_every_engine, request, table,
    tables::{rows_of, whole},
};

on_every_engine!(
    datasets_are_read_back_in_both_formats,
    a_ticket_opens_what_it_was_given_for,
    a_dataset_without_shards_is_not_there
);

/// Nobody listens there.
const NOWHERE: &str = "grpc+tcp://127.0.0.1:1";
/// Above the size that the scheduler answers by itself.
const MANY: usize = 400_000;

fn dataset_read(name: &str) -> Command {
    let kind = v1::DependencyKind::TrainingDataset.into();
    Command::Read(v1::ReadVersion { kind, name: name.into(), ..Default::default() })
}

async fn all(read: Read) -> Result<RecordBatch> {
    let schema = Arc::clone(&read.schema);
    let batches: Vec<RecordBatch> = read.stream().try_collect().await?;
    Ok(whole(&schema, &batches))
}

fn sorted(rows: &RecordBatch) -> Vec<String> {
    let mut rows = rows_of(rows);
    rows.sort();
    rows
}

async fn error_at(client: &MangonelClient, location: &str, ticket: &[u8]) -> Error {
    let locations = vec![location.to_owned()];
    let endpoint = ReadEndpoint { ticket: ticket.to_vec(), locations, counts: Default::default() };
    client.fetch(&endpoint).await.err().expect("a ticket was taken that must be refused")
}

async fn people(sandbox: &Sandbox) {
    let people = table(
        "id:long | age:integer | city:string | score:double | born:date
         1 | 30 | Umeå | 0.5   | 1990-01-01
         2 | 40 | Lund | 1.25  | 1980-02-29
         3 | 50 | null | -3.75 | 1970-01-01
         4 | 60 | Kiruna | 8.0 | null",
    );
    let definition = group("people", "id", "id:long age:integer city:string score:double born:date");
    sandbox.create_filled(definition, people).await;
}

async fn datasets_are_read_back_in_both_formats(sandbox: &Sandbox) {
    people(sandbox).await;
    let features = "id age city score born";
    let expected = sandbox.ask(request(features)).await.unwrap();
    for format in [DataFormat::Tfrecord, DataFormat::Parquet] {
        let name = format!("of_{}", format.as_str_name().to_lowercase());
        let create = v1::CreateTrainingDataset {
            data_format: format.into(),
            null_policy: v1::NullPolicy::Omit.into(),
            ..dataset(&name, features, 3)
        };
        let built = sandbox.build(create).await;
        let read = sandbox.client().read(&dataset_read(&name)).await.unwrap();
        assert_eq!(read.endpoints.len(), 3, "one per shard");
        assert_eq!((read.counts.rows, read.counts.bytes), (Some(4), Some(built.run.bytes)));
        let counts: Vec<Option<u64>> = read.endpoints.iter().map(|endpoint| endpoint.counts.rows).collect();
        let shards: Vec<Option<u64>> = built.manifest.shards.iter().map(|shard| Some(shard.rows)).collect();
        assert_eq!(counts, shards);
        for (field, expected) in read.schema.fields().iter().zip(expected.schema().fields()) {
            assert_eq!((field.name(), field.data_type()), (expected.name(), expected.data_type()));
        }
        let rows = all(read).await.unwrap();
        assert_eq!(rows_of(&rows), rows_of(&built.rows()), "shard after shard");
        assert_eq!(sorted(&rows), sorted(&expected));

        // A shard that is not what its manifest says is an error, never fewer rows.
        let shard = built.manifest.shards.iter().max_by_key(|shard| shard.rows).unwrap();
        let path = built.folder.join(&shard.name);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let missing = sandbox.read(dataset_read(&name)).await.unwrap_err();
        assert!(missing.message.contains("missing") && missing.message.contains(&shard.name), "{missing}");
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        assert!(sandbox.read(dataset_read(&name)).await.unwrap_err().message.contains("bytes"));
    }
}

async fn a_dataset_without_shards_is_not_there(sandbox: &Sandbox) {
    let error = sandbox.read(dataset_read("nothing")).await.unwrap_err();
    assert_eq!((error.code, error.reason), (ErrorCode::NotFound, "TrainingDatasetNotFound"), "{error}");
}

async fn a_ticket_opens_what_it_was_given_for(sandbox: &Sandbox) {
    people(sandbox).await;
    sandbox
        .build(v1::CreateTrainingDataset { data_format: DataFormat::Parquet.into(), ..dataset("d", "id age", 1) })
        .await;
    let other = sandbox.client_of(&format!("{}_other", sandbox.project())).await.unwrap();
    for command in [Command::Features(request("id age")), dataset_read("d")] {
        let read = sandbox.client().read(&command).await.unwrap();
        let endpoint = &read.endpoints[0];
        let mut nodes = endpoint.locations.clone();
        nodes.push(SAME_CONNECTION.to_owned());
        for node in nodes {
            let mut tampered = endpoint.ticket.clone();
            let last = tampered.len() - 2;
            tampered[last] ^= 1;
            let cut = &endpoint.ticket[..endpoint.ticket.len() - 1];
            for ticket in [&tampered, cut, &endpoint.ticket[..10], b""] {
                let error = error_at(sandbox.client(), &node, ticket).await;
                assert_eq!(error.code, ErrorCode::Unauthenticated, "{node}: {error}");
            }
            let error = error_at(&other, &node, &endpoint.ticket).await;
            assert_eq!(error.code, ErrorCode::PermissionDenied, "{node}: {error}");
        }
        assert_eq!(all(read).await.unwrap().num_rows(), 4);
    }
    // A ticket for uploading reads nothing.
    let begin = crate::harness::sandbox::begin("people");
    let upload = sandbox.client().call(begin).await.unwrap().upload_ticket;
    assert_eq!(error_at(sandbox.client(), SAME_CONNECTION, &upload).await.code, ErrorCode::InvalidArgument);
}

fn many_numbers() -> RecordBatch {
    // Digits that do not compress, the same every time.
    let noise = |column: u64| {
        let value = move |row: u64| ((row * 6 + column + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11) as f64 / 1e3;
        Arc::new((0..MANY as u64).map(value).collect::<Float64Array>()) as ArrayRef
    };
    let id: ArrayRef = Arc::new((0..MANY as i64).collect::<Int64Array>());
    let noise = ["a", "b", "c", "d", "e", "f"].into_iter().zip((0..).map(noise));
    RecordBatch::try_from_iter([("id", id)].into_iter().chain(noise)).unwrap()
}

async fn fill(sandbox: &Sandbox) {
    let definition = group("numbers", "id", "id:long a:double b:double c:double d:double e:double f:double");
    sandbox.create_filled(definition, many_numbers()).await;
    let few = table("id:long | even:boolean\n 10 | true\n 11 | false\n 399999 | false");
    sandbox.create_filled(group("few", "id", "id:long even:boolean"), few).await;
}

/// Executors that the first locations name.
fn nodes(read: &Read) -> BTreeSet<String> {
    read.endpoints.iter().filter_map(|endpoint| endpoint.locations.first().cloned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_read_is_answered_by_executors() {
    let (local, cluster) = (Sandbox::local().await, Cluster::shared().sandbox().await);
    fill(&local).await;
    fill(&cluster).await;
    let client = cluster.client();
    let everything = Command::Features(request("numbers.id a b c d e f"));
    let read = client.read(&everything).await.unwrap();
    assert_eq!(nodes(&read).len(), 2, "both executors: {:?}", read.endpoints);
    assert!(read.endpoints.len() >= 4, "a lane per slot: {:?}", read.endpoints.len());
    for endpoint in &read.endpoints {
        assert_eq!(endpoint.locations.last().unwrap(), SAME_CONNECTION);
        assert!(endpoint.locations[0].starts_with("grpc+tcp://127.0.0.1:"), "{:?}", endpoint.locations);
        assert!(endpoint.counts.rows.unwrap() > 0);
    }
    assert_eq!(read.counts.rows, Some(MANY as u64));
    assert!(read.counts.bytes.unwrap() > 1 << 20);

    // The same rows as the local engine, from executors alone and from the scheduler alone.
    let expected = sorted(&local.read(everything.clone()).await.unwrap());
    let endpoints = read.endpoints.clone();
    let mut from_executors = read;
    from_executors.endpoints.iter_mut().for_each(|endpoint| endpoint.locations.truncate(1));
    let rows = all(from_executors).await.unwrap();
    assert_eq!(sorted(&rows), expected);
    let mut elsewhere = client.read(&everything).await.unwrap();
    elsewhere.endpoints.iter_mut().for_each(|endpoint| endpoint.locations[0] = NOWHERE.into());
    assert_eq!(rows_of(&all(elsewhere).await.unwrap()), rows_of(&rows), "the scheduler hands the same files on");

    // The tickets are as good as before, and for nobody else, at the executor too.
    let other = cluster.client_of(&format!("{}_other", cluster.project())).await.unwrap();
    let endpoint = &endpoints[1];
    let again: Vec<RecordBatch> = client.fetch(endpoint).await.unwrap().try_collect().await.unwrap();
    assert_eq!(again.iter().map(RecordBatch::num_rows).sum::<usize>() as u64, endpoint.counts.rows.unwrap());
    let error = error_at(&other, &endpoint.locations[0], &endpoint.ticket).await;
    assert_eq!(error.code, ErrorCode::PermissionDenied, "{error}");
    let mut forged = endpoint.ticket.clone();
    forged[70] ^= 1;
    assert_eq!(error_at(client, &endpoint.locations[0], &forged).await.code, ErrorCode::Unauthenticated);
    let streamed = client.read(&Command::Features(request("few.even"))).await.unwrap();
    assert!(streamed.endpoints[0].locations.is_empty(), "a small read stays in the scheduler");
    let error = error_at(client, &endpoint.locations[0], &streamed.endpoints[0].ticket).await;
    assert_eq!(error.code, ErrorCode::InvalidArgument, "{error}");
    let other_executor = endpoints.iter().map(|end| &end.locations[0]).find(|node| **node != endpoint.locations[0]);
    let error = error_at(client, other_executor.unwrap(), &endpoint.ticket).await;
    assert_eq!(error.code, ErrorCode::NotFound, "{error}");

    // A whole version, joins and limits.
    let kind = v1::DependencyKind::FeatureGroup.into();
    let version = Command::Read(v1::ReadVersion { kind, name: "numbers".into(), version: 1, ..Default::default() });
    assert_eq!(nodes(&client.read(&version).await.unwrap()).len(), 2);
    assert_eq!(sorted(&cluster.read(version).await.unwrap()), expected);
    let joined = client.read(&Command::Features(request("few.even numbers.id"))).await.unwrap();
    assert_table(&all(joined).await.unwrap(), "even | id\n true | 10\n false | 11\n false | 399999");
    for (limit, by_executors) in [(7, false), (150_000, true)] {
        let limited = Command::Features(v1::FeatureRequest { limit, ..request("numbers.id a b c d e f") });
        let read = client.read(&limited).await.unwrap();
        assert_eq!(!nodes(&read).is_empty(), by_executors, "limit {limit}");
        let rows = all(read).await.unwrap();
        assert_eq!(rows.num_rows() as u64, limit);
        let expected: BTreeSet<&String> = expected.iter().collect();
        let rows: BTreeSet<String> = rows_of(&rows).into_iter().collect();
        assert!(rows.len() as u64 == limit && rows.iter().all(|row| expected.contains(row)));
    }
    local.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_that_nobody_can_ask_for_are_removed() {
    let cluster = Cluster::shared();
    let work = cluster.folder().join("executor-0").join("results");
    let own = std::fs::read_dir(&work).unwrap().next().unwrap().unwrap().path();
    let stale = own.join("read-of-another-scheduler");
    std::fs::create_dir(&stale).unwrap();
    std::fs::write(stale.join("rows.arrows"), b"rows").unwrap();
    let started = Instant::now();
    while stale.exists() {
        assert!(started.elapsed() < Duration::from_secs(20), "{} stays", stale.display());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dataset_is_read_although_an_executor_is_gone() {
    let cluster = Cluster::start(2, 1);
    let sandbox = cluster.sandbox().await;
    people(&sandbox).await;
    let built = sandbox.build(dataset("people_of_age", "id age", 4)).await;
    let read = sandbox.client().read(&dataset_read("people_of_age")).await.unwrap();
    assert_eq!(nodes(&read).len(), 2, "spread over both");
    cluster.kill_executor();
    assert_eq!(rows_of(&all(read).await.unwrap()), rows_of(&built.rows()));
}
