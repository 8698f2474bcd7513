//! Builds of training datasets: count, choose shard bounds, write every shard, check, commit. Every step can be repeated:
//! what is done stays done, and a resumed run uses the inputs and bounds that its record holds.

use std::{collections::BTreeMap, sync::Arc};

use mangonel_catalog::Versioned;
use mangonel_operators::{
    error::to_wire,
    operator::OperatorExec,
    record::TaskRecord,
    shard_writer::{ShardEncoding, ShardWriterExec},
};
use mangonel_planner::{
    ShardBounds,
    dataset::resolve_dataset,
    default_shards, lanes_of,
    shards::{SHARD_BYTES_TARGET, shards_of},
    size::dataset_bytes,
};
use mangonel_proto::{
    Error, ErrorCode, RELEASE, Result,
    names::Principal,
    v1::{self, DataFormat, NullPolicy, RunState},
    wire,
};
use mangonel_storage::dataset::{
    DatasetIdentity, EncoderVersions, MANIFEST_FORMAT, Manifest, ManifestFeature, ManifestInput, ManifestShard,
    ManifestTotals, ShardBoundary, ShardFormat, ShardRecord, ShardTarget, WrittenManifest, read_done,
    write_empty_shard, write_manifest, write_manifest_copy,
};
use mangonel_tfrecord::SCHEMA_FILE_NAME;
use serde::{Deserialize, Serialize};

use super::{
    FeatureStore, broken,
    route::{empty, routes_folder},
    run::{RunResult, detail_path},
    training_dataset::data_format,
};
use crate::{
    admission::Place,
    assemble::{PinnedQuery, lane_starts},
    conversions::now_ms,
    engine::LeafJob,
    pins::{Moment, PinRecord, pin},
    runs::LiveRun,
};

/// What a build's run record keeps in the warehouse: the request, the encoding and the pinned inputs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct BuildSpec {
    format: u32,
    release: String,
    pub(super) request: v1::CreateTrainingDataset,
    pub(super) encoding: ShardEncoding,
    /// Which groups are broadcast decides between rows that joins multiply: a resume must not choose anew.
    broadcast_bytes_max: u64,
    inputs: Vec<PinRecord>,
}

impl BuildSpec {
    pub(super) fn new(
        request: &v1::CreateTrainingDataset,
        pinned: &PinnedQuery,
        encoding: ShardEncoding,
        broadcast_bytes_max: u64,
    ) -> Self {
        let inputs = pinned.tables.iter().map(|table| table.record()).collect();
        Self { format: 1, release: RELEASE.into(), request: request.clone(), encoding, broadcast_bytes_max, inputs }
    }
}

impl BuildSpec {
    /// Ids of the tables that its inputs are pinned to.
    pub(super) fn table_ids(&self) -> impl Iterator<Item = &str> {
        self.inputs.iter().map(|input| input.table_id.as_str())
    }
}

impl FeatureStore {
    /// Stores the record of a new build and starts its work.
    pub(super) async fn start_build(
        self: &Arc<Self>,
        who: &Principal,
        run: Versioned<v1::Run>,
        spec: BuildSpec,
        pinned: PinnedQuery,
        place: Place,
    ) -> Result<()> {
        let stored = self.warehouse.put_if_absent(&detail_path(&run.value.id), wire::to_body(&spec)?).await;
        if let Err(error) = stored {
            let (error, target) = (Error::from(error), (run.value.target_name.clone(), run.value.target_version));
            // Without a record nobody could go on with it.
            self.end_run(who, run, Err(error.clone())).await?;
            self.free_version(who, &target).await;
            return Err(error);
        }
        self.work_on_build(who, run, spec, pinned, place);
        Ok(())
    }

    /// Goes on with an interrupted build from its record.
    pub(super) async fn resume_build(
        self: &Arc<Self>,
        who: &Principal,
        run: Versioned<v1::Run>,
        place: Place,
    ) -> Result<v1::Run> {
        let run_id = run.value.id.clone();
        let spec = self.build_spec(&run_id).await?;
        if spec.release != RELEASE {
            return Err(Error::conflict(format!(
                "run `{run_id}` was begun by release {}: bytes may differ, so start a new one",
                spec.release
            )));
        }
        let pinned = self.pinned_again(who, &spec, &run_id).await?;
        let mut reopened = run;
        reopened.value.epoch += 1;
        reopened.value.updated_ms = now_ms();
        let reopened = self.catalog.update_run(who, &reopened).await?;
        let answer = reopened.value.clone();
        self.work_on_build(who, reopened, spec, pinned, place);
        Ok(answer)
    }

