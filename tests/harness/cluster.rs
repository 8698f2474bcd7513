//! A cluster of real processes on this machine: etcd, a scheduler, executors, and a folder that all of them see.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{
        LazyLock, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{
    Sandbox,
    etcd::Etcd,
    process::{Process, REMOVES, binary},
};

const SECRET: &str = "of the tests";

/// Dropping it kills every process.
pub(crate) struct Cluster {
    executors: Mutex<Vec<Process>>,
    scheduler: Process,
    started: AtomicUsize,
    projects: AtomicUsize,
    _etcd: Etcd,
    folder: PathBuf,
}

/// The cluster of all scenarios that harm nobody: it ends with the test binary.
static SHARED: LazyLock<Cluster> = LazyLock::new(|| Cluster::start(2, 2));

impl Cluster {
    pub(crate) fn shared() -> &'static Self {
        &SHARED
    }

    /// A cluster with so many executors of so many slots.
    pub(crate) fn start(executors: usize, slots: usize) -> Self {
        Self::start_with(executors, slots, &[])
    }

    /// [`Cluster::start`] with more arguments for the scheduler.
    pub(crate) fn start_with(executors: usize, slots: usize, more: &[&str]) -> Self {
        let (folder, etcd) = (tempfile::tempdir().unwrap().keep(), Etcd::start());
        let mut command = mangonel("scheduler");
        command.env(REMOVES, &folder);
        command.args(["--etcd", etcd.address(), "--flight", "127.0.0.1:0", "--http", "127.0.0.1:0"]);
        command.args(["--cluster", "127.0.0.1:0", "--memory", "512MiB"]).args(more);
        command.arg("--warehouse").arg(folder.join("warehouse"));
        command.arg("--work-dir").arg(folder.join("scheduler"));
        let scheduler = Process::start(&command, &folder.join("scheduler.log"), "data");
        let cluster = Self {
            executors: Mutex::default(),
            scheduler,
            started: AtomicUsize::new(0),
            projects: AtomicUsize::new(0),
            _etcd: etcd,
            folder,
        };
        (0..executors).for_each(|_| cluster.add_executor(slots));
        cluster
    }

    /// Starts one more executor and waits until it is admitted.
    pub(crate) fn add_executor(&self, slots: usize) {
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        let mut command = mangonel("executor");
        command.args(["--scheduler", self.scheduler.said("cluster"), "--slots", &slots.to_string()]);
        command.args(["--memory", "256MiB"]);
        command.arg("--work-dir").arg(self.folder.join(format!("executor-{number}")));
        let log = self.folder.join(format!("executor-{number}.log"));
        let executor = Process::start(&command, &log, "executor");
        self.executors.lock().unwrap().push(executor);
    }

    /// `kill -9` of the executor that was started first.
    pub(crate) fn kill_executor(&self) {
        self.executors.lock().unwrap().remove(0).kill();
    }

    pub(crate) fn url(&self) -> &str {
        self.scheduler.said("flight")
    }

    pub(crate) fn warehouse(&self) -> PathBuf {
        self.folder.join("warehouse")
    }

    /// Folder of all its processes: `executor-0`, ... are work folders.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A project of its own on this cluster.
    pub(crate) async fn sandbox(&self) -> Sandbox {
        let number = self.projects.fetch_add(1, Ordering::Relaxed);
        let sandbox = Sandbox::on(self.url(), &format!("project{number}"), &self.warehouse()).await;
        sandbox.unwrap_or_else(|error| panic!("{error}\n{}", self.scheduler.log()))
    }
}

fn mangonel(command: &str) -> Command {
    let mut mangonel = Command::new(binary());
    mangonel.arg(command).env("MANGONEL_CLUSTER_SECRET", SECRET).env_remove("MANGONEL_LOG");
    mangonel
}
