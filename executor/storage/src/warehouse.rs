//! The warehouse: one folder or bucket prefix that holds every table, training dataset and run file. Knows how to make
//! an object appear whole and at most once; knows nothing of what the objects mean.

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path as FilePath, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::{
    CopyMode, CopyOptions, Error as StoreError, ObjectStore, ObjectStoreExt, PutMode, PutOptions, buffered::BufWriter,
    local::LocalFileSystem, memory::InMemory, path::Path, prefix::PrefixStore,
};
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use url::Url;
use uuid::Uuid;

use crate::{
    error::{Result, StorageError},
    full_disk::{FullDisk, is_for_want_of_room},
    local_disk::LocalDisk,
};

/// Name that plans use for the store of any warehouse, so that a plan is right on a machine that mounts it elsewhere.
pub const STORE_URL: &str = "mangonel://warehouse";
/// Where the warehouse says who it is.
const ID_PATH: &str = "_mangonel/warehouse.json";
const PROBE_FOLDER: &str = "_mangonel/probes";
const FORMAT: u32 = 1;
/// Size of the parts of an upload: the least that S3 takes, so that many idle uploads cost little memory.
const PART_BYTES: usize = 5 << 20;
/// A folder takes parts of any size.
const LOCAL_PART_BYTES: usize = 1 << 20;
/// Parts of one upload on their way at once.
const PARTS_IN_FLIGHT: usize = 2;

#[derive(Debug, Serialize, Deserialize)]
struct WarehouseFile {
    format: u32,
    id: Uuid,
}

/// An open warehouse. Cheap to clone; all paths are relative to its root, with `/` between their parts.
#[derive(Clone, Debug)]
pub struct Warehouse {
    /// Store of the whole bucket or file system, for libraries that want full paths.
    root: Arc<dyn ObjectStore>,
    /// Path of the warehouse in `root`.
    prefix: Path,
    /// Store whose root is the warehouse.
    store: Arc<dyn ObjectStore>,
    url: Url,
    folder: Option<PathBuf>,
    id: Uuid,
}

impl Warehouse {
    /// Opens the warehouse at a URL (`s3://`, `gs://`, `az://`, `file://`, ...; options from `AWS_*`, `GOOGLE_*` and
    /// `AZURE_*` variables) or at a local folder. `create` gives it an id when it has none.
    ///
    /// # Errors
    /// [`StorageError::NotFound`] without `create` when there is no id file; [`StorageError::Unsupported`] when a later
    /// release wrote it; [`StorageError::Invalid`] for a URL that cannot be a warehouse.
    pub async fn open(url_or_path: &str, create: bool) -> Result<Self> {
        let place = Place::parse(url_or_path, create)?;
        let store: Arc<dyn ObjectStore> = if place.prefix.as_ref().is_empty() {
            Arc::clone(&place.root)
        } else {
            Arc::new(PrefixStore::new(Arc::clone(&place.root), place.prefix.clone()))
        };
        let mut warehouse = Self {
            root: place.root,
            prefix: place.prefix,
            store,
            url: place.url,
            folder: place.folder,
            id: Uuid::nil(),
        };
        warehouse.id = warehouse.read_or_create_id(create).await?;
        Ok(warehouse)
    }

    /// A warehouse that lives in this process, for tests.
    ///
    /// # Errors
    /// None are known; the signature is that of [`Self::open`].
    pub async fn in_memory() -> Result<Self> {
        Self::open("memory:///", true).await
    }

    async fn read_or_create_id(&self, create: bool) -> Result<Uuid> {
        if create && self.get(ID_PATH).await?.is_none() {
            let json = to_json(&WarehouseFile { format: FORMAT, id: Uuid::new_v4() })?;
            // Losing the race is fine: what counts is the file that is there.
            self.put_if_absent(ID_PATH, json).await?;
        }
        let Some(bytes) = self.get(ID_PATH).await? else {
            return Err(StorageError::NotFound { what: format!("warehouse `{}` (no `{ID_PATH}` in it)", self.url) });
        };
        let file: WarehouseFile = serde_json::from_slice(&bytes).map_err(|error| StorageError::Corrupt {
            what: format!("`{ID_PATH}` of warehouse `{}`", self.url),
            detail: error.to_string(),
        })?;
        if file.format != FORMAT {
            return Err(StorageError::Unsupported {
                what: format!("warehouse `{}`", self.url),
                detail: format!("its format is {}, this release reads format {FORMAT}", file.format),
            });
        }
        Ok(file.id)
    }

