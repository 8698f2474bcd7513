//! A sorted input read so that all rows of one key arrive in one batch.

use arrow::{compute::concat_batches, datatypes::SchemaRef, record_batch::RecordBatch};
use datafusion::{
    common::Result,
    execution::{
        SendableRecordBatchStream,
        memory_pool::{MemoryConsumer, MemoryReservation},
    },
};
use futures::StreamExt;

use crate::{
    keys::{Key, KeyReader, Keys},
    task::Task,
};

/// Batches of a sorted input whose ends are ends of keys. A key with more rows than a batch makes a larger batch, which
/// is paid from the memory budget.
pub(crate) struct KeyAligned {
    input: SendableRecordBatchStream,
    reader: KeyReader,
    /// Keys are known to be unique, so that every batch is aligned as it is.
    unique: bool,
    /// Batches that wait, of which all but the last hold one key only.
    held: Vec<RecordBatch>,
    /// Last key taken in, and the row of the last held batch where it begins.
    last: Option<Key>,
    tail: usize,
    reservation: MemoryReservation,
    ended: bool,
}

impl KeyAligned {
    pub(crate) fn try_new(
        input: SendableRecordBatchStream,
        columns: &[String],
        unique: bool,
        task: &Task,
    ) -> Result<Self> {
        let reader = KeyReader::try_new(&input.schema(), columns)?;
        let reservation = MemoryConsumer::new("rows of one key").register(task.context.memory_pool());
        Ok(Self { input, reader, unique, held: Vec::new(), last: None, tail: 0, reservation, ended: false })
    }

    pub(crate) fn schema(&self) -> SchemaRef {
        self.input.schema()
    }

    pub(crate) fn reader(&self) -> &KeyReader {
        &self.reader
    }

    /// The next batch that holds every row of each of its keys; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<(RecordBatch, Keys)>> {
        while !self.ended {
            let Some(batch) = self.input.next().await.transpose()? else {
                self.ended = true;
                break;
            };
            if batch.num_rows() == 0 {
                continue;
            }
            let keys = self.reader.read(&batch)?;
            if self.unique {
                return Ok(Some((batch, keys)));
            }
            if let Some(ready) = self.take_in(batch, &keys)? {
                let keys = self.reader.read(&ready)?;
                return Ok(Some((ready, keys)));
            }
        }
        self.release()
    }

    /// Holds `batch` until it is known whether its last key goes on; gives what was held if that is whole.
    fn take_in(&mut self, batch: RecordBatch, keys: &Keys) -> Result<Option<RecordBatch>> {
        let rows = batch.num_rows();
        let continues = self.last.replace(keys.get(rows - 1)) == Some(keys.get(0));
        let mut tail = rows - 1;
        while tail > 0 && keys.same(tail - 1, rows - 1) {
            tail -= 1;
        }
        let held_tail = std::mem::replace(&mut self.tail, tail);
        if !continues {
            let ready = self.drain()?;
            self.held.push(batch);
            return Ok(ready);
        }
        // Only here is a batch ever copied: its first key began in the batch before.
        self.reservation.try_grow(batch.get_array_memory_size())?;
        let Some(before) = self.held.pop() else { return Ok(None) };
        let ready = if held_tail == 0 {
            self.held.push(before);
            None
        } else {
            self.held.push(before.slice(0, held_tail));
            let ready = self.drain()?;
            self.held.push(before.slice(held_tail, before.num_rows() - held_tail));
            ready
        };
        self.held.push(batch);
        Ok(ready)
    }

    fn drain(&mut self) -> Result<Option<RecordBatch>> {
        let mut parts = std::mem::take(&mut self.held);
        self.reservation.free();
        match parts.len() {
            0 => Ok(None),
            1 => Ok(parts.pop()),
            _ => Ok(Some(concat_batches(&self.input.schema(), &parts)?)),
        }
    }

    fn release(&mut self) -> Result<Option<(RecordBatch, Keys)>> {
        match self.drain()? {
            None => Ok(None),
            Some(batch) => {
                let keys = self.reader.read(&batch)?;
                Ok(Some((batch, keys)))
            }
        }
    }
}
