//! The Arrow Flight front: all data and control of clients on one port. It only translates; what is done is in `service`.

mod proxy;
pub(crate) mod tickets;

use std::sync::Arc;

use arrow::{
    datatypes::{Schema, SchemaRef},
    ipc::writer::IpcWriteOptions,
    record_batch::RecordBatch,
};
use arrow_flight::{
    Action as FlightAction, ActionType, Criteria, FlightData, FlightDescriptor, FlightEndpoint, FlightInfo,
    HandshakeRequest, HandshakeResponse, PollInfo, PutResult, Result as FlightResult, SchemaAsIpc, SchemaResult,
    Ticket, decode::FlightRecordBatchStream, error::FlightError, flight_descriptor::DescriptorType,
    flight_service_server::FlightService,
};
use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use mangonel_operators::flight::{FlightAnswer, flight_data, project_of, shard_data, to_status};
use mangonel_proto::{
    Error, Result,
    names::Principal,
    tickets::Grant,
    v1::{self, RunState},
    wire::{self, Action, Call, Command},
};
use tonic::{Request, Response, Status, Streaming, metadata::MetadataMap};

use crate::service::{Clean, FeatureStore};
use tickets::now_s;

/// The service behind the Flight port.
pub(crate) struct FlightFront {
    store: Arc<FeatureStore>,
}

impl FlightFront {
    pub(crate) fn new(store: Arc<FeatureStore>) -> Self {
        Self { store }
    }

    fn principal(&self, metadata: &MetadataMap) -> Result<Principal> {
        self.store.authenticate(project_of(metadata)?)
    }

    /// Runs one action that answers once.
    async fn call<C: Call, F>(&self, body: &[u8], run: impl FnOnce(C) -> F) -> Result<Vec<u8>>
    where
        F: Future<Output = Result<C::Response>>,
    {
        wire::to_body(&run(wire::from_body::<C>(body)?).await?)
    }

    async fn act(&self, action: Action, principal: &Principal, body: &[u8]) -> Result<Vec<u8>> {
        let (store, who) = (&self.store, principal);
        match action {
            Action::CreateProject => self.call(body, |call| store.create_project(who, call)).await,
            Action::ListProjects => self.call(body, |_: v1::ListProjects| store.list_projects(who)).await,
            Action::CreateFeatureGroup => self.call(body, |call| store.create_feature_group(who, call)).await,
            Action::ListFeatureGroups => self.call(body, |call| store.list_feature_groups(who, call)).await,
            Action::ShowFeatureGroup => {
                self.call(body, |call: wire::ShowFeatureGroup| store.show_feature_group(who, call.0)).await
            }
            Action::DeleteFeatureGroup => {
                self.call(body, |call: wire::DeleteFeatureGroup| store.delete_feature_group(who, call.0)).await
            }
            Action::ListPartitions => {
                self.call(body, |call: wire::ListPartitions| store.list_partitions(who, call.0)).await
            }
            Action::UpdateMetadata => self.call(body, |call| store.update_metadata(who, call)).await,
            Action::BeginInsert => self.call(body, |call| store.begin_insert(who, call)).await,
            Action::EvolveFeatureGroup => self.call(body, |call| store.evolve_feature_group(who, call)).await,
            Action::CompactFeatureGroup => self.call(body, |call| store.compact_feature_group(who, call)).await,
            Action::CommitInsert => self.call(body, |call| store.commit_insert(who, call)).await,
            Action::Explain => self.call(body, |call: wire::Explain| store.explain(who, call.0)).await,
            Action::CreateTrainingDataset => self.call(body, |call| store.create_training_dataset(who, call)).await,
            Action::InsertIntoTrainingDataset => {
                self.call(body, |call| store.insert_into_training_dataset(who, call)).await
            }
            Action::RebuildTrainingDataset => self.call(body, |call| store.rebuild_training_dataset(who, call)).await,
            Action::ListTrainingDatasets => self.call(body, |call| store.list_training_datasets(who, call)).await,
            Action::ShowTrainingDataset => {
                self.call(body, |call: wire::ShowTrainingDataset| store.show_training_dataset(who, call.0)).await
            }
            Action::DeleteTrainingDataset => {
                self.call(body, |call: wire::DeleteTrainingDataset| store.delete_training_dataset(who, call.0)).await
            }
            Action::VerifyTrainingDataset => {
                self.call(body, |call: wire::VerifyTrainingDataset| store.verify_training_dataset(who, call.0)).await
            }
            Action::ListRuns => self.call(body, |call| store.list_runs(who, call)).await,
            Action::ShowRun => self.call(body, |call: wire::ShowRun| store.show_run(who, call.0)).await,
            Action::CancelRun => self.call(body, |call: wire::CancelRun| store.cancel_run(who, call.0)).await,
            Action::ListGarbage => {
                self.call(body, |call: wire::ListGarbage| store.clean(who, call.0, Clean::Look)).await
            }
            Action::DeleteGarbage => {
                self.call(body, |call: wire::DeleteGarbage| store.clean(who, call.0, Clean::Remove)).await
            }
            Action::Status => self.call(body, |_: wire::Status| async { Ok(store.status().await) }).await,
            Action::WatchRun => Err(Error::internal("watching a run answers many times")),
        }
    }

