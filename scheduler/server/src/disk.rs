//! Space on the file systems that a server writes to.

use std::{path::PathBuf, time::Duration};

use mangonel_proto::v1;

/// A network file system that hangs must not take the figures with it.
const PATIENCE: Duration = Duration::from_secs(2);

/// Free and total space where a folder is; `None` where that cannot be told.
pub(crate) async fn space(name: &'static str, folder: PathBuf) -> Option<v1::DiskStatus> {
    let path = folder.display().to_string();
    let asked = tokio::task::spawn_blocking(move || rustix::fs::statvfs(&folder));
    let space = tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()?.ok()?;
    Some(v1::DiskStatus {
        name: name.to_owned(),
        path,
        free_bytes: space.f_bavail * space.f_frsize,
        total_bytes: space.f_blocks * space.f_frsize,
    })
}
