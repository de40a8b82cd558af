//! Which streams are new or have a new schema, in order, for sessions to announce.

use parking_lot::Mutex;
use tokio::sync::watch;

/// A list that only grows, by one entry per new stream and per schema version; a session remembers how far it has read.
pub(super) struct Changes {
    ids: Mutex<Vec<u32>>,
    count: watch::Sender<usize>,
}

impl Changes {
    pub(super) fn new() -> Self {
        Self { ids: Mutex::new(Vec::new()), count: watch::Sender::new(0) }
    }

    pub(super) fn push(&self, id: u32) {
        let count = {
            let mut ids = self.ids.lock();
            ids.push(id);
            ids.len()
        };
        self.count.send_modify(|current| *current = (*current).max(count));
    }

    /// The streams of entries `seen..`, each once, and the new count.
    pub(super) fn since(&self, seen: usize) -> (Vec<u32>, usize) {
        let ids = self.ids.lock();
        let mut changed = ids.get(seen..).unwrap_or_default().to_vec();
        changed.sort_unstable();
        changed.dedup();
        (changed, ids.len())
    }

    pub(super) fn watch(&self) -> watch::Receiver<usize> {
        self.count.subscribe()
    }
}
