//! The one error that crosses the wire: a code for programs, a sentence for people, the names involved, and every
//! further problem of the same request. Mapped once to gRPC (`grpc_code`) and once to HTTP (`http_status`).

use std::fmt;

use crate::v1;
pub use crate::v1::ErrorCode;

/// Result of anything whose failure a client may see.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong and what to do about it. Several problems of one request travel in one error.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    pub code: ErrorCode,
    /// One sentence, lower case, no full stop.
    pub message: String,
    /// Exception class of the Python client (`FeatureNotFound`, ...); empty for the class of the code.
    pub reason: &'static str,
    pub names: Vec<String>,
    pub problems: Vec<Error>,
}

/// Reasons that clients turn into exception classes with the seed client's names.
pub const REASONS: [&str; 13] = [
    "FeaturegroupNotFound",
    "FeatureNotFound",
    "FeatureNameCollisionError",
    "InferJoinKeyError",
    "InvalidPrimaryKey",
    "TrainingDatasetNotFound",
    "CouldNotConvertDataframe",
    "InferTFRecordSchemaError",
    "TFRecordSchemaNotFound",
    "NullValues",
    "SchemaMismatch",
    "RunCancelled",
    "Busy",
];

impl Error {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), reason: "", names: Vec::new(), problems: Vec::new() }
    }
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::NotFound, message)
    }
    pub fn already_exists(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::AlreadyExists, message)
    }
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::InvalidArgument, message)
    }
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Conflict, message)
    }
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Unavailable, message)
    }
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Internal, message)
    }
    pub fn cancelled(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Cancelled, message).reason("RunCancelled")
    }

    /// Names the exception class of the Python client; `reason` is one of [`REASONS`].
    #[must_use]
    pub fn reason(mut self, reason: &'static str) -> Self {
        self.reason = reason;
        self
    }
    #[must_use]
    pub fn named(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.names.extend(names.into_iter().map(Into::into));
        self
    }

    /// One error out of all problems of a request; the first gives code and reason.
    ///
    /// # Errors
    /// The combined error, when `problems` is not empty.
    pub fn all(problems: Vec<Error>) -> Result<()> {
        let mut problems = problems.into_iter();
        match problems.next() {
            None => Ok(()),
            Some(mut first) => {
                first.problems.extend(problems);
                Err(first)
            }
        }
    }

    /// gRPC status code number of this error (<https://grpc.io/docs/guides/status-codes/>).
    pub fn grpc_code(&self) -> i32 {
        match self.code {
            ErrorCode::NotFound => 5,
            ErrorCode::AlreadyExists => 6,
            ErrorCode::InvalidArgument | ErrorCode::Ambiguous => 3,
            ErrorCode::Conflict => 10,
            ErrorCode::PermissionDenied => 7,
            ErrorCode::Unauthenticated => 16,
            ErrorCode::ResourceExhausted => 8,
            ErrorCode::Unavailable => 14,
            ErrorCode::Cancelled => 1,
            ErrorCode::Internal | ErrorCode::Unspecified => 13,
        }
    }

    /// HTTP status of this error.
    pub fn http_status(&self) -> u16 {
        match self.code {
            ErrorCode::NotFound => 404,
            ErrorCode::AlreadyExists | ErrorCode::Conflict => 409,
            ErrorCode::InvalidArgument | ErrorCode::Ambiguous => 400,
            ErrorCode::PermissionDenied => 403,
            ErrorCode::Unauthenticated => 401,
            ErrorCode::ResourceExhausted => 429,
            ErrorCode::Unavailable => 503,
            ErrorCode::Cancelled => 499,
            ErrorCode::Internal | ErrorCode::Unspecified => 500,
        }
    }

    /// Whether the same call may succeed later without a change.
    pub fn is_transient(&self) -> bool {
        matches!(self.code, ErrorCode::Unavailable | ErrorCode::ResourceExhausted)
    }

    pub fn to_message(&self) -> v1::Error {
        v1::Error {
            code: self.code.into(),
            message: self.message.clone(),
            reason: self.reason.into(),
            names: self.names.clone(),
            problems: self.problems.iter().map(Self::to_message).collect(),
        }
    }

    pub fn from_message(message: v1::Error) -> Self {
        Self {
            code: message.code(),
            reason: REASONS.into_iter().find(|known| *known == message.reason).unwrap_or(""),
            message: message.message,
            names: message.names,
            problems: message.problems.into_iter().map(Self::from_message).collect(),
        }
    }

    /// The JSON that travels in gRPC status details and HTTP bodies.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.to_message()).unwrap_or_else(|_| self.message.clone())
    }

    pub fn from_json(json: &[u8]) -> Option<Self> {
        serde_json::from_slice::<v1::Error>(json).ok().map(Self::from_message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.problems.is_empty() {
            return f.write_str(&self.message);
        }
        write!(f, "{} problems:", 1 + self.problems.len())?;
        write!(f, "\n  1. {}", self.message)?;
        for (index, problem) in self.problems.iter().enumerate() {
            write!(f, "\n  {}. {}", index + 2, problem.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_survives_the_wire() {
        let problems = vec![
            Error::not_found("feature `x` not found").reason("FeatureNotFound").named(["x"]),
            Error::invalid("join type `outer` unknown"),
        ];
        let error = Error::all(problems).unwrap_err();
        assert_eq!(Error::from_json(error.to_json().as_bytes()), Some(error.clone()));
        assert_eq!(error.to_string(), "2 problems:\n  1. feature `x` not found\n  2. join type `outer` unknown");
        assert_eq!((error.grpc_code(), error.http_status()), (5, 404));
    }
}
