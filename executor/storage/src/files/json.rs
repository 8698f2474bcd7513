//! JSON lines: one object per line, read by the types of the group's features.

use std::{
    io::{BufRead, BufReader, Read},
    sync::Arc,
};

use arrow::{
    datatypes::{Field, Schema, SchemaRef},
    error::ArrowError,
    json::{ReaderBuilder, reader::infer_json_schema},
    record_batch::RecordBatch,
};
use mangonel_proto::{Result, v1};

use super::{BATCH_ROWS, Batches, INFERRED_ROWS, Input, Progress, no_progress, text, wrong};
use crate::types::arrow_schema;

/// Bytes of lines that are decoded together, about.
const BATCH_BYTES: usize = 4 << 20;

pub(super) fn open(input: Input, features: &[v1::Feature], progress: &Progress) -> Result<(SchemaRef, Batches)> {
    let name = input.name.clone();
    let stored = arrow_schema(features)?;
    // What may be null is for the server to say, with the rows.
    let fields = stored.fields().iter().map(|field| field.as_ref().clone().with_nullable(true));
    let schema: SchemaRef = Arc::new(Schema::new(fields.collect::<Vec<Field>>()));
    let text = text::open(input, progress).map_err(|error| wrong(&name, &error))?;
    let lines = JsonLines {
        name,
        text: BufReader::with_capacity(1 << 20, text),
        schema: Arc::clone(&schema),
        lines: 0,
        ended: false,
    };
    Ok((schema, Box::new(lines)))
}

/// Types as the first objects look.
pub(super) fn infer(input: Input) -> Result<Schema> {
    let name = input.name.clone();
    let text = text::open(input, &no_progress()).map_err(|error| wrong(&name, &error))?;
    let inferred = infer_json_schema(BufReader::new(text), Some(INFERRED_ROWS));
    inferred.map(|(schema, _)| schema).map_err(|error| wrong(&name, &error))
}

struct JsonLines<R> {
    name: String,
    text: BufReader<R>,
    schema: SchemaRef,
    /// Lines that were read before.
    lines: u64,
    ended: bool,
}

impl<R: Read> JsonLines<R> {
    fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        while !self.ended {
            let (mut bytes, mut ends) = (Vec::new(), Vec::new());
            while bytes.len() < BATCH_BYTES && ends.len() < BATCH_ROWS {
                if self.text.read_until(b'\n', &mut bytes).map_err(|error| wrong(&self.name, &error))? == 0 {
                    self.ended = true;
                    break;
                }
                ends.push(bytes.len());
            }
            let decoded = self.decode(&bytes, ends.len());
            let batch = decoded.map_err(|error| self.about_line(&bytes, &ends, &error))?;
            self.lines += ends.len() as u64;
            // Blank lines are no rows.
            if batch.is_some() {
                return Ok(batch);
            }
        }
        Ok(None)
    }

    /// The rows of so many lines; `None` when all of them are blank.
    fn decode(&self, bytes: &[u8], lines: usize) -> std::result::Result<Option<RecordBatch>, ArrowError> {
        let builder = ReaderBuilder::new(Arc::clone(&self.schema)).with_strict_mode(true);
        // The decoder takes memory for a whole batch beforehand, and stops when it has that many rows.
        let mut decoder = builder.with_batch_size(lines.max(1)).build_decoder()?;
        let taken = decoder.decode(bytes)?;
        if !bytes[taken..].iter().all(u8::is_ascii_whitespace) {
            return Err(ArrowError::JsonError("there is more than one object in a line".into()));
        }
        decoder.flush()
    }

    /// The error with the line that it is about, found by decoding them one by one.
    fn about_line(&self, bytes: &[u8], ends: &[usize], error: &ArrowError) -> mangonel_proto::Error {
        let mut start = 0;
        for (line, end) in (self.lines + 1..).zip(ends) {
            if let Err(error) = self.decode(&bytes[start..*end], 1) {
                return wrong(&self.name, &format!("line {line}: {}", said(&error)));
            }
            start = *end;
        }
        wrong(&self.name, &said(error))
    }
}

fn said(error: &ArrowError) -> String {
    match error {
        ArrowError::JsonError(text) => text.clone(),
        other => other.to_string(),
    }
}

impl<R: Read> Iterator for JsonLines<R> {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.next_batch();
        self.ended |= next.is_err();
        next.transpose()
    }
}
