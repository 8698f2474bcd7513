//! Makes staged rows into rows of a feature group: types checked and cast, text read, keys checked, bucket and digest added.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, UInt32Array},
    datatypes::{DataType, Field, Schema, SchemaRef},
    record_batch::RecordBatch,
};
use datafusion::{common::Result, execution::SendableRecordBatchStream};
use futures::StreamExt;
use mangonel_proto::v1::Feature;
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
    columns::{BUCKET, DIGEST},
    error::from_storage,
    insert::TextRules,
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
        let conformer = Conformer::new(&stored, &input.schema(), keys, text).map_err(from_storage)?;
        let digester = RowDigester::new(&stored).map_err(from_storage)?;
        Ok(task.spawn(async move |task, output| {
            let mut rows_before = 0;
            while let Some(batch) = input.next().await.transpose()? {
                task.check_cancelled()?;
                if batch.num_rows() == 0 {
                    continue;
                }
                let rows = batch.num_rows();
                let batch = conformer.conform(&batch, rows_before).map_err(from_storage)?;
                let batch = spec.lay_out(&batch, &digester, &task.schema).map_err(from_storage)?;
                rows_before += rows as u64;
                task.pulse.add_rows(rows);
                if !output.send(batch).await {
                    break;
                }
            }
            Ok(())
        }))
    }
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
