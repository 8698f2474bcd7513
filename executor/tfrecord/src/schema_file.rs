//! `tf_record_schema.txt`: the JSON from which a client builds its `tf.io.FixedLenFeature` and `VarLenFeature` map.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::TfRecordError;

/// Name of the file beside the shards.
pub const SCHEMA_FILE_NAME: &str = "tf_record_schema.txt";

/// One [`FeatureSpec`] per column. In the file the columns are sorted by name (bytewise), which is also their order in a record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SchemaFile {
    pub features: BTreeMap<String, FeatureSpec>,
}

/// How to parse one column, as `{"feature": "fixed_len", "type": "int", "shape": [3]}`. `shape` stands only where a
/// fixed-length feature is a list; without it `fixed_len` is a scalar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureSpec {
    #[serde(rename = "feature")]
    pub length: FeatureLength,
    #[serde(rename = "type")]
    pub kind: FeatureKind,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shape: Vec<usize>,
}

/// Whether every row has the same number of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureLength {
    FixedLen,
    VarLen,
}

/// The list that holds the values: `Int64List`, `FloatList` or `BytesList`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeatureKind {
    Int,
    Float,
    String,
}

impl SchemaFile {
    /// The file's text, indented, ending in a line feed; the same features give the same text.
    /// # Errors  [`TfRecordError::SchemaFile`], which no map of strings causes.
    pub fn to_json(&self) -> Result<String, TfRecordError> {
        let mut text = serde_json::to_string_pretty(self).map_err(|source| TfRecordError::SchemaFile { source })?;
        text.push('\n');
        Ok(text)
    }

    /// Reads the file's text; the order of columns does not matter.
    /// # Errors  [`TfRecordError::SchemaFile`] with line and column of the first thing that is not understood.
    pub fn from_json(text: &str) -> Result<Self, TfRecordError> {
        serde_json::from_str(text).map_err(|source| TfRecordError::SchemaFile { source })
    }
}
