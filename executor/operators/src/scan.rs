//! Scans of pinned files: plain `DataSourceExec`s over Parquet, one partition per lane, one layer per sorted run.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use datafusion::{
    common::{Result, ScalarValue},
    datasource::{
        listing::PartitionedFile,
        physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource},
        source::DataSourceExec,
        table_schema::TableSchema,
    },
    physical_plan::{ExecutionPlan, sorts::sort::SortExec},
};
use object_store::path::Path;

use crate::{
    columns::{COMMIT, DIGEST, LANE},
    lane_filter::LaneFilterExec,
    latest::LatestExec,
    layer_merge::{LayerMergeExec, ascending},
    operator::OperatorExec,
    session::warehouse_url,
};

/// One file of a feature group, as pinned for a run.
#[derive(Clone, Debug)]
pub struct ScannedFile {
    /// Path in the warehouse.
    pub path: String,
    pub bytes: u64,
    /// Hashes that its rows may have, both ends included: its bucket's range, or everything.
    pub hashes: (u64, u64),
    /// Table version that committed its rows; `None` where each row says so in the column [`COMMIT`] of the file.
    pub commit: Option<i64>,
    /// Values of the partition columns, in their order.
    pub partition: Vec<ScalarValue>,
}

impl ScannedFile {
    fn partitioned(&self, values: Vec<ScalarValue>) -> PartitionedFile {
        // Taken as it is: a folder of a partition may hold `%`, which would be escaped once more.
        let location = Path::parse(&self.path).unwrap_or_else(|_| Path::from(self.path.as_str()));
        let mut file = PartitionedFile::new("", self.bytes).with_partition_values(values);
        file.object_meta.location = location;
        file
    }
}

/// Columns of scanned files.
#[derive(Clone, Debug)]
pub struct FileColumns {
    /// What is in the files and ours to read: features and internal columns.
    pub stored: SchemaRef,
    /// What is a value of each file instead.
    pub partition: Vec<FieldRef>,
}

impl FileColumns {
    /// Of files that are not partitioned.
    pub fn stored(stored: SchemaRef) -> Self {
        Self { stored, partition: Vec::new() }
    }

    /// The same with one more column of ours in the files.
    #[must_use]
    pub fn with_stored(&self, name: &str, data_type: DataType) -> Self {
        let mut fields: Vec<_> = self.stored.fields().iter().cloned().collect();
        fields.push(Arc::new(Field::new(name, data_type, true)));
        Self { stored: Arc::new(Schema::new(fields)), partition: self.partition.clone() }
    }

    /// All of them, those of the files first.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(self.table(Vec::new()).table_schema())
    }

    /// As a scan sees them, with values of our own behind those of the partition.
    fn table(&self, more: Vec<FieldRef>) -> TableSchema {
        let partition = self.partition.iter().cloned().chain(more).collect::<Vec<_>>();
        TableSchema::builder(Arc::clone(&self.stored)).with_table_partition_cols(partition).build()
    }
}

/// Sorted files of one lane that are merged as streams. More than these are sorted anew, with spill: each open file
/// costs memory.
pub const MERGED_LAYERS_MAX: usize = 64;

/// Order of rows that feature groups hold of one key and event time. The digest first: how rows were split into inserts
/// must not show in their order.
pub const GROUP_TIES: [&str; 2] = [DIGEST, COMMIT];

/// Files to be read lane by lane, each lane sorted by key: a feature group, or rows that a route job has laid out.
#[derive(Clone, Debug)]
pub struct LaneScan {
    pub file_columns: FileColumns,
    pub files: Vec<ScannedFile>,
    pub keys: Vec<String>,
    pub event_time: Option<String>,
    /// What files are sorted by beyond keys and event time. Read only where files of one lane have to be merged.
    pub ties: Vec<String>,
    /// Columns to come out, keys and event time included; [`LANE`] too where it is wanted.
    pub columns: Vec<String>,
    /// First hash of every lane.
    pub lane_starts: Vec<u64>,
    /// Keep the latest row per key only.
    pub latest: bool,
    /// Every lane reads every row, for a broadcast.
    pub everywhere: bool,
}

