//! The parts put together, from the first listen to the drain.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt as _;
use parking_lot::RwLock;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::clock::Clock;
use crate::config::{Config, ConfigError, Limits, StreamConfig};
use crate::dashboards::Dashboards;
use crate::http;
use crate::http::Assets;
use crate::jetstream::JetStream;
use crate::log::disk::DiskError;
use crate::log::{CreateError, Ring, Streams};
use crate::metrics::Metrics;
use crate::ready::Readiness;
use crate::session::Broadcasters;
use crate::source::{Ingest, SourceError, Sources};

/// This build, told to clients.
pub const BUILD: &str = concat!("spate-relay ", env!("CARGO_PKG_VERSION"));
/// Longest wait of a drain for JetStream.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);
/// Longest drain.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(5);

/// What every request and session shares. Lives until the last of them ends.
pub struct Relay {
    /// All streams.
    pub streams: Arc<Streams>,
    /// Where streams are kept that other relays share.
    pub jetstream: Option<Arc<JetStream>>,
    /// Who sends what is sealed.
    pub(crate) broadcasters: Broadcasters,
    /// The way in for text.
    pub ingest: Arc<Ingest>,
    /// Dashboards that are kept here, as the latest configuration says.
    dashboards: RwLock<Arc<Dashboards>>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Whether it takes work.
    pub readiness: Arc<Readiness>,
    /// How much history each stream keeps in memory.
    pub ring: Ring,
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

/// Texts that may be decoded at the same time.
pub(crate) fn decoders() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

impl Relay {
    /// The dashboards that are kept here.
    pub fn dashboards(&self) -> Arc<Dashboards> {
        Arc::clone(&self.dashboards.read())
    }
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
    /// The log on disk cannot be used.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// JetStream cannot be used.
    #[error("{0}")]
    JetStream(String),
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
    /// What it runs by.
    config: Config,
}

/// Whether a relay could start with a configuration, without listening: reads every file that is replayed.
///
/// # Errors
/// As [`Running::start`].
pub fn check(config: &Config, clock: &Clock) -> Result<(), StartError> {
    let metrics = Arc::new(Metrics::new());
    let ring = Ring { bytes: config.ring.bytes.0, age: config.ring.age.0 };
    let (streams, _sealer) = Streams::new(ring, config.limits.streams, Arc::clone(clock), metrics);
    for stream in &config.streams {
        streams.create(&stream.name, stream.schema())?;
    }
    Ok(Sources::check(&streams, clock, &config.sources)?)
}

impl Running {
    /// Opens the sources, listens, then starts both. `assets` are the client it serves.
    ///
    /// # Errors
    /// [`StartError`] naming the address, stream or file at fault.
    pub async fn start(config: Config, clock: Clock, assets: Assets) -> Result<Self, StartError> {
        let (drain, draining) = watch::channel(false);
        let metrics = Arc::new(Metrics::new());
        let ring = Ring { bytes: config.ring.bytes.0, age: config.ring.age.0 };
        let (mut streams, sealer) =
            Streams::new(ring, config.limits.streams, Arc::clone(&clock), Arc::clone(&metrics));
        streams.seal_at(config.batch.interval);
        if let Some(log) = &config.log {
            streams.keep_on_disk(log.settings())?;
        }
        let streams = Arc::new(streams);
        let jetstream = shared(&config, &streams, &metrics, &clock).await.map_err(StartError::JetStream)?;
        if jetstream.is_none() {
            for stream in &config.streams {
                streams.declare(&stream.name, stream.schema())?;
            }
        }
        let (listener, address) = listen(&config.listen).await?;
        let rate = config.limits.ingest_bytes_per_second.map(|rate| rate.0 as u64);
        let (metered, timed) = (Arc::clone(&metrics), Arc::clone(&clock));
        let ingest = Ingest::new(Arc::clone(&streams), jetstream.clone(), metered, timed, rate);
        let changes = streams.watch_changes();
        let relay = Arc::new(Relay {
            broadcasters: Broadcasters::new(changes, draining.clone(), Arc::clone(&metrics)),
            ingest: Arc::new(ingest),
            dashboards: RwLock::new(Arc::new(Dashboards::new(&config.dashboards))),
            streams,
            jetstream,
            metrics,
            readiness: Arc::default(),
            ring,
            limits: config.limits,
            clock,
            draining,
            connections: Arc::new(Semaphore::new(config.limits.connections)),
            decoders: Semaphore::new(decoders()),
        });
        let sealer = tokio::spawn(sealer.run());
        if let Some(jetstream) = &relay.jetstream {
            jetstream.start(&relay);
        }
        let mut sources = Sources::default();
        sources.change(&relay, &config.sources)?;
        let server = serve(listener, &relay, assets);
        tracing::info!(%address, streams = relay.streams.all().len(), build = BUILD, "listening");
        Ok(Self { relay, address, drain, server, sealer, sources, config })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What requests and sessions share.
    pub fn relay(&self) -> &Arc<Relay> {
        &self.relay
    }

    /// Runs by a new configuration from now on, as far as that needs no restart: sources, declared streams that are new,
    /// dashboards, the rate of ingest. What is wrong changes nothing and is said.
    pub async fn reload(&mut self, read: Result<Config, ConfigError>) {
        let changed = match read {
            Ok(config) => {
                let missed = restart_keys(&self.config, &config);
                self.change(config).await.map(|()| missed).map_err(|error| error.to_string())
            }
            Err(error) => Err(error.to_string()),
        };
        self.relay.metrics.reloaded(changed.is_ok());
        match changed {
            Ok(missed) if missed.is_empty() => tracing::info!("the configuration was read again"),
            Ok(missed) => {
                let keys = missed.join(", ");
                tracing::warn!(keys, "the configuration was read again; these keys need a restart");
            }
            Err(error) => tracing::error!(error, "the configuration is wrong, the one before stays"),
        }
    }

    async fn change(&mut self, config: Config) -> Result<(), StartError> {
        let relay = &self.relay;
        let is_declared = |name: &str| self.config.streams.iter().any(|stream| stream.name == name);
        for stream in &config.streams {
            match &relay.jetstream {
                Some(jetstream) if !is_declared(&stream.name) => {
                    jetstream.declare(&stream.name, &stream.schema()).await.map_err(StartError::JetStream)?;
                }
                None if relay.streams.get(&stream.name).is_none() => {
                    relay.streams.declare(&stream.name, stream.schema())?;
                }
                _ => {}
            }
        }
        self.sources.change(relay, &config.sources)?;
        *relay.dashboards.write() = Arc::new(Dashboards::new(&config.dashboards));
        relay.ingest.limit(config.limits.ingest_bytes_per_second.map(|rate| rate.0 as u64));
        self.config = config;
        Ok(())
    }

    /// Stops the sources, seals what is open, closes every session with 1012; at most [`DRAIN_TIMEOUT`].
    ///
    /// The way in is closed before the last seal, and the sessions are told after it: an event that was accepted is
    /// sealed, and a session that is told sees every event.
    pub async fn drain(self) {
        tracing::info!("draining");
        let relay = self.relay;
        relay.readiness.leave();
        let drained = async {
            self.sources.stop().await;
            let (ingest, streams) = (Arc::clone(&relay.ingest), Arc::clone(&relay.streams));
            // On a thread of its own, since it waits for the texts that are being published, and for the disk.
            let close = move || {
                ingest.close();
                streams.seal_all();
                streams.flush();
            };
            let _ = tokio::task::spawn_blocking(close).await;
            if let Some(jetstream) = &relay.jetstream {
                // The producers that wait for it are answered, or cut at the end of the drain.
                let _ = timeout(FLUSH_TIMEOUT, jetstream.flush()).await;
                jetstream.stop();
            }
            // Receivers exist as long as the relay does.
            let _ = self.drain.send(true);
            let all = u32::try_from(relay.limits.connections).unwrap_or(u32::MAX);
            let sessions = relay.connections.acquire_many(all);
            (sessions.await.is_ok(), self.server.await)
        };
        if timeout(DRAIN_TIMEOUT, drained).await.is_err() {
            tracing::warn!(seconds = DRAIN_TIMEOUT.as_secs(), "clients that do not leave are cut");
        }
        relay.jetstream.iter().for_each(|jetstream| jetstream.stop());
        let streams = Arc::clone(&relay.streams);
        let _ = tokio::task::spawn_blocking(move || streams.close()).await;
        self.sealer.abort();
    }
}

/// The keys that differ and take effect at the next start alone.
fn restart_keys(before: &Config, after: &Config) -> Vec<&'static str> {
    let limits = |config: &Config| Limits { ingest_bytes_per_second: None, ..config.limits };
    let is_changed = |stream: &StreamConfig| !after.streams.contains(stream);
    let differs = [
        ("listen", before.listen != after.listen),
        ("ring", before.ring != after.ring),
        ("log", before.log != after.log),
        ("jetstream", before.jetstream != after.jetstream),
        ("batch", before.batch != after.batch),
        ("limits", limits(before) != limits(after)),
        ("stream", before.streams.iter().any(is_changed)),
    ];
    differs.into_iter().filter(|(_, differs)| *differs).map(|(key, _)| key).collect()
}

/// JetStream with the declared streams, if streams are kept there.
async fn shared(
    config: &Config,
    streams: &Arc<Streams>,
    metrics: &Arc<Metrics>,
    clock: &Clock,
) -> Result<Option<Arc<JetStream>>, String> {
    let Some(jetstream) = &config.jetstream else { return Ok(None) };
    let settings = jetstream.settings(config.ring.age.0);
    let (streams, metrics, clock) = (Arc::clone(streams), Arc::clone(metrics), Arc::clone(clock));
    let jetstream = JetStream::open(settings, streams, metrics, clock, config.limits.streams).await?;
    for stream in &config.streams {
        jetstream.declare(&stream.name, &stream.schema()).await?;
    }
    Ok(Some(Arc::new(jetstream)))
}

async fn listen(address: &str) -> Result<(TcpListener, SocketAddr), StartError> {
    let fault = |error| StartError::Listen { listen: address.to_owned(), error };
    let listener = TcpListener::bind(address).await.map_err(fault)?;
    let bound = listener.local_addr().map_err(fault)?;
    Ok((listener, bound))
}

fn serve(listener: TcpListener, relay: &Arc<Relay>, assets: Assets) -> JoinHandle<std::io::Result<()>> {
    let listener = listener.tap_io(|tcp| {
        if let Err(error) = tcp.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps Nagle's algorithm");
        }
    });
    let mut draining = relay.draining.clone();
    let router = http::router(Arc::clone(relay), assets);
    let server = axum::serve(listener, router).with_graceful_shutdown(async move {
        // An error means that the relay is gone, which is a shutdown too.
        let _ = draining.wait_for(|draining| *draining).await;
    });
    tokio::spawn(async move { server.await })
}
