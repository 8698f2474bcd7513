//! Parquet and Arrow, which say their types themselves.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Seek, stdin},
    path::Path,
    sync::Arc,
};

use arrow::{
    datatypes::SchemaRef,
    ipc::reader::{FileReader, StreamReader},
};
use mangonel_proto::Result;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{BATCH_ROWS, Batches, is_standard_input, named, wrong};

/// First bytes of an Arrow file; a stream has others.
const ARROW_MAGIC: &[u8] = b"ARROW1";

pub(super) fn open_parquet(path: &Path) -> Result<(SchemaRef, Batches)> {
    let failed = |error: &dyn std::fmt::Display| wrong(path, error);
    let file = match is_standard_input(path) {
        true => kept(&mut stdin().lock()).map_err(|error| failed(&error))?,
        false => open(path)?,
    };
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| failed(&error))?;
    let schema = Arc::clone(reader.schema());
    let reader = reader.with_batch_size(BATCH_ROWS).build().map_err(|error| failed(&error))?;
    Ok((schema, named(path, reader)))
}

/// An Arrow file or an Arrow stream, whatever it is.
pub(super) fn open_arrow(path: &Path) -> Result<(SchemaRef, Batches)> {
    let failed = |error: &dyn std::fmt::Display| wrong(path, error);
    let input: Box<dyn Read + Send> = if is_standard_input(path) { Box::new(stdin()) } else { Box::new(open(path)?) };
    let mut input = BufReader::with_capacity(1 << 20, input);
    if !input.fill_buf().map_err(|error| failed(&error))?.starts_with(ARROW_MAGIC) {
        let reader = StreamReader::try_new(input, None).map_err(|error| failed(&error))?;
        return Ok((reader.schema(), named(path, reader)));
    }
    let file = match is_standard_input(path) {
        true => kept(&mut input).map_err(|error| failed(&error))?,
        false => open(path)?,
    };
    let reader = FileReader::try_new(BufReader::new(file), None).map_err(|error| failed(&error))?;
    Ok((reader.schema(), named(path, reader)))
}

/// What is read, as a file: the footer comes last and is needed first.
fn kept(input: &mut impl Read) -> std::io::Result<File> {
    let mut file = tempfile::tempfile()?;
    std::io::copy(input, &mut file)?;
    file.rewind()?;
    Ok(file)
}

fn open(path: &Path) -> Result<File> {
    let file = File::open(path).map_err(|error| wrong(path, &error))?;
    if file.metadata().map_err(|error| wrong(path, &error))?.len() == 0 {
        return Err(wrong(path, &"the file is empty"));
    }
    Ok(file)
}
