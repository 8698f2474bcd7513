//! Reads: feature requests, SQL, and whole versions. A read is planned, and becomes parts that clients fetch with tickets:
//! partitions that this process streams, files of results that executors have written, or shards that any node reads.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use arrow::{datatypes::SchemaRef, record_batch::RecordBatch};
use datafusion::{
    common::stats::Precision,
    physical_plan::{
        ExecutionPlan, ExecutionPlanProperties, StatisticsArgs, StatisticsContext, displayable,
        execution_plan::reset_plan_states,
    },
};
use futures::{StreamExt, TryStreamExt, stream, stream::BoxStream};
use mangonel_operators::{
    columns::{feature_columns, key_column},
    error::to_wire,
    operator::OperatorExec,
    record::{TaskRecord, WrittenResult},
    result_writer::ResultWriterExec,
    task::forget_pulse,
};
use mangonel_planner::{ShardBounds, explain, resolve};
use mangonel_proto::{
    Error, ErrorCode, Result,
    names::Principal,
    tickets::{Grant, ResultFile, ShardFiles, TICKET_LIFE_S},
    v1::{self, DependencyKind},
    wire::{self, Command, EndpointCounts},
};
use mangonel_storage::dataset::shard_schema;

use super::{
    FeatureStore,
    route::RouteFolder,
    sql::{QueryLimits, QueryRead},
};
use crate::{
    admission::Place,
    assemble::{PinnedQuery, Routed, lane_starts, route_buckets},
    engine::{Engine, LeafJob},
    members::Members,
    pins::{Moment, pin},
    runs::{LiveRun, give_up},
};

/// Below this a read is one partition, and this process streams it: starting more costs more than it brings.
const SMALL_READ_BYTES: u64 = 16 << 20;
/// Up to so many rows this process streams a read whatever it is cut from: the work ends with the last row wanted.
const SMALL_LIMIT_ROWS: u64 = 100_000;
/// Groups whose logs are read at the same time.
const PINS_AT_ONCE: usize = 16;
/// Endpoints of a dataset at most; beyond that, neighbouring shards share one.
const SHARD_PARTS_MAX: usize = 256;
/// Bytes of all tickets of a read at most, about: each names the features of the dataset.
const TICKETS_BYTES_MAX: usize = 8 << 20;
/// How often the job of a read is tried, when executors are lost.
const ATTEMPTS_MAX: usize = 3;
/// How long results outlive the tickets that were signed for them.
const GRACE: Duration = Duration::from_secs(30);

/// A read that can be fetched until its tickets expire.
pub(crate) struct PreparedRead {
    pub schema: SchemaRef,
    /// In the order of the answer.
    pub parts: Vec<ReadPart>,
    /// Rows and bytes that will come, where they are known.
    pub counts: EndpointCounts,
    /// Seconds in which it can be fetched.
    pub life_s: u64,
}

/// One endpoint of a read.
pub(crate) struct ReadPart {
    pub grant: Grant,
    /// Where it can be fetched, best first; none where only this process has it.
    pub locations: Vec<String>,
    pub counts: EndpointCounts,
}

/// How a read will be answered.
enum ReadPlan {
    /// This process runs the plan while the client reads.
    Streamed { plan: Arc<dyn ExecutionPlan>, routes: Option<Arc<RouteFolder>> },
    /// The same, of SQL.
    Query(QueryRead),
    /// Executors run the plan, one partition per lane, and keep the rows as files.
    Computed(ComputedRead),
    /// Shards of a training dataset, which are there.
    Stored(ShardFiles),
}

struct ComputedRead {
    plan: Arc<dyn ExecutionPlan>,
    /// Columns of the plan with the root's entity key.
    keys: Vec<String>,
    lane_starts: Vec<u64>,
    limit: Option<u64>,
    /// The turn that it has already, if rows had to be routed.
    place: Option<Place>,
    /// Kept until the rows are there.
    _routes: Option<Arc<RouteFolder>>,
}

