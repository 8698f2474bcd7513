//! Many rows as canonical bytes: column by column for a chunk of rows, so that a column's type is looked at once per chunk
//! and no row allocates. What hashes and digests run over.

use std::ops::Range;

use crate::canonical::{
    BOOLEAN, Column, FLOAT, Fault, NULL, STRING, Values, WORD, date, days, integer, timestamp, widened, word,
};

/// Where in the data a fault was found: `column` counts the columns given, `row` the rows of the batch.
#[derive(Debug)]
pub(crate) struct FaultAt {
    pub(crate) column: usize,
    pub(crate) row: usize,
    pub(crate) fault: Fault,
}

/// What a null column adds to a row's bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nulls {
    /// A null tag, as in keys.
    Written,
    /// Nothing, not even the name, as in digests.
    LeftOut,
}

/// Encodes rows column by column for a chunk of rows, so that the type is looked at once per column and no row allocates.
#[derive(Default)]
pub(crate) struct RowBytes {
    bytes: Vec<u8>,
    /// While measuring: bytes of each row. While writing: where the row goes on. Afterwards: where it ends.
    cursors: Vec<usize>,
    /// Per column, the values that have no fixed size: their bytes, and where each row's end.
    staged: Vec<(Vec<u8>, Vec<usize>)>,
}

/// Rows encoded at a time: enough to spread the cost per column, few enough that wide rows stay in the cache.
pub(crate) const CHUNK_ROWS: usize = 256;

impl RowBytes {
    /// Encodes `rows` of all `columns`, each value after the prefix of its column.
    pub(crate) fn encode(
        &mut self,
        columns: &[Column<'_>],
        prefixes: &[Vec<u8>],
        nulls: Nulls,
        rows: Range<usize>,
    ) -> Result<(), FaultAt> {
        self.cursors.clear();
        self.cursors.resize(rows.len(), 0);
        self.staged.resize_with(columns.len(), Default::default);
        for (index, column) in columns.iter().enumerate() {
            let staged = &mut self.staged[index];
            measure(column, prefixes[index].len(), nulls, &rows, &mut self.cursors, staged)
                .map_err(|(row, fault)| FaultAt { column: index, row, fault })?;
        }
        let mut total = 0;
        for cursor in &mut self.cursors {
            total += std::mem::replace(cursor, total);
        }
        if self.bytes.len() < total {
            self.bytes.resize(total, 0);
        }
        for (index, column) in columns.iter().enumerate() {
            let mut out = Out { bytes: &mut self.bytes, cursors: &mut self.cursors, prefix: &prefixes[index], nulls };
            write(column, &rows, &mut out, &self.staged[index]).map_err(|(row, fault)| FaultAt {
                column: index,
                row,
                fault,
            })?;
        }
        Ok(())
    }

    /// The bytes of each row of the last chunk.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.cursors.iter().map(move |end| &self.bytes[std::mem::replace(&mut start, *end)..*end])
    }
}

/// Adds to `sizes` what `column` takes in each row, and stages values that have no fixed size.
fn measure(
    column: &Column<'_>,
    prefix: usize,
    nulls: Nulls,
    rows: &Range<usize>,
    sizes: &mut [usize],
    (bytes, ends): &mut (Vec<u8>, Vec<usize>),
) -> Result<(), (usize, Fault)> {
    let null = if nulls == Nulls::Written { prefix + 1 } else { 0 };
    let fixed = match &column.values {
        Values::Null => null,
        Values::Bool(_) => prefix + 2,
        Values::I8(_) | Values::I16(_) | Values::I32(_) | Values::I64(_) => prefix + WORD,
        Values::U8(_) | Values::U16(_) | Values::U32(_) | Values::F32(_) | Values::F64(_) => prefix + WORD,
        Values::Date32(_) | Values::Date64(_) | Values::Timestamp(..) => prefix + WORD,
        Values::Utf8(values) => {
            let offsets = values.value_offsets();
            for (size, row) in sizes.iter_mut().zip(rows.clone()) {
                let length = (offsets[row + 1] - offsets[row]) as usize;
                *size += if column.is_null(row) { null } else { prefix + 5 + length };
            }
            return Ok(());
        }
        _ => {
            bytes.clear();
            ends.clear();
            for (size, row) in sizes.iter_mut().zip(rows.clone()) {
                let before = bytes.len();
                if !column.is_null(row) {
                    column.put(row, bytes).map_err(|fault| (row, fault))?;
                }
                *size += if column.is_null(row) { null } else { prefix + bytes.len() - before };
                ends.push(bytes.len());
            }
            return Ok(());
        }
    };
    match &column.nulls {
        None => sizes.iter_mut().for_each(|size| *size += fixed),
        Some(mask) => {
            for (size, row) in sizes.iter_mut().zip(rows.clone()) {
                *size += if mask.is_null(row) { null } else { fixed };
            }
        }
    }
    Ok(())
}

