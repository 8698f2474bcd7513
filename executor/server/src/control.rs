//! The executor's side of the control service: join, open the warehouse, be admitted, send a pulse.

use std::time::Duration;

use arrow_flight::{Action, flight_service_client::FlightServiceClient};
use futures::StreamExt;
use mangonel_operators::task::{forget_idle_pulse, pulse, pulse_rows};
use mangonel_proto::{Error, ErrorCode, RELEASE, Result, tickets::TicketVerifier, v1, wire, wire::cluster};
use mangonel_storage::warehouse::Warehouse;
use tonic::transport::{Channel, Endpoint};

use crate::{ExecutorOptions, flight::CurrentKey, results::Results};

const PULSE_EVERY: Duration = Duration::from_millis(500);
/// A scheduler that is silent for this long is gone; the process ends, so that whoever started it starts it anew.
const SCHEDULER_TIMEOUT: Duration = Duration::from_secs(60);

/// A connection to the scheduler's control service.
pub(crate) struct Control {
    flight: FlightServiceClient<Channel>,
    executor_id: String,
    secret: String,
    slots: usize,
    /// Where clients reach this executor.
    address: String,
}

/// What the scheduler says to an executor that joins.
pub(crate) struct Joined {
    pub warehouse: Warehouse,
    pub key: TicketVerifier,
}

impl Control {
    /// `address`: where clients reach this executor.
    ///
    /// # Errors
    /// `unavailable` when no scheduler answers there within 30 s.
    pub(crate) async fn connect(options: &ExecutorOptions, executor_id: &str, address: String) -> Result<Self> {
        let malformed =
            |_| Error::invalid(format!("scheduler address `{}` is not like 127.0.0.1:50050", options.scheduler));
        let endpoint = Endpoint::from_shared(format!("http://{}", options.scheduler)).map_err(malformed)?;
        let endpoint = endpoint.connect_timeout(Duration::from_secs(5)).timeout(Duration::from_secs(20));
        let mut failure = String::new();
        // Executors are often started together with their scheduler, or before it.
        for _ in 0..60 {
            match endpoint.connect().await {
                Ok(channel) => {
                    let flight = FlightServiceClient::new(channel);
                    return Ok(Self {
                        flight,
                        executor_id: executor_id.to_owned(),
                        secret: options.secret.clone(),
                        slots: options.slots,
                        address,
                    });
                }
                Err(error) => failure = error.to_string(),
            }
            tokio::time::sleep(PULSE_EVERY).await;
        }
        Err(Error::unavailable(format!("no scheduler answers at {} ({failure})", options.scheduler)))
    }

    /// Joins and opens the warehouse that the scheduler names.
    ///
    /// # Errors
    /// Why the scheduler refuses this executor, or why the warehouse cannot be used.
    pub(crate) async fn join(&mut self) -> Result<Joined> {
        let join = v1::JoinCluster {
            executor_id: self.executor_id.clone(),
            release: RELEASE.into(),
            secret: self.secret.clone(),
            slots: self.slots as u32,
            flight: self.address.clone(),
        };
        let answer: v1::JoinClusterResponse = self.call(cluster::JOIN, &join).await?;
        let key = TicketVerifier::new(&answer.verifying_key)?;
        let warehouse = Warehouse::open(&answer.warehouse, false).await.map_err(|error| {
            let error = Error::from(error);
            Error::new(error.code, format!("the scheduler's warehouse is not here: {error}"))
        })?;
        // The scheduler looks for it: two folders of one name on two machines are two warehouses.
        warehouse.probe_write(&answer.probe).await?;
        let admit = v1::AdmitExecutor {
            executor_id: self.executor_id.clone(),
            secret: self.secret.clone(),
            warehouse_id: warehouse.id().to_string(),
            probe: answer.probe,
        };
        let _: v1::Empty = self.call(cluster::ADMIT, &admit).await?;
        Ok(Joined { warehouse, key })
    }

    /// Tells the scheduler twice a second how far runs are, and hears which of them were cancelled. A scheduler that was
    /// restarted does not know this executor: then it joins again. Ends when the scheduler is gone or refuses it. What is
    /// over is forgotten: counters of runs, and `results` of reads.
    pub(crate) async fn beat(mut self, results: &Results, current: &CurrentKey) -> Error {
        let mut silent = Duration::ZERO;
        loop {
            tokio::time::sleep(PULSE_EVERY).await;
            let beat = v1::ExecutorPulse {
                executor_id: self.executor_id.clone(),
                secret: self.secret.clone(),
                rows: pulse_rows().into_iter().collect(),
                results: results.reads(),
            };
            match self.call::<v1::ExecutorPulseResponse>(cluster::PULSE, &beat).await {
                Ok(answer) => {
                    silent = Duration::ZERO;
                    for run_id in answer.cancelled {
                        pulse(&run_id).cancel();
                    }
                    for id in answer.over {
                        forget_idle_pulse(&id);
                        results.remove(&id);
                    }
                }
                Err(error) if error.is_transient() && silent < SCHEDULER_TIMEOUT => silent += PULSE_EVERY,
                Err(error) if error.code == ErrorCode::NotFound => match self.join().await {
                    Ok(joined) => {
                        current.set(joined.key);
                        tracing::info!("joined a scheduler that was restarted");
                    }
                    Err(error) if error.is_transient() => {}
                    Err(error) => return error,
                },
                Err(error) => return error,
            }
        }
    }

    async fn call<A: serde::de::DeserializeOwned>(
        &mut self,
        action: &str,
        message: &impl serde::Serialize,
    ) -> Result<A> {
        let action = Action { r#type: action.to_owned(), body: wire::to_body(message)?.into() };
        let answers = self.flight.do_action(action).await.map_err(|status| from_status(&status))?;
        let mut answers = answers.into_inner();
        let answer = answers.next().await.ok_or_else(|| Error::internal("the scheduler gave no answer"))?;
        wire::from_body(&answer.map_err(|status| from_status(&status))?.body)
    }
}

fn from_status(status: &tonic::Status) -> Error {
    let ours = status.metadata().get_bin(wire::ERROR_HEADER).and_then(|value| value.to_bytes().ok());
    ours.and_then(|json| Error::from_json(&json)).unwrap_or_else(|| Error::unavailable(status.to_string()))
}