impl ReadPlan {
    fn schema(&self) -> Result<SchemaRef> {
        match self {
            Self::Streamed { plan, .. } | Self::Query(QueryRead { plan, .. }) => Ok(plan.schema()),
            Self::Computed(read) => Ok(feature_columns(&read.plan.schema())),
            Self::Stored(shards) => Ok(shard_schema(&shards.features, shards.data_format)?),
        }
    }
}

/// Reads of this process that tickets point to: they can be started any number of times.
#[derive(Default)]
pub(super) struct Reads(Arc<Mutex<HashMap<String, StreamedRead>>>);

#[derive(Clone)]
struct StreamedRead {
    plan: Arc<dyn ExecutionPlan>,
    /// Of a query.
    limits: Option<QueryLimits>,
    routes: Option<Arc<RouteFolder>>,
    principal: Principal,
    expires: Instant,
}

impl Reads {
    fn keep(&self, id: String, read: StreamedRead) {
        if let Some(life) = read.limits.and_then(|limits| limits.life) {
            let (all, id) = (Arc::downgrade(&self.0), id.clone());
            tokio::spawn(async move {
                tokio::time::sleep(life).await;
                if let Some(all) = all.upgrade() {
                    all.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
                }
            });
        }
        let mut reads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        reads.retain(|_, read| read.expires > Instant::now());
        reads.insert(id, read);
    }

    fn find(&self, who: &Principal, id: &str) -> Result<StreamedRead> {
        let mut reads = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let read = reads.get(id).cloned();
        let read = read.ok_or_else(|| Error::not_found("this read has expired: ask for the data again"))?;
        if read.principal != *who {
            return Err(Error::new(ErrorCode::PermissionDenied, "this ticket was given to somebody else"));
        }
        if read.limits.is_some_and(|limits| limits.life.is_some()) {
            reads.remove(id);
        }
        Ok(read)
    }
}

impl FeatureStore {
    /// Columns of the answer to a read; reads nothing.
    ///
    /// # Errors
    /// Everything that is wrong with the request, at once.
    pub(crate) async fn read_schema(&self, who: &Principal, command: Command) -> Result<SchemaRef> {
        match command {
            Command::Features(request) => self.pin_request(who, &request).await?.output_schema(),
            Command::Sql(query) => Ok(self.plan_query(who, query, false).await?.plan.schema()),
            command => self.plan_read(who, command).await?.schema(),
        }
    }

    /// Plans a read, and lets executors compute what they have to.
    ///
    /// # Errors
    /// Everything that is wrong with the request, at once.
    pub(crate) async fn prepare_read(&self, who: &Principal, command: Command) -> Result<PreparedRead> {
        let plan = self.plan_read(who, command).await?;
        let schema = plan.schema()?;
        match plan {
            ReadPlan::Streamed { plan, routes } => Ok(self.streamed(who, schema, plan, None, routes)),
            ReadPlan::Query(query) => Ok(self.streamed(who, schema, query.plan, Some(query.limits), None)),
            ReadPlan::Computed(read) => self.compute(schema, read).await,
            ReadPlan::Stored(shards) => Ok(self.stored(schema, &shards)),
        }
    }

    async fn plan_read(&self, who: &Principal, command: Command) -> Result<ReadPlan> {
        match command {
            Command::Features(request) => self.request_plan(self.pin_request(who, &request).await?).await,
            Command::Read(version) => self.version_plan(who, &version).await,
            Command::Sql(query) => Ok(ReadPlan::Query(self.plan_query(who, query, true).await?)),
            Command::InsertPart(_) => Err(Error::invalid("an insert part is uploaded with DoPut")),
            Command::QueryTable(_) => Err(Error::invalid("the table of a query is uploaded with DoPut")),
        }
    }

