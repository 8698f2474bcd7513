//! How queries are bounded.

use std::time::Duration;

/// What queries may take.
#[derive(Clone, Debug)]
pub struct SqlOptions {
    /// Longest that the server works on one query, beside waiting for its reader; `None` for as long as it takes.
    pub timeout_max: Option<Duration>,
    /// Bytes on disk of all tables that were sent along with queries and have not been removed.
    pub tables_bytes_max: u64,
    /// How long such tables wait for their query, and then for the reader of its rows.
    pub tables_life: Duration,
}

impl Default for SqlOptions {
    fn default() -> Self {
        Self {
            timeout_max: Some(Duration::from_secs(3600)),
            tables_bytes_max: 1 << 30,
            tables_life: Duration::from_secs(600),
        }
    }
}
