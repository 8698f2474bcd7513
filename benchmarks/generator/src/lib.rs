//! Data for demo, tests and benchmarks: a made-up football world and wide groups, of any size, as streams of Arrow record batches.
//! Every row is a pure function of (seed, table, row number), so a seed gives the same rows on every machine and for every batch size,
//! in memory bounded by one batch. What a test may expect is planted and returned by `planted_facts`.
//! The sibling modules know nothing of feature stores, plans or clusters.

mod batches;
mod draws;
mod error;
mod files;
mod shuffle;
mod table_spec;
mod wide;
mod world;

pub use batches::TableBatches;
pub use error::GeneratorError;
pub use files::{write_csv, write_parquet};
pub use shuffle::Shuffle;
pub use table_spec::TableSpec;
pub use wide::{EventGroups, RowOrder, WideGroups};
pub use world::{
    EventFacts, FootballWorld, GameFacts, PlantedCluster, PlantedCorrelation, PlantedFacts, PlantedSum, TOUR_FEATURES,
    Times, WorldOptions, WorldTable, WorldVersion,
};
