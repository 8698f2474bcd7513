//! Batches as the messages of a `DoGet`, in pieces that share the memory of the rows: what is large is copied by nobody
//! before it is in the socket.

use std::sync::Arc;

use arrow::{
    buffer::Buffer,
    datatypes::{DataType, Schema, SchemaRef},
    error::ArrowError,
    ipc::writer::{IpcWriteOptions, StreamEncoder},
    record_batch::RecordBatch,
};
use arrow_flight::{FlightData, SchemaAsIpc};
use bytes::{BufMut, Bytes, BytesMut};
use prost::Message;

/// Bytes of rows in a message, about: every client takes 4 MiB.
const ROWS_BYTES: usize = 3 << 20;
/// Pieces below this are copied together: each becomes an HTTP/2 frame.
const PIECE_BYTES_MIN: usize = 16 << 10;
/// Tag of `FlightData.data_header`: field 2, bytes.
const HEADER_TAG: &[u8] = &[0x12];
/// Tag of `FlightData.data_body`: field 1000, bytes.
const BODY_TAG: &[u8] = &[0xC2, 0x3E];
/// What precedes a message of gRPC: whether it is compressed, and its length.
const PREFIX_BYTES: usize = 5;

/// One message, as pieces that are sent one after the other.
pub(super) type Pieces = Vec<Bytes>;

/// Makes messages of batches of one schema, which has no dictionaries.
pub(super) struct MessageEncoder {
    schema: SchemaRef,
    encoder: StreamEncoder,
}

impl MessageEncoder {
    /// Whether columns of this schema can be sent as they are. Dictionaries are sent as their values.
    pub(super) fn takes(schema: &Schema) -> bool {
        !schema.flattened_fields().iter().any(|field| matches!(field.data_type(), DataType::Dictionary(..)))
    }

    /// # Errors
    /// When Arrow has no message for the schema.
    pub(super) fn try_new(schema: &SchemaRef) -> Result<Self, ArrowError> {
        let mut encoder = StreamEncoder::try_new(schema)?;
        // The schema comes with the first batch, and is a message of its own here.
        encoder.encode(&RecordBatch::new_empty(Arc::clone(schema)))?;
        Ok(Self { schema: Arc::clone(schema), encoder })
    }

    /// The message that comes first.
    pub(super) fn schema(&self) -> Pieces {
        whole(SchemaAsIpc::new(&self.schema, &IpcWriteOptions::default()).into())
    }

    /// The messages of a batch.
    ///
    /// # Errors
    /// When the batch is not of the schema.
    pub(super) fn batch(&mut self, batch: &RecordBatch) -> Result<Vec<Pieces>, ArrowError> {
        let sizes = batch.columns().iter().map(|column| column.to_data().get_slice_memory_size());
        let bytes: usize = sizes.sum::<Result<usize, ArrowError>>()?;
        let rows = batch.num_rows();
        let step = rows.div_ceil(bytes.div_ceil(ROWS_BYTES).max(1)).max(1);
        // Whole bytes of bitmaps, so that they need not be shifted.
        let step = if step >= 64 { step.next_multiple_of(8) } else { step };
        let starts = (0..rows).step_by(step);
        starts.map(|start| self.message(&batch.slice(start, step.min(rows - start)))).collect()
    }

    fn message(&mut self, batch: &RecordBatch) -> Result<Pieces, ArrowError> {
        let mut buffers = self.encoder.encode(batch)?.into_iter();
        let broken = || ArrowError::IpcError("a message of rows has no header".into());
        // An encapsulated message: a marker, the length of the header, the header, the body.
        let mut header = Vec::new();
        while header.len() < 8 {
            header.extend_from_slice(&buffers.next().ok_or_else(broken)?);
        }
        let length = header[4..8].try_into().map(u32::from_le_bytes).map_err(|_| broken())? as usize;
        let mut body: Vec<Buffer> = Vec::with_capacity(buffers.len());
        while header.len() < 8 + length {
            let next = buffers.next().ok_or_else(broken)?;
            let wanted = next.len().min(8 + length - header.len());
            header.extend_from_slice(&next[..wanted]);
            if wanted < next.len() {
                body.push(next.slice(wanted));
            }
        }
        body.extend(buffers);
        Ok(pieces(&header[8..], &body))
    }
}

