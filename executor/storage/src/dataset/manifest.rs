//! The manifest: what a training dataset's generation is made of. Written once into the run's folder, where the catalog
//! names it by path and digest; the copy in the dataset's folder is for people and other tools.

use std::collections::BTreeMap;

use mangonel_tfrecord::ENCODER_VERSION;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use super::{Compression, DEFLATE_ENCODER, PARQUET_ENCODER, ShardFormat, ShardRecord, shard_name};
use crate::{
    delimited::DELIMITED_ENCODER,
    error::{Result, StorageError},
    warehouse::Warehouse,
};

/// Raised when an older reader would misunderstand; fields may be added without.
pub const MANIFEST_FORMAT: u32 = 1;
/// Name of the manifest in the run's folder, and of its copy in the dataset's.
pub const MANIFEST_NAME: &str = "_manifest.json";

/// One generation of a training dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    pub dataset: DatasetIdentity,
    pub run_id: String,
    /// Release of Mangonel that wrote the shards.
    pub release: String,
    /// Across releases the rows must be the same, the bytes only where these are.
    pub encoders: EncoderVersions,
    /// `tfrecords`, `parquet`, `csv` or `tsv`.
    pub data_format: String,
    /// Of the shards' bytes as a whole.
    #[serde(default)]
    pub compression: Compression,
    /// In the order of the dataset's columns.
    pub features: Vec<ManifestFeature>,
    pub labels: Vec<String>,
    /// `error`, `default` or `omit`.
    pub null_policy: String,
    /// Tables that the rows come from, pinned.
    pub inputs: Vec<ManifestInput>,
    /// First place of every shard but the first, ascending.
    pub boundaries: Vec<ShardBoundary>,
    /// In the order of their numbers, splits one after the other.
    pub shards: Vec<ManifestShard>,
    pub totals: ManifestTotals,
    #[serde(default)]
    pub splits: Vec<ManifestSplit>,
    /// Path and digest of the statistics of this generation.
    #[serde(default)]
    pub statistics: Option<WrittenManifest>,
    /// Milliseconds since 1970 UTC.
    pub created_ms: i64,
}

/// Which training dataset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetIdentity {
    pub project: String,
    pub name: String,
    pub version: u32,
    /// Id in the catalog.
    pub id: String,
}

/// What wrote the bytes; only what was used is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncoderVersions {
    pub tfrecord: Option<u32>,
    pub parquet: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimited: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deflate: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestFeature {
    pub name: String,
    /// Type in the words of the catalog.
    #[serde(rename = "type")]
    pub type_name: String,
    /// Its values may have changed on the way into the shards (`float64` as `float`).
    #[serde(default)]
    pub lossy: bool,
    /// Nulls over all shards.
    #[serde(default)]
    pub null_count: u64,
}

/// A feature group (or other source) at the version that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestInput {
    pub name: String,
    pub version: u32,
    pub table_id: String,
    pub table_version: i64,
    pub files: u64,
    #[serde(default)]
    pub rows: Option<u64>,
}

/// Where a shard begins in the order of the root's rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardBoundary {
    /// Entity key hash, 16 hex digits: JSON has no 64-bit integers.
    pub hash: String,
    /// Order among the rows of this hash (`docs/layout.md`, "Shards"), 16 hex digits; empty is 0.
    #[serde(default)]
    pub order: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestShard {
    /// File in the run's folder, below its split's folder if it has one.
    pub name: String,
    pub rows: u64,
    pub bytes: u64,
    pub crc32c: u32,
    /// XXH3-128 (hex) over the 16-byte digests of the rows in their order.
    pub row_digest: String,
    #[serde(default)]
    pub split: Option<String>,
    /// Where the bytes come from, if this run did not write them.
    #[serde(default)]
    pub origin: Option<ShardOrigin>,
}

/// A shard taken over from an older generation or version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardOrigin {
    pub run_id: String,
    /// Path in the warehouse at the time.
    pub path: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestTotals {
    pub shards: u64,
    pub rows: u64,
    pub bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ManifestSplit {
    pub name: String,
    /// Sub-folder of the run's folder.
    pub folder: String,
    /// Share of the rows that was asked for, from 0 to 1.
    pub share: f64,
    pub rows: u64,
}

/// A written document: where it is, and XXH3-128 (hex) of its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenManifest {
    pub path: String,
    pub digest: String,
}

impl EncoderVersions {
    /// What writes `format` in this release.
    pub fn of(format: &ShardFormat) -> Self {
        let deflate = |compression: &Compression| (*compression != Compression::None).then_some(DEFLATE_ENCODER);
        match format {
            ShardFormat::TfRecord(_, compression) => {
                Self { tfrecord: Some(ENCODER_VERSION), deflate: deflate(compression), ..Self::default() }
            }
            ShardFormat::Delimited(_, compression) => {
                Self { delimited: Some(DELIMITED_ENCODER), deflate: deflate(compression), ..Self::default() }
            }
            ShardFormat::Parquet => Self { parquet: Some(PARQUET_ENCODER.to_owned()), ..Self::default() },
        }
    }
}

