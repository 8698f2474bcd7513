//! Rows on the command line: looked at, queried, read back, and piped to other programs.

use std::{
    io::Cursor,
    process::{Command, Stdio},
};

use arrow::ipc::reader::StreamReader;
use bytes::Bytes;
use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::harness::process::{Up, binary, mangonel};

const ROWS: usize = 100;

/// A server with the group `teams` of a hundred rows and the dataset `d` of it.
fn served(folder: &std::path::Path) -> Up {
    let server = Up::start(&folder.join("data"), &[]);
    let file = folder.join("teams.csv");
    let rows: String = (0..ROWS).map(|id| format!("{id},{}.5\n", id % 10)).collect();
    std::fs::write(&file, format!("team_id,budget\n{rows}")).unwrap();
    let features = ["--feature", "team_id:long", "--feature", "budget:double"];
    server.answer(&[&["feature-group", "create", "teams", "--key", "team_id"], &features[..]].concat());
    server.answer(&["feature-group", "insert", "teams", file.to_str().unwrap()]);
    server.answer(&["training-dataset", "create", "d", "--features", "team_id,budget", "--compression", "gzip"]);
    server
}

fn lines(text: &str) -> usize {
    text.lines().count()
}

#[test]
fn rows_are_printed_queried_read_back_and_piped() {
    let temporary = tempfile::tempdir().unwrap();
    let server = served(temporary.path());

    // People see the first rows, and are told that there are more.
    for command in [
        &["feature-group", "preview", "teams"][..],
        &["training-dataset", "read", "d"],
        &["features", "team_id", "budget"],
        &["sql", "SELECT * FROM teams"],
    ] {
        let output = server.run(command);
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && lines(&out) == 20 + 4, "{command:?}: {out}{err}");
        assert!(err.contains("the first 20 rows; --limit for more"), "{command:?}: {err}");
        let some = server.run(&[command, &["--limit", "100"]].concat());
        assert!(!String::from_utf8_lossy(&some.stderr).contains("first"), "{command:?}");
        // Programs get all.
        assert_eq!(lines(&server.answer(&[command, &["--output", "csv"]].concat())), 1 + ROWS, "{command:?}");
        let json = server.answer(&[command, &["--output", "json", "--limit", "7"]].concat());
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json.as_array().unwrap().len(), 7, "{command:?}");

        let arrow = server.run(&[command, &["--to", "-", "--as", "arrow"]].concat()).stdout;
        let rows = StreamReader::try_new(Cursor::new(arrow), None).unwrap().map(|batch| batch.unwrap().num_rows());
        assert_eq!(rows.sum::<usize>(), ROWS, "{command:?}");
        let parquet = server.run(&[command, &["--to", "-", "--as", "parquet"]].concat()).stdout;
        let parquet = SerializedFileReader::new(Bytes::from(parquet)).unwrap();
        assert_eq!(parquet.metadata().file_metadata().num_rows(), ROWS as i64, "{command:?}");
        let file = temporary.path().join("rows.csv");
        server.answer(&[command, &["--to", file.to_str().unwrap()]].concat());
        assert_eq!(lines(&std::fs::read_to_string(&file).unwrap()), 1 + ROWS, "{command:?}");
    }

    let query = "SELECT budget, count(*) AS teams FROM teams_1 GROUP BY budget ORDER BY budget";
    let output = server.pipe(&["sql", "-", "--output", "csv"], query);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("budget,teams\n0.5,10\n1.5,10\n") && lines(&text) == 11, "{text}");
    for (wrong, said) in [
        (&["sql", "DROP TABLE teams"][..], "DROP"),
        (&["sql", "SELECT * FROM taems"], "did you mean"),
        (&["features", "budget", "--to", "-"], "--as parquet, csv or arrow"),
        (&["features", "budget", "--to", "rows.txt"], "must end in"),
        (&["features", "budget", "--as", "csv"], "--to -"),
    ] {
        let (code, err) = server.refusal(wrong);
        assert!(err.contains(said) && code == 2, "{wrong:?}: {code} {err}");
    }

    // A reader that has gone is no error.
    let mut command = Command::new(binary());
    command.args([
        "--server",
        server.url(),
        "sql",
        "SELECT a.team_id FROM teams a, teams b, teams c",
        "--output",
        "csv",
    ]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{} {said}", output.status);
    assert!(server.terminate().success());
}

