//! SQL over Flight: one SELECT over the feature groups of a project, which sees what they hold and can do nothing else.

use arrow::record_batch::RecordBatch;
use futures::TryStreamExt;
use mangonel_proto::{Error, ErrorCode, Result, v1, wire::Command};

use crate::harness::{Sandbox, assert_table, group, on_every_engine, table};

on_every_engine!(
    a_query_sees_what_the_tables_hold,
    a_version_is_a_table_and_its_group_the_latest,
    only_select_is_run,
    files_are_never_read,
    what_is_wrong_with_a_query_is_said_in_its_words,
    only_tables_that_a_query_names_are_opened,
    a_query_reads_what_was_there_when_it_was_planned,
    tables_of_other_projects_are_not_seen,
    many_rows_are_sorted_and_grouped,
);

fn sql(text: &str) -> Command {
    Command::Sql(v1::SqlQuery { sql: text.into(), ..Default::default() })
}

async fn query(sandbox: &Sandbox, text: &str) -> RecordBatch {
    sandbox.read(sql(text)).await.unwrap_or_else(|error| panic!("{text}: {error}"))
}

async fn refusal(sandbox: &Sandbox, text: &str) -> Error {
    match sandbox.read(sql(text)).await {
        Ok(rows) => panic!("`{text}` gave {} rows", rows.num_rows()),
        Err(error) => error,
    }
}

async fn league(sandbox: &Sandbox) {
    let teams =
        table("team_id:long | name:string | budget:double\n 1 | AIK | 10.0\n 2 | Hammarby | 8.0\n 3 | GAIS | null");
    sandbox.create_filled(group("teams", "team_id", "team_id:long name:string budget:double"), teams).await;
    let games = table(
        "game_id:long | team_id:long | goals:integer
         1 | 1 | 2
         2 | 1 | 0
         3 | 2 | 4
         4 | 9 | 1",
    );
    sandbox.create_filled(group("games", "game_id", "game_id:long team_id:long goals:integer"), games).await;
}

async fn a_query_sees_what_the_tables_hold(sandbox: &Sandbox) {
    league(sandbox).await;
    let all = query(sandbox, "SELECT * FROM teams").await;
    assert_table(&all, "team_id | name | budget\n 1 | AIK | 10.0\n 2 | Hammarby | 8.0\n 3 | GAIS | null");
    let some = query(sandbox, "SELECT name FROM teams_1 WHERE budget > 9 OR budget IS NULL").await;
    assert_table(&some, "name\n AIK\n GAIS");
    let joined = "SELECT t.name, g.goals FROM teams t JOIN games g ON g.team_id = t.team_id WHERE g.goals > 0";
    assert_table(&query(sandbox, joined).await, "name | goals\n AIK | 2\n Hammarby | 4");
    let grouped = "
        WITH scored AS (SELECT team_id, sum(goals) AS goals FROM games GROUP BY team_id)
        SELECT name, goals FROM teams LEFT JOIN scored USING (team_id) ORDER BY name";
    let grouped = query(sandbox, grouped).await;
    assert_table(&grouped, "name | goals\n AIK | 2\n GAIS | null\n Hammarby | 4");
    let counts = query(sandbox, "SELECT count(*) AS all, count(budget) AS known, max(budget) AS most FROM teams").await;
    assert_table(&counts, "all | known | most\n 3 | 2 | 10.0");
    let above = query(sandbox, "SELECT name FROM teams WHERE budget > (SELECT avg(budget) FROM teams)").await;
    assert_table(&above, "name\n AIK");
    assert_eq!(query(sandbox, "SELECT name FROM teams LIMIT 2").await.num_rows(), 2);
    assert_table(&query(sandbox, "SELECT 1 + 1 AS two").await, "two\n 2");
    assert_table(&query(sandbox, "SELECT value FROM generate_series(1, 3)").await, "value\n 1\n 2\n 3");

    // Rows stay in order, and a group without rows is a table.
    let ordered = query(sandbox, "SELECT goals FROM games ORDER BY goals DESC").await;
    assert_eq!(crate::harness::tables::rows_of(&ordered), ["4", "2", "1", "0"]);
    sandbox.create(group("empty", "id", "id:long x:double")).await;
    assert_table(&query(sandbox, "SELECT * FROM empty").await, "id | x");
    assert_table(&query(sandbox, "SELECT count(*) AS rows FROM empty").await, "rows\n 0");
    let tables = "SELECT table_name FROM information_schema.tables WHERE table_schema LIKE '%_featurestore'";
    let tables = query(sandbox, tables).await;
    assert_table(&tables, "table_name\n teams\n teams_1\n games\n games_1\n empty\n empty_1");
}

