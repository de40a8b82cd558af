//! Turns a non-negative deviation into the probability of one at least as large.
//!
//! Tracks the 90 % quantile of the deviations seen, and beyond it fits a Pareto tail by its running mean log excess.
//!
//! # Source
//! B. M. Hill, "A Simple General Approach to Inference About the Tail of a Distribution", Annals of Statistics 3, 1975;
//! quantile tracking by stochastic approximation: H. Robbins and S. Monro, 1951.

use serde::{Deserialize, Serialize};

/// Part of deviations beyond the tracked quantile.
const TAIL: f64 = 0.1;
/// The first rates are 1/n; later ones forget with this rate.
const SLOWEST_RATE: f64 = 1.0 / 2_000.0;
/// A normal distribution's 90 % quantile of |z| and mean log excess: what is believed before anything is seen.
const NORMAL_QUANTILE: f64 = 1.645;
const NORMAL_EXCESS: f64 = 0.22;
/// Heavier tails than this are not believed: they would explain anything.
const HEAVIEST_EXCESS: f64 = 1.0;

/// The tail of one series' deviations.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Tail {
    seen: f64,
    quantile: f64,
    excesses: f64,
    excess: f64,
}

impl Tail {
    pub(super) fn new() -> Self {
        // The prior counts as 50 deviations, 5 of them in the tail.
        Self { seen: 50.0, quantile: NORMAL_QUANTILE, excesses: 5.0, excess: NORMAL_EXCESS }
    }

    /// Probability of a deviation of at least `deviation`, in (0, 1].
    pub(super) fn probability(&self, deviation: f64) -> f64 {
        let ratio = deviation / self.quantile;
        if ratio <= 1.0 { 1.0 - (1.0 - TAIL) * ratio } else { TAIL * libm::pow(ratio, -1.0 / self.excess) }
    }

    /// The deviation that only a part `probability` of values exceeds; the inverse of [`Tail::probability`].
    pub(super) fn deviation(&self, probability: f64) -> f64 {
        if probability >= TAIL {
            self.quantile * (1.0 - probability) / (1.0 - TAIL)
        } else {
            self.quantile * libm::pow(TAIL / probability, self.excess)
        }
    }

    /// Learns one deviation.
    pub(super) fn learn(&mut self, deviation: f64) {
        self.seen += 1.0;
        let rate = (1.0 / self.seen).max(SLOWEST_RATE);
        if deviation > self.quantile {
            let log_excess = libm::log(deviation / self.quantile).min(3.0);
            self.excesses += 1.0;
            let excess_rate = (1.0 / self.excesses).max(10.0 * SLOWEST_RATE);
            self.excess += excess_rate * (log_excess - self.excess);
            self.excess = self.excess.clamp(0.05, HEAVIEST_EXCESS);
            self.quantile *= 1.0 + 4.0 * rate * (1.0 - TAIL);
        } else {
            self.quantile *= 1.0 - 4.0 * rate * TAIL;
        }
        self.quantile = self.quantile.max(0.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Inverse transform sampling over a low-discrepancy sequence, so the truth is known without randomness.
    fn pareto(alpha: f64, count: u32) -> impl Iterator<Item = f64> {
        (1..=count).map(move |i| (1.0 - (f64::from(i) * 0.618_033_988_749_895).fract()).powf(-1.0 / alpha))
    }

    #[test]
    fn tail_probabilities_of_a_known_distribution_are_met() {
        for alpha in [3.0f64, 5.0] {
            let mut tail = Tail::new();
            pareto(alpha, 50_000).for_each(|deviation| tail.learn(deviation));
            for probability in [0.1f64, 0.01, 0.001] {
                let truth = probability.powf(-1.0 / alpha);
                let estimate = tail.probability(truth);
                assert!((0.4..2.5).contains(&(estimate / probability)), "{alpha} {probability} {estimate}");
            }
        }
    }

    #[test]
    fn deviation_inverts_probability() {
        let tail = Tail::new();
        for probability in [0.9, 0.5, 0.1, 0.01, 1e-6] {
            assert!((tail.probability(tail.deviation(probability)) / probability - 1.0).abs() < 1e-12);
        }
    }
}
