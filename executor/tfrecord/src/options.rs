//! What the requester of a dataset decides about its encoding: nulls, strings, decimals, and lossy types.

use std::collections::{BTreeMap, BTreeSet};

/// Choices of one dataset. The default refuses nulls, narrows `float64`, and writes scalars as `fixed_len`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EncodeOptions {
    pub null_policy: NullPolicy,
    pub string_features: StringFeatures,
    pub decimal_features: DecimalFeatures,
    /// Refuses column types whose values may change in a `float` feature: `float64`, and decimals unless written as text.
    pub strict: bool,
    /// Length that every row of a list column is known to have, by flattened column name. The column becomes
    /// `fixed_len`, and a row of another length stops the encoder.
    pub list_lengths: BTreeMap<String, usize>,
    /// Nullable columns that are proven to hold no null, by flattened name. They stay `fixed_len` under
    /// [`NullPolicy::Omit`], and a null in one stops the encoder.
    pub without_nulls: BTreeSet<String>,
}

/// What becomes of a null. It is an omitted key or a value, never an empty list: readers of fixed-length features fail on those.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NullPolicy {
    /// A batch with a null is refused, with the columns and counts.
    #[default]
    Error,
    /// The zero or empty value of the type: `0`, `0.0`, `""`; for a list, zeros of its fixed length or no elements.
    Default,
    /// The key is left out of the row, which makes the column `var_len`. A null inside a list is refused.
    Omit,
}

/// Shape of string and binary columns, and of lists of them, in the schema file. The bytes are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StringFeatures {
    #[default]
    FixedLen,
    VarLen,
}

/// How decimals are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DecimalFeatures {
    /// As the nearest `float` (24 significant bits), marked lossy.
    #[default]
    Float,
    /// As bytes holding the plain decimal text, such as `-12.50`.
    Text,
}
