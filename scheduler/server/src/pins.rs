//! Tables pinned for a run: id, version and file list with sizes, so that what is read does not change under it.

use std::collections::BTreeMap;

use arrow::datatypes::SchemaRef;
use mangonel_operators::scan::ScannedFile;
use mangonel_planner::explain::Pin;
use mangonel_proto::{Error, Result, v1};
use mangonel_storage::{
    hash::hash_range_of,
    table::{TableFile, TableSnapshot, open_table},
    types::arrow_schema,
    warehouse::Warehouse,
};
use serde::{Deserialize, Serialize};

/// A feature group's table at one version, as a plan reads it.
#[derive(Clone, Debug)]
pub(crate) struct PinnedTable {
    pub table: String,
    pub table_id: String,
    pub version: i64,
    /// Features, as stored.
    pub schema: SchemaRef,
    pub primary_key: Vec<String>,
    pub files: Vec<ScannedFile>,
    pub rows: u64,
    /// Nulls of each column, as the log counts them; columns that some file was not counted for are left out.
    pub nulls: BTreeMap<String, u64>,
    /// Smallest bucket count of its files; `None` when a file is not bucketed.
    pub buckets: Option<u32>,
}

/// What the run record keeps of a pinned table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PinRecord {
    pub table: String,
    pub table_id: String,
    pub version: i64,
    pub rows: u64,
    /// Path and bytes of each file.
    pub files: Vec<(String, u64)>,
}

/// Pins the latest version of the table of `group`, or `version` where it is given (a resumed run).
///
/// # Errors
/// `not_found` when the table or that version is gone.
pub(crate) async fn pin(warehouse: &Warehouse, group: &v1::FeatureGroup, version: Option<i64>) -> Result<PinnedTable> {
    let table = open_table(warehouse, &group.location, version).await?;
    let snapshot: TableSnapshot = table.snapshot()?;
    if let Some(foreign) = snapshot.files.iter().find(|file| file.tags.sorted_by.is_empty()) {
        return Err(Error::invalid(format!(
            "`{}` holds the file `{}`, which another engine wrote: its rows are not sorted by the entity key. Insert \
             through Mangonel, or write the rows to a new version",
            mangonel_planner::table_name(group),
            foreign.path
        )));
    }
    let files = snapshot.files.iter().map(scanned).collect();
    let buckets = snapshot.files.iter().map(|file| file.tags.buckets).min().flatten();
    Ok(PinnedTable {
        table: mangonel_planner::table_name(group),
        table_id: snapshot.table_id.clone(),
        version: snapshot.version,
        schema: arrow_schema(&group.features)?,
        primary_key: group.primary_key.clone(),
        files,
        rows: snapshot.files.iter().filter_map(|file| file.rows).sum(),
        nulls: group
            .features
            .iter()
            .filter_map(|feature| Some((feature.name.clone(), nulls(&snapshot, &feature.name)?)))
            .collect(),
        buckets,
    })
}

impl PinnedTable {
    pub(crate) fn record(&self) -> PinRecord {
        PinRecord {
            table: self.table.clone(),
            table_id: self.table_id.clone(),
            version: self.version,
            rows: self.rows,
            files: self.files.iter().map(|file| (file.path.clone(), file.bytes)).collect(),
        }
    }

    pub(crate) fn pin(&self, group: usize) -> Pin {
        Pin {
            group,
            table_version: self.version,
            rows: self.rows,
            bytes: self.bytes(),
            files: self.files.len() as u32,
            buckets: self.buckets,
        }
    }
}

/// Nulls of a column in all files. A file without the column (it is younger) holds nulls only.
fn nulls(snapshot: &TableSnapshot, column: &str) -> Option<u64> {
    snapshot.files.iter().map(|file| file.stats.get(column)?.null_count).sum()
}

fn scanned(file: &TableFile) -> ScannedFile {
    let hashes = match (file.tags.buckets, file.tags.bucket) {
        (Some(buckets), Some(bucket)) => hash_range_of(bucket, buckets),
        _ => (0, u64::MAX),
    };
    ScannedFile { path: file.path.clone(), bytes: file.size, hashes, commit: file.tags.commit.unwrap_or(0) }
}
