//! The key-value store below the catalog: one small trait with the meaning of etcd (revisions, compare-and-set
//! transactions, watches from a revision, leases), and two backends that keep the same promise, `contract::all`.
//! What is stored under which key is none of its business.

pub mod contract;
mod error;
mod etcd;
mod lock;
mod sqlite;
mod sqlite_log;
mod txn;
mod worker;

use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;

pub use error::{StoreError, StoreResult};
pub use etcd::EtcdStore;
#[cfg(test)]
pub(crate) use etcd::test_server::TestServer;
pub use lock::LockedFolder;
pub use sqlite::SqliteStore;
pub use txn::{Compare, OPS_MAX, Op, REQUEST_BYTES_MAX, Txn, TxnOutcome};

/// A key with its newest value and the revisions at which it was created and last changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub key: String,
    pub value: Vec<u8>,
    pub create_revision: i64,
    pub mod_revision: i64,
}

/// Which keys to read: those that begin with `prefix` (not empty), in byte order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    pub prefix: String,
    /// Only keys greater than this one.
    pub after: Option<String>,
    /// At most so many entries, 1 or more.
    pub limit: usize,
    /// Revision to read at; 0 is now. The pages of one list are read at the revision of the first.
    pub revision: i64,
    /// Leaves the values empty.
    pub keys_only: bool,
}

impl Range {
    pub fn new(prefix: impl Into<String>, limit: usize) -> Self {
        Self { prefix: prefix.into(), after: None, limit, revision: 0, keys_only: false }
    }
    #[must_use]
    pub fn after(mut self, key: impl Into<String>) -> Self {
        self.after = Some(key.into());
        self
    }
    #[must_use]
    pub fn at(mut self, revision: i64) -> Self {
        self.revision = revision;
        self
    }
    #[must_use]
    pub fn keys_only(mut self) -> Self {
        self.keys_only = true;
        self
    }

    /// First key that could be in the range, and the first that is behind it.
    fn bounds(&self) -> (Vec<u8>, Vec<u8>) {
        let first = match &self.after {
            Some(after) if after.as_str() >= self.prefix.as_str() => [after.as_bytes(), &[0]].concat(),
            _ => self.prefix.clone().into_bytes(),
        };
        (first, prefix_end(&self.prefix))
    }
}

/// One page of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub entries: Vec<Entry>,
    /// Revision that the page was read at: it shows every change up to it and none after.
    pub revision: i64,
    /// Whether the range goes on behind the last entry.
    pub more: bool,
}

/// One change of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Put(Entry),
    Delete { key: String, revision: i64 },
}

impl Event {
    pub fn key(&self) -> &str {
        match self {
            Self::Put(entry) => &entry.key,
            Self::Delete { key, .. } => key,
        }
    }
    pub fn revision(&self) -> i64 {
        match self {
            Self::Put(entry) => entry.mod_revision,
            Self::Delete { revision, .. } => *revision,
        }
    }
}

/// Changes in the order of their revisions. Ends after the first error.
pub type EventStream = BoxStream<'static, StoreResult<Event>>;

/// A grant of time: keys that were put with it are deleted when it is neither kept alive nor renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LeaseId(pub i64);

/// An ordered map from keys to values in which every change has a revision. The promise of each method is spelled out, and
/// held against every backend, in [`contract`].
#[async_trait]
pub trait KeyValueStore: Send + Sync + std::fmt::Debug {
    /// The newest value of `key`; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the store cannot be asked.
    async fn get(&self, key: &str) -> StoreResult<Option<Entry>>;

    /// One page of a range, as the store stood at one revision.
    ///
    /// # Errors
    /// [`StoreError::Compacted`] when `range.revision` is no longer kept; [`StoreError::Invalid`] for an empty prefix or a
    /// limit of 0; [`StoreError::Unavailable`].
    async fn range(&self, range: &Range) -> StoreResult<Page>;

    /// Makes all changes of `txn.then` at one revision if every compare holds, else those of `txn.otherwise`.
    ///
    /// # Errors
    /// [`StoreError::TooLarge`] and [`StoreError::Invalid`] before anything is sent; [`StoreError::LeaseNotFound`] with nothing
    /// changed; [`StoreError::Unavailable`], after which the changes may or may not have been made: read again.
    async fn txn(&self, txn: Txn) -> StoreResult<TxnOutcome>;

    /// Every change of keys that begin with `prefix`, from `from_revision` (itself included, 1 or more) on and without end.
    /// After a list at revision `r`, watch from `r + 1`. A lost connection is resumed inside.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for an empty prefix. The stream answers [`StoreError::Compacted`] when `from_revision` is no
    /// longer kept: list again.
    async fn watch(&self, prefix: &str, from_revision: i64) -> StoreResult<EventStream>;

    /// Grants a lease. A backend may grant more than `ttl` (etcd: whole seconds, 2 or more), never less.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn grant(&self, ttl: Duration) -> StoreResult<LeaseId>;

    /// Gives the lease its whole time again.
    ///
    /// # Errors
    /// [`StoreError::LeaseNotFound`] when it has expired or was revoked; [`StoreError::Unavailable`].
    async fn keep_alive(&self, lease: LeaseId) -> StoreResult<()>;

    /// Ends a lease now and deletes its keys.
    ///
    /// # Errors
    /// [`StoreError::LeaseNotFound`]; [`StoreError::Unavailable`].
    async fn revoke(&self, lease: LeaseId) -> StoreResult<()>;

    /// Forgets history: values that were replaced or deleted at or before `revision`. To do so twice is no error.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a revision that has not been yet; [`StoreError::Unavailable`].
    async fn compact(&self, revision: i64) -> StoreResult<()>;

    /// What the store stands on: `sqlite` or `etcd`.
    fn backend(&self) -> &'static str;
}

/// First key behind all keys that begin with `prefix`.
fn prefix_end(prefix: &str) -> Vec<u8> {
    // UTF-8 has no byte 0xff, so the last one can always be counted up.
    let mut end = prefix.as_bytes().to_vec();
    if let Some(last) = end.last_mut() {
        *last += 1;
    }
    end
}

fn check_prefix(prefix: &str) -> StoreResult<()> {
    if prefix.is_empty() {
        Err(StoreError::Invalid { rule: "the prefix of a range or watch is empty" })
    } else {
        Ok(())
    }
}

fn check_range(range: &Range) -> StoreResult<()> {
    if range.limit == 0 {
        return Err(StoreError::Invalid { rule: "the limit of a range is 0" });
    }
    check_prefix(&range.prefix)
}
