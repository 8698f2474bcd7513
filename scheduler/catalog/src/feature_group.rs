//! Verbs on feature groups.

use mangonel_proto::{Result, names::Principal, v1::FeatureGroup};

use crate::catalog::{Catalog, Versioned};

impl Catalog {
    /// Creates a version in the principal's project; version 0 takes the one after the latest. Format, project and version are set
    /// here; id, owner, times and location (relative to the warehouse) too when empty.
    ///
    /// # Errors
    /// `already_exists`, `not_found` (project), `invalid_argument`, `permission_denied`, `unavailable`.
    pub async fn create_feature_group(
        &self,
        principal: &Principal,
        group: FeatureGroup,
    ) -> Result<Versioned<FeatureGroup>> {
        let description = group.description.clone();
        self.create_version(principal, group, &description).await
    }

    /// One version; 0 is the latest.
    ///
    /// # Errors
    /// `not_found` (`FeaturegroupNotFound`) with similar names or the versions that there are, `invalid_argument`,
    /// `permission_denied`, `unavailable`.
    pub async fn get_feature_group(
        &self,
        principal: &Principal,
        name: &str,
        version: u32,
    ) -> Result<Versioned<FeatureGroup>> {
        self.get_version(principal, name, version).await
    }

    /// All versions of `name`, or of every group when it is empty, by name and version, and the revision that they were read at.
    ///
    /// # Errors
    /// `invalid_argument` (name), `permission_denied`, `unavailable`.
    pub async fn list_feature_groups(
        &self,
        principal: &Principal,
        name: &str,
    ) -> Result<(Vec<Versioned<FeatureGroup>>, i64)> {
        self.list_versions(principal, name).await
    }

    /// Replaces a version by what it was changed to, if nobody else has changed it since it was read.
    ///
    /// # Errors
    /// `conflict` when somebody has, `invalid_argument`, `permission_denied`, `unavailable`.
    pub async fn update_feature_group(
        &self,
        principal: &Principal,
        group: &Versioned<FeatureGroup>,
    ) -> Result<Versioned<FeatureGroup>> {
        self.update_version(principal, group).await
    }

    /// Deletes a version, if nobody has changed it since it was read. Its table is not touched.
    ///
    /// # Errors
    /// `conflict` when somebody has, `invalid_argument`, `permission_denied`, `unavailable`.
    pub async fn delete_feature_group(&self, principal: &Principal, group: &Versioned<FeatureGroup>) -> Result<()> {
        self.delete_version(principal, group).await
    }
}