async fn a_version_is_a_table_and_its_group_the_latest(sandbox: &Sandbox) {
    for version in 1..=2 {
        let rows = table(&format!("id:long | at:timestamp | x:integer\n 7 | 2024-01-01T00:00:00Z | {version}"));
        let definition = v1::CreateFeatureGroup {
            event_time: "at".into(),
            ..group("events", "id", "id:long at:timestamp x:integer")
        };
        sandbox.create_filled(definition, rows).await;
    }
    // Every row of the version, not only the latest per key.
    sandbox.insert("events", table("id:long | at:timestamp | x:integer\n 7 | 2023-01-01T00:00:00Z | 20")).await;
    assert_table(&query(sandbox, "SELECT x FROM events").await, "x\n 2\n 20");
    assert_table(&query(sandbox, "SELECT x FROM events_2").await, "x\n 2\n 20");
    assert_table(&query(sandbox, "SELECT x FROM events_1").await, "x\n 1");
    let both = "SELECT l.x AS now, o.x AS old FROM events l JOIN events_1 o USING (id) WHERE l.x < 10";
    assert_table(&query(sandbox, both).await, "now | old\n 2 | 1");
}

async fn only_select_is_run(sandbox: &Sandbox) {
    league(sandbox).await;
    for (text, word) in [
        ("CREATE TABLE copied AS SELECT * FROM teams", "CREATE"),
        ("CREATE VIEW v AS SELECT * FROM teams", "CREATE"),
        ("CREATE EXTERNAL TABLE passwords STORED AS CSV LOCATION '/etc/passwd'", "CREATE EXTERNAL TABLE"),
        ("DROP TABLE teams", "DROP"),
        ("INSERT INTO teams VALUES (4, 'BP', 1.0)", "INSERT"),
        ("DELETE FROM teams", "DELETE"),
        ("UPDATE teams SET budget = 0", "UPDATE"),
        ("COPY teams TO '/tmp/teams.csv'", "COPY"),
        ("COPY (SELECT * FROM teams) TO '/tmp/teams.parquet'", "COPY"),
        ("SET datafusion.execution.batch_size = 1", "SET"),
        ("EXPLAIN DROP TABLE teams", "DROP"),
        ("EXPLAIN EXPLAIN SELECT 1", "EXPLAIN"),
        ("BEGIN", "BEGIN"),
        ("SELECT * INTO copied FROM teams", "SELECT"),
        ("WITH t AS (SELECT 1) INSERT INTO teams SELECT team_id, name, budget FROM teams", "SELECT"),
    ] {
        let error = refusal(sandbox, text).await;
        assert_eq!(error.code, ErrorCode::InvalidArgument, "{text}: {error}");
        assert!(error.message.contains(word) && error.message.contains("SELECT"), "{text}: {error}");
    }
    for text in ["", "SELECT 1; SELECT 2", "SELEC 1", "SELECT (", "\0"] {
        assert_eq!(refusal(sandbox, text).await.code, ErrorCode::InvalidArgument, "{text}");
    }
    assert_eq!(query(sandbox, "SELECT * FROM teams").await.num_rows(), 3);
}

async fn files_are_never_read(sandbox: &Sandbox) {
    league(sandbox).await;
    let file = sandbox.warehouse().join("secret.csv");
    std::fs::write(&file, "a,b\n1,2\n").unwrap();
    let path = file.display();
    for text in [
        format!("SELECT * FROM '{path}'"),
        format!("SELECT * FROM \"{path}\""),
        format!("SELECT * FROM 'file://{path}'"),
        "SELECT * FROM 'mangonel://warehouse/secret.csv'".to_owned(),
        format!("SELECT * FROM read_csv('{path}')"),
        format!("SELECT * FROM read_parquet('{path}')"),
        format!("SELECT * FROM teams WHERE name IN (SELECT a FROM '{path}')"),
    ] {
        let error = refusal(sandbox, &text).await;
        assert_eq!(error.code, ErrorCode::InvalidArgument, "{text}: {error}");
        assert!(error.message.contains("not found"), "{text}: {error}");
    }
}

