//! The walls of the house: who may depend on whom, under which licences, that generated code is current, and that every
//! file says what it is for. Links nothing of ours.
#![allow(clippy::unwrap_used, reason = "tests: a panic is the report")]

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

/// Each crate and those of ours that it may depend on, directly or through others. A new arrow is a visible decision: it changes
/// this table.
const WALLS: &[(&str, &[&str])] = &[
    ("mangonel-proto", &[]),
    ("mangonel-proto-codegen", &[]),
    ("mangonel-tfrecord", &[]),
    ("mangonel-storage", &["mangonel-proto", "mangonel-tfrecord"]),
    ("mangonel-operators", &["mangonel-proto", "mangonel-tfrecord", "mangonel-storage"]),
    ("mangonel-executor", &["mangonel-proto", "mangonel-tfrecord", "mangonel-storage", "mangonel-operators"]),
    ("mangonel-catalog", &["mangonel-proto"]),
    ("mangonel-planner", &["mangonel-proto"]),
    (
        "mangonel-scheduler",
        &[
            "mangonel-proto",
            "mangonel-tfrecord",
            "mangonel-storage",
            "mangonel-operators",
            "mangonel-catalog",
            "mangonel-planner",
        ],
    ),
    ("mangonel-client", &["mangonel-proto"]),
    ("mangonel-generator", &[]),
];

/// Those that may use every crate: the binary, which is where servers and clients meet, and what tests and measures them.
const ABOVE_ALL: &[&str] = &["mangonel", "mangonel-tests", "mangonel-benchmarks"];

/// Crates of others that a crate must not know, also not through others.
const STRANGERS: &[(&str, &[&str])] = &[
    ("mangonel-proto", &["arrow", "arrow-array", "datafusion", "tokio", "deltalake-core"]),
    ("mangonel-tfrecord", &["datafusion", "tokio", "object_store", "deltalake-core"]),
    ("mangonel-planner", &["datafusion", "tokio", "object_store", "arrow", "chrono"]),
    ("mangonel-catalog", &["arrow", "datafusion", "deltalake-core", "parquet"]),
    ("mangonel-client", &["datafusion", "deltalake-core", "rusqlite", "etcd-client"]),
    ("mangonel-generator", &["datafusion", "deltalake-core"]),
];

/// Licences that what we ship may be under, as SPDX names them.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "bzip2-1.0.6",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(arguments).current_dir(root()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {}: {said}", arguments.join(" "));
    String::from_utf8(output.stdout).unwrap()
}

/// Every package of the lock file as this platform builds it, and what it depends on.
struct Packages {
    name: BTreeMap<String, String>,
    licence: BTreeMap<String, String>,
    source: BTreeMap<String, String>,
    needs: BTreeMap<String, Vec<String>>,
    ours: Vec<String>,
}

