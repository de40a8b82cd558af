//! Stillness: a series that moves less than it ever did, whatever its level.

use serde::{Deserialize, Serialize};

use super::band::Band;
use super::ring::Ring;
use crate::detector::Input;

/// Steps whose mean is watched.
pub(super) const STEPS: usize = 48;
/// Steps before the usual one is believed, and how fast it follows then.
const FEWEST: u32 = 200;
const RATE: f64 = 1.0 / 2_000.0;
/// More movement than the one part of the usual, and less than the other, is told apart no further.
const LITTLE: f64 = 0.5;
const LEAST: f64 = 0.01;
/// A step counts as this many usual ones at most, so that what comes after a jump does not look still beside it.
const MOST: f64 = 5.0;
/// Steps from here on, between numbers too large for their mean, are passed over.
const LARGEST: f64 = 1e300;

/// The latest steps from value to value, beside the usual step.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Stillness {
    latest: Option<f64>,
    steps: Ring<STEPS>,
    usual: f64,
    seen: u32,
    /// Of the logarithm of the mean step in parts of the usual.
    band: Band,
}

impl Stillness {
    pub(super) fn new() -> Self {
        Self { latest: None, steps: Ring::new(), usual: 0.0, seen: 0, band: Band::new() }
    }

    /// How surprisingly little the series has moved, and the mean step in parts of the usual.
    pub(super) fn observe(&mut self, input: Input<'_>) -> (f64, f64) {
        let value = input.value();
        let Some(latest) = self.latest.replace(value) else { return (0.0, 1.0) };
        let step = (value - latest).abs();
        if step < LARGEST {
            let step = if self.usual > 0.0 { step.min(MOST * self.usual) } else { step };
            self.steps.push(step);
            if input.learns {
                self.seen = self.seen.saturating_add(1);
                self.usual += (step - self.usual) * RATE.max(1.0 / f64::from(self.seen));
            }
        }
        if self.seen < FEWEST || self.usual <= 0.0 {
            return (0.0, 1.0);
        }
        let [mean] = self.steps.means([STEPS]);
        let part = mean / self.usual;
        let record = self.band.observe(libm::log(part.clamp(LEAST, LITTLE)), input.learns);
        (record.filter(|record| record.excess < 0.0).map_or(0.0, |record| record.surprise), part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest surprise among values that come after a lively beginning, and the part at the last.
    fn check(values: impl Iterator<Item = f64>) -> (f64, f64) {
        let mut stillness = Stillness::new();
        let mut observe = |value: f64| stillness.observe(Input { time: 0, values: &[value], learns: true });
        let lively = |event: u32| f64::from(event * event % 101);
        for event in 0..2_000 {
            observe(lively(event));
        }
        values.map(observe).fold((0.0, 1.0), |(most, _), (surprise, part)| (surprise.max(most), part))
    }

    #[test]
    fn a_series_that_goes_flat_surprises() {
        let (surprise, part) = check((0..60).map(|_| 50.0));
        assert!(surprise > 1.6 && part == 0.0, "{surprise} {part}");
        let (surprise, part) = check((2_000..2_060u32).map(|event| f64::from(event * event % 101)));
        assert!(surprise < 1.6 && part > 0.5, "{surprise} {part}");
    }

    #[test]
    fn what_comes_after_a_jump_does_not_look_still_beside_it() {
        let jump = std::iter::once(1e6);
        let (surprise, _) = check(jump.chain((0..400u32).map(|event| f64::from(event * event % 101))));
        assert!(surprise < 1.6, "{surprise}");
    }

    #[test]
    fn rest_that_was_there_before_is_no_surprise() {
        let mut stillness = Stillness::new();
        let surprises: Vec<f64> = (0..4_000u32)
            .map(|event| {
                // A day of 288 values moves for half of it.
                let value = if event % 288 < 144 { f64::from(event * event % 101) } else { 50.0 };
                stillness.observe(Input { time: 0, values: &[value], learns: true }).0
            })
            .collect();
        assert!(surprises[576..].iter().all(|surprise| *surprise < 1.6), "{surprises:?}");
    }
}
