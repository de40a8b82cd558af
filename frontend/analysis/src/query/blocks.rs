//! What windows that overlap share, so that each costs a few merges a group and not one for each of its panes.
//!
//! Event time is cut into blocks as long as a window. A window is the end of one block, its *tail*, and the start of the
//! next, its *head*: tails are merged from the end of their block backwards, heads from the start of theirs on. Where
//! blocks lie depends on nothing but the query, so a result has the same bits whenever and however often it is asked for.
//!
//! Of a tail's panes only about twice the square root are kept as they were on the way: at the end of each *stretch* of
//! panes, and at each pane of the stretch that windows are leaving, which is merged a second time for it.
//!
//! # Source
//! M. van Herk, Pattern Recognition Letters 13, 1992; J. Gil and M. Werman, IEEE TPAMI 15, 1993.

use std::collections::VecDeque;

use spate_shared::time::Nanos;

use super::cells::{self, Cell, Cells};
use super::panes::Pane;
use crate::aggregate::{Accumulator, Parts};
use crate::window::{Hopping, Interval};

/// The tail and the head of the window asked for last. Windows are asked for in the order of their ends.
#[derive(Debug, Clone)]
pub(super) struct Blocks {
    windows: Hopping,
    /// The only group that is looked at.
    only: Option<u32>,
    /// Where the tail ends and the head begins; `None` when nothing is merged.
    boundary: Option<Nanos>,
    head: Cells,
    head_to: Nanos,
    tail: Cells,
    tail_from: Nanos,
    /// Panes in the tail.
    tail_len: usize,
    /// Panes in every stretch but the first.
    stretch_len: usize,
    /// What the tail was at the end of each stretch but the one that windows are leaving, latest stretch first.
    stretches: Vec<Cells>,
    /// What the tail was before each pane of the stretch that windows are leaving, latest pane first.
    panes: Vec<Cells>,
    spare: Vec<Cells>,
}

/// What a window holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Halves<'a> {
    pub(super) tail: Option<&'a Cells>,
    pub(super) head: &'a Cells,
}

impl Blocks {
    pub(super) fn new(windows: Hopping) -> Self {
        Self {
            windows,
            only: None,
            boundary: None,
            head: Cells::default(),
            head_to: Nanos::MIN,
            tail: Cells::default(),
            tail_from: Nanos::MIN,
            tail_len: 0,
            stretch_len: 1,
            stretches: Vec::new(),
            panes: Vec::new(),
            spare: Vec::new(),
        }
    }

    /// Forgets what is merged; from now on looks at one group only.
    pub(super) fn restrict(&mut self, group: u32) {
        (self.only, self.boundary) = (Some(group), None);
    }

    /// The pane of `time` is about to change.
    pub(super) fn touch(&mut self, time: Nanos) {
        if self.tail_from <= time && time < self.head_to {
            self.boundary = None;
        }
    }

    /// What a window holds of the panes `held`, which are in order.
    pub(super) fn halves<'a>(
        &'a mut self,
        window: Interval,
        held: &'a VecDeque<Pane>,
        parts: &[Parts],
    ) -> Halves<'a> {
        let before = |time: Nanos| held.partition_point(|pane| pane.interval.start < time);
        let boundary = self.windows.block_from(window.start).min(window.end);
        let (from, middle, to) = (before(window.start), before(boundary), before(window.end));
        if to - from == 1 {
            return Halves { tail: None, head: &held[from].cells };
        }
        let merged = if self.boundary == Some(boundary) { before(self.head_to) } else { middle };
        if self.boundary != Some(boundary) {
            self.clear();
            self.boundary = Some(boundary);
            self.merge_tail((from, middle), held, parts);
        }
        for pane in held.range(merged.min(to)..to) {
            self.head.merge_all(&pane.cells, self.only, parts);
        }
        (self.tail_from, self.head_to) = (window.start, window.end);
        self.shorten((from, middle), held, parts);
        Halves { tail: (self.tail_len > 0).then_some(&self.tail), head: &self.head }
    }

    fn clear(&mut self) {
        self.head.clear();
        self.tail.clear();
        for mut cells in self.stretches.drain(..).chain(self.panes.drain(..)) {
            cells.clear();
            self.spare.push(cells);
        }
    }

    fn merge_tail(&mut self, (from, to): (usize, usize), held: &VecDeque<Pane>, parts: &[Parts]) {
        self.tail_len = to - from;
        self.stretch_len = self.tail_len.isqrt().max(1);
        for at in (from..to).rev() {
            if (to - 1 - at).is_multiple_of(self.stretch_len) {
                self.stretches.push(self.spare.pop().unwrap_or_default());
            }
            if let Some(before) = self.stretches.last_mut() {
                self.tail.merge_noting(&held[at].cells, self.only, parts, before);
            }
        }
    }

    /// Takes the first panes out of the tail, so that it goes from pane `from` to before pane `to`.
    fn shorten(&mut self, (from, to): (usize, usize), held: &VecDeque<Pane>, parts: &[Parts]) {
        while self.tail_len > to - from {
            if let Some(before) = self.panes.pop() {
                self.put_back(before, parts.len());
                self.tail_len -= 1;
            } else if let Some(before) = self.stretches.pop() {
                self.put_back(before, parts.len());
                self.tail_len = self.stretches.len() * self.stretch_len;
                for at in (from..to.saturating_sub(self.tail_len)).rev() {
                    let mut before = self.spare.pop().unwrap_or_default();
                    self.tail.merge_noting(&held[at].cells, self.only, parts, &mut before);
                    self.panes.push(before);
                }
                self.tail_len = self.tail_len.max(to - from);
            }
        }
    }

    fn put_back(&mut self, mut before: Cells, inputs: usize) {
        self.tail.put_back(&mut before, inputs);
        before.clear();
        self.spare.push(before);
    }
}

impl<'a> Halves<'a> {
    /// At most so many groups.
    pub(super) fn most(self) -> usize {
        self.head.groups().len() + self.tail.map_or(0, |tail| tail.groups().len())
    }

    /// The groups, each once, in no order.
    pub(super) fn groups(self) -> impl Iterator<Item = u32> {
        let tail = self.tail.into_iter().flat_map(|tail| tail.groups().iter().copied());
        self.head.groups().iter().copied().chain(tail.filter(move |group| !self.head.has(*group)))
    }

    /// A group's cell, merged into `merged` when both halves have one.
    pub(super) fn cell(
        self,
        group: u32,
        parts: &[Parts],
        merged: &'a mut Vec<Accumulator>,
    ) -> Option<Cell<'a>> {
        let tail = self.tail.and_then(|tail| tail.get(group, parts.len()));
        let (Some(tail), Some(head)) = (tail, self.head.get(group, parts.len())) else {
            return tail.or_else(|| self.head.get(group, parts.len()));
        };
        merged.clear();
        merged.extend_from_slice(tail.accumulators);
        cells::merge(merged, head.accumulators, parts);
        Some(Cell { events: tail.events + head.events, accumulators: merged })
    }
}
