//! What was read back of a stream, piece by piece.

use std::ops::Range;
use std::sync::Arc;

use spate_shared::batch::Batch;
use spate_shared::schema::Schema;
use spate_shared::text::Rejection;
use spate_shared::wire::{DataHeader, GapReason};

use super::lines::{Told, runs};
use crate::log::{Chunk, SEAL_BYTES, SEAL_ROWS, Segment, Stretch};

/// What a piece without events costs.
const MISSING_BYTES: usize = 64;

/// Offsets of a stream, and what they hold.
#[derive(Clone)]
pub(super) enum Piece {
    Events(Arc<Segment>),
    Missing { offsets: Range<u64>, reason: GapReason },
}

impl Piece {
    pub(super) fn offsets(&self) -> Range<u64> {
        match self {
            Self::Events(segment) => segment.header().base..segment.end(),
            Self::Missing { offsets, .. } => offsets.clone(),
        }
    }

    pub(super) fn size_bytes(&self) -> usize {
        match self {
            Self::Events(segment) => segment.size_bytes(),
            Self::Missing { .. } => MISSING_BYTES,
        }
    }
}

/// Messages that were read from the beginning of a stretch on, typed.
pub(super) struct Typed<'a> {
    pub(super) told: &'a [Told],
    pub(super) schema: &'a Arc<Schema>,
    pub(super) batch: &'a Batch,
    pub(super) rejected: &'a [Rejection],
    /// What was looked at: the messages are all there are.
    pub(super) looked_at: &'a Stretch,
    /// The first offset that JetStream holds.
    pub(super) oldest: u64,
}

impl Typed<'_> {
    /// As pieces that follow each other and cover all that was looked at.
    pub(super) fn pieces(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let (mut next, mut row) = (self.looked_at.offsets.start, 0);
        for run in runs(self.told, self.rejected) {
            let (base, rows) = (self.told[run.start].sequence, run.len());
            self.push_missing(&mut pieces, next..base);
            self.push_events(&mut pieces, run, row);
            (next, row) = (base + rows as u64, row + rows);
        }
        self.push_missing(&mut pieces, next..self.looked_at.offsets.end);
        pieces
    }

    /// Offsets without an event: JetStream has let them go, or holds none there.
    fn push_missing(&self, pieces: &mut Vec<Piece>, offsets: Range<u64>) {
        let middle = self.oldest.clamp(offsets.start, offsets.end);
        let parts = [(offsets.start..middle, GapReason::Trimmed), (middle..offsets.end, GapReason::NoEvent)];
        for (offsets, reason) in parts {
            if !offsets.is_empty() {
                pieces.push(Piece::Missing { offsets, reason });
            }
        }
    }

    /// Messages that follow each other; `row` is the first one's in the batch.
    fn push_events(&self, pieces: &mut Vec<Piece>, run: Range<usize>, row: usize) {
        let row_bytes = (self.batch.size_bytes() / self.batch.len().max(1)).max(1);
        let most = (SEAL_BYTES / row_bytes).clamp(1, SEAL_ROWS);
        for at in (0..run.len()).step_by(most) {
            let rows = most.min(run.len() - at);
            let header = DataHeader {
                stream: self.looked_at.stream,
                schema: self.schema.version,
                epoch: self.looked_at.epoch,
                base: self.told[run.start + at].sequence,
                rows: rows as u32,
                sealed: self.told[run.start + at + rows - 1].published,
            };
            let batch = self.batch.slice(row + at..row + at + rows);
            pieces.push(Piece::Events(Arc::new(Segment::seal(header, Arc::clone(self.schema), batch))));
        }
    }
}

