//! Files whose columns have no types of their own, such as CSV, as tables: each column gets the narrowest type that all of its
//! values have.

use std::{
    io::{Write, stdin},
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::{
    array::{ArrayRef, AsArray, StringArray},
    datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit},
    record_batch::RecordBatch,
};
use mangonel_proto::{Error, Result, wire};
use mangonel_storage::{
    files::{Batches, Input, Reading, no_progress},
    text::{ParseRules, parse_text_column},
    types::features_from_schema,
};
use tempfile::TempPath;

/// Types that a column of text may have, the narrowest first; else it is text.
const TYPES: [DataType; 5] = [
    DataType::Int64,
    DataType::Float64,
    DataType::Boolean,
    DataType::Date32,
    DataType::Timestamp(TimeUnit::Microsecond, None),
];

/// Opens a file, or standard input, with types. Text is read twice, first for its types.
///
/// # Errors
/// `invalid_argument` naming the file when it cannot be read.
pub(crate) fn open(reading: &Reading, path: &Path) -> Result<(SchemaRef, Batches)> {
    let source = Arc::new(Source::of(reading, path)?);
    let reading = source.reading(reading)?;
    let open = || reading.open(Input::open(source.path())?, &no_progress());
    let (schema, batches) = source.about(open())?;
    let Some(nulls) = schema.metadata().get(wire::TEXT_METADATA) else {
        return Ok((schema, Box::new(batches.map(move |batch| source.about(batch)))));
    };
    let null_values = serde_json::from_str(nulls).map_err(|error| Error::internal(error.to_string()))?;
    let rules = ParseRules { null_values };
    let schema = source.about(infer(&schema, batches, &rules))?;
    let (_, batches) = source.about(open())?;
    let typed = Arc::clone(&schema);
    let mut rows = 0;
    let batches = batches.map(move |batch| {
        let batch = source.about(batch)?;
        let columns = typed.fields().iter().zip(batch.columns()).map(|(field, texts)| {
            parse_text_column(field.name(), texts.as_string(), field.data_type(), &rules, rows).map_err(Error::from)
        });
        let columns = columns.collect::<Result<Vec<ArrayRef>>>()?;
        rows += batch.num_rows() as u64;
        RecordBatch::try_new(Arc::clone(&typed), columns).map_err(|error| Error::internal(error.to_string()))
    });
    Ok((schema, Box::new(batches)))
}

/// The type of each column that all of its values have.
fn infer(schema: &Schema, batches: impl Iterator<Item = Result<RecordBatch>>, rules: &ParseRules) -> Result<SchemaRef> {
    let mut possible: Vec<Vec<DataType>> = schema.fields().iter().map(|_| TYPES.to_vec()).collect();
    let mut seen = vec![false; possible.len()];
    for batch in batches {
        for (index, texts) in batch?.columns().iter().enumerate() {
            let texts: &StringArray = texts.as_string();
            let is_null = |text: &str| rules.null_values.iter().any(|null| null == text || null == text.trim());
            seen[index] |= texts.iter().flatten().any(|text| !is_null(text));
            // `yes`, `y` and `t` are words as well.
            let is_boolean = |text: &str| ["true", "false"].iter().any(|word| text.trim().eq_ignore_ascii_case(word));
            let fits = |data_type: &DataType| match data_type {
                DataType::Boolean => texts.iter().flatten().all(|text| is_null(text) || is_boolean(text)),
                other => parse_text_column("", texts, other, rules, 0).is_ok(),
            };
            possible[index].retain(fits);
        }
    }
    let types = possible.into_iter().zip(seen).map(|(possible, seen)| match possible.into_iter().next() {
        Some(data_type) if seen => data_type,
        _ => DataType::Utf8,
    });
    let fields = schema.fields().iter().zip(types).map(|(field, data_type)| Field::new(field.name(), data_type, true));
    Ok(Arc::new(Schema::new(fields.collect::<Vec<_>>())))
}

/// What is read. Standard input is kept in a file, since it comes once.
struct Source {
    path: PathBuf,
    kept: Option<TempPath>,
}

impl Source {
    fn of(reading: &Reading, path: &Path) -> Result<Self> {
        if path.as_os_str() != "-" {
            return Ok(Self { path: path.to_owned(), kept: None });
        }
        if reading.format.is_none() {
            let forms = "csv, tsv, jsonl, parquet or arrow";
            return Err(Error::invalid(format!("say how standard input is to be read: --table-as {forms}")));
        }
        let failed = |error: std::io::Error| Error::invalid(format!("standard input: {error}"));
        let mut file = tempfile::NamedTempFile::new().map_err(failed)?;
        std::io::copy(&mut stdin().lock(), &mut file).and_then(|_| file.flush()).map_err(failed)?;
        Ok(Self { path: path.to_owned(), kept: Some(file.into_temp_path()) })
    }

    fn path(&self) -> &Path {
        self.kept.as_deref().unwrap_or(&self.path)
    }

    /// With the types of JSON, as its first rows look.
    fn reading(&self, reading: &Reading) -> Result<Reading> {
        let mut reading = reading.clone();
        if reading.needs_features(self.path()) {
            let schema = self.about(Input::open(self.path()).and_then(|input| reading.infer_schema(input)))?;
            reading.features = self.about(features_from_schema(&schema).map_err(Error::from))?;
        }
        Ok(reading)
    }

    /// An error as it is said of what was given.
    fn about<T>(&self, result: Result<T>) -> Result<T> {
        let Some(kept) = &self.kept else { return result };
        result.map_err(|mut error| {
            error.message = error.message.replace(&kept.display().to_string(), "standard input");
            error
        })
    }
}
