//! Whether sorts had to spill: seen from outside, by the files that they leave in the work folders for a moment.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// Looks for spilled files until it is dropped.
pub(crate) struct SpillWatch(Arc<AtomicBool>);

impl SpillWatch {
    /// Watches what sorts spill below any of `folders`.
    pub(crate) fn start(folders: Vec<PathBuf>) -> Self {
        let seen = Arc::new(AtomicBool::new(false));
        let watcher = Arc::downgrade(&seen);
        tokio::spawn(async move {
            while let Some(seen) = watcher.upgrade() {
                if folders.iter().any(|folder| has_spilled_files(folder)) {
                    seen.store(true, Ordering::Relaxed);
                }
                drop(seen);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        Self(seen)
    }

    pub(crate) fn has_seen(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// DataFusion spills into folders of their own in the work folder.
fn has_spilled_files(work_folder: &Path) -> bool {
    let is_spill = |entry: &std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with("datafusion-");
    let has_file =
        |entry: std::fs::DirEntry| std::fs::read_dir(entry.path()).is_ok_and(|mut files| files.next().is_some());
    std::fs::read_dir(work_folder).is_ok_and(|entries| entries.flatten().filter(is_spill).any(has_file))
}
