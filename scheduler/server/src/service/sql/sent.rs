//! Tables that clients send along with a query. They wait in files of the staging folder until their query is asked, which
//! takes them; with it, or when nobody asks in time, they are removed.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs::File,
    io::{BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use arrow::{
    datatypes::{DataType, Field, Schema, SchemaRef},
    error::ArrowError,
    ipc::{reader::FileReader, writer::FileWriter},
};
use futures::TryStreamExt;
use mangonel_proto::{
    Error, ErrorCode, Result,
    names::{FEATURE_BYTES_MAX, INTERNAL_PREFIX, NAME_BYTES_MAX, Principal, shown},
    v1,
};
use mangonel_storage::{
    conform::{Conformer, Input, Keys},
    types::FeatureType,
};
use tempfile::{NamedTempFile, TempPath};

use super::{super::FeatureStore, SqlOptions, tables::FeatureTables, threads::in_words};
use crate::{flight::Upload, pins::Moment};

/// Bytes that a table counts at least, so that very many small ones are bounded as well.
const TABLE_BYTES_MIN: u64 = 64 << 10;
/// Buffer between a table and its file.
const BUFFER_BYTES: usize = 1 << 20;

impl FeatureStore {
    /// Keeps a table for the query of that id.
    ///
    /// # Errors
    /// `invalid_argument` for names and columns that no table can have, each of them; `already_exists` for a table that was sent
    /// before; `resource_exhausted` when there is no room.
    pub(crate) async fn receive_query_table(
        &self,
        who: &Principal,
        table: v1::QueryTable,
        upload: Upload,
    ) -> Result<v1::StageReport> {
        let Upload { schema, batches: mut rows } = upload;
        let sent = &self.queries.sent;
        let query = QueryKey { who: who.clone(), id: checked_id(&table.query_id)? };
        let name = checked_name(&table.name)?;
        let mut problems = Vec::new();
        // Said before the rows travel; what counts is what is there when the query is planned.
        let groups = self.visible_groups(who, Moment::Latest).await?;
        problems.extend(FeatureTables::clash(&groups, &name));
        let (stored, wrong) = stored_schema(&name, &schema);
        problems.extend(wrong);
        Error::all(problems)?;
        sent.check_new(&query, &name)?;
        let conformer = Conformer::new(&stored, &schema, Keys::default(), Input::Typed)?;
        let mut file = TableFile::create(&self.queries.folder, &stored, sent.reserve(TABLE_BYTES_MIN)?)?;
        while let Some(batch) = rows.try_next().await? {
            let batch = conformer.conform(&batch, file.rows).map_err(|error| about(&name, error.into()))?;
            tokio::task::block_in_place(|| file.write(&batch))?;
        }
        let table = file.finish(stored)?;
        let share = v1::WorkerShare { rows_written: table.rows, bytes_written: table.bytes, ..Default::default() };
        sent.keep(query, &name, table)?;
        Ok(v1::StageReport { name, workers: vec![share], ..Default::default() })
    }
}

/// Tables by name, of one query.
pub(super) type QueryTables = BTreeMap<String, Arc<SentTable>>;

/// Whose query it is, and the name that its client gave it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct QueryKey {
    who: Principal,
    id: String,
}

/// The tables of queries that have not been asked.
pub(super) struct SentTables {
    bytes: Arc<Bytes>,
    life: Duration,
    waiting: Arc<Mutex<HashMap<QueryKey, Waiting>>>,
}

struct Waiting {
    tables: QueryTables,
    until: Instant,
}

impl SentTables {
    pub(super) fn new(options: &SqlOptions) -> Self {
        let bytes = Bytes { max: options.tables_bytes_max, taken: AtomicU64::new(0) };
        Self { bytes: Arc::new(bytes), life: options.tables_life, waiting: Arc::default() }
    }

    /// The tables of a query; `None` for one that names none.
    ///
    /// # Errors
    /// `not_found` when none were sent, or they were removed.
    pub(super) fn of(&self, who: &Principal, query_id: &str) -> Result<QueryTables> {
        let found = self.lock().get(&Self::key(who, query_id)?).map(|waiting| waiting.tables.clone());
        found.ok_or_else(|| self.gone(query_id))
    }

