//! One stream of one client: a cursor and where it began.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use metrics::Gauge;
use spate_shared::time::Nanos;
use spate_shared::wire::{Mode, Policy, Start};
use tokio::sync::watch;
use tokio::time::Instant;

use super::broadcast::Seat;
use super::line::Cursor;
use super::recall::Recall;
use crate::log::{Log, Selection, Stream, sealed_within};

pub(super) struct Subscription {
    pub(super) stream: Arc<Stream>,
    pub(super) head: watch::Receiver<u64>,
    /// The epoch it began in.
    pub(super) epoch: u64,
    /// The next offset to send.
    pub(super) cursor: u64,
    /// What lies there below the ring, while it is being read.
    pub(super) recall: Option<Recall>,
    /// The cursor as the metrics see it.
    shown_cursor: Arc<AtomicU64>,
    pub(super) policy: Policy,
    /// What it wants of the events; `None` is everything.
    pub(super) selection: Option<Arc<Selection>>,
    /// First offset that met no condition and was not told yet.
    pub(super) skipped_from: Option<u64>,
    /// When `skipped` has to be told at the latest.
    pub(super) skipped_due: Instant,
    /// Before this nothing is sent, by the client's own wish.
    pub(super) not_before: Instant,
    /// When the client was last told how far behind it is; `None` when it is not behind.
    pub(super) told_behind: Option<Instant>,
    /// Since when it has been behind without a break.
    pub(super) behind_since: Option<Instant>,
    /// Its place among those that a broadcaster serves, which sends whole segments alone.
    seat: Option<Arc<Seat>>,
    /// Whether a broadcaster serves it now.
    pub(super) is_lent: bool,
    gauge: Gauge,
}

impl Subscription {
    pub(super) fn new(
        stream: Arc<Stream>,
        (epoch, cursor): (u64, u64),
        policy: Policy,
        selection: Option<Arc<Selection>>,
        seat: Option<Arc<Seat>>,
        gauge: &Gauge,
    ) -> Self {
        gauge.increment(1);
        Self {
            seat,
            is_lent: false,
            head: stream.watch(),
            epoch,
            shown_cursor: stream.follow_reader(cursor),
            stream,
            cursor,
            recall: None,
            policy,
            selection,
            skipped_from: None,
            skipped_due: Instant::now(),
            not_before: Instant::now(),
            told_behind: None,
            behind_since: None,
            gauge: gauge.clone(),
        }
    }

    /// Lets the metrics see how far it has come.
    pub(super) fn show_cursor(&self) {
        self.shown_cursor.store(self.cursor, Ordering::Relaxed);
    }

    /// Waits until there may be something to send.
    pub(super) async fn stirred(&mut self) {
        match &mut self.recall {
            // What is sealed meanwhile comes after it.
            Some(recall) => recall.arrived().await,
            None => {
                // An error means that the stream is gone, which is the end of the relay: the drain comes first.
                let _ = self.head.changed().await;
            }
        }
    }

    /// What a broadcaster needs to know to go on from here; `None` when it cannot.
    pub(super) fn lend(&mut self) -> Option<Cursor> {
        let is_current = self.stream.epoch() == self.epoch;
        self.is_lent = self.seat.is_some() && is_current && self.waiting() == 0;
        let shown = Arc::clone(&self.shown_cursor);
        self.is_lent.then(|| Cursor { stream: self.stream.id(), epoch: self.epoch, next: self.cursor, shown })
    }

    /// Events between the cursor and the head.
    pub(super) fn waiting(&self) -> u64 {
        self.head.borrow().saturating_sub(self.cursor)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.gauge.decrement(1);
    }
}

/// Where a subscription begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Beginning {
    /// First offset that will be sent.
    pub(super) next: u64,
    pub(super) mode: Mode,
    /// First missing offset, when events up to `next` are gone.
    pub(super) missing_from: Option<u64>,
}

/// Answers a start against a log; `archived` is what [`Stream::reach`] gave for it.
pub(super) fn begin(start: &Start, log: &Log, archived: Option<u64>, now: Nanos) -> Beginning {
    let (epoch, oldest, head) = (log.epoch(), log.oldest(), log.head());
    let at = |next, mode| Beginning { next, mode, missing_from: None };
    match *start {
        Start::Live => at(head, Mode::Started),
        Start::Earliest => at(oldest, Mode::Started),
        Start::Within(millis) => {
            let in_ring = log.sealed_since(sealed_within(millis, now));
            at(archived.map_or(in_ring, |archived| archived.max(oldest).min(in_ring)), Mode::Started)
        }
        Start::Last(events) => at(head.saturating_sub(events).max(oldest), Mode::Started),
        Start::Resume { epoch: seen, offset } if seen != epoch || offset > head => at(oldest, Mode::Reset),
        Start::Resume { offset, .. } if offset < oldest => {
            Beginning { next: oldest, mode: Mode::Gap, missing_from: Some(offset) }
        }
        Start::Resume { offset, .. } => at(offset, Mode::Resumed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::Ring;
    use spate_shared::batch::Batch;
    use spate_shared::schema::{Schema, TimeField, TimeSource};
    use spate_shared::time::MILLISECOND;

    /// A log of epoch 7 that holds offsets 10 to 19 of 20, sealed at 2 ms.
    fn log() -> Log {
        let time = TimeField { name: "t".into(), source: TimeSource::Event };
        let mut log = Log::new(0, 7, Schema::new(time, Vec::new()), Ring { bytes: 0, age: i64::MAX });
        for at in 1..3 {
            log.append(Batch { times: vec![0; 10], columns: Vec::new() }, at * MILLISECOND);
            log.seal(at * MILLISECOND);
        }
        assert_eq!((log.oldest(), log.head()), (10, 20));
        log
    }

    #[test]
    fn every_boundary_of_a_resume_has_its_mode() {
        let cases = [
            // epoch, offset -> next, mode, first missing
            (7, 20, 20, Mode::Resumed, None),
            (7, 19, 19, Mode::Resumed, None),
            (7, 15, 15, Mode::Resumed, None),
            (7, 10, 10, Mode::Resumed, None),
            (7, 9, 10, Mode::Gap, Some(9)),
            (7, 0, 10, Mode::Gap, Some(0)),
            (7, 21, 10, Mode::Reset, None),
            (7, u64::MAX, 10, Mode::Reset, None),
            (6, 15, 10, Mode::Reset, None),
            (8, 20, 10, Mode::Reset, None),
        ];
        for (epoch, offset, next, mode, missing_from) in cases {
            let beginning = begin(&Start::Resume { epoch, offset }, &log(), None, 0);
            assert_eq!(beginning, Beginning { next, mode, missing_from }, "epoch {epoch} offset {offset}");
        }
    }

    #[test]
    fn fresh_starts_are_live_earliest_the_last_n_or_the_last_while() {
        for (start, next) in [
            (Start::Live, 20),
            (Start::Earliest, 10),
            (Start::Last(0), 20),
            (Start::Last(3), 17),
            (Start::Last(10), 10),
            (Start::Last(11), 10),
            (Start::Last(u64::MAX), 10),
            (Start::Within(0), 20),
            (Start::Within(2), 20),
            (Start::Within(3), 10),
            (Start::Within(u64::MAX), 10),
        ] {
            let expected = Beginning { next, mode: Mode::Started, missing_from: None };
            assert_eq!(begin(&start, &log(), None, 5 * MILLISECOND), expected, "{start:?}");
        }
    }
}
