//! The store of a warehouse that is a folder: it says of every failure for want of room which disk is full, whoever writes
//! (shards, data files, the log of a table).

use std::{
    fmt,
    ops::Range,
    path::{Path as FilePath, PathBuf},
    sync::Arc,
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{FutureExt, stream::BoxStream};
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result, UploadPart, local::LocalFileSystem,
    path::Path,
};

use crate::full_disk::{FullDisk, is_for_want_of_room};

/// A [`LocalFileSystem`] that knows the folder that people know it by.
#[derive(Debug)]
pub(crate) struct LocalDisk {
    files: LocalFileSystem,
    folder: Arc<PathBuf>,
}

impl LocalDisk {
    pub(crate) fn new(files: LocalFileSystem, folder: &FilePath) -> Self {
        Self { files, folder: Arc::new(folder.to_owned()) }
    }
}

impl fmt::Display for LocalDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.files.fmt(f)
    }
}

fn explained(folder: &FilePath, error: Error) -> Error {
    if !is_for_want_of_room(&error) {
        return error;
    }
    Error::Generic { store: "LocalDisk", source: Box::new(FullDisk { folder: folder.to_owned() }) }
}

#[async_trait]
impl ObjectStore for LocalDisk {
    async fn put_opts(&self, location: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.files.put_opts(location, payload, options).await.map_err(|error| explained(&self.folder, error))
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let upload = self.files.put_multipart_opts(location, options).await;
        let upload = upload.map_err(|error| explained(&self.folder, error))?;
        Ok(Box::new(Upload { upload, folder: Arc::clone(&self.folder) }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.files.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.files.get_ranges(location, ranges).await
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
        self.files.copy_opts(from, to, options).await.map_err(|error| explained(&self.folder, error))
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.files.rename_opts(from, to, options).await.map_err(|error| explained(&self.folder, error))
    }
}

#[derive(Debug)]
struct Upload {
    upload: Box<dyn MultipartUpload>,
    folder: Arc<PathBuf>,
}

#[async_trait]
impl MultipartUpload for Upload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let folder = Arc::clone(&self.folder);
        let part = self.upload.put_part(data);
        part.map(move |put| put.map_err(|error| explained(&folder, error))).boxed()
    }

    async fn complete(&mut self) -> Result<PutResult> {
        self.upload.complete().await.map_err(|error| explained(&self.folder, error))
    }

    async fn abort(&mut self) -> Result<()> {
        self.upload.abort().await
    }
}
