//! CUSUM: the sum of what values exceed their mean by, which a lasting change makes grow.
//!
//! The mean and deviation are those of all values since the last alert, so the sum is the Page-Hinkley statistic in units
//! of the deviation, for both sides. After an alert it begins anew, with the new level as its mean.
//!
//! # Source
//! E. S. Page, "Continuous Inspection Schemes", Biometrika 41, 1954; the tabular form as in D. C. Montgomery,
//! "Introduction to Statistical Quality Control", 6th ed., section 9.1.

use serde::{Deserialize, Serialize};

use super::evidence::{Evidence, Scored};
use super::reference::Reference;
use super::{DetectorKind, Input, Parameter, Reason};

pub(super) const KIND: DetectorKind = DetectorKind {
    name: "cusum",
    doc: "CUSUM (Page-Hinkley): lasting changes of level, small ones too, of a series without seasons.",
    parameters: &[LEVEL, SLACK],
    texts: &[],
    is_multivariate: false,
    most_bytes: 5 << 10,
    build: |settings| {
        let level = settings.get(&LEVEL);
        Box::new(Scored::new(level, Cusum::new(settings.get(&SLACK), level)))
    },
};

const LEVEL: Parameter = Parameter {
    name: "level",
    doc: "standard deviations in sum at which a value alerts",
    default: 20.0,
    least: 1.0,
    most: 10_000.0,
    is_whole: false,
};
const SLACK: Parameter = Parameter {
    name: "slack",
    doc: "deviations a value may be off before it counts; half the shift to be found",
    default: 0.5,
    least: 0.0,
    most: 10.0,
    is_whole: false,
};
/// Values after a beginning before they count: the mean and deviation have to be known.
const SETTLING: f64 = 60.0;

#[derive(Debug, Serialize, Deserialize)]
struct Cusum {
    level: f64,
    reference: Reference,
    sums: Sums,
}

/// The sums of both sides.
#[derive(Debug, Serialize, Deserialize)]
struct Sums {
    slack: f64,
    above: f64,
    below: f64,
}

impl Sums {
    fn new(slack: f64) -> Self {
        Self { slack, above: 0.0, below: 0.0 }
    }

    /// Takes a standardised value.
    fn step(&mut self, z: f64) {
        self.above = (self.above + z - self.slack).max(0.0);
        self.below = (self.below - z - self.slack).max(0.0);
    }
}

impl Cusum {
    fn new(slack: f64, level: f64) -> Self {
        Self { level, reference: Reference::new(f64::INFINITY), sums: Sums::new(slack) }
    }
}

impl Evidence for Cusum {
    fn observe(&mut self, input: Input<'_>) -> (f64, Reason) {
        let value = input.value();
        if self.reference.seen() >= SETTLING {
            self.sums.step(self.reference.standardised(value));
        }
        if input.learns {
            self.reference.learn(value);
        }
        let Sums { slack, above, below } = self.sums;
        let sum = if above >= below { above } else { -below };
        let events = self.reference.seen() as u32;
        if sum.abs() >= self.level {
            // What may not learn keeps its mean, and counts from 0 again.
            let reference = if input.learns { Reference::new(f64::INFINITY) } else { self.reference };
            *self = Self { level: self.level, reference, sums: Sums::new(slack) };
        }
        (sum.abs(), Reason::Drift { sum, events })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::ewma::tests::VALUES;

    /// Montgomery's table 9.2: mean 10, deviation 1, slack 0.5.
    const ABOVE: [f64; 30] = [
        0.0, 0.0, 0.0, 1.16, 2.82, 2.50, 0.04, 1.00, 0.0, 0.0, 0.0, 0.97, 0.98, 0.0, 0.0, 0.0, 0.12, 0.0,
        0.0, 0.34, 0.74, 0.0, 1.79, 2.79, 2.89, 3.47, 3.35, 4.47, 5.28, 5.30,
    ];

    #[test]
    fn the_published_example_is_reproduced() {
        let mut sums = Sums::new(0.5);
        for (at, (value, expect)) in VALUES.iter().zip(ABOVE).enumerate() {
            sums.step(value - 10.0);
            assert!((sums.above - expect).abs() < 1e-9, "{at}: {}", sums.above);
        }
    }

    #[test]
    fn a_small_lasting_shift_alerts_once() {
        let values = (0..4_000).map(|i| f64::from(i * i % 101) + if i >= 2_000 { 40.0 } else { 0.0 });
        let mut cusum = Cusum::new(0.5, 20.0);
        let alerts: Vec<usize> = values
            .enumerate()
            .filter(|(_, value)| cusum.observe(Input { time: 0, values: &[*value], learns: true }).0 >= 20.0)
            .map(|(at, _)| at)
            .collect();
        assert!(matches!(alerts[..], [at] if (2_000..2_060).contains(&at)), "{alerts:?}");
    }
}
