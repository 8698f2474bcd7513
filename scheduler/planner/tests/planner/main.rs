//! Promises of the planner, one file each: what names mean, how groups are joined, how a query is run, what `explain` says,
//! which definitions are refused.

#![allow(clippy::unwrap_used, reason = "a test that fails may say so by a panic")]

mod definitions;
mod explains;
mod joins;
mod names;
mod runs;
mod stages;
mod world;
