//! Reads: a command becomes endpoints, and endpoints become batches, in order.

use arrow::{datatypes::SchemaRef, record_batch::RecordBatch};
use arrow_flight::{FlightDescriptor, FlightInfo, Ticket, decode::FlightRecordBatchStream, error::FlightError};
use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use mangonel_proto::{Error, ErrorCode, Result, wire::Command};

use crate::{MangonelClient, from_status};

/// Batches of a read, as they arrive.
pub type ReadStream = BoxStream<'static, Result<RecordBatch>>;

/// A read that the server has planned.
pub struct Read {
    pub schema: SchemaRef,
    tickets: Vec<Ticket>,
    client: MangonelClient,
}

impl MangonelClient {
    /// Plans a read on the server.
    ///
    /// # Errors
    /// Everything that is wrong with the request, at once.
    pub async fn read(&self, command: &Command) -> Result<Read> {
        let descriptor = FlightDescriptor::new_cmd(command.to_bytes()?);
        let info = self.flight.clone().get_flight_info(self.request(descriptor)).await;
        let info: FlightInfo = info.map_err(|status| from_status(&status))?.into_inner();
        let tickets = info.endpoint.iter().filter_map(|endpoint| endpoint.ticket.clone()).collect();
        let schema = info.try_decode_schema().map_err(|error| Error::internal(error.to_string()))?;
        Ok(Read { schema: schema.into(), tickets, client: self.clone() })
    }
}

impl Read {
    /// All batches, endpoint after endpoint; the next endpoint is opened while one is read.
    pub fn stream(self) -> ReadStream {
        let client = self.client;
        let endpoints = stream::iter(self.tickets).map(move |ticket| {
            let client = client.clone();
            async move { client.endpoint(ticket).await }
        });
        endpoints.buffered(2).try_flatten().boxed()
    }
}

impl MangonelClient {
    async fn endpoint(&self, ticket: Ticket) -> Result<ReadStream> {
        let data = self.flight.clone().do_get(self.request(ticket)).await.map_err(|status| from_status(&status))?;
        let data = data.into_inner().map_err(|status| FlightError::Tonic(Box::new(status)));
        let batches = FlightRecordBatchStream::new_from_flight_data(data);
        Ok(batches.map_err(|error| from_flight(&error)).boxed())
    }
}

pub(crate) fn from_flight(error: &FlightError) -> Error {
    match error {
        FlightError::Tonic(status) => from_status(status),
        other => Error::new(ErrorCode::Internal, other.to_string()),
    }
}
