//! The frame of a TFRecord: `u64` length, masked CRC32C of these 8 bytes, data, masked CRC32C of the data, little-endian.
//! Source: `tensorflow/core/lib/io/record_writer.h`.

use std::io::{ErrorKind, Read};

use crate::{FrameFault, TfRecordError};

/// Largest record: what protobuf libraries can parse.
pub const RECORD_BYTES_MAX: usize = i32::MAX as usize;

/// Length and its checksum.
pub(crate) const HEADER_BYTES: usize = 12;
/// Checksum of the data.
pub(crate) const FOOTER_BYTES: usize = 4;

/// Memory for a record grows by at most this much ahead of the bytes that were really read.
const READ_STEP_BYTES: u64 = 1 << 20;

/// CRC32C, rotated and shifted by a constant, so that a checksum over data that holds checksums stays meaningful.
pub(crate) fn masked_crc32c(data: &[u8]) -> u32 {
    crc_fast::crc32_iscsi(data).rotate_right(15).wrapping_add(0xa282_ead8)
}

/// Writes the frame's header for `data_bytes` at the start of `dst`.
pub(crate) fn put_header(dst: &mut [u8], data_bytes: usize) {
    let length = (data_bytes as u64).to_le_bytes();
    dst[..8].copy_from_slice(&length);
    dst[8..HEADER_BYTES].copy_from_slice(&masked_crc32c(&length).to_le_bytes());
}

/// Writes the checksum into the last bytes of `frame`, whose header and data are in place.
pub(crate) fn put_footer(frame: &mut [u8]) {
    let (data, footer) = frame.split_at_mut(frame.len() - FOOTER_BYTES);
    footer.copy_from_slice(&masked_crc32c(&data[HEADER_BYTES..]).to_le_bytes());
}

/// Reads the records of one file in order, checking both checksums of each. Memory is the largest record read so far.
#[derive(Debug)]
pub struct RecordReader<R> {
    read: R,
    data: Vec<u8>,
    record: u64,
    offset: u64,
    max_bytes: u64,
}

/// Totals of a file of whole records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FrameCount {
    pub records: u64,
    /// Including the frames.
    pub bytes: u64,
}

impl<R: Read> RecordReader<R> {
    /// Reads from the start of a file (uncompressed). `read` should be buffered: each record takes three reads.
    pub fn new(read: R) -> Self {
        Self { read, data: Vec::new(), record: 0, offset: 0, max_bytes: RECORD_BYTES_MAX as u64 }
    }

    /// Refuses records of more than `max_bytes` before their data is read.
    pub fn with_max_record_bytes(mut self, max_bytes: usize) -> Self {
        self.max_bytes = max_bytes as u64;
        self
    }

    /// Records and bytes that were read whole.
    pub fn count(&self) -> FrameCount {
        FrameCount { records: self.record, bytes: self.offset }
    }

    /// The next record's data, or `None` at the end of the file, which is after a whole record.
    /// # Errors
    /// [`TfRecordError::Frame`] with number and offset of the record that is damaged or cut; [`TfRecordError::Read`].
    pub fn next_record(&mut self) -> Result<Option<&[u8]>, TfRecordError> {
        let mut header = [0; HEADER_BYTES];
        match self.fill(&mut header)? {
            0 => return Ok(None),
            HEADER_BYTES => {}
            _ => return Err(self.fault(FrameFault::Cut)),
        }
        let [l0, l1, l2, l3, l4, l5, l6, l7, c0, c1, c2, c3] = header;
        let length = [l0, l1, l2, l3, l4, l5, l6, l7];
        if masked_crc32c(&length).to_le_bytes() != [c0, c1, c2, c3] {
            return Err(self.fault(FrameFault::LengthChecksum));
        }
        let length = u64::from_le_bytes(length);
        if length > self.max_bytes {
            return Err(self.fault(FrameFault::TooLarge { length, max: self.max_bytes }));
        }
        self.data.clear();
        while (self.data.len() as u64) < length {
            let step = READ_STEP_BYTES.min(length - self.data.len() as u64);
            match self.read.by_ref().take(step).read_to_end(&mut self.data) {
                Ok(read) if read as u64 == step => {}
                Ok(_) => return Err(self.fault(FrameFault::Cut)),
                Err(source) => return Err(TfRecordError::Read { source }),
            }
        }
        let mut footer = [0; FOOTER_BYTES];
        if self.fill(&mut footer)? < FOOTER_BYTES {
            return Err(self.fault(FrameFault::Cut));
        }
        if masked_crc32c(&self.data).to_le_bytes() != footer {
            return Err(self.fault(FrameFault::DataChecksum));
        }
        self.record += 1;
        self.offset += (HEADER_BYTES + FOOTER_BYTES) as u64 + length;
        Ok(Some(&self.data))
    }

    fn fault(&self, fault: FrameFault) -> TfRecordError {
        TfRecordError::Frame { record: self.record, offset: self.offset, fault }
    }

    /// Reads until `buffer` is full or the file ends, and returns how much was read.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<usize, TfRecordError> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read.read(&mut buffer[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(source) => return Err(TfRecordError::Read { source }),
            }
        }
        Ok(filled)
    }
}

/// Checks the frames of a whole file without looking into the records.
/// # Errors  As [`RecordReader::next_record`].
pub fn verify_frames(read: impl Read) -> Result<FrameCount, TfRecordError> {
    let mut reader = RecordReader::new(std::io::BufReader::with_capacity(READ_STEP_BYTES as usize, read));
    while reader.next_record()?.is_some() {}
    Ok(reader.count())
}
