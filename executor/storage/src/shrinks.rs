//! Whether rows become smaller when they are compressed, told from the first of them: numbers that were measured hardly do,
//! and trying costs more than writing them.

use arrow::{
    array::RecordBatch,
    ipc::{
        CompressionType,
        writer::{IpcWriteOptions, StreamWriter},
    },
};

use crate::error::Result;

/// Rows that are tried.
const SAMPLE_ROWS: usize = 4096;

/// Bytes of the rows of a batch, without what their buffers hold beside.
///
/// # Errors
/// What Arrow says of its own arrays.
pub fn bytes_of_rows(batch: &RecordBatch) -> Result<usize> {
    let sizes = batch.columns().iter().map(|column| Ok(column.to_data().get_slice_memory_size()?));
    sizes.sum()
}

/// Whether LZ4 saves an eighth of the first rows or more.
///
/// # Errors
/// What Arrow's encoder says.
pub fn shrinks(batch: &RecordBatch) -> Result<bool> {
    let sample = batch.slice(0, batch.num_rows().min(SAMPLE_ROWS));
    let written = |compression| {
        let options = IpcWriteOptions::default().try_with_compression(compression)?;
        let mut writer = StreamWriter::try_new_with_options(Vec::new(), sample.schema_ref(), options)?;
        writer.write(&sample)?;
        Ok::<_, crate::error::StorageError>(writer.into_inner()?.len())
    };
    let (plain, compressed) = (written(None)?, written(Some(CompressionType::LZ4_FRAME))?);
    Ok(compressed <= plain - plain / 8)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Float64Array, Int64Array};

    use super::*;

    #[test]
    fn what_repeats_shrinks_and_what_is_random_does_not() {
        let of = |column: ArrayRef| shrinks(&RecordBatch::try_from_iter([("x", column)]).unwrap()).unwrap();
        let random = |row: u64| (row.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 11) as f64 / 3.0;
        assert!(!of(Arc::new((0..9000).map(|row| Some(random(row))).collect::<Float64Array>())));
        assert!(of(Arc::new((0..9000).map(|row| Some((row % 100) as f64)).collect::<Float64Array>())));
        assert!(of(Arc::new((0..9000).map(Some).collect::<Int64Array>())));
        assert!(of(Arc::new((0..9000).map(|row| (row % 10 == 0).then(|| random(row))).collect::<Float64Array>())));
        assert!(!of(Arc::new(Int64Array::from(Vec::<i64>::new()))));
    }
}
