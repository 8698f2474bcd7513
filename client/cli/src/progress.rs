//! A bar for long work: drawn on a terminal, silent elsewhere.

use std::time::Duration;

use futures::{StreamExt, pin_mut};
use indicatif::{ProgressBar, ProgressStyle};
use mangonel_client::MangonelClient;
use mangonel_proto::{Error, ErrorCode, Result, v1, v1::RunState, wire};

/// How long a second Ctrl-C is waited for.
const SECOND_WITHIN: Duration = Duration::from_secs(3);

/// Waits for the end of a run with a bar, as long as the client is patient. Ctrl-C stops the waiting, a second one cancels
/// the run.
///
/// # Errors
/// What the run failed with; `unavailable` when it takes too long, and goes on.
pub(crate) async fn wait(client: &MangonelClient, run_id: &str) -> Result<v1::Run> {
    let bar = ProgressBar::new(1);
    bar.set_style(style("{spinner} {msg} {wide_bar} {pos}/{len} tasks, {elapsed}"));
    bar.enable_steady_tick(Duration::from_millis(200));
    let watched = follow(client, run_id, &bar);
    let interrupted = tokio::signal::ctrl_c();
    let ended = tokio::select! {
        ended = watched => ended,
        _ = interrupted => {
            bar.finish_and_clear();
            return Err(interrupt(client, run_id).await);
        }
        () = out_of_patience(client) => {
            bar.finish_and_clear();
            let waited = client.timeout().unwrap_or_default();
            let message = format!("run {run_id} has not ended within {waited:?} and goes on: {}", what_next(run_id));
            return Err(Error::unavailable(message));
        }
    };
    bar.finish_and_clear();
    ended?;
    let detail = client.call(wire::ShowRun(v1::RunRef { run_id: run_id.to_owned() })).await?;
    let run = detail.run.unwrap_or_default();
    match run.state() {
        RunState::Committed => Ok(run),
        RunState::Cancelled => Err(Error::cancelled(format!("run {run_id} was cancelled"))),
        _ => Err(run.failure.map_or_else(|| Error::new(ErrorCode::Internal, run.error), Error::from_message)),
    }
}

/// After the first Ctrl-C: the run goes on, unless another one comes.
async fn interrupt(client: &MangonelClient, run_id: &str) -> Error {
    eprintln!("no longer waiting for run {run_id}, which goes on; Ctrl-C again within 3 s cancels it");
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {
            let cancelled = client.call(wire::CancelRun(v1::RunRef { run_id: run_id.to_owned() })).await;
            match cancelled.as_ref().map(v1::Run::state) {
                Ok(RunState::Cancelled) => Error::cancelled(format!("run {run_id} was cancelled")),
                Ok(_) => Error::cancelled(format!("run {run_id} had ended already: `mangonel run show {run_id}`")),
                Err(error) => Error::cancelled(format!("run {run_id} was not cancelled: {error}")),
            }
        }
        () = tokio::time::sleep(SECOND_WITHIN) => {
            Error::cancelled(format!("run {run_id} goes on: {}", what_next(run_id)))
        }
    }
}

fn what_next(run_id: &str) -> String {
    format!("`mangonel run watch {run_id}` waits again, `mangonel run cancel {run_id}` ends it")
}

async fn out_of_patience(client: &MangonelClient) {
    match client.timeout() {
        Some(limit) => tokio::time::sleep(limit).await,
        None => std::future::pending().await,
    }
}

async fn follow(client: &MangonelClient, run_id: &str, bar: &ProgressBar) -> Result<()> {
    let progress = client.watch(run_id).await?;
    pin_mut!(progress);
    while let Some(progress) = progress.next().await {
        show(&progress?, bar);
    }
    Ok(())
}

/// Shows one state of progress.
pub(crate) fn show(progress: &v1::RunProgress, bar: &ProgressBar) {
    bar.set_length(u64::from(progress.tasks_total.max(1)));
    bar.set_position(u64::from(progress.tasks_done));
    let rows = if progress.rows_done > 0 {
        format!(", {} rows", crate::output::thousands(progress.rows_done))
    } else {
        String::new()
    };
    bar.set_message(format!("{}{rows}", progress.step));
}

/// A bar over bytes of files that are uploaded.
pub(crate) fn upload_bar(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes);
    bar.set_style(style("{spinner} uploading {wide_bar} {bytes}/{total_bytes} {binary_bytes_per_sec}"));
    bar
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
