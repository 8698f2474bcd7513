//! How failures of storage and of the wire travel through DataFusion plans and come out whole.

use std::path::{Path, PathBuf};

use datafusion::common::DataFusionError;
use mangonel_proto::{Error, ErrorCode};
use mangonel_storage::{
    error::StorageError,
    full_disk::{FullDisk, full_disk, is_for_want_of_room},
};

use crate::record::worker;

/// For `map_err`: a storage failure inside a plan. IO errors stay IO errors, the only ones that Ballista tries again.
pub fn from_storage(error: StorageError) -> DataFusionError {
    if full_disk(&error).is_some() {
        // No disk gets room by trying again at once.
        return ours(Error::from(error));
    }
    match error {
        StorageError::Io { source, .. } => DataFusionError::IoError(source),
        StorageError::ObjectStore { source, context } => {
            let missing = matches!(source, object_store::Error::NotFound { .. });
            let kind = if missing { std::io::ErrorKind::NotFound } else { std::io::ErrorKind::Other };
            DataFusionError::IoError(std::io::Error::new(kind, format!("{context}: {source}")))
        }
        other => ours(Error::from(other)),
    }
}

/// A failure of a task: where a disk was full, the error that says which one. What of it is not the warehouse is `spills`, the
/// folders that sorts spill to.
pub(crate) fn with_full_disk(error: DataFusionError, spills: &[PathBuf]) -> DataFusionError {
    if find_ours(&error).is_some() {
        return error;
    }
    match full_disk_in(&error) {
        Some(FullPlace::Warehouse(full)) => ours(Error::new(ErrorCode::ResourceExhausted, full.to_string())),
        Some(FullPlace::Elsewhere) => {
            // DataFusion makes a folder of its own in the work folder.
            let folder = spills.first().map(|folder| folder.parent().unwrap_or(folder));
            ours(full_work_folder(folder, &worker()))
        }
        None => error,
    }
}

/// What to say when the disk of a work folder is full.
pub fn full_work_folder(folder: Option<&Path>, worker: &str) -> Error {
    let place = folder.map_or_else(String::new, |folder| format!(" `{}`", folder.display()));
    let message = format!(
        "no room is left on the disk of the work folder{place} of {worker}, where uploads wait and sorts spill: make some, or \
         start it with another folder (`--work-dir`, of `up` `--data-dir`), then try again"
    );
    Error::new(ErrorCode::ResourceExhausted, message)
}

enum FullPlace {
    Warehouse(FullDisk),
    Elsewhere,
}

fn full_disk_in(error: &(dyn std::error::Error + 'static)) -> Option<FullPlace> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(full) = full_disk(error) {
            return Some(FullPlace::Warehouse(full));
        }
        if is_for_want_of_room(error) {
            return Some(FullPlace::Elsewhere);
        }
        match error.downcast_ref::<DataFusionError>() {
            Some(DataFusionError::External(inner)) => return full_disk_in(inner.as_ref()),
            Some(DataFusionError::Shared(inner)) => return full_disk_in(inner.as_ref()),
            _ => next = error.source(),
        }
    }
    None
}

/// One of our errors inside a plan. Its text carries the whole error, since Ballista hands errors on as text only.
pub fn ours(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(Carried(error)))
}

const OPEN: &str = "[[mangonel:";
const CLOSE: &str = "]]";

struct Carried(Error);

impl std::fmt::Display for Carried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Escaped, so that no message can close the bracket early.
        write!(f, "{} {OPEN}{}{CLOSE}", self.0, self.0.to_json().replace("]]", "\\u005d\\u005d"))
    }
}

/// Ballista writes errors down in this form.
impl std::fmt::Debug for Carried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Carried {}

/// The error of ours that a text of Ballista's carries.
pub fn from_text(text: &str) -> Option<Error> {
    let (_, rest) = text.split_once(OPEN)?;
    let (json, _) = rest.split_once(CLOSE)?;
    // A text that was quoted on the way has its quotes escaped.
    Error::from_json(json.as_bytes()).or_else(|| Error::from_json(json.replace("\\\"", "\"").as_bytes()))
}

/// The error of the wire for a plan that failed: ours if one is inside, else `internal` (or `resource_exhausted`).
pub fn to_wire(error: &DataFusionError) -> Error {
    if let Some(found) = find_ours(error) {
        return found;
    }
    match full_disk_in(error) {
        Some(FullPlace::Warehouse(full)) => return Error::new(ErrorCode::ResourceExhausted, full.to_string()),
        Some(FullPlace::Elsewhere) => return full_work_folder(None, &worker()),
        None => {}
    }
    match error.find_root() {
        DataFusionError::ResourcesExhausted(message) => {
            Error::new(ErrorCode::ResourceExhausted, format!("the memory budget is too small for this work: {message}"))
        }
        root => Error::internal(root.to_string()),
    }
}

fn find_ours(error: &(dyn std::error::Error + 'static)) -> Option<Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(carried) = error.downcast_ref::<Carried>() {
            return Some(carried.0.clone());
        }
        // `source` of an `External` error skips the boxed error itself.
        if let Some(DataFusionError::External(inner)) = error.downcast_ref::<DataFusionError>()
            && let Some(found) = find_ours(inner.as_ref())
        {
            return Some(found);
        }
        if let Some(DataFusionError::Shared(inner)) = error.downcast_ref::<DataFusionError>() {
            return find_ours(inner.as_ref());
        }
        next = error.source();
    }
    None
}
