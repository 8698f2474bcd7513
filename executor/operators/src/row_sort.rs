//! Sorts the rows of a task for the writers of files. Rows stay where they are: what is sorted are the first bytes of their
//! keys, with where the row is, and columns are gathered once. What does not fit the memory is spilled as sorted runs.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, FixedSizeBinaryArray},
    buffer::{Buffer, NullBuffer},
    compute::interleave,
    datatypes::{DataType, SchemaRef},
    record_batch::{RecordBatch, RecordBatchOptions},
    row::{RowConverter, Rows, SortField},
};
use datafusion::{
    common::{Result, exec_datafusion_err},
    execution::{
        SendableRecordBatchStream,
        memory_pool::{MemoryConsumer, MemoryReservation},
    },
    physical_expr::LexOrdering,
    physical_plan::{
        ExecutionPlan,
        metrics::{ExecutionPlanMetricsSet, SpillMetrics},
        sorts::streaming_merge::{SortedSpillFile, StreamingMergeBuilder},
        spill::SpillManager,
    },
};
use futures::StreamExt;
use mangonel_storage::shrinks::bytes_of_rows;
use serde::{Deserialize, Serialize};

use crate::{
    error::from_storage,
    layer_merge::ascending,
    operator::{Operator, OperatorExec},
    task::{Output, Task},
};

/// All rows of a task, ascending by `order`, nulls first. Rows that are equal in `order` come in any order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RowSortExec {
    pub order: Vec<String>,
}

impl RowSortExec {
    /// `input` sorted by `order`, partition by partition.
    ///
    /// # Errors
    /// When `input` lacks a column.
    pub fn plan(order: Vec<String>, input: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
        OperatorExec::plan(Self { order }, vec![input])
    }
}

impl Operator for RowSortExec {
    const NAME: &'static str = "RowSortExec";

    fn output_schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        ascending(&inputs[0], &self.order)?;
        Ok(SchemaRef::clone(&inputs[0]))
    }

    fn output_order(&self, output: &SchemaRef) -> Result<Option<LexOrdering>> {
        ascending(output, &self.order).map(Some)
    }

    fn start(&self, mut inputs: Vec<SendableRecordBatchStream>, task: Task) -> Result<SendableRecordBatchStream> {
        let mut input = inputs.remove(0);
        let order = ascending(&task.schema, &self.order)?;
        let mut held = Held::try_new(&self.order, &task)?;
        Ok(task.spawn(async move |task, output| {
            let mut runs = Runs::new(&task);
            while let Some(batch) = input.next().await.transpose()? {
                task.check_cancelled()?;
                if batch.num_rows() == 0 {
                    continue;
                }
                let mut paid = held.reserve(&batch).is_ok();
                if !paid && !held.is_empty() {
                    runs.spill(&mut held, &task)?;
                    paid = held.reserve(&batch).is_ok();
                }
                held.push(batch)?;
                if !paid {
                    // It is larger than the whole budget and here all the same: it makes a run of its own.
                    runs.spill(&mut held, &task)?;
                }
            }
            drop(input);
            if runs.files.is_empty() {
                return held.send(&task, &output).await;
            }
            runs.spill(&mut held, &task)?;
            // Nothing is left in it; merging needs the memory.
            drop(held);
            let mut merged = runs.merged(&order, &task)?;
            while let Some(batch) = merged.next().await.transpose()? {
                task.check_cancelled()?;
                if !output.send(batch).await {
                    break;
                }
            }
            Ok(())
        }))
    }
}

/// Where a row is, and the first bytes of its key as a number, which decide nearly always.
#[derive(Clone, Copy)]
struct Place {
    prefix: u128,
    batch: u32,
    row: u32,
}

/// Rows in memory, each batch with the keys of its rows as bytes that compare as the keys do.
struct Held {
    columns: Vec<usize>,
    converter: RowConverter,
    batches: Vec<RecordBatch>,
    keys: Vec<Rows>,
    places: Vec<Place>,
    reservation: MemoryReservation,
}

impl Held {
    fn try_new(order: &[String], task: &Task) -> Result<Self> {
        let columns = order.iter().map(|name| Ok(task.schema.index_of(name)?)).collect::<Result<Vec<_>>>()?;
        let fields = columns.iter().map(|column| SortField::new(task.schema.field(*column).data_type().clone()));
        let converter = RowConverter::new(fields.collect())?;
        let consumer = MemoryConsumer::new("rows to sort").with_can_spill(true);
        let reservation = consumer.register(task.context.memory_pool());
        Ok(Self { columns, converter, batches: Vec::new(), keys: Vec::new(), places: Vec::new(), reservation })
    }

    fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// Pays for a batch, its keys and its places.
    fn reserve(&mut self, batch: &RecordBatch) -> Result<()> {
        let key_bytes: usize = self.columns.iter().map(|column| key_bytes(batch.column(*column))).sum();
        // Places grow by doubling.
        let places = 2 * size_of::<Place>();
        let row_bytes = size_of::<usize>() + places;
        // Not whole buffers: scans cut large batches into slices of them.
        self.reservation
            .try_grow(bytes_of_rows(batch).map_err(from_storage)? + key_bytes + row_bytes * batch.num_rows())
    }

