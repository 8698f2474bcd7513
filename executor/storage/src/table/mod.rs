//! Feature groups as Delta Lake tables: created, pinned, written and committed here. What a feature group means is the
//! catalog's business; plans over its files are the operators'.

mod bucket_writer;
mod commit;
mod create;
mod file_stats;
mod history;
mod named_files;
mod partition;
mod rewrite;
mod snapshot;
mod tags;

use std::sync::Arc;

use deltalake_core::{
    DeltaTable,
    logstore::{LogStoreRef, StorageConfig, default_logstore},
};
use object_store::prefix::PrefixStore;
use url::Url;

pub use bucket_writer::{AddedFile, BucketFileOptions, BucketFileWriter};
pub use commit::{CommitOutcome, InsertMode, Settled, commit_insert, commit_rewrite, forbid, settle};
pub use create::create_table;
pub use file_stats::{ColumnStats, StatValue};
pub use history::{utc, version_at};
pub use named_files::{NamedFiles, table_id, writer_of};
pub use partition::{PartitionValues, partition_name, partition_text, partition_value};
pub use rewrite::Rewrite;
pub use snapshot::{TableFile, TableSnapshot};
pub use tags::LayoutTags;

use crate::{
    error::{Result, StorageError},
    warehouse::{Warehouse, store_path},
};

/// Column of every file that names the run which wrote the row. Not in the Delta schema: readers leave it out.
pub const RUN_COLUMN: &str = "_mangonel_run";
/// Column of every file with the row digest (16 bytes). Not in the Delta schema either.
pub const DIGEST_COLUMN: &str = "_mangonel_digest";
/// Column of rewritten files with the table version that first committed the row (`Int64`); where it is missing or null,
/// the file's own tag says it.
pub const COMMIT_COLUMN: &str = "_mangonel_commit";

/// A feature group's table at one version.
#[derive(Clone, Debug)]
pub struct Table {
    delta: DeltaTable,
    location: String,
}

/// Opens the table at `location` (a folder of the warehouse) at `version`, or at its latest one.
///
/// # Errors
/// [`StorageError::NotFound`] if there is no table or no such version (its log may have been trimmed);
/// [`StorageError::Unsupported`] if it uses a feature of Delta that we do not read.
pub async fn open_table(warehouse: &Warehouse, location: &str, version: Option<i64>) -> Result<Table> {
    let mut delta = DeltaTable::new(log_store(warehouse, location)?);
    let at = version.map_or(String::new(), |version| format!(" at version {version}"));
    let missing = || StorageError::NotFound { what: format!("table `{location}`{at}") };
    let loaded = match version {
        None => delta.load().await,
        Some(version) => delta.load_version(u64::try_from(version).map_err(|_| missing())?).await,
    };
    if let Err(error) = loaded {
        let log = warehouse.list(&format!("{location}/_delta_log")).await?;
        let wanted = version.map(|version| format!("{version:020}."));
        let is_there = |name: &String| wanted.as_ref().is_none_or(|wanted| name.contains(wanted));
        if !log.keys().any(is_there) {
            return Err(missing());
        }
        return Err(StorageError::table(format!("opening table `{location}`{at}"))(error));
    }
    let table = Table { delta, location: location.to_owned() };
    if let Some(version) = version
        && table.version()? != version
    {
        return Err(missing());
    }
    table.check_supported()?;
    Ok(table)
}

impl Table {
    /// Folder of the table in the warehouse.
    pub fn location(&self) -> &str {
        &self.location
    }
    /// Id that the table got when it was created; a recreated table has another.
    ///
    /// # Errors
    /// [`StorageError::Table`] if the table is not loaded.
    pub fn id(&self) -> Result<String> {
        Ok(self.state()?.metadata().id().to_owned())
    }
    /// # Errors
    /// [`StorageError::Table`] if the table is not loaded.
    pub fn version(&self) -> Result<i64> {
        let version = self.state()?.version();
        i64::try_from(version).map_err(StorageError::table(format!("version {version} of `{}`", self.location)))
    }
    pub(crate) fn state(&self) -> Result<&deltalake_core::table::state::DeltaTableState> {
        self.delta.snapshot().map_err(StorageError::table(format!("reading table `{}`", self.location)))
    }
    pub(crate) fn log_store(&self) -> LogStoreRef {
        self.delta.log_store()
    }

    /// Refuses what would silently give wrong rows to a reader of plain Parquet files.
    fn check_supported(&self) -> Result<()> {
        let state = self.state()?;
        let refuse =
            |detail: String| Err(StorageError::Unsupported { what: format!("table `{}`", self.location), detail });
        let protocol = serde_json::to_value(state.protocol())
            .map_err(|error| StorageError::Internal { detail: format!("protocol of a table: {error}") })?;
        let reader = protocol["minReaderVersion"].as_i64().unwrap_or(i64::MAX);
        if !matches!(reader, 1 | 3) {
            return refuse(format!("it asks for Delta reader version {reader} (column mapping), we read 1 and 3"));
        }
        for feature in protocol["readerFeatures"].as_array().into_iter().flatten() {
            if feature.as_str() != Some("timestampNtz") {
                return refuse(format!("it uses the Delta reader feature {feature}"));
            }
        }
        let configuration = state.metadata().configuration();
        let mapping = configuration.get("delta.columnMapping.mode").map_or("none", String::as_str);
        if mapping != "none" {
            return refuse(format!("it uses column mapping by {mapping}"));
        }
        if state.log_data().iter().any(|file| file.deletion_vector_descriptor().is_some()) {
            return refuse("it has deletion vectors".into());
        }
        Ok(())
    }
}

/// A commit in the folder of its table.
fn log_file(version: i64) -> String {
    format!("_delta_log/{version:020}.json")
}

/// The log of the table at `location`, over the warehouse's own store whatever its scheme.
fn log_store(warehouse: &Warehouse, location: &str) -> Result<LogStoreRef> {
    let (root, path) = warehouse.absolute(&store_path(location)?);
    let folder = Arc::new(PrefixStore::new(Arc::clone(&root), path.clone()));
    Ok(default_logstore(folder, root, &log_url(warehouse, path.as_ref())?, &StorageConfig::default()))
}

/// The Delta library takes the path of this URL for the path in the store, so hosts that hold a container name in their
/// path (`https://`) are given another scheme; only `file` has a meaning to it (listings come unsorted).
fn log_url(warehouse: &Warehouse, path: &str) -> Result<Url> {
    let refused = |detail: &str| StorageError::invalid(format!("table `{path}`: {detail}"));
    if warehouse.is_local() {
        return Url::from_directory_path(format!("/{path}")).map_err(|()| refused("has no URL"));
    }
    let base = warehouse.url();
    let scheme = if matches!(base.scheme(), "http" | "https") { "store" } else { base.scheme() };
    let url = format!("{scheme}://{}/{path}/", base.host_str().unwrap_or_default());
    Url::parse(&url).map_err(|error| refused(&error.to_string()))
}

#[cfg(test)]
mod tests;
