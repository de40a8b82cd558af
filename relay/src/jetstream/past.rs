//! What all streams share that are read back: the connection, what was read last, and whether it answers.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use async_nats::jetstream::Context;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::pieces::{Piece, answer};
use crate::log::{Chunk, Stretch};

/// Most bytes that are kept of what was read back, for the next reader: clients often come back together.
pub(crate) const MAX_PAST_BYTES: usize = 8 << 20;
/// For so long nobody waits for a JetStream that has just kept somebody waiting in vain.
const AWAY: Duration = Duration::from_secs(2);

pub(super) struct Past {
    pub(super) context: Context,
    shelf: Mutex<Shelf>,
    /// Nothing answers.
    pub(super) away: Away,
}

/// Whether somebody waited in vain a moment ago.
#[derive(Default)]
pub(super) struct Away {
    until: Mutex<Option<Instant>>,
}

impl Away {
    pub(super) fn is_now(&self) -> bool {
        self.until.lock().is_some_and(|until| Instant::now() < until)
    }

    /// Somebody waited in vain.
    pub(super) fn note(&self) {
        *self.until.lock() = Some(Instant::now() + AWAY);
    }
}

/// Stream, epoch and first offset.
type Key = (u32, u64, u64);

#[derive(Default)]
struct Shelf {
    pieces: BTreeMap<Key, Piece>,
    /// The oldest first.
    order: VecDeque<Key>,
    bytes: usize,
}

impl Past {
    pub(super) fn new(context: Context) -> Self {
        Self { context, shelf: Mutex::default(), away: Away::default() }
    }

    /// Bytes that are kept.
    pub(super) fn size_bytes(&self) -> usize {
        self.shelf.lock().bytes
    }

    /// What was read already at the beginning of a stretch.
    pub(super) fn find(&self, stretch: &Stretch, budget: usize) -> Option<Chunk> {
        let shelf = self.shelf.lock();
        let key = |offset| (stretch.stream, stretch.epoch, offset);
        let cursor = stretch.offsets.start;
        let (first, _) = shelf.pieces.range(..=key(cursor)).next_back()?;
        let mut bytes = 0;
        // Pieces may overlap where two readers began at different offsets; `answer` takes those that follow each other.
        let pieces: Vec<_> = shelf
            .pieces
            .range(*first..key(u64::MAX))
            .take_while(|(_, piece)| {
                let has_room = bytes <= budget;
                bytes += piece.size_bytes();
                has_room
            })
            .map(|(_, piece)| piece.clone())
            .collect();
        let is_same = (first.0, first.1) == (stretch.stream, stretch.epoch);
        is_same.then(|| answer(&pieces, cursor, budget)).flatten()
    }

    /// Keeps what was read, in place of what was read long ago.
    pub(super) fn keep(&self, stretch: &Stretch, pieces: Vec<Piece>) {
        let mut shelf = self.shelf.lock();
        for piece in pieces {
            let key = (stretch.stream, stretch.epoch, piece.offsets().start);
            shelf.bytes += piece.size_bytes();
            match shelf.pieces.insert(key, piece) {
                Some(before) => shelf.bytes -= before.size_bytes(),
                None => shelf.order.push_back(key),
            }
        }
        while shelf.bytes > MAX_PAST_BYTES
            && let Some(oldest) = shelf.order.pop_front()
        {
            let piece = shelf.pieces.remove(&oldest);
            shelf.bytes -= piece.map_or(0, |piece| piece.size_bytes());
        }
    }
}
