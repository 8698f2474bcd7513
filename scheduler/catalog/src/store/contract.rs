//! The promise of [`KeyValueStore`], as code. The same suite runs on every backend; a case panics where the promise is broken.
#![allow(clippy::unwrap_used, reason = "a contract is a test: it panics where the promise is broken")]

use std::time::Duration;

use futures::{StreamExt, future::join_all};

use super::{Event, EventStream, KeyValueStore, Op, REQUEST_BYTES_MAX, Range, StoreError, Txn};

/// How long an answer that must come may take. An etcd lease of 1 s ends after 2 to 4 s.
const PATIENCE: Duration = Duration::from_secs(20);

/// Every case, one after the other, on keys below `prefix` that nobody else uses. The last one compacts the whole store, so
/// that the store must be one for tests.
///
/// # Panics
/// When the store breaks its promise.
pub async fn all(store: &dyn KeyValueStore, prefix: &str) {
    values_are_put_read_and_deleted(store, &format!("{prefix}/values")).await;
    one_of_sixteen_creators_wins(store, &format!("{prefix}/race")).await;
    a_stale_compare_changes_nothing(store, &format!("{prefix}/stale")).await;
    a_range_is_ordered_paged_and_of_one_revision(store, &format!("{prefix}/range")).await;
    a_transaction_is_whole(store, &format!("{prefix}/txn")).await;
    a_watch_sees_the_past_once_and_in_order(store, &format!("{prefix}/watch")).await;
    a_watch_sees_concurrent_writers_once_and_in_order(store, &format!("{prefix}/writers")).await;
    keys_end_with_their_lease(store, &format!("{prefix}/lease")).await;
    large_values_fit_and_limits_hold(store, &format!("{prefix}/limits")).await;
    compacted_history_asks_to_list_again(store, &format!("{prefix}/compact")).await;
}

/// A key has one value; its creation revision lasts until it is deleted; each change has a greater revision.
pub async fn values_are_put_read_and_deleted(store: &dyn KeyValueStore, prefix: &str) {
    let key = format!("{prefix}/a");
    assert_eq!(store.get(&key).await.unwrap(), None);
    let first = store.txn(Txn::new().put(&key, "1")).await.unwrap();
    let second = store.txn(Txn::new().put(&key, "2")).await.unwrap();
    assert!(first.succeeded && second.revision > first.revision && first.revision > 0);
    let entry = store.get(&key).await.unwrap().unwrap();
    assert_eq!((entry.key.as_str(), entry.value.as_slice()), (key.as_str(), b"2".as_slice()));
    assert_eq!((entry.create_revision, entry.mod_revision), (first.revision, second.revision));

    let deleted = store.txn(Txn::new().delete(&key)).await.unwrap();
    assert!(deleted.succeeded && deleted.revision > second.revision);
    assert_eq!(store.get(&key).await.unwrap(), None);
    let nothing = store.txn(Txn::new().delete(&key)).await.unwrap();
    assert!(nothing.succeeded && nothing.revision >= deleted.revision);
    let again = store.txn(Txn::new().when(&key, 0).put(&key, "3")).await.unwrap();
    assert!(again.succeeded, "a deleted key counts as absent");
    assert_eq!(store.get(&key).await.unwrap().unwrap().create_revision, again.revision);
}

/// Creating if absent has exactly one winner, and the value is the winner's.
pub async fn one_of_sixteen_creators_wins(store: &dyn KeyValueStore, prefix: &str) {
    let key = &format!("{prefix}/a");
    let create = async |task: u8| store.txn(Txn::new().when(key, 0).put(key, [task])).await.unwrap().succeeded;
    let won = join_all((0..16).map(create)).await;
    let winners: Vec<usize> = (0..16).filter(|task| won[*task]).collect();
    assert_eq!(winners.len(), 1, "{winners:?}");
    assert_eq!(usize::from(store.get(key).await.unwrap().unwrap().value[0]), winners[0]);
}

/// A compare on a revision that is not the newest fails, and only `otherwise` is done.
pub async fn a_stale_compare_changes_nothing(store: &dyn KeyValueStore, prefix: &str) {
    let (key, other) = (format!("{prefix}/a"), format!("{prefix}/b"));
    let old = store.txn(Txn::new().put(&key, "1")).await.unwrap().revision;
    let new = store.txn(Txn::new().when(&key, old).put(&key, "2")).await.unwrap().revision;
    for stale in [old, 0, new + 1_000_000] {
        let lost = store.txn(Txn::new().when(&key, stale).put(&key, "lost").put(&other, "lost")).await.unwrap();
        assert!(!lost.succeeded);
    }
    assert_eq!(store.get(&key).await.unwrap().unwrap().mod_revision, new);
    assert_eq!(store.get(&other).await.unwrap(), None);

    let mut txn = Txn::new().when(&key, old).delete(&key);
    txn.otherwise.push(Op::Put { key: other.clone(), value: b"else".to_vec(), lease: None });
    assert!(!store.txn(txn).await.unwrap().succeeded);
    assert_eq!(store.get(&other).await.unwrap().unwrap().value, b"else");
    assert!(store.get(&key).await.unwrap().is_some());
}

