//! A closer look at crowded cells of the hash space: rows per key, or per cell of the order of given keys. Only rows of those
//! cells are looked at, so that the counts stay few.

use std::collections::{BTreeMap, BTreeSet};

use arrow::{
    array::{Array, AsArray},
    datatypes::SchemaRef,
    record_batch::RecordBatch,
};
use datafusion::{
    common::{Result, exec_datafusion_err},
    execution::SendableRecordBatchStream,
};
use futures::StreamExt;
use mangonel_storage::hash::hash_keys;
use serde::{Deserialize, Serialize};

use crate::{
    columns::DIGEST,
    error::from_storage,
    keys::KeyReader,
    operator::Operator,
    record::{PlaceCounts, TaskRecord, record_batch, record_schema, worker},
    task::Task,
};

/// Cells that the order of a key is counted in.
const ORDER_BITS: u32 = 12;

/// Counts rows of some keys; one record per partition.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HotCountExec {
    pub keys: Vec<String>,
    pub of: HotCount,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HotCount {
    /// Every key in these cells, which are the top `bits` bits of hashes.
    Keys { bits: u32, cells: BTreeSet<u64> },
    /// The order of the rows of these hashes, by its top bits.
    Orders { hashes: BTreeSet<u64> },
}

/// Order of each row among the rows of its key (`docs/layout.md`, "Shards"): the first 8 bytes of its digest.
///
/// # Errors
/// When the rows have no digests.
pub fn orders(batch: &RecordBatch, digest: &str) -> Result<Vec<u64>> {
    let column = batch.column_by_name(digest).and_then(|column| column.as_fixed_size_binary_opt());
    let column = column.ok_or_else(|| exec_datafusion_err!("rows have no digest `{digest}` to be ordered by"))?;
    let order = |digest: &[u8]| digest.first_chunk().map_or(0, |first| u64::from_be_bytes(*first));
    Ok((0..column.len()).map(|row| order(column.value(row))).collect())
}

impl Operator for HotCountExec {
    const NAME: &'static str = "HotCountExec";

    fn output_schema(&self, _inputs: &[SchemaRef]) -> Result<SchemaRef> {
        Ok(record_schema())
    }

    fn start(&self, mut inputs: Vec<SendableRecordBatchStream>, task: Task) -> Result<SendableRecordBatchStream> {
        let mut input = inputs.remove(0);
        let reader = KeyReader::try_new(&input.schema(), &self.keys)?;
        let of = self.of.clone();
        Ok(task.spawn(async move |task, output| {
            let mut counts: BTreeMap<(u64, u64), u64> = BTreeMap::new();
            while let Some(batch) = input.next().await.transpose()? {
                task.check_cancelled()?;
                let hashes = hash_keys(&reader.columns(&batch)).map_err(from_storage)?;
                match &of {
                    HotCount::Keys { bits, cells } => {
                        for hash in hashes.into_iter().filter(|hash| cells.contains(&(hash >> (64 - bits)))) {
                            *counts.entry((hash, 0)).or_default() += 1;
                        }
                    }
                    HotCount::Orders { hashes: wanted } => {
                        let orders = orders(&batch, DIGEST)?;
                        for (hash, order) in hashes.into_iter().zip(orders).filter(|(hash, _)| wanted.contains(hash)) {
                            let cell = order >> (64 - ORDER_BITS) << (64 - ORDER_BITS);
                            *counts.entry((hash, cell)).or_default() += 1;
                        }
                    }
                }
                task.pulse.add_rows(batch.num_rows());
            }
            let counts = counts.into_iter().map(|((hash, order), rows)| (hash, order, rows)).collect();
            output.send(record_batch(&TaskRecord::PlaceCounts(PlaceCounts { worker: worker(), counts }))?).await;
            output.done(&task).await
        }))
    }
}
