//! Where every event went.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Events of one stream by fate: `received = windowed + late + rejected + shed`, always.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// All that came in.
    pub received: u64,
    /// Added to a window.
    pub windowed: u64,
    /// Their window had already closed, lateness included.
    pub late: u64,
    /// A measure was not a finite number, or the time not to be believed.
    pub rejected: u64,
    /// Over the bound on groups.
    pub shed: u64,
    /// Of those rejected: too far in the future to be believed; not part of the sum.
    pub ahead: u64,
    /// Values given a score, per measure; not part of the sum.
    pub scored: u64,
}

impl Counts {
    /// Whether every event is accounted for.
    pub fn add_up(&self) -> bool {
        self.received == self.windowed + self.late + self.rejected + self.shed
    }
}

/// Most names that are kept.
const MAX_NAMES: usize = 100;

/// A number for each of some names, the first hundred of them, and one for all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    by_name: BTreeMap<String, u64>,
    total: u64,
}

impl Tally {
    /// One more of a name.
    pub fn count(&mut self, name: &str) {
        self.total += 1;
        if let Some(count) = self.by_name.get_mut(name) {
            *count += 1;
        } else if self.by_name.len() < MAX_NAMES {
            self.by_name.insert(name.to_owned(), 1);
        }
    }

    /// The names kept, in order.
    pub fn names(&self) -> &BTreeMap<String, u64> {
        &self.by_name
    }

    /// All that was counted, under a name that is kept or not.
    pub fn total(&self) -> u64 {
        self.total
    }
}
