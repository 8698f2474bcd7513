//! A watch outlives a killed etcd without losing or repeating an event, and calls in between say who is away. Runs when
//! `MANGONEL_TEST_ETCD_BINARY` names an etcd.
#![allow(clippy::unwrap_used, reason = "a test, its helpers too")]

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use futures::StreamExt;
use mangonel_catalog::store::{EtcdStore, Event, KeyValueStore, StoreError, Txn};

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(binary: &str, folder: &Path, client: &str, peer: &str) -> Server {
    let (client, peer) = (format!("http://{client}"), format!("http://{peer}"));
    let child = Command::new(binary)
        .args(["--data-dir", &folder.join("etcd").display().to_string()])
        .args(["--listen-client-urls", &client, "--advertise-client-urls", &client])
        .args(["--listen-peer-urls", &peer, "--initial-advertise-peer-urls", &peer])
        .args(["--initial-cluster", &format!("default={peer}")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    Server(child.unwrap())
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_outlives_a_killed_etcd() {
    let Ok(binary) = std::env::var("MANGONEL_TEST_ETCD_BINARY") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (client, peer) = (free_address(), free_address());
    let server = start(&binary, folder.path(), &client, &peer);
    let store = EtcdStore::connect(std::slice::from_ref(&client), Duration::from_secs(5)).await.unwrap();
    let first = store.txn(Txn::new().put("/a", "1")).await.unwrap().revision;
    let mut events = store.watch("/a", first).await.unwrap();
    assert_eq!(events.next().await.unwrap().unwrap().revision(), first);

    drop(server);
    let began = std::time::Instant::now();
    let error = store.get("/a").await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }) && error.to_string().contains(&client), "{error}");
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}", began.elapsed());

    let waiting = tokio::spawn(async move {
        let mut seen = Vec::new();
        while seen.len() < 3 {
            seen.push(events.next().await.unwrap().unwrap());
        }
        seen
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    let _server = start(&binary, folder.path(), &client, &peer);
    let again = EtcdStore::connect(std::slice::from_ref(&client), Duration::from_secs(10)).await.unwrap();
    let mut written = Vec::new();
    for value in ["2", "3", "4"] {
        written.push(again.txn(Txn::new().put("/a", value)).await.unwrap().revision);
    }
    let seen = tokio::time::timeout(Duration::from_secs(20), waiting).await.unwrap().unwrap();
    assert_eq!(seen.iter().map(Event::revision).collect::<Vec<_>>(), written);
    assert_eq!(store.get("/a").await.unwrap().unwrap().value, b"4", "the first connection works again");
}
