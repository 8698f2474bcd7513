//! Queries end when they are told to: every node of a plan asks before each batch, since some make many batches of one and
//! would not be heard of again before they are done.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use arrow::{datatypes::SchemaRef, record_batch::RecordBatch};
use datafusion::{
    common::{Result, tree_node::TreeNodeRecursion},
    execution::{RecordBatchStream, SendableRecordBatchStream, TaskContext},
    physical_expr::PhysicalExpr,
    physical_plan::{
        ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, ReplaceChildrenOptions,
        coop::make_cooperative,
    },
};
use futures::{Stream, StreamExt};
use mangonel_operators::error::ours;
use mangonel_proto::Error;

/// Whether a query is to end.
#[derive(Clone, Debug, Default)]
pub(super) struct Stop(Arc<AtomicBool>);

impl Stop {
    pub(super) fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// `plan` whose every node listens to `stop`.
///
/// # Errors
/// When a node refuses its children; none does.
pub(super) fn with_stop(plan: Arc<dyn ExecutionPlan>, stop: &Stop) -> Result<Arc<dyn ExecutionPlan>> {
    let children = plan.children().into_iter().map(|child| with_stop(Arc::clone(child), stop));
    let children = children.collect::<Result<Vec<_>>>()?;
    let plan = if children.is_empty() { plan } else { plan.replace_children(children, same())? };
    Ok(Arc::new(StopExec { input: plan, stop: stop.clone() }))
}

/// `plan` as it was before [`with_stop`].
///
/// # Errors
/// When a node refuses its children; none does.
pub(super) fn without_stop(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let plan = plan.downcast_ref::<StopExec>().map_or_else(|| Arc::clone(&plan), |stop| Arc::clone(&stop.input));
    let children = plan.children().into_iter().map(|child| without_stop(Arc::clone(child)));
    let children = children.collect::<Result<Vec<_>>>()?;
    if children.is_empty() { Ok(plan) } else { plan.replace_children(children, same()) }
}

/// What the new children are like: as the old ones, but for when they end.
fn same() -> ReplaceChildrenOptions {
    ReplaceChildrenOptions::new(ChildrenPropertiesMode::Keep)
}

/// A node that ends with an error once its query is stopped, and is its input in all else.
#[derive(Clone, Debug)]
struct StopExec {
    input: Arc<dyn ExecutionPlan>,
    stop: Stop,
}

impl DisplayAs for StopExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StopExec")
    }
}

impl ExecutionPlan for StopExec {
    fn name(&self) -> &'static str {
        "StopExec"
    }

    /// Those of the input, orders too: nodes above were planned with them.
    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        mut children: Vec<Arc<dyn ExecutionPlan>>,
        _options: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self { input: children.swap_remove(0), stop: self.stop.clone() }))
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let input = self.input.execute(partition, context)?;
        Ok(make_cooperative(Box::pin(StopStream { input, stop: self.stop.clone() })))
    }
}

struct StopStream {
    input: SendableRecordBatchStream,
    stop: Stop,
}

impl Stream for StopStream {
    type Item = Result<RecordBatch>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.stop.is_set() {
            return Poll::Ready(Some(Err(ours(Error::cancelled("the query was stopped")))));
        }
        self.input.poll_next_unpin(context)
    }
}

impl RecordBatchStream for StopStream {
    fn schema(&self) -> SchemaRef {
        self.input.schema()
    }
}
