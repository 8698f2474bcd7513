//! Everything that can go wrong between rows and TFRecord bytes, one variant per thing that a caller would do differently.

use std::fmt;

use arrow::datatypes::DataType;
use arrow::error::ArrowError;

#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TfRecordError {
    /// The columns cannot be features; every problem of the schema at once.
    #[error("columns cannot be written as tf.Example: {}", joined(.problems))]
    SchemaRefused { problems: Vec<ColumnProblem> },
    /// The batch holds nulls that the null policy does not allow.
    #[error("nulls not allowed: {}", joined(.columns))]
    Nulls { columns: Vec<NullCount> },
    /// Lists hold null elements, which a feature cannot express.
    #[error("nulls inside lists: {}", joined(.columns))]
    NullElements { columns: Vec<NullCount> },
    /// A value has no place in the feature's type.
    #[error("column `{column}`: {value} {problem}")]
    Value { column: String, value: String, problem: &'static str },
    /// A list that was declared to have a fixed length has another one. `row` counts from 0 in the batch.
    #[error("column `{column}`, row {row}: list of {found} where all rows have {expected}")]
    ListLength { column: String, row: usize, expected: usize, found: usize },
    /// A row's Example is larger than any protobuf reader accepts. `row` counts from 0 in the batch.
    #[error("row {row} encodes to {bytes} bytes, at most {max} can be read back")]
    RowTooLarge { row: usize, bytes: usize, max: usize },
    /// The batch does not have the columns that were planned.
    #[error("column `{column}`: planned as {expected}, the batch has {}", .found.as_ref().map_or("none".to_owned(), DataType::to_string))]
    BatchMismatch { column: String, expected: DataType, found: Option<DataType> },
    /// The text is not a `tf_record_schema.txt`.
    #[error("schema file is not readable: {source}")]
    SchemaFile { source: serde_json::Error },
    /// The bytes are not whole TFRecords. `record` counts from 0, `offset` is the byte where that record starts.
    #[error("record {record} at byte {offset}: {fault}")]
    Frame { record: u64, offset: u64, fault: FrameFault },
    /// The record is whole but its content is not the expected Example.
    #[error("record {record} at byte {offset}{}: {fault}", .column.as_ref().map_or(String::new(), |name| format!(", column `{name}`")))]
    Example { record: u64, offset: u64, column: Option<String>, fault: ExampleFault },
    #[error("reading TFRecords failed: {source}")]
    Read { source: std::io::Error },
    /// An Arrow kernel refused, such as a value that does not fit the column's type on the way back.
    #[error("column `{column}`: {source}")]
    Arrow { column: String, source: ArrowError },
}

/// A column that cannot be a feature, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnProblem {
    /// Flattened name, as `struct.field`.
    pub column: String,
    pub problem: String,
}

/// How many nulls a column has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NullCount {
    pub column: String,
    pub nulls: u64,
}

/// What is wrong with a frame: length, its checksum, data, its checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FrameFault {
    #[error("checksum of the length does not match")]
    LengthChecksum,
    #[error("checksum of the data does not match")]
    DataChecksum,
    #[error("file is cut within the record")]
    Cut,
    #[error("length of {length} bytes is above the limit of {max}")]
    TooLarge { length: u64, max: u64 },
}

/// What is wrong with an Example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExampleFault {
    #[error("not a protobuf message")]
    Malformed,
    #[error("feature of another kind than {expected:?}")]
    Kind { expected: crate::FeatureKind },
    #[error("{found} values where one was expected")]
    NotScalar { found: usize },
    #[error("list of {found} where all rows have {expected}")]
    ListLength { expected: usize, found: usize },
}

impl fmt::Display for ColumnProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.column, self.problem)
    }
}

impl fmt::Display for NullCount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` has {}", self.column, self.nulls)
    }
}

fn joined<T: fmt::Display>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join("; ")
}
