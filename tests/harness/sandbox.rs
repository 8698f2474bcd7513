//! A store of its own for one test, and the few verbs that scenarios are written in.

use std::{
    collections::BTreeMap,
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow::{datatypes::SchemaRef, record_batch::RecordBatch};
use futures::{StreamExt, TryStreamExt, stream};
use mangonel_client::{InsertParts, MangonelClient};
use mangonel_proto::{
    Error, Result,
    v1::{self, RunState},
    wire::{self, Command},
};
use mangonel_scheduler::{CatalogOptions, EngineOptions, Limits, Server, ServerOptions, SqlOptions};
use mangonel_storage::{dataset::Manifest, types::arrow_schema};
use mangonel_tfrecord::{BatchReader, EncodeOptions, ExampleSchema};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use tempfile::TempDir;

use super::tables::whole;

/// An empty project on a running server, which may be its own.
pub(crate) struct Sandbox {
    client: MangonelClient,
    url: String,
    project: String,
    warehouse: PathBuf,
    own: Option<(Server, TempDir)>,
}

impl Sandbox {
    /// A server in this process, two threads, 512 MiB.
    pub(crate) async fn local() -> Self {
        Self::local_of(2, 512 << 20).await
    }

    /// A server in this process with this many threads and bytes for the work on data.
    pub(crate) async fn local_of(threads: usize, memory_bytes: usize) -> Self {
        Self::local_with(threads, memory_bytes, 64 << 20, Limits::default()).await
    }

    /// A server in this process that routes rows wherever a join could move them.
    pub(crate) async fn local_that_routes() -> Self {
        Self::local_with(2, 512 << 20, 0, Limits::default()).await
    }

    /// A server in this process that works on so much at the same time, and routes rows wherever a join could move them.
    pub(crate) async fn local_limited(limits: Limits) -> Self {
        Self::local_with(2, 512 << 20, 0, limits).await
    }

    /// A server in this process whose queries are bounded so.
    pub(crate) async fn local_of_sql(sql: SqlOptions) -> Self {
        Self::local_on(2, 512 << 20, 64 << 20, Limits::default(), sql).await
    }

    async fn local_with(threads: usize, memory_bytes: usize, broadcast_bytes_max: u64, limits: Limits) -> Self {
        Self::local_on(threads, memory_bytes, broadcast_bytes_max, limits, SqlOptions::default()).await
    }

    async fn local_on(
        threads: usize,
        memory_bytes: usize,
        broadcast_bytes_max: u64,
        limits: Limits,
        sql: SqlOptions,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = ServerOptions {
            data_dir: folder.path().to_owned(),
            flight: ([127, 0, 0, 1], 0).into(),
            http: ([127, 0, 0, 1], 0).into(),
            warehouse: None,
            memory_bytes,
            broadcast_bytes_max,
            compact_after: 16,
            import_roots: Vec::new(),
            sql,
            catalog: CatalogOptions::Embedded,
            engine: EngineOptions::Local { threads },
            limits,
        };
        let server = Box::pin(Server::start(options)).await.unwrap();
        let url = format!("grpc://{}", server.flight());
        let sandbox = Self::on(&url, "football", &folder.path().join("warehouse")).await.unwrap();
        Self { own: Some((server, folder)), ..sandbox }
    }

    /// A new project on a server that somebody else keeps running.
    ///
    /// # Errors
    /// When it does not answer, or has that project.
    pub(crate) async fn on(url: &str, project: &str, warehouse: &Path) -> Result<Self> {
        let client = MangonelClient::connect(url, project).await?;
        client.call(v1::CreateProject { name: project.into(), description: String::new() }).await?;
        Ok(Self { client, url: url.into(), project: project.into(), warehouse: warehouse.into(), own: None })
    }

    /// A project that is there, on a server that somebody else keeps running.
    pub(crate) async fn at(url: &str, project: &str, warehouse: &Path) -> Self {
        let client = MangonelClient::connect(url, project).await.unwrap();
        Self { client, url: url.into(), project: project.into(), warehouse: warehouse.into(), own: None }
    }

    /// The same project after its server was started again.
    pub(crate) async fn connected_again(self) -> Self {
        let client = MangonelClient::connect(&self.url, &self.project).await.unwrap();
        Self { client, ..self }
    }

    /// Ends the server, if it is its own.
    pub(crate) async fn stop(self) {
        if let Some((server, _folder)) = self.own {
            server.stop().await;
        }
    }

    pub(crate) fn client(&self) -> &MangonelClient {
        &self.client
    }

    pub(crate) async fn client_of(&self, project: &str) -> Result<MangonelClient> {
        MangonelClient::connect(&self.url, project).await
    }

    /// Folder of a server of its own, for catalog, warehouse and spilled data.
    pub(crate) fn folder(&self) -> PathBuf {
        self.warehouse.parent().unwrap().to_owned()
    }

    pub(crate) fn warehouse(&self) -> &Path {
        &self.warehouse
    }

    pub(crate) fn project(&self) -> &str {
        &self.project
    }

    pub(crate) async fn create(&self, group: v1::CreateFeatureGroup) -> v1::FeatureGroup {
        self.client.call(group).await.unwrap()
    }

    /// Creates a group and fills it with one insert.
    pub(crate) async fn create_filled(&self, group: v1::CreateFeatureGroup, rows: RecordBatch) {
        let created = self.create(group).await;
        self.insert(&created.name, rows).await;
    }

    /// Appends rows to the latest version, as one part.
    pub(crate) async fn insert(&self, group: &str, rows: RecordBatch) -> v1::Run {
        self.try_insert(group, rows).await.unwrap()
    }

    /// [`Sandbox::insert`] that may fail.
    ///
    /// # Errors
    /// What the call or the run failed with.
    pub(crate) async fn try_insert(&self, group: &str, rows: RecordBatch) -> Result<v1::Run> {
        self.insert_as(begin(group), vec![rows]).await
    }

    /// An insert with one part per batch.
    ///
    /// # Errors
    /// As [`Sandbox::try_insert`].
    pub(crate) async fn insert_as(&self, begin: v1::BeginInsert, parts: Vec<RecordBatch>) -> Result<v1::Run> {
        let insert = self.client.begin_insert(begin).await?;
        for (index, part) in parts.into_iter().enumerate() {
            upload(&insert, &format!("part-{index}"), part).await?;
        }
        let run = insert.commit().await?;
        self.end_of(&run.id).await
    }

    /// Waits until a run has ended.
    ///
    /// # Errors
    /// What it failed with, unless it has committed.
    pub(crate) async fn end_of(&self, run_id: &str) -> Result<v1::Run> {
        let progress = self.client.watch(run_id).await?;
        let _all: Vec<v1::RunProgress> = progress.try_collect().await?;
        let run = self.run(run_id).await;
        match run.state() {
            RunState::Committed => Ok(run),
            RunState::Cancelled => Err(Error::cancelled(run.error)),
            _ => Err(run.failure.map_or_else(|| Error::internal(run.error), Error::from_message)),
        }
    }

    pub(crate) async fn run(&self, run_id: &str) -> v1::Run {
        self.show_run(run_id).await.run.unwrap()
    }

    pub(crate) async fn show_run(&self, run_id: &str) -> v1::RunDetail {
        self.client.call(wire::ShowRun(v1::RunRef { run_id: run_id.into() })).await.unwrap()
    }

    pub(crate) async fn show_group(&self, name: &str) -> v1::FeatureGroupDetail {
        self.client.call(wire::ShowFeatureGroup(version_of(name))).await.unwrap()
    }

    /// All rows of the latest version of a group.
    pub(crate) async fn rows(&self, group: &str) -> RecordBatch {
        let kind = v1::DependencyKind::FeatureGroup.into();
        self.read(Command::Read(v1::ReadVersion { kind, name: group.into(), ..Default::default() })).await.unwrap()
    }

    /// All rows of the latest version of a training dataset.
    pub(crate) async fn dataset_rows(&self, name: &str) -> RecordBatch {
        let kind = v1::DependencyKind::TrainingDataset.into();
        self.read(Command::Read(v1::ReadVersion { kind, name: name.into(), ..Default::default() })).await.unwrap()
    }

    /// The answer to a feature request.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub(crate) async fn ask(&self, request: v1::FeatureRequest) -> Result<RecordBatch> {
        self.read(Command::Features(request)).await
    }

    /// # Errors
    /// What the server refuses the read with, or breaks it off with.
    pub(crate) async fn read(&self, command: Command) -> Result<RecordBatch> {
        let read = self.client.read(&command).await?;
        let schema = SchemaRef::clone(&read.schema);
        let batches: Vec<RecordBatch> = read.stream().try_collect().await?;
        for batch in &batches {
            assert_eq!(batch.schema().fields(), schema.fields(), "the stream has another schema than was announced");
        }
        Ok(whole(&schema, &batches))
    }

    /// Builds a training dataset and waits for its end.
    pub(crate) async fn build(&self, create: v1::CreateTrainingDataset) -> Built {
        self.try_build(create).await.unwrap()
    }

    /// # Errors
    /// What the request or the build failed with.
    pub(crate) async fn try_build(&self, create: v1::CreateTrainingDataset) -> Result<Built> {
        let answer = self.client.call(create).await?;
        self.end_of_build(&answer.run.unwrap().id).await
    }

    /// Starts a build and gives the id of its run.
    pub(crate) async fn start(&self, create: v1::CreateTrainingDataset) -> String {
        self.client.call(create).await.unwrap().run.unwrap().id
    }

    /// Waits until a build has ended.
    ///
    /// # Errors
    /// As [`Sandbox::end_of`].
    pub(crate) async fn end_of_build(&self, run_id: &str) -> Result<Built> {
        let run = self.end_of(run_id).await?;
        let version = v1::VersionRef { name: run.target_name.clone(), version: run.target_version };
        let detail = self.client.call(wire::ShowTrainingDataset(version)).await?;
        let manifest = serde_json::from_str(&detail.manifest).unwrap();
        let folder = PathBuf::from(&detail.path);
        Ok(Built { run, dataset: detail.training_dataset.clone().unwrap(), detail, manifest, folder })
    }

    pub(crate) async fn verify(&self, dataset: &str) -> v1::VerifyReport {
        self.client.call(wire::VerifyTrainingDataset(version_of(dataset))).await.unwrap()
    }
}

