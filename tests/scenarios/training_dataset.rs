//! Features of three groups become a training dataset: the right rows, in the right shards, with a manifest that is true.

use mangonel_proto::{ErrorCode, v1, v1::DataFormat};
use mangonel_storage::hash::hash_keys;

use crate::harness::{
    Sandbox, assert_table, dataset, group, on_every_engine, request,
    sandbox::{Built, version_of},
    table,
};

on_every_engine!(
    an_inner_join_has_the_rows_that_all_groups_have,
    a_left_join_keeps_every_row_of_the_root,
    parquet_holds_the_same_rows,
    every_number_of_shards_holds_the_same_rows_each_where_its_hash_says,
    a_small_group_that_is_sent_to_every_task_leaves_rows_in_their_shards,
    the_manifest_adds_up_and_verify_agrees,
    a_flipped_byte_is_found_in_its_shard,
    a_dataset_is_what_it_was_after_its_inputs_have_changed,
    nulls_are_refused_filled_or_left_out_as_asked,
    bad_requests_are_refused_before_any_work,
    a_dataset_of_no_rows_has_its_shards,
);

/// Ten teams; nine have a position; attendance was measured for eight, several times for some.
async fn football(sandbox: &Sandbox) {
    let teams = table(
        "team_id:long | name:string    | budget:double
         1            | Göteborg       | 10.5
         2            | Malmö          | 20.25
         3            | Örgryte        | 3.75
         4            | Hammarby       | 8.0
         5            | AIK            | 12.5
         6            | Djurgården     | 14.0
         7            | Elfsborg       | 9.25
         8            | Häcken         | 11.0
         9            | Kalmar FF      | 6.5
         10           | 京都            | 7.125",
    );
    let positions = table(
        "team_id:integer | position:integer
         10              | 9
         9               | 8
         8               | 1
         7               | 7
         6               | 3
         5               | 2
         4               | 5
         2               | 4
         1               | 6",
    );
    let attendances = table(
        "team_id:long | measured_on:date | attendance:integer
         1            | 2020-03-01       | 9000
         1            | 2020-04-01       | 9500
         1            | 2020-02-01       | 8000
         2            | 2020-03-01       | 15000
         3            | 2020-03-01       | 3000
         5            | 2019-12-31       | 11000
         5            | 2020-01-01       | 12000
         6            | 2020-03-01       | 13000
         7            | 2020-03-01       | 5000
         8            | 2020-03-02       | 4100
         8            | 2020-03-01       | 4000
         10           | 2020-03-01       | 700",
    );
    sandbox.create_filled(group("teams", "team_id", "team_id:long name:string budget:double"), teams).await;
    sandbox.create_filled(group("positions", "team_id", "team_id:integer position:integer"), positions).await;
    let measured = v1::CreateFeatureGroup {
        event_time: "measured_on".into(),
        ..group("attendances", "team_id", "team_id:long measured_on:date attendance:integer")
    };
    sandbox.create_filled(measured, attendances).await;
}

const INNER: &str = "
    attendance | team_id | name       | budget | position
    9500       | 1       | Göteborg   | 10.5   | 6
    15000      | 2       | Malmö      | 20.25  | 4
    12000      | 5       | AIK        | 12.5   | 2
    13000      | 6       | Djurgården | 14.0   | 3
    5000       | 7       | Elfsborg   | 9.25   | 7
    4100       | 8       | Häcken     | 11.0   | 1
    700        | 10      | 京都        | 7.125  | 9";

const LEFT: &str = "
    attendance | team_id | name       | budget | position
    9500       | 1       | Göteborg   | 10.5   | 6
    15000      | 2       | Malmö      | 20.25  | 4
    3000       | 3       | Örgryte    | 3.75   | null
    null       | 4       | Hammarby   | 8.0    | 5
    12000      | 5       | AIK        | 12.5   | 2
    13000      | 6       | Djurgården | 14.0   | 3
    5000       | 7       | Elfsborg   | 9.25   | 7
    4100       | 8       | Häcken     | 11.0   | 1
    null       | 9       | Kalmar FF  | 6.5    | 8
    700        | 10      | 京都        | 7.125  | 9";

const FEATURES: &str = "attendance team_id name budget position";