    fn push(&mut self, batch: RecordBatch) -> Result<()> {
        let columns: Vec<ArrayRef> = self.columns.iter().map(|column| Arc::clone(batch.column(*column))).collect();
        let keys = self.converter.convert_columns(&columns)?;
        let number = self.batches.len() as u32;
        let place = |(row, key): (usize, arrow::row::Row<'_>)| Place {
            prefix: prefix(key.as_ref()),
            batch: number,
            row: row as u32,
        };
        self.places.extend(keys.iter().enumerate().map(place));
        self.keys.push(keys);
        self.batches.push(batch);
        Ok(())
    }

    fn sort(&mut self) {
        let keys = &self.keys;
        let key = |place: &Place| keys[place.batch as usize].row(place.row as usize);
        self.places
            .sort_unstable_by(|left, right| left.prefix.cmp(&right.prefix).then_with(|| key(left).cmp(&key(right))));
    }

    /// The rows at `places`, in that order.
    fn gather(&self, places: &[Place], schema: &SchemaRef) -> Result<RecordBatch> {
        let places: Vec<(usize, usize)> =
            places.iter().map(|place| (place.batch as usize, place.row as usize)).collect();
        let column = |index: usize| {
            let arrays: Vec<&dyn Array> = self.batches.iter().map(|batch| batch.column(index).as_ref()).collect();
            match schema.field(index).data_type() {
                DataType::FixedSizeBinary(size) => gather_fixed(&arrays, *size, &places),
                _ => Ok(interleave(&arrays, &places)?),
            }
        };
        let columns = (0..schema.fields().len()).map(column).collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(places.len()));
        Ok(RecordBatch::try_new_with_options(SchemaRef::clone(schema), columns, &options)?)
    }

    async fn send(mut self, task: &Task, output: &Output) -> Result<()> {
        self.sort();
        for places in self.places.chunks(task.batch_rows()) {
            task.check_cancelled()?;
            if !output.send(self.gather(places, &task.schema)?).await {
                break;
            }
        }
        Ok(())
    }

    fn clear(&mut self) {
        self.batches.clear();
        self.keys.clear();
        self.places = Vec::new();
        self.reservation.free();
    }
}

/// Bytes that the values of a column take in keys, about.
fn key_bytes(column: &ArrayRef) -> usize {
    match column.data_type().primitive_width() {
        Some(width) => (width + 1) * column.len(),
        // Texts are padded to blocks.
        None => 2 * column.get_buffer_memory_size().min(column.to_data().get_slice_memory_size().unwrap_or(usize::MAX)),
    }
}

fn prefix(key: &[u8]) -> u128 {
    if let Some(first) = key.first_chunk::<16>() {
        return u128::from_be_bytes(*first);
    }
    let mut first = [0; 16];
    first[..key.len()].copy_from_slice(key);
    u128::from_be_bytes(first)
}

/// As `interleave`, which copies digests value by value through its slowest path.
fn gather_fixed(arrays: &[&dyn Array], size: i32, places: &[(usize, usize)]) -> Result<ArrayRef> {
    let arrays: Vec<&FixedSizeBinaryArray> = arrays.iter().map(|array| array.as_fixed_size_binary()).collect();
    let mut bytes = Vec::with_capacity(places.len() * size as usize);
    for (batch, row) in places {
        bytes.extend_from_slice(arrays[*batch].value(*row));
    }
    let has_nulls = arrays.iter().any(|array| array.null_count() > 0);
    let valid = || places.iter().map(|(batch, row)| arrays[*batch].is_valid(*row)).collect::<Vec<_>>();
    let nulls = has_nulls.then(|| NullBuffer::from(valid()));
    Ok(Arc::new(FixedSizeBinaryArray::try_new(size, Buffer::from_vec(bytes), nulls)?))
}

/// Sorted runs on disk.
struct Runs {
    manager: SpillManager,
    files: Vec<SortedSpillFile>,
}

impl Runs {
    fn new(task: &Task) -> Self {
        let metrics = SpillMetrics::new(&ExecutionPlanMetricsSet::new(), task.partition);
        let manager = SpillManager::new(task.context.runtime_env(), metrics, SchemaRef::clone(&task.schema));
        Self { manager, files: Vec::new() }
    }

    /// Writes all held rows as one run and forgets them.
    fn spill(&mut self, held: &mut Held, task: &Task) -> Result<()> {
        if held.is_empty() {
            return Ok(());
        }
        held.sort();
        let mut file = self.manager.create_in_progress_file("rows to sort")?;
        let mut max_record_batch_memory = 0;
        for places in held.places.chunks(task.batch_rows()) {
            task.check_cancelled()?;
            max_record_batch_memory =
                max_record_batch_memory.max(file.append_batch(&held.gather(places, &task.schema)?)?);
        }
        let file = file.finish()?.ok_or_else(|| exec_datafusion_err!("a sorted run has no file"))?;
        self.files.push(SortedSpillFile { file, max_record_batch_memory });
        held.clear();
        Ok(())
    }

    fn merged(self, order: &LexOrdering, task: &Task) -> Result<SendableRecordBatchStream> {
        StreamingMergeBuilder::new()
            .with_sorted_spill_files(self.files)
            .with_spill_manager(self.manager)
            .with_schema(SchemaRef::clone(&task.schema))
            .with_expressions(order)
            .with_metrics(task.metrics.intermediate())
            .with_batch_size(task.batch_rows())
            .with_reservation(MemoryConsumer::new("merge of sorted runs").register(task.context.memory_pool()))
            .build()
    }
}
