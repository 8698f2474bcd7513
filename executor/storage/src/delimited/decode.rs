//! Delimited text of ours back to rows. Memory is about a batch.

use std::{
    io::{BufRead, BufReader, Read},
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, RecordBatch, RecordBatchOptions, StringBuilder},
    datatypes::SchemaRef,
};

use super::Delimiter;
use crate::{
    error::{Result, StorageError},
    text::{ParseRules, parse_text_column},
};

/// Longest line: a damaged quote must not gather a whole file in memory.
const LINE_BYTES_MAX: usize = i32::MAX as usize;
/// A batch ends early once its text has this many bytes.
const BATCH_BYTES_MAX: usize = 64 << 20;

/// Reads a file as batches of `schema`. After an error it is at its end.
pub(crate) struct DelimitedReader<R> {
    lines: Lines<BufReader<R>>,
    schema: SchemaRef,
    rows_max: usize,
    rows: u64,
    /// The line of names has been read.
    begun: bool,
    ended: bool,
}

impl<R: Read> DelimitedReader<R> {
    pub(crate) fn new(read: R, schema: SchemaRef, delimiter: Delimiter, rows_max: usize) -> Self {
        let lines =
            Lines { read: BufReader::new(read), delimiter: delimiter.byte(), text: Vec::new(), ends: Vec::new() };
        Self { lines, schema, rows_max: rows_max.max(1), rows: 0, begun: false, ended: false }
    }

    fn read_batch(&mut self) -> Result<Option<RecordBatch>> {
        if !self.begun {
            self.begun = true;
            self.check_names()?;
        }
        let width = self.schema.fields().len();
        let mut columns: Vec<StringBuilder> = (0..width).map(|_| StringBuilder::new()).collect();
        let (mut rows, mut bytes) = (0, 0);
        while rows < self.rows_max && bytes < BATCH_BYTES_MAX && self.next_row()? {
            bytes += self.lines.text.len();
            let mut start = 0;
            for (column, (end, quoted)) in columns.iter_mut().zip(&self.lines.ends) {
                let text = std::str::from_utf8(&self.lines.text[start..*end]);
                let text = text.map_err(|_| self.damaged("is not UTF-8"))?;
                let is_null = text.is_empty() && (!quoted || width == 1);
                column.append_option((!is_null).then_some(text));
                start = *end;
            }
            rows += 1;
            self.rows += 1;
        }
        if rows == 0 {
            return Ok(None);
        }
        let rules = ParseRules { null_values: Vec::new() };
        let before = self.rows - rows as u64;
        let arrays = self.schema.fields().iter().zip(columns).map(|(field, mut column)| {
            parse_text_column(field.name(), &column.finish(), field.data_type(), &rules, before)
        });
        let arrays: Vec<ArrayRef> = arrays.collect::<Result<_>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        Ok(Some(RecordBatch::try_new_with_options(Arc::clone(&self.schema), arrays, &options)?))
    }

    fn check_names(&mut self) -> Result<()> {
        if !self.lines.advance()? {
            return Err(self.damaged("is missing: the file has no line of names"));
        }
        let mut start = 0;
        let mut names = Vec::with_capacity(self.lines.ends.len());
        for (end, _) in &self.lines.ends {
            names.push(String::from_utf8_lossy(&self.lines.text[start..*end]).into_owned());
            start = *end;
        }
        let expected = self.schema.fields().iter().map(|field| field.name());
        if expected.eq(names.iter()) {
            return Ok(());
        }
        Err(self.damaged(&format!("has the names {}", names.join(", "))))
    }

    fn next_row(&mut self) -> Result<bool> {
        if !self.lines.advance()? {
            return Ok(false);
        }
        let (found, wanted) = (self.lines.ends.len(), self.schema.fields().len());
        if found == wanted { Ok(true) } else { Err(self.damaged(&format!("has {found} values, not {wanted}"))) }
    }

    fn damaged(&self, detail: &str) -> StorageError {
        let what = if self.rows == 0 && self.begun { "line of names or first row" } else { "row" };
        StorageError::Corrupt { what: format!("{what} {}", self.rows), detail: format!("it {detail}") }
    }
}

impl<R: Read> Iterator for DelimitedReader<R> {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let batch = self.read_batch().transpose();
        self.ended = !matches!(batch, Some(Ok(_)));
        batch
    }
}

/// Cuts a file into lines of values.
struct Lines<R> {
    read: R,
    delimiter: u8,
    /// Values of the line, one after the other, without quotes.
    text: Vec<u8>,
    /// Where each value ends in `text`, and whether it was quoted.
    ends: Vec<(usize, bool)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    Plain,
    Quoted,
    /// After a quote within quotes: the end of the value, or the first half of a quote.
    Closing,
}

impl<R: BufRead> Lines<R> {
    /// Reads the next line; `false` at the end of the file, which is after a whole line.
    fn advance(&mut self) -> Result<bool> {
        self.text.clear();
        self.ends.clear();
        let (mut state, mut quoted, mut any) = (State::Start, false, false);
        loop {
            let buffer = self.read.fill_buf().map_err(StorageError::io("reading delimited text"))?;
            if buffer.is_empty() {
                if any {
                    let detail = "it ends in the middle of a line".into();
                    return Err(StorageError::Corrupt { what: "delimited text".into(), detail });
                }
                return Ok(false);
            }
            any = true;
            let (mut used, mut ended) = (0, false);
            for &byte in buffer {
                used += 1;
                state = match (state, byte) {
                    (State::Quoted, b'"') => State::Closing,
                    (State::Quoted, _) => {
                        self.text.push(byte);
                        State::Quoted
                    }
                    (State::Start, b'"') => {
                        quoted = true;
                        State::Quoted
                    }
                    (State::Closing, b'"') => {
                        self.text.push(b'"');
                        State::Quoted
                    }
                    (_, b'\n') => {
                        ended = true;
                        State::Start
                    }
                    (_, byte) if byte == self.delimiter => {
                        self.ends.push((self.text.len(), std::mem::take(&mut quoted)));
                        State::Start
                    }
                    _ => {
                        self.text.push(byte);
                        State::Plain
                    }
                };
                if ended {
                    break;
                }
            }
            self.read.consume(used);
            if ended {
                self.ends.push((self.text.len(), quoted));
                return Ok(true);
            }
            if self.text.len() > LINE_BYTES_MAX {
                let detail = format!("a line has more than {LINE_BYTES_MAX} bytes");
                return Err(StorageError::Corrupt { what: "delimited text".into(), detail });
            }
        }
    }
}
