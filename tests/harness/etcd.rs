//! A real etcd server of one test, on free ports, with a folder of its own.

use std::{
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

/// Ports are free when they are chosen, and may be taken a moment later by another test.
const TRIES: usize = 5;

/// Dropping it kills the server.
pub(crate) struct Etcd {
    child: Child,
    address: String,
    _folder: TempDir,
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
        let folder = tempfile::tempdir().unwrap();
        let (client, peer) = (free_port(), free_port());
        let (client_url, peer_url) = (format!("http://127.0.0.1:{client}"), format!("http://127.0.0.1:{peer}"));
        let child = Command::new(program)
            .arg("--data-dir")
            .arg(folder.path())
            .args(["--listen-client-urls", &client_url, "--advertise-client-urls", &client_url])
            .args(["--listen-peer-urls", &peer_url, "--initial-advertise-peer-urls", &peer_url])
            .args(["--initial-cluster", &format!("default={peer_url}")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let child = child.expect("etcd is missing: run `deploy/setup.sh test`");
        let address = format!("127.0.0.1:{client}");
        let mut server = Self { child, address, _folder: folder };
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(20) {
            if server.child.try_wait().unwrap().is_some() {
                return None;
            }
            if TcpStream::connect(&server.address).is_ok() {
                return Some(server);
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

impl Drop for Etcd {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
