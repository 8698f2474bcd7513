//! The few protobuf primitives that a `tf.Example` needs: varints, and the bytes in front of one feature's values.

use crate::FeatureKind;

/// Bytes of `value` as a varint, 1 to 10.
#[inline]
pub(crate) fn varint_len(value: u64) -> usize {
    ((((value | 1).leading_zeros() ^ 63) * 9 + 73) / 64) as usize
}

/// Writes `value` at the start of `dst`, which has room for it, and returns the bytes used.
#[inline]
pub(crate) fn put_varint(dst: &mut [u8], mut value: u64) -> usize {
    let mut at = 0;
    while value >= 0x80 {
        dst[at] = value as u8 | 0x80;
        value >>= 7;
        at += 1;
    }
    dst[at] = value as u8;
    at + 1
}

/// Reads a varint and moves `src` past it; `None` if it is cut or longer than ten bytes.
pub(crate) fn take_varint(src: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for (index, &byte) in src.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            *src = src.get(index + 1..)?;
            return Some(value);
        }
    }
    None
}

/// Copies `src` to the start of `dst`. Lengths of 8 to 64, which heads of features have, avoid the call of `memcpy`.
#[inline(always)]
pub(crate) fn put_bytes(dst: &mut [u8], src: &[u8]) {
    let dst = &mut dst[..src.len()];
    if let (Some(head), Some(tail)) = (src.first_chunk::<16>(), src.last_chunk::<16>())
        && src.len() <= 32
    {
        if let Some(to) = dst.first_chunk_mut::<16>() {
            *to = *head;
        }
        if let Some(to) = dst.last_chunk_mut::<16>() {
            *to = *tail;
        }
    } else if let (Some(head), Some(tail)) = (src.first_chunk::<32>(), src.last_chunk::<32>())
        && src.len() <= 64
    {
        if let Some(to) = dst.first_chunk_mut::<32>() {
            *to = *head;
        }
        if let Some(to) = dst.last_chunk_mut::<32>() {
            *to = *tail;
        }
    } else if let (Some(head), Some(tail)) = (src.first_chunk::<8>(), src.last_chunk::<8>())
        && src.len() <= 16
    {
        if let Some(to) = dst.first_chunk_mut::<8>() {
            *to = *head;
        }
        if let Some(to) = dst.last_chunk_mut::<8>() {
            *to = *tail;
        }
    } else {
        dst.copy_from_slice(src);
    }
}

const MAP_ENTRY: u8 = 0x0a;
const KEY: u8 = 0x0a;
const VALUE: u8 = 0x12;
const LIST_VALUE: u8 = 0x0a;

/// The bytes of a feature before its values, as a map entry of `Features`:
/// `entry, entry length, key tag, key length, key, value tag, feature length, list tag, list length` and, if the list is
/// not empty, `value tag, value length`. Built once per column; only the lengths change from row to row.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    /// The whole head with a value, for the case that all lengths but the key's fit one byte.
    template: Vec<u8>,
    /// `key tag, key length, key`.
    key: Vec<u8>,
    list_tag: u8,
    /// Values of fewer bytes than this have heads of the template's form.
    short_limit: usize,
    /// All bytes before the value of a scalar `float`, which has always the same size.
    before_float: Vec<u8>,
}

impl Head {
    pub(crate) fn new(name: &str, kind: FeatureKind) -> Self {
        let list_tag = match kind {
            FeatureKind::String => 0x0a,
            FeatureKind::Float => 0x12,
            FeatureKind::Int => 0x1a,
        };
        let mut length = [0; 10];
        let used = put_varint(&mut length, name.len() as u64);
        let key = [&[KEY], &length[..used], name.as_bytes()].concat();
        let template = [&[MAP_ENTRY, 0], key.as_slice(), &[VALUE, 0, list_tag, 0, LIST_VALUE, 0]].concat();
        // The entry holds the key, three pairs of tag and length, and the value; its own length has to stay below 128.
        let short_limit = 128usize.saturating_sub(key.len() + 6);
        let mut head = Self { template, key, list_tag, short_limit, before_float: Vec::new() };
        let mut entry = vec![0; head.size_of_value(size_of::<f32>())];
        let before = head.put_before_value(&mut entry, size_of::<f32>());
        entry.truncate(before);
        head.before_float = entry;
        head
    }

    pub(crate) fn before_float(&self) -> &[u8] {
        &self.before_float
    }

    /// Bytes of the entry whose list holds one field of `value_bytes`: a packed number list, or one string.
    #[inline(always)]
    pub(crate) fn size_of_value(&self, value_bytes: usize) -> usize {
        if value_bytes < self.short_limit {
            self.template.len() + value_bytes
        } else {
            self.size_of_list(field_len(value_bytes))
        }
    }

    /// Bytes of the entry whose list message has `list_bytes`.
    pub(crate) fn size_of_list(&self, list_bytes: usize) -> usize {
        field_len(self.key.len() + field_len(field_len(list_bytes)))
    }

    /// Writes the head of a list that holds one field of `value_bytes`, and returns its length.
    #[inline(always)]
    pub(crate) fn put_before_value(&self, dst: &mut [u8], value_bytes: usize) -> usize {
        let len = self.template.len();
        if value_bytes < self.short_limit {
            put_bytes(dst, &self.template);
            let value = value_bytes as u8;
            dst[1] = value + self.key.len() as u8 + 6;
            if let Some([feature, _, list, _, bytes]) = dst[..len].last_chunk_mut::<5>() {
                (*feature, *list, *bytes) = (value + 4, value + 2, value);
            }
            return len;
        }
        let at = self.put_before_list(dst, field_len(value_bytes));
        at + put_field(&mut dst[at..], LIST_VALUE, value_bytes)
    }

    /// Writes the head of a list message of `list_bytes`, and returns its length.
    pub(crate) fn put_before_list(&self, dst: &mut [u8], list_bytes: usize) -> usize {
        let feature_bytes = field_len(list_bytes);
        let mut at = put_field(dst, MAP_ENTRY, self.key.len() + field_len(feature_bytes));
        put_bytes(&mut dst[at..], &self.key);
        at += self.key.len();
        at += put_field(&mut dst[at..], VALUE, feature_bytes);
        at + put_field(&mut dst[at..], self.list_tag, list_bytes)
    }
}

/// Bytes of a length-delimited field: tag, length, content.
#[inline]
pub(crate) fn field_len(content: usize) -> usize {
    1 + varint_len(content as u64) + content
}

/// Writes tag and length of a length-delimited field, and returns the bytes used.
#[inline]
pub(crate) fn put_field(dst: &mut [u8], tag: u8, content: usize) -> usize {
    dst[0] = tag;
    1 + put_varint(&mut dst[1..], content as u64)
}

/// Writes an element of a `BytesList`, and returns the bytes used.
#[inline]
pub(crate) fn put_list_value(dst: &mut [u8], value: &[u8]) -> usize {
    let at = put_field(dst, LIST_VALUE, value.len());
    put_bytes(&mut dst[at..], value);
    at + value.len()
}
