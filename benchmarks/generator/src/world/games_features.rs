//! `games_features`: every pairing of a league, at home and away, once a season. A wave is a season.

use std::ops::Range;
use std::sync::Arc;

use arrow::array::{BooleanBuilder, Int32Builder, Int64Builder, RecordBatch, TimestampMicrosecondBuilder};
use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;

use super::calendar::Calendar;
use super::team::{LEAGUE_TEAMS, Teams};
use crate::draws::{Draws, Topic};
use crate::table_spec::{TableSpec, event_time_type, required};

const LEAGUE_GAMES: u64 = LEAGUE_TEAMS * (LEAGUE_TEAMS - 1);

/// Goals are successes among this many chances; the mean chance of an average team at home, away, and on neutral ground.
const CHANCES: usize = 10;
const HOME_GOALS: f64 = 1.7;
const AWAY_GOALS: f64 = 1.2;
const NEUTRAL_GOALS: f64 = 1.45;
pub(super) const NEUTRAL_SHARE: f64 = 0.05;

/// What comes of it over many games.
pub(super) const MEAN_HOME_SCORE: f64 = 1.70;
pub(super) const MEAN_AWAY_SCORE: f64 = 1.23;

pub(super) fn spec() -> TableSpec {
    TableSpec {
        name: "games_features".into(),
        description: "Scores of the games between football teams".into(),
        primary_key: vec!["home_team_id".into(), "away_team_id".into()],
        event_time: Some("played_at".into()),
        fields: vec![
            required("home_team_id", DataType::Int64, "Number of the team that plays at home"),
            required("away_team_id", DataType::Int64, "Number of the team that travels"),
            required("played_at", event_time_type(), "Kick-off of the game"),
            required("home_score", DataType::Int32, "Goals of the home team"),
            required("away_score", DataType::Int32, "Goals of the away team"),
            required("score", DataType::Int32, "Goals of the home team less those of the away team"),
            required("neutral", DataType::Boolean, "Whether the game was played on neutral ground"),
        ],
    }
}

/// Games of a season among `teams` teams.
pub(super) fn season_games(teams: u64) -> u64 {
    let rest = teams % LEAGUE_TEAMS;
    teams / LEAGUE_TEAMS * LEAGUE_GAMES + rest * rest.saturating_sub(1)
}

/// Season and number within the season of every game of `seasons`.
pub(super) fn games(teams: u64, seasons: Range<u64>) -> impl Iterator<Item = (u64, u64)> + Send + 'static {
    seasons.flat_map(move |season| (0..season_games(teams)).map(move |game| (season, game)))
}

struct Pairing {
    home: u64,
    away: u64,
    round: u64,
}

/// The circle method: no team plays twice on a match day, and the second half of the season is the first one with sides changed.
fn pairing(teams: u64, game: u64) -> Pairing {
    let first = game / LEAGUE_GAMES * LEAGUE_TEAMS;
    let members = (teams - first).min(LEAGUE_TEAMS);
    let game = game % LEAGUE_GAMES;
    let home = game / (members - 1);
    let away = game % (members - 1);
    let away = away + u64::from(away >= home);
    // With an odd number of teams one of them rests on each match day.
    let circle = if members.is_multiple_of(2) { members - 1 } else { members };
    let (low, high) = (home.min(away), home.max(away));
    let round = if high == circle { 2 * low % circle } else { (low + high) % circle };
    let half = u64::from(home > away);
    Pairing { home: first + home, away: first + away, round: half * circle + round }
}

fn goals(draws: &mut Draws, mean: f64, advantage: f64) -> i32 {
    let chance = (mean / CHANCES as f64 * (1.0 + 0.4 * advantage)).clamp(0.02, 0.6);
    (0..CHANCES).filter(|_| draws.uniform() < chance).count() as i32
}

pub(super) fn build(
    teams: &Teams,
    calendar: Calendar,
    schema: SchemaRef,
    rows: &[(u64, u64)],
) -> Result<RecordBatch, ArrowError> {
    let count = rows.len();
    let mut homes = Int64Builder::with_capacity(count);
    let mut aways = Int64Builder::with_capacity(count);
    let mut times = TimestampMicrosecondBuilder::with_capacity(count).with_data_type(event_time_type());
    let mut scores = [0, 1, 2].map(|_| Int32Builder::with_capacity(count));
    let mut neutrals = BooleanBuilder::with_capacity(count);
    for &(season, game) in rows {
        let Pairing { home, away, round } = pairing(teams.count, game);
        let mut draws = Draws::new(calendar.seed, Topic::Game, season, game);
        let hour = 12 + draws.below(10);
        let neutral = draws.uniform() < NEUTRAL_SHARE;
        let advantage = teams.team(home).quality() - teams.team(away).quality();
        let (home_mean, away_mean) = if neutral { (NEUTRAL_GOALS, NEUTRAL_GOALS) } else { (HOME_GOALS, AWAY_GOALS) };
        let home_score = goals(&mut draws, home_mean, advantage);
        let away_score = goals(&mut draws, away_mean, -advantage);
        homes.append_value(home as i64 + 1);
        aways.append_value(away as i64 + 1);
        times.append_value(calendar.played_us(season, round, hour));
        scores[0].append_value(home_score);
        scores[1].append_value(away_score);
        scores[2].append_value(home_score - away_score);
        neutrals.append_value(neutral);
    }
    RecordBatch::try_new(
        schema,
        vec![
            Arc::new(homes.finish()),
            Arc::new(aways.finish()),
            Arc::new(times.finish()),
            Arc::new(scores[0].finish()),
            Arc::new(scores[1].finish()),
            Arc::new(scores[2].finish()),
            Arc::new(neutrals.finish()),
        ],
    )
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_team_meets_every_other_once_at_home_and_plays_once_a_match_day() {
        for teams in [2, 3, 7, 20, 21, 33, 60] {
            let mut pairs = HashSet::new();
            let mut busy = HashSet::new();
            for game in 0..season_games(teams) {
                let Pairing { home, away, round } = pairing(teams, game);
                assert_ne!(home, away);
                assert!(home < teams && away < teams && home / LEAGUE_TEAMS == away / LEAGUE_TEAMS && round < 38);
                assert!(pairs.insert((home, away)));
                assert!(busy.insert((home, round)) && busy.insert((away, round)), "{teams} teams, round {round}");
            }
        }
        assert_eq!([0, 1, 2, 20, 21].map(season_games), [0, 0, 2, 380, 380]);
    }
}
