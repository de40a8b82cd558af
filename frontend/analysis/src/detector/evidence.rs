//! Detectors made of two parts: evidence of their own to alert by, and the robust z's calibrated score and band beside.

use spate_shared::time::Nanos;

use super::robust_z::RobustZ;
use super::{Detector, Reason, Verdict};

/// What a detector alerts by.
pub(super) trait Evidence: std::fmt::Debug + Send {
    /// The evidence in a finite value, 0 or more, and what it rests on; then learns from it.
    fn observe(&mut self, time: Nanos, value: f64) -> (f64, Reason);

    /// Bytes it holds besides its own size.
    fn heap_bytes(&self) -> usize {
        0
    }
}

/// A detector of evidence and score.
#[derive(Debug)]
pub(super) struct Scored<E> {
    level: f64,
    evidence: E,
    rarity: RobustZ,
}

impl<E: Evidence> Scored<E> {
    /// Alerts where the evidence reaches `level`.
    pub(super) fn new(level: f64, evidence: E) -> Self {
        Self { level, evidence, rarity: RobustZ::for_score() }
    }
}

impl<E: Evidence> Detector for Scored<E> {
    fn observe(&mut self, time: Nanos, value: f64) -> Verdict {
        let (evidence, reason) = self.evidence.observe(time, value);
        let rarity = self.rarity.observe(time, value);
        if rarity.score.is_nan() {
            return Verdict::NONE;
        }
        Verdict { evidence, level: self.level, alert: evidence >= self.level, reason, ..rarity }
    }

    fn warm_up(&self) -> u32 {
        self.rarity.warm_up()
    }

    fn state_bytes(&self) -> usize {
        let rarity = self.rarity.state_bytes() - size_of::<RobustZ>();
        size_of::<Self>() + self.evidence.heap_bytes() + rarity
    }
}
