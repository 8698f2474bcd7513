//! Writes sorted rows as files of one bucket and one partition each, for a feature group or for rows on their way between
//! tasks, and gives back what a commit or the next job needs.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, AsArray},
    compute::partition,
    datatypes::{SchemaRef, UInt32Type},
    record_batch::RecordBatch,
};
use datafusion::{
    common::Result,
    execution::{SendableRecordBatchStream, memory_pool::MemoryLimit},
    physical_expr::LexOrdering,
};
use futures::StreamExt;
use mangonel_proto::names::RunId;
use mangonel_storage::{
    error::StorageError,
    hash::HASH_VERSION,
    table::{BucketFileOptions, BucketFileWriter, LayoutTags, PartitionValues, partition_text},
};
use serde::{Deserialize, Serialize};

use crate::{
    columns::{BUCKET, feature_columns},
    error::from_storage,
    layer_merge::ascending,
    operator::Operator,
    record::{TaskRecord, WrittenFile, record_batch, record_schema, worker},
    task::{Output, Task},
};

/// Most partitions of one bucket that a task writes: each is a file of its own.
const PARTITIONS_MAX: usize = 4096;

/// Files out of rows sorted by bucket, then by `partition_by`, then by `sorted_by`, then by `ties`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BucketWriterExec {
    pub run_id: String,
    /// Folder of the warehouse.
    pub location: String,
    /// Columns whose values are those of files, and are not in them.
    #[serde(default)]
    pub partition_by: Vec<String>,
    /// What files promise to be sorted by: the columns that buckets are hashed from, and an event time.
    pub sorted_by: Vec<String>,
    /// What decides between rows that are equal in `sorted_by`.
    pub ties: Vec<String>,
    pub buckets: u32,
    /// The rows are those of other files and say themselves by which run and commit they came. Each task has those of one
    /// bucket and one partition.
    #[serde(default)]
    pub taken_over: bool,
}

/// Where rows go.
#[derive(PartialEq, Eq)]
struct Place {
    bucket: u32,
    partition: PartitionValues,
}

impl BucketWriterExec {
    /// Order that rows are written in.
    pub fn order(&self) -> Vec<String> {
        let mut order = vec![BUCKET.to_owned()];
        let columns = self.partition_by.iter().chain(&self.sorted_by).chain(&self.ties);
        order.extend(columns.cloned());
        order
    }

    /// Columns that say where a row goes: bucket, then partition.
    fn place_columns(&self, batch: &RecordBatch) -> Result<Vec<ArrayRef>> {
        let names = std::iter::once(BUCKET).chain(self.partition_by.iter().map(String::as_str));
        names.map(|name| Ok(Arc::clone(batch.column(batch.schema_ref().index_of(name)?)))).collect()
    }

    fn place(&self, columns: &[ArrayRef], row: usize) -> std::result::Result<Place, StorageError> {
        let values = self.partition_by.iter().zip(&columns[1..]);
        let partition = values.map(|(name, values)| Ok((name.clone(), partition_text(name, values, row)?)));
        Ok(Place {
            bucket: columns[0].as_primitive::<UInt32Type>().value(row),
            partition: partition.collect::<std::result::Result<_, StorageError>>()?,
        })
    }

    fn too_many_partitions(&self) -> StorageError {
        StorageError::invalid(format!(
            "the rows have more than {PARTITIONS_MAX} combinations of the partition columns {}: each would be files of its \
             own. Partition by something with fewer values, such as the month instead of the second",
            self.partition_by.join(", ")
        ))
    }

    fn layout(&self, bucket: u32) -> LayoutTags {
        LayoutTags {
            hash_version: Some(HASH_VERSION),
            buckets: Some(self.buckets),
            bucket: Some(bucket),
            sorted_by: self.sorted_by.clone(),
            run_id: Some(self.run_id.clone()),
            merged: self.taken_over,
            ..Default::default()
        }
    }
}

impl Operator for BucketWriterExec {
    const NAME: &'static str = "BucketWriterExec";

    fn output_schema(&self, _inputs: &[SchemaRef]) -> Result<SchemaRef> {
        Ok(record_schema())
    }

    fn required_order(&self, inputs: &[SchemaRef]) -> Result<Option<LexOrdering>> {
        // Rows that are taken over come from files in order.
        if self.taken_over { Ok(None) } else { ascending(&inputs[0], &self.order()).map(Some) }
    }

    fn start(&self, mut inputs: Vec<SendableRecordBatchStream>, task: Task) -> Result<SendableRecordBatchStream> {
        let mut input = inputs.remove(0);
        let spec = self.clone();
        let warehouse = task.warehouse()?;
        let stored = feature_columns(&input.schema());
        let memory = match task.context.memory_pool().memory_limit() {
            MemoryLimit::Finite(bytes) => bytes,
            _ => usize::MAX,
        };
        let run_id = RunId::parse(&self.run_id).map_err(|error| from_storage(error.into()))?;
        Ok(task.spawn(async move |task, output| {
            let mut open: Option<(Place, BucketFileWriter)> = None;
            let mut partitions_of_bucket = 0;
            while let Some(batch) = input.next().await.transpose()? {
                task.check_cancelled()?;
                if spec.taken_over {
                    task.pulse.add_rows(batch.num_rows());
                }
                let places = spec.place_columns(&batch)?;
                for rows in partition(&places)?.ranges() {
                    let place = spec.place(&places, rows.start).map_err(from_storage)?;
                    let mut writer = match open.take() {
                        Some((current, writer)) if current == place => writer,
                        previous => {
                            let same_bucket =
                                previous.as_ref().is_some_and(|(before, _)| before.bucket == place.bucket);
                            partitions_of_bucket = if same_bucket { partitions_of_bucket + 1 } else { 1 };
                            if partitions_of_bucket > PARTITIONS_MAX {
                                return Err(from_storage(spec.too_many_partitions()));
                            }
                            if let Some((_, writer)) = previous {
                                report(writer, &task, &output).await?;
                            }
                            let options = BucketFileOptions::new(run_id.clone(), spec.layout(place.bucket))
                                .in_partition(&spec.partition_by, place.partition.clone());
                            BucketFileWriter::try_new(&warehouse, &spec.location, &stored, options.for_memory(memory))
                                .map_err(from_storage)?
                        }
                    };
                    writer.write(&batch.slice(rows.start, rows.len())).await.map_err(from_storage)?;
                    open = Some((place, writer));
                }
            }
            if let Some((_, writer)) = open {
                report(writer, &task, &output).await?;
            }
            output.done(&task).await
        }))
    }
}

/// Ends the files of a bucket and sends one record for each.
async fn report(writer: BucketFileWriter, task: &Task, output: &Output) -> Result<()> {
    for file in writer.finish().await.map_err(from_storage)? {
        output.send(record_batch(&TaskRecord::File(WrittenFile { file, task: task.id(), worker: worker() }))?).await;
    }
    Ok(())
}
