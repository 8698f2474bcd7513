//! Settings come from the command line, the environment, a file or their default, in this order; what is wrong with them is said
//! at once, with file and line, before anything starts.

use std::path::Path;

use serde_json::Value;

use crate::harness::process::mangonel_in;

/// The settings of a command line: value and origin, by name.
fn shown(folder: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> impl Fn(&str) -> (String, String) + use<> {
    let output = mangonel_in(folder, environment, arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    move |name| {
        let row = rows.iter().find(|row| row["setting"] == name).unwrap_or_else(|| panic!("no {name} in {rows:?}"));
        let values: Vec<&str> = row["values"].as_array().unwrap().iter().map(|value| value.as_str().unwrap()).collect();
        (values.join(","), format!("{} {}", row["from"].as_str().unwrap(), row["where"].as_str().unwrap()))
    }
}

/// Standard error of a command that must be refused as malformed.
#[track_caller]
fn refused(folder: &Path, environment: &[(&str, &str)], arguments: &[&str]) -> String {
    let output = mangonel_in(folder, environment, arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    said
}

#[test]
fn each_setting_comes_from_the_nearest_place_that_says_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = "project = \"from_file\"\noutput = \"json\"\n\n[up]\nmemory = \"3GiB\"\nthreads = 4\n\n[scheduler]\netcd = [\"a:1\", \"b:2\"]\n";
    std::fs::write(folder.path().join("mangonel.toml"), file).unwrap();
    let environment = [("MANGONEL_THREADS", "5"), ("MANGONEL_PROJECT", "from_environment"), ("MANGONEL_MEMORY", "")];
    let setting = shown(folder.path(), &environment, &["config", "show", "up", "--data-dir", "there"]);
    let expect = |name: &str, value: &str, from: &str| assert_eq!(setting(name), (value.into(), from.into()), "{name}");
    expect("up.data-dir", "there", "flag ");
    expect("up.threads", "5", "environment MANGONEL_THREADS");
    expect("project", "from_environment", "environment MANGONEL_PROJECT");
    expect("up.memory", "3GiB", "file mangonel.toml:5");
    expect("output", "json", "file mangonel.toml:2");
    expect("up.flight", "127.0.0.1:8815", "default ");
    expect("up.warehouse", "", "default ");

    // Without a command all servers are shown, and flags before `config` count.
    let setting = shown(folder.path(), &[], &["--server", "grpc://there:1", "config", "show"]);
    assert_eq!(setting("server"), ("grpc://there:1".into(), "flag ".into()));
    assert_eq!(setting("scheduler.etcd"), ("a:1,b:2".into(), "file mangonel.toml:9".into()));
    assert_eq!(setting("executor.work-dir"), ("mangonel-executor".into(), "default ".into()));
    let setting = shown(folder.path(), &[("MANGONEL_URL", "grpc://u:1")], &["config", "show"]);
    assert_eq!(setting("server"), ("grpc://u:1".into(), "environment MANGONEL_URL".into()));
    let table = mangonel_in(folder.path(), &[], &["config", "show", "up", "--output", "table"]);
    assert!(String::from_utf8_lossy(&table.stdout).contains("mangonel.toml:5"));

    // The file of the flag, that of the environment, that of the folder, that of the user.
    let named = folder.path().join("named.toml");
    std::fs::write(&named, "project = \"named\"\noutput = \"json\"\n").unwrap();
    let named = named.to_str().unwrap();
    let setting = shown(folder.path(), &[("MANGONEL_CONFIG", "none.toml")], &["--config", named, "config", "show"]);
    assert_eq!(setting("project").0, "named");
    assert_eq!(shown(folder.path(), &[("MANGONEL_CONFIG", named)], &["config", "show"])("project").0, "named");
    let empty = [("MANGONEL_CONFIG", "")];
    assert_eq!(shown(folder.path(), &empty, &["config", "show", "--output", "json"])("project").0, "default");
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(home.path().join(".config/mangonel")).unwrap();
    std::fs::write(home.path().join(".config/mangonel/config.toml"), "project = \"of_user\"\noutput = \"json\"\n")
        .unwrap();
    assert_eq!(shown(home.path(), &[], &["config", "show"])("project").0, "of_user");
    // A description of data for the demo is no settings file, whatever its name.
    std::fs::write(home.path().join("mangonel.toml"), "project = \"x\"\n[[feature_group]]\nname = \"a\"\n").unwrap();
    assert_eq!(shown(home.path(), &[], &["config", "show"])("project").0, "of_user");
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = "\
projet = \"football\"
output = \"xml\"
memory = \"1GiB\"
config = \"other.toml\"

[up]
memroy = \"3GiB\"
memory = true
threads = \"many\"
data-dir = 5
flight = \"nowhere\"
server = \"grpc://x:1\"

[schedular]
etcd = \"a:1\"

[training-dataset.create]
strict = \"yes\"
shards = 8
shard-size = \"1MiB\"
features = 7
";
    std::fs::write(folder.path().join("mangonel.toml"), file).unwrap();
    let environment =
        [("MANGONEL_BROADCAST_MAX", "much"), ("MANGONEL_MEMROY", "1GiB"), ("MANGONEL_SERVICE_HOST", "10.0.0.1")];
    let data = folder.path().join("data");
    let said = refused(folder.path(), &environment, &["up", "--data-dir", data.to_str().unwrap()]);
    for expected in [
        "mangonel.toml:1: `projet` is not known at the top: did you mean `project`?",
        "mangonel.toml:2: `output`: `xml`: must be one of table, json, csv",
        "mangonel.toml:3: `memory` belongs in the table of its command: [up] or [scheduler] or [executor]",
        "mangonel.toml:4: `config` cannot be in a settings file",
        "mangonel.toml:7: `memroy` is not known in [up]: did you mean `memory`?",
        "mangonel.toml:8: `memory`: takes a value, not true or false",
        "mangonel.toml:9: `threads`: `many`:",
        "mangonel.toml:10: `data-dir`: takes text: write it between quotes",
        "mangonel.toml:11: `flight`: `nowhere`:",
        "mangonel.toml:12: `server` is a flag of all commands",
        "mangonel.toml:14: `schedular` is not known at the top: did you mean `scheduler`?",
        "mangonel.toml:18: `strict`: takes true or false",
        "mangonel.toml:20: `shards` and `shard-size` exclude each other",
        "mangonel.toml:21: `features`: takes text",
        "MANGONEL_BROADCAST_MAX=much:",
        "MANGONEL_MEMROY is not known: did you mean MANGONEL_MEMORY?",
    ] {
        let swapped = expected.replace("`shards` and `shard-size`", "`shard-size` and `shards`");
        assert!(said.contains(expected) || said.contains(&swapped), "no `{expected}` in {said}");
    }
    assert!(said.starts_with("error: 16 problems:"), "{said}");
    assert!(!data.exists(), "nothing was started");

    std::fs::write(folder.path().join("mangonel.toml"), "project = \"x\nserver = 5\n[up\n").unwrap();
    assert!(refused(folder.path(), &[], &["status"]).contains("mangonel.toml:1:"));
    let none = refused(folder.path(), &[], &["--config", "none.toml", "status"]);
    assert!(none.contains("--config none.toml:"), "{none}");
    // Help needs no settings that are right.
    assert!(mangonel_in(folder.path(), &[], &["up", "--help"]).status.success());
}

#[test]
fn a_flag_overrules_what_excludes_it_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("mangonel.toml"), "[training-dataset.create]\nshards = 8\n").unwrap();
    let create = ["training-dataset", "create", "x", "--features", "a"];
    let with = |more: &[&'static str]| [&["config", "show"], &create[..], more].concat();
    let setting = shown(folder.path(), &[], &with(&["--shard-size", "1MiB", "--output", "json"]));
    assert_eq!(setting("training-dataset.create.shards"), ("0".into(), "default ".into()));
    assert_eq!(setting("training-dataset.create.shard-size"), ("1MiB".into(), "flag ".into()));
    let setting = shown(folder.path(), &[("MANGONEL_SHARD_SIZE", "2MiB")], &with(&["--output", "json"]));
    assert_eq!(setting("training-dataset.create.shards").1, "default ");
    let setting = shown(folder.path(), &[], &with(&["--output", "json"]));
    assert_eq!(setting("training-dataset.create.shards"), ("8".into(), "file mangonel.toml:2".into()));
}