/// Pages are in byte order, leave nothing out, and show the store as of the first page's revision.
pub async fn a_range_is_ordered_paged_and_of_one_revision(store: &dyn KeyValueStore, prefix: &str) {
    let key = |name: &str| format!("{prefix}/{name}");
    for name in ["e", "b", "b/x", "d", "a", "b0", "c"] {
        store.txn(Txn::new().put(key(name), name)).await.unwrap();
    }
    store.txn(Txn::new().put(format!("{prefix}x"), "outside").delete(key("d"))).await.unwrap();

    let prefix_of_all = format!("{prefix}/");
    let first = store.range(&Range::new(&prefix_of_all, 2)).await.unwrap();
    assert!(first.more && first.entries.len() == 2);
    store.txn(Txn::new().put(key("c"), "later").put(key("z"), "later").delete(key("e"))).await.unwrap();

    let mut seen: Vec<(String, Vec<u8>)> = Vec::new();
    let mut page = first.clone();
    loop {
        assert_eq!(page.revision, first.revision);
        seen.extend(page.entries.iter().map(|entry| (entry.key.clone(), entry.value.clone())));
        if !page.more {
            break;
        }
        let last = page.entries.last().unwrap().key.clone();
        page = store.range(&Range::new(&prefix_of_all, 2).after(last).at(first.revision)).await.unwrap();
    }
    let expected: Vec<(String, Vec<u8>)> =
        ["a", "b", "b/x", "b0", "c", "e"].map(|name| (key(name), name.as_bytes().to_vec())).into();
    assert_eq!(seen, expected);

    let now = store.range(&Range::new(&prefix_of_all, 100).keys_only()).await.unwrap();
    let keys: Vec<&str> = now.entries.iter().map(|entry| &entry.key[prefix_of_all.len()..]).collect();
    assert_eq!(keys, ["a", "b", "b/x", "b0", "c", "z"]);
    assert!(!now.more && now.revision > first.revision && now.entries.iter().all(|entry| entry.value.is_empty()));
    let behind = store.range(&Range::new(key("b/"), 9).after(key("a"))).await.unwrap();
    assert_eq!(behind.entries.len(), 1, "a start before the prefix does not widen the range");
    let exact = store.range(&Range::new(&prefix_of_all, 6)).await.unwrap();
    assert!(!exact.more && exact.entries.len() == 6);
    assert!(matches!(store.range(&Range::new("", 1)).await, Err(StoreError::Invalid { .. })));
    assert!(matches!(store.range(&Range::new("/", 0)).await, Err(StoreError::Invalid { .. })));
}

/// All changes of a transaction are made, at one revision, or none is; nobody sees half of it.
pub async fn a_transaction_is_whole(store: &dyn KeyValueStore, prefix: &str) {
    let keys: Vec<String> = (0..20).map(|key| format!("{prefix}/{key:02}")).collect();
    let put_all = |value: &str| keys.iter().fold(Txn::new(), |txn, key| txn.put(key, value));
    let first = store.txn(put_all("0")).await.unwrap().revision;
    let page = store.range(&Range::new(prefix, 100)).await.unwrap();
    assert!(page.entries.len() == 20 && page.entries.iter().all(|entry| entry.mod_revision == first));

    let write = async {
        for round in 1..=20 {
            store.txn(put_all(&round.to_string())).await.unwrap();
        }
    };
    let read = async {
        for _ in 0..20 {
            let page = store.range(&Range::new(prefix, 100)).await.unwrap();
            assert!(page.entries.windows(2).all(|pair| pair[0].value == pair[1].value), "half a transaction");
        }
    };
    futures::future::join(write, read).await;

    let delete_all = keys.iter().fold(Txn::new(), |txn, key| txn.delete(key));
    let stale = delete_all.clone().when(&keys[0], first);
    assert!(!store.txn(stale).await.unwrap().succeeded);
    assert_eq!(store.range(&Range::new(prefix, 100)).await.unwrap().entries.len(), 20);
    assert!(store.txn(delete_all).await.unwrap().succeeded);
    assert_eq!(store.range(&Range::new(prefix, 100)).await.unwrap().entries.len(), 0);
    let twice = store.txn(Txn::new().put(&keys[0], "1").put(&keys[0], "2")).await;
    assert!(matches!(twice, Err(StoreError::Invalid { .. })));
}

