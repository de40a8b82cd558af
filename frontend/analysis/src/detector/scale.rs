//! Measures of different units on one scale.

use serde::{Deserialize, Serialize};

use super::reference::Reference;

/// Values the mean and deviation of a measure are taken over.
const MEMORY: f64 = 1_000.0;
/// Values before they are believed.
const SETTLING: f64 = 30.0;

/// Each measure in standard deviations from its mean.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Scales {
    references: Vec<Reference>,
}

impl Scales {
    /// The measures standardised by what they were, side by side in `out`; then learns from them, if it may.
    pub(super) fn standardise(&mut self, values: &[f64], learns: bool, out: &mut Vec<f32>) {
        self.references.resize(values.len(), Reference::new(MEMORY));
        out.clear();
        for (reference, value) in self.references.iter_mut().zip(values) {
            out.push(reference.standardised(*value) as f32);
            if learns {
                reference.learn(*value);
            }
        }
    }

    /// Events still to come before the scales are believed.
    pub(super) fn warm_up(&self) -> u32 {
        let seen = self.references.first().map_or(0.0, Reference::seen);
        (SETTLING - seen).max(0.0) as u32
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.references.capacity() * size_of::<Reference>()
    }
}
