//! Reads: feature requests, SQL, and whole versions, planned once and then streamed partition by partition.

use std::{
    collections::HashMap,
    fmt::Write,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use arrow::datatypes::SchemaRef;
use datafusion::{
    execution::SendableRecordBatchStream,
    physical_plan::{ExecutionPlan, ExecutionPlanProperties, displayable},
};
use futures::{StreamExt, TryStreamExt, stream};
use mangonel_planner::{ShardBounds, explain, resolve};
use mangonel_proto::{
    Error, Result,
    names::Principal,
    v1::{self, DependencyKind},
    wire::Command,
};

use super::FeatureStore;
use crate::{
    assemble::{PinnedQuery, Routed, lane_starts, route_buckets},
    flight::tickets::TICKET_LIFE,
    pins::pin,
};

/// Below this a read is one partition: starting more costs more than it brings.
const SMALL_READ_BYTES: u64 = 16 << 20;
/// Groups whose logs are read at the same time.
const PINS_AT_ONCE: usize = 16;

/// A read that was planned and can be started, any number of times, until its tickets expire.
#[derive(Clone)]
pub(crate) struct PreparedRead {
    pub id: String,
    pub schema: SchemaRef,
    pub partitions: usize,
    /// Rows that will come, where it is known without reading.
    pub rows: Option<u64>,
    plan: Arc<dyn ExecutionPlan>,
    principal: Principal,
    prepared: Instant,
}

/// Reads that tickets point to.
#[derive(Default)]
pub(super) struct Reads(Mutex<HashMap<String, PreparedRead>>);

impl FeatureStore {
    /// Plans a read.
    ///
    /// # Errors
    /// Everything that is wrong with the request, at once.
    pub(crate) async fn prepare_read(&self, who: &Principal, command: Command) -> Result<PreparedRead> {
        let plan = match command {
            Command::Features(request) => {
                let query = self.pin_request(who, &request).await?;
                query.read_plan(&self.read_lanes(query.bytes()))?
            }
            Command::Read(version) => self.version_plan(who, &version).await?,
            Command::Sql(_) => return Err(Error::invalid("SQL over Flight comes with a later release")),
            Command::InsertPart(_) => return Err(Error::invalid("an insert part is uploaded with DoPut")),
        };
        let read = PreparedRead {
            id: uuid::Uuid::new_v4().to_string(),
            schema: plan.schema(),
            partitions: plan.output_partitioning().partition_count(),
            rows: None,
            plan,
            principal: who.clone(),
            prepared: Instant::now(),
        };
        let mut reads = self.reads.0.lock().unwrap_or_else(PoisonError::into_inner);
        reads.retain(|_, read| read.prepared.elapsed() < TICKET_LIFE);
        reads.insert(read.id.clone(), read.clone());
        Ok(read)
    }

    /// Starts one partition of a prepared read.
    ///
    /// # Errors
    /// `not_found` when the read has expired, `permission_denied` when it was prepared for somebody else.
    pub(crate) fn start_read(
        &self,
        who: &Principal,
        read: &str,
        partition: usize,
    ) -> Result<SendableRecordBatchStream> {
        let read = self.reads.0.lock().unwrap_or_else(PoisonError::into_inner).get(read).cloned();
        let read = read.ok_or_else(|| Error::not_found("this read has expired: ask for the data again"))?;
        if read.principal != *who {
            let code = mangonel_proto::ErrorCode::PermissionDenied;
            return Err(Error::new(code, "this ticket was given to somebody else"));
        }
        if partition >= read.partitions {
            return Err(Error::invalid(format!("this read has {} partitions", read.partitions)));
        }
        self.engine.stream(Arc::clone(&read.plan), partition)
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
        let groups = self.visible_groups(who).await?;
        self.pin_query(resolve(request, &groups)?).await
    }

    pub(super) async fn visible_groups(&self, who: &Principal) -> Result<Vec<v1::FeatureGroup>> {
        let (groups, _) = self.catalog.list_feature_groups(who, "").await?;
        Ok(groups.into_iter().map(|group| group.value).collect())
    }

    pub(super) async fn pin_query(&self, query: mangonel_planner::FeatureQuery) -> Result<PinnedQuery> {
        let pins = query.groups.iter().map(|used| pin(&self.warehouse, &used.group, None)).collect::<Vec<_>>();
        let tables = stream::iter(pins).buffered(PINS_AT_ONCE).try_collect().await?;
        Ok(PinnedQuery::new(query, tables, self.broadcast_bytes_max))
    }

    fn read_lanes(&self, bytes: u64) -> Vec<u64> {
        let lanes = if bytes < SMALL_READ_BYTES { 1 } else { (self.engine.slots() as u32).next_power_of_two() };
        lane_starts(&ShardBounds::equal_width(lanes), (0..lanes).collect())
    }

    async fn version_plan(&self, who: &Principal, version: &v1::ReadVersion) -> Result<Arc<dyn ExecutionPlan>> {
        match version.kind() {
            DependencyKind::FeatureGroup => {
                let group = self.catalog.get_feature_group(who, &version.name, version.version).await?.value;
                let table = pin(&self.warehouse, &group, None).await?;
                let columns: Vec<String> = group.features.iter().map(|feature| feature.name.clone()).collect();
                // Every row of the version, not only the latest per key.
                table.read_plan(columns, &self.read_lanes(table.bytes()))
            }
            DependencyKind::TrainingDataset => self.dataset_plan(who, version).await,
            _ => Err(Error::invalid("say whether a feature group or a training dataset is to be read")),
        }
    }
}
