//! The real binary: servers as processes that are killed when the test ends, and client commands.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
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

/// Runs a command until the pipe to this process closes, and then kills it: whatever becomes of the test, nothing is left.
const LEASH: &str = r#"
    exec 3>&1
    "$@" </dev/null >&3 3>&- &
    pid=$!
    echo "pid $pid" >&3
    exec >&- 3>&-
    cat >/dev/null
    kill -9 $pid 2>/dev/null
    wait $pid
    status=$?
    [ -z "$LEASH_REMOVES" ] || rm -rf "$LEASH_REMOVES"
    exit $status
"#;

/// Environment variable with a folder that is removed when the process has ended.
pub(crate) const REMOVES: &str = "LEASH_REMOVES";

/// A process that dies with the test, and what it said in lines of `name value` when it started.
pub(crate) struct Process {
    leash: Child,
    said: BTreeMap<String, String>,
    log: PathBuf,
}

impl Process {
    /// Starts `command` and waits until it has said `last`, which may be just `pid`. Standard error goes to the file `log`.
    ///
    /// # Panics
    /// With its log, when it ends before that.
    pub(crate) fn start(command: &Command, log: &Path, last: &str) -> Self {
        let mut leash = Command::new("sh");
        leash.args(["-c", LEASH, "sh"]).arg(command.get_program()).args(command.get_args());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => leash.env(name, value),
                None => leash.env_remove(name),
            };
        }
        #[allow(clippy::zombie_processes, reason = "dropping `Self` waits")]
        let mut leash =
            leash.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(File::create(log).unwrap()).spawn().unwrap();
        let output = BufReader::new(leash.stdout.take().unwrap());
        let mut said = BTreeMap::new();
        // When the process ends early its output ends too.
        for line in output.lines().map_while(Result::ok) {
            if let Some((name, value)) = line.split_once(' ') {
                said.insert(name.to_owned(), value.trim().to_owned());
                if name == last {
                    return Self { leash, said, log: log.to_owned() };
                }
            }
        }
        let log = std::fs::read_to_string(log).unwrap_or_default();
        panic!("{command:?} ended before it said `{last}`:\n{log}");
    }

    /// What it said of `name`.
    pub(crate) fn said(&self, name: &str) -> &str {
        &self.said[name]
    }

    /// What it wrote to standard error.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub(crate) fn is_running(&self) -> bool {
        // Else gone, or dead and not yet waited for. Until its last thread has ended it holds its files and locks.
        let process = format!("/proc/{}", self.said("pid"));
        let threads = std::fs::read_dir(format!("{process}/task")).map_or(0, Iterator::count);
        let state = std::fs::read_to_string(format!("{process}/stat"));
        state.is_ok_and(|state| threads > 1 || !state.contains(") Z "))
    }

    /// Processor time that it has used so far.
    pub(crate) fn processor_time(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.said("pid"))).unwrap();
        // The name of the program may hold blanks; what follows it does not. User and system time, in 1/100 s.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        Duration::from_millis(10 * fields[11..13].iter().map(|ticks| ticks.parse::<u64>().unwrap()).sum::<u64>())
    }

    /// Sends a signal, such as `TERM` or `STOP`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), self.said("pid")]).status().unwrap();
        assert!(sent.success());
    }

    /// `kill -9`: nothing of the process gets to run after it.
    pub(crate) fn kill(self) {
        drop(self);
    }

    /// SIGTERM, and how the process ended.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        self.signal("TERM");
        let started = Instant::now();
        while self.is_running() {
            assert!(started.elapsed() < Duration::from_secs(20), "SIGTERM did not end it:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        self.leash.stdin.take();
        self.leash.wait().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.leash.stdin.take();
        let _ = self.leash.wait();
    }
}

/// `mangonel up` on free ports.
pub(crate) struct Up(Process);

impl Up {
    /// Starts a server over `folder` and waits until it answers.
    pub(crate) fn start(folder: &Path, more: &[&str]) -> Self {
        Self(Process::start(&up(folder, more), &folder.with_extension("log"), "data"))
    }

    /// [`Up::start`] of a command that starts one in the end.
    pub(crate) fn start_as(command: &Command, log: &Path) -> Self {
        Self(Process::start(command, log, "data"))
    }

    /// Id of the process.
    pub(crate) fn pid(&self) -> &str {
        self.0.said("pid")
    }

    pub(crate) fn url(&self) -> &str {
        self.0.said("flight")
    }

    /// Where it answers HTTP.
    pub(crate) fn http(&self) -> &str {
        self.0.said("http")
    }

    pub(crate) fn kill(self) {
        self.0.kill();
    }

    pub(crate) fn terminate(self) -> ExitStatus {
        self.0.terminate()
    }

    /// Processor time that it has used so far.
    pub(crate) fn processor_time(&self) -> Duration {
        self.0.processor_time()
    }

    /// A client command against this server, not started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(["--server", self.url()]).args(arguments).stdin(Stdio::null());
        command
    }

    /// Runs a client command against this server.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        mangonel(&[&["--server", self.url()], arguments].concat())
    }

    /// Runs a client command that reads `input`.
    pub(crate) fn pipe(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Output {
        let mut command = Command::new(binary());
        without_settings(&mut command);
        command.args(["--server", self.url()]).args(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that refuses its arguments reads nothing.
        let _gone = child.stdin.take().unwrap().write_all(input.as_ref());
        child.wait_with_output().unwrap()
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

/// `mangonel up` over `folder`, not started.
pub(crate) fn up(folder: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.args(["up", "--flight", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data-dir"]).arg(folder).args(more);
    without_settings(&mut command);
    command
}

/// Nothing of whoever runs the tests: no variables, no settings file.
fn without_settings(command: &mut Command) {
    command
        .env_remove("MANGONEL_URL")
        .env_remove("MANGONEL_PROJECT")
        .env_remove("MANGONEL_LOG")
        .env("MANGONEL_CONFIG", "");
}

/// Runs a command to its end.
pub(crate) fn mangonel(arguments: &[&str]) -> Output {
    let mut command = Command::new(binary());
    without_settings(&mut command);
    command.args(arguments).stdin(Stdio::null());
    command.output().unwrap()
}

/// Runs a command to its end, in a folder that is also its home, with these variables.
pub(crate) fn mangonel_in(folder: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(binary());
    without_settings(&mut command);
    command.env_remove("MANGONEL_CONFIG").env_remove("XDG_CONFIG_HOME").env_remove("NO_COLOR").env("HOME", folder);
    command.envs(environment.iter().copied()).current_dir(folder).args(arguments).stdin(Stdio::null());
    command.output().unwrap()
}

/// Status and body of a GET.
pub(crate) fn http_get(server: &Up, path: &str) -> (u16, String) {
    http_get_at(server.http(), path)
}

/// Status and body of a GET at `http://host:port`.
pub(crate) fn http_get_at(address: &str, path: &str) -> (u16, String) {
    let address = address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}
