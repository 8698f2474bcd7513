//! How Parquet is written, by tables and by training datasets alike.

use arrow::datatypes::Schema;
use parquet::{basic::Compression, file::properties::WriterProperties, schema::types::ColumnPath};

use crate::table::DIGEST_COLUMN;

/// Bytes of the distinct values of a column after which a row group gives its dictionary up: 8,192 whole numbers. Until then
/// a writer holds the values, a hash table of them and all pages of the column, and a reader all values, for each column of
/// each file that it merges. Part of the format of shards: another value gives other bytes.
const DICTIONARY_BYTES: usize = 64 << 10;

/// Settings for files of `schema`. Rows per page bound what a reader holds of a column, bytes per row group what a writer
/// holds of a file.
pub(crate) fn parquet_settings(schema: &Schema, row_group_bytes: usize, page_rows: usize) -> WriterProperties {
    let settings = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_bytes(Some(row_group_bytes))
        .set_data_page_row_count_limit(page_rows)
        .set_dictionary_page_size_limit(DICTIONARY_BYTES);
    // Floats and digests hardly repeat: a dictionary of them is tried, paid for and thrown away.
    let unique =
        schema.fields().iter().filter(|field| field.data_type().is_floating() || field.name() == DIGEST_COLUMN);
    let settings = unique.fold(settings, |settings, field| {
        settings.set_column_dictionary_enabled(ColumnPath::from(field.name().as_str()), false)
    });
    settings.build()
}
