//! The parts put together, from the first listen to the drain.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::clock::Clock;
use crate::config::{Config, Limits};
use crate::dashboards::Dashboards;
use crate::log::{CreateError, Ring, Streams};
use crate::metrics::Metrics;
use crate::source::{Ingest, SourceError, Sources};
use crate::{http, session};

/// This build, told to clients.
pub const BUILD: &str = concat!("spate-relay ", env!("CARGO_PKG_VERSION"));
/// Longest drain.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// What every request and session shares. Lives until the last of them ends.
pub struct Relay {
    /// All streams.
    pub streams: Arc<Streams>,
    /// The way in for text.
    pub ingest: Arc<Ingest>,
    /// Dashboards that are kept here.
    pub dashboards: Dashboards,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// What clients and producers may use.
    pub limits: Limits,
    /// The time.
    pub clock: Clock,
    /// Turns true once, when the relay shuts down.
    pub draining: watch::Receiver<bool>,
    /// One permit per WebSocket connection.
    pub connections: Arc<Semaphore>,
    /// One permit per text that is being decoded, so that large texts take turns with memory.
    pub decoders: Semaphore,
}

/// Why the relay did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be used.
    #[error(
        "cannot listen on {listen}: {error}; stop what uses it, or choose another with --listen HOST:PORT"
    )]
    Listen {
        /// As configured.
        listen: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// A declared stream cannot be created.
    #[error("a declared stream: {0}")]
    Stream(#[from] CreateError),
    /// A source did not start.
    #[error(transparent)]
    Source(#[from] SourceError),
}

/// A relay that listens.
pub struct Running {
    relay: Arc<Relay>,
    address: SocketAddr,
    drain: watch::Sender<bool>,
    server: JoinHandle<std::io::Result<()>>,
    sealer: JoinHandle<()>,
    sources: Sources,
}

impl Running {
    /// Opens the sources, listens, then starts both.
    ///
    /// # Errors
    /// [`StartError`] naming the address, stream or file at fault.
    pub async fn start(config: Config, clock: Clock) -> Result<Self, StartError> {
        let (drain, draining) = watch::channel(false);
        let metrics = Arc::new(Metrics::new());
        let ring = Ring { bytes: config.ring.bytes.0, age: config.ring.age.0 };
        let (streams, sealer) =
            Streams::new(ring, config.limits.streams, Arc::clone(&clock), Arc::clone(&metrics));
        let streams = Arc::new(streams);
        for stream in &config.streams {
            streams.create(&stream.name, stream.schema())?;
        }
        let (listener, address) = listen(&config.listen).await?;
        let rate = config.limits.ingest_bytes_per_second.map(|rate| rate.0 as u64);
        let ingest = Ingest::new(Arc::clone(&streams), Arc::clone(&metrics), Arc::clone(&clock), rate);
        let relay = Arc::new(Relay {
            ingest: Arc::new(ingest),
            dashboards: Dashboards::new(&config.dashboards),
            streams,
            metrics,
            limits: config.limits,
            clock,
            draining,
            connections: Arc::new(Semaphore::new(config.limits.connections)),
            decoders: Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from)),
        });
        let sealer = tokio::spawn(sealer.run());
        let mut sources = Sources::default();
        sources.change(&relay, &config.sources)?;
        let server = serve(listener, &relay);
        tracing::info!(%address, streams = relay.streams.all().len(), build = BUILD, "listening");
        Ok(Self { relay, address, drain, server, sealer, sources })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What requests and sessions share.
    pub fn relay(&self) -> &Arc<Relay> {
        &self.relay
    }

    /// Stops the sources, seals what is open, closes every session with 1012; at most [`DRAIN_TIMEOUT`].
    ///
    /// The way in is closed before the last seal, and the sessions are told after it: an event that was accepted is
    /// sealed, and a session that is told sees every event.
    pub async fn drain(self) {
        tracing::info!("draining");
        let relay = self.relay;
        let drained = async {
            self.sources.stop().await;
            let ingest = Arc::clone(&relay.ingest);
            // On a thread of its own, since it waits for the texts that are being published.
            let _ = tokio::task::spawn_blocking(move || ingest.close()).await;
            relay.streams.seal_all();
            // Receivers exist as long as the relay does.
            let _ = self.drain.send(true);
            let all = u32::try_from(relay.limits.connections).unwrap_or(u32::MAX);
            let sessions = relay.connections.acquire_many(all);
            (sessions.await.is_ok(), self.server.await)
        };
        if timeout(DRAIN_TIMEOUT, drained).await.is_err() {
            tracing::warn!(seconds = DRAIN_TIMEOUT.as_secs(), "clients that do not leave are cut");
        }
        self.sealer.abort();
    }
}

async fn listen(address: &str) -> Result<(TcpListener, SocketAddr), StartError> {
    let fault = |error| StartError::Listen { listen: address.to_owned(), error };
    let listener = TcpListener::bind(address).await.map_err(fault)?;
    let bound = listener.local_addr().map_err(fault)?;
    Ok((listener, bound))
}

fn serve(listener: TcpListener, relay: &Arc<Relay>) -> JoinHandle<std::io::Result<()>> {
    let listener = listener.tap_io(|tcp| {
        if let Err(error) = tcp.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps Nagle's algorithm");
        }
    });
    let mut draining = relay.draining.clone();
    let router = http::router(Arc::clone(relay));
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        // An error means that the relay is gone, which is a shutdown too.
        let _ = draining.wait_for(|draining| *draining).await;
    });
    tokio::spawn(async move { server.await })
}

/// Longest message that the WebSocket layer hands over; a session refuses those over its own limit with a reason.
pub(crate) const MAX_SOCKET_MESSAGE: usize = 2 * session::MAX_MESSAGE_BYTES;