fn left() -> v1::FeatureRequest {
    v1::FeatureRequest { join_type: v1::JoinType::Left.into(), root: "teams".into(), ..request(FEATURES) }
}

async fn an_inner_join_has_the_rows_that_all_groups_have(sandbox: &Sandbox) {
    football(sandbox).await;
    assert_table(&sandbox.ask(request(FEATURES)).await.unwrap(), INNER);
    let built = sandbox.build(dataset("positions_of_teams", FEATURES, 2)).await;
    assert_table(&built.rows(), INNER);
    let names: Vec<&str> = built.dataset.features.iter().map(|feature| feature.name.as_str()).collect();
    assert_eq!(names.join(" "), FEATURES, "features are in the order of the request");
}

async fn a_left_join_keeps_every_row_of_the_root(sandbox: &Sandbox) {
    football(sandbox).await;
    assert_table(&sandbox.ask(left()).await.unwrap(), LEFT);
    let create = v1::CreateTrainingDataset {
        source: Some(left()),
        null_policy: v1::NullPolicy::Omit.into(),
        ..dataset("positions_of_teams", "", 3)
    };
    assert_table(&sandbox.build(create).await.rows(), LEFT);
}

async fn parquet_holds_the_same_rows(sandbox: &Sandbox) {
    football(sandbox).await;
    let create = v1::CreateTrainingDataset {
        source: Some(left()),
        null_policy: v1::NullPolicy::Omit.into(),
        data_format: DataFormat::Parquet.into(),
        ..dataset("positions_of_teams", "", 2)
    };
    let built = sandbox.build(create).await;
    assert_table(&built.rows(), LEFT);
    assert!(sandbox.verify("positions_of_teams").await.problems.is_empty());
    let kind = v1::DependencyKind::TrainingDataset.into();
    let read = v1::ReadVersion { kind, name: "positions_of_teams".into(), version: 1, ..Default::default() };
    assert_table(&sandbox.read(mangonel_proto::wire::Command::Read(read)).await.unwrap(), LEFT);
}

async fn every_number_of_shards_holds_the_same_rows_each_where_its_hash_says(sandbox: &Sandbox) {
    football(sandbox).await;
    for shards in [1, 3, 8] {
        let create = v1::CreateTrainingDataset {
            source: Some(v1::FeatureRequest { root: "teams".into(), ..request(FEATURES) }),
            ..dataset(&format!("in_{shards}_shards_"), "", shards)
        };
        let built = sandbox.build(create).await;
        assert_table(&built.rows(), INNER);
        assert_eq!(built.files().len(), shards as usize);
        assert_in_their_shards(&built, "team_id");
    }
}

/// Players are joined with their teams, and those with their cities, on other columns than the key that shards go by.
async fn a_small_group_that_is_sent_to_every_task_leaves_rows_in_their_shards(sandbox: &Sandbox) {
    let players: Vec<String> = (0..300).map(|player| format!("{player} | {} | {player}", player % 10)).collect();
    let players = table(&format!("player_id:long | team_id:long | age:integer\n{}", players.join("\n")));
    let teams: Vec<String> = (0..9).map(|team| format!("{team} | {} | {team}.5", team % 3)).collect();
    let teams = table(&format!("team_id:long | city_id:long | budget:double\n{}", teams.join("\n")));
    let cities = table("city_id:long | rain:float\n 0 | 10.0\n 1 | 20.0\n 2 | 30.0");
    sandbox.create_filled(group("players", "player_id", "player_id:long team_id:long age:integer"), players).await;
    sandbox.create_filled(group("teams", "team_id", "team_id:long city_id:long budget:double"), teams).await;
    sandbox.create_filled(group("cities", "city_id", "city_id:long rain:float"), cities).await;
    let built = sandbox.build(dataset("players_in_the_rain", "age budget rain player_id", 4)).await;
    let expected = (0..300).filter(|player| player % 10 < 9).map(|player| {
        let team = player % 10;
        format!("{player} | {team}.5 | {}.0 | {player}", (team % 3 + 1) * 10)
    });
    let expected: Vec<String> = expected.collect();
    assert_table(&built.rows(), &format!("age | budget | rain | player_id\n{}", expected.join("\n")));
    assert_in_their_shards(&built, "player_id");
}

