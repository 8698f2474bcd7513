//! EXPLAIN says in words what a query reads, leaves out and does, and EXPLAIN ANALYZE what was measured.

use arrow::array::AsArray;
use futures::stream;
use mangonel_proto::{v1, wire::Command};

use crate::harness::{Sandbox, group, on_every_engine, process::Up, table};

on_every_engine!(
    an_explanation_says_what_is_read_and_what_is_left_out,
    what_was_done_is_measured,
    steps_are_said_in_words
);

async fn explain(sandbox: &Sandbox, text: &str, query_id: &str) -> String {
    let command = v1::SqlQuery { sql: text.into(), query_id: query_id.into(), ..Default::default() };
    let rows = sandbox.read(Command::Sql(command)).await.unwrap_or_else(|error| panic!("{text}: {error}"));
    let lines: Vec<&str> = rows.column(0).as_string::<i32>().iter().map(Option::unwrap).collect();
    lines.join("\n")
}

#[track_caller]
fn assert_says(text: &str, parts: &[&str]) {
    let mut rest = text;
    for part in parts {
        let found = rest.find(part);
        let at = found.unwrap_or_else(|| panic!("`{part}` is not in, or not there:\n{text}"));
        rest = &rest[at + part.len()..];
    }
}

async fn league(sandbox: &Sandbox) {
    let teams =
        table("team_id:long | name:string | budget:double\n 1 | AIK | 10.0\n 2 | Hammarby | 8.0\n 3 | GAIS | null");
    sandbox.create_filled(group("teams", "team_id", "team_id:long name:string budget:double"), teams).await;
    let mut games = group("games", "game_id", "game_id:long year:integer team_id:long goals:integer at:timestamp");
    games.partition_by = vec!["year".into()];
    games.event_time = "at".into();
    sandbox.create(games).await;
    let rows = (0..100).map(|id| format!("{id} | {} | {} | {} | 2024-01-01T00:00:00Z", 2000 + id % 4, id % 3, id % 5));
    let head = "game_id:long | year:integer | team_id:long | goals:integer | at:timestamp";
    sandbox.insert("games", table(&format!("{head}\n{}", rows.collect::<Vec<_>>().join("\n")))).await;
}

async fn an_explanation_says_what_is_read_and_what_is_left_out(sandbox: &Sandbox) {
    league(sandbox).await;
    let query = "
        EXPLAIN SELECT name, sum(goals) AS goals FROM games g JOIN teams t ON t.team_id = g.team_id
        WHERE year = 2001 GROUP BY name ORDER BY goals DESC";
    let text = explain(sandbox, query, "").await;
    assert_says(&text, &["The answer has the columns `name`, `goals`", "\nTables\n"]);
    assert_says(&text, &["games_1: table version 1; 3 of 5 columns", "read: 1 of 4 files, 25 of 100 rows"]);
    assert_says(&text, &["left out: 3 files by the partition, which cannot hold", "2001"]);
    assert_says(
        &text,
        &["teams_1: table version 1; 2 of 3 columns (team_id, name)", "read: 1 of 1 files, 3 of 3 rows"],
    );
    assert_says(
        &text,
        &["\nSteps\n", "read games_1", "join step", "team_id = team_id", "Inner", "merging what is sorted"],
    );
    assert_says(&text, &["by name: sum(", "sort", "goals", "downwards", "\nBounds\n", "memory: ", "MiB", "time: 1 h"]);
    assert_says(&text, &["\nPlan\n", "SortMergeJoinExec"]);
    // By least and greatest values, and not at all.
    let text = explain(sandbox, "EXPLAIN SELECT * FROM teams WHERE team_id > 100", "").await;
    assert_says(&text, &["read: 0 of 1 files, 0 of 3 rows", "left out: 1 file by least and greatest values", "100"]);
    let text = explain(sandbox, "EXPLAIN SELECT * FROM teams WHERE team_id > 1", "").await;
    assert_says(&text, &["no file can be left out"]);
    // Tables that were sent along, and latest rows.
    let mine = table("team_id:long | rank:integer\n 3 | 1\n 1 | 2");
    sandbox.client().send_table("explained", "mine", mine.schema(), stream::iter([Ok(mine.clone())])).await.unwrap();
    let query = "EXPLAIN SELECT rank, game_id FROM mine JOIN games_latest USING (team_id)";
    let text = explain(sandbox, query, "explained").await;
    assert_says(&text, &["mine: sent along; all 2 columns"]);
    assert_says(&text, &["games_1: table version 1, the latest row of each key; 2 of 5 columns (game_id, team_id)"]);
    assert_says(&text, &["look up the latest row of each key of games_1"]);
}

