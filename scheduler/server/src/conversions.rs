//! Small conversions between messages and other crates' values.

use arrow::datatypes::Schema;
use arrow_flight::IpcMessage;
use mangonel_proto::{Error, Result, v1};
use mangonel_storage::types::{arrow_schema, features_from_schema};

/// The features that a request declares: those of its Arrow schema, described by the ones it lists, or the listed ones.
///
/// # Errors
/// Every column that no type of ours fits, and every description of a column that is not there.
pub(crate) fn declared_features(request: &v1::CreateFeatureGroup) -> Result<Vec<v1::Feature>> {
    if request.arrow_schema.is_empty() {
        arrow_schema(&request.features).map_err(Error::from)?;
        return Ok(request.features.clone());
    }
    let schema = Schema::try_from(IpcMessage(request.arrow_schema.clone().into()))
        .map_err(|error| Error::invalid(format!("malformed Arrow schema: {error}")))?;
    let mut problems = Vec::new();
    let mut features = features_from_schema(&schema)?;
    for described in &request.features {
        match features.iter_mut().find(|feature| feature.name == described.name) {
            Some(feature) => {
                feature.description.clone_from(&described.description);
                if !described.r#type.is_empty() {
                    feature.r#type.clone_from(&described.r#type);
                }
            }
            None => problems.push(Error::invalid(format!(
                "feature `{}` is described, but the data has no such column",
                mangonel_proto::names::shown(&described.name)
            ))),
        }
    }
    Error::all(problems)?;
    arrow_schema(&features).map_err(Error::from)?;
    Ok(features)
}

/// Milliseconds since 1970 in UTC.
pub(crate) fn now_ms() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
