//! What a person on call asks over HTTP: whether the server lives and is ready, its figures, and its runs.

use std::collections::BTreeSet;

use crate::harness::{
    openmetrics::Figures,
    process::{Up, http_get as get},
};

fn json(server: &Up, path: &str) -> serde_json::Value {
    let (status, body) = get(server, path);
    assert_eq!(status, 200, "{body}");
    serde_json::from_str(&body).unwrap()
}

#[test]
fn health_figures_and_runs_are_answered_over_http() {
    let temporary = tempfile::tempdir().unwrap();
    let server = Up::start(&temporary.path().join("data"), &[]);
    assert_eq!(get(&server, "/healthz"), (200, "ok\n".into()));
    assert_eq!(get(&server, "/readyz"), (200, "ready\n".into()));
    assert_eq!(json(&server, "/api/v1/runs")["runs"].as_array().map_or(0, Vec::len), 0);

    let file = temporary.path().join("teams.csv");
    std::fs::write(&file, "team_id,budget\n1,2.5\n2,3.5\n").unwrap();
    let features = ["--feature", "team_id:long", "--feature", "budget:double"];
    server.answer(&[&["feature-group", "create", "teams", "--key", "team_id"], &features[..]].concat());
    server.answer(&["feature-group", "insert", "teams", file.to_str().unwrap()]);
    server.answer(&["training-dataset", "create", "d", "--features", "team_id,budget", "--format", "csv"]);

    let runs = json(&server, "/api/v1/runs?project=default&limit=5");
    let runs = runs["runs"].as_array().unwrap();
    let of = |index: usize, key: &str| runs[index][key].as_str().unwrap().to_owned();
    assert_eq!((runs.len(), of(0, "kind"), of(1, "kind")), (2, "RUN_KIND_BUILD".into(), "RUN_KIND_INSERT".into()));
    assert_eq!(
        (of(0, "state"), of(0, "targetName"), of(0, "rows")),
        ("RUN_STATE_COMMITTED".into(), "d".into(), "2".into())
    );
    assert_eq!(json(&server, "/api/v1/runs?limit=1")["runs"].as_array().unwrap().len(), 1);
    let run = json(&server, &format!("/api/v1/runs/{}", of(0, "id")));
    assert_eq!(run["stages"].as_array().unwrap().last().unwrap()["name"], "join and write");

    let (code, refused) = server.refusal(&["feature-group", "insert", "teams", "no-such-file.csv"]);
    assert!(code == 2 && refused.contains("no-such-file"), "{refused}");
    let bad = temporary.path().join("bad.csv");
    std::fs::write(&bad, "team_id,budget\n1,a lot\n").unwrap();
    server.refusal(&["feature-group", "insert", "teams", bad.to_str().unwrap()]);
    server.answer(&["sql", "select * from teams"]);

    let (_, metrics) = get(&server, "/metrics");
    let figures = Figures::parse(&metrics);
    for (series, value) in [
        ("mangonel_runs_total{kind=\"build\",state=\"committed\"}", 1.0),
        ("mangonel_runs_total{kind=\"insert\",state=\"committed\"}", 1.0),
        ("mangonel_run_failures_total{code=\"invalid_argument\"}", 1.0),
        ("mangonel_runs_active", 0.0),
        ("mangonel_runs_waiting", 0.0),
        ("mangonel_runs_waiting_max", 100.0),
        ("mangonel_oldest_run_seconds", 0.0),
        ("mangonel_rows_written_total", 4.0),
        ("mangonel_rows_uploaded_total", 3.0),
        ("mangonel_read_rows_total", 2.0),
        ("mangonel_read_streams_open", 0.0),
        ("mangonel_reads_open", 0.0),
        ("mangonel_catalog_up", 1.0),
        ("mangonel_memory_reserved_bytes", 0.0),
        ("mangonel_calls_total{action=\"mangonel.training_dataset.create\",code=\"ok\"}", 1.0),
        ("mangonel_calls_total{action=\"read.plan\",code=\"ok\"}", 1.0),
        ("mangonel_call_seconds_count{action=\"mangonel.insert.commit\"}", 2.0),
    ] {
        assert_eq!(figures.of(series), value, "{series}");
    }
    for series in [
        "mangonel_slots",
        "mangonel_memory_budget_bytes",
        "mangonel_catalog_revision",
        "mangonel_catalog_round_trip_seconds",
        "mangonel_bytes_written_total",
        "mangonel_work_bytes_read_total",
        "mangonel_disk_free_bytes{folder=\"work\"}",
        "mangonel_disk_free_bytes{folder=\"warehouse\"}",
    ] {
        assert!(figures.of(series) > 0.0, "{series}");
    }
    // The guide has a line for each, and for none that is gone.
    let guide = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operations.md")).unwrap();
    let (guide, _) = guide.split_once("### Alarms").unwrap();
    let rows = guide.lines().filter_map(|line| line.strip_prefix("| `mangonel_"));
    let name = |row: &'_ str| {
        let name = row.split(['`', '{']).next().unwrap();
        name.trim_end_matches("_total").trim_end_matches("_info").to_owned()
    };
    // There are no executors here.
    let told: BTreeSet<String> = rows.map(name).filter(|name| !name.starts_with("executor_")).collect();
    let offered: BTreeSet<String> = figures.names().map(str::to_owned).collect();
    assert_eq!(told, offered, "metrics in docs/operations.md");
    let (status, body) = get(&server, "/api/v1/runs/no-such-run");
    assert!(status == 404 && body.contains("no-such-run"), "{status} {body}");
    assert_eq!(get(&server, "/api/v1/runs/NOT..VALID").0, 400);
    assert_eq!(get(&server, "/api/v1/runs?limit=many").0, 400);
    assert!(server.terminate().success());
}
