//! A cluster of real processes on this machine: etcd, a scheduler, executors, and a folder that all of them see.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::{
        LazyLock, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::{
    Sandbox,
    etcd::Etcd,
    process::{Process, REMOVES, binary},
    small_disk::with_small_disk,
};

const SECRET: &str = "of the tests";
/// Memory of an executor where a scenario does not say.
const MEMORY: &str = "256MiB";

/// Dropping it kills every process.
pub(crate) struct Cluster {
    executors: Mutex<Vec<Process>>,
    scheduler: Process,
    started: AtomicUsize,
    projects: AtomicUsize,
    etcd: Etcd,
    folder: PathBuf,
    /// Schedulers that were killed. The first of all removes the folder when it is dropped.
    killed: Vec<Process>,
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
        let any = "127.0.0.1:0";
        let mut command = scheduler(&etcd, &folder, [any; 3]);
        command.env(REMOVES, &folder);
        command.args(more);
        let scheduler = Process::start(&command, &folder.join("scheduler.log"), "data");
        let cluster = Self {
            executors: Mutex::default(),
            scheduler,
            started: AtomicUsize::new(0),
            projects: AtomicUsize::new(0),
            etcd,
            folder,
            killed: Vec::new(),
        };
        (0..executors).for_each(|_| drop(cluster.add_executor(slots)));
        cluster
    }

    /// Starts one more executor, waits until it is admitted, and gives its id.
    pub(crate) fn add_executor(&self, slots: usize) -> String {
        self.add_executor_of(slots, MEMORY)
    }

    /// [`Cluster::add_executor`] with so much memory for all slots.
    pub(crate) fn add_executor_of(&self, slots: usize, memory: &str) -> String {
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        let mut command = self.executor();
        command.args(["--slots", &slots.to_string(), "--memory", memory]);
        command.arg("--work-dir").arg(self.folder.join(format!("executor-{number}")));
        let log = self.folder.join(format!("executor-{number}.log"));
        let executor = Process::start(&command, &log, "executor");
        let id = executor.said("executor").to_owned();
        self.executors.lock().unwrap().push(executor);
        id
    }

    /// [`Cluster::add_executor_of`] one slot whose work folder, which is given, is a disk of so many bytes.
    pub(crate) fn add_executor_on_small_disk(&self, memory: &str, bytes: u64) -> PathBuf {
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        let folder = self.folder.join(format!("executor-{number}"));
        std::fs::create_dir(&folder).unwrap();
        let mut command = self.executor();
        command.args(["--slots", "1", "--memory", memory, "--work-dir"]).arg(&folder);
        let command = with_small_disk(&command, &folder, bytes);
        let executor = Process::start(&command, &self.folder.join(format!("executor-{number}.log")), "executor");
        self.executors.lock().unwrap().push(executor);
        folder
    }

    /// `mangonel executor` for this cluster, without a work folder and not started.
    pub(crate) fn executor(&self) -> Command {
        let mut command = mangonel("executor");
        command.args(["--scheduler", self.address()]);
        command
    }

    /// `kill -9` of the executor that was started first; its id.
    pub(crate) fn kill_executor(&self) -> String {
        let first = self.executors.lock().unwrap().remove(0);
        let id = first.said("executor").to_owned();
        first.kill();
        id
    }

    /// `kill -9` of all executors, whose work folders are removed.
    pub(crate) fn kill_executors(&self) {
        self.executors.lock().unwrap().clear();
        self.work_folders().iter().for_each(|folder| std::fs::remove_dir_all(folder).unwrap());
    }

    /// Work folders of executors.
    pub(crate) fn work_folders(&self) -> Vec<PathBuf> {
        let numbers = 0..self.started.load(Ordering::Relaxed);
        let folders = numbers.map(|number| self.folder.join(format!("executor-{number}")));
        folders.filter(|folder| folder.exists()).collect()
    }

    /// Sends a signal to the executor that was started first; its id.
    pub(crate) fn signal_executor(&self, signal: &str) -> String {
        let executors = self.executors.lock().unwrap();
        executors[0].signal(signal);
        executors[0].said("executor").to_owned()
    }

    /// Ids of the executors that were not killed, in order.
    pub(crate) fn executor_ids(&self) -> Vec<String> {
        let executors = self.executors.lock().unwrap();
        let mut ids: Vec<String> = executors.iter().map(|executor| executor.said("executor").to_owned()).collect();
        ids.sort();
        ids
    }

    /// Processor time that each executor has used so far, in the order in which they were started.
    pub(crate) fn executor_times(&self) -> Vec<Duration> {
        self.executors.lock().unwrap().iter().map(Process::processor_time).collect()
    }

    /// `kill -9` of the scheduler, and a new one on its ports, its folder and its etcd.
    pub(crate) fn restart_scheduler(&mut self) {
        self.kill_scheduler();
        let command = self.scheduler_again();
        let log = self.folder.join(format!("scheduler-{}.log", self.killed.len() + 1));
        let started = Process::start(&command, &log, "data");
        self.killed.push(std::mem::replace(&mut self.scheduler, started));
    }

    pub(crate) fn etcd(&mut self) -> &mut Etcd {
        &mut self.etcd
    }

    /// `kill -9` of the scheduler.
    pub(crate) fn kill_scheduler(&self) {
        if self.scheduler.is_running() {
            self.scheduler.signal("KILL");
        }
        while self.scheduler.is_running() {
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What `mangonel scheduler` says that cannot start in the place of a killed one: exit code and standard error.
    pub(crate) fn refused_scheduler(&self) -> (i32, String) {
        let output = self.scheduler_again().output().unwrap();
        (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    fn scheduler_again(&self) -> Command {
        let bare = |name: &str| self.scheduler.said(name).trim_start_matches("grpc://").trim_start_matches("http://");
        scheduler(&self.etcd, &self.folder, [bare("flight"), bare("http"), bare("cluster")])
    }

    pub(crate) fn url(&self) -> &str {
        self.scheduler.said("flight")
    }

    /// Where the scheduler answers HTTP.
    pub(crate) fn http(&self) -> &str {
        self.scheduler.said("http")
    }

    /// `host:port` that executors dial.
    pub(crate) fn address(&self) -> &str {
        self.scheduler.said("cluster")
    }

    pub(crate) fn secret(&self) -> &'static str {
        SECRET
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

/// `addresses`: of the Flight, the HTTP and the cluster port.
fn scheduler(etcd: &Etcd, folder: &std::path::Path, [flight, http, cluster]: [&str; 3]) -> Command {
    let mut command = mangonel("scheduler");
    command.args(["--etcd", etcd.address(), "--flight", flight, "--http", http, "--cluster", cluster]);
    command.args(["--memory", "512MiB"]);
    command.arg("--warehouse").arg(folder.join("warehouse"));
    command.arg("--work-dir").arg(folder.join("scheduler"));
    command
}

fn mangonel(command: &str) -> Command {
    let mut mangonel = Command::new(binary());
    mangonel.arg(command).env("MANGONEL_CLUSTER_SECRET", SECRET).env_remove("MANGONEL_LOG");
    mangonel
}
