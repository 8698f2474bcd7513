//! Which data files any version of a table names: those are needed for time travel, all others never were or never will be
//! part of it.

use std::collections::HashSet;

use serde_json::Value;
use xxhash_rust::xxh3::xxh3_128;

use super::{log_file, open_table};
use crate::{
    error::{Result, StorageError},
    warehouse::Warehouse,
};

/// The names of all data files that the log of a table knows, as digests: a table of a million files takes some 30 MB. Two
/// names with one digest would keep a file that could go, and never the other way round.
#[derive(Debug)]
pub struct NamedFiles {
    location: String,
    names: HashSet<u128>,
    /// Version that will be read next.
    next: i64,
}

impl NamedFiles {
    /// Reads the whole log of the table at `location`: every commit, and the checkpoints that stand for commits that were
    /// trimmed.
    ///
    /// # Errors
    /// [`StorageError::NotFound`] without a log; what makes a checkpoint unreadable.
    pub async fn read(warehouse: &Warehouse, location: &str) -> Result<Self> {
        let log = warehouse.list(&format!("{location}/_delta_log")).await?;
        let mut files = Self { location: location.to_owned(), names: HashSet::new(), next: 0 };
        // Commits from the first one on without a gap name everything up to there.
        files.catch_up(warehouse).await?;
        let unbroken = files.next;
        let mut known = unbroken > 0;
        for path in log.keys() {
            let name = path.rsplit('/').next().unwrap_or_default();
            let Some(version) = name.split('.').next().and_then(|digits| digits.parse::<i64>().ok()) else { continue };
            if version < unbroken {
                continue;
            }
            if name.contains(".checkpoint.") {
                let snapshot = open_table(warehouse, location, Some(version)).await?.snapshot()?;
                snapshot.files.iter().for_each(|file| files.add(&file.path));
                known = true;
            } else if name.ends_with(".json") {
                let Some(commit) = warehouse.get(path).await? else { continue };
                files.read_commit(path, &commit)?;
                known = true;
            }
            files.next = files.next.max(version + 1);
        }
        if known {
            return files.caught_up(warehouse).await;
        }
        Err(StorageError::NotFound { what: format!("table `{location}`") })
    }

    async fn caught_up(mut self, warehouse: &Warehouse) -> Result<Self> {
        self.catch_up(warehouse).await?;
        Ok(self)
    }

    /// Reads the commits that came since.
    ///
    /// # Errors
    /// When the store cannot be read; [`StorageError::Corrupt`] for a commit that is none.
    pub async fn catch_up(&mut self, warehouse: &Warehouse) -> Result<()> {
        loop {
            let path = format!("{}/{}", self.location, log_file(self.next));
            let Some(commit) = warehouse.get(&path).await? else { return Ok(()) };
            self.read_commit(&path, &commit)?;
            self.next += 1;
        }
    }

    /// Whether some version names the file at `path`.
    pub fn contains(&self, path: &str) -> bool {
        self.names.contains(&digest(path))
    }

    fn read_commit(&mut self, path: &str, commit: &[u8]) -> Result<()> {
        for line in commit.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let action: Value = serde_json::from_slice(line).map_err(|error| StorageError::Corrupt {
                what: format!("commit `{path}`"),
                detail: error.to_string(),
            })?;
            for kind in ["add", "remove", "cdc"] {
                if let Some(file) = action[kind]["path"].as_str() {
                    self.add(file);
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, path: &str) {
        self.names.insert(digest(path));
    }
}

/// Of the file's own name: it is unique, and unlike folders of partitions the log writes it as it is.
fn digest(path: &str) -> u128 {
    xxh3_128(path.rsplit('/').next().unwrap_or_default().as_bytes())
}

/// The id of the table at `location`, as its first commit says it, or the oldest checkpoint that is left.
///
/// # Errors
/// [`StorageError::NotFound`] without a table.
pub async fn table_id(warehouse: &Warehouse, location: &str) -> Result<String> {
    let first = warehouse.get(&format!("{location}/{}", log_file(0))).await?;
    let lines = first.iter().flat_map(|commit| commit.split(|byte| *byte == b'\n'));
    let actions = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let mut ids = actions.filter_map(|action| Some(action["metaData"]["id"].as_str()?.to_owned()));
    match ids.next() {
        Some(id) => Ok(id),
        None => open_table(warehouse, location, None).await?.id(),
    }
}

/// The run that wrote the data file at `path`, by its name; `None` for a file that is none of ours.
pub fn writer_of(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next()?.strip_prefix("part-")?.strip_suffix(".parquet")?;
    let (_bucket, name) = name.split_once('-')?;
    let (run, attempt) = name.rsplit_once('-')?;
    (attempt.len() == 32 && attempt.bytes().all(|byte| byte.is_ascii_hexdigit())).then_some(run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_data_file_names_its_writer() {
        let attempt = "0123456789abcdef0123456789abcdef";
        let path = format!("p/t_1/day=1/part-00003-run-7-{attempt}.parquet");
        assert_eq!(writer_of(&path), Some("run-7"));
        assert_eq!(writer_of(&format!("part-rows-x-{attempt}.parquet")), Some("x"));
        for path in ["part-0-x.parquet", "part-00000-1a2b-c000.snappy.parquet", "x.parquet", "part-rows-x.parquet"] {
            assert_eq!(writer_of(path), None, "{path}");
        }
    }
}
