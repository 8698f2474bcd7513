//! What can go wrong between the warehouse and its callers: one variant per thing that a caller would do differently.

use mangonel_proto::{Error, ErrorCode};

use crate::full_disk::{full_disk, is_for_want_of_room};

/// Cause of a failure in a crate whose error type we do not name.
pub type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

/// Result of anything that reads or writes the warehouse.
pub type Result<T, E = StorageError> = std::result::Result<T, E>;

/// A failure of storage. `context` says what was being done, in words that follow "while".
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Something that the caller named does not exist.
    #[error("{what} not found")]
    NotFound { what: String },
    /// Something that the caller wanted to create is there already.
    #[error("{what} already exists")]
    AlreadyExists { what: String },
    /// Another writer was faster; load again and decide again.
    #[error("{what} was changed by another writer: {detail}")]
    Conflict { what: String, detail: String },
    /// Incoming data does not fit the schema of its feature group; each problem names its column.
    #[error("{} in the schema of the data: {}", count(problems.len(), "problem"), join(problems))]
    SchemaMismatch { problems: Vec<Error> },
    /// A primary key or event time is null. `rows` are the first ones, counted from 0 over the whole insert.
    #[error("{role} `{column}` is null in {}, first {}", count(*nulls, "row"), numbers(rows))]
    NullKey { role: &'static str, column: String, nulls: usize, rows: Vec<u64> },
    /// Values that the column's type cannot hold. `rows` are the first ones, counted from 0 over the whole insert.
    #[error("column `{column}`: {detail} in {}, first {}", count(*values, "row"), numbers(rows))]
    Value { column: String, detail: String, values: usize, rows: Vec<u64> },
    /// The request itself is wrong; says so in the words of the wire.
    #[error("{0}")]
    Invalid(Error),
    /// Several failures of one request.
    #[error("{}: {}", count(problems.len(), "problem"), join(problems))]
    Several { problems: Vec<StorageError> },
    /// Stored bytes are not what this release or any earlier one writes.
    #[error("{what} is damaged: {detail}")]
    Corrupt { what: String, detail: String },
    /// A table uses a feature that we do not read.
    #[error("{what} is not supported: {detail}")]
    Unsupported { what: String, detail: String },
    #[error("{context}: {source}")]
    Io { context: String, source: std::io::Error },
    #[error("{context}: {source}")]
    ObjectStore { context: String, source: object_store::Error },
    #[error("arrow: {source}")]
    Arrow {
        #[from]
        source: arrow::error::ArrowError,
    },
    #[error("parquet: {source}")]
    Parquet {
        #[from]
        source: parquet::errors::ParquetError,
    },
    /// The Delta library failed.
    #[error("{context}: {source}")]
    Table { context: String, source: BoxError },
    /// A rule of this crate was broken by this crate.
    #[error("internal error: {detail}")]
    Internal { detail: String },
}

