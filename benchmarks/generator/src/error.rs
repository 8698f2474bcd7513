//! What can go wrong: an option that makes no sense, or a file that cannot be written.

use std::path::PathBuf;

use arrow::error::ArrowError;
use parquet::errors::ParquetError;

#[derive(Debug, thiserror::Error)]
pub enum GeneratorError {
    #[error("option `{option}` {reason}")]
    InvalidOption { option: &'static str, reason: &'static str },
    #[error("cannot write `{}`", path.display())]
    Unwritable { path: PathBuf, source: std::io::Error },
    #[error("cannot build or encode a record batch")]
    Batch { source: ArrowError },
    #[error("cannot encode parquet file `{}`", path.display())]
    Parquet { path: PathBuf, source: ParquetError },
}
