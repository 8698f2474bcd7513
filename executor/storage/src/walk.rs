//! What lies in a warehouse, file by file, for those who clean it: with times, and with the halves of files that a local
//! store hides from listings. Links are never followed, so that nothing outside of the warehouse is found or removed.

use std::{
    fs,
    io::ErrorKind,
    path::{Path as FilePath, PathBuf},
    time::UNIX_EPOCH,
};

use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use object_store::ObjectStore;
use tokio::sync::mpsc;

use crate::{
    error::{Result, StorageError},
    warehouse::{Warehouse, store_path},
};

/// Files that a walk is ahead of its reader.
const AHEAD: usize = 256;

/// A file of the warehouse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Path in the warehouse.
    pub path: String,
    pub bytes: u64,
    /// When it was last written, in milliseconds since 1970 UTC.
    pub modified_ms: i64,
}

impl Found {
    /// Whether the file was being written under this name, and never got its own: a local store writes `part#1`, and links it
    /// as `part` when it is whole. No reader sees it.
    pub fn is_half(&self) -> bool {
        self.whole_name().is_some()
    }

    /// Path of the file that this is a half of.
    pub fn whole_name(&self) -> Option<&str> {
        let (whole, number) = self.path.rsplit_once('#')?;
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        (is_number && !number.contains('/')).then_some(whole)
    }
}

impl Warehouse {
    /// Every file below `folder`, as it is found; none where there is no such folder. Listed piece by piece: memory does not
    /// grow with the warehouse.
    ///
    /// # Errors
    /// In the stream, when the store cannot be listed.
    pub fn walk(&self, folder: &str) -> BoxStream<'static, Result<Found>> {
        let context = format!("listing `{folder}`");
        let Some(root) = self.folder() else {
            let prefix = match store_path(folder) {
                Ok(prefix) => prefix,
                Err(error) => return stream::iter([Err(error)]).boxed(),
            };
            let listed = self.store().list(Some(&prefix));
            return listed
                .map_ok(|meta| Found {
                    path: meta.location.to_string(),
                    bytes: meta.size,
                    modified_ms: meta.last_modified.timestamp_millis(),
                })
                .map_err(move |error| StorageError::object_store(context.clone())(error))
                .boxed();
        };
        let (root, folder) = (root.to_owned(), folder.to_owned());
        let (found, finds) = mpsc::channel(AHEAD);
        tokio::task::spawn_blocking(move || {
            if let Err(error) = walk_folder(&root, &folder, &found) {
                let _ = found.blocking_send(Err(StorageError::io(context)(error)));
            }
        });
        stream::unfold(finds, |mut finds| async move { Some((finds.recv().await?, finds)) }).boxed()
    }

    /// Names of the folders in `folder`, sorted; none where there is no such folder.
    ///
    /// # Errors
    /// When the store cannot be listed.
    pub async fn folders(&self, folder: &str) -> Result<Vec<String>> {
        let context = || format!("listing `{folder}`");
        let Some(root) = self.folder() else {
            let listed = self.store().list_with_delimiter(Some(&store_path(folder)?)).await;
            let listed = listed.map_err(StorageError::object_store(context()))?.common_prefixes;
            return Ok(listed.iter().filter_map(|path| path.filename().map(str::to_owned)).collect());
        };
        let path = root.join(store_path(folder)?.as_ref());
        let names = tokio::task::spawn_blocking(move || -> std::io::Result<Vec<String>> {
            let mut names = Vec::new();
            for entry in read_dir(&path)?.into_iter().flatten() {
                let entry = entry?;
                if entry.file_type()?.is_dir()
                    && let Ok(name) = entry.file_name().into_string()
                {
                    names.push(name);
                }
            }
            names.sort();
            Ok(names)
        });
        let names = names.await.map_err(|error| StorageError::Internal { detail: error.to_string() })?;
        names.map_err(StorageError::io(context()))
    }

    /// Removes a file that a walk has found; one that is gone already is no error.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn remove(&self, found: &Found) -> Result<()> {
        // The store knows no names of halves.
        let Some(root) = self.folder().filter(|_| found.is_half()) else { return self.delete(&found.path).await };
        match tokio::fs::remove_file(root.join(&found.path)).await {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(StorageError::io(format!("removing `{}`", found.path))(error))
            }
            _ => Ok(()),
        }
    }

    /// Removes the folders in `folder`, and itself, that hold nothing; object stores have no such folders.
    pub async fn remove_empty_folders(&self, folder: &str) {
        let Some(root) = self.folder() else { return };
        let Ok(path) = store_path(folder) else { return };
        let path = root.join(path.as_ref());
        let _ = tokio::task::spawn_blocking(move || remove_empty(&path)).await;
    }
}

