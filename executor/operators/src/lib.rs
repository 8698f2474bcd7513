//! Plan nodes over statistics, codec and storage, the sessions that they run in, and the one codec that ships them.
//! Each node is one file: a small serialisable description and a `start`; `operator` makes a plan node of it.

pub mod codec;
pub mod columns;
pub mod error;
pub mod flight;
pub mod operator;
pub mod record;
pub mod session;
pub mod task;

pub mod broadcast_join;
pub mod lane_filter;
pub mod latest;
pub mod layer_merge;
pub mod merge_join;
pub mod scan;

pub mod bucket_writer;
pub mod conform;
pub mod insert;
pub mod rewrite;
pub mod route;

pub mod hash_count;
pub mod hot_count;
pub mod result_writer;
pub mod shard_writer;

mod key_aligned;
mod keys;