    /// Who the warehouse is: two processes with one id share all files.
    pub fn id(&self) -> Uuid {
        self.id
    }
    /// Where the warehouse is, with a `/` at its end.
    pub fn url(&self) -> &Url {
        &self.url
    }
    /// The folder of a local warehouse.
    pub fn folder(&self) -> Option<&FilePath> {
        self.folder.as_deref()
    }
    pub fn is_local(&self) -> bool {
        self.folder.is_some()
    }
    /// The store whose root is the warehouse.
    pub fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.store)
    }
    /// The URL to register [`Self::store`] by with an engine; the same for every warehouse.
    pub fn store_url(&self) -> &'static str {
        STORE_URL
    }
    /// Store and path of `path` for libraries that want the whole bucket or file system.
    pub(crate) fn absolute(&self, path: &Path) -> (Arc<dyn ObjectStore>, Path) {
        (Arc::clone(&self.root), self.prefix.parts().chain(path.parts()).collect())
    }
    /// URL of `path` for people and other tools.
    ///
    /// # Errors
    /// [`StorageError::Invalid`] if `path` is no path.
    pub fn url_of(&self, path: &str) -> Result<Url> {
        let path = store_path(path)?;
        self.url.join(path.as_ref()).map_err(|error| StorageError::invalid(format!("path `{path}`: {error}")))
    }

    /// Proves that this process can write, by leaving a small object named `name` that another process can look for with
    /// [`Self::has_probe`].
    ///
    /// # Errors
    /// Whatever refused the write, with the warehouse's URL.
    pub async fn probe_write(&self, name: &str) -> Result<()> {
        let path = store_path(&format!("{PROBE_FOLDER}/{name}"))?;
        let context = format!("cannot write to warehouse `{}`", self.url);
        self.store
            .put(&path, Bytes::from_static(b"probe\n").into())
            .await
            .map_err(StorageError::object_store(context))?;
        Ok(())
    }

    /// Whether the probe `name` can be seen from here; removes it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn has_probe(&self, name: &str) -> Result<bool> {
        let path = format!("{PROBE_FOLDER}/{name}");
        let seen = self.size(&path).await?.is_some();
        if seen {
            self.delete(&path).await?;
        }
        Ok(seen)
    }

    /// The whole object at `path`; `None` when there is none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn get(&self, path: &str) -> Result<Option<Bytes>> {
        let context = || format!("reading `{path}`");
        match self.store.get(&store_path(path)?).await {
            Ok(found) => Ok(Some(found.bytes().await.map_err(StorageError::object_store(context()))?)),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(StorageError::object_store(context())(error)),
        }
    }

    /// Bytes of the object at `path`; `None` when there is none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn size(&self, path: &str) -> Result<Option<u64>> {
        match self.store.head(&store_path(path)?).await {
            Ok(meta) => Ok(Some(meta.size)),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(StorageError::object_store(format!("looking at `{path}`"))(error)),
        }
    }

    /// Name and bytes of every object under `folder`, at any depth; names are relative to the warehouse.
    ///
    /// # Errors
    /// When the store cannot be listed.
    pub async fn list(&self, folder: &str) -> Result<BTreeMap<String, u64>> {
        let prefix = store_path(folder)?;
        let listed = self.store.list(Some(&prefix)).map_ok(|meta| (meta.location.to_string(), meta.size));
        listed.try_collect().await.map_err(StorageError::object_store(format!("listing `{folder}`")))
    }

    /// Puts `bytes` at `path` unless something is there; says whether it did.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn put_if_absent(&self, path: &str, bytes: impl Into<Bytes>) -> Result<bool> {
        let at = store_path(path)?;
        let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        match self.store.put_opts(&at, bytes.into().into(), options).await {
            Ok(_) => self.flush(path).await.map(|()| true),
            Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => Ok(false),
            Err(error) => Err(StorageError::object_store(format!("writing `{path}`"))(error)),
        }
    }

    /// Puts `bytes` at `path`, whatever is there.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn put(&self, path: &str, bytes: impl Into<Bytes>) -> Result<()> {
        let written = self.store.put(&store_path(path)?, bytes.into().into()).await;
        written.map_err(StorageError::object_store(format!("writing `{path}`")))?;
        self.flush(path).await
    }

    /// Starts an upload to `path`, which must be a name that no other attempt uses. It appears when it is shut down;
    /// [`Self::flush`] then makes it survive a power failure.
    ///
    /// # Errors
    /// [`StorageError::Invalid`] if `path` is no path.
    pub(crate) fn upload(&self, path: &str) -> Result<BufWriter> {
        let writer = BufWriter::with_capacity(self.store(), store_path(path)?, self.part_bytes());
        Ok(writer.with_max_concurrency(PARTS_IN_FLIGHT))
    }

    /// What an upload holds in memory at most.
    pub(crate) fn upload_bytes(&self) -> usize {
        self.part_bytes() * (PARTS_IN_FLIGHT + 1)
    }

    fn part_bytes(&self) -> usize {
        if self.is_local() { LOCAL_PART_BYTES } else { PART_BYTES }
    }

    /// Makes the object at `from` appear at `to` as well, unless something is there; says whether it did. A hard link on
    /// a local folder, a conditional server-side copy on an object store; never a rename over what is there.
    ///
    /// # Errors
    /// When `from` is missing or the store cannot do it.
    pub async fn link_if_absent(&self, from: &str, to: &str) -> Result<bool> {
        let options = CopyOptions::new().with_mode(CopyMode::Create);
        match self.store.copy_opts(&store_path(from)?, &store_path(to)?, options).await {
            Ok(()) => self.flush(to).await.map(|()| true),
            Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => Ok(false),
            Err(error) => Err(StorageError::object_store(format!("publishing `{from}` as `{to}`"))(error)),
        }
    }

    /// Publishes a file of this machine at `path` unless something is there; says whether it did. The file stays.
    ///
    /// # Errors
    /// When the file cannot be read or the store not be written.
    pub async fn publish_local(&self, file: &FilePath, path: &str) -> Result<bool> {
        let staged = format!("{path}.{}.staged", Uuid::new_v4().simple());
        let copied = self.copy_in(file, &staged).await;
        let published = match copied {
            Ok(()) => self.link_if_absent(&staged, path).await,
            Err(error) => Err(error),
        };
        self.delete(&staged).await?;
        published
    }

    async fn copy_in(&self, file: &FilePath, path: &str) -> Result<()> {
        let context = || format!("copying `{}` to `{path}`", file.display());
        let mut source = tokio::fs::File::open(file).await.map_err(StorageError::io(context()))?;
        let mut upload = self.upload(path)?;
        tokio::io::copy(&mut source, &mut upload).await.map_err(StorageError::io(context()))?;
        upload.shutdown().await.map_err(StorageError::io(context()))?;
        self.flush(path).await
    }

    /// Removes the object at `path`, if there is one.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn delete(&self, path: &str) -> Result<()> {
        match self.store.delete(&store_path(path)?).await {
            Ok(()) | Err(StoreError::NotFound { .. }) => Ok(()),
            Err(error) => Err(StorageError::object_store(format!("removing `{path}`"))(error)),
        }
    }

    /// Makes the object at `path` and its name survive a power failure. Object stores have done so when they answer.
    ///
    /// # Errors
    /// When the file system refuses.
    pub async fn flush(&self, path: &str) -> Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let file = folder.join(store_path(path)?.as_ref());
        let (context, full) = (format!("flushing `{path}` to disk"), FullDisk { folder: folder.clone() });
        let flushed = tokio::task::spawn_blocking(move || {
            File::open(&file)?.sync_all()?;
            // A new name is safe only once its folder is.
            file.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
        });
        let flushed = flushed.await.map_err(|error| StorageError::Internal { detail: error.to_string() })?;
        let explained = |error: std::io::Error| match is_for_want_of_room(&error) {
            true => std::io::Error::new(error.kind(), full),
            false => error,
        };
        flushed.map_err(|error| StorageError::io(context)(explained(error)))
    }
}

