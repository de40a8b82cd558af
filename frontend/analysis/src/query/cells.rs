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

    /// Whether a group has a place here.
    pub(super) fn has(&self, group: u32) -> bool {
        self.place(group).is_some()
    }

    /// A group's cell, when it has events.
    #[inline]
    pub(super) fn get(&self, group: u32, inputs: usize) -> Option<Cell<'_>> {
        let place = self.place(group).filter(|place| self.events[*place] > 0)?;
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
        self.groups.push(group);
        self.events.push(0);
        self.accumulators.extend((0..inputs).map(|_| Accumulator::default()));
        self.find_again(group)
    }

    /// Notes that the group's place is the last; gives it.
    fn find_again(&mut self, group: u32) -> usize {
        if self.places.len() <= group as usize {
            self.places.resize(group as usize + 1, 0);
        }
        self.places[group as usize] = self.groups.len() as u32;
        self.groups.len() - 1
    }

    /// The cells of all groups, or of one.
    fn each(&self, only: Option<u32>, inputs: usize) -> impl Iterator<Item = (u32, Cell<'_>)> {
        let places = match only {
            Some(group) => self.place(group).map_or(0..0, |place| place..place + 1),
            None => 0..self.groups.len(),
        };
        places.map(move |place| {
            let accumulators = &self.accumulators[place * inputs..(place + 1) * inputs];
            (self.groups[place], Cell { events: self.events[place], accumulators })
        })
    }

    /// Adds the cells of another slice, of all groups or of one.
    pub(super) fn merge_all(&mut self, other: &Self, only: Option<u32>, parts: &[Parts]) {
        for (group, cell) in other.each(only, parts.len()) {
            let (mine, _) = self.count(group, cell.events, parts.len());
            merge(mine, cell.accumulators, parts);
        }
    }

    /// The same; what the cells were before goes to `before`, unless that has something of the group already.
    pub(super) fn merge_noting(
        &mut self,
        other: &Self,
        only: Option<u32>,
        parts: &[Parts],
        before: &mut Self,
    ) {
        let inputs = parts.len();
        for (group, cell) in other.each(only, inputs) {
            let place = self.place(group).unwrap_or_else(|| self.insert(group, inputs));
            let mine = &mut self.accumulators[place * inputs..(place + 1) * inputs];
            if !before.has(group) {
                before.groups.push(group);
                before.events.push(self.events[place]);
                before.accumulators.extend_from_slice(mine);
                before.find_again(group);
            }
            merge(mine, cell.accumulators, parts);
            self.events[place] += cell.events;
        }
    }

    /// Makes the cells of some groups what they were.
    pub(super) fn put_back(&mut self, before: &mut Self, inputs: usize) {
        let mut kept = before.accumulators.drain(..);
        for (group, events) in before.groups.iter().zip(&before.events) {
            let Some(place) = self.place(*group) else { continue };
            self.events[place] = *events;
            for (mine, kept) in
                self.accumulators[place * inputs..(place + 1) * inputs].iter_mut().zip(&mut kept)
            {
                *mine = kept;
            }
        }
    }
}

/// Adds one cell's values to another's.
pub(super) fn merge(mine: &mut [Accumulator], theirs: &[Accumulator], parts: &[Parts]) {
    for ((mine, theirs), parts) in mine.iter_mut().zip(theirs).zip(parts) {
        mine.merge(theirs, *parts);
    }
}
