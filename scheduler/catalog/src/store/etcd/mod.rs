//! The cluster's store: etcd 3.4 or newer. Adds to the client what the promise needs: our limits before sending, a time limit
//! on every call, and watches that survive a lost connection without losing or repeating an event.

#[cfg(test)]
pub(crate) mod test_server;
#[cfg(test)]
mod tests;

use std::{collections::VecDeque, future::Future, sync::Arc, time::Duration};

use async_trait::async_trait;
use etcd_client::{
    Client, CompareOp, ConnectOptions, Error, EventType, GetOptions, KeyValue, PutOptions, ResponseHeader, SortOrder,
    SortTarget, TxnOp, WatchOptions, WatchStream,
};
use futures::StreamExt;

use super::{
    Compare, Entry, Event, EventStream, KeyValueStore, LeaseId, Op, Page, Range, StoreError, StoreResult, Txn,
    TxnOutcome, check_prefix, check_range, prefix_end,
};

/// A page or a batch of events may hold many values of 1 MiB; the client's default of 4 MiB would refuse it.
const ANSWER_BYTES_MAX: usize = 1 << 30;
/// etcd takes pings more often than every 5 s for an attack.
const PING_EVERY: Duration = Duration::from_secs(10);
const PING_TIMEOUT: Duration = Duration::from_secs(5);
/// Pause between attempts of a start or watch that cannot reach etcd: doubled from the first to the second.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// A catalog store in an etcd cluster.
#[derive(Clone)]
pub struct EtcdStore {
    client: Client,
    place: Arc<str>,
    timeout: Duration,
}

impl std::fmt::Debug for EtcdStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EtcdStore").field("place", &self.place).field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

impl EtcdStore {
    /// Connects and reads once through a quorum. `endpoints` are `host:port` or URLs; `timeout` bounds the start as a whole,
    /// and later every single call.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] naming the endpoints when no quorum answers in time; [`StoreError::Unusable`] for an
    /// endpoint that is no address.
    pub async fn connect(endpoints: &[String], timeout: Duration) -> StoreResult<Self> {
        let place: Arc<str> = format!("etcd at {}", endpoints.join(", ")).into();
        // Not while idle: etcd closes connections that ping without a call under way.
        let options = ConnectOptions::new()
            .with_connect_timeout(timeout)
            .with_keep_alive(PING_EVERY, PING_TIMEOUT)
            .with_keep_alive_while_idle(false)
            .with_require_leader(true);
        let client = Client::connect(endpoints, Some(options)).await;
        let client =
            client.map_err(|error| StoreError::Unusable { place: place.to_string(), reason: error.to_string() })?;
        let store = Self { client, place, timeout };

        let deadline = tokio::time::Instant::now() + timeout;
        let mut pause = PAUSE_MIN;
        let mut last = store.timed_out();
        while tokio::time::Instant::now() < deadline {
            match tokio::time::timeout_at(deadline, store.get("/mangonel")).await {
                Ok(Ok(_)) => return Ok(store),
                Ok(Err(error)) => last = error,
                Err(_) => break,
            }
            tokio::time::sleep_until(deadline.min(tokio::time::Instant::now() + pause)).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
        Err(last)
    }

    async fn call<T>(&self, call: impl Future<Output = Result<T, Error>> + Send) -> StoreResult<T> {
        match tokio::time::timeout(self.timeout, call).await {
            Ok(answer) => answer.map_err(|error| failure(&self.place, &error)),
            Err(_) => Err(self.timed_out()),
        }
    }

    fn timed_out(&self) -> StoreError {
        let reason = format!("no answer within {} ms", self.timeout.as_millis());
        StoreError::Unavailable { place: self.place.to_string(), reason }
    }

    fn revision(&self, header: Option<&ResponseHeader>) -> StoreResult<i64> {
        header.map(ResponseHeader::revision).ok_or_else(|| StoreError::Unusable {
            place: self.place.to_string(),
            reason: "an answer has no header".into(),
        })
    }
}

#[async_trait]
impl KeyValueStore for EtcdStore {
    async fn get(&self, key: &str) -> StoreResult<Option<Entry>> {
        let mut client = self.client.kv_client().max_decoding_message_size(ANSWER_BYTES_MAX);
        let answer = self.call(client.get(key, None)).await?;
        answer.kvs().first().map(|found| entry(&self.place, found)).transpose()
    }

