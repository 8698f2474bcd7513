//! Everything that lies in the warehouse: feature group tables on Delta Lake, training datasets, and the hash, digest and types of both.

mod canonical;
pub mod conform;
pub mod dataset;
pub mod delimited;
pub mod digest;
pub mod error;
pub mod hash;
mod local_store;
mod parquet_settings;
mod row_bytes;
pub mod shrinks;
pub mod table;
pub mod text;
pub mod types;
pub mod warehouse;
