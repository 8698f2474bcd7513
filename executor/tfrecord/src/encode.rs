//! Rows to framed records. The sizes of all rows are computed first, column by column, so that a refused batch leaves no
//! bytes behind and every length is known when it is written; then blocks of rows that fit the cache are written, again
//! column by column. Nothing is allocated per row.

use std::ops::Range;
use std::sync::Arc;

use arrow::record_batch::RecordBatch;

use crate::frame::{FOOTER_BYTES, HEADER_BYTES, RECORD_BYTES_MAX, put_footer, put_header};
use crate::values::{BytesValues, Column, Span, Values};
use crate::wire::{Head, field_len, put_bytes, put_field, put_list_value, put_varint, varint_len};
use crate::{ExampleSchema, Feature, NullCount, NullPolicy, TfRecordError};

/// Tag of `Example.features`.
const FEATURES: u8 = 0x0a;

/// Rows are written in blocks of about this size, which stay in the second-level cache while each column adds its part.
const BLOCK_BYTES: usize = 128 << 10;

/// Writes batches of one dataset as TFRecords. Which batches the rows come in does not change the bytes.
#[derive(Debug)]
pub struct Encoder {
    schema: Arc<ExampleSchema>,
    heads: Vec<Head>,
    /// Per column and row, reused from batch to batch: the features' bytes of each row, and where its next one goes.
    sizes: Vec<usize>,
    cursors: Vec<usize>,
    nulls: Vec<u64>,
}

/// What one call of [`Encoder::encode`] has appended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EncodedRows {
    pub rows: u64,
    /// Including the 16 bytes of frame per row.
    pub bytes: u64,
}

impl Encoder {
    pub fn new(schema: Arc<ExampleSchema>) -> Self {
        let heads = schema.features().iter().map(|feature| Head::new(&feature.name, feature.kind)).collect();
        let nulls = vec![0; schema.features().len()];
        Self { schema, heads, sizes: Vec::new(), cursors: Vec::new(), nulls }
    }

