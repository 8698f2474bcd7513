//! What plan nodes promise, apart from servers: they survive the wire, keep rows in their lanes, and join as nested loops do.

mod bucket_purity;
mod codec;
mod latest;
mod merge_join;
mod tables;
mod world;
