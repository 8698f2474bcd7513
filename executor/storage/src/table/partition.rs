//! Values of partition columns, as the Delta log has them: text per file, null where there is none.

use std::collections::BTreeMap;

use arrow::{
    array::{Array, ArrayRef, StringArray, new_null_array},
    datatypes::DataType,
    util::display::array_value_to_string,
};

use crate::{
    error::{Result, StorageError},
    text::{ParseRules, parse_text_column},
};

/// Longest name of a folder in common file systems.
const FOLDER_BYTES_MAX: usize = 255;
/// What means something in names of partitions, in paths, or to object stores.
const ESCAPED: &str = "\"#%'*/:=?\\{}[]^`<>|~";
/// What Hive shows for a null.
const HIVE_NULL: &str = "__HIVE_DEFAULT_PARTITION__";

/// Partition column -> its value as text, in the files of one partition.
pub type PartitionValues = BTreeMap<String, Option<String>>;

/// The text of one value ([Delta protocol, Partition Value Serialization](https://github.com/delta-io/delta/blob/master/PROTOCOL.md)).
///
/// # Errors
/// [`StorageError::Invalid`] for the empty text, which Delta reads as null, and for a text that is too long to name a folder.
pub fn partition_text(column: &str, values: &ArrayRef, row: usize) -> Result<Option<String>> {
    if values.is_null(row) {
        return Ok(None);
    }
    let text = array_value_to_string(values, row)?;
    if text.is_empty() {
        return Err(StorageError::invalid(format!(
            "partition column `{column}` holds the empty text, which table readers take for null: make it null, or write \
             out what it means"
        )));
    }
    if escaped(column).len() + 1 + escaped(&text).len() > FOLDER_BYTES_MAX {
        let start: String = text.chars().take(40).collect();
        return Err(StorageError::invalid(format!(
            "partition column `{column}` holds `{start}...`, {} bytes: its values name folders, and must be short enough \
             for that (about {FOLDER_BYTES_MAX} bytes)",
            text.len()
        )));
    }
    Ok(Some(text))
}

/// The value of a text, as an array of one row.
///
/// # Errors
/// [`StorageError::Corrupt`] if the text is no value of the type.
pub fn partition_value(column: &str, text: Option<&str>, data_type: &DataType) -> Result<ArrayRef> {
    // Other engines write the empty text for null.
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(new_null_array(data_type, 1)) };
    let texts = StringArray::from(vec![text]);
    parse_text_column(column, &texts, data_type, &ParseRules { null_values: Vec::new() }, 0).map_err(|error| {
        StorageError::Corrupt { what: format!("partition value of `{column}`"), detail: error.to_string() }
    })
}

/// Name of a partition as Hive tools show it, and folder of its files: `year=2020/kind=a`, in the order of `columns`. Some
/// engines read the values there instead of in the log.
pub fn partition_name(columns: &[String], values: &PartitionValues) -> String {
    let value = |column: &String| match values.get(column) {
        Some(Some(text)) => escaped(text),
        _ => HIVE_NULL.to_owned(),
    };
    columns.iter().map(|column| format!("{}={}", escaped(column), value(column))).collect::<Vec<_>>().join("/")
}

/// With `%XX` for what would be read as something else in a name or path.
fn escaped(text: &str) -> String {
    let escape = |char: char| match char.is_ascii_control() || ESCAPED.contains(char) {
        true => format!("%{:02X}", u32::from(char)),
        false => char.to_string(),
    };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{BooleanArray, Date32Array, Int32Array};

    use super::*;

    #[test]
    fn values_come_back_from_their_texts() {
        let columns: Vec<(ArrayRef, &[Option<&str>])> = vec![
            (Arc::new(Int32Array::from(vec![Some(-7), None])), &[Some("-7"), None]),
            (Arc::new(BooleanArray::from(vec![true, false])), &[Some("true"), Some("false")]),
            (Arc::new(Date32Array::from(vec![0, 18_519])), &[Some("1970-01-01"), Some("2020-09-14")]),
            (Arc::new(StringArray::from(vec![" Åre/=%", "null"])), &[Some(" Åre/=%"), Some("null")]),
        ];
        for (column, texts) in columns {
            for (row, expected) in texts.iter().enumerate() {
                let text = partition_text("x", &column, row).unwrap();
                assert_eq!(text.as_deref(), *expected);
                let value = partition_value("x", text.as_deref(), column.data_type()).unwrap();
                assert_eq!(&value, &column.slice(row, 1));
            }
        }
        let empty: ArrayRef = Arc::new(StringArray::from(vec![""]));
        assert!(partition_text("x", &empty, 0).is_err());
        assert!(partition_value("x", Some("seven"), &DataType::Int32).is_err());
    }

    #[test]
    fn names_are_those_of_hive() {
        let columns = ["year".to_owned(), "kind".to_owned()];
        let values = PartitionValues::from([("year".into(), None), ("kind".into(), Some("a/b=%é".into()))]);
        assert_eq!(partition_name(&columns, &values), "year=__HIVE_DEFAULT_PARTITION__/kind=a%2Fb%3D%25é");
    }
}
