//! What the world was made to show, so that a test knows the answer before it asks.

use super::arrivals::Fates;
use super::attendances_features::{HOME_GAMES, MEASUREMENT_NOISE, shift};
use super::games_features::{MEAN_AWAY_SCORE, MEAN_HOME_SCORE, NEUTRAL_SHARE, season_games};
use super::season_scores_features::ROUNDS;
use super::team::{ATTENDANCE_FOLLOWS_BUDGET, CLUSTERS, RATING_FOLLOWS_BUDGET, Spread, cluster_sizes};
use super::{FootballWorld, WorldTable};

/// Counts are exact. Means and correlations are those of the distribution: tolerances hold from 2,000 teams on.
#[derive(Debug, Clone, PartialEq)]
pub struct PlantedFacts {
    /// Between features joined on `team_id`.
    pub correlations: Vec<PlantedCorrelation>,
    /// Sums that equal an average times a count, exactly.
    pub sums: Vec<PlantedSum>,
    /// Four, well apart in (`team_budget`, `average_player_rating`, `average_attendance`) once these are standardised.
    pub clusters: Vec<PlantedCluster>,
    pub season_scores: EventFacts,
    pub attendances: EventFacts,
    /// Mean of `average_attendance` over the measurements that are not null; within 1 %.
    pub attendance_mean: f64,
    /// How much of that mean is the covariate shift: 0 in version one.
    pub attendance_shift: f64,
    pub games: GameFacts,
}

