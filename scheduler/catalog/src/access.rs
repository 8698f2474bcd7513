//! Who may do what. The one place that decides; every method of the catalog asks here first.

use std::fmt;

use mangonel_proto::{
    Error, ErrorCode, Result,
    names::{Principal, shown},
};

/// What somebody wants to do with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    Read,
    Create,
    Update,
    Delete,
    /// Read unfinished work of every project, to finish or undo it after a restart.
    Settle,
    /// Remove what nobody needs any more, in every project.
    Clean,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "change",
            Self::Delete => "delete",
            Self::Settle => "settle",
            Self::Clean => "clean",
        })
    }
}

/// Kinds of things in the catalog, in the words of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntityKind {
    Project,
    FeatureGroup,
    TrainingDataset,
    Run,
}

impl fmt::Display for EntityKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Project => "project",
            Self::FeatureGroup => "feature group",
            Self::TrainingDataset => "training dataset",
            Self::Run => "run",
        })
    }
}

/// What an action is about: one thing, or all things of a kind when `name` is empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource<'a> {
    pub project: &'a str,
    pub kind: EntityKind,
    pub name: &'a str,
}

impl fmt::Display for Resource<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name, self.project) {
            ("", "") => write!(f, "{}s of all projects", self.kind),
            ("", project) => write!(f, "{}s of project `{}`", self.kind, shown(project)),
            (name, _) => write!(f, "{} `{}`", self.kind, shown(name)),
        }
    }
}

/// Name of the principal that a server acts as on its own, for example to settle runs after a restart. Whoever makes principals
/// out of credentials must never let a client choose it.
const SYSTEM: &str = "system";
/// Name of the one user of an embedded server, see [`Principal::local`].
const LOCAL: &str = "local";

/// The server itself, in `project` (empty: across projects).
pub fn system(project: impl Into<String>) -> Principal {
    Principal { name: SYSTEM.into(), project: project.into() }
}

/// Decides about every access.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AccessPolicy {
    /// An embedded server: the local user may do everything in any project, nobody else anything.
    #[default]
    Local,
}

impl AccessPolicy {
    /// # Errors
    /// `unauthenticated` for a principal without a name, `permission_denied` for what the principal may not do.
    pub fn allow(&self, principal: &Principal, action: Action, resource: &Resource<'_>) -> Result<()> {
        let Self::Local = self;
        match (principal.name.as_str(), action) {
            (SYSTEM, _) => Ok(()),
            (LOCAL, Action::Read | Action::Create | Action::Update | Action::Delete | Action::Clean) => Ok(()),
            ("", _) => Err(Error::new(ErrorCode::Unauthenticated, "no user given: log in first")),
            (name, _) => {
                let message = format!("`{}` may not {action} {resource}", shown(name));
                Err(Error::new(ErrorCode::PermissionDenied, message).named([shown(name)]))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_server_itself_settles() {
        let runs = Resource { project: "", kind: EntityKind::Run, name: "" };
        AccessPolicy::Local.allow(&system(""), Action::Settle, &runs).unwrap();
        let denied = AccessPolicy::Local.allow(&Principal::local("teams"), Action::Settle, &runs).unwrap_err();
        assert_eq!(denied.message, "`local` may not settle runs of all projects");
        assert_eq!(denied.code, ErrorCode::PermissionDenied);
        let nobody = Principal { name: String::new(), project: "teams".into() };
        let denied = AccessPolicy::Local.allow(&nobody, Action::Read, &runs).unwrap_err();
        assert_eq!(denied.code, ErrorCode::Unauthenticated);
    }
}
