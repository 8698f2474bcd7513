//! Partition columns: written as folders of files, read back like any feature, listed with their rows.

use mangonel_proto::{ErrorCode, v1, v1::InsertMode, wire, wire::Command};

use crate::harness::{
    Sandbox, assert_table, dataset, group, on_every_engine, request, sandbox::begin, table, tables::rows_of,
};

on_every_engine!(
    partitioned_rows_are_read_like_others,
    partitions_are_listed_with_their_rows,
    values_that_cannot_name_a_partition_are_refused,
    a_group_that_is_not_partitioned_has_no_partitions,
);

fn games() -> v1::CreateFeatureGroup {
    let features = "game_id:long year:integer cup:boolean goals:integer";
    v1::CreateFeatureGroup { partition_by: vec!["year".into(), "cup".into()], ..group("games", "game_id", features) }
}

async fn played(sandbox: &Sandbox) {
    sandbox.create(games()).await;
    let rows: Vec<String> =
        (0..60).map(|id| format!("{id} | {} | {} | {}", 2018 + id % 3, id % 2 == 0, id * 7 % 5)).collect();
    let header = "game_id:long | year:integer | cup:boolean | goals:integer";
    sandbox.insert("games", table(&format!("{header}\n{}", rows[..40].join("\n")))).await;
    sandbox.insert("games", table(&format!("{header}\n{}", rows[40..].join("\n")))).await;
}

async fn partitions(sandbox: &Sandbox, name: &str) -> v1::PartitionList {
    let version = v1::VersionRef { name: name.into(), version: 0 };
    sandbox.client().call(wire::ListPartitions(version)).await.unwrap()
}

async fn partitioned_rows_are_read_like_others(sandbox: &Sandbox) {
    played(sandbox).await;
    let features = "game_id:long weather:string";
    let weather: Vec<String> = (0..60).map(|id| format!("{id} | w{}", id % 4)).collect();
    let weather = table(&format!("game_id:long | weather:string\n{}", weather.join("\n")));
    sandbox.create_filled(group("weather", "game_id", features), weather).await;

    let expected: Vec<String> =
        (0..60).map(|id| format!("{} | {} | {} | w{}", 2018 + id % 3, id % 2 == 0, id * 7 % 5, id % 4)).collect();
    let mut asked = rows_of(&sandbox.ask(request("year cup goals weather")).await.unwrap());
    asked.sort();
    let mut sorted = expected.clone();
    sorted.sort();
    assert_eq!(asked, sorted);

    let built = sandbox.build(dataset("seasons", "year cup goals weather", 3)).await;
    let mut written = rows_of(&built.rows());
    written.sort();
    assert_eq!(written, sorted);

    let sql = "SELECT year, cup, count(*) AS n FROM games WHERE year > 2018 GROUP BY year, cup ORDER BY year, cup";
    let counted = sandbox.read(Command::Sql(v1::SqlQuery { sql: sql.into(), ..Default::default() })).await.unwrap();
    assert_table(
        &counted,
        "year | cup | n\n 2019 | false | 10\n 2019 | true | 10\n 2020 | false | 10\n 2020 | true | 10",
    );

    let overwrite = v1::BeginInsert { mode: InsertMode::Overwrite.into(), ..begin("games") };
    let one = table("game_id:long | year:integer | cup:boolean | goals:integer\n 1 | 1930 | true | 6");
    sandbox.insert_as(overwrite, vec![one]).await.unwrap();
    assert_table(&sandbox.rows("games").await, "game_id | year | cup | goals\n 1 | 1930 | true | 6");
}

async fn partitions_are_listed_with_their_rows(sandbox: &Sandbox) {
    played(sandbox).await;
    let listed = partitions(sandbox, "games").await;
    assert_eq!((listed.columns, listed.table_version), (vec!["year".to_owned(), "cup".into()], 2));
    let names: Vec<_> = listed.partitions.iter().map(|partition| (partition.name.as_str(), partition.rows)).collect();
    let expected = [
        ("year=2018/cup=false", 10),
        ("year=2018/cup=true", 10),
        ("year=2019/cup=false", 10),
        ("year=2019/cup=true", 10),
        ("year=2020/cup=false", 10),
        ("year=2020/cup=true", 10),
    ];
    assert_eq!(names, expected);
    assert!(listed.partitions.iter().all(|partition| partition.files >= 2 && partition.bytes > 0));
    let values = |index: usize| listed.partitions[index].values.iter().map(|value| value.value.as_deref());
    assert_eq!(values(1).collect::<Vec<_>>(), [Some("2018"), Some("true")]);
}

async fn values_that_cannot_name_a_partition_are_refused(sandbox: &Sandbox) {
    let create =
        v1::CreateFeatureGroup { partition_by: vec!["text".into()], ..group("named", "id", "id:long text:string") };
    sandbox.create(create).await;
    let long = "x".repeat(300);
    let error = sandbox.try_insert("named", table(&format!("id:long | text:string\n 1 | {long}"))).await.unwrap_err();
    assert!(error.code == ErrorCode::InvalidArgument && error.message.contains("300 bytes"), "{error}");
    let many: Vec<String> = (0..5000).map(|id| format!("{id} | v{id}")).collect();
    let many = table(&format!("id:long | text:string\n{}", many.join("\n")));
    let error = sandbox.try_insert("named", many).await.unwrap_err();
    assert!(error.code == ErrorCode::InvalidArgument && error.message.contains("fewer values"), "{error}");
    assert_eq!(sandbox.rows("named").await.num_rows(), 0);
}

async fn a_group_that_is_not_partitioned_has_no_partitions(sandbox: &Sandbox) {
    sandbox.create_filled(group("plain", "id", "id:long"), table("id:long\n 1")).await;
    let listed = partitions(sandbox, "plain").await;
    assert_eq!((listed.columns.len(), listed.partitions.len()), (0, 0));
}
