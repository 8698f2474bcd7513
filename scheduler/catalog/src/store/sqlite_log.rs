//! The revision log of the embedded store: one row per change of a key, never updated in place, which gives SQLite the
//! meaning of etcd. The newest row of a key is its value; a deletion is a row too.
//!
//! Source: the schema of kine, <https://github.com/k3s-io/kine>.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use rusqlite::{Connection, OptionalExtension, Result, Transaction, TransactionBehavior, params};

/// Version of the schema below, kept in `user_version`.
pub(super) const SCHEMA_VERSION: i32 = 1;
/// Marks a file as ours: "mngl".
pub(super) const APPLICATION_ID: i32 = 0x6d6e_676c;

/// Keys are blobs, so that they sort by their bytes. All changes of a transaction share a revision; `sub` is their order.
pub(super) const SCHEMA: &str = "
    CREATE TABLE log (
        mod_rev INTEGER NOT NULL, sub INTEGER NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL,
        create_rev INTEGER NOT NULL, deleted INTEGER NOT NULL, lease INTEGER NOT NULL,
        PRIMARY KEY (mod_rev, sub));
    CREATE UNIQUE INDEX log_by_key ON log (key, mod_rev);
    CREATE INDEX log_by_lease ON log (lease) WHERE lease <> 0;
    CREATE TABLE lease (id INTEGER PRIMARY KEY AUTOINCREMENT, ttl_ms INTEGER NOT NULL);
    CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    INSERT INTO counter VALUES ('revision', 1), ('compacted', 0);
";

/// Revisions of history that are kept, and how often older ones are forgotten.
const HISTORY_REVISIONS: i64 = 10_000;
const COMPACT_EVERY: i64 = 1_000;

use super::{Entry, Event, LeaseId, Op, Page, Range, StoreError, Txn, TxnOutcome};

/// A failure of SQLite, or an answer of ours; the caller adds where the store is.
pub(super) enum Failure {
    Sqlite(rusqlite::Error),
    Store(StoreError),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}
impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The one connection that writes, and the leases that are running.
#[derive(Debug)]
pub(super) struct Writer {
    connection: Connection,
    /// Deadlines live in memory on the steady clock: a wall clock that jumps ends no lease, and a lease that outlives its
    /// process gets its whole time again, as etcd does when its leader changes.
    leases: BTreeMap<LeaseId, Lease>,
    pub(super) newest: tokio::sync::watch::Sender<i64>,
}

#[derive(Debug)]
struct Lease {
    ttl: Duration,
    deadline: Instant,
}

impl Writer {
    pub(super) fn new(connection: Connection) -> Result<Self> {
        let revision = counter(&connection, "revision")?;
        let mut leases = BTreeMap::new();
        {
            let mut statement = connection.prepare("SELECT id, ttl_ms FROM lease")?;
            let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
            for row in rows {
                let (id, ttl_ms) = row?;
                let ttl = Duration::from_millis(ttl_ms.unsigned_abs());
                leases.insert(LeaseId(id), Lease { ttl, deadline: Instant::now() + ttl });
            }
        }
        Ok(Self { connection, leases, newest: tokio::sync::watch::Sender::new(revision) })
    }

    pub(super) fn txn(&mut self, txn: &Txn) -> Result<TxnOutcome, Failure> {
        // IMMEDIATE: compares and changes are one step even if another process has the file open.
        let sql = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut succeeded = true;
        for compare in &txn.compares {
            let live = newest(&sql, compare.key.as_bytes())?.filter(|row| !row.deleted);
            succeeded &= live.map_or(0, |row| row.mod_rev) == compare.mod_revision;
        }
        let ops = if succeeded { &txn.then } else { &txn.otherwise };
        for op in ops {
            if let Op::Put { lease: Some(lease), .. } = op
                && !self.leases.contains_key(lease)
            {
                return Err(StoreError::LeaseNotFound { lease: lease.0 }.into());
            }
        }
        let revision = append(sql, ops)?;
        self.newest.send_replace(revision);
        self.compact_now_and_then(revision)?;
        Ok(TxnOutcome { succeeded, revision })
    }

