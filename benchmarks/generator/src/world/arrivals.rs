//! In which order events arrive: wave after wave, some of them late, twice, or corrected.

use std::ops::Range;

use super::options::WorldOptions;
use crate::draws::{Topic, topic_key};
use crate::shuffle::Shuffle;

/// One arriving row: the event of `team` in `wave`. `revision` is 1 for the second delivery of a corrected event, else 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Arrival {
    pub(super) wave: u64,
    pub(super) team: u64,
    pub(super) revision: u64,
    pub(super) is_null: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    OnTime,
    Null,
    Late,
    Duplicated,
    Corrected,
}

/// Who is late, and so on: exactly so many of each wave, and no team in two waves in a row, so that what is left over of a wave
/// always comes after a newer event of its team.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fates {
    order: Shuffle,
    pub(super) teams: u64,
    pub(super) waves: u64,
    pub(super) nulls: u64,
    pub(super) late: u64,
    pub(super) duplicates: u64,
    pub(super) corrections: u64,
}

impl Fates {
    pub(super) fn new(options: &WorldOptions, topic: Topic, waves: u64, with_nulls: bool) -> Self {
        let of_wave = |per_mille: u32| options.teams * u64::from(per_mille) / 1000;
        Self {
            order: Shuffle::new(options.teams, topic_key(options.seed, topic, 0)),
            teams: options.teams,
            waves,
            nulls: if with_nulls { of_wave(options.nulls_per_mille) } else { 0 },
            late: of_wave(options.late_per_mille),
            duplicates: of_wave(options.duplicates_per_mille),
            corrections: of_wave(options.corrections_per_mille),
        }
    }

    pub(super) fn fate(&self, wave: u64, team: u64) -> Fate {
        let place = self.place(wave, team);
        let late_from = self.nulls;
        let duplicates_from = late_from + self.late;
        let corrections_from = duplicates_from + self.duplicates;
        match place {
            place if place < late_from => Fate::Null,
            _ if wave + 1 >= self.waves => Fate::OnTime,
            place if place < duplicates_from => Fate::Late,
            place if place < corrections_from => Fate::Duplicated,
            place if place < corrections_from + self.corrections => Fate::Corrected,
            _ => Fate::OnTime,
        }
    }

    /// A random order of the teams that is turned further with every wave. The first places have a fate, at most half of all
    /// (`WorldOptions::check`), and are others in the next wave.
    fn place(&self, wave: u64, team: u64) -> u64 {
        let fated = self.nulls + self.late + self.duplicates + self.corrections;
        let turned = wave * fated % self.teams;
        (self.order.image(team) + self.teams - turned) % self.teams
    }

    /// The rows that arrive in `waves`: team by team the wave's own event, and then what was left over of the wave before,
    /// so that for its team a late event comes after a newer one.
    pub(super) fn arrivals(self, waves: Range<u64>) -> impl Iterator<Item = Arrival> + Send + 'static {
        waves.flat_map(move |wave| (0..self.teams).flat_map(move |team| self.arrivals_of(wave, team)))
    }

    fn arrivals_of(&self, wave: u64, team: u64) -> impl Iterator<Item = Arrival> + Send + use<> {
        let fate = self.fate(wave, team);
        let own = Arrival { wave, team, revision: 0, is_null: fate == Fate::Null };
        let left_over = wave.checked_sub(1).and_then(|wave| {
            let left = Arrival { wave, team, revision: 0, is_null: false };
            match self.fate(wave, team) {
                Fate::Late | Fate::Duplicated => Some(left),
                Fate::Corrected => Some(Arrival { revision: 1, ..left }),
                Fate::OnTime | Fate::Null => None,
            }
        });
        (fate != Fate::Late).then_some(own).into_iter().chain(left_over)
    }

    /// What is known in the end about an event.
    pub(super) fn last_arrival(&self, wave: u64, team: u64) -> Arrival {
        let fate = self.fate(wave, team);
        Arrival { wave, team, revision: u64::from(fate == Fate::Corrected), is_null: fate == Fate::Null }
    }
}
