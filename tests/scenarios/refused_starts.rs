//! A server that could not do its work does not start: it names what is missing, and ends.

use std::{
    net::TcpListener,
    process::Command,
    time::{Duration, Instant},
};

use crate::harness::process::{binary, up};

/// Exit code and standard error of a server that must end by itself.
#[track_caller]
fn refusal(command: &mut Command) -> (i32, String) {
    let output = command.env("MANGONEL_CLUSTER_SECRET", "of the tests").env_remove("MANGONEL_LOG").output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && output.stdout.is_empty(), "{}: {said}", output.status);
    let last = said.lines().find(|line| line.starts_with("error: "));
    (output.status.code().unwrap(), last.unwrap_or_else(|| panic!("{said}")).to_owned())
}

/// `mangonel scheduler` on free ports.
fn scheduler(etcd: &str, warehouse: &str, work_dir: &std::path::Path) -> Command {
    let mut command = Command::new(binary());
    command.args(["scheduler", "--flight", "127.0.0.1:0", "--http", "127.0.0.1:0", "--cluster", "127.0.0.1:0"]);
    command.args(["--etcd", etcd, "--warehouse", warehouse, "--work-dir"]).arg(work_dir);
    command
}

fn nobody() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

#[test]
fn a_warehouse_that_cannot_be_written_is_named() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("data");
    let file = temporary.path().join("file");
    std::fs::write(&file, "not a folder").unwrap();
    let file = file.display().to_string();
    // Nobody may make folders in /proc, root neither.
    for (warehouse, expected) in [
        ("/proc/mangonel", "/proc/mangonel"),
        (file.as_str(), file.as_str()),
        ("http://127.0.0.1:1/x", "must be writable"),
        ("ftp://127.0.0.1/x", "ftp://127.0.0.1/x"),
    ] {
        let (_, said) = refusal(&mut up(&folder, &["--warehouse", warehouse]));
        assert!(said.contains(expected), "{said}");
        let (_, said) = refusal(&mut scheduler(&nobody(), warehouse, &folder));
        assert!(said.contains(expected), "before etcd is asked: {said}");
    }
    // The folder is not left locked.
    assert!(crate::harness::process::Up::start(&folder, &[]).terminate().success());
}

#[test]
fn an_etcd_that_is_down_at_the_start_is_named_within_seconds() {
    let temporary = tempfile::tempdir().unwrap();
    let warehouse = temporary.path().join("warehouse").display().to_string();
    let (first, second) = (nobody(), nobody());
    let began = Instant::now();
    let both = format!("{first},{second}");
    let (code, said) = refusal(&mut scheduler(&both, &warehouse, &temporary.path().join("work")));
    assert!(said.contains("etcd") && said.contains(&first) && said.contains(&second), "{said}");
    assert_eq!(code, 5, "the code of what is unavailable: {said}");
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    let (code, said) = refusal(&mut scheduler("no address", &warehouse, &temporary.path().join("work")));
    assert!(code != 0 && said.contains("no address"), "{said}");
}