    /// How a feature request is answered: the one place where the lane plan of a read is made.
    async fn request_plan(&self, mut query: PinnedQuery) -> Result<ReadPlan> {
        let place = if query.routes().is_empty() { None } else { Some(self.turn_of_read().await?) };
        let routes = self.route_read(&mut query).await?;
        let (lane_starts, limit) = (self.read_lanes(query.bytes()), query.query.limit);
        if !self.is_for_executors(query.bytes(), limit) {
            return Ok(ReadPlan::Streamed { plan: query.read_plan(&lane_starts)?, routes });
        }
        let keys = 0..query.query.groups[query.query.root].group.primary_key.len();
        Ok(ReadPlan::Computed(ComputedRead {
            plan: query.plan(&lane_starts, true)?,
            keys: keys.map(key_column).collect(),
            lane_starts,
            limit: Some(limit).filter(|limit| *limit > 0),
            place,
            _routes: routes,
        }))
    }

    /// Lays out the rows that a request has to move, if any; they are kept as long as the answer holds the folder.
    async fn route_read(&self, query: &mut PinnedQuery) -> Result<Option<Arc<RouteFolder>>> {
        if query.routes().is_empty() {
            return Ok(None);
        }
        let id = format!("read-{}", uuid::Uuid::now_v7());
        let folder = RouteFolder::new(&self.warehouse, &id, &self.route_folders);
        let given_up = GivenUp(Some(id.clone()));
        self.route(folder.path(), query, &LiveRun::unlisted(&id)).await?;
        given_up.finish();
        Ok(Some(Arc::new(folder)))
    }

    async fn version_plan(&self, who: &Principal, version: &v1::ReadVersion) -> Result<ReadPlan> {
        match version.kind() {
            DependencyKind::FeatureGroup => {
                let group = self.catalog.get_feature_group(who, &version.name, version.version).await?.value;
                let moment = match version.table_version {
                    Some(_) if version.as_of_ms != 0 => {
                        return Err(Error::invalid("give a time or a version of the table, not both"));
                    }
                    Some(table_version) => Moment::Version(table_version),
                    None => Moment::as_of(version.as_of_ms),
                };
                let table = pin(&self.warehouse, &group, moment).await?;
                let columns: Vec<String> = group.features.iter().map(|feature| feature.name.clone()).collect();
                let lane_starts = self.read_lanes(table.bytes());
                // Every row of the version, not only the latest per key.
                let plan = table.read_plan(columns, &lane_starts)?;
                if !self.is_for_executors(table.bytes(), 0) {
                    return Ok(ReadPlan::Streamed { plan, routes: None });
                }
                let keys = table.primary_key;
                Ok(ReadPlan::Computed(ComputedRead {
                    plan,
                    keys,
                    lane_starts,
                    limit: None,
                    place: None,
                    _routes: None,
                }))
            }
            DependencyKind::TrainingDataset if version.as_of_ms != 0 || version.table_version.is_some() => {
                Err(Error::invalid("a training dataset is read as it is: time travel is for feature groups"))
            }
            DependencyKind::TrainingDataset => Ok(ReadPlan::Stored(self.dataset_shards(who, version).await?)),
            _ => Err(Error::invalid("say whether a feature group or a training dataset is to be read")),
        }
    }

    /// Waits until a read may let the engine compute: it is heavy work like a run, and waits with them.
    async fn turn_of_read(&self) -> Result<Place> {
        let mut place = self.admission.enter()?;
        place.turn(|_| {}).await;
        Ok(place)
    }

    /// Whether executors compute a read of `bytes` with this limit (0 for none).
    fn is_for_executors(&self, bytes: u64, limit: u64) -> bool {
        let limited = (1..=SMALL_LIMIT_ROWS).contains(&limit);
        bytes >= SMALL_READ_BYTES && !limited && !self.engine.executors().is_empty()
    }

