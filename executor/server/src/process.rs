//! The life of an executor process: admitted first, then Ballista's executor, then the end of either.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use ballista_core::{RuntimeProducer, config::TaskSchedulingPolicy};
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use datafusion::{
    common::DataFusionError,
    execution::{
        disk_manager::{DiskManagerBuilder, DiskManagerMode},
        runtime_env::RuntimeEnvBuilder,
    },
};
use mangonel_operators::{
    codec::MangonelCodec,
    record::set_worker,
    result_writer::ResultFolder,
    session::{pool_bytes, register_warehouse, session_config},
};
use mangonel_proto::{Error, Result};
use mangonel_storage::warehouse::Warehouse;
use tokio::signal::unix::{SignalKind, signal};

use tokio::net::TcpListener;
use tonic::transport::server::TcpIncoming;

use crate::{
    ExecutorOptions,
    control::Control,
    flight::{CurrentKey, ResultFront},
    results::Results,
};

/// Largest message between scheduler and executors; the scheduler has the same.
const MESSAGE_BYTES_MAX: u32 = 64 << 20;

/// Runs an executor until the scheduler is gone or the process is told to end (Ctrl-C and SIGTERM are heard by Ballista,
/// which lets running tasks end). `admitted` is called once work can come.
///
/// # Errors
/// Why the scheduler refuses this executor, or what ended it.
pub async fn run(options: ExecutorOptions, admitted: impl FnOnce(&str)) -> Result<()> {
    let executor_id = format!("executor-{}", uuid::Uuid::now_v7());
    set_worker(&executor_id);
    std::fs::create_dir_all(&options.work_dir)
        .map_err(|error| Error::invalid(format!("work folder {}: {error}", options.work_dir.display())))?;
    let results = Results::open(&options.work_dir, &executor_id)?;
    let (listener, port) = bind(options.flight).await?;
    let mut control = Control::connect(&options, &executor_id, client_address(&options, port)).await?;
    let joined = control.join().await?;
    let (warehouse, key) = (Arc::new(joined.warehouse), CurrentKey::new(joined.key));
    let folder = Arc::new(results.folder.clone());
    let config = ballista_config(&options, &executor_id, &warehouse, &folder)?;
    let front =
        ResultFront { executor_id: executor_id.clone(), key: key.clone(), results: folder, warehouse }.service();
    let server = tonic::transport::Server::builder().add_service(front);
    // Set here: the builder's own setting is not used for connections that it is handed.
    let serves = server.serve_with_incoming(TcpIncoming::from(listener).with_nodelay(Some(true)));
    admitted(&executor_id);
    let works = Box::pin(start_executor_process(Arc::new(config)));
    let mut terminate = signal(SignalKind::terminate()).map_err(|error| Error::internal(error.to_string()))?;
    let told = Arc::new(AtomicBool::new(false));
    let hears = Arc::clone(&told);
    tokio::spawn(async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        hears.store(true, Ordering::Release);
    });
    tokio::select! {
        ended = works => match ended {
            Err(error) => Err(Error::unavailable(format!("the executor ended: {error}"))),
            Ok(()) if told.load(Ordering::Acquire) => Ok(()),
            // It did not answer for a while. An error, so that whoever started this process starts it anew.
            Ok(()) => Err(Error::unavailable("the scheduler took this executor for lost and stopped it: start it again")),
        },
        lost = control.beat(&results, &key) => Err(Error::unavailable(format!("the scheduler was lost: {lost}"))),
        failed = serves => Err(Error::unavailable(format!("the Flight port failed: {failed:?}"))),
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, u16)> {
    let refused = |error: std::io::Error| Error::unavailable(format!("port {address}: {error}"));
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let port = listener.local_addr().map_err(refused)?.port();
    Ok((listener, port))
}

/// `host:port` for clients. Without a host the scheduler takes the address that this executor dials from.
fn client_address(options: &ExecutorOptions, port: u16) -> String {
    match (&options.advertise, options.flight.ip()) {
        (Some(host), _) if host.contains(':') => format!("[{host}]:{port}"),
        (Some(host), _) => format!("{host}:{port}"),
        (None, ip) if ip.is_unspecified() => format!(":{port}"),
        (None, ip) => SocketAddr::new(ip, port).to_string(),
    }
}

fn ballista_config(
    options: &ExecutorOptions,
    executor_id: &str,
    warehouse: &Arc<Warehouse>,
    results: &Arc<ResultFolder>,
) -> Result<ExecutorProcessConfig> {
    let (host, port) = options
        .scheduler
        .rsplit_once(':')
        .and_then(|(host, port)| Some((host.to_owned(), port.parse().ok()?)))
        .ok_or_else(|| Error::invalid(format!("scheduler address `{}` has no port", options.scheduler)))?;
    let ports = if options.cluster.port() == 0 {
        (free_port(options)?, free_port(options)?)
    } else {
        (options.cluster.port(), options.cluster.port() + 1)
    };
    let (known, work_dir) = (Arc::clone(warehouse), options.work_dir.clone());
    let runtimes: RuntimeProducer = Arc::new(move |_| {
        let disk = DiskManagerBuilder::default().with_mode(DiskManagerMode::Directories(vec![work_dir.clone()]));
        let runtime = RuntimeEnvBuilder::new().with_disk_manager_builder(disk).build_arc()?;
        register_warehouse(&runtime, &known)?;
        Ok::<_, DataFusionError>(runtime)
    });
    let (known, results) = (Arc::clone(warehouse), Arc::clone(results));
    let session = move || session_config("", 1).with_extension(Arc::clone(&known)).with_extension(Arc::clone(&results));
    Ok(ExecutorProcessConfig {
        executor_id: executor_id.to_owned(),
        bind_host: options.cluster.ip().to_string(),
        external_host: Some(options.advertise.clone().unwrap_or_else(|| options.cluster.ip().to_string())),
        port: ports.0,
        grpc_port: ports.1,
        scheduler_host: host,
        scheduler_port: port,
        scheduler_connect_timeout_seconds: 10,
        vcores: options.slots,
        task_scheduling_policy: TaskSchedulingPolicy::PushStaged,
        // Always set: without one Ballista uses a temporary folder that it has deleted already.
        work_dir: Some(options.work_dir.display().to_string()),
        job_data_ttl_seconds: 6 * 3600,
        job_data_clean_up_interval_seconds: 600,
        grpc_max_decoding_message_size: MESSAGE_BYTES_MAX,
        grpc_max_encoding_message_size: MESSAGE_BYTES_MAX,
        executor_heartbeat_interval_seconds: 2,
        memory_pool_size: Some(pool_bytes(options.memory_bytes, options.slots) as u64),
        override_runtime_producer: Some(runtimes),
        override_config_producer: Some(Arc::new(session)),
        override_physical_codec: Some(Arc::new(MangonelCodec::default())),
        ..Default::default()
    })
}

fn free_port(options: &ExecutorOptions) -> Result<u16> {
    let listener = std::net::TcpListener::bind((options.cluster.ip(), 0));
    let port = listener.and_then(|listener| listener.local_addr()).map(|address| address.port());
    port.map_err(|error| Error::unavailable(format!("no free port on {}: {error}", options.cluster.ip())))
}
