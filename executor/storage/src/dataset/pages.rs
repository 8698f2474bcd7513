//! Finished pages of a Parquet row group, kept in a file of this machine until the group is whole. The bytes written are
//! the same as from memory; what a writer holds is then a page per column, however large its row groups are.

use std::{
    fs::File,
    os::unix::fs::FileExt,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use parquet::{
    arrow::arrow_writer::{PageKey, PageStore, PageStoreArgs, PageStoreFactory},
    errors::Result,
};

/// Makes the stores of one writer's columns, which share the file.
#[derive(Debug)]
pub(super) struct PagesInFile(Arc<PageFile>);

impl PagesInFile {
    pub(super) fn new(file: File) -> Self {
        Self(Arc::new(PageFile { file, end: AtomicU64::new(0), stores: AtomicUsize::new(0) }))
    }
}

impl PageStoreFactory for PagesInFile {
    fn create(&self, _args: &PageStoreArgs<'_>) -> Result<Box<dyn PageStore>> {
        self.0.stores.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(ColumnPages { file: Arc::clone(&self.0), places: Vec::new() }))
    }
}

#[derive(Debug)]
struct PageFile {
    file: File,
    /// Where the next page goes.
    end: AtomicU64,
    /// Stores that are in use: without any, the file begins anew.
    stores: AtomicUsize,
}

struct ColumnPages {
    file: Arc<PageFile>,
    /// Offset and length of each page.
    places: Vec<(u64, usize)>,
}

impl PageStore for ColumnPages {
    fn put(&mut self, page: Bytes) -> Result<PageKey> {
        let offset = self.file.end.fetch_add(page.len() as u64, Ordering::Relaxed);
        self.file.file.write_all_at(&page, offset)?;
        self.places.push((offset, page.len()));
        Ok(PageKey::new(self.places.len() as u64 - 1))
    }

    fn take(&mut self, key: PageKey) -> Result<Bytes> {
        let (offset, length) = self.places[key.get() as usize];
        let mut page = vec![0; length];
        self.file.file.read_exact_at(&mut page, offset)?;
        Ok(page.into())
    }
}

impl Drop for ColumnPages {
    fn drop(&mut self) {
        if self.file.stores.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.file.end.store(0, Ordering::Relaxed);
        }
    }
}
