//! The scheduler process: engines, runs, the Flight front and HTTP. `up` runs it with everything embedded.

mod admission;
mod assemble;
mod control;
mod conversions;
mod disk;
mod engine;
mod flight;
mod http;
mod imports;
mod members;
mod metrics;
mod pins;
mod runs;
mod server;
mod service;

pub use admission::Limits;
pub use mangonel_planner::physical::BROADCAST_BYTES_MAX;
pub use server::{CatalogOptions, EngineOptions, Server, ServerOptions};
pub use service::SqlOptions;
