//! How long a client waits for a server that is silent.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use mangonel_proto::{Error, Result};

/// The longest silence, if there is a limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience(pub(crate) Option<Duration>);

impl Patience {
    /// Waits for an answer. What is given up is dropped, and the server hears of it.
    ///
    /// # Errors
    /// `unavailable` when it takes too long.
    pub(crate) async fn wait<T>(self, answer: impl Future<Output = Result<T>>) -> Result<T> {
        match self.0 {
            None => answer.await,
            Some(limit) => tokio::time::timeout(limit, answer).await.map_err(|_| too_long(limit))?,
        }
    }

    /// Waits for something that goes on as long as `signs` are given.
    ///
    /// # Errors
    /// `unavailable` when there was none for too long.
    pub(crate) async fn watch<T>(self, signs: Signs, work: impl Future<Output = Result<T>>) -> Result<T> {
        let Some(limit) = self.0 else { return work.await };
        tokio::pin!(work);
        loop {
            let left = limit.saturating_sub(signs.silent());
            match tokio::time::timeout(left, &mut work).await {
                Ok(done) => return done,
                Err(_) if signs.silent() >= limit => return Err(too_long(limit)),
                Err(_) => {}
            }
        }
    }
}

/// When something was last seen to go on.
#[derive(Clone)]
pub(crate) struct Signs(Arc<Mutex<Instant>>);

impl Signs {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    pub(crate) fn give(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn silent(&self) -> Duration {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).elapsed()
    }
}

fn too_long(limit: Duration) -> Error {
    Error::unavailable(format!("the server was silent for {limit:?}: try again later, or wait longer (--timeout)"))
}
