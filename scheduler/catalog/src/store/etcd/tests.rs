//! The contract on a real etcd, and what only a server of its own can do: be away, be silent, be killed and come back.

use super::{test_server::TestServer, *};
use crate::store::contract;

#[tokio::test(flavor = "multi_thread")]
async fn etcd_keeps_the_contract() {
    let server = TestServer::start();
    contract::all(&server.connect().await, "/contract").await;
}

#[tokio::test]
async fn an_etcd_that_is_down_is_named_within_the_time_limit() {
    let began = std::time::Instant::now();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = free.local_addr().unwrap().to_string();
    drop(free);
    let error = EtcdStore::connect(std::slice::from_ref(&endpoint), Duration::from_secs(1)).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains(&endpoint), "{error}");
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_named_within_the_time_limit() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = silent.local_addr().unwrap().to_string();
    let began = std::time::Instant::now();
    let error = EtcdStore::connect(std::slice::from_ref(&endpoint), Duration::from_secs(1)).await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }) && error.to_string().contains(&endpoint), "{error}");
    assert!(began.elapsed() < Duration::from_secs(3));
}

/// No event is lost or repeated, and calls in between say who is away.
#[tokio::test(flavor = "multi_thread")]
async fn a_watch_outlives_a_killed_etcd() {
    let mut server = TestServer::start();
    let endpoint = server.address().to_owned();
    let store = EtcdStore::connect(std::slice::from_ref(&endpoint), Duration::from_secs(5)).await.unwrap();
    let first = store.txn(Txn::new().put("/a", "1")).await.unwrap().revision;
    let mut events = store.watch("/a", first).await.unwrap();
    assert_eq!(events.next().await.unwrap().unwrap().revision(), first);

    server.kill();
    let began = std::time::Instant::now();
    let error = store.get("/a").await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }) && error.to_string().contains(&endpoint), "{error}");
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());

    let waiting = tokio::spawn(async move {
        let mut seen = Vec::new();
        while seen.len() < 3 {
            seen.push(events.next().await.unwrap().unwrap());
        }
        seen
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    server.start_again();
    let again = server.connect().await;
    let mut written = Vec::new();
    for value in ["2", "3", "4"] {
        written.push(again.txn(Txn::new().put("/a", value)).await.unwrap().revision);
    }
    let seen = tokio::time::timeout(Duration::from_secs(20), waiting).await.unwrap().unwrap();
    assert_eq!(seen.iter().map(Event::revision).collect::<Vec<_>>(), written);
    assert_eq!(store.get("/a").await.unwrap().unwrap().value, b"4", "the first connection works again");
}
