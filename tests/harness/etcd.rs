//! A real etcd server of one test, on free ports, with a folder of its own.

use std::{
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use super::process::{Process, REMOVES};

/// Ports are free when they are chosen, and may be taken a moment later by another test.
const TRIES: usize = 5;

/// Dropping it kills the server.
pub(crate) struct Etcd {
    process: Process,
    address: String,
    command: Command,
    folder: PathBuf,
    /// The first of all removes the folder when it is dropped.
    killed: Vec<Process>,
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
        command.arg("--data-dir").arg(folder.join("data"));
        command.args(["--listen-client-urls", &client_url, "--advertise-client-urls", &client_url]);
        command.args(["--listen-peer-urls", &peer_url, "--initial-advertise-peer-urls", &peer_url]);
        command.args(["--initial-cluster", &format!("default={peer_url}")]);
        command.env(REMOVES, &folder);
        let process = Process::start(&command, &folder.join("etcd.log"), "pid");
        command.env_remove(REMOVES);
        let address = format!("127.0.0.1:{client}");
        let etcd = Self { process, address, command, folder, killed: Vec::new() };
        etcd.listens().then_some(etcd)
    }

    /// Whether it comes to listen.
    fn listens(&self) -> bool {
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(20) && self.process.is_running() {
            if TcpStream::connect(&self.address).is_ok() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    /// Sends a signal, such as `STOP`.
    pub(crate) fn signal(&self, name: &str) {
        self.process.signal(name);
    }

    /// `kill -9`; its data stays.
    pub(crate) fn kill(&self) {
        self.process.signal("KILL");
        while self.process.is_running() {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Starts it again after [`Etcd::kill`], with its data and on its ports.
    pub(crate) fn start_again(&mut self) {
        let log = self.folder.join(format!("etcd-{}.log", self.killed.len() + 1));
        let started = Process::start(&self.command, &log, "pid");
        self.killed.push(std::mem::replace(&mut self.process, started));
        assert!(self.listens(), "etcd did not start again:\n{}", self.process.log());
    }

    /// `host:port` of its clients.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
