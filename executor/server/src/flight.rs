//! The Flight port for clients, apart from Ballista's own ports: it answers `DoGet` for tickets of the scheduler (result
//! files of this executor, shards of the warehouse) and nothing else.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{SystemTime, UNIX_EPOCH},
};

use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightInfo, HandshakeRequest, HandshakeResponse,
    PollInfo, PutResult, Result as FlightResult, SchemaResult, Ticket,
    flight_service_server::{FlightService, FlightServiceServer},
};
use futures::stream::BoxStream;
use mangonel_operators::{
    flight::{FlightAnswer, MESSAGE_BYTES_MAX, project_of, result_data, shard_data, to_status},
    result_writer::ResultFolder,
};
use mangonel_proto::{
    Error, Result,
    tickets::{Grant, TicketVerifier},
};
use mangonel_storage::warehouse::Warehouse;
use tonic::{Request, Response, Status, Streaming, metadata::MetadataMap};

/// The scheduler's key for tickets, as of the last time that this executor joined.
#[derive(Clone, Debug)]
pub(crate) struct CurrentKey(Arc<RwLock<TicketVerifier>>);

impl CurrentKey {
    pub(crate) fn new(key: TicketVerifier) -> Self {
        Self(Arc::new(RwLock::new(key)))
    }
    /// A scheduler that was restarted has another key.
    pub(crate) fn set(&self, key: TicketVerifier) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = key;
    }
    fn get(&self) -> TicketVerifier {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The service behind the port.
pub(crate) struct ResultFront {
    pub(crate) executor_id: String,
    pub(crate) key: CurrentKey,
    pub(crate) results: Arc<ResultFolder>,
    pub(crate) warehouse: Arc<Warehouse>,
}

impl ResultFront {
    pub(crate) fn service(self) -> FlightServiceServer<Self> {
        FlightServiceServer::new(self)
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
            .max_encoding_message_size(MESSAGE_BYTES_MAX)
    }

    async fn get(&self, metadata: &MetadataMap, ticket: &[u8]) -> Result<FlightAnswer> {
        let now_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        match self.key.get().open(ticket, project_of(metadata)?, now_s)?.grant {
            Grant::Result(result) if result.executor == self.executor_id => result_data(&self.results, &result).await,
            Grant::Result(_) => Err(Error::not_found("this result is on another executor: ask for the data again")),
            Grant::Shards(shards) => shard_data(&self.warehouse, shards),
            Grant::Read { .. } | Grant::Upload { .. } => Err(Error::invalid("this ticket is for the scheduler")),
        }
    }
}

type Answers<T> = BoxStream<'static, Result<T, Status>>;

fn unoffered<T>() -> Result<Response<T>, Status> {
    Err(Status::unimplemented("executors answer DoGet only: ask the scheduler"))
}

#[tonic::async_trait]
impl FlightService for ResultFront {
    type HandshakeStream = Answers<HandshakeResponse>;
    type ListFlightsStream = Answers<FlightInfo>;
    type DoGetStream = FlightAnswer;
    type DoPutStream = Answers<PutResult>;
    type DoActionStream = Answers<FlightResult>;
    type ListActionsStream = Answers<ActionType>;
    type DoExchangeStream = Answers<FlightData>;

    async fn do_get(&self, request: Request<Ticket>) -> Result<Response<Self::DoGetStream>, Status> {
        let answer = self.get(request.metadata(), &request.get_ref().ticket).await;
        answer.map(Response::new).map_err(|error| to_status(&error))
    }

    async fn handshake(
        &self,
        _request: Request<Streaming<HandshakeRequest>>,
    ) -> Result<Response<Self::HandshakeStream>, Status> {
        unoffered()
    }
    async fn list_flights(&self, _request: Request<Criteria>) -> Result<Response<Self::ListFlightsStream>, Status> {
        unoffered()
    }
    async fn get_flight_info(&self, _request: Request<FlightDescriptor>) -> Result<Response<FlightInfo>, Status> {
        unoffered()
    }
    async fn poll_flight_info(&self, _request: Request<FlightDescriptor>) -> Result<Response<PollInfo>, Status> {
        unoffered()
    }
    async fn get_schema(&self, _request: Request<FlightDescriptor>) -> Result<Response<SchemaResult>, Status> {
        unoffered()
    }
    async fn do_put(&self, _request: Request<Streaming<FlightData>>) -> Result<Response<Self::DoPutStream>, Status> {
        unoffered()
    }
    async fn do_action(&self, _request: Request<Action>) -> Result<Response<Self::DoActionStream>, Status> {
        unoffered()
    }
    async fn list_actions(&self, _request: Request<Empty>) -> Result<Response<Self::ListActionsStream>, Status> {
        unoffered()
    }
    async fn do_exchange(
        &self,
        _request: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoExchangeStream>, Status> {
        unoffered()
    }
}
