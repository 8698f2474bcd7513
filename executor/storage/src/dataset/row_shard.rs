//! Shards that are a row of bytes after the other, compressed on the way or not: TFRecord, CSV and TSV.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{datatypes::SchemaRef, record_batch::RecordBatch};
use mangonel_proto::Error;
use mangonel_tfrecord::{Encoder, ExampleSchema, TfRecordError};
use tokio::io::AsyncWriteExt;

use super::{
    compression::{Compression, Deflater},
    publish::Checksum,
    upload::Upload,
};
use crate::{
    delimited::{DelimitedEncoder, Delimiter},
    error::{Result, StorageError},
};

/// Rows that are encoded at once; their bytes do not depend on it.
const BLOCK_ROWS: usize = 1024;

/// Encodes rows, compresses and uploads them.
pub(super) struct RowEncoder {
    rows: Rows,
    columns: SchemaRef,
    buffer: Vec<u8>,
    deflater: Option<Deflater>,
    upload: Upload,
}

enum Rows {
    Examples(Encoder),
    Delimited(DelimitedEncoder),
}

impl RowEncoder {
    pub(super) fn examples(schema: &Arc<ExampleSchema>, columns: &SchemaRef, to: (Compression, Upload)) -> Self {
        Self::new(Rows::Examples(Encoder::new(Arc::clone(schema))), columns, to)
    }

    /// # Errors
    /// [`StorageError::Invalid`] with every column whose type is not written as text.
    pub(super) fn delimited(delimiter: Delimiter, columns: &SchemaRef, to: (Compression, Upload)) -> Result<Self> {
        Ok(Self::new(Rows::Delimited(DelimitedEncoder::new(columns, delimiter)?), columns, to))
    }

    fn new(rows: Rows, columns: &SchemaRef, (compression, upload): (Compression, Upload)) -> Self {
        let deflater = Deflater::new(compression);
        Self { rows, columns: Arc::clone(columns), buffer: Vec::new(), deflater, upload }
    }

    pub(super) async fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        for start in (0..rows.num_rows()).step_by(BLOCK_ROWS) {
            let block = rows.slice(start, BLOCK_ROWS.min(rows.num_rows() - start));
            match &mut self.rows {
                Rows::Examples(encoder) => drop(encoder.encode(&block, &mut self.buffer).map_err(refused)?),
                Rows::Delimited(encoder) => encoder.encode(&block, &mut self.buffer)?,
            }
            self.send().await?;
        }
        Ok(())
    }

    /// Ends the upload; gives back its sums and the nulls by column.
    pub(super) async fn finish(mut self) -> Result<(Checksum, BTreeMap<String, u64>)> {
        if let Rows::Delimited(encoder) = &mut self.rows {
            encoder.finish(&mut self.buffer);
            self.send().await?;
        }
        let failed = StorageError::io("ending the upload of a shard");
        let Self { rows, columns, deflater, mut upload, .. } = self;
        let ended = async {
            if let Some(deflater) = deflater {
                upload.append(&deflater.finish()?).await?;
            }
            upload.file.shutdown().await
        };
        ended.await.map_err(failed)?;
        let nulls = match rows {
            Rows::Examples(encoder) => encoder.null_counts().map(|(name, nulls)| (name.to_owned(), nulls)).collect(),
            Rows::Delimited(encoder) => {
                let names = columns.fields().iter().map(|field| field.name().clone());
                names.zip(encoder.nulls().iter().copied()).filter(|(_, nulls)| *nulls > 0).collect()
            }
        };
        Ok((upload.sum, nulls))
    }

    /// The upload, not ended.
    pub(super) fn into_upload(self) -> Upload {
        self.upload
    }

    async fn send(&mut self) -> Result<()> {
        let sent = async {
            match &mut self.deflater {
                Some(deflater) => self.upload.append(&deflater.append(&self.buffer)?).await,
                None => self.upload.append(&self.buffer).await,
            }
        };
        sent.await.map_err(StorageError::io("uploading a shard"))?;
        self.buffer.clear();
        Ok(())
    }
}

fn refused(error: TfRecordError) -> StorageError {
    match error {
        TfRecordError::Nulls { ref columns } => {
            let names: Vec<_> = columns.iter().map(|column| column.column.clone()).collect();
            Error::invalid(error.to_string()).reason("NullValues").named(names).into()
        }
        TfRecordError::BatchMismatch { .. } => StorageError::Internal { detail: error.to_string() },
        other => StorageError::invalid(other.to_string()),
    }
}