/// `folder` is a path in the warehouse `root`.
fn walk_folder(root: &FilePath, folder: &str, found: &mpsc::Sender<Result<Found>>) -> std::io::Result<()> {
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in read_dir(&root.join(&folder))?.into_iter().flatten() {
            let entry = entry?;
            // What is no text was not written by us.
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = format!("{folder}/{name}");
            let kind = entry.file_type()?;
            if kind.is_dir() {
                waiting.push(path);
            } else if kind.is_file() {
                let metadata = match entry.metadata() {
                    Ok(metadata) => metadata,
                    // It went while we were on the way.
                    Err(error) if error.kind() == ErrorKind::NotFound => continue,
                    Err(error) => return Err(error),
                };
                let modified = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
                let modified_ms = i64::try_from(modified.as_millis()).unwrap_or(i64::MAX);
                let file = Found { path, bytes: metadata.len(), modified_ms };
                if found.blocking_send(Ok(file)).is_err() {
                    return Ok(());
                }
            }
        }
    }
    Ok(())
}

fn read_dir(path: &FilePath) -> std::io::Result<Option<fs::ReadDir>> {
    match fs::read_dir(path) {
        Ok(entries) => Ok(Some(entries)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The system refuses to remove a folder that holds something, or a link.
fn remove_empty(path: &FilePath) {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let folders: Vec<PathBuf> =
        entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path()).collect();
    folders.iter().for_each(|folder| remove_empty(folder));
    let _ = fs::remove_dir(path);
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn paths(warehouse: &Warehouse, folder: &str) -> Vec<String> {
        let mut paths: Vec<String> = warehouse.walk(folder).map_ok(|found| found.path).try_collect().await.unwrap();
        paths.sort();
        paths
    }

    #[tokio::test]
    async fn a_walk_finds_halves_and_follows_no_link() {
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(outside.path().join("precious"), "x").unwrap();
        let warehouse = Warehouse::open(&folder.path().display().to_string(), true).await.unwrap();
        warehouse.put("a/b/c", b"12".to_vec()).await.unwrap();
        fs::write(folder.path().join("a/b/d#1"), "123").unwrap();
        std::os::unix::fs::symlink(outside.path(), folder.path().join("a/link")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("precious"), folder.path().join("a/file")).unwrap();
        assert_eq!(paths(&warehouse, "a").await, ["a/b/c", "a/b/d#1"]);
        assert_eq!(paths(&warehouse, "nowhere").await, Vec::<String>::new());
        assert_eq!(warehouse.folders("a").await.unwrap(), ["b"]);
        assert_eq!(warehouse.folders("nowhere").await.unwrap(), Vec::<String>::new());

        let all: Vec<Found> = warehouse.walk("a").try_collect().await.unwrap();
        for found in &all {
            assert_eq!(found.bytes, if found.is_half() { 3 } else { 2 });
            warehouse.remove(found).await.unwrap();
            warehouse.remove(found).await.unwrap();
        }
        warehouse.remove_empty_folders("a").await;
        assert!(!folder.path().join("a/b").exists() && folder.path().join("a/link").exists());
        assert!(outside.path().join("precious").exists());
    }

    #[tokio::test]
    async fn a_store_without_folders_is_walked_too() {
        let warehouse = Warehouse::in_memory().await.unwrap();
        warehouse.put("a/b/c", b"12".to_vec()).await.unwrap();
        assert_eq!(paths(&warehouse, "a").await, ["a/b/c"]);
        assert_eq!(warehouse.folders("a").await.unwrap(), ["b"]);
    }

    #[test]
    fn only_a_number_makes_a_half() {
        let found = |path: &str| Found { path: path.into(), bytes: 0, modified_ms: 0 };
        assert_eq!(found("a/b#12").whole_name(), Some("a/b"));
        for path in ["a/b", "a/b#", "a/b#x", "a#1/b"] {
            assert_eq!(found(path).whole_name(), None, "{path}");
        }
    }
}
