//! A client that vanishes holds nothing: its read ends with its work, and of its upload nothing is visible, while the insert can
//! go on from another client or be cancelled.

use std::{
    io::Write,
    path::Path,
    process::{Child, Command as Process, Stdio},
    time::{Duration, Instant},
};

use mangonel_client::MangonelClient;
use mangonel_proto::{
    v1::{self, RunState},
    wire,
};

use crate::harness::{
    Sandbox, group,
    openmetrics::Figures,
    process::{Up, binary, http_get},
    sandbox::{begin, upload},
    table,
};

const ROWS: u64 = 30_000;

fn figures(server: &Up) -> Figures {
    Figures::parse(&http_get(server, "/metrics").1)
}

/// Processor time of a server over a while.
fn busy(server: &Up, over: Duration) -> Duration {
    let before = server.processor_time();
    std::thread::sleep(over);
    server.processor_time() - before
}

fn client(server: &Up, arguments: &[&str]) -> Child {
    let mut command = Process::new(binary());
    command.args(["--server", server.url(), "--project", "football"]).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

async fn started(folder: &Path) -> (Up, Sandbox) {
    let server = Up::start(folder, &["--threads", "2"]);
    let sandbox = Sandbox::on(server.url(), "football", &folder.join("warehouse")).await.unwrap();
    (server, sandbox)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_ends_with_its_client() {
    let temporary = tempfile::tempdir().unwrap();
    let (server, sandbox) = started(&temporary.path().join("data")).await;
    sandbox.create(group("events", "id", "id:long")).await;
    let query = "select sum(value % 7) from generate_series(1, 1000000000000)";
    for is_killed in [true, false] {
        let asks = if is_killed { vec!["sql", query] } else { vec!["--timeout", "1s", "sql", query] };
        let mut asking = client(&server, &asks);
        let asked = Instant::now();
        while figures(&server).of("mangonel_reads_open") < 1.0 {
            assert!(asking.try_wait().unwrap().is_none(), "the query is over already");
            assert!(asked.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(20));
        }
        if is_killed {
            assert!(busy(&server, Duration::from_millis(500)) > Duration::from_millis(200), "it is at work");
            asking.kill().unwrap();
            asking.wait().unwrap();
        } else {
            let output = asking.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.code() == Some(130) && said.contains("more than 1 s of work"), "{said}");
        }
        let gone = Instant::now();
        while figures(&server).of("mangonel_reads_open") + figures(&server).of("mangonel_read_streams_open") > 0.0 {
            assert!(gone.elapsed() < Duration::from_secs(3), "its read stays open");
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_millis(500));
        let busy = busy(&server, Duration::from_secs(1));
        assert!(busy < Duration::from_millis(300), "its work goes on: {busy:?} in a second");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_breaks_off_is_taken_up_by_another_client_or_cancelled() {
    let temporary = tempfile::tempdir().unwrap();
    let (server, sandbox) = started(&temporary.path().join("data")).await;
    sandbox.create(group("events", "id", "id:long")).await;
    for goes_on in [true, false] {
        let run_id = if goes_on { "nightly-1" } else { "nightly-2" };
        // One part has arrived whole, of a client that was killed in the middle of the next.
        let begun = v1::BeginInsert { run_id: run_id.into(), ..begin("events") };
        let insert = sandbox.client().begin_insert(begun.clone()).await.unwrap();
        upload(&insert, "early", table("id:long\n 1\n 2")).await.unwrap();
        let mut uploading =
            client(&server, &["feature-group", "insert", "events", "-", "--as", "csv", "--run-id", run_id]);
        let mut rows = uploading.stdin.take().unwrap();
        rows.write_all(b"id\n").unwrap();
        for first in 0..300 {
            let lines: String = (0..1000).map(|row| format!("{}\n", first * 1000 + row)).collect();
            rows.write_all(lines.as_bytes()).unwrap();
        }
        rows.flush().unwrap();
        std::thread::sleep(Duration::from_millis(500));
        assert!(uploading.try_wait().unwrap().is_none(), "it still uploads");
        uploading.kill().unwrap();
        uploading.wait().unwrap();

        let listed = sandbox.client().call(v1::ListRuns { limit: 5 }).await.unwrap();
        let progress = listed.progress.iter().find(|progress| progress.run_id == run_id).unwrap();
        assert_eq!(progress.parts, ["early"], "what broke off is no part");
        let visible = sandbox.rows("events").await.num_rows();
        assert_eq!(visible, if goes_on { 0 } else { 2 }, "nothing of it is visible");

        let other = MangonelClient::connect(server.url(), "football").await.unwrap();
        if goes_on {
            let insert = other.begin_insert(begun).await.unwrap();
            assert_eq!(insert.run_id(), run_id);
            other.call(v1::CommitInsert { run_id: run_id.into(), parts: progress.parts.clone() }).await.unwrap();
            assert_eq!(sandbox.end_of(run_id).await.unwrap().rows, 2);
        } else {
            let cancelled = other.call(wire::CancelRun(v1::RunRef { run_id: run_id.into() })).await.unwrap();
            assert_eq!(cancelled.state(), RunState::Cancelled);
        }
        let left = crate::harness::files::walk(&sandbox.warehouse().join("_runs").join(run_id).join("parts"));
        assert_eq!(left, Vec::<String>::new(), "what was uploaded is gone");
        assert_eq!(sandbox.rows("events").await.num_rows(), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waiting_for_a_run_has_a_limit_and_ctrl_c_leaves_the_run_alone() {
    let temporary = tempfile::tempdir().unwrap();
    let (server, sandbox) = started(&temporary.path().join("data")).await;
    let rows: Vec<String> = (0..ROWS).map(|row| format!("{} | {row} | {row}", row % 10)).collect();
    for name in ["left_group", "right_group"] {
        let create = group(name, &format!("k {name}_id"), &format!("k:long {name}_id:long {name}_a:long"));
        let head = format!("k:long | {name}_id:long | {name}_a:long");
        sandbox.create_filled(create, table(&format!("{head}\n{}", rows.join("\n")))).await;
    }
    let features = "left_group.left_group_a,right_group.right_group_a";
    let create = |run_id: &str, more: &[&str]| {
        let build =
            ["training-dataset", "create", run_id, "--features", features, "--join-key", "k", "--root", "left_group"];
        client(&server, &[more, &build, &["--run-id", run_id, "--shards", "4"]].concat())
    };
    let state = async |run_id: &str| sandbox.run(run_id).await.state();

    let output = create("late", &["--timeout", "2s"]).wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(5), "{said}");
    for word in ["has not ended within 2s and goes on", "mangonel run watch late", "mangonel run cancel late"] {
        assert!(said.contains(word), "no `{word}` in: {said}");
    }
    assert_eq!(state("late").await, RunState::Prepared);
    sandbox.client().call(wire::CancelRun(v1::RunRef { run_id: "late".into() })).await.unwrap();

    for (run_id, presses, ends) in [("once", 1, RunState::Prepared), ("twice", 2, RunState::Cancelled)] {
        let building = create(run_id, &[]);
        while !sandbox.client().call(v1::ListRuns { limit: 5 }).await.unwrap().runs.iter().any(|run| run.id == run_id) {
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_millis(500));
        for _ in 0..presses {
            assert!(Process::new("kill").args(["-INT", &building.id().to_string()]).status().unwrap().success());
            std::thread::sleep(Duration::from_millis(500));
        }
        let output = building.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(130), "{said}");
        let word = if presses == 1 { "goes on: `mangonel run watch" } else { "was cancelled" };
        assert!(said.contains(word), "no `{word}` in: {said}");
        assert_eq!(state(run_id).await, ends);
        sandbox.client().call(wire::CancelRun(v1::RunRef { run_id: run_id.into() })).await.unwrap();
    }
}
