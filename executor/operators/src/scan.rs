//! Scans of pinned files: plain `DataSourceExec`s over Parquet, one partition per lane, one layer per sorted run.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
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
    /// Table version that committed it.
    pub commit: i64,
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
    /// Columns of the files that are ours to read (features and internal columns).
    pub file_schema: SchemaRef,
    pub files: Vec<ScannedFile>,
    pub keys: Vec<String>,
    pub event_time: Option<String>,
    /// What files are sorted by beyond keys and event time. Read only where files of one lane have to be merged.
    pub ties: Vec<String>,
    /// Columns to come out, keys and event time included.
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
        let layers = self.layers();
        let mut columns = self.columns.clone();
        // One sorted file per lane needs no help to be in order; several are ordered by ties as well.
        if layers.len() > 1 {
            columns.extend(self.ties.iter().filter(|name| !self.columns.contains(name)).cloned());
        }
        let mut order = self.sorted_by();
        order.extend(self.ties.iter().cloned());
        let mut plan = if layers.len() > MERGED_LAYERS_MAX {
            let mut groups: Vec<Vec<Listed>> = vec![Vec::new(); self.lane_starts.len()];
            for (lane, listed) in layers.into_iter().flat_map(|layer| layer.into_iter().enumerate()) {
                groups[lane].extend(listed);
            }
            let scan = self.scan_of(groups, &columns, false)?;
            let order = ascending(&scan.schema(), &order)?;
            Arc::new(SortExec::new(order, scan).with_preserve_partitioning(true))
        } else {
            let scans = layers.into_iter().map(|layer| {
                let groups = layer.into_iter().map(|listed| listed.into_iter().collect()).collect();
                self.scan_of(groups, &columns, true)
            });
            match <[_; 1]>::try_from(scans.collect::<Result<Vec<_>>>()?) {
                Ok([only]) => only,
                Err(scans) => OperatorExec::plan(LayerMergeExec { order }, scans)?,
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
        self.layers().len()
    }

    /// `layers[i][lane]`: the i-th file of each lane. At least one layer, so that an empty group still has a plan.
    fn layers(&self) -> Vec<Vec<Option<Listed>>> {
        let lanes = self.lane_starts.len();
        let mut layers: Vec<Vec<Option<Listed>>> = vec![vec![None; lanes]];
        for lane in 0..lanes {
            let first = self.lane_starts[lane];
            let last = self.lane_starts.get(lane + 1).map_or(u64::MAX, |next| next - 1);
            let (first, last) = if self.everywhere { (0, u64::MAX) } else { (first, last) };
            let inside = self.files.iter().filter(|file| file.hashes.0 <= last && file.hashes.1 >= first);
            for (layer, file) in inside.enumerate() {
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

    /// Scans one group of files per lane. `sorted`: each group is one sorted run.
    fn scan_of(&self, groups: Vec<Vec<Listed>>, columns: &[String], sorted: bool) -> Result<Arc<dyn ExecutionPlan>> {
        let filtered = groups.iter().flatten().any(|listed| !listed.whole);
        let groups = groups.iter().map(|files| FileGroup::new(files.iter().map(Listed::partitioned).collect()));
        let partition_columns = vec![
            Arc::new(Field::new(LANE, DataType::UInt32, false)),
            Arc::new(Field::new(COMMIT, DataType::Int64, false)),
        ];
        let table =
            TableSchema::builder(Arc::clone(&self.file_schema)).with_table_partition_cols(partition_columns).build();
        let full: &Schema = table.table_schema();
        let mut names = columns.to_vec();
        if filtered {
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
        OperatorExec::plan(LaneFilterExec { keys: self.keys.clone(), starts: self.lane_starts.clone() }, vec![plan])
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
        PartitionedFile::new(self.file.path.clone(), self.file.bytes).with_partition_values(vec![
            ScalarValue::UInt32(Some(self.lane as u32)),
            ScalarValue::Int64(Some(self.file.commit)),
        ])
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
    file_schema: &SchemaRef,
    groups: Vec<Vec<ScannedFile>>,
    columns: &[String],
) -> Result<Arc<dyn ExecutionPlan>> {
    let projection = columns.iter().map(|name| Ok(file_schema.index_of(name)?)).collect::<Result<Vec<_>>>()?;
    let source = ParquetSource::new(TableSchema::from(Arc::clone(file_schema)));
    let groups = groups.into_iter().map(|files| {
        FileGroup::new(files.into_iter().map(|file| PartitionedFile::new(file.path, file.bytes)).collect())
    });
    let scan = FileScanConfigBuilder::new(warehouse_url()?, Arc::new(source))
        .with_file_groups(groups.collect())
        .with_projection_indices(Some(projection))?
        .build();
    Ok(DataSourceExec::from_data_source(scan))
}
