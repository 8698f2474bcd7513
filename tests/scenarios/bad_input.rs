//! What a user can get wrong on the command line is refused before any work, with the reason and an exit code.

use std::path::Path;

use crate::harness::{process::Up, table};

/// A server with a few small groups, and a folder for files.
struct Shop {
    server: Up,
    folder: tempfile::TempDir,
}

impl Shop {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Up::start(&folder.path().join("data"), &[]);
        let shop = Self { server, folder };
        for (name, key, feature) in [
            ("teams", "id", "x:double"),
            ("homes", "id", "size:double"),
            ("guests", "id", "size:double"),
            ("islands", "island", "y:long"),
        ] {
            let key_feature = format!("{key}:long");
            let create =
                ["feature-group", "create", name, "--key", key, "--feature", &key_feature, "--feature", feature];
            shop.server.answer(&create);
        }
        shop
    }

    fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    }

    /// Inserting a file into `teams` must fail, for bad input, in a sentence that names all of `expected`.
    #[track_caller]
    fn refuses_file(&self, name: &str, bytes: &[u8], expected: &[&str]) {
        let path = self.file(name, bytes);
        self.refuses(2, &["feature-group", "insert", "teams", &path], expected);
    }

    #[track_caller]
    fn refuses(&self, code: i32, arguments: &[&str], expected: &[&str]) {
        let (found, said) = self.server.refusal(arguments);
        assert!(found == code && said.contains("error: "), "exit code {found}: {said}");
        assert!(said.len() < 2000, "{} bytes: {said}", said.len());
        for expected in expected {
            assert!(said.contains(expected), "no `{expected}` in {said}");
        }
    }
}

fn parquet(text: &str) -> Vec<u8> {
    let rows = table(text);
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, rows.schema(), None).unwrap();
    writer.write(&rows).unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn bad_input_is_refused_with_the_reason() {
    let shop = Shop::open();
    // Requests, for a table and for a training dataset.
    for (features, code, expected) in [
        ("sizes", 3, &["`sizes`", "size"][..]),
        ("size", 2, &["homes_1.size", "guests_1.size"]),
        ("x,y", 2, &["teams_1", "islands_1"]),
    ] {
        let names: Vec<&str> = features.split(',').collect();
        shop.refuses(code, &[&["features"], &names[..]].concat(), expected);
        shop.refuses(code, &["training-dataset", "create", "d", "--features", features], expected);
    }
    // Columns.
    shop.refuses_file("type.parquet", &parquet("id:long | x:string\n 1 | a"), &["`x`", "string", "double"]);
    shop.refuses_file("key.csv", b"x\n1\n", &["`id`", "missing"]);
    shop.refuses_file("twice.csv", b"id,id,x\n1,2,3\n", &["`id`", "twice"]);
    shop.refuses_file("case.csv", b"id,x,X\n1,2,3\n", &["X"]);
    shop.refuses_file("other.csv", b"id,z\n1,2\n", &["`z`"]);
    // Files.
    let whole = parquet("id:long | x:double\n 1 | 2.0\n 3 | 4.0");
    for bytes in [0, 1, 4, 12, whole.len() / 2, whole.len() - 1] {
        shop.refuses_file("cut.parquet", &whole[..bytes], &["cut.parquet"]);
    }
    shop.refuses_file("none.csv", b"", &["none.csv", "empty"]);
    shop.refuses_file("open.csv", b"id,x\n1,2\n\"3,4\n5,6\n", &["open.csv", "line 3"]);
    shop.refuses_file("closed.csv", b"id,x\n1,2\n3,4\n\"5\",6,\"7\n8\"\n", &["closed.csv", "line 4"]);
    shop.refuses_file("late.csv", &ragged_at(20_000), &["late.csv", "line 20000"]);
    // Names.
    let long = "n".repeat(5000);
    for name in ["..", "../x", "a/b", "a'b", "a\"b", "A", &long] {
        let shown: String = name.chars().take(20).flat_map(char::escape_default).collect();
        let create = ["feature-group", "create", name, "--key", "id", "--feature", "id:long"];
        shop.refuses(2, &create, &[&shown]);
        shop.refuses(2, &["training-dataset", "create", name, "--features", "x"], &[&shown]);
        shop.refuses(2, &["project", "create", name], &[&shown]);
        shop.refuses(2, &["--project", name, "feature-group", "list"], &[&shown]);
    }
    // Keys, versions that exist.
    for keys in [&["--key", "price"][..], &["--key", "id", "--key", "price"]] {
        let create = ["feature-group", "create", "priced", "--feature", "id:long", "--feature", "price:double"];
        shop.refuses(2, &[&create[..], keys].concat(), &["`price`", "double"]);
    }
    let floats = shop.file("floats.parquet", &parquet("price:float | x:long\n 1.5 | 1"));
    shop.refuses(2, &["feature-group", "create", "priced", "--key", "price", "--like", &floats], &["`price`", "float"]);
    let again = ["feature-group", "create", "teams", "--fg-version", "1", "--key", "id", "--feature", "id:long"];
    shop.refuses(4, &again, &["teams"]);
    let dataset = ["training-dataset", "create", "d", "--td-version", "1", "--features", "x", "--shards", "1"];
    shop.server.answer(&dataset);
    shop.refuses(4, &dataset, &["d"]);

    assert_nothing_came_of_it(&shop);
}

/// A CSV file whose line `line` (the first is 1) has a field too many.
fn ragged_at(line: usize) -> Vec<u8> {
    let rows = (2..=line).map(|row| if row == line { "1,2,3\n".to_owned() } else { format!("{row},2\n") });
    format!("id,x\n{}", rows.collect::<String>()).into_bytes()
}

#[track_caller]
fn assert_nothing_came_of_it(shop: &Shop) {
    let groups = shop.server.answer(&["feature-group", "list", "--output", "csv"]);
    assert_eq!(groups.lines().count(), 5, "{groups}");
    let datasets = shop.server.answer(&["training-dataset", "list", "--output", "csv"]);
    assert_eq!(datasets.lines().count(), 2, "{datasets}");
    let rows = shop.server.answer(&["features", "id", "x", "--output", "csv"]);
    assert_eq!(rows.lines().count(), 1, "{rows}");
    assert!(!Path::new("/x").exists());
}
