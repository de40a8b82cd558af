//! What is usual at a time of the day or week.

use serde::{Deserialize, Serialize};
use spate_shared::time::Nanos;

use crate::detector::Input;

/// An exponentially weighted mean for each slot of a period.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Season {
    slots: Vec<f64>,
    /// Values each slot has seen, up to [`u8::MAX`].
    visits: Vec<u8>,
    width: Nanos,
    rate: f64,
}

impl Season {
    /// `slots` slots of `width`; a slot's mean follows its values at `rate`, and averages its first ones.
    pub(super) fn new(slots: usize, width: Nanos, rate: f64) -> Self {
        Self { slots: vec![0.0; slots], visits: vec![0; slots], width, rate }
    }

    /// The value minus its slot's mean, or minus `level` on the slot's first visit; then the mean follows, if it may.
    pub(super) fn residual(&mut self, input: Input<'_>, level: f64) -> f64 {
        let value = input.value();
        let slot = input.time.div_euclid(self.width).rem_euclid(self.slots.len() as Nanos) as usize;
        let (mean, visits) = (&mut self.slots[slot], &mut self.visits[slot]);
        let usual = if *visits == 0 { level } else { *mean };
        if !input.learns {
            return value - usual;
        }
        *visits = visits.saturating_add(1);
        let rate = self.rate.max(1.0 / f64::from(*visits));
        *mean = (1.0 - rate) * *mean + rate * value;
        value - usual
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.slots.capacity() * size_of::<f64>() + self.visits.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn residual(season: &mut Season, time: Nanos, value: f64, level: f64) -> f64 {
        season.residual(Input { time, values: &[value], learns: true }, level)
    }

    #[test]
    fn a_slot_averages_its_first_values_and_then_follows_at_its_rate() {
        let mut season = Season::new(2, 10, 0.4);
        assert_eq!(residual(&mut season, 5, 8.0, 3.0), 5.0, "first visit: against the level");
        assert_eq!(
            residual(&mut season, 25, 10.0, 3.0),
            2.0,
            "the same slot a period later: against the first value"
        );
        assert_eq!(residual(&mut season, 5, 9.0, 3.0), 0.0, "against the average of 8 and 10");
        assert_eq!(residual(&mut season, 15, 1.0, 3.0), -2.0, "another slot: its first visit");
        assert_eq!(residual(&mut season, -15, 9.0, 3.0), 0.0, "times before 1970 have slots too");
    }
}
