//! Which definitions of feature groups and training datasets are refused, and with what words.

use mangonel_planner::{dataset, feature_group};
use mangonel_proto::{
    Result,
    v1::{
        Compression, CreateFeatureGroup, CreateTrainingDataset, DataFormat, Dependency, DependencyKind, FeatureRequest,
        JoinType, NullPolicy, StatisticsSettings,
    },
};

use crate::world::{group, problems, request, same, tour};

fn teams(columns: &str) -> CreateFeatureGroup {
    let known = group("teams_1", columns);
    CreateFeatureGroup {
        name: known.name,
        features: known.features,
        primary_key: known.primary_key,
        event_time: known.event_time,
        ..Default::default()
    }
}

fn position() -> CreateTrainingDataset {
    CreateTrainingDataset {
        name: "team_position_prediction".into(),
        source: Some(request("team_budget, sum_attendance, team_position")),
        labels: vec!["team_position".into()],
        ..Default::default()
    }
}

fn statistics() -> StatisticsSettings {
    StatisticsSettings {
        descriptive: true,
        correlation: true,
        histograms: true,
        cluster_analysis: true,
        columns: vec![],
        num_bins: 20,
        corr_method: "pearson".into(),
        num_clusters: 5,
    }
}

fn file(path: &str) -> Dependency {
    Dependency { kind: DependencyKind::Path.into(), name: path.into(), version: 0 }
}

fn said(result: Result<()>) -> String {
    result.err().map_or("valid".into(), |error| problems(&error))
}

#[test]
fn feature_groups_are_validated() {
    let valid = teams("team_id* long, season* string, at@ timestamp, day date, budget float");
    let with = |change: fn(&mut CreateFeatureGroup)| {
        let mut request = valid.clone();
        change(&mut request);
        said(feature_group::validate(&request))
    };
    let table = [
        (with(|_| {}), "valid"),
        (
            with(|r| {
                r.statistics = Some(statistics());
                r.partition_by = vec!["day".into()];
                r.dependencies = vec![file("raw/a"), file("raw/b")];
                r.description = "d".repeat(2000);
            }),
            "valid",
        ),
        (
            with(|r| r.name = "Teams".into()),
            "invalid: feature group name `Teams` must begin with a lower-case letter and hold only lower-case letters, digits and `_`",
        ),
        (
            with(|r| r.description = "d".repeat(2001)),
            "invalid: the description of the feature group has 2001 characters: at most 2000 are kept",
        ),
        (
            with(|r| r.features[4].name = "Team_ID".into()),
            "invalid: features `team_id` and `Team_ID` differ only in upper and lower case",
        ),
        (with(|r| r.features[4].name = "day".into()), "invalid: feature `day` is given twice"),
        (
            with(|r| r.features[4].name = "a b".into()),
            "invalid: feature name `a b` must hold only letters, digits and `_`",
        ),
        (
            with(|r| r.primary_key.clear()),
            "InvalidPrimaryKey: the feature group has no primary key: name at least one column",
        ),
        (
            with(|r| r.primary_key = vec!["Team_id".into(), "nope".into(), "season".into(), "season".into()]),
            "InvalidPrimaryKey: primary key column `Team_id` is no feature; did you mean `team_id`?
             InvalidPrimaryKey: primary key column `nope` is no feature
             InvalidPrimaryKey: primary key column `season` is given twice",
        ),
        (with(|r| r.event_time = "tim".into()), "invalid: event time `tim` is no feature"),
        (
            with(|r| r.event_time = "budget".into()),
            "invalid: event time `budget` is float: it must be date, timestamp or timestamp_ntz",
        ),
        (
            with(|r| r.primary_key.push("at".into())),
            "invalid: event time `at` cannot be in the primary key, which names the entity: every event would be one",
        ),
        (
            with(|r| r.partition_by = vec!["dy".into(), "season".into(), "at".into(), "day".into(), "day".into()]),
            "invalid: partition column `dy` is no feature; did you mean `day`?
             invalid: partition column `season` is in the primary key: rows are spread by the key already
             invalid: partition column `at` is the event time: give the day or month as a feature of its own
             invalid: partition column `day` is given twice",
        ),
        (
            with(|r| r.partition_by = vec!["budget".into()]),
            "invalid: partition column `budget` is float: each value makes files of its own, so it must be boolean, an \
             integer, string or date",
        ),
        (
            with(|r| r.dependencies = vec![file("raw/a"), file("raw/a"), Dependency::default()]),
            "invalid: dependency `raw/a` is given twice
             invalid: the kind of dependency `` is not given: path, feature group or training dataset",
        ),
    ];
    for (actual, expected) in table {
        same(&actual, expected);
    }
}

#[test]
fn keys_that_do_not_compare_exactly_are_refused_by_name() {
    for (r#type, allowed) in [
        ("long", true),
        ("string", true),
        ("decimal(10,2)", true),
        ("date", true),
        ("timestamp", true),
        ("boolean", true),
        ("float", false),
        ("double", false),
        ("array<long>", false),
        ("struct<a:long>", false),
    ] {
        let said = said(feature_group::validate(&teams(&format!("k* {type}, x float"))));
        let refused = format!("InvalidPrimaryKey: `k` cannot be in the primary key: values of type {type}");
        assert_eq!(said == "valid", allowed, "{said}");
        assert!(allowed || said.starts_with(&refused), "{said}");
    }
}

