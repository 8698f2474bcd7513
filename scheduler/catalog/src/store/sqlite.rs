//! The embedded store: one SQLite file in WAL mode, written by one thread and read by another. Every commit is on disk when
//! its caller is told so. How rows mean revisions is said in `sqlite_log`.

use std::{collections::VecDeque, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use futures::StreamExt;
use rusqlite::{Connection, ErrorCode};
use tokio::sync::watch;

use super::{
    Entry, Event, EventStream, KeyValueStore, LeaseId, Page, Range, StoreError, StoreResult, Txn, TxnOutcome,
    check_prefix, check_range,
    sqlite_log::{self, APPLICATION_ID, Cursor, Failure, SCHEMA, SCHEMA_VERSION, Writer},
    worker::Worker,
};

/// Events that a watch reads at a time.
const EVENTS_PER_READ: i64 = 256;

/// A catalog store in one file. One process at a time: take a [`super::LockedFolder`] first.
#[derive(Debug)]
pub struct SqliteStore {
    place: Arc<str>,
    writer: Worker<Writer>,
    reader: Arc<Worker<Connection>>,
    newest: watch::Receiver<i64>,
}

impl SqliteStore {
    /// Opens or creates the store at `path`. Blocks for as long as the disk takes.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] when the file cannot be opened, is not ours or was written by a newer release.
    pub fn open(path: impl AsRef<Path>) -> StoreResult<Self> {
        let path = path.as_ref().to_owned();
        let place: Arc<str> = path.display().to_string().into();
        let opened = open_log(&path).and_then(|writer| Ok((writer, open_reader(&path)?)));
        let (writer, reader) = opened.map_err(|failure| match failure {
            Failure::Sqlite(error) => StoreError::Unusable { place: place.to_string(), reason: error.to_string() },
            Failure::Store(StoreError::Unusable { reason, .. }) => {
                StoreError::Unusable { place: place.to_string(), reason }
            }
            Failure::Store(error) => error,
        })?;
        let newest = writer.newest.subscribe();
        let writer = Worker::start(&place, writer, Writer::expire)?;
        let reader = Arc::new(Worker::start(&place, reader, |_| None)?);
        Ok(Self { place, writer, reader, newest })
    }

    async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Writer) -> Result<T, Failure> + Send + 'static,
    ) -> StoreResult<T> {
        let place = Arc::clone(&self.place);
        self.writer.call(move |writer| job(writer).map_err(|failure| located(&place, failure))).await
    }

    async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, Failure> + Send + 'static,
    ) -> StoreResult<T> {
        let place = Arc::clone(&self.place);
        self.reader.call(move |connection| job(connection).map_err(|failure| located(&place, failure))).await
    }
}

#[async_trait]
impl KeyValueStore for SqliteStore {
    async fn get(&self, key: &str) -> StoreResult<Option<Entry>> {
        let key = key.to_owned();
        self.read(move |connection| Ok(sqlite_log::get(connection, &key)?)).await
    }

    async fn range(&self, range: &Range) -> StoreResult<Page> {
        check_range(range)?;
        let range = range.clone();
        self.read(move |connection| sqlite_log::range(connection, &range)).await
    }

    async fn txn(&self, txn: Txn) -> StoreResult<TxnOutcome> {
        txn.check()?;
        self.write(move |writer| writer.txn(&txn)).await
    }

    async fn watch(&self, prefix: &str, from_revision: i64) -> StoreResult<EventStream> {
        check_prefix(prefix)?;
        let watch = Watch {
            place: Arc::clone(&self.place),
            reader: Arc::clone(&self.reader),
            newest: self.newest.clone(),
            prefix: prefix.to_owned(),
            cursor: Cursor { mod_rev: from_revision.max(1) - 1, sub: i64::MAX },
            ready: VecDeque::new(),
            ended: false,
        };
        Ok(futures::stream::unfold(watch, Watch::next).boxed())
    }

    async fn grant(&self, ttl: Duration) -> StoreResult<LeaseId> {
        self.write(move |writer| writer.grant(ttl)).await
    }

    async fn keep_alive(&self, lease: LeaseId) -> StoreResult<()> {
        self.write(move |writer| writer.keep_alive(lease)).await
    }

    async fn revoke(&self, lease: LeaseId) -> StoreResult<()> {
        self.write(move |writer| writer.revoke(lease)).await
    }

    async fn compact(&self, revision: i64) -> StoreResult<()> {
        self.write(move |writer| writer.compact(revision)).await
    }

    fn backend(&self) -> &'static str {
        "sqlite"
    }
}

