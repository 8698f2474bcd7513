//! The description file: which files become which feature groups, and the training dataset to build from them.

use std::{collections::BTreeMap, io::ErrorKind, path::Path};

use mangonel_proto::{Error, Result, v1};
use mangonel_storage::files::{Dialect, Reading};
use serde::Deserialize;

/// Name of the description in a folder of data.
pub(crate) const FILE_NAME: &str = "mangonel.toml";
const FOOTBALL: &str = include_str!("football.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Description {
    pub project: String,
    pub feature_group: Vec<GroupDescription>,
    pub training_dataset: DatasetDescription,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupDescription {
    pub name: String,
    #[serde(default)]
    pub description: String,
    /// File in the folder.
    pub file: String,
    pub primary_key: Vec<String>,
    #[serde(default)]
    pub event_time: String,
    /// Texts that mean null, beside the empty field.
    #[serde(default)]
    pub nulls: Vec<String>,
    /// Character between values, where it is not the one of the ending.
    #[serde(default)]
    pub delimiter: String,
    pub features: BTreeMap<String, FeatureDescription>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FeatureDescription {
    pub r#type: String,
    #[serde(default)]
    pub description: String,
    /// Name of the column in the file; that of the feature unless given.
    #[serde(default)]
    pub column: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DatasetDescription {
    pub name: String,
    #[serde(default)]
    pub description: String,
    pub features: Vec<String>,
    #[serde(default)]
    pub labels: Vec<String>,
    #[serde(default)]
    pub root: String,
    #[serde(default)]
    pub join_type: JoinName,
    #[serde(default)]
    pub null_policy: NullName,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum JoinName {
    #[default]
    Inner,
    Left,
}

#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NullName {
    #[default]
    Error,
    Default,
    Omit,
}

impl Description {
    /// The description in `file`, else that in the folder of the data, else that of the football results where there are
    /// `results.csv` and `goalscorers.csv`; `None` where nobody describes the folder.
    ///
    /// # Errors
    /// `invalid_argument` with file and line of what is wrong, or all files that are missing.
    pub(crate) fn find(folder: &Path, file: Option<&Path>) -> Result<Option<Self>> {
        let in_folder = folder.join(FILE_NAME);
        let path = file.unwrap_or(&in_folder);
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if file.is_some() || error.kind() != ErrorKind::NotFound => {
                return Err(Error::invalid(format!("{}: {error}", path.display())));
            }
            Err(_) if folder.join("results.csv").exists() && folder.join("goalscorers.csv").exists() => FOOTBALL.into(),
            Err(_) => return Ok(None),
        };
        let description: Self =
            toml::from_str(&text).map_err(|error| Error::invalid(format!("{}: {error}", path.display())))?;
        let missing = description.feature_group.iter().filter(|group| !folder.join(&group.file).exists());
        let missing = missing.map(|group| Error::invalid(format!("{} is missing", folder.join(&group.file).display())));
        let mut problems: Vec<Error> = missing.collect();
        let delimiters = description.feature_group.iter().filter(|group| group.delimiter.len() > 1);
        problems.extend(delimiters.map(|group| {
            let message = format!("the delimiter of `{}` must be one character of ASCII", group.name);
            Error::invalid(format!("{}: {message}", path.display()))
        }));
        Error::all(problems)?;
        Ok(Some(description))
    }

    /// As it stands in a file.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("project = {}\n", quoted(&self.project));
        for group in &self.feature_group {
            text += "\n[[feature_group]]\n";
            text += &format!("name = {}\nfile = {}\n", quoted(&group.name), quoted(&group.file));
            text += &format!("primary_key = {}\n", list(&group.primary_key));
            if !group.event_time.is_empty() {
                text += &format!("event_time = {}\n", quoted(&group.event_time));
            }
            if !group.nulls.is_empty() {
                text += &format!("nulls = {}\n", list(&group.nulls));
            }
            if !group.delimiter.is_empty() {
                text += &format!("delimiter = {}\n", quoted(&group.delimiter));
            }
            text += "[feature_group.features]\n";
            for (name, feature) in &group.features {
                text += &format!("{name} = {{ type = {}", quoted(&feature.r#type));
                if !feature.column.is_empty() {
                    text += &format!(", column = {}", quoted(&feature.column));
                }
                text += " }\n";
            }
        }
        let dataset = &self.training_dataset;
        text += &format!("\n[training_dataset]\nname = {}\nfeatures = [\n", quoted(&dataset.name));
        dataset.features.iter().for_each(|feature| text += &format!("    {},\n", quoted(feature)));
        text += &format!("]\nlabels = {}\nroot = {}\n", list(&dataset.labels), quoted(&dataset.root));
        let join_type = match dataset.join_type {
            JoinName::Inner => "inner",
            JoinName::Left => "left",
        };
        let null_policy = match dataset.null_policy {
            NullName::Error => "error",
            NullName::Default => "default",
            NullName::Omit => "omit",
        };
        text + &format!("join_type = \"{join_type}\"\nnull_policy = \"{null_policy}\"\n")
    }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

fn list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
}

impl GroupDescription {
    pub(crate) fn create(&self) -> v1::CreateFeatureGroup {
        let features = self.features.iter().map(|(name, feature)| v1::Feature {
            name: name.clone(),
            r#type: feature.r#type.clone(),
            description: feature.description.clone(),
            nullable: true,
            fixed_length: 0,
        });
        v1::CreateFeatureGroup {
            name: self.name.clone(),
            version: 1,
            description: self.description.clone(),
            features: features.collect(),
            primary_key: self.primary_key.clone(),
            event_time: self.event_time.clone(),
            ..Default::default()
        }
    }

    /// How its file is read.
    pub(crate) fn reading(&self) -> Reading {
        let delimiter = self.delimiter.bytes().next();
        let dialect = Dialect { nulls: self.nulls.clone(), delimiter, ..Dialect::default() };
        Reading { dialect, renames: self.renames(), ..Reading::default() }
    }

    /// Column in the file -> feature, where they differ.
    fn renames(&self) -> BTreeMap<String, String> {
        let renamed = self.features.iter().filter(|(_, feature)| !feature.column.is_empty());
        renamed.map(|(name, feature)| (feature.column.clone(), name.clone())).collect()
    }
}

impl DatasetDescription {
    pub(crate) fn create(&self, shards: u32) -> v1::CreateTrainingDataset {
        let join_type = match self.join_type {
            JoinName::Inner => v1::JoinType::Inner,
            JoinName::Left => v1::JoinType::Left,
        };
        let null_policy = match self.null_policy {
            NullName::Error => v1::NullPolicy::Error,
            NullName::Default => v1::NullPolicy::Default,
            NullName::Omit => v1::NullPolicy::Omit,
        };
        v1::CreateTrainingDataset {
            name: self.name.clone(),
            description: self.description.clone(),
            source: Some(v1::FeatureRequest {
                features: self.features.clone(),
                join_type: join_type.into(),
                root: self.root.clone(),
                ..Default::default()
            }),
            labels: self.labels.clone(),
            data_format: v1::DataFormat::Tfrecord.into(),
            shards,
            null_policy: null_policy.into(),
            ..Default::default()
        }
    }
}