    fn streamed(
        &self,
        who: &Principal,
        schema: SchemaRef,
        plan: Arc<dyn ExecutionPlan>,
        limits: Option<QueryLimits>,
        routes: Option<Arc<RouteFolder>>,
    ) -> PreparedRead {
        let id = uuid::Uuid::new_v4().to_string();
        let statistics = StatisticsContext::new().compute(plan.as_ref(), &StatisticsArgs::new());
        let rows = statistics.ok().and_then(|statistics| match statistics.num_rows {
            Precision::Exact(rows) => Some(rows as u64),
            _ => None,
        });
        let partitions = 0..plan.output_partitioning().partition_count();
        let parts = partitions.map(|partition| ReadPart {
            grant: Grant::Read { read: id.clone(), partition },
            locations: Vec::new(),
            counts: EndpointCounts::default(),
        });
        let life_s = limits.and_then(|limits| limits.life).map_or(TICKET_LIFE_S, |life| life.as_secs());
        let counts = EndpointCounts { rows, bytes: None };
        let read = PreparedRead { schema, parts: parts.collect(), counts, life_s };
        self.reads.keep(id, StreamedRead { plan, limits, routes, principal: who.clone(), expires: expiry() });
        read
    }

    /// Starts one partition of a read that this process streams.
    ///
    /// # Errors
    /// `not_found` when the read has expired or could be read once, `permission_denied` when it was prepared for somebody else,
    /// `resource_exhausted` when too many others are open for too long.
    pub(crate) async fn start_read(
        &self,
        who: &Principal,
        id: &str,
        partition: usize,
    ) -> Result<(SchemaRef, BoxStream<'static, Result<RecordBatch>>)> {
        let read = self.reads.find(who, id)?;
        let partitions = read.plan.output_partitioning().partition_count();
        if partition >= partitions {
            return Err(Error::invalid(format!("this read has {partitions} partitions")));
        }
        let place = self.reads_open.open(id).await?;
        let (plan, batches) = match read.limits {
            Some(limits) => self.queries.run(&self.engine, read.plan, partition, limits)?,
            None => {
                // Repartitioning and the like can be started once: every reader gets a plan of its own.
                let plan = reset_plan_states(read.plan).map_err(|error| to_wire(&error))?;
                let batches = self.engine.stream(Arc::clone(&plan), partition)?;
                (plan, batches.map_err(|error| to_wire(&error)).boxed())
            }
        };
        let schema = plan.schema();
        // What is being read is kept, also beyond the tickets, and counted in the end.
        let kept = (read.routes, place);
        let counted = self.metrics.reads.count(plan);
        let batches = batches.inspect(move |batch| {
            let _kept = &kept;
            if let Ok(batch) = batch {
                counted.count_rows(batch.num_rows());
            }
        });
        Ok((schema, batches.boxed()))
    }

    /// Lets executors compute a read as a leaf job and keep the rows, one file per lane.
    async fn compute(&self, schema: SchemaRef, read: ComputedRead) -> Result<PreparedRead> {
        let _place = match read.place {
            Some(place) => place,
            None => self.turn_of_read().await?,
        };
        let id = format!("read-{}", uuid::Uuid::now_v7());
        let (lanes, limit) = (read.plan.output_partitioning().partition_count(), read.limit);
        let (keys, lane_starts) = (read.keys, read.lane_starts);
        let writer = ResultWriterExec { read: id.clone(), keys, lane_starts, limit };
        let plan = OperatorExec::plan(writer, vec![read.plan]).map_err(|error| to_wire(&error))?;
        let mut computing = Computing::begin(&id, &self.members);
        let mut attempt = 1;
        let records = loop {
            let job = LeafJob { name: "answering a read".into(), run_id: id.clone(), plan: Arc::clone(&plan) };
            match run_detached(Arc::clone(&self.engine), job).await {
                Ok(records) => break records,
                Err(error) if error.is_transient() && attempt < ATTEMPTS_MAX => {
                    tracing::warn!(read = id, %error, attempt, "a read is tried again");
                    attempt += 1;
                }
                Err(error) => return Err(error),
            }
        };
        let files = lane_files(records, lanes)?;
        computing.finish();
        Ok(self.computed(schema, &id, files, limit))
    }

