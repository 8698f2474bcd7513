//! Joins a large input with a small one that every partition reads whole. Not DataFusion's hash join: Ballista's planner
//! may turn that into a shuffle, and rows would leave their lanes.

use std::{collections::HashMap, sync::Arc};

use arrow::{
    array::{UInt32Array, new_null_array},
    compute::{concat_batches, take},
    datatypes::{Field, Schema, SchemaRef},
    record_batch::{RecordBatch, RecordBatchOptions},
};
use datafusion::{
    common::{Result, plan_err},
    execution::{SendableRecordBatchStream, memory_pool::MemoryConsumer},
};
use futures::StreamExt;
use serde::{Deserialize, Serialize};

use crate::{
    keys::{Key, KeyReader},
    operator::Operator,
    task::Task,
};

/// Equi-join of the first input with the second, of which every partition holds all rows. Null keys match nothing. Rows
/// come out in the order of the first input, and for one of its rows in the order of the second.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BroadcastJoinExec {
    /// Key columns of the first and of the second input, pairwise.
    pub keys: Vec<(String, String)>,
    /// Whether a row of the first input without a partner stays, with nulls.
    pub optional: bool,
}

impl Operator for BroadcastJoinExec {
    const NAME: &'static str = "BroadcastJoinExec";

    /// All columns of both inputs; their names are different.
    fn output_schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        let [large, small] = inputs else {
            return plan_err!("BroadcastJoinExec joins two inputs, got {}", inputs.len());
        };
        let small = small.fields().iter().map(|field| {
            let nullable = field.is_nullable() || self.optional;
            Arc::new(field.as_ref().clone().with_nullable(nullable))
        });
        Ok(Arc::new(Schema::new(large.fields().iter().cloned().chain(small).collect::<Vec<Arc<Field>>>())))
    }

    fn start(&self, mut inputs: Vec<SendableRecordBatchStream>, task: Task) -> Result<SendableRecordBatchStream> {
        let (mut small, mut large) = (inputs.remove(1), inputs.remove(0));
        let (large_keys, small_keys): (Vec<String>, Vec<String>) = self.keys.iter().cloned().unzip();
        let large_reader = KeyReader::try_new(&large.schema(), &large_keys)?;
        let small_reader = KeyReader::try_new(&small.schema(), &small_keys)?;
        if large_reader.types() != small_reader.types() {
            return plan_err!(
                "BroadcastJoinExec compares keys of types {:?} with {:?}: cast one of them first",
                large_reader.types(),
                small_reader.types()
            );
        }
        let (optional, batch_rows) = (self.optional, task.batch_rows().max(1));
        Ok(task.spawn(async move |task, output| {
            let reservation = MemoryConsumer::new("broadcast join").register(task.context.memory_pool());
            let mut batches = Vec::new();
            while let Some(batch) = small.next().await.transpose()? {
                task.check_cancelled()?;
                // Once as it came and once in one piece, with an entry per row in the table below.
                reservation.try_grow(2 * batch.get_array_memory_size() + 64 * batch.num_rows())?;
                batches.push(batch);
            }
            let small = concat_batches(&small.schema(), &batches)?;
            drop(batches);
            let keys = small_reader.read(&small)?;
            let mut rows_of: HashMap<Key, Vec<u32>> = HashMap::with_capacity(small.num_rows());
            for row in (0..small.num_rows()).filter(|row| !keys.is_null(*row)) {
                rows_of.entry(keys.get(row)).or_default().push(row as u32);
            }
            while let Some(batch) = large.next().await.transpose()? {
                let keys = large_reader.read(&batch)?;
                let (mut left, mut right) = (Vec::new(), Vec::new());
                for row in 0..batch.num_rows() {
                    let partners = if keys.is_null(row) { None } else { rows_of.get(&keys.get(row)) };
                    match partners {
                        Some(partners) => {
                            left.extend(std::iter::repeat_n(row as u32, partners.len()));
                            right.extend(partners.iter().copied().map(Some));
                        }
                        None if optional => {
                            left.push(row as u32);
                            right.push(None);
                        }
                        None => {}
                    }
                    // One row may have any number of partners: what goes out stays of the usual size.
                    if left.len() < batch_rows && row + 1 < batch.num_rows() {
                        continue;
                    }
                    for (left, right) in left.chunks(batch_rows).zip(right.chunks(batch_rows)) {
                        task.check_cancelled()?;
                        if !output.send(joined(&task.schema, &batch, left, &small, right)?).await {
                            return Ok(());
                        }
                    }
                    left.clear();
                    right.clear();
                }
            }
            Ok(())
        }))
    }
}

fn joined(
    schema: &SchemaRef,
    large: &RecordBatch,
    left: &[u32],
    small: &RecordBatch,
    right: &[Option<u32>],
) -> Result<RecordBatch> {
    let rows = left.len();
    let mut columns = Vec::with_capacity(schema.fields().len());
    let left = UInt32Array::from(left.to_vec());
    for column in large.columns() {
        columns.push(take(column, &left, None)?);
    }
    let right = UInt32Array::from(right.to_vec());
    for column in small.columns() {
        // `take` of nothing from nothing is refused for some types.
        columns.push(if small.num_rows() == 0 {
            new_null_array(column.data_type(), rows)
        } else {
            take(column, &right, None)?
        });
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    Ok(RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options)?)
}
