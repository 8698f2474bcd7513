//! Inserts from files that the server reads: only below the folders that its operator allows, wherever links point to.

use std::{os::unix::fs::symlink, path::Path};

use mangonel_proto::{ErrorCode, v1};
use parquet::arrow::ArrowWriter;

use crate::harness::{Sandbox, group, on_every_engine, process::Up, table};

fn held(server: &Up, group: &str) -> Vec<String> {
    let rows = server.answer(&["feature-group", "preview", group, "--output", "csv"]);
    let mut rows: Vec<String> = rows.lines().skip(1).map(str::to_owned).collect();
    rows.sort();
    rows
}

fn write(path: &Path, bytes: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn files_below_a_root_are_read_and_no_others() {
    let temporary = tempfile::tempdir().unwrap();
    let (root, outside) = (temporary.path().join("imports"), temporary.path().join("outside"));
    let rows = table("id:long | x:double\n 1 | 1.5\n 2 | 2.5");
    let mut parquet = ArrowWriter::try_new(Vec::new(), rows.schema(), None).unwrap();
    parquet.write(&rows).unwrap();
    write(&root.join("2026/a.parquet"), parquet.into_inner().unwrap());
    write(&root.join("2026/b.csv"), "id,x\n3,NA\n");
    write(&root.join("2026/deep/c.jsonl"), "{\"id\": 4, \"x\": 4.5}\n");
    write(&root.join("semicolons.txt"), "id;x\n5;5.5\n");
    write(&root.join("bad.csv"), "id,x\n6,1\n7,seven\n");
    write(&root.join("others.csv"), "id,z\n");
    write(&outside.join("secret.csv"), "id,x\n9,9\n");
    symlink(outside.join("secret.csv"), root.join("link.csv")).unwrap();
    symlink(&outside, root.join("folder")).unwrap();
    symlink(root.join("2026/b.csv"), root.join("inside.csv")).unwrap();

    let server = Up::start(&temporary.path().join("data"), &["--import-root", root.to_str().unwrap()]);
    let create = |name: &str| {
        server.answer(&[
            "feature-group",
            "create",
            name,
            "--key",
            "id",
            "--feature",
            "id:long",
            "--feature",
            "x:double",
        ]);
    };
    create("rows");
    let path = |name: &str| root.join(name).display().to_string();
    let insert = |pattern: &str, more: &[&str]| {
        let arguments = ["feature-group", "insert", "rows", "--mode", "overwrite", "--server-files", pattern];
        server.answer(&[&arguments[..], more].concat())
    };
    insert(&path("2026/**/*"), &["--null", "NA"]);
    assert_eq!(held(&server, "rows"), ["1,1.5", "2,2.5", "3,", "4,4.5"]);
    insert("2026/*.parquet", &[]);
    assert_eq!(held(&server, "rows"), ["1,1.5", "2,2.5"]);
    insert(&path("semicolons.txt"), &["--as", "csv", "--delimiter", ";"]);
    assert_eq!(held(&server, "rows"), ["5,5.5"]);
    insert("inside.csv", &["--null", "NA"]);
    assert_eq!(held(&server, "rows"), ["3,"]);

    let refused = |patterns: &[&str], expected: &[&str]| {
        let files: Vec<&str> = patterns.iter().flat_map(|pattern| ["--server-files", pattern]).collect();
        let (_, said) = server.refusal(&[&["feature-group", "insert", "rows"], &files[..]].concat());
        for expected in expected {
            assert!(said.contains(expected), "no `{expected}` in {said}");
        }
    };
    let secret = outside.join("secret.csv").display().to_string();
    refused(
        &[&secret, "../outside/secret.csv", &path("2026/../../outside/secret.csv"), "s3://bucket/x.csv", "/etc/passwd"],
        &["5 problems", "below no import root", "`..` is not allowed", "s3://bucket/x.csv"],
    );
    refused(&["link.csv"], &["link that leaves the import root"]);
    refused(&["folder/secret.csv"], &["link that leaves the import root"]);
    refused(&["folder/*.csv"], &["no file on the server is like"]);
    refused(&["*.parquet", "none.csv", "2026"], &["3 problems", "`none.csv` is no file"]);
    refused(&["semicolons.txt"], &["semicolons.txt", ".csv"]);
    // Rows are named by file, columns too where there are no rows.
    refused(&["2026/a.parquet", "bad.csv"], &["bad.csv: ", "`x`", "row 1"]);
    refused(&["others.csv"], &["`z`", "is not in the feature group"]);
    assert_eq!(held(&server, "rows"), ["3,"], "what was refused changed nothing");
    assert!(server.terminate().success());

    let none = Up::start(&temporary.path().join("data"), &[]);
    let said = none.refusal(&["feature-group", "insert", "rows", "--server-files", &path("2026/b.csv")]).1;
    assert!(said.contains("--import-root"), "{said}");
    assert!(none.terminate().success());
}

on_every_engine!(a_server_without_roots_reads_nothing);

async fn a_server_without_roots_reads_nothing(sandbox: &Sandbox) {
    sandbox.create(group("rows", "id", "id:long")).await;
    let begin = v1::BeginInsert {
        feature_group: "rows".into(),
        mode: v1::InsertMode::Append.into(),
        sources: vec!["/etc/passwd".into()],
        ..Default::default()
    };
    let refused = sandbox.client().begin_insert(begin).await.map(|_| ()).unwrap_err();
    assert_eq!(refused.code, ErrorCode::PermissionDenied, "{refused}");
}