    pub(super) fn grant(&mut self, ttl: Duration) -> Result<LeaseId, Failure> {
        let ttl_ms = i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX);
        self.connection.execute("INSERT INTO lease (ttl_ms) VALUES (?1)", [ttl_ms])?;
        let lease = LeaseId(self.connection.last_insert_rowid());
        self.leases.insert(lease, Lease { ttl, deadline: Instant::now() + ttl });
        Ok(lease)
    }

    pub(super) fn keep_alive(&mut self, lease: LeaseId) -> Result<(), Failure> {
        let found = self.leases.get_mut(&lease).ok_or(StoreError::LeaseNotFound { lease: lease.0 })?;
        found.deadline = Instant::now() + found.ttl;
        Ok(())
    }

    pub(super) fn revoke(&mut self, lease: LeaseId) -> Result<(), Failure> {
        if !self.leases.contains_key(&lease) {
            return Err(StoreError::LeaseNotFound { lease: lease.0 }.into());
        }
        let sql = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        sql.execute("DELETE FROM lease WHERE id = ?1", [lease.0])?;
        let mut ops = Vec::new();
        {
            let mut statement = sql.prepare_cached(
                "SELECT key FROM log AS held WHERE lease = ?1 AND lease <> 0 AND NOT deleted
                 AND mod_rev = (SELECT MAX(mod_rev) FROM log WHERE key = held.key) ORDER BY key",
            )?;
            for key in statement.query_map([lease.0], |row| row.get::<_, Vec<u8>>(0))? {
                ops.push(Op::Delete { key: text(key?)? });
            }
        }
        let revision = append(sql, &ops)?;
        self.leases.remove(&lease);
        self.newest.send_replace(revision);
        Ok(())
    }

    /// Ends leases whose time is over, and says when the next one may end.
    pub(super) fn expire(&mut self) -> Option<Duration> {
        let now = Instant::now();
        let over: Vec<LeaseId> =
            self.leases.iter().filter(|(_, lease)| lease.deadline <= now).map(|(id, _)| *id).collect();
        for lease in over {
            if let Err(failure) = self.revoke(lease) {
                let reason = match failure {
                    Failure::Sqlite(error) => error.to_string(),
                    Failure::Store(error) => error.to_string(),
                };
                tracing::warn!(lease = lease.0, reason, "expired lease could not be ended, will try again");
                return Some(Duration::from_secs(1));
            }
        }
        self.leases.values().map(|lease| lease.deadline.saturating_duration_since(now)).min()
    }

    pub(super) fn compact(&mut self, revision: i64) -> Result<(), Failure> {
        let sql = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if revision > counter(&sql, "revision")? {
            return Err(StoreError::Invalid { rule: "a compaction at a revision that has not been yet" }.into());
        }
        if revision <= counter(&sql, "compacted")? {
            return Ok(());
        }
        // Deletions go last: until then they say that the rows before them are history.
        sql.execute(
            "DELETE FROM log WHERE mod_rev <= ?1 AND EXISTS (
                 SELECT 1 FROM log AS later WHERE later.key = log.key AND later.mod_rev > log.mod_rev AND later.mod_rev <= ?1)",
            [revision],
        )?;
        sql.execute("DELETE FROM log WHERE mod_rev <= ?1 AND deleted", [revision])?;
        sql.execute("UPDATE counter SET value = ?1 WHERE name = 'compacted'", [revision])?;
        Ok(sql.commit()?)
    }

    fn compact_now_and_then(&mut self, revision: i64) -> Result<(), Failure> {
        let oldest = revision - HISTORY_REVISIONS;
        if oldest >= counter(&self.connection, "compacted")? + COMPACT_EVERY {
            self.compact(oldest)?;
        }
        Ok(())
    }
}

/// The newest row of a key.
struct Newest {
    mod_rev: i64,
    create_rev: i64,
    deleted: bool,
}

fn newest(sql: &Connection, key: &[u8]) -> Result<Option<Newest>> {
    let mut statement = sql
        .prepare_cached("SELECT mod_rev, create_rev, deleted FROM log WHERE key = ?1 ORDER BY mod_rev DESC LIMIT 1")?;
    let row =
        |row: &rusqlite::Row<'_>| Ok(Newest { mod_rev: row.get(0)?, create_rev: row.get(1)?, deleted: row.get(2)? });
    statement.query_row([key], row).optional()
}

/// Writes the changes at one new revision and commits; without a change the revision stays.
fn append(sql: Transaction<'_>, ops: &[Op]) -> Result<i64> {
    let revision = counter(&sql, "revision")?;
    let next = revision + 1;
    let mut written = 0_i64;
    {
        let mut insert = sql.prepare_cached(
            "INSERT INTO log (mod_rev, sub, key, value, create_rev, deleted, lease) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        for op in ops {
            let (Op::Put { key, .. } | Op::Delete { key }) = op;
            let live = newest(&sql, key.as_bytes())?.filter(|row| !row.deleted).map(|row| row.create_rev);
            match (op, live) {
                (Op::Put { value, lease, .. }, live) => {
                    let lease = lease.map_or(0, |lease| lease.0);
                    insert.execute(params![
                        next,
                        written,
                        key.as_bytes(),
                        value,
                        live.unwrap_or(next),
                        false,
                        lease
                    ])?;
                }
                (Op::Delete { .. }, Some(create_rev)) => {
                    insert.execute(params![next, written, key.as_bytes(), &[] as &[u8], create_rev, true, 0])?;
                }
                (Op::Delete { .. }, None) => continue,
            }
            written += 1;
        }
    }
    if written > 0 {
        sql.execute("UPDATE counter SET value = ?1 WHERE name = 'revision'", [next])?;
    }
    sql.commit()?;
    Ok(if written > 0 { next } else { revision })
}

