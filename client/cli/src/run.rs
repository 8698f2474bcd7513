//! `mangonel run`.

use mangonel_client::MangonelClient;
use mangonel_proto::{Result, v1, v1::RunState, wire};

use crate::{
    args::{OutputForm, RunCommand},
    output, progress,
};

pub(crate) async fn run(client: &MangonelClient, command: RunCommand, form: OutputForm) -> Result<()> {
    match command {
        RunCommand::List { limit } => {
            let runs = client.call(v1::ListRuns { limit }).await?.runs;
            output::list(form, &runs, &["run", "kind", "target", "state", "rows", "bytes"], columns)
        }
        RunCommand::Show { run_id } => {
            let detail = client.call(wire::ShowRun(v1::RunRef { run_id })).await?;
            let run = detail.run.clone().unwrap_or_default();
            output::record(form, &detail, &properties(&run))?;
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

fn columns(run: &v1::Run) -> Vec<String> {
    vec![
        run.id.clone(),
        run.kind().as_str_name().trim_start_matches("RUN_KIND_").to_lowercase(),
        format!("{}_{}", run.target_name, run.target_version),
        state(run),
        output::thousands(run.rows),
        output::bytes(run.bytes),
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
