//! Promise: the football world is the same for the same options, and shows the facts that it says are planted in it.

#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap like the tests themselves")]

use std::collections::{HashMap, HashSet};

use arrow::array::{Array, AsArray, BooleanArray, RecordBatch};
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use mangonel_generator::{
    EventFacts, FootballWorld, GeneratorError, PlantedFacts, TOUR_FEATURES, Times, WorldOptions, WorldTable,
    WorldVersion,
};

fn world(teams: u64, seasons: u32) -> FootballWorld {
    FootballWorld::new(WorldOptions { teams, seasons, ..Default::default() }).unwrap()
}

fn read(world: &FootballWorld, table: WorldTable, batch_rows: usize) -> RecordBatch {
    let batches: Vec<RecordBatch> = world.batches(table, batch_rows).map(Result::unwrap).collect();
    assert!(batches.iter().rev().skip(1).all(|batch| batch.num_rows() == batch_rows));
    concat_batches(&table.spec().schema(), &batches).unwrap()
}

fn floats(batch: &RecordBatch, column: &str) -> Vec<Option<f64>> {
    let column = cast(batch.column_by_name(column).unwrap(), &DataType::Float64).unwrap();
    column.as_primitive::<Float64Type>().iter().collect()
}

fn integers(batch: &RecordBatch, column: &str) -> Vec<i64> {
    let column = cast(batch.column_by_name(column).unwrap(), &DataType::Int64).unwrap();
    column.as_primitive::<Int64Type>().values().to_vec()
}

fn mean(values: &[Option<f64>]) -> f64 {
    let present: Vec<f64> = values.iter().flatten().copied().collect();
    present.iter().sum::<f64>() / present.len() as f64
}

fn pearson(pairs: &[(f64, f64)]) -> f64 {
    let count = pairs.len() as f64;
    let (left, right) = pairs.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0 / count, sum.1 + pair.1 / count));
    let moment = |of: fn(f64, f64) -> f64| pairs.iter().map(|pair| of(pair.0 - left, pair.1 - right)).sum::<f64>();
    moment(|x, y| x * y) / (moment(|x, _| x * x) * moment(|_, y| y * y)).sqrt()
}

#[test]
fn rows_do_not_depend_on_the_batch_size_or_on_what_was_read_before() {
    for table in WorldTable::ALL {
        let whole = read(&world(210, 3), table, usize::MAX);
        assert_eq!(whole.num_rows() as u64, world(210, 3).rows(table), "{table:?}");
        for batch_rows in [1, 7, 64, 1000] {
            assert_eq!(read(&world(210, 3), table, batch_rows), whole, "{table:?} by {batch_rows}");
        }
        let world = world(210, 3);
        let last = world.waves(table) - 1;
        let tail: Vec<RecordBatch> = world.wave_batches(table, last..last + 5, 50).map(Result::unwrap).collect();
        let tail = concat_batches(&whole.schema(), &tail).unwrap();
        assert_eq!(tail, whole.slice(whole.num_rows() - tail.num_rows(), tail.num_rows()), "{table:?}");
    }
}

#[test]
fn another_seed_is_another_world() {
    let other = FootballWorld::new(WorldOptions { seed: 2, teams: 210, seasons: 3, ..Default::default() }).unwrap();
    for table in WorldTable::ALL {
        assert_ne!(read(&other, table, 1000), read(&world(210, 3), table, 1000), "{table:?}");
    }
}

#[test]
fn the_first_rows_never_change() {
    let batch = read(&world(40, 2), WorldTable::Teams, 100).slice(0, 3);
    let printed = arrow::util::pretty::pretty_format_batches(&[batch]).unwrap().to_string();
    assert_eq!(printed, include_str!("first_teams.txt").trim_end(), "tests/first_teams.txt\n{printed}");
}

#[test]
fn batches_fit_their_spec() {
    for table in WorldTable::ALL {
        let spec = table.spec();
        let batch = read(&world(60, 2), table, 100);
        assert_eq!(batch.schema(), spec.schema());
        assert!(spec.fields.iter().all(|(_, description)| !description.is_empty()));
        for (field, _) in &spec.fields {
            let nulls = batch.column_by_name(field.name()).unwrap().null_count();
            assert!(field.is_nullable() || nulls == 0);
        }
        assert!(spec.primary_key.iter().chain(&spec.event_time).all(|key| spec.schema().field_with_name(key).is_ok()));
    }
    let specs = WorldTable::ALL.map(WorldTable::spec);
    for feature in TOUR_FEATURES {
        assert_eq!(specs.iter().filter(|spec| spec.features().any(|name| name == feature)).count(), 1, "{feature}");
    }
}

#[test]
fn an_empty_world_and_one_team_are_fine() {
    for teams in [0, 1] {
        let world = world(teams, 1);
        for table in WorldTable::ALL {
            assert_eq!(read(&world, table, 10).num_rows() as u64, world.rows(table), "{table:?}");
        }
    }
}