    /// Progress of a run, whenever it changes and at least twice a second, until it has ended.
    async fn watch_run(&self, who: Principal, run_id: String) -> Result<BoxStream<'static, Result<v1::RunProgress>>> {
        let first = self.store.run_progress(&who, &run_id, false).await?;
        let store = Arc::clone(&self.store);
        let state = Some((store, who, run_id, first));
        Ok(stream::unfold(state, |state| async move {
            let (store, who, run_id, progress) = state?;
            let ended = progress.state() != RunState::Prepared;
            if ended {
                return Some((Ok(progress), None));
            }
            store.wait_for_progress(&run_id).await;
            match store.run_progress(&who, &run_id, true).await {
                Ok(next) => Some((Ok(progress), Some((store, who, run_id, next)))),
                Err(error) => Some((Err(error), None)),
            }
        })
        .boxed())
    }

    async fn flight_info(&self, request: Request<FlightDescriptor>) -> Result<FlightInfo> {
        let principal = self.principal(request.metadata())?;
        let descriptor = request.into_inner();
        let read = self.store.prepare_read(&principal, command(&descriptor)?).await?;
        let mut info = FlightInfo::new()
            .try_with_schema(&read.schema)
            .map_err(|error| Error::internal(error.to_string()))?
            .with_descriptor(descriptor)
            .with_ordered(true)
            .with_total_records(read.counts.rows.map_or(-1, |rows| rows as i64))
            .with_total_bytes(read.counts.bytes.map_or(-1, |bytes| bytes as i64));
        let expires = prost_types::Timestamp { seconds: (now_s() + read.life_s) as i64, nanos: 0 };
        for part in read.parts {
            let ticket = self.store.tickets.sign(&principal, part.grant)?;
            let endpoint = FlightEndpoint::new()
                .with_ticket(Ticket::new(ticket))
                .with_expiration_time(expires)
                .with_app_metadata(wire::to_body(&part.counts)?);
            info = info.with_endpoint(part.locations.into_iter().fold(endpoint, FlightEndpoint::with_location));
        }
        Ok(info)
    }

    async fn get(&self, metadata: &MetadataMap, ticket: &[u8]) -> Result<FlightAnswer> {
        let principal = self.principal(metadata)?;
        match self.store.tickets.open(&principal, ticket)? {
            Grant::Read { read, partition } => {
                let (schema, batches) = self.store.start_read(&principal, &read, partition).await?;
                Ok(flight_data(schema, batches))
            }
            Grant::Shards(shards) => shard_data(&self.store.warehouse, shards),
            Grant::Result(result) => {
                let flight = self.store.members.flight(&result.executor);
                let flight = flight.ok_or_else(|| Error::not_found("this result is gone: ask for the data again"))?;
                proxy::fetch(&flight, &principal.project, ticket).await
            }
            Grant::Upload { .. } => Err(Error::invalid("this ticket is not for reading")),
        }
    }

    async fn put(&self, request: Request<Streaming<FlightData>>) -> Result<v1::StageReport> {
        let principal = self.principal(request.metadata())?;
        let mut messages = request.into_inner().peekable();
        let first = std::pin::Pin::new(&mut messages).peek().await;
        let descriptor = match first {
            Some(Ok(message)) => message.flight_descriptor.clone(),
            _ => None,
        };
        let Some(descriptor) = descriptor else {
            return Err(Error::invalid("an upload begins with the descriptor of its part"));
        };
        let malformed = |error: FlightError| Error::invalid(format!("malformed upload: {error}"));
        let messages = messages.map_err(|status| FlightError::Tonic(Box::new(status)));
        let mut batches = FlightRecordBatchStream::new_from_flight_data(messages);
        let command = command(&descriptor)?;
        // The schema comes before the first batch, also where there is none.
        let first = batches.try_next().await.map_err(malformed)?;
        let schema = batches.schema().cloned();
        let schema = schema.ok_or_else(|| Error::invalid("malformed upload: it has no schema"))?;
        let batches = stream::iter(first.map(Ok)).chain(batches.map_err(malformed)).boxed();
        match command {
            Command::InsertPart(part) => {
                let grant = self.store.tickets.open(&principal, &part.upload_ticket)?;
                let Grant::Upload { run_id } = grant else {
                    return Err(Error::invalid("this ticket is not for uploading"));
                };
                self.store.receive_part(&principal, &run_id, &part.part, Upload { schema, batches }).await
            }
            Command::QueryTable(table) => {
                self.store.receive_query_table(&principal, table, Upload { schema, batches }).await
            }
            _ => Err(Error::invalid("only parts of an insert and tables of a query can be uploaded")),
        }
    }
}

/// The command of a descriptor.
fn command(descriptor: &FlightDescriptor) -> Result<Command> {
    if descriptor.r#type() != DescriptorType::Cmd {
        return Err(Error::invalid("descriptors carry a command (features, sql, read), not a path"));
    }
    Command::parse(&descriptor.cmd)
}

