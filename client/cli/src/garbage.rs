//! `mangonel garbage`.

use mangonel_client::MangonelClient;
use mangonel_proto::{Result, v1, wire};

use crate::{
    args::{GarbageArgs, GarbageCommand, OutputForm},
    output,
};

/// Paths of one class that are asked for.
const PATHS_MAX: u32 = 10_000;

pub(crate) async fn run(client: &MangonelClient, command: GarbageCommand, form: OutputForm) -> Result<()> {
    match command {
        GarbageCommand::List { garbage } => {
            let report = client.call(wire::ListGarbage(query(&garbage, form))).await?;
            show(&report, &garbage, form)
        }
        GarbageCommand::Delete { garbage } => {
            let report = client.call(wire::DeleteGarbage(query(&garbage, form))).await?;
            show(&report, &garbage, form)
        }
    }
}

fn query(garbage: &GarbageArgs, form: OutputForm) -> v1::GarbageQuery {
    let is_named = garbage.verbose || form == OutputForm::Json;
    v1::GarbageQuery {
        older_than_s: Some(garbage.older_than),
        even_young: garbage.even_young,
        paths: if is_named { PATHS_MAX } else { 0 },
    }
}

fn show(report: &v1::GarbageReport, garbage: &GarbageArgs, form: OutputForm) -> Result<()> {
    match form {
        OutputForm::Json => return output::json(report),
        OutputForm::Table if report.classes.is_empty() => output::print("no garbage\n")?,
        _ => output::list(form, &report.classes, &["garbage", "of", "files", "bytes", "oldest"], |class| {
            vec![
                class.why.clone(),
                output::thousands(class.owners),
                output::thousands(class.files),
                if form == OutputForm::Csv { class.bytes.to_string() } else { output::bytes(class.bytes) },
                oldest(class.oldest_ms),
            ]
        })?,
    }
    if form != OutputForm::Table {
        return Ok(());
    }
    if garbage.verbose {
        for class in &report.classes {
            output::print(&format!("\n{}:\n", class.why))?;
            for path in &class.paths {
                output::print(&format!("  {path}\n"))?;
            }
            let more = class.files.saturating_sub(class.paths.len() as u64);
            if more > 0 {
                output::print(&format!("  ... and {} more\n", output::thousands(more)))?;
            }
        }
    }
    for kept in &report.kept {
        output::print(&format!("kept: {kept}\n"))?;
    }
    let (files, bytes) =
        report.classes.iter().fold((0, 0), |(files, bytes), class| (files + class.files, bytes + class.bytes));
    if report.classes.is_empty() {
        return Ok(());
    }
    let total = match files {
        1 => format!("1 file of {}", output::bytes(bytes)),
        _ => format!("{} files of {}", output::thousands(files), output::bytes(bytes)),
    };
    output::print(&if report.deleted {
        format!("removed {total}\n")
    } else {
        format!("{total}; `mangonel garbage delete` removes what is listed\n")
    })
}

fn oldest(ms: i64) -> String {
    let time = chrono::DateTime::from_timestamp_millis(ms).filter(|_| ms > 0);
    time.map_or_else(|| "-".into(), |time| time.format("%Y-%m-%d %H:%M").to_string())
}