#[test]
fn senseless_options_are_refused_by_name() {
    let refused = |options| match FootballWorld::new(options) {
        Err(GeneratorError::InvalidOption { option, .. }) => option,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(WorldOptions { seasons: 0, ..Default::default() }), "seasons");
    assert_eq!(refused(WorldOptions { teams: u64::MAX, ..Default::default() }), "teams");
    assert_eq!(refused(WorldOptions { first_season: 9999, ..Default::default() }), "first_season");
    assert_eq!(refused(WorldOptions { nulls_per_mille: 490, ..Default::default() }), "*_per_mille");
}

#[test]
fn planted_correlations_are_measured() {
    for teams in [2_000, 20_000] {
        let world = world(teams, 3);
        let facts = world.planted_facts();
        let read: HashMap<WorldTable, RecordBatch> =
            WorldTable::ALL[..4].iter().map(|&table| (table, read(&world, table, 4096))).collect();
        for fact in &facts.correlations {
            // The right side may have several rows for a team.
            let left = &read[&fact.left.0];
            let left: HashMap<i64, f64> = integers(left, "team_id")
                .into_iter()
                .zip(floats(left, fact.left.1))
                .filter_map(|(team, value)| Some((team, value?)))
                .collect();
            let right = &read[&fact.right.0];
            let pairs: Vec<(f64, f64)> = integers(right, "team_id")
                .into_iter()
                .zip(floats(right, fact.right.1))
                .filter_map(|(team, value)| Some((left[&team], value?)))
                .collect();
            let measured = pearson(&pairs);
            assert!((measured - fact.coefficient).abs() < fact.tolerance, "{teams} teams: {measured}, not {fact:?}");
        }
    }
}

#[test]
fn planted_sums_are_exact() {
    let world = world(2_000, 3);
    for fact in &world.planted_facts().sums {
        let batch = read(&world, fact.table, 999);
        let times = match fact.times {
            Times::Column(column) => floats(&batch, column),
            Times::Constant(times) => vec![Some(times as f64); batch.num_rows()],
        };
        let products =
            floats(&batch, fact.average).into_iter().zip(times).map(|(average, times)| Some(average? * times?));
        assert_eq!(products.collect::<Vec<_>>(), floats(&batch, fact.sum), "{fact:?}");
    }
}

#[test]
fn clusters_have_their_sizes_and_stay_apart() {
    let world = world(20_000, 1);
    let facts = world.planted_facts();
    let members = |cluster| (1..=20_000).filter(|&team| world.cluster_of(team) == Some(cluster)).count() as u64;
    assert_eq!((0..4).map(members).collect::<Vec<_>>(), [2_000, 4_000, 6_000, 8_000]);
    assert_eq!(facts.clusters.iter().map(|cluster| cluster.teams).collect::<Vec<_>>(), [2_000, 4_000, 6_000, 8_000]);
    assert_eq!((world.cluster_of(0), world.cluster_of(20_001)), (None, None));

    let players = read(&world, WorldTable::Players, 4096);
    let budgets = floats(&read(&world, WorldTable::Teams, 4096), "team_budget");
    let ratings = floats(&players, "average_player_rating");
    let attendances = read(&world, WorldTable::Attendances, 4096);
    // Each standardised by the spread of the whole, the nearest centre is the right one for every team.
    let scales = [200e6, 9.5, 20_000.0];
    let teams = integers(&attendances, "team_id").into_iter().zip(floats(&attendances, "average_attendance"));
    for (team, attendance) in teams.filter_map(|(team, attendance)| Some((team, attendance?))) {
        let row = (team - 1) as usize;
        let point = [budgets[row].unwrap(), ratings[row].unwrap(), attendance];
        let distance = |cluster: usize| -> f64 {
            let centre = &facts.clusters[cluster];
            let centre = [centre.team_budget, centre.average_player_rating, centre.average_attendance];
            (0..3).map(|axis| ((point[axis] - centre[axis]) / scales[axis]).powi(2)).sum()
        };
        let nearest = (0..4).min_by(|&left, &right| distance(left).total_cmp(&distance(right)));
        assert_eq!(nearest, world.cluster_of(team), "team {team} at {point:?}");
    }
}

/// Counts what a reader of the arriving rows sees.
fn count_events(batch: &RecordBatch, event_time: &str, first_feature: &str) -> EventFacts {
    let mut newest: HashMap<i64, i64> = HashMap::new();
    let mut seen: HashMap<(i64, i64), RecordBatch> = HashMap::new();
    let mut counted = EventFacts { events: 0, rows: 0, nulls: 0, late: 0, duplicates: 0, corrections: 0 };
    let nulls = batch.column_by_name(first_feature).unwrap();
    for (row, event) in integers(batch, "team_id").into_iter().zip(integers(batch, event_time)).enumerate() {
        counted.rows += 1;
        counted.nulls += u64::from(nulls.is_null(row));
        let after_newer = newest.get(&event.0).is_some_and(|&time| time > event.1);
        let one = batch.slice(row, 1);
        match seen.get(&event) {
            Some(earlier) if *earlier == one => counted.duplicates += u64::from(after_newer),
            Some(_) => counted.corrections += u64::from(after_newer),
            None => {
                counted.late += u64::from(after_newer);
                seen.insert(event, one);
            }
        }
        let time = newest.entry(event.0).or_insert(event.1);
        *time = event.1.max(*time);
    }
    counted.events = seen.len() as u64;
    counted
}

