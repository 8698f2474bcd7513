//! The nodes of a plan as numbered steps, each of which names those that it takes its rows from.

use std::{fmt::Write, sync::Arc, time::Duration};

use datafusion::{
    common::stats::Precision,
    datasource::{memory::MemorySourceConfig, physical_plan::FileScanConfig, source::DataSourceExec},
    physical_expr::{LexOrdering, PhysicalExpr, expressions::Column},
    physical_expr_common::physical_expr::fmt_sql,
    physical_plan::{
        ExecutionPlan, StatisticsArgs, StatisticsContext,
        aggregates::{AggregateExec, AggregateMode},
        empty::EmptyExec,
        filter::FilterExec,
        joins::{
            CrossJoinExec, HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec,
            utils::{JoinFilter, JoinOnRef},
        },
        limit::{GlobalLimitExec, LocalLimitExec},
        metrics::MetricsSet,
        placeholder_row::PlaceholderRowExec,
        projection::ProjectionExec,
        recursive_query::RecursiveQueryExec,
        repartition::RepartitionExec,
        sorts::{sort::SortExec, sort_preserving_merge::SortPreservingMergeExec},
        streaming::StreamingTableExec,
        union::UnionExec,
        unnest::UnnestExec,
        windows::{BoundedWindowAggExec, WindowAggExec},
        work_table::WorkTableExec,
    },
};

use mangonel_planner::words::{bytes_text, counted};

use super::{super::sealed::SealedExec, super::threads::in_words, Scan};

/// Nodes that move rows and do nothing to them.
const CARRIERS: [&str; 5] =
    ["StopExec", "CooperativeExec", "CoalescePartitionsExec", "CoalesceBatchesExec", "BufferExec"];
/// Longest expression that is written out.
const EXPRESSION_CHARS_MAX: usize = 200;

/// The steps of `plan`, in the order in which rows go through them. `measured`: it has been run.
pub(super) fn steps(plan: &Arc<dyn ExecutionPlan>, scans: &[Scan], measured: bool) -> Vec<String> {
    let mut steps = Steps { scans, measured, steps: Vec::new() };
    steps.add(plan);
    steps.steps.iter().enumerate().map(|(index, step)| format!("{}. {}", index + 1, step.line(measured))).collect()
}

struct Steps<'a> {
    scans: &'a [Scan],
    measured: bool,
    steps: Vec<Step>,
}

struct Step {
    words: String,
    rows: Option<u64>,
    bytes: Option<u64>,
    /// Of the scans, from files.
    bytes_read: Option<u64>,
    spilled: u64,
    /// Of all partitions.
    took: Duration,
}

impl Step {
    fn line(&self, measured: bool) -> String {
        let mut line = self.words.clone();
        let mut facts = Vec::new();
        let about = if measured { "" } else { "about " };
        facts.extend(self.rows.map(|rows| format!("{about}{}", counted(rows, "row"))));
        facts.extend(self.bytes.filter(|bytes| *bytes > 0).map(bytes_text));
        facts.extend(self.bytes_read.map(|bytes| format!("{} read from files", bytes_text(bytes))));
        if self.spilled > 0 {
            facts.push(format!("{} of files beyond the memory", bytes_text(self.spilled)));
        }
        if measured {
            facts.push(format!("{} of work", in_words(self.took)));
        }
        if !facts.is_empty() {
            let _ = write!(line, ": {}", facts.join(", "));
        }
        line
    }
}

