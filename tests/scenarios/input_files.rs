//! Files of every format go in, also from standard input and many at once; types are inferred where nobody gives them.

use std::{fs::File, io::Write};

use arrow::{
    ipc::writer::{FileWriter, StreamWriter},
    record_batch::RecordBatch,
};
use flate2::{Compression, write::GzEncoder};
use parquet::arrow::ArrowWriter;

use crate::harness::{process::Up, table};

const CSV: &str = "id,name,x,day\n1,Malmö,0.5,2020-09-14\n2,\"a, b\",,\n";
const JSON: &str = r#"{"id": 1, "name": "Malmö", "x": 0.5, "day": "2020-09-14"}

{"name": "a, b", "id": 2, "x": null}
"#;

fn rows() -> RecordBatch {
    table("id:long | name:string | x:double | day:date\n 1 | Malmö | 0.5 | 2020-09-14\n 2 | a, b | null | null")
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// The same two rows in every format, by file name.
fn every_format() -> Vec<(&'static str, Vec<u8>)> {
    let rows = rows();
    let mut parquet = ArrowWriter::try_new(Vec::new(), rows.schema(), None).unwrap();
    parquet.write(&rows).unwrap();
    let mut file = FileWriter::try_new(Vec::new(), &rows.schema()).unwrap();
    file.write(&rows).unwrap();
    let mut stream = StreamWriter::try_new(Vec::new(), &rows.schema()).unwrap();
    stream.write(&rows).unwrap();
    vec![
        ("rows.csv", CSV.into()),
        ("rows.tsv", "id\tname\tx\tday\n1\tMalmö\t0.5\t2020-09-14\n2\ta, b\t\t\n".into()),
        ("rows.jsonl", JSON.into()),
        ("rows.ndjson.gz", gzip(JSON)),
        ("rows.parquet", parquet.into_inner().unwrap()),
        ("rows.arrow", file.into_inner().unwrap()),
        ("rows.arrows", stream.into_inner().unwrap()),
    ]
}

fn create(server: &Up, name: &str, features: &[&str]) {
    let features: Vec<&str> = features.iter().flat_map(|feature| ["--feature", feature]).collect();
    server.answer(&[&["feature-group", "create", name, "--key", "id"], &features[..]].concat());
}

const FEATURES: [&str; 4] = ["id:long", "name:string", "x:double", "day:date"];

/// The rows of a group as CSV lines, sorted, without the header.
fn held(server: &Up, group: &str) -> Vec<String> {
    let rows = server.answer(&["feature-group", "preview", group, "--output", "csv"]);
    let mut rows: Vec<String> = rows.lines().skip(1).map(str::to_owned).collect();
    rows.sort();
    rows
}

#[test]
fn every_format_goes_in_from_files_and_from_standard_input() {
    let temporary = tempfile::tempdir().unwrap();
    let server = Up::start(&temporary.path().join("data"), &[]);
    create(&server, "rows", &FEATURES);
    let expected = ["1,Malmö,0.5,2020-09-14", "2,\"a, b\",,"];
    for (name, bytes) in every_format() {
        let path = temporary.path().join(name);
        std::fs::write(&path, &bytes).unwrap();
        server.answer(&["feature-group", "insert", "rows", path.to_str().unwrap(), "--mode", "overwrite"]);
        assert_eq!(held(&server, "rows"), expected, "{name}");

        let format = match path.extension().unwrap().to_str().unwrap() {
            "gz" => continue,
            "arrows" => "arrow",
            ending => ending,
        };
        create(&server, &format!("piped_{}", name.replace('.', "_")), &FEATURES);
        let group = format!("piped_{}", name.replace('.', "_"));
        let output = server.pipe(&["feature-group", "insert", &group, "-", "--as", format], &bytes);
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(held(&server, &group), expected, "{name}");
    }
    let unsaid = server.pipe(&["feature-group", "insert", "rows", "-"], CSV);
    assert!(String::from_utf8_lossy(&unsaid.stderr).contains("--as csv, tsv, jsonl, parquet or arrow"));

    // What one command writes the next one reads.
    create(&server, "copies", &FEATURES);
    let written = server.run(&["feature-group", "preview", "rows", "--to", "-", "--as", "arrow"]);
    let copied = server.pipe(&["feature-group", "insert", "copies", "-", "--as", "arrow"], written.stdout);
    assert!(copied.status.success());
    assert_eq!(held(&server, "copies"), expected);

    // Twenty files are one insert.
    create(&server, "many", &FEATURES);
    for file in 0..20 {
        std::fs::write(temporary.path().join(format!("many-{file}.jsonl")), format!("{{\"id\": {file}}}\n")).unwrap();
    }
    let pattern = temporary.path().join("many-*.jsonl");
    let said = server.answer(&["feature-group", "insert", "many", pattern.to_str().unwrap(), "--output", "json"]);
    let run: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((run["rows"].as_str(), run["tableVersion"].as_str()), (Some("20"), Some("1")));
    assert!(server.terminate().success());
}

#[test]
fn json_is_read_by_the_types_of_the_group_and_refused_with_the_line() {
    let temporary = tempfile::tempdir().unwrap();
    let server = Up::start(&temporary.path().join("data"), &[]);
    let features = ["id:long", "at:timestamp", "tags:array<string>", "place:struct<lat:double,lon:double>", "n:short"];
    create(&server, "events", &features);
    let good = r#"{"id": 1, "at": "2020-09-14T18:00:00+02:00", "tags": ["a", "b"], "place": {"lat": 1.5, "lon": 2}, "n": 7}
{"id": 2, "tags": [], "place": null}
"#;
    let inserted = server.pipe(&["feature-group", "insert", "events", "-", "--as", "jsonl"], good);
    assert!(inserted.status.success(), "{}", String::from_utf8_lossy(&inserted.stderr));
    let rows = server.answer(&["feature-group", "preview", "events", "--output", "json"]);
    let rows: serde_json::Value = serde_json::from_str(&rows).unwrap();
    assert_eq!(rows[0]["tags"], serde_json::json!(["a", "b"]));
    assert_eq!(rows[0]["place"]["lon"], 2.0);
    assert_eq!(rows[0]["at"], "2020-09-14T16:00:00Z");

    let many = "{\"id\": 5}\n".repeat(9000);
    for (bad, expected) in [
        (format!("{many}{{\"id\": \"six\"}}\n"), ["line 9001", "six"]),
        ("{\"id\": 1}\n{\"id\": 2, \"nmae\": 3}\n".to_owned(), ["line 2", "nmae"]),
        ("{\"id\": 1}\n{\"id\": 2\n".to_owned(), ["line 2", ""]),
        ("{\"id\": 1}\n[1, 2]\n".to_owned(), ["line 2", ""]),
        ("{\"id\": 1}\n{\"id\": 2}{\"id\": 3}\n".to_owned(), ["line 2", "more than one object"]),
        ("{\"id\": 1, \"n\": 40000}\n".to_owned(), ["line 1", "40000"]),
    ] {
        let refused = server.pipe(&["feature-group", "insert", "events", "-", "--as", "jsonl"], &bad);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && expected.iter().all(|part| said.contains(part)), "{expected:?}: {said}");
    }
    let blank = server.pipe(&["feature-group", "insert", "events", "-", "--as", "jsonl"], "\n".repeat(100_000));
    assert!(blank.status.success(), "{}", String::from_utf8_lossy(&blank.stderr));
    let null_key = server.pipe(&["feature-group", "insert", "events", "-", "--as", "jsonl"], "{\"n\": 1}\n");
    assert!(String::from_utf8_lossy(&null_key.stderr).contains("`id`"));
    let kept = server.answer(&["sql", "SELECT count(*) AS n FROM events", "--output", "csv"]);
    assert_eq!(kept, "n\n2\n");
    assert!(server.terminate().success());
}

