//! Rows that a server sends: printed, or written to a file or a pipe as they arrive.

use std::{
    io::{BufWriter, Write},
    path::Path,
    sync::Arc,
};

use arrow::{
    csv::{Writer as CsvWriter, WriterBuilder as CsvWriterBuilder},
    datatypes::{Schema, SchemaRef},
    ipc::writer::{FileWriter as ArrowFile, StreamWriter as ArrowStream},
    json::ArrayWriter as JsonWriter,
    record_batch::RecordBatch,
    util::pretty::pretty_format_batches,
};
use futures::{StreamExt, stream::BoxStream};
use mangonel_client::{MangonelClient, Read};
use mangonel_proto::{Error, Result, wire::Command};
use parquet::arrow::ArrowWriter as ParquetWriter;

use crate::{
    args::{FileFormat, OutputForm, RowArgs},
    colour, output,
};

/// Rows that are printed as a table unless more are wanted: people look, programs read.
const TABLE_ROWS: u64 = 20;

/// Rows that an answer of this form should have at most; 0 is all.
pub(crate) fn limit(wanted: &RowArgs, form: OutputForm) -> u64 {
    let on_terminal = wanted.to.is_none() && form == OutputForm::Table;
    wanted.limit.unwrap_or(if on_terminal { TABLE_ROWS } else { 0 })
}

/// Reads what `command` asks for, and prints or writes it.
///
/// # Errors
/// What the server answers; `invalid_argument` for a file that cannot be written.
pub(crate) async fn answer(
    client: &MangonelClient,
    command: &Command,
    wanted: RowArgs,
    form: OutputForm,
) -> Result<()> {
    let limit = limit(&wanted, form);
    let format = wanted.to.as_deref().map(|path| format_of(path, wanted.format)).transpose()?;
    let destination = wanted.to.as_deref().zip(format);
    if destination.is_none() && wanted.format.is_some() {
        return Err(Error::invalid("`--as` is for `--to`: say `--to -` for standard output"));
    }
    let rows = Rows::new(client.read(command).await?, limit);
    let answered = match destination {
        None => print(rows, form).await,
        Some((path, format)) if path == Path::new("-") => to_pipe(rows, |schema| Sink::pipe(format, schema)).await,
        Some((path, format)) => to_file(rows, path, format).await,
    };
    match answered {
        // A reader that has gone (`| head`) has what it wanted.
        Err(error) if error.message == PIPE_CLOSED => Ok(()),
        answered => answered,
    }
}

async fn to_pipe(rows: Rows, sink: impl FnOnce(SchemaRef) -> Result<Sink>) -> Result<()> {
    let sink = sink(Arc::clone(&rows.schema))?;
    rows.write(sink).await.map(|_| ())
}

fn format_of(path: &Path, given: Option<FileFormat>) -> Result<FileFormat> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_lowercase();
    match (given, ending.as_str()) {
        (Some(format), _) => Ok(format),
        (None, "parquet") => Ok(FileFormat::Parquet),
        (None, "csv") => Ok(FileFormat::Csv),
        (None, "arrow") => Ok(FileFormat::Arrow),
        (None, _) if path == Path::new("-") => Err(Error::invalid("say how to write: --as parquet, csv or arrow")),
        (None, _) => {
            Err(Error::invalid(format!("`{}` must end in .parquet, .csv or .arrow, or say `--as`", path.display())))
        }
    }
}

/// The first rows of a read.
struct Rows {
    schema: SchemaRef,
    batches: BoxStream<'static, Result<RecordBatch>>,
    /// 0 is all.
    limit: u64,
}

impl Rows {
    fn new(read: Read, limit: u64) -> Self {
        Self { schema: Arc::clone(&read.schema), batches: read.stream(), limit }
    }

    /// Gives every batch to `take`; says how many rows there were, and whether there are more.
    async fn each(mut self, mut take: impl FnMut(RecordBatch) -> Result<()>) -> Result<(u64, bool)> {
        let mut rows = 0;
        while let Some(batch) = self.batches.next().await.transpose()? {
            let left = if self.limit == 0 { u64::MAX } else { self.limit - rows };
            if left == 0 {
                return Ok((rows, batch.num_rows() > 0));
            }
            let taken = left.min(batch.num_rows() as u64);
            rows += taken;
            let more = taken < batch.num_rows() as u64;
            take(batch.slice(0, taken as usize))?;
            if more {
                return Ok((rows, true));
            }
        }
        Ok((rows, false))
    }

    /// Writes all rows, and says how many.
    async fn write(self, mut sink: Sink) -> Result<u64> {
        let (rows, _) = self.each(|batch| sink.write(&batch)).await?;
        sink.finish().map(|()| rows)
    }
}

async fn print(rows: Rows, form: OutputForm) -> Result<()> {
    let (schema, limit) = (Arc::clone(&rows.schema), rows.limit);
    match form {
        OutputForm::Table => {
            let mut batches = vec![RecordBatch::new_empty(schema)];
            let (_, more) = rows
                .each(|batch| {
                    batches.push(batch);
                    Ok(())
                })
                .await?;
            let table = pretty_format_batches(&batches).map_err(|error| failed(&error))?.to_string();
            output::print(&format!("{}\n", with_heading(&table)))?;
            if more {
                eprintln!("the first {} rows; --limit for more, --to for a file", output::thousands(limit));
            }
            Ok(())
        }
        OutputForm::Csv => to_pipe(rows, |schema| Sink::pipe(FileFormat::Csv, schema)).await,
        OutputForm::Json => to_pipe(rows, |_| Ok(Sink::Json(JsonWriter::new(pipe())))).await,
    }
}

