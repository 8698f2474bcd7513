//! Makes a written shard visible exactly once, and remembers it. What is published is never replaced: a second attempt
//! either finds its own bytes there or stops.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use object_store::{Error as StoreError, ObjectStoreExt};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::shard_name;
use crate::{
    error::{Result, StorageError},
    warehouse::{Warehouse, store_path, to_json},
};

const RECORD_FORMAT: u32 = 1;
/// Records read at once.
const READS_IN_FLIGHT: usize = 32;

/// A published shard, as its writer counted it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardRecord {
    pub format: u32,
    pub shard: u32,
    pub rows: u64,
    pub bytes: u64,
    /// CRC32C of the file.
    pub crc32c: u32,
    /// XXH3-128 (hex) over the 16-byte digests of the rows in their order.
    pub row_digest: String,
    /// Name of the upload that was published.
    pub attempt: String,
    /// Nulls by column (flattened name for TFRecord); columns without are left out.
    #[serde(default)]
    pub null_counts: BTreeMap<String, u64>,
}

impl ShardRecord {
    pub(crate) fn new(shard: u32, attempt: String) -> Self {
        Self {
            format: RECORD_FORMAT,
            shard,
            rows: 0,
            bytes: 0,
            crc32c: 0,
            row_digest: String::new(),
            attempt,
            null_counts: BTreeMap::new(),
        }
    }

    fn has_same_content(&self, other: &Self) -> bool {
        (self.shard, self.rows, self.bytes, self.crc32c, &self.row_digest)
            == (other.shard, other.rows, other.bytes, other.crc32c, &other.row_digest)
    }
}

fn done_path(run_folder: &str, shard: u32) -> String {
    format!("{run_folder}/_done/{shard:05}.json")
}

pub(crate) fn attempt_path(run_folder: &str, attempt: &str) -> String {
    format!("{run_folder}/_attempts/{attempt}")
}

/// Publishes the finished upload that `ours` describes, or accepts the equal shard that is there; gives back the record
/// that counts. The upload is removed.
///
/// # Errors
/// [`StorageError::Corrupt`] if the upload is not whole, or another attempt has published other bytes.
pub(crate) async fn publish_shard(warehouse: &Warehouse, run_folder: &str, ours: ShardRecord) -> Result<ShardRecord> {
    let upload = attempt_path(run_folder, &ours.attempt);
    let published = publish(warehouse, run_folder, &upload, ours).await;
    // Removing is only tidiness: a leftover is collected with the run.
    if let Err(error) = warehouse.delete(&upload).await {
        tracing::warn!(%upload, %error, "upload was not removed");
    }
    published
}

async fn publish(warehouse: &Warehouse, run_folder: &str, upload: &str, ours: ShardRecord) -> Result<ShardRecord> {
    let stored = warehouse.size(upload).await?;
    if stored != Some(ours.bytes) {
        let detail = format!("{} bytes were written, the store has {stored:?}", ours.bytes);
        return Err(StorageError::Corrupt { what: format!("upload `{upload}`"), detail });
    }
    let part = format!("{run_folder}/{}", shard_name(ours.shard));
    let first = if ours.bytes == 0 {
        // A server-side copy of nothing is refused by S3.
        warehouse.put_if_absent(&part, Vec::new()).await?
    } else {
        warehouse.link_if_absent(upload, &part).await?
    };
    if !first {
        let found = checksum(warehouse, &part).await?;
        if found != Some((ours.bytes, ours.crc32c)) {
            return Err(differs(&part, &ours, &format!("the published one has (bytes, CRC32C) {found:?}")));
        }
    }
    let done = done_path(run_folder, ours.shard);
    let json = to_json(&ours)?;
    if warehouse.put_if_absent(&done, json.clone()).await? {
        return Ok(ours);
    }
    match read_record(warehouse, &done, ours.shard).await? {
        Some(theirs) if theirs.has_same_content(&ours) => Ok(theirs),
        Some(theirs) => Err(differs(&part, &ours, &format!("its record says {theirs:?}"))),
        None => {
            // Garbage of a crash, beside a shard that was just proven to hold our bytes.
            warehouse.put(&done, json).await?;
            Ok(ours)
        }
    }
}

