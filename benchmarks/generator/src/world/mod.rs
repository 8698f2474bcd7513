//! The football world: five feature groups about teams, with facts planted in them.
//! Here: which tables there are and how to read them. Each table is a file; what teams are like is in `team.rs`, who is late in `arrivals.rs`.

mod arrivals;
mod attendances_features;
mod calendar;
mod games_features;
mod names;
mod options;
mod planted_facts;
mod players_features;
mod season_scores_features;
mod team;
mod teams_features;

use std::ops::Range;

use arrow::datatypes::SchemaRef;

pub use options::{WorldOptions, WorldVersion};
pub use planted_facts::{EventFacts, GameFacts, PlantedCluster, PlantedCorrelation, PlantedFacts, PlantedSum, Times};

use crate::draws::Topic;
use crate::{GeneratorError, TableBatches, TableSpec};
use arrivals::Fates;
use calendar::Calendar;
use team::Teams;

/// A feature group of the world.
///
/// Rows arrive in waves, each of which stands for one delivery (one insert): a season of scores or games, half a season of attendances.
/// A late event is one that arrives in the wave after its own. Teams and players come in one wave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WorldTable {
    Teams,
    Players,
    SeasonScores,
    Attendances,
    Games,
}

impl WorldTable {
    pub const ALL: [Self; 5] = [Self::Teams, Self::Players, Self::SeasonScores, Self::Attendances, Self::Games];

    pub fn spec(self) -> TableSpec {
        match self {
            Self::Teams => teams_features::spec(),
            Self::Players => players_features::spec(),
            Self::SeasonScores => season_scores_features::spec(),
            Self::Attendances => attendances_features::spec(),
            Self::Games => games_features::spec(),
        }
    }
}

/// The features of the training dataset `team_position_prediction`: numbers only, `team_position` is the label.
/// They live in four groups, which have `team_id` in common.
pub const TOUR_FEATURES: [&str; 12] = [
    "team_budget",
    "average_player_age",
    "sum_player_age",
    "average_player_rating",
    "sum_player_rating",
    "average_player_worth",
    "sum_player_worth",
    "average_position",
    "sum_position",
    "average_attendance",
    "sum_attendance",
    "team_position",
];

/// Teams, their squads, seasons, spectators and games: as many as wanted, the same for the same options.
/// ```
/// use mangonel_generator::{FootballWorld, WorldOptions, WorldTable};
///
/// let world = FootballWorld::new(WorldOptions { teams: 50, seasons: 2, ..Default::default() })?;
/// let first = world.batches(WorldTable::Teams, 20).next().transpose()?;
/// assert_eq!(first.map(|batch| batch.num_rows()), Some(20));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct FootballWorld {
    options: WorldOptions,
    teams: Teams,
}

impl FootballWorld {
    /// # Errors  [`GeneratorError::InvalidOption`] names the option that makes no sense.
    pub fn new(options: WorldOptions) -> Result<Self, GeneratorError> {
        options.check()?;
        Ok(Self { options, teams: Teams::new(options.seed, options.teams) })
    }

    pub fn options(&self) -> &WorldOptions {
        &self.options
    }

    /// All rows of `table` in arrival order, `batch_rows` at a time.
    pub fn batches(&self, table: WorldTable, batch_rows: usize) -> TableBatches {
        self.wave_batches(table, 0..self.waves(table), batch_rows)
    }

    /// In how many waves the rows of `table` arrive.
    pub fn waves(&self, table: WorldTable) -> u32 {
        match table {
            WorldTable::Teams | WorldTable::Players => 1,
            WorldTable::SeasonScores | WorldTable::Games => self.options.seasons,
            WorldTable::Attendances => 2 * self.options.seasons,
        }
    }

    /// The rows of some waves, to insert them one commit at a time; waves that do not exist are empty.
    pub fn wave_batches(&self, table: WorldTable, waves: Range<u32>, batch_rows: usize) -> TableBatches {
        let waves = u64::from(waves.start)..u64::from(waves.end.min(self.waves(table)));
        let schema = table.spec().schema();
        let (teams, seed, version) = (self.teams, self.options.seed, self.options.version);
        let calendar = self.calendar();
        let team_rows = if waves.contains(&0) { 0..teams.count } else { 0..0 };
        match table {
            WorldTable::Teams => {
                TableBatches::new(schema, batch_rows, team_rows, move |schema: SchemaRef, rows: &[u64]| {
                    teams_features::build(&teams, seed, schema, rows)
                })
            }
            WorldTable::Players => TableBatches::new(schema, batch_rows, team_rows, move |schema, rows: &[u64]| {
                players_features::build(&teams, seed, schema, rows)
            }),
            WorldTable::SeasonScores => {
                let arrivals = self.season_score_fates().arrivals(waves);
                TableBatches::new(schema, batch_rows, arrivals, move |schema, rows| {
                    season_scores_features::build(&teams, calendar, schema, rows)
                })
            }
            WorldTable::Attendances => {
                let arrivals = self.attendance_fates().arrivals(waves);
                TableBatches::new(schema, batch_rows, arrivals, move |schema, rows| {
                    attendances_features::build(&teams, calendar, version, schema, rows)
                })
            }
            WorldTable::Games => {
                let games = games_features::games(teams.count, waves);
                TableBatches::new(schema, batch_rows, games, move |schema, rows| {
                    games_features::build(&teams, calendar, schema, rows)
                })
            }
        }
    }

    /// Number of rows of `table`, over all waves.
    pub fn rows(&self, table: WorldTable) -> u64 {
        let facts = self.planted_facts();
        match table {
            WorldTable::Teams | WorldTable::Players => self.options.teams,
            WorldTable::SeasonScores => facts.season_scores.rows,
            WorldTable::Attendances => facts.attendances.rows,
            WorldTable::Games => facts.games.games,
        }
    }

    /// Which of `planted_facts().clusters` a team belongs to; `None` if there is no such team.
    pub fn cluster_of(&self, team_id: i64) -> Option<usize> {
        self.team_index(team_id).map(|team| self.teams.cluster(team))
    }

    /// The right answer of a point-in-time join: `average_attendance` as of the team's `season_end` of season number `season` (from 0),
    /// once all waves have arrived and the later of two rows with equal event time wins. The outer `None`: no such team or season;
    /// the inner one: the newest measurement is null.
    pub fn attendance_at_season_end(&self, team_id: i64, season: u32) -> Option<Option<f32>> {
        let team = self.team_index(team_id).filter(|_| season < self.options.seasons)?;
        let measurement = self.attendance_fates().last_arrival(2 * u64::from(season) + 1, team);
        let (seed, version) = (self.options.seed, self.options.version);
        Some(attendances_features::average_attendance(&self.teams, seed, version, &measurement))
    }

    fn team_index(&self, team_id: i64) -> Option<u64> {
        let team = u64::try_from(team_id).ok()?.checked_sub(1)?;
        (team < self.options.teams).then_some(team)
    }

    fn calendar(&self) -> Calendar {
        Calendar { seed: self.options.seed, first_season: self.options.first_season }
    }

    fn season_score_fates(&self) -> Fates {
        Fates::new(&self.options, Topic::SeasonScoreFate, u64::from(self.options.seasons), false)
    }

    fn attendance_fates(&self) -> Fates {
        Fates::new(&self.options, Topic::AttendanceFate, 2 * u64::from(self.options.seasons), true)
    }
}