/// Where a chunk of one column is written.
struct Out<'a> {
    bytes: &'a mut [u8],
    cursors: &'a mut [usize],
    prefix: &'a [u8],
    nulls: Nulls,
}

impl Out<'_> {
    /// Writes a chunk of a column whose values have `N` bytes.
    #[inline]
    fn fixed<const N: usize>(
        &mut self,
        column: &Column<'_>,
        rows: &Range<usize>,
        value: impl Fn(usize) -> Result<[u8; N], Fault>,
    ) -> Result<(), (usize, Fault)> {
        let length = self.prefix.len();
        for (index, row) in rows.clone().enumerate() {
            if column.is_null(row) {
                self.null(index);
                continue;
            }
            let bytes = value(row).map_err(|fault| (row, fault))?;
            let out = &mut self.bytes[self.cursors[index]..][..length + N];
            out[..length].copy_from_slice(self.prefix);
            out[length..].copy_from_slice(&bytes);
            self.cursors[index] += length + N;
        }
        Ok(())
    }

    fn words<T: Copy>(
        &mut self,
        column: &Column<'_>,
        rows: &Range<usize>,
        values: &[T],
        value: impl Fn(T) -> Result<[u8; WORD], Fault>,
    ) -> Result<(), (usize, Fault)> {
        self.fixed(column, rows, |row| value(values[row]))
    }

    fn put(&mut self, index: usize, bytes: &[u8]) {
        let out = &mut self.bytes[self.cursors[index]..][..bytes.len()];
        out.copy_from_slice(bytes);
        self.cursors[index] += bytes.len();
    }

    fn null(&mut self, index: usize) {
        if self.nulls == Nulls::Written {
            self.put(index, self.prefix);
            self.put(index, &[NULL]);
        }
    }
}

fn write(
    column: &Column<'_>,
    rows: &Range<usize>,
    out: &mut Out<'_>,
    (bytes, ends): &(Vec<u8>, Vec<usize>),
) -> Result<(), (usize, Fault)> {
    match &column.values {
        Values::Null => {
            (0..rows.len()).for_each(|index| out.null(index));
            Ok(())
        }
        Values::Bool(values) => out.fixed(column, rows, |row| Ok([BOOLEAN, u8::from(values.value(row))])),
        Values::I8(values) => out.words(column, rows, values, |value| Ok(integer(value.into()))),
        Values::I16(values) => out.words(column, rows, values, |value| Ok(integer(value.into()))),
        Values::I32(values) => out.words(column, rows, values, |value| Ok(integer(value.into()))),
        Values::I64(values) => out.words(column, rows, values, |value| Ok(integer(value))),
        Values::U8(values) => out.words(column, rows, values, |value| Ok(integer(value.into()))),
        Values::U16(values) => out.words(column, rows, values, |value| Ok(integer(value.into()))),
        Values::U32(values) => out.words(column, rows, values, |value| Ok(integer(value.into()))),
        Values::F32(values) => out.words(column, rows, values, |value| Ok(word(FLOAT, widened(value)))),
        Values::F64(values) => out.words(column, rows, values, |value| Ok(word(FLOAT, value.to_bits()))),
        Values::Date32(values) => out.words(column, rows, values, |value| Ok(date(value))),
        Values::Date64(values) => out.words(column, rows, values, |value| Ok(date(days(value)?))),
        Values::Timestamp(values, unit) => out.words(column, rows, values, |value| timestamp(value, *unit)),
        Values::Utf8(values) => {
            for (index, row) in rows.clone().enumerate() {
                if column.is_null(row) {
                    out.null(index);
                    continue;
                }
                let value = values.value(row).as_bytes();
                let mut head = [STRING; 5];
                // Offsets of 32 bits bound the length.
                head[1..].copy_from_slice(&(value.len() as u32).to_le_bytes());
                out.put(index, out.prefix);
                out.put(index, &head);
                out.put(index, value);
            }
            Ok(())
        }
        _ => {
            let mut start = 0;
            for (index, row) in rows.clone().enumerate() {
                let value = &bytes[std::mem::replace(&mut start, ends[index])..ends[index]];
                if column.is_null(row) {
                    out.null(index);
                } else {
                    out.put(index, out.prefix);
                    out.put(index, value);
                }
            }
            Ok(())
        }
    }
}
