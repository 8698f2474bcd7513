//! Inserts: parts go up over `DoPut`, then one call commits them.

use std::sync::{Arc, Mutex, PoisonError};

use arrow::{
    datatypes::{Schema, SchemaRef},
    error::ArrowError,
    ipc::writer::IpcWriteOptions,
    record_batch::RecordBatch,
};
use arrow_flight::{
    FlightData, FlightDescriptor, IpcMessage, SchemaAsIpc, encode::FlightDataEncoderBuilder, error::FlightError,
};
use futures::{Stream, StreamExt, TryStreamExt};
use mangonel_proto::{Error, Result, v1, wire::Command};

use crate::{MangonelClient, from_status, patience::Signs};

/// An insert that was begun: uploads parts, then commits.
pub struct InsertParts {
    client: MangonelClient,
    run_id: String,
    upload_ticket: Vec<u8>,
    /// Those that have arrived.
    parts: Mutex<Vec<String>>,
}

impl MangonelClient {
    /// Begins an insert whose rows will be uploaded.
    ///
    /// # Errors
    /// `not_found` for an unknown group, and everything else that is wrong with the request.
    pub async fn begin_insert(&self, begin: v1::BeginInsert) -> Result<InsertParts> {
        let answer = self.call(begin).await?;
        let run = answer.run.ok_or_else(|| Error::internal("the server began no run"))?;
        let upload_ticket = answer.upload_ticket.to_vec();
        Ok(InsertParts { client: self.clone(), run_id: run.id, upload_ticket, parts: Mutex::default() })
    }
}

impl InsertParts {
    pub fn run_id(&self) -> &str {
        &self.run_id
    }

    /// Uploads one part; several may be on their way at the same time. `part` is its idempotency key: the same part sent again
    /// counts once.
    ///
    /// # Errors
    /// The first error of `batches`, or what the server answered.
    pub async fn upload<S>(&self, part: &str, schema: SchemaRef, batches: S) -> Result<()>
    where
        S: Stream<Item = Result<RecordBatch>> + Send + 'static,
    {
        let command = v1::InsertPart { upload_ticket: self.upload_ticket.clone(), part: part.to_owned() };
        self.client.put(Command::InsertPart(command), schema, batches).await?;
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).push(part.to_owned());
        Ok(())
    }

    /// Starts the run that lays out the rows; watch it for the end.
    ///
    /// # Errors
    /// What the server answered.
    pub async fn commit(self) -> Result<v1::Run> {
        let parts = self.parts.into_inner().unwrap_or_else(PoisonError::into_inner);
        self.client.call(v1::CommitInsert { run_id: self.run_id, parts }).await
    }
}

impl MangonelClient {
    /// Sends a table along with a query that has not been asked: the one with this `query_id`, which is a new one for each query,
    /// such as a UUID. The query takes it as `name`.
    ///
    /// # Errors
    /// The first error of `batches`, or what the server answered.
    pub async fn send_table<S>(&self, query_id: &str, name: &str, schema: SchemaRef, batches: S) -> Result<()>
    where
        S: Stream<Item = Result<RecordBatch>> + Send + 'static,
    {
        let table = v1::QueryTable { query_id: query_id.to_owned(), name: name.to_owned() };
        self.put(Command::QueryTable(table), schema, batches).await
    }

    /// Uploads batches as what `command` says.
    async fn put<S>(&self, command: Command, schema: SchemaRef, batches: S) -> Result<()>
    where
        S: Stream<Item = Result<RecordBatch>> + Send + 'static,
    {
        let descriptor = FlightDescriptor::new_cmd(command.to_bytes()?);
        let batches = batches.map_err(|error| FlightError::ExternalError(Box::new(error)));
        // A failing source must not look like the end of the part, which the server would keep: what comes last is no message
        // of Arrow, and the server drops the part. The error is kept.
        let failure = Arc::new(Mutex::new(None));
        let signs = Signs::new();
        let data = FlightDataEncoderBuilder::new()
            .with_schema(schema)
            .with_flight_descriptor(Some(descriptor))
            .build(batches)
            .map({
                let failure = Arc::clone(&failure);
                let signs = signs.clone();
                move |data| {
                    // It is taken from here when the server has room for it.
                    signs.give();
                    data.unwrap_or_else(|error| {
                        failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error.to_string());
                        FlightData { data_header: b"broken off".as_slice().into(), ..FlightData::default() }
                    })
                }
            });
        let answered = self.patience.watch(signs, async {
            let answer = self.flight.clone().do_put(self.request(data)).await;
            let answer = answer.map_err(|status| from_status(&status))?.into_inner();
            answer.try_collect::<Vec<_>>().await.map(drop).map_err(|status| from_status(&status))
        });
        let answered = answered.await;
        if let Some(error) = failure.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(Error::invalid(error));
        }
        answered
    }
}

/// An Arrow schema as [`v1::CreateFeatureGroup::arrow_schema`] carries it.
///
/// # Errors
/// `internal` when the schema cannot be written.
pub fn schema_bytes(schema: &Schema) -> Result<Vec<u8>> {
    let message: IpcMessage = SchemaAsIpc::new(schema, &IpcWriteOptions::default())
        .try_into()
        .map_err(|error: ArrowError| Error::internal(error.to_string()))?;
    Ok(message.0.to_vec())
}
