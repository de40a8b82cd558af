//! Streams kept in NATS JetStream, which any number of relays share.
//!
//! Every stream is a JetStream stream of one subject, a message is one event as JSON, and an event's offset is its
//! message's sequence. So every relay gives the same events the same offsets, and a client may resume at any of them.
//!
//! | file | what it does |
//! |---|---|
//! | `discovery.rs` | finds the streams there are, whichever relay made them |
//! | `outlet.rs` | publishes what is ingested here; a producer is answered when JetStream has it |
//! | `follower.rs` | takes all messages of a stream, from whatever relay or program, into its log; `lines.rs` is their text |
//! | `history.rs` | reads back what a log no longer has, or never had; `past.rs` keeps what was read last, as `pieces.rs` cuts it |
//! | `catalog.rs` | the schema and the epoch of every stream, in a key-value bucket: the first relay to need a field adds it for all |
//!
//! The epoch is when the JetStream stream was made. When JetStream has lost events that were given out, or its stream is
//! another one, the relay that notices writes a new epoch for all. A message that is no event, or that was deleted, leaves
//! a hole among the offsets, which is declared to readers. Events have a message id, of their producer's number where it
//! has one: what is sent again within two minutes, to whatever relay, is stored once.

mod catalog;
mod discovery;
mod follower;
mod history;
mod lines;
mod outlet;
mod past;
mod pieces;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::context::ContextBuilder;
use async_nats::jetstream::{Context, stream};
use parking_lot::{Mutex, RwLock};
use spate_shared::schema::Schema;
use spate_shared::text::{Chunk, Rejection};
use spate_shared::time::{MILLISECOND, Nanos};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::clock::Clock;
use crate::log::Streams;
use crate::metrics::Metrics;
use crate::relay::Relay;
use crate::source::producer::Ticket;
use crate::source::upstream::Endpoint;
use catalog::{Catalog, Entry};
use outlet::Outlet;
use past::Past;

pub(crate) use outlet::MAX_WAITING_BYTES;
pub(crate) use past::MAX_PAST_BYTES;

/// Longest wait for a connection, or for an answer about a stream.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait for the acknowledgement of a message.
const ACK_TIMEOUT: Duration = Duration::from_secs(3);
/// How long JetStream knows a message id again.
const DUPLICATE_WINDOW: Duration = Duration::from_mins(2);

/// Where streams are kept, and how those are that are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where NATS is.
    pub endpoint: Endpoint,
    /// What the names of JetStream streams, subjects and the bucket begin with.
    pub prefix: String,
    /// Copies of every stream in a cluster.
    pub replicas: usize,
    /// Most bytes of a stream.
    pub bytes: usize,
    /// Oldest age of an event.
    pub age: Nanos,
    /// How far back a relay reads when it starts.
    pub ring_age: Nanos,
}

/// Why JetStream does not take events, for producers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JetStreamFault {
    /// More waits for it than may be held in memory.
    #[error("JetStream is slower than the events: send again in a moment")]
    Slow,
    /// It refuses, or is away.
    #[error("JetStream does not take events ({0}): send again in a moment")]
    Refused(String),
    /// One more stream than the relay may hold.
    #[error("the relay holds {0} streams, its limit: raise limits.streams, or publish to an existing one")]
    TooMany(usize),
}

/// The connection, and what is under way.
pub struct JetStream {
    settings: Settings,
    context: Context,
    past: Arc<Past>,
    catalog: Catalog,
    /// Where work goes on that threads without a runtime begin.
    runtime: Handle,
    /// What is known of the bucket.
    known: RwLock<HashMap<String, Entry>>,
    outlets: RwLock<HashMap<String, Arc<Outlet>>>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    streams: Arc<Streams>,
    metrics: Arc<Metrics>,
    clock: Clock,
    limit: usize,
}