/// A path of the warehouse.
///
/// # Errors
/// [`StorageError::Invalid`] for `..`, empty parts and characters that no store takes.
pub(crate) fn store_path(path: &str) -> Result<Path> {
    Path::parse(path).map_err(|error| StorageError::invalid(format!("path `{path}`: {error}")))
}

/// # Errors
/// [`StorageError::Internal`]: our own records can always be written.
pub(crate) fn to_json<T: Serialize>(value: &T) -> Result<Vec<u8>> {
    serde_json::to_vec(value).map_err(|error| StorageError::Internal { detail: format!("writing JSON: {error}") })
}

/// Where a warehouse is, before its id is known.
struct Place {
    root: Arc<dyn ObjectStore>,
    prefix: Path,
    url: Url,
    folder: Option<PathBuf>,
}

impl Place {
    fn parse(url_or_path: &str, create: bool) -> Result<Self> {
        // A one-letter scheme is a drive of Windows; anything without a scheme is a folder.
        let url = Url::parse(url_or_path).ok().filter(|url| url.scheme().len() > 1);
        let refused = |detail: String| StorageError::invalid(format!("warehouse `{url_or_path}`: {detail}"));
        match url {
            None => Self::local(FilePath::new(url_or_path), create),
            Some(url) => match url.scheme() {
                "file" => {
                    let folder = url.to_file_path().map_err(|()| refused("not a folder of this machine".into()))?;
                    Self::local(&folder, create)
                }
                "memory" => Ok(Self { root: Arc::new(InMemory::new()), prefix: Path::default(), url, folder: None }),
                "http" => Err(refused("a warehouse must be writable: give a folder, s3://, gs:// or az://".into())),
                _ => Self::remote(&url).map_err(|error| refused(error.to_string())),
            },
        }
    }

