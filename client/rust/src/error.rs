//! The error of the wire out of a gRPC status.

use mangonel_proto::{Error, ErrorCode, wire};
use tonic::{Code, Status};

/// Our error as the server sent it, or the nearest one for a status that is not ours.
pub fn from_status(status: &Status) -> Error {
    let ours = status.metadata().get_bin(wire::ERROR_HEADER).and_then(|value| value.to_bytes().ok());
    if let Some(error) = ours.and_then(|json| Error::from_json(&json)) {
        return error;
    }
    let code = match status.code() {
        Code::NotFound => ErrorCode::NotFound,
        Code::AlreadyExists => ErrorCode::AlreadyExists,
        Code::InvalidArgument | Code::OutOfRange | Code::FailedPrecondition => ErrorCode::InvalidArgument,
        Code::Aborted => ErrorCode::Conflict,
        Code::PermissionDenied => ErrorCode::PermissionDenied,
        Code::Unauthenticated => ErrorCode::Unauthenticated,
        Code::ResourceExhausted => ErrorCode::ResourceExhausted,
        Code::Cancelled => ErrorCode::Cancelled,
        Code::Unavailable | Code::DeadlineExceeded => ErrorCode::Unavailable,
        _ => ErrorCode::Internal,
    };
    Error::new(code, status.message())
}
