//! What was deleted, for those who remove its files; and who may remove files at all.

use mangonel_proto::{
    Result,
    names::Principal,
    v1::{FeatureGroup, TrainingDataset},
};

use crate::{
    access::{Action, EntityKind},
    catalog::{Catalog, all},
    keys::{self, ProjectKeys},
    record::{Retired, VersionRecord, decode},
};

/// The last deletion at one name and version, which may have been created again since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deletion {
    pub name: String,
    pub version: u32,
    /// In milliseconds since 1970 UTC; 0 where a release that kept no times deleted it.
    pub deleted_ms: i64,
}

impl Catalog {
    /// Whether the principal may remove files that nobody needs any more, whatever project they were of.
    ///
    /// # Errors
    /// `permission_denied`.
    pub fn may_clean(&self, principal: &Principal) -> Result<()> {
        self.allow_across(principal, Action::Clean, EntityKind::Project)
    }

    /// Feature groups of the principal's project that were deleted.
    ///
    /// # Errors
    /// `permission_denied`, `unavailable`.
    pub async fn list_deleted_feature_groups(&self, principal: &Principal) -> Result<Vec<Deletion>> {
        self.list_deleted::<FeatureGroup>(principal).await
    }

    /// Training datasets of the principal's project that were deleted.
    ///
    /// # Errors
    /// `permission_denied`, `unavailable`.
    pub async fn list_deleted_training_datasets(&self, principal: &Principal) -> Result<Vec<Deletion>> {
        self.list_deleted::<TrainingDataset>(principal).await
    }

    async fn list_deleted<T: VersionRecord>(&self, principal: &Principal) -> Result<Vec<Deletion>> {
        self.allow(principal, Action::Read, T::KIND, "")?;
        let prefix = ProjectKeys::new(&principal.project)?.all_retired(T::FOLDER);
        let (entries, _) = self.list(all(&prefix)).await?;
        let deletions = entries.iter().filter_map(|entry| {
            let (name, version) = keys::retired_version(&prefix, &entry.key)?;
            let deletion =
                |retired: Retired| Deletion { name: name.to_owned(), version, deleted_ms: retired.deleted_ms };
            Some(decode(entry).map(deletion))
        });
        deletions.collect()
    }
}