impl StorageError {
    /// An error of the request with one sentence.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid(Error::invalid(message))
    }
    /// For `map_err`: an IO error and what was being done.
    pub fn io(context: impl Into<String>) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { context: context.into(), source }
    }
    /// For `map_err`: an object store error and what was being done.
    pub fn object_store(context: impl Into<String>) -> impl FnOnce(object_store::Error) -> Self {
        move |source| Self::ObjectStore { context: context.into(), source }
    }
    /// For `map_err`: an error of the Delta library and what was being done.
    pub fn table<E: Into<BoxError>>(context: impl Into<String>) -> impl FnOnce(E) -> Self {
        move |source| Self::Table { context: context.into(), source: source.into() }
    }
    /// One error out of all failures of a request.
    ///
    /// # Errors
    /// The only failure, or [`StorageError::Several`] of them.
    pub fn all(mut problems: Vec<Self>) -> Result<()> {
        match problems.len() {
            0 => Ok(()),
            1 => problems.pop().map_or(Ok(()), Err),
            _ => Err(Self::Several { problems }),
        }
    }

    /// Code of this error on the wire.
    pub fn code(&self) -> ErrorCode {
        if is_for_want_of_room(self) {
            return ErrorCode::ResourceExhausted;
        }
        match self {
            Self::NotFound { .. } => ErrorCode::NotFound,
            Self::AlreadyExists { .. } => ErrorCode::AlreadyExists,
            Self::Conflict { .. } => ErrorCode::Conflict,
            Self::SchemaMismatch { .. } | Self::NullKey { .. } | Self::Value { .. } | Self::Unsupported { .. } => {
                ErrorCode::InvalidArgument
            }
            Self::Invalid(error) => error.code,
            Self::Several { problems } => problems.first().map_or(ErrorCode::Internal, Self::code),
            Self::ObjectStore { source, .. } => match source {
                object_store::Error::NotFound { .. } => ErrorCode::NotFound,
                object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. } => {
                    ErrorCode::Conflict
                }
                object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
                    ErrorCode::PermissionDenied
                }
                object_store::Error::InvalidPath { .. } => ErrorCode::InvalidArgument,
                object_store::Error::Generic { .. } => ErrorCode::Unavailable,
                _ => ErrorCode::Internal,
            },
            Self::Io { source, .. } => match source.kind() {
                std::io::ErrorKind::NotFound => ErrorCode::NotFound,
                std::io::ErrorKind::PermissionDenied => ErrorCode::PermissionDenied,
                std::io::ErrorKind::Interrupted | std::io::ErrorKind::TimedOut => ErrorCode::Unavailable,
                _ => ErrorCode::Internal,
            },
            Self::Corrupt { .. }
            | Self::Arrow { .. }
            | Self::Parquet { .. }
            | Self::Table { .. }
            | Self::Internal { .. } => ErrorCode::Internal,
        }
    }
}

impl From<Error> for StorageError {
    fn from(error: Error) -> Self {
        Self::Invalid(error)
    }
}

impl From<StorageError> for Error {
    fn from(error: StorageError) -> Self {
        let code = error.code();
        if let Some(full) = full_disk(&error) {
            return Self::new(code, full.to_string());
        }
        match error {
            StorageError::Invalid(error) => error,
            StorageError::SchemaMismatch { problems } => combined(problems, "schema mismatch"),
            StorageError::Several { problems } => {
                combined(problems.into_iter().map(Self::from).collect(), "several failures")
            }
            StorageError::NullKey { ref column, .. } => {
                Self::new(code, error.to_string()).reason("NullValues").named([column])
            }
            StorageError::Value { ref column, .. } => {
                Self::new(code, error.to_string()).reason("SchemaMismatch").named([column])
            }
            other => Self::new(code, other.to_string()),
        }
    }
}

fn combined(problems: Vec<Error>, otherwise: &str) -> Error {
    match Error::all(problems) {
        Err(error) => error,
        Ok(()) => Error::internal(otherwise),
    }
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

fn join<T: ToString>(problems: &[T]) -> String {
    problems.iter().map(T::to_string).collect::<Vec<_>>().join("; ")
}

/// `row 3` or `rows 3, 4, 9`.
fn numbers(rows: &[u64]) -> String {
    let list = rows.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    format!("{} {list}", if rows.len() == 1 { "row" } else { "rows" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_null_key_reaches_the_client_with_its_column_and_rows() {
        let error = StorageError::NullKey { role: "primary key", column: "id".into(), nulls: 2, rows: vec![3, 9] };
        let error = Error::from(error);
        assert_eq!(error.message, "primary key `id` is null in 2 rows, first rows 3, 9");
        assert_eq!(
            (error.code, error.reason, error.names.as_slice()),
            (ErrorCode::InvalidArgument, "NullValues", &["id".to_owned()][..])
        );
    }

    #[test]
    fn all_problems_reach_the_client_in_one_error() {
        let problems = vec![Error::invalid("column `a` is unknown"), Error::invalid("column `b` is missing")];
        let error = Error::from(StorageError::SchemaMismatch { problems });
        assert_eq!(error.problems.len(), 1);
        let several = vec![StorageError::invalid("first"), StorageError::NotFound { what: "table `t`".into() }];
        let error = Error::from(StorageError::all(several).unwrap_err());
        assert_eq!(error.to_string(), "2 problems:\n  1. first\n  2. table `t` not found");
        assert!(StorageError::all(Vec::new()).is_ok());
    }
}
