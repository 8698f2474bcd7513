//! Starts and stops a server: catalog, warehouse, engine, the Flight port, the HTTP port and (on a cluster) the cluster port.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use arrow_flight::flight_service_server::FlightServiceServer;
use mangonel_catalog::{
    AccessPolicy, Catalog,
    store::{EtcdStore, KeyValueStore, LockedFolder, SqliteStore},
};
use mangonel_operators::flight::MESSAGE_BYTES_MAX;
use mangonel_proto::{Error, Result};
use mangonel_storage::warehouse::Warehouse;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use tonic::transport::server::TcpIncoming;

use crate::{
    admission::Limits,
    control::ControlFront,
    engine::{BallistaEngine, Engine, LocalEngine},
    flight::FlightFront,
    http,
    imports::ImportRoots,
    members::Members,
    service::{FeatureStore, SqlOptions, StoreOptions, clear_reads},
};

/// How long etcd may take to answer, at the start and for each call.
const ETCD_TIMEOUT: Duration = Duration::from_secs(5);

/// How often a silent connection of a client is tried, and how long it may take to answer.
const KEEPALIVE_EVERY: Duration = Duration::from_secs(30);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(20);

/// How a server is run.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Folder for staged and spilled data, and for whatever of catalog and warehouse is kept in this process.
    pub data_dir: PathBuf,
    /// Port 0 takes a free one.
    pub flight: SocketAddr,
    /// Port 0 takes a free one.
    pub http: SocketAddr,
    /// URL of the warehouse; `None` for a folder in `data_dir`.
    pub warehouse: Option<String>,
    /// Memory for the work on data in this process, in bytes.
    pub memory_bytes: usize,
    /// Largest feature group, in bytes as stored, that a join on other columns sends whole to every task; rows of larger
    /// ones are routed.
    pub broadcast_bytes_max: u64,
    /// Sorted runs that readers of a feature group may have to merge before it is compacted; 0 leaves it to people.
    pub compact_after: usize,
    /// Folders and URLs below which inserts may read files.
    pub import_roots: Vec<String>,
    pub sql: SqlOptions,
    pub catalog: CatalogOptions,
    pub engine: EngineOptions,
    pub limits: Limits,
}

/// Where the catalog is kept.
#[derive(Clone, Debug)]
pub enum CatalogOptions {
    /// In a file of `data_dir`.
    Embedded,
    /// `host:port` of each etcd server.
    Etcd(Vec<String>),
}

/// Who does the work.
#[derive(Clone, Debug)]
pub enum EngineOptions {
    /// This process, on so many partitions at the same time.
    Local { threads: usize },
    /// Executors, which dial `address` and know `secret`.
    Cluster { address: SocketAddr, secret: String },
}

/// A running server.
pub struct Server {
    flight: SocketAddr,
    http: SocketAddr,
    cluster: Option<SocketAddr>,
    store: Arc<FeatureStore>,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
    _lock: LockedFolder,
}

