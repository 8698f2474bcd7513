//! A thread that owns something that blocks (an SQLite connection) and does one job at a time for asynchronous callers.

use std::{
    sync::mpsc::{self, RecvTimeoutError},
    thread::JoinHandle,
    time::Duration,
};

use tokio::sync::oneshot;

use super::{StoreError, StoreResult};

type Job<S> = Box<dyn FnOnce(&mut S) + Send>;

/// Dropping it waits for the job under way, so that afterwards the files are closed.
#[derive(Debug)]
pub(super) struct Worker<S> {
    place: String,
    jobs: Option<mpsc::Sender<Job<S>>>,
    thread: Option<JoinHandle<()>>,
}

impl<S: Send + 'static> Worker<S> {
    /// `tick` is called before each job and says after how long it wants to be called at the latest.
    pub(super) fn start(
        place: &str,
        mut state: S,
        mut tick: impl FnMut(&mut S) -> Option<Duration> + Send + 'static,
    ) -> StoreResult<Self> {
        let (jobs, receiver) = mpsc::channel::<Job<S>>();
        let run = move || loop {
            let job = match tick(&mut state) {
                Some(wait) => receiver.recv_timeout(wait),
                None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match job {
                Ok(job) => job(&mut state),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        };
        let thread = std::thread::Builder::new().name("catalog-store".into()).spawn(run);
        let thread = thread.map_err(|error| unavailable(place, &error.to_string()))?;
        Ok(Self { place: place.to_owned(), jobs: Some(jobs), thread: Some(thread) })
    }

    /// Does `job` on the thread. A caller that goes away leaves the job to finish.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut S) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let (sender, answer) = oneshot::channel();
        let job = Box::new(move |state: &mut S| {
            let _ = sender.send(job(state));
        });
        let sent = self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok());
        let lost = || unavailable(&self.place, "its thread has ended");
        if !sent {
            return Err(lost());
        }
        answer.await.map_err(|_| lost())?
    }
}

impl<S> Drop for Worker<S> {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn unavailable(place: &str, reason: &str) -> StoreError {
    StoreError::Unavailable { place: place.to_owned(), reason: reason.to_owned() }
}
