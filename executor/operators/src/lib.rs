//! Plan nodes over statistics, codec and storage, the sessions that they run in, and the one codec that ships them.
//! Each node is one file: a small serialisable description and a `start`; `operator` makes a plan node of it.

pub mod operator;
pub mod task;
pub mod record;
pub mod columns;
pub mod session;
pub mod codec;
pub mod error;

pub mod scan;
pub mod lane_filter;
pub mod layer_merge;
pub mod latest;
pub mod merge_join;

pub mod insert;
pub mod conform;
pub mod bucket_writer;

pub mod hash_count;
pub mod shard_writer;

mod key_aligned;
mod keys;
