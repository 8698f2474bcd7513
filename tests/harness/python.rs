//! Other tools, through Python. Without its environment these tests fail: a check that is skipped looks like one that passed.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Runs a script below `tests/` and gives its standard output.
///
/// # Panics
/// When there is no interpreter, or the script fails.
#[track_caller]
pub(crate) fn run(script: &str, arguments: &[&Path]) -> String {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(interpreter())
        .arg(tests.join(script))
        .args(arguments)
        .env("TF_CPP_MIN_LOG_LEVEL", "2")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script}: {}\n{out}{err}", output.status);
    out.into_owned()
}

/// `MANGONEL_PYTHON`, else that of the environment which `deploy/setup.sh test` makes.
fn interpreter() -> PathBuf {
    let path = match std::env::var_os("MANGONEL_PYTHON") {
        Some(path) => PathBuf::from(path),
        None => {
            // The test is <target>/release/deps/all-...
            let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned();
            target.join("venv/bin/python")
        }
    };
    assert!(path.exists(), "{} is missing: run `deploy/setup.sh test`, or set MANGONEL_PYTHON", path.display());
    path
}
