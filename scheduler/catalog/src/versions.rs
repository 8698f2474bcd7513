//! What feature groups and training datasets have in common: versions under a name, created once, changed by
//! compare-and-set, long feature lists in chunks.

use mangonel_proto::{
    Error, ErrorCode, Result,
    names::{DESCRIPTION_BYTES_MAX, Principal, shown},
};

use crate::{
    access::Action,
    catalog::{Catalog, Versioned, all, check_project, check_revision, now_ms},
    keys::{self, ProjectKeys},
    record::{FORMAT, Retired, VersionRecord, encode, version_to_pairs, versions_from_entries},
    store::Txn,
    suggest::{did_you_mean, similar},
};

/// Races for the next version that a creator loses before it gives up. Of `n` creators one wins each round.
const CREATE_ATTEMPTS: usize = 64;
/// Names that are looked at for suggestions.
const SUGGEST_AMONG: usize = 1_000;

impl Catalog {
    pub(crate) async fn create_version<T: VersionRecord>(
        &self,
        principal: &Principal,
        record: T,
        description: &str,
    ) -> Result<Versioned<T>> {
        self.create_version_with(principal, record, description, |_| Ok(Txn::new())).await
    }

    /// Creates a version in one transaction with what `more` makes of it.
    pub(crate) async fn create_version_with<T: VersionRecord>(
        &self,
        principal: &Principal,
        record: T,
        description: &str,
        more: impl Fn(&T) -> Result<Txn> + Send + Sync,
    ) -> Result<Versioned<T>> {
        self.allow(principal, Action::Create, T::KIND, record.name())?;
        check_project(principal, record.project())?;
        if description.len() > DESCRIPTION_BYTES_MAX {
            return Err(Error::invalid(format!("description is longer than {DESCRIPTION_BYTES_MAX} bytes")));
        }
        let keys = ProjectKeys::new(&principal.project)?;
        keys.versions(T::FOLDER, record.name())?;
        self.existing_project(&principal.project).await?;
        for _ in 0..CREATE_ATTEMPTS {
            let version = match record.version() {
                0 => next_version(&self.version_numbers::<T>(&keys, record.name()).await?)?,
                asked => asked,
            };
            let key = keys.version(T::FOLDER, record.name(), version)?;
            // Compared too: a deletion between this read and our change would let us reuse its folder.
            let retired_key = keys.retired(T::FOLDER, record.name(), version)?;
            let retired = self.store.get(&retired_key).await?;
            let new = completed(principal, record.clone(), version, retired.is_some());
            let retired_revision = retired.map_or(0, |entry| entry.mod_revision);
            let txn = more(&new)?.when(&key, 0).when(&retired_key, retired_revision);
            let txn = version_to_pairs(&key, &new)?.into_iter().fold(txn, |txn, (key, value)| txn.put(key, value));
            let outcome = self.store.txn(txn).await?;
            if outcome.succeeded {
                return Ok(Versioned { value: new, revision: outcome.revision });
            }
            if record.version() != 0 && self.store.get(&key).await?.is_some() {
                let message = format!("{} `{}` version {version} already exists", T::KIND, record.name());
                return Err(Error::already_exists(message).named([record.name()]));
            }
        }
        let message = format!("{} `{}` is created by many at once: try again", T::KIND, record.name());
        Err(Error::conflict(message).named([record.name()]))
    }

    /// Version 0 is the latest.
    pub(crate) async fn get_version<T: VersionRecord>(
        &self,
        principal: &Principal,
        name: &str,
        version: u32,
    ) -> Result<Versioned<T>> {
        self.allow(principal, Action::Read, T::KIND, name)?;
        let keys = ProjectKeys::new(&principal.project)?;
        let wanted = match version {
            0 => self.version_numbers::<T>(&keys, name).await?.last().copied(),
            asked => Some(asked),
        };
        if let Some(wanted) = wanted {
            let key = keys.version(T::FOLDER, name, wanted)?;
            let (entries, _) = self.list(all(key)).await?;
            if let Some(found) = versions_from_entries(&entries)?.into_iter().next() {
                return Ok(found);
            }
        }
        Err(self.version_not_found::<T>(&keys, name, version).await?)
    }

    /// An empty name lists all names. By name and version.
    pub(crate) async fn list_versions<T: VersionRecord>(
        &self,
        principal: &Principal,
        name: &str,
    ) -> Result<(Vec<Versioned<T>>, i64)> {
        self.allow(principal, Action::Read, T::KIND, name)?;
        let keys = ProjectKeys::new(&principal.project)?;
        let prefix = if name.is_empty() { keys.folder(T::FOLDER) } else { keys.versions(T::FOLDER, name)? };
        let (entries, revision) = self.list(all(prefix)).await?;
        Ok((versions_from_entries(&entries)?, revision))
    }

    pub(crate) async fn update_version<T: VersionRecord>(
        &self,
        principal: &Principal,
        record: &Versioned<T>,
    ) -> Result<Versioned<T>> {
        self.allow(principal, Action::Update, T::KIND, record.value.name())?;
        let (key, new, txn) = self.update_txn(principal, record).await?;
        let outcome = self.store.txn(txn).await?;
        if !outcome.succeeded {
            return Err(self.lost(T::KIND, &title(&new), &key, record.revision).await?);
        }
        Ok(Versioned { value: new, revision: outcome.revision })
    }

