//! Reads: a command becomes endpoints, and endpoints become batches, in order.

use std::{
    sync::PoisonError,
    time::{Duration, Instant},
};

use arrow::{datatypes::SchemaRef, record_batch::RecordBatch};
use arrow_flight::{
    FlightDescriptor, FlightEndpoint, FlightInfo, Ticket, decode::FlightRecordBatchStream, error::FlightError,
    flight_service_client::FlightServiceClient,
};
use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use mangonel_proto::{
    Error, ErrorCode, Result,
    wire::{Command, EndpointCounts, SAME_CONNECTION},
};
use tokio::sync::mpsc;
use tonic::transport::Channel;

use crate::{MESSAGE_BYTES_MAX, MangonelClient, endpoint, from_status};

/// Endpoints that are read at the same time: the one whose turn it is, and those after it.
const ENDPOINTS_AT_ONCE: usize = 3;
/// Batches of one endpoint that wait for their turn.
const BATCHES_WAITING: usize = 4;
/// How long a location may take to accept a connection before the next one is tried.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a node that has failed is asked last.
const AVOIDED: Duration = Duration::from_secs(30);

/// Another node that holds parts of reads.
pub(crate) struct Node {
    flight: FlightServiceClient<Channel>,
    failed: Option<Instant>,
}

/// Batches of a read, as they arrive.
pub type ReadStream = BoxStream<'static, Result<RecordBatch>>;

/// A read that the server has planned.
pub struct Read {
    pub schema: SchemaRef,
    /// Rows and bytes that will come, where the server knows them.
    pub counts: EndpointCounts,
    /// In the order of the answer.
    pub endpoints: Vec<ReadEndpoint>,
    client: MangonelClient,
}

/// A part of a read, and where it can be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadEndpoint {
    pub ticket: Vec<u8>,
    /// URIs of nodes that have it, best first; the server itself when there are none.
    pub locations: Vec<String>,
    /// Rows and bytes of it, where they are known.
    pub counts: EndpointCounts,
}

impl MangonelClient {
    /// Plans a read on the server.
    ///
    /// # Errors
    /// Everything that is wrong with the request, at once.
    pub async fn read(&self, command: &Command) -> Result<Read> {
        let descriptor = FlightDescriptor::new_cmd(command.to_bytes()?);
        let mut flight = self.flight.clone();
        let info = self.patience.wait(async {
            let info = flight.get_flight_info(self.request(descriptor)).await;
            info.map_err(|status| from_status(&status))
        });
        let mut info: FlightInfo = info.await?.into_inner();
        let known = |count: i64| u64::try_from(count).ok();
        let counts = EndpointCounts { rows: known(info.total_records), bytes: known(info.total_bytes) };
        let endpoints = std::mem::take(&mut info.endpoint).into_iter().filter_map(ReadEndpoint::new).collect();
        let schema = info.try_decode_schema().map_err(|error| Error::internal(error.to_string()))?;
        Ok(Read { schema: schema.into(), counts, endpoints, client: self.clone() })
    }
}

impl ReadEndpoint {
    fn new(endpoint: FlightEndpoint) -> Option<Self> {
        Some(Self {
            ticket: endpoint.ticket?.ticket.to_vec(),
            locations: endpoint.location.into_iter().map(|location| location.uri).collect(),
            // Other servers may say something else there.
            counts: serde_json::from_slice(&endpoint.app_metadata).unwrap_or_default(),
        })
    }
}

impl Read {
    /// All batches, endpoint after endpoint. The next endpoints are read meanwhile, a few batches of each.
    pub fn stream(self) -> ReadStream {
        let client = self.client;
        let endpoints = stream::iter(self.endpoints).map(move |endpoint| {
            let (batches, waiting) = mpsc::channel(BATCHES_WAITING);
            tokio::spawn(client.clone().send_all(endpoint, batches));
            std::future::ready(stream::unfold(
                waiting,
                |mut waiting| async move { Some((waiting.recv().await?, waiting)) },
            ))
        });
        // `buffered` polls its futures, which start the reading, so many before their turn.
        endpoints.buffered(ENDPOINTS_AT_ONCE).flatten().boxed()
    }
}

