//! Reads a training dataset again, whole, and says in words where it is not what its manifest says.

use std::{collections::BTreeSet, io::Read, ops::Range, sync::Arc};

use arrow::datatypes::SchemaRef;
use bytes::Bytes;
use futures::{FutureExt, TryStreamExt, future::BoxFuture};
use mangonel_proto::v1;
use mangonel_tfrecord::verify_frames;
use object_store::{ObjectStore, ObjectStoreExt, path::Path};
use parquet::{
    arrow::{ParquetRecordBatchStreamBuilder, arrow_reader::ArrowReaderOptions, async_reader::AsyncFileReader},
    errors::ParquetError,
    file::metadata::{ParquetMetaData, ParquetMetaDataReader},
};
use tokio::sync::mpsc;

use super::{
    Compression, Manifest, ManifestShard,
    publish::{Checksum, read_whole},
};
use crate::{
    delimited::{DelimitedReader, Delimiter},
    error::{Result, StorageError},
    types::arrow_schema,
    warehouse::{Warehouse, store_path},
};

/// Chunks between the download and the checker of records.
const CHUNKS_IN_FLIGHT: usize = 4;
/// Rows decoded at once.
const VERIFY_BATCH_ROWS: usize = 8192;

/// Checks every shard of `manifest` in `run_folder`: size, CRC32C, and that its records or pages can be read and are as
/// many as promised; and that there are no other shards. One sentence per problem, none if all is well.
///
/// # Errors
/// When the store cannot be read; what is wrong with the data is no error but a problem.
pub async fn verify_dataset(warehouse: &Warehouse, run_folder: &str, manifest: &Manifest) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    let count = RowCount::of(manifest)?;
    for shard in &manifest.shards {
        let path = format!("{run_folder}/{}", shard.name);
        let found = match manifest.data_format.as_str() {
            "parquet" => parquet_problems(warehouse, &path, shard).await?,
            _ => row_problems(warehouse, &path, shard, count.clone()).await?,
        };
        problems.extend(found.into_iter().map(|problem| format!("shard `{path}`: {problem}")));
    }
    let listed: BTreeSet<String> = manifest.shards.iter().map(|shard| format!("{run_folder}/{}", shard.name)).collect();
    let is_shard = |path: &String| path.rsplit('/').next().is_some_and(|name| name.starts_with("part-r-"));
    let others = warehouse.list(run_folder).await?.into_keys().filter(is_shard);
    problems.extend(
        others.filter(|path| !listed.contains(path)).map(|path| format!("shard `{path}`: not in the manifest")),
    );
    Ok(problems)
}

fn sum_problems(sum: Option<&Checksum>, shard: &ManifestShard) -> Vec<String> {
    let Some(sum) = sum else { return vec!["missing".into()] };
    let mut problems = Vec::new();
    if sum.bytes() != shard.bytes {
        problems.push(format!("has {} bytes, the manifest says {}", sum.bytes(), shard.bytes));
    }
    if sum.crc32c() != shard.crc32c {
        problems.push(format!("its CRC32C is {:08x}, the manifest says {:08x}", sum.crc32c(), shard.crc32c));
    }
    problems
}

fn row_problem(rows: u64, shard: &ManifestShard) -> Option<String> {
    (rows != shard.rows).then(|| format!("has {rows} rows, the manifest says {}", shard.rows))
}

/// How the rows of a format other than Parquet are counted.
#[derive(Clone)]
struct RowCount {
    compression: Compression,
    /// Without one, rows are TFRecords.
    text: Option<(Delimiter, SchemaRef)>,
}

impl RowCount {
    fn of(manifest: &Manifest) -> Result<Self> {
        let delimiter = match manifest.data_format.as_str() {
            "csv" => Some(Delimiter::Comma),
            "tsv" => Some(Delimiter::Tab),
            _ => None,
        };
        let features = manifest.features.iter().map(|feature| v1::Feature {
            name: feature.name.clone(),
            r#type: feature.type_name.clone(),
            nullable: true,
            ..Default::default()
        });
        let text = match delimiter {
            Some(delimiter) => Some((delimiter, arrow_schema(&features.collect::<Vec<_>>())?)),
            None => None,
        };
        Ok(Self { compression: manifest.compression, text })
    }