    /// Appends one record per row of `batch` to `out`: `u64` length, its masked CRC32C, the `Example`, its masked CRC32C, all
    /// little-endian. Features are sorted by name, numbers packed: the bytes of a protobuf library that sorts map keys.
    /// `batch`: the planned columns in the planned order (nullability and metadata may differ).
    /// # Errors
    /// [`TfRecordError::Nulls`] and [`TfRecordError::NullElements`] by the null policy, with all columns of the batch;
    /// [`TfRecordError::Value`], [`TfRecordError::ListLength`], [`TfRecordError::RowTooLarge`] for a value that has no place;
    /// [`TfRecordError::BatchMismatch`] for another schema. `out` is left as it was.
    pub fn encode(&mut self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<EncodedRows, TfRecordError> {
        let features = self.schema.features();
        let policy = self.schema.null_policy();
        let columns: Vec<Column> =
            features.iter().map(|feature| Column::read(batch, feature, policy)).collect::<Result<_, _>>()?;
        check_nulls(features, &columns, policy)?;

        self.sizes.clear();
        self.sizes.resize(batch.num_rows(), 0);
        for (column, head) in columns.iter().zip(&self.heads) {
            column.add_sizes(head, &mut self.sizes);
        }
        let bytes = total_bytes(&self.sizes)?;
        out.reserve(bytes);
        let mut start = 0;
        while start < batch.num_rows() {
            start = self.write_block(&columns, start, out);
        }
        for (total, column) in self.nulls.iter_mut().zip(&columns) {
            *total += column.nulls as u64;
        }
        Ok(EncodedRows { rows: batch.num_rows() as u64, bytes: bytes as u64 })
    }

    /// Nulls met so far by column, omitted or replaced by defaults; columns without any are left out. Summed over all shards
    /// they settle the schema file, see [`ExampleSchema::schema_file_after`].
    pub fn null_counts(&self) -> impl Iterator<Item = (&str, u64)> {
        let names = self.schema.features().iter().map(|feature| feature.name.as_str());
        names.zip(self.nulls.iter().copied()).filter(|(_, nulls)| *nulls > 0)
    }

    /// Writes rows from `start` on until the block is full, and returns the first row of the next block.
    fn write_block(&mut self, columns: &[Column], start: usize, out: &mut Vec<u8>) -> usize {
        let (mut end, mut bytes) = (start, 0);
        while end < self.sizes.len() && (end == start || bytes + framed_bytes(self.sizes[end]) <= BLOCK_BYTES) {
            bytes += framed_bytes(self.sizes[end]);
            end += 1;
        }
        let before = out.len();
        out.resize(before + bytes, 0);
        let block = &mut out[before..];

        self.cursors.clear();
        let mut at = 0;
        for &size in &self.sizes[start..end] {
            put_header(&mut block[at..], field_len(size));
            let tag = at + HEADER_BYTES;
            self.cursors.push(tag + put_field(&mut block[tag..], FEATURES, size));
            at += framed_bytes(size);
        }
        for (column, head) in columns.iter().zip(&self.heads) {
            column.write(head, start..end, block, &mut self.cursors);
        }
        let mut at = 0;
        for (&size, &cursor) in self.sizes[start..end].iter().zip(&self.cursors) {
            let next = at + framed_bytes(size);
            debug_assert_eq!(cursor + FOOTER_BYTES, next, "sizes and writing disagree");
            put_footer(&mut block[at..next]);
            at = next;
        }
        end
    }
}

/// Bytes of a record whose features take `features_bytes`.
fn framed_bytes(features_bytes: usize) -> usize {
    HEADER_BYTES + field_len(features_bytes) + FOOTER_BYTES
}

fn total_bytes(sizes: &[usize]) -> Result<usize, TfRecordError> {
    let mut total = 0;
    for (row, &size) in sizes.iter().enumerate() {
        let bytes = field_len(size);
        if bytes > RECORD_BYTES_MAX {
            return Err(TfRecordError::RowTooLarge { row, bytes, max: RECORD_BYTES_MAX });
        }
        total += framed_bytes(size);
    }
    Ok(total)
}

fn check_nulls(features: &[Feature], columns: &[Column], policy: NullPolicy) -> Result<(), TfRecordError> {
    if policy == NullPolicy::Default {
        return Ok(());
    }
    let counted = |count: fn(&Column) -> usize| -> Vec<NullCount> {
        let counts = features
            .iter()
            .zip(columns)
            .map(|(f, column)| NullCount { column: f.name.clone(), nulls: count(column) as u64 });
        counts.filter(|count| count.nulls > 0).collect()
    };
    let columns_with_nulls = counted(|column| if column.omitted.is_some() { 0 } else { column.nulls });
    if !columns_with_nulls.is_empty() {
        return Err(TfRecordError::Nulls { columns: columns_with_nulls });
    }
    let lists_with_nulls = counted(|column| column.null_elements);
    if !lists_with_nulls.is_empty() {
        return Err(TfRecordError::NullElements { columns: lists_with_nulls });
    }
    Ok(())
}

impl Column {
    fn is_omitted(&self, row: usize) -> bool {
        self.omitted.as_ref().is_some_and(|valid| valid.is_null(row))
    }

    /// Adds the bytes of this column's entry to each row's size.
    fn add_sizes(&self, head: &Head, sizes: &mut [usize]) {
        match (&self.values, &self.spans) {
            (Values::Int(values), None) => {
                self.add_each(sizes, |row| head.size_of_value(varint_len(values[row] as u64)))
            }
            (Values::Float(_), None) => {
                let size = head.before_float().len() + 4;
                self.add_each(sizes, |_| size);
            }
            (Values::Bytes(BytesValues::Small(values)), None) => {
                self.add_each(sizes, |row| head.size_of_value(values.value_length(row) as usize));
            }
            (Values::Bytes(values), None) => self.add_each(sizes, |row| head.size_of_value(values.get(row).len())),
            (Values::Int(values), Some(spans)) => {
                self.add_each(sizes, |row| size_of_numbers(head, packed_bytes(&values[spans[row].range()])));
            }
            (Values::Float(_), Some(spans)) => self.add_each(sizes, |row| size_of_numbers(head, spans[row].len * 4)),
            (Values::Bytes(values), Some(spans)) => {
                self.add_each(sizes, |row| head.size_of_list(bytes_list_len(values, spans[row])));
            }
        }
    }

