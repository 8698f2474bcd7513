//! What a reader reads: an open file under the name that errors call it by, or standard input.

use std::{fs::File, io::Read, path::Path, sync::Arc};

use mangonel_proto::Result;

use super::wrong;

/// Names standard input.
const STANDARD_INPUT: &str = "-";

/// Hears of bytes that were read.
pub type Progress = Arc<dyn Fn(u64) + Send + Sync>;

/// Tells nobody.
pub fn no_progress() -> Progress {
    Arc::new(|_| {})
}

/// A file that is open, or standard input.
pub struct Input {
    /// What errors call it; its ending says the format.
    pub(super) name: String,
    pub(super) bytes: Bytes,
}

pub(super) enum Bytes {
    File(File),
    StandardInput,
}

impl Input {
    /// The file at a path; `-` is standard input.
    ///
    /// # Errors
    /// `invalid_argument` naming the file when it cannot be opened.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        if name == STANDARD_INPUT {
            return Ok(Self { name: "standard input".into(), bytes: Bytes::StandardInput });
        }
        let file = File::open(path).map_err(|error| wrong(&name, &error))?;
        if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
            return Err(wrong(&name, &"it is a folder"));
        }
        Ok(Self::of(name, file))
    }

    /// A file that somebody else has opened.
    pub fn of(name: impl Into<String>, file: File) -> Self {
        Self { name: name.into(), bytes: Bytes::File(file) }
    }

    pub(super) fn is_standard_input(&self) -> bool {
        matches!(self.bytes, Bytes::StandardInput)
    }
}

/// Tells how much was read.
pub(super) struct Counted {
    pub read: File,
    pub progress: Progress,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.read.read(buffer)?;
        (self.progress)(count as u64);
        Ok(count)
    }
}
