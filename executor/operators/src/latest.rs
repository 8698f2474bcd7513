//! The latest row of each key: greatest event time, then later commit, then greater row digest.

use std::cmp::Ordering;

use arrow::{
    array::{Array, ArrayRef, AsArray, UInt32Array},
    compute::{cast, take_record_batch},
    datatypes::{DataType, Int64Type, SchemaRef},
    record_batch::RecordBatch,
};
use datafusion::{common::Result, execution::SendableRecordBatchStream};
use serde::{Deserialize, Serialize};

use crate::{
    columns::{COMMIT, DIGEST},
    key_aligned::KeyAligned,
    operator::Operator,
    task::Task,
};

/// Keeps one row per key of an input that is sorted by `keys`. Commit and digest decide if the input has the columns.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LatestExec {
    pub keys: Vec<String>,
    pub event_time: String,
}

impl Operator for LatestExec {
    const NAME: &'static str = "LatestExec";

    fn output_schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        inputs[0].index_of(&self.event_time)?;
        Ok(SchemaRef::clone(&inputs[0]))
    }

    fn start(&self, mut inputs: Vec<SendableRecordBatchStream>, task: Task) -> Result<SendableRecordBatchStream> {
        let mut input = KeyAligned::try_new(inputs.remove(0), &self.keys, false, &task)?;
        let event_time = self.event_time.clone();
        Ok(task.spawn(async move |task, output| {
            while let Some((batch, keys)) = input.next().await? {
                task.check_cancelled()?;
                let order = Recency::of(&batch, &event_time)?;
                let rows = batch.num_rows();
                let mut kept = Vec::with_capacity(rows);
                let mut row = 0;
                while row < rows {
                    let end = keys.run_end(row, rows);
                    let mut best = row;
                    for candidate in row + 1..end {
                        if order.compare(candidate, best) != Ordering::Less {
                            best = candidate;
                        }
                    }
                    kept.push(best as u32);
                    row = end;
                }
                let latest =
                    if kept.len() == rows { batch } else { take_record_batch(&batch, &UInt32Array::from(kept))? };
                if !output.send(latest).await {
                    break;
                }
            }
            Ok(())
        }))
    }
}

/// What makes one row later than another of the same key.
struct Recency {
    event_time: ArrayRef,
    commit: Option<ArrayRef>,
    digest: Option<ArrayRef>,
}

impl Recency {
    fn of(batch: &RecordBatch, event_time: &str) -> Result<Self> {
        let event_time = batch.column(batch.schema_ref().index_of(event_time)?);
        let event_time = if *event_time.data_type() == DataType::Date32 {
            cast(&cast(event_time, &DataType::Int32)?, &DataType::Int64)?
        } else {
            cast(event_time, &DataType::Int64)?
        };
        let commit = batch.column_by_name(COMMIT).map(|column| cast(column, &DataType::Int64)).transpose()?;
        Ok(Self { event_time, commit, digest: batch.column_by_name(DIGEST).cloned() })
    }

    fn compare(&self, left: usize, right: usize) -> Ordering {
        let integer = |array: &ArrayRef| {
            let values = array.as_primitive::<Int64Type>();
            let get = |row: usize| values.is_valid(row).then(|| values.value(row));
            get(left).cmp(&get(right))
        };
        integer(&self.event_time).then_with(|| self.commit.as_ref().map_or(Ordering::Equal, integer)).then_with(|| {
            match &self.digest {
                Some(digest) => {
                    let digest = digest.as_fixed_size_binary();
                    digest.value(left).cmp(digest.value(right))
                }
                None => Ordering::Equal,
            }
        })
    }
}
