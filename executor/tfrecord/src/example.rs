//! Reads the protobuf messages of one `tf.Example` in place. Any bytes are survived: what is not understood is an error,
//! what is unknown is skipped, and nothing is allocated for a length before the bytes of that length are seen.

use std::collections::HashMap;

use crate::wire::take_varint;
use crate::{ExampleFault, FeatureKind};

const VARINT: u64 = 0;
const FIXED64: u64 = 1;
const DELIMITED: u64 = 2;
const FIXED32: u64 = 5;

/// A field of a message: its number and content.
enum Value<'a> {
    Varint(u64),
    Fixed32([u8; 4]),
    Delimited(&'a [u8]),
    Fixed64,
}

struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    fn of(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    fn take(&mut self) -> Option<(u64, Value<'a>)> {
        let tag = take_varint(&mut self.rest)?;
        let value = match tag & 7 {
            VARINT => Value::Varint(take_varint(&mut self.rest)?),
            FIXED64 => {
                self.rest = self.rest.get(8..)?;
                Value::Fixed64
            }
            DELIMITED => {
                let length = usize::try_from(take_varint(&mut self.rest)?).ok()?;
                let (content, rest) = self.rest.split_at_checked(length)?;
                self.rest = rest;
                Value::Delimited(content)
            }
            FIXED32 => {
                let (content, rest) = self.rest.split_first_chunk::<4>()?;
                self.rest = rest;
                Value::Fixed32(*content)
            }
            _ => return None,
        };
        Some((tag >> 3, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), ExampleFault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.take().ok_or(ExampleFault::Malformed);
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

/// Finds the features of an Example. `found` gets, per wanted key, the bytes of its `Feature`; the last of equal keys wins.
/// `wanted`: index into `found` by key.
pub(crate) fn find_features<'a>(
    example: &'a [u8],
    wanted: &HashMap<Vec<u8>, usize>,
    found: &mut [Option<&'a [u8]>],
) -> Result<(), ExampleFault> {
    for field in Fields::of(example) {
        let (1, Value::Delimited(features)) = field? else { continue };
        for field in Fields::of(features) {
            let (1, Value::Delimited(entry)) = field? else { continue };
            let (mut key, mut feature): (&[u8], &[u8]) = (&[], &[]);
            for field in Fields::of(entry) {
                match field? {
                    (1, Value::Delimited(bytes)) => key = bytes,
                    (2, Value::Delimited(bytes)) => feature = bytes,
                    _ => {}
                }
            }
            if let Some(slot) = wanted.get(key).and_then(|&index| found.get_mut(index)) {
                *slot = Some(feature);
            }
        }
    }
    Ok(())
}

/// Takes the values of one feature as they are met.
pub(crate) trait ValueSink {
    fn int(&mut self, value: i64);
    fn float(&mut self, value: f32);
    fn bytes(&mut self, value: &[u8]);
}

/// Reads a `Feature` into `sink`: packed or unpacked numbers, or strings. Returns `None` if the feature has no kind, which
/// is read like an absent key, else the number of values.
pub(crate) fn read_feature(
    feature: &[u8],
    expected: FeatureKind,
    sink: &mut impl ValueSink,
) -> Result<Option<usize>, ExampleFault> {
    let mut last = None;
    for field in Fields::of(feature) {
        match field? {
            (1, Value::Delimited(list)) => last = Some((FeatureKind::String, list)),
            (2, Value::Delimited(list)) => last = Some((FeatureKind::Float, list)),
            (3, Value::Delimited(list)) => last = Some((FeatureKind::Int, list)),
            _ => {}
        }
    }
    let Some((kind, list)) = last else { return Ok(None) };
    if kind != expected {
        return Err(ExampleFault::Kind { expected });
    }
    let mut count = 0;
    for field in Fields::of(list) {
        let (1, value) = field? else { continue };
        count += match (kind, value) {
            (FeatureKind::Int, Value::Varint(value)) => {
                sink.int(value as i64);
                1
            }
            (FeatureKind::Int, Value::Delimited(packed)) => read_packed_ints(packed, sink)?,
            (FeatureKind::Float, Value::Fixed32(value)) => {
                sink.float(f32::from_le_bytes(value));
                1
            }
            (FeatureKind::Float, Value::Delimited(packed)) => read_packed_floats(packed, sink)?,
            (FeatureKind::String, Value::Delimited(value)) => {
                sink.bytes(value);
                1
            }
            _ => return Err(ExampleFault::Malformed),
        };
    }
    Ok(Some(count))
}

fn read_packed_ints(mut packed: &[u8], sink: &mut impl ValueSink) -> Result<usize, ExampleFault> {
    let mut count = 0;
    while !packed.is_empty() {
        sink.int(take_varint(&mut packed).ok_or(ExampleFault::Malformed)? as i64);
        count += 1;
    }
    Ok(count)
}

fn read_packed_floats(packed: &[u8], sink: &mut impl ValueSink) -> Result<usize, ExampleFault> {
    let (values, []) = packed.as_chunks::<4>() else { return Err(ExampleFault::Malformed) };
    values.iter().for_each(|&value| sink.float(f32::from_le_bytes(value)));
    Ok(values.len())
}
