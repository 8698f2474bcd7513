//! Everything that lies in the warehouse: feature group tables on Delta Lake, training datasets, and the hash, digest and types of
//! both; and the files of others that rows come from.

mod canonical;
pub mod conform;
pub mod dataset;
pub mod delimited;
pub mod digest;
pub mod error;
pub mod files;
pub mod full_disk;
pub mod hash;
mod local_disk;
mod parquet_settings;
mod row_bytes;
pub mod table;
pub mod text;
pub mod types;
pub mod walk;
pub mod warehouse;
