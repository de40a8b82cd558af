//! What a series used to be: its mean and standard deviation.

use serde::{Deserialize, Serialize};

/// A running mean and variance; after `memory` values the older fade.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Reference {
    mean: f64,
    variance: f64,
    seen: f64,
    memory: f64,
}

impl Reference {
    pub(super) fn new(memory: f64) -> Self {
        Self { mean: 0.0, variance: 0.0, seen: 0.0, memory }
    }

    /// Values taken in.
    pub(super) fn seen(&self) -> f64 {
        self.seen
    }

    /// Standard deviation; a thousandth of the mean's size stands in for a smaller one.
    pub(super) fn sigma(&self) -> f64 {
        self.variance.sqrt().max(1e-3 * self.mean.abs()).max(1e-9)
    }

    /// Standard deviations between the mean and a value; 0 when they do not fit a number.
    pub(super) fn standardised(&self, value: f64) -> f64 {
        let z = value / self.sigma() - self.mean / self.sigma();
        if z.is_nan() { 0.0 } else { z.clamp(-1e12, 1e12) }
    }

    /// Takes a value in.
    pub(super) fn learn(&mut self, value: f64) {
        self.seen += 1.0;
        let rate = 1.0 / self.seen.min(self.memory);
        let step = value - self.mean;
        let variance = (1.0 - rate) * (self.variance + rate * step * step);
        // A step whose square is no number says nothing a variance can hold.
        if variance.is_finite() {
            self.mean += rate * step;
            self.variance = variance;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_deviation_are_those_of_all_values_while_the_memory_lasts() {
        let values = [4.0, 7.0, 13.0, 16.0];
        let mut reference = Reference::new(100.0);
        for value in values {
            reference.learn(value);
        }
        assert!((reference.mean - 10.0).abs() < 1e-12);
        assert!((reference.sigma() - 22.5f64.sqrt()).abs() < 1e-12);
        assert!((reference.standardised(10.0 + 22.5f64.sqrt()) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn numbers_too_large_to_square_are_passed_over() {
        let mut reference = Reference::new(10.0);
        for value in [1.0, 1e300, -1e300, 1.0] {
            reference.learn(value);
        }
        assert_eq!((reference.mean, reference.seen()), (1.0, 4.0));
        assert!(reference.standardised(1e308).is_finite());
    }
}
