//! `mangonel run`.

use std::collections::BTreeMap;

use mangonel_client::MangonelClient;
use mangonel_proto::{Result, v1, v1::RunState, wire};
use serde::Serialize;

use crate::{
    args::{OutputForm, RunCommand},
    output, progress,
};

pub(crate) async fn run(client: &MangonelClient, command: RunCommand, form: OutputForm) -> Result<()> {
    match command {
        RunCommand::List { limit } => {
            let listed = client.call(v1::ListRuns { limit }).await?;
            let progress: BTreeMap<&str, &v1::RunProgress> =
                listed.progress.iter().map(|progress| (progress.run_id.as_str(), progress)).collect();
            let runs =
                listed.runs.iter().map(|run| ListedRun { run, progress: progress.get(run.id.as_str()).copied() });
            let runs: Vec<ListedRun<'_>> = runs.collect();
            output::list(form, &runs, &["run", "kind", "target", "state", "rows", "bytes", "now"], columns)
        }
        RunCommand::Show { run_id } => {
            let detail = client.call(wire::ShowRun(v1::RunRef { run_id })).await?;
            let run = detail.run.clone().unwrap_or_default();
            let mut properties = properties(&run);
            if let Some(progress) = &detail.progress {
                properties.push(("now", now(progress)));
            }
            output::record(form, &detail, &properties)?;
            if form != OutputForm::Table {
                return Ok(());
            }
            let shares: Vec<(String, v1::WorkerShare)> = detail
                .stages
                .iter()
                .flat_map(|stage| stage.workers.iter().map(|share| (stage.name.clone(), share.clone())))
                .collect();
            output::list(
                form,
                &shares,
                &["stage", "worker", "tasks", "rows read", "read", "rows written", "written"],
                |(stage, share)| {
                    vec![
                        stage.clone(),
                        share.worker.clone(),
                        share.tasks.to_string(),
                        output::thousands(share.rows_read),
                        output::bytes(share.bytes_read),
                        output::thousands(share.rows_written),
                        output::bytes(share.bytes_written),
                    ]
                },
            )
        }
        RunCommand::Watch { run_id } => {
            let run = progress::wait(client, &run_id).await?;
            output::record(form, &run, &properties(&run))
        }
        RunCommand::Cancel { run_id } => {
            let run = client.call(wire::CancelRun(v1::RunRef { run_id })).await?;
            output::record(form, &run, &properties(&run))
        }
    }
}

/// A run of a list. As JSON it is the run with one more field.
#[derive(Serialize)]
struct ListedRun<'a> {
    #[serde(flatten)]
    run: &'a v1::Run,
    #[serde(skip_serializing_if = "Option::is_none")]
    progress: Option<&'a v1::RunProgress>,
}

/// What a run does or waits for.
fn now(progress: &v1::RunProgress) -> String {
    match (progress.parts.is_empty(), progress.tasks_total) {
        (false, _) => format!("{}: {}", progress.step, progress.parts.join(", ")),
        (true, 0) => progress.step.clone(),
        (true, tasks) => format!("{}, {} of {tasks} tasks", progress.step, progress.tasks_done),
    }
}

fn columns(ListedRun { run, progress }: &ListedRun<'_>) -> Vec<String> {
    vec![
        run.id.clone(),
        run.kind().as_str_name().trim_start_matches("RUN_KIND_").to_lowercase(),
        format!("{}_{}", run.target_name, run.target_version),
        state(run),
        output::thousands(run.rows),
        output::bytes(run.bytes),
        progress.map(now).unwrap_or_default(),
    ]
}

fn properties(run: &v1::Run) -> Vec<(&'static str, String)> {
    let mut properties = vec![
        ("run", run.id.clone()),
        ("target", format!("{}_{}", run.target_name, run.target_version)),
        ("state", state(run)),
        ("rows", output::thousands(run.rows)),
        ("bytes", output::bytes(run.bytes)),
    ];
    let commits = matches!(run.kind(), v1::RunKind::Insert | v1::RunKind::Rewrite);
    if run.state() == RunState::Committed && commits {
        properties.push(("table version", run.table_version.to_string()));
    }
    if !run.error.is_empty() {
        properties.push(("error", run.error.clone()));
    }
    properties
}

fn state(run: &v1::Run) -> String {
    run.state().as_str_name().trim_start_matches("RUN_STATE_").to_lowercase()
}