fn differs(part: &str, ours: &ShardRecord, detail: &str) -> StorageError {
    let detail = format!("two attempts of it differ: {detail}, ours {ours:?}");
    StorageError::Corrupt { what: format!("shard `{part}`"), detail }
}

/// `None` if there is no record, or none of ours.
async fn read_record(warehouse: &Warehouse, path: &str, shard: u32) -> Result<Option<ShardRecord>> {
    let Some(bytes) = warehouse.get(path).await? else { return Ok(None) };
    match serde_json::from_slice::<ShardRecord>(&bytes) {
        Ok(record) if record.format == RECORD_FORMAT && record.shard == shard => Ok(Some(record)),
        Ok(record) => {
            tracing::warn!(path, format = record.format, shard = record.shard, "record of another shard or format");
            Ok(None)
        }
        Err(error) => {
            tracing::warn!(path, %error, "record of a shard cannot be read");
            Ok(None)
        }
    }
}

/// The shards of a run that need not be written again. Records that cannot be read, and those whose shard is missing or
/// has another size, are left out: their shards are written again, and checked against what is there.
///
/// # Errors
/// When the store cannot be read.
pub async fn read_done(warehouse: &Warehouse, run_folder: &str) -> Result<BTreeMap<u32, ShardRecord>> {
    let names = warehouse.list(&format!("{run_folder}/_done")).await?;
    let reads = names.into_keys().filter_map(|path| {
        let shard = path.rsplit('/').next()?.strip_suffix(".json")?.parse::<u32>().ok()?;
        Some(async move {
            let Some(record) = read_record(warehouse, &path, shard).await? else { return Ok(None) };
            let part = format!("{run_folder}/{}", shard_name(shard));
            let size = warehouse.size(&part).await?;
            if size != Some(record.bytes) {
                tracing::warn!(part, ?size, expected = record.bytes, "shard is not what its record says");
                return Ok(None);
            }
            Ok(Some((shard, record)))
        })
    });
    let reads: Vec<_> = reads.collect();
    let found = stream::iter(reads).buffer_unordered(READS_IN_FLIGHT);
    found.try_filter_map(|record| std::future::ready(Ok::<_, StorageError>(record))).try_collect().await
}

/// Bytes and CRC32C of an object; `None` when there is none.
async fn checksum(warehouse: &Warehouse, path: &str) -> Result<Option<(u64, u32)>> {
    let sum = read_whole(warehouse, path, None).await?;
    Ok(sum.map(|sum| (sum.bytes(), sum.crc32c())))
}

/// Reads an object once, to its end, for its sums and for `checker` while that listens. `None` if there is no object.
pub(crate) async fn read_whole(
    warehouse: &Warehouse,
    path: &str,
    checker: Option<mpsc::Sender<Bytes>>,
) -> Result<Option<Checksum>> {
    let context = || format!("reading `{path}`");
    let found = match warehouse.store().get(&store_path(path)?).await {
        Ok(found) => found,
        Err(StoreError::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(StorageError::object_store(context())(error)),
    };
    let mut chunks = found.into_stream();
    let mut sum = Checksum::default();
    while let Some(chunk) = chunks.try_next().await.map_err(StorageError::object_store(context()))? {
        sum.update(&chunk);
        if let Some(checker) = &checker {
            // It stops listening at the first damaged record; the sums still cover the whole file.
            let _ = checker.send(chunk).await;
        }
    }
    Ok(Some(sum))
}

/// Bytes and CRC32C of what goes by.
#[derive(Debug)]
pub(crate) struct Checksum {
    crc: crc_fast::Digest,
    bytes: u64,
}

impl Default for Checksum {
    fn default() -> Self {
        Self { crc: crc_fast::Digest::new(crc_fast::CrcAlgorithm::Crc32Iscsi), bytes: 0 }
    }
}

impl Checksum {
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.crc.update(bytes);
        self.bytes += bytes.len() as u64;
    }
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }
    pub(crate) fn crc32c(&self) -> u32 {
        // A 32-bit checksum comes in the low half of 64 bits.
        (self.crc.finalize() & u64::from(u32::MAX)) as u32
    }
}
