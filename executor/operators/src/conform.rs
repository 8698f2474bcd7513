//! Makes staged rows into rows of a feature group: types checked and cast, text read, keys checked, bucket and digest added.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, AsArray, UInt32Array},
    datatypes::{DataType, Field, Int32Type, Schema, SchemaRef},
    record_batch::RecordBatch,
};
use datafusion::{
    common::{DataFusionError, Result, exec_err},
    execution::SendableRecordBatchStream,
};
use futures::StreamExt;
use mangonel_proto::{Error, v1::Feature};
use mangonel_storage::{
    conform::{Conformer, Input, Keys},
    digest::{DIGEST_BYTES, RowDigester},
    error::StorageError,
    hash::{bucket_of, hash_keys},
    text::ParseRules,
    types::arrow_schema,
};
use serde::{Deserialize, Serialize};

use crate::{
    columns::{BUCKET, DIGEST, ORIGIN},
    error::{from_storage, ours},
    insert::{Origin, TextRules},
    operator::Operator,
    task::Task,
};

/// Rows as stored, with the columns `_mangonel_bucket` and `_mangonel_digest` behind the features.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConformExec {
    pub features: Vec<Feature>,
    pub primary_key: Vec<String>,
    pub event_time: Option<String>,
    pub buckets: u32,
    /// Text columns are read by the features' types.
    pub text: Option<TextRules>,
    /// What the column [`ORIGIN`] of the input counts.
    pub origins: Vec<Origin>,
}

impl ConformExec {
    fn stored(&self) -> Result<SchemaRef> {
        arrow_schema(&self.features).map_err(from_storage)
    }
}

impl Operator for ConformExec {
    const NAME: &'static str = "ConformExec";

    fn output_schema(&self, _inputs: &[SchemaRef]) -> Result<SchemaRef> {
        let mut fields: Vec<_> = self.stored()?.fields().iter().cloned().collect();
        fields.push(Arc::new(Field::new(BUCKET, DataType::UInt32, false)));
        fields.push(Arc::new(Field::new(DIGEST, DataType::FixedSizeBinary(DIGEST_BYTES), false)));
        Ok(Arc::new(Schema::new(fields)))
    }

    fn start(&self, mut inputs: Vec<SendableRecordBatchStream>, task: Task) -> Result<SendableRecordBatchStream> {
        let mut input = inputs.remove(0);
        let spec = self.clone();
        let stored = self.stored()?;
        let keys = Keys { primary_key: self.primary_key.clone(), event_time: self.event_time.clone() };
        let rules = self.text.clone().map(|rules| ParseRules { null_values: rules.nulls });
        let text = rules.map_or(Input::Typed, Input::Text);
        let incoming = input.schema();
        let origin = incoming.index_of(ORIGIN)?;
        let rest: Vec<usize> = (0..incoming.fields().len()).filter(|column| *column != origin).collect();
        let conformer = Conformer::new(&stored, &incoming.project(&rest)?, keys, text).map_err(from_storage)?;
        let digester = RowDigester::new(&stored).map_err(from_storage)?;
        Ok(task.spawn(async move |task, output| {
            // Rows of each origin so far. A batch is of one file, and so of one origin.
            let mut rows_seen = vec![0_u64; spec.origins.len()];
            while let Some(batch) = input.next().await.transpose()? {
                task.check_cancelled()?;
                if batch.num_rows() == 0 {
                    continue;
                }
                let rows = batch.num_rows();
                let index = batch.column(origin).as_primitive::<Int32Type>().value(0) as usize;
                let (Some(from), Some(seen)) = (spec.origins.get(index), rows_seen.get_mut(index)) else {
                    return exec_err!("a batch of an insert is of no part");
                };
                let conformed = conformer.conform(&batch.project(&rest)?, from.rows_before + *seen);
                let batch = conformed.map_err(|error| about(from, error))?;
                let batch = spec.lay_out(&batch, &digester, &task.schema).map_err(from_storage)?;
                *seen += rows as u64;
                task.pulse.add_rows(rows);
                if !output.send(batch).await {
                    break;
                }
            }
            Ok(())
        }))
    }
}

/// An error about rows, with the file that they are in.
fn about(origin: &Origin, error: StorageError) -> DataFusionError {
    let is_of_rows =
        matches!(error, StorageError::Value { .. } | StorageError::NullKey { .. } | StorageError::Several { .. });
    if origin.name.is_empty() || !is_of_rows {
        return from_storage(error);
    }
    let mut error = Error::from(error);
    for problem in
        std::iter::once(&mut error.message).chain(error.problems.iter_mut().map(|problem| &mut problem.message))
    {
        *problem = format!("{}: {problem}", origin.name);
    }
    ours(error)
}

impl ConformExec {
    fn lay_out(
        &self,
        batch: &RecordBatch,
        digester: &RowDigester,
        schema: &SchemaRef,
    ) -> std::result::Result<RecordBatch, StorageError> {
        let key = |name: &String| batch.column_by_name(name).cloned();
        let keys: Vec<ArrayRef> = self.primary_key.iter().filter_map(key).collect();
        let buckets: UInt32Array = hash_keys(&keys)?.into_iter().map(|hash| bucket_of(hash, self.buckets)).collect();
        let mut columns = batch.columns().to_vec();
        columns.push(Arc::new(buckets));
        columns.push(Arc::new(digester.digest(batch)?));
        Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
    }
}
