//! How big the world is and how untidy its events are.

use crate::GeneratorError;

/// Which edition of the data: the second one differs from the first in the mean attendance and in nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WorldVersion {
    #[default]
    One,
    /// A covariate shift: every measured `average_attendance` is higher by the same number of spectators.
    Two,
}

/// The four rates are per mille of a wave's events (see [`WorldTable`](crate::WorldTable)), rounded down, so that counts are exact;
/// together at most 500. Events of the last wave are on time and single, since nothing comes after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorldOptions {
    pub seed: u64,
    /// Team ids are `1..=teams`.
    pub teams: u64,
    pub seasons: u32,
    /// The year in which the first season starts; it ends in the next year.
    pub first_season: i32,
    pub version: WorldVersion,
    /// Attendance measurements with null features.
    pub nulls_per_mille: u32,
    /// Events that arrive only with the next wave.
    pub late_per_mille: u32,
    /// Events that arrive a second time, unchanged, with the next wave.
    pub duplicates_per_mille: u32,
    /// Events that arrive a second time with the next wave, with the same key and event time but other features.
    pub corrections_per_mille: u32,
}

impl Default for WorldOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            teams: 1000,
            seasons: 5,
            first_season: 2020,
            version: WorldVersion::One,
            nulls_per_mille: 30,
            late_per_mille: 20,
            duplicates_per_mille: 10,
            corrections_per_mille: 10,
        }
    }
}

impl WorldOptions {
    pub(crate) fn check(&self) -> Result<(), GeneratorError> {
        let invalid = |option, reason| Err(GeneratorError::InvalidOption { option, reason });
        if self.teams > 1 << 40 {
            return invalid("teams", "must be at most 2^40");
        }
        if !(1..=1000).contains(&self.seasons) {
            return invalid("seasons", "must be in 1..=1000");
        }
        if !(1900..=8000).contains(&self.first_season) {
            return invalid("first_season", "must be a year in 1900..=8000");
        }
        let rates = [self.nulls_per_mille, self.late_per_mille, self.duplicates_per_mille, self.corrections_per_mille];
        if rates.iter().map(|&rate| u64::from(rate)).sum::<u64>() > 500 {
            return invalid("*_per_mille", "must together be at most 500");
        }
        Ok(())
    }
}
