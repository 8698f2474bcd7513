//! The stream of one table: rows are numbered by an iterator and built a batch at a time.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatchReader;

/// The rows of one table in arrival order, `batch_rows` at a time (the last batch may be shorter). Holds one batch at most.
///
/// It is an Arrow [`RecordBatchReader`], so it can be given to anything that reads one.
pub struct TableBatches {
    schema: SchemaRef,
    next: Box<dyn FnMut() -> Option<Result<RecordBatch, ArrowError>> + Send>,
}

impl TableBatches {
    /// `rows`: what identifies each row, in arrival order; `build`: makes the batch of some of them. A `batch_rows` of 0 counts as 1.
    pub(crate) fn new<R, I, B>(schema: SchemaRef, batch_rows: usize, mut rows: I, build: B) -> Self
    where
        I: Iterator<Item = R> + Send + 'static,
        B: Fn(SchemaRef, &[R]) -> Result<RecordBatch, ArrowError> + Send + 'static,
    {
        let batch_schema = schema.clone();
        let next = move || {
            let chunk: Vec<R> = rows.by_ref().take(batch_rows.max(1)).collect();
            (!chunk.is_empty()).then(|| build(batch_schema.clone(), &chunk))
        };
        Self { schema, next: Box::new(next) }
    }
}

impl Iterator for TableBatches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        (self.next)()
    }
}

impl RecordBatchReader for TableBatches {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

impl std::fmt::Debug for TableBatches {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TableBatches").field("schema", &self.schema).finish_non_exhaustive()
    }
}
