//! Verbs on projects.

use mangonel_proto::{
    Error, Result,
    names::{DESCRIPTION_BYTES_MAX, Principal, check_name, shown},
    v1::Project,
};

use crate::{
    access::{Action, EntityKind},
    catalog::{Catalog, Versioned, now_ms},
    keys::{self, PROJECTS, ProjectKeys},
    record::{FORMAT, encode},
    store::{Range, Txn},
    suggest::{did_you_mean, similar},
};

impl Catalog {
    /// Creates a project. Format is set here, owner and creation time too when empty.
    ///
    /// # Errors
    /// `already_exists`, `invalid_argument` (name or description), `permission_denied`, `unavailable`.
    pub async fn create_project(&self, principal: &Principal, mut project: Project) -> Result<Versioned<Project>> {
        self.allow(principal, Action::Create, EntityKind::Project, &project.name)?;
        check_name("project", &project.name)?;
        if project.description.len() > DESCRIPTION_BYTES_MAX {
            return Err(Error::invalid(format!("description is longer than {DESCRIPTION_BYTES_MAX} bytes")));
        }
        project.format = FORMAT;
        if project.owner.is_empty() {
            project.owner.clone_from(&principal.name);
        }
        if project.created_ms == 0 {
            project.created_ms = now_ms();
        }
        let key = ProjectKeys::new(&project.name)?.project();
        let outcome = self.store.txn(Txn::new().when(&key, 0).put(&key, encode(&project)?)).await?;
        if !outcome.succeeded {
            let message = format!("project `{}` already exists", project.name);
            return Err(Error::already_exists(message).named([project.name]));
        }
        Ok(Versioned { value: project, revision: outcome.revision })
    }

    /// # Errors
    /// `not_found` with similar names, `invalid_argument` (name), `permission_denied`, `unavailable`.
    pub async fn get_project(&self, principal: &Principal, name: &str) -> Result<Versioned<Project>> {
        self.allow(principal, Action::Read, EntityKind::Project, name)?;
        self.existing_project(name).await
    }

    /// Projects by name.
    ///
    /// # Errors
    /// `permission_denied`, `unavailable`.
    pub async fn list_projects(&self, principal: &Principal) -> Result<Vec<Versioned<Project>>> {
        self.allow_across(principal, Action::Read, EntityKind::Project)?;
        let mut projects = Vec::new();
        for name in self.project_names().await? {
            if self.allow(principal, Action::Read, EntityKind::Project, &name).is_ok() {
                projects.extend(self.read(&ProjectKeys::new(&name)?.project()).await?);
            }
        }
        Ok(projects)
    }

    pub(crate) async fn existing_project(&self, name: &str) -> Result<Versioned<Project>> {
        let key = ProjectKeys::new(name)?.project();
        if let Some(project) = self.read(&key).await? {
            return Ok(project);
        }
        let similar = similar(name, self.project_names().await?);
        let message = format!("project `{}` not found{}", shown(name), did_you_mean(&similar));
        Err(Error::not_found(message).named([shown(name)]).named(similar))
    }

    /// Names of all projects, one small read each: what is in a project is skipped.
    pub(crate) async fn project_names(&self) -> Result<Vec<String>> {
        self.segments(PROJECTS, usize::MAX).await
    }

    /// First path segments below `prefix`, in order, at most `limit`.
    pub(crate) async fn segments(&self, prefix: &str, limit: usize) -> Result<Vec<String>> {
        let mut segments = Vec::new();
        let mut range = Range::new(prefix, 1).keys_only();
        while segments.len() < limit {
            let page = self.store.range(&range).await?;
            let Some(segment) = page.entries.first().and_then(|entry| keys::segment(prefix, &entry.key)) else {
                break;
            };
            range = range.after(keys::behind(prefix, segment));
            segments.push(segment.to_owned());
        }
        Ok(segments)
    }
}
