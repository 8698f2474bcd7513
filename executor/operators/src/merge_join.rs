//! Joins any number of inputs that are sorted by one key in a single streaming pass, root first.

use std::{cmp::Ordering, sync::Arc};

use arrow::{
    array::{ArrayRef, UInt32Array, new_null_array},
    compute::take,
    datatypes::{Field, Schema, SchemaRef},
    record_batch::{RecordBatch, RecordBatchOptions},
};
use datafusion::{
    common::{Result, plan_err},
    execution::SendableRecordBatchStream,
};
use serde::{Deserialize, Serialize};

use crate::{
    key_aligned::KeyAligned,
    keys::Keys,
    operator::Operator,
    task::{Output, Task},
};

/// Equi-join of the first input (the root) with all others on their keys. All inputs are sorted by their keys, ascending
/// with nulls first; null keys match nothing. Rows come out in the order of the root, and for one root row in the order
/// of the other inputs, so that the result does not depend on how rows were cut into batches or partitions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MergeJoinExec {
    pub inputs: Vec<JoinInput>,
    /// Columns that come out.
    pub output: Vec<JoinColumn>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JoinInput {
    pub keys: Vec<String>,
    /// At most one row per key, as after [`crate::latest::LatestExec`].
    pub unique: bool,
    /// Whether a root row without a partner here stays, with nulls; ignored for the root itself.
    pub optional: bool,
}

/// Column `column` of input `input`, under the name `name`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JoinColumn {
    pub input: usize,
    pub column: String,
    pub name: String,
}

impl Operator for MergeJoinExec {
    const NAME: &'static str = "MergeJoinExec";