#[test]
fn events_are_late_double_corrected_and_null_as_often_as_stated() {
    let world = world(3_000, 4);
    let facts = world.planted_facts();
    let scores = read(&world, WorldTable::SeasonScores, 4096);
    assert_eq!(count_events(&scores, "season_end", "average_position"), facts.season_scores);
    let attendances = read(&world, WorldTable::Attendances, 4096);
    assert_eq!(count_events(&attendances, "measured_at", "average_attendance"), facts.attendances);
    let expected =
        EventFacts { events: 24_000, rows: 24_420, nulls: 720, late: 420, duplicates: 210, corrections: 210 };
    assert_eq!(facts.attendances, expected);
}

#[test]
fn attendance_at_season_end_is_what_a_point_in_time_join_finds() {
    let world = world(500, 3);
    let attendances = read(&world, WorldTable::Attendances, 4096);
    // Arrival order: a later row with the same event time replaces the earlier one.
    let mut history: HashMap<i64, HashMap<i64, Option<f64>>> = HashMap::new();
    let times = integers(&attendances, "measured_at").into_iter().zip(floats(&attendances, "average_attendance"));
    for (team, (time, attendance)) in integers(&attendances, "team_id").into_iter().zip(times) {
        history.entry(team).or_default().insert(time, attendance);
    }
    let scores = read(&world, WorldTable::SeasonScores, 4096);
    let seasons = integers(&scores, "season_end").into_iter().zip(integers(&scores, "season"));
    for (team, (end, season)) in integers(&scores, "team_id").into_iter().zip(seasons) {
        let newest = history[&team].iter().filter(|(time, _)| **time <= end).max_by_key(|(time, _)| **time).unwrap();
        let stated = world.attendance_at_season_end(team, (season - 2020) as u32).unwrap();
        assert_eq!(stated.map(f64::from), *newest.1, "team {team}, season {season}");
    }
    assert_eq!((world.attendance_at_season_end(501, 0), world.attendance_at_season_end(1, 3)), (None, None));
}

#[test]
fn the_second_version_shifts_attendance_and_nothing_else() {
    let first = world(20_000, 1);
    let second = FootballWorld::new(WorldOptions { version: WorldVersion::Two, ..*first.options() }).unwrap();
    for table in [WorldTable::Teams, WorldTable::Players, WorldTable::SeasonScores, WorldTable::Games] {
        assert_eq!(read(&first, table, 10_000), read(&second, table, 10_000), "{table:?}");
    }
    let attendance = |world| floats(&read(world, WorldTable::Attendances, 10_000), "average_attendance");
    let (before, after) = (attendance(&first), attendance(&second));
    let shifted: Vec<_> = before.iter().map(|value| value.map(|value| value + 6_000.0)).collect();
    // Rounding to whole spectators comes after the shift.
    assert!(shifted.iter().zip(&after).all(|(left, right)| (left.unwrap_or(0.0) - right.unwrap_or(0.0)).abs() <= 1.0));
    for (facts, values) in [(first.planted_facts(), before), (second.planted_facts(), after)] {
        let measured = mean(&values);
        assert!((measured / facts.attendance_mean - 1.0).abs() < 0.01, "{measured}, not {}", facts.attendance_mean);
    }
    let shift = |facts: PlantedFacts| facts.attendance_shift;
    assert_eq!((shift(first.planted_facts()), shift(second.planted_facts())), (0.0, 6_000.0));
}

#[test]
fn games_favour_the_home_team_and_each_is_played_once() {
    let world = world(2_010, 2);
    let facts = world.planted_facts().games;
    let games = read(&world, WorldTable::Games, 10_000);
    assert_eq!(games.num_rows() as u64, facts.games);
    let keys: HashSet<_> = integers(&games, "home_team_id")
        .into_iter()
        .zip(integers(&games, "away_team_id"))
        .zip(integers(&games, "played_at"))
        .collect();
    assert_eq!(keys.len(), games.num_rows());
    let (home, away) = (mean(&floats(&games, "home_score")), mean(&floats(&games, "away_score")));
    assert!(
        (home - facts.mean_home_score).abs() < 0.04 && (away - facts.mean_away_score).abs() < 0.04,
        "{home} {away}"
    );
    let neutral: &BooleanArray = games.column_by_name("neutral").unwrap().as_boolean();
    let share = neutral.true_count() as f64 / games.num_rows() as f64;
    assert!((share - facts.neutral_share).abs() < 0.01, "{share}");
}
