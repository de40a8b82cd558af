//! What detectors saw, once more: the events still held that were scored.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use spate_shared::time::Nanos;

use crate::detector::Rows;

/// Events given at once.
pub(super) const ROWS: usize = 4_096;

/// Which events went into windows, and so to detectors: one bit each.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Taken {
    /// Number of the first bit, a multiple of 64.
    first: u64,
    words: VecDeque<u64>,
}

impl Taken {
    /// Marks the event of a number.
    pub(super) fn mark(&mut self, number: u64) {
        if self.words.is_empty() {
            self.first = number / 64 * 64;
        }
        let Some(at) = number.checked_sub(self.first) else { return };
        let word = (at / 64) as usize;
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (at % 64);
    }

    /// Forgets the events before a number.
    pub(super) fn forget_before(&mut self, number: u64) {
        while self.first + 64 <= number && self.words.pop_front().is_some() {
            self.first += 64;
        }
    }

    pub(super) fn contains(&self, number: u64) -> bool {
        let Some(at) = number.checked_sub(self.first) else { return false };
        self.words.get((at / 64) as usize).is_some_and(|word| word >> (at % 64) & 1 == 1)
    }
}

/// Events of one series that were scored, in order of arrival.
#[derive(Debug, Default)]
pub(super) struct Scored {
    pub(super) numbers: Vec<u64>,
    pub(super) times: Vec<Nanos>,
    /// `width` for each event.
    pub(super) values: Vec<f64>,
    pub(super) width: usize,
}

impl Scored {
    pub(super) fn rows(&self) -> Rows<'_> {
        Rows { times: &self.times, values: &self.values, width: self.width, learns: true }
    }

    pub(super) fn clear(&mut self) {
        self.numbers.clear();
        self.times.clear();
        self.values.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_marked_is_known_until_it_is_forgotten() {
        let mut taken = Taken::default();
        for number in (100..1_000).step_by(3) {
            taken.mark(number);
        }
        taken.forget_before(400);
        for number in 0..1_100 {
            let is_marked = (384..1_000).contains(&number) && (number - 100) % 3 == 0;
            assert_eq!(taken.contains(number), is_marked, "{number}");
        }
    }
}
