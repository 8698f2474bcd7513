//! The real binary: `mangonel up` as a process that is killed when the test ends, and client commands.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

/// The binary that is tested: `MANGONEL_BINARY`, else the one beside this test's folder.
pub(crate) fn binary() -> PathBuf {
    let beside = || std::env::current_exe().unwrap().parent().unwrap().with_file_name("mangonel");
    let path = std::env::var_os("MANGONEL_BINARY").map_or_else(beside, PathBuf::from);
    assert!(
        path.exists(),
        "{} is missing: build it with `cargo build --release --locked --workspace --bin mangonel`",
        path.display()
    );
    path
}

/// `mangonel up` on free ports. Dropping it kills it, so that no test leaves a process behind.
pub(crate) struct Up {
    child: Child,
    url: String,
    log: PathBuf,
}

impl Up {
    /// Starts a server over `folder` and waits until it answers.
    pub(crate) fn start(folder: &Path, more: &[&str]) -> Self {
        let log = folder.with_extension("log");
        let mut child = up(folder, more).stdout(Stdio::piped()).stderr(File::create(&log).unwrap()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut server = Self { child, url: String::new(), log };
        // When the process ends early its output ends too.
        let url = output.lines().map_while(Result::ok).find_map(|line| Some(line.strip_prefix("flight ")?.to_owned()));
        server.url = url.unwrap_or_else(|| panic!("`mangonel up` did not start:\n{}", server.log()));
        server
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// What it wrote to standard error.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// `kill -9`: nothing of the process gets to run after it.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and how the process ended.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        let asked = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status().unwrap();
        assert!(asked.success());
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(started.elapsed() < Duration::from_secs(20), "SIGTERM did not end it:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Runs a client command against this server.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        mangonel(&[&["--server", self.url()], arguments].concat())
    }

    /// Standard output of a client command that must succeed.
    #[track_caller]
    pub(crate) fn answer(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "mangonel {}: {}\n{out}{err}", arguments.join(" "), output.status);
        out.into_owned()
    }

    /// Exit code and standard error of a client command that must fail.
    #[track_caller]
    pub(crate) fn refusal(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.run(arguments);
        assert!(!output.status.success(), "mangonel {} succeeded", arguments.join(" "));
        (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `mangonel up` over `folder`, not started.
pub(crate) fn up(folder: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.args(["up", "--flight", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data-dir"]).arg(folder).args(more);
    command.env_remove("MANGONEL_URL").env_remove("MANGONEL_PROJECT").env_remove("MANGONEL_LOG");
    command
}

/// Runs a command to its end.
pub(crate) fn mangonel(arguments: &[&str]) -> Output {
    let mut command = Command::new(binary());
    command.args(arguments).env_remove("MANGONEL_URL").env_remove("MANGONEL_PROJECT").stdin(Stdio::null());
    command.output().unwrap()
}
