//! A query ends: at its limit, when its time is over, and when its reader has gone. Nothing of it goes on.

use std::time::{Duration, Instant};

use futures::{StreamExt, TryStreamExt};
use mangonel_proto::{ErrorCode, v1, wire::Command};
use mangonel_scheduler::SqlOptions;

use crate::harness::{Sandbox, assert_table, group, on_every_engine, process::Up, table, tables::rows_of};

on_every_engine!(
    a_query_gives_at_most_as_many_rows_as_were_asked_for,
    a_query_that_takes_too_long_is_stopped,
    work_is_counted_and_not_the_time_of_its_reader,
);

fn sql(text: &str, limit: u64, timeout_ms: u64) -> Command {
    Command::Sql(v1::SqlQuery { sql: text.into(), limit, timeout_ms, ..Default::default() })
}

/// Queries that would take hours, each with another node at work.
const ENDLESS: [&str; 6] = [
    "SELECT count(*) FROM generate_series(1, 1000000000000)",
    "SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 1000000000) b WHERE a.value + b.value < 0",
    "SELECT count(*) FROM generate_series(1, 3000000) a JOIN generate_series(1, 3000000) b ON a.value % 3 = b.value % 3",
    "WITH RECURSIVE n AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n",
    "SELECT a.value % 10 AS x, count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000000) b GROUP BY 1",
    "SELECT sum(x) FROM (SELECT row_number() OVER () AS x FROM generate_series(1, 1000000000000))",
];

