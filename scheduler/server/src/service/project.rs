//! Projects: create and list.

use mangonel_proto::{ErrorCode, Result, names::Principal, v1};

use super::FeatureStore;
use crate::conversions::now_ms;

impl FeatureStore {
    /// # Errors
    /// `already_exists`, or `invalid_argument` for the name.
    pub(crate) async fn create_project(&self, who: &Principal, request: v1::CreateProject) -> Result<v1::Project> {
        let project = v1::Project {
            format: 1,
            name: request.name,
            description: request.description,
            owner: who.name.clone(),
            created_ms: now_ms(),
        };
        Ok(self.catalog.create_project(who, project).await?.value)
    }

    /// Creates the caller's project on its first write, so that a laptop needs no ceremony.
    pub(super) async fn ensure_project(&self, who: &Principal) -> Result<()> {
        match self.catalog.get_project(who, &who.project).await {
            Err(error) if error.code == ErrorCode::NotFound => {}
            found => return found.map(drop),
        }
        let request = v1::CreateProject { name: who.project.clone(), ..Default::default() };
        match self.create_project(who, request).await {
            Err(error) if error.code == ErrorCode::AlreadyExists => Ok(()),
            created => created.map(drop),
        }
    }

    /// # Errors
    /// `unavailable` without a catalog.
    pub(crate) async fn list_projects(&self, who: &Principal) -> Result<v1::ProjectList> {
        Ok(v1::ProjectList { projects: self.catalog.list_projects(who).await?.into_iter().map(|p| p.value).collect() })
    }
}