    /// Rows that can be decoded, or what is wrong with the next one. Blocks.
    fn count(self, bytes: Chunks) -> std::result::Result<u64, String> {
        let bytes = self.compression.decompressed(bytes);
        match self.text {
            None => verify_frames(bytes).map(|count| count.records).map_err(|error| error.to_string()),
            Some((delimiter, schema)) => {
                let mut rows = 0;
                for batch in DelimitedReader::new(bytes, schema, delimiter, VERIFY_BATCH_ROWS) {
                    rows += batch.map_err(|error| error.to_string())?.num_rows() as u64;
                }
                Ok(rows)
            }
        }
    }
}

async fn row_problems(
    warehouse: &Warehouse,
    path: &str,
    shard: &ManifestShard,
    count: RowCount,
) -> Result<Vec<String>> {
    let (chunks, waiting) = mpsc::channel(CHUNKS_IN_FLIGHT);
    let counted = tokio::task::spawn_blocking(move || count.count(Chunks { waiting, left: Bytes::new() }));
    let sum = read_whole(warehouse, path, Some(chunks)).await?;
    let counted = counted.await.map_err(|error| StorageError::Internal { detail: error.to_string() })?;
    let mut problems = sum_problems(sum.as_ref(), shard);
    if sum.is_some() {
        match counted {
            Ok(rows) => problems.extend(row_problem(rows, shard)),
            Err(error) => problems.push(error),
        }
    }
    Ok(problems)
}

async fn parquet_problems(warehouse: &Warehouse, path: &str, shard: &ManifestShard) -> Result<Vec<String>> {
    let sum = read_whole(warehouse, path, None).await?;
    let mut problems = sum_problems(sum.as_ref(), shard);
    if let Some(sum) = sum {
        let reader = StoredFile { store: warehouse.store(), path: store_path(path)?, bytes: sum.bytes() };
        match rows_of(reader).await {
            Ok(rows) => problems.extend(row_problem(rows, shard)),
            Err(error) => problems.push(error.to_string()),
        }
    }
    Ok(problems)
}

/// Decodes all pages.
async fn rows_of(reader: StoredFile) -> Result<u64> {
    let builder = ParquetRecordBatchStreamBuilder::new(reader).await?;
    let mut batches = builder.with_batch_size(VERIFY_BATCH_ROWS).build()?;
    let mut rows = 0;
    while let Some(batch) = batches.try_next().await? {
        rows += batch.num_rows() as u64;
    }
    Ok(rows)
}

/// What a download has brought, as a file to be read.
struct Chunks {
    waiting: mpsc::Receiver<Bytes>,
    left: Bytes,
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.left.is_empty() {
            match self.waiting.blocking_recv() {
                Some(chunk) => self.left = chunk,
                None => return Ok(0),
            }
        }
        let taken = self.left.split_to(buffer.len().min(self.left.len()));
        buffer[..taken.len()].copy_from_slice(&taken);
        Ok(taken.len())
    }
}

/// A Parquet file in the warehouse.
pub(super) struct StoredFile {
    pub store: Arc<dyn ObjectStore>,
    pub path: Path,
    pub bytes: u64,
}

impl AsyncFileReader for StoredFile {
    fn get_bytes(&mut self, range: Range<u64>) -> BoxFuture<'_, parquet::errors::Result<Bytes>> {
        let bytes = self.store.get_range(&self.path, range);
        bytes.map(|bytes| bytes.map_err(|error| ParquetError::External(error.into()))).boxed()
    }
    fn get_metadata<'a>(
        &'a mut self,
        _options: Option<&'a ArrowReaderOptions>,
    ) -> BoxFuture<'a, parquet::errors::Result<Arc<ParquetMetaData>>> {
        let bytes = self.bytes;
        async move { Ok(Arc::new(ParquetMetaDataReader::new().load_and_finish(self, bytes).await?)) }.boxed()
    }
}
