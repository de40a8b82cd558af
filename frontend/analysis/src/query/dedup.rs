//! Events that come twice: told by an id within a horizon of event time.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use spate_shared::time::{self, Nanos};

/// Most ids remembered; beyond, the oldest are forgotten early.
const MAX_IDS: usize = 1_000_000;

/// Which events are one and the same: written `FIELD within DURATION`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Dedup {
    /// The field that holds the id.
    pub field: String,
    /// How far apart in event time two events with one id may be, nanoseconds.
    pub within: Nanos,
}

/// Why a text does not say which events are the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected FIELD within DURATION, such as 'id within 10m', got {0:?}")]
pub struct DedupError(String);

impl FromStr for Dedup {
    type Err = DedupError;

    fn from_str(text: &str) -> Result<Self, DedupError> {
        let parts =
            text.rsplit_once(" within ").map(|(field, within)| (field.trim(), time::parse_duration(within)));
        match parts {
            Some((field, Ok(within))) if !field.is_empty() => Ok(Self { field: field.to_owned(), within }),
            _ => Err(DedupError(text.to_owned())),
        }
    }
}

impl fmt::Display for Dedup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} within {}", self.field, time::format_duration(self.within))
    }
}

impl TryFrom<String> for Dedup {
    type Error = DedupError;

    fn try_from(text: String) -> Result<Self, DedupError> {
        text.parse()
    }
}

impl From<Dedup> for String {
    fn from(dedup: Dedup) -> Self {
        dedup.to_string()
    }
}

/// The ids seen within the horizon, by hash.
#[derive(Debug, Clone, Default)]
pub(super) struct Ids {
    times: HashMap<u64, Nanos>,
    /// In order of arrival.
    arrived: VecDeque<(u64, Nanos)>,
}

impl Ids {
    /// What a checkpoint keeps: ids and times in order of arrival.
    pub(super) fn state(&self) -> Vec<(u64, Nanos)> {
        self.arrived.iter().copied().collect()
    }

    /// Goes on from a checkpoint.
    pub(super) fn from_state(state: Vec<(u64, Nanos)>) -> Self {
        Self { times: state.iter().copied().collect(), arrived: state.into() }
    }

    /// Whether the id was not seen within the horizon; remembers it then. `head` is the latest event time before.
    pub(super) fn is_new(&mut self, id: u64, time: Nanos, within: Nanos, head: Option<Nanos>) -> bool {
        let horizon = head.unwrap_or(Nanos::MIN).saturating_sub(within);
        while self.arrived.len() >= MAX_IDS || self.arrived.front().is_some_and(|(_, seen)| *seen < horizon) {
            let Some((old, seen)) = self.arrived.pop_front() else { break };
            if self.times.get(&old) == Some(&seen) {
                self.times.remove(&old);
            }
        }
        let seen = self.times.get(&id);
        if seen.is_some_and(|seen| seen.abs_diff(time) <= within.unsigned_abs()) {
            return false;
        }
        self.times.insert(id, time);
        self.arrived.push_back((id, time));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_new_again_beyond_the_horizon_and_memory_follows() {
        let mut ids = Ids::default();
        let mut head = None;
        for (id, time, expect) in
            [(1, 0, true), (1, 10, false), (2, 3, true), (1, 11, true), (1, 12, false), (2, 50, true)]
        {
            assert_eq!(ids.is_new(id, time, 10, head), expect, "{id} at {time}");
            head = head.max(Some(time));
        }
        assert!(ids.is_new(3, 200, 10, Some(199)));
        assert_eq!((ids.times.len(), ids.arrived.len()), (1, 1));
    }

    #[test]
    fn a_dedup_reads_back_and_a_fault_says_the_form() {
        assert_eq!("order id within 10m".parse::<Dedup>().expect("valid").to_string(), "order id within 10m");
        for text in ["id", "id within", "within 5s", "id within soon"] {
            assert!(text.parse::<Dedup>().expect_err(text).to_string().contains("FIELD within DURATION"));
        }
    }
}
