//! A stream as the rest of the relay sees it: a [`Log`] behind a lock, and the waker of its readers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use spate_shared::batch::Batch;
use spate_shared::catalog::StreamInfo;
use spate_shared::schema::Schema;
use spate_shared::time::Nanos;
use spate_shared::wire::Subscribe;
use tokio::sync::{Semaphore, mpsc, watch};

use super::changes::Changes;
use super::disk::{DiskFault, MAX_UNWRITTEN_BYTES, Store, Sync, Syncing};
use super::sealer::Due;
use super::{Log, Read, Segment, Selection};
use crate::metrics::StreamMeters;

/// What all streams of a relay use.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) sealer: mpsc::UnboundedSender<Due>,
    pub(super) changes: Arc<Changes>,
    pub(super) archive_readers: Arc<Semaphore>,
}

/// How a stream is kept on disk.
pub(super) struct Kept {
    pub(super) store: Arc<Store>,
    pub(super) syncing: Syncing,
    pub(super) is_inferred: bool,
}

/// One stream. Lives as long as the relay.
pub struct Stream {
    name: String,
    id: u32,
    /// The log's, to be read without its lock.
    pub(super) epoch: AtomicU64,
    pub(super) guarded: Mutex<Guarded>,
    /// The head, sent at every seal: the one waker of readers and broadcasters.
    pub(super) head: watch::Sender<u64>,
    pub(super) shared: Shared,
    meters: StreamMeters,
    kept: Option<Kept>,
    /// Why the disk does not take its events; `None` while it does.
    fault: watch::Sender<Option<DiskFault>>,
    /// What its subscriptions choose, so that those that choose the same share what is encoded for them.
    selections: Mutex<Vec<Weak<Selection>>>,
    /// How far each reader has come.
    readers: Mutex<Vec<Weak<AtomicU64>>>,
    /// Whether it has all that the engine held which numbers its events; `None` when it numbers them itself.
    pub(super) caught_up: Option<watch::Sender<bool>>,
}

pub(super) struct Guarded {
    pub(super) log: Log,
    /// Whether the sealer already holds this stream, so that it holds each at most once.
    armed: bool,
    /// Whether the writer knows that there is something to write.
    ordered: bool,
    /// Whether the fault stays until the next start.
    is_lost: bool,
}

impl Stream {
    pub(super) fn new(
        name: String,
        id: u32,
        log: Log,
        shared: Shared,
        meters: StreamMeters,
        kept: Option<Kept>,
    ) -> Self {
        let head = watch::Sender::new(log.head());
        let epoch = AtomicU64::new(log.epoch());
        let guarded = Mutex::new(Guarded { log, armed: false, ordered: false, is_lost: false });
        let (fault, selections, readers) = (watch::Sender::new(None), Mutex::default(), Mutex::default());
        let caught_up = None;
        Self { name, id, epoch, guarded, head, shared, meters, kept, fault, selections, readers, caught_up }
    }

