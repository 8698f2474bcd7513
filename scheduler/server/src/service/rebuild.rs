//! Datasets that are built again: a new generation from the latest rows, or the committed one from its pinned inputs, to see
//! that it comes out the same.

use std::{collections::BTreeMap, sync::Arc};

use mangonel_proto::{
    Error, Result,
    names::Principal,
    v1::{self, RunKind},
    wire,
};
use mangonel_storage::{
    dataset::{EncoderVersions, Manifest, ManifestShard, ShardRecord, shard_name},
    types::features_from_schema,
};

use super::{
    FeatureStore,
    build::BuildSpec,
    route::{empty, routes_folder},
    run::{RunResult, detail_path},
    run_folder, run_id_or_new,
    training_dataset::encoding,
};

/// Shards that an error names.
const SHARDS_NAMED: usize = 10;

impl FeatureStore {
    /// Starts a build of the next generation.
    ///
    /// # Errors
    /// `not_found` without a generation before it; everything that is wrong with the request or with its columns, at once.
    pub(crate) async fn insert_into_training_dataset(
        self: &Arc<Self>,
        who: &Principal,
        insert: v1::InsertIntoTrainingDataset,
    ) -> Result<v1::CreateTrainingDatasetResponse> {
        let dataset = self.catalog.get_training_dataset(who, &insert.name, insert.version).await?.value;
        let (_, generation) = self.manifest(&dataset).await?;
        let mut request = self.build_spec(&generation.run_id).await?.request;
        (request.name, request.version) = (dataset.name.clone(), dataset.version);
        match (insert.source, &mut request.source) {
            (Some(source), _) => request.source = Some(source),
            // The latest rows, also where the generation before was of an earlier time.
            (None, Some(source)) => source.as_of_ms = 0,
            (None, None) => {}
        }
        if insert.shards > 0 {
            (request.shards, request.shard_bytes) = (insert.shards, 0);
        }
        request.run_id = insert.run_id;

        let pinned = self.pin_dataset(who, &request).await?;
        let encoding = encoding(&request, &pinned)?;
        let columns = pinned.output_schema()?;
        encoding.format(&columns)?;
        same_columns(&dataset, &features_from_schema(&columns)?)?;
        let run_id = run_id_or_new(&request.run_id)?;
        if !request.run_id.is_empty()
            && let Some(answer) = self.known_build(who, &run_id, &request, &pinned, &encoding).await?
        {
            return Ok(answer);
        }
        let place = self.admission.enter()?;
        let (run, _) = self.begin_run(who, &run_id, RunKind::Build, (&dataset.name, dataset.version)).await?;
        let answer =
            v1::CreateTrainingDatasetResponse { run: Some(run.value.clone()), training_dataset: Some(dataset) };
        let spec = BuildSpec::new(&request, &pinned, encoding, self.broadcast_bytes_max);
        self.start_build(who, run, spec, pinned, place).await?;
        Ok(answer)
    }

    /// Starts a build of the committed generation from its pinned inputs; the run fails where a shard comes out otherwise.
    ///
    /// # Errors
    /// `not_found` without a generation, `conflict` when its inputs are not there any more.
    pub(crate) async fn rebuild_training_dataset(
        self: &Arc<Self>,
        who: &Principal,
        rebuild: v1::RebuildTrainingDataset,
    ) -> Result<v1::Run> {
        let dataset = self.catalog.get_training_dataset(who, &rebuild.name, rebuild.version).await?.value;
        let (manifest, generation) = self.manifest(&dataset).await?;
        let spec = self.build_spec(&generation.run_id).await?;
        let mut pinned = self.pinned_again(who, &spec, &generation.run_id).await?;
        let run_id = run_id_or_new(&rebuild.run_id)?;
        let place = self.admission.enter()?;
        let (run, created) = self.begin_run(who, &run_id, RunKind::Rebuild, (&dataset.name, dataset.version)).await?;
        let answer = run.value.clone();
        if !created {
            return Ok(answer);
        }
        self.warehouse.put_if_absent(&detail_path(&answer.id), wire::to_body(&spec)?).await?;
        let steps = 2 + pinned.routes().len() as u32;
        let Some(live) = self.live.enter(&answer.id, steps) else { return Ok(answer) };
        self.spawn_run(who, run, live, place, |store, live| async move {
            let (run_id, folder) = (run_id.as_str(), format!("{}/rebuild", run_folder(run_id.as_str())));
            let compared = async {
                let bounds = store.divide(run_id, manifest.shards.len() as u32, &mut pinned, &live).await?;
                let records = store.write_shards(run_id, &folder, &spec, &pinned, &bounds, &live).await?;
                let format = spec.encoding.format(pinned.output_schema()?.as_ref())?;
                compare(&manifest, &EncoderVersions::of(&format), &records)
            };
            let compared = compared.await;
            empty(&store.warehouse, &routes_folder(run_id)).await;
            empty(&store.warehouse, &folder).await;
            Ok((compared?, false))
        });
        Ok(answer)
    }
}

/// Rows of the dataset stay what they were: names and types in their order.
fn same_columns(dataset: &v1::TrainingDataset, features: &[v1::Feature]) -> Result<()> {
    let words = |features: &[v1::Feature]| -> Vec<String> {
        features.iter().map(|feature| format!("`{}` {}", feature.name, feature.r#type)).collect()
    };
    let (had, has) = (words(&dataset.features), words(features));
    if had == has {
        return Ok(());
    }
    let title = format!("{}_{}", dataset.name, dataset.version);
    let lost: Vec<&str> = had.iter().filter(|column| !has.contains(column)).map(String::as_str).collect();
    let new: Vec<&str> = has.iter().filter(|column| !had.contains(column)).map(String::as_str).collect();
    let what = match (lost.is_empty(), new.is_empty()) {
        (true, true) => format!("in another order: {}", has.join(", ")),
        _ => format!("without {}; with {}", list(&lost), list(&new)),
    };
    let message = format!("the columns would not be those of `{title}`, but {what}: create a new version instead");
    Err(Error::invalid(message).named([title]))
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "nothing else".into() } else { names.join(", ") }
}

/// Bytes must be the same if the same encoders wrote them, rows in any case.
fn compare(manifest: &Manifest, encoders: &EncoderVersions, records: &BTreeMap<u32, ShardRecord>) -> Result<RunResult> {
    let same_encoders = manifest.encoders == *encoders;
    let is_other = |then: &ManifestShard, now: &ShardRecord| {
        let rows = (then.rows, &then.row_digest) != (now.rows, &now.row_digest);
        rows || (same_encoders && (then.bytes, then.crc32c) != (now.bytes, now.crc32c))
    };
    let others = manifest.shards.iter().zip(records.values()).filter(|(then, now)| is_other(then, now));
    let others: Vec<String> = others.map(|(_, now)| shard_name(now.shard)).collect();
    if others.is_empty() && manifest.shards.len() == records.len() {
        let rows = records.values().map(|record| record.rows).sum();
        return Ok(RunResult { rows, bytes: records.values().map(|record| record.bytes).sum(), table_version: 0 });
    }
    let what = if same_encoders { "bytes" } else { "rows" };
    let named = others.iter().take(SHARDS_NAMED).cloned().collect::<Vec<_>>().join(", ");
    let message = format!(
        "{} of {} shards came out with other {what}: {named}; verify the dataset, and insert into it to have it anew",
        others.len(),
        manifest.shards.len()
    );
    Err(Error::conflict(message).named(others))
}
