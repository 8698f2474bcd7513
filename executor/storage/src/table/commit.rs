//! Commits of feature groups, each at most once per run: the run id is a Delta application transaction. Version 1 of it
//! means that the run's rows are committed, version 2 that they never may be.
//!
//! Check and commit use one snapshot, and a commit is tried only as the very next version of it, so that its version is
//! known beforehand and written into the tags of its files. Whoever loses the race loads again and checks again.

use std::{collections::HashSet, time::Duration};

use arrow::datatypes::Schema;
use deltalake_core::{
    DeltaTableError,
    kernel::{
        Action, Add, LogicalFileView, Transaction,
        transaction::{CommitBuilder, CommitProperties, TransactionError},
    },
    protocol::{DeltaOperation, SaveMode},
};
use futures::{StreamExt, TryStreamExt, stream};
use mangonel_proto::names::RunId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{
    AddedFile, LayoutTags, Table, log_file, open_table,
    rewrite::{Rewrite, differing_column},
    snapshot::logged,
};
use crate::{
    error::{Result, StorageError},
    warehouse::Warehouse,
};

const COMMITTED: i64 = 1;
const FORBIDDEN: i64 = 2;
/// Races that a commit may lose before it gives up; each loss is somebody's success.
const RACES_MAX: u32 = 1000;
/// Longest pause between two tries.
const PAUSE_MS_MAX: u128 = 200;
/// Files looked at at once before a commit.
const CHECKS_IN_FLIGHT: usize = 32;

/// What an insert does with the rows that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InsertMode {
    Append,
    /// Every file of the version before is removed.
    Overwrite,
}

/// A run's rows are committed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitOutcome {
    /// Table version that holds them first; `None` when the log that knew it was trimmed since.
    pub version: Option<i64>,
    /// They were there before this call, or its own success was noticed only afterwards.
    pub already: bool,
}

/// What became of a run's commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Settled {
    /// Its rows are in the table, from `version` on where that is still known.
    Committed { version: Option<i64> },
    /// It can never commit.
    Forbidden,
    /// Neither; a commit of it may still be on its way.
    Absent,
}

/// Commits the files of a run to the table at `location`, once: a repeated call answers what is there. `columns` are those
/// that the rows were made to fit.
///
/// # Errors
/// [`StorageError::Conflict`] if the run was forbidden to commit, the table's columns have changed since, or too many others
/// commit; [`StorageError::Corrupt`] if a file is missing or has another size; [`StorageError::NotFound`] without a table.
pub async fn commit_insert(
    warehouse: &Warehouse,
    location: &str,
    run_id: &RunId,
    mode: InsertMode,
    columns: &Schema,
    adds: Vec<AddedFile>,
) -> Result<CommitOutcome> {
    commit(Work { warehouse, location, run_id, change: Change::Insert { mode, adds: &adds, columns } }).await
}

/// Replaces files by others with the same rows, or changes columns, once: a repeated call answers what is there.
///
/// # Errors
/// [`StorageError::Conflict`] if the run was forbidden to commit, if a file that was read is not in the table any more, or if
/// types change and a file of the old ones came since; else as [`commit_insert`].
pub async fn commit_rewrite(
    warehouse: &Warehouse,
    location: &str,
    run_id: &RunId,
    rewrite: &Rewrite,
) -> Result<CommitOutcome> {
    commit(Work { warehouse, location, run_id, change: Change::Rewrite(rewrite) }).await
}

async fn commit(work: Work<'_>) -> Result<CommitOutcome> {
    let Work { warehouse, location, run_id, change } = &work;
    check_files(warehouse, location, change.adds()).await?;
    match work.carry_out().await? {
        (Settled::Committed { version }, already) => Ok(CommitOutcome { version, already }),
        _ => Err(StorageError::Conflict {
            what: format!("table `{location}`"),
            detail: format!("run `{run_id}` was forbidden to commit"),
        }),
    }
}

/// Forbids the run to ever commit, by a tombstone in the table's log, unless it has committed already; says which.
///
/// # Errors
/// [`StorageError::NotFound`] without a table; [`StorageError::Conflict`] if too many others commit.
pub async fn forbid(warehouse: &Warehouse, location: &str, run_id: &RunId) -> Result<Settled> {
    let work = Work { warehouse, location, run_id, change: Change::Forbid };
    work.carry_out().await.map(|(settled, _)| settled)
}

/// What became of the run's commit, read from the table's log.
///
/// # Errors
/// [`StorageError::NotFound`] without a table.
pub async fn settle(warehouse: &Warehouse, location: &str, run_id: &RunId) -> Result<Settled> {
    let table = open_table(warehouse, location, None).await?;
    standing(warehouse, &table, run_id).await
}

