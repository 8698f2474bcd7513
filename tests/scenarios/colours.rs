//! Colours are for people at a terminal: nothing of them is in a pipe or a file, unless somebody asks for it.

use std::process::Command;

use crate::harness::process::{Up, binary, mangonel_in};

const ESCAPE: char = '\x1b';

#[test]
fn a_pipe_gets_no_escape_codes_and_a_terminal_does() {
    let temporary = tempfile::tempdir().unwrap();
    let server = Up::start(&temporary.path().join("data"), &[]);
    server.answer(&["feature-group", "create", "teams", "--key", "id", "--feature", "id:long"]);
    let pipe = server.pipe(&["feature-group", "insert", "teams", "-", "--as", "csv"], "id\n1\n");
    assert!(pipe.status.success());
    let runs = ["--server", server.url(), "run", "list"];
    let refused = ["--server", server.url(), "run", "show", "nothing"];
    let folder = temporary.path();
    let said = |environment: &[(&str, &str)], arguments: &[&str]| {
        let output = mangonel_in(folder, environment, arguments);
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (out, _) = said(&[], &runs);
    assert!(out.contains("committed") && !out.contains(ESCAPE), "{out:?}");
    let rows = ["--server", server.url(), "feature-group", "preview", "teams"];
    for arguments in [&refused[..], &rows[..], &["--help"][..]] {
        let (out, error) = said(&[], arguments);
        assert!(!out.contains(ESCAPE) && !error.contains(ESCAPE), "{out:?} {error:?}");
    }
    fn always<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
        [arguments, &["--color", "always"]].concat()
    }
    let (out, _) = said(&[("NO_COLOR", "1")], &always(&runs));
    assert!(out.contains("\x1b[38;5;10m committed") || out.contains("\x1b[38;5;10mcommitted"), "{out:?}");
    assert!(said(&[], &always(&refused)).1.starts_with("\x1b[1;31merror:\x1b[0m "));
    assert!(said(&[], &always(&rows)).0.contains("\x1b[1m| id"));

    // `script` is a terminal for what it runs.
    let on_terminal = |variables: &str, arguments: &[&str]| {
        let command = format!("{variables} {} {}", binary().display(), arguments.join(" "));
        let mut script = Command::new("script");
        script
            .args(["-qec", &command, "/dev/null"])
            .env_remove("NO_COLOR")
            .env("TERM", "xterm")
            .env("MANGONEL_CONFIG", "");
        script.output().ok().map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let Some(shown) = on_terminal("", &runs) else { return };
    assert!(shown.contains("committed") && shown.contains(ESCAPE), "{shown:?}");
    for (variables, more) in [("NO_COLOR=1", "auto"), ("TERM=dumb", "auto"), ("", "never")] {
        let shown = on_terminal(variables, &[&runs[..], &["--color", more]].concat()).unwrap();
        assert!(shown.contains("committed") && !shown.contains(ESCAPE), "{variables} {more}: {shown:?}");
    }
    assert!(server.terminate().success());
}
