//! Starts and stops a server: catalog, warehouse, engine, the Flight port and the HTTP port.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use arrow_flight::flight_service_server::FlightServiceServer;
use mangonel_catalog::{
    AccessPolicy, Catalog,
    store::{LockedFolder, SqliteStore},
};
use mangonel_proto::{Error, Result};
use mangonel_storage::warehouse::Warehouse;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_stream::wrappers::TcpListenerStream;
use tokio_util::sync::CancellationToken;

use crate::{
    engine::LocalEngine,
    flight::{FlightFront, MESSAGE_BYTES_MAX},
    http,
    service::FeatureStore,
};

/// How a server of one process is run.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Folder for the catalog, the warehouse (unless `warehouse` says otherwise) and spilled data.
    pub data_dir: PathBuf,
    /// Port 0 takes a free one.
    pub flight: SocketAddr,
    /// Port 0 takes a free one.
    pub http: SocketAddr,
    /// URL of the warehouse; `None` for a folder in `data_dir`.
    pub warehouse: Option<String>,
    /// Memory for the work on data, in bytes.
    pub memory_bytes: usize,
    /// Partitions that are worked on at the same time.
    pub threads: usize,
}

/// A running server.
pub struct Server {
    flight: SocketAddr,
    http: SocketAddr,
    store: Arc<FeatureStore>,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
    _lock: LockedFolder,
}

impl Server {
    /// Starts a server; when this returns it answers.
    ///
    /// # Errors
    /// When the folder is in use by another server, a port is taken, or the warehouse cannot be written.
    pub async fn start(options: ServerOptions) -> Result<Self> {
        let folder = |name: &str| {
            let path = options.data_dir.join(name);
            std::fs::create_dir_all(&path)
                .map_err(|error| Error::invalid(format!("data folder {}: {error}", path.display())))?;
            Ok::<_, Error>(path)
        };
        std::fs::create_dir_all(&options.data_dir)
            .map_err(|error| Error::invalid(format!("data folder {}: {error}", options.data_dir.display())))?;
        let lock = LockedFolder::lock(&options.data_dir)?;
        let warehouse_url = match &options.warehouse {
            Some(url) => url.clone(),
            None => folder("warehouse")?.display().to_string(),
        };
        let warehouse = Arc::new(Warehouse::open(&warehouse_url, true).await?);
        warehouse.probe_write("server").await?;
        let catalog = SqliteStore::open(&folder("catalog")?.join("catalog.sqlite"))?;
        let catalog = Catalog::new(Arc::new(catalog), AccessPolicy::default());
        let spill = folder("spill")?;
        let engine = LocalEngine::try_new(Arc::clone(&warehouse), options.threads, options.memory_bytes, &spill)?;
        let store = FeatureStore::new(catalog, Arc::clone(&warehouse), Arc::new(engine), options.memory_bytes);
        let store = Arc::new(store);
        store.settle_runs().await?;

        let stop = CancellationToken::new();
        let flight = bind(options.flight).await?;
        let http_listener = bind(options.http).await?;
        let addresses = (address(&flight)?, address(&http_listener)?);
        let service = FlightServiceServer::new(FlightFront::new(Arc::clone(&store)))
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
            .max_encoding_message_size(MESSAGE_BYTES_MAX);
        let stopped = stop.clone();
        let flight = tokio::spawn(async move {
            let server = tonic::transport::Server::builder().tcp_nodelay(true).add_service(service);
            let served =
                server.serve_with_incoming_shutdown(TcpListenerStream::new(flight), stopped.cancelled_owned()).await;
            if let Err(error) = served {
                tracing::error!(%error, "the Flight port failed");
            }
        });
        let (router, stopped) = (http::router(Arc::clone(&store)), stop.clone());
        let http = tokio::spawn(async move {
            if let Err(error) =
                axum::serve(http_listener, router).with_graceful_shutdown(stopped.cancelled_owned()).await
            {
                tracing::error!(%error, "the HTTP port failed");
            }
        });
        tracing::info!(flight = %addresses.0, http = %addresses.1, warehouse = %warehouse_url, "server started");
        Ok(Self { flight: addresses.0, http: addresses.1, store, stop, tasks: vec![flight, http], _lock: lock })
    }

    /// Address of the Flight port.
    pub fn flight(&self) -> SocketAddr {
        self.flight
    }

    /// Address of the HTTP port.
    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// Stops the server: runs at work are cancelled, open calls get a moment to end.
    pub async fn stop(mut self) {
        self.store.stop().await;
        self.stop.cancel();
        for mut task in self.tasks.drain(..) {
            // Streams of clients that do not read any more must not hold the process.
            if tokio::time::timeout(std::time::Duration::from_secs(3), &mut task).await.is_err() {
                task.abort();
            }
        }
        tracing::info!("server stopped");
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| Error::unavailable(format!("port {address}: {error}")))
}

fn address(listener: &TcpListener) -> Result<SocketAddr> {
    listener.local_addr().map_err(|error| Error::internal(error.to_string()))
}