/// A watch from a revision in the past hands out what happened since, then what happens, each change once.
pub async fn a_watch_sees_the_past_once_and_in_order(store: &dyn KeyValueStore, prefix: &str) {
    let key = |name: &str| format!("{prefix}/{name}");
    let before = store.txn(Txn::new().put(key("before"), "")).await.unwrap().revision;
    let put = store.txn(Txn::new().put(key("a"), "1").put(key("b"), "1")).await.unwrap().revision;
    store.txn(Txn::new().put(format!("{prefix}x"), "outside")).await.unwrap();
    let delete = store.txn(Txn::new().delete(key("a"))).await.unwrap().revision;

    let mut events = store.watch(&format!("{prefix}/"), before + 1).await.unwrap();
    let mut from_first = store.watch(&format!("{prefix}/"), before).await.unwrap();
    assert_eq!(next(&mut from_first).await.revision(), before, "the first revision is included");
    let seen = [next(&mut events).await, next(&mut events).await, next(&mut events).await];
    let short: Vec<(&str, i64)> = seen.iter().map(|event| (event.key(), event.revision())).collect();
    assert_eq!(short, [(key("a").as_str(), put), (key("b").as_str(), put), (key("a").as_str(), delete)]);
    assert!(matches!(&seen[0], Event::Put(entry) if entry.value == b"1" && entry.create_revision == put));
    assert!(matches!(&seen[2], Event::Delete { .. }));

    let idle = tokio::time::timeout(Duration::from_millis(300), events.next()).await;
    assert!(idle.is_err(), "nothing happened, but {idle:?}");
    let late = store.txn(Txn::new().put(key("c"), "2")).await.unwrap().revision;
    assert_eq!(next(&mut events).await.revision(), late);
    let mut future = store.watch(&format!("{prefix}/"), late + 1).await.unwrap();
    let newest = store.txn(Txn::new().put(key("d"), "3")).await.unwrap().revision;
    assert_eq!(next(&mut future).await.revision(), newest);
}

/// While many write, a watch started before sees every change once, in the order of revisions.
pub async fn a_watch_sees_concurrent_writers_once_and_in_order(store: &dyn KeyValueStore, prefix: &str) {
    let start = store.txn(Txn::new().put(format!("{prefix}-start"), "")).await.unwrap().revision;
    let mut events = store.watch(&format!("{prefix}/"), start + 1).await.unwrap();
    let write = async |writer: usize| {
        let mut revisions = Vec::new();
        for change in 0..25 {
            let txn = Txn::new().put(format!("{prefix}/{writer}"), change.to_string());
            revisions.push(store.txn(txn).await.unwrap().revision);
        }
        revisions
    };
    let watch = async {
        let mut revisions = Vec::new();
        while revisions.len() < 8 * 25 {
            revisions.push(next(&mut events).await.revision());
        }
        revisions
    };
    let (written, seen) = futures::future::join(join_all((0..8).map(write)), watch).await;
    let mut written = written.concat();
    written.sort_unstable();
    assert_eq!(seen, written);
}

/// A lease that is not kept alive ends and deletes its keys; one that is kept alive does not; one that ended is unknown.
pub async fn keys_end_with_their_lease(store: &dyn KeyValueStore, prefix: &str) {
    let key = |name: &str| format!("{prefix}/{name}");
    let (short, kept, long) = (
        store.grant(Duration::from_secs(1)).await.unwrap(),
        store.grant(Duration::from_secs(2)).await.unwrap(),
        store.grant(Duration::from_secs(600)).await.unwrap(),
    );
    let txn = Txn::new().put_with_lease(key("short"), "", short).put_with_lease(key("kept"), "", kept);
    let txn = txn.put_with_lease(key("freed"), "", short).put_with_lease(key("revoked"), "", long);
    let put = store.txn(txn).await.unwrap().revision;
    let freed = store.txn(Txn::new().put(key("freed"), "mine")).await.unwrap().revision;

    let mut events = store.watch(&key("short"), put + 1).await.unwrap();
    let expired = async {
        let event = next(&mut events).await;
        assert!(matches!(event, Event::Delete { .. }) && event.revision() > freed);
    };
    let keep = async {
        for _ in 0..10 {
            tokio::time::sleep(Duration::from_millis(500)).await;
            store.keep_alive(kept).await.unwrap();
        }
    };
    futures::future::join(expired, keep).await;
    assert_eq!(store.get(&key("short")).await.unwrap(), None);
    assert_eq!(store.get(&key("freed")).await.unwrap().unwrap().value, b"mine", "put without the lease frees the key");
    assert!(store.get(&key("kept")).await.unwrap().is_some(), "kept alive for 5 s with a lease of 2 s");
    assert!(matches!(store.keep_alive(short).await, Err(StoreError::LeaseNotFound { .. })));

    store.revoke(long).await.unwrap();
    assert_eq!(store.get(&key("revoked")).await.unwrap(), None);
    assert!(matches!(store.revoke(long).await, Err(StoreError::LeaseNotFound { .. })));
    let late = store.txn(Txn::new().put(key("a"), "").put_with_lease(key("late"), "", long)).await;
    assert!(matches!(late, Err(StoreError::LeaseNotFound { .. })), "{late:?}");
    assert_eq!(store.get(&key("a")).await.unwrap(), None, "a transaction with a dead lease changes nothing");
}

