//! A stream as the rest of the relay sees it: a [`Log`] behind a lock, and the waker of its readers.

use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use spate_shared::batch::Batch;
use spate_shared::catalog::StreamInfo;
use spate_shared::schema::Schema;
use spate_shared::time::Nanos;
use spate_shared::wire::Subscribe;
use tokio::sync::{mpsc, watch};

use super::changes::Changes;
use super::sealer::Due;
use super::{Log, Read, SEAL_INTERVAL, Segment, Selection};
use crate::metrics::StreamMeters;

/// One stream. Lives as long as the relay.
pub struct Stream {
    name: String,
    id: u32,
    guarded: Mutex<Guarded>,
    /// The head, sent at every seal: the one waker of all readers.
    head: watch::Sender<u64>,
    sealer: mpsc::UnboundedSender<Due>,
    changes: Arc<Changes>,
    meters: StreamMeters,
    /// What its subscriptions choose, so that those that choose the same share what is encoded for them.
    selections: Mutex<Vec<Weak<Selection>>>,
}

struct Guarded {
    log: Log,
    /// Whether the sealer already holds this stream, so that it holds each at most once.
    armed: bool,
}

impl Stream {
    pub(super) fn new(
        name: String,
        id: u32,
        log: Log,
        sealer: mpsc::UnboundedSender<Due>,
        changes: Arc<Changes>,
        meters: StreamMeters,
    ) -> Self {
        let guarded = Mutex::new(Guarded { log, armed: false });
        let (head, selections) = (watch::Sender::new(0), Mutex::default());
        Self { name, id, guarded, head, sealer, changes, meters, selections }
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
        self.with_log(Log::epoch)
    }

    /// Counters of what was published into it.
    pub fn meters(&self) -> &StreamMeters {
        &self.meters
    }

    /// Appends events that follow `schema`. A schema that is new is put among the changes before any event that uses it
    /// can be read.
    pub fn publish(self: &Arc<Self>, schema: &Schema, batch: Batch, now: Nanos) {
        if batch.is_empty() {
            return;
        }
        let mut guarded = self.guarded.lock();
        if guarded.log.set_schema(schema, now) {
            self.changes.push(self.id);
        }
        let due = guarded.log.append(batch, now);
        if let (Some(at), false) = (due, guarded.armed) {
            guarded.armed = true;
            // The sealer is gone only after the drain, which seals everything itself.
            let _ = self.sealer.send(Due { at, stream: Arc::clone(self) });
        }
        self.wake(&guarded);
    }

    /// Seals what is open, due or not.
    pub fn seal(&self, now: Nanos) {
        let mut guarded = self.guarded.lock();
        guarded.log.seal(now);
        self.wake(&guarded);
    }

    /// Seals what is open if its time has come; else says when that is, and stays with the sealer.
    pub(super) fn seal_if_due(&self, now: Nanos) -> Option<Nanos> {
        let mut guarded = self.guarded.lock();
        // A due time further off than one interval means that the clock stepped back.
        if let Some(at) = guarded.log.due().filter(|at| (1..=SEAL_INTERVAL).contains(&at.saturating_sub(now)))
        {
            return Some(at);
        }
        guarded.armed = false;
        guarded.log.seal(now);
        self.wake(&guarded);
        None
    }

    fn wake(&self, guarded: &Guarded) {
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
