//! What SQL says of itself is complete and true; and `<group>_latest` holds the rows that a feature request sees.

use arrow::record_batch::RecordBatch;
use mangonel_proto::{v1, wire::Command};

use crate::harness::{Sandbox, assert_table, group, on_every_engine, request, table};

on_every_engine!(
    tables_views_and_columns_are_listed_with_what_is_known_of_them,
    latest_rows_are_those_of_a_feature_request,
    latest_rows_are_looked_up_before_they_are_compared,
);

async fn query(sandbox: &Sandbox, text: &str) -> RecordBatch {
    let command = Command::Sql(v1::SqlQuery { sql: text.into(), ..Default::default() });
    sandbox.read(command).await.unwrap_or_else(|error| panic!("{text}: {error}"))
}

async fn tables_views_and_columns_are_listed_with_what_is_known_of_them(sandbox: &Sandbox) {
    let mut scores = group("scores", "team_id", "team_id:long at:timestamp points:integer passes:array<double>");
    scores.event_time = "at".into();
    scores.description = "Points of teams".into();
    scores.features[2].description = "three for a win".into();
    sandbox.create(scores.clone()).await;
    sandbox.create(v1::CreateFeatureGroup { version: 2, ..scores }).await;
    sandbox.create(group("teams", "team_id", "team_id:long name:string")).await;

    let schema = format!("{}_featurestore", sandbox.project());
    let tables = query(sandbox, "SELECT * FROM information_schema.tables").await;
    let lines = [
        ("scores", "VIEW", "`scores_2`, the latest version: Points of teams"),
        ("scores_1", "BASE TABLE", "Points of teams"),
        ("scores_1_latest", "VIEW", "the latest row of each `team_id` of `scores_1`, by `at`: Points of teams"),
        ("scores_2", "BASE TABLE", "Points of teams"),
        ("scores_2_latest", "VIEW", "the latest row of each `team_id` of `scores_2`, by `at`: Points of teams"),
        ("scores_latest", "VIEW", "the latest row of each `team_id` of `scores_2`, by `at`: Points of teams"),
        ("teams", "VIEW", "`teams_1`, the latest version"),
        ("teams_1", "BASE TABLE", ""),
    ];
    let lines = lines.map(|(name, kind, comment)| format!("mangonel | {schema} | {name} | {kind} | {comment}"));
    let head = "table_catalog | table_schema | table_name | table_type | comment";
    assert_table(&tables, &format!("{head}\n{}", lines.join("\n")));

    let views = query(sandbox, "SELECT table_name, definition FROM information_schema.views").await;
    let lines = [
        "scores | SELECT * FROM scores_2",
        "scores_1_latest | null",
        "scores_2_latest | null",
        "scores_latest | null",
        "teams | SELECT * FROM teams_1",
    ];
    assert_table(&views, &format!("table_name | definition\n{}", lines.join("\n")));

    let columns = "SELECT column_name, ordinal_position, is_nullable, data_type, is_key, is_event_time, comment
        FROM information_schema.columns WHERE table_name = ";
    let head = "column_name | ordinal_position | is_nullable | data_type | is_key | is_event_time | comment";
    let lines = "
        team_id | 1 | NO | long | true | false |
        at | 2 | NO | timestamp | false | true |
        points | 3 | YES | integer | false | false | three for a win
        passes | 4 | YES | array<double> | false | false |";
    for name in ["scores", "scores_1", "scores_1_latest", "scores_latest"] {
        assert_table(&query(sandbox, &format!("{columns}'{name}'")).await, &format!("{head}\n{lines}"));
    }
    // What a listed table answers with has these columns.
    for name in ["scores", "scores_2_latest", "teams"] {
        let listed = format!("SELECT column_name FROM information_schema.columns WHERE table_name = '{name}'");
        let listed = crate::harness::tables::rows_of(&query(sandbox, &listed).await).join(" | ");
        let answered = query(sandbox, &format!("SELECT * FROM {name}")).await;
        assert_eq!(crate::harness::tables::head_of(&answered), listed);
    }
    let schemata = query(sandbox, "SELECT schema_name FROM information_schema.schemata").await;
    assert_table(&schemata, &format!("schema_name\n {schema}\n information_schema"));
}

