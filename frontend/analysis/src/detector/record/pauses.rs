//! Pauses: intervals far longer than the usual one.

use serde::{Deserialize, Serialize};
use spate_shared::time::Nanos;

/// How fast the usual interval follows, and how many must be known. One that is longer counts as twice the usual.
const RATE: f64 = 0.1;
const FEWEST: u32 = 21;
/// An interval this many times as long as the usual one is a pause.
const FACTOR: f64 = 3.0;

/// Tells how many events there were since the latest pause.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Pauses {
    latest: Option<Nanos>,
    usual: f64,
    known: u32,
    events_since: usize,
}

impl Pauses {
    /// Events between the latest pause and this one, which is at `time`.
    pub(super) fn observe(&mut self, time: Nanos) -> usize {
        let Some(latest) = self.latest.replace(time) else { return 0 };
        let interval = time.saturating_sub(latest).max(0) as f64;
        let is_pause = self.known >= FEWEST && interval > FACTOR * self.usual;
        self.events_since = if is_pause { 0 } else { self.events_since.saturating_add(1) };
        let usual = if self.usual > 0.0 { self.usual } else { interval };
        self.usual = usual + RATE * (interval.min(2.0 * usual) - usual);
        self.known = self.known.saturating_add(1);
        self.events_since
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_counted_from_the_latest_pause() {
        let mut pauses = Pauses::default();
        assert_eq!((0..40).map(|event| pauses.observe(event * 10)).max(), Some(39));
        assert_eq!([420, 460, 470, 480].map(|time| pauses.observe(time)), [40, 0, 1, 2]);
    }
}