/// Pearson's coefficient, within `tolerance`.
#[derive(Debug, Clone, PartialEq)]
pub struct PlantedCorrelation {
    pub left: (WorldTable, &'static str),
    pub right: (WorldTable, &'static str),
    pub coefficient: f64,
    pub tolerance: f64,
}

/// `sum` = `average` * `times` in every row of `table` (null where the average is null).
#[derive(Debug, Clone, PartialEq)]
pub struct PlantedSum {
    pub table: WorldTable,
    pub sum: &'static str,
    pub average: &'static str,
    pub times: Times,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    Column(&'static str),
    Constant(i64),
}

/// A cluster's centre, and its exact number of teams. Features lie around the centre like a normal distribution, mostly within four deviations:
/// at most 7 % of the centre for the budget, 1.8 % for the rating and 10 % for the attendance. [`FootballWorld::cluster_of`] names the members.
#[derive(Debug, Clone, PartialEq)]
pub struct PlantedCluster {
    pub name: &'static str,
    pub teams: u64,
    pub team_budget: f64,
    pub average_player_rating: f64,
    pub average_attendance: f64,
}

/// Exact counts of one event table. Null, late, duplicated and corrected events are different events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventFacts {
    /// Different (key, event time) pairs.
    pub events: u64,
    /// Rows that arrive: `events + duplicates + corrections`.
    pub rows: u64,
    /// Rows with null features.
    pub nulls: u64,
    /// Events that first arrive after a newer event of the same team.
    pub late: u64,
    /// Rows that equal an earlier one in every column; they arrive after a newer event of the same team.
    pub duplicates: u64,
    /// Rows with key and event time of an earlier one and other features; they arrive after a newer event of the same team.
    pub corrections: u64,
}

/// How games end, measured: chances are cut at both ends, so the means are not quite those that went in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GameFacts {
    pub games: u64,
    /// Within 0.04 each.
    pub mean_home_score: f64,
    pub mean_away_score: f64,
    /// Within 0.01.
    pub neutral_share: f64,
}

impl FootballWorld {
    pub fn planted_facts(&self) -> PlantedFacts {
        let options = self.options();
        let shift = shift(options.version);
        let clusters: Vec<PlantedCluster> = CLUSTERS
            .iter()
            .zip(cluster_sizes(options.teams))
            .map(|(cluster, teams)| PlantedCluster {
                name: cluster.name,
                teams,
                team_budget: cluster.budget.centre,
                average_player_rating: cluster.rating.centre,
                average_attendance: cluster.attendance.centre + shift,
            })
            .collect();
        let attendance_mean = shift + mixture_mean(CLUSTERS.each_ref().map(|cluster| cluster.attendance));
        PlantedFacts {
            correlations: correlations(),
            sums: sums(),
            clusters,
            season_scores: event_facts(&self.season_score_fates()),
            attendances: event_facts(&self.attendance_fates()),
            attendance_mean,
            attendance_shift: shift,
            games: GameFacts {
                games: season_games(options.teams) * u64::from(options.seasons),
                mean_home_score: MEAN_HOME_SCORE,
                mean_away_score: MEAN_AWAY_SCORE,
                neutral_share: NEUTRAL_SHARE,
            },
        }
    }
}

fn event_facts(fates: &Fates) -> EventFacts {
    let followed_waves = fates.waves - 1;
    let events = fates.teams * fates.waves;
    let duplicates = fates.duplicates * followed_waves;
    let corrections = fates.corrections * followed_waves;
    EventFacts {
        events,
        rows: events + duplicates + corrections,
        nulls: fates.nulls * fates.waves,
        late: fates.late * followed_waves,
        duplicates,
        corrections,
    }
}

fn sums() -> Vec<PlantedSum> {
    let squad = Times::Column("squad_size");
    vec![
        PlantedSum { table: WorldTable::Players, sum: "sum_player_age", average: "average_player_age", times: squad },
        PlantedSum {
            table: WorldTable::Players,
            sum: "sum_player_rating",
            average: "average_player_rating",
            times: squad,
        },
        PlantedSum {
            table: WorldTable::Players,
            sum: "sum_player_worth",
            average: "average_player_worth",
            times: squad,
        },
        PlantedSum {
            table: WorldTable::SeasonScores,
            sum: "sum_position",
            average: "average_position",
            times: Times::Constant(ROUNDS),
        },
        PlantedSum {
            table: WorldTable::Attendances,
            sum: "sum_attendance",
            average: "average_attendance",
            times: Times::Constant(HOME_GAMES),
        },
    ]
}

fn correlations() -> Vec<PlantedCorrelation> {
    let budgets = CLUSTERS.each_ref().map(|cluster| cluster.budget);
    let ratings = CLUSTERS.each_ref().map(|cluster| cluster.rating);
    let attendances = CLUSTERS.each_ref().map(|cluster| cluster.attendance);
    let noise = (1.0 + MEASUREMENT_NOISE * MEASUREMENT_NOISE).sqrt();
    let measured = attendances.map(|spread| Spread { deviation: spread.deviation * noise, ..spread });
    let budget = (WorldTable::Teams, "team_budget");
    let rating = (WorldTable::Players, "average_player_rating");
    vec![
        PlantedCorrelation {
            left: budget,
            right: rating,
            coefficient: mixture_correlation(budgets, ratings, RATING_FOLLOWS_BUDGET),
            tolerance: 0.01,
        },
        PlantedCorrelation {
            left: budget,
            right: (WorldTable::Attendances, "average_attendance"),
            coefficient: mixture_correlation(budgets, measured, ATTENDANCE_FOLLOWS_BUDGET / noise),
            tolerance: 0.01,
        },
        // Places are ranks among twenty and positions are cut at 1 and 20: these two were measured on half a million teams.
        PlantedCorrelation {
            left: budget,
            right: (WorldTable::Teams, "team_position"),
            coefficient: -0.77,
            tolerance: 0.02,
        },
        PlantedCorrelation {
            left: rating,
            right: (WorldTable::SeasonScores, "average_position"),
            coefficient: -0.935,
            tolerance: 0.02,
        },
    ]
}

fn shares() -> [f64; 4] {
    CLUSTERS.each_ref().map(|cluster| cluster.percent as f64 / 100.0)
}

fn mixture_mean(spreads: [Spread; 4]) -> f64 {
    shares().iter().zip(spreads).map(|(share, spread)| share * spread.centre).sum()
}

/// Correlation of two features over all clusters: what their centres share, plus what the teams within a cluster share.
fn mixture_correlation(left: [Spread; 4], right: [Spread; 4], within: f64) -> f64 {
    let covariance = |left: [Spread; 4], right: [Spread; 4], within: f64| -> f64 {
        let (left_mean, right_mean) = (mixture_mean(left), mixture_mean(right));
        let parts = shares().into_iter().zip(left.into_iter().zip(right));
        parts
            .map(|(share, (left, right))| {
                let between = (left.centre - left_mean) * (right.centre - right_mean);
                share * (between + within * left.deviation * right.deviation)
            })
            .sum()
    };
    covariance(left, right, within) / (covariance(left, left, 1.0) * covariance(right, right, 1.0)).sqrt()
}
