//! `mangonel demo --data` works on files that nobody has described: it guesses types, keys and event times, says what it guessed,
//! and keeps it where it can be changed.

use std::{io::Write, path::Path, process::Output};

use flate2::{Compression, write::GzEncoder};
use parquet::arrow::ArrowWriter;

use crate::harness::{process::mangonel_in, table};

fn demo(folder: &Path, more: &[&str]) -> (Output, String) {
    let output = mangonel_in(folder, &[], &[&["demo", "--data", "raw", "--data-dir", "store"], more].concat());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, said)
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn files_of_several_kinds_become_groups_and_a_training_dataset() {
    let temporary = tempfile::tempdir().unwrap();
    let raw = temporary.path().join("raw");
    std::fs::create_dir(&raw).unwrap();
    let file = |name: &str, bytes: &[u8]| std::fs::write(raw.join(name), bytes).unwrap();
    file("teams.csv", "Team Name;team_id;city;budget\nA;1;X;1.5\nB;2;Y;NA\nC;3;X;3\n".as_bytes());
    file("attendances.csv.gz", &gzip("team_id,measured_at,seats\n1,2020-01-01,10\n1,2020-01-02,11\n2,2020-01-01,20\n"));
    file("games.jsonl", b"{\"game_id\": 7, \"team_id\": 1, \"day\": \"2020-01-03\", \"goals\": 3}\n{\"game_id\": 8, \"team_id\": 2, \"day\": \"2020-01-03\", \"goals\": 0}\n");
    file("zips.tsv", b"zip\tcounty\n00100\tp\n00200\tq\n");
    let cities = table("city:string | people:long\n X | 100\n Y | 200");
    let mut parquet = ArrowWriter::try_new(Vec::new(), cities.schema(), None).unwrap();
    parquet.write(&cities).unwrap();
    file("cities.parquet", &parquet.into_inner().unwrap());
    file("notes.txt", b"nothing of ours");

    let (output, said) = demo(temporary.path(), &["--shards", "1"]);
    assert!(output.status.success(), "{said}");
    for expected in [
        "teams.csv: feature group teams, 3 rows, 4 features, primary key team_id; taken for null: NA",
        "attendances.csv.gz: feature group attendances, 3 rows, 3 features, primary key team_id, event time measured_at",
        "games.jsonl: feature group games, 2 rows, 4 features, primary key game_id",
        "zips.tsv: feature group zips, 2 rows, 2 features, primary key zip",
        "cities.parquet: feature group cities, 2 rows, 2 features, primary key city",
        "left out, since the ending says no format: notes.txt",
        "wrote games_examples_1: 2 rows",
    ] {
        assert!(said.contains(expected), "no `{expected}` in {said}");
    }
    assert_eq!(std::fs::read_dir(&raw).unwrap().count(), 6, "nothing was written beside the data");
    let path = temporary.path().join("store/description.toml");
    let description = std::fs::read_to_string(&path).unwrap();
    for expected in [
        "zip = { type = \"string\" }",
        "day = { type = \"date\" }",
        "Team_Name = { type = \"string\", column = \"Team Name\" }",
        "budget = { type = \"double\" }",
        "delimiter = \";\"",
        "\"games_1.goals\"",
        "\"teams_1.budget\"",
        "\"cities_1.people\"",
        "root = \"games\"",
    ] {
        assert!(description.contains(expected), "no `{expected}` in {description}");
    }

    // Changed, and passed to another demo.
    let changed = description.replace("games_examples", "changed").replace("    \"games_1.day\",\n", "");
    std::fs::write(temporary.path().join("changed.toml"), changed).unwrap();
    let arguments = ["demo", "--data", "raw", "--data-dir", "again", "--description", "changed.toml"];
    let output = mangonel_in(temporary.path(), &[], &arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && said.contains("wrote changed_1: 2 rows"), "{said}");
}

#[test]
fn what_cannot_be_guessed_is_said_at_once_and_nothing_is_made() {
    let temporary = tempfile::tempdir().unwrap();
    let raw = temporary.path().join("raw");
    std::fs::create_dir(&raw).unwrap();
    let refused = |expected: &[&str]| {
        let (output, said) = demo(temporary.path(), &[]);
        assert_eq!(output.status.code(), Some(2), "{said}");
        for expected in expected {
            assert!(said.contains(expected), "no `{expected}` in {said}");
        }
        assert!(!temporary.path().join("store").exists(), "nothing was made");
    };
    refused(&["no file in raw ends in .csv"]);
    std::fs::write(raw.join("a.csv"), "x,y\n1,2\n1,2\n").unwrap();
    std::fs::write(raw.join("b.csv"), "x,y\n,2\n1,\n").unwrap();
    std::fs::write(raw.join("c.parquet"), "no Parquet").unwrap();
    std::fs::write(raw.join("d.csv"), "id\n1\n").unwrap();
    std::fs::write(raw.join("d.tsv"), "id\n1\n").unwrap();
    std::fs::write(raw.join("e.csv"), "id,x\n").unwrap();
    refused(&[
        "a.csv: no primary key was found: no single column tells all rows apart",
        "b.csv: no primary key was found: every column has nulls",
        "nor do x, y together; describe the files in mangonel.toml",
        "c.parquet",
        "d.csv and d.tsv would both be the feature group `d`",
        "e.csv: there are no rows in it",
    ]);
    let missing = mangonel_in(temporary.path(), &[], &["demo", "--data", "none", "--data-dir", "store"]);
    assert!(String::from_utf8_lossy(&missing.stderr).contains("none:"));
}
