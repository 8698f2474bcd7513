//! Versions of a table by the time of their commit.

use chrono::{DateTime, SecondsFormat};
use serde_json::Value;

use super::log_file;
use crate::{
    error::{Result, StorageError},
    warehouse::Warehouse,
};

/// The latest version of the table at `location` that was committed at `time_ms` (milliseconds since 1970 UTC) or before, by
/// what commits say of themselves: times of files change when a warehouse is copied.
///
/// # Errors
/// [`StorageError::NotFound`] without a table, or if its first known commit is later; [`StorageError::Corrupt`] for a commit
/// without a time.
pub async fn version_at(warehouse: &Warehouse, location: &str, time_ms: i64) -> Result<i64> {
    let log = warehouse.list(&format!("{location}/_delta_log")).await?;
    let version = |path: &String| path.rsplit('/').next()?.strip_suffix(".json")?.parse::<i64>().ok();
    let versions: Vec<i64> = log.keys().filter_map(version).collect();
    let first = versions.first().copied();
    let first = first.ok_or_else(|| StorageError::NotFound { what: format!("table `{location}`") })?;
    // The first version that is later, by halving: times ascend as versions do.
    let (mut known, mut later) = (0, versions.len());
    while known < later {
        let middle = known.midpoint(later);
        if committed_ms(warehouse, location, versions[middle]).await? <= time_ms {
            known = middle + 1;
        } else {
            later = middle;
        }
    }
    match known.checked_sub(1) {
        Some(found) => Ok(versions[found]),
        None => {
            let began = utc(committed_ms(warehouse, location, first).await?);
            let what = format!("table `{location}` as of {}: its first known commit is of {began}", utc(time_ms));
            Err(StorageError::NotFound { what })
        }
    }
}

async fn committed_ms(warehouse: &Warehouse, location: &str, version: i64) -> Result<i64> {
    let path = format!("{location}/{}", log_file(version));
    let log = warehouse.get(&path).await?.ok_or_else(|| StorageError::NotFound { what: format!("`{path}`") })?;
    let lines = log.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let time = lines.into_iter().find_map(|action| action["commitInfo"]["timestamp"].as_i64());
    time.ok_or_else(|| StorageError::Corrupt {
        what: format!("commit `{path}`"),
        detail: "it does not say when it was made".into(),
    })
}

/// A time in milliseconds since 1970, as people read it.
pub fn utc(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms)
        .map_or_else(|| format!("{ms} ms"), |time| time.to_rfc3339_opts(SecondsFormat::Millis, true))
}
