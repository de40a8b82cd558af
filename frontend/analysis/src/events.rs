//! The events of one stream that are still held, as they came.
//!
//! Small batches are joined; over the byte budget the oldest go, counted. Queries that are asked later, tables, the
//! event log and export read them.

use std::collections::VecDeque;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use spate_shared::batch::{Batch, Column};
use spate_shared::time::Nanos;

/// Events in a full batch.
const MAX_ROWS: usize = 4_096;
/// Bytes in a full batch, whatever its rows.
const MAX_BYTES: usize = 256 << 10;

/// Events in order of arrival, numbered from 0 with the first that ever came.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Events {
    batches: VecDeque<HeldBatch>,
    /// Of all batches; of the last, which is still filled, at most this many.
    bytes: usize,
    budget_bytes: usize,
    /// How many ever came.
    received: u64,
}

/// Adjoining events.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeldBatch {
    /// Number of its first event.
    pub first: u64,
    /// Least and greatest event time.
    pub span: (Nanos, Nanos),
    /// The events. An older batch may lack the last fields of the stream's schema, and have integers where the schema
    /// has become floating point.
    pub batch: Batch,
    bytes: usize,
}

impl HeldBatch {
    fn for_events_like(batch: &Batch, first: u64) -> Self {
        let columns = batch.columns.iter().map(|column| Column::empty(column.values.ty())).collect();
        let batch = Batch { times: Vec::new(), columns };
        Self { first, span: (Nanos::MAX, Nanos::MIN), batch, bytes: 0 }
    }

    fn takes(&self, batch: &Batch) -> bool {
        let types = |batch: &Batch| batch.columns.iter().map(|column| column.values.ty()).collect::<Vec<_>>();
        self.batch.len() < MAX_ROWS && self.bytes < MAX_BYTES && types(&self.batch) == types(batch)
    }
}

impl Events {
    /// Holds at most `budget_bytes` of values, and the batch that is being filled.
    pub fn new(budget_bytes: usize) -> Self {
        Self { batches: VecDeque::new(), bytes: 0, budget_bytes, received: 0 }
    }

    /// Holds at most this much from now on.
    pub fn set_budget(&mut self, budget_bytes: usize) {
        self.budget_bytes = budget_bytes;
        self.trim();
    }

    /// Takes the events of a batch.
    pub fn push(&mut self, batch: &Batch) {
        self.push_rows(batch, 0..batch.len());
    }

    /// Takes some events of a batch; rows past its end are left out.
    pub fn push_rows(&mut self, batch: &Batch, rows: Range<usize>) {
        let end = rows.end.min(batch.len());
        let row_bytes = batch.size_bytes().div_ceil(batch.len().max(1));
        let mut next = rows.start;
        while next < end {
            if !self.batches.back().is_some_and(|last| last.takes(batch)) {
                self.seal();
                self.batches.push_back(HeldBatch::for_events_like(batch, self.received));
            }
            let Some(last) = self.batches.back_mut() else { return };
            let part = next..end.min(next + (MAX_ROWS - last.batch.len()));
            for time in &batch.times[part.clone()] {
                last.span = (last.span.0.min(*time), last.span.1.max(*time));
            }
            last.batch.extend_from(batch, part.clone());
            last.bytes += part.len() * row_bytes;
            self.bytes += part.len() * row_bytes;
            self.received += part.len() as u64;
            next = part.end;
        }
        self.trim();
    }

    /// The last batch takes no more: what its joined dictionary saves is known.
    fn seal(&mut self) {
        if let Some(last) = self.batches.back_mut() {
            let exact = last.batch.size_bytes();
            self.bytes = self.bytes - last.bytes + exact;
            last.bytes = exact;
        }
    }

    fn trim(&mut self) {
        while self.bytes > self.budget_bytes && self.batches.len() > 1 {
            self.bytes -= self.batches.pop_front().map_or(0, |batch| batch.bytes);
        }
    }

    /// Batches, oldest first.
    pub fn batches(&self) -> impl DoubleEndedIterator<Item = &HeldBatch> + ExactSizeIterator {
        self.batches.iter()
    }

    /// The batches that hold an event of this number or a later one.
    pub fn batches_from(&self, number: u64) -> impl DoubleEndedIterator<Item = &HeldBatch> {
        let first = self.batches.partition_point(|held| held.first + held.batch.len() as u64 <= number);
        self.batches.range(first..)
    }

    /// The event of a number, as its batch and row.
    pub fn event(&self, number: u64) -> Option<(&Batch, usize)> {
        let held = self.batches_from(number).next()?;
        Some((&held.batch, number.checked_sub(held.first)? as usize))
    }

    /// Numbers of the events held.
    pub fn numbers(&self) -> Range<u64> {
        self.trimmed()..self.received
    }

    /// How many events are held.
    pub fn len(&self) -> usize {
        (self.received - self.trimmed()) as usize
    }

    /// Whether none is held.
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// How many were let go to stay within the budget.
    pub fn trimmed(&self) -> u64 {
        self.batches.front().map_or(self.received, |oldest| oldest.first)
    }

    /// Bytes of values held, at most.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Least and greatest event time held.
    pub fn span(&self) -> Option<(Nanos, Nanos)> {
        self.batches.iter().map(|held| held.span).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use spate_shared::batch::Values;

    fn batch(times: Range<i64>, is_integer: bool) -> Batch {
        let values = if is_integer {
            Values::I64(times.clone().collect())
        } else {
            Values::F64(times.clone().map(|time| time as f64).collect())
        };
        Batch { times: times.collect(), columns: vec![Column { values, validity: None }] }
    }

    proptest! {
        #[test]
        fn events_are_held_in_order_and_those_let_go_are_counted(
            lens in proptest::collection::vec((0..3_000i64, any::<bool>()), 0..20), budget in 0..200_000usize,
        ) {
            let mut events = Events::new(budget);
            let mut sent = 0;
            for (len, is_integer) in lens {
                events.push(&batch(sent..sent + len, is_integer));
                sent += len;
                let held: Vec<i64> = events.batches().flat_map(|held| held.batch.times.iter().copied()).collect();
                prop_assert_eq!(&held, &(events.trimmed() as i64..sent).collect::<Vec<_>>());
                let last_bytes = events.batches().last().map_or(0, |held| held.bytes);
                prop_assert!(events.bytes() <= budget.max(last_bytes));
                prop_assert_eq!(events.span(), held.first().copied().zip(held.last().copied()));
                for number in [events.trimmed(), sent as u64 / 2, sent as u64] {
                    let expected = events.numbers().contains(&number).then_some(number as i64);
                    prop_assert_eq!(events.event(number).map(|(batch, row)| batch.times[row]), expected);
                }
            }
        }
    }

    #[test]
    fn a_text_heavy_stream_fills_batches_by_bytes() {
        let text = Column { values: Values::Text(vec!["x".repeat(100_000); 8].into()), validity: None };
        let heavy = Batch { times: (0..8).collect(), columns: vec![text] };
        let mut events = Events::new(1 << 20);
        for _ in 0..10 {
            events.push(&heavy);
        }
        assert!(events.bytes() <= 2 << 20, "{}", events.bytes());
        assert_eq!(events.len() as u64 + events.trimmed(), 80);
    }
}
