//! `mangonel up`: everything in one process, until Ctrl-C or SIGTERM.

use mangonel_proto::{Error, Result};
use mangonel_scheduler::{
    BROADCAST_BYTES_MAX, CatalogOptions, EngineOptions, Limits, Server, ServerOptions, SqlOptions,
};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    args::{LimitArgs, SqlServerArgs, UpArgs},
    colour, output,
};

/// Environment variable that says what servers log.
pub(crate) const LOG_VARIABLE: &str = "MANGONEL_LOG";

pub(crate) async fn run(args: UpArgs) -> Result<()> {
    start_logs();
    serve(options(&args)).await
}

/// Runs a server until Ctrl-C or SIGTERM, having said where it answers.
pub(crate) async fn serve(options: ServerOptions) -> Result<()> {
    // Heard from the first moment on, so that a signal during the start is not lost.
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| Error::internal(error.to_string()))?;
    let data_dir = options.data_dir.clone();
    let server = Box::pin(Server::start(options)).await?;
    let mut lines = format!("flight grpc://{}\nhttp http://{}\n", server.flight(), server.http());
    if let Some(cluster) = server.cluster() {
        lines += &format!("cluster {cluster}\n");
    }
    output::print(&format!("{lines}data {}\n", data_dir.display()))?;
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
    eprintln!("stopping; runs go on when the server is started again");
    server.stop().await;
    Ok(())
}

/// Options of a server of one process, with the machine's own figures where nothing was said.
pub(crate) fn options(args: &UpArgs) -> ServerOptions {
    ServerOptions {
        data_dir: args.data_dir.clone(),
        flight: args.flight,
        http: args.http,
        warehouse: args.warehouse.clone(),
        memory_bytes: args.memory.unwrap_or_else(|| machine_memory() / 2),
        broadcast_bytes_max: args.broadcast_max.map_or(BROADCAST_BYTES_MAX, |bytes| bytes as u64),
        compact_after: args.compact_after,
        import_roots: args.import_roots.clone(),
        sql: sql_options(&args.sql),
        catalog: CatalogOptions::Embedded,
        engine: EngineOptions::Local { threads: args.threads.unwrap_or_else(cores) },
        limits: limits(&args.limits),
    }
}

pub(crate) fn limits(args: &LimitArgs) -> Limits {
    Limits { running: args.max_running, waiting: args.max_waiting.unwrap_or(Limits::WAITING), reads: args.max_reads }
}

/// Bounds of queries, as the command line says them.
pub(crate) fn sql_options(args: &SqlServerArgs) -> SqlOptions {
    let default = SqlOptions::default();
    SqlOptions {
        timeout_max: args.sql_timeout.map_or(default.timeout_max, |timeout| timeout.0),
        tables_bytes_max: args.sql_tables_max.map_or(default.tables_bytes_max, |bytes| bytes as u64),
        ..default
    }
}

pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Memory of this machine in bytes; 4 GiB where it cannot be read.
pub(crate) fn machine_memory() -> usize {
    let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib = total.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse::<usize>().ok());
    kib.map_or(4 << 30, |kib| kib << 10)
}

/// Structured logs on standard error; `MANGONEL_LOG` sets the level, JSON where standard error is no terminal.
pub(crate) fn start_logs() {
    let filter = EnvFilter::try_from_env(LOG_VARIABLE).unwrap_or_else(|_| EnvFilter::new("info,delta_kernel=warn"));
    let registry = tracing_subscriber::registry().with(filter);
    let started = if std::io::IsTerminal::is_terminal(&std::io::stderr()) {
        registry.with(fmt::layer().with_ansi(colour::on_stderr()).with_writer(std::io::stderr)).try_init()
    } else {
        registry.with(fmt::layer().json().with_writer(std::io::stderr)).try_init()
    };
    // A second start in one process (the demo) keeps the first.
    drop(started);
}