    /// Follows an engine that numbers its events.
    pub(super) fn numbered_elsewhere(self) -> Self {
        Self { caught_up: Some(watch::Sender::new(false)), ..self }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its number on the wire.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// Its epoch.
    pub fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Relaxed)
    }

    /// Counters of what was published into it.
    pub fn meters(&self) -> &StreamMeters {
        &self.meters
    }

    /// Appends events that follow `schema`. A schema that is new is put among the changes before any event that uses it
    /// can be read. What is published is kept as [`Sync`] says only when [`Stream::settled`] says so.
    ///
    /// # Errors
    /// [`DiskFault`] when the disk refuses what was published before; nothing was appended then.
    pub fn publish(self: &Arc<Self>, schema: &Schema, batch: Batch, now: Nanos) -> Result<(), DiskFault> {
        if let Some(fault) = self.fault.borrow().clone() {
            return Err(fault);
        }
        if batch.is_empty() {
            return Ok(());
        }
        let mut guarded = self.guarded.lock();
        self.append(&mut guarded, schema, batch, now);
        self.wake(&mut guarded);
        Ok(())
    }

    pub(super) fn append(self: &Arc<Self>, guarded: &mut Guarded, schema: &Schema, batch: Batch, now: Nanos) {
        if guarded.log.set_schema(schema, now) {
            self.shared.changes.push(self.id);
        }
        // Every reader holds a receiver of the head, and so do the few who broadcast.
        guarded.log.follow_readers(self.head.receiver_count());
        let due = guarded.log.append(batch, now);
        if let (Some(at), false) = (due, guarded.armed) {
            guarded.armed = true;
            // The sealer is gone only after the drain, which seals everything itself.
            let interval = guarded.log.interval();
            let _ = self.shared.sealer.send(Due { at, interval, stream: Arc::clone(self) });
        }
    }

    /// Follows a schema before there are events of it.
    pub(crate) fn follow(self: &Arc<Self>, schema: &Schema, now: Nanos) {
        let mut guarded = self.guarded.lock();
        if guarded.log.set_schema(schema, now) {
            self.shared.changes.push(self.id);
        }
        self.wake(&mut guarded);
    }

    /// Whether more should be published now.
    ///
    /// # Errors
    /// [`DiskFault`] when the disk refuses, or is behind.
    pub fn usable(&self) -> Result<(), DiskFault> {
        if self.kept.is_none() {
            return Ok(());
        }
        if let Some(fault) = self.fault.borrow().clone() {
            return Err(fault);
        }
        let waiting = self.with_log(Log::unwritten_bytes);
        if waiting > MAX_UNWRITTEN_BYTES { Err(DiskFault::Slow) } else { Ok(()) }
    }

    /// Waits until what was published before may be acknowledged: at once, except under [`Sync::EveryBatch`].
    ///
    /// # Errors
    /// [`DiskFault`] when the disk does not take it. It may take it later, so a producer that sends it again may double it.
    pub async fn settled(&self) -> Result<(), DiskFault> {
        if self.kept.as_ref().is_none_or(|kept| kept.store.sync_policy() != Sync::EveryBatch) {
            return Ok(());
        }
        self.logged().await
    }

    /// Waits until readers see what was published before, which is written by then if it is kept on disk.
    ///
    /// # Errors
    /// As [`Stream::settled`].
    pub async fn logged(&self) -> Result<(), DiskFault> {
        let end = self.with_log(Log::appended);
        let (mut head, mut fault) = (self.head.subscribe(), self.fault.subscribe());
        loop {
            if *head.borrow_and_update() >= end {
                return Ok(());
            }
            if let Some(fault) = fault.borrow_and_update().clone() {
                return Err(fault);
            }
            // Both live as long as this stream.
            tokio::select! {
                _ = head.changed() => {}
                _ = fault.changed() => {}
            }
        }
    }

    /// Its log on disk, and what is not written yet; `None` when nothing is.
    pub(super) fn unwritten(&self) -> Option<(Arc<Store>, Vec<Arc<Segment>>)> {
        let kept = self.kept.as_ref()?;
        let mut guarded = self.guarded.lock();
        guarded.ordered = false;
        let segments = guarded.log.unwritten();
        (!segments.is_empty() && !guarded.is_lost).then(|| (Arc::clone(&kept.store), segments))
    }

    /// What lies before `end` is written.
    pub(super) fn written(self: &Arc<Self>, end: u64, now: Nanos) {
        let mut guarded = self.guarded.lock();
        guarded.log.written(end, now);
        if self.fault.send_if_modified(|fault| fault.take().is_some()) {
            tracing::info!(stream = self.name, "the disk takes events again");
        }
        self.wake(&mut guarded);
    }

    /// The disk did not take the stream's segments; `for_good` when it cannot be known what it has.
    pub(super) fn lose_disk(&self, reason: &str, for_good: bool) {
        let mut guarded = self.guarded.lock();
        guarded.is_lost |= for_good;
        let reason =
            if for_good { format!("{reason}, then start the relay again") } else { reason.to_owned() };
        let fault = DiskFault::Refused(reason);
        let is_news =
            self.fault.send_if_modified(|known| known.replace(fault.clone()) != Some(fault.clone()));
        if is_news {
            tracing::error!(stream = self.name, %fault, "events are refused until the disk takes them");
        }
    }

    /// Its log on disk.
    pub fn store(&self) -> Option<&Arc<Store>> {
        self.kept.as_ref().map(|kept| &kept.store)
    }

    /// Whether fields that appear in its events are added to its schema, though it was there before this process.
    pub fn goes_on_inferring(&self) -> bool {
        self.kept.as_ref().is_some_and(|kept| kept.is_inferred)
    }

    /// Whether the disk refuses its events.
    pub fn has_fault(&self) -> bool {
        self.fault.borrow().is_some()
    }

    /// Seals what is open, due or not.
    pub fn seal(self: &Arc<Self>, now: Nanos) {
        let mut guarded = self.guarded.lock();
        guarded.log.seal(now);
        self.wake(&mut guarded);
    }

    /// Seals what is open if its time has come; else says when that is, and stays with the sealer.
    pub(super) fn seal_if_due(self: &Arc<Self>, now: Nanos) -> Option<Due> {
        let mut guarded = self.guarded.lock();
        let interval = guarded.log.interval();
        // A due time further off than one interval means that the clock stepped back.
        if let Some(at) = guarded.log.due().filter(|at| (1..=interval).contains(&at.saturating_sub(now))) {
            return Some(Due { at, interval, stream: Arc::clone(self) });
        }
        guarded.armed = false;
        guarded.log.seal(now);
        self.wake(&mut guarded);
        None
    }

    /// Tells readers of what they may see, and the writer of what they may not yet.
    pub(super) fn wake(self: &Arc<Self>, guarded: &mut Guarded) {
        if let Some(kept) =
            self.kept.as_ref().filter(|_| !guarded.ordered && guarded.log.unwritten_bytes() > 0)
        {
            guarded.ordered = true;
            kept.syncing.write(self);
        }
        let head = guarded.log.head();
        self.head.send_if_modified(|current| std::mem::replace(current, head) != head);
    }

    /// What a subscription chooses of its events; `None` when that is everything.
    ///
    /// # Errors
    /// A sentence for the client, see [`Selection::resolve`].
    pub fn select(&self, wanted: &Subscribe) -> Result<Option<Arc<Selection>>, String> {
        let schema = self.with_log(|log| Arc::clone(log.schema()));
        let Some(selection) = Selection::resolve(wanted, &schema)? else { return Ok(None) };
        let mut known = self.selections.lock();
        known.retain(|weak| weak.strong_count() > 0);
        if let Some(same) = known.iter().filter_map(Weak::upgrade).find(|other| **other == selection) {
            return Ok(Some(same));
        }
        let selection = Arc::new(selection);
        known.push(Arc::downgrade(&selection));
        Ok(Some(selection))
    }

    /// Counts a reader among those that may be behind, for as long as it keeps the answer: its cursor.
    pub fn follow_reader(&self, cursor: u64) -> Arc<AtomicU64> {
        let cursor = Arc::new(AtomicU64::new(cursor));
        let mut readers = self.readers.lock();
        // Before it grows, so that those who left cost nothing for long.
        if readers.len() == readers.capacity() {
            readers.retain(|reader| reader.strong_count() > 0);
        }
        readers.push(Arc::downgrade(&cursor));
        cursor
    }

    /// Events that the reader furthest behind has not been sent.
    pub fn furthest_behind(&self) -> u64 {
        let head = self.with_log(Log::head);
        let readers = self.readers.lock();
        let cursors = readers.iter().filter_map(Weak::upgrade).map(|cursor| cursor.load(Ordering::Relaxed));
        cursors.map(|cursor| head.saturating_sub(cursor)).max().unwrap_or(0)
    }

    /// What lies at a cursor.
    pub fn read(&self, cursor: u64) -> Read {
        self.guarded.lock().log.read(cursor)
    }

    /// The held segments of one schema from `cursor` on, at most `most`.
    pub fn run(&self, cursor: u64, most: usize) -> Vec<Arc<Segment>> {
        self.guarded.lock().log.run(cursor, most)
    }

    /// Follows the head.
    pub fn watch(&self) -> watch::Receiver<u64> {
        self.head.subscribe()
    }

    /// Looks at the log under its lock; keep it short.
    pub fn with_log<T>(&self, look: impl FnOnce(&Log) -> T) -> T {
        look(&self.guarded.lock().log)
    }

    /// Its entry in the catalog.
    pub fn info(&self) -> StreamInfo {
        self.with_log(|log| StreamInfo {
            name: self.name.clone(),
            id: self.id,
            epoch: log.epoch(),
            oldest: log.oldest(),
            head: log.head(),
            schema: Schema::clone(log.schema()),
        })
    }
}