/// Executors that had a part in the last stage of a run, in order.
pub(crate) fn workers(run: &v1::RunDetail) -> Vec<String> {
    let mut workers: Vec<String> =
        run.stages.last().unwrap().workers.iter().map(|share| share.worker.clone()).collect();
    workers.sort();
    workers
}

/// The latest version of something.
pub(crate) fn version_of(name: &str) -> v1::VersionRef {
    v1::VersionRef { name: name.into(), version: 0 }
}

/// An insert that appends to the latest version.
pub(crate) fn begin(group: &str) -> v1::BeginInsert {
    v1::BeginInsert { feature_group: group.into(), mode: v1::InsertMode::Append.into(), ..Default::default() }
}

/// Sends one part of one batch.
///
/// # Errors
/// What the server answers.
pub(crate) async fn upload(insert: &InsertParts, part: &str, rows: RecordBatch) -> Result<()> {
    // Messages have a size limit, as those of every client do.
    let slices = (0..rows.num_rows().max(1)).step_by(8192);
    let slices: Vec<RecordBatch> = slices.map(|first| rows.slice(first, 8192.min(rows.num_rows() - first))).collect();
    insert.upload(part, rows.schema(), stream::iter(slices).map(Ok)).await
}

/// A training dataset that was built.
pub(crate) struct Built {
    pub run: v1::Run,
    pub dataset: v1::TrainingDataset,
    pub detail: v1::TrainingDatasetDetail,
    pub manifest: Manifest,
    pub folder: PathBuf,
}

