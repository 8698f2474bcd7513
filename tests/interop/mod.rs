//! What other tools read: every type in every direction, sums on a messy CSV, and the hash in another language.

mod every_type;
mod formats;
mod messy_csv;
mod partitions;

use crate::harness::python;

#[test]
fn the_hash_is_the_same_in_python() {
    let said = python::run("../executor/storage/vectors/hash_v1.py", &[]);
    assert!(said.contains("agree"), "{said}");
}
