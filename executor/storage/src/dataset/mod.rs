//! Training datasets on storage: shards that appear whole and once, the records of which are done, the manifest that
//! makes a set of them a dataset, and the check that they are still what the manifest says.
//!
//! A run's folder holds `part-r-00000`, ... (published shards), `_attempts/` (uploads on their way, garbage once the run
//! has ended), `_done/00000.json` (one record per published shard) and `_manifest.json`.

mod compression;
mod manifest;
mod pages;
mod parquet_shard;
mod publish;
mod read;
mod row_shard;
mod shard_writer;
mod upload;
mod verify;

pub use compression::{Compression, DEFLATE_ENCODER};
pub use manifest::{
    DatasetIdentity, EncoderVersions, MANIFEST_FORMAT, MANIFEST_NAME, Manifest, ManifestFeature, ManifestInput,
    ManifestShard, ManifestSplit, ManifestTotals, ShardBoundary, ShardOrigin, WrittenManifest, read_manifest,
    write_manifest, write_manifest_copy,
};
pub use publish::{ShardRecord, read_done};
pub use read::{ShardRows, read_shards, shard_schema};
pub use shard_writer::{ShardFormat, ShardTarget, ShardWriter, write_empty_shard};
pub use verify::verify_dataset;

/// Name of a published shard in its run's folder.
pub fn shard_name(shard: u32) -> String {
    format!("part-r-{shard:05}")
}

/// Version of the Parquet encoder that shards are written with: another one may give other bytes for the same rows.
pub const PARQUET_ENCODER: &str = parquet::file::properties::DEFAULT_CREATED_BY;

#[cfg(test)]
mod tests;
