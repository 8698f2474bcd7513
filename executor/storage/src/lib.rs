//! mangonel-storage

mod canonical;
pub mod conform;
pub mod dataset;
pub mod digest;
pub mod error;
pub mod hash;
mod row_bytes;
pub mod table;
pub mod text;
pub mod types;
pub mod warehouse;
