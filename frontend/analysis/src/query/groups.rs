//! The groups of a query: bounded in number, found by one look-up per event.

use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use spate_shared::order;
use spate_shared::time::Nanos;

use crate::checkpoint::CheckpointError;
use crate::counts::Tally;
use crate::expression::{Lanes, Values};

/// Between values in a key; no text field holds it.
const SEPARATOR: char = '\u{1f}';
/// Stands for a missing value.
const MISSING: &str = "\u{1e}";
/// Combinations of dictionary entries that get a table.
const MAX_COMBINATIONS: usize = 1 << 20;

/// The values of a group's fields; `None` where one is missing.
pub type GroupKey = Arc<[Option<String>]>;

/// Groups by number. A group without an open window gives its number up when another needs it.
#[derive(Debug, Clone)]
pub(super) struct Groups {
    bound: usize,
    by_key: HashMap<String, u32>,
    keys: Vec<(String, GroupKey)>,
    /// Windows of a group that start before this may lack events that were shed.
    whole_from: Vec<Nanos>,
    /// Cells or sessions of a group.
    uses: Vec<u32>,
    /// Groups that were without a use, longest first.
    unused: VecDeque<u32>,
    is_queued: Vec<bool>,
    /// All groups in the order of keys; empty when groups have changed since.
    ordered: Vec<u32>,
    /// Group plus one by combination of the current batch's dictionary codes, and a factor for each field.
    by_code: Vec<u32>,
    dictionaries: Vec<Vec<String>>,
    factors: Vec<usize>,
    key: String,
    shed: Tally,
}

/// The part of [`Groups`] that a query does not tell.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct GroupsState {
    keys: Vec<String>,
    whole_from: Vec<Nanos>,
    uses: Vec<u32>,
    unused: VecDeque<u32>,
    is_queued: Vec<bool>,
    shed: Tally,
}

/// The values in a key.
fn values(key: &str) -> GroupKey {
    let values = key.split_terminator(SEPARATOR);
    values.map(|value| (value != MISSING).then(|| value.to_owned())).collect()
}

impl Groups {
    pub(super) fn new(bound: usize) -> Self {
        Self {
            bound,
            by_key: HashMap::new(),
            keys: Vec::new(),
            whole_from: Vec::new(),
            uses: Vec::new(),
            unused: VecDeque::new(),
            is_queued: Vec::new(),
            ordered: Vec::new(),
            by_code: Vec::new(),
            dictionaries: Vec::new(),
            factors: Vec::new(),
            key: String::new(),
            shed: Tally::default(),
        }
    }

    /// What a checkpoint keeps.
    pub(super) fn state(&self) -> GroupsState {
        GroupsState {
            keys: self.keys.iter().map(|(key, _)| key.clone()).collect(),
            whole_from: self.whole_from.clone(),
            uses: self.uses.clone(),
            unused: self.unused.clone(),
            is_queued: self.is_queued.clone(),
            shed: self.shed.clone(),
        }
    }

    /// Goes on from a checkpoint.
    pub(super) fn restore(&mut self, state: GroupsState) -> Result<(), CheckpointError> {
        let GroupsState { keys, whole_from, uses, unused, is_queued, shed } = state;
        if [whole_from.len(), uses.len(), is_queued.len()] != [keys.len(); 3] || keys.len() > self.bound {
            return Err(CheckpointError::Unfit("its groups are not whole".to_owned()));
        }
        self.by_key = keys.iter().cloned().zip(0..).collect();
        self.keys = keys.into_iter().map(|key| (key.clone(), values(&key))).collect();
        (self.whole_from, self.uses, self.unused) = (whole_from, uses, unused);
        (self.is_queued, self.shed) = (is_queued, shed);
        Ok(())
    }