pub(super) fn get(sql: &Connection, key: &str) -> Result<Option<Entry>> {
    let mut statement = sql.prepare_cached(
        "SELECT value, create_rev, mod_rev, deleted FROM log WHERE key = ?1 ORDER BY mod_rev DESC LIMIT 1",
    )?;
    let row = |row: &rusqlite::Row<'_>| {
        let entry =
            Entry { key: key.to_owned(), value: row.get(0)?, create_revision: row.get(1)?, mod_revision: row.get(2)? };
        Ok(if row.get(3)? { None } else { Some(entry) })
    };
    Ok(statement.query_row([key.as_bytes()], row).optional()?.flatten())
}

pub(super) fn range(connection: &mut Connection, range: &Range) -> Result<Page, Failure> {
    // One read transaction: rows and revision belong together.
    let sql = connection.transaction()?;
    let newest = counter(&sql, "revision")?;
    let compacted = counter(&sql, "compacted")?;
    let revision = if range.revision == 0 { newest } else { range.revision };
    if revision < compacted {
        return Err(StoreError::Compacted { oldest: compacted }.into());
    }
    if revision > newest {
        return Err(StoreError::Invalid { rule: "a range at a revision that has not been yet" }.into());
    }
    let (first, end) = range.bounds();
    let mut entries = Vec::new();
    {
        let mut statement = sql.prepare_cached(
            "SELECT key, CASE WHEN ?5 THEN x'' ELSE value END, create_rev, mod_rev FROM log AS entry
             WHERE key >= ?1 AND key < ?2 AND NOT deleted
             AND mod_rev = (SELECT MAX(mod_rev) FROM log WHERE key = entry.key AND mod_rev <= ?3) ORDER BY key LIMIT ?4",
        )?;
        let limit = i64::try_from(range.limit).unwrap_or(i64::MAX).saturating_add(1);
        let mut rows = statement.query(params![first, end, revision, limit, range.keys_only])?;
        while let Some(row) = rows.next()? {
            let key = text(row.get(0)?)?;
            entries.push(Entry { key, value: row.get(1)?, create_revision: row.get(2)?, mod_revision: row.get(3)? });
        }
    }
    let more = entries.len() > range.limit;
    entries.truncate(range.limit);
    Ok(Page { entries, revision, more })
}

/// Place in the log behind which a watch goes on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor {
    pub(super) mod_rev: i64,
    pub(super) sub: i64,
}

/// Changes behind `cursor`, at most `limit`, and the cursor behind them.
pub(super) fn events(
    connection: &mut Connection,
    prefix: &str,
    cursor: Cursor,
    limit: i64,
) -> Result<(Vec<Event>, Cursor), Failure> {
    let sql = connection.transaction()?;
    let revision = counter(&sql, "revision")?;
    let compacted = counter(&sql, "compacted")?;
    if cursor.mod_rev < compacted {
        return Err(StoreError::Compacted { oldest: compacted }.into());
    }
    let mut statement = sql.prepare_cached(
        "SELECT key, value, create_rev, mod_rev, sub, deleted FROM log
         WHERE (mod_rev, sub) > (?1, ?2) AND key >= ?3 AND key < ?4 ORDER BY mod_rev, sub LIMIT ?5",
    )?;
    let mut rows =
        statement.query(params![cursor.mod_rev, cursor.sub, prefix.as_bytes(), super::prefix_end(prefix), limit])?;
    let mut found = Vec::new();
    let mut last = cursor;
    while let Some(row) = rows.next()? {
        let key = text(row.get(0)?)?;
        last = Cursor { mod_rev: row.get(3)?, sub: row.get(4)? };
        found.push(if row.get(5)? {
            Event::Delete { key, revision: last.mod_rev }
        } else {
            Event::Put(Entry { key, value: row.get(1)?, create_revision: row.get(2)?, mod_revision: last.mod_rev })
        });
    }
    if found.is_empty() && revision > cursor.mod_rev {
        // Nothing of this prefix up to here: the next look starts at the end, and compaction does not catch up with it.
        last = Cursor { mod_rev: revision, sub: i64::MAX };
    }
    Ok((found, last))
}

fn counter(sql: &Connection, name: &str) -> Result<i64> {
    sql.prepare_cached("SELECT value FROM counter WHERE name = ?1")?.query_row([name], |row| row.get(0))
}

fn text(key: Vec<u8>) -> Result<String> {
    String::from_utf8(key).map_err(|error| rusqlite::Error::Utf8Error(0, error.utf8_error()))
}