    async fn range(&self, range: &Range) -> StoreResult<Page> {
        check_range(range)?;
        let (first, end) = range.bounds();
        let limit = i64::try_from(range.limit).unwrap_or(i64::MAX);
        let mut options = GetOptions::new().with_range(end).with_limit(limit).with_revision(range.revision);
        options = options.with_sort(SortTarget::Key, SortOrder::Ascend);
        if range.keys_only {
            options = options.with_keys_only();
        }
        let mut client = self.client.kv_client().max_decoding_message_size(ANSWER_BYTES_MAX);
        let answer = self.call(client.get(first, Some(options))).await?;
        let newest = self.revision(answer.header())?;
        let revision = if range.revision == 0 { newest } else { range.revision };
        let entries = answer.kvs().iter().map(|found| entry(&self.place, found)).collect::<StoreResult<_>>()?;
        Ok(Page { entries, revision, more: answer.more() })
    }

    async fn txn(&self, txn: Txn) -> StoreResult<TxnOutcome> {
        txn.check()?;
        let compare =
            |compare: Compare| etcd_client::Compare::mod_revision(compare.key, CompareOp::Equal, compare.mod_revision);
        let ops = |ops: Vec<Op>| ops.into_iter().map(operation).collect::<Vec<_>>();
        let request = etcd_client::Txn::new()
            .when(txn.compares.into_iter().map(compare).collect::<Vec<_>>())
            .and_then(ops(txn.then))
            .or_else(ops(txn.otherwise));
        let answer = self.call(self.client.kv_client().txn(request)).await?;
        Ok(TxnOutcome { succeeded: answer.succeeded(), revision: self.revision(answer.header())? })
    }

    async fn watch(&self, prefix: &str, from_revision: i64) -> StoreResult<EventStream> {
        check_prefix(prefix)?;
        let watch = Watch {
            store: self.clone(),
            prefix: prefix.to_owned(),
            seen: from_revision.max(1) - 1,
            stream: None,
            ready: VecDeque::new(),
            pause: PAUSE_MIN,
            ended: false,
        };
        Ok(futures::stream::unfold(watch, Watch::next).boxed())
    }

    async fn grant(&self, ttl: Duration) -> StoreResult<LeaseId> {
        let seconds = i64::try_from(ttl.as_millis().div_ceil(1000)).unwrap_or(i64::MAX).max(1);
        let answer = self.call(self.client.lease_client().grant(seconds, None)).await?;
        Ok(LeaseId(answer.id()))
    }

    async fn keep_alive(&self, lease: LeaseId) -> StoreResult<()> {
        let mut client = self.client.lease_client();
        let answer = tokio::time::timeout(self.timeout, client.keep_alive(lease.0)).await;
        match answer.map_err(|_| self.timed_out())? {
            Ok(_) => Ok(()),
            Err(error) => Err(lease_failure(&self.place, lease, &error)),
        }
    }

    async fn revoke(&self, lease: LeaseId) -> StoreResult<()> {
        let mut client = self.client.lease_client();
        let answer = tokio::time::timeout(self.timeout, client.revoke(lease.0)).await;
        match answer.map_err(|_| self.timed_out())? {
            Ok(_) => Ok(()),
            Err(error) => Err(lease_failure(&self.place, lease, &error)),
        }
    }

    async fn compact(&self, revision: i64) -> StoreResult<()> {
        match self.call(self.client.kv_client().compact(revision, None)).await {
            Ok(_) | Err(StoreError::Compacted { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn backend(&self) -> &'static str {
        "etcd"
    }
}

/// A watch that outlives its connection: it knows the last revision that it handed out, and goes on behind it.
struct Watch {
    store: EtcdStore,
    prefix: String,
    seen: i64,
    stream: Option<WatchStream>,
    ready: VecDeque<Event>,
    pause: Duration,
    ended: bool,
}

impl Watch {
    async fn next(mut self) -> Option<(StoreResult<Event>, Self)> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some((Ok(event), self));
            }
            if self.ended {
                return None;
            }
            match self.receive().await {
                Ok(()) => {}
                // The connection is gone, the revision is not.
                Err(error @ StoreError::Unavailable { .. }) => {
                    tracing::warn!(%error, prefix = self.prefix, seen = self.seen, "watch lost its connection, will resume");
                    self.stream = None;
                    tokio::time::sleep(self.pause).await;
                    self.pause = (self.pause * 2).min(PAUSE_MAX);
                }
                Err(error) => {
                    self.ended = true;
                    return Some((Err(error), self));
                }
            }
        }
    }