impl MangonelClient {
    /// Reads an endpoint to its end, or until nobody wants it any more.
    async fn send_all(self, endpoint: ReadEndpoint, batches: mpsc::Sender<Result<RecordBatch>>) {
        let sending = async {
            let mut read = match self.fetch(&endpoint).await {
                Ok(read) => read,
                Err(error) => stream::iter([Err(error)]).boxed(),
            };
            while let Some(batch) = read.next().await {
                if batches.send(batch).await.is_err() {
                    break;
                }
            }
        };
        tokio::select! {
            () = sending => {}
            () = batches.closed() => {}
        }
    }

    /// The batches of an endpoint, from the first location that gives one.
    ///
    /// # Errors
    /// What the last location failed with.
    pub async fn fetch(&self, endpoint: &ReadEndpoint) -> Result<ReadStream> {
        let mut locations: Vec<&str> = endpoint.locations.iter().map(String::as_str).collect();
        if locations.is_empty() {
            locations.push(SAME_CONNECTION);
        }
        // A node that does not answer must not cost its timeout for every endpoint.
        locations.sort_by_key(|location| self.has_failed(location));
        let mut failure = None;
        for location in locations {
            match self.open_at(location, &endpoint.ticket).await {
                Ok(read) => return Ok(read),
                Err(error) => {
                    self.note_failure(location, &error);
                    failure = Some(error);
                }
            }
        }
        Err(failure.unwrap_or_else(|| Error::internal("an endpoint without a location")))
    }

    async fn open_at(&self, location: &str, ticket: &[u8]) -> Result<ReadStream> {
        let mut flight = self.flight_at(location)?;
        let patience = self.patience;
        let (first, batches) = patience
            .wait(async {
                let data = flight.do_get(self.request(Ticket::new(ticket.to_vec()))).await;
                let data = data.map_err(|status| from_status(&status))?.into_inner();
                let data = data.map_err(|status| FlightError::Tonic(Box::new(status)));
                let batches = FlightRecordBatchStream::new_from_flight_data(data);
                let mut batches = batches.map_err(|error| from_flight(&error)).boxed();
                // A location that fails before its first batch has given nothing: the next one may be asked.
                let first = batches.try_next().await?;
                Ok((first, batches))
            })
            .await?;
        let rest = stream::try_unfold(batches, move |mut batches| async move {
            let next = patience.wait(batches.try_next()).await?;
            Ok(next.map(|batch| (batch, batches)))
        });
        Ok(stream::iter(first.map(Ok)).chain(rest).boxed())
    }

    /// A connection to a location, made when it is first used.
    fn flight_at(&self, location: &str) -> Result<FlightServiceClient<Channel>> {
        if location.starts_with("arrow-flight-reuse-connection:") {
            return Ok(self.flight.clone());
        }
        let mut nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = nodes.get(location) {
            return Ok(known.flight.clone());
        }
        let channel = endpoint(location)?.connect_timeout(CONNECT_TIMEOUT).connect_lazy();
        let flight = FlightServiceClient::new(channel)
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
            .max_encoding_message_size(MESSAGE_BYTES_MAX);
        nodes.insert(location.to_owned(), Node { flight: flight.clone(), failed: None });
        Ok(flight)
    }

    fn has_failed(&self, location: &str) -> bool {
        let nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        nodes.get(location).and_then(|node| node.failed).is_some_and(|failed| failed.elapsed() < AVOIDED)
    }

    fn note_failure(&self, location: &str, error: &Error) {
        let lost = matches!(error.code, ErrorCode::Unavailable | ErrorCode::Cancelled | ErrorCode::Internal);
        let mut nodes = self.nodes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(node) = nodes.get_mut(location).filter(|_| lost) {
            node.failed = Some(Instant::now());
        }
    }
}

pub(crate) fn from_flight(error: &FlightError) -> Error {
    match error {
        FlightError::Tonic(status) => from_status(status),
        other => Error::new(ErrorCode::Internal, other.to_string()),
    }
}
