//! The first commit of a feature group's table: its protocol, schema and rules, written by hand so that it is one
//! conditional put that can never land on top of another table.

use std::collections::BTreeMap;

use arrow::datatypes::{DataType, Schema};
use deltalake_core::kernel::{StructType, engine::arrow_conversion::TryIntoKernel};
use serde_json::json;
use uuid::Uuid;

use crate::{
    error::{Result, StorageError},
    warehouse::Warehouse,
};

/// Commits between two checkpoints: a reader lists and reads at most so many small files.
const CHECKPOINT_COMMITS: u32 = 20;
/// How long the log remembers which runs it has committed or forbidden. No run lives that long.
const TRANSACTION_RETENTION: &str = "interval 90 days";

/// Creates an empty table at `location` and gives back its id. `config` are properties of ours or of the user's tools;
/// keys that begin with `delta.` are refused, since they change what readers must understand.
///
/// # Errors
/// [`StorageError::AlreadyExists`] if there is a table; [`StorageError::Invalid`] for a schema or partition columns that
/// Delta cannot hold.
pub async fn create_table(
    warehouse: &Warehouse,
    location: &str,
    schema: &Schema,
    partition_by: &[String],
    config: &BTreeMap<String, String>,
) -> Result<String> {
    let refused = |detail: String| StorageError::invalid(format!("table `{location}`: {detail}"));
    if let Some(key) = config.keys().find(|key| key.starts_with("delta.")) {
        return Err(refused(format!("property `{key}` is kept for Delta")));
    }
    if let Some(column) = partition_by.iter().find(|column| schema.field_with_name(column).is_err()) {
        return Err(refused(format!("partition column `{column}` is not in the schema")));
    }
    if partition_by.len() >= schema.fields().len() {
        return Err(refused("at least one column must not be a partition column".into()));
    }
    let kernel: StructType = schema
        .try_into_kernel()
        .map_err(|error: arrow::error::ArrowError| refused(format!("its schema does not fit Delta: {error}")))?;
    let schema_string = serde_json::to_string(&kernel)
        .map_err(|error| StorageError::Internal { detail: format!("schema of a table: {error}") })?;

    let mut properties = config.clone();
    properties.extend(own_properties());
    let protocol = if schema.fields().iter().any(|field| is_zoneless(field.data_type())) {
        zoneless_protocol()
    } else {
        json!({"minReaderVersion": 1, "minWriterVersion": 2})
    };
    let id = Uuid::new_v4().to_string();
    let now = chrono::Utc::now().timestamp_millis();
    let actions = [
        json!({"commitInfo": {"timestamp": now, "operation": "CREATE TABLE", "operationParameters": {},
                              "engineInfo": format!("mangonel:{}", mangonel_proto::RELEASE)}}),
        json!({"protocol": protocol}),
        json!({"metaData": {"id": id, "format": {"provider": "parquet", "options": {}}, "schemaString": schema_string,
                            "partitionColumns": partition_by, "configuration": properties, "createdTime": now}}),
    ];
    let lines = actions.map(|action| action.to_string()).join("\n");

    let log = format!("{location}/_delta_log");
    let exists = || StorageError::AlreadyExists { what: format!("table `{location}`") };
    // The first commit may have been trimmed from a table that lives.
    if !warehouse.list(&log).await?.is_empty() {
        return Err(exists());
    }
    if !warehouse.put_if_absent(&format!("{log}/{:020}.json", 0), lines).await? {
        return Err(exists());
    }
    Ok(id)
}

/// What keeps pinned versions readable and the log bounded, whichever engine writes next.
fn own_properties() -> [(String, String); 4] {
    [
        ("delta.enableExpiredLogCleanup", "false".to_owned()),
        ("delta.setTransactionRetentionDuration", TRANSACTION_RETENTION.to_owned()),
        ("delta.checkpointInterval", CHECKPOINT_COMMITS.to_string()),
        ("delta.dataSkippingNumIndexedCols", "-1".to_owned()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
}

/// What tables with timestamps without zone ask of readers and writers.
pub(super) fn zoneless_protocol() -> serde_json::Value {
    json!({"minReaderVersion": 3, "minWriterVersion": 7,
           "readerFeatures": ["timestampNtz"], "writerFeatures": ["timestampNtz"]})
}

/// Whether the type is or holds a timestamp without zone, which Delta has as a table feature.
pub(super) fn is_zoneless(data_type: &DataType) -> bool {
    match data_type {
        DataType::Timestamp(_, zone) => zone.is_none(),
        DataType::List(field) | DataType::LargeList(field) | DataType::FixedSizeList(field, _) => {
            is_zoneless(field.data_type())
        }
        DataType::Struct(fields) => fields.iter().any(|field| is_zoneless(field.data_type())),
        _ => false,
    }
}
