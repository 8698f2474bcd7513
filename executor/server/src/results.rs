//! Result files of reads, in the work folder: `results/<executor>/<read>/<file>`. They live until the scheduler says that
//! the read is over; what processes have left behind goes at the start.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use mangonel_operators::result_writer::ResultFolder;
use mangonel_proto::{Error, Result};

const FOLDER: &str = "results";
const LOCK: &str = ".lock";

/// The results of this process. Held as long as it runs.
pub(crate) struct Results {
    pub(crate) folder: ResultFolder,
    /// Tells other executors of the same work folder that this one lives.
    _lock: File,
}

impl Results {
    /// Makes the folder of this executor and removes those of executors that are gone.
    ///
    /// # Errors
    /// When the work folder cannot be written.
    pub(crate) fn open(work_dir: &Path, executor_id: &str) -> Result<Self> {
        let all = work_dir.join(FOLDER);
        let folder = all.join(executor_id);
        let open = || -> io::Result<File> {
            fs::create_dir_all(&all)?;
            remove_leftovers(&all)?;
            fs::create_dir_all(&folder)?;
            let lock = File::create(folder.join(LOCK))?;
            lock.lock()?;
            Ok(lock)
        };
        let lock = open().map_err(|error| Error::invalid(format!("work folder {}: {error}", work_dir.display())))?;
        Ok(Self { folder: ResultFolder(folder), _lock: lock })
    }

    /// Reads that there are files of.
    pub(crate) fn reads(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(&self.folder.0) else { return Vec::new() };
        let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
        names.filter(|name| name != LOCK).collect()
    }

    /// Removes the files of a read. Whoever streams one of them goes on to its end.
    pub(crate) fn remove(&self, read: &str) {
        let removed = self.folder.of(read).map(fs::remove_dir_all);
        if let Ok(Err(error)) = removed
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(read, %error, "results were not removed");
        }
    }
}

impl Drop for Results {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder.0);
    }
}

/// Removes folders that no process holds.
fn remove_leftovers(all: &Path) -> io::Result<()> {
    for entry in fs::read_dir(all)? {
        let folder = entry?.path();
        let held = match File::open(folder.join(LOCK)) {
            Ok(lock) => lock.try_lock().is_err(),
            // One that is just being made has no lock yet; it goes at the next start if it is a leftover after all.
            Err(_) => fs::read_dir(&folder).is_ok_and(|mut entries| entries.next().is_none()),
        };
        if !held {
            fs::remove_dir_all(&folder)?;
        }
    }
    Ok(())
}
