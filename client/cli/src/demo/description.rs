//! The description file: which CSV files become which feature groups, and the training dataset to build from them.

use std::{collections::BTreeMap, path::Path};

use mangonel_proto::{Error, Result, v1};
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
    /// The description in `folder`, or that of the football results where there are `results.csv` and `goalscorers.csv`.
    ///
    /// # Errors
    /// `invalid_argument` with file and line of what is wrong, or all files that are missing.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE_NAME);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(_) if folder.join("results.csv").exists() && folder.join("goalscorers.csv").exists() => FOOTBALL.into(),
            Err(error) => {
                return Err(Error::invalid(format!(
                    "{}: {error}. It names the feature groups in the folder's CSV files, their keys and event times",
                    path.display()
                )));
            }
        };
        let description: Self =
            toml::from_str(&text).map_err(|error| Error::invalid(format!("{}: {error}", path.display())))?;
        let missing = description.feature_group.iter().filter(|group| !folder.join(&group.file).exists());
        let missing = missing.map(|group| Error::invalid(format!("{} is missing", folder.join(&group.file).display())));
        Error::all(missing.collect())?;
        Ok(description)
    }
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

    /// Column in the file -> feature, where they differ.
    pub(crate) fn renames(&self) -> BTreeMap<String, String> {
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