/// One commit, tried until it is in the log or known to be impossible.
pub(super) struct Work<'a> {
    pub(super) warehouse: &'a Warehouse,
    pub(super) location: &'a str,
    pub(super) run_id: &'a RunId,
    pub(super) change: Change<'a>,
}

/// What a commit does.
#[derive(Clone, Copy)]
pub(super) enum Change<'a> {
    Insert {
        mode: InsertMode,
        adds: &'a [AddedFile],
        columns: &'a Schema,
    },
    Rewrite(&'a Rewrite),
    /// Leaves the tombstone of a run.
    Forbid,
}

impl<'a> Change<'a> {
    fn adds(self) -> &'a [AddedFile] {
        match self {
            Self::Insert { adds, .. } => adds,
            Self::Rewrite(rewrite) => &rewrite.added,
            Self::Forbid => &[],
        }
    }

    /// Version of the application transaction to leave.
    fn transaction(self) -> i64 {
        if matches!(self, Self::Forbid) { FORBIDDEN } else { COMMITTED }
    }
}

impl Work<'_> {
    /// The run's standing afterwards, and whether it was so before.
    pub(super) async fn carry_out(&self) -> Result<(Settled, bool)> {
        let mut failed: Option<DeltaTableError> = None;
        for race in 0..RACES_MAX {
            let table = open_table(self.warehouse, self.location, None).await?;
            let before = standing(self.warehouse, &table, self.run_id).await?;
            if before != Settled::Absent {
                return Ok((before, true));
            }
            if let Some(error) = failed {
                return Err(StorageError::table(format!("committing to table `{}`", self.location))(error));
            }
            match self.try_next(&table).await? {
                Ok(version) => {
                    let log = format!("{}/{}", self.location, log_file(version));
                    self.warehouse.flush(&log).await?;
                    let version = Some(version);
                    let now = match self.change {
                        Change::Forbid => Settled::Forbidden,
                        _ => Settled::Committed { version },
                    };
                    return Ok((now, false));
                }
                Err(error) => {
                    tracing::debug!(location = self.location, run = %self.run_id, %error, "commit did not go through");
                    // Any other error may still have left the commit in the log (a lost answer, a failed checkpoint):
                    // the log is asked once more before it is believed.
                    failed = (!is_lost_race(&error)).then_some(error);
                    pause(race).await;
                }
            }
        }
        let detail = format!("{RACES_MAX} commits of others went first");
        Err(StorageError::Conflict { what: format!("table `{}`", self.location), detail })
    }

    /// Tries to commit as the next version of `table`.
    pub(super) async fn try_next(&self, table: &Table) -> Result<Result<i64, DeltaTableError>> {
        let version = table.version()? + 1;
        let now_ms = chrono::Utc::now().timestamp_millis();
        let state = table.state()?;
        let (actions, operation) = self.actions(table, version, now_ms)?;
        let transaction =
            Transaction::new_with_last_update(self.run_id.as_str(), self.change.transaction(), Some(now_ms));
        // Without retries of its own the library commits the next version or nothing.
        let properties = CommitProperties::default()
            .with_max_retries(0)
            .with_cleanup_expired_logs(Some(false))
            .with_application_transaction(transaction);
        let commit =
            CommitBuilder::from(properties).with_actions(actions).build(Some(state), table.log_store(), operation);
        match Box::pin(async move { commit.await }).await {
            Ok(done) if i64::try_from(done.version).ok() == Some(version) => Ok(Ok(version)),
            Ok(done) => Err(StorageError::Internal {
                detail: format!("a commit meant for version {version} became version {}", done.version),
            }),
            Err(error) => Ok(Err(error)),
        }
    }
}

impl Work<'_> {
    fn actions(&self, table: &Table, version: i64, now_ms: i64) -> Result<(Vec<Action>, DeltaOperation)> {
        let mut actions = Vec::new();
        let is_rewrite = matches!(self.change, Change::Rewrite(_));
        for added in self.change.adds() {
            actions.push(Action::Add(added.to_add(version, now_ms, !is_rewrite)?));
        }
        let write = |mode| DeltaOperation::Write { mode, partition_by: None, predicate: None };
        let operation = match self.change {
            Change::Forbid => write(SaveMode::Append),
            Change::Rewrite(rewrite) => rewrite.extend(table, now_ms, &mut actions)?,
            Change::Insert { mode, columns, .. } => {
                if let Some(column) = differing_column(table, columns)? {
                    let detail =
                        format!("its column `{column}` was changed while the rows were on their way: insert again");
                    return Err(StorageError::Conflict { what: format!("table `{}`", self.location), detail });
                }
                if mode == InsertMode::Append {
                    write(SaveMode::Append)
                } else {
                    let files = table.state()?.log_data();
                    actions.extend(files.iter().map(|file| removed(&file, now_ms, true)));
                    write(SaveMode::Overwrite)
                }
            }
        };
        Ok((actions, operation))
    }
}

