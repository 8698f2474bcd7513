//! A query in words, instead of its rows: what is read and what is left out, what is done step by step, with which memory.
//! Before it is run with estimates, after it was run with what was measured.

mod steps;

use std::{fmt::Write, sync::Arc, time::Duration};

use arrow::{
    array::{ArrayRef, StringArray},
    datatypes::{DataType, Field, Schema, SchemaRef},
    record_batch::RecordBatch,
};
use datafusion::{
    common::{Result, tree_node::TreeNodeRecursion},
    execution::{SendableRecordBatchStream, TaskContext},
    physical_expr::{EquivalenceProperties, PhysicalExpr},
    physical_plan::{
        ChildrenPropertiesMode, DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties,
        ReplaceChildrenOptions, displayable,
        execution_plan::{Boundedness, EmissionType},
        stream::RecordBatchStreamAdapter,
    },
};
use futures::{StreamExt, stream};
use mangonel_planner::words::{bytes_text, counted, section};
use tokio::time::Instant;

use super::{stop::without_stop, tables::Scan, threads::in_words};
use steps::steps;

/// Name of the one column of an explanation: a row for each line.
const COLUMN: &str = "explanation";

/// What is known of a query beside its plan.
#[derive(Clone, Debug)]
pub(super) struct Explained {
    pub scans: Vec<Scan>,
    /// 0 is all.
    pub limit: u64,
    pub timeout: Option<Duration>,
    /// Of this process.
    pub memory_bytes: usize,
    /// Of it, what queries share.
    pub pool_bytes: usize,
    /// Run it and say what was measured.
    pub measured: bool,
}

/// A plan that is explained in place of its rows.
#[derive(Clone, Debug)]
pub(super) struct ExplainExec {
    plan: Arc<dyn ExecutionPlan>,
    about: Explained,
    properties: Arc<PlanProperties>,
}

impl ExplainExec {
    pub(super) fn plan(plan: Arc<dyn ExecutionPlan>, about: Explained) -> Arc<dyn ExecutionPlan> {
        let schema: SchemaRef = Arc::new(Schema::new(vec![Field::new(COLUMN, DataType::Utf8, false)]));
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Final,
            Boundedness::Bounded,
        );
        Arc::new(Self { plan, about, properties: Arc::new(properties) })
    }

    /// Runs the plan, gives its rows to nobody, and counts them.
    async fn measured(&self, context: Arc<TaskContext>) -> Result<(u64, Duration)> {
        let (started, mut rows) = (Instant::now(), 0);
        let mut batches = self.plan.execute(0, context)?;
        while let Some(batch) = batches.next().await {
            rows += batch?.num_rows() as u64;
        }
        Ok((rows, started.elapsed()))
    }

    fn text(&self, measured: Option<(u64, Duration)>) -> Result<String> {
        let (plan, about) = (without_stop(Arc::clone(&self.plan))?, &self.about);
        let mut text = match measured {
            None => format!("The answer has {}", columns(&plan.schema())),
            Some((rows, took)) => {
                format!("{} came in {}, with {}", counted(rows, "row"), in_words(took), columns(&plan.schema()))
            }
        };
        if about.limit > 0 {
            let _ = write!(text, "; the first {} at most", counted(about.limit, "row"));
        }
        text.push('\n');
        section(&mut text, "Tables", about.scans.iter().flat_map(table_lines).collect());
        // What was measured is with the nodes that were run.
        let ran = if measured.is_some() { &self.plan } else { &plan };
        section(&mut text, "Steps", steps(ran, &about.scans, measured.is_some()));
        let pool = bytes_text(about.pool_bytes as u64);
        let memory = bytes_text(about.memory_bytes as u64);
        let time = about.timeout.map_or("as long as it takes".to_owned(), |time| format!("{} of work", in_words(time)));
        let bounds = vec![
            format!(
                "memory: all queries share {pool} of the {memory} of this process (`--memory`); sorts, joins and groups go on in files beyond it"
            ),
            format!("time: {time}"),
        ];
        section(&mut text, "Bounds", bounds);
        let plan = displayable(plan.as_ref()).indent(false).to_string();
        section(&mut text, "Plan", plan.lines().map(str::to_owned).collect());
        Ok(text)
    }
}

impl DisplayAs for ExplainExec {
    fn fmt_as(&self, _format: DisplayFormatType, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ExplainExec: measured={}", self.about.measured)
    }
}

impl ExecutionPlan for ExplainExec {
    fn name(&self) -> &'static str {
        "ExplainExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.plan]
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
        Ok(Self::plan(children.swap_remove(0), self.about.clone()))
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        self.replace_children(children, ReplaceChildrenOptions::new(ChildrenPropertiesMode::Recompute))
    }

    fn execute(&self, _partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (this, schema) = (self.clone(), self.schema());
        let explained = async move {
            let measured = if this.about.measured { Some(this.measured(context).await?) } else { None };
            let text = this.text(measured)?;
            let lines: ArrayRef = Arc::new(text.lines().map(Some).collect::<StringArray>());
            Ok(RecordBatch::try_new(this.schema(), vec![lines])?)
        };
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, stream::once(explained))))
    }
}

fn columns(schema: &Schema) -> String {
    let names: Vec<String> = schema.fields().iter().map(|field| format!("`{}`", field.name())).collect();
    match names.len() {
        0 => "no columns".to_owned(),
        1 => format!("the column {}", names[0]),
        2..=8 => format!("the columns {}", names.join(", ")),
        count => format!("{count} columns, {}, ...", names[..8].join(", ")),
    }
}

/// What is read of a table, and what is left out and why.
fn table_lines(scan: &Scan) -> Vec<String> {
    let which = match (scan.table_version, scan.latest) {
        (None, _) => "sent along".to_owned(),
        (Some(version), false) => format!("table version {version}"),
        (Some(version), true) => format!("table version {version}, the latest row of each key"),
    };
    let columns = match scan.columns.len() {
        0 => "no column".to_owned(),
        count if count == scan.columns_all => format!("all {count} columns"),
        count => format!("{count} of {} columns ({})", scan.columns_all, shortened(&scan.columns)),
    };
    let mut lines = vec![format!("{}: {which}; {columns}", scan.table)];
    let rows = scan.rows.map_or(String::new(), |rows| format!("{rows} of {} rows, ", scan.rows_all));
    let bytes = (bytes_text(scan.bytes), bytes_text(scan.bytes_all));
    lines.push(format!("  read: {} of {} files, {rows}{} of {}", scan.files, scan.files_all, bytes.0, bytes.1));
    let left_out = scan.files_all - scan.files;
    if let Some(filter) = scan.filter.as_ref().filter(|_| left_out > 0) {
        let by_partition = scan.files_out_by_partition.min(left_out);
        let mut why = Vec::new();
        if by_partition > 0 {
            why.push(format!("{} by the partition", counted(by_partition as u64, "file")));
        }
        if left_out > by_partition {
            why.push(format!("{} by least and greatest values", counted((left_out - by_partition) as u64, "file")));
        }
        lines.push(format!("  left out: {}, which cannot hold {filter}", why.join(" and ")));
    } else if let Some(filter) = &scan.filter {
        lines.push(format!("  no file can be left out for {filter}; row groups may"));
    }
    lines
}

fn shortened(names: &[String]) -> String {
    match names.len() {
        0..=8 => names.join(", "),
        _ => format!("{}, ...", names[..8].join(", ")),
    }
}
