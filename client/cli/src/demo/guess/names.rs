//! Names out of names of files and columns, which may hold anything.

use std::{
    collections::{BTreeMap, HashSet},
    path::{Path, PathBuf},
};

use mangonel_proto::{
    Error,
    names::{INTERNAL_PREFIX, NAME_BYTES_MAX, check_name, shown, split_version},
};

/// The feature group of a file: its name up to the first dot.
pub(super) fn group(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    valid(name.split('.').next().unwrap_or_default(), "data")
}

/// The project of a folder.
pub(super) fn project(folder: &Path) -> String {
    let folder = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    valid(&folder.file_name().unwrap_or_default().to_string_lossy(), "demo")
}

fn valid(text: &str, else_called: &str) -> String {
    let mut name: String = text.to_lowercase().chars().map(|char| if is_plain(char) { char } else { '_' }).collect();
    name = name.trim_matches('_').to_owned();
    if !name.starts_with(|char: char| char.is_ascii_lowercase()) {
        name = format!("{else_called}_{name}");
    }
    name.truncate(NAME_BYTES_MAX - 2);
    // What ends like a version would be read as one.
    if split_version(name.trim_end_matches('_')).is_some() {
        name = name.trim_end_matches('_').to_owned() + "_x";
    }
    let name = name.trim_matches('_').to_owned();
    if check_name("feature group", &name).is_ok() { name } else { else_called.to_owned() }
}

fn is_plain(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_'
}

/// The features of columns, in order: other letters become `_`, and names that are alike then get a number.
pub(super) fn features(columns: &[&str]) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut names = Vec::with_capacity(columns.len());
    for column in columns {
        let mut name: String = column.trim().chars().map(|char| if is_plain(char) { char } else { '_' }).collect();
        if name.trim_matches('_').is_empty() || name.to_ascii_lowercase().starts_with(INTERNAL_PREFIX) {
            name = format!("column_{}", name.trim_matches('_'));
        }
        name.truncate(200);
        let mut unique = name.clone();
        for number in 2.. {
            if taken.insert(unique.to_ascii_lowercase()) {
                break;
            }
            unique = format!("{name}_{number}");
        }
        names.push(unique);
    }
    names
}

/// Files whose groups would have one name.
pub(super) fn clashes(files: &[(String, PathBuf)]) -> Vec<Error> {
    let mut by_name: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, path) in files {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        by_name.entry(name).or_default().push(shown(&file));
    }
    let alike = by_name.into_iter().filter(|(_, files)| files.len() > 1);
    let problems = alike.map(|(name, files)| {
        let files = files.join(" and ");
        Error::invalid(format!("{files} would both be the feature group `{name}`: rename or remove one")).named([name])
    });
    problems.collect()
}

pub(super) fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(['.', '_']))
}

/// How much a column is called like the key of a group: `id`, `team_id` of `teams`, `key` most, then whatever ends so.
pub(super) fn looks_like_key(group: &str, column: &str) -> Option<u8> {
    let column = column.trim().to_lowercase().replace([' ', '-', '.'], "_");
    let mut subjects = vec![group.to_owned()];
    for (plural, singular) in [("ies", "y"), ("es", "e"), ("es", ""), ("s", "")] {
        subjects.extend(group.strip_suffix(plural).map(|stem| format!("{stem}{singular}")));
    }
    let own = ["id", "key", "uuid", "code"];
    if own.contains(&column.as_str()) {
        return Some(0);
    }
    let of_subject = |subject: &String| {
        own.iter().any(|own| column == format!("{subject}_{own}") || column == format!("{subject}{own}"))
    };
    if subjects.iter().any(of_subject) {
        return Some(1);
    }
    own.iter().any(|own| column.ends_with(&format!("_{own}"))).then_some(2)
}