    fn output_schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        let fields = self.output.iter().map(|column| {
            let Some(schema) = inputs.get(column.input) else {
                return plan_err!("MergeJoinExec has no input {}", column.input);
            };
            let field = schema.field_with_name(&column.column)?;
            let nullable = field.is_nullable() || (column.input > 0 && self.inputs[column.input].optional);
            let field = Field::new(&column.name, field.data_type().clone(), nullable);
            Ok(field.with_metadata(schema.field_with_name(&column.column)?.metadata().clone()))
        });
        Ok(Arc::new(Schema::new(fields.collect::<Result<Vec<_>>>()?)))
    }

    fn start(&self, inputs: Vec<SendableRecordBatchStream>, task: Task) -> Result<SendableRecordBatchStream> {
        let mut sides = Vec::with_capacity(inputs.len());
        for (index, (input, spec)) in inputs.into_iter().zip(&self.inputs).enumerate() {
            // Root rows are taken one at a time, so they need not be gathered by key.
            let unique = spec.unique || index == 0;
            sides.push(Side::new(KeyAligned::try_new(input, &spec.keys, unique, &task)?, spec));
        }
        if let Some(odd) = sides.iter().find(|side| side.input.reader().types() != sides[0].input.reader().types()) {
            return plan_err!(
                "MergeJoinExec compares keys of types {:?} with {:?}: cast one of them first",
                sides[0].input.reader().types(),
                odd.input.reader().types()
            );
        }
        let columns = self.output.iter().map(|column| {
            let schema = sides[column.input].input.schema();
            Ok((column.input, schema.index_of(&column.column)?))
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        Ok(task.spawn(async move |task, output| {
            Join { sides, columns, batch_rows: task.batch_rows(), schema: Arc::clone(&task.schema), pending: 0 }
                .run(&task, &output)
                .await
        }))
    }
}

/// One input at work: its current batch, how far it was read, and which of its rows wait to be sent.
struct Side {
    input: KeyAligned,
    unique: bool,
    optional: bool,
    batch: Option<(RecordBatch, Keys)>,
    row: usize,
    ended: bool,
    /// Rows that have the key of the current root row.
    matched: Option<std::ops::Range<usize>>,
    /// Rows of the current batch in the pending output; `NONE` for a missing partner.
    pending: Vec<u32>,
}

const NONE: u32 = u32::MAX;

struct Join {
    /// The root first.
    sides: Vec<Side>,
    columns: Vec<(usize, usize)>,
    schema: SchemaRef,
    batch_rows: usize,
    pending: usize,
}

impl Join {
    async fn run(mut self, task: &Task, output: &Output) -> Result<()> {
        while self.load(0, task, output).await? {
            let rows = self.sides[0].rows();
            while self.sides[0].row < rows {
                let Some(keep) = self.seek_partners(task, output).await? else { return Ok(()) };
                if keep {
                    self.emit_root_row();
                }
                self.sides[0].row += 1;
                if self.pending >= self.batch_rows && !self.flush(output).await? {
                    return Ok(());
                }
            }
        }
        self.flush(output).await?;
        Ok(())
    }

    /// Makes sure that side `index` stands on a row; `false` when it has ended. Rows of the batch that is left behind
    /// are sent first, so that every pending row points into a current batch.
    async fn load(&mut self, index: usize, task: &Task, output: &Output) -> Result<bool> {
        loop {
            let side = &self.sides[index];
            if side.row < side.rows() {
                return Ok(true);
            }
            if side.ended {
                return Ok(false);
            }
            task.check_cancelled()?;
            if side.batch.is_some() && !self.flush(output).await? {
                return Ok(false);
            }
            let side = &mut self.sides[index];
            let next = side.input.next().await?;
            if next.is_none() {
                side.ended = true;
                continue;
            }
            side.row = 0;
            side.batch = next;
        }
    }

    /// Moves every other side to the key of the current root row; whether the row comes out, `None` when nobody reads.
    async fn seek_partners(&mut self, task: &Task, output: &Output) -> Result<Option<bool>> {
        let mut keep = true;
        for index in 1..self.sides.len() {
            let found = loop {
                if !self.load(index, task, output).await? {
                    break false;
                }
                let (root, others) = self.sides.split_at_mut(1);
                let (Some((_, root_keys)), root_row) = (&root[0].batch, root[0].row) else { return Ok(None) };
                if root_keys.is_null(root_row) {
                    break false;
                }
                let side = &mut others[index - 1];
                let Some((batch, keys)) = &side.batch else { return Ok(None) };
                let rows = batch.num_rows();
                side.row = keys.seek(side.row, rows, root_keys, root_row);
                if side.row < rows {
                    break keys.compare(side.row, root_keys, root_row) == Ordering::Equal;
                }
            };
            let side = &mut self.sides[index];
            side.matched = found.then(|| side.row..side.group_end());
            keep &= found || side.optional;
            if !keep {
                break;
            }
        }
        Ok(Some(keep))
    }

    /// Adds the current root row with every combination of its partners.
    fn emit_root_row(&mut self) {
        let (root, others) = self.sides.split_at_mut(1);
        let combinations: usize =
            others.iter().map(|side| side.matched.as_ref().map_or(1, ExactSizeIterator::len)).product();
        root[0].pending.extend(std::iter::repeat_n(root[0].row as u32, combinations));
        let mut repeat = combinations;
        for side in others {
            let partners = side.matched.clone().unwrap_or(0..0);
            if partners.is_empty() {
                side.pending.extend(std::iter::repeat_n(NONE, combinations));
                continue;
            }
            // The first input varies slowest, as nested loops would have it.
            let period = repeat;
            repeat /= partners.len();
            for _ in 0..combinations / period {
                for row in partners.clone() {
                    side.pending.extend(std::iter::repeat_n(row as u32, repeat));
                }
            }
        }
        self.pending += combinations;
    }

    /// Sends the pending rows; `false` when nobody reads any more. One root row may have any number of partners, so they
    /// go out in batches of the usual size.
    async fn flush(&mut self, output: &Output) -> Result<bool> {
        let rows = std::mem::take(&mut self.pending);
        let pending: Vec<Vec<u32>> = self.sides.iter_mut().map(|side| std::mem::take(&mut side.pending)).collect();
        for first in (0..rows).step_by(self.batch_rows.max(1)) {
            let end = (first + self.batch_rows.max(1)).min(rows);
            if !output.send(self.batch(&pending, first..end)?).await {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn batch(&self, pending: &[Vec<u32>], places: std::ops::Range<usize>) -> Result<RecordBatch> {
        let rows = places.len();
        let picks: Vec<Pick> = pending.iter().map(|pending| Pick::of(&pending[places.clone()])).collect();
        let columns = self.columns.iter().enumerate().map(|(place, (input, column))| {
            let batch = self.sides[*input].batch.as_ref().map(|(batch, _)| batch.column(*column));
            picks[*input].apply(batch, self.schema.field(place), rows)
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options)?)
    }
}

impl Side {
    fn new(input: KeyAligned, spec: &JoinInput) -> Self {
        Self {
            input,
            unique: spec.unique,
            optional: spec.optional,
            batch: None,
            row: 0,
            ended: false,
            matched: None,
            pending: Vec::new(),
        }
    }

    fn rows(&self) -> usize {
        self.batch.as_ref().map_or(0, |(batch, _)| batch.num_rows())
    }

    /// End of the rows with the current key; inputs that are not unique come aligned, so it is in this batch.
    fn group_end(&self) -> usize {
        match &self.batch {
            Some((batch, keys)) if !self.unique => keys.run_end(self.row, batch.num_rows()),
            _ => self.row + 1,
        }
    }
}

/// Rows of one batch in the order wanted; a run of neighbours costs nothing.
enum Pick {
    Run(usize),
    Rows(UInt32Array),
    Nothing,
}

impl Pick {
    fn of(rows: &[u32]) -> Self {
        let Some(first) = rows.first().copied() else { return Self::Nothing };
        if rows.iter().all(|row| *row == NONE) {
            return Self::Nothing;
        }
        let neighbours = first != NONE && rows.iter().zip(first..).all(|(row, wanted)| *row == wanted);
        if neighbours {
            return Self::Run(first as usize);
        }
        Self::Rows(rows.iter().map(|row| (*row != NONE).then_some(*row)).collect())
    }

    fn apply(&self, column: Option<&ArrayRef>, field: &Field, rows: usize) -> Result<ArrayRef> {
        Ok(match (self, column) {
            (Self::Run(first), Some(column)) => column.slice(*first, rows),
            (Self::Rows(indices), Some(column)) => take(column, indices, None)?,
            (Self::Nothing, _) | (_, None) => new_null_array(field.data_type(), rows),
        })
    }
}
