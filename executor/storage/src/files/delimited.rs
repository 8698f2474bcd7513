//! CSV and TSV. Every column is text; the server reads it by the types of the group.

use std::{
    io::{BufRead, BufReader, Cursor, Read},
    sync::Arc,
};

use arrow::{
    csv::{ReaderBuilder, reader::Format},
    datatypes::{DataType, Field, Schema, SchemaRef},
};
use mangonel_proto::{Result, wire};
use regex::Regex;

use super::{BATCH_ROWS, Batches, Dialect, INFERRED_ROWS, Input, Progress, named, text, wrong};

/// Longest line of names that goes on over line ends.
const HEADER_BYTES_MAX: usize = 1 << 20;

pub(super) fn open(
    input: Input,
    delimiter: u8,
    dialect: &Dialect,
    progress: &Progress,
) -> Result<(SchemaRef, Batches)> {
    let format = format(delimiter, dialect);
    let name = input.name.clone();
    let (header, text) = with_header(input, dialect, progress)?;
    let (names, _) = format.infer_schema(header.as_slice(), None).map_err(|error| wrong(&name, &error))?;
    let fields: Vec<Field> =
        names.fields().iter().map(|field| Field::new(field.name(), DataType::Utf8, true)).collect();
    let metadata = [(wire::TEXT_METADATA.to_owned(), wire::text_metadata(&dialect.nulls)?)];
    let schema: SchemaRef = Arc::new(Schema::new(fields).with_metadata(metadata.into()));
    let reader = ReaderBuilder::new(Arc::clone(&schema))
        .with_format(format)
        .with_batch_size(BATCH_ROWS)
        .build(Cursor::new(header).chain(text))
        .map_err(|error| wrong(&name, &error))?;
    Ok((schema, named(&name, reader)))
}

/// Types as the first rows look.
pub(super) fn infer(input: Input, delimiter: u8, dialect: &Dialect) -> Result<Schema> {
    let name = input.name.clone();
    let nulls: Vec<String> = dialect.nulls.iter().map(|text| regex::escape(text)).collect();
    let nulls = Regex::new(&format!("^({})$", [nulls, vec![String::new()]].concat().join("|")));
    let format = format(delimiter, dialect).with_null_regex(nulls.map_err(|error| wrong(&name, &error))?);
    let text = text::open(input, &super::no_progress()).map_err(|error| wrong(&name, &error))?;
    let (schema, _) = format.infer_schema(text, Some(INFERRED_ROWS)).map_err(|error| wrong(&name, &error))?;
    Ok(schema)
}

fn format(delimiter: u8, dialect: &Dialect) -> Format {
    let format = Format::default().with_header(true).with_delimiter(dialect.delimiter.unwrap_or(delimiter));
    match dialect.quote {
        Some(quote) => format.with_quote(quote),
        None => format,
    }
}

/// The first record, and what follows it: standard input cannot be opened twice.
fn with_header(input: Input, dialect: &Dialect, progress: &Progress) -> Result<(Vec<u8>, impl Read + Send + use<>)> {
    let name = input.name.clone();
    let text = text::open(input, progress).map_err(|error| wrong(&name, &error))?;
    let (mut text, quote) = (BufReader::with_capacity(1 << 20, text), dialect.quote.unwrap_or(b'"'));
    let (mut header, mut quotes) = (Vec::new(), 0);
    loop {
        let before = header.len();
        text.read_until(b'\n', &mut header).map_err(|error| wrong(&name, &error))?;
        // A line end between quotes is part of a name.
        quotes += header[before..].iter().filter(|byte| **byte == quote).count();
        if header.len() == before || quotes % 2 == 0 {
            break;
        }
        if header.len() > HEADER_BYTES_MAX {
            let quote = char::from(quote);
            return Err(wrong(&name, &format!("the names in the first line have a {quote} that is not closed")));
        }
    }
    if header.is_empty() {
        return Err(wrong(&name, &"there is nothing in it"));
    }
    Ok((header, text))
}