    fn local(folder: &FilePath, create: bool) -> Result<Self> {
        let context = || format!("opening warehouse folder `{}`", folder.display());
        if create {
            std::fs::create_dir_all(folder).map_err(StorageError::io(context()))?;
        }
        let folder = std::fs::canonicalize(folder).map_err(StorageError::io(context()))?;
        let refused = |detail: String| StorageError::invalid(format!("warehouse `{}`: {detail}", folder.display()));
        let prefix = Path::from_absolute_path(&folder).map_err(|error| refused(error.to_string()))?;
        let url = Url::from_directory_path(&folder).map_err(|()| refused("has no URL".into()))?;
        Ok(Self { root: Arc::new(LocalDisk::new(LocalFileSystem::new(), &folder)), prefix, url, folder: Some(folder) })
    }

    fn remote(url: &Url) -> Result<Self, StoreError> {
        let providers = ["aws_", "google_", "azure_"];
        let variables = std::env::vars().map(|(name, value)| (name.to_ascii_lowercase(), value));
        let mut options: BTreeMap<_, _> =
            variables.filter(|(name, _)| providers.iter().any(|provider| name.starts_with(provider))).collect();
        // S3 has no conditional copy but conditional uploads, whose parts may be copies.
        options.entry("aws_copy_if_not_exists".into()).or_insert_with(|| "multipart".into());
        let (root, prefix) = object_store::parse_url_opts(url, options)?;
        let mut url = url.clone();
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Ok(Self { root: Arc::from(root), prefix, url, folder: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_warehouse_keeps_its_id() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().join("ware house").to_string_lossy().into_owned();
        assert!(Warehouse::open(&text, false).await.is_err());
        let first = Warehouse::open(&text, true).await.unwrap();
        let again = Warehouse::open(first.url().as_str(), false).await.unwrap();
        assert_eq!(first.id(), again.id());
        assert_eq!(first.folder(), again.folder());
        let racing = futures::future::join_all((0..8).map(|_| Warehouse::open(&text, true))).await;
        assert!(racing.into_iter().all(|warehouse| warehouse.unwrap().id() == first.id()));
        first.probe_write("executor-1").await.unwrap();
        assert!(again.has_probe("executor-1").await.unwrap());
        assert!(!again.has_probe("executor-1").await.unwrap());
    }

    #[tokio::test]
    async fn an_id_file_of_a_later_release_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let text = folder.path().to_string_lossy().into_owned();
        let warehouse = Warehouse::open(&text, true).await.unwrap();
        warehouse.put(ID_PATH, format!(r#"{{"format":2,"id":"{}"}}"#, warehouse.id())).await.unwrap();
        assert!(matches!(Warehouse::open(&text, true).await, Err(StorageError::Unsupported { .. })));
        warehouse.put(ID_PATH, "{").await.unwrap();
        assert!(matches!(Warehouse::open(&text, true).await, Err(StorageError::Corrupt { .. })));
    }

    #[tokio::test]
    async fn what_is_published_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let local = Warehouse::open(&folder.path().to_string_lossy(), true).await.unwrap();
        for warehouse in [local, Warehouse::in_memory().await.unwrap()] {
            assert!(warehouse.put_if_absent("a/b", "first").await.unwrap());
            assert!(!warehouse.put_if_absent("a/b", "second").await.unwrap());
            let file = folder.path().join("upload");
            std::fs::write(&file, "third").unwrap();
            assert!(!warehouse.publish_local(&file, "a/b").await.unwrap());
            assert!(warehouse.publish_local(&file, "a/c").await.unwrap());
            assert!(!warehouse.link_if_absent("a/c", "a/b").await.unwrap());
            assert_eq!(warehouse.get("a/b").await.unwrap().unwrap(), "first");
            assert_eq!(warehouse.get("a/c").await.unwrap().unwrap(), "third");
            assert_eq!(warehouse.list("a").await.unwrap().len(), 2, "nothing staged is left");
            assert!(warehouse.get("../x").await.is_err());
        }
    }

    #[tokio::test]
    async fn a_warehouse_that_cannot_be_written_says_so() {
        let error = Warehouse::open("/proc/mangonel", true).await.unwrap_err();
        assert!(error.to_string().contains("/proc/mangonel"), "{error}");
        assert!(Warehouse::open("http://example.org/x", true).await.is_err());
    }
}