    /// Makes ready for a batch. What is known of dictionary codes is kept as far as the dictionaries are the same.
    pub(super) fn begin(&mut self, by: &[Lanes<'_>]) {
        self.factors.clear();
        let mut combinations = 1usize;
        let (mut kept, mut keeps) = (1, true);
        for (index, lanes) in by.iter().enumerate() {
            let Values::Texts { dictionary, .. } = &lanes.values else { return self.by_code.clear() };
            self.factors.push(combinations);
            let (same, is_whole) = self.note(index, dictionary);
            // A dictionary that grew or shrank moves the places of every field after it.
            kept = if keeps { combinations.saturating_mul(same + 1) } else { kept };
            keeps &= is_whole;
            combinations = combinations.saturating_mul(dictionary.len() + 1);
        }
        self.by_code.truncate(kept);
        self.by_code.resize(if combinations <= MAX_COMBINATIONS { combinations } else { 0 }, 0);
    }

    /// Remembers a dictionary; gives how much of it is as before, and whether all is.
    fn note(&mut self, index: usize, dictionary: &[Cow<'_, str>]) -> (usize, bool) {
        if self.dictionaries.len() <= index {
            self.dictionaries.push(Vec::new());
        }
        let held = &mut self.dictionaries[index];
        let same = held.iter().zip(dictionary).take_while(|(held, text)| *held == *text).count();
        let is_whole = held.len() == same && dictionary.len() == same;
        held.truncate(same);
        held.extend(dictionary[same..].iter().map(ToString::to_string));
        (same, is_whole)
    }

    /// The combination of dictionary codes of an event, where there is a table of them.
    #[inline]
    fn code(&self, by: &[Lanes<'_>], row: usize) -> Option<usize> {
        if self.by_code.is_empty() {
            return None;
        }
        let mut combined = 0;
        for (lanes, factor) in by.iter().zip(&self.factors) {
            let Values::Texts { codes, .. } = &lanes.values else { return None };
            let code = if lanes.is_present(row) { codes[row] as usize + 1 } else { 0 };
            combined += factor * code;
        }
        Some(combined)
    }

    /// The group of an event, where a table knows it.
    #[inline]
    pub(super) fn known(&self, by: &[Lanes<'_>], row: usize) -> Option<u32> {
        self.by_code[self.code(by, row)?].checked_sub(1)
    }

    /// The group of an event; `None` when it is not known.
    #[inline]
    pub(super) fn find(&mut self, by: &[Lanes<'_>], row: usize) -> Option<u32> {
        let code = self.code(by, row);
        if let Some(group) = code.and_then(|code| self.by_code[code].checked_sub(1)) {
            return Some(group);
        }
        self.read_key(by, row);
        let group = *self.by_key.get(&self.key)?;
        if let Some(code) = code {
            self.by_code[code] = group + 1;
        }
        Some(group)
    }

    fn read_key(&mut self, by: &[Lanes<'_>], row: usize) {
        self.key.clear();
        for lanes in by {
            self.key.push_str(lanes.label(row).as_deref().unwrap_or(MISSING));
            self.key.push(SEPARATOR);
        }
    }

    /// Makes the event's group, which is not known, one of the groups; `None` when there are too many.
    pub(super) fn admit(&mut self, by: &[Lanes<'_>], row: usize, whole_from: Nanos) -> Option<u32> {
        let group = if self.keys.len() < self.bound { self.keys.len() as u32 } else { self.reclaim()? };
        self.read_key(by, row);
        let values: GroupKey = by.iter().map(|lanes| lanes.label(row).map(Cow::into_owned)).collect();
        let entry = (self.key.clone(), values);
        if group as usize == self.keys.len() {
            self.keys.push(entry);
            self.whole_from.push(whole_from);
            self.uses.push(0);
            self.is_queued.push(false);
        } else {
            self.keys[group as usize] = entry;
            self.whole_from[group as usize] = whole_from;
        }
        self.by_key.insert(self.key.clone(), group);
        self.ordered.clear();
        Some(group)
    }

    fn reclaim(&mut self) -> Option<u32> {
        while let Some(group) = self.unused.pop_front() {
            self.is_queued[group as usize] = false;
            if self.uses[group as usize] == 0 {
                self.by_key.remove(&self.keys[group as usize].0);
                self.by_code.fill(0);
                return Some(group);
            }
        }
        None
    }

    /// Counts an event of a group that found no room.
    pub(super) fn shed(&mut self, by: &[Lanes<'_>], row: usize) {
        let name = |lanes: &Lanes<'_>| lanes.label(row).map_or_else(|| "(none)".to_owned(), Cow::into_owned);
        self.shed.count(&by.iter().map(name).collect::<Vec<_>>().join(" · "));
    }

    /// How many events groups that found no room lost.
    pub(super) fn shed_groups(&self) -> &Tally {
        &self.shed
    }

    pub(super) fn key(&self, group: u32) -> GroupKey {
        self.keys[group as usize].1.clone()
    }

    /// From where on a group's windows hold all its events.
    pub(super) fn whole_from(&self, group: u32) -> Nanos {
        self.whole_from[group as usize]
    }

    /// A cell or session more.
    pub(super) fn hold(&mut self, group: u32) {
        self.uses[group as usize] += 1;
    }

    /// A cell or session less.
    pub(super) fn release(&mut self, group: u32) {
        let at = group as usize;
        self.uses[at] -= 1;
        if self.uses[at] == 0 && !std::mem::replace(&mut self.is_queued[at], true) {
            self.unused.push_back(group);
        }
    }

    /// Makes [`Groups::in_order`] cheap until groups change again.
    pub(super) fn rank(&mut self) {
        if self.ordered.len() != self.keys.len() {
            let mut ordered = (0..self.keys.len() as u32).collect();
            self.sort(&mut ordered);
            self.ordered = ordered;
        }
    }

    fn sort(&self, groups: &mut Vec<u32>) {
        order::sort_by(groups, |a, b| self.keys[*a as usize].1.cmp(&self.keys[*b as usize].1));
    }

    /// Some groups, at most `most`, in the order of keys; all groups when some are many of them.
    pub(super) fn in_order(&self, some: impl Iterator<Item = u32>, most: usize) -> Cow<'_, [u32]> {
        if self.ordered.len() == self.keys.len() && 16 * most >= self.keys.len() {
            return Cow::Borrowed(&self.ordered);
        }
        let mut some = some.collect();
        self.sort(&mut some);
        Cow::Owned(some)
    }
}
