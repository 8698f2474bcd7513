//! What a file of a feature group says of itself in the Delta log: `Add.tags`, keys prefixed `mangonel.`. Kept through
//! checkpoints; a file without them (written by another engine) is an unbucketed, unsorted file of no known run.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::error::{Result, StorageError};

const PREFIX: &str = "mangonel.";
const HASH_VERSION: &str = "mangonel.hashVersion";
const BUCKETS: &str = "mangonel.buckets";
const BUCKET: &str = "mangonel.bucket";
const SORTED_BY: &str = "mangonel.sortedBy";
const RUN: &str = "mangonel.run";
const COMMIT: &str = "mangonel.commit";
const COMMIT_MS: &str = "mangonel.commitMs";
const MERGED: &str = "mangonel.merged";

/// How the rows of one file lie.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayoutTags {
    /// Version of the entity key hash that `bucket` was computed with; `None` for files of other engines.
    pub hash_version: Option<u32>,
    /// Number of buckets that the rows were hashed into, a power of two; `None` when the file is unbucketed.
    pub buckets: Option<u32>,
    /// The one bucket that all rows are of, below `buckets`.
    pub bucket: Option<u32>,
    /// Columns that the rows are sorted by, ascending; empty when they are not sorted.
    pub sorted_by: Vec<String>,
    /// The run that wrote the file; rows taken over from other runs say so in the column `_mangonel_run`.
    pub run_id: Option<String>,
    /// Table version that committed the file: decides between rows of one event time. Set by the commit.
    pub commit: Option<i64>,
    /// When it was committed, in milliseconds since 1970 UTC. Set by the commit.
    pub commit_ms: Option<i64>,
    /// Its rows are of several commits, and of each row the column `_mangonel_commit` says which.
    #[serde(default)]
    pub merged: bool,
}

impl LayoutTags {
    /// The tags as they stand in the log.
    pub fn to_map(&self) -> Result<HashMap<String, Option<String>>> {
        let mut map = HashMap::new();
        let mut put = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                map.insert(key.to_owned(), Some(value));
            }
        };
        put(HASH_VERSION, self.hash_version.map(|version| version.to_string()));
        put(BUCKETS, self.buckets.map(|buckets| buckets.to_string()));
        put(BUCKET, self.bucket.map(|bucket| bucket.to_string()));
        put(RUN, self.run_id.clone());
        put(COMMIT, self.commit.map(|version| version.to_string()));
        put(COMMIT_MS, self.commit_ms.map(|ms| ms.to_string()));
        put(MERGED, self.merged.then(|| true.to_string()));
        if !self.sorted_by.is_empty() {
            let json = serde_json::to_string(&self.sorted_by);
            put(SORTED_BY, Some(json.map_err(|error| StorageError::Internal { detail: error.to_string() })?));
        }
        Ok(map)
    }

    /// The only reader of tags. Tags of other engines are left alone; later tags of ours are ignored.
    ///
    /// # Errors
    /// [`StorageError::Corrupt`] if a tag of ours is not what we write: rows would be looked for in the wrong place.
    pub fn from_map(file: &str, map: &HashMap<String, Option<String>>) -> Result<Self> {
        let damaged = |key: &str, value: &str| StorageError::Corrupt {
            what: format!("tag `{key}` of `{file}`"),
            detail: format!("its value is `{value}`"),
        };
        let text = |key: &str| map.get(key).and_then(Option::as_deref);
        let integer = |key: &str| match text(key) {
            Some(value) => value.parse::<i64>().map(Some).map_err(|_| damaged(key, value)),
            None => Ok(None),
        };
        let number = |key: &str| match text(key) {
            Some(value) => value.parse::<u32>().map(Some).map_err(|_| damaged(key, value)),
            None => Ok(None),
        };
        let merged = match text(MERGED) {
            None | Some("false") => false,
            Some("true") => true,
            Some(value) => return Err(damaged(MERGED, value)),
        };
        let sorted_by = match text(SORTED_BY) {
            Some(value) => serde_json::from_str(value).map_err(|_| damaged(SORTED_BY, value))?,
            None => Vec::new(),
        };
        let tags = Self {
            hash_version: number(HASH_VERSION)?,
            buckets: number(BUCKETS)?,
            bucket: number(BUCKET)?,
            sorted_by,
            run_id: text(RUN).map(str::to_owned),
            commit: integer(COMMIT)?,
            commit_ms: integer(COMMIT_MS)?,
            merged,
        };
        tags.check(file)?;
        Ok(tags)
    }

    /// # Errors
    /// [`StorageError::Corrupt`] unless the bucket tags belong together.
    pub(crate) fn check(&self, file: &str) -> Result<()> {
        let whole = match (self.buckets, self.bucket) {
            (None, None) => true,
            (Some(buckets), Some(bucket)) => {
                buckets.is_power_of_two() && bucket < buckets && self.hash_version.is_some()
            }
            _ => false,
        };
        if whole {
            return Ok(());
        }
        Err(StorageError::Corrupt {
            what: format!("tags `{PREFIX}*` of `{file}`"),
            detail: format!(
                "bucket {:?} of {:?} by hash version {:?} is no bucket",
                self.bucket, self.buckets, self.hash_version
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_come_back_as_they_were() {
        let tags = LayoutTags {
            hash_version: Some(1),
            buckets: Some(16),
            bucket: Some(15),
            sorted_by: vec!["team,id".into(), "at".into()],
            run_id: Some("run-1".into()),
            commit: Some(7),
            commit_ms: Some(1_700_000_000_000),
            merged: true,
        };
        let map = tags.to_map().unwrap();
        assert!(map.keys().all(|key| key.starts_with(PREFIX)));
        assert_eq!(LayoutTags::from_map("f", &map).unwrap(), tags);
        let other = HashMap::from([("ZCUBE_ID".to_owned(), Some("x".to_owned())), ("empty".to_owned(), None)]);
        assert_eq!(LayoutTags::from_map("f", &other).unwrap(), LayoutTags::default());
    }

    #[test]
    fn tags_that_would_hide_rows_are_refused() {
        for (key, value) in
            [(BUCKETS, "3"), (BUCKET, "16"), (BUCKET, "x"), (HASH_VERSION, "-1"), (SORTED_BY, "at"), (MERGED, "yes")]
        {
            let tags =
                LayoutTags { hash_version: Some(1), buckets: Some(16), bucket: Some(2), ..LayoutTags::default() };
            let mut map = tags.to_map().unwrap();
            map.insert(key.into(), Some(value.into()));
            assert!(LayoutTags::from_map("f", &map).is_err(), "{key}={value}");
        }
        let half = HashMap::from([(BUCKET.to_owned(), Some("1".to_owned()))]);
        assert!(LayoutTags::from_map("f", &half).is_err());
    }
}