    /// The query of an earlier run over the tables as they were then.
    ///
    /// # Errors
    /// `conflict` when its tables are not there any more.
    pub(super) async fn pinned_again(&self, who: &Principal, spec: &BuildSpec, run_id: &str) -> Result<PinnedQuery> {
        // Only those that were meant then: names without a version mean the latest, and there may be a later one now.
        let was_meant = |group: &v1::FeatureGroup| {
            let name = mangonel_planner::table_name(group);
            spec.inputs.iter().any(|input| input.table == name)
        };
        let groups = self.visible_groups(who, Moment::Latest).await?;
        let groups: Vec<v1::FeatureGroup> = groups.into_iter().filter(was_meant).collect();
        let query = resolve_dataset(&spec.request, &groups)?;
        let mut tables = Vec::with_capacity(query.groups.len());
        for used in &query.groups {
            let name = mangonel_planner::table_name(&used.group);
            let record = spec.inputs.iter().find(|input| input.table == name);
            let record = record.ok_or_else(|| {
                Error::conflict(format!("feature groups have changed since run `{run_id}` was begun: start a new one"))
            })?;
            let table = pin(&self.warehouse, &used.group, Moment::Version(record.version)).await?;
            if table.table_id != record.table_id {
                return Err(Error::conflict(format!("`{name}` was created anew since run `{run_id}` was begun")));
            }
            tables.push(table);
        }
        Ok(PinnedQuery::new(query, tables, spec.broadcast_bytes_max))
    }

    /// The record of a run that has built something.
    ///
    /// # Errors
    /// `not_found`.
    pub(super) async fn build_spec(&self, run_id: &str) -> Result<BuildSpec> {
        let stored = self.warehouse.get(&detail_path(run_id)).await?;
        let stored =
            stored.ok_or_else(|| Error::not_found(format!("run `{run_id}` has no record: start a new one")))?;
        wire::from_body(&stored)
    }

    fn work_on_build(
        self: &Arc<Self>,
        who: &Principal,
        run: Versioned<v1::Run>,
        spec: BuildSpec,
        pinned: PinnedQuery,
        place: Place,
    ) {
        let steps = 3 + pinned.routes().len() as u32;
        let Some(live) = self.live.enter(&run.value.id, steps) else { return };
        let (principal, record) = (who.clone(), run.clone());
        self.spawn_run(who, run, live, place, |store, live| async move {
            let run_id = record.value.id.clone();
            let built = Box::pin(store.build(&principal, record, &spec, pinned, &live)).await;
            empty(&store.warehouse, &routes_folder(&run_id)).await;
            Ok((built?, true))
        });
    }

    async fn build(
        &self,
        who: &Principal,
        run: Versioned<v1::Run>,
        spec: &BuildSpec,
        mut pinned: PinnedQuery,
        live: &LiveRun,
    ) -> Result<RunResult> {
        let run_id = run.value.id.as_str();
        let (name, version) = (&run.value.target_name, run.value.target_version);
        let dataset = self.until_answered(live, || self.catalog.get_training_dataset(who, name, version)).await?;
        let folder = format!("{}/{run_id}", dataset.value.location);
        let shards = shards_wanted(&spec.request, &pinned, &dataset.value.features);
        let bounds = self.divide(run_id, shards, &mut pinned, live).await?;
        let records = self.write_shards(run_id, &folder, spec, &pinned, &bounds, live).await?;
        self.check_cancelled(run_id)?;

        live.step("committing", 0);
        let written = self.write_manifest(&dataset.value, &folder, run_id, spec, &pinned, &bounds, &records).await?;
        let (rows, bytes) = totals(&records);
        let number = dataset.value.generation.as_ref().map_or(0, |generation| generation.number) + 1;
        let generation = v1::Generation {
            number,
            run_id: run_id.to_owned(),
            folder,
            manifest: written.path,
            manifest_digest: written.digest,
            rows,
            bytes,
            shards: bounds.shards(),
            committed_ms: now_ms(),
        };
        self.commit_once(who, &run, &dataset, generation, live).await?;
        Ok(RunResult { rows, bytes, table_version: 0 })
    }