#[test]
fn every_problem_of_an_empty_definition_is_reported() {
    let expected = "
        invalid: feature group name `` is empty: give it a name such as `teams_features`
        invalid: the feature group has no features: give it at least one
        InvalidPrimaryKey: the feature group has no primary key: name at least one column";
    same(&said(feature_group::validate(&CreateFeatureGroup::default())), expected);
}

#[test]
fn statistics_settings_are_validated() {
    let with = |change: fn(&mut StatisticsSettings)| {
        let mut settings = statistics();
        change(&mut settings);
        said(feature_group::validate(&CreateFeatureGroup {
            statistics: Some(settings),
            ..teams("id* long, budget float")
        }))
    };
    let table = [
        (with(|s| s.corr_method = "spearman".into()), "valid"),
        (with(|s| (s.num_bins, s.num_clusters) = (1000, 1)), "valid"),
        (with(|s| *s = StatisticsSettings { descriptive: true, ..Default::default() }), "valid"),
        (with(|s| s.columns = vec!["Budget".into()]), "valid"),
        (
            with(|s| {
                *s = StatisticsSettings {
                    columns: vec!["bugdet".into()],
                    corr_method: "kendall".into(),
                    num_bins: 0,
                    num_clusters: 1001,
                    ..statistics()
                }
            }),
            "invalid: statistics column `bugdet` is no feature; did you mean `budget`?
             invalid: correlation method `kendall` is unknown: use pearson or spearman
             invalid: `num_bins` is 0: it must be 1 to 1000
             invalid: `num_clusters` is 1001: it must be 1 to 1000",
        ),
    ];
    for (actual, expected) in table {
        same(&actual, expected);
    }
}

#[test]
fn training_datasets_are_validated() {
    let with = |change: fn(&mut CreateTrainingDataset)| {
        let mut request = position();
        change(&mut request);
        said(dataset::resolve_dataset(&request, &tour()).map(drop))
    };
    let left = || FeatureRequest {
        join_type: JoinType::Left.into(),
        root: "teams_features".into(),
        ..request("team_budget, sum_attendance, team_position")
    };
    let left_with = |null_policy: NullPolicy, source: FeatureRequest| {
        let request = CreateTrainingDataset { source: Some(source), null_policy: null_policy.into(), ..position() };
        said(dataset::resolve_dataset(&request, &tour()).map(drop))
    };
    let policy = "invalid: a left join gives nulls where it finds no row: name a null policy (error, default or omit)";
    let root = "invalid: a left join keeps every row of the root: name it with `root`, such as `teams_features`";
    let table = [
        (with(|_| {}), "valid".to_owned()),
        (with(|r| r.data_format = DataFormat::Parquet.into()), "valid".into()),
        (with(|r| r.data_format = DataFormat::Csv.into()), "valid".into()),
        (with(|r| r.compression = Compression::Zlib.into()), "valid".into()),
        (with(|r| (r.shard_bytes, r.shards) = (1 << 20, 0)), "valid".into()),
        (with(|r| r.shards = 100_000), "valid".into()),
        (with(|r| r.labels = vec!["Team_Position".into()]), "valid".into()),
        (left_with(NullPolicy::Omit, left()), "valid".into()),
        (left_with(NullPolicy::Unspecified, left()), policy.into()),
        (
            left_with(NullPolicy::Unspecified, FeatureRequest { root: String::new(), ..left() }),
            format!("{root}\n{policy}"),
        ),
        (with(|r| r.source = None), "invalid: the request names no feature".into()),
        (
            with(|r| {
                r.name = "td_1".into();
                r.labels = vec!["position".into(), "team_budget".into(), "team_budget".into()];
                r.data_format = DataFormat::Csv.into();
                r.compression = Compression::Zlib.into();
                r.shards = 100_001;
                r.shard_bytes = 1023;
                r.null_policy = 17;
                r.string_features = "varlen".into();
                r.run_id = "../x".into();
                r.statistics = Some(StatisticsSettings { columns: vec!["score".into()], ..statistics() });
            }),
            "invalid: training dataset name `td_1` ends like a version (`_<digits>`): give the version apart
             invalid: CSV is not written with zlib, few readers know it: use gzip
             invalid: null policy 17 is unknown: use error, default or omit
             invalid: 100001 shards are too many: at most 100000
             invalid: give either the number of shards or the bytes of a shard, not both
             invalid: shards of 1023 bytes are too small: at least 1024
             invalid: `string_features` is `varlen`: it must be fixed_len or var_len
             invalid: run id `../x` must hold 1 to 64 lower-case letters, digits and `-`
             invalid: label `position` is not among the features of the training dataset; did you mean `team_position`?
             invalid: label `team_budget` is given twice
             invalid: statistics column `score` is no feature"
                .into(),
        ),
        (
            with(|r| {
                r.data_format = DataFormat::Parquet.into();
                r.compression = Compression::Gzip.into();
                r.null_policy = NullPolicy::Default.into();
            }),
            "invalid: Parquet keeps nulls: leave the null policy out, or say `omit`
             invalid: Parquet is not written with gzip, its pages are compressed already: leave the compression out"
                .into(),
        ),
        // The problems of the source and of the dataset together.
        (
            with(|r| {
                r.source = Some(request("team_bugdet"));
                r.data_format = 9;
            }),
            "FeatureNotFound: feature `team_bugdet` not found; did you mean `teams_features_1.team_budget`?
             invalid: data format 9 is unknown: use tfrecord, parquet, csv or tsv"
                .into(),
        ),
    ];
    for (actual, expected) in table {
        same(&actual, &expected);
    }
}
