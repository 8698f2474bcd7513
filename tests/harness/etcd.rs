//! A real etcd server of one test, on free ports, with a folder of its own.

use std::{
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use super::process::{Process, REMOVES};

/// Ports are free when they are chosen, and may be taken a moment later by another test.
const TRIES: usize = 5;

/// Dropping it kills the server.
pub(crate) struct Etcd {
    _process: Process,
    address: String,
}

impl Etcd {
    /// Starts a server and waits until it listens.
    ///
    /// # Panics
    /// When etcd is not installed or does not start.
    pub(crate) fn start() -> Self {
        (0..TRIES).find_map(|_| Self::try_start()).expect("etcd did not start")
    }

    fn try_start() -> Option<Self> {
        let program = if Path::new("/usr/bin/etcd").exists() { "/usr/bin/etcd" } else { "etcd" };
        let missing = "etcd is missing: run `deploy/setup.sh test`";
        assert!(Command::new(program).arg("--version").output().is_ok(), "{missing}");
        let folder = tempfile::tempdir().unwrap().keep();
        let (client, peer) = (free_port(), free_port());
        let (client_url, peer_url) = (format!("http://127.0.0.1:{client}"), format!("http://127.0.0.1:{peer}"));
        let mut command = Command::new(program);
        command.arg("--data-dir").arg(folder.join("data")).env(REMOVES, &folder);
        command.args(["--listen-client-urls", &client_url, "--advertise-client-urls", &client_url]);
        command.args(["--listen-peer-urls", &peer_url, "--initial-advertise-peer-urls", &peer_url]);
        command.args(["--initial-cluster", &format!("default={peer_url}")]);
        let process = Process::start(&command, &folder.join("etcd.log"), "pid");
        let address = format!("127.0.0.1:{client}");
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(20) {
            if TcpStream::connect(&address).is_ok() {
                return Some(Self { _process: process, address });
            }
            if !process.is_running() {
                return None;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }

    /// `host:port` of its clients.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
