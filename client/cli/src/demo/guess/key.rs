//! The primary key of a file, found by looking: columns without nulls whose values no two rows share.

use std::collections::HashSet;

use mangonel_proto::{Error, Result};
use mangonel_storage::hash::hash_keys;

use super::{
    names::looks_like_key,
    profile::{Column, Profile},
};
use crate::demo::description::FILE_NAME;

/// Columns of a composite key at most.
const KEY_COLUMNS_MAX: usize = 8;
/// Columns that are tried as event times at most.
const TIMES_MAX: usize = 4;
/// Hashes that are in memory at the same time, which takes about 150 MiB. Files of more rows are read several times.
const HASHES_MAX: usize = 8_000_000;

/// Positions of columns in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub columns: Vec<usize>,
    pub event_time: Option<usize>,
}

/// The first combination of columns that tells all rows apart.
///
/// # Errors
/// `invalid_argument` when none does, with what was tried.
pub(super) fn find(group: &str, profile: &Profile) -> Result<Key> {
    for key in candidates(group, &profile.columns) {
        if is_unique(profile, &key)? {
            return Ok(key);
        }
    }
    let tried: Vec<&str> = leading(&profile.columns).map(|column| profile.columns[column].name.as_str()).collect();
    let tried = if tried.is_empty() {
        "every column has nulls, or a type that is no key".to_owned()
    } else {
        format!(
            "no single column tells all rows apart, nor does one with a date or time, nor do {} together",
            tried.join(", ")
        )
    };
    Err(Error::invalid(format!(
        "{}: no primary key was found: {tried}; describe the files in {FILE_NAME} beside them, each as a [[feature_group]] with name, \
         file, primary_key and features (such as `features = {{ id = {{ type = \"long\" }} }}`), and a [training_dataset] with name and \
         features",
        profile.path.display(),
    )))
}

/// What is tried, the likeliest first: columns that are called like keys, the first column, either with an event time, any
/// other column, and growing combinations of the first columns.
fn candidates(group: &str, columns: &[Column]) -> Vec<Key> {
    let usable = |column: &usize| columns[*column].nulls == 0 && columns[*column].feature_type.is_key();
    let plain = |columns: &[usize]| Key { columns: columns.to_vec(), event_time: None };
    let mut named: Vec<(u8, usize)> = (0..columns.len())
        .filter(usable)
        .filter_map(|column| Some((looks_like_key(group, &columns[column].name)?, column)))
        .collect();
    named.sort_unstable();
    let named: Vec<usize> = named.into_iter().map(|(_, column)| column).collect();
    let leading: Vec<usize> = leading(columns).collect();
    let times = || (0..columns.len()).filter(|column| columns[*column].nulls == 0 && columns[*column].is_time());
    let with_times = |key: &[usize]| {
        let free: Vec<usize> = times().filter(|time| !key.contains(time)).take(TIMES_MAX).collect();
        let key = key.to_vec();
        free.into_iter().map(move |time| Key { columns: key.clone(), event_time: Some(time) })
    };
    let no_time = |column: &&usize| !columns[**column].is_time();

    let mut tried: Vec<Key> = named.iter().map(|column| plain(&[*column])).collect();
    tried.extend(leading.first().filter(no_time).map(|first| plain(&[*first])));
    // Several ids side by side are one key, as in a table of who bought what.
    let ids = leading.iter().take_while(|column| named.contains(column)).count();
    tried.extend((2..=ids).map(|count| plain(&leading[..count])));
    for column in named.iter().chain(leading.first().filter(no_time)) {
        tried.extend(with_times(&[*column]));
    }
    tried.extend(leading.iter().filter(no_time).map(|column| plain(&[*column])));
    for count in 2..=leading.len() {
        tried.push(plain(&leading[..count]));
        tried.extend(with_times(&leading[..count]));
    }
    tried.extend(leading.iter().map(|column| plain(&[*column])));
    let mut seen = Vec::new();
    tried.retain(|key| {
        let new = !seen.contains(key);
        seen.push(key.clone());
        new
    });
    tried
}

/// The first columns that may be in a key.
fn leading(columns: &[Column]) -> impl Iterator<Item = usize> {
    let usable = |(_, column): &(usize, &Column)| column.nulls == 0 && column.feature_type.is_key();
    columns.iter().enumerate().filter(usable).map(|(column, _)| column).take(KEY_COLUMNS_MAX)
}

/// Whether no two rows have one key, by their hashes: two keys of one hash (one chance in millions) count as equal. At most
/// [`HASHES_MAX`] are held: where there are more, each reading of the file looks at a part of all hashes.
fn is_unique(profile: &Profile, key: &Key) -> Result<bool> {
    let columns: Vec<usize> = key.columns.iter().copied().chain(key.event_time).collect();
    let mut first = 0_u64;
    loop {
        let (mut last, mut seen, mut unique) = (u64::MAX, HashSet::new(), true);
        profile.each(&columns, |arrays| {
            for hash in hash_keys(arrays)?.into_iter().filter(|hash| *hash >= first) {
                unique &= hash > last || seen.insert(hash);
                if seen.len() > HASHES_MAX {
                    last = first + (last - first) / 2;
                    seen.retain(|hash| *hash <= last);
                }
            }
            Ok(unique)
        })?;
        match last.checked_add(1) {
            Some(next) if unique => first = next,
            _ => return Ok(unique),
        }
    }
}
