//! What a team is like for good: its cluster, and its budget, rating and attendance around the cluster's centre.

use crate::draws::{Draws, Topic, topic_key};
use crate::shuffle::Shuffle;

/// Teams of one league; the last league has what is left.
pub(crate) const LEAGUE_TEAMS: u64 = 20;

/// Centre and standard deviation within a cluster.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) centre: f64,
    pub(crate) deviation: f64,
}

const fn spread(centre: f64, deviation: f64) -> Spread {
    Spread { centre, deviation }
}

#[derive(Debug)]
pub(crate) struct Cluster {
    pub(crate) name: &'static str,
    pub(crate) percent: u64,
    pub(crate) budget: Spread,
    pub(crate) rating: Spread,
    pub(crate) attendance: Spread,
}

/// Centres lie several deviations apart on at least two axes, and not on one line: the sleeping giants have small budgets and full stadiums.
pub(crate) const CLUSTERS: [Cluster; 4] = [
    Cluster {
        name: "giants",
        percent: 10,
        budget: spread(600e6, 30e6),
        rating: spread(84.0, 1.0),
        attendance: spread(58_000.0, 2_000.0),
    },
    Cluster {
        name: "contenders",
        percent: 20,
        budget: spread(300e6, 20e6),
        rating: spread(77.0, 1.0),
        attendance: spread(32_000.0, 1_500.0),
    },
    Cluster {
        name: "sleeping giants",
        percent: 30,
        budget: spread(80e6, 8e6),
        rating: spread(67.0, 1.0),
        attendance: spread(44_000.0, 1_500.0),
    },
    Cluster {
        name: "minnows",
        percent: 40,
        budget: spread(20e6, 3e6),
        rating: spread(58.0, 1.0),
        attendance: spread(6_000.0, 600.0),
    },
];

/// How far rating and attendance follow the team's budget within its cluster (correlation).
pub(crate) const RATING_FOLLOWS_BUDGET: f64 = 0.6;
pub(crate) const ATTENDANCE_FOLLOWS_BUDGET: f64 = 0.5;

/// Number of teams of each cluster: the percentage, rounded down; the last one takes the rest.
pub(crate) fn cluster_sizes(teams: u64) -> [u64; 4] {
    let mut sizes = CLUSTERS.each_ref().map(|cluster| teams * cluster.percent / 100);
    let counted: u64 = sizes.iter().take(3).sum();
    sizes[3] = teams - counted;
    sizes
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Team {
    pub(crate) cluster: usize,
    pub(crate) budget: f64,
    pub(crate) rating: f64,
    pub(crate) attendance: f64,
}

impl Team {
    /// About standard normal over all teams: what decides games and positions.
    pub(crate) fn quality(&self) -> f64 {
        (self.rating - 67.1) / 9.2
    }
}

/// All teams, by index (team id less one), made when asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Teams {
    seed: u64,
    pub(crate) count: u64,
    cluster_order: Shuffle,
    cluster_sizes: [u64; 4],
}

impl Teams {
    pub(crate) fn new(seed: u64, count: u64) -> Self {
        let cluster_order = Shuffle::new(count, topic_key(seed, Topic::Cluster, 0));
        Self { seed, count, cluster_order, cluster_sizes: cluster_sizes(count) }
    }

    pub(crate) fn cluster(&self, team: u64) -> usize {
        let mut place = self.cluster_order.image(team);
        for (cluster, &size) in self.cluster_sizes.iter().enumerate() {
            if place < size {
                return cluster;
            }
            place -= size;
        }
        CLUSTERS.len() - 1
    }

    pub(crate) fn team(&self, team: u64) -> Team {
        let index = self.cluster(team);
        let cluster = &CLUSTERS[index];
        let mut draws = Draws::new(self.seed, Topic::TeamStrength, 0, team);
        let wealth = draws.normal();
        let mut following = |share: f64| share * wealth + (1.0 - share * share).sqrt() * draws.normal();
        Team {
            cluster: index,
            budget: (cluster.budget.centre + cluster.budget.deviation * wealth).round(),
            rating: sixty_fourths(cluster.rating.centre + cluster.rating.deviation * following(RATING_FOLLOWS_BUDGET)),
            attendance: cluster.attendance.centre + cluster.attendance.deviation * following(ATTENDANCE_FOLLOWS_BUDGET),
        }
    }

    /// The places, from 1, of a league's teams in order of team index; each place is taken once. The better team is mostly ahead.
    pub(crate) fn league_places(&self, league: u64) -> Vec<i32> {
        let first = league * LEAGUE_TEAMS;
        let last = (first + LEAGUE_TEAMS).min(self.count);
        let mut ranking: Vec<(f64, usize)> = (first..last)
            .enumerate()
            .map(|(member, team)| {
                let luck = Draws::new(self.seed, Topic::TeamRank, 0, team).normal();
                (self.team(team).quality() + 0.4 * luck, member)
            })
            .collect();
        ranking.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
        let mut places = vec![0; ranking.len()];
        for (place, (_, member)) in (1..).zip(ranking) {
            places[member] = place;
        }
        places
    }
}

/// Rounds to a multiple of 1/64, so that a 32-bit float holds the value, and its product with a small integer, exactly.
pub(crate) fn sixty_fourths(value: f64) -> f64 {
    (value * 64.0).round() / 64.0
}
