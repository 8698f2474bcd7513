//! Cuts joined rows into shards by the hash of the root's entity key, and writes each shard complete or not at all.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, UInt32Array},
    compute::take_record_batch,
    datatypes::{Field, Schema, SchemaRef},
    record_batch::RecordBatch,
};
use datafusion::{
    common::{Result, exec_datafusion_err, exec_err},
    execution::{
        SendableRecordBatchStream, TaskContext,
        memory_pool::{MemoryConsumer, MemoryLimit, MemoryReservation},
    },
};
use futures::StreamExt;
use mangonel_storage::{
    dataset::{Compression, ShardFormat, ShardRecord, ShardTarget, ShardWriter},
    delimited::{Delimiter, check_columns},
    digest::{DIGEST_BYTES, RowDigester},
    hash::hash_keys,
    warehouse::Warehouse,
};
use mangonel_tfrecord::{EncodeOptions, ExampleSchema, NullPolicy, StringFeatures};
use serde::{Deserialize, Serialize};

use crate::{
    columns::{DIGEST, ROOT_DIGEST, feature_columns, key_column},
    error::from_storage,
    hot_count::orders,
    operator::Operator,
    record::{TaskRecord, WrittenShard, record_batch, record_schema, worker},
    task::{Output, Task},
};

/// Writes the rows of each shard in the order in which they arrive. All rows of a shard must arrive in one partition;
/// which shards those are is read from the rows, never from the partition's number.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ShardWriterExec {
    pub run_folder: String,
    /// Copies of the root's entity key in the input, `_mangonel_key_0`, ...
    pub key_columns: usize,
    /// First place (hash, order) of every shard but the first, ascending. Where an order is not 0 the input has the column
    /// `_mangonel_root_digest`.
    pub bounds: Vec<(u64, u64)>,
    pub encoding: ShardEncoding,
    /// Shards that an earlier attempt of the run completed: their rows are counted and not written again.
    pub done: BTreeMap<u32, ShardRecord>,
}

/// How shards are encoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "format", rename_all = "snake_case")]
pub enum ShardEncoding {
    TfRecord {
        nulls: Nulls,
        strict: bool,
        var_len_strings: bool,
        without_nulls: BTreeSet<String>,
        list_lengths: BTreeMap<String, usize>,
        #[serde(default)]
        compression: Compression,
    },
    Delimited {
        delimiter: Delimiter,
        #[serde(default)]
        compression: Compression,
    },
    Parquet,
}

/// What becomes of nulls in TFRecord.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nulls {
    Error,
    Default,
    Omit,
}

impl ShardEncoding {
    /// The encoder for rows of `columns`.
    ///
    /// # Errors
    /// Every column that the format cannot hold, at once.
    pub fn format(&self, columns: &Schema) -> mangonel_proto::Result<ShardFormat> {
        let Self::TfRecord { nulls, strict, var_len_strings, without_nulls, list_lengths, compression } = self else {
            let Self::Delimited { delimiter, compression } = self else { return Ok(ShardFormat::Parquet) };
            check_columns(columns)?;
            return Ok(ShardFormat::Delimited(*delimiter, *compression));
        };
        let options = EncodeOptions {
            null_policy: match nulls {
                Nulls::Error => NullPolicy::Error,
                Nulls::Default => NullPolicy::Default,
                Nulls::Omit => NullPolicy::Omit,
            },
            string_features: if *var_len_strings { StringFeatures::VarLen } else { StringFeatures::FixedLen },
            strict: *strict,
            without_nulls: without_nulls.clone(),
            list_lengths: list_lengths.clone(),
            ..Default::default()
        };
        let schema = ExampleSchema::plan(columns, &options)
            .map_err(|error| mangonel_proto::Error::invalid(error.to_string()).reason("InferTFRecordSchemaError"))?;
        Ok(ShardFormat::TfRecord(Arc::new(schema), *compression))
    }
}

impl Operator for ShardWriterExec {
    const NAME: &'static str = "ShardWriterExec";

    fn output_schema(&self, inputs: &[SchemaRef]) -> Result<SchemaRef> {
        for key in 0..self.key_columns {
            inputs[0].index_of(&key_column(key))?;
        }
        Ok(record_schema())
    }

    fn start(&self, mut inputs: Vec<SendableRecordBatchStream>, task: Task) -> Result<SendableRecordBatchStream> {
        let mut input = inputs.remove(0);
        let columns = feature_columns(&input.schema());
        let format = self.encoding.format(&columns).map_err(|error| from_storage(error.into()))?;
        let mut shards = Shards {
            divides_keys: self.bounds.iter().any(|(_, order)| *order > 0),
            spec: self.clone(),
            warehouse: task.warehouse()?,
            digester: RowDigester::new(&columns).map_err(from_storage)?,
            columns,
            format,
            open: BTreeMap::new(),
            context: Arc::clone(&task.context),
        };
        Ok(task.spawn(async move |task, output| {
            while let Some(batch) = input.next().await.transpose()? {
                task.check_cancelled()?;
                if batch.num_rows() > 0 {
                    shards.take_in(&batch).await?;
                    task.pulse.add_rows(batch.num_rows());
                }
            }
            task.check_cancelled()?;
            shards.finish(&task, &output).await
        }))
    }
}

