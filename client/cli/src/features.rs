//! `mangonel features`: ask by name, print or write to a file.

use std::{fs::File, path::Path};

use arrow::{
    csv::WriterBuilder as CsvWriterBuilder, ipc::writer::FileWriter as ArrowWriter, json::ArrayWriter as JsonWriter,
    record_batch::RecordBatch, util::pretty::pretty_format_batches,
};
use futures::TryStreamExt;
use mangonel_client::{MangonelClient, Read};
use mangonel_proto::{
    Error, Result, v1,
    wire::{Command, Explain},
};
use parquet::arrow::ArrowWriter as ParquetWriter;

use crate::{
    args::{self, FeaturesArgs, OutputForm, RequestArgs},
    output,
};

pub(crate) async fn run(client: &MangonelClient, args: FeaturesArgs, form: OutputForm) -> Result<()> {
    let on_terminal = args.to.is_none() && form == OutputForm::Table;
    let limit = args.limit.unwrap_or(if on_terminal { 20 } else { 0 });
    let request = feature_request(args.features, &args.request, limit)?;
    if args.explain {
        let explanation = client.call(Explain(request)).await?;
        return match form {
            OutputForm::Json => output::json(&explanation),
            _ => output::print(&format!("{}\n", explanation.text)),
        };
    }
    let read = client.read(&Command::Features(request)).await?;
    match args.to {
        Some(path) => write(read, &path).await,
        None => print(read, form).await,
    }
}

/// The request that a command line stands for.
///
/// # Errors
/// `invalid_argument` for a malformed `--group-version`.
pub(crate) fn feature_request(features: Vec<String>, args: &RequestArgs, limit: u64) -> Result<v1::FeatureRequest> {
    let version = |text: &String| {
        let parsed = text.split_once('=').and_then(|(name, version)| Some((name.to_owned(), version.parse().ok()?)));
        parsed.ok_or_else(|| Error::invalid(format!("`--group-version {text}` is not like teams_features=2")))
    };
    let join_type = match args.join_type {
        args::JoinType::Inner => v1::JoinType::Inner,
        args::JoinType::Left => v1::JoinType::Left,
    };
    Ok(v1::FeatureRequest {
        features,
        group_versions: args.group_versions.iter().map(version).collect::<Result<_>>()?,
        join_key: args.join_key.clone(),
        join_type: join_type.into(),
        root: args.root.clone(),
        limit,
    })
}

async fn print(read: Read, form: OutputForm) -> Result<()> {
    let schema = std::sync::Arc::clone(&read.schema);
    match form {
        OutputForm::Table => {
            let batches: Vec<RecordBatch> = read.stream().try_collect().await?;
            let table = if batches.is_empty() {
                pretty_format_batches(&[RecordBatch::new_empty(schema)])
            } else {
                pretty_format_batches(&batches)
            };
            output::print(&format!("{}\n", table.map_err(arrow_error)?))
        }
        OutputForm::Csv => {
            let mut csv = CsvWriterBuilder::new().with_header(true).build(std::io::stdout().lock());
            csv.write(&RecordBatch::new_empty(schema)).map_err(arrow_error)?;
            let mut batches = read.stream();
            while let Some(batch) = batches.try_next().await? {
                csv.write(&batch).map_err(arrow_error)?;
            }
            Ok(())
        }
        OutputForm::Json => {
            let mut json = JsonWriter::new(std::io::stdout().lock());
            let mut batches = read.stream();
            while let Some(batch) = batches.try_next().await? {
                json.write(&batch).map_err(arrow_error)?;
            }
            json.finish().map_err(arrow_error)?;
            output::print("\n")
        }
    }
}

/// Writes to `path`, complete or not at all: a temporary file beside it takes its name at the end.
async fn write(read: Read, path: &Path) -> Result<()> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
    if !["parquet", "csv", "arrow"].contains(&ending.as_str()) {
        return Err(Error::invalid(format!("`{}` must end in .parquet, .csv or .arrow", path.display())));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let io = |error: std::io::Error| Error::invalid(format!("{}: {error}", path.display()));
    let temporary = tempfile::NamedTempFile::new_in(folder).map_err(io)?;
    let file: File = temporary.reopen().map_err(io)?;
    let schema = std::sync::Arc::clone(&read.schema);
    let mut batches = read.stream();
    let mut rows = 0;
    match ending.as_str() {
        "parquet" => {
            let mut writer =
                ParquetWriter::try_new(file, schema, None).map_err(|error| Error::internal(error.to_string()))?;
            while let Some(batch) = batches.try_next().await? {
                rows += batch.num_rows();
                writer.write(&batch).map_err(|error| Error::internal(error.to_string()))?;
            }
            writer.close().map_err(|error| Error::internal(error.to_string()))?;
        }
        "csv" => {
            let mut writer = CsvWriterBuilder::new().with_header(true).build(file);
            writer.write(&RecordBatch::new_empty(schema)).map_err(arrow_error)?;
            while let Some(batch) = batches.try_next().await? {
                rows += batch.num_rows();
                writer.write(&batch).map_err(arrow_error)?;
            }
        }
        _ => {
            let mut writer = ArrowWriter::try_new(file, &schema).map_err(arrow_error)?;
            while let Some(batch) = batches.try_next().await? {
                rows += batch.num_rows();
                writer.write(&batch).map_err(arrow_error)?;
            }
            writer.finish().map_err(arrow_error)?;
        }
    }
    temporary.persist(path).map_err(|error| io(error.error))?;
    eprintln!("{} rows written to {}", output::thousands(rows as u64), path.display());
    Ok(())
}

fn arrow_error(error: arrow::error::ArrowError) -> Error {
    Error::internal(error.to_string())
}
