//! Training datasets: create, list, show, verify, read and delete.

use std::sync::Arc;

use mangonel_operators::shard_writer::{Nulls, ShardEncoding};
use mangonel_planner::dataset::resolve_dataset;
use mangonel_proto::{
    Error, ErrorCode, Result,
    names::{Principal, RunId},
    tickets::{ShardFile, ShardFiles},
    v1::{self, DataFormat, NullPolicy, RunKind, RunState},
};
use mangonel_storage::{
    dataset::{Manifest, verify_dataset},
    delimited::Delimiter,
    types::features_from_schema,
};

use super::{FeatureStore, build::BuildSpec, feature_group::default_statistics, run_id_or_new};
use crate::{assemble::PinnedQuery, conversions::now_ms, pins::Moment, runs::LiveRun};

impl FeatureStore {
    /// Registers one version of a training dataset and starts its build.
    ///
    /// # Errors
    /// Everything that is wrong with the request, at once; `already_exists` for a version that is there. A request whose
    /// run id is known answers what that run did, and goes on with it if it was interrupted.
    pub(crate) async fn create_training_dataset(
        self: &Arc<Self>,
        who: &Principal,
        request: v1::CreateTrainingDataset,
    ) -> Result<v1::CreateTrainingDatasetResponse> {
        let pinned = self.pin_dataset(who, &request).await?;
        let encoding = encoding(&request, &pinned)?;
        let columns = pinned.output_schema()?;
        encoding.format(&columns)?;
        let run_id = run_id_or_new(&request.run_id)?;

        if !request.run_id.is_empty()
            && let Some(answer) = self.known_build(who, &run_id, &request, &pinned, &encoding).await?
        {
            return Ok(answer);
        }
        // Before anything is written: a refusal leaves nothing behind.
        let place = self.admission.enter()?;
        self.ensure_project(who).await?;
        let dataset = v1::TrainingDataset {
            format: 1,
            project: who.project.clone(),
            name: request.name.clone(),
            version: request.version,
            id: uuid::Uuid::now_v7().to_string(),
            description: request.description.clone(),
            features: features_from_schema(&columns)?,
            labels: request.labels.clone(),
            data_format: data_format(&request).into(),
            job_name: request.job_name.clone(),
            dependencies: request.dependencies.clone(),
            statistics: Some(request.statistics.clone().unwrap_or_else(default_statistics)),
            location: String::new(),
            generation: None,
            owner: who.name.clone(),
            created_ms: now_ms(),
            updated_ms: now_ms(),
            tags: Default::default(),
            compression: request.compression().into(),
        };
        let run = Self::run_record(who, &run_id, RunKind::Build, ("", 0));
        let created = self.catalog.create_training_dataset_and_run(who, dataset, run).await;
        let (dataset, run) = created.inspect_err(|error| {
            if error.code == ErrorCode::Unavailable && request.run_id.is_empty() {
                self.undo_build(who, &run_id);
            }
        })?;
        let answer = v1::CreateTrainingDatasetResponse {
            run: Some(run.value.clone()),
            training_dataset: Some(dataset.value.clone()),
        };
        let spec = BuildSpec::new(&request, &pinned, encoding, self.broadcast_bytes_max);
        self.start_build(who, run, spec, pinned, place).await?;
        Ok(answer)
    }

    /// Resolves the source of a dataset and pins the tables that it reads.
    ///
    /// # Errors
    /// Everything that is wrong with the request, at once.
    pub(super) async fn pin_dataset(
        &self,
        who: &Principal,
        request: &v1::CreateTrainingDataset,
    ) -> Result<PinnedQuery> {
        let moment = Moment::as_of(request.source.as_ref().map_or(0, |source| source.as_of_ms));
        let groups = self.visible_groups(who, moment).await?;
        let query = resolve_dataset(request, &groups).map_err(|error| moment.about(error))?;
        self.pin_query(query, moment).await
    }