/// The shards of one partition, all open at once: rows come in key order, which is not the order of hashes.
struct Shards {
    spec: ShardWriterExec,
    divides_keys: bool,
    warehouse: Arc<Warehouse>,
    columns: SchemaRef,
    format: ShardFormat,
    digester: RowDigester,
    open: BTreeMap<u32, OpenShard>,
    context: Arc<TaskContext>,
}

struct OpenShard {
    /// `None` for a shard that was done before.
    writer: Option<ShardWriter>,
    rows_in: u64,
    /// What the writer holds.
    _reservation: MemoryReservation,
}

impl Shards {
    async fn take_in(&mut self, batch: &RecordBatch) -> Result<()> {
        let keys = (0..self.spec.key_columns)
            .map(|key| Ok(Arc::clone(batch.column(batch.schema_ref().index_of(&key_column(key))?))));
        let keys: Vec<ArrayRef> = keys.collect::<Result<_>>()?;
        let hashes = hash_keys(&keys).map_err(from_storage)?;
        let orders = if self.divides_keys { orders(batch, ROOT_DIGEST)? } else { Vec::new() };
        let mut rows_of: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (row, hash) in hashes.iter().enumerate() {
            let place = (*hash, orders.get(row).copied().unwrap_or(0));
            let shard = self.spec.bounds.partition_point(|bound| *bound <= place) as u32;
            rows_of.entry(shard).or_default().push(row as u32);
        }
        let features = batch.project(&self.feature_indices(batch)?)?;
        let digests = self.digester.digest(&features).map_err(from_storage)?;
        let mut columns = features.columns().to_vec();
        columns.push(Arc::new(digests));
        let rows = RecordBatch::try_new(with_digest(&self.columns), columns)?;
        for (shard, indices) in rows_of {
            let open = self.open(shard)?;
            open.rows_in += indices.len() as u64;
            let Some(writer) = &mut open.writer else { continue };
            let part = if indices.len() == rows.num_rows() {
                rows.clone()
            } else {
                take_record_batch(&rows, &UInt32Array::from(indices))?
            };
            writer.write(&part).await.map_err(from_storage)?;
        }
        Ok(())
    }

    fn feature_indices(&self, batch: &RecordBatch) -> Result<Vec<usize>> {
        self.columns.fields().iter().map(|field| Ok(batch.schema_ref().index_of(field.name())?)).collect()
    }

    fn open(&mut self, shard: u32) -> Result<&mut OpenShard> {
        if !self.open.contains_key(&shard) {
            let reservation = MemoryConsumer::new("open shard").register(self.context.memory_pool());
            let writer = match self.spec.done.contains_key(&shard) {
                true => None,
                false => Some(self.writer(shard, &reservation)?),
            };
            self.open.insert(shard, OpenShard { writer, rows_in: 0, _reservation: reservation });
        }
        match self.open.get_mut(&shard) {
            Some(open) => Ok(open),
            None => exec_err!("shard {shard} was not opened"),
        }
    }

    /// A writer whose unfinished row groups are in memory as long as half of the budget is left to the joins below, else in
    /// a file of the work folder. Rows come in key order, so that every shard of the lane is open until the end.
    fn writer(&self, shard: u32, reservation: &MemoryReservation) -> Result<ShardWriter> {
        let target = ShardTarget {
            run_folder: self.spec.run_folder.clone(),
            shard,
            columns: Arc::clone(&self.columns),
            format: self.format.clone(),
        };
        let (in_memory, in_file) = self.format.writer_bytes(&self.warehouse);
        let left_to_joins = match self.context.memory_pool().memory_limit() {
            MemoryLimit::Finite(bytes) => bytes / 2,
            _ => 0,
        };
        let writer = if reservation.try_grow(in_memory + left_to_joins).is_ok() {
            reservation.shrink(left_to_joins);
            ShardWriter::try_new(&self.warehouse, target)
        } else {
            // It must be written in any case, but takes nothing from the half of the joins, which cannot spill.
            if reservation.try_grow(in_file + left_to_joins).is_ok() {
                reservation.shrink(left_to_joins);
            }
            ShardWriter::with_pages_in(work_file(&self.context)?, &self.warehouse, target)
        };
        writer.map_err(from_storage)
    }

    /// Publishes the shards one after another and sends a record for each.
    async fn finish(self, task: &Task, output: &Output) -> Result<()> {
        for (shard, open) in self.open {
            task.check_cancelled()?;
            let record = match open.writer {
                Some(writer) => writer.finish().await.map_err(from_storage)?,
                None => self.spec.done[&shard].clone(),
            };
            let written = WrittenShard { shard: record, rows_in: open.rows_in, task: task.id(), worker: worker() };
            output.send(record_batch(&TaskRecord::Shard(written))?).await;
        }
        output.done(task).await
    }
}

fn with_digest(columns: &Schema) -> SchemaRef {
    let mut fields: Vec<_> = columns.fields().iter().cloned().collect();
    fields.push(Arc::new(Field::new(DIGEST, arrow::datatypes::DataType::FixedSizeBinary(DIGEST_BYTES), false)));
    Arc::new(Schema::new(fields))
}

/// A file of the work folder that is gone when it is closed.
fn work_file(context: &TaskContext) -> Result<File> {
    let created = context.runtime_env().disk_manager.create_tmp_file("pages of open shards")?;
    let path = created.path().ok_or_else(|| exec_datafusion_err!("the work folder is not on this machine"))?;
    Ok(File::options().read(true).write(true).open(path)?)
}
