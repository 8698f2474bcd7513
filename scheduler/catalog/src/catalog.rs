//! The typed catalog over a key-value store: the struct, and what all its verbs need. The verbs are one file per kind of
//! thing: `project`, `feature_group`, `training_dataset` (both on `versions`), `run`.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use futures::{StreamExt, stream::BoxStream};
use mangonel_proto::{
    Error, Result,
    names::{Principal, shown},
};

use crate::{
    access::{AccessPolicy, Action, EntityKind, Resource},
    keys::ProjectKeys,
    record::{Record, decode},
    store::{Entry, KeyValueStore, Range, StoreError},
};

/// Entries of a page of a list: many small records, or few large ones, in one answer.
const PAGE_ENTRIES: usize = 256;
/// How often a list that lost its revision to a compaction starts again.
const LIST_ATTEMPTS: usize = 3;

/// A record as it was read, with the revision that a change of it must compare.
#[derive(Clone, Debug, PartialEq)]
pub struct Versioned<T> {
    pub value: T,
    /// Store revision of its last change.
    pub revision: i64,
}

/// What exists, for those who may see it.
#[derive(Clone, Debug)]
pub struct Catalog {
    pub(crate) store: Arc<dyn KeyValueStore>,
    access: AccessPolicy,
}

impl Catalog {
    pub fn new(store: Arc<dyn KeyValueStore>, access: AccessPolicy) -> Self {
        Self { store, access }
    }

    /// What the catalog stands on: `sqlite` or `etcd`.
    pub fn backend(&self) -> &'static str {
        self.store.backend()
    }

    /// Newest revision of the store; it tells whether the store answers, too.
    ///
    /// # Errors
    /// `permission_denied`, `unavailable`.
    pub async fn revision(&self, principal: &Principal) -> Result<i64> {
        self.allow(principal, Action::Read, EntityKind::Project, "")?;
        let keys = ProjectKeys::new(&principal.project)?;
        Ok(self.store.range(&Range::new(keys.project(), 1).keys_only()).await?.revision)
    }

    /// The revision of every change in the principal's project from `from_revision` on, in order: list again when one comes.
    /// Changes of one transaction come one by one, with the same revision.
    ///
    /// # Errors
    /// `permission_denied`. The stream ends with `conflict` when `from_revision` is too long ago: list, and watch from there.
    pub async fn watch_changes(
        &self,
        principal: &Principal,
        from_revision: i64,
    ) -> Result<BoxStream<'static, Result<i64>>> {
        self.allow(principal, Action::Read, EntityKind::Project, &principal.project)?;
        let keys = ProjectKeys::new(&principal.project)?;
        let events = self.store.watch(keys.all(), from_revision).await?;
        Ok(events.map(|event| Ok(event?.revision())).boxed())
    }

    /// Asks the policy about a thing in the principal's project.
    pub(crate) fn allow(&self, principal: &Principal, action: Action, kind: EntityKind, name: &str) -> Result<()> {
        self.access.allow(principal, action, &Resource { project: &principal.project, kind, name })
    }

    /// Asks the policy about all things of a kind in all projects.
    pub(crate) fn allow_across(&self, principal: &Principal, action: Action, kind: EntityKind) -> Result<()> {
        self.access.allow(principal, action, &Resource { project: "", kind, name: "" })
    }

    pub(crate) async fn read<T: Record>(&self, key: &str) -> Result<Option<Versioned<T>>> {
        let Some(entry) = self.store.get(key).await? else { return Ok(None) };
        Ok(Some(Versioned { value: decode(&entry)?, revision: entry.mod_revision }))
    }

    /// All entries of `range`, over all its pages, as of one revision.
    pub(crate) async fn list(&self, range: Range) -> Result<(Vec<Entry>, i64)> {
        let mut attempt = 1;
        loop {
            match self.list_once(range.clone()).await {
                Err(StoreError::Compacted { .. }) if attempt < LIST_ATTEMPTS => attempt += 1,
                listed => return Ok(listed?),
            }
        }
    }

    async fn list_once(&self, mut range: Range) -> Result<(Vec<Entry>, i64), StoreError> {
        let mut entries = Vec::new();
        loop {
            let page = self.store.range(&range).await?;
            let last = page.entries.last().map(|entry| entry.key.clone());
            entries.extend(page.entries);
            match last {
                Some(last) if page.more => range = range.after(last).at(page.revision),
                _ => return Ok((entries, page.revision)),
            }
        }
    }

    /// Why a change that compared `expected` was refused.
    pub(crate) async fn lost(&self, kind: EntityKind, name: &str, key: &str, expected: i64) -> Result<Error> {
        let lost = match self.store.get(key).await? {
            None => format!("was deleted since revision {expected}"),
            Some(now) => {
                format!("changed since revision {expected} (now {}): read it again and repeat", now.mod_revision)
            }
        };
        Ok(Error::conflict(format!("{kind} `{}` {lost}", shown(name))).named([shown(name)]))
    }
}

/// All keys below `prefix`.
pub(crate) fn all(prefix: impl Into<String>) -> Range {
    Range::new(prefix, PAGE_ENTRIES)
}

pub(crate) fn now_ms() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(now.as_millis()).unwrap_or(i64::MAX)
}

/// Changes are made in the principal's project, whatever the record says.
pub(crate) fn check_project(principal: &Principal, project: &str) -> Result<()> {
    if project.is_empty() || project == principal.project {
        return Ok(());
    }
    let message =
        format!("the record is of project `{}`, and the call is for `{}`", shown(project), shown(&principal.project));
    Err(Error::invalid(message))
}

/// A change of something that was never read would create it.
pub(crate) fn check_revision(kind: EntityKind, name: &str, revision: i64) -> Result<()> {
    if revision > 0 {
        return Ok(());
    }
    Err(Error::invalid(format!("{kind} `{}` is changed without having been read: no revision given", shown(name))))
}
