//! Counts rows per cell of the hash space: the pass over the root group's keys that shard boundaries are chosen from.

use arrow::datatypes::SchemaRef;
use datafusion::{common::Result, execution::SendableRecordBatchStream};
use futures::StreamExt;
use mangonel_storage::hash::hash_keys;
use serde::{Deserialize, Serialize};

use crate::{
    error::from_storage,
    keys::KeyReader,
    operator::Operator,
    record::{HashCounts, TaskRecord, record_batch, record_schema, worker},
    task::Task,
};

/// Counts rows by the top bits of the hash of their key; one record per partition.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HashCountExec {
    pub keys: Vec<String>,
    /// log2 of the number of cells.
    pub cell_bits: u32,
}

impl Operator for HashCountExec {
    const NAME: &'static str = "HashCountExec";

    fn output_schema(&self, _inputs: &[SchemaRef]) -> Result<SchemaRef> {
        Ok(record_schema())
    }

    fn start(&self, mut inputs: Vec<SendableRecordBatchStream>, task: Task) -> Result<SendableRecordBatchStream> {
        let mut input = inputs.remove(0);
        let reader = KeyReader::try_new(&input.schema(), &self.keys)?;
        let bits = self.cell_bits;
        Ok(task.spawn(async move |task, output| {
            let mut cells = vec![0_u64; 1 << bits];
            while let Some(batch) = input.next().await.transpose()? {
                task.check_cancelled()?;
                for hash in hash_keys(&reader.columns(&batch)).map_err(from_storage)? {
                    cells[(hash >> (64 - bits)) as usize] += 1;
                }
                task.pulse.add_rows(batch.num_rows());
            }
            let rows = cells.iter().sum();
            let cells = cells.into_iter().enumerate().filter(|(_, rows)| *rows > 0);
            let cells = cells.map(|(cell, rows)| (cell as u32, rows)).collect();
            output
                .send(record_batch(&TaskRecord::HashCounts(HashCounts {
                    task: task.id(),
                    worker: worker(),
                    rows,
                    cells,
                }))?)
                .await;
            output.done(&task).await
        }))
    }
}