impl Server {
    /// Starts a server; when this returns it answers.
    ///
    /// # Errors
    /// When the folder is in use by another server, a port is taken, etcd does not answer, or the warehouse cannot be
    /// written.
    pub async fn start(options: ServerOptions) -> Result<Self> {
        let folder = |name: &str| create_folder(options.data_dir.join(name));
        let imports = ImportRoots::open(&options.import_roots)?;
        create_folder(options.data_dir.clone())?;
        let lock = LockedFolder::lock(&options.data_dir)?;
        let warehouse_url = match &options.warehouse {
            Some(url) => url.clone(),
            None => folder("warehouse")?.display().to_string(),
        };
        let warehouse = Arc::new(Warehouse::open(&warehouse_url, true).await?);
        warehouse.probe_write("server").await?;
        clear_reads(&warehouse).await;
        let catalog: Arc<dyn KeyValueStore> = match &options.catalog {
            CatalogOptions::Embedded => Arc::new(SqliteStore::open(folder("catalog")?.join("catalog.sqlite"))?),
            CatalogOptions::Etcd(endpoints) => {
                let store = EtcdStore::connect(endpoints, ETCD_TIMEOUT).await;
                Arc::new(store.map_err(|error| {
                    Error::new(
                        error.code(),
                        format!("{error}: start etcd, or look at `--etcd`, then start this server again"),
                    )
                })?)
            }
        };
        let catalog = Catalog::new(catalog, AccessPolicy::default());
        let (spill, staging) = (folder("spill")?, folder("staging")?);
        remove_leftovers(&spill);
        remove_leftovers(&staging);

        let stop = CancellationToken::new();
        let mut tasks = Vec::new();
        let members = Arc::new(Members::default());
        let mut cluster = None;
        let engine: Arc<dyn Engine> = match &options.engine {
            EngineOptions::Local { threads } => {
                let (memory, running) = (options.memory_bytes, options.limits.running);
                Arc::new(LocalEngine::try_new(Arc::clone(&warehouse), *threads, memory, running, &spill)?)
            }
            EngineOptions::Cluster { address, .. } => {
                let listener = bind(*address).await?;
                let address = local_address(&listener)?;
                let engine = BallistaEngine::try_new(
                    Arc::clone(&warehouse),
                    address,
                    Arc::clone(&members),
                    options.memory_bytes,
                    &spill,
                );
                let engine = Box::pin(engine).await?;
                cluster = Some((listener, engine.service(), address));
                Arc::new(engine)
            }
        };
        let store = FeatureStore::try_new(
            catalog,
            Arc::clone(&warehouse),
            engine,
            Arc::clone(&members),
            StoreOptions {
                staging,
                memory_bytes: options.memory_bytes,
                broadcast_bytes_max: options.broadcast_bytes_max,
                compact_after: options.compact_after,
                imports,
                limits: options.limits,
                sql: options.sql.clone(),
            },
        )?;
        let store = Arc::new(store);
        let mut cluster_address = None;
        if let (Some((listener, ballista, address)), EngineOptions::Cluster { secret, .. }) = (cluster, &options.engine)
        {
            let control = ControlFront {
                members,
                warehouse: Arc::clone(&warehouse),
                warehouse_url: absolute_url(&warehouse),
                secret: secret.clone(),
                verifying_key: store.tickets.verifying_key(),
            };
            let stopped = stop.clone();
            tasks.push(tokio::spawn(async move {
                let server = tonic::transport::Server::builder()
                    .add_service(ballista)
                    .add_service(FlightServiceServer::new(control));
                // Set here: the builder's own settings are not used for connections that it is handed.
                let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
                if let Err(error) = server.serve_with_incoming_shutdown(incoming, stopped.cancelled_owned()).await {
                    tracing::error!(%error, "the cluster port failed");
                }
            }));
            cluster_address = Some(address);
        }

        let flight = bind(options.flight).await?;
        let http_listener = bind(options.http).await?;
        let addresses = (local_address(&flight)?, local_address(&http_listener)?);
        let service = FlightServiceServer::new(FlightFront::new(Arc::clone(&store)))
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
            .max_encoding_message_size(MESSAGE_BYTES_MAX);
        let stopped = stop.clone();
        tasks.push(tokio::spawn(async move {
            // A client whose machine is gone says no end: without an answer its calls end, and what they hold is free.
            let server = tonic::transport::Server::builder()
                .http2_keepalive_interval(Some(KEEPALIVE_EVERY))
                .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
                .add_service(service);
            let incoming = TcpIncoming::from(flight).with_nodelay(Some(true));
            if let Err(error) = server.serve_with_incoming_shutdown(incoming, stopped.cancelled_owned()).await {
                tracing::error!(%error, "the Flight port failed");
            }
        }));
        let (router, stopped) = (http::router(Arc::clone(&store)), stop.clone());
        tasks.push(tokio::spawn(async move {
            let served = axum::serve(http_listener, router).with_graceful_shutdown(stopped.cancelled_owned());
            if let Err(error) = served.await {
                tracing::error!(%error, "the HTTP port failed");
            }
        }));
        // Last, because builds that go on need executors, which need the cluster port.
        store.settle_runs().await?;
        tracing::info!(flight = %addresses.0, http = %addresses.1, warehouse = %warehouse_url, "server started");
        Ok(Self { flight: addresses.0, http: addresses.1, cluster: cluster_address, store, stop, tasks, _lock: lock })
    }

    /// Address of the Flight port.
    pub fn flight(&self) -> SocketAddr {
        self.flight
    }

    /// Address of the HTTP port.
    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// Address that executors dial, on a cluster.
    pub fn cluster(&self) -> Option<SocketAddr> {
        self.cluster
    }

    /// Stops the server: runs are interrupted, and go on with the next server; open calls get a moment to end.
    pub async fn stop(mut self) {
        self.store.stop().await;
        self.stop.cancel();
        for mut task in self.tasks.drain(..) {
            // Streams of clients that do not read any more must not hold the process.
            if tokio::time::timeout(Duration::from_secs(3), &mut task).await.is_err() {
                task.abort();
            }
        }
        tracing::info!("server stopped");
    }
}

fn create_folder(path: PathBuf) -> Result<PathBuf> {
    std::fs::create_dir_all(&path)
        .map_err(|error| Error::invalid(format!("data folder {}: {error}", path.display())))?;
    Ok(path)
}

/// Removes what a killed server has left in a work folder: the lock says that no other one is at work there.
fn remove_leftovers(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let removed = if name.starts_with("datafusion-") {
            std::fs::remove_dir_all(entry.path())
        } else if name.starts_with(".tmp") {
            std::fs::remove_file(entry.path())
        } else {
            continue;
        };
        if let Err(error) = removed {
            tracing::warn!(path = %entry.path().display(), %error, "a leftover stayed behind");
        }
    }
}

/// What executors open: a local folder as an absolute path, since they may stand elsewhere.
fn absolute_url(warehouse: &Warehouse) -> String {
    warehouse.folder().map_or_else(|| warehouse.url().to_string(), |folder| folder.display().to_string())
}

async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| Error::unavailable(format!("port {address}: {error}")))
}

fn local_address(listener: &TcpListener) -> Result<SocketAddr> {
    listener.local_addr().map_err(|error| Error::internal(error.to_string()))
}