impl Steps<'_> {
    /// Adds the steps up to `plan`, and says the number of the last.
    fn add(&mut self, plan: &Arc<dyn ExecutionPlan>) -> usize {
        let from: Vec<usize> = plan.children().into_iter().map(|child| self.add(child)).collect();
        let metrics = plan.metrics().filter(|_| self.measured);
        match self.words(plan.as_ref(), &from) {
            Some(words) => {
                let step = self.step(plan.as_ref(), words, metrics.as_ref());
                self.steps.push(step);
                self.steps.len()
            }
            // The work of a node that only moves rows counts for the step whose rows they are.
            None => {
                let carried = from.first().copied().unwrap_or_default();
                if let (Some(step), Some(metrics)) = (self.steps.get_mut(carried.saturating_sub(1)), metrics) {
                    step.took += took(&metrics);
                }
                carried
            }
        }
    }

    fn step(&self, plan: &dyn ExecutionPlan, words: String, metrics: Option<&MetricsSet>) -> Step {
        let count = |name: &str| Some(metrics?.sum_by_name(name)?.as_usize() as u64);
        let step = Step { words, rows: None, bytes: None, bytes_read: None, spilled: 0, took: Duration::ZERO };
        if let Some(metrics) = metrics {
            return Step {
                rows: metrics.output_rows().map(|rows| rows as u64),
                bytes: metrics
                    .sum(|metric| metric.value().name() == "output_bytes")
                    .map(|bytes| bytes.as_usize() as u64),
                bytes_read: count("bytes_scanned"),
                spilled: metrics.spilled_bytes().unwrap_or_default() as u64,
                took: took(metrics),
                ..step
            };
        }
        let Ok(estimate) = StatisticsContext::new().compute(plan, &StatisticsArgs::new()) else { return step };
        let known = |value: Precision<usize>| value.get_value().map(|value| *value as u64);
        Step { rows: known(estimate.num_rows), bytes: known(estimate.total_byte_size), ..step }
    }

    /// What a node does; `None` for one that only moves rows. `from`: the steps that its rows come from.
    fn words(&self, plan: &dyn ExecutionPlan, from: &[usize]) -> Option<String> {
        if CARRIERS.contains(&plan.name()) || plan.downcast_ref::<RepartitionExec>().is_some() {
            return None;
        }
        if let Some(scan) = plan.downcast_ref::<DataSourceExec>() {
            return Some(self.scan_words(scan));
        }
        if let Some(sealed) = plan.downcast_ref::<SealedExec>() {
            let scan = first_path(sealed.inner().as_ref()).and_then(|path| self.scan_of(&path));
            let table = scan.map_or("a table without files", |scan| scan.table.as_str());
            return Some(format!("look up the latest row of each key of {table}"));
        }
        if plan.downcast_ref::<StreamingTableExec>().is_some() {
            let columns: Vec<String> = plan.schema().fields().iter().map(|field| field.name().clone()).collect();
            let sent = self.scans.iter().find(|scan| scan.table_version.is_none() && scan.columns == columns);
            return Some(format!("read {}", sent.map_or("a table that was sent along", |scan| scan.table.as_str())));
        }
        let rows = || format!("the rows of {}", these(from));
        if let Some(filter) = plan.downcast_ref::<FilterExec>() {
            return Some(format!("keep those of {} where {}", rows(), expression(filter.predicate())));
        }
        if let Some(projection) = plan.downcast_ref::<ProjectionExec>() {
            return projection_words(projection, from);
        }
        if let Some(sort) = plan.downcast_ref::<SortExec>() {
            let first = sort.fetch().map_or(String::new(), |fetch| format!(", and keep the first {fetch}"));
            return Some(format!("sort {} by {}{first}", rows(), order(sort.expr())));
        }
        if let Some(merge) = plan.downcast_ref::<SortPreservingMergeExec>() {
            let first = merge.fetch().map_or(String::new(), |fetch| format!(", and keep the first {fetch}"));
            return Some(format!("merge the sorted parts of {} by {}{first}", these(from), order(merge.expr())));
        }
        if let Some(aggregate) = plan.downcast_ref::<AggregateExec>() {
            return Some(aggregate_words(aggregate, from));
        }
        if let Some(limit) = plan.downcast_ref::<GlobalLimitExec>() {
            let skip = if limit.skip() == 0 { String::new() } else { format!("leave out {} and ", limit.skip()) };
            let take = limit.fetch().map_or("take the others".to_owned(), |fetch| format!("take the first {fetch}"));
            return Some(format!("{skip}{take} of {}", rows()));
        }
        if let Some(limit) = plan.downcast_ref::<LocalLimitExec>() {
            return Some(format!("take the first {} of each part of {}", limit.fetch(), these(from)));
        }
        if plan.downcast_ref::<UnionExec>().is_some() {
            return Some(format!("put {} one after the other", rows()));
        }
        if plan.downcast_ref::<WindowAggExec>().is_some() || plan.downcast_ref::<BoundedWindowAggExec>().is_some() {
            let fields = plan.schema();
            let given = plan.children()[0].schema().fields().len();
            let computed: Vec<&str> = fields.fields().iter().skip(given).map(|field| field.name().as_str()).collect();
            return Some(format!("look over windows of {} for {}", rows(), shortened(&computed.join(", "))));
        }
        if plan.downcast_ref::<UnnestExec>().is_some() {
            return Some(format!("make a row of each element in {}", rows()));
        }
        if plan.downcast_ref::<RecursiveQueryExec>().is_some() {
            return Some(format!(
                "begin with {}, and do {} again for as long as rows come",
                these(&from[..1]),
                these(&from[1..])
            ));
        }
        if plan.downcast_ref::<WorkTableExec>().is_some() {
            return Some("take the rows of the round before".to_owned());
        }
        if plan.name() == "LazyMemoryExec" {
            return Some("make the rows of a series".to_owned());
        }
        if plan.downcast_ref::<EmptyExec>().is_some() {
            return Some("read nothing: no row can match".to_owned());
        }
        if plan.downcast_ref::<PlaceholderRowExec>().is_some() {
            return Some("begin with one row without columns".to_owned());
        }
        Some(join_words(plan, from).unwrap_or_else(|| match from.is_empty() {
            true => plan.name().to_owned(),
            false => format!("{} of {}", plan.name(), these(from)),
        }))
    }

    fn scan_words(&self, scan: &DataSourceExec) -> String {
        if scan.data_source().downcast_ref::<MemorySourceConfig>().is_some() {
            return "take rows that are in memory".to_owned();
        }
        let Some(noted) = first_path(scan).and_then(|path| self.scan_of(&path)) else {
            return "read nothing: no file can hold a row that matches".to_owned();
        };
        let files = scan.data_source().downcast_ref::<FileScanConfig>();
        let parts = files.map_or(0, |files| files.file_groups.len());
        let parts = if parts > 1 { format!(" in {parts} parts at the same time") } else { String::new() };
        let first = files.and_then(|files| files.limit);
        let first = first.map_or(String::new(), |limit| format!(" until there are {}", counted(limit as u64, "row")));
        // What can be computed row by row is done where rows are read.
        let schema = scan.schema();
        let computed = schema.fields().iter().map(|field| field.name()).filter(|name| !noted.columns.contains(name));
        let computed: Vec<String> = computed.map(|name| format!("`{name}`")).collect();
        let computed = match computed.is_empty() {
            true => String::new(),
            false => format!(", and compute {}", shortened(&computed.join(", "))),
        };
        format!("read {}{parts}{first}{computed}", noted.table)
    }

    fn scan_of(&self, path: &str) -> Option<&Scan> {
        self.scans.iter().find(|scan| !scan.location.is_empty() && path.starts_with(&scan.location))
    }
}