    /// Waits for one answer of etcd and makes its events ready.
    async fn receive(&mut self) -> StoreResult<()> {
        let unavailable = |reason: String| StoreError::Unavailable { place: self.store.place.to_string(), reason };
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => none.insert(open(&self.store, &self.prefix, self.seen + 1).await?),
        };
        let answer = stream.message().await.map_err(|error| failure(&self.store.place, &error))?;
        let answer = answer.ok_or_else(|| unavailable("the watch was closed".into()))?;
        if answer.compact_revision() > 0 {
            return Err(StoreError::Compacted { oldest: answer.compact_revision() });
        }
        if answer.canceled() {
            return Err(unavailable(format!("the watch was cancelled: {}", answer.cancel_reason())));
        }
        self.pause = PAUSE_MIN;
        // An answer holds whole revisions, so those up to `seen` were handed out before: etcd 3.4 may go back in time after
        // a partition (etcd-io/etcd#15271).
        let before = self.seen;
        for event in answer.events() {
            let Some(found) = event.kv().filter(|found| found.mod_revision() > before) else { continue };
            self.seen = self.seen.max(found.mod_revision());
            self.ready.push_back(match event.event_type() {
                EventType::Put => Event::Put(entry(&self.store.place, found)?),
                EventType::Delete => {
                    let Entry { key, mod_revision, .. } = entry(&self.store.place, found)?;
                    Event::Delete { key, revision: mod_revision }
                }
            });
        }
        Ok(())
    }
}

async fn open(store: &EtcdStore, prefix: &str, from_revision: i64) -> StoreResult<WatchStream> {
    let options = WatchOptions::new().with_range(prefix_end(prefix)).with_start_revision(from_revision);
    let mut client = store.client.watch_client().max_decoding_message_size(ANSWER_BYTES_MAX);
    store.call(client.watch(prefix, Some(options))).await
}

fn operation(op: Op) -> TxnOp {
    match op {
        Op::Put { key, value, lease } => {
            TxnOp::put(key, value, lease.map(|lease| PutOptions::new().with_lease(lease.0)))
        }
        Op::Delete { key } => TxnOp::delete(key, None),
    }
}

fn entry(place: &str, found: &KeyValue) -> StoreResult<Entry> {
    let key = found.key_str().map_err(|error| StoreError::Unusable {
        place: place.to_owned(),
        reason: format!("a key that is no text: {error}"),
    })?;
    Ok(Entry {
        key: key.to_owned(),
        value: found.value().to_vec(),
        create_revision: found.create_revision(),
        mod_revision: found.mod_revision(),
    })
}

fn lease_failure(place: &str, lease: LeaseId, error: &Error) -> StoreError {
    match (failure(place, error), error) {
        (StoreError::LeaseNotFound { .. }, _) | (_, Error::LeaseKeepAliveError(_)) => {
            StoreError::LeaseNotFound { lease: lease.0 }
        }
        (other, _) => other,
    }
}

/// etcd says what went wrong in gRPC codes and in words; the words are those of its `rpctypes` and have not changed since 3.0.
fn failure(place: &str, error: &Error) -> StoreError {
    let (place, reason) = (place.to_owned(), error.to_string());
    let Error::GRpcStatus(status) = error else { return StoreError::Unavailable { place, reason } };
    let message = status.message();
    if message.contains("has been compacted") {
        StoreError::Compacted { oldest: 0 }
    } else if message.contains("lease not found") {
        StoreError::LeaseNotFound { lease: 0 }
    } else if message.contains("future revision") {
        StoreError::Invalid { rule: "a revision that has not been yet" }
    } else if message.contains("database space exceeded") {
        StoreError::Full { place, reason: format!("{message}; compact, defragment and disarm its alarm") }
    } else if message.contains("request is too large") {
        // The server is set to less than etcd's default.
        StoreError::Full { place, reason: message.to_owned() }
    } else if message.contains("user name is empty")
        || message.contains("permission denied")
        || message.contains("authentication")
    {
        StoreError::Unusable { place, reason: message.to_owned() }
    } else {
        StoreError::Unavailable { place, reason: if message.is_empty() { reason } else { message.to_owned() } }
    }
}
