//! What can go wrong below the catalog, one variant per thing that a caller would do differently, and its one mapping to
//! the error that crosses the wire.

use std::path::PathBuf;

use mangonel_proto::{Error, ErrorCode};

pub type StoreResult<T> = Result<T, StoreError>;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Split the change, or keep the data elsewhere.
    #[error("catalog change is too large: {actual} {unit}, at most {limit} are possible")]
    TooLarge { unit: &'static str, actual: usize, limit: usize },
    /// A mistake of the caller.
    #[error("catalog store was asked for something impossible: {rule}")]
    Invalid { rule: &'static str },
    /// List again and watch from there.
    #[error("catalog history before revision {oldest} is gone: list again")]
    Compacted { oldest: i64 },
    /// Grant a new one; what the old one held is gone.
    #[error("lease {lease} has expired or was revoked")]
    LeaseNotFound { lease: i64 },
    /// Ask again later. A change that was under way may or may not have been made.
    #[error("catalog store {place} is unavailable: {reason}")]
    Unavailable { place: String, reason: String },
    /// An operator has to make room.
    #[error("catalog store {place} is full: {reason}")]
    Full { place: String, reason: String },
    /// Another process works on this folder.
    #[error("folder {} is in use by process {pid}: stop it, or choose another folder", folder.display())]
    Locked { folder: PathBuf, pid: String },
    /// What was read is not what a catalog store looks like.
    #[error("catalog store {place} cannot be used: {reason}")]
    Unusable { place: String, reason: String },
}

impl StoreError {
    /// Code of this error on the wire.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::TooLarge { .. } => ErrorCode::InvalidArgument,
            Self::Compacted { .. } | Self::LeaseNotFound { .. } => ErrorCode::Conflict,
            Self::Unavailable { .. } | Self::Locked { .. } => ErrorCode::Unavailable,
            Self::Full { .. } => ErrorCode::ResourceExhausted,
            Self::Invalid { .. } | Self::Unusable { .. } => ErrorCode::Internal,
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        let what_to_do = match &error {
            StoreError::Unavailable { .. } => {
                "; calls can be repeated when it answers, and count once under the same run id"
            }
            StoreError::Full { .. } => "; make room on its disk, then try again",
            _ => "",
        };
        Error::new(error.code(), format!("{error}{what_to_do}"))
    }
}
