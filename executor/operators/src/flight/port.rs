//! The Flight service of a port: `DoGet` answers with pieces that share the memory of the rows, which the generated service
//! cannot do; everything else is the generated service.

use std::{
    collections::VecDeque,
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use arrow_flight::{
    Ticket,
    flight_service_server::{FlightService, FlightServiceServer},
};
use bytes::Bytes;
use futures::{FutureExt, Stream, stream::BoxStream};
use http_body::{Body, Frame};
use mangonel_proto::{Error, Result};
use prost::Message;
use tonic::{
    Status, Streaming, async_trait, body,
    codec::{DecodeBuf, Decoder},
    codegen::{BoxFuture, Service, http},
    metadata::MetadataMap,
    server::NamedService,
};

use super::{FlightAnswer, MESSAGE_BYTES_MAX, messages::Pieces, to_status};

const DO_GET: &str = "/arrow.flight.protocol.FlightService/DoGet";

/// Who answers to tickets.
#[async_trait]
pub trait Tickets: Send + Sync + 'static {
    /// The rows that `ticket` stands for.
    ///
    /// # Errors
    /// Whatever refuses the caller or the ticket.
    async fn get(&self, metadata: &MetadataMap, ticket: &[u8]) -> Result<FlightAnswer>;
}

/// A Flight service whose `DoGet` is [`Tickets::get`].
pub struct FlightPort<F> {
    front: Arc<F>,
    rest: FlightServiceServer<F>,
}

impl<F: FlightService> FlightPort<F> {
    pub fn new(front: F) -> Self {
        let front = Arc::new(front);
        let rest = FlightServiceServer::from_arc(Arc::clone(&front))
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
            .max_encoding_message_size(MESSAGE_BYTES_MAX);
        Self { front, rest }
    }
}

impl<F> Clone for FlightPort<F> {
    fn clone(&self) -> Self {
        Self { front: Arc::clone(&self.front), rest: self.rest.clone() }
    }
}

impl<F: FlightService> NamedService for FlightPort<F> {
    const NAME: &'static str = <FlightServiceServer<F> as NamedService>::NAME;
}

impl<F: FlightService + Tickets> Service<http::Request<body::Body>> for FlightPort<F> {
    type Response = http::Response<body::Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<std::result::Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<body::Body>) -> Self::Future {
        if request.uri().path() != DO_GET {
            return self.rest.call(request);
        }
        let front = Arc::clone(&self.front);
        async move {
            Ok(match answer(front.as_ref(), request).await {
                Ok(messages) => response(messages),
                Err(status) => status.into_http(),
            })
        }
        .boxed()
    }
}

async fn answer<F: Tickets>(
    front: &F,
    request: http::Request<body::Body>,
) -> std::result::Result<BoxStream<'static, std::result::Result<Pieces, Status>>, Status> {
    let (head, body) = request.into_parts();
    let mut tickets = Streaming::new_request(TicketDecoder, body, None, Some(MESSAGE_BYTES_MAX));
    let ticket = tickets.message().await?.ok_or_else(|| to_status(&Error::invalid("a read begins with its ticket")))?;
    let rows = front.get(&MetadataMap::from_headers(head.headers), &ticket.ticket).await;
    rows.and_then(FlightAnswer::messages).map_err(|error| to_status(&error))
}

fn response(messages: BoxStream<'static, std::result::Result<Pieces, Status>>) -> http::Response<body::Body> {
    let body = Answer { messages, pieces: VecDeque::new(), ended: false };
    let mut response = http::Response::new(body::Body::new(body));
    let content = http::HeaderValue::from_static("application/grpc");
    response.headers_mut().insert(http::header::CONTENT_TYPE, content);
    response
}

struct TicketDecoder;

impl Decoder for TicketDecoder {
    type Item = Ticket;
    type Error = Status;

    fn decode(&mut self, bytes: &mut DecodeBuf<'_>) -> std::result::Result<Option<Ticket>, Status> {
        let ticket = Ticket::decode(bytes);
        ticket.map(Some).map_err(|error| to_status(&Error::invalid(format!("malformed ticket: {error}"))))
    }
}

/// The body of an answer: pieces of messages, then the status of the call.
struct Answer {
    messages: BoxStream<'static, std::result::Result<Pieces, Status>>,
    pieces: VecDeque<Bytes>,
    ended: bool,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Status>>> {
        loop {
            if let Some(piece) = self.pieces.pop_front() {
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
            if self.ended {
                return Poll::Ready(None);
            }
            let status = match ready!(Pin::new(&mut self.messages).poll_next(context)) {
                Some(Ok(pieces)) => {
                    self.pieces = pieces.into();
                    continue;
                }
                Some(Err(status)) => status,
                None => Status::ok(""),
            };
            self.ended = true;
            let mut trailers = http::HeaderMap::new();
            status.add_header(&mut trailers)?;
            return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
        }
    }
}
