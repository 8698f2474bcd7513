//! How failures of storage and of the wire travel through DataFusion plans and come out whole.

use datafusion::common::DataFusionError;
use mangonel_proto::Error;
use mangonel_storage::error::StorageError;

/// For `map_err`: a storage failure inside a plan. IO errors stay IO errors, the only ones that Ballista tries again.
pub fn from_storage(error: StorageError) -> DataFusionError {
    match error {
        StorageError::Io { source, .. } => DataFusionError::IoError(source),
        StorageError::ObjectStore { source, context } => {
            let missing = matches!(source, object_store::Error::NotFound { .. });
            let kind = if missing { std::io::ErrorKind::NotFound } else { std::io::ErrorKind::Other };
            DataFusionError::IoError(std::io::Error::new(kind, format!("{context}: {source}")))
        }
        other => DataFusionError::External(Box::new(Error::from(other))),
    }
}

/// The error of the wire for a plan that failed: ours if one is inside, else `internal` (or `resource_exhausted`).
pub fn to_wire(error: &DataFusionError) -> Error {
    if let Some(ours) = find_ours(error) {
        return ours;
    }
    match error.find_root() {
        DataFusionError::ResourcesExhausted(message) => Error::new(
            mangonel_proto::ErrorCode::ResourceExhausted,
            format!("the memory budget is too small for this work: {message}"),
        ),
        root => Error::internal(root.to_string()),
    }
}

fn find_ours(error: &(dyn std::error::Error + 'static)) -> Option<Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(ours) = error.downcast_ref::<Error>() {
            return Some(ours.clone());
        }
        // `source` of an `External` error skips the boxed error itself.
        if let Some(DataFusionError::External(inner)) = error.downcast_ref::<DataFusionError>()
            && let Some(found) = find_ours(inner.as_ref())
        {
            return Some(found);
        }
        if let Some(DataFusionError::Shared(inner)) = error.downcast_ref::<DataFusionError>() {
            return find_ours(inner.as_ref());
        }
        next = error.source();
    }
    None
}
