//! Inserts: begin, receive parts, commit. Rows are staged as they come, then one leaf job hashes, sorts and writes them,
//! and one table commit makes them visible.

use std::{path::Path, sync::Arc};

use arrow::{
    datatypes::{FieldRef, Schema},
    error::ArrowError,
    ipc::{
        CompressionType,
        writer::{FileWriter, IpcWriteOptions},
    },
    record_batch::RecordBatch,
};
use futures::TryStreamExt;
use mangonel_catalog::Versioned;
use mangonel_operators::{
    error::{full_work_folder, to_wire},
    insert::{InsertPlan, Origin, StagedPart, TextRules},
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
    conform::{Conformer, Input, Keys},
    files::{Dialect, FileFormat, Reading, no_progress},
    full_disk::is_for_want_of_room,
    table::{self, AddedFile, commit_insert},
    types::arrow_schema,
};
use serde::{Deserialize, Serialize};

use super::{FeatureStore, broken, run::RunResult, run_folder, run_id_or_new};
use crate::{
    admission::Place,
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
    /// `not_found` for the group; `invalid_argument` and `permission_denied` for a mode or for sources, all problems at once.
    pub(crate) async fn begin_insert(
        &self,
        who: &Principal,
        request: v1::BeginInsert,
    ) -> Result<v1::BeginInsertResponse> {
        let group = self.catalog.get_feature_group(who, &request.feature_group, request.version).await?.value;
        self.check_sources(&request, &group).await?;
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
        mut upload: Upload,
    ) -> Result<v1::StageReport> {
        check_part(part)?;
        let run_id = RunId::parse(run_id)?;
        // Before the look at the run: what is being uploaded is not taken for abandoned.
        let _use = self.uploads.enter(run_id.as_str());
        let run = self.catalog.get_run(who, run_id.as_str()).await?.value;
        if run.state() != RunState::Prepared {
            return Err(Error::conflict(format!("run `{run_id}` has ended: begin a new insert")));
        }
        let folder = parts_folder(run_id.as_str());
        let mut staged = StagedFiles::new(self, &folder, part);
        let received = async {
            while let Some(batch) = upload.batches.try_next().await? {
                staged.write(&batch).await?;
            }
            staged.finish().await
        };
        if let Err(error) = received.await {
            // Nobody will name these.
            staged.remove().await;
            return Err(error);
        }
        let (files, rows) = (staged.done, staged.rows);
        if rows == 0 {
            let group = self.catalog.get_feature_group(who, &run.target_name, run.target_version).await?.value;
            check_names(&group, &upload.schema)?;
        }
        self.metrics.rows_uploaded.inc_by(rows);
        let bytes = files.iter().map(|file| file.bytes).sum();
        // The marker makes the part: of two uploads of one part the first one counts, whole. A part without rows has no file,
        // and arrived all the same.
        self.warehouse.put_if_absent(&format!("{folder}/{part}.json"), wire::to_body(&files)?).await?;
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
        let group = self.catalog.get_feature_group(who, &run.value.target_name, run.value.target_version).await?.value;
        let mut parts = request.parts;
        parts.sort();
        parts.dedup();
        if !parts.is_empty() && !self.begun(&run_id).await?.sources.is_empty() {
            return Err(Error::invalid("this insert is of files that the server reads: it takes no parts"));
        }
        if self.live.get(run_id.as_str()).is_some() {
            // It is at work, or about to end, and its parts may be gone already.
            return Ok(run.value);
        }
        let staged = match self.staged(&run_id, &parts).await {
            Ok(staged) => staged,
            Err(error) => {
                // It may have ended at this moment.
                let now = self.catalog.get_run(who, run_id.as_str()).await?.value;
                return if now.state() == RunState::Prepared { Err(error) } else { Ok(now) };
            }
        };
        let place = self.admission.enter()?;
        // From now on the insert goes on after a restart. Of two commits the first one counts.
        let path = commit_path(run_id.as_str());
        let staged = match self.warehouse.put_if_absent(&path, wire::to_body(&parts)?).await? {
            true => staged,
            false => self.asked(&run_id).await?.unwrap_or(staged),
        };
        let answer = run.value.clone();
        self.work_on_insert(who, run, group, staged, place).await?;
        Ok(answer)
    }

    /// Goes on with an insert of a stopped server whose commit was asked for; `false` for another one, and for one whose
    /// parts are gone: it was about to end.
    pub(super) async fn resume_insert(
        self: &Arc<Self>,
        who: &Principal,
        run: &Versioned<v1::Run>,
        group: &v1::FeatureGroup,
    ) -> Result<bool> {
        let staged = match self.asked(&RunId::parse(&run.value.id)?).await {
            Ok(Some(staged)) => staged,
            Ok(None) => return Ok(false),
            Err(error) if error.is_transient() => return Err(error),
            Err(_) => return Ok(false),
        };
        self.work_on_insert(who, run.clone(), group.clone(), staged, self.admission.enter_again()).await?;
        Ok(true)
    }

    /// The request that began an insert.
    async fn begun(&self, run_id: &RunId) -> Result<v1::BeginInsert> {
        let detail = self.warehouse.get(&super::run::detail_path(run_id.as_str())).await?;
        wire::from_body(&detail.ok_or_else(|| broken("an insert without a record"))?)
    }

    /// What the commit of an insert takes, if it was asked for.
    async fn asked(&self, run_id: &RunId) -> Result<Option<Vec<StagedRows>>> {
        let Some(parts) = self.warehouse.get(&commit_path(run_id.as_str())).await? else { return Ok(None) };
        let parts: Vec<String> = wire::from_body(&parts)?;
        self.staged(run_id, &parts).await.map(Some)
    }

    /// Files of the named parts, and their bytes.
    async fn staged(&self, run_id: &RunId, parts: &[String]) -> Result<Vec<StagedRows>> {
        let mut staged: Vec<StagedRows> = Vec::new();
        let mut problems = Vec::new();
        for part in parts {
            check_part(part)?;
            match self.warehouse.get(&format!("{}/{part}.json", parts_folder(run_id.as_str()))).await? {
                Some(files) => staged.extend(wire::from_body::<Vec<StagedRows>>(&files)?),
                None => {
                    problems.push(Error::invalid(format!("part `{}` did not arrive: upload it again", shown(part))))
                }
            }
        }
        Error::all(problems)?;
        Ok(staged)
    }

    async fn work_on_insert(
        self: &Arc<Self>,
        who: &Principal,
        run: Versioned<v1::Run>,
        group: v1::FeatureGroup,
        mut staged: Vec<StagedRows>,
        place: Place,
    ) -> Result<()> {
        let run_id = RunId::parse(&run.value.id)?;
        let begun = self.begun(&run_id).await?;
        let steps = if begun.sources.is_empty() { 2 } else { 3 };
        let Some(live) = self.live.enter(run_id.as_str(), steps) else { return Ok(()) };
        let (name, version) = (group.name.clone(), group.version);
        let ended = self.spawn_run(who, run, live, place, move |store, live| async move {
            staged.extend(store.stage_sources(&run_id, &group, &begun, &live).await?);
            Ok((store.insert(&run_id, &group, begun.mode(), staged, &live).await?, false))
        });
        let (store, who) = (Arc::clone(self), who.clone());
        tokio::spawn(async move {
            if ended.await.is_ok_and(|state| state == RunState::Committed) {
                store.compact_if_layered(&who, &name, version).await;
            }
        });
        Ok(())
    }

    async fn insert(
        &self,
        run_id: &RunId,
        group: &v1::FeatureGroup,
        mode: InsertMode,
        staged: Vec<StagedRows>,
        live: &LiveRun,
    ) -> Result<RunResult> {
        live.step(format!("sorting rows of {}_{}", group.name, group.version), 0);
        let table = pin(&self.warehouse, group, Moment::Latest).await?;
        let incoming: u64 = staged.iter().map(|file| file.bytes).sum();
        let before = if mode == InsertMode::Overwrite { 0 } else { table.bytes() };
        let mut parts = Vec::with_capacity(staged.len());
        for file in staged {
            parts.push(self.staged_part(file).await?);
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
        let columns = arrow_schema(&group.features)?;
        let outcome = commit_insert(&self.warehouse, &group.location, run_id, mode, &columns, files).await?;
        Ok(RunResult { rows, bytes, table_version: outcome.version.unwrap_or_default() })
    }

    /// Checks what can be checked of the files that an insert is to read, before there is a run.
    async fn check_sources(&self, request: &v1::BeginInsert, group: &v1::FeatureGroup) -> Result<()> {
        if request.sources.is_empty() {
            return match &request.reading {
                None => Ok(()),
                Some(_) => {
                    Err(Error::invalid("`reading` is for `sources`: uploaded parts say themselves how they are read"))
                }
            };
        }
        reading_of(request, group)?;
        let mut problems = Vec::new();
        for file in self.imports.find(&request.sources).await? {
            // What is in an object store was seen there just now.
            if file.is_local() {
                problems.extend(self.imports.input(&file, &self.staging).await.err());
            }
        }
        Error::all(problems)
    }

    /// Reads the files of an insert into staged ones, as if they had been uploaded; memory holds a batch of each.
    async fn stage_sources(
        &self,
        run_id: &RunId,
        group: &v1::FeatureGroup,
        begun: &v1::BeginInsert,
        live: &LiveRun,
    ) -> Result<Vec<StagedRows>> {
        if begun.sources.is_empty() {
            return Ok(Vec::new());
        }
        let files = self.imports.find(&begun.sources).await?;
        live.step(format!("reading {} files", files.len()), 0);
        let reading = reading_of(begun, group)?;
        let mut all = Vec::new();
        for (index, file) in files.iter().enumerate() {
            let input = self.imports.input(file, &self.staging).await?;
            let (schema, mut batches) = tokio::task::block_in_place(|| reading.open(input, &no_progress()))?;
            let mut staged = StagedFiles::new(self, &parts_folder(run_id.as_str()), &format!("{index:05}"));
            while let Some(batch) = tokio::task::block_in_place(|| batches.next()).transpose()? {
                self.check_cancelled(run_id.as_str())?;
                staged.write(&batch).await?;
            }
            if staged.rows == 0 {
                check_names(group, &schema)?;
            }
            staged.finish().await?;
            all.append(&mut staged.done);
        }
        Ok(all)
    }

    /// Reads the schema of a staged file, whose metadata says how text is read and where rows come from.
    async fn staged_part(&self, file: StagedRows) -> Result<StagedPart> {
        let StagedRows { path, bytes, rows_before } = file;
        let schema = mangonel_operators::insert::staged_schema(&self.warehouse, &path).await?;
        let name = schema.metadata().get(wire::SOURCE_METADATA).map(|name| shown(name)).unwrap_or_default();
        let text = match schema.metadata().get(wire::TEXT_METADATA) {
            None => None,
            Some(nulls) => {
                let nulls = serde_json::from_str(nulls)
                    .map_err(|error| Error::invalid(format!("`{}` of the data: {error}", wire::TEXT_METADATA)))?;
                Some(TextRules { nulls })
            }
        };
        Ok(StagedPart { path, bytes, schema, text, origin: Origin { name, rows_before } })
    }

    /// Names of the parts of an insert that have arrived.
    pub(super) async fn parts(&self, run_id: &str) -> Result<Vec<String>> {
        let folder = parts_folder(run_id);
        let files = self.warehouse.list(&folder).await?;
        let name = |path: &String| {
            let file = path.rsplit('/').next().unwrap_or_default();
            file.strip_suffix(".json").map(str::to_owned)
        };
        Ok(files.keys().filter_map(name).collect())
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

/// Where an insert keeps the names of the parts that its commit takes.
pub(super) fn commit_path(run_id: &str) -> String {
    // It goes with the parts when the run has ended.
    format!("{}/commit", parts_folder(run_id))
}

/// One staged file of a part.
#[derive(Debug, Serialize, Deserialize)]
struct StagedRows {
    path: String,
    bytes: u64,
    /// Rows of the part before those of this file.
    rows_before: u64,
}

/// The files of one part on their way into the warehouse.
struct StagedFiles<'a> {
    store: &'a FeatureStore,
    prefix: String,
    done: Vec<StagedRows>,
    open: Option<StagedFile>,
    /// Of the part so far.
    rows: u64,
}

impl<'a> StagedFiles<'a> {
    fn new(store: &'a FeatureStore, folder: &str, part: &str) -> Self {
        let prefix = format!("{folder}/{part}-{}", uuid::Uuid::new_v4());
        Self { store, prefix, done: Vec::new(), open: None, rows: 0 }
    }

    async fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let folder = &self.store.staging;
        let mut file = match self.open.take() {
            Some(file) => file,
            None => StagedFile::create(folder, &batch.schema(), self.rows)?,
        };
        self.rows += batch.num_rows() as u64;
        tokio::task::block_in_place(|| file.write(batch)).map_err(|error| staging(folder, &error))?;
        if file.written >= STAGED_FILE_BYTES {
            return self.close(file).await;
        }
        self.open = Some(file);
        Ok(())
    }

    async fn close(&mut self, file: StagedFile) -> Result<()> {
        let path = format!("{}-{:05}.arrow", self.prefix, self.done.len());
        let rows_before = file.rows_before;
        let file = file.finish(&self.store.staging)?;
        let bytes = file.as_file().metadata().map_or(0, |metadata| metadata.len());
        self.store.warehouse.publish_local(file.path(), &path).await?;
        self.done.push(StagedRows { path, bytes, rows_before });
        Ok(())
    }

    async fn finish(&mut self) -> Result<()> {
        match self.open.take() {
            Some(file) => self.close(file).await,
            None => Ok(()),
        }
    }

    /// Takes away what was staged so far.
    async fn remove(&self) {
        for file in &self.done {
            let _ = self.store.warehouse.delete(&file.path).await;
        }
    }
}

/// One Arrow file that is being written in the staging folder.
struct StagedFile {
    file: tempfile::NamedTempFile,
    writer: FileWriter<std::io::BufWriter<std::fs::File>>,
    /// Bytes in memory of the batches so far; about twice those on disk.
    written: usize,
    /// Rows of the part before its own.
    rows_before: u64,
}

impl StagedFile {
    fn create(folder: &Path, schema: &Schema, rows_before: u64) -> Result<Self> {
        let file = tempfile::NamedTempFile::new_in(folder).map_err(|error| staging(folder, &error))?;
        let handle = file.reopen().map_err(|error| staging(folder, &error))?;
        let options = IpcWriteOptions::default().try_with_compression(Some(CompressionType::LZ4_FRAME));
        let options = options.map_err(|error| staging(folder, &error))?;
        let writer =
            FileWriter::try_new_with_options(std::io::BufWriter::with_capacity(1 << 20, handle), schema, options);
        Ok(Self { file, writer: writer.map_err(|error| staging(folder, &error))?, written: 0, rows_before })
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        self.written += batch.get_array_memory_size();
        self.writer.write(batch)
    }

    fn finish(mut self, folder: &Path) -> Result<tempfile::NamedTempFile> {
        self.writer.finish().map_err(|error| staging(folder, &error))?;
        Ok(self.file)
    }
}

fn staging(folder: &Path, error: &(dyn std::error::Error + 'static)) -> Error {
    if is_for_want_of_room(error) {
        return full_work_folder(Some(folder), "this server");
    }
    Error::internal(format!("staging uploaded rows in `{}`: {error}", folder.display()))
}

/// How the files of an insert are read.
fn reading_of(request: &v1::BeginInsert, group: &v1::FeatureGroup) -> Result<Reading> {
    let asked = request.reading.clone().unwrap_or_default();
    let format = match asked.format.as_str() {
        "" => None,
        "csv" => Some(FileFormat::Csv),
        "tsv" => Some(FileFormat::Tsv),
        "jsonl" => Some(FileFormat::Jsonl),
        "parquet" => Some(FileFormat::Parquet),
        "arrow" => Some(FileFormat::Arrow),
        other => {
            let what = shown(other);
            return Err(Error::invalid(format!("format `{what}` is not read: say csv, tsv, jsonl, parquet or arrow")));
        }
    };
    let byte = |what: &str, text: &str| match text.as_bytes() {
        [] => Ok(None),
        [byte] => Ok(Some(*byte)),
        _ => Err(Error::invalid(format!("the {what} `{}` must be one character of ASCII", shown(text)))),
    };
    let (delimiter, quote) = (byte("delimiter", &asked.delimiter)?, byte("quote", &asked.quote)?);
    let dialect = Dialect { nulls: asked.nulls, delimiter, quote };
    Ok(Reading { format, dialect, features: group.features.clone(), ..Reading::default() })
}

/// Refuses columns that the group does not have, of data without rows: nothing else would see them.
fn check_names(group: &v1::FeatureGroup, schema: &Schema) -> Result<()> {
    let nullable = |field: &FieldRef| Arc::new(field.as_ref().clone().with_nullable(true));
    let stored = Schema::new(arrow_schema(&group.features)?.fields().iter().map(nullable).collect::<Vec<_>>());
    // Types of nothing are as they happen to be.
    let typed = |field: &FieldRef| match stored.fields().find(field.name()) {
        Some((_, stored)) => Arc::clone(stored),
        None => Arc::clone(field),
    };
    let incoming = Schema::new(schema.fields().iter().map(typed).collect::<Vec<_>>());
    let Err(error) = Conformer::new(&stored, &incoming, Keys::default(), Input::Typed) else { return Ok(()) };
    let mut error = Error::from(error);
    if let Some(name) = schema.metadata().get(wire::SOURCE_METADATA) {
        error.message = format!("{}: {}", shown(name), error.message);
    }
    Err(error)
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
pub(super) fn bucket_count(total: u64, incoming: u64) -> u32 {
    if total < UNBUCKETED_BYTES_MAX {
        return 1;
    }
    let wanted = (total / BUCKET_BYTES).clamp(1, BUCKETS_MAX).next_power_of_two();
    let worthwhile = (incoming / (4 << 20)).max(1);
    let worthwhile = if worthwhile.is_power_of_two() { worthwhile } else { worthwhile.next_power_of_two() / 2 };
    wanted.min(worthwhile) as u32
}