/// A watch: reads behind its cursor, and waits for a newer revision when there is nothing.
struct Watch {
    place: Arc<str>,
    reader: Arc<Worker<Connection>>,
    newest: watch::Receiver<i64>,
    prefix: String,
    cursor: Cursor,
    ready: VecDeque<Event>,
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
            // Marked as seen before reading: a change that comes while we read wakes us again.
            let newest = *self.newest.borrow_and_update();
            if newest <= self.cursor.mod_rev && self.cursor.sub == i64::MAX {
                self.newest.changed().await.ok()?;
                continue;
            }
            let (prefix, cursor, place) = (self.prefix.clone(), self.cursor, Arc::clone(&self.place));
            let read = self.reader.call(move |connection| {
                sqlite_log::events(connection, &prefix, cursor, EVENTS_PER_READ)
                    .map_err(|failure| located(&place, failure))
            });
            match read.await {
                Ok((events, cursor)) => {
                    let waits = events.is_empty() && cursor.mod_rev == self.cursor.mod_rev;
                    self.ready.extend(events);
                    self.cursor = cursor;
                    if waits {
                        self.newest.changed().await.ok()?;
                    }
                }
                Err(error) => {
                    self.ended = true;
                    return Some((Err(error), self));
                }
            }
        }
    }
}

fn connect(path: &Path) -> Result<Connection, Failure> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

fn open_log(path: &Path) -> Result<Writer, Failure> {
    let unusable = |reason: String| StoreError::Unusable { place: String::new(), reason };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| unusable(error.to_string()))?;
    }
    let mut connection = connect(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A commit is answered when it would survive a power cut.
    connection.pragma_update(None, "synchronous", "FULL")?;
    let sql = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let number = |name: &str| sql.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
    let (version, application) = (number("user_version")?, number("application_id")?);
    let tables: i64 = sql.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        sql.execute_batch(SCHEMA)?;
        sql.pragma_update(None, "user_version", SCHEMA_VERSION)?;
        sql.pragma_update(None, "application_id", APPLICATION_ID)?;
    } else if application != APPLICATION_ID {
        return Err(unusable("it is a database of another program".into()).into());
    } else if version != SCHEMA_VERSION {
        let reason = format!("it has schema {version}, and this release reads schema {SCHEMA_VERSION}");
        return Err(unusable(reason).into());
    }
    sql.commit()?;
    Ok(Writer::new(connection)?)
}

fn open_reader(path: &Path) -> Result<Connection, Failure> {
    let connection = connect(path)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn located(place: &str, failure: Failure) -> StoreError {
    let error = match failure {
        Failure::Store(error) => return error,
        Failure::Sqlite(error) => error,
    };
    let (place, reason) = (place.to_owned(), error.to_string());
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => StoreError::Full { place, reason },
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Unusable { place, reason },
        _ => StoreError::Unavailable { place, reason },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::contract;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_embedded_store_keeps_the_contract() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("catalog.db")).unwrap();
        contract::all(&store, "/contract").await;
    }

    #[tokio::test]
    async fn what_was_written_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/catalog.db");
        let store = SqliteStore::open(&path).unwrap();
        let lease = store.grant(Duration::from_millis(300)).await.unwrap();
        let outcome = store.txn(Txn::new().put("/a", "1").put_with_lease("/b", "2", lease)).await.unwrap();
        drop(store);

        let store = SqliteStore::open(&path).unwrap();
        assert_eq!(store.get("/a").await.unwrap().unwrap().mod_revision, outcome.revision);
        assert_eq!(store.txn(Txn::new().put("/a", "2")).await.unwrap().revision, outcome.revision + 1);
        let mut events = store.watch("/b", outcome.revision + 1).await.unwrap();
        assert!(matches!(events.next().await.unwrap().unwrap(), Event::Delete { .. }), "the lease ends after its time");
    }

    #[tokio::test]
    async fn history_is_bounded_and_values_stay() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("catalog.db");
        let store = SqliteStore::open(&path).unwrap();
        store.txn(Txn::new().put("/kept", "v")).await.unwrap();
        // Pretends that many revisions went by, which would take minutes of disk flushes.
        let revisions = Connection::open(&path).unwrap();
        revisions.execute("UPDATE counter SET value = 20000 WHERE name = 'revision'", []).unwrap();
        store.txn(Txn::new().put("/new", "v")).await.unwrap();
        let mut events = store.watch("/kept", 2).await.unwrap();
        assert!(matches!(events.next().await.unwrap(), Err(StoreError::Compacted { .. })));
        assert_eq!(store.get("/kept").await.unwrap().unwrap().mod_revision, 2);
    }

    #[test]
    fn a_file_of_another_program_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE cats (name TEXT)").unwrap();
        assert!(SqliteStore::open(&path).unwrap_err().to_string().contains("another program"));
        std::fs::write(folder.path().join("text"), "not a database, but long enough to be read as one".repeat(30))
            .unwrap();
        assert!(matches!(SqliteStore::open(folder.path().join("text")), Err(StoreError::Unusable { .. })));
    }
}
