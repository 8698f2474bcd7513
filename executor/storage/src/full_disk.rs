//! Disks that are full: how such a failure is told from others, however deep libraries have wrapped it.

use std::{
    error::Error,
    fmt,
    io::{self, ErrorKind},
    path::PathBuf,
};

/// The disk of a warehouse folder is full.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullDisk {
    pub folder: PathBuf,
}

impl fmt::Display for FullDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no room is left on the disk of the warehouse folder `{}`: make some (`mangonel garbage list` says what nobody \
             needs any more), then try again",
            self.folder.display()
        )
    }
}

impl Error for FullDisk {}

/// Whether a disk was full, or a quota used up, at the root of `error`.
pub fn is_for_want_of_room(error: &(dyn Error + 'static)) -> bool {
    find(error, &|cause| {
        let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let is_full = matches!(kind, Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge));
        (is_full || cause.is::<FullDisk>()).then_some(())
    })
    .is_some()
}

/// The warehouse disk whose being full is at the root of `error`.
pub fn full_disk(error: &(dyn Error + 'static)) -> Option<FullDisk> {
    find(error, &|cause| cause.downcast_ref::<FullDisk>().cloned())
}

fn find<T>(error: &(dyn Error + 'static), look: &dyn Fn(&(dyn Error + 'static)) -> Option<T>) -> Option<T> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(found) = look(cause) {
            return Some(found);
        }
        // The source of an IO error is that of the error in it, not the one in it.
        if let Some(inner) = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref)
            && let Some(found) = find(inner, look)
        {
            return Some(found);
        }
        next = cause.source();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::StorageError;

    #[test]
    fn a_full_disk_is_seen_through_every_wrapping() {
        let full = FullDisk { folder: "/w".into() };
        let store = || object_store::Error::Generic { store: "x", source: Box::new(full.clone()) };
        let wrapped: [StorageError; 4] = [
            StorageError::object_store("writing")(store()),
            StorageError::io("writing")(io::Error::from(store())),
            parquet::errors::ParquetError::External(Box::new(io::Error::from(store()))).into(),
            StorageError::table("committing")(deltalake_core::DeltaTableError::ObjectStore { source: store() }),
        ];
        for error in wrapped {
            assert!(is_for_want_of_room(&error), "{error:?}");
            assert_eq!(full_disk(&error), Some(full.clone()), "{error:?}");
            assert!(mangonel_proto::Error::from(error).message.contains("`/w`"));
        }
        let other = StorageError::io("x")(io::Error::from(ErrorKind::StorageFull));
        assert!(is_for_want_of_room(&other) && full_disk(&other).is_none());
        assert!(!is_for_want_of_room(&StorageError::io("x")(io::Error::from(ErrorKind::NotFound))));
    }
}
