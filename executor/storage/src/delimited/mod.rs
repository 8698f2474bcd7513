//! Comma- and tab-separated text after RFC 4180, such that every value comes back as it was: a line of column names, then a
//! line per row, ended by `\n`. A null is nothing between two delimiters and the empty string is `""`. Text is quoted only
//! where it must be. Numbers have the fewest digits that give the same value again, times are ISO 8601 (with `Z` in UTC).
//!
//! In a table of one column a null is `""` too, since readers skip empty lines; there the empty string comes back as null.

mod decode;
mod encode;

pub(crate) use decode::DelimitedReader;
pub(crate) use encode::DelimitedEncoder;
pub use encode::check_columns;

use serde::{Deserialize, Serialize};

/// Version of the bytes that are written, for manifests: raised whenever the same rows would give other bytes.
pub const DELIMITED_ENCODER: u32 = 1;

/// What stands between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delimiter {
    Comma,
    Tab,
}

impl Delimiter {
    fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Tab => b'\t',
        }
    }
}

#[cfg(test)]
mod tests;