async fn what_was_done_is_measured(sandbox: &Sandbox) {
    league(sandbox).await;
    let query = "EXPLAIN ANALYZE SELECT year, count(*) FROM games WHERE goals > 0 GROUP BY year";
    let text = explain(sandbox, query, "").await;
    assert_says(&text, &["4 rows came in ", "with the columns `year`, `count(*)`"]);
    assert_says(&text, &["read games_1", "100 rows", "read from files", "of work", "keep those", "80 rows", "4 rows"]);
    let text = explain(sandbox, "EXPLAIN ANALYZE SELECT * FROM games_latest", "").await;
    assert_says(&text, &["100 rows came in ", "look up the latest row", "100 rows", "read from files"]);
    let error = Command::Sql(v1::SqlQuery {
        sql: "EXPLAIN ANALYZE SELECT 1 / (goals - goals) FROM games".into(),
        ..Default::default()
    });
    let error = sandbox.read(error).await.err().unwrap();
    assert!(error.message.to_lowercase().contains("zero"), "{error}");
}

async fn steps_are_said_in_words(sandbox: &Sandbox) {
    league(sandbox).await;
    let mut wrong = Vec::new();
    for (query, words) in [
        ("SELECT 1 + 1", "one row"),
        ("SELECT goals + 1 AS more FROM games", "and compute `more`"),
        ("SELECT * FROM games LIMIT 3", "until there are 3 rows"),
        ("SELECT * FROM games ORDER BY goals LIMIT 3", "keep the first 3"),
        ("SELECT * FROM teams UNION ALL SELECT * FROM teams", "one after the other"),
        ("SELECT * FROM teams a, teams b", "put together every row of step 1 with every row of step 2"),
        ("SELECT * FROM teams a JOIN teams b ON a.budget < b.budget", "compare every row"),
        ("SELECT name, rank() OVER (ORDER BY budget) FROM teams", "look over windows"),
        ("SELECT DISTINCT team_id FROM games", "by team_id"),
        ("SELECT name FROM teams WHERE false", "read nothing"),
        ("SELECT count(*) FROM (VALUES (1), (2)) v", "2"),
        ("SELECT unnest([1, 2])", "each element"),
        (
            "WITH RECURSIVE n AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM n WHERE x < 9) SELECT * FROM n",
            "for as long as rows come",
        ),
        ("SELECT name FROM teams WHERE team_id IN (SELECT team_id FROM games)", "LeftSemi"),
    ] {
        let text = explain(sandbox, &format!("EXPLAIN {query}"), "").await;
        if !text.contains(words) {
            wrong.push(format!("{query}: `{words}` is not in\n{text}"));
        }
        let text = explain(sandbox, &format!("EXPLAIN ANALYZE {query}"), "").await;
        assert!(text.contains(" came in "), "{query}:\n{text}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_command_line_prints_an_explanation_as_text() {
    let temporary = tempfile::tempdir().unwrap();
    let server = Up::start(&temporary.path().join("data"), &[]);
    for arguments in [&["sql", "SELECT 1 AS one", "--explain"][..], &["sql", "explain SELECT 1 AS one"]] {
        let text = server.answer(arguments);
        assert!(text.starts_with("The answer has the column `one`\n") && text.contains("\nPlan\n"), "{text}");
    }
    let text = server.answer(&["sql", "EXPLAIN ANALYZE SELECT 1 AS one"]);
    assert!(text.starts_with("1 row came in "), "{text}");
    assert!(server.terminate().success());
}