impl Packages {
    fn read() -> Self {
        let host = cargo(&["-vV"]);
        let host = host.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        let metadata = cargo(&["metadata", "--locked", "--format-version", "1", "--filter-platform", host]);
        let metadata: Value = serde_json::from_str(&metadata).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let packages = metadata["packages"].as_array().unwrap();
        let property = |key: &str| packages.iter().map(|package| (text(&package["id"]), text(&package[key]))).collect();
        let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
        // What only builds or tests a crate is not part of it.
        let is_normal = |need: &&Value| need["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null());
        let needs = nodes.iter().map(|node| {
            let normal = node["deps"].as_array().unwrap().iter().filter(is_normal).map(|need| text(&need["pkg"]));
            (text(&node["id"]), normal.collect())
        });
        Self {
            name: property("name"),
            licence: property("license"),
            source: property("source"),
            needs: needs.collect(),
            ours: metadata["workspace_members"].as_array().unwrap().iter().map(text).collect(),
        }
    }

    /// Names of everything below a package.
    fn below(&self, id: &str) -> Vec<&str> {
        let mut seen = std::collections::BTreeSet::new();
        let mut waiting = vec![id];
        while let Some(next) = waiting.pop() {
            for need in &self.needs[next] {
                if seen.insert(need.as_str()) {
                    waiting.push(need);
                }
            }
        }
        seen.into_iter().map(|id| self.name[id].as_str()).collect()
    }
}

#[test]
fn no_crate_depends_on_one_below_it() {
    let packages = Packages::read();
    let ours: Vec<&str> = packages.ours.iter().map(|id| packages.name[id].as_str()).collect();
    let mut problems = Vec::new();
    for id in &packages.ours {
        let name = packages.name[id].as_str();
        if ABOVE_ALL.contains(&name) {
            continue;
        }
        let Some((_, allowed)) = WALLS.iter().find(|(known, _)| *known == name) else {
            problems.push(format!("{name} has no place in the house: add it to WALLS"));
            continue;
        };
        let below = packages.below(id);
        let odd = below.iter().filter(|need| ours.contains(need) && !allowed.contains(need));
        problems.extend(odd.map(|need| format!("{name} depends on {need}")));
        let strangers = STRANGERS.iter().find(|(known, _)| *known == name).map_or(&[][..], |(_, strangers)| strangers);
        problems
            .extend(below.iter().filter(|need| strangers.contains(need)).map(|need| format!("{name} knows {need}")));
    }
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn everything_that_we_ship_has_a_licence_that_we_accept() {
    let packages = Packages::read();
    let mut problems = Vec::new();
    for id in packages.needs.keys() {
        let (name, licence, source) = (&packages.name[id], &packages.licence[id], &packages.source[id]);
        if !is_accepted(licence) {
            problems.push(format!("{name}: `{licence}`"));
        }
        let is_ours = packages.ours.contains(id);
        if !is_ours && source != "registry+https://github.com/rust-lang/crates.io-index" {
            problems.push(format!("{name} comes from `{source}`"));
        }
    }
    assert!(problems.is_empty(), "not accepted: {problems:#?}");
}

/// `A OR B` needs one of them, `A AND B` both; `/` is an old spelling of OR. What cannot be read is not accepted.
fn is_accepted(licence: &str) -> bool {
    let tokens = licence.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let tokens: Vec<&str> = tokens.split_whitespace().collect();
    let mut rest = tokens.as_slice();
    any_of(&mut rest).is_some_and(|accepted| accepted && rest.is_empty())
}

fn any_of(tokens: &mut &[&str]) -> Option<bool> {
    let mut accepted = all_of(tokens)?;
    while let ["OR", rest @ ..] = tokens {
        *tokens = rest;
        accepted |= all_of(tokens)?;
    }
    Some(accepted)
}

fn all_of(tokens: &mut &[&str]) -> Option<bool> {
    let mut accepted = one(tokens)?;
    while let ["AND", rest @ ..] = tokens {
        *tokens = rest;
        accepted &= one(tokens)?;
    }
    Some(accepted)
}

fn one(tokens: &mut &[&str]) -> Option<bool> {
    let (name, rest) = tokens.split_first()?;
    *tokens = rest;
    if *name == "(" {
        let accepted = any_of(tokens)?;
        *tokens = tokens.strip_prefix(&[")"])?;
        return Some(accepted);
    }
    if let ["WITH", exception, rest @ ..] = tokens {
        *tokens = rest;
        return Some(LICENCES.contains(&format!("{name} WITH {exception}").as_str()));
    }
    Some(LICENCES.contains(name))
}

#[test]
fn licence_expressions_are_read_as_written() {
    for accepted in
        ["MIT", "MIT OR GPL-3.0", "Unlicense/MIT", "(GPL-3.0 OR MIT) AND ISC", "Apache-2.0 WITH LLVM-exception"]
    {
        assert!(is_accepted(accepted), "{accepted}");
    }
    for refused in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT", "MIT OR", "GPL-3.0 WITH Classpath-exception", "MIT MIT"] {
        assert!(!is_accepted(refused), "{refused}");
    }
}

#[test]
fn generated_code_is_current() {
    let said =
        cargo(&["run", "--release", "--locked", "--quiet", "--package", "mangonel-proto-codegen", "--", "--check"]);
    assert!(said.contains("up to date"), "{said}");
}

#[test]
fn every_source_file_says_what_it_is_for() {
    let mut files = Vec::new();
    for folder in ["proto", "executor", "scheduler", "client", "benchmarks", "tests"] {
        sources(&root().join(folder), &mut files);
    }
    assert!(files.len() > 100, "only {} files were found", files.len());
    let silent = files.iter().filter(|path| {
        let text = std::fs::read_to_string(path).unwrap();
        let said = text.lines().next().and_then(|line| line.strip_prefix("//! "));
        !path.components().any(|part| part.as_os_str() == "generated") && said.is_none_or(|said| !said.contains(' '))
    });
    let silent: Vec<&PathBuf> = silent.collect();
    assert!(silent.is_empty(), "these files do not open with `//!` and a sentence: {silent:#?}");
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap_or_default();
        if path.is_dir() && name != "target" && name != "node_modules" {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
