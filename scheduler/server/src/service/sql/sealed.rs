//! A plan that the optimiser takes as it is. It would take out sorts and move files of plans whose nodes it does not know,
//! and rows would leave their lanes.

use std::sync::Arc;

use datafusion::{
    common::{Result, tree_node::TreeNodeRecursion},
    execution::{SendableRecordBatchStream, TaskContext},
    physical_expr::PhysicalExpr,
    physical_plan::{
        ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties, ReplaceChildrenOptions,
        displayable,
        execution_plan::reset_plan_states,
        metrics::{ExecutionPlanMetricsSet, MetricBuilder, MetricValue, MetricsSet},
        stream::RecordBatchStreamAdapter,
    },
};
use futures::StreamExt;

/// A leaf with a plan in it.
#[derive(Clone, Debug)]
pub(super) struct SealedExec {
    plan: Arc<dyn ExecutionPlan>,
    metrics: ExecutionPlanMetricsSet,
}

impl SealedExec {
    pub(super) fn plan(plan: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
        Arc::new(Self { plan, metrics: ExecutionPlanMetricsSet::new() })
    }

    pub(super) fn inner(&self) -> &Arc<dyn ExecutionPlan> {
        &self.plan
    }
}

impl DisplayAs for SealedExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let inner = displayable(self.plan.as_ref()).indent(false).to_string();
        write!(f, "SealedExec: {}", inner.lines().map(str::trim).collect::<Vec<_>>().join(" <- "))
    }
}

impl ExecutionPlan for SealedExec {
    fn name(&self) -> &'static str {
        "SealedExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.plan.properties()
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        Vec::new()
    }

    fn apply_expressions(
        &self,
        _visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        _children: Vec<Arc<dyn ExecutionPlan>>,
        _options: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn reset_state(self: Arc<Self>) -> Result<Arc<dyn ExecutionPlan>> {
        let plan = reset_plan_states(Arc::clone(&self.plan))?;
        Ok(Self::plan(plan))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let rows = self.plan.execute(partition, context)?;
        let counted = MetricBuilder::new(&self.metrics).output_rows(partition);
        let schema = rows.schema();
        let rows = rows.inspect(move |batch| counted.add(batch.as_ref().map_or(0, |batch| batch.num_rows())));
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, rows)))
    }

    /// Rows that come out, and what its scans count by name, such as the bytes that they have read.
    fn metrics(&self) -> Option<MetricsSet> {
        let mut metrics = self.metrics.clone_inner();
        let mut next = vec![Arc::clone(&self.plan)];
        while let Some(plan) = next.pop() {
            let own = plan.metrics().into_iter().flat_map(|own| own.iter().cloned().collect::<Vec<_>>());
            own.filter(|metric| matches!(metric.value(), MetricValue::Count { .. }))
                .for_each(|metric| metrics.push(metric));
            next.extend(plan.children().into_iter().cloned());
        }
        Some(metrics)
    }
}
