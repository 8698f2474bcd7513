//! What a feature group is made of: everything that is needed to create it in a feature store and to check what comes back.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

/// A feature group as its owner would describe it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSpec {
    pub name: String,
    pub description: String,
    /// The entity key, in order.
    pub primary_key: Vec<String>,
    pub event_time: Option<String>,
    /// Every column with what it means, keys first.
    pub fields: Vec<(Field, String)>,
}

impl TableSpec {
    pub fn schema(&self) -> SchemaRef {
        Arc::new(Schema::new(self.fields.iter().map(|(field, _)| field.clone()).collect::<Vec<_>>()))
    }

    /// The columns that are neither key nor event time.
    pub fn features(&self) -> impl Iterator<Item = &str> {
        let is_feature =
            |name: &&str| !self.primary_key.iter().any(|key| key == name) && self.event_time.as_deref() != Some(*name);
        self.fields.iter().map(|(field, _)| field.name().as_str()).filter(is_feature)
    }
}

/// The type of every event time: microseconds since 1970 in UTC.
pub(crate) fn event_time_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

pub(crate) fn required(name: &str, data_type: DataType, description: &str) -> (Field, String) {
    (Field::new(name, data_type, false), description.to_owned())
}

pub(crate) fn nullable(name: &str, data_type: DataType, description: &str) -> (Field, String) {
    (Field::new(name, data_type, true), description.to_owned())
}