impl JetStream {
    /// Connects.
    ///
    /// # Errors
    /// A sentence that names the address.
    pub async fn open(
        settings: Settings,
        streams: Arc<Streams>,
        metrics: Arc<Metrics>,
        clock: Clock,
        limit: usize,
    ) -> Result<Self, String> {
        let shown = settings.endpoint.shown();
        let opening = async {
            let client = settings.endpoint.dial_nats().await?;
            let context = ContextBuilder::new().ack_timeout(ACK_TIMEOUT).build(client);
            let catalog = Catalog::open(&context, &settings).await?;
            Ok((context, catalog))
        };
        let opened = timeout(CONNECT_TIMEOUT, opening).await;
        let opened = opened.unwrap_or_else(|_| Err(format!("no answer in {} s", CONNECT_TIMEOUT.as_secs())));
        let (context, catalog) = opened.map_err(|why| {
            format!(
                "cannot use JetStream at {shown}: {why}; start nats-server with -js, or check jetstream.url"
            )
        })?;
        Ok(Self {
            settings,
            past: Arc::new(Past::new(context.clone())),
            context,
            catalog,
            runtime: Handle::current(),
            known: RwLock::default(),
            outlets: RwLock::default(),
            tasks: Mutex::default(),
            streams,
            metrics,
            clock,
            limit,
        })
    }

    /// Makes sure that there is a stream of a declared schema.
    ///
    /// # Errors
    /// A sentence, when it has another schema or JetStream refuses.
    pub async fn declare(&self, name: &str, schema: &Schema) -> Result<(), String> {
        let entry = self.settle(name, schema).await?;
        self.learn(name, &entry);
        Ok(())
    }

    /// What the bucket says of a stream, with a declared schema.
    async fn settle(&self, name: &str, schema: &Schema) -> Result<Entry, String> {
        let created = self.make(name).await?;
        loop {
            let known = self.catalog.get(name).await?;
            let (entry, over) = match known {
                None => (Entry::new(created, false, schema.clone()), None),
                Some((_, known)) if known.schema.time != schema.time || !schema.extends(&known.schema) => {
                    return Err(format!(
                        "stream {name:?} has events of another schema in JetStream: declare its fields as they were and append new ones"
                    ));
                }
                Some((_, known)) if schema.fields == known.schema.fields => return Ok(known),
                Some((revision, known)) => {
                    let version = known.schema.version.saturating_add(1);
                    let schema = Schema { version, ..schema.clone() };
                    (Entry { schema, is_inferred: false, ..known }, Some(revision))
                }
            };
            if self.catalog.put(name, &entry, over).await?.is_some() {
                return Ok(entry);
            }
        }
    }

    /// Follows every stream that is there, and those that come, until [`JetStream::stop`].
    pub fn start(self: &Arc<Self>, relay: &Arc<Relay>) {
        let beginning = relay.readiness.wait_for("JetStream".to_owned());
        let task = discovery::discover(Arc::clone(self), Arc::clone(relay), beginning);
        self.keep(self.runtime.spawn(task));
    }

    /// Remembers what the bucket says of a stream.
    fn learn(&self, name: &str, entry: &Entry) {
        self.known.write().insert(name.to_owned(), entry.clone());
        if let Some(outlet) = self.outlets.read().get(name) {
            outlet.learn(entry);
        }
    }

    fn keep(&self, task: JoinHandle<()>) {
        let mut tasks = self.tasks.lock();
        tasks.retain(|task| !task.is_finished());
        tasks.push(task);
    }

    /// Queues the events of a chunk for a stream: how many, and what was not taken. `sent` counts the events of one text.
    ///
    /// # Errors
    /// [`JetStreamFault::TooMany`].
    pub fn take(
        self: &Arc<Self>,
        stream: &str,
        chunk: Chunk,
        ticket: Option<&Ticket>,
        sent: &mut u64,
    ) -> Result<(u64, Vec<Rejection>), JetStreamFault> {
        let now = (self.clock)();
        Ok(self.outlet(stream)?.take(chunk, ticket, sent, now))
    }

    /// Whether more may be published to a stream now.
    ///
    /// # Errors
    /// [`JetStreamFault`].
    pub fn usable(&self, stream: &str) -> Result<(), JetStreamFault> {
        self.outlets.read().get(stream).map_or(Ok(()), |outlet| outlet.usable())
    }

    /// Waits until JetStream has all that was published to a stream before.
    ///
    /// # Errors
    /// [`JetStreamFault`]; it may get it later.
    pub async fn settled(&self, stream: &str) -> Result<(), JetStreamFault> {
        let outlet = self.outlets.read().get(stream).cloned();
        match outlet {
            Some(outlet) => outlet.settled().await,
            None => Ok(()),
        }
    }

