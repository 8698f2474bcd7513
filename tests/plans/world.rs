//! A warehouse and a session for plans without a server: run them, and send them through the codec.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use arrow::{datatypes::SchemaRef, ipc::writer::FileWriter, record_batch::RecordBatch};
use datafusion::{
    execution::TaskContext,
    physical_plan::{ExecutionPlan, ExecutionPlanProperties},
    prelude::SessionContext,
};
use datafusion_proto::bytes::{
    physical_plan_from_bytes_with_extension_codec, physical_plan_to_bytes_with_extension_codec,
};
use futures::TryStreamExt;
use mangonel_operators::{
    codec::MangonelCodec,
    insert::{InsertPlan, Origin, StagedPart},
    record::{TaskRecord, read_records},
    result_writer::ResultFolder,
    scan::{FileColumns, GROUP_TIES, LaneScan, ScannedFile},
    session::{runtime, session_config, session_state},
};
use mangonel_proto::{names::RunId, v1};
use mangonel_storage::{
    hash::hash_range_of,
    table::{AddedFile, InsertMode, commit_insert, create_table, open_table},
    types::arrow_schema,
    warehouse::Warehouse,
};
use tempfile::TempDir;

pub(super) struct World {
    pub warehouse: Arc<Warehouse>,
    folder: TempDir,
}

