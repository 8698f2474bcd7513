//! A table at one version as plain values: what a run pins and a plan scans.

use std::collections::{BTreeMap, HashMap};

use arrow::datatypes::SchemaRef;
use deltalake_core::kernel::{Add, LogicalFileView};
use serde::{Deserialize, Serialize};

use super::{ColumnStats, LayoutTags, PartitionValues, Table, file_stats::read_stats};
use crate::error::{Result, StorageError};

/// The files of a table at one version.
#[derive(Clone, Debug)]
pub struct TableSnapshot {
    /// Id of the table; a recreated one at the same place has another.
    pub table_id: String,
    pub location: String,
    pub version: i64,
    /// Columns of the table, partition columns included.
    pub schema: SchemaRef,
    pub partition_columns: Vec<String>,
    /// Sorted by bucket and path.
    pub files: Vec<TableFile>,
}

/// One data file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableFile {
    /// Path in the warehouse.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Exact; `None` when another engine wrote the file without counting.
    pub rows: Option<u64>,
    /// By column.
    pub stats: BTreeMap<String, ColumnStats>,
    pub tags: LayoutTags,
    /// Texts of the partition columns, which are not in the file; `None` is null.
    pub partition_values: PartitionValues,
}

impl Table {
    /// The files of the loaded version.
    ///
    /// # Errors
    /// [`StorageError::Corrupt`] for tags or statistics that cannot be ours; [`StorageError::Unsupported`] for files that
    /// lie outside the table's folder.
    pub fn snapshot(&self) -> Result<TableSnapshot> {
        let state = self.state()?;
        let schema = state.snapshot().arrow_schema();
        let file = |view: LogicalFileView| {
            let add = logged(&view);
            let path = self.path_of(&add.path)?;
            let (rows, stats) = read_stats(&path, add.stats.as_deref(), &schema)?;
            let tags = tags_of(&path, add.tags.as_ref())?;
            let size = u64::try_from(add.size).map_err(|_| StorageError::Corrupt {
                what: format!("size of `{path}`"),
                detail: format!("it is {}", add.size),
            })?;
            let partition_values = add.partition_values.into_iter().collect();
            Ok(TableFile { path, size, rows, stats, tags, partition_values })
        };
        let mut files = state.log_data().iter().map(file).collect::<Result<Vec<_>>>()?;
        files.sort_by(|left, right| (left.tags.bucket, &left.path).cmp(&(right.tags.bucket, &right.path)));
        Ok(TableSnapshot {
            table_id: self.id()?,
            location: self.location().to_owned(),
            version: self.version()?,
            partition_columns: state.metadata().partition_columns().to_vec(),
            schema,
            files,
        })
    }

    pub(super) fn path_of(&self, path: &str) -> Result<String> {
        if path.contains("://") || path.starts_with('/') || path.split('/').any(|part| part == "..") {
            let detail = format!("its file `{path}` lies outside its folder");
            return Err(StorageError::Unsupported { what: format!("table `{}`", self.location()), detail });
        }
        Ok(format!("{}/{path}", self.location()))
    }
}

impl TableSnapshot {
    /// Rows of all files; `None` when one was not counted.
    pub fn rows(&self) -> Option<u64> {
        self.files.iter().map(|file| file.rows).sum()
    }
    /// Bytes of all files.
    pub fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }
}

/// The only way to the tags of a file: what the library offers otherwise leaves them out.
pub(crate) fn logged(view: &LogicalFileView) -> Add {
    #[allow(deprecated, reason = "the only public call of the library that gives tags back")]
    view.add_action()
}

fn tags_of(path: &str, tags: Option<&HashMap<String, Option<String>>>) -> Result<LayoutTags> {
    tags.map_or_else(|| Ok(LayoutTags::default()), |tags| LayoutTags::from_map(path, tags))
}