    #[inline(always)]
    fn add_each(&self, sizes: &mut [usize], size: impl Fn(usize) -> usize) {
        match &self.omitted {
            None => sizes.iter_mut().enumerate().for_each(|(row, total)| *total += size(row)),
            Some(valid) => valid.valid_indices().for_each(|row| sizes[row] += size(row)),
        }
    }

    /// Writes this column's entry of `rows` into `block`, each at its row's cursor, and moves the cursors.
    fn write(&self, head: &Head, rows: Range<usize>, block: &mut [u8], cursors: &mut [usize]) {
        match (&self.values, &self.spans) {
            (Values::Int(values), None) => self.write_each(rows, block, cursors, |row, dst| {
                let value = values[row] as u64;
                let at = head.put_before_value(dst, varint_len(value));
                at + put_varint(&mut dst[at..], value)
            }),
            (Values::Float(values), None) => {
                let before = head.before_float();
                self.write_each(rows, block, cursors, |row, dst| {
                    put_bytes(dst, before);
                    put_float(&mut dst[before.len()..], values[row]);
                    before.len() + 4
                });
            }
            (Values::Bytes(values), None) => self.write_each(rows, block, cursors, |row, dst| {
                let value = values.get(row);
                let at = head.put_before_value(dst, value.len());
                put_bytes(&mut dst[at..], value);
                at + value.len()
            }),
            (Values::Int(values), Some(spans)) => self.write_each(rows, block, cursors, |row, dst| {
                let values = &values[spans[row].range()];
                let mut at = put_before_numbers(head, dst, packed_bytes(values));
                for &value in values {
                    at += put_varint(&mut dst[at..], value as u64);
                }
                at
            }),
            (Values::Float(values), Some(spans)) => self.write_each(rows, block, cursors, |row, dst| {
                let values = &values[spans[row].range()];
                let at = put_before_numbers(head, dst, values.len() * 4);
                for (to, &value) in dst[at..].chunks_exact_mut(4).zip(values) {
                    put_float(to, value);
                }
                at + values.len() * 4
            }),
            (Values::Bytes(values), Some(spans)) => self.write_each(rows, block, cursors, |row, dst| {
                let mut at = head.put_before_list(dst, bytes_list_len(values, spans[row]));
                for index in spans[row].range() {
                    at += put_list_value(&mut dst[at..], values.get(index));
                }
                at
            }),
        }
    }

    #[inline(always)]
    fn write_each(
        &self,
        rows: Range<usize>,
        block: &mut [u8],
        cursors: &mut [usize],
        mut write: impl FnMut(usize, &mut [u8]) -> usize,
    ) {
        for (row, cursor) in rows.zip(cursors) {
            if !self.is_omitted(row) {
                *cursor += write(row, &mut block[*cursor..]);
            }
        }
    }
}

impl Span {
    fn range(self) -> Range<usize> {
        self.start..self.start + self.len
    }
}

#[inline(always)]
fn put_float(dst: &mut [u8], value: f32) {
    if let Some(to) = dst.first_chunk_mut::<4>() {
        *to = value.to_le_bytes();
    }
}

fn packed_bytes(values: &[i64]) -> usize {
    values.iter().map(|&value| varint_len(value as u64)).sum()
}

fn bytes_list_len(values: &BytesValues, span: Span) -> usize {
    span.range().map(|index| field_len(values.get(index).len())).sum()
}

/// An empty packed list has no field at all, not one of length 0.
fn size_of_numbers(head: &Head, packed: usize) -> usize {
    if packed == 0 { head.size_of_list(0) } else { head.size_of_value(packed) }
}

fn put_before_numbers(head: &Head, dst: &mut [u8], packed: usize) -> usize {
    if packed == 0 { head.put_before_list(dst, 0) } else { head.put_before_value(dst, packed) }
}
