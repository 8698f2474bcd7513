//! The command line against a real server: every command, every form of answer, and exit codes that scripts can rely on.

use std::path::Path;

use serde_json::Value;

use crate::{
    harness::process::{Up, mangonel},
    harness::tables::{rows_of, table},
};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}:\n{text}"))
}

fn write_parquet(path: &Path, rows: &arrow::record_batch::RecordBatch) {
    let file = std::fs::File::create(path).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, rows.schema(), None).unwrap();
    writer.write(rows).unwrap();
    writer.close().unwrap();
}

#[test]
fn help_has_examples_for_every_command_that_has_arguments() {
    for command in [
        &["--help"][..],
        &["up", "--help"],
        &["feature-group", "create", "--help"],
        &["feature-group", "insert", "--help"],
        &["features", "--help"],
        &["training-dataset", "create", "--help"],
    ] {
        let output = mangonel(command);
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && text.contains("Examples:") && text.contains("  mangonel "),
            "{command:?}: {text}"
        );
    }
    let version = mangonel(&["--version"]);
    assert!(String::from_utf8_lossy(&version.stdout).starts_with("mangonel "));
}

#[test]
fn the_whole_job_by_hand() {
    let temporary = tempfile::tempdir().unwrap();
    let files = temporary.path().join("files");
    std::fs::create_dir(&files).unwrap();
    let path = |name: &str| files.join(name).display().to_string();
    let server = Up::start(&temporary.path().join("data"), &[]);
    let run = |arguments: &[&str]| server.answer(&[&["--project", "football"], arguments].concat());

    run(&["project", "create", "football", "--description", "the tour"]);
    let projects = json(&run(&["project", "list", "--output", "json"]));
    assert!(projects.as_array().unwrap().iter().any(|project| project["name"] == "football"), "{projects}");

    // By hand, and filled from CSV with quotes, a line break, a null and letters beyond ASCII.
    let created = run(&[
        "feature-group",
        "create",
        "teams",
        "--key",
        "team_id",
        "--description",
        "one row per team",
        "--feature",
        "team_id:long",
        "--feature",
        "name:string:what fans say",
        "--feature",
        "budget:double",
    ]);
    assert!(created.contains("teams_1") && created.contains("what fans say"), "{created}");
    let csv = "team_id,name,budget\n1,\"Örgryte, \"\"ÖIS\"\"\",1.5\n2,\"two\nlines\",NA\n3,京都,\n";
    std::fs::write(path("teams.csv"), csv).unwrap();
    let inserted =
        json(&run(&["feature-group", "insert", "teams", &path("teams.csv"), "--null", "NA", "--output", "json"]));
    assert_eq!(inserted["state"], "RUN_STATE_COMMITTED", "{inserted}");

    // Like a Parquet file, and filled from several by a glob.
    let scores = |rows: &str| table(&format!("team_id:long | at:timestamp | score:integer\n{rows}"));
    write_parquet(&files.join("scores-1.parquet"), &scores("1 | 2020-01-01 | 10\n 2 | 2020-01-01 | 20"));
    write_parquet(&files.join("scores-2.parquet"), &scores("1 | 2020-02-01 | 11\n 3 | 2020-01-01 | 30"));
    run(&[
        "feature-group",
        "create",
        "scores",
        "--key",
        "team_id",
        "--event-time",
        "at",
        "--like",
        &path("scores-1.parquet"),
    ]);
    run(&["feature-group", "insert", "scores", &path("scores-*.parquet")]);
    let shown = json(&run(&["feature-group", "show", "scores", "--output", "json"]));
    assert_eq!(shown["rows"], "4", "{shown}");
    assert_eq!(shown["featureGroup"]["eventTime"], "at", "{shown}");
    let listed = run(&["feature-group", "list", "--output", "csv"]);
    assert!(listed.starts_with("feature group,key,event time,features,description\n"), "{listed}");
    assert!(
        listed.contains("scores_1,team_id,at,3,") && listed.contains("teams_1,team_id,,3,one row per team"),
        "{listed}"
    );

    let features = ["features", "name", "score", "budget", "team_id"];
    let printed = run(&features);
    assert!(printed.contains("| 京都") && printed.contains("| 11 "), "{printed}");
    let printed = run(&[&features[..], &["--output", "csv"]].concat());
    assert!(
        printed.starts_with("name,score,budget,team_id\n") && printed.contains("\"two\nlines\",20,,2"),
        "{printed}"
    );
    let rows = json(&run(&[&features[..], &["--output", "json"]].concat()));
    assert_eq!(rows.as_array().unwrap().len(), 3, "{rows}");
    let row = rows.as_array().unwrap().iter().find(|row| row["team_id"] == 1).unwrap();
    assert_eq!((row["name"].as_str(), row["score"].as_i64()), (Some("Örgryte, \"ÖIS\""), Some(11)), "{rows}");
    let limited = json(&run(&[&features[..], &["--output", "json", "--limit", "1"]].concat()));
    assert_eq!(limited.as_array().unwrap().len(), 1);
    run(&[&features[..], &["--to", &path("answer.parquet")]].concat());
    let file = std::fs::File::open(files.join("answer.parquet")).unwrap();
    let reader = parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).unwrap().build().unwrap();
    assert_eq!(reader.map(|batch| rows_of(&batch.unwrap()).len()).sum::<usize>(), 3);
    for name in ["answer.csv", "answer.arrow"] {
        run(&[&features[..], &["--to", &path(name)]].concat());
        assert!(std::fs::metadata(path(name)).unwrap().len() > 0);
    }
    let explained = run(&[&features[..], &["--explain"]].concat());
    assert!(explained.contains("scores_1") && explained.contains("team_id"), "{explained}");
    assert!(!explained.contains("at most 2"), "no limit was asked for: {explained}");
    let explained = run(&[&features[..], &["--explain", "--limit", "3"]].concat());
    assert!(explained.contains("at most 3 rows"), "{explained}");

    let built = json(&run(&[
        "training-dataset",
        "create",
        "winners",
        "--features",
        "name,score,team_id",
        "--label",
        "score",
        "--shards",
        "2",
        "--output",
        "json",
    ]));
    let folder = built["path"].as_str().unwrap();
    assert!(Path::new(folder).join("part-r-00001").exists(), "{built}");
    run(&[
        "training-dataset",
        "create",
        "winners",
        "--features",
        "name,budget",
        "--format",
        "parquet",
        "--shards",
        "1",
    ]);
    let left =
        ["training-dataset", "create", "left", "--features", "score,budget", "--join-type", "left", "--root", "teams"];
    run(&[&left[..], &["--nulls", "omit"]].concat());
    let listed = run(&["training-dataset", "list", "--output", "csv"]);
    assert!(listed.contains("winners_1,tfrecord,3,3,2") && listed.contains("winners_2,parquet,2,3,1"), "{listed}");
    let shown = run(&["training-dataset", "show", "winners", "--td-version", "1"]);
    assert!(shown.contains("winners_1") && shown.contains(folder), "{shown}");
    let verified = json(&run(&["training-dataset", "verify", "winners", "--td-version", "1", "--output", "json"]));
    assert_eq!(verified["rows"], "3", "{verified}");

    let runs = json(&run(&["run", "list", "--output", "json"]));
    assert_eq!(runs.as_array().unwrap().len(), 5, "{runs}");
    let id = runs[0]["id"].as_str().unwrap();
    let shown = json(&run(&["run", "show", id, "--output", "json"]));
    assert_eq!(shown["run"]["id"], id);
    assert!(shown["stages"].as_array().is_some_and(|stages| !stages.is_empty()), "{shown}");
    assert!(run(&["run", "watch", id]).contains("committed"));
    assert!(run(&["run", "cancel", id]).contains("committed"), "what has ended stays as it is");

    run(&["training-dataset", "delete", "winners", "--td-version", "1"]);
    run(&["feature-group", "delete", "scores", "--fg-version", "1"]);
    assert_eq!(server.refusal(&["--project", "football", "features", "score"]).0, 3);
    assert!(server.answer(&["status", "--output", "json"]).contains("sqlite"));
    assert!(server.terminate().success());
}

