//! The most frequent labels.
//!
//! # Source
//! A. Metwally et al., "Efficient Computation of Frequent and Top-k Elements in Data Streams", ICDT 2005; merged after
//! P. Agarwal et al., "Mergeable Summaries", PODS 2012.

use serde::{Deserialize, Serialize};
use spate_shared::order;

/// Labels kept for each one asked for.
const KEPT_PER_ASKED: usize = 16;

/// Space-saving counts: exact while a window has at most 16 labels for each one asked for. Beyond that a count may be
/// too high by at most the window's events over the labels kept, never too low.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Top {
    counts: Vec<(String, u64)>,
}

impl Top {
    /// Adds a label, keeping the counts for the `most` most frequent.
    pub fn add(&mut self, text: &str, most: usize) {
        if let Some((_, count)) = self.counts.iter_mut().find(|(held, _)| held == text) {
            *count += 1;
            return;
        }
        if self.counts.len() < most * KEPT_PER_ASKED {
            self.counts.push((text.to_owned(), 1));
        } else if let Some((held, count)) = self.counts.iter_mut().min_by_key(|(_, count)| *count) {
            text.clone_into(held);
            *count += 1;
        }
    }

    /// Adds what another holds.
    pub fn merge(&mut self, other: &Self, most: usize) {
        let room = most * KEPT_PER_ASKED;
        let least = |top: &Self| {
            if top.counts.len() < room { 0 } else { top.counts.iter().map(|(_, n)| *n).min().unwrap_or(0) }
        };
        let (my_least, their_least) = (least(self), least(other));
        for (text, count) in &mut self.counts {
            let theirs = other.counts.iter().find(|(held, _)| held == text);
            *count += theirs.map_or(their_least, |(_, count)| *count);
        }
        let known = self.counts.len();
        for (text, count) in &other.counts {
            if !self.counts[..known].iter().any(|(held, _)| held == text) {
                self.counts.push((text.clone(), count + my_least));
            }
        }
        if self.counts.len() > room {
            self.sort();
            self.counts.truncate(room);
        }
    }

    fn sort(&mut self) {
        order::sort_by(&mut self.counts, |a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    }

    /// The most frequent, most frequent first, labels of one count in their order.
    pub fn first(&self, most: usize) -> Vec<(String, u64)> {
        let mut sorted = self.clone();
        sorted.sort();
        sorted.counts.truncate(most);
        sorted.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(labels: impl IntoIterator<Item = u32>) -> Top {
        let mut top = Top::default();
        labels.into_iter().for_each(|label| top.add(&label.to_string(), 2));
        top
    }

    #[test]
    fn counts_are_exact_while_there_is_room_and_never_too_low_beyond() {
        let few = of([1, 2, 2, 3, 3, 3]);
        assert_eq!(few.first(2), [("3".to_owned(), 3), ("2".to_owned(), 2)]);
        let many = of((0..1_000).flat_map(|label| [label, 7]));
        let (label, count) = &many.first(1)[0];
        assert_eq!(label, "7");
        assert!((1_001..=1_001 + 2_000 / 32).contains(count), "{count}");
    }

    #[test]
    fn merging_counts_as_one_that_saw_both() {
        let mut merged = of([1, 1, 2]);
        merged.merge(&of([1, 2, 3]), 2);
        assert_eq!(merged.first(3), of([1, 1, 2, 1, 2, 3]).first(3));
    }
}
