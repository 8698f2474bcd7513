//! A folder as an object store whose reads come in buffers that are used again: a scan reads a megabyte of each column at a
//! time, and taking memory anew for each costs more than the reading.

use std::{
    fmt,
    fs::File,
    io::{Read, Seek, SeekFrom},
    ops::Range,
    path::Path as FilePath,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMultipartOptions,
    PutOptions, PutPayload, PutResult, RenameOptions, Result, local::LocalFileSystem, path::Path,
};

/// Ranges below this are not worth a buffer.
const BUFFER_BYTES_MIN: usize = 64 << 10;
/// A buffer is used for ranges of a quarter of it or more.
const WASTE_MAX: usize = 4;

/// The local file system, which is read by `buffers`.
#[derive(Debug)]
pub(crate) struct LocalStore {
    files: LocalFileSystem,
    buffers: Arc<Buffers>,
}

impl LocalStore {
    pub(crate) fn new(buffers: Arc<Buffers>) -> Self {
        Self { files: LocalFileSystem::new(), buffers }
    }
}

/// Buffers that wait to be used again.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    waiting: Mutex<Vec<Vec<u8>>>,
    /// Bytes that may wait.
    bytes_max: AtomicUsize,
}

impl Buffers {
    pub(crate) fn keep(&self, bytes: usize) {
        self.bytes_max.store(bytes, Ordering::Relaxed);
    }

    fn take(&self, bytes: usize) -> Vec<u8> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let fitting = waiting.iter().position(|buffer| (bytes..=WASTE_MAX * bytes).contains(&buffer.len()));
        let buffer = fitting.map(|at| waiting.swap_remove(at));
        drop(waiting);
        buffer.unwrap_or_else(|| vec![0; bytes.next_multiple_of(BUFFER_BYTES_MIN)])
    }

    fn give_back(&self, buffer: Vec<u8>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: usize = waiting.iter().map(Vec::len).sum();
        if bytes + buffer.len() <= self.bytes_max.load(Ordering::Relaxed) {
            waiting.push(buffer);
        }
    }
}

/// A range that was read, in a buffer that goes back when nobody looks at it any more.
struct Reused {
    buffer: Vec<u8>,
    bytes: usize,
    buffers: Arc<Buffers>,
}

impl AsRef<[u8]> for Reused {
    fn as_ref(&self) -> &[u8] {
        &self.buffer[..self.bytes]
    }
}

impl Drop for Reused {
    fn drop(&mut self) {
        self.buffers.give_back(std::mem::take(&mut self.buffer));
    }
}

fn read(path: &FilePath, ranges: &[Range<u64>], buffers: &Arc<Buffers>) -> std::io::Result<Vec<Bytes>> {
    let mut file = File::open(path)?;
    ranges.iter().map(|range| read_range(&mut file, range, buffers)).collect()
}

fn read_range(file: &mut File, range: &Range<u64>, buffers: &Arc<Buffers>) -> std::io::Result<Bytes> {
    let bytes = (range.end - range.start) as usize;
    file.seek(SeekFrom::Start(range.start))?;
    if bytes < BUFFER_BYTES_MIN {
        let mut buffer = vec![0; bytes];
        file.read_exact(&mut buffer)?;
        return Ok(buffer.into());
    }
    let mut reused = Reused { buffer: buffers.take(bytes), bytes, buffers: Arc::clone(buffers) };
    file.read_exact(&mut reused.buffer[..bytes])?;
    Ok(Bytes::from_owner(reused))
}

impl fmt::Display for LocalStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.files.fmt(f)
    }
}

#[async_trait::async_trait]
impl ObjectStore for LocalStore {
    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        let path = self.files.path_to_filesystem(location)?;
        let (wanted, buffers) = (ranges.to_vec(), Arc::clone(&self.buffers));
        match tokio::task::spawn_blocking(move || read(&path, &wanted, &buffers)).await {
            Ok(Ok(bytes)) => Ok(bytes),
            // It says what is wrong with the file or the ranges.
            _ => self.files.get_ranges(location, ranges).await,
        }
    }

    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.files.put_opts(location, payload, options).await
    }
    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.files.put_multipart_opts(location, options).await
    }
    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.files.get_opts(location, options).await
    }
    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.files.delete_stream(locations)
    }
    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.files.list(prefix)
    }
    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> BoxStream<'static, Result<ObjectMeta>> {
        self.files.list_with_offset(prefix, offset)
    }
    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.files.list_with_delimiter(prefix).await
    }
    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.files.copy_opts(from, to, options).await
    }
    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.files.rename_opts(from, to, options).await
    }
}

#[cfg(test)]
mod tests {
    use object_store::ObjectStoreExt;

    use super::*;

    #[tokio::test]
    async fn ranges_are_read_into_buffers_that_are_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let bytes: Vec<u8> = (0..400_000_u32).map(|number| (number * 31 % 251) as u8).collect();
        std::fs::write(folder.path().join("a"), &bytes).unwrap();
        let buffers = Arc::new(Buffers::default());
        let store = LocalStore::new(Arc::clone(&buffers));
        let path = Path::from_absolute_path(folder.path().join("a")).unwrap();
        let ranges = [0..100_000, 5..9, 300_000..400_000];
        let waiting = || buffers.waiting.lock().unwrap().len();
        for (keep, left) in [(0, 0), (200_000, 1), (1 << 20, 2)] {
            buffers.keep(keep);
            for _ in 0..3 {
                let read = store.get_ranges(&path, &ranges).await.unwrap();
                for (read, range) in read.iter().zip(&ranges) {
                    assert_eq!(&read[..], &bytes[range.start as usize..range.end as usize]);
                }
                drop(read);
                assert_eq!(waiting(), left);
            }
        }
        assert!(store.get_ranges(&path, &[399_000..500_000]).await.is_err());
        let missing = Path::from_absolute_path(folder.path().join("b")).unwrap();
        let error = store.get_range(&missing, 0..100_000).await.unwrap_err();
        assert!(matches!(error, object_store::Error::NotFound { .. }), "{error}");
    }
}
