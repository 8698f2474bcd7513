//! The scheduler process: engines, runs, the Flight front and HTTP. `up` runs it with everything embedded.

mod assemble;
mod conversions;
mod engine;
mod flight;
mod http;
mod metrics;
mod pins;
mod runs;
mod server;
mod service;

pub use server::{Server, ServerOptions};