fn projection_words(projection: &ProjectionExec, from: &[usize]) -> Option<String> {
    let computed = projection.expr().iter().filter(|column| column.expr.downcast_ref::<Column>().is_none());
    let computed: Vec<String> =
        computed.map(|column| format!("`{}` = {}", column.alias, expression(&column.expr))).collect();
    // Columns that are only renamed or put in another order.
    (!computed.is_empty())
        .then(|| format!("compute {} for the rows of {}", shortened(&computed.join(", ")), these(from)))
}

fn aggregate_words(aggregate: &AggregateExec, from: &[usize]) -> String {
    let groups: Vec<&str> = aggregate.group_expr().expr().iter().map(|(_, name)| name.as_str()).collect();
    let functions: Vec<&str> = aggregate.aggr_expr().iter().map(|function| function.name()).collect();
    let functions =
        if functions.is_empty() { String::new() } else { format!(": {}", shortened(&functions.join(", "))) };
    let grouped = match groups.is_empty() {
        true => "all together".to_owned(),
        false => format!("by {}", shortened(&groups.join(", "))),
    };
    match aggregate.mode() {
        AggregateMode::Partial => format!("group each part of {} {grouped}{functions}", these(from)),
        AggregateMode::PartialReduce => format!("put groups of {} together {grouped}{functions}", these(from)),
        AggregateMode::Final | AggregateMode::FinalPartitioned => {
            format!("put the groups of all parts of {} together {grouped}{functions}", these(from))
        }
        AggregateMode::Single | AggregateMode::SinglePartitioned => {
            format!("group the rows of {} {grouped}{functions}", these(from))
        }
    }
}

