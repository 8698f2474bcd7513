//! Tables pinned for a run: id, version and file list with sizes, so that what is read does not change under it.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::common::ScalarValue;
use mangonel_operators::{
    columns::DIGEST,
    error::to_wire,
    scan::{FileColumns, ScannedFile},
};
use mangonel_planner::explain::Pin;
use mangonel_proto::{Error, Result, v1};
use mangonel_storage::{
    hash::hash_range_of,
    table::{ColumnStats, TableFile, TableSnapshot, open_table, partition_value, utc, version_at},
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
    /// Features that are values of files, in order; the others are in the files.
    pub partition_by: Vec<String>,
    pub files: Vec<ScannedFile>,
    /// What the log knows of the columns of each file, in the order of `files`.
    pub statistics: Arc<Vec<FileStatistics>>,
    pub rows: u64,
    /// Nulls of each column, as the log counts them; columns that some file was not counted for are left out.
    pub nulls: BTreeMap<String, u64>,
    /// Smallest bucket count of its files; `None` when a file is not bucketed.
    pub buckets: Option<u32>,
}

/// What the log knows of one file.
#[derive(Clone, Debug)]
pub(crate) struct FileStatistics {
    /// `None` when another engine wrote the file without counting.
    pub rows: Option<u64>,
    /// By column; partition columns are not among them.
    pub columns: BTreeMap<String, ColumnStats>,
    /// Table version that added the file.
    pub added: i64,
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

/// Which version of a table is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    Latest,
    Version(i64),
    /// What was there at this time, in milliseconds since 1970 UTC.
    At(i64),
}

impl Moment {
    /// As requests say it: 0 is now.
    pub(crate) fn as_of(ms: i64) -> Self {
        if ms == 0 { Self::Latest } else { Self::At(ms) }
    }

    /// The error about what was not there, with the time that it is said of.
    pub(crate) fn about(self, mut error: Error) -> Error {
        if let Self::At(ms) = self {
            error.message = format!("as of {}: {}", utc(ms), error.message);
        }
        error
    }

    /// Whether a group was there.
    pub(crate) fn knows(self, group: &v1::FeatureGroup) -> bool {
        !matches!(self, Self::At(ms) if group.created_ms > ms)
    }
}

/// Pins the table of `group`.
///
/// # Errors
/// `not_found` when the table or that version is gone.
pub(crate) async fn pin(warehouse: &Warehouse, group: &v1::FeatureGroup, moment: Moment) -> Result<PinnedTable> {
    let version = match moment {
        Moment::Latest => None,
        Moment::Version(version) => Some(version),
        Moment::At(ms) => Some(version_at(warehouse, &group.location, ms).await?),
    };
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
    let schema = as_of_then(&arrow_schema(&group.features)?, &snapshot.schema);
    let partition = partition_fields(&schema, &group.partition_by)?;
    let files = snapshot.files.iter().map(|file| scanned(file, &partition)).collect::<Result<_>>()?;
    let buckets = snapshot.files.iter().map(|file| file.tags.buckets).min().flatten();
    let nulls = group
        .features
        .iter()
        .filter_map(|feature| Some((feature.name.clone(), nulls(&snapshot, &feature.name)?)))
        .collect();
    let rows = snapshot.files.iter().filter_map(|file| file.rows).sum();
    let statistics = snapshot.files.into_iter().map(|file| FileStatistics {
        rows: file.rows,
        columns: file.stats,
        added: file.tags.commit.unwrap_or_default(),
    });
    Ok(PinnedTable {
        table: mangonel_planner::table_name(group),
        table_id: snapshot.table_id.clone(),
        version: snapshot.version,
        schema,
        primary_key: group.primary_key.clone(),
        partition_by: group.partition_by.clone(),
        files,
        rows,
        nulls,
        statistics: Arc::new(statistics.collect()),
        buckets,
    })
}

impl PinnedTable {
    /// Columns that scans of the files may ask for.
    ///
    /// # Errors
    /// `internal` for a partition column that is no feature.
    pub(crate) fn file_columns(&self) -> Result<FileColumns> {
        let mut stored: Vec<_> = self.schema.fields().iter().cloned().collect();
        stored.retain(|field| !self.partition_by.contains(field.name()));
        stored.push(Arc::new(Field::new(DIGEST, DataType::FixedSizeBinary(16), true)));
        Ok(FileColumns {
            stored: Arc::new(Schema::new(stored)),
            partition: partition_fields(&self.schema, &self.partition_by)?,
        })
    }

    /// The same table read with wider integers than it has.
    ///
    /// # Errors
    /// `internal` for columns that it lacks or that are not wider.
    pub(crate) fn widened(mut self, columns: SchemaRef) -> Result<Self> {
        let partition = partition_fields(&columns, &self.partition_by)?;
        for file in &mut self.files {
            for (value, field) in file.partition.iter_mut().zip(&partition) {
                *value = value.cast_to(field.data_type()).map_err(|error| to_wire(&error))?;
            }
        }
        Ok(Self { schema: columns, ..self })
    }

    /// How many partitions have files.
    pub(crate) fn partitions(&self) -> usize {
        self.files.iter().map(|file| &file.partition).collect::<HashSet<_>>().len()
    }

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

/// `features` with the narrower integers that a version from before a change of types has.
fn as_of_then(features: &SchemaRef, stored: &Schema) -> SchemaRef {
    let field = |field: &FieldRef| {
        let then = stored.field_with_name(field.name()).map(Field::data_type);
        match (then, field.data_type()) {
            (Ok(then), now) if then.is_signed_integer() && now.is_signed_integer() && then != now => {
                Arc::new(field.as_ref().clone().with_data_type(then.clone()))
            }
            _ => Arc::clone(field),
        }
    };
    Arc::new(Schema::new(features.fields().iter().map(field).collect::<Vec<_>>()))
}

/// Nulls of a column in all files. A file without the column (it is younger) holds nulls only.
fn nulls(snapshot: &TableSnapshot, column: &str) -> Option<u64> {
    let nulls = |file: &TableFile| match file.partition_values.get(column) {
        Some(Some(_)) => Some(0),
        Some(None) => file.rows,
        None => file.stats.get(column)?.null_count,
    };
    snapshot.files.iter().map(nulls).sum()
}

fn partition_fields(schema: &Schema, partition_by: &[String]) -> Result<Vec<FieldRef>> {
    let field = |name: &String| {
        let found = schema.fields().iter().find(|field| field.name() == name);
        found.cloned().ok_or_else(|| Error::internal(format!("partition column `{name}` is no feature")))
    };
    partition_by.iter().map(field).collect()
}

fn scanned(file: &TableFile, partition: &[FieldRef]) -> Result<ScannedFile> {
    let hashes = match (file.tags.buckets, file.tags.bucket) {
        (Some(buckets), Some(bucket)) => hash_range_of(bucket, buckets),
        _ => (0, u64::MAX),
    };
    let value = |field: &FieldRef| {
        let text = file.partition_values.get(field.name()).and_then(Option::as_deref);
        let value = partition_value(field.name(), text, field.data_type())?;
        ScalarValue::try_from_array(&value, 0).map_err(|error| to_wire(&error))
    };
    Ok(ScannedFile {
        path: file.path.clone(),
        bytes: file.size,
        hashes,
        // Rows that a compaction took together say themselves which commit they are of.
        commit: if file.tags.merged { None } else { Some(file.tags.commit.unwrap_or(0)) },
        partition: partition.iter().map(value).collect::<Result<_>>()?,
    })
}