    pub(crate) async fn delete_version<T: VersionRecord>(
        &self,
        principal: &Principal,
        record: &Versioned<T>,
    ) -> Result<()> {
        self.allow(principal, Action::Delete, T::KIND, record.value.name())?;
        let (key, _, compare) = self.update_txn(principal, record).await?;
        let (entries, _) = self.list(all(&key).keys_only()).await?;
        let keys = ProjectKeys::new(&principal.project)?;
        let retired_key = keys.retired(T::FOLDER, record.value.name(), record.value.version())?;
        let retired = Retired { format: FORMAT, id: record.value.id().to_owned(), deleted_ms: now_ms() };
        let mut txn = Txn { compares: compare.compares, ..Txn::new() }.put(retired_key, encode(&retired)?);
        txn = entries.into_iter().fold(txn, |txn, entry| txn.delete(entry.key));
        if !self.store.txn(txn).await?.succeeded {
            return Err(self.lost(T::KIND, &title(&record.value), &key, record.revision).await?);
        }
        Ok(())
    }

    /// The key and new value of a changed version, and the transaction that writes it if nobody else has.
    pub(crate) async fn update_txn<T: VersionRecord>(
        &self,
        principal: &Principal,
        record: &Versioned<T>,
    ) -> Result<(String, T, Txn)> {
        check_project(principal, record.value.project())?;
        check_revision(T::KIND, &title(&record.value), record.revision)?;
        let keys = ProjectKeys::new(&principal.project)?;
        let key = keys.version(T::FOLDER, record.value.name(), record.value.version())?;
        let mut new = record.value.clone();
        let fields = new.fields();
        *fields.format = FORMAT;
        fields.project.clone_from(&principal.project);
        *fields.updated_ms = now_ms();
        let pairs = version_to_pairs(&key, &new)?;
        // Chunks change only together with their record, so that comparing the record keeps this list true.
        let (old, _) = self.list(all(keys::features_of(&key)).keys_only()).await?;
        let mut txn = Txn::new().when(&key, record.revision);
        for entry in old.into_iter().filter(|entry| pairs.iter().all(|(key, _)| *key != entry.key)) {
            txn = txn.delete(entry.key);
        }
        Ok((key, new, pairs.into_iter().fold(txn, |txn, (key, value)| txn.put(key, value))))
    }

    /// Versions of a name, ascending.
    async fn version_numbers<T: VersionRecord>(&self, keys: &ProjectKeys, name: &str) -> Result<Vec<u32>> {
        let prefix = keys.versions(T::FOLDER, name)?;
        let (entries, _) = self.list(all(&prefix).keys_only()).await?;
        let records = entries.iter().filter(|entry| keys::record_of_features(&entry.key).is_none());
        Ok(records.filter_map(|entry| keys::segment(&prefix, &entry.key)?.parse().ok()).collect())
    }

    async fn version_not_found<T: VersionRecord>(&self, keys: &ProjectKeys, name: &str, version: u32) -> Result<Error> {
        let numbers = self.version_numbers::<T>(keys, name).await?;
        let (message, names) = if numbers.is_empty() {
            let similar = similar(name, self.segments(&keys.folder(T::FOLDER), SUGGEST_AMONG).await?);
            (format!("{} `{}` not found{}", T::KIND, shown(name), did_you_mean(&similar)), similar)
        } else {
            let shown_numbers: Vec<String> = numbers.iter().rev().take(10).map(u32::to_string).collect();
            let there = shown_numbers.join(", ");
            (format!("{} `{name}` has no version {version}, it has {there}", T::KIND), Vec::new())
        };
        let error = Error::new(ErrorCode::NotFound, message).reason(T::NOT_FOUND);
        Ok(error.named([shown(name)]).named(names))
    }
}

/// `name_version`, as people write it.
pub(crate) fn title<T: VersionRecord>(record: &T) -> String {
    format!("{}_{}", record.name(), record.version())
}

fn next_version(numbers: &[u32]) -> Result<u32> {
    let next = numbers.last().copied().unwrap_or(0).checked_add(1);
    next.ok_or_else(|| Error::invalid("the greatest possible version exists: give a version"))
}

/// Fills in what the caller left open. Readers may still hold the folder of a deleted version, so one that takes its place gets
/// a folder of its own.
fn completed<T: VersionRecord>(principal: &Principal, mut record: T, version: u32, replaces: bool) -> T {
    let project = &principal.project;
    let mut location = format!("{project}/{project}{}/{}_{version}", T::WAREHOUSE_SUFFIX, record.name());
    let now = now_ms();
    let fields = record.fields();
    *fields.format = FORMAT;
    fields.project.clone_from(project);
    *fields.version = version;
    if fields.id.is_empty() {
        *fields.id = uuid::Uuid::new_v4().simple().to_string();
    }
    if fields.location.is_empty() {
        if replaces {
            location.push('-');
            location.extend(fields.id.chars().take(8));
        }
        *fields.location = location;
    }
    if fields.owner.is_empty() {
        fields.owner.clone_from(&principal.name);
    }
    if *fields.created_ms == 0 {
        *fields.created_ms = now;
    }
    if *fields.updated_ms == 0 {
        *fields.updated_ms = now;
    }
    record
}
