//! Merges the sorted layers of a bucketed scan, partition by partition: the i-th file of each bucket is in layer i.

use arrow::datatypes::SchemaRef;
use datafusion::{
    common::{Result, exec_datafusion_err},
    execution::{SendableRecordBatchStream, memory_pool::MemoryConsumer},
    physical_expr::{LexOrdering, PhysicalSortExpr, expressions::col},
    physical_plan::sorts::streaming_merge::StreamingMergeBuilder,
};
use serde::{Deserialize, Serialize};

use crate::{operator::Operator, task::Task};

/// One sorted stream out of several that are sorted by `order`, ascending with nulls first.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LayerMergeExec {
    pub order: Vec<String>,
    /// The inputs are sorts, not files that are in order: no planner may take them away.
    #[serde(default)]
    pub of_sorts: bool,
}

impl Operator for LayerMergeExec {
    const NAME: &'static str = "LayerMergeExec";

    fn output_schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        Ok(SchemaRef::clone(&inputs[0]))
    }

    fn required_order(&self, inputs: &[SchemaRef]) -> Result<Option<LexOrdering>> {
        if self.of_sorts { ascending(&inputs[0], &self.order).map(Some) } else { Ok(None) }
    }

    fn output_order(&self, output: &SchemaRef) -> Result<Option<LexOrdering>> {
        ascending(output, &self.order).map(Some)
    }

    fn start(&self, inputs: Vec<SendableRecordBatchStream>, task: Task) -> Result<SendableRecordBatchStream> {
        let order = ascending(&task.schema, &self.order)?;
        StreamingMergeBuilder::new()
            .with_streams(inputs)
            .with_schema(SchemaRef::clone(&task.schema))
            .with_expressions(&order)
            .with_batch_size(task.batch_rows())
            .with_metrics(task.metrics.clone())
            .with_reservation(MemoryConsumer::new("layer merge").register(task.context.memory_pool()))
            // Ties must come out in one order on every run, so no taking of turns.
            .with_round_robin_tie_breaker(false)
            .build()
    }
}

/// `columns` ascending, nulls first: the order of every file and route part.
///
/// # Errors
/// When the schema lacks a column, or `columns` is empty.
pub fn ascending(schema: &SchemaRef, columns: &[String]) -> Result<LexOrdering> {
    let columns = columns.iter().map(|name| Ok(PhysicalSortExpr::new_default(col(name, schema)?)));
    LexOrdering::new(columns.collect::<Result<Vec<_>>>()?).ok_or_else(|| exec_datafusion_err!("an order needs columns"))
}