#[test]
fn types_are_inferred_from_a_file_unless_they_are_said() {
    let temporary = tempfile::tempdir().unwrap();
    let server = Up::start(&temporary.path().join("data"), &[]);
    let types = |group: &str| -> Vec<String> {
        let shown = server.answer(&["feature-group", "show", group, "--output", "json"]);
        let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
        let features = shown["featureGroup"]["features"].as_array().unwrap();
        features.iter().map(|f| format!("{}:{}", f["name"].as_str().unwrap(), f["type"].as_str().unwrap())).collect()
    };
    let write = |name: &str, text: &str| {
        let path = temporary.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let csv = write(
        "matches.csv",
        "id;day;at;home;goals;rate;cup;postcode;void\n\
         1;2020-09-14;2020-09-14T18:30:00;AIK;NA;0.5;true;04109;\n2;2020-09-15;2020-09-15T18:30:00;\"a;b\";3;1;false;10115;\n",
    );
    let dialect = ["--delimiter", ";", "--null", "NA"];
    let like = ["feature-group", "create", "matches", "--key", "id", "--like", &csv, "--feature", "postcode:string"];
    server.answer(&[&like[..], &dialect].concat());
    let expected = [
        "id:long",
        "day:date",
        "at:timestamp_ntz",
        "home:string",
        "goals:long",
        "rate:double",
        "cup:boolean",
        "postcode:string",
        "void:string",
    ];
    assert_eq!(types("matches"), expected);
    server.answer(&[&["feature-group", "insert", "matches", &csv], &dialect[..]].concat());
    let matches = held(&server, "matches");
    assert!(matches[0].starts_with("1,2020-09-14,") && matches[0].contains("AIK,,0.5,true,04109"), "{matches:?}");

    let json = write("events.jsonl", "{\"id\": 1, \"x\": 1.5, \"tags\": [\"a\"], \"day\": \"2020-09-14\"}\n");
    server.answer(&["feature-group", "create", "events", "--key", "id", "--like", &json, "--feature", "day:date"]);
    let mut found = types("events");
    found.sort();
    assert_eq!(found, ["day:date", "id:long", "tags:array<string>", "x:double"]);

    let parquet = temporary.path().join("rows.parquet");
    let mut writer = ArrowWriter::try_new(File::create(&parquet).unwrap(), rows().schema(), None).unwrap();
    writer.write(&rows()).unwrap();
    writer.close().unwrap();
    server.answer(&["feature-group", "create", "typed", "--key", "id", "--like", parquet.to_str().unwrap()]);
    assert_eq!(types("typed"), FEATURES);

    let unknown = ["feature-group", "create", "other", "--key", "id", "--like", &json, "--feature", "nmae:string"];
    let (_, said) = server.refusal(&unknown);
    assert!(said.contains("`nmae`"), "{said}");
    let (_, said) = server.refusal(&["feature-group", "create", "other", "--key", "id", "--like", "no.csv"]);
    assert!(said.contains("no.csv"), "{said}");
    assert!(server.terminate().success());
}

#[test]
fn of_several_files_the_one_with_the_bad_value_is_named() {
    let temporary = tempfile::tempdir().unwrap();
    let server = Up::start(&temporary.path().join("data"), &[]);
    create(&server, "rows", &FEATURES);
    let path = |name: &str| temporary.path().join(name).display().to_string();
    std::fs::write(path("good.csv"), CSV).unwrap();
    std::fs::write(path("bad.csv"), "id,x\n3,1\n4,2\n5,five\n").unwrap();
    std::fs::write(path("null.csv"), "id,x\n6,1\n,2\n").unwrap();
    let (code, said) = server.refusal(&["feature-group", "insert", "rows", &path("good.csv"), &path("bad.csv")]);
    assert!(code == 2 && said.contains("bad.csv: ") && said.contains("`x`") && said.contains("row 2"), "{said}");
    assert!(!said.contains("good.csv"), "{said}");
    let (_, said) = server.refusal(&["feature-group", "insert", "rows", &path("good.csv"), &path("null.csv")]);
    assert!(said.contains("null.csv: ") && said.contains("`id`"), "{said}");
    // One file is named once.
    let (_, said) = server.refusal(&["feature-group", "insert", "rows", &path("bad.csv")]);
    assert_eq!(said.matches("bad.csv").count(), 1, "{said}");
    assert!(server.terminate().success());
}

#[test]
fn columns_are_checked_also_where_there_are_no_rows() {
    let temporary = tempfile::tempdir().unwrap();
    let server = Up::start(&temporary.path().join("data"), &[]);
    create(&server, "rows", &FEATURES);
    let unknown = server.pipe(&["feature-group", "insert", "rows", "-", "--as", "csv"], "id,names\n");
    let said = String::from_utf8_lossy(&unknown.stderr);
    assert!(
        unknown.status.code() == Some(2) && said.contains("`names`") && said.contains("did you mean `name`?"),
        "{said}"
    );
    let known = server.pipe(&["feature-group", "insert", "rows", "-", "--as", "csv"], "id,name\n");
    assert!(known.status.success(), "no rows are no error: {}", String::from_utf8_lossy(&known.stderr));
    assert!(server.terminate().success());
}
