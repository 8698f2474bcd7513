//! Exclusive use of a folder by one process. The lock is the operating system's, so that a killed process leaves none behind.

use std::{
    fs::{self, File, TryLockError},
    io::Write,
    path::{Path, PathBuf},
};

use super::{StoreError, StoreResult};

/// Name of the lock file; it holds the id of the process that has the lock.
const LOCK_FILE: &str = "mangonel.lock";

/// A folder that no other process uses until this is dropped.
#[derive(Debug)]
pub struct LockedFolder {
    folder: PathBuf,
    _file: File,
}

impl LockedFolder {
    /// Takes the lock of `folder`, which is created if need be.
    ///
    /// # Errors
    /// [`StoreError::Locked`] naming folder and process when another one has it; [`StoreError::Unusable`] when the folder
    /// cannot be written.
    pub fn lock(folder: impl Into<PathBuf>) -> StoreResult<Self> {
        let folder = folder.into();
        let unusable = |error: std::io::Error| StoreError::Unusable {
            place: folder.display().to_string(),
            reason: error.to_string(),
        };
        fs::create_dir_all(&folder).map_err(unusable)?;
        let path = folder.join(LOCK_FILE);
        // Not truncated on opening: until the lock is ours, the text belongs to its holder.
        let opened = File::options().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = opened.map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let text = fs::read_to_string(&path).unwrap_or_default();
                let pid = if text.trim().is_empty() { "unknown".to_owned() } else { text.trim().to_owned() };
                return Err(StoreError::Locked { folder, pid });
            }
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        file.set_len(0).and_then(|()| write!(file, "{}", std::process::id())).map_err(unusable)?;
        Ok(Self { folder, _file: file })
    }

    pub fn path(&self) -> &Path {
        &self.folder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_user_of_a_folder_is_told_who_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let first = LockedFolder::lock(folder.path()).unwrap();
        let message = LockedFolder::lock(folder.path()).unwrap_err().to_string();
        assert!(message.contains(&std::process::id().to_string()), "{message}");
        assert!(message.contains(&folder.path().display().to_string()), "{message}");
        drop(first);
        LockedFolder::lock(folder.path()).unwrap();
    }
}