async fn what_is_wrong_with_a_query_is_said_in_its_words(sandbox: &Sandbox) {
    league(sandbox).await;
    for (text, expected) in [
        ("SELECT * FROM team", "did you mean `teams`"),
        ("SELECT * FROM teams_7", "did you mean `teams"),
        ("SELECT * FROM weather", "`<group>_<version>`"),
        ("SELECT budgt FROM teams", "budgt"),
        ("SELECT upper(name) FROM teams GROUP BY budget", "teams.name"),
        ("SELECT nonsense(name) FROM teams", "nonsense"),
        ("SELECT 1 / 0", "zero"),
        ("SELECT 1 / (goals - goals) FROM games", "zero"),
        ("SELECT CAST(name AS BIGINT) FROM teams", "AIK"),
    ] {
        let error = refusal(sandbox, text).await;
        assert_eq!(error.code, ErrorCode::InvalidArgument, "{text}: {error}");
        assert!(error.message.to_lowercase().contains(&expected.to_lowercase()), "{text}: {error}");
    }
}

async fn only_tables_that_a_query_names_are_opened(sandbox: &Sandbox) {
    league(sandbox).await;
    let games = sandbox.show_group("games").await.feature_group.unwrap();
    std::fs::remove_dir_all(sandbox.warehouse().join(games.location)).unwrap();
    assert_eq!(query(sandbox, "SELECT * FROM teams").await.num_rows(), 3);
    let columns = "SELECT column_name FROM information_schema.columns WHERE table_name = 'games'";
    assert_table(&query(sandbox, columns).await, "column_name\n game_id\n team_id\n goals");
    assert!(sandbox.read(sql("SELECT * FROM games")).await.is_err());
}

async fn a_query_reads_what_was_there_when_it_was_planned(sandbox: &Sandbox) {
    league(sandbox).await;
    let joined = "SELECT g.goals FROM teams t JOIN games g ON g.team_id = t.team_id";
    let read = sandbox.client().read(&sql(joined)).await.unwrap();
    sandbox.insert("games", table("game_id:long | team_id:long | goals:integer\n 5 | 1 | 7")).await;
    // The same ticket answers the same, any number of times.
    for _ in 0..2 {
        let rows = sandbox.client().fetch(&read.endpoints[0]).await.unwrap();
        let batches: Vec<RecordBatch> = rows.try_collect().await.unwrap();
        assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), 3);
    }
    assert_eq!(query(sandbox, joined).await.num_rows(), 4);
}

async fn tables_of_other_projects_are_not_seen(sandbox: &Sandbox) {
    league(sandbox).await;
    let name = format!("{}_hockey", sandbox.project());
    let other = sandbox.client_of(&name).await.unwrap();
    other.call(v1::CreateProject { name, description: String::new() }).await.unwrap();
    let theirs = format!("SELECT * FROM {}_featurestore.teams", sandbox.project());
    for text in ["SELECT * FROM teams", theirs.as_str()] {
        assert_eq!(other.read(&sql(text)).await.err().unwrap().code, ErrorCode::InvalidArgument, "{text}");
        // Its own project sees it under both names.
        assert_eq!(query(sandbox, text).await.num_rows(), 3);
    }
}

async fn many_rows_are_sorted_and_grouped(sandbox: &Sandbox) {
    let numbers: Vec<String> = (0..20_000).map(|id| format!("{id} | {}", id * 7919 % 1000)).collect();
    for half in numbers.chunks(10_000) {
        let rows = table(&format!("id:long | x:integer\n{}", half.join("\n")));
        if sandbox.client().call(v1::ListFeatureGroups::default()).await.unwrap().feature_groups.is_empty() {
            sandbox.create(group("numbers", "id", "id:long x:integer")).await;
        }
        sandbox.insert("numbers", rows).await;
    }
    let groups = query(sandbox, "SELECT x, count(*) AS rows FROM numbers GROUP BY x ORDER BY x").await;
    let expected: Vec<String> = (0..1000).map(|x| format!("{x} | 20")).collect();
    assert_eq!(crate::harness::tables::rows_of(&groups), expected);
    let pairs = "SELECT count(*) AS pairs FROM numbers a JOIN numbers b ON a.x = b.x";
    assert_table(&query(sandbox, pairs).await, "pairs\n 400000");
    let read: Result<RecordBatch> = sandbox.read(sql("SELECT id FROM numbers ORDER BY x, id")).await;
    assert_eq!(read.unwrap().num_rows(), 20_000);
}
