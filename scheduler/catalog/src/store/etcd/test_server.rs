//! A real etcd server of one test, on free ports, with a folder of its own; it can be killed and started again.

use std::{
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::EtcdStore;

/// Runs a command until the pipe to this process closes, and then kills it: whatever becomes of the test, nothing is left.
const LEASH: &str = r#"exec 3<&0; "$@" </dev/null & pid=$!; cat <&3 >/dev/null; kill -9 $pid 2>/dev/null; wait $pid"#;
const STARTS_WITHIN: Duration = Duration::from_secs(20);

/// Dropping it kills the server.
pub(crate) struct TestServer {
    leash: Option<Child>,
    client: String,
    peer: String,
    folder: TempDir,
}

impl TestServer {
    /// # Panics
    /// When etcd is not installed, or does not start.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Self { leash: None, client: free_address(), peer: free_address(), folder };
        server.start_again();
        server
    }

    /// Starts it on its ports and its data.
    ///
    /// # Panics
    /// As [`TestServer::start`].
    pub(crate) fn start_again(&mut self) {
        let program = if Path::new("/usr/bin/etcd").exists() { "/usr/bin/etcd" } else { "etcd" };
        let found = Command::new(program).arg("--version").output().is_ok();
        assert!(found, "etcd is missing: run `deploy/setup.sh test`");
        let (client, peer) = (format!("http://{}", self.client), format!("http://{}", self.peer));
        let mut command = Command::new("sh");
        command.args(["-c", LEASH, "sh", program, "--data-dir"]).arg(self.folder.path().join("etcd"));
        command.args(["--listen-client-urls", &client, "--advertise-client-urls", &client]);
        command.args(["--listen-peer-urls", &peer, "--initial-advertise-peer-urls", &peer]);
        command.args(["--initial-cluster", &format!("default={peer}")]);
        #[allow(clippy::zombie_processes, reason = "`kill` waits")]
        let leash = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        self.leash = Some(leash);
        let began = Instant::now();
        while TcpStream::connect(&self.client).is_err() {
            assert!(began.elapsed() < STARTS_WITHIN, "etcd did not start on {}", self.client);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// `kill -9`; the data stays.
    pub(crate) fn kill(&mut self) {
        if let Some(mut leash) = self.leash.take() {
            leash.stdin.take();
            let _ = leash.wait();
        }
    }

    /// `host:port` of its clients.
    pub(crate) fn address(&self) -> &str {
        &self.client
    }

    pub(crate) async fn connect(&self) -> EtcdStore {
        EtcdStore::connect(std::slice::from_ref(&self.client), Duration::from_secs(10)).await.unwrap()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.kill();
    }
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}
