//! Pauses and disorder: intervals far from the usual one, which are unusual where they were not before.

use serde::{Deserialize, Serialize};
use spate_shared::time::Nanos;

use super::band::Band;
use crate::detector::Input;

/// How fast the usual interval follows, and how many must be known. One that is longer counts as twice the usual.
const RATE: f64 = 0.1;
const FEWEST: u32 = 21;
/// An interval this many times as long as the usual one is a pause; one back by more is disorder.
const FACTOR: f64 = 3.0;
const BACK: f64 = -2.0;

/// Tells how many events there were since the latest pause, and how unusual a pause is.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Pauses {
    /// The latest event time so far.
    latest: Option<Nanos>,
    usual: f64,
    known: u32,
    events_since: usize,
    /// Of pauses and of disorder, each in intervals of the usual length; 1 for an ordinary one.
    bands: [Band; 2],
}

/// What is known of an event's interval.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Pause {
    /// Events between the latest pause and this one.
    pub(super) events_since: usize,
    /// How surprising the interval is; 0 for an ordinary one.
    pub(super) surprise: f64,
    /// Event time since the latest one before; negative out of order.
    pub(super) interval: Nanos,
    /// That, in intervals of the usual length.
    pub(super) times: f64,
}

impl Pauses {
    pub(super) fn new() -> Self {
        Self { latest: None, usual: 0.0, known: 0, events_since: 0, bands: [Band::new(), Band::new()] }
    }

    /// Looks at the interval before an event.
    pub(super) fn observe(&mut self, Input { time, learns, .. }: Input<'_>) -> Pause {
        let Some(latest) = self.latest else {
            self.latest = Some(time);
            return Pause::default();
        };
        self.latest = Some(latest.max(time));
        let interval = time.saturating_sub(latest);
        let (mut surprise, mut times) = (0.0, 0.0);
        let mut is_pause = false;
        if self.known >= FEWEST {
            times = interval as f64 / self.usual;
            is_pause = times > FACTOR;
            let odd = [is_pause, times < BACK];
            for (band, is_odd) in self.bands.iter_mut().zip(odd) {
                let record = band.observe(if is_odd { times } else { 1.0 }, learns);
                surprise = record.map_or(surprise, |record| record.surprise);
            }
        }
        self.events_since = if is_pause { 0 } else { self.events_since.saturating_add(1) };
        // Events of one time, or out of order, tell nothing of the pace.
        if interval > 0 && learns {
            let interval = interval as f64;
            let usual = if self.usual > 0.0 { self.usual } else { interval };
            self.usual = usual + RATE * (interval.min(2.0 * usual) - usual);
            self.known = self.known.saturating_add(1);
        }
        Pause { events_since: self.events_since, surprise, interval, times }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observe(pauses: &mut Pauses, time: Nanos) -> Pause {
        pauses.observe(Input { time, values: &[], learns: true })
    }

    #[test]
    fn events_are_counted_from_the_latest_pause() {
        let mut pauses = Pauses::new();
        assert_eq!((0..40).map(|event| observe(&mut pauses, event * 10).events_since).max(), Some(39));
        let since = [420, 460, 470, 480].map(|time| observe(&mut pauses, time).events_since);
        assert_eq!(since, [40, 0, 1, 2]);
    }

    #[test]
    fn the_longest_pause_so_far_and_the_first_disorder_surprise_and_their_like_do_not() {
        let mut pauses = Pauses::new();
        assert!((0..200).all(|event| observe(&mut pauses, event * 10).surprise == 0.0));
        let mut at = |times: [Nanos; 3]| times.map(|time| observe(&mut pauses, time).surprise > 3.0);
        assert_eq!(at([2_000, 2_200, 2_210]), [false, true, false], "a gap of twenty intervals");
        assert_eq!(at([2_410, 2_420, 2_430]), [false; 3], "another of the kind");
        assert_eq!(at([2_400, 2_440, 2_410]), [true, false, false], "one out of order, and another");
    }
}
