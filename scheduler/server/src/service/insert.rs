//! Inserts: begin, receive parts, commit. Rows are staged as they come, then one leaf job hashes, sorts and writes them,
//! and one table commit makes them visible.

use std::{path::Path, sync::Arc};

use arrow::{
    ipc::{
        CompressionType,
        writer::{FileWriter, IpcWriteOptions},
    },
    record_batch::RecordBatch,
};
use futures::TryStreamExt;
use mangonel_operators::{
    error::to_wire,
    insert::{InsertPlan, StagedPart, TextRules},
    record::TaskRecord,
};
use mangonel_proto::{
    Error, Result,
    names::{Principal, RunId, shown},
    tickets::Grant,
    v1::{self, InsertMode, RunKind, RunState},
    wire,
};
use mangonel_storage::{
    shrinks::{bytes_of_rows, shrinks},
    table::{self, AddedFile, commit_insert},
};

use super::{FeatureStore, broken, run::RunResult, run_folder, run_id_or_new};
use crate::{
    engine::LeafJob,
    flight::Upload,
    pins::{Moment, pin},
    runs::LiveRun,
};

/// Bytes of rows in memory after which a part goes on in another staged file, so that many tasks can sort it.
const STAGED_FILE_BYTES: usize = 64 << 20;
/// Bytes of a bucket that are aimed at.
const BUCKET_BYTES: u64 = 64 << 20;
/// Tables below this are one bucket.
const UNBUCKETED_BYTES_MAX: u64 = 256 << 20;
/// Most buckets of a table.
const BUCKETS_MAX: u64 = 4096;

impl FeatureStore {
    /// Starts an insert.
    ///
    /// # Errors
    /// `not_found` for the group; `invalid_argument` for a mode or for sources.
    pub(crate) async fn begin_insert(
        &self,
        who: &Principal,
        request: v1::BeginInsert,
    ) -> Result<v1::BeginInsertResponse> {
        let group = self.catalog.get_feature_group(who, &request.feature_group, request.version).await?.value;
        if !request.sources.is_empty() {
            return Err(Error::invalid("this release takes rows as uploaded parts: upload the files"));
        }
        let run_id = run_id_or_new(&request.run_id)?;
        let (run, _) = self.begin_run(who, &run_id, RunKind::Insert, (&group.name, group.version)).await?;
        // Sent again for the latest version, it goes on with what was the latest then.
        if request.version != 0 && run.value.target_version != request.version {
            let inserts = format!("{}_{}", run.value.target_name, run.value.target_version);
            return Err(Error::conflict(format!("run id `{run_id}` inserts into `{inserts}`: choose a new one")));
        }
        if run.value.state() == RunState::Prepared {
            let detail = serde_json::to_vec(&request).map_err(|error| Error::internal(error.to_string()))?;
            self.warehouse.put_if_absent(&super::run::detail_path(run_id.as_str()), detail).await?;
        }
        let grant = Grant::Upload { run_id: run_id.to_string() };
        Ok(v1::BeginInsertResponse { upload_ticket: self.tickets.sign(who, grant)?, run: Some(run.value) })
    }

    /// Stages one part of an insert. The same part twice is kept once.
    ///
    /// # Errors
    /// `invalid_argument` for a part name or for malformed batches; nothing of the part is kept then.
    pub(crate) async fn receive_part(
        &self,
        who: &Principal,
        run_id: &str,
        part: &str,
        mut batches: Upload,
    ) -> Result<v1::StageReport> {
        check_part(part)?;
        let run_id = RunId::parse(run_id)?;
        let run = self.catalog.get_run(who, run_id.as_str()).await?.value;
        if run.state() != RunState::Prepared {
            return Err(Error::conflict(format!("run `{run_id}` has ended: begin a new insert")));
        }
        let folder = parts_folder(run_id.as_str());
        let marker = format!("{folder}/{part}.json");
        let mut staged =
            StagedFiles { store: self, prefix: format!("{folder}/{part}-{}", uuid::Uuid::new_v4()), done: Vec::new() };
        let mut rows = 0;
        let mut open: Option<StagedFile> = None;
        while let Some(batch) = batches.try_next().await? {
            rows += batch.num_rows() as u64;
            let mut file = match open.take() {
                Some(file) => file,
                None => StagedFile::create(&self.staging, &batch)?,
            };
            tokio::task::block_in_place(|| file.write(&batch))?;
            if file.written >= STAGED_FILE_BYTES { staged.close(file).await? } else { open = Some(file) }
        }
        if let Some(file) = open {
            staged.close(file).await?;
        }
        // A part without rows has no file, and arrived all the same.
        let done = staged.done;
        let bytes = done.iter().map(|(_, bytes)| bytes).sum();
        // The marker makes the part: of two uploads of one part the first one counts, whole.
        self.warehouse.put_if_absent(&marker, wire::to_body(&done)?).await?;
        let share = v1::WorkerShare { rows_written: rows, bytes_written: bytes, ..Default::default() };
        Ok(v1::StageReport { name: part.to_owned(), workers: vec![share], ..Default::default() })
    }

