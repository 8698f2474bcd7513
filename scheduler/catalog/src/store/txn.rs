//! A transaction and its limits. The limits are etcd's defaults and are checked here for every backend, so that a catalog
//! that fits the embedded store fits a cluster too.

use super::{LeaseId, StoreError, StoreResult};

/// Most compares, and most operations of each branch, of one transaction.
pub const OPS_MAX: usize = 128;
/// Most bytes of one transaction: keys and values of all its parts, and 64 for each.
pub const REQUEST_BYTES_MAX: usize = 1_572_864;
/// Bytes that a compare or operation takes beside its key and value, generously.
const OP_BYTES: usize = 64;

/// Holds when `key` was last changed at `mod_revision`; 0 means that there is no such key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compare {
    pub key: String,
    pub mod_revision: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    Put { key: String, value: Vec<u8>, lease: Option<LeaseId> },
    Delete { key: String },
}

impl Op {
    fn key(&self) -> &str {
        match self {
            Self::Put { key, .. } | Self::Delete { key } => key,
        }
    }
    fn bytes(&self) -> usize {
        match self {
            Self::Put { key, value, .. } => OP_BYTES + key.len() + value.len(),
            Self::Delete { key } => OP_BYTES + key.len(),
        }
    }
}

/// Changes that are made together or not at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Txn {
    pub compares: Vec<Compare>,
    pub then: Vec<Op>,
    pub otherwise: Vec<Op>,
}

impl Txn {
    pub fn new() -> Self {
        Self::default()
    }
    /// Only if `key` was last changed at `mod_revision` (0: does not exist).
    #[must_use]
    pub fn when(mut self, key: impl Into<String>, mod_revision: i64) -> Self {
        self.compares.push(Compare { key: key.into(), mod_revision });
        self
    }
    #[must_use]
    pub fn put(mut self, key: impl Into<String>, value: impl Into<Vec<u8>>) -> Self {
        self.then.push(Op::Put { key: key.into(), value: value.into(), lease: None });
        self
    }
    /// Like `put`; the key is deleted when the lease ends.
    #[must_use]
    pub fn put_with_lease(mut self, key: impl Into<String>, value: impl Into<Vec<u8>>, lease: LeaseId) -> Self {
        self.then.push(Op::Put { key: key.into(), value: value.into(), lease: Some(lease) });
        self
    }
    /// Deletes a key; one that does not exist is no error.
    #[must_use]
    pub fn delete(mut self, key: impl Into<String>) -> Self {
        self.then.push(Op::Delete { key: key.into() });
        self
    }

    /// # Errors
    /// [`StoreError::TooLarge`] over a limit; [`StoreError::Invalid`] for an empty key or a key that one branch changes twice.
    pub fn check(&self) -> StoreResult<()> {
        for count in [self.compares.len(), self.then.len(), self.otherwise.len()] {
            if count > OPS_MAX {
                return Err(StoreError::TooLarge { unit: "operations", actual: count, limit: OPS_MAX });
            }
        }
        let compares = self.compares.iter().map(|compare| OP_BYTES + compare.key.len());
        let bytes = compares.chain(self.then.iter().chain(&self.otherwise).map(Op::bytes)).sum();
        if bytes > REQUEST_BYTES_MAX {
            return Err(StoreError::TooLarge { unit: "bytes", actual: bytes, limit: REQUEST_BYTES_MAX });
        }
        if self.compares.iter().any(|compare| compare.key.is_empty()) {
            return Err(StoreError::Invalid { rule: "a key is empty" });
        }
        check_branch(&self.then)?;
        check_branch(&self.otherwise)
    }
}

/// What became of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TxnOutcome {
    /// Whether every compare held, and `then` was done.
    pub succeeded: bool,
    /// Revision of the changes; the newest of the store when nothing changed.
    pub revision: i64,
}

fn check_branch(ops: &[Op]) -> StoreResult<()> {
    let mut keys: Vec<&str> = ops.iter().map(Op::key).collect();
    keys.sort_unstable();
    if keys.first().is_some_and(|key| key.is_empty()) {
        return Err(StoreError::Invalid { rule: "a key is empty" });
    }
    if keys.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(StoreError::Invalid { rule: "a transaction changes one key twice" });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_exact() {
        let many = |count: usize| (0..count).fold(Txn::new(), |txn, key| txn.delete(format!("k{key}")));
        many(OPS_MAX).check().unwrap();
        assert!(matches!(many(OPS_MAX + 1).check(), Err(StoreError::TooLarge { unit: "operations", .. })));
        let large = |bytes: usize| Txn::new().put("k", vec![0; bytes - OP_BYTES - 1]);
        large(REQUEST_BYTES_MAX).check().unwrap();
        assert!(matches!(large(REQUEST_BYTES_MAX + 1).check(), Err(StoreError::TooLarge { unit: "bytes", .. })));
    }

    #[test]
    fn one_key_is_changed_once() {
        assert!(Txn::new().put("a", "1").put("b", "2").check().is_ok());
        assert!(Txn::new().put("a", "1").delete("a").check().is_err());
        assert!(Txn::new().put("", "1").check().is_err());
    }
}