    /// The parts of a computed read, in the order of lanes, up to the limit.
    fn computed(&self, schema: SchemaRef, id: &str, files: Vec<WrittenResult>, limit: Option<u64>) -> PreparedRead {
        let (mut left, mut parts) = (limit.unwrap_or(u64::MAX), Vec::new());
        let (mut rows, mut bytes) = (0, 0);
        for written in files {
            let Some(file) = written.file.filter(|_| left > 0) else { continue };
            let taken = written.rows.min(left);
            let cut = Some(taken).filter(|taken| *taken < written.rows);
            let mut locations: Vec<String> = self.members.flight(&written.worker).into_iter().collect();
            locations.push(wire::SAME_CONNECTION.to_owned());
            parts.push(ReadPart {
                grant: Grant::Result(ResultFile { read: id.to_owned(), executor: written.worker, file, rows: cut }),
                locations,
                counts: EndpointCounts { rows: Some(taken), bytes: Some(written.bytes) },
            });
            (left, rows, bytes) = (left - taken, rows + taken, bytes + written.bytes);
        }
        let counts = EndpointCounts { rows: Some(rows), bytes: Some(bytes) };
        PreparedRead { schema, parts, counts, life_s: TICKET_LIFE_S }
    }

    /// The parts of a dataset, each on another executor, and all on this process.
    fn stored(&self, schema: SchemaRef, files: &ShardFiles) -> PreparedRead {
        let executors = self.engine.executors().into_iter().map(|executor| executor.flight);
        let executors: Vec<String> = executors.filter(|flight| !flight.is_empty()).collect();
        let features_bytes = serde_json::to_vec(&files.features).map_or(0, |json| json.len());
        let parts_max = (TICKETS_BYTES_MAX / features_bytes.max(1)).clamp(1, SHARD_PARTS_MAX);
        let shards_of_a_part = files.shards.len().div_ceil(parts_max).max(1);
        let parts = files.shards.chunks(shards_of_a_part).enumerate().map(|(index, shards)| {
            let mut locations = Vec::new();
            if !executors.is_empty() {
                locations = vec![executors[index % executors.len()].clone(), wire::SAME_CONNECTION.to_owned()];
            }
            let counts = EndpointCounts {
                rows: Some(shards.iter().map(|shard| shard.rows).sum()),
                bytes: Some(shards.iter().map(|shard| shard.bytes).sum()),
            };
            let grant = Grant::Shards(ShardFiles { shards: shards.to_vec(), ..files.clone() });
            ReadPart { grant, locations, counts }
        });
        let parts: Vec<ReadPart> = parts.collect();
        let sum = |count: fn(&EndpointCounts) -> Option<u64>| parts.iter().filter_map(|part| count(&part.counts)).sum();
        let counts = EndpointCounts { rows: Some(sum(|counts| counts.rows)), bytes: Some(sum(|counts| counts.bytes)) };
        PreparedRead { schema, parts, counts, life_s: TICKET_LIFE_S }
    }

    /// Says in words where each feature of a request comes from and why.
    ///
    /// # Errors
    /// Everything that is wrong with the request, at once.
    pub(crate) async fn explain(&self, who: &Principal, request: v1::FeatureRequest) -> Result<v1::Explanation> {
        let mut query = self.pin_request(who, &request).await?;
        let pins: Vec<_> = query.tables.iter().enumerate().map(|(group, table)| table.pin(group)).collect();
        let mut physical_plan = String::new();
        for route in query.routes() {
            let plan = query.route_plan(route, self.engine.slots())?;
            let text = query.route_text(route);
            let _ = write!(physical_plan, "route {text}:\n{}\n", displayable(plan.input.as_ref()).indent(false));
            query.add_routed(route, Routed::empty(&plan.input.schema(), route_buckets(self.engine.slots())));
        }
        let plan = query.read_plan(&self.read_lanes(query.bytes()))?;
        physical_plan += &displayable(plan.as_ref()).indent(false).to_string();
        Ok(v1::Explanation { text: explain(&query.query, &pins, self.broadcast_bytes_max), physical_plan })
    }

