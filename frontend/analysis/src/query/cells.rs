//! What windows and panes keep: one cell per group, each with one accumulator per input.

use crate::aggregate::{Accumulator, Parts};
use serde::{Deserialize, Serialize};

/// One group's events in a slice of time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell<'a> {
    pub(super) events: u64,
    pub(super) accumulators: &'a [Accumulator],
}

/// The cells of the groups that have events in a slice of time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Cells {
    /// By group: its place below, plus one; 0 for a group without events.
    #[serde(skip)]
    places: Vec<u32>,
    groups: Vec<u32>,
    events: Vec<u64>,
    /// `inputs` of them for each group.
    accumulators: Vec<Accumulator>,
}

impl Cells {
    /// Finds groups again after they were read from a checkpoint.
    pub(super) fn index(&mut self) {
        let most = self.groups.iter().max().map_or(0, |group| *group as usize + 1);
        self.places = vec![0; most];
        for (group, place) in self.groups.iter().zip(1..) {
            self.places[*group as usize] = place;
        }
    }

    /// The groups, in order of appearance.
    pub(super) fn groups(&self) -> &[u32] {
        &self.groups
    }

    /// Whether every group has an accumulator for each of `inputs`.
    pub(super) fn is_whole(&self, inputs: usize) -> bool {
        self.events.len() == self.groups.len() && self.accumulators.len() == self.groups.len() * inputs
    }

    /// Forgets everything but its memory.
    pub(super) fn clear(&mut self) {
        for group in &self.groups {
            self.places[*group as usize] = 0;
        }
        self.groups.clear();
        self.events.clear();
        self.accumulators.clear();
    }

    #[inline]
    fn place(&self, group: u32) -> Option<usize> {
        (*self.places.get(group as usize)? as usize).checked_sub(1)
    }

    /// A group's cell.
    pub(super) fn get(&self, group: u32, inputs: usize) -> Option<Cell<'_>> {
        let place = self.place(group)?;
        let accumulators = &self.accumulators[place * inputs..(place + 1) * inputs];
        Some(Cell { events: self.events[place], accumulators })
    }

    /// Counts events of a group and gives its accumulators, and whether they are new.
    #[inline]
    pub(super) fn count(&mut self, group: u32, events: u64, inputs: usize) -> (&mut [Accumulator], bool) {
        let (place, is_new) = match self.place(group) {
            Some(place) => (place, false),
            None => (self.insert(group, inputs), true),
        };
        self.events[place] += events;
        (&mut self.accumulators[place * inputs..(place + 1) * inputs], is_new)
    }

    #[cold]
    fn insert(&mut self, group: u32, inputs: usize) -> usize {
        if self.places.len() <= group as usize {
            self.places.resize(group as usize + 1, 0);
        }
        self.groups.push(group);
        self.events.push(0);
        self.accumulators.resize(self.groups.len() * inputs, Accumulator::default());
        self.places[group as usize] = self.groups.len() as u32;
        self.groups.len() - 1
    }

    /// Adds every cell of another slice.
    pub(super) fn merge_all(&mut self, other: &Self, parts: &[Parts]) {
        for group in other.groups() {
            if let Some(cell) = other.get(*group, parts.len()) {
                self.merge(*group, cell, parts);
            }
        }
    }

    /// Adds one group's cell of another slice.
    pub(super) fn merge(&mut self, group: u32, cell: Cell<'_>, parts: &[Parts]) {
        let (mine, _) = self.count(group, cell.events, parts.len());
        for ((mine, theirs), parts) in mine.iter_mut().zip(cell.accumulators).zip(parts) {
            mine.merge(theirs, *parts);
        }
    }
}