    /// Commits a build however long the catalog is away. A commit whose answer was lost may have been made, or may still be
    /// under way: the run's record says so, and every try compares the same revision, so that one of them counts.
    async fn commit_once(
        &self,
        who: &Principal,
        run: &Versioned<v1::Run>,
        dataset: &Versioned<v1::TrainingDataset>,
        generation: v1::Generation,
        live: &LiveRun,
    ) -> Result<()> {
        live.ends(None);
        loop {
            let Err(error) = self.catalog.commit_generation(who, run, dataset, generation.clone()).await else {
                return Ok(());
            };
            let is_away = error.code == ErrorCode::Unavailable;
            if !is_away && error.code != ErrorCode::Conflict {
                return Err(error);
            }
            live.catalog_is_away(Some(error.clone()).filter(|_| is_away));
            let now = self.until_answered(live, || self.catalog.get_run(who, &run.value.id)).await?;
            match now.value.state() {
                RunState::Committed => return Ok(()),
                RunState::Prepared if is_away => self.check_cancelled(&run.value.id)?,
                _ => return Err(error),
            }
        }
    }

    /// Bounds of so many shards; what must be routed for the join is routed.
    pub(super) async fn divide(
        &self,
        run_id: &str,
        shards: u32,
        pinned: &mut PinnedQuery,
        live: &LiveRun,
    ) -> Result<ShardBounds> {
        let bounds = self.shard_bounds(run_id, shards, pinned, live).await?;
        if bounds.divides_keys() {
            pinned.carry_order();
        }
        self.route(&routes_folder(run_id), pinned, live).await?;
        Ok(bounds)
    }

    /// Writes every shard that is not done, and gives the records of all.
    pub(super) async fn write_shards(
        &self,
        run_id: &str,
        folder: &str,
        spec: &BuildSpec,
        pinned: &PinnedQuery,
        bounds: &ShardBounds,
        live: &LiveRun,
    ) -> Result<BTreeMap<u32, ShardRecord>> {
        let root = &pinned.tables[pinned.query.root];
        let buckets: Vec<Option<u32>> = pinned.tables.iter().map(|table| table.buckets).collect();
        let lanes = lanes_of(bounds, self.engine.slots() as u32, &buckets);
        let starts = lane_starts(bounds, lanes.iter().map(|lane| lane.first_shard).collect());
        let join = pinned.plan(&starts, true)?;
        live.step(format!("writing {} shards", bounds.shards()), root.rows);
        let outcome = self.run_job(live, || async {
            // Shards that an earlier attempt has done are counted and not written again.
            let writer = ShardWriterExec {
                run_folder: folder.to_owned(),
                key_columns: root.primary_key.len(),
                bounds: bounds.inner().iter().map(|place| (place.hash, place.order)).collect(),
                encoding: spec.encoding.clone(),
                done: read_done(&self.warehouse, folder).await?,
            };
            let plan = OperatorExec::plan(writer, vec![Arc::clone(&join)]).map_err(|error| to_wire(&error))?;
            Ok(LeafJob { name: "join and write".into(), run_id: run_id.to_owned(), plan })
        });
        let mut records = collect_shards(outcome.await?.records)?;
        let columns = pinned.output_schema()?;
        let format = spec.encoding.format(&columns)?;
        for shard in 0..bounds.shards() {
            if records.contains_key(&shard) {
                continue;
            }
            let run_folder = folder.to_owned();
            let target = ShardTarget { run_folder, shard, columns: Arc::clone(&columns), format: format.clone() };
            let record = write_empty_shard(&self.warehouse, target).await?;
            if record.rows > 0 {
                return Err(broken(&format!(
                    "shard {shard} is done with {} rows, and no row came for it",
                    record.rows
                )));
            }
            records.insert(shard, record);
        }
        Ok(records)
    }

