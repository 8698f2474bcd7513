//! What exists: projects, feature groups, training datasets and runs, as versioned records in a key-value store (etcd in a
//! cluster, SQLite embedded). Every access takes a principal; every change compares the revision that it read. No data, and
//! nothing that grows with the data, is kept here.

pub mod access;
mod catalog;
mod deletions;
mod feature_group;
mod keys;
mod project;
mod record;
mod run;
pub mod store;
mod suggest;
mod training_dataset;
mod versions;

#[cfg(test)]
mod tests;

pub use access::AccessPolicy;
pub use catalog::{Catalog, Versioned};
pub use deletions::Deletion;
pub use record::FORMAT;
pub use run::RUNS_MAX;
