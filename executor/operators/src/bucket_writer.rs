//! Writes sorted rows as files of a feature group, one bucket per file, and gives back what the table commit needs.

use arrow::{
    array::AsArray,
    datatypes::{SchemaRef, UInt32Type},
};
use datafusion::{common::Result, execution::SendableRecordBatchStream, physical_expr::LexOrdering};
use futures::StreamExt;
use mangonel_proto::{names::RunId, v1::Feature};
use mangonel_storage::{
    hash::HASH_VERSION,
    table::{BucketFileOptions, BucketFileWriter, LayoutTags},
    types::arrow_schema,
};
use serde::{Deserialize, Serialize};

use crate::{
    columns::{BUCKET, DIGEST},
    error::from_storage,
    layer_merge::ascending,
    operator::Operator,
    record::{TaskRecord, WrittenFile, record_batch, record_schema, worker},
    task::{Output, Task},
};

/// Files of a feature group out of rows sorted by bucket, entity key, event time and row digest.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BucketWriterExec {
    pub run_id: String,
    pub location: String,
    pub features: Vec<Feature>,
    pub primary_key: Vec<String>,
    pub event_time: Option<String>,
    pub buckets: u32,
}

impl BucketWriterExec {
    /// Entity key and event time.
    fn sorted_by(&self) -> Vec<String> {
        let mut order = self.primary_key.clone();
        // An event time that is part of the key need not be sorted by twice.
        order.extend(self.event_time.iter().filter(|name| !self.primary_key.contains(name)).cloned());
        order
    }

    /// Order that rows are written in.
    pub fn order(&self) -> Vec<String> {
        let mut order = vec![BUCKET.to_owned()];
        order.extend(self.sorted_by());
        order.push(DIGEST.to_owned());
        order
    }

    fn layout(&self, bucket: u32) -> LayoutTags {
        LayoutTags {
            hash_version: Some(HASH_VERSION),
            buckets: Some(self.buckets),
            bucket: Some(bucket),
            sorted_by: self.sorted_by(),
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
        let stored = arrow_schema(&self.features).map_err(from_storage)?;
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
                            let options = BucketFileOptions::new(run_id.clone(), spec.layout(bucket));
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
            Ok(())
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
