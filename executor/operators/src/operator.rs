//! One shape for all plan nodes of ours: an [`Operator`] is a small serialisable description with a `start`, and
//! [`OperatorExec`] makes a DataFusion plan node of it. So a new node is one file, and the codec needs no new line.

use std::{fmt, sync::Arc};

use arrow::datatypes::SchemaRef;
use datafusion::{
    common::{Result, exec_err, tree_node::TreeNodeRecursion},
    execution::{SendableRecordBatchStream, TaskContext},
    physical_expr::{EquivalenceProperties, LexOrdering, OrderingRequirements, PhysicalExpr},
    physical_plan::{
        ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, ExecutionPlanProperties, Partitioning,
        PlanProperties, ReplaceChildrenOptions,
        execution_plan::{Boundedness, EmissionType},
        metrics::{ExecutionPlanMetricsSet, MetricsSet},
    },
};
use serde::{Serialize, de::DeserializeOwned};

use crate::task::{Task, scans_below};

/// What a plan node of ours does, apart from being a plan node.
///
/// It must be pure: nodes are rebuilt, cut into slices and started several times for one partition, and the partition
/// number is local to the task. Whatever a node must know about its place is a column of its input.
pub trait Operator: Clone + fmt::Debug + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Name in plans and on the wire; never reused for something else.
    const NAME: &'static str;

    /// # Errors
    /// When the inputs lack a column that the node needs.
    fn output_schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef>;

    /// Order that every input must arrive in. Without it Ballista's planner would delete a sort below this node.
    ///
    /// # Errors
    /// When an input lacks a column of the order.
    fn required_order(&self, _inputs: &[SchemaRef]) -> Result<Option<LexOrdering>> {
        Ok(None)
    }

    /// Order of the rows that come out, if it is known.
    ///
    /// # Errors
    /// When the output lacks a column of the order.
    fn output_order(&self, _output: &SchemaRef) -> Result<Option<LexOrdering>> {
        Ok(None)
    }

    /// Starts the work on one partition; `inputs` holds that partition of every child, in order.
    ///
    /// # Errors
    /// When the work cannot begin; what fails later comes through the stream.
    fn start(&self, inputs: Vec<SendableRecordBatchStream>, task: Task) -> Result<SendableRecordBatchStream>;
}

/// The plan node around an [`Operator`]. All children have the same number of partitions, which is also its own.
#[derive(Debug, Clone)]
pub struct OperatorExec<O: Operator> {
    operator: O,
    children: Vec<Arc<dyn ExecutionPlan>>,
    required_order: Option<LexOrdering>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl<O: Operator> OperatorExec<O> {
    /// # Errors
    /// When the children have unequal partition counts or lack columns.
    pub fn try_new(operator: O, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Self> {
        let counts: Vec<usize> = children.iter().map(|child| child.output_partitioning().partition_count()).collect();
        let Some(partitions) = counts.first().copied() else { return exec_err!("{} needs an input", O::NAME) };
        if counts.iter().any(|count| *count != partitions) {
            return exec_err!("{} joins inputs partition by partition, got partition counts {counts:?}", O::NAME);
        }
        let inputs: Vec<SchemaRef> = children.iter().map(|child| child.schema()).collect();
        let schema = operator.output_schema(&inputs)?;
        let mut equivalence = EquivalenceProperties::new(Arc::clone(&schema));
        if let Some(order) = operator.output_order(&schema)? {
            equivalence.add_ordering(order);
        }
        let properties = Arc::new(PlanProperties::new(
            equivalence,
            // Never `Hash`: DataFusion takes any two `Hash(_, n)` for co-partitioned, whatever the function.
            Partitioning::UnknownPartitioning(partitions),
            EmissionType::Incremental,
            Boundedness::Bounded,
        ));
        let required_order = operator.required_order(&inputs)?;
        Ok(Self { operator, children, required_order, properties, metrics: ExecutionPlanMetricsSet::new() })
    }

    /// The node as a plan.
    ///
    /// # Errors
    /// As [`OperatorExec::try_new`].
    pub fn plan(operator: O, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(Arc::new(Self::try_new(operator, children)?))
    }

    pub fn operator(&self) -> &O {
        &self.operator
    }
}

impl<O: Operator> DisplayAs for OperatorExec<O> {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.operator)
    }
}

impl<O: Operator> ExecutionPlan for OperatorExec<O> {
    fn name(&self) -> &str {
        O::NAME
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        self.children.iter().collect()
    }

    fn required_input_ordering(&self) -> Vec<Option<OrderingRequirements>> {
        let required = self.required_order.clone().map(OrderingRequirements::from);
        vec![required; self.children.len()]
    }

    fn benefits_from_input_partitioning(&self) -> Vec<bool> {
        vec![false; self.children.len()]
    }

    fn apply_expressions(
        &self,
        _visit: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn replace_children(
        self: Arc<Self>,
        children: Vec<Arc<dyn ExecutionPlan>>,
        _options: ReplaceChildrenOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        Self::plan(self.operator.clone(), children)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let inputs = self.children.iter().map(|child| child.execute(partition, Arc::clone(&context)));
        let inputs = inputs.collect::<Result<Vec<_>>>()?;
        let sources = scans_below(&self.children).into();
        let task = Task::new(&context, self.schema(), &self.metrics, partition, sources);
        self.operator.start(inputs, task)
    }

    fn metrics(&self) -> Option<MetricsSet> {
        // Always `Some`: Ballista drops a status whose metrics differ in number from the plan's, and hangs.
        Some(self.metrics.clone_inner())
    }
}
