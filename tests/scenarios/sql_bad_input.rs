//! Whatever text comes as SQL, the answer is one error that says what to do, and the server lives.

use std::time::{Duration, Instant};

use mangonel_proto::{ErrorCode, v1, wire::Command};

use crate::harness::{Sandbox, assert_table, group, on_every_engine, table};

on_every_engine!(
    what_is_too_deep_is_refused,
    what_is_long_and_flat_is_answered,
    settings_and_functions_of_files_are_not_there
);

fn sql(text: &str) -> Command {
    Command::Sql(v1::SqlQuery { sql: text.into(), timeout_ms: 20_000, ..Default::default() })
}

async fn numbers(sandbox: &Sandbox) {
    sandbox
        .create_filled(group("numbers", "id", "id:long x:integer"), table("id:long | x:integer\n 1 | 5\n 2 | 4"))
        .await;
}

async fn what_is_too_deep_is_refused(sandbox: &Sandbox) {
    numbers(sandbox).await;
    let deep = |open: &str, middle: &str, close: &str, times: usize| {
        format!("SELECT {}{middle}{}", open.repeat(times), close.repeat(times))
    };
    let parts = (0..60).map(|part| format!("p{} AS (SELECT l.x FROM p{part} l, p{part} r)", part + 1));
    let doubled = format!("WITH p0 AS (SELECT 1 AS x), {} SELECT * FROM p60", parts.collect::<Vec<_>>().join(", "));
    let queries = [
        deep("(", "1", ")", 10_000),
        deep("(", "1", ")", 100_000),
        deep("(", "1", "", 10_000),
        deep("abs(", "1", ")", 10_000),
        deep("(SELECT ", "1", ")", 5_000),
        deep("NOT ", "true", "", 10_000),
        deep("- ", "1", "", 10_000),
        deep("CASE WHEN true THEN ", "1", " END", 5_000),
        deep("[", "1", "]", 10_000),
        deep("{'a': ", "1", "}", 10_000),
        deep("CAST(", "1", " AS BIGINT)", 5_000),
        format!("SELECT 1{}", " + 1".repeat(100_000)),
        format!("SELECT 1{}", "::BIGINT".repeat(50_000)),
        format!("SELECT 'a'{}", " || 'a'".repeat(50_000)),
        format!("SELECT x{} FROM numbers", ".x".repeat(100_000)),
        format!("SELECT x{} FROM numbers", "[1]".repeat(100_000)),
        format!("SELECT x FROM numbers WHERE x = 1{}", " OR x = 1".repeat(50_000)),
        format!("SELECT 1{}", " UNION ALL SELECT 1".repeat(20_000)),
        format!("SELECT CAST(1 AS {}INT{})", "ARRAY<".repeat(20_000), ">".repeat(20_000)),
        format!("SELECT * FROM {}numbers{}", "(".repeat(10_000), ")".repeat(10_000)),
        format!("SELECT * FROM {}numbers{}", "(SELECT * FROM ".repeat(5_000), ")".repeat(5_000)),
        format!("SELECT * FROM numbers{}", " JOIN numbers USING (id)".repeat(5_000)),
        format!("SELECT count(*) FROM numbers{}", ", numbers".repeat(50_000)),
        format!("{}SELECT 1", "EXPLAIN ".repeat(100_000)),
        format!("SELECT '{}'", "x".repeat(2 << 20)),
        doubled,
    ];
    for text in queries {
        let started = Instant::now();
        let begin: String = text.chars().take(60).collect();
        let error = sandbox.read(sql(&text)).await.err().unwrap_or_else(|| panic!("`{begin}` was answered"));
        assert_eq!(error.code, ErrorCode::InvalidArgument, "{begin}: {error}");
        assert!(started.elapsed() < Duration::from_secs(5), "{begin}: {:?}", started.elapsed());
        assert!(error.to_string().len() < 10_000, "{begin}: {} bytes", error.to_string().len());
    }
    // As deep as may be, and all of it can be taken down again.
    for text in [
        format!("SELECT 1{} AS x", " + 1".repeat(999)),
        format!("SELECT count(*) AS x FROM numbers WHERE x = 0{}", " OR x + id = 77".repeat(300)),
        format!("SELECT count(*) AS x FROM (SELECT 1{})", " UNION ALL SELECT 1".repeat(199)),
        deep("(", "1", ")", 20) + " AS x",
    ] {
        assert_eq!(sandbox.read(sql(&text)).await.unwrap().num_rows(), 1);
    }
}

async fn what_is_long_and_flat_is_answered(sandbox: &Sandbox) {
    numbers(sandbox).await;
    let listed = (0..50_000).map(|id| (id * 2).to_string()).collect::<Vec<_>>().join(", ");
    let rows = sandbox.read(sql(&format!("SELECT x FROM numbers WHERE id IN ({listed})"))).await.unwrap();
    assert_table(&rows, "x\n 4");
    let rows = (0..20_000).map(|id| format!("({id}, -{id}, 'it''s {id}')")).collect::<Vec<_>>().join(", ");
    let counted = format!("SELECT count(*) AS rows, sum(a + b) AS sum FROM (VALUES {rows}) AS v (a, b, c)");
    assert_table(&sandbox.read(sql(&counted)).await.unwrap(), "rows | sum\n 20000 | 0");
    let columns = (0..2_000).map(|number| format!("numbers.x + {number} AS c{number}")).collect::<Vec<_>>().join(", ");
    assert_eq!(sandbox.read(sql(&format!("SELECT {columns} FROM numbers"))).await.unwrap().num_columns(), 2_000);
    // Brackets in texts and comments are none.
    let brackets = "(".repeat(1000);
    let text = format!("SELECT '{brackets}' AS x -- {brackets}\n/* {brackets} */");
    assert_eq!(sandbox.read(sql(&text)).await.unwrap().num_rows(), 1);
}

async fn settings_and_functions_of_files_are_not_there(sandbox: &Sandbox) {
    numbers(sandbox).await;
    for (text, words) in [
        ("SHOW ALL", "SHOW"),
        ("SHOW TABLES", "SHOW"),
        ("SET x = 1", "SET"),
        ("RESET ALL", "RESET"),
        ("PREPARE p AS SELECT 1", "PREPARE"),
        ("EXECUTE p", "EXECUTE"),
        ("EXPLAIN VERBOSE SELECT 1", "VERBOSE"),
        ("EXPLAIN FORMAT TREE SELECT 1", "FORMAT"),
        ("SELECT * FROM information_schema.df_settings", "not found"),
        ("SELECT * FROM read_json('/etc/passwd')", "not found"),
        ("SELECT * FROM parquet_metadata('x')", "not found"),
        ("TRUNCATE numbers", "TRUNCATE"),
        ("MERGE INTO numbers USING numbers n ON true WHEN MATCHED THEN DELETE", "MERGE"),
        ("SELECT 1; DROP TABLE numbers", "one statement"),
        ("SELECT idd FROM numbers", "id"),
        ("SELECT n.y FROM numbers n", "y"),
        ("SELECT id FROM nubmers", "did you mean `numbers"),
        ("SELECT id FROM other_featurestore.numbers", "other_featurestore"),
    ] {
        let error = sandbox.read(sql(text)).await.err().unwrap_or_else(|| panic!("`{text}` was answered"));
        assert_eq!(error.code, ErrorCode::InvalidArgument, "{text}: {error}");
        assert!(error.message.to_lowercase().contains(&words.to_lowercase()), "{text}: {error}");
    }
}
