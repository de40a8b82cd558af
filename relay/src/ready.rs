//! Whether the relay takes work, which is what `/readyz` answers.
//!
//! It does once every source has begun, while the disk takes what is published and until it drains. A source has begun
//! when it has read what was there, or has tried to connect: a feed that is away does not keep the others waiting.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use crate::jetstream::JetStream;
use crate::log::Streams;

/// What the relay waits for, and whether it is leaving.
#[derive(Debug, Default)]
pub struct Readiness {
    waiting: Mutex<Waiting>,
    leaving: AtomicBool,
}

#[derive(Debug, Default)]
struct Waiting {
    next: u64,
    /// What has not begun, by number.
    sources: BTreeMap<u64, String>,
}

/// A source that has not begun; dropped when it has, or when it is stopped.
#[derive(Debug)]
pub struct Beginning {
    readiness: Arc<Readiness>,
    number: u64,
}

impl Readiness {
    /// Waits for a source from now on.
    pub fn wait_for(self: &Arc<Self>, source: String) -> Beginning {
        let mut waiting = self.waiting.lock();
        let number = waiting.next;
        waiting.next += 1;
        waiting.sources.insert(number, source);
        Beginning { readiness: Arc::clone(self), number }
    }

    /// Takes no more work from now on.
    pub fn leave(&self) {
        self.leaving.store(true, Ordering::Relaxed);
    }

    /// Why the relay takes no work now; nothing when it does.
    pub fn obstacles(&self, streams: &Streams, jetstream: Option<&JetStream>) -> Vec<String> {
        if self.leaving.load(Ordering::Relaxed) {
            return vec!["draining".to_owned()];
        }
        let begins = |source: &String| format!("{source} has not begun");
        let mut obstacles: Vec<_> = self.waiting.lock().sources.values().map(begins).collect();
        for stream in streams.all() {
            if let Err(fault) = stream.usable() {
                obstacles.push(format!("stream {:?}: {fault}", stream.name()));
            }
        }
        obstacles.extend(jetstream.map(JetStream::faults).unwrap_or_default());
        obstacles
    }
}

impl Drop for Beginning {
    fn drop(&mut self) {
        self.readiness.waiting.lock().sources.remove(&self.number);
    }
}
