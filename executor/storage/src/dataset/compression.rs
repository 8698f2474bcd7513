//! Shards as one gzip or zlib stream each. A stream is deflated by the task that writes it; all slots deflate at once, since
//! their tasks write other shards.

use std::io::{Read, Write};

use flate2::{
    Compression as Level,
    read::{MultiGzDecoder, ZlibDecoder},
    write::{GzEncoder, ZlibEncoder},
};
use mangonel_proto::v1;
use serde::{Deserialize, Serialize};

/// Version of the bytes that are deflated to, for manifests: raised whenever the same bytes would give others.
pub const DEFLATE_ENCODER: u32 = 1;

/// Bytes that are deflated at once, counted from the shard's start: what comes out may depend on how it went in.
const BLOCK_BYTES: usize = 64 << 10;
/// A middle between size and speed; what it gives is in `benchmarks/README.md`.
const LEVEL: Level = Level::new(3);

/// How the bytes of a shard are compressed as a whole. Parquet compresses its pages instead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    #[default]
    None,
    /// RFC 1952; `GZIP` in TensorFlow.
    Gzip,
    /// RFC 1950; `ZLIB` in TensorFlow.
    Zlib,
}

impl From<v1::Compression> for Compression {
    fn from(compression: v1::Compression) -> Self {
        match compression {
            v1::Compression::Unspecified | v1::Compression::None => Self::None,
            v1::Compression::Gzip => Self::Gzip,
            v1::Compression::Zlib => Self::Zlib,
        }
    }
}

impl Compression {
    /// `read`, decompressed.
    pub(super) fn decompressed(self, read: impl Read + Send + 'static) -> Box<dyn Read + Send> {
        match self {
            Self::None => Box::new(read),
            Self::Gzip => Box::new(MultiGzDecoder::new(read)),
            Self::Zlib => Box::new(ZlibDecoder::new(read)),
        }
    }
}

/// Deflates one stream.
pub(super) struct Deflater {
    stream: Stream,
    /// Bytes of an unfinished block.
    waiting: Vec<u8>,
}

enum Stream {
    Gzip(GzEncoder<Vec<u8>>),
    Zlib(ZlibEncoder<Vec<u8>>),
}

impl Deflater {
    /// `None` where nothing is compressed.
    pub(super) fn new(compression: Compression) -> Option<Self> {
        let stream = match compression {
            Compression::None => return None,
            Compression::Gzip => Stream::Gzip(GzEncoder::new(Vec::new(), LEVEL)),
            Compression::Zlib => Stream::Zlib(ZlibEncoder::new(Vec::new(), LEVEL)),
        };
        Some(Self { stream, waiting: Vec::with_capacity(BLOCK_BYTES) })
    }

    /// Takes `bytes` in; gives back what has come out.
    pub(super) fn append(&mut self, mut bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        while self.waiting.len() + bytes.len() >= BLOCK_BYTES {
            let (now, later) = bytes.split_at(BLOCK_BYTES - self.waiting.len());
            self.waiting.extend(now);
            self.stream.write(&self.waiting)?;
            self.waiting.clear();
            bytes = later;
        }
        self.waiting.extend(bytes);
        Ok(std::mem::take(self.stream.out()))
    }

    /// The rest of the stream.
    pub(super) fn finish(mut self) -> std::io::Result<Vec<u8>> {
        self.stream.write(&self.waiting)?;
        match self.stream {
            Stream::Gzip(encoder) => encoder.finish(),
            Stream::Zlib(encoder) => encoder.finish(),
        }
    }
}

impl Stream {
    fn write(&mut self, block: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Gzip(encoder) => encoder.write_all(block),
            Self::Zlib(encoder) => encoder.write_all(block),
        }
    }

    fn out(&mut self) -> &mut Vec<u8> {
        match self {
            Self::Gzip(encoder) => encoder.get_mut(),
            Self::Zlib(encoder) => encoder.get_mut(),
        }
    }
}