/// What pieces that follow each other answer to who reads from `cursor` on: about `budget` bytes.
pub(super) fn answer(pieces: &[Piece], cursor: u64, budget: usize) -> Option<Chunk> {
    let first = pieces.iter().position(|piece| piece.offsets().contains(&cursor))?;
    if let Piece::Missing { offsets, reason } = &pieces[first] {
        return Some(Chunk::Missing { to: offsets.end, reason: *reason });
    }
    let mut segments: Vec<Arc<Segment>> = Vec::new();
    let mut bytes = 0;
    for piece in &pieces[first..] {
        let Piece::Events(segment) = piece else { break };
        let goes_on = segments.last().is_none_or(|last| {
            last.header().schema == segment.header().schema && last.end() == segment.header().base
        });
        if bytes >= budget && !segments.is_empty() || !goes_on {
            break;
        }
        bytes += segment.size_bytes();
        segments.push(Arc::clone(segment));
    }
    Some(Chunk::Segments(segments))
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_shared::schema::{TimeField, TimeSource};

    /// Pieces of `from..to` when JetStream holds `held` from `oldest` on, and those of `refused` are no events.
    fn pieces(range: Range<u64>, oldest: u64, held: &[u64], refused: &[u64]) -> Vec<Piece> {
        let schema = Schema::new(TimeField { name: "t".to_owned(), source: TimeSource::Event }, Vec::new());
        let told: Vec<_> =
            held.iter().map(|at| Told { sequence: *at, published: 100 * *at as i64 }).collect();
        let is_refused = |at: &u64| refused.contains(at);
        let times = held.iter().filter(|at| !is_refused(at)).map(|at| *at as i64).collect();
        let lines = (1..).zip(held).filter(|(_, at)| is_refused(at)).map(|(line, _)| line);
        let rejected: Vec<_> =
            lines.map(|line| Rejection { line, field: None, reason: String::new() }).collect();
        let typed = Typed {
            told: &told,
            schema: &Arc::new(schema),
            batch: &Batch { times, columns: Vec::new() },
            rejected: &rejected,
            looked_at: &Stretch { stream: 1, epoch: 2, offsets: range },
            oldest,
        };
        typed.pieces()
    }

    fn check(range: Range<u64>, oldest: u64, held: &[u64], refused: &[u64], expect: &[(Range<u64>, char)]) {
        let letter = |piece: &Piece| match piece {
            Piece::Events(_) => 'e',
            Piece::Missing { reason: GapReason::Trimmed, .. } => 't',
            Piece::Missing { .. } => 'n',
        };
        let found: Vec<_> = pieces(range, oldest, held, refused)
            .iter()
            .map(|piece| (piece.offsets(), letter(piece)))
            .collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn every_offset_that_was_looked_at_is_an_event_trimmed_or_none() {
        check(3..6, 1, &[3, 4, 5], &[], &[(3..6, 'e')]);
        check(3..6, 4, &[4, 5], &[], &[(3..4, 't'), (4..6, 'e')]);
        check(3..9, 1, &[3, 6, 7], &[], &[(3..4, 'e'), (4..6, 'n'), (6..8, 'e'), (8..9, 'n')]);
        check(3..9, 5, &[6, 7, 8], &[7], &[(3..5, 't'), (5..6, 'n'), (6..7, 'e'), (7..8, 'n'), (8..9, 'e')]);
        check(3..9, 20, &[], &[], &[(3..9, 't')]);
        check(3..9, 1, &[], &[], &[(3..9, 'n')]);
        check(3..6, 1, &[3, 4, 5], &[3, 4, 5], &[(3..6, 'n')]);
    }

    #[test]
    fn a_long_run_is_cut_as_the_log_cuts_it_and_answered_within_the_budget() {
        let held: Vec<_> = (1..=2 * SEAL_ROWS as u64 + 1).collect();
        let pieces = pieces(1..held.len() as u64 + 1, 1, &held, &[]);
        let rows: Vec<_> = pieces.iter().map(|piece| piece.offsets().end - piece.offsets().start).collect();
        assert_eq!(rows, [SEAL_ROWS as u64, SEAL_ROWS as u64, 1]);
        let count = |cursor, budget| match answer(&pieces, cursor, budget) {
            Some(Chunk::Segments(segments)) => segments.len(),
            Some(Chunk::Missing { .. }) | None => 0,
        };
        assert_eq!((count(1, 1), count(1, usize::MAX), count(held.len() as u64, 1)), (1, 3, 1));
        assert_eq!(count(held.len() as u64 + 1, 1), 0);
    }
}