/// Every row is in the shard whose range holds the hash of its key.
#[track_caller]
fn assert_in_their_shards(built: &Built, key: &str) {
    let bounds: Vec<u64> = built.manifest.boundaries.iter().map(|bound| bound.hash().unwrap()).collect();
    assert!(bounds.is_sorted() && bounds.len() == built.manifest.shards.len() - 1);
    for shard in 0..built.manifest.shards.len() {
        let rows = built.shard(shard);
        let key = rows.column_by_name(key).unwrap().clone();
        for hash in hash_keys(&[key]).unwrap() {
            assert_eq!(bounds.partition_point(|bound| *bound <= hash), shard, "a row is in another shard");
        }
    }
}

async fn the_manifest_adds_up_and_verify_agrees(sandbox: &Sandbox) {
    football(sandbox).await;
    let create =
        v1::CreateTrainingDataset { labels: vec!["position".into()], ..dataset("positions_of_teams", FEATURES, 4) };
    let built = sandbox.build(create).await;
    let (manifest, generation) = (&built.manifest, built.dataset.generation.clone().unwrap());
    let files = built.files();
    assert_eq!(manifest.shards.len(), 4);
    for shard in &manifest.shards {
        assert_eq!(files[&shard.name].len() as u64, shard.bytes);
    }
    let bytes: u64 = manifest.shards.iter().map(|shard| shard.bytes).sum();
    let rows: u64 = manifest.shards.iter().map(|shard| shard.rows).sum();
    assert_eq!((manifest.totals.shards, manifest.totals.rows, manifest.totals.bytes), (4, 7, bytes));
    assert_eq!((rows, generation.rows, generation.bytes, generation.shards), (7, 7, bytes, 4));
    assert_eq!((built.run.rows, built.run.bytes), (7, bytes));
    assert_eq!(manifest.labels, ["position"]);
    assert_eq!((manifest.run_id.as_str(), generation.number), (built.run.id.as_str(), 1));
    assert_eq!(manifest.inputs.iter().map(|input| input.name.as_str()).collect::<Vec<_>>().len(), 3);
    assert!(built.detail.tf_record_schema.contains("\"attendance\""), "{}", built.detail.tf_record_schema);

    let report = sandbox.verify("positions_of_teams").await;
    assert_eq!((report.shards, report.rows, report.bytes, report.problems.len()), (4, 7, bytes, 0));
}

async fn a_flipped_byte_is_found_in_its_shard(sandbox: &Sandbox) {
    football(sandbox).await;
    for format in [DataFormat::Tfrecord, DataFormat::Parquet] {
        let name = format!("flipped_{}", format.as_str_name().to_lowercase());
        let built = sandbox
            .build(v1::CreateTrainingDataset { data_format: format.into(), ..dataset(&name, FEATURES, 3) })
            .await;
        let shard = built.manifest.shards.iter().max_by_key(|shard| shard.bytes).unwrap();
        let path = built.folder.join(&shard.name);
        let mut bytes = std::fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x10;
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, bytes).unwrap();
        let problems = sandbox.verify(&name).await.problems;
        assert!(!problems.is_empty() && problems.iter().all(|problem| problem.contains(&shard.name)), "{problems:?}");

        std::fs::remove_file(&path).unwrap();
        let problems = sandbox.verify(&name).await.problems;
        assert!(problems.len() == 1 && problems[0].contains("missing"), "{problems:?}");
    }
}

async fn a_dataset_is_what_it_was_after_its_inputs_have_changed(sandbox: &Sandbox) {
    football(sandbox).await;
    let built = sandbox.build(dataset("positions_of_teams", FEATURES, 2)).await;
    let before = built.files();
    let more = table("team_id:long | name:string | budget:double\n 9 | twice | 1.0");
    sandbox.insert("teams", more).await;
    sandbox
        .client()
        .call(mangonel_proto::wire::DeleteFeatureGroup(v1::VersionRef { name: "attendances".into(), version: 1 }))
        .await
        .unwrap();
    assert_eq!(built.files(), before);
    assert!(sandbox.verify("positions_of_teams").await.problems.is_empty());
    // A second version stands beside the first.
    let second = sandbox.build(dataset("positions_of_teams", "name position", 1)).await;
    assert_eq!((second.dataset.version, built.dataset.version), (2, 1));
    assert_eq!(built.files(), before);
}

