//! What every node, scheduler or executor, gives to clients over Arrow Flight: batches as messages, errors whole, shards of
//! the warehouse, and result files of its own folder.

use std::{fs::File, io::BufReader};

use arrow::{datatypes::SchemaRef, error::ArrowError, ipc::reader::StreamReader, record_batch::RecordBatch};
use arrow_flight::{FlightData, encode::FlightDataEncoderBuilder, error::FlightError};
use futures::{Stream, StreamExt, TryStreamExt, stream, stream::BoxStream};
use mangonel_proto::{
    Error, Result,
    tickets::{ResultFile, ShardFiles},
    wire,
};
use mangonel_storage::{dataset::read_shards, warehouse::Warehouse};
use tokio::sync::mpsc;
use tonic::{Status, metadata::MetadataMap};

use crate::result_writer::ResultFolder;

/// Largest message of a Flight port.
pub const MESSAGE_BYTES_MAX: usize = 64 << 20;
/// Bytes of an error in the trailers of a call: HTTP/2 headers are small.
const TRAILER_BYTES_MAX: usize = 6000;
/// Batches between the file of a result and its reader.
const BATCHES_IN_FLIGHT: usize = 2;

/// The answer to a `DoGet`.
pub type FlightAnswer = BoxStream<'static, Result<FlightData, Status>>;

/// The gRPC status of an error, with the whole error in its metadata.
pub fn to_status(error: &Error) -> Status {
    let code = tonic::Code::from_i32(error.grpc_code());
    let mut metadata = MetadataMap::new();
    let json = trimmed(error.clone()).to_json();
    metadata.insert_bin(wire::ERROR_HEADER, tonic::metadata::MetadataValue::from_bytes(json.as_bytes()));
    let mut message = error.to_string();
    message.truncate(message.floor_char_boundary(TRAILER_BYTES_MAX));
    Status::with_metadata(code, message, metadata)
}

/// An error that fits the trailers: without its last problems, then without names, then with a shorter message.
fn trimmed(mut error: Error) -> Error {
    while error.to_json().len() > TRAILER_BYTES_MAX && error.problems.pop().is_some() {}
    if error.to_json().len() > TRAILER_BYTES_MAX {
        error.names.clear();
        error.message.truncate(error.message.floor_char_boundary(TRAILER_BYTES_MAX / 2));
    }
    error
}

/// Project that a call names.
///
/// # Errors
/// `invalid_argument` when it is no text.
pub fn project_of(metadata: &MetadataMap) -> Result<&str> {
    wire::project_of(metadata.get(wire::PROJECT_HEADER).map(tonic::metadata::MetadataValue::as_bytes))
}

/// Batches as messages.
pub fn flight_data(
    schema: SchemaRef,
    batches: impl Stream<Item = Result<RecordBatch>> + Send + 'static,
) -> FlightAnswer {
    let batches = batches.map_err(|error| FlightError::Tonic(Box::new(to_status(&error))));
    FlightDataEncoderBuilder::new().with_schema(schema).build(batches).map_err(Status::from).boxed()
}

/// Rows of committed shards.
///
/// # Errors
/// When the columns cannot be read back; what fails later comes through the stream.
pub fn shard_data(warehouse: &Warehouse, shards: ShardFiles) -> Result<FlightAnswer> {
    let (schema, rows) = read_shards(warehouse, shards)?;
    Ok(flight_data(schema, rows.map_err(Error::from)))
}

/// Rows of a result file that this process keeps.
///
/// # Errors
/// `not_found` when the file is gone.
pub async fn result_data(folder: &ResultFolder, result: &ResultFile) -> Result<FlightAnswer> {
    let path = folder.file(&result.read, &result.file)?;
    let broken = |error: ArrowError| Error::internal(format!("a result file cannot be read: {error}"));
    let opened = tokio::task::spawn_blocking(move || {
        let file = File::open(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => Error::not_found("this result is gone: ask for the data again"),
            _ => Error::internal(format!("a result file cannot be read: {error}")),
        })?;
        StreamReader::try_new(BufReader::with_capacity(1 << 20, file), None).map_err(broken)
    });
    let reader = opened.await.map_err(|error| Error::internal(error.to_string()))??;
    let schema = reader.schema();
    let (batches, read) = mpsc::channel(BATCHES_IN_FLIGHT);
    let mut left = result.rows.map_or(usize::MAX, |rows| usize::try_from(rows).unwrap_or(usize::MAX));
    tokio::task::spawn_blocking(move || {
        for batch in reader {
            let batch = batch.map_err(broken).map(|batch| batch.slice(0, batch.num_rows().min(left)));
            left -= batch.as_ref().map_or(0, RecordBatch::num_rows);
            let ended = batch.is_err() || left == 0;
            if batches.blocking_send(batch).is_err() || ended {
                break;
            }
        }
    });
    let batches = stream::unfold(read, |mut read| async move { Some((read.recv().await?, read)) });
    Ok(flight_data(schema, batches))
}
