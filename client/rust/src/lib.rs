//! The Rust client: catalog and run control by typed calls, reads and inserts as Arrow batches, all over Arrow Flight.
//! Knows the protocol and nothing of servers.

mod error;
mod insert;
mod patience;
mod read;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use arrow_flight::{Action as FlightAction, flight_service_client::FlightServiceClient};
use futures::{Stream, StreamExt, TryStreamExt};
use mangonel_proto::{
    Error, Result, v1,
    wire::{self, Call},
};
use tonic::{
    Request,
    metadata::{Ascii, MetadataValue},
    transport::{Channel, Endpoint},
};

pub use error::from_status;
pub use insert::{InsertParts, schema_bytes};
use patience::Patience;
use read::Node;
pub use read::{Read, ReadEndpoint, ReadStream};

/// How long a connection may take unless the caller says otherwise.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Largest message that is accepted from a server.
const MESSAGE_BYTES_MAX: usize = 128 << 20;
/// Bytes on their way on one stream before its reader must take some.
const STREAM_WINDOW_BYTES: u32 = 4 << 20;
/// The same for all streams of a connection: many can wait without stopping the one whose turn it is.
const CONNECTION_WINDOW_BYTES: u32 = 512 << 20;

/// A connection to a server, for one project. Cheap to clone.
#[derive(Clone)]
pub struct MangonelClient {
    flight: FlightServiceClient<Channel>,
    /// Other nodes that hold parts of reads, by URI.
    nodes: Arc<Mutex<HashMap<String, Node>>>,
    project: MetadataValue<Ascii>,
    patience: Patience,
}

impl MangonelClient {
    /// Connects to `grpc://host:port` (or `http://`).
    ///
    /// # Errors
    /// `invalid_argument` for a malformed address or project, `unavailable` when nobody answers there.
    pub async fn connect(server: &str, project: &str) -> Result<Self> {
        Self::connect_within(server, project, None).await
    }

    /// [`MangonelClient::connect`] for somebody who waits so long for the server and no longer: for the connection, for the
    /// answer to a call, for the next rows of a read, and until the server takes more rows of an upload.
    ///
    /// # Errors
    /// As [`MangonelClient::connect`]; all calls have `unavailable` when the server was silent for too long.
    pub async fn connect_within(server: &str, project: &str, timeout: Option<Duration>) -> Result<Self> {
        let endpoint = endpoint(server)?.connect_timeout(timeout.unwrap_or(CONNECT_TIMEOUT));
        let channel = endpoint.connect().await.map_err(|error| {
            let cause = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            Error::unavailable(format!("no server answers at {server} ({cause}): start one with `mangonel up`"))
        })?;
        let flight = FlightServiceClient::new(channel)
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
            .max_encoding_message_size(MESSAGE_BYTES_MAX);
        let project = MetadataValue::try_from(project)
            .map_err(|_| Error::invalid("project names hold lower-case letters, digits and `_`"))?;
        Ok(Self { flight, nodes: Arc::default(), project, patience: Patience(timeout) })
    }

    /// How long the server may be silent, if there is a limit.
    pub fn timeout(&self) -> Option<Duration> {
        self.patience.0
    }

    /// Sends one request and waits for its answer.
    ///
    /// # Errors
    /// What the server answered, or `unavailable`.
    pub async fn call<C: Call>(&self, call: C) -> Result<C::Response> {
        let answered = self.patience.wait(async {
            let answers = self.act(&call).await?;
            futures::pin_mut!(answers);
            let answer = answers.next().await.ok_or_else(|| Error::internal("the server gave no answer"))?;
            // To its end: what is dropped before resets the stream, and servers end connections that do so often.
            while answers.next().await.is_some() {}
            answer
        });
        wire::from_body(&answered.await?)
    }

    /// Progress of a run, until it has ended.
    ///
    /// # Errors
    /// `not_found` for an unknown run; what breaks later comes through the stream.
    pub async fn watch(&self, run_id: &str) -> Result<impl Stream<Item = Result<v1::RunProgress>> + use<>> {
        let watch = wire::WatchRun(v1::RunRef { run_id: run_id.to_owned() });
        let answers = self.patience.wait(self.act(&watch)).await?;
        Ok(answers.map(|body| wire::from_body(&body?)))
    }

    async fn act<C: Call>(&self, call: &C) -> Result<impl Stream<Item = Result<bytes::Bytes>> + use<C>> {
        let body = wire::to_body(call)?.into();
        let action = FlightAction { r#type: C::ACTION.name().to_owned(), body };
        let answers =
            self.flight.clone().do_action(self.request(action)).await.map_err(|status| from_status(&status))?;
        Ok(answers.into_inner().map_ok(|result| result.body).map_err(|status| from_status(&status)))
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.metadata_mut().insert(wire::PROJECT_HEADER, self.project.clone());
        request
    }
}

/// How a server is dialled.
fn endpoint(server: &str) -> Result<Endpoint> {
    let address = server.replacen("grpc://", "http://", 1).replacen("grpc+tcp://", "http://", 1);
    let malformed = || Error::invalid(format!("server address `{server}` is not like grpc://127.0.0.1:8815"));
    if !address.starts_with("http://") {
        return Err(malformed());
    }
    let endpoint = Endpoint::from_shared(address).map_err(|_| malformed())?;
    Ok(endpoint
        .tcp_nodelay(true)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES))
}
