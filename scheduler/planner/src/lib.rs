//! Names and requests in, plans out: which group holds a feature, how groups are joined, how rows are cut into shards and
//! tasks, and whether a definition is valid. Every function is pure: no I/O, no clock, no catalog, no engine.

pub mod compaction;
pub mod dataset;
pub mod definition;
pub mod evolution;
pub mod explain;
pub mod feature_group;
pub mod join;
mod key_type;
pub mod physical;
pub mod query;
pub mod resolve;
pub mod shards;
pub mod size;
mod spelling;
pub mod stages;
mod visible;
pub mod words;

pub use explain::{Pin, explain};
pub use physical::{EdgeStrategy, GroupSize, Lane, lanes, lanes_of, plan_edges};
pub use query::{EdgeKind, FeatureQuery, GroupUse, JoinEdge, OutputColumn, table_name};
pub use resolve::resolve;
pub use shards::{Place, ShardBounds, crowded_cells, default_shards, refine};
pub use spelling::{did_you_mean, nearest};
pub use stages::{ColumnOf, Stage, StageChild, stages};
