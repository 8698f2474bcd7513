//! Parquet and Arrow, which say their types themselves.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Seek, stdin},
    sync::Arc,
};

use arrow::{
    datatypes::SchemaRef,
    ipc::reader::{FileReader, StreamReader},
};
use mangonel_proto::Result;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{BATCH_ROWS, Batches, Input, input::Bytes, named, wrong};

/// First bytes of an Arrow file; a stream has others.
const ARROW_MAGIC: &[u8] = b"ARROW1";

pub(super) fn open_parquet(input: Input) -> Result<(SchemaRef, Batches)> {
    let name = input.name;
    let failed = |error: &dyn std::fmt::Display| wrong(&name, error);
    let file = match input.bytes {
        Bytes::StandardInput => kept(&mut stdin().lock()).map_err(|error| failed(&error))?,
        Bytes::File(file) => not_empty(&name, file)?,
    };
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| failed(&error))?;
    let schema = Arc::clone(reader.schema());
    let reader = reader.with_batch_size(BATCH_ROWS).build().map_err(|error| failed(&error))?;
    Ok((schema, named(&name, reader)))
}

/// An Arrow file or an Arrow stream, whatever it is.
pub(super) fn open_arrow(input: Input) -> Result<(SchemaRef, Batches)> {
    let name = input.name;
    let failed = |error: &dyn std::fmt::Display| wrong(&name, error);
    let (read, file): (Box<dyn Read + Send>, Option<File>) = match input.bytes {
        Bytes::StandardInput => (Box::new(stdin()), None),
        Bytes::File(file) => {
            let file = not_empty(&name, file)?;
            let again = file.try_clone().map_err(|error| failed(&error))?;
            (Box::new(file), Some(again))
        }
    };
    let mut read = BufReader::with_capacity(1 << 20, read);
    if !read.fill_buf().map_err(|error| failed(&error))?.starts_with(ARROW_MAGIC) {
        let reader = StreamReader::try_new(read, None).map_err(|error| failed(&error))?;
        return Ok((reader.schema(), named(&name, reader)));
    }
    let file = match file {
        None => kept(&mut read).map_err(|error| failed(&error))?,
        Some(mut file) => {
            file.rewind().map_err(|error| failed(&error))?;
            file
        }
    };
    let reader = FileReader::try_new(BufReader::new(file), None).map_err(|error| failed(&error))?;
    Ok((reader.schema(), named(&name, reader)))
}

/// What is read, as a file: the footer comes last and is needed first.
fn kept(input: &mut impl Read) -> std::io::Result<File> {
    let mut file = tempfile::tempfile()?;
    std::io::copy(input, &mut file)?;
    file.rewind()?;
    Ok(file)
}

fn not_empty(name: &str, file: File) -> Result<File> {
    if file.metadata().map_err(|error| wrong(name, &error))?.len() == 0 {
        return Err(wrong(name, &"the file is empty"));
    }
    Ok(file)
}
