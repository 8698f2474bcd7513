//! How large a training dataset will be, before it is written: an estimate by types, good for choosing a number of shards.

use mangonel_proto::v1::{DataFormat, Feature};

/// Bytes that are assumed of a text, a list or a blob.
const TEXT_BYTES: u64 = 16;

/// About how many bytes `rows` rows of `features` take, before compression.
pub fn dataset_bytes(rows: u64, features: &[Feature], format: DataFormat) -> u64 {
    let columns = features.iter().map(|feature| column_bytes(&feature.name, &feature.r#type, format));
    rows.saturating_mul(row_bytes(format) + columns.sum::<u64>())
}

/// What a row takes beside its values: the frame of a record, the end of a line.
fn row_bytes(format: DataFormat) -> u64 {
    match format {
        DataFormat::Tfrecord | DataFormat::Unspecified => 22,
        DataFormat::Csv | DataFormat::Tsv => 1,
        DataFormat::Parquet => 0,
    }
}

fn column_bytes(name: &str, kind: &str, format: DataFormat) -> u64 {
    let plain = match kind {
        "boolean" | "byte" => 1,
        "short" => 2,
        "integer" | "float" | "date" => 4,
        "long" | "double" | "timestamp" | "timestamp_ntz" => 8,
        _ => TEXT_BYTES,
    };
    match format {
        DataFormat::Parquet => plain,
        // Entry, key, feature and list each have a tag and a length; then a float, or an integer of a few bytes.
        DataFormat::Tfrecord | DataFormat::Unspecified => {
            let value = if plain == TEXT_BYTES { plain } else { plain.min(4) };
            name.len() as u64 + 10 + value
        }
        DataFormat::Csv | DataFormat::Tsv => {
            1 + match kind {
                "boolean" => 5,
                "float" => 9,
                "double" => 18,
                "date" => 10,
                "timestamp" | "timestamp_ntz" => 24,
                _ => plain,
            }
        }
    }
}