    /// [`SentTables::of`], which nobody else gets then.
    ///
    /// # Errors
    /// As [`SentTables::of`].
    pub(super) fn take(&self, who: &Principal, query_id: &str) -> Result<QueryTables> {
        let found = self.lock().remove(&Self::key(who, query_id)?).map(|waiting| waiting.tables);
        found.ok_or_else(|| self.gone(query_id))
    }

    fn key(who: &Principal, query_id: &str) -> Result<QueryKey> {
        Ok(QueryKey { who: who.clone(), id: checked_id(query_id)? })
    }

    fn gone(&self, query_id: &str) -> Error {
        let life = in_words(self.life);
        Error::not_found(format!(
            "no tables wait for query id `{query_id}`: send them first, and again for each query, within {life}"
        ))
    }

    fn check_new(&self, query: &QueryKey, name: &str) -> Result<()> {
        match self.lock().get(query).is_some_and(|waiting| waiting.tables.contains_key(name)) {
            false => Ok(()),
            true => {
                let message = format!("table `{name}` was sent for this query before: capitals do not count in names");
                Err(Error::new(ErrorCode::AlreadyExists, message).named([name.to_owned()]))
            }
        }
    }

    fn keep(&self, query: QueryKey, name: &str, table: SentTable) -> Result<()> {
        self.check_new(&query, name)?;
        let mut waiting = self.lock();
        let until = Instant::now() + self.life;
        let tables = waiting.entry(query).or_insert_with(|| Waiting { tables: QueryTables::new(), until });
        tables.until = until;
        // Of two uploads at the same time the first one stays.
        tables.tables.entry(name.to_owned()).or_insert_with(|| Arc::new(table));
        drop(waiting);
        let (all, life) = (Arc::downgrade(&self.waiting), self.life);
        tokio::spawn(async move {
            tokio::time::sleep(life).await;
            if let Some(all) = all.upgrade() {
                let now = Instant::now();
                all.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, waiting| waiting.until > now);
            }
        });
        Ok(())
    }

    fn reserve(&self, bytes: u64) -> Result<Reservation> {
        let mut reservation = Reservation { bytes: 0, all: Arc::clone(&self.bytes) };
        reservation.grow_to(bytes)?;
        Ok(reservation)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<QueryKey, Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes of all tables.
#[derive(Debug)]
struct Bytes {
    max: u64,
    taken: AtomicU64,
}

/// Bytes of one table, given back with it.
#[derive(Debug)]
struct Reservation {
    bytes: u64,
    all: Arc<Bytes>,
}

impl Reservation {
    fn grow_to(&mut self, bytes: u64) -> Result<()> {
        let more = bytes.saturating_sub(self.bytes);
        let room = |taken: u64| Some(taken + more).filter(|taken| *taken <= self.all.max);
        if self.all.taken.fetch_update(Ordering::AcqRel, Ordering::Acquire, room).is_err() {
            let message = format!(
                "there is no room for the table: the tables sent along with all queries may have {} bytes (`--sql-tables-max`). \
                 Insert it into a feature group, send fewer columns or rows, or try again later",
                self.all.max
            );
            return Err(Error::new(ErrorCode::ResourceExhausted, message));
        }
        self.bytes += more;
        Ok(())
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.all.taken.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

/// A table in its file, which is removed with it.
#[derive(Debug)]
pub(super) struct SentTable {
    pub(super) schema: SchemaRef,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    path: TempPath,
    _reserved: Reservation,
}

impl SentTable {
    /// Opens the file, for the columns at these places.
    ///
    /// # Errors
    /// When the file is gone or broken.
    pub(super) fn open(&self, columns: Vec<usize>) -> std::result::Result<FileReader<BufReader<File>>, ArrowError> {
        let file = File::open(&self.path).map_err(|error| ArrowError::from_external_error(Box::new(error)))?;
        FileReader::try_new(BufReader::with_capacity(BUFFER_BYTES, file), Some(columns))
    }
}

/// A table on its way into its file.
struct TableFile {
    path: TempPath,
    writer: FileWriter<Counted<BufWriter<File>>>,
    reserved: Reservation,
    rows: u64,
}

impl TableFile {
    fn create(folder: &Path, schema: &Schema, reserved: Reservation) -> Result<Self> {
        let (file, path) = NamedTempFile::new_in(folder).map_err(|error| staging(&error))?.into_parts();
        let file = Counted { inner: BufWriter::with_capacity(BUFFER_BYTES, file), bytes: 0 };
        let writer = FileWriter::try_new(file, schema).map_err(|error| staging(&error))?;
        Ok(Self { path, writer, reserved, rows: 0 })
    }

    fn write(&mut self, batch: &arrow::record_batch::RecordBatch) -> Result<()> {
        self.writer.write(batch).map_err(|error| staging(&error))?;
        self.rows += batch.num_rows() as u64;
        self.reserved.grow_to(self.writer.get_ref().bytes)
    }

    fn finish(mut self, schema: SchemaRef) -> Result<SentTable> {
        self.writer.finish().map_err(|error| staging(&error))?;
        let bytes = self.writer.get_ref().bytes;
        self.reserved.grow_to(bytes)?;
        Ok(SentTable { schema, rows: self.rows, bytes, path: self.path, _reserved: self.reserved })
    }
}

/// Counts what is written.
struct Counted<W> {
    inner: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// The folder for tables, without those of a process that was killed.
///
/// # Errors
/// When it cannot be made.
pub(super) fn empty_folder(staging: &Path) -> Result<PathBuf> {
    let folder = staging.join("queries");
    let made = match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => std::fs::create_dir_all(&folder),
    };
    made.map(|()| folder).map_err(|error| staging_folder(&error))
}

/// Columns as queries see them, with the types that features have, and what is wrong with the others.
fn stored_schema(table: &str, schema: &Schema) -> (SchemaRef, Vec<Error>) {
    let mut problems = Vec::new();
    let mut wrong = |column: &str, what: &str| {
        let column = shown(column);
        problems.push(Error::invalid(format!("table `{table}`: column `{column}` {what}")).named([column]));
    };
    let (mut fields, mut names) = (Vec::with_capacity(schema.fields().len()), HashSet::new());
    for field in schema.fields() {
        let name = field.name();
        if name.is_empty() || name.len() > FEATURE_BYTES_MAX {
            wrong(name, "must have a name of 1 to 255 bytes");
        }
        if name.to_ascii_lowercase().starts_with(INTERNAL_PREFIX) {
            wrong(name, "begins with `_mangonel`, which is kept for columns of our own");
        }
        if !names.insert(name) {
            wrong(name, "is there twice: rename one");
        }
        let data_type = match field.data_type() {
            // A column without any value, as pandas sends it.
            DataType::Null => Ok(DataType::Utf8),
            data_type => FeatureType::from_arrow(data_type).map(|feature_type| feature_type.to_arrow()),
        };
        match data_type {
            Ok(data_type) => fields.push(Field::new(name, data_type, true)),
            Err(phrase) => wrong(name, &phrase),
        }
    }
    if schema.fields().is_empty() {
        problems.push(Error::invalid(format!("table `{table}` has no columns")));
    }
    (Arc::new(Schema::new(fields)), problems)
}

fn checked_id(id: &str) -> Result<String> {
    let valid = !id.is_empty()
        && id.len() <= 64
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if valid {
        return Ok(id.to_owned());
    }
    let message =
        format!("query id `{}` must hold 1 to 64 lower-case letters, digits and `-`, such as a UUID", shown(id));
    Err(Error::invalid(message))
}

/// The name as SQL knows it: without quotes it has no capitals.
fn checked_name(name: &str) -> Result<String> {
    let mut bytes = name.bytes();
    let valid = bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && name.len() <= NAME_BYTES_MAX;
    if valid {
        return Ok(name.to_ascii_lowercase());
    }
    let message = format!(
        "table name `{}` must begin with a letter or `_` and hold 1 to {NAME_BYTES_MAX} letters, digits and `_`",
        shown(name)
    );
    Err(Error::invalid(message).named([shown(name)]))
}

fn about(table: &str, mut error: Error) -> Error {
    error.message = format!("table `{table}`: {}", error.message);
    error
}

fn staging(error: &dyn std::fmt::Display) -> Error {
    Error::internal(format!("keeping a table for a query: {error}"))
}

fn staging_folder(error: &dyn std::fmt::Display) -> Error {
    Error::internal(format!("the folder for tables of queries: {error}"))
}