impl World {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let warehouse = Warehouse::open(&folder.path().join("warehouse").display().to_string(), true).await.unwrap();
        Self { warehouse: Arc::new(warehouse), folder }
    }

    pub(super) fn context(&self) -> Arc<TaskContext> {
        let runtime = runtime(&self.warehouse, 256 << 20, 2, self.folder.path()).unwrap();
        let results = Arc::new(ResultFolder(self.results()));
        let config = session_config("", 4).with_extension(Arc::clone(&self.warehouse)).with_extension(results);
        SessionContext::new_with_state(session_state(config, runtime)).task_ctx()
    }

    /// Where results of reads are kept.
    pub(super) fn results(&self) -> PathBuf {
        self.folder.path().join("results")
    }

    /// The plan as an executor gets it.
    pub(super) fn shipped(&self, plan: &Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
        let codec = MangonelCodec::default();
        let bytes = physical_plan_to_bytes_with_extension_codec(Arc::clone(plan), &codec).unwrap();
        physical_plan_from_bytes_with_extension_codec(&bytes, &self.context(), &codec).unwrap()
    }

    /// Rows of every partition; all run at the same time, on all threads.
    pub(super) async fn run(&self, plan: &Arc<dyn ExecutionPlan>) -> Vec<RecordBatch> {
        let context = self.context();
        let partitions = 0..plan.output_partitioning().partition_count();
        let tasks: Vec<_> = partitions
            .map(|partition| {
                let (plan, context) = (Arc::clone(plan), Arc::clone(&context));
                tokio::spawn(async move {
                    let stream = plan.execute(partition, context).unwrap();
                    let schema = stream.schema();
                    let batches: Vec<RecordBatch> = stream.try_collect().await.unwrap();
                    arrow::compute::concat_batches(&schema, &batches).unwrap()
                })
            })
            .collect();
        let mut rows = Vec::new();
        for task in tasks {
            rows.push(task.await.unwrap());
        }
        rows
    }

    pub(super) async fn records(&self, plan: &Arc<dyn ExecutionPlan>) -> Vec<TaskRecord> {
        let records: Vec<TaskRecord> =
            self.run(plan).await.iter().flat_map(|batch| read_records(batch).unwrap()).collect();
        let ended = records.iter().filter(|record| matches!(record, TaskRecord::Done(_))).count();
        assert_eq!(ended, plan.output_partitioning().partition_count(), "every partition says that it has ended");
        records.into_iter().filter(|record| !matches!(record, TaskRecord::Done(_))).collect()
    }

    pub(super) async fn create(&self, group: &v1::CreateFeatureGroup) -> String {
        let location = format!("football/football_featurestore.db/{}_1", group.name);
        let schema = arrow_schema(&group.features).unwrap();
        create_table(&self.warehouse, &location, &schema, &[], &BTreeMap::new()).await.unwrap();
        location
    }

    /// The plan of an insert of `parts`, not run yet.
    pub(super) async fn insert_plan(
        &self,
        group: &v1::CreateFeatureGroup,
        run_id: &str,
        buckets: u32,
        parts: Vec<RecordBatch>,
    ) -> Arc<dyn ExecutionPlan> {
        let mut staged = Vec::new();
        for (index, part) in parts.into_iter().enumerate() {
            let mut writer = FileWriter::try_new(Vec::new(), &part.schema()).unwrap();
            writer.write(&part).unwrap();
            let bytes = writer.into_inner().unwrap();
            let path = format!("_runs/{run_id}/parts/{index}.arrow");
            let size = bytes.len() as u64;
            self.warehouse.put(&path, bytes).await.unwrap();
            staged.push(StagedPart { path, bytes: size, schema: part.schema(), text: None, origin: Origin::default() });
        }
        let plan = InsertPlan {
            run_id: RunId::parse(run_id).unwrap(),
            location: format!("football/football_featurestore.db/{}_1", group.name),
            features: group.features.clone(),
            primary_key: group.primary_key.clone(),
            event_time: Some(group.event_time.clone()).filter(|name| !name.is_empty()),
            partition_by: Vec::new(),
            buckets,
            parts: staged,
            tasks: 3,
        };
        plan.plan().unwrap().unwrap()
    }

    /// Inserts `parts` as files of `buckets` buckets.
    pub(super) async fn insert(
        &self,
        group: &v1::CreateFeatureGroup,
        run_id: &str,
        buckets: u32,
        parts: Vec<RecordBatch>,
    ) {
        let plan = self.insert_plan(group, run_id, buckets, parts).await;
        let files = files(self.records(&self.shipped(&plan)).await);
        let location = format!("football/football_featurestore.db/{}_1", group.name);
        let run_id = RunId::parse(run_id).unwrap();
        commit_insert(
            &self.warehouse,
            &location,
            &run_id,
            InsertMode::Append,
            &arrow_schema(&group.features).unwrap(),
            files,
        )
        .await
        .unwrap();
    }

    /// A scan of the latest version of a group.
    pub(super) async fn scan(&self, group: &v1::CreateFeatureGroup, lane_starts: Vec<u64>, latest: bool) -> LaneScan {
        let location = format!("football/football_featurestore.db/{}_1", group.name);
        let snapshot = open_table(&self.warehouse, &location, None).await.unwrap().snapshot().unwrap();
        let files = snapshot.files.iter().map(|file| ScannedFile {
            path: file.path.clone(),
            bytes: file.size,
            hashes: hash_range_of(file.tags.bucket.unwrap(), file.tags.buckets.unwrap()),
            commit: Some(file.tags.commit.unwrap()),
            partition: Vec::new(),
        });
        LaneScan {
            file_columns: FileColumns::stored(file_schema(&group.features)),
            files: files.collect(),
            keys: group.primary_key.clone(),
            event_time: Some(group.event_time.clone()).filter(|name| !name.is_empty()),
            ties: GROUP_TIES.map(str::to_owned).into(),
            columns: group.features.iter().map(|feature| feature.name.clone()).collect(),
            lane_starts,
            latest,
            everywhere: false,
        }
    }
}

pub(super) fn files(records: Vec<TaskRecord>) -> Vec<AddedFile> {
    let file = |record| match record {
        TaskRecord::File(file) => file.file,
        other => panic!("an insert gave {other:?}"),
    };
    records.into_iter().map(file).collect()
}

fn file_schema(features: &[v1::Feature]) -> SchemaRef {
    let mut fields: Vec<_> = arrow_schema(features).unwrap().fields().iter().cloned().collect();
    let digest = arrow::datatypes::DataType::FixedSizeBinary(16);
    fields.push(Arc::new(arrow::datatypes::Field::new(mangonel_operators::columns::DIGEST, digest, true)));
    Arc::new(arrow::datatypes::Schema::new(fields))
}

/// First hashes of `lanes` lanes of equal width.
pub(super) fn equal_lanes(lanes: u32) -> Vec<u64> {
    (0..lanes).map(|lane| if lane == 0 { 0 } else { (u64::MAX / u64::from(lanes) + 1) * u64::from(lane) }).collect()
}
