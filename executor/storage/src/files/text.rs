//! Text files as they come: decompressed by their ending, without a byte order mark, and refused where they are no text that
//! a parser of bounded memory could read.

use std::{
    io::{BufRead, BufReader, Error, ErrorKind, Read, Result, stdin},
    path::Path,
};

use flate2::read::MultiGzDecoder;

use super::{Counted, Input, Progress, input::Bytes};

/// Longest line. A file that has none this long is read in bounded memory, also if it is a bomb of a few kilobytes.
const LINE_BYTES_MAX: u64 = 16 << 20;
const BUFFER_BYTES: usize = 1 << 20;
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Endings of compressed text, which stand after that of the format.
const COMPRESSED: [&str; 3] = ["gz", "zst", "bz2"];

/// The ending that says the format, `csv` of `teams.csv` and of `teams.csv.gz`; and whether the file is compressed.
pub(super) fn endings(path: &Path) -> (String, bool) {
    let (ending, compression) = ending_and_compression(path);
    (ending, compression.is_some())
}

fn ending_and_compression(path: &Path) -> (String, Option<String>) {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_lowercase();
    let mut parts = name.rsplit('.');
    let last = parts.next().unwrap_or_default().to_owned();
    if COMPRESSED.contains(&last.as_str()) {
        return (parts.next().unwrap_or_default().to_owned(), Some(last));
    }
    (last, None)
}

/// The text of an input; `progress` hears of the bytes of the file.
///
/// # Errors
/// When the file cannot be read, or is compressed in a way that is not read.
pub(super) fn open(input: Input, progress: &Progress) -> Result<Box<dyn Read + Send>> {
    let Bytes::File(file) = input.bytes else { return Ok(Box::new(Checked::new(stdin()))) };
    if file.metadata()?.len() == 0 {
        return Err(invalid("the file is empty".into()));
    }
    let file = BufReader::with_capacity(BUFFER_BYTES, Counted { read: file, progress: Progress::clone(progress) });
    let text: Box<dyn Read + Send> = match ending_and_compression(Path::new(&input.name)).1.as_deref() {
        None => Box::new(file),
        Some("gz") => Box::new(MultiGzDecoder::new(file)),
        Some("zst") => Box::new(zstd::Decoder::new(file)?),
        Some(other) => {
            let message = format!("files that end in .{other} are not read: compress with gzip or zstd");
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
    };
    Ok(Box::new(Checked::new(text)))
}

/// Passes UTF-8 on, and stops where a line is too long or no UTF-8.
struct Checked<R> {
    read: BufReader<R>,
    /// Lines that have ended.
    lines: u64,
    /// Bytes of the line that has not.
    line_bytes: u64,
    begun: bool,
    /// Bytes of a character that is not whole yet.
    part: Vec<u8>,
}

impl<R: Read> Checked<R> {
    fn new(read: R) -> Self {
        Self {
            read: BufReader::with_capacity(BUFFER_BYTES, read),
            lines: 0,
            line_bytes: 0,
            begun: false,
            part: Vec::new(),
        }
    }

    fn check(&mut self, bytes: &[u8]) -> Result<()> {
        self.check_utf8(bytes)?;
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line_bytes += piece.len() as u64;
            if self.line_bytes > LINE_BYTES_MAX {
                let (line, limit) = (self.lines + 1, LINE_BYTES_MAX >> 20);
                return Err(invalid(format!(
                    "line {line} is longer than {limit} MiB: is this a text file with lines?"
                )));
            }
            if piece.ends_with(b"\n") {
                self.lines += 1;
                self.line_bytes = 0;
            }
        }
        Ok(())
    }

    fn check_utf8(&mut self, bytes: &[u8]) -> Result<()> {
        let mut rest = bytes;
        // A character that began in the buffer before.
        while !self.part.is_empty() && !rest.is_empty() {
            self.part.push(rest[0]);
            rest = &rest[1..];
            match std::str::from_utf8(&self.part) {
                Ok(_) => self.part.clear(),
                Err(error) if error.error_len().is_some() => return Err(self.no_utf8(&[])),
                Err(_) => {}
            }
        }
        match std::str::from_utf8(rest) {
            Ok(_) => Ok(()),
            Err(error) if error.error_len().is_none() => {
                self.part = rest[error.valid_up_to()..].to_vec();
                Ok(())
            }
            Err(error) => Err(self.no_utf8(&rest[..error.valid_up_to()])),
        }
    }

    fn no_utf8(&self, before: &[u8]) -> Error {
        let line = self.lines + 1 + before.iter().filter(|byte| **byte == b'\n').count() as u64;
        invalid(format!(
            "line {line} is not UTF-8: convert the file first, for example with `iconv -f latin1 -t utf-8`"
        ))
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        if !self.begun {
            self.begun = true;
            if self.read.fill_buf()?.starts_with(BYTE_ORDER_MARK) {
                self.read.consume(BYTE_ORDER_MARK.len());
            }
        }
        let count = self.read.read(buffer)?;
        if count == 0 && !self.part.is_empty() && !buffer.is_empty() {
            return Err(self.no_utf8(&[]));
        }
        self.check(&buffer[..count])?;
        Ok(count)
    }
}

fn invalid(message: String) -> Error {
    Error::new(ErrorKind::InvalidData, message)
}
