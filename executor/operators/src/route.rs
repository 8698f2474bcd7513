//! Says where rows go that must meet others: the bucket of each row by the hash of any columns, not only of its entity key.
//! Sorted and written by bucket, they are route files: a shuffle that survives the loss of any process.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, BooleanArray, UInt32Array},
    compute::filter_record_batch,
    datatypes::{DataType, Field, Schema, SchemaRef},
    record_batch::RecordBatch,
};
use datafusion::{
    common::Result,
    execution::SendableRecordBatchStream,
    physical_plan::{ExecutionPlan, sorts::sort::SortExec},
};
use futures::StreamExt;
use mangonel_storage::hash::{bucket_of, hash_keys};
use serde::{Deserialize, Serialize};

use crate::{
    bucket_writer::BucketWriterExec,
    columns::BUCKET,
    error::from_storage,
    keys::KeyReader,
    layer_merge::ascending,
    operator::{Operator, OperatorExec},
    task::Task,
};

/// Adds the column `_mangonel_bucket`: the bucket of each row by the hash of `keys`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RouteExec {
    pub keys: Vec<String>,
    pub buckets: u32,
    /// Rows with a null key, which match nothing, are spread by the hash of these columns; empty drops them.
    pub spread_nulls_by: Vec<String>,
}

impl Operator for RouteExec {
    const NAME: &'static str = "RouteExec";

    fn output_schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        let mut fields: Vec<_> = inputs[0].fields().iter().cloned().collect();
        fields.push(Arc::new(Field::new(BUCKET, DataType::UInt32, false)));
        Ok(Arc::new(Schema::new(fields)))
    }

    fn start(&self, mut inputs: Vec<SendableRecordBatchStream>, task: Task) -> Result<SendableRecordBatchStream> {
        let mut input = inputs.remove(0);
        let keys = KeyReader::try_new(&input.schema(), &self.keys)?;
        let spread = match self.spread_nulls_by.as_slice() {
            [] => None,
            columns => Some(KeyReader::try_new(&input.schema(), columns)?),
        };
        let buckets = self.buckets;
        Ok(task.spawn(async move |task, output| {
            while let Some(batch) = input.next().await.transpose()? {
                task.check_cancelled()?;
                task.pulse.add_rows(batch.num_rows());
                let routed = route(batch, &keys, spread.as_ref(), buckets, &task.schema)?;
                if routed.num_rows() > 0 && !output.send(routed).await {
                    break;
                }
            }
            Ok(())
        }))
    }
}

fn route(
    mut batch: RecordBatch,
    keys: &KeyReader,
    spread: Option<&KeyReader>,
    buckets: u32,
    schema: &SchemaRef,
) -> Result<RecordBatch> {
    let is_null = |columns: &[ArrayRef], row: usize| columns.iter().any(|column| column.is_null(row));
    let mut columns = keys.columns(&batch);
    let has_nulls = columns.iter().any(|column| column.null_count() > 0);
    if has_nulls && spread.is_none() {
        let kept: BooleanArray = (0..batch.num_rows()).map(|row| Some(!is_null(&columns, row))).collect();
        batch = filter_record_batch(&batch, &kept)?;
        columns = keys.columns(&batch);
    }
    let mut hashes = hash_keys(&columns).map_err(from_storage)?;
    if let (true, Some(spread)) = (has_nulls, spread) {
        let instead = hash_keys(&spread.columns(&batch)).map_err(from_storage)?;
        for row in (0..batch.num_rows()).filter(|row| is_null(&columns, *row)) {
            hashes[row] = instead[row];
        }
    }
    let bucket: UInt32Array = hashes.into_iter().map(|hash| bucket_of(hash, buckets)).collect();
    let mut columns = batch.columns().to_vec();
    columns.push(Arc::new(bucket));
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}

/// Where and how a route job lays rows out.
#[derive(Clone, Debug)]
pub struct RouteTarget {
    pub run_id: String,
    /// Folder of the warehouse.
    pub location: String,
    /// Columns that rows are hashed and sorted by.
    pub keys: Vec<String>,
    /// What decides between rows of one key.
    pub ties: Vec<String>,
    pub buckets: u32,
    /// As in [`RouteExec`].
    pub spread_nulls_by: Vec<String>,
}

/// The leaf job that writes the rows of `input` as route files.
///
/// # Errors
/// When `input` lacks a column.
pub fn route_job(input: Arc<dyn ExecutionPlan>, target: RouteTarget) -> Result<Arc<dyn ExecutionPlan>> {
    let RouteTarget { run_id, location, keys, ties, buckets, spread_nulls_by } = target;
    let route = OperatorExec::plan(RouteExec { keys: keys.clone(), buckets, spread_nulls_by }, vec![input])?;
    let (partition_by, taken_over) = (Vec::new(), false);
    let writer = BucketWriterExec { run_id, location, partition_by, sorted_by: keys, ties, buckets, taken_over };
    let order = ascending(&route.schema(), &writer.order())?;
    let sorted = SortExec::new(order, route).with_preserve_partitioning(true);
    OperatorExec::plan(writer, vec![Arc::new(sorted)])
}