/// A table as text, whose second line holds the names.
fn with_heading(table: &str) -> String {
    let mut lines = table.splitn(3, '\n');
    match (lines.next(), lines.next(), lines.next()) {
        (Some(border), Some(names), Some(rest)) => format!("{border}\n{}\n{rest}", colour::heading(names)),
        _ => table.to_owned(),
    }
}

/// Writes to `path`, complete or not at all: a temporary file beside it takes its name at the end.
async fn to_file(rows: Rows, path: &Path, format: FileFormat) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let io = |error: std::io::Error| Error::invalid(format!("{}: {error}", path.display()));
    let temporary = tempfile::NamedTempFile::new_in(folder).map_err(io)?;
    let file: Out = Box::new(BufWriter::new(temporary.reopen().map_err(io)?));
    let sink = Sink::file(format, Arc::clone(&rows.schema), file)?;
    let rows = rows.write(sink).await?;
    temporary.persist(path).map_err(|error| io(error.error))?;
    eprintln!("{} rows written to {}", output::thousands(rows), path.display());
    Ok(())
}

type Out = Box<dyn Write + Send>;

/// What rows are written to.
enum Sink {
    Parquet(Box<ParquetWriter<Out>>),
    Csv(CsvWriter<Out>),
    Arrow(ArrowFile<Out>),
    /// Pipes have no footer to seek to.
    ArrowStream(ArrowStream<Out>),
    Json(JsonWriter<Out>),
}

/// Message of the error for a pipe whose reader has gone.
const PIPE_CLOSED: &str = "standard output was closed";

fn pipe() -> Out {
    Box::new(BufWriter::new(std::io::stdout()))
}

impl Sink {
    fn pipe(format: FileFormat, schema: SchemaRef) -> Result<Self> {
        match format {
            FileFormat::Arrow => {
                let writer = ArrowStream::try_new(pipe(), &schema).map_err(|error| failed(&error))?;
                Ok(Self::ArrowStream(writer))
            }
            _ => Self::file(format, schema, pipe()),
        }
    }

    fn file(format: FileFormat, schema: SchemaRef, out: Out) -> Result<Self> {
        match format {
            FileFormat::Parquet => {
                Ok(Self::Parquet(Box::new(ParquetWriter::try_new(out, schema, None).map_err(|error| failed(&error))?)))
            }
            FileFormat::Csv => {
                fits_csv(&schema)?;
                let mut writer = CsvWriterBuilder::new().with_header(true).build(out);
                writer.write(&RecordBatch::new_empty(schema)).map_err(|error| failed(&error))?;
                Ok(Self::Csv(writer))
            }
            FileFormat::Arrow => Ok(Self::Arrow(ArrowFile::try_new(out, &schema).map_err(|error| failed(&error))?)),
        }
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        match self {
            Self::Parquet(writer) => writer.write(batch).map_err(|error| failed(&error)),
            Self::Csv(writer) => writer.write(batch).map_err(|error| failed(&error)),
            Self::Arrow(writer) => writer.write(batch).map_err(|error| failed(&error)),
            Self::ArrowStream(writer) => writer.write(batch).map_err(|error| failed(&error)),
            Self::Json(writer) => writer.write(batch).map_err(|error| failed(&error)),
        }
    }

    fn finish(self) -> Result<()> {
        let mut out = match self {
            Self::Parquet(writer) => writer.into_inner().map_err(|error| failed(&error))?,
            Self::Csv(writer) => writer.into_inner(),
            Self::Arrow(writer) => writer.into_inner().map_err(|error| failed(&error))?,
            Self::ArrowStream(writer) => writer.into_inner().map_err(|error| failed(&error))?,
            Self::Json(mut writer) => {
                writer.finish().map_err(|error| failed(&error))?;
                let mut out = writer.into_inner();
                out.write_all(b"\n").map_err(|error| failed(&error))?;
                out
            }
        };
        out.flush().map_err(|error| failed(&error))
    }
}

/// Refuses what a line of CSV cannot hold, before anything is written.
fn fits_csv(schema: &Schema) -> Result<()> {
    let nested = schema.fields().iter().filter(|field| field.data_type().is_nested());
    let nested: Vec<&str> = nested.map(|field| field.name().as_str()).collect();
    if nested.is_empty() {
        return Ok(());
    }
    let columns = nested.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    Err(Error::invalid(format!(
        "CSV holds no lists and structs, as in {columns}: write Parquet (`--to FILE.parquet`) or JSON (`--output json`), or leave \
         them out"
    ))
    .named(nested))
}

fn failed(error: &(dyn std::error::Error + 'static)) -> Error {
    // Writers wrap the error of the pipe, each in its own way.
    let mut cause = Some(error);
    while let Some(current) = cause {
        let kind = current.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        if kind == Some(std::io::ErrorKind::BrokenPipe) || current.to_string().contains("Broken pipe") {
            return Error::new(mangonel_proto::ErrorCode::Cancelled, PIPE_CLOSED);
        }
        cause = current.source();
    }
    Error::internal(error.to_string())
}
