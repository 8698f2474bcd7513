//! A small file system of its own for one process, so that its disk can be full without harm to anybody: mounted where only
//! the process sees it, and gone with it.

use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Mounts memory as a file system on `$2`, then becomes the command.
const MOUNT: &str = r#"mount -t tmpfs -o "size=$1" tmpfs "$2" && shift 2 && exec "$@""#;

/// `command`, to be started where `folder`, which must be there, is a disk of `bytes`.
///
/// # Panics
/// Where mounting is not allowed: what is promised of full disks can then not be tested on this machine.
pub(crate) fn with_small_disk(command: &Command, folder: &Path, bytes: u64) -> Command {
    let unshare = unshare();
    let mut small = Command::new(unshare[0]);
    small.args(&unshare[1..]).args(["sh", "-c", MOUNT, "sh", &bytes.to_string()]).arg(folder);
    small.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => small.env(name, value),
            None => small.env_remove(name),
        };
    }
    small
}

/// As root, or as a user who may have a namespace of their own.
fn unshare() -> &'static [&'static str] {
    let ways: [&[&str]; 2] = [&["unshare", "--mount"], &["unshare", "--mount", "--map-root-user"]];
    let folder = tempfile::tempdir().unwrap();
    let works = |way: &&[&str]| {
        let mut command = Command::new(way[0]);
        command.args(&way[1..]).args(["sh", "-c", MOUNT, "sh", "65536"]).arg(folder.path()).arg("true");
        command.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    ways.into_iter().find(|way| works(way)).expect(
        "no small file system can be mounted here, so what is promised of full disks is not tested: run the tests as root, \
         or allow user namespaces (sysctl kernel.unprivileged_userns_clone=1)",
    )
}

/// A file that takes up the room of a small disk, until it is removed.
pub(crate) struct Filler(PathBuf);

impl Filler {
    /// Fills `folder`, as the process `pid` sees it, but for `left` bytes.
    pub(crate) fn fill(pid: &str, folder: &Path, left: u64) -> Self {
        let inside = inside(pid, folder);
        let path = inside.join("filler");
        let mut file = File::create(&path).unwrap();
        let block = vec![0; 64 << 10];
        while file.write_all(&block).is_ok() {}
        while file.write_all(&block[..1]).is_ok() {}
        let bytes = file.metadata().unwrap().len();
        file.set_len(bytes.saturating_sub(left)).unwrap();
        Self(path)
    }

    pub(crate) fn remove(self) {
        std::fs::remove_file(self.0).unwrap();
    }
}

/// A path as the process `pid` sees it.
pub(crate) fn inside(pid: &str, path: &Path) -> PathBuf {
    Path::new("/proc").join(pid).join("root").join(path.strip_prefix("/").unwrap())
}
