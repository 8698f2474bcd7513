//! What is in use by calls of clients that no run tells of: uploads at work, and what reads have laid out.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Names, each with how many use it.
#[derive(Clone, Default)]
pub(super) struct InUse(Arc<Mutex<HashMap<String, usize>>>);

/// One use; its drop ends it.
pub(super) struct Use {
    all: InUse,
    name: String,
}

impl InUse {
    pub(super) fn enter(&self, name: &str) -> Use {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(name.to_owned()).or_default() += 1;
        Use { all: self.clone(), name: name.to_owned() }
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(name)
    }
}

impl Drop for Use {
    fn drop(&mut self) {
        let mut all = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(uses) = all.get_mut(&self.name) {
            *uses -= 1;
            if *uses == 0 {
                all.remove(&self.name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_to_leave_frees_the_name() {
        let all = InUse::default();
        let (first, second) = (all.enter("a"), all.enter("a"));
        drop(first);
        assert!(all.contains("a") && !all.contains("b"));
        drop(second);
        assert!(!all.contains("a"));
    }
}
