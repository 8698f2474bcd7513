//! Results that an executor keeps, for clients that cannot reach it: handed on message by message, never decoded.

use std::time::Duration;

use arrow_flight::{Ticket, flight_service_client::FlightServiceClient};
use futures::{StreamExt, TryStreamExt};
use mangonel_operators::flight::{FlightAnswer, MESSAGE_BYTES_MAX, to_status};
use mangonel_proto::{Error, Result, wire};
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    transport::Endpoint,
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What the executor at `flight` answers to `ticket`, presented for `project`.
///
/// # Errors
/// `unavailable` when it does not answer, and whatever it refuses the ticket with.
pub(super) async fn fetch(flight: &str, project: &str, ticket: &[u8]) -> Result<FlightAnswer> {
    let unreachable = |error: tonic::transport::Error| {
        Error::unavailable(format!("the executor that keeps this result does not answer ({error}): ask for it again"))
    };
    let endpoint = Endpoint::from_shared(flight.replacen("grpc+tcp://", "http://", 1)).map_err(unreachable)?;
    let endpoint = endpoint.connect_timeout(CONNECT_TIMEOUT).tcp_nodelay(true);
    let channel = endpoint.connect().await.map_err(unreachable)?;
    let mut client = FlightServiceClient::new(channel)
        .max_decoding_message_size(MESSAGE_BYTES_MAX)
        .max_encoding_message_size(MESSAGE_BYTES_MAX);
    let mut request = Request::new(Ticket::new(ticket.to_vec()));
    let project: MetadataValue<Ascii> = project.parse().map_err(|_| Error::invalid("malformed project"))?;
    request.metadata_mut().insert(wire::PROJECT_HEADER, project);
    let answer = client.do_get(request).await.map_err(|status| from_status(&status))?;
    Ok(answer.into_inner().map_err(|status| to_status(&from_status(&status))).boxed())
}

fn from_status(status: &Status) -> Error {
    let ours = status.metadata().get_bin(wire::ERROR_HEADER).and_then(|value| value.to_bytes().ok());
    let ours = ours.and_then(|json| Error::from_json(&json));
    ours.unwrap_or_else(|| Error::unavailable(format!("the executor that keeps this result failed: {status}")))
}
