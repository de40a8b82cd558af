//! Detectors of one statistic: the score is the part of events whose statistic is smaller, and they alert by it.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::robust_z::{LEAST_OF_SPAN, MAD_TO_SIGMA, RobustZ, trimmed_span};
use super::sorted::{Sorted, median, median_absolute_deviation};
use super::tail::Tail;
use super::{Detector, Input, Reason, Verdict};

/// How unlike the rest an event is, in any unit.
pub(super) trait Statistic: Send {
    /// The statistic of an event and what it rests on, `None` while too little is known; then learns from it, if it may.
    fn observe(&mut self, input: Input<'_>) -> Option<(f64, Reason)>;

    /// Events still to come before the first statistic.
    fn warm_up(&self) -> u32;

    /// Bytes it holds besides its own size.
    fn heap_bytes(&self) -> usize;
}

/// Statistics the median and deviation are taken over, and how many there must be.
const WINDOW: usize = 240;
const FEWEST: usize = 60;

/// How rare a statistic is that is only unusual when it is large.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Rarity {
    recent: Sorted,
    tail: Tail,
    /// Centre and deviation of statistics before enough are seen; not finite when none is known.
    prior: (f64, f64),
}

impl Rarity {
    /// Knows nothing yet.
    pub(super) fn new() -> Self {
        Self::with_prior(f64::NAN, f64::NAN)
    }

    /// Knows where such statistics usually lie.
    pub(super) fn with_prior(center: f64, deviation: f64) -> Self {
        Self { recent: Sorted::new(WINDOW), tail: Tail::new(), prior: (center, deviation) }
    }

    /// The part of events whose statistic is smaller; NaN before enough are seen. Then learns from it, if it may.
    pub(super) fn observe(&mut self, statistic: f64, learns: bool) -> f64 {
        let (center, sigma) = self.place();
        let deviation = ((statistic - center) / sigma).clamp(0.0, 1e12);
        let score = 1.0 - self.tail.probability(deviation);
        if learns {
            if !center.is_nan() {
                self.tail.learn(deviation);
            }
            self.recent.push(statistic);
        }
        if center.is_nan() { f64::NAN } else { score }
    }

    fn place(&self) -> (f64, f64) {
        let sorted = self.recent.values();
        if sorted.len() < FEWEST {
            return self.prior;
        }
        let center = median(sorted);
        let sigma = MAD_TO_SIGMA * median_absolute_deviation(sorted, center);
        let least = (LEAST_OF_SPAN * trimmed_span(sorted)).max(1e-3 * center.abs()).max(1e-9);
        (center, sigma.max(least))
    }

    pub(super) fn warm_up(&self) -> u32 {
        if self.prior.0.is_nan() { FEWEST.saturating_sub(self.recent.values().len()) as u32 } else { 0 }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.recent.heap_bytes()
    }
}

/// A detector of one statistic, with the robust z's band of the first measure beside it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ranked<S> {
    level: f64,
    statistic: S,
    rarity: Rarity,
    band: RobustZ,
}

impl<S: Statistic> Ranked<S> {
    /// Alerts where the score reaches `level`.
    pub(super) fn new(level: f64, statistic: S) -> Self {
        Self { level, statistic, rarity: Rarity::new(), band: RobustZ::for_score() }
    }
}

impl<S: Statistic + Serialize + DeserializeOwned> Detector for Ranked<S> {
    fn observe(&mut self, input: Input<'_>) -> Verdict {
        let band = self.band.observe(input);
        let Some((statistic, reason)) = self.statistic.observe(input) else { return Verdict::NONE };
        let score = self.rarity.observe(statistic, input.learns);
        if score.is_nan() || band.score.is_nan() {
            return Verdict::NONE;
        }
        Verdict { score, evidence: score, level: self.level, alert: score >= self.level, reason, ..band }
    }

    fn warm_up(&self) -> u32 {
        (self.statistic.warm_up() + self.rarity.warm_up()).max(self.band.warm_up())
    }

    fn state_bytes(&self) -> usize {
        let band = self.band.state_bytes() - size_of::<RobustZ>();
        size_of::<Self>() + self.statistic.heap_bytes() + self.rarity.heap_bytes() + band
    }

    #[cfg(feature = "checkpoint")]
    fn snapshot(&self) -> Vec<u8> {
        super::snapshot::save(self)
    }

    #[cfg(feature = "checkpoint")]
    fn restore(&mut self, bytes: &[u8]) -> Result<(), super::SnapshotError> {
        *self = super::snapshot::load(bytes)?;
        Ok(())
    }
}
