//! Names that are valid by construction: what a project, feature group, training dataset or feature may be called, and
//! how `<name>_<version>` is read.

use std::fmt;

use crate::error::{Error, Result};

/// Longest name of a project, feature group or training dataset.
pub const NAME_BYTES_MAX: usize = 63;
/// Longest name of a feature.
pub const FEATURE_BYTES_MAX: usize = 255;
/// Longest description.
pub const DESCRIPTION_BYTES_MAX: usize = 2000;

/// Shows a hostile or very long name in a message without breaking the line or the log.
pub fn shown(name: &str) -> String {
    let escaped: String = name.chars().take(80).flat_map(char::escape_debug).collect();
    if name.chars().nth(80).is_some() { format!("{escaped}... ({} bytes)", name.len()) } else { escaped }
}

/// Checks the name of a `kind` (project, feature group, training dataset).
///
/// # Errors
/// `invalid_argument` unless it matches `[a-z][a-z0-9_]*`, has at most 63 bytes and does not end in `_<digits>`
/// (that is how versions are written).
pub fn check_name(kind: &str, name: &str) -> Result<()> {
    let fail = |rule: &str| Err(Error::invalid(format!("{kind} name `{}` {rule}", shown(name))).named([shown(name)]));
    if name.is_empty() {
        return fail("is empty: give it a name such as `teams_features`");
    }
    if name.len() > NAME_BYTES_MAX {
        return fail("is longer than 63 characters");
    }
    let mut bytes = name.bytes();
    if !bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        || !bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    {
        return fail("must begin with a lower-case letter and hold only lower-case letters, digits and `_`");
    }
    if split_version(name).is_some() {
        return fail("ends like a version (`_<digits>`): give the version apart");
    }
    Ok(())
}

/// Checks the name of a feature.
///
/// # Errors
/// `invalid_argument` unless it matches `[a-zA-Z0-9_]+` and has at most 255 bytes.
pub fn check_feature_name(name: &str) -> Result<()> {
    let fail = |rule: &str| Err(Error::invalid(format!("feature name `{}` {rule}", shown(name))).named([shown(name)]));
    if name.is_empty() {
        return fail("is empty");
    }
    if name.len() > FEATURE_BYTES_MAX {
        return fail("is longer than 255 characters");
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return fail("must hold only letters, digits and `_`");
    }
    if name.to_ascii_lowercase().starts_with(INTERNAL_PREFIX) {
        return fail("begins with `_mangonel`, which is kept for columns of our own");
    }
    Ok(())
}

/// Prefix of columns of our own in files and plans; refused in feature names.
pub const INTERNAL_PREFIX: &str = "_mangonel";

/// Splits `teams_features_2` into (`teams_features`, 2). `None` when it does not end in `_<digits>`.
pub fn split_version(text: &str) -> Option<(&str, u32)> {
    let (name, digits) = text.rsplit_once('_')?;
    if name.is_empty() || digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some((name, digits.parse().ok()?))
}

/// Id of a run: lower-case letters, digits and `-`, at most 64, so that it may be part of a path and of an etcd key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunId(String);

impl RunId {
    /// # Errors
    /// `invalid_argument` when `id` holds other characters or is too long.
    pub fn parse(id: &str) -> Result<Self> {
        let valid = !id.is_empty()
            && id.len() <= 64
            && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !valid {
            let message = format!("run id `{}` must hold 1 to 64 lower-case letters, digits and `-`", shown(id));
            return Err(Error::invalid(message));
        }
        Ok(Self(id.to_owned()))
    }
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who calls, and for which project. Every access to the catalog takes one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Principal {
    pub name: String,
    pub project: String,
}

impl Principal {
    /// The one user of an embedded server.
    pub fn local(project: impl Into<String>) -> Self {
        Self { name: "local".into(), project: project.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_are_refused() {
        let long = "a".repeat(5000);
        for name in ["", "..", "../x", "a/b", "a\"b", "a'b", "a\0b", "Teams", "1a", "teams_1", "_delta_log", &long] {
            assert!(check_name("feature group", name).is_err(), "{name:?}");
        }
        for name in ["", "a b", "a.b", "a\0", "é", "_mangonel_run", &"a".repeat(256)] {
            assert!(check_feature_name(name).is_err(), "{name:?}");
        }
        for name in ["teams_features", "a", "x_1_y"] {
            check_name("project", name).unwrap();
        }
        check_feature_name("Average_Age2").unwrap();
    }

    #[test]
    fn versions_are_split_from_names() {
        assert_eq!(split_version("teams_features_12"), Some(("teams_features", 12)));
        assert_eq!(split_version("teams_features"), None);
        assert_eq!(split_version("_1"), None);
    }
}