type Answers<T> = BoxStream<'static, Result<T, Status>>;

#[tonic::async_trait]
impl FlightService for FlightFront {
    type HandshakeStream = Answers<HandshakeResponse>;
    type ListFlightsStream = Answers<FlightInfo>;
    type DoGetStream = FlightAnswer;
    type DoPutStream = Answers<PutResult>;
    type DoActionStream = Answers<FlightResult>;
    type ListActionsStream = Answers<ActionType>;
    type DoExchangeStream = Answers<FlightData>;

    async fn handshake(
        &self,
        _request: Request<Streaming<HandshakeRequest>>,
    ) -> Result<Response<Self::HandshakeStream>, Status> {
        // Clients that insist on a handshake get an empty one; every call is checked by itself.
        Ok(Response::new(stream::iter([Ok(HandshakeResponse::default())]).boxed()))
    }

    async fn list_flights(&self, _request: Request<Criteria>) -> Result<Response<Self::ListFlightsStream>, Status> {
        Err(Status::unimplemented("list feature groups with the action mangonel.feature_group.list"))
    }

    async fn get_flight_info(&self, request: Request<FlightDescriptor>) -> Result<Response<FlightInfo>, Status> {
        let call = self.store.metrics.call("read.plan");
        call.ends(self.flight_info(request).await).map(Response::new).map_err(|error| to_status(&error))
    }

    async fn poll_flight_info(&self, _request: Request<FlightDescriptor>) -> Result<Response<PollInfo>, Status> {
        Err(Status::unimplemented("reads answer at once: use GetFlightInfo"))
    }

    async fn get_schema(&self, request: Request<FlightDescriptor>) -> Result<Response<SchemaResult>, Status> {
        let schema = async {
            let principal = self.principal(request.metadata())?;
            schema_result(&*self.store.read_schema(&principal, command(request.get_ref())?).await?)
        };
        schema.await.map(Response::new).map_err(|error| to_status(&error))
    }

    async fn do_get(&self, request: Request<Ticket>) -> Result<Response<Self::DoGetStream>, Status> {
        let call = self.store.metrics.call("read.stream");
        let answer = call.ends(self.get(request.metadata(), &request.get_ref().ticket).await);
        answer.map(Response::new).map_err(|error| to_status(&error))
    }

    async fn do_put(&self, request: Request<Streaming<FlightData>>) -> Result<Response<Self::DoPutStream>, Status> {
        let call = self.store.metrics.call("insert.part");
        let report = call.ends(self.put(request).await).map_err(|error| to_status(&error))?;
        let app_metadata = wire::to_body(&report).map_err(|error| to_status(&error))?.into();
        Ok(Response::new(stream::iter([Ok(PutResult { app_metadata })]).boxed()))
    }

    async fn do_action(&self, request: Request<FlightAction>) -> Result<Response<Self::DoActionStream>, Status> {
        // What is no action of ours must not become a label.
        let action = Action::parse(&request.get_ref().r#type);
        let call = self.store.metrics.call(action.as_ref().map_or("unknown", |action| action.name()));
        let answer = async {
            let principal = self.principal(request.metadata())?;
            let (action, body) = (action?, request.into_inner().body);
            if action == Action::WatchRun {
                let call: wire::WatchRun = wire::from_body(&body)?;
                let progress = self.watch_run(principal, call.0.run_id).await?;
                return Ok(progress.map(|progress| wire::to_body(&progress?)).boxed());
            }
            let answer = self.act(action, &principal, &body).await?;
            Ok::<BoxStream<'static, Result<Vec<u8>>>, Error>(stream::iter([Ok(answer)]).boxed())
        };
        let answers = call.ends(answer.await).map_err(|error| to_status(&error))?;
        let answers = answers.map(|body| match body {
            Ok(body) => Ok(FlightResult { body: body.into() }),
            Err(error) => Err(to_status(&error)),
        });
        Ok(Response::new(answers.boxed()))
    }

    async fn list_actions(
        &self,
        _request: Request<arrow_flight::Empty>,
    ) -> Result<Response<Self::ListActionsStream>, Status> {
        let actions = Action::ALL.iter().map(|action| {
            Ok(ActionType { r#type: action.name().to_owned(), description: action.description().trim().to_owned() })
        });
        Ok(Response::new(stream::iter(actions).boxed()))
    }

    async fn do_exchange(
        &self,
        _request: Request<Streaming<FlightData>>,
    ) -> Result<Response<Self::DoExchangeStream>, Status> {
        Err(Status::unimplemented("exchange is not offered: upload with DoPut, read with DoGet"))
    }
}

fn schema_result(schema: &Schema) -> Result<SchemaResult> {
    SchemaAsIpc::new(schema, &IpcWriteOptions::default())
        .try_into()
        .map_err(|error: arrow::error::ArrowError| Error::internal(error.to_string()))
}

/// Rows that are uploaded.
pub(crate) struct Upload {
    pub schema: SchemaRef,
    pub batches: BoxStream<'static, Result<RecordBatch>>,
}