    #[allow(clippy::too_many_arguments, reason = "a manifest names everything that made it")]
    async fn write_manifest(
        &self,
        dataset: &v1::TrainingDataset,
        folder: &str,
        run_id: &str,
        spec: &BuildSpec,
        pinned: &PinnedQuery,
        bounds: &ShardBounds,
        records: &BTreeMap<u32, ShardRecord>,
    ) -> Result<WrittenManifest> {
        let format = spec.encoding.format(pinned.output_schema()?.as_ref())?;
        let nulls = Manifest::null_counts(records.values());
        let mut lossy: Vec<String> = Vec::new();
        if let ShardFormat::TfRecord(examples, _) = &format {
            lossy.extend(examples.lossy_columns().map(str::to_owned));
            let schema =
                examples.schema_file_after(&nulls).to_json().map_err(|error| Error::internal(error.to_string()))?;
            self.warehouse.put_if_absent(&format!("{folder}/{SCHEMA_FILE_NAME}"), schema.clone()).await?;
            self.warehouse.put(&format!("{}/{SCHEMA_FILE_NAME}", dataset.location), schema).await?;
        }
        let shards: Vec<ManifestShard> = records.values().map(|record| ManifestShard::written(record, None)).collect();
        let manifest = Manifest {
            format: MANIFEST_FORMAT,
            dataset: DatasetIdentity {
                project: dataset.project.clone(),
                name: dataset.name.clone(),
                version: dataset.version,
                id: dataset.id.clone(),
            },
            run_id: run_id.to_owned(),
            release: RELEASE.into(),
            encoders: EncoderVersions::of(&format),
            data_format: match data_format(&spec.request) {
                DataFormat::Parquet => "parquet",
                DataFormat::Csv => "csv",
                DataFormat::Tsv => "tsv",
                DataFormat::Tfrecord | DataFormat::Unspecified => "tfrecords",
            }
            .into(),
            compression: spec.request.compression().into(),
            features: dataset
                .features
                .iter()
                .map(|feature| ManifestFeature {
                    name: feature.name.clone(),
                    type_name: feature.r#type.clone(),
                    lossy: lossy.contains(&feature.name),
                    null_count: nulls.get(&feature.name).copied().unwrap_or(0),
                })
                .collect(),
            labels: dataset.labels.clone(),
            null_policy: match spec.request.null_policy() {
                NullPolicy::Default => "default",
                NullPolicy::Omit => "omit",
                NullPolicy::Error | NullPolicy::Unspecified => "error",
            }
            .into(),
            inputs: pinned
                .query
                .groups
                .iter()
                .zip(&pinned.tables)
                .map(|(used, table)| ManifestInput {
                    name: used.group.name.clone(),
                    version: used.group.version,
                    table_id: table.table_id.clone(),
                    table_version: table.version,
                    files: table.files.len() as u64,
                    rows: Some(table.rows),
                })
                .collect(),
            boundaries: bounds.inner().iter().map(|place| ShardBoundary::new(place.hash, place.order)).collect(),
            totals: ManifestTotals::of(&shards),
            shards,
            splits: Vec::new(),
            statistics: None,
            created_ms: now_ms(),
        };
        let written = write_manifest(&self.warehouse, folder, &manifest).await?;
        write_manifest_copy(&self.warehouse, &dataset.location, &manifest).await?;
        Ok(written)
    }
}

/// As asked, or by size.
fn shards_wanted(request: &v1::CreateTrainingDataset, pinned: &PinnedQuery, features: &[v1::Feature]) -> u32 {
    match (request.shards, request.shard_bytes) {
        (0, 0) => default_shards(pinned.bytes(), SHARD_BYTES_TARGET),
        (0, target) => {
            let rows = pinned.tables[pinned.query.root].rows;
            shards_of(dataset_bytes(rows, features, data_format(request)), target)
        }
        (shards, _) => shards,
    }
}

/// One record per shard. A shard that came twice (two attempts of one task) must be the same both times, and every row
/// that arrived must be in it.
fn collect_shards(records: Vec<TaskRecord>) -> Result<BTreeMap<u32, ShardRecord>> {
    let mut shards: BTreeMap<u32, ShardRecord> = BTreeMap::new();
    for record in records {
        let TaskRecord::Shard(written) = record else { return Err(broken("a build wrote something else")) };
        let (shard, rows) = (written.shard.shard, written.shard.rows);
        if written.rows_in != rows {
            return Err(broken(&format!("shard {shard} has {rows} rows, {} arrived", written.rows_in)));
        }
        match shards.get(&shard) {
            Some(other) if (other.rows, other.crc32c) != (rows, written.shard.crc32c) => {
                return Err(broken(&format!("two attempts at shard {shard} differ")));
            }
            _ => drop(shards.insert(shard, written.shard)),
        }
    }
    Ok(shards)
}

fn totals(records: &BTreeMap<u32, ShardRecord>) -> (u64, u64) {
    (records.values().map(|record| record.rows).sum(), records.values().map(|record| record.bytes).sum())
}
