//! Files on this machine as Arrow batches: CSV as text that the server reads by the group's types, Parquet and Arrow as
//! they are.

use std::{
    collections::BTreeMap,
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::{
    csv::{ReaderBuilder as CsvReaderBuilder, reader::Format as CsvFormat},
    datatypes::{DataType, Field, Schema, SchemaRef},
    ipc::reader::FileReader as ArrowReader,
    record_batch::RecordBatch,
};
use indicatif::ProgressBar;
use mangonel_proto::{Error, Result, v1::InsertMode, wire};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::text_file;

const BATCH_ROWS: usize = 8192;

type Batches = Box<dyn Iterator<Item = Result<RecordBatch>> + Send>;

/// How text is cut into values.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dialect {
    /// Texts that mean null, beside the empty one.
    pub nulls: Vec<String>,
    /// What stands between values; by the ending of the file if it is not given.
    pub delimiter: Option<u8>,
    /// What stands around a value that holds a delimiter; `"` if it is not given.
    pub quote: Option<u8>,
}

/// Opens a file by its ending. `renames`: columns that get another name.
///
/// # Errors
/// `invalid_argument` naming the file when it is missing, empty, truncated or of a format that we do not read.
pub(crate) fn open(
    path: &Path,
    dialect: &Dialect,
    renames: &BTreeMap<String, String>,
    bar: &ProgressBar,
) -> Result<(SchemaRef, Batches)> {
    let (schema, batches) = open_as_named(path, dialect, bar)?;
    if renames.is_empty() {
        return Ok((schema, batches));
    }
    let rename = |field: &Arc<Field>| match renames.get(field.name()) {
        Some(name) => Arc::new(field.as_ref().clone().with_name(name)),
        None => Arc::clone(field),
    };
    let fields: Vec<Arc<Field>> = schema.fields().iter().map(rename).collect();
    let schema: SchemaRef = Arc::new(Schema::new_with_metadata(fields, schema.metadata().clone()));
    let (renamed, path) = (Arc::clone(&schema), path.to_owned());
    let batches = batches.map(move |batch| {
        RecordBatch::try_new(Arc::clone(&renamed), batch?.columns().to_vec()).map_err(|error| wrong(&path, &error))
    });
    Ok((schema, Box::new(batches)))
}

fn open_as_named(path: &Path, dialect: &Dialect, bar: &ProgressBar) -> Result<(SchemaRef, Batches)> {
    let (ending, compression) = text_file::endings(path);
    let file = File::open(path).map_err(|error| wrong(path, &error))?;
    if file.metadata().map_err(|error| wrong(path, &error))?.len() == 0 {
        return Err(wrong(path, &"the file is empty"));
    }
    match (ending.as_str(), compression) {
        ("csv", _) => open_text(path, b',', dialect, bar),
        ("tsv", _) => open_text(path, b'\t', dialect, bar),
        ("parquet", None) => {
            let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| wrong(path, &error))?;
            let schema = Arc::clone(reader.schema());
            let reader = reader.with_batch_size(BATCH_ROWS).build().map_err(|error| wrong(path, &error))?;
            Ok((schema, named(path, reader)))
        }
        ("arrow" | "ipc" | "feather", None) => {
            let reader = ArrowReader::try_new(BufReader::new(file), None).map_err(|error| wrong(path, &error))?;
            Ok((reader.schema(), named(path, reader)))
        }
        _ => Err(wrong(path, &"the ending must be .csv or .tsv (also with .gz or .zst), .parquet or .arrow")),
    }
}

fn open_text(path: &Path, delimiter: u8, dialect: &Dialect, bar: &ProgressBar) -> Result<(SchemaRef, Batches)> {
    let mut format = CsvFormat::default().with_header(true).with_delimiter(dialect.delimiter.unwrap_or(delimiter));
    if let Some(quote) = dialect.quote {
        format = format.with_quote(quote);
    }
    let open = |bar: &ProgressBar| text_file::open(path, bar).map_err(|error| wrong(path, &error));
    // One record is enough for the names; everything is text until the server reads it by the group's types.
    let (header, _) =
        format.infer_schema(open(&ProgressBar::hidden())?, Some(1)).map_err(|error| wrong(path, &error))?;
    let fields: Vec<Field> =
        header.fields().iter().map(|field| Field::new(field.name(), DataType::Utf8, true)).collect();
    let metadata = [(wire::TEXT_METADATA.to_owned(), wire::text_metadata(&dialect.nulls)?)];
    let schema: SchemaRef = Arc::new(Schema::new(fields).with_metadata(metadata.into()));
    let reader = CsvReaderBuilder::new(Arc::clone(&schema))
        .with_format(format)
        .with_batch_size(BATCH_ROWS)
        .build(open(bar)?)
        .map_err(|error| wrong(path, &error))?;
    Ok((schema, named(path, reader)))
}

fn named<R>(path: &Path, reader: R) -> Batches
where
    R: Iterator<Item = std::result::Result<RecordBatch, arrow::error::ArrowError>> + Send + 'static,
{
    let path = path.to_owned();
    Box::new(reader.map(move |batch| batch.map_err(|error| wrong(&path, &error))))
}

fn wrong(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::invalid(format!("{}: {error}", path.display())).named([path.display().to_string()])
}

/// Sizes of files in all.
pub(crate) fn total_bytes(files: &[PathBuf]) -> u64 {
    files.iter().filter_map(|file| std::fs::metadata(file).ok()).map(|metadata| metadata.len()).sum()
}

/// The insert mode of a command line.
pub(crate) fn insert_mode(mode: crate::args::InsertMode) -> InsertMode {
    match mode {
        crate::args::InsertMode::Append => InsertMode::Append,
        crate::args::InsertMode::Overwrite => InsertMode::Overwrite,
    }
}
