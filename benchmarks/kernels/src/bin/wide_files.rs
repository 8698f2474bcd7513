//! Writes wide feature groups of one key as Parquet files, one per group, and says in JSON what they are and hold.

use std::{error::Error, path::PathBuf};

use clap::Parser;
use mangonel_generator::{RowOrder, WideGroups, write_parquet};

const BATCH_ROWS: usize = 8192;

/// Writes `wide_g0.parquet`, `wide_g1.parquet`, ... with the same entities in each, every group in an order of its own.
#[derive(Debug, Parser)]
struct Arguments {
    /// Folder for the files; created when missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Rows of each group
    #[arg(long, default_value_t = 5_000_000)]
    rows: u64,
    #[arg(long, default_value_t = 5)]
    groups: usize,
    /// Features of each group: of ten, eight doubles, an integer and a string
    #[arg(long, default_value_t = 10)]
    features: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    std::fs::create_dir_all(&arguments.out)?;
    let wide = WideGroups {
        rows: arguments.rows,
        groups: arguments.groups,
        features_per_group: arguments.features,
        seed: arguments.seed,
        order: RowOrder::Shuffled,
    };
    let mut groups = Vec::with_capacity(wide.groups);
    for (group, spec) in wide.specs().into_iter().enumerate() {
        let path = arguments.out.join(format!("{}.parquet", spec.name));
        let mut arrow_bytes = 0;
        let batches = Measured { batches: wide.batches(group, BATCH_ROWS), bytes: &mut arrow_bytes };
        let rows = write_parquet(batches, &path)?;
        groups.push(serde_json::json!({
            "name": spec.name,
            "key": spec.primary_key,
            "features": spec.features().collect::<Vec<_>>(),
            "path": path,
            "rows": rows,
            "bytes": std::fs::metadata(&path)?.len(),
            "arrow_bytes": arrow_bytes,
        }));
    }
    println!("{}", serde_json::to_string_pretty(&groups)?);
    Ok(())
}

/// Batches on their way into a file, with what they take in memory.
struct Measured<'a, B> {
    batches: B,
    bytes: &'a mut usize,
}

impl<B: arrow::record_batch::RecordBatchReader> Iterator for Measured<'_, B> {
    type Item = B::Item;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.batches.next()?;
        if let Ok(batch) = &batch {
            *self.bytes += batch.columns().iter().map(|column| slice_bytes(column.as_ref())).sum::<usize>();
        }
        Some(batch)
    }
}

impl<B: arrow::record_batch::RecordBatchReader> arrow::record_batch::RecordBatchReader for Measured<'_, B> {
    fn schema(&self) -> arrow::datatypes::SchemaRef {
        self.batches.schema()
    }
}

/// Bytes of the values themselves, without what builders reserve.
fn slice_bytes(column: &dyn arrow::array::Array) -> usize {
    column.to_data().get_slice_memory_size().unwrap_or(0)
}
