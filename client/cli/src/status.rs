//! `mangonel status`.

use std::collections::BTreeMap;

use mangonel_client::MangonelClient;
use mangonel_proto::{Result, v1, wire};

use crate::{
    args::OutputForm,
    output::{self, bytes, thousands},
};

pub(crate) async fn run(client: &MangonelClient, form: OutputForm) -> Result<()> {
    let status = client.call(wire::Status(v1::Empty {})).await?;
    output::record(form, &status, &properties(&status))?;
    if form != OutputForm::Table || status.executors.is_empty() {
        return Ok(());
    }
    let now_ms = chrono::Utc::now().timestamp_millis();
    let head = ["executor", "host", "slots", "free", "last heard of", "flight"];
    output::list(form, &status.executors, &head, |executor| {
        vec![
            executor.id.clone(),
            executor.host.clone(),
            executor.slots.to_string(),
            executor.free_slots.to_string(),
            format!("{:.1} s ago", (now_ms - executor.last_seen_ms).max(0) as f64 / 1000.0),
            executor.flight.clone(),
        ]
    })
}

/// What is wrong first.
fn properties(status: &v1::ServerStatus) -> Vec<(&'static str, String)> {
    let mut properties: Vec<(&str, String)> =
        status.problems.iter().map(|problem| ("problem", problem.clone())).collect();
    let up_s = (chrono::Utc::now().timestamp_millis() - status.started_ms).max(0) as u64 / 1000;
    properties.push(("release", format!("{}, up for {}", status.release, duration(up_s))));
    properties.push(("engine", format!("{}, {} of {} slots free", status.engine, status.free_slots, status.slots)));
    let reserved = bytes(status.memory_reserved_bytes);
    properties.push(("memory", format!("{}, {reserved} reserved", bytes(status.memory_bytes))));
    let answers = match status.catalog_us {
        Some(took) => format!("revision {}, answers in {:.1} ms", status.catalog_revision, took as f64 / 1000.0),
        None => "does not answer".to_owned(),
    };
    properties.push(("catalog", format!("{}, {answers}", status.catalog)));
    properties.push(("warehouse", format!("{} ({})", status.warehouse, status.warehouse_id)));
    let space =
        |disk: &v1::DiskStatus| format!("{} {} of {} free", disk.name, bytes(disk.free_bytes), bytes(disk.total_bytes));
    properties.push(("disk", status.disks.iter().map(space).collect::<Vec<_>>().join(", ")));
    properties.push(("runs at work", format!("{} of {}", status.runs_active, status.running_max)));
    properties.push(("runs waiting", format!("{} of {}", status.runs_waiting, status.waiting_max)));
    if status.oldest_run_s > 0 {
        properties.push(("oldest run", format!("{} ago", duration(status.oldest_run_s))));
    }
    properties.push(("runs ended", counts(&status.runs_ended)));
    if !status.runs_failed.is_empty() {
        properties.push(("failures", counts(&status.runs_failed)));
    }
    let written = format!("{} rows, {}", thousands(status.rows_written), bytes(status.bytes_written));
    properties.push(("written", written));
    properties.push(("reads open", format!("{} of {}", status.reads_open, status.reads_max)));
    properties.push(("executors", status.executors.len().to_string()));
    properties
}

fn counts(counts: &BTreeMap<String, u64>) -> String {
    if counts.is_empty() {
        return "none yet".to_owned();
    }
    let counts = counts.iter().map(|(name, count)| format!("{name} {}", thousands(*count)));
    counts.collect::<Vec<_>>().join(", ")
}

/// In the two largest units, such as `3 h 20 min`.
fn duration(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, _, _) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}