impl LaneScan {
    /// The plan: per layer a scan (and a filter where a file crosses lanes), merged, and the latest row kept.
    ///
    /// # Errors
    /// When the files lack a column.
    pub fn plan(&self) -> Result<Arc<dyn ExecutionPlan>> {
        // Files that hold commits are scanned apart from those that are of one.
        let (merged, plain) = self.files.iter().partition(|file| file.commit.is_none());
        let mut layers = self.layers(plain);
        let plain_layers = layers.len();
        layers.extend(self.layers(merged));
        if layers.is_empty() {
            // An empty group still has a plan.
            layers.push(vec![None; self.lane_starts.len()]);
        }
        let mut columns = self.columns.clone();
        // One sorted file per lane needs no help to be in order; several are ordered by ties as well. Where its rows are of
        // several commits these decide which is the latest.
        if layers.len() > 1 || (self.latest && plain_layers == 0 && !self.files.is_empty()) {
            columns.extend(self.ties.iter().filter(|name| !self.columns.contains(name)).cloned());
        }
        let mut order = self.sorted_by();
        order.extend(self.ties.iter().cloned());
        let mut plan = if layers.len() > MERGED_LAYERS_MAX {
            let merged = layers.split_off(plain_layers.min(layers.len()));
            let mut scans = Vec::new();
            for (layers, has_commits) in [(layers, false), (merged, true)] {
                if layers.is_empty() {
                    continue;
                }
                let mut groups: Vec<Vec<Listed>> = vec![Vec::new(); self.lane_starts.len()];
                for (lane, listed) in layers.into_iter().flat_map(|layer| layer.into_iter().enumerate()) {
                    groups[lane].extend(listed);
                }
                let scan = self.scan_of(groups, &columns, has_commits, false)?;
                let order = ascending(&scan.schema(), &order)?;
                scans.push(
                    Arc::new(SortExec::new(order, scan).with_preserve_partitioning(true)) as Arc<dyn ExecutionPlan>
                );
            }
            OperatorExec::plan(LayerMergeExec { order, of_sorts: true }, scans)?
        } else {
            let scans = layers.into_iter().enumerate().map(|(index, layer)| {
                let groups = layer.into_iter().map(|listed| listed.into_iter().collect()).collect();
                self.scan_of(groups, &columns, index >= plain_layers && !self.files.is_empty(), true)
            });
            match <[_; 1]>::try_from(scans.collect::<Result<Vec<_>>>()?) {
                Ok([only]) => only,
                Err(scans) => OperatorExec::plan(LayerMergeExec { order, of_sorts: false }, scans)?,
            }
        };
        if let (true, Some(event_time)) = (self.latest, &self.event_time) {
            plan =
                OperatorExec::plan(LatestExec { keys: self.keys.clone(), event_time: event_time.clone() }, vec![plan])?;
        }
        Ok(plan)
    }

    /// How many sorted runs the fullest lane has.
    pub fn layer_count(&self) -> usize {
        self.layers(self.files.iter().collect()).len().max(1)
    }

    /// `layers[i][lane]`: the i-th of `files` in each lane.
    fn layers(&self, files: Vec<&ScannedFile>) -> Vec<Vec<Option<Listed>>> {
        let lanes = self.lane_starts.len();
        let mut layers: Vec<Vec<Option<Listed>>> = Vec::new();
        for lane in 0..lanes {
            let first = self.lane_starts[lane];
            let last = self.lane_starts.get(lane + 1).map_or(u64::MAX, |next| next - 1);
            let (first, last) = if self.everywhere { (0, u64::MAX) } else { (first, last) };
            let inside = files.iter().filter(|file| file.hashes.0 <= last && file.hashes.1 >= first);
            for (layer, file) in inside.copied().enumerate() {
                if layers.len() == layer {
                    layers.push(vec![None; lanes]);
                }
                let whole = file.hashes.0 >= first && file.hashes.1 <= last;
                layers[layer][lane] = Some(Listed { file: file.clone(), lane, whole });
            }
        }
        layers
    }

    /// Keys and event time: what every file is sorted by.
    fn sorted_by(&self) -> Vec<String> {
        let mut columns = self.keys.clone();
        columns.extend(self.event_time.iter().filter(|name| !self.keys.contains(name)).cloned());
        columns
    }

