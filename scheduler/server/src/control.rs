//! The control service on the cluster port, beside Ballista's: executors join, are admitted, and send their pulse.
//! Guarded by the cluster secret. It is Flight's `DoAction`, because that needs no protocol of its own.

use std::sync::Arc;

use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightInfo, HandshakeRequest, HandshakeResponse,
    PollInfo, PutResult, Result as FlightResult, SchemaResult, Ticket, flight_service_server::FlightService,
};
use futures::{StreamExt, stream, stream::BoxStream};
use mangonel_operators::{flight::to_status, task::known_pulse};
use mangonel_proto::{Error, ErrorCode, RELEASE, Result, names::shown, v1, wire, wire::cluster};
use mangonel_storage::warehouse::Warehouse;
use tonic::{Request, Response, Status, Streaming};

use crate::members::Members;

/// The service behind the cluster port.
pub(crate) struct ControlFront {
    pub(crate) members: Arc<Members>,
    pub(crate) warehouse: Arc<Warehouse>,
    pub(crate) warehouse_url: String,
    pub(crate) secret: String,
    pub(crate) verifying_key: [u8; 32],
}

impl ControlFront {
    async fn act(&self, action: &str, body: &[u8], host: String) -> Result<Vec<u8>> {
        match action {
            cluster::JOIN => wire::to_body(&self.join(wire::from_body(body)?, host)?),
            cluster::ADMIT => wire::to_body(&self.admit(wire::from_body(body)?).await?),
            cluster::PULSE => wire::to_body(&self.pulse(wire::from_body(body)?)?),
            other => Err(Error::invalid(format!("unknown action `{}`", shown(other)))),
        }
    }

    fn join(&self, request: v1::JoinCluster, host: String) -> Result<v1::JoinClusterResponse> {
        self.check(&request.secret)?;
        if request.release != RELEASE {
            return Err(Error::conflict(format!(
                "this scheduler is release {RELEASE}, the executor is {}: run the same release on both",
                shown(&request.release)
            )));
        }
        let probe = self.members.join(&request.executor_id, request.slots.max(1), host, &request.flight);
        Ok(v1::JoinClusterResponse {
            warehouse: self.warehouse_url.clone(),
            warehouse_id: self.warehouse.id().to_string(),
            verifying_key: self.verifying_key.to_vec(),
            probe,
        })
    }

    async fn admit(&self, request: v1::AdmitExecutor) -> Result<v1::Empty> {
        self.check(&request.secret)?;
        let ours = self.warehouse.id().to_string();
        if request.warehouse_id != ours {
            return Err(Error::conflict(format!(
                "the executor reads warehouse {} at {}, the scheduler reads {ours}: both must reach the same one",
                shown(&request.warehouse_id),
                self.warehouse_url
            )));
        }
        let probe = self.members.probe(&request.executor_id);
        let probe = probe.ok_or_else(|| Error::not_found("this executor has not asked to join"))?;
        if !self.warehouse.has_probe(&probe).await? {
            return Err(Error::conflict(format!(
                "what the executor writes to {} is not seen by the scheduler: both must reach the same warehouse",
                self.warehouse_url
            )));
        }
        self.members.admit(&request.executor_id);
        tracing::info!(executor = request.executor_id, "executor admitted");
        Ok(v1::Empty {})
    }

    fn pulse(&self, request: v1::ExecutorPulse) -> Result<v1::ExecutorPulseResponse> {
        self.check(&request.secret)?;
        if !self.members.heard(&request.executor_id) {
            return Err(Error::not_found("this executor was not admitted: join again"));
        }
        let (mut cancelled, mut over) = (Vec::new(), self.members.over(request.results));
        for (run_id, rows) in request.rows {
            let Some(run) = known_pulse(&run_id) else {
                // A read whose work has ended is not over while its results can be asked for.
                if !self.members.keeps(&run_id) {
                    over.push(run_id);
                }
                continue;
            };
            run.set_remote_rows(&request.executor_id, rows);
            if run.is_cancelled() {
                cancelled.push(run_id);
            }
        }
        Ok(v1::ExecutorPulseResponse { cancelled, over })
    }

    fn check(&self, secret: &str) -> Result<()> {
        // Compared in full, so that the time does not tell how much was right.
        let differ = secret.len() != self.secret.len()
            || secret.bytes().zip(self.secret.bytes()).fold(0, |differ, (left, right)| differ | (left ^ right)) != 0;
        if differ {
            let message = "the cluster secret is wrong: set MANGONEL_CLUSTER_SECRET to the scheduler's";
            return Err(Error::new(ErrorCode::Unauthenticated, message));
        }
        Ok(())
    }
}

type Answers<T> = BoxStream<'static, Result<T, Status>>;

fn unoffered<T>() -> Result<Response<T>, Status> {
    Err(Status::unimplemented("the cluster port takes actions of executors only"))
}

#[tonic::async_trait]
impl FlightService for ControlFront {
    type HandshakeStream = Answers<HandshakeResponse>;
    type ListFlightsStream = Answers<FlightInfo>;
    type DoGetStream = Answers<FlightData>;
    type DoPutStream = Answers<PutResult>;
    type DoActionStream = Answers<FlightResult>;
    type ListActionsStream = Answers<ActionType>;
    type DoExchangeStream = Answers<FlightData>;

    async fn do_action(&self, request: Request<Action>) -> Result<Response<Self::DoActionStream>, Status> {
        let host = request.remote_addr().map(|address| address.ip().to_string()).unwrap_or_default();
        let action = request.into_inner();
        let body = self.act(&action.r#type, &action.body, host).await.map_err(|error| to_status(&error))?;
        Ok(Response::new(stream::iter([Ok(FlightResult { body: body.into() })]).boxed()))
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
    async fn do_get(&self, _request: Request<Ticket>) -> Result<Response<Self::DoGetStream>, Status> {
        unoffered()
    }
    async fn do_put(&self, _request: Request<Streaming<FlightData>>) -> Result<Response<Self::DoPutStream>, Status> {
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
