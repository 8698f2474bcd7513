//! A description for a folder of files that nobody has described: each file a feature group, its types, primary key and event
//! time as its rows look, and a training dataset of what joins. Everything that cannot be guessed is said at once.

mod dataset;
mod key;
mod names;
mod profile;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use mangonel_proto::{Error, Result};
use mangonel_storage::files::is_known;

use super::description::{Description, FILE_NAME, FeatureDescription, GroupDescription};
use crate::output::thousands;
use key::Key;
use profile::Profile;

/// A description that was guessed, and what to say of it.
pub(crate) struct Guess {
    pub description: Description,
    /// A line per file, and one for what was left out.
    pub lines: Vec<String>,
}

/// Looks at every file of `folder` that we read, to its end. Memory is bounded, whatever the files hold.
///
/// # Errors
/// `invalid_argument` with every file that cannot be read, is of a name that another one has, or has no key.
pub(crate) fn guess(folder: &Path) -> Result<Guess> {
    let (files, others) = files(folder)?;
    let mut problems = names::clashes(&files);
    let mut groups = Vec::new();
    for (name, file) in &files {
        match group(name, file) {
            Ok(group) => groups.push(group),
            Err(problem) => problems.push(problem),
        }
    }
    Error::all(problems)?;
    let mut lines: Vec<String> = groups.iter().map(Group::line).collect();
    if !others.is_empty() {
        lines.push(format!("left out, since the ending says no format: {}", others.join(", ")));
    }
    let training_dataset = dataset::guess(&groups);
    let feature_group = groups.into_iter().map(|group| group.description).collect();
    let description = Description { project: names::project(folder), feature_group, training_dataset };
    Ok(Guess { description, lines })
}

/// A file as a feature group.
struct Group {
    description: GroupDescription,
    rows: u64,
}

impl Group {
    fn line(&self) -> String {
        let group = &self.description;
        let mut line = format!(
            "{}: feature group {}, {} rows, {} features, primary key {}",
            group.file,
            group.name,
            thousands(self.rows),
            group.features.len(),
            group.primary_key.join(" and ")
        );
        if !group.event_time.is_empty() {
            line += &format!(", event time {}", group.event_time);
        }
        if !group.nulls.is_empty() {
            line += &format!("; taken for null: {}", group.nulls.join(", "));
        }
        line
    }
}

fn group(name: &str, file: &Path) -> Result<Group> {
    let profile = Profile::read(file)?;
    let Key { columns, event_time } = key::find(name, &profile)?;
    let features = names::features(&profile.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>());
    let described = profile.columns.iter().zip(&features).map(|(column, feature)| {
        let renamed = if column.name == *feature { String::new() } else { column.name.clone() };
        let described =
            FeatureDescription { r#type: column.feature_type.to_string(), description: String::new(), column: renamed };
        (feature.clone(), described)
    });
    let description = GroupDescription {
        name: name.to_owned(),
        description: String::new(),
        file: file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        primary_key: columns.iter().map(|column| features[*column].clone()).collect(),
        event_time: event_time.map(|column| features[column].clone()).unwrap_or_default(),
        nulls: profile.reading.dialect.nulls.clone(),
        delimiter: profile.reading.dialect.delimiter.map(|byte| char::from(byte).to_string()).unwrap_or_default(),
        features: described.collect::<BTreeMap<_, _>>(),
    };
    Ok(Group { description, rows: profile.rows })
}

/// A file and the name of the feature group that it becomes.
type NamedFile = (String, PathBuf);

/// The files of a folder that have an ending that we read, by the name of their group; and the names of the others.
fn files(folder: &Path) -> Result<(Vec<NamedFile>, Vec<String>)> {
    let entries =
        std::fs::read_dir(folder).map_err(|error| Error::invalid(format!("{}: {error}", folder.display())))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| !path.is_dir() && !names::is_hidden(path));
    paths.sort();
    let (known, others): (Vec<_>, Vec<_>) = paths.into_iter().partition(|path| is_known(path));
    if known.is_empty() {
        return Err(Error::invalid(format!(
            "no file in {} ends in .csv, .tsv or .jsonl (also with .gz or .zst), .parquet or .arrow, and there is no {FILE_NAME} \
             that describes others",
            folder.display()
        )));
    }
    let others = others.iter().map(|path| path.file_name().unwrap_or_default().to_string_lossy().into_owned());
    Ok((known.into_iter().map(|path| (names::group(&path), path)).collect(), others.collect()))
}
