//! Where records are in the key-value store. The only file that builds keys or reads them; names are checked before they
//! become part of one.
//!
//! ```text
//! /mangonel/v1/projects/<project>/project                                         the project
//! /mangonel/v1/projects/<project>/feature_groups/<name>/<version>                 one version; %010, so that they sort
//! /mangonel/v1/projects/<project>/feature_groups/<name>/<version>/features/<n>    its features in chunks (%04), when long
//! /mangonel/v1/projects/<project>/training_datasets/<name>/<version>[/features/<n>]
//! /mangonel/v1/projects/<project>/retired/<folder>/<name>/<version>               a version was deleted here
//! /mangonel/v1/projects/<project>/runs/<run id>
//! ```

use mangonel_proto::{
    Result,
    names::{RunId, check_name},
};

use crate::access::EntityKind;

/// All projects.
pub(crate) const PROJECTS: &str = "/mangonel/v1/projects/";

/// Things that have versions, and the folder that they are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Folder {
    FeatureGroups,
    TrainingDatasets,
}

impl Folder {
    pub(crate) fn kind(self) -> EntityKind {
        match self {
            Self::FeatureGroups => EntityKind::FeatureGroup,
            Self::TrainingDatasets => EntityKind::TrainingDataset,
        }
    }
    fn segment(self) -> &'static str {
        match self {
            Self::FeatureGroups => "feature_groups",
            Self::TrainingDatasets => "training_datasets",
        }
    }
}

/// Keys of one project.
#[derive(Clone, Debug)]
pub(crate) struct ProjectKeys {
    prefix: String,
}

impl ProjectKeys {
    pub(crate) fn new(project: &str) -> Result<Self> {
        check_name("project", project)?;
        Ok(Self { prefix: format!("{PROJECTS}{project}/") })
    }

    /// Everything of the project.
    pub(crate) fn all(&self) -> &str {
        &self.prefix
    }
    pub(crate) fn project(&self) -> String {
        format!("{}project", self.prefix)
    }
    pub(crate) fn folder(&self, folder: Folder) -> String {
        format!("{}{}/", self.prefix, folder.segment())
    }
    /// All versions of one name.
    pub(crate) fn versions(&self, folder: Folder, name: &str) -> Result<String> {
        check_name(&folder.kind().to_string(), name)?;
        Ok(format!("{}{name}/", self.folder(folder)))
    }
    /// The record of a version; its feature chunks are the other keys with this prefix.
    pub(crate) fn version(&self, folder: Folder, name: &str, version: u32) -> Result<String> {
        Ok(format!("{}{version:010}", self.versions(folder, name)?))
    }
    pub(crate) fn retired(&self, folder: Folder, name: &str, version: u32) -> Result<String> {
        check_name(&folder.kind().to_string(), name)?;
        Ok(format!("{}{name}/{version:010}", self.all_retired(folder)))
    }
    pub(crate) fn all_retired(&self, folder: Folder) -> String {
        format!("{}retired/{}/", self.prefix, folder.segment())
    }
    pub(crate) fn runs(&self) -> String {
        format!("{}runs/", self.prefix)
    }
    pub(crate) fn run(&self, id: &str) -> Result<String> {
        Ok(format!("{}{}", self.runs(), RunId::parse(id)?))
    }
}

/// Name and version that a key of [`ProjectKeys::retired`] behind `prefix` is of.
pub(crate) fn retired_version<'a>(prefix: &str, key: &'a str) -> Option<(&'a str, u32)> {
    let (name, version) = key.strip_prefix(prefix)?.split_once('/')?;
    Some((name, version.parse().ok()?))
}

/// Prefix of the feature chunks of the version whose record is at `version`.
pub(crate) fn features_of(version: &str) -> String {
    format!("{version}/features/")
}

/// Chunk `number` of the features of the version whose record is at `version`.
pub(crate) fn features(version: &str, number: usize) -> String {
    format!("{}{number:04}", features_of(version))
}

/// The record that a feature chunk belongs to; `None` for a key that is no chunk.
pub(crate) fn record_of_features(key: &str) -> Option<&str> {
    key.split_once("/features/").map(|(record, _)| record)
}

/// First path segment of `key` behind `prefix`: the project behind [`PROJECTS`], the name behind a folder, the version
/// behind a name.
pub(crate) fn segment<'a>(prefix: &str, key: &'a str) -> Option<&'a str> {
    key.strip_prefix(prefix)?.split('/').next()
}

/// Greater than every key below `prefix` + `segment`, and less than what comes behind: `0` follows `/`.
pub(crate) fn behind(prefix: &str, segment: &str) -> String {
    format!("{prefix}{segment}0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_by_version_and_keep_names_apart() {
        let keys = ProjectKeys::new("world").unwrap();
        let version = |name, version| keys.version(Folder::FeatureGroups, name, version).unwrap();
        assert_eq!(version("teams", 2), "/mangonel/v1/projects/world/feature_groups/teams/0000000002");
        assert!(version("teams", 2) < features(&version("teams", 2), 0));
        assert!(features(&version("teams", 2), 9999) < version("teams", 10));
        assert!(version("teams", u32::MAX) < version("teams2", 1));
        assert!(!version("teams2", 1).starts_with(&keys.versions(Folder::FeatureGroups, "teams").unwrap()));
        assert_eq!(record_of_features(&features("x/1", 3)), Some("x/1"));
        assert_eq!(segment(PROJECTS, &keys.project()), Some("world"));
        let retired = keys.retired(Folder::FeatureGroups, "teams", 12).unwrap();
        assert_eq!(retired_version(&keys.all_retired(Folder::FeatureGroups), &retired), Some(("teams", 12)));
        assert_eq!(retired_version(&keys.all_retired(Folder::TrainingDatasets), &retired), None);
        let behind_world = behind(PROJECTS, "world");
        assert!(keys.runs() < behind_world && behind_world < ProjectKeys::new("world0").unwrap().project());
    }

    #[test]
    fn no_name_leaves_its_folder() {
        assert!(ProjectKeys::new("a/b").is_err() && ProjectKeys::new("").is_err());
        let keys = ProjectKeys::new("world").unwrap();
        for name in ["", "..", "a/b", "a/0000000001", "features/", "A"] {
            assert!(keys.version(Folder::FeatureGroups, name, 1).is_err(), "{name}");
            assert!(keys.retired(Folder::TrainingDatasets, name, 1).is_err(), "{name}");
            assert!(keys.run(&format!("{name}/")).is_err(), "{name}");
        }
    }
}
