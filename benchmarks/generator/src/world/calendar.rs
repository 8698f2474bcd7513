//! When things happen: games from August to April, measurements in December and in May, season ends in June.
//! So the last measurement before a season's end is that season's second one, which point-in-time tests rely on.

use chrono::{DateTime, Datelike, NaiveDate};

use super::team::LEAGUE_TEAMS;
use crate::draws::{Draws, Topic};

const DAY_US: i64 = 86_400_000_000;
const SECOND_US: i64 = 1_000_000;

/// Microseconds since 1970 at the beginning of a day. Years are checked by `WorldOptions`, so the date always exists.
fn day_us(year: i32, month: u32, day: u32) -> i64 {
    let epoch = DateTime::UNIX_EPOCH.date_naive().num_days_from_ce();
    let days = NaiveDate::from_ymd_opt(year, month, day).map_or(epoch, |date| date.num_days_from_ce()) - epoch;
    i64::from(days) * DAY_US
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Calendar {
    pub(super) seed: u64,
    pub(super) first_season: i32,
}

impl Calendar {
    pub(super) fn year(&self, season: u64) -> i32 {
        self.first_season + season as i32
    }

    /// In June, in the evening; one day for a whole league.
    pub(super) fn season_end_us(&self, season: u64, team: u64) -> i64 {
        let mut draws = Draws::new(self.seed, Topic::SeasonScore, u64::MAX - season, team / LEAGUE_TEAMS);
        day_us(self.year(season) + 1, 6, 1) + draws.below(20) as i64 * DAY_US + 20 * 3600 * SECOND_US
    }

    /// `wave` is twice the season, plus one for the measurement in May.
    pub(super) fn measured_us(&self, wave: u64, team: u64) -> i64 {
        let first_day = if wave.is_multiple_of(2) {
            day_us(self.year(wave / 2), 12, 10)
        } else {
            day_us(self.year(wave / 2) + 1, 5, 10)
        };
        let mut draws = Draws::new(self.seed, Topic::Attendance, u64::MAX - wave, team);
        first_day + draws.below(20 * 86_400) as i64 * SECOND_US
    }

    /// A round a week, at a full hour.
    pub(super) fn played_us(&self, season: u64, round: u64, hour: u64) -> i64 {
        day_us(self.year(season), 8, 5) + round as i64 * 7 * DAY_US + hour as i64 * 3600 * SECOND_US
    }
}
