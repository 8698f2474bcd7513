//! The one function that builds sessions, for both engines, the scheduler and the executors.

use std::{path::Path, sync::Arc};

use ballista_core::extension::SessionConfigExt;
use datafusion::{
    catalog::CatalogProviderList,
    common::{Result, exec_datafusion_err},
    execution::{
        SessionState, SessionStateBuilder,
        disk_manager::{DiskManagerBuilder, DiskManagerMode},
        memory_pool::{FairSpillPool, MemoryPool, TrackConsumersPool},
        object_store::ObjectStoreUrl,
        runtime_env::{RuntimeEnv, RuntimeEnvBuilder},
    },
    physical_plan::ExecutionPlan,
    prelude::SessionConfig,
};
use mangonel_storage::warehouse::Warehouse;

use crate::task::RunOptions;

/// URL that plans name the warehouse by, so that they are right on a machine that mounts it elsewhere.
const WAREHOUSE_URL: &str = "mangonel://warehouse";

/// # Errors
/// Never for this constant; the parser's signature has one.
pub fn warehouse_url() -> Result<ObjectStoreUrl> {
    ObjectStoreUrl::parse(WAREHOUSE_URL)
}

/// Rows of a batch between operators. A build holds several batches of every file that it merges, of wide rows too.
pub const BATCH_ROWS: usize = 4096;

/// Settings of every session. `run_id` is the run that the plan works for; empty for ad hoc queries.
pub fn session_config(run_id: &str, partitions: usize) -> SessionConfig {
    let run = RunOptions { run_id: run_id.to_owned() };
    SessionConfig::new_with_ballista()
        .with_option_extension(run)
        .with_target_partitions(partitions.max(1))
        .with_batch_size(BATCH_ROWS)
        .with_information_schema(true)
        // Files belong to the partition that they were listed for: nothing may take or split them.
        .with_repartition_file_scans(false)
        .with_round_robin_repartition(false)
        .set_bool("datafusion.execution.enable_file_stream_work_stealing", false)
        // What is pinned is never changed in place, and footers are small beside the data.
        .set_bool("datafusion.execution.collect_statistics", false)
}

/// What a process needs before it works: code, threads, catalog, messages on their way. Measured.
const PROCESS_BYTES: usize = 96 << 20;
/// What a slot needs whatever it does: batches between operators, a row group that is written.
const SLOT_BYTES: usize = 32 << 20;
/// What the scan of one file needs beside the pool: a row group as stored, its pages, and batches of it. Measured.
const SCAN_BYTES: usize = 12 << 20;
/// Least memory that sorts can work with, unless the process has less than twice as much.
const POOL_BYTES_MIN: usize = 64 << 20;

/// The part of a process's memory that sorts, joins and open shards share, and spill to stay within: what the process and
/// its slots do not need for themselves.
pub fn pool_bytes(memory_bytes: usize, slots: usize) -> usize {
    let fixed = PROCESS_BYTES + slots.max(1) * SLOT_BYTES;
    memory_bytes.saturating_sub(fixed).max(POOL_BYTES_MIN.min(memory_bytes / 2))
}

/// How the tasks of one job share the memory of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskShare {
    /// Tasks that have room at the same time.
    pub tasks: usize,
    /// What sorts, joins and open shards of each may take.
    pub pool_bytes: usize,
}

impl TaskShare {
    /// For tasks of `plan`, of which at most `slots` are wanted at the same time. A task reads one file of every scan at once,
    /// and scans have no reservations of their own.
    pub fn new(memory_bytes: usize, slots: usize, plan: &dyn ExecutionPlan) -> Self {
        Self::of_scans(memory_bytes, slots, scans(plan))
    }

    fn of_scans(memory_bytes: usize, slots: usize, scans: usize) -> Self {
        let needed = SLOT_BYTES + scans * SCAN_BYTES;
        let free = memory_bytes.saturating_sub(PROCESS_BYTES);
        let pool_min = POOL_BYTES_MIN.min(memory_bytes / 2);
        let tasks = (free.saturating_sub(pool_min) / needed).clamp(1, slots.max(1));
        let pool_bytes = free.saturating_sub(tasks * needed).max(pool_min);
        Self { tasks, pool_bytes: pool_bytes / tasks }
    }
}

fn scans(plan: &dyn ExecutionPlan) -> usize {
    let children = plan.children();
    if children.is_empty() { 1 } else { children.into_iter().map(|child| scans(child.as_ref())).sum() }
}

/// Memory and disk for the work of this process: `memory_bytes` in all for `slots` tasks at the same time, spilling to
/// `work_dir`.
///
/// # Errors
/// When the work folder cannot be used.
pub fn runtime(warehouse: &Warehouse, memory_bytes: usize, slots: usize, work_dir: &Path) -> Result<Arc<RuntimeEnv>> {
    let pool = pool(pool_bytes(memory_bytes, slots))?;
    let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Directories(vec![work_dir.to_owned()]));
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(pool).with_disk_manager_builder(disk).build_arc()?;
    register_warehouse(&runtime, warehouse)?;
    Ok(runtime)
}

/// `runtime` for one of several tasks that work at the same time, with a pool of its own. In a common pool the task that
/// merges its spilled runs first takes everything, and the others fail.
///
/// # Errors
/// Never for a runtime that was built before; the builder's signature has one.
pub fn task_runtime(runtime: &RuntimeEnv, pool_bytes: usize) -> Result<Arc<RuntimeEnv>> {
    RuntimeEnvBuilder::from_runtime_env(runtime).with_memory_pool(pool(pool_bytes)?).build_arc()
}

fn pool(bytes: usize) -> Result<Arc<dyn MemoryPool>> {
    let consumers = std::num::NonZeroUsize::new(5).ok_or_else(|| exec_datafusion_err!("five is not zero"))?;
    Ok(Arc::new(TrackConsumersPool::new(FairSpillPool::new(bytes), consumers)))
}

/// Lets plans read and write the warehouse through `runtime`.
///
/// # Errors
/// Never for the constant URL; the parser's signature has one.
pub fn register_warehouse(runtime: &RuntimeEnv, warehouse: &Warehouse) -> Result<()> {
    runtime.register_object_store(warehouse_url()?.as_ref(), warehouse.store());
    Ok(())
}

/// The state that plans are made and run with.
pub fn session_state(config: SessionConfig, runtime: Arc<RuntimeEnv>) -> SessionState {
    SessionStateBuilder::new().with_config(config).with_runtime_env(runtime).with_default_features().build()
}

/// The state that SQL is planned with: it sees `catalogs` and nothing else, and runs in this process. Its plans may split
/// files, since their rows belong to no lane.
pub fn sql_session_state(
    config: SessionConfig,
    runtime: Arc<RuntimeEnv>,
    catalogs: Arc<dyn CatalogProviderList>,
) -> SessionState {
    let config = config.with_create_default_catalog_and_schema(false).with_repartition_file_scans(true);
    let builder = SessionStateBuilder::new().with_config(config).with_runtime_env(runtime);
    builder.with_catalog_list(catalogs).with_default_features().build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_share_what_their_scans_leave() {
        let mib = |bytes: usize| bytes / (1 << 20);
        let table = [(100, 1), (197, 1), (212, 5), (512, 5), (12_000, 5), (12_000, 100)].map(|(memory, scans)| {
            let share = TaskShare::of_scans(memory << 20, 2, scans);
            (share.tasks, mib(share.pool_bytes))
        });
        assert_eq!(table, [(1, 50), (1, 64), (1, 64), (2, 116), (2, 5860), (2, 4720)]);
    }
}
