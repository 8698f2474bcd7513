//! Keeps the rows whose entity key hashes into the lane that their file was listed for.

use arrow::{
    array::{AsArray, BooleanArray},
    compute::{cast, filter_record_batch},
    datatypes::{DataType, SchemaRef, UInt32Type},
    record_batch::RecordBatch,
};
use datafusion::{
    common::{Result, exec_err},
    execution::SendableRecordBatchStream,
};
use futures::StreamExt;
use mangonel_storage::hash::hash_keys;
use serde::{Deserialize, Serialize};

use crate::{columns::LANE, error::from_storage, keys::KeyReader, operator::Operator, task::Task};

/// Drops rows of other lanes, and the lane column unless it is kept. A lane is a range of hashes; `starts[i]` is the first hash of lane i.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LaneFilterExec {
    pub keys: Vec<String>,
    pub starts: Vec<u64>,
    #[serde(default)]
    pub keep_lane: bool,
}

impl Operator for LaneFilterExec {
    const NAME: &'static str = "LaneFilterExec";

    fn output_schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        let lane = inputs[0].index_of(LANE)?;
        if self.keep_lane {
            return Ok(SchemaRef::clone(&inputs[0]));
        }
        let kept: Vec<usize> = (0..inputs[0].fields().len()).filter(|index| *index != lane).collect();
        Ok(SchemaRef::new(inputs[0].project(&kept)?))
    }

    fn start(&self, mut inputs: Vec<SendableRecordBatchStream>, task: Task) -> Result<SendableRecordBatchStream> {
        let mut input = inputs.remove(0);
        let reader = KeyReader::try_new(&input.schema(), &self.keys)?;
        let (starts, keep_lane) = (self.starts.clone(), self.keep_lane);
        Ok(task.spawn(async move |task, output| {
            while let Some(mut batch) = input.next().await.transpose()? {
                task.check_cancelled()?;
                if batch.num_rows() == 0 {
                    continue;
                }
                let (first, end) = lane_of(&batch, &starts)?;
                let hashes = hash_keys(&reader.columns(&batch)).map_err(from_storage)?;
                let inside = |hash: &u64| *hash >= first && end.is_none_or(|end| *hash < end);
                let mask: BooleanArray = hashes.iter().map(|hash| Some(inside(hash))).collect();
                if !keep_lane {
                    batch.remove_column(batch.schema_ref().index_of(LANE)?);
                }
                let kept = if mask.true_count() == mask.len() { batch } else { filter_record_batch(&batch, &mask)? };
                if kept.num_rows() > 0 && !output.send(kept).await {
                    break;
                }
            }
            Ok(())
        }))
    }
}

/// First hash and end of the lane of a batch; a file is listed for one lane, so the first row tells.
fn lane_of(batch: &RecordBatch, starts: &[u64]) -> Result<(u64, Option<u64>)> {
    let column = batch.column(batch.schema_ref().index_of(LANE)?);
    let lane = cast(&column.slice(0, 1), &DataType::UInt32)?.as_primitive::<UInt32Type>().value(0) as usize;
    match starts.get(lane) {
        Some(first) => Ok((*first, starts.get(lane + 1).copied())),
        None => exec_err!("a file was listed for lane {lane}, there are {}", starts.len()),
    }
}