#[test]
fn everything_answers_in_json() {
    let temporary = tempfile::tempdir().unwrap();
    let server = served(temporary.path());
    let json = |command: &[&str]| -> serde_json::Value {
        let text = server.answer(&[command, &["--output", "json"]].concat());
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{command:?}: {error}: {text}"))
    };
    let detached = json(&["training-dataset", "create", "e", "--features", "budget,team_id", "--detach"]);
    let run = detached["id"].as_str().unwrap().to_owned();
    server.answer(&["run", "watch", &run]);
    let bare = server.answer(&["training-dataset", "insert", "e", "--detach"]);
    server.answer(&["run", "watch", bare.trim()]);
    assert_eq!(json(&["training-dataset", "insert", "e"])["trainingDataset"]["generation"]["number"], 3);
    assert_eq!(json(&["training-dataset", "rebuild", "e"])["kind"], "RUN_KIND_REBUILD");
    assert!(json(&["training-dataset", "update", "e", "--tag", "use=test"])["revision"].is_string());
    assert!(json(&["feature-group", "update", "teams", "--feature", "budget=Million euros"])["revision"].is_string());
    for command in [
        &["status"][..],
        &["project", "create", "other"],
        &["project", "list"],
        &["feature-group", "list"],
        &["feature-group", "show", "teams"],
        &["feature-group", "preview", "teams"],
        &["features", "budget", "--explain"],
        &["training-dataset", "list"],
        &["training-dataset", "show", "e"],
        &["training-dataset", "verify", "e"],
        &["training-dataset", "delete", "e", "--td-version", "1"],
        &["run", "list"],
        &["run", "show", &run],
        &["feature-group", "delete", "teams", "--fg-version", "1"],
    ] {
        json(command);
    }
    let (code, err) = server.refusal(&["feature-group", "update", "teams"]);
    assert!(code == 2 && err.contains("nothing to change"), "{code} {err}");
    assert!(server.terminate().success());
}

#[test]
fn completions_and_man_pages_know_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let script = String::from_utf8(mangonel(&["completions", shell]).stdout).unwrap();
        assert!(script.contains("training-dataset") && script.contains("rebuild"), "{shell}: {script}");
    }
    let temporary = tempfile::tempdir().unwrap();
    let said = mangonel(&["man", "--dir", temporary.path().to_str().unwrap()]);
    assert!(said.status.success());
    let page = std::fs::read_to_string(temporary.path().join("mangonel-training-dataset-create.1")).unwrap();
    assert!(page.contains("compression") && page.contains("Examples"), "{page}");
}

#[test]
fn csv_of_lists_and_structs_is_refused_before_anything_is_printed() {
    let temporary = tempfile::tempdir().unwrap();
    let server = Up::start(&temporary.path().join("data"), &[]);
    let features = ["--feature", "id:long", "--feature", "tags:array<string>", "--feature", "place:struct<lat:double>"];
    server.answer(&[&["feature-group", "create", "events", "--key", "id"], &features[..]].concat());
    let row = "{\"id\": 1, \"tags\": [\"a\"], \"place\": {\"lat\": 1.5}}\n";
    assert!(server.pipe(&["feature-group", "insert", "events", "-", "--as", "jsonl"], row).status.success());
    let file = temporary.path().join("events.csv").display().to_string();
    for form in [["--output", "csv"], ["--to", file.as_str()]] {
        let output = server.run(&[&["feature-group", "preview", "events"], &form[..]].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && output.stdout.is_empty(), "{said}");
        assert!(said.contains("`place`") && said.contains("`tags`") && said.contains("--output json"), "{said}");
    }
    assert!(!std::path::Path::new(&file).exists());
    assert!(server.answer(&["sql", "SELECT id FROM events", "--output", "csv"]).contains("id\n1"));
    assert!(server.terminate().success());
}

#[test]
fn what_is_deleted_must_be_said() {
    let temporary = tempfile::tempdir().unwrap();
    let server = Up::start(&temporary.path().join("data"), &[]);
    for _ in 0..2 {
        server.answer(&["feature-group", "create", "teams", "--key", "id", "--feature", "id:long"]);
    }
    let (code, said) = server.refusal(&["feature-group", "delete", "teams"]);
    assert!(code == 2 && said.contains("--fg-version") && said.contains("--latest"), "{said}");
    let (code, _) = server.refusal(&["feature-group", "delete", "teams", "--latest", "--fg-version", "1"]);
    assert_eq!(code, 2);
    server.answer(&["feature-group", "delete", "teams", "--latest"]);
    assert!(server.answer(&["feature-group", "list", "--output", "csv"]).contains("teams_1,"));
    assert_eq!(server.refusal(&["feature-group", "show", "teams", "--fg-version", "2"]).0, 3);
    assert!(server.terminate().success());
}
