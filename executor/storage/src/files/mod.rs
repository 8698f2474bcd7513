//! Files of rows that come from elsewhere, as Arrow batches: text to be read by the types of a feature group, JSON read by the
//! same types, Parquet and Arrow as they are.

mod columnar;
mod delimited;
mod input;
mod json;
mod text;

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read},
    path::Path,
    sync::Arc,
};

use arrow::{
    datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit},
    record_batch::{RecordBatch, RecordBatchOptions},
};
use mangonel_proto::{Error, Result, v1, wire};

use input::Counted;
pub use input::{Input, Progress, no_progress};

const BATCH_ROWS: usize = 8192;
/// Rows that types are inferred from.
const INFERRED_ROWS: usize = 10_000;
/// Bytes of a first line that are looked at for a delimiter.
const HEADER_BYTES: u64 = 1 << 20;

/// Batches of a file, in order.
pub type Batches = Box<dyn Iterator<Item = Result<RecordBatch>> + Send>;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    Csv,
    Tsv,
    /// One JSON object per line.
    Jsonl,
    Parquet,
    /// Arrow file or stream.
    Arrow,
}

/// How delimited text is cut into values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dialect {
    /// Texts that mean null, beside the empty field.
    pub nulls: Vec<String>,
    /// Between values; `,` or a tab by the format unless given.
    pub delimiter: Option<u8>,
    /// Around values that hold a delimiter; `"` unless given.
    pub quote: Option<u8>,
}

/// How files are read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Format of what has no ending that says it.
    pub format: Option<FileFormat>,
    pub dialect: Dialect,
    /// Features that JSON is read by.
    pub features: Vec<v1::Feature>,
    /// Columns that get another name: name in the file -> name of the feature.
    pub renames: BTreeMap<String, String>,
}

impl Reading {
    /// The rows of an input, whose schema says where they come from. `progress` hears of its bytes.
    ///
    /// # Errors
    /// `invalid_argument` naming the file when it is empty, truncated or of a format that we do not read.
    pub fn open(&self, input: Input, progress: &Progress) -> Result<(SchemaRef, Batches)> {
        let name = input.name.clone();
        let (schema, batches) = self.open_as_named(input, progress)?;
        let rename = |field: &Arc<Field>| match self.renames.get(field.name()) {
            Some(name) => Arc::new(field.as_ref().clone().with_name(name)),
            None => Arc::clone(field),
        };
        let fields: Vec<Arc<Field>> = schema.fields().iter().map(rename).collect();
        let mut metadata = schema.metadata().clone();
        metadata.insert(wire::SOURCE_METADATA.to_owned(), name.clone());
        let schema: SchemaRef = Arc::new(Schema::new_with_metadata(fields, metadata));
        let renamed = Arc::clone(&schema);
        let batches = batches.map(move |batch| {
            let batch = batch?;
            let rows = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
            let batch = RecordBatch::try_new_with_options(Arc::clone(&renamed), batch.columns().to_vec(), &rows);
            batch.map_err(|error| wrong(&name, &error))
        });
        Ok((schema, Box::new(batches)))
    }

    fn open_as_named(&self, input: Input, progress: &Progress) -> Result<(SchemaRef, Batches)> {
        match self.format_of(&input)? {
            FileFormat::Csv => delimited::open(input, b',', &self.dialect, progress),
            FileFormat::Tsv => delimited::open(input, b'\t', &self.dialect, progress),
            FileFormat::Jsonl => json::open(input, &self.columns(), progress),
            FileFormat::Parquet => columnar::open_parquet(input),
            FileFormat::Arrow => columnar::open_arrow(input),
        }
    }

