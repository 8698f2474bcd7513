//! The plan of an insert: staged parts are read, made to fit the group, sorted, and written as files of buckets.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, SchemaRef};
use datafusion::{
    common::{Result, ScalarValue},
    datasource::{
        listing::PartitionedFile,
        physical_plan::{ArrowSource, FileGroup, FileScanConfigBuilder},
        source::DataSourceExec,
        table_schema::TableSchema,
    },
    physical_plan::{ExecutionPlan, sorts::sort::SortExec, union::UnionExec},
};
use mangonel_proto::{names::RunId, v1::Feature};
use mangonel_storage::{
    error::{Result as StorageResult, StorageError},
    warehouse::Warehouse,
};
use object_store::ObjectStoreExt;
use serde::{Deserialize, Serialize};

use crate::{
    bucket_writer::BucketWriterExec,
    columns::{DIGEST, ORIGIN},
    conform::ConformExec,
    layer_merge::ascending,
    operator::OperatorExec,
    scan::spread,
    session::warehouse_url,
};

/// How text is read by the types of features.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextRules {
    /// Texts that mean null.
    pub nulls: Vec<String>,
}

/// One staged file of a part: an Arrow IPC file in the warehouse.
#[derive(Clone, Debug)]
pub struct StagedPart {
    pub path: String,
    pub bytes: u64,
    pub schema: SchemaRef,
    pub text: Option<TextRules>,
    pub origin: Origin,
}

/// Where the rows of a staged file come from, for errors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// What the client calls it; empty for rows that are in no file.
    pub name: String,
    /// Rows of the same part before those of this file.
    pub rows_before: u64,
}

/// Everything that an insert's job is made of.
#[derive(Clone, Debug)]
pub struct InsertPlan {
    pub run_id: RunId,
    pub location: String,
    pub features: Vec<Feature>,
    pub primary_key: Vec<String>,
    pub event_time: Option<String>,
    pub partition_by: Vec<String>,
    pub buckets: u32,
    pub parts: Vec<StagedPart>,
    /// Tasks at most. Each makes one sorted layer of every bucket.
    pub tasks: usize,
}

impl InsertPlan {
    /// The leaf job; `None` when there are no parts.
    ///
    /// # Errors
    /// When the features have no stored type.
    pub fn plan(&self) -> Result<Option<Arc<dyn ExecutionPlan>>> {
        let mut scans: Vec<Arc<dyn ExecutionPlan>> = Vec::new();
        // Parts of one schema are scanned together; clients of one insert usually agree.
        let mut rest: Vec<&StagedPart> = self.parts.iter().collect();
        while let Some(first) = rest.first().copied() {
            let alike = |part: &&StagedPart| part.schema.fields() == first.schema.fields() && part.text == first.text;
            let (same, other) = rest.into_iter().partition(alike);
            scans.push(self.conformed(first, same)?);
            rest = other;
        }
        let input = match <[_; 1]>::try_from(scans) {
            Ok([only]) => only,
            Err(scans) if scans.is_empty() => return Ok(None),
            Err(scans) => UnionExec::try_new(scans)?,
        };
        let writer = BucketWriterExec {
            run_id: self.run_id.to_string(),
            location: self.location.clone(),
            partition_by: self.partition_by.clone(),
            sorted_by: self.sorted_by(),
            ties: vec![DIGEST.to_owned()],
            buckets: self.buckets,
            taken_over: false,
        };
        let order = ascending(&input.schema(), &writer.order())?;
        let sorted = SortExec::new(order, input).with_preserve_partitioning(true);
        OperatorExec::plan(writer, vec![Arc::new(sorted)]).map(Some)
    }

    /// Entity key and event time.
    fn sorted_by(&self) -> Vec<String> {
        let mut order = self.primary_key.clone();
        // An event time that is part of the key need not be sorted by twice.
        order.extend(self.event_time.iter().filter(|name| !self.primary_key.contains(name)).cloned());
        order
    }

    fn conformed(&self, first: &StagedPart, parts: Vec<&StagedPart>) -> Result<Arc<dyn ExecutionPlan>> {
        let origins = parts.iter().map(|part| part.origin.clone()).collect();
        let files = |parts: Vec<(usize, &StagedPart)>| {
            let file = |(index, part): (usize, &StagedPart)| {
                let origin = ScalarValue::Int32(i32::try_from(index).ok());
                PartitionedFile::new(part.path.clone(), part.bytes).with_partition_values(vec![origin])
            };
            FileGroup::new(parts.into_iter().map(file).collect())
        };
        let parts = parts.into_iter().enumerate().collect();
        let groups = spread(parts, self.tasks, |(_, part)| part.bytes).into_iter().map(files).collect();
        let schema = Arc::new(first.schema.as_ref().clone().with_metadata(Default::default()));
        // Which of the origins a batch is of is a value of its file.
        let origin = Arc::new(Field::new(ORIGIN, DataType::Int32, true));
        let table = TableSchema::builder(schema).with_table_partition_cols(vec![origin]).build();
        let source = ArrowSource::new_file_source(table);
        let scan = FileScanConfigBuilder::new(warehouse_url()?, Arc::new(source)).with_file_groups(groups).build();
        let conform = ConformExec {
            features: self.features.clone(),
            primary_key: self.primary_key.clone(),
            event_time: self.event_time.clone(),
            buckets: self.buckets,
            text: first.text.clone(),
            origins,
        };
        OperatorExec::plan(conform, vec![DataSourceExec::from_data_source(scan)])
    }
}

/// Schema of a staged part.
///
/// # Errors
/// [`StorageError::NotFound`] when the part is gone, [`StorageError::Corrupt`] when it is no Arrow file.
pub async fn staged_schema(warehouse: &Warehouse, path: &str) -> StorageResult<SchemaRef> {
    // Parts are as large as clients like; only the footer is wanted.
    let size = warehouse.size(path).await?;
    let missing = || StorageError::NotFound { what: format!("staged part `{path}`") };
    let size = size.ok_or_else(missing)?;
    let damaged = |detail: String| StorageError::Corrupt { what: format!("staged part `{path}`"), detail };
    let location = object_store::path::Path::from(path);
    let read = |range: std::ops::Range<u64>| {
        let (store, location) = (warehouse.store(), location.clone());
        async move {
            let read = store.get_range(&location, range).await;
            read.map_err(StorageError::object_store(format!("reading staged part `{location}`")))
        }
    };
    let tail = read(size.saturating_sub(10)..size).await?;
    let length = tail.first_chunk::<4>().map_or(0, |bytes| u64::from(u32::from_le_bytes(*bytes)));
    if length == 0 || length + 10 > size {
        return Err(damaged("it has no footer".into()));
    }
    let footer = read(size - 10 - length..size - 10).await?;
    let footer = arrow::ipc::root_as_footer(&footer).map_err(|error| damaged(error.to_string()))?;
    let schema = footer.schema().ok_or_else(|| damaged("it has no schema".into()))?;
    Ok(Arc::new(arrow::ipc::convert::fb_to_schema(schema)))
}
