//! Detectors made of two parts: evidence of their own to alert by, and a calibrated score and band beside.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::usual::{Rank, Usual};
use super::{Detector, Input, Reason, Verdict};

/// What a detector alerts by.
pub(super) trait Evidence: Send {
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
    usual: Usual,
}

impl<E: Evidence> Scored<E> {
    /// Alerts where the evidence reaches `level`.
    pub(super) fn new(level: f64, evidence: E) -> Self {
        Self { level, evidence, usual: Usual::new() }
    }
}

impl<E: Evidence + Serialize + DeserializeOwned> Detector for Scored<E> {
    fn observe(&mut self, input: Input<'_>) -> Verdict {
        let (evidence, reason) = self.evidence.observe(input);
        let Rank { score, lower, upper } = self.usual.observe(input);
        if score.is_nan() {
            return Verdict::NONE;
        }
        let (level, alert) = (self.level, evidence >= self.level);
        Verdict { score, lower, upper, evidence, level, alert, reason }
    }

    fn warm_up(&self) -> u32 {
        self.usual.warm_up()
    }

    fn state_bytes(&self) -> usize {
        size_of::<Self>() + self.evidence.heap_bytes() + self.usual.heap_bytes()
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