/// A message out of the header of its `FlightData` and the buffers of its body.
fn pieces(header: &[u8], body: &[Buffer]) -> Pieces {
    let body_bytes: usize = body.iter().map(Buffer::len).sum();
    let length_bytes = |length: usize| prost::length_delimiter_len(length);
    let message_bytes = HEADER_TAG.len()
        + length_bytes(header.len())
        + header.len()
        + BODY_TAG.len()
        + length_bytes(body_bytes)
        + body_bytes;
    let mut small = BytesMut::with_capacity(PREFIX_BYTES + 32 + header.len());
    small.put_u8(0);
    small.put_u32(message_bytes as u32);
    put_delimited(HEADER_TAG, header.len(), &mut small);
    small.put_slice(header);
    put_delimited(BODY_TAG, body_bytes, &mut small);
    let mut pieces = Vec::new();
    for buffer in body {
        if buffer.len() < PIECE_BYTES_MIN {
            small.put_slice(buffer);
        } else {
            pieces.extend(Some(small.split().freeze()).filter(|small| !small.is_empty()));
            pieces.push(Bytes::from_owner(Shared(buffer.clone())));
        }
    }
    pieces.extend(Some(small.freeze()).filter(|small| !small.is_empty()));
    pieces
}

fn put_delimited(tag: &[u8], length: usize, out: &mut BytesMut) {
    out.put_slice(tag);
    // A delimiter takes ten bytes at most, and the buffer grows.
    let _ = prost::encode_length_delimiter(length, out);
}

/// A message that was made elsewhere, as one piece.
pub(super) fn whole(message: FlightData) -> Pieces {
    let length = message.encoded_len();
    let mut bytes = BytesMut::with_capacity(PREFIX_BYTES + length);
    bytes.put_u8(0);
    bytes.put_u32(length as u32);
    // The buffer grows where it must.
    let _ = message.encode(&mut bytes);
    vec![bytes.freeze()]
}

struct Shared(Buffer);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        self.0.as_slice()
    }
}

#[cfg(test)]
mod tests {
    use arrow::array::{ArrayRef, BooleanArray, Float64Array, Int32Array, ListArray, StringArray, StructArray};
    use arrow::datatypes::{Field, Int32Type};
    use arrow_flight::{decode::FlightRecordBatchStream, error::FlightError};
    use futures::TryStreamExt;

    use super::*;

    fn rows(count: usize) -> RecordBatch {
        let some = |row: usize| row % 7 != 3;
        let numbers: ArrayRef = Arc::new((0..count).map(|row| some(row).then_some(row as i32)).collect::<Int32Array>());
        let member = Arc::new(Field::new("n", DataType::Int32, true));
        let lists = (0..count).map(|row| some(row).then(|| vec![Some(row as i32); row % 3]));
        let columns: [(&str, ArrayRef); 6] = [
            ("x", Arc::new((0..count).map(|row| row as f64 / 3.0).collect::<Float64Array>())),
            ("n", Arc::clone(&numbers)),
            ("flag", Arc::new((0..count).map(|row| Some(row % 3 == 0)).collect::<BooleanArray>())),
            ("text", Arc::new((0..count).map(|row| some(row).then(|| "y".repeat(row % 50))).collect::<StringArray>())),
            ("list", Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(lists))),
            ("struct", Arc::new(StructArray::from(vec![(member, numbers)]))),
        ];
        RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true))).unwrap()
    }

    /// What a client makes of messages.
    async fn read(messages: Vec<Pieces>) -> Vec<RecordBatch> {
        let messages: Vec<_> = messages
            .into_iter()
            .map(|pieces| {
                let bytes = pieces.concat();
                assert_eq!(bytes[0], 0);
                assert_eq!(u32::from_be_bytes(bytes[1..5].try_into().unwrap()) as usize, bytes.len() - PREFIX_BYTES);
                Ok::<_, FlightError>(FlightData::decode(&bytes[PREFIX_BYTES..]).unwrap())
            })
            .collect();
        let stream = FlightRecordBatchStream::new_from_flight_data(futures::stream::iter(messages));
        stream.try_collect().await.unwrap()
    }

    #[tokio::test]
    async fn clients_read_what_was_sent() {
        for (count, from) in [(1, 0), (100, 3), (70_000, 0), (300_000, 5)] {
            let sent = rows(count + from).slice(from, count);
            let mut encoder = MessageEncoder::try_new(&sent.schema()).unwrap();
            let mut messages = vec![encoder.schema()];
            messages.extend(encoder.batch(&sent).unwrap());
            assert!(messages.iter().flatten().map(Bytes::len).max().unwrap() < 4 << 20);
            let came = read(messages).await;
            assert_eq!(arrow::compute::concat_batches(&sent.schema(), &came).unwrap(), sent);
        }
        let empty = rows(0);
        let mut encoder = MessageEncoder::try_new(&empty.schema()).unwrap();
        assert!(encoder.batch(&empty).unwrap().is_empty());
    }

    #[test]
    fn large_buffers_are_not_copied() {
        let column = Float64Array::from(vec![0.5; 100_000]);
        let address = column.values().as_ptr() as usize;
        let batch = RecordBatch::try_from_iter([("x", Arc::new(column) as ArrayRef)]).unwrap();
        let messages = MessageEncoder::try_new(&batch.schema()).unwrap().batch(&batch).unwrap();
        assert!(messages.iter().flatten().any(|piece| piece.as_ptr() as usize == address));
    }
}