async fn nulls_are_refused_filled_or_left_out_as_asked(sandbox: &Sandbox) {
    let people = table("id:long | age:integer | city:string\n 1 | 30 | Umeå\n 2 | null | Lund\n 3 | 50 | null");
    sandbox.create_filled(group("people", "id", "id:long age:integer city:string"), people).await;
    let build = |name: &str, policy: v1::NullPolicy| v1::CreateTrainingDataset {
        null_policy: policy.into(),
        ..dataset(name, "id age city", 2)
    };
    let refused = sandbox.try_build(build("refused", v1::NullPolicy::Error)).await.err().unwrap().message;
    assert!(refused.contains("age") || refused.contains("city"), "{refused}");
    let list = sandbox.client().call(v1::ListTrainingDatasets::default()).await.unwrap();
    assert!(list.training_datasets.iter().all(|dataset| dataset.generation.is_none()));

    let filled = sandbox.build(build("filled", v1::NullPolicy::Default)).await;
    // The empty text is read back as what was written, a value.
    assert_table(&filled.rows(), "id | age | city\n 1 | 30 | Umeå\n 2 | 0 | Lund\n 3 | 50 | ");
    let omitted = sandbox.build(build("omitted", v1::NullPolicy::Omit)).await;
    assert_table(&omitted.rows(), "id | age | city\n 1 | 30 | Umeå\n 2 | null | Lund\n 3 | 50 | null");
    let nulls: Vec<u64> = omitted.manifest.features.iter().map(|feature| feature.null_count).collect();
    assert_eq!(nulls, [0, 1, 1]);
}

async fn bad_requests_are_refused_before_any_work(sandbox: &Sandbox) {
    football(sandbox).await;
    let create = v1::CreateTrainingDataset {
        source: Some(v1::FeatureRequest { root: "teams".into(), ..left() }),
        labels: vec!["positon".into()],
        shards: 1_000_000,
        data_format: DataFormat::Csv.into(),
        compression: v1::Compression::Zlib.into(),
        ..dataset("Bad Name", "", 0)
    };
    let error = sandbox.try_build(create).await.err().unwrap();
    let text = error.to_string();
    for expected in ["`Bad Name`", "`positon`", "shards are too many", "null policy", "CSV is not written with zlib"] {
        assert!(text.contains(expected), "no `{expected}` in {text}");
    }
    assert_eq!(error.code, ErrorCode::InvalidArgument);
    let strict = v1::CreateTrainingDataset { strict: true, ..dataset("strict", FEATURES, 1) };
    let error = sandbox.try_build(strict).await.err().unwrap();
    assert!(error.to_string().contains("budget"), "{error}");
    let list = sandbox.client().call(v1::ListTrainingDatasets::default()).await.unwrap();
    assert!(list.training_datasets.is_empty(), "a refused request leaves nothing behind");
    let runs = sandbox.client().call(v1::ListRuns::default()).await.unwrap().runs;
    assert_eq!(runs.len(), 3, "only the inserts ran");

    let first = sandbox.build(v1::CreateTrainingDataset { version: 1, ..dataset("taken", FEATURES, 1) }).await;
    let again = v1::CreateTrainingDataset { version: 1, ..dataset("taken", FEATURES, 1) };
    assert_eq!(sandbox.try_build(again).await.err().unwrap().code, ErrorCode::AlreadyExists);
    assert_eq!(first.dataset.version, 1);
    let missing = sandbox.client().call(mangonel_proto::wire::ShowTrainingDataset(version_of("nothing"))).await;
    assert_eq!(missing.unwrap_err().code, ErrorCode::NotFound);
}

async fn a_dataset_of_no_rows_has_its_shards(sandbox: &Sandbox) {
    sandbox.create(group("empty", "id", "id:long score:double")).await;
    for format in [DataFormat::Tfrecord, DataFormat::Parquet] {
        let name = format!("of_{}", format.as_str_name().to_lowercase());
        let create = v1::CreateTrainingDataset { data_format: format.into(), ..dataset(&name, "id score", 3) };
        let built = sandbox.build(create).await;
        assert_eq!((built.files().len(), built.rows().num_rows()), (3, 0));
        assert!(sandbox.verify(&name).await.problems.is_empty());
    }
    assert_table(&sandbox.ask(request("score id")).await.unwrap(), "score | id");
}