    /// Types of the columns of a file: as the file says them, or as its first rows look.
    ///
    /// # Errors
    /// As [`Reading::open`].
    pub fn infer_schema(&self, input: Input) -> Result<SchemaRef> {
        let schema = match self.format_of(&input)? {
            FileFormat::Csv => delimited::infer(input, b',', &self.dialect)?,
            FileFormat::Tsv => delimited::infer(input, b'\t', &self.dialect)?,
            FileFormat::Jsonl => json::infer(input)?,
            FileFormat::Parquet => return columnar::open_parquet(input).map(|(schema, _)| schema),
            FileFormat::Arrow => return columnar::open_arrow(input).map(|(schema, _)| schema),
        };
        // Text says nothing of units, and of columns without a value nothing at all.
        let stored = |field: &Arc<Field>| {
            let data_type = match field.data_type() {
                DataType::Timestamp(_, zone) => DataType::Timestamp(TimeUnit::Microsecond, zone.clone()),
                DataType::Null => DataType::Utf8,
                other => other.clone(),
            };
            Field::new(field.name(), data_type, true)
        };
        Ok(Arc::new(Schema::new(schema.fields().iter().map(stored).collect::<Vec<_>>())))
    }

    /// Whether a file is read by the types of the group, which have to be asked for.
    pub fn needs_features(&self, path: &Path) -> bool {
        self.format.or(by_ending(path)) == Some(FileFormat::Jsonl)
    }

    /// The features under the names that they have in the file.
    fn columns(&self) -> Vec<v1::Feature> {
        let named = self.features.iter().cloned().map(|mut feature| {
            if let Some((column, _)) = self.renames.iter().find(|(_, name)| **name == feature.name) {
                feature.name.clone_from(column);
            }
            feature
        });
        named.collect()
    }

    fn format_of(&self, input: &Input) -> Result<FileFormat> {
        let name = &input.name;
        self.format.or(by_ending(Path::new(name))).ok_or_else(|| match input.is_standard_input() {
            true => wrong(name, &"say how standard input is to be read: --as csv, tsv, jsonl, parquet or arrow"),
            false => wrong(
                name,
                &"the ending must be .csv, .tsv or .jsonl (also with .gz or .zst), .parquet or .arrow; or say `--as`",
            ),
        })
    }
}

fn by_ending(path: &Path) -> Option<FileFormat> {
    let (ending, compressed) = text::endings(path);
    match ending.as_str() {
        "csv" => Some(FileFormat::Csv),
        "tsv" => Some(FileFormat::Tsv),
        "jsonl" | "ndjson" | "json" => Some(FileFormat::Jsonl),
        "parquet" if !compressed => Some(FileFormat::Parquet),
        "arrow" | "arrows" | "ipc" | "feather" if !compressed => Some(FileFormat::Arrow),
        _ => None,
    }
}

/// Whether the ending of a file says how it is read.
pub fn is_known(path: &Path) -> bool {
    by_ending(path).is_some()
}

/// How a CSV file of somebody else's may be cut: by the character that is in its first line where there is no comma.
///
/// # Errors
/// `invalid_argument` for a file that cannot be read.
pub fn sniff_delimiter(path: &Path) -> Result<Dialect> {
    let mut dialect = Dialect::default();
    if by_ending(path) == Some(FileFormat::Csv) {
        let name = path.display().to_string();
        let text = text::open(Input::open(path)?, &no_progress()).map_err(|error| wrong(&name, &error))?;
        let mut line = Vec::new();
        let read = BufReader::new(text.take(HEADER_BYTES)).read_until(b'\n', &mut line);
        read.map_err(|error| wrong(&name, &error))?;
        if !line.contains(&b',') {
            dialect.delimiter = [b';', b'\t', b'|'].into_iter().find(|delimiter| line.contains(delimiter));
        }
    }
    Ok(dialect)
}

fn named<R>(name: &str, reader: R) -> Batches
where
    R: Iterator<Item = std::result::Result<RecordBatch, arrow::error::ArrowError>> + Send + 'static,
{
    let name = name.to_owned();
    Box::new(reader.map(move |batch| batch.map_err(|error| wrong(&name, &error))))
}

fn wrong(name: &str, error: &dyn std::fmt::Display) -> Error {
    Error::invalid(format!("{name}: {error}")).named([name])
}
