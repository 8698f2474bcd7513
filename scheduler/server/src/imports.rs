//! Import roots: folders and URLs that inserts may take files from. A file is read only if it really is below one of them: by its
//! name, and on a local disk also once all links were followed.

use std::{
    fs::File,
    os::fd::AsRawFd,
    path::{Path, PathBuf},
    sync::Arc,
};

use futures::TryStreamExt;
use glob::{MatchOptions, Pattern};
use mangonel_proto::{Error, ErrorCode, Result, names::shown};
use mangonel_storage::files::Input;
use object_store::{ObjectStore, ObjectStoreExt, path::Path as StorePath};
use tokio::io::AsyncWriteExt;
use url::Url;

/// Files of one insert at most.
const FILES_MAX: usize = 10_000;
/// Entries of folders that are looked at for one pattern at most.
const ENTRIES_MAX: usize = 1_000_000;
/// Folders in folders that are looked at.
const DEPTH_MAX: usize = 32;
const WILDCARDS: [char; 3] = ['*', '?', '['];

/// The roots of a server; it reads no files of others without any.
#[derive(Default)]
pub(crate) struct ImportRoots(Vec<Root>);

struct Root {
    /// As the operator wrote it.
    given: String,
    place: Place,
}

enum Place {
    /// Without links.
    Folder(PathBuf),
    Store {
        url: Url,
        store: Arc<dyn ObjectStore>,
        prefix: StorePath,
    },
}

/// A file below a root.
pub(crate) struct ImportFile {
    root: usize,
    /// Path below the root, with `/` between its parts.
    path: String,
    is_local: bool,
    /// What people know it by.
    name: String,
}

impl ImportFile {
    pub(crate) fn is_local(&self) -> bool {
        self.is_local
    }
}

impl ImportRoots {
    /// # Errors
    /// `invalid_argument` with every root that is no folder and no URL that can be read.
    pub(crate) fn open(given: &[String]) -> Result<Self> {
        let (mut roots, mut problems) = (Vec::new(), Vec::new());
        for given in given {
            match Place::parse(given) {
                Ok(place) => roots.push(Root { given: given.clone(), place }),
                Err(problem) => problems.push(Error::invalid(format!("import root `{}`: {problem}", shown(given)))),
            }
        }
        Error::all(problems)?;
        Ok(Self(roots))
    }

    /// The files that names and patterns stand for, each once, in order.
    ///
    /// # Errors
    /// `permission_denied` for what is below no root; `invalid_argument` where there is no such file. All problems at once.
    pub(crate) async fn find(&self, patterns: &[String]) -> Result<Vec<ImportFile>> {
        let (mut files, mut problems) = (Vec::<ImportFile>::new(), Vec::new());
        for pattern in patterns {
            match self.matching(pattern).await {
                Ok(found) => {
                    let known = |file: &ImportFile| {
                        files.iter().any(|other| (other.root, &other.path) == (file.root, &file.path))
                    };
                    let new: Vec<ImportFile> = found.into_iter().filter(|file| !known(file)).collect();
                    files.extend(new);
                }
                Err(problem) => problems.push(problem),
            }
        }
        Error::all(problems)?;
        if files.len() > FILES_MAX {
            let message = format!("{} files are more than the {FILES_MAX} that one insert takes", files.len());
            return Err(Error::invalid(message));
        }
        Ok(files)
    }

    /// Opens a file; one of an object store is first copied into `staging`.
    ///
    /// # Errors
    /// `permission_denied` where links lead out of the root; `invalid_argument` for what cannot be read.
    pub(crate) async fn input(&self, file: &ImportFile, staging: &Path) -> Result<Input> {
        let failed =
            |error: &dyn std::fmt::Display| Error::invalid(format!("{}: {error}", file.name)).named([&file.name]);
        match &self.0[file.root].place {
            Place::Folder(root) => {
                let opened = tokio::task::block_in_place(|| open_below(root, &file.path));
                opened.map_err(|error| failed(&error)).and_then(|opened| {
                    let leaves = || denied(&file.name, "it is a link that leaves the import root");
                    Ok(Input::of(&file.name, opened.ok_or_else(leaves)?))
                })
            }
            Place::Store { store, prefix, .. } => {
                let path = joined(prefix, &file.path).map_err(|error| failed(&error))?;
                let mut bytes = store.get(&path).await.map_err(|error| failed(&error))?.into_stream();
                let kept = tempfile::tempfile_in(staging).map_err(|error| failed(&error))?;
                let again = kept.try_clone().map_err(|error| failed(&error))?;
                let mut writer = tokio::fs::File::from_std(kept);
                while let Some(chunk) = bytes.try_next().await.map_err(|error| failed(&error))? {
                    writer.write_all(&chunk).await.map_err(|error| failed(&error))?;
                }
                writer.flush().await.map_err(|error| failed(&error))?;
                let mut read = again;
                std::io::Seek::rewind(&mut read).map_err(|error| failed(&error))?;
                Ok(Input::of(&file.name, read))
            }
        }
    }