    /// Resolves a request and pins the tables that it reads.
    pub(super) async fn pin_request(&self, who: &Principal, request: &v1::FeatureRequest) -> Result<PinnedQuery> {
        let moment = Moment::as_of(request.as_of_ms);
        let groups = self.visible_groups(who, moment).await?;
        let query = resolve(request, &groups).map_err(|error| moment.about(error))?;
        self.pin_query(query, moment).await
    }

    /// The feature groups of a project that were there at a moment and are not deleted.
    pub(super) async fn visible_groups(&self, who: &Principal, moment: Moment) -> Result<Vec<v1::FeatureGroup>> {
        let (groups, _) = self.catalog.list_feature_groups(who, "").await?;
        Ok(groups.into_iter().map(|group| group.value).filter(|group| moment.knows(group)).collect())
    }

    pub(super) async fn pin_query(&self, query: mangonel_planner::FeatureQuery, moment: Moment) -> Result<PinnedQuery> {
        let pins = query.groups.iter().map(|used| pin(&self.warehouse, &used.group, moment)).collect::<Vec<_>>();
        let tables = stream::iter(pins).buffered(PINS_AT_ONCE).try_collect().await?;
        Ok(PinnedQuery::new(query, tables, self.broadcast_bytes_max))
    }

    fn read_lanes(&self, bytes: u64) -> Vec<u64> {
        let lanes = if bytes < SMALL_READ_BYTES { 1 } else { (self.engine.slots() as u32).next_power_of_two() };
        lane_starts(&ShardBounds::equal_width(lanes), (0..lanes).collect())
    }
}

/// When the tickets of a read that is prepared now have expired.
fn expiry() -> Instant {
    Instant::now() + Duration::from_secs(TICKET_LIFE_S)
}

/// Runs a job in a task of its own, which goes on when its caller is dropped: it hears the cancellation and gives the
/// slots back.
async fn run_detached(engine: Arc<dyn Engine>, job: LeafJob) -> Result<Vec<TaskRecord>> {
    let running = tokio::spawn(async move { engine.run(job, &|_, _| {}).await });
    let ended = running.await.map_err(|error| Error::internal(format!("a job ended without an answer: {error}")))?;
    Ok(ended?.records)
}

/// One file per lane, in order. Of a lane that two attempts have written, one counts.
fn lane_files(records: Vec<TaskRecord>, lanes: usize) -> Result<Vec<WrittenResult>> {
    if records.len() < lanes {
        return Err(Error::unavailable(format!("{lanes} tasks answered a read, records of {} came", records.len())));
    }
    let mut files = BTreeMap::new();
    for record in records {
        let TaskRecord::Result(written) = record else {
            return Err(Error::internal("a read gave back something else than results"));
        };
        if let Some(lane) = written.lane {
            files.entry(lane).or_insert(written);
        }
    }
    Ok(files.into_values().collect())
}

/// Cancels the routes of a read that is given up while they are laid out.
struct GivenUp(Option<String>);

impl GivenUp {
    fn finish(mut self) {
        if let Some(read) = self.0.take() {
            forget_pulse(&read);
        }
    }
}

impl Drop for GivenUp {
    fn drop(&mut self) {
        if let Some(read) = self.0.take() {
            give_up(&read);
        }
    }
}

/// A read that executors are computing. When it is given up, because it failed or its client is gone, its job is cancelled
/// and its files are removed.
struct Computing {
    read: String,
    members: Arc<Members>,
    finished: bool,
}

impl Computing {
    fn begin(read: &str, members: &Arc<Members>) -> Self {
        members.keep(read, None);
        Self { read: read.to_owned(), members: Arc::clone(members), finished: false }
    }

    /// From now on the files are kept as long as tickets live.
    fn finish(&mut self) {
        self.finished = true;
        // A moment longer than the tickets, which are signed after this.
        self.members.keep(&self.read, Some(expiry() + GRACE));
        forget_pulse(&self.read);
    }
}

impl Drop for Computing {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        give_up(&self.read);
        self.members.drop_results(&self.read);
    }
}