    /// Starts the run that lays out the uploaded rows and commits them; watch the run for the end.
    ///
    /// # Errors
    /// `not_found` for the run, `invalid_argument` for a part that did not arrive.
    pub(crate) async fn commit_insert(self: &Arc<Self>, who: &Principal, request: v1::CommitInsert) -> Result<v1::Run> {
        let run_id = RunId::parse(&request.run_id)?;
        let run = self.catalog.get_run(who, run_id.as_str()).await?;
        if run.value.state() != RunState::Prepared {
            return Ok(run.value);
        }
        let detail = self.warehouse.get(&super::run::detail_path(run_id.as_str())).await?;
        let begun: v1::BeginInsert = wire::from_body(&detail.ok_or_else(|| broken("an insert without a record"))?)?;
        let group = self.catalog.get_feature_group(who, &run.value.target_name, run.value.target_version).await?.value;
        let mut parts = request.parts;
        parts.sort();
        parts.dedup();
        let mut staged: Vec<(String, u64)> = Vec::new();
        let mut problems = Vec::new();
        for part in &parts {
            check_part(part)?;
            match self.warehouse.get(&format!("{}/{part}.json", parts_folder(run_id.as_str()))).await? {
                Some(files) => staged.extend(wire::from_body::<Vec<(String, u64)>>(&files)?),
                None => {
                    problems.push(Error::invalid(format!("part `{}` did not arrive: upload it again", shown(part))))
                }
            }
        }
        Error::all(problems)?;
        let Some(live) = self.live.enter(run_id.as_str(), 2) else { return Ok(run.value) };
        let answer = run.value.clone();
        let mode = begun.mode();
        self.spawn_run(who, run, live, |store, live| async move {
            let result = store.insert(&run_id, &group, mode, staged, &live).await;
            store.delete_parts(run_id.as_str()).await;
            Ok((result?, false))
        });
        Ok(answer)
    }

    async fn insert(
        &self,
        run_id: &RunId,
        group: &v1::FeatureGroup,
        mode: InsertMode,
        staged: Vec<(String, u64)>,
        live: &LiveRun,
    ) -> Result<RunResult> {
        live.step(format!("sorting rows of {}_{}", group.name, group.version), 0);
        let table = pin(&self.warehouse, group, Moment::Latest).await?;
        let incoming: u64 = staged.iter().map(|(_, bytes)| *bytes).sum();
        let before = if mode == InsertMode::Overwrite { 0 } else { table.bytes() };
        let mut parts = Vec::with_capacity(staged.len());
        for (path, bytes) in staged {
            parts.push(self.staged_part(path, bytes).await?);
        }
        let plan = InsertPlan {
            run_id: run_id.clone(),
            location: group.location.clone(),
            features: group.features.clone(),
            primary_key: group.primary_key.clone(),
            event_time: Some(group.event_time.clone()).filter(|name| !name.is_empty()),
            partition_by: group.partition_by.clone(),
            buckets: bucket_count(before + incoming, incoming / table.partitions().max(1) as u64),
            parts,
            tasks: self.engine.slots(),
        };
        let mut files: Vec<AddedFile> = Vec::new();
        if !plan.parts.is_empty() {
            let outcome = self.run_job(live, || async {
                let name = format!("sort and write {}_{}", group.name, group.version);
                let plan = plan.plan().map_err(|error| to_wire(&error))?;
                let plan = plan.ok_or_else(|| broken("an insert with parts has no plan"))?;
                Ok(LeafJob { name, run_id: run_id.to_string(), plan })
            });
            let outcome = outcome.await?;
            for record in outcome.records {
                let TaskRecord::File(written) = record else { return Err(broken("an insert wrote something else")) };
                files.push(written.file);
            }
        }
        self.check_cancelled(run_id.as_str())?;
        live.step("committing", 0);
        let (rows, bytes) = (files.iter().map(|file| file.rows).sum(), files.iter().map(|file| file.size).sum());
        let mode = match mode {
            InsertMode::Overwrite => table::InsertMode::Overwrite,
            _ => table::InsertMode::Append,
        };
        let outcome = commit_insert(&self.warehouse, &group.location, run_id, mode, files).await?;
        Ok(RunResult { rows, bytes, table_version: outcome.version.unwrap_or_default() })
    }