    async fn matching(&self, pattern: &str) -> Result<Vec<ImportFile>> {
        if self.0.is_empty() {
            let what = "this server reads no files of its own: start it with --import-root DIR, or upload the files";
            return Err(denied(pattern, what));
        }
        let (root, below) = self.root_of(pattern)?;
        let is_pattern = below.contains(WILDCARDS);
        let glob = Pattern::new(&below).map_err(|error| Error::invalid(format!("`{}`: {error}", shown(pattern))))?;
        let names = match &self.0[root].place {
            Place::Folder(folder) => tokio::task::block_in_place(|| names_in_folder(folder, &below, &glob)),
            Place::Store { store, prefix, .. } => {
                names_in_store(store.as_ref(), prefix, &below, &glob).await.map_err(std::io::Error::other)
            }
        };
        let mut names = names.map_err(|error| Error::invalid(format!("{}: {error}", shown(pattern))))?;
        if names.is_empty() {
            let message = match is_pattern {
                true => format!("no file on the server is like `{}`", shown(pattern)),
                false => format!("`{}` is no file on the server", shown(pattern)),
            };
            return Err(Error::invalid(message).named([shown(pattern)]));
        }
        names.sort();
        let base = self.0[root].given.trim_end_matches('/').to_owned();
        let is_local = matches!(self.0[root].place, Place::Folder(_));
        Ok(names.into_iter().map(|path| ImportFile { root, name: format!("{base}/{path}"), path, is_local }).collect())
    }

    /// The root that a name or pattern is below, and what it says from there on.
    fn root_of(&self, pattern: &str) -> Result<(usize, String)> {
        let parts = |text: &str| text.split('/').filter(|part| !part.is_empty() && *part != ".").count();
        if pattern.split('/').any(|part| part == "..") {
            return Err(denied(pattern, "`..` is not allowed"));
        }
        if parts(pattern) == 0 || pattern.contains('\0') {
            return Err(Error::invalid(format!("`{}` is no name of a file", shown(pattern))));
        }
        let cleaned = |below: &str| {
            below.split('/').filter(|part| !part.is_empty() && *part != ".").collect::<Vec<_>>().join("/")
        };
        let is_absolute = pattern.starts_with('/') || pattern.contains("://");
        if !is_absolute {
            return match self.0.as_slice() {
                [_only] => Ok((0, cleaned(pattern))),
                _ => Err(Error::invalid(format!(
                    "`{}` must begin with one of the server's import roots: {}",
                    shown(pattern),
                    self.roots()
                ))),
            };
        }
        let pattern_path = pattern.strip_prefix("file://").unwrap_or(pattern);
        for (index, root) in self.0.iter().enumerate() {
            let mut bases = vec![root.given.trim_end_matches('/').to_owned()];
            match &root.place {
                Place::Folder(folder) => bases.push(folder.display().to_string().trim_end_matches('/').to_owned()),
                Place::Store { url, .. } => bases.push(url.as_str().trim_end_matches('/').to_owned()),
            }
            for base in bases {
                let base = base.strip_prefix("file://").unwrap_or(&base);
                let below = pattern_path.strip_prefix(base).and_then(|rest| rest.strip_prefix('/'));
                if let Some(below) = below.map(cleaned).filter(|below| !below.is_empty()) {
                    return Ok((index, below));
                }
            }
        }
        Err(denied(pattern, &format!("it is below no import root of the server, which are {}", self.roots())))
    }

    fn roots(&self) -> String {
        self.0.iter().map(|root| root.given.as_str()).collect::<Vec<_>>().join(", ")
    }
}