/// Values of 1 MiB and transactions of 128 changes are stored and watched; more is refused in words, with nothing changed.
pub async fn large_values_fit_and_limits_hold(store: &dyn KeyValueStore, prefix: &str) {
    let key = |name: usize| format!("{prefix}/{name:03}");
    let large = vec![7_u8; 1 << 20];
    let first = store.txn(Txn::new().put(key(0), large.clone())).await.unwrap().revision;
    for name in 1..6 {
        store.txn(Txn::new().put(key(name), large.clone())).await.unwrap();
    }
    let page = store.range(&Range::new(prefix, 10)).await.unwrap();
    assert!(page.entries.len() == 6 && page.entries.iter().all(|entry| entry.value == large));
    let mut events = store.watch(prefix, first).await.unwrap();
    for name in 0..6 {
        assert!(matches!(next(&mut events).await, Event::Put(entry) if entry.value == large && entry.key == key(name)));
    }

    let too_large = store.txn(Txn::new().put(key(100), vec![0; REQUEST_BYTES_MAX])).await.unwrap_err();
    assert!(matches!(too_large, StoreError::TooLarge { unit: "bytes", .. }), "{too_large}");
    let nearly = store.txn(Txn::new().put(key(101), vec![0; REQUEST_BYTES_MAX - 1024])).await.unwrap();
    assert!(nearly.succeeded, "what passes our limit passes the server's");
    let many =
        |count: usize| (0..count).fold(Txn::new(), |txn, name| txn.when(key(200 + name), 0).put(key(200 + name), ""));
    let too_many = store.txn(many(129)).await.unwrap_err();
    assert!(matches!(too_many, StoreError::TooLarge { unit: "operations", .. }), "{too_many}");
    assert!(store.get(&key(200)).await.unwrap().is_none() && store.get(&key(100)).await.unwrap().is_none());
    assert!(store.txn(many(128)).await.unwrap().succeeded);
    assert!(matches!(store.txn(Txn::new().put("", "")).await, Err(StoreError::Invalid { .. })));
}

/// History before a compaction is gone and says so; values stay.
pub async fn compacted_history_asks_to_list_again(store: &dyn KeyValueStore, prefix: &str) {
    let key = |name: &str| format!("{prefix}/{name}");
    let first = store.txn(Txn::new().put(key("a"), "1").put(key("kept"), "1")).await.unwrap().revision;
    store.txn(Txn::new().put(key("a"), "2").put(key("gone"), "1")).await.unwrap();
    store.txn(Txn::new().delete(key("gone"))).await.unwrap();
    let last = store.txn(Txn::new().put(key("a"), "3")).await.unwrap().revision;
    store.compact(last).await.unwrap();
    store.compact(last).await.unwrap();
    store.compact(first).await.unwrap();
    assert!(matches!(store.compact(last + 1_000_000).await, Err(StoreError::Invalid { .. })));

    let mut events = store.watch(prefix, first).await.unwrap();
    let told = tokio::time::timeout(PATIENCE, events.next()).await.unwrap().unwrap();
    assert!(matches!(told, Err(StoreError::Compacted { .. })), "{told:?}");
    assert!(events.next().await.is_none(), "nothing follows an error");
    let old = store.range(&Range::new(prefix, 10).at(first)).await;
    assert!(matches!(old, Err(StoreError::Compacted { .. })), "{old:?}");

    let now = store.range(&Range::new(prefix, 10)).await.unwrap();
    let values: Vec<&[u8]> = now.entries.iter().map(|entry| entry.value.as_slice()).collect();
    assert_eq!(values, [b"3", b"1"]);
    assert!(store.txn(Txn::new().when(key("kept"), first).put(key("kept"), "2")).await.unwrap().succeeded);
    let mut events = store.watch(prefix, now.revision + 1).await.unwrap();
    assert_eq!(next(&mut events).await.key(), key("kept"));
}

async fn next(events: &mut EventStream) -> Event {
    tokio::time::timeout(PATIENCE, events.next()).await.expect("no event in time").expect("the watch ended").unwrap()
}
