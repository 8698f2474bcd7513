//! Which types of columns can be compared in a join, and which may be part of a key.

/// Types whose values can be equal to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyType {
    Boolean,
    Integer,
    Decimal,
    String,
    Binary,
    Date,
    Timestamp,
    TimestampNtz,
}

/// What a type text compares with. `None` for floats, lists, structs and whatever else cannot be a key.
pub(crate) fn key_type(text: &str) -> Option<KeyType> {
    let text = text.trim().to_ascii_lowercase();
    let base = text.split('(').next().unwrap_or_default().trim();
    match base {
        "boolean" => Some(KeyType::Boolean),
        "byte" | "short" | "integer" | "long" | "tinyint" | "smallint" | "int" | "bigint" => Some(KeyType::Integer),
        "decimal" => Some(KeyType::Decimal),
        "string" => Some(KeyType::String),
        "binary" => Some(KeyType::Binary),
        "date" => Some(KeyType::Date),
        "timestamp" => Some(KeyType::Timestamp),
        "timestamp_ntz" => Some(KeyType::TimestampNtz),
        _ => None,
    }
}

/// Whether a type text is one that keys are refused for by name: floats, lists, structs, maps. A text that is unknown is
/// left to the storage crate, which parses types.
pub(crate) fn refused_in_key(text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    matches!(text.as_str(), "float" | "double" | "real")
        || ["array", "struct", "map"].iter().any(|t| text.starts_with(t))
}

/// Whether a type text is one that tables cannot be partitioned by. A text that is unknown is left to the storage crate.
pub(crate) fn refused_in_partition(text: &str) -> bool {
    let partitions =
        [KeyType::Boolean, KeyType::Integer, KeyType::String, KeyType::Date].map(Some).contains(&key_type(text));
    !partitions && (key_type(text).is_some() || refused_in_key(text))
}

/// Whether a type text can be an event time.
pub(crate) fn is_time(text: &str) -> bool {
    matches!(key_type(text), Some(KeyType::Date | KeyType::Timestamp | KeyType::TimestampNtz))
}