    /// Takes back the creation of a build that nobody can ask for again, since the catalog was lost before it could say whether
    /// it was made, and nobody knows the id of its run.
    fn undo_build(self: &Arc<Self>, who: &Principal, run_id: &RunId) {
        let (store, who, run_id) = (Arc::clone(self), who.clone(), run_id.to_string());
        tokio::spawn(async move {
            let away = LiveRun::unlisted(&run_id);
            let Ok(run) = store.until_answered(&away, || store.catalog.get_run(&who, &run_id)).await else { return };
            let target = (run.value.target_name.clone(), run.value.target_version);
            let lost = Error::unavailable("the catalog was lost when this build was created: create it again");
            let ended = store.until_answered(&away, || store.end_run(&who, run.clone(), Err(lost.clone()))).await;
            if ended.is_ok_and(|ended| ended.state() == RunState::Failed) {
                store.free_version(&who, &target).await;
            }
        });
    }

    /// What is known of a build with this run id; starts it again if it was interrupted.
    pub(super) async fn known_build(
        self: &Arc<Self>,
        who: &Principal,
        run_id: &RunId,
        request: &v1::CreateTrainingDataset,
        pinned: &PinnedQuery,
        encoding: &ShardEncoding,
    ) -> Result<Option<v1::CreateTrainingDatasetResponse>> {
        let run = match self.catalog.get_run(who, run_id.as_str()).await {
            Ok(run) => run,
            Err(error) if error.code == ErrorCode::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if run.value.kind() != RunKind::Build || run.value.target_name != request.name {
            return Err(Error::conflict(format!("run id `{run_id}` belongs to another request: choose a new one")));
        }
        let dataset =
            self.catalog.get_training_dataset(who, &run.value.target_name, run.value.target_version).await?.value;
        let mut answer =
            v1::CreateTrainingDatasetResponse { run: Some(run.value.clone()), training_dataset: Some(dataset) };
        if run.value.state() == RunState::Prepared && self.live.get(run_id.as_str()).is_none() {
            let place = self.admission.enter()?;
            match self.build_spec(run_id.as_str()).await {
                Ok(_) => answer.run = Some(self.resume_build(who, run, place).await?),
                // It was interrupted between its record in the catalog and that in the warehouse: nothing has been done yet.
                Err(error) if error.code == ErrorCode::NotFound => {
                    let spec = BuildSpec::new(request, pinned, encoding.clone(), self.broadcast_bytes_max);
                    self.start_build(who, run, spec, pinned.clone(), place).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Some(answer))
    }

    /// # Errors
    /// `unavailable` without a catalog.
    pub(crate) async fn list_training_datasets(
        &self,
        who: &Principal,
        request: v1::ListTrainingDatasets,
    ) -> Result<v1::TrainingDatasetList> {
        let (datasets, revision) = self.catalog.list_training_datasets(who, &request.name).await?;
        let training_datasets = datasets.into_iter().map(|dataset| dataset.value).collect();
        Ok(v1::TrainingDatasetList { training_datasets, revision })
    }

    /// # Errors
    /// `not_found`.
    pub(crate) async fn show_training_dataset(
        &self,
        who: &Principal,
        dataset: v1::VersionRef,
    ) -> Result<v1::TrainingDatasetDetail> {
        let found = self.catalog.get_training_dataset(who, &dataset.name, dataset.version).await?;
        let dataset = found.value;
        let mut detail = v1::TrainingDatasetDetail { revision: found.revision, ..Default::default() };
        if let Some(generation) = &dataset.generation {
            let url = self.warehouse.url_of(&generation.folder)?;
            detail.path = match self.warehouse.folder() {
                Some(folder) => folder.join(&generation.folder).display().to_string(),
                None => url.to_string(),
            };
            let text = |bytes: Option<bytes::Bytes>| {
                bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
            };
            detail.manifest = text(self.warehouse.get(&generation.manifest).await?);
            let schema = format!("{}/{}", generation.folder, mangonel_tfrecord::SCHEMA_FILE_NAME);
            detail.tf_record_schema = text(self.warehouse.get(&schema).await?);
        }
        detail.training_dataset = Some(dataset);
        Ok(detail)
    }

    /// Reads every shard again and compares it with the manifest.
    ///
    /// # Errors
    /// `not_found` for the dataset, or when it has no committed generation.
    pub(crate) async fn verify_training_dataset(
        &self,
        who: &Principal,
        dataset: v1::VersionRef,
    ) -> Result<v1::VerifyReport> {
        let dataset = self.catalog.get_training_dataset(who, &dataset.name, dataset.version).await?.value;
        let (manifest, generation) = self.manifest(&dataset).await?;
        let problems = verify_dataset(&self.warehouse, &generation.folder, &manifest).await?;
        Ok(v1::VerifyReport { shards: generation.shards, rows: generation.rows, bytes: generation.bytes, problems })
    }

    /// Takes the version out of the catalog; its files stay for readers that hold them, until they are collected.
    ///
    /// # Errors
    /// `not_found`, or `invalid_argument` without a version.
    pub(crate) async fn delete_training_dataset(&self, who: &Principal, dataset: v1::VersionRef) -> Result<v1::Empty> {
        if dataset.version == 0 {
            return Err(Error::invalid("say which version to delete"));
        }
        let dataset = self.catalog.get_training_dataset(who, &dataset.name, dataset.version).await?;
        self.catalog.delete_training_dataset(who, &dataset).await?;
        Ok(v1::Empty {})
    }

    /// The committed shards, in order, with what is needed to decode them.
    pub(super) async fn dataset_shards(&self, who: &Principal, version: &v1::ReadVersion) -> Result<ShardFiles> {
        let dataset = self.catalog.get_training_dataset(who, &version.name, version.version).await?.value;
        let (manifest, generation) = self.manifest(&dataset).await?;
        let shards = manifest.shards.into_iter();
        let shards = shards.map(|shard| ShardFile { name: shard.name, rows: shard.rows, bytes: shard.bytes });
        let (data_format, compression) = (dataset.data_format(), dataset.compression());
        let features =
            dataset.features.into_iter().map(|feature| v1::Feature { description: String::new(), ..feature });
        let (shards, features) = (shards.collect(), features.collect());
        Ok(ShardFiles { folder: generation.folder, shards, data_format, compression, features })
    }

    pub(super) async fn manifest(&self, dataset: &v1::TrainingDataset) -> Result<(Manifest, v1::Generation)> {
        let Some(generation) = dataset.generation.clone() else {
            let title = format!("{}_{}", dataset.name, dataset.version);
            let message = format!("training dataset `{title}` has no committed shards yet: wait for its build");
            return Err(Error::not_found(message).reason("TrainingDatasetNotFound").named([title]));
        };
        let manifest = mangonel_storage::dataset::read_manifest(
            &self.warehouse,
            &generation.manifest,
            Some(&generation.manifest_digest),
        )
        .await?;
        Ok((manifest, generation))
    }
}

/// The format asked for; TFRecord unless said otherwise.
pub(super) fn data_format(request: &v1::CreateTrainingDataset) -> DataFormat {
    match request.data_format() {
        DataFormat::Unspecified => DataFormat::Tfrecord,
        format => format,
    }
}

pub(super) fn encoding(request: &v1::CreateTrainingDataset, pinned: &PinnedQuery) -> Result<ShardEncoding> {
    let compression = request.compression().into();
    match data_format(request) {
        DataFormat::Parquet => return Ok(ShardEncoding::Parquet),
        DataFormat::Csv => return Ok(ShardEncoding::Delimited { delimiter: Delimiter::Comma, compression }),
        DataFormat::Tsv => return Ok(ShardEncoding::Delimited { delimiter: Delimiter::Tab, compression }),
        DataFormat::Tfrecord | DataFormat::Unspecified => {}
    }
    let nulls = match request.null_policy() {
        NullPolicy::Default => Nulls::Default,
        NullPolicy::Omit => Nulls::Omit,
        NullPolicy::Error | NullPolicy::Unspecified => Nulls::Error,
    };
    if nulls == Nulls::Error {
        refuse_certain_nulls(pinned)?;
    }
    Ok(ShardEncoding::TfRecord {
        nulls,
        strict: request.strict,
        var_len_strings: request.string_features == "var_len",
        without_nulls: pinned.columns_without_nulls(),
        list_lengths: pinned.list_lengths(),
        compression,
    })
}

/// Nulls that the tables' logs already tell of are refused before any work.
fn refuse_certain_nulls(pinned: &PinnedQuery) -> Result<()> {
    let nulls = pinned.certain_nulls();
    if nulls.is_empty() {
        return Ok(());
    }
    let counts: Vec<String> = nulls.iter().map(|(column, count)| format!("`{column}` ({count})")).collect();
    let message = format!(
        "nulls in {}, which TFRecord cannot hold: choose a null policy, `default` (zero or empty) or `omit` (left out of \
         the record)",
        counts.join(", ")
    );
    Err(Error::invalid(message).reason("NullValues").named(nulls.into_keys()))
}