impl Place {
    fn parse(given: &str) -> Result<Self, String> {
        // Anything without a scheme is a folder.
        let url = Url::parse(given).ok().filter(|_| given.contains("://"));
        let Some(url) = url.filter(|url| url.scheme() != "file") else {
            let folder = given.strip_prefix("file://").unwrap_or(given);
            let folder = std::fs::canonicalize(folder).map_err(|error| error.to_string())?;
            return if folder.is_dir() { Ok(Self::Folder(folder)) } else { Err("it is no folder".into()) };
        };
        let providers = ["aws_", "google_", "azure_"];
        let variables = std::env::vars().map(|(name, value)| (name.to_ascii_lowercase(), value));
        let options = variables.filter(|(name, _)| providers.iter().any(|provider| name.starts_with(provider)));
        let (store, prefix) = object_store::parse_url_opts(&url, options).map_err(|error| error.to_string())?;
        Ok(Self::Store { url, store: Arc::from(store), prefix })
    }
}

fn denied(what: &str, why: &str) -> Error {
    let name = shown(what);
    Error::new(ErrorCode::PermissionDenied, format!("`{name}` is not read: {why}")).named([name])
}

/// Opens a file below a folder; `None` if it is somewhere else once links were followed. What was opened is asked where it is, so
/// that no link can be changed in between.
fn open_below(root: &Path, path: &str) -> std::io::Result<Option<File>> {
    let path = root.join(path);
    // Opening a pipe would wait for its writer.
    if !std::fs::metadata(&path)?.is_file() {
        return Err(std::io::Error::other("it is no file"));
    }
    let file = File::open(&path)?;
    let place =
        std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd())).or_else(|_| std::fs::canonicalize(&path))?;
    Ok(place.starts_with(root).then_some(file))
}

fn options() -> MatchOptions {
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true }
}

/// The parts of a pattern before the first that has a wildcard.
fn plain_part(pattern: &str) -> String {
    pattern.split('/').take_while(|part| !part.contains(WILDCARDS)).collect::<Vec<_>>().join("/")
}

fn names_in_folder(root: &Path, below: &str, glob: &Pattern) -> std::io::Result<Vec<String>> {
    if !below.contains(WILDCARDS) {
        let is_file = std::fs::metadata(root.join(below)).is_ok_and(|metadata| metadata.is_file());
        return Ok(if is_file { vec![below.to_owned()] } else { Vec::new() });
    }
    let first = plain_part(below);
    // A link to a folder elsewhere is not looked into.
    let Ok(place) = std::fs::canonicalize(root.join(&first)) else { return Ok(Vec::new()) };
    if !place.starts_with(root) {
        return Ok(Vec::new());
    }
    let (mut names, mut seen) = (Vec::new(), 0);
    let mut waiting = vec![(first, 0)];
    while let Some((folder, depth)) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(root.join(&folder)) else { continue };
        for entry in entries {
            let entry = entry?;
            seen += 1;
            if seen > ENTRIES_MAX {
                return Err(std::io::Error::other(format!(
                    "more than {ENTRIES_MAX} entries of folders to look at: say more"
                )));
            }
            let Ok(name) = entry.file_name().into_string() else { continue };
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            let kind = entry.file_type()?;
            if kind.is_dir() {
                if depth < DEPTH_MAX {
                    waiting.push((path, depth + 1));
                }
            } else if glob.matches_with(&path, options()) {
                names.push(path);
            }
        }
    }
    Ok(names)
}

async fn names_in_store(
    store: &dyn ObjectStore,
    prefix: &StorePath,
    below: &str,
    glob: &Pattern,
) -> object_store::Result<Vec<String>> {
    if !below.contains(WILDCARDS) {
        return match store.head(&joined(prefix, below)?).await {
            Ok(_) => Ok(vec![below.to_owned()]),
            Err(object_store::Error::NotFound { .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        };
    }
    let folder = joined(prefix, &plain_part(below))?;
    let mut objects = store.list(Some(&folder));
    let mut names = Vec::new();
    while let Some(object) = objects.try_next().await? {
        let Some(parts) = object.location.prefix_match(prefix) else { continue };
        let path = parts.map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/");
        if glob.matches_with(&path, options()) {
            names.push(path);
        }
    }
    Ok(names)
}

fn joined(prefix: &StorePath, below: &str) -> object_store::Result<StorePath> {
    let below = StorePath::parse(below)?;
    Ok(prefix.parts().chain(below.parts()).collect())
}
