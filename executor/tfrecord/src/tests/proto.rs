//! `tf.Example` as prost sees it, map keys sorted: the reference for our bytes.

use std::collections::BTreeMap;

use prost::Message;

#[derive(Clone, PartialEq, Message)]
pub(super) struct Example {
    #[prost(message, optional, tag = "1")]
    pub(super) features: Option<Features>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Features {
    #[prost(btree_map = "string, message", tag = "1")]
    pub(super) feature: BTreeMap<String, Feature>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Feature {
    #[prost(oneof = "Kind", tags = "1, 2, 3")]
    pub(super) kind: Option<Kind>,
}

#[derive(Clone, PartialEq, prost::Oneof)]
pub(super) enum Kind {
    #[prost(message, tag = "1")]
    Bytes(BytesList),
    #[prost(message, tag = "2")]
    Float(FloatList),
    #[prost(message, tag = "3")]
    Int64(Int64List),
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct BytesList {
    #[prost(bytes = "vec", repeated, tag = "1")]
    pub(super) value: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct FloatList {
    #[prost(float, repeated, tag = "1")]
    pub(super) value: Vec<f32>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Int64List {
    #[prost(int64, repeated, tag = "1")]
    pub(super) value: Vec<i64>,
}

pub(super) fn ints(values: &[i64]) -> Kind {
    Kind::Int64(Int64List { value: values.to_vec() })
}

pub(super) fn floats(values: &[f32]) -> Kind {
    Kind::Float(FloatList { value: values.to_vec() })
}

pub(super) fn strings<T: AsRef<[u8]>>(values: &[T]) -> Kind {
    Kind::Bytes(BytesList { value: values.iter().map(|value| value.as_ref().to_vec()).collect() })
}

pub(super) fn example<N: Into<String>>(features: impl IntoIterator<Item = (N, Kind)>) -> Example {
    let feature = features.into_iter().map(|(name, kind)| (name.into(), Feature { kind: Some(kind) }));
    Example { features: Some(Features { feature: feature.collect() }) }
}

/// The frame, written in the plainest way, with a checksum computed bit by bit.
pub(super) fn framed(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    [&length, masked(&length).as_slice(), data, &masked(data)].concat()
}

fn masked(data: &[u8]) -> [u8; 4] {
    let mut crc = !0u32;
    for &byte in data {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0x82f6_3b78 } else { crc >> 1 };
        }
    }
    (!crc).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}