impl ManifestShard {
    /// The shard that this run has written, in the run's folder or that of `split`.
    pub fn written(record: &ShardRecord, split: Option<&str>) -> Self {
        let name = shard_name(record.shard);
        Self {
            name: split.map_or_else(|| name.clone(), |split| format!("{split}/{name}")),
            rows: record.rows,
            bytes: record.bytes,
            crc32c: record.crc32c,
            row_digest: record.row_digest.clone(),
            split: split.map(str::to_owned),
            origin: None,
        }
    }
}

impl ManifestTotals {
    pub fn of(shards: &[ManifestShard]) -> Self {
        Self {
            shards: shards.len() as u64,
            rows: shards.iter().map(|shard| shard.rows).sum(),
            bytes: shards.iter().map(|shard| shard.bytes).sum(),
        }
    }
}

impl ShardBoundary {
    pub fn new(hash: u64, order: u64) -> Self {
        Self { hash: format!("{hash:016x}"), order: format!("{order:016x}") }
    }
    /// The hash as a number; `None` if it is damaged.
    pub fn hash(&self) -> Option<u64> {
        u64::from_str_radix(&self.hash, 16).ok()
    }
    /// The order as a number; `None` if it is damaged.
    pub fn order(&self) -> Option<u64> {
        if self.order.is_empty() { Some(0) } else { u64::from_str_radix(&self.order, 16).ok() }
    }
}

impl Manifest {
    /// Nulls by feature over the records of all shards.
    pub fn null_counts<'a>(records: impl IntoIterator<Item = &'a ShardRecord>) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for (name, nulls) in records.into_iter().flat_map(|record| &record.null_counts) {
            *counts.entry(name.clone()).or_insert(0) += nulls;
        }
        counts
    }

    fn check(&self, path: &str) -> Result<()> {
        if self.format != MANIFEST_FORMAT {
            return Err(StorageError::Unsupported {
                what: format!("manifest `{path}`"),
                detail: format!("its format is {}, this release reads format {MANIFEST_FORMAT}", self.format),
            });
        }
        let totals = ManifestTotals::of(&self.shards);
        if totals != self.totals {
            let detail = format!("its totals are {:?}, its shards have {totals:?}", self.totals);
            return Err(StorageError::Corrupt { what: format!("manifest `{path}`"), detail });
        }
        Ok(())
    }
}

/// Writes the manifest into the run's folder, where it never changes again. A manifest of the same shards that is there
/// is the answer (a resumed run).
///
/// # Errors
/// [`StorageError::Corrupt`] if the totals are wrong or a manifest of other shards is there.
pub async fn write_manifest(warehouse: &Warehouse, run_folder: &str, manifest: &Manifest) -> Result<WrittenManifest> {
    let path = format!("{run_folder}/{MANIFEST_NAME}");
    manifest.check(&path)?;
    let json = to_pretty_json(manifest)?;
    let digest = digest_of(&json);
    if warehouse.put_if_absent(&path, json).await? {
        return Ok(WrittenManifest { path, digest });
    }
    let Some(found) = warehouse.get(&path).await? else {
        return Err(StorageError::Conflict { what: format!("manifest `{path}`"), detail: "it was removed".into() });
    };
    let there = parse(&path, &found)?;
    if there.shards != manifest.shards || there.run_id != manifest.run_id || there.dataset != manifest.dataset {
        let detail = "it lists other shards than this run has written".into();
        return Err(StorageError::Corrupt { what: format!("manifest `{path}`"), detail });
    }
    Ok(WrittenManifest { digest: digest_of(&found), path })
}

/// Puts a copy into the dataset's folder, replacing that of an older generation. For people: readers of ours go by the
/// catalog.
///
/// # Errors
/// When the store refuses.
pub async fn write_manifest_copy(warehouse: &Warehouse, dataset_folder: &str, manifest: &Manifest) -> Result<()> {
    warehouse.put(&format!("{dataset_folder}/{MANIFEST_NAME}"), to_pretty_json(manifest)?).await
}

/// Reads the manifest at `path`, which must have `digest` where one is given.
///
/// # Errors
/// [`StorageError::NotFound`]; [`StorageError::Corrupt`] for other bytes than were committed.
pub async fn read_manifest(warehouse: &Warehouse, path: &str, digest: Option<&str>) -> Result<Manifest> {
    let Some(found) = warehouse.get(path).await? else {
        return Err(StorageError::NotFound { what: format!("manifest `{path}`") });
    };
    let actual = digest_of(&found);
    if let Some(expected) = digest.filter(|expected| *expected != actual) {
        let detail = format!("its digest is {actual}, committed was {expected}");
        return Err(StorageError::Corrupt { what: format!("manifest `{path}`"), detail });
    }
    parse(path, &found)
}

fn parse(path: &str, bytes: &[u8]) -> Result<Manifest> {
    let manifest: Manifest = serde_json::from_slice(bytes)
        .map_err(|error| StorageError::Corrupt { what: format!("manifest `{path}`"), detail: error.to_string() })?;
    manifest.check(path)?;
    Ok(manifest)
}

fn digest_of(bytes: &[u8]) -> String {
    format!("{:032x}", xxh3_128(bytes))
}

fn to_pretty_json(manifest: &Manifest) -> Result<Vec<u8>> {
    let json = serde_json::to_vec_pretty(manifest);
    json.map_err(|error| StorageError::Internal { detail: format!("writing a manifest: {error}") })
}