    /// Reads the schema of a staged part; text parts carry their rules in its metadata.
    async fn staged_part(&self, path: String, bytes: u64) -> Result<StagedPart> {
        let schema = mangonel_operators::insert::staged_schema(&self.warehouse, &path).await?;
        let text = match schema.metadata().get(wire::TEXT_METADATA) {
            None => None,
            Some(nulls) => {
                let nulls = serde_json::from_str(nulls)
                    .map_err(|error| Error::invalid(format!("`{}` of the data: {error}", wire::TEXT_METADATA)))?;
                Some(TextRules { nulls })
            }
        };
        Ok(StagedPart { path, bytes, schema, text })
    }

    /// Removes what was uploaded for an insert that has ended.
    pub(super) async fn delete_parts(&self, run_id: &str) {
        let folder = parts_folder(run_id);
        let Ok(parts) = self.warehouse.list(&folder).await else { return };
        for path in parts.keys() {
            if let Err(error) = self.warehouse.delete(path).await {
                tracing::warn!(run = run_id, %error, "a staged part stayed behind");
            }
        }
    }
}

fn parts_folder(run_id: &str) -> String {
    format!("{}/parts", run_folder(run_id))
}

/// The files of one part on their way into the warehouse.
struct StagedFiles<'a> {
    store: &'a FeatureStore,
    prefix: String,
    /// Path and bytes of each.
    done: Vec<(String, u64)>,
}

impl StagedFiles<'_> {
    async fn close(&mut self, file: StagedFile) -> Result<()> {
        let path = format!("{}-{:05}.arrow", self.prefix, self.done.len());
        let file = file.finish()?;
        let bytes = file.as_file().metadata().map_or(0, |metadata| metadata.len());
        self.store.warehouse.publish_local(file.path(), &path).await?;
        self.done.push((path, bytes));
        Ok(())
    }
}

/// One Arrow file that is being written in the staging folder, compressed where that makes it smaller.
struct StagedFile {
    file: tempfile::NamedTempFile,
    writer: FileWriter<std::io::BufWriter<std::fs::File>>,
    /// Bytes in memory of the batches so far.
    written: usize,
}

impl StagedFile {
    /// For rows like those of `first`, which is not written yet.
    fn create(folder: &Path, first: &RecordBatch) -> Result<Self> {
        let mut builder = tempfile::Builder::new();
        // It becomes a file of the warehouse, which other users may have to read.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let file = builder.tempfile_in(folder).map_err(|error| staging(&error))?;
        let handle = file.reopen().map_err(|error| staging(&error))?;
        let compression = shrinks(first)?.then_some(CompressionType::LZ4_FRAME);
        let options = IpcWriteOptions::default().try_with_compression(compression);
        let options = options.map_err(|error| staging(&error))?;
        let handle = std::io::BufWriter::with_capacity(1 << 20, handle);
        let writer = FileWriter::try_new_with_options(handle, first.schema_ref(), options);
        Ok(Self { file, writer: writer.map_err(|error| staging(&error))?, written: 0 })
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.written += bytes_of_rows(batch)?;
        self.writer.write(batch).map_err(|error| staging(&error))
    }

    fn finish(mut self) -> Result<tempfile::NamedTempFile> {
        self.writer.finish().map_err(|error| staging(&error))?;
        Ok(self.file)
    }
}

fn staging(error: &dyn std::fmt::Display) -> Error {
    Error::internal(format!("staging uploaded rows: {error}"))
}

/// A part's name becomes part of a path.
fn check_part(part: &str) -> Result<()> {
    let valid = !part.is_empty()
        && part.len() <= 128
        && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if valid {
        return Ok(());
    }
    Err(Error::invalid(format!("part name `{}` must hold 1 to 128 letters, digits, `-` and `_`", shown(part))))
}

/// Buckets for a table of `total` bytes: 1 when small, else a power of two. An insert that would make files of less than
/// 4 MiB each goes into fewer buckets; a later compaction spreads it. `incoming`: bytes for each partition.
fn bucket_count(total: u64, incoming: u64) -> u32 {
    if total < UNBUCKETED_BYTES_MAX {
        return 1;
    }
    let wanted = (total / BUCKET_BYTES).clamp(1, BUCKETS_MAX).next_power_of_two();
    let worthwhile = (incoming / (4 << 20)).max(1);
    let worthwhile = if worthwhile.is_power_of_two() { worthwhile } else { worthwhile.next_power_of_two() / 2 };
    wanted.min(worthwhile) as u32
}
