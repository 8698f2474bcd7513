//! What a person on call asks over HTTP: whether the server lives and is ready, its figures, and its runs.

use crate::harness::process::{Up, http_get as get};

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

    let (_, metrics) = get(&server, "/metrics");
    for figure in [
        "mangonel_runs_total{kind=\"build\",state=\"committed\"} 1",
        "mangonel_runs_total{kind=\"insert\",state=\"committed\"} 1",
        "mangonel_runs_active 0",
        "mangonel_rows_written_total 4",
    ] {
        assert!(metrics.lines().any(|line| line == figure), "no `{figure}` in\n{metrics}");
    }
    let (status, body) = get(&server, "/api/v1/runs/no-such-run");
    assert!(status == 404 && body.contains("no-such-run"), "{status} {body}");
    assert_eq!(get(&server, "/api/v1/runs/NOT..VALID").0, 400);
    assert_eq!(get(&server, "/api/v1/runs?limit=many").0, 400);
    assert!(server.terminate().success());
}