    /// Scans one group of files per lane. `has_commits`: the rows say which commit they are of. `sorted`: each group is one
    /// sorted run.
    fn scan_of(
        &self,
        groups: Vec<Vec<Listed>>,
        columns: &[String],
        has_commits: bool,
        sorted: bool,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let filtered = groups.iter().flatten().any(|listed| !listed.whole);
        let groups = groups.iter().map(|files| FileGroup::new(files.iter().map(Listed::partitioned).collect()));
        let lane = Arc::new(Field::new(LANE, DataType::UInt32, false));
        let table = if has_commits {
            self.file_columns.with_stored(COMMIT, DataType::Int64).table(vec![lane])
        } else {
            self.file_columns.table(vec![lane, Arc::new(Field::new(COMMIT, DataType::Int64, true))])
        };
        let full: &Schema = table.table_schema();
        let mut names = columns.to_vec();
        let keep_lane = names.iter().any(|name| name == LANE);
        if filtered && !keep_lane {
            names.push(LANE.to_owned());
        }
        let projection = names.iter().map(|name| Ok(full.index_of(name)?)).collect::<Result<Vec<_>>>()?;
        let mut scan = FileScanConfigBuilder::new(warehouse_url()?, Arc::new(ParquetSource::new(table.clone())))
            .with_file_groups(groups.collect())
            .with_projection_indices(Some(projection))?;
        if sorted {
            // Declared, because it is what keeps files in their partitions after the plan was serialised.
            scan = scan.with_output_ordering(vec![ascending(table.table_schema(), &self.sorted_by())?]);
        }
        let plan: Arc<dyn ExecutionPlan> = DataSourceExec::from_data_source(scan.build());
        if !filtered {
            return Ok(plan);
        }
        let filter = LaneFilterExec { keys: self.keys.clone(), starts: self.lane_starts.clone(), keep_lane };
        OperatorExec::plan(filter, vec![plan])
    }
}

#[derive(Clone, Debug)]
struct Listed {
    file: ScannedFile,
    lane: usize,
    /// All rows of the file are in this lane.
    whole: bool,
}

impl Listed {
    fn partitioned(&self) -> PartitionedFile {
        let mut values = self.file.partition.clone();
        values.push(ScalarValue::UInt32(Some(self.lane as u32)));
        values.extend(self.file.commit.map(|commit| ScalarValue::Int64(Some(commit))));
        self.file.partitioned(values)
    }
}

/// Spreads items over at most `groups` groups of about equal bytes, in order within each.
pub fn spread<T>(items: Vec<T>, groups: usize, bytes: impl Fn(&T) -> u64) -> Vec<Vec<T>> {
    let groups = groups.clamp(1, items.len().max(1));
    let mut spread: Vec<(u64, Vec<T>)> = (0..groups).map(|_| (0, Vec::new())).collect();
    for item in items {
        if let Some(lightest) = spread.iter_mut().min_by_key(|(bytes, _)| *bytes) {
            lightest.0 += bytes(&item);
            lightest.1.push(item);
        }
    }
    spread.into_iter().map(|(_, items)| items).collect()
}

/// A scan of whole files, one partition per entry of `groups`, in no order: for counting and routing.
///
/// # Errors
/// When the files lack a column.
pub fn file_scan(
    file_columns: &FileColumns,
    groups: Vec<Vec<ScannedFile>>,
    columns: &[String],
) -> Result<Arc<dyn ExecutionPlan>> {
    Ok(DataSourceExec::from_data_source(file_scan_config(file_columns, groups, columns)?.build()))
}

/// [`file_scan`], to be told more of.
///
/// # Errors
/// When the files lack a column.
pub fn file_scan_config(
    file_columns: &FileColumns,
    groups: Vec<Vec<ScannedFile>>,
    columns: &[String],
) -> Result<FileScanConfigBuilder> {
    let table = file_columns.table(Vec::new());
    let full: &Schema = table.table_schema();
    let projection = columns.iter().map(|name| Ok(full.index_of(name)?)).collect::<Result<Vec<_>>>()?;
    let listed = |file: &ScannedFile| file.partitioned(file.partition.clone());
    let groups = groups.iter().map(|files| FileGroup::new(files.iter().map(listed).collect()));
    FileScanConfigBuilder::new(warehouse_url()?, Arc::new(ParquetSource::new(table)))
        .with_file_groups(groups.collect())
        .with_projection_indices(Some(projection))
}
