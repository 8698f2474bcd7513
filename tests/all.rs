//! Everything that needs the engine, in one binary: what users are promised (`scenarios`), what plan nodes promise
//! (`plans`), what other tools read (`interop`), and the catalog on its real stores.
#![allow(
    clippy::unwrap_used,
    clippy::large_futures,
    reason = "tests: a panic is the report, and few futures are awaited"
)]

mod catalog;
mod harness;
mod interop;
mod plans;
mod scenarios;
