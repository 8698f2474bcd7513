//! Files on this machine, or standard input, as Arrow batches: text for the server to read by the group's types, JSON by the
//! same types, Parquet and Arrow as they are.

mod columnar;
mod delimited;
mod json;
mod text;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::{
    datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit},
    record_batch::RecordBatch,
};
use indicatif::ProgressBar;
use mangonel_proto::{Error, Result, v1};

use crate::args::{DialectArgs, InputFormat};

const BATCH_ROWS: usize = 8192;
/// Rows that types are inferred from.
const INFERRED_ROWS: usize = 10_000;
/// Names standard input.
const STANDARD_INPUT: &str = "-";

type Batches = Box<dyn Iterator<Item = Result<RecordBatch>> + Send>;

/// How files are read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    /// Format of what has no ending that says it.
    pub format: Option<InputFormat>,
    pub dialect: DialectArgs,
    /// Features that JSON is read by.
    pub features: Vec<v1::Feature>,
    /// Columns that get another name: name in the file -> name of the feature.
    pub renames: BTreeMap<String, String>,
}

impl Reading {
    /// Opens a file. The bar moves with its bytes.
    ///
    /// # Errors
    /// `invalid_argument` naming the file when it is missing, empty, truncated or of a format that we do not read.
    pub(crate) fn open(&self, path: &Path, bar: &ProgressBar) -> Result<(SchemaRef, Batches)> {
        let (schema, batches) = self.open_as_named(path, bar)?;
        if self.renames.is_empty() {
            return Ok((schema, batches));
        }
        let rename = |field: &Arc<Field>| match self.renames.get(field.name()) {
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

    fn open_as_named(&self, path: &Path, bar: &ProgressBar) -> Result<(SchemaRef, Batches)> {
        match self.format_of(path)? {
            InputFormat::Csv => delimited::open(path, b',', &self.dialect, bar),
            InputFormat::Tsv => delimited::open(path, b'\t', &self.dialect, bar),
            InputFormat::Jsonl => json::open(path, &self.features, bar),
            InputFormat::Parquet => columnar::open_parquet(path),
            InputFormat::Arrow => columnar::open_arrow(path),
        }
    }

    /// Types of the columns of a file: as the file says them, or as its first rows look.
    ///
    /// # Errors
    /// As [`Reading::open`].
    pub(crate) fn infer_schema(&self, path: &Path) -> Result<SchemaRef> {
        let schema = match self.format_of(path)? {
            InputFormat::Csv => delimited::infer(path, b',', &self.dialect)?,
            InputFormat::Tsv => delimited::infer(path, b'\t', &self.dialect)?,
            InputFormat::Jsonl => json::infer(path)?,
            InputFormat::Parquet => return columnar::open_parquet(path).map(|(schema, _)| schema),
            InputFormat::Arrow => return columnar::open_arrow(path).map(|(schema, _)| schema),
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
    pub(crate) fn needs_features(&self, path: &Path) -> bool {
        matches!(self.format_of(path), Ok(InputFormat::Jsonl))
    }

    fn format_of(&self, path: &Path) -> Result<InputFormat> {
        let (ending, compressed) = text::endings(path);
        let by_ending = match ending.as_str() {
            "csv" => Some(InputFormat::Csv),
            "tsv" => Some(InputFormat::Tsv),
            "jsonl" | "ndjson" | "json" => Some(InputFormat::Jsonl),
            "parquet" if !compressed => Some(InputFormat::Parquet),
            "arrow" | "arrows" | "ipc" | "feather" if !compressed => Some(InputFormat::Arrow),
            _ => None,
        };
        self.format.or(by_ending).ok_or_else(|| match is_standard_input(path) {
            true => wrong(path, &"say how standard input is to be read: --as csv, tsv, jsonl, parquet or arrow"),
            false => wrong(
                path,
                &"the ending must be .csv, .tsv or .jsonl (also with .gz or .zst), .parquet or .arrow; or say `--as`",
            ),
        })
    }
}

fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == STANDARD_INPUT
}

fn named<R>(path: &Path, reader: R) -> Batches
where
    R: Iterator<Item = std::result::Result<RecordBatch, arrow::error::ArrowError>> + Send + 'static,
{
    let path = path.to_owned();
    Box::new(reader.map(move |batch| batch.map_err(|error| wrong(&path, &error))))
}

fn wrong(path: &Path, error: &dyn std::fmt::Display) -> Error {
    let name = if is_standard_input(path) { "standard input".into() } else { path.display().to_string() };
    Error::invalid(format!("{name}: {error}")).named([name])
}

/// Sizes of files in all.
pub(crate) fn total_bytes(files: &[PathBuf]) -> u64 {
    files.iter().filter_map(|file| std::fs::metadata(file).ok()).map(|metadata| metadata.len()).sum()
}
