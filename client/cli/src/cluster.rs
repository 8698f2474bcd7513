//! `mangonel scheduler` and `mangonel executor`: the processes of a cluster.

use mangonel_executor::ExecutorOptions;
use mangonel_proto::Result;
use mangonel_scheduler::{BROADCAST_BYTES_MAX, CatalogOptions, EngineOptions, ServerOptions};

use crate::{
    args::{ExecutorArgs, SchedulerArgs},
    output,
    up::{cores, limits, machine_memory, serve, sql_options, start_logs},
};

/// Environment variable with the secret that scheduler and executors share.
const SECRET_VARIABLE: &str = "MANGONEL_CLUSTER_SECRET";

pub(crate) async fn scheduler(args: SchedulerArgs) -> Result<()> {
    start_logs();
    let secret = secret();
    if secret.is_empty() {
        tracing::warn!("{SECRET_VARIABLE} is not set: whoever reaches the cluster port can join as an executor");
    }
    serve(ServerOptions {
        data_dir: args.work_dir,
        flight: args.flight,
        http: args.http,
        warehouse: Some(args.warehouse),
        memory_bytes: args.memory.unwrap_or_else(|| machine_memory() / 2),
        broadcast_bytes_max: args.broadcast_max.map_or(BROADCAST_BYTES_MAX, |bytes| bytes as u64),
        compact_after: args.compact_after,
        import_roots: args.import_roots,
        sql: sql_options(&args.sql),
        catalog: CatalogOptions::Etcd(args.etcd),
        engine: EngineOptions::Cluster { address: args.cluster, secret },
        limits: limits(&args.limits),
    })
    .await
}

pub(crate) async fn executor(args: ExecutorArgs) -> Result<()> {
    start_logs();
    let options = ExecutorOptions {
        scheduler: args.scheduler,
        cluster: args.cluster,
        flight: args.flight,
        advertise: args.advertise,
        work_dir: args.work_dir,
        slots: args.slots.unwrap_or_else(cores),
        memory_bytes: args.memory.unwrap_or_else(|| machine_memory() / 2),
        secret: secret(),
    };
    Box::pin(mangonel_executor::run(options, |executor_id| {
        // Whoever started the process waits for this line.
        let _ = output::print(&format!("executor {executor_id}\n"));
    }))
    .await
}

fn secret() -> String {
    std::env::var(SECRET_VARIABLE).unwrap_or_default()
}
