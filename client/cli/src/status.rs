//! `mangonel status`.

use mangonel_client::MangonelClient;
use mangonel_proto::{Result, v1, wire};

use crate::{args::OutputForm, output};

pub(crate) async fn run(client: &MangonelClient, form: OutputForm) -> Result<()> {
    let status = client.call(wire::Status(v1::Empty {})).await?;
    output::record(
        form,
        &status,
        &[
            ("release", status.release.clone()),
            ("engine", format!("{}, {} slots", status.engine, status.slots)),
            ("memory", output::bytes(status.memory_bytes)),
            ("catalog", format!("{}, revision {}", status.catalog, status.catalog_revision)),
            ("warehouse", format!("{} ({})", status.warehouse, status.warehouse_id)),
            ("runs at work", status.runs_active.to_string()),
            ("executors", status.executors.len().to_string()),
        ],
    )?;
    if form == OutputForm::Table && !status.executors.is_empty() {
        return output::list(form, &status.executors, &["executor", "host", "slots", "flight"], |executor| {
            vec![executor.id.clone(), executor.host.clone(), executor.slots.to_string(), executor.flight.clone()]
        });
    }
    Ok(())
}