impl Built {
    /// Rows of one shard, in order, as the types of the features.
    pub(crate) fn shard(&self, shard: usize) -> RecordBatch {
        let schema = arrow_schema(&self.dataset.features).unwrap();
        let file = File::open(self.folder.join(&self.manifest.shards[shard].name)).unwrap();
        if self.dataset.data_format() == v1::DataFormat::Parquet {
            let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
            let schema = Arc::clone(reader.schema());
            let batches: Vec<RecordBatch> = reader.build().unwrap().map(|batch| batch.unwrap()).collect();
            return whole(&schema, &batches);
        }
        let examples = Arc::new(ExampleSchema::plan(&schema, &EncodeOptions::default()).unwrap());
        let reader = BatchReader::new(BufReader::new(file), examples, 1000);
        let schema = reader.schema();
        let batches: Vec<RecordBatch> = reader.map(|batch| batch.unwrap()).collect();
        whole(&schema, &batches)
    }

    /// Rows of all shards, shard after shard.
    pub(crate) fn rows(&self) -> RecordBatch {
        let shards: Vec<RecordBatch> = (0..self.manifest.shards.len()).map(|shard| self.shard(shard)).collect();
        whole(&shards[0].schema(), &shards)
    }

    /// Name and bytes of every file that a reader of the folder would take for a shard.
    pub(crate) fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let entries = std::fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap());
        let named = entries.map(|entry| (entry.file_name().into_string().unwrap(), entry.path()));
        let shards = named.filter(|(name, _)| name.starts_with("part-"));
        shards.map(|(name, path)| (name, std::fs::read(path).unwrap())).collect()
    }
}