async fn a_query_gives_at_most_as_many_rows_as_were_asked_for(sandbox: &Sandbox) {
    let rows = table("id:long | x:integer\n 1 | 5\n 2 | 4\n 3 | 3\n 4 | 2\n 5 | 1");
    sandbox.create_filled(group("numbers", "id", "id:long x:integer"), rows).await;
    let ask = |text: &'static str, limit| sandbox.read(sql(text, limit, 0));
    assert_eq!(ask("SELECT * FROM numbers", 3).await.unwrap().num_rows(), 3);
    assert_eq!(ask("SELECT * FROM numbers", 0).await.unwrap().num_rows(), 5);
    assert_eq!(ask("SELECT * FROM numbers", 100).await.unwrap().num_rows(), 5);
    assert_eq!(ask("SELECT * FROM numbers LIMIT 2", 3).await.unwrap().num_rows(), 2);
    let first = ask("SELECT id FROM numbers ORDER BY x", 2).await.unwrap();
    assert_eq!(rows_of(&first), ["5", "4"]);
    assert_table(&ask("SELECT count(*) AS rows FROM numbers", 1).await.unwrap(), "rows\n 5");
    // Of billions of rows those that are wanted are made.
    let started = Instant::now();
    let many = "SELECT a.value FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b";
    assert_eq!(ask(many, 1000).await.unwrap().num_rows(), 1000);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

async fn a_query_that_takes_too_long_is_stopped(sandbox: &Sandbox) {
    for text in ENDLESS {
        let started = Instant::now();
        let error = sandbox.read(sql(text, 0, 700)).await.err().unwrap();
        let took = started.elapsed();
        assert_eq!(error.code, ErrorCode::Cancelled, "{text}: {error}");
        assert!(error.message.contains("700 ms of work") && error.message.contains("--timeout"), "{text}: {error}");
        assert!(took > Duration::from_millis(700) && took < Duration::from_secs(5), "{text}: {took:?}");
    }
    // Others are answered all the while and after it.
    assert_table(&sandbox.read(sql("SELECT 1 AS one", 0, 700)).await.unwrap(), "one\n 1");
}

async fn work_is_counted_and_not_the_time_of_its_reader(sandbox: &Sandbox) {
    let read = sql("SELECT * FROM generate_series(1, 2000000)", 0, 1500);
    let read = sandbox.client().read(&read).await.unwrap();
    let mut rows = sandbox.client().fetch(&read.endpoints[0]).await.unwrap();
    let mut counted = rows.next().await.unwrap().unwrap().num_rows();
    tokio::time::sleep(Duration::from_secs(3)).await;
    while let Some(batch) = rows.try_next().await.unwrap() {
        counted += batch.num_rows();
    }
    assert_eq!(counted, 2_000_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_bounds_the_time_of_every_query() {
    let max = Some(Duration::from_secs(1));
    let sandbox = Sandbox::local_of_sql(SqlOptions { timeout_max: max, ..SqlOptions::default() }).await;
    let error = sandbox.read(sql(ENDLESS[1], 0, 0)).await.err().unwrap();
    assert!(error.code == ErrorCode::Cancelled && error.message.contains("more than 1 s"), "{error}");
    let error = sandbox.read(sql("SELECT 1", 0, 60_000)).await.err().unwrap();
    assert!(error.code == ErrorCode::InvalidArgument && error.message.contains("--sql-timeout"), "{error}");
    assert_eq!(sandbox.read(sql("SELECT 1", 0, 1000)).await.unwrap().num_rows(), 1);
    sandbox.stop().await;
}

/// Processor time that a server uses in a while.
fn work_of(server: &Up, during: Duration) -> Duration {
    let before = server.processor_time();
    std::thread::sleep(during);
    server.processor_time() - before
}

/// Waits until a server has stopped working.
fn assert_idle(server: &Up, what: &str) {
    let idle = |server: &Up| work_of(server, Duration::from_millis(500)) < Duration::from_millis(100);
    assert!((0..20).any(|_| idle(server)), "{what} goes on");
}

#[test]
fn nothing_goes_on_after_a_query_was_stopped_or_left() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("data");
    let server = Up::start(&folder, &["--memory", "256MiB"]);
    let spilled = || crate::harness::files::walk(&folder.join("spill"));
    for text in ENDLESS {
        let (code, said) = server.refusal(&["sql", text, "--timeout", "500ms"]);
        assert!(code == 130 && said.contains("500 ms of work"), "{text}: {code} {said}");
        assert_idle(&server, text);
    }
    // A sort that has to spill: its files go with it, and its memory is there for the next one.
    let sort = "SELECT * FROM (SELECT value, repeat('x', 100) AS x FROM generate_series(1, 30000000)) ORDER BY value % 1000, value";
    for _ in 0..3 {
        let (code, said) = server.refusal(&["sql", sort, "--timeout", "3s", "--limit", "100000000"]);
        assert!(code == 130, "{code} {said}");
        assert_idle(&server, "a sort");
        assert!(spilled().is_empty(), "{:?}", spilled());
    }
    let small = sort.replace("30000000", "500000");
    let answer =
        server.answer(&["sql", &format!("SELECT count(*) AS rows FROM ({small} LIMIT 400000)"), "--output", "csv"]);
    assert_eq!(answer, "rows\n400000\n");
    // A client that is killed, while it waits and while it reads.
    for text in [ENDLESS[4], "SELECT * FROM generate_series(1, 1000000000000)"] {
        let mut client = server.command(&["sql", text, "--output", "csv"]);
        let mut client = client.stdout(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_secs(1));
        assert!(work_of(&server, Duration::from_millis(300)) > Duration::from_millis(50), "{text} does not work");
        client.kill().unwrap();
        client.wait().unwrap();
        assert_idle(&server, text);
    }
    assert!(server.terminate().success());
}

#[test]
fn bounds_that_make_no_sense_are_refused_before_anything_is_asked() {
    let temporary = tempfile::tempdir().unwrap();
    let server = Up::start(&temporary.path().join("data"), &["--sql-timeout", "2s"]);
    for (timeout, words) in [("0s", "no time"), ("5", "no unit"), ("5d", "no unit"), ("soon", "unit"), ("-1s", "")] {
        let (code, said) = server.refusal(&["sql", "SELECT 1", &format!("--timeout={timeout}")]);
        assert!(code == 2 && said.contains(words), "{timeout}: {said}");
    }
    let (code, said) = server.refusal(&["sql", "SELECT 1", "--timeout", "1m"]);
    assert!(code == 2 && said.contains("this server gives 2 s"), "{said}");
    let (code, said) = server.refusal(&["sql", ENDLESS[0]]);
    assert!(code == 130 && said.contains("more than 2 s"), "{said}");
    assert!(server.terminate().success());
}