    /// Bytes that wait to be published, by stream.
    pub fn waiting(&self) -> Vec<(String, usize)> {
        let outlets = self.outlets.read();
        let mut waiting: Vec<_> =
            outlets.iter().map(|(name, outlet)| (name.clone(), outlet.waiting_bytes())).collect();
        waiting.sort();
        waiting
    }

    /// Bytes of what was read back and is kept for the next reader.
    pub fn past_bytes(&self) -> usize {
        self.past.size_bytes()
    }

    /// Why streams take no events, by stream.
    pub fn faults(&self) -> Vec<String> {
        let outlets = self.outlets.read();
        let fault = |(name, outlet): (&String, &Arc<Outlet>)| {
            outlet.usable().err().map(|fault| format!("stream {name:?}: {fault}"))
        };
        let mut faults: Vec<_> = outlets.iter().filter_map(fault).collect();
        faults.sort();
        faults
    }

    /// Waits until what was ingested is published.
    pub async fn flush(&self) {
        let outlets: Vec<_> = self.outlets.read().values().cloned().collect();
        for outlet in outlets {
            // What is refused was not acknowledged.
            let _ = outlet.settled().await;
        }
    }

    /// Follows and publishes no more.
    pub fn stop(&self) {
        self.tasks.lock().drain(..).for_each(|task| task.abort());
    }

    fn outlet(self: &Arc<Self>, name: &str) -> Result<Arc<Outlet>, JetStreamFault> {
        if let Some(outlet) = self.outlets.read().get(name) {
            return Ok(Arc::clone(outlet));
        }
        let mut outlets = self.outlets.write();
        if let Some(outlet) = outlets.get(name) {
            return Ok(Arc::clone(outlet));
        }
        if self.streams.get(name).is_none() && self.streams.all().len().max(outlets.len()) >= self.limit {
            return Err(JetStreamFault::TooMany(self.limit));
        }
        let outlet = Arc::new(Outlet::new(self, name));
        outlets.insert(name.to_owned(), Arc::clone(&outlet));
        self.keep(self.runtime.spawn(Arc::clone(&outlet).run(Arc::clone(self))));
        Ok(outlet)
    }

    fn stream_name(&self, name: &str) -> String {
        format!("{}-{}", self.settings.prefix, catalog::key(name))
    }

    fn subject(&self, name: &str) -> String {
        format!("{}.{}", self.settings.prefix, catalog::key(name))
    }

    /// The stream as JetStream has it, made if need be: when it was made, in milliseconds.
    async fn make(&self, name: &str) -> Result<u64, String> {
        let config = stream::Config {
            name: self.stream_name(name),
            subjects: vec![self.subject(name)],
            max_bytes: self.settings.bytes as i64,
            max_age: Duration::from_nanos(self.settings.age.max(0) as u64),
            num_replicas: self.settings.replicas,
            duplicate_window: DUPLICATE_WINDOW.min(Duration::from_nanos(self.settings.age.max(1) as u64)),
            ..stream::Config::default()
        };
        let made = self.context.get_or_create_stream(config).await.map_err(|error| error.to_string())?;
        Ok(created(made.cached_info()))
    }
}

/// A consumer that reads and acknowledges nothing; the server forgets it when it is not used for so long.
fn reading(deliver_policy: DeliverPolicy, inactive_threshold: Duration) -> pull::Config {
    let ack_policy = AckPolicy::None;
    pull::Config {
        deliver_policy,
        ack_policy,
        memory_storage: true,
        inactive_threshold,
        ..Default::default()
    }
}

/// From the first message that was published then or later.
fn published_since(since: Nanos) -> Result<DeliverPolicy, String> {
    let start_time = async_nats::datetime::from_nanos(since.into()).map_err(|error| error.to_string())?;
    Ok(DeliverPolicy::ByStartTime { start_time })
}

/// When a stream was made, in milliseconds.
fn created(info: &stream::Info) -> u64 {
    (info.created.unix_timestamp_nanos() / i128::from(MILLISECOND)).max(0) as u64
}
