//! Where queries are planned and run: on threads of their own, since a query may compute for long without a pause, and calls of
//! others must go on.

use std::{sync::Arc, time::Duration};

use arrow::record_batch::RecordBatch;
use datafusion::{
    common::DataFusionError,
    physical_plan::{ExecutionPlan, execution_plan::reset_plan_states},
};
use futures::{StreamExt, stream};
use mangonel_operators::error::to_wire;
use mangonel_proto::{Error, ErrorCode, Result};
use tokio::{
    runtime::{Builder, Runtime},
    sync::mpsc,
    task::{AbortHandle, JoinHandle},
    time::{Instant, timeout},
};

use super::{
    StartedQuery, sql_error,
    stop::{Stop, with_stop},
};
use crate::engine::Engine;

/// Batches between a query and its reader.
const BATCHES_WAITING: usize = 2;
/// Stack of a thread: plans are made and dropped node by node, as deep as a query may be.
const STACK_BYTES: usize = 16 << 20;

/// The threads.
pub(super) struct QueryThreads(Option<Runtime>);

impl QueryThreads {
    /// # Errors
    /// `internal` when the system gives no threads.
    pub(super) fn try_new() -> Result<Self> {
        let runtime =
            Builder::new_multi_thread().thread_name("sql").thread_stack_size(STACK_BYTES).enable_all().build();
        runtime.map(|runtime| Self(Some(runtime))).map_err(|error| Error::internal(format!("no threads: {error}")))
    }

    fn spawn<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Result<JoinHandle<T>> {
        let runtime = self.0.as_ref().ok_or_else(|| Error::unavailable("the server is stopping"))?;
        Ok(runtime.spawn(work))
    }

    /// Does what comes before the rows.
    ///
    /// # Errors
    /// What `work` fails with; `cancelled` when it takes longer than `limit`.
    pub(super) async fn plan<T: Send + 'static>(
        &self,
        limit: Option<Duration>,
        work: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        let mut working = self.spawn(work)?;
        let _abort = StopOnDrop { stop: Stop::default(), work: working.abort_handle() };
        let planned = match limit {
            Some(limit) => timeout(limit, &mut working).await.map_err(|_| out_of_time(limit))?,
            None => working.await,
        };
        planned.map_err(|error| broken(&error))?
    }

    /// The rows of one partition of `plan`. `limit`: for the work on them, beside waiting for whoever takes them. Dropping the
    /// stream stops the work.
    ///
    /// # Errors
    /// When the plan cannot start; what fails later comes through the stream.
    pub(super) fn run(
        &self,
        engine: &Arc<dyn Engine>,
        plan: Arc<dyn ExecutionPlan>,
        partition: usize,
        limit: Option<Duration>,
    ) -> Result<StartedQuery> {
        let stop = Stop::default();
        // Repartitioning and the like can be started once: every reader gets a plan of its own.
        let plan = reset_plan_states(plan).and_then(|plan| with_stop(plan, &stop)).map_err(|error| to_wire(&error))?;
        let (batches, waiting) = mpsc::channel(BATCHES_WAITING);
        let (engine, running) = (Arc::clone(engine), Arc::clone(&plan));
        let work = self.spawn(async move {
            // Here, because nodes start tasks on the threads that they are started on.
            let mut rows = match engine.stream(running, partition) {
                Ok(rows) => rows.map(|batch| batch.map_err(|error: DataFusionError| sql_error(&error))).boxed(),
                Err(error) => stream::iter([Err(error)]).boxed(),
            };
            while let Some(batch) = rows.next().await {
                if batches.send(batch).await.is_err() {
                    break;
                }
            }
        })?;
        let stop = StopOnDrop { stop, work: work.abort_handle() };
        let answer = Answer { waiting, work, _stop: stop, limit, left: limit };
        Ok((plan, stream::unfold(Some(answer), Answer::next).boxed()))
    }
}

impl Drop for QueryThreads {
    fn drop(&mut self) {
        // Waiting for them is not allowed where others are served.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// A query at work, seen by its reader.
struct Answer {
    waiting: mpsc::Receiver<Result<RecordBatch>>,
    work: JoinHandle<()>,
    _stop: StopOnDrop,
    limit: Option<Duration>,
    /// Of the limit.
    left: Option<Duration>,
}

impl Answer {
    /// The next batch, and what is left. Nothing is left after an error: the work is stopped then.
    async fn next(answer: Option<Self>) -> Option<(Result<RecordBatch>, Option<Self>)> {
        let mut answer = answer?;
        let asked = Instant::now();
        let next = match answer.left {
            Some(left) => match timeout(left, answer.waiting.recv()).await {
                Ok(next) => next,
                Err(_) => return Some((Err(out_of_time(answer.limit.unwrap_or_default())), None)),
            },
            None => answer.waiting.recv().await,
        };
        answer.left = answer.left.map(|left| left.saturating_sub(asked.elapsed()));
        match next {
            Some(Ok(batch)) => Some((Ok(batch), Some(answer))),
            Some(Err(error)) => Some((Err(error), None)),
            // The end of the rows looks like the end of a thread that has failed.
            None => (&mut answer.work).await.err().map(|error| (Err(broken(&error)), None)),
        }
    }
}

/// Stops a query that nobody waits for.
struct StopOnDrop {
    stop: Stop,
    work: AbortHandle,
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.stop.set();
        self.work.abort();
    }
}

fn out_of_time(limit: Duration) -> Error {
    let message = format!(
        "the query was stopped: it took more than {} of work. Give it more time (`--timeout`, `timeout=`; the server's own \
         bound is `--sql-timeout`), or ask for less: EXPLAIN says what it does",
        in_words(limit)
    );
    Error::new(ErrorCode::Cancelled, message)
}

/// A duration as people say it.
pub(super) fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    match duration.as_secs() {
        0 if duration.as_millis() < 10 => format!("{} ms", (seconds * 10_000.0).round() / 10.0),
        0 => format!("{} ms", duration.as_millis()),
        1..60 => format!("{} s", (seconds * 10.0).round() / 10.0),
        60..3600 => format!("{} min", (seconds / 6.0).round() / 10.0),
        _ => format!("{} h", (seconds / 360.0).round() / 10.0),
    }
}

fn broken(error: &tokio::task::JoinError) -> Error {
    Error::internal(format!("a query ended without an answer: {error}"))
}