fn join_words(plan: &dyn ExecutionPlan, from: &[usize]) -> Option<String> {
    let sides = |left: usize, right: usize| format!("{} with {}", these(&[left]), these(&[right]));
    let all = |left: usize, right: usize| format!("{} with every row of {}", these(&[left]), these(&[right]));
    let (left, right) = (*from.first()?, *from.get(1)?);
    let condition = |filter: Option<&JoinFilter>| {
        filter.map_or(String::new(), |filter| format!(" and {}", expression(filter.expression())))
    };
    let keys = |on: JoinOnRef<'_>| {
        let keys: Vec<String> =
            on.iter().map(|(left, right)| format!("{} = {}", expression(left), expression(right))).collect();
        shortened(&keys.join(" and "))
    };
    if let Some(join) = plan.downcast_ref::<SortMergeJoinExec>() {
        let (kind, on) = (join.join_type(), keys(join.on()));
        let also = condition(join.filter().as_ref());
        return Some(format!("join {} on {on}{also} ({kind}), merging what is sorted", sides(left, right)));
    }
    if let Some(join) = plan.downcast_ref::<HashJoinExec>() {
        let (kind, on) = (join.join_type, keys(join.on()));
        let also = condition(join.filter.as_ref());
        return Some(format!("join {} on {on}{also} ({kind}), keeping the first in memory", sides(left, right)));
    }
    if let Some(join) = plan.downcast_ref::<NestedLoopJoinExec>() {
        let compared =
            join.filter().map_or(String::new(), |filter| format!(" where {}", expression(filter.expression())));
        let kind = join.join_type();
        return Some(format!(
            "compare every row of {}{compared} ({kind}), keeping the first in memory",
            sides(left, right)
        ));
    }
    plan.downcast_ref::<CrossJoinExec>()?;
    Some(format!("put together every row of {}, keeping the first in memory", all(left, right)))
}

fn these(from: &[usize]) -> String {
    let numbers: Vec<String> = from.iter().map(usize::to_string).collect();
    match numbers.as_slice() {
        [] => "nothing".to_owned(),
        [one] => format!("step {one}"),
        [first @ .., last] => format!("steps {} and {last}", first.join(", ")),
    }
}

fn order(order: &LexOrdering) -> String {
    let columns: Vec<String> = order
        .iter()
        .map(|column| {
            format!("{}{}", expression(&column.expr), if column.options.descending { " downwards" } else { "" })
        })
        .collect();
    shortened(&columns.join(", "))
}

fn expression(expression: &Arc<dyn PhysicalExpr>) -> String {
    shortened(&fmt_sql(expression.as_ref()).to_string())
}

/// A text of DataFusion's as people write it, and not too long.
fn shortened(text: &str) -> String {
    let text = without_types(text);
    if text.chars().count() <= EXPRESSION_CHARS_MAX {
        return text;
    }
    let start: String = text.chars().take(EXPRESSION_CHARS_MAX).collect();
    format!("{start} ...")
}

/// `Int64(1)` is 1, and `Utf8("a")` is "a".
fn without_types(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text);
    'text: while !rest.is_empty() {
        for r#type in ["UInt64(", "Int64(", "Int32(", "Float64(", "Utf8(", "Boolean("] {
            if let Some((value, after)) = rest.strip_prefix(r#type).and_then(|value| value.split_once(')')) {
                plain.push_str(value);
                rest = after;
                continue 'text;
            }
        }
        let mut characters = rest.chars();
        plain.extend(characters.next());
        rest = characters.as_str();
    }
    plain
}

fn took(metrics: &MetricsSet) -> Duration {
    Duration::from_nanos(metrics.elapsed_compute().unwrap_or_default() as u64)
}

/// Path of the first file below a plan.
fn first_path(plan: &dyn ExecutionPlan) -> Option<String> {
    if let Some(scan) = plan.downcast_ref::<DataSourceExec>() {
        let files = scan.data_source().downcast_ref::<FileScanConfig>()?;
        let first = files.file_groups.iter().flat_map(|group| group.files()).next()?;
        return Some(first.object_meta.location.to_string());
    }
    plan.children().into_iter().find_map(|child| first_path(child.as_ref()))
}
