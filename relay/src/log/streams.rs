//! All streams of the relay, by name and by number.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::RwLock;
use spate_shared::catalog::{StreamInfo, StreamNameError, check_stream_name};
use spate_shared::schema::Schema;
use spate_shared::time::MILLISECOND;
use tokio::sync::{mpsc, watch};

use super::changes::Changes;
use super::sealer::Due;
use super::{Log, Ring, Sealer, Stream};
use crate::clock::Clock;
use crate::metrics::Metrics;

/// Why a stream was not created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateError {
    /// The name cannot name a stream.
    #[error(transparent)]
    Name(#[from] StreamNameError),
    /// The name is taken.
    #[error("stream {0:?} exists already: give each source its own stream")]
    Exists(String),
    /// The relay is full.
    #[error(
        "the relay holds {limit} streams, its limit: raise limits.streams, or publish to an existing one"
    )]
    TooMany {
        /// The limit.
        limit: usize,
    },
}

/// The registry. Streams are created and never removed.
pub struct Streams {
    table: RwLock<Table>,
    changes: Arc<Changes>,
    sealer: mpsc::UnboundedSender<Due>,
    clock: Clock,
    metrics: Arc<Metrics>,
    ring: Ring,
    limit: usize,
}

#[derive(Default)]
struct Table {
    by_name: BTreeMap<String, Arc<Stream>>,
    by_id: Vec<Arc<Stream>>,
}

impl Streams {
    /// An empty registry, and the task that seals its streams.
    pub fn new(ring: Ring, limit: usize, clock: Clock, metrics: Arc<Metrics>) -> (Self, Sealer) {
        let (sealer, due) = mpsc::unbounded_channel();
        let task = Sealer::new(Arc::clone(&clock), due);
        let (table, changes) = (RwLock::default(), Arc::new(Changes::new()));
        (Self { table, changes, sealer, clock, metrics, ring, limit }, task)
    }

    /// Creates a stream; its epoch is the time in milliseconds.
    ///
    /// # Errors
    /// [`CreateError`] when the name is bad or taken, or the relay is full.
    pub fn create(&self, name: &str, schema: Schema) -> Result<Arc<Stream>, CreateError> {
        check_stream_name(name)?;
        let mut table = self.table.write();
        if table.by_name.contains_key(name) {
            return Err(CreateError::Exists(name.to_owned()));
        }
        if table.by_id.len() >= self.limit {
            return Err(CreateError::TooMany { limit: self.limit });
        }
        let id = table.by_id.len() as u32;
        let epoch = ((self.clock)().max(0) / MILLISECOND) as u64;
        let log = Log::new(id, epoch, schema, self.ring);
        let meters = self.metrics.stream(name);
        let (sealer, changes) = (self.sealer.clone(), Arc::clone(&self.changes));
        let stream = Arc::new(Stream::new(name.to_owned(), id, log, sealer, changes, meters));
        table.by_id.push(Arc::clone(&stream));
        table.by_name.insert(name.to_owned(), Arc::clone(&stream));
        drop(table);
        self.changes.push(id);
        tracing::info!(stream = name, epoch, "stream created");
        Ok(stream)
    }

    /// A stream by name.
    pub fn get(&self, name: &str) -> Option<Arc<Stream>> {
        self.table.read().by_name.get(name).cloned()
    }

    /// All streams, by name.
    pub fn all(&self) -> Vec<Arc<Stream>> {
        self.table.read().by_name.values().cloned().collect()
    }

    /// The catalog's entries, by name.
    pub fn catalog(&self) -> Vec<StreamInfo> {
        self.all().iter().map(|stream| stream.info()).collect()
    }

    /// The streams changed since a session last looked, and what to look from next time.
    pub fn changed_since(&self, seen: usize) -> (Vec<StreamInfo>, usize) {
        let (ids, count) = self.changes.since(seen);
        let table = self.table.read();
        (
            ids.iter().filter_map(|id| table.by_id.get(*id as usize)).map(|stream| stream.info()).collect(),
            count,
        )
    }

    /// Follows the count of changes.
    pub fn watch_changes(&self) -> watch::Receiver<usize> {
        self.changes.watch()
    }

    /// Seals every open batch.
    pub fn seal_all(&self) {
        let now = (self.clock)();
        self.all().iter().for_each(|stream| stream.seal(now));
    }
}