fn events() -> v1::CreateFeatureGroup {
    v1::CreateFeatureGroup {
        event_time: "at".into(),
        ..group("events", "id", "id:long at:timestamp x:integer y:string")
    }
}

async fn latest_rows_are_those_of_a_feature_request(sandbox: &Sandbox) {
    sandbox.create(events()).await;
    assert_table(&query(sandbox, "SELECT * FROM events_latest").await, "id | at | x | y");
    // Keys with one row and with several, in one insert and in more; equal times, where the later insert counts.
    for insert in 0..3 {
        let rows = (0..3000).map(|row| {
            let (id, day) = ((row * 7 + insert) % 1000, 1 + (row * 13 + insert * 5) % 28);
            format!("{id} | 2024-01-{day:02}T00:00:00Z | {} | y{row}", insert * 10_000 + row)
        });
        let rows = rows.collect::<Vec<_>>().join("\n");
        sandbox.insert("events", table(&format!("id:long | at:timestamp | x:integer | y:string\n{rows}"))).await;
    }
    let asked = sandbox.ask(request("events.id events.at events.x events.y")).await.unwrap();
    assert_eq!(asked.num_rows(), 1000);
    let expected = crate::harness::tables::rows_of(&asked).join("\n");
    for name in ["events_latest", "events_1_latest"] {
        let rows = query(sandbox, &format!("SELECT * FROM {name}")).await;
        assert_table(&rows, &format!("id | at | x | y\n{expected}"));
    }
    assert_table(&query(sandbox, "SELECT count(*) AS rows FROM events_latest").await, "rows\n 1000");
    let sum = "SELECT sum(x) AS x FROM events_latest";
    let by_hand =
        "SELECT sum(x) AS x FROM (SELECT x, row_number() OVER (PARTITION BY id ORDER BY at DESC, x / 10000 DESC) AS n
        FROM events) WHERE n = 1";
    // Equal times within one insert are decided by what SQL cannot see.
    let ties = "SELECT count(*) AS ties FROM (SELECT id, at, x / 10000, count(*) AS n FROM events GROUP BY 1, 2, 3) WHERE n > 1";
    if crate::harness::tables::rows_of(&query(sandbox, ties).await) == ["0"] {
        assert_eq!(query(sandbox, sum).await, query(sandbox, by_hand).await);
    }
    // A group may have the name; then it is the group.
    sandbox.create_filled(group("events_latest", "k", "k:long"), table("k:long\n 5")).await;
    assert_table(&query(sandbox, "SELECT * FROM events_latest").await, "k\n 5");
    assert_eq!(query(sandbox, "SELECT * FROM events_1_latest").await.num_rows(), 1000);
}

async fn latest_rows_are_looked_up_before_they_are_compared(sandbox: &Sandbox) {
    sandbox.create(events()).await;
    let insert = |rows: &'static str| {
        sandbox.insert("events", table(&format!("id:long | at:timestamp | x:integer | y:string\n{rows}")))
    };
    insert("1 | 2024-01-01T00:00:00Z | 1 | a\n 2 | 2024-01-02T00:00:00Z | 1 | a").await;
    insert("1 | 2024-01-03T00:00:00Z | 2 | b").await;
    // Not the latest of those that pass, but the latest if it passes.
    assert_table(&query(sandbox, "SELECT id FROM events_latest WHERE x = 1").await, "id\n 2");
    assert_table(&query(sandbox, "SELECT id, x FROM events_latest WHERE at < '2024-01-03'").await, "id | x\n 2 | 1");
    assert_table(&query(sandbox, "SELECT x FROM events_latest WHERE id = 1").await, "x\n 2");
    assert_table(&query(sandbox, "SELECT x FROM events_latest WHERE id > 1 AND y = 'a'").await, "x\n 1");
    assert_table(&query(sandbox, "SELECT y FROM events_latest ORDER BY y DESC LIMIT 1").await, "y\n b");
    let joined = "SELECT l.id, e.x FROM events_latest l JOIN events e USING (id) WHERE e.x < l.x";
    assert_table(&query(sandbox, joined).await, "id | x\n 1 | 1");
}
