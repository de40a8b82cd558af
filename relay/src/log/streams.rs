//! All streams of the relay, by name and by number.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::RwLock;
use spate_shared::catalog::{StreamInfo, StreamNameError, check_stream_name};
use spate_shared::schema::Schema;
use spate_shared::time::MILLISECOND;
use tokio::sync::{Semaphore, mpsc, watch};

use super::changes::Changes;
use super::disk::{self, DiskError, Found, Settings, Store, Writer};
use super::stream::{Kept, Shared};
use super::{ARCHIVE_READERS, Archive, Log, Pace, Ring, Sealer, Stream};
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
    /// Its folder cannot be made.
    #[error("{0}")]
    Disk(String),
    /// The declared schema does not go on from the events that are there.
    #[error(
        "stream {0:?} has events of another schema on disk: declare its fields as they were and append new ones, or move its folder away"
    )]
    Changed(String),
}

/// What the registry needs to keep streams on disk.
struct Disk {
    settings: Arc<Settings>,
    writer: Writer,
}

/// The registry. Streams are created and never removed.
pub struct Streams {
    table: RwLock<Table>,
    shared: Shared,
    clock: Clock,
    metrics: Arc<Metrics>,
    ring: Ring,
    pace: Pace,
    limit: usize,
    disk: Option<Disk>,
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
        let shared = Shared { sealer, changes, archive_readers: Arc::new(Semaphore::new(ARCHIVE_READERS)) };
        (Self { table, shared, clock, metrics, ring, pace: Pace::default(), limit, disk: None }, task)
    }

    /// Seals at this pace the streams that are made from now on.
    pub fn seal_at(&mut self, pace: Pace) {
        self.pace = pace;
    }

    /// Keeps all streams on disk from now on, and takes in those that are there. Blocks.
    ///
    /// # Errors
    /// [`DiskError`] naming the file or folder.
    pub fn keep_on_disk(&mut self, settings: Settings) -> Result<(), DiskError> {
        let settings = Arc::new(settings);
        let writer = Writer::start(&settings, Arc::clone(&self.clock), &self.metrics)?;
        for found in disk::find(&settings, self.new_epoch())? {
            let Found { name, epoch, is_inferred, schema, head, store } = found;
            let kept = Self::kept(store, &writer, is_inferred);
            tracing::info!(stream = name, epoch, head, "stream found on disk");
            self.insert(&mut self.table.write(), &name, epoch, schema, Some((kept, head)));
        }
        self.disk = Some(Disk { settings, writer });
        Ok(())
    }

    fn kept(store: Store, writer: &Writer, is_inferred: bool) -> Kept {
        let store = Arc::new(store);
        writer.add(Arc::clone(&store));
        Kept { store, syncing: writer.syncing(), is_inferred }
    }

    fn new_epoch(&self) -> u64 {
        ((self.clock)().max(0) / MILLISECOND) as u64
    }

    /// Creates a stream whose schema is declared, or takes the one that is on disk.
    ///
    /// # Errors
    /// As [`Streams::create`], and [`CreateError::Changed`] when its events on disk do not fit the schema.
    pub fn declare(&self, name: &str, schema: Schema) -> Result<Arc<Stream>, CreateError> {
        let Some(stream) = self.get(name) else { return self.create_kept(name, schema, false) };
        let known = stream.with_log(|log| Arc::clone(log.schema()));
        if known.time != schema.time || !schema.extends(&known) {
            return Err(CreateError::Changed(name.to_owned()));
        }
        if schema.fields != known.fields {
            let schema = Schema { version: known.version.saturating_add(1), ..schema };
            stream.follow(&schema, (self.clock)());
        }
        Ok(stream)
    }

    /// Creates a stream; its epoch is the time in milliseconds.
    ///
    /// # Errors
    /// [`CreateError`] when the name is bad or taken, the relay is full, or the disk refuses.
    pub fn create(&self, name: &str, schema: Schema) -> Result<Arc<Stream>, CreateError> {
        self.create_kept(name, schema, true)
    }

    fn create_kept(&self, name: &str, schema: Schema, inferred: bool) -> Result<Arc<Stream>, CreateError> {
        check_stream_name(name)?;
        let mut table = self.table.write();
        self.check_room(&table, name)?;
        let epoch = self.new_epoch();
        let kept = match &self.disk {
            None => None,
            Some(Disk { settings, writer }) => {
                let store = Store::create(name, epoch, inferred, settings)
                    .map_err(|error| CreateError::Disk(error.to_string()))?;
                Some((Self::kept(store, writer, inferred), 0))
            }
        };
        let stream = self.insert(&mut table, name, epoch, schema, kept);
        drop(table);
        tracing::info!(stream = name, epoch, "stream created");
        Ok(stream)
    }

    /// Creates a stream whose events another engine numbers, from `next` on, and holds.
    ///
    /// # Errors
    /// [`CreateError`] when the name is bad or that of another stream, or the relay is full.
    pub fn number_elsewhere(
        &self,
        name: &str,
        epoch: u64,
        schema: Schema,
        next: u64,
        archive: Arc<dyn Archive>,
    ) -> Result<Arc<Stream>, CreateError> {
        check_stream_name(name)?;
        let mut table = self.table.write();
        self.check_room(&table, name)?;
        let log = self.log(&table, epoch, schema).starting_at(next).behind(archive);
        Ok(self.add(&mut table, name, Stream::numbered_elsewhere, log, None))
    }

    fn check_room(&self, table: &Table, name: &str) -> Result<(), CreateError> {
        if table.by_name.contains_key(name) {
            return Err(CreateError::Exists(name.to_owned()));
        }
        if table.by_id.len() >= self.limit {
            return Err(CreateError::TooMany { limit: self.limit });
        }
        Ok(())
    }

    fn log(&self, table: &Table, epoch: u64, schema: Schema) -> Log {
        Log::new(table.by_id.len() as u32, epoch, schema, self.ring).paced(self.pace)
    }

    fn insert(
        &self,
        table: &mut Table,
        name: &str,
        epoch: u64,
        schema: Schema,
        kept: Option<(Kept, u64)>,
    ) -> Arc<Stream> {
        let log = self.log(table, epoch, schema);
        let (log, kept) = match kept {
            Some((kept, head)) => (log.on_disk(Arc::clone(&kept.store), head), Some(kept)),
            None => (log, None),
        };
        self.add(table, name, |stream| stream, log, kept)
    }

    fn add(
        &self,
        table: &mut Table,
        name: &str,
        how: impl FnOnce(Stream) -> Stream,
        log: Log,
        kept: Option<Kept>,
    ) -> Arc<Stream> {
        let id = table.by_id.len() as u32;
        let meters = self.metrics.stream(name);
        let stream = Stream::new(name.to_owned(), id, log, self.shared.clone(), meters, kept);
        let stream = Arc::new(how(stream));
        table.by_id.push(Arc::clone(&stream));
        table.by_name.insert(name.to_owned(), Arc::clone(&stream));
        self.shared.changes.push(id);
        stream
    }

    /// Waits until what was sealed is written, if it is to be. Blocks.
    pub fn flush(&self) {
        if let Some(disk) = &self.disk {
            disk.writer.flush();
        }
    }

    /// Leaves the log on disk in order. Nothing may be published any more. Blocks.
    pub fn close(&self) {
        if let Some(disk) = &self.disk {
            disk.writer.close();
        }
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
        let (ids, count) = self.shared.changes.since(seen);
        let table = self.table.read();
        (
            ids.iter().filter_map(|id| table.by_id.get(*id as usize)).map(|stream| stream.info()).collect(),
            count,
        )
    }

    /// Follows the count of changes.
    pub fn watch_changes(&self) -> watch::Receiver<usize> {
        self.shared.changes.watch()
    }

    /// Readers that read from archives now, at most [`ARCHIVE_READERS`].
    pub fn archive_readers(&self) -> usize {
        ARCHIVE_READERS.saturating_sub(self.shared.archive_readers.available_permits())
    }

    /// Seals every open batch.
    pub fn seal_all(&self) {
        let now = (self.clock)();
        self.all().iter().for_each(|stream| stream.seal(now));
    }
}
