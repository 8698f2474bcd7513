//! The shared language of Mangonel: messages, names and ids that are valid by construction, the error that crosses the
//! wire, and the one place where Flight actions, commands and tickets are built and parsed. Depends on nothing of ours.

pub mod error;
pub mod names;
pub mod tickets;
pub mod wire;

/// Generated from `proto/mangonel/v1/*.proto` by `proto/codegen`; committed, with canonical proto3 JSON.
#[allow(clippy::all, clippy::pedantic, clippy::unwrap_used, unreachable_pub, reason = "generated code")]
pub mod v1 {
    include!("generated/mangonel.v1.rs");
    include!("generated/mangonel.v1.serde.rs");
}

pub use error::{Error, ErrorCode, Result};

/// The release that wrote a record or runs a process. An executor of another release is refused.
pub const RELEASE: &str = env!("CARGO_PKG_VERSION");