/// Takes a file out of the table. `rows_go`: its rows leave with it, instead of coming again in others.
pub(super) fn removed(file: &LogicalFileView, now_ms: i64, rows_go: bool) -> Action {
    let mut remove = file.remove_action(rows_go);
    remove.deletion_timestamp = Some(now_ms);
    remove.tags = logged(file).tags;
    Action::Remove(remove)
}

pub(super) fn is_lost_race(error: &DeltaTableError) -> bool {
    match error {
        DeltaTableError::VersionAlreadyExists(_) => true,
        DeltaTableError::Transaction { source } => matches!(
            source,
            TransactionError::MaxCommitAttempts(_)
                | TransactionError::VersionAlreadyExists(_)
                | TransactionError::CommitConflict(_)
        ),
        _ => false,
    }
}

/// Waits a random while, longer after more races, so that equals do not meet again.
async fn pause(race: u32) {
    let most = (5_u128 << race.min(8)).min(PAUSE_MS_MAX);
    let wait = u64::try_from(Uuid::new_v4().as_u128() % most).unwrap_or(0);
    tokio::time::sleep(Duration::from_millis(wait)).await;
}

async fn standing(warehouse: &Warehouse, table: &Table, run_id: &RunId) -> Result<Settled> {
    let location = table.location();
    let found = table.state()?.transaction_version(table.log_store().as_ref(), run_id.as_str().to_owned()).await;
    match found.map_err(StorageError::table(format!("reading the runs of table `{location}`")))? {
        None => Ok(Settled::Absent),
        Some(COMMITTED) => Ok(Settled::Committed { version: version_of(warehouse, table, run_id).await? }),
        Some(FORBIDDEN) => Ok(Settled::Forbidden),
        Some(other) => Err(StorageError::Corrupt {
            what: format!("run `{run_id}` in the log of table `{location}`"),
            detail: format!("its transaction version is {other}"),
        }),
    }
}

/// The version that the run committed: from the tags of a file of it, else from the log.
async fn version_of(warehouse: &Warehouse, table: &Table, run_id: &RunId) -> Result<Option<i64>> {
    for file in table.state()?.log_data().iter() {
        let add = logged(&file);
        let tags = add.tags.map_or_else(|| Ok(LayoutTags::default()), |tags| LayoutTags::from_map(&add.path, &tags))?;
        if tags.run_id.as_deref() == Some(run_id.as_str()) && tags.commit.is_some() {
            return Ok(tags.commit);
        }
    }
    for version in (0..=table.version()?).rev() {
        let Some(log) = warehouse.get(&format!("{}/{}", table.location(), log_file(version))).await? else {
            return Ok(None);
        };
        let lines = log.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok());
        if lines.into_iter().any(|action| action["txn"]["appId"] == run_id.as_str()) {
            return Ok(Some(version));
        }
    }
    Ok(None)
}

/// Refuses to commit a file that readers would not find, or one twice.
async fn check_files(warehouse: &Warehouse, location: &str, adds: &[AddedFile]) -> Result<()> {
    let mut names = HashSet::new();
    for added in adds {
        added.tags.check(&added.path)?;
        // One folder for each partition column.
        let folders = added.path.matches('/').count();
        if folders != added.partition_values.len() || !names.insert(added.path.as_str()) {
            return Err(StorageError::Internal { detail: format!("file `{}` to commit is no new file", added.path) });
        }
    }
    let check = |added: &AddedFile| {
        let (path, size) = (format!("{location}/{}", added.path), added.size);
        async move {
            let found = warehouse.size(&path).await?;
            if found == Some(size) {
                return Ok(());
            }
            let detail =
                found.map_or("it is missing".into(), |found| format!("it has {found} bytes instead of {size}"));
            Err(StorageError::Corrupt { what: format!("file `{path}`"), detail })
        }
    };
    let checks: Vec<_> = adds.iter().map(check).collect();
    stream::iter(checks).buffer_unordered(CHECKS_IN_FLIGHT).try_collect::<()>().await
}

impl AddedFile {
    fn to_add(&self, version: i64, now_ms: i64, data_change: bool) -> Result<Add> {
        let tags = LayoutTags { commit: Some(version), commit_ms: Some(now_ms), ..self.tags.clone() };
        let size = i64::try_from(self.size)
            .map_err(|_| StorageError::Internal { detail: format!("file `{}` of {} bytes", self.path, self.size) })?;
        Ok(Add {
            path: self.path.clone(),
            partition_values: self.partition_values.clone().into_iter().collect(),
            size,
            modification_time: self.modified_ms,
            data_change,
            stats: Some(self.stats_json.clone()),
            tags: Some(tags.to_map()?),
            ..Add::default()
        })
    }
}
