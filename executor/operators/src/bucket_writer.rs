//! Writes sorted rows as files of one bucket each, for a feature group or for rows on their way between tasks, and gives
//! back what a commit or the next job needs.

use arrow::{
    array::AsArray,
    datatypes::{SchemaRef, UInt32Type},
};
use datafusion::{
    common::Result,
    execution::{SendableRecordBatchStream, memory_pool::MemoryLimit},
    physical_expr::LexOrdering,
};
use futures::StreamExt;
use mangonel_proto::names::RunId;
use mangonel_storage::{
    hash::HASH_VERSION,
    table::{BucketFileOptions, BucketFileWriter, LayoutTags},
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

/// Files out of rows sorted by bucket, then by `sorted_by`, then by `ties`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BucketWriterExec {
    pub run_id: String,
    /// Folder of the warehouse.
    pub location: String,
    /// What files promise to be sorted by: the columns that buckets are hashed from, and an event time.
    pub sorted_by: Vec<String>,
    /// What decides between rows that are equal in `sorted_by`.
    pub ties: Vec<String>,
    pub buckets: u32,
}

impl BucketWriterExec {
    /// Order that rows are written in.
    pub fn order(&self) -> Vec<String> {
        let mut order = vec![BUCKET.to_owned()];
        order.extend(self.sorted_by.iter().chain(&self.ties).cloned());
        order
    }

    fn layout(&self, bucket: u32) -> LayoutTags {
        LayoutTags {
            hash_version: Some(HASH_VERSION),
            buckets: Some(self.buckets),
            bucket: Some(bucket),
            sorted_by: self.sorted_by.clone(),
            run_id: Some(self.run_id.clone()),
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
        ascending(&inputs[0], &self.order()).map(Some)
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
            let mut open: Option<(u32, BucketFileWriter)> = None;
            while let Some(batch) = input.next().await.transpose()? {
                task.check_cancelled()?;
                let buckets = batch.column(batch.schema_ref().index_of(BUCKET)?).as_primitive::<UInt32Type>().clone();
                let mut row = 0;
                while row < batch.num_rows() {
                    let bucket = buckets.value(row);
                    let end = buckets.values().partition_point(|other| *other <= bucket);
                    let mut writer = match open.take() {
                        Some((current, writer)) if current == bucket => writer,
                        previous => {
                            if let Some((_, writer)) = previous {
                                report(writer, &task, &output).await?;
                            }
                            let options =
                                BucketFileOptions::new(run_id.clone(), spec.layout(bucket)).for_memory(memory);
                            BucketFileWriter::try_new(&warehouse, &spec.location, &stored, options)
                                .map_err(from_storage)?
                        }
                    };
                    writer.write(&batch.slice(row, end - row)).await.map_err(from_storage)?;
                    open = Some((bucket, writer));
                    row = end;
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