#[test]
fn what_is_wrong_is_said_and_has_an_exit_code() {
    let temporary = tempfile::tempdir().unwrap();
    let path = |name: &str| temporary.path().join(name).display().to_string();
    let server = Up::start(&temporary.path().join("data"), &[]);
    server.answer(&[
        "feature-group",
        "create",
        "teams",
        "--key",
        "id",
        "--feature",
        "id:long",
        "--feature",
        "x:double",
    ]);
    let insert = |name: &str, text: &[u8]| {
        std::fs::write(path(name), text).unwrap();
        server.refusal(&["feature-group", "insert", "teams", &path(name)])
    };
    #[track_caller]
    fn check((code, text): (i32, String), expected_code: i32, expected: &[&str]) {
        assert!(code == expected_code, "exit code {code}: {text}");
        assert!(text.starts_with("error: ") || text.contains("Usage"), "{text}");
        for expected in expected {
            assert!(text.contains(expected), "no `{expected}` in {text}");
        }
    }
    // Files.
    check(insert("empty.csv", b""), 2, &["empty.csv", "empty"]);
    check(insert("quotes.csv", b"id,x\n1,2\n\"3,4\n5,6\n"), 2, &["quotes.csv", "line"]);
    check(insert("ragged.csv", b"id,x\n1,2\n3,4,5\n6,7\n"), 2, &["ragged.csv", "line 3"]);
    check(insert("latin.csv", b"id,x\n1,\xe5\n"), 2, &["latin.csv"]);
    check(insert("other.txt", b"id,x\n1,2\n"), 2, &["other.txt", ".csv"]);
    write_parquet(&temporary.path().join("whole.parquet"), &table("id:long | x:double\n 1 | 2.0"));
    let whole = std::fs::read(path("whole.parquet")).unwrap();
    check(insert("cut.parquet", &whole[..whole.len() - 20]), 2, &["cut.parquet"]);
    check(insert("cut.arrow", b"ARROW1\0\0garbage"), 2, &["cut.arrow"]);
    check(server.refusal(&["feature-group", "insert", "teams", &path("none.csv")]), 2, &["none.csv"]);
    check(server.refusal(&["feature-group", "insert", "teams", &path("no-*.csv")]), 2, &["no-*.csv"]);
    // Rows: the run fails with their numbers.
    let (code, text) = insert("words.csv", b"id,x\n1,2\n2,two\n");
    assert!(code != 0 && text.contains("`x`") && text.contains("row 1"), "{code} {text}");
    let (code, text) = insert("columns.csv", b"id,y\n1,2\n");
    assert!(code != 0 && text.contains("`y`"), "{code} {text}");
    assert_eq!(code, 2, "data that does not fit is bad input: {text}");

    // Names and requests.
    check(server.refusal(&["features", "nothing"]), 3, &["`nothing`"]);
    check(server.refusal(&["feature-group", "show", "nothing"]), 3, &["`nothing`"]);
    check(
        server.refusal(&["feature-group", "create", "Bad-Name", "--key", "id", "--feature", "id:long"]),
        2,
        &["Bad-Name"],
    );
    check(server.refusal(&["feature-group", "create", "a", "--key", "id", "--feature", "id"]), 2, &["id"]);
    let taken = ["feature-group", "create", "teams", "--fg-version", "1", "--key", "id", "--feature", "id:long"];
    check(server.refusal(&taken), 4, &["teams"]);
    check(server.refusal(&["features", "x", "--group-version", "teams"]), 2, &["teams"]);
    check(server.refusal(&["features", "x", "--to", &path("x.doc")]), 2, &["x.doc"]);
    check(server.refusal(&["run", "show", "nothing"]), 3, &["nothing"]);
    check(server.refusal(&["run", "show", "../x"]), 2, &["../x"]);
    check(server.refusal(&["--project", "a/b", "feature-group", "list"]), 2, &["a/b"]);
    check(server.refusal(&["unknown"]), 2, &[]);
    check(server.refusal(&["features"]), 2, &[]);
    // A left join must say what becomes of nulls.
    let left = ["training-dataset", "create", "d", "--features", "x", "--join-type", "left", "--root", "teams"];
    check(server.refusal(&left), 2, &["null policy"]);
    // Nobody there.
    let nobody = mangonel(&["--server", "grpc://127.0.0.1:1", "status"]);
    let said = String::from_utf8_lossy(&nobody.stderr);
    assert!(nobody.status.code() == Some(5) && said.contains("mangonel up"), "{said}");
    let malformed = mangonel(&["--server", "not an address", "status"]);
    assert_eq!(malformed.status.code(), Some(2));
}
