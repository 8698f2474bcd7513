//! One data folder has one server; a second one is told so, and the folder is free again when the first has ended.

use crate::harness::process::{Up, up};

#[test]
fn a_second_server_on_a_folder_is_told_so() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("data");
    let first = Up::start(&folder, &[]);
    let second = up(&folder, &[]).output().unwrap();
    let said = String::from_utf8_lossy(&second.stderr);
    assert!(!second.status.success() && second.stdout.is_empty(), "{said}");
    assert!(said.contains("data") && (said.contains("another") || said.contains("in use")), "{said}");
    // The first is not disturbed.
    assert!(first.answer(&["status"]).contains("local"));
    assert!(first.terminate().success(), "SIGTERM ends it cleanly");
    Up::start(&folder, &[]).kill();
    // `kill -9` leaves no lock behind.
    assert!(Up::start(&folder, &[]).terminate().success());
}

#[test]
fn a_port_that_is_taken_and_a_folder_that_is_a_file_are_said() {
    let temporary = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = temporary.path().join("data");
    let mut command = up(&folder, &[]);
    let refused = command.args(["--flight", &address]).output().unwrap();
    // Given twice, the option is refused by the parser already; so it is given alone.
    assert!(!refused.status.success());
    let mut alone = std::process::Command::new(crate::harness::process::binary());
    alone.args(["up", "--flight", &address, "--http", "127.0.0.1:0", "--data-dir"]).arg(&folder);
    let refused = alone.output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains(&address), "{said}");

    let file = temporary.path().join("file");
    std::fs::write(&file, "not a folder").unwrap();
    let refused = up(&file, &[]).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("file"), "{said}");
}
