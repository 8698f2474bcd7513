//! Raw data files for imports: Parquet and CSV, written as the batches come.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, RecordBatch};
use arrow::csv::WriterBuilder;
use arrow::datatypes::TimestampMicrosecondType;
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatchReader;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::GeneratorError;

/// Rows of a Parquet row group, hence the bound on the writer's memory.
const ROW_GROUP_ROWS: usize = 128 * 1024;

/// Writes `batches` to one Snappy-compressed Parquet file, replacing what was there, and returns the number of rows.
/// # Errors  [`GeneratorError::Unwritable`] if the file cannot be created, [`GeneratorError::Parquet`] if writing fails later.
pub fn write_parquet(batches: impl RecordBatchReader, path: &Path) -> Result<u64, GeneratorError> {
    let failed = |source| GeneratorError::Parquet { path: path.to_owned(), source };
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .build();
    let mut writer = ArrowWriter::try_new(create(path)?, batches.schema(), Some(properties)).map_err(failed)?;
    let mut rows = 0;
    for batch in batches {
        let batch = batch.map_err(|source| GeneratorError::Batch { source })?;
        writer.write(&batch).map_err(failed)?;
        rows += batch.num_rows() as u64;
    }
    writer.close().map_err(failed)?;
    Ok(rows)
}

/// Writes `batches` to one CSV file with a header, in UTF-8, nulls as empty fields, replacing what was there, and returns the number of rows.
/// Event times are written as `2021-06-04T20:00:00Z`.
/// # Errors  [`GeneratorError::Unwritable`] if the file cannot be created, [`GeneratorError::Batch`] if writing fails later.
pub fn write_csv(batches: impl RecordBatchReader, path: &Path) -> Result<u64, GeneratorError> {
    let failed = |source| GeneratorError::Batch { source };
    let mut writer = WriterBuilder::new().with_header(true).build(create(path)?);
    // The header comes with the first batch, also when there is no row.
    let none = with_utc_as_offset(RecordBatch::new_empty(batches.schema())).map_err(failed)?;
    writer.write(&none).map_err(failed)?;
    let mut rows = 0;
    for batch in batches {
        let batch = batch.and_then(with_utc_as_offset).map_err(failed)?;
        writer.write(&batch).map_err(failed)?;
        rows += batch.num_rows() as u64;
    }
    Ok(rows)
}

/// Arrow knows zones by name only if some crate of the build asks it to; an offset it always knows.
fn with_utc_as_offset(batch: RecordBatch) -> Result<RecordBatch, ArrowError> {
    let columns = batch.schema_ref().fields().iter().zip(batch.columns()).map(|(field, column)| {
        match column.as_primitive_opt::<TimestampMicrosecondType>() {
            Some(times) => (field.name(), Arc::new(times.clone().with_timezone("+00:00")) as ArrayRef),
            None => (field.name(), column.clone()),
        }
    });
    RecordBatch::try_from_iter(columns)
}

fn create(path: &Path) -> Result<File, GeneratorError> {
    File::create(path).map_err(|source| GeneratorError::Unwritable { path: path.to_owned(), source })
}
