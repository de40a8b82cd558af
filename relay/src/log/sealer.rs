//! Seals open batches when their time has come, for all streams, in one task.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use spate_shared::time::Nanos;
use tokio::sync::mpsc;

use super::Stream;
use crate::clock::Clock;

/// A stream with an open batch, and when to seal it.
pub(super) struct Due {
    pub(super) at: Nanos,
    /// What the stream waits at most: a time further off means that the clock stepped back.
    pub(super) interval: Nanos,
    pub(super) stream: Arc<Stream>,
}

impl Due {
    fn key(&self) -> (Nanos, u32) {
        (self.at, self.stream.id())
    }
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Due {}

impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Due {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

/// The task's state: at most one entry per stream.
pub struct Sealer {
    clock: Clock,
    incoming: mpsc::UnboundedReceiver<Due>,
    heap: BinaryHeap<Reverse<Due>>,
}

impl Sealer {
    pub(super) fn new(clock: Clock, incoming: mpsc::UnboundedReceiver<Due>) -> Self {
        Self { clock, incoming, heap: BinaryHeap::new() }
    }

    /// Seals until every stream is gone.
    pub async fn run(mut self) {
        loop {
            let wait = self.seal_due();
            tokio::select! {
                due = self.incoming.recv() => match due {
                    Some(due) => self.heap.push(Reverse(due)),
                    None => return,
                },
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Seals what is due; how long until the next. A clock that stepped back delays a seal by one interval at most.
    fn seal_due(&mut self) -> Duration {
        let now = (self.clock)();
        while let Some(Reverse(due)) = self.heap.pop() {
            let wait = due.at.saturating_sub(now);
            if (1..=due.interval).contains(&wait) {
                self.heap.push(Reverse(due));
                return Duration::from_nanos(wait as u64);
            }
            self.heap.extend(due.stream.seal_if_due(now).map(Reverse));
        }
        Duration::from_hours(1)
    }
}
