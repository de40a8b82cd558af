//! Detectors made of two parts: evidence of their own to alert by, and a calibrated score and band beside.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::robust_z::RobustZ;
use super::{Detector, Input, Reason, SnapshotError, Verdict, snapshot};

/// What a detector alerts by.
pub(super) trait Evidence: std::fmt::Debug + Send {
    /// The evidence in an event, 0 or more, and what it rests on; then learns from it, if it may.
    fn observe(&mut self, input: Input<'_>) -> (f64, Reason);

    /// Bytes it holds besides its own size.
    fn heap_bytes(&self) -> usize {
        0
    }
}

/// A detector of evidence and score.
#[derive(Debug, Serialize, Deserialize)]
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

impl<E: Evidence + Serialize + DeserializeOwned> Detector for Scored<E> {
    fn observe(&mut self, input: Input<'_>) -> Verdict {
        let (evidence, reason) = self.evidence.observe(input);
        let rarity = self.rarity.observe(input);
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

    fn snapshot(&self) -> Vec<u8> {
        snapshot::save(self)
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        *self = snapshot::load(bytes)?;
        Ok(())
    }
}
