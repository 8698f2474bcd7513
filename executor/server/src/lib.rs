//! The executor process: joins a scheduler, proves that both mean the same warehouse, then works on what Ballista hands
//! it. It holds nothing that the outcome of a run depends on: losing it loses time, never data.

mod control;
mod flight;
mod process;
mod results;

use std::{net::SocketAddr, path::PathBuf};

pub use process::run;

/// How an executor is run.
#[derive(Clone, Debug)]
pub struct ExecutorOptions {
    /// `host:port` of the scheduler's cluster port.
    pub scheduler: String,
    /// Address that Ballista's services bind; the port and the next one. Port 0 takes free ones.
    pub cluster: SocketAddr,
    /// Address of the Flight port, where clients read results and shards. Port 0 takes a free one.
    pub flight: SocketAddr,
    /// Host that others reach this executor by; those of `cluster` and `flight` unless given.
    pub advertise: Option<String>,
    /// Folder for results on their way and for spilled data.
    pub work_dir: PathBuf,
    /// Partitions that are worked on at the same time.
    pub slots: usize,
    /// Memory for the work on data, in bytes.
    pub memory_bytes: usize,
    /// The cluster's shared secret.
    pub secret: String,
}
