//! The latest values of a sequence in order of size.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// A window of the latest values, kept sorted.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Sorted {
    recent: VecDeque<f64>,
    /// `recent` in order of value.
    ascending: Vec<f64>,
    width: usize,
}

impl Sorted {
    pub(super) fn new(width: usize) -> Self {
        Self { recent: VecDeque::with_capacity(width), ascending: Vec::with_capacity(width), width }
    }

    /// The values held, ascending.
    pub(super) fn values(&self) -> &[f64] {
        &self.ascending
    }

    pub(super) fn push(&mut self, value: f64) {
        if self.recent.len() == self.width
            && let Some(oldest) = self.recent.pop_front()
        {
            let at = self.ascending.partition_point(|held| held.total_cmp(&oldest).is_lt());
            self.ascending.remove(at);
        }
        self.recent.push_back(value);
        let at = self.ascending.partition_point(|held| held.total_cmp(&value).is_lt());
        self.ascending.insert(at, value);
    }

    pub(super) fn heap_bytes(&self) -> usize {
        (self.recent.capacity() + self.ascending.capacity()) * size_of::<f64>()
    }
}

/// The lower and upper median's midpoint. `sorted` is not empty.
pub(super) fn median(sorted: &[f64]) -> f64 {
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[half] } else { sorted[half - 1] / 2.0 + sorted[half] / 2.0 }
}

/// The (upper) median of `|v - center|` over sorted values, in O(log² n): the deviations fall towards the centre and
/// rise after it, so the k-th is found by bisection on how many values lie within a distance.
pub(super) fn median_absolute_deviation(sorted: &[f64], center: f64) -> f64 {
    let split = sorted.partition_point(|value| *value < center);
    let (below, above) = sorted.split_at(split);
    let rank = sorted.len() / 2;
    // Deviations as two ascending sequences: below read backwards, above read forwards.
    let low = |i: usize| center - below[below.len() - 1 - i];
    let high = |i: usize| above[i] - center;
    // How many of the `rank` smaller deviations come from below.
    let (mut from, mut to) = (rank.saturating_sub(above.len()), rank.min(below.len()));
    while from < to {
        let taken = usize::midpoint(from, to);
        if rank - taken > 0 && high(rank - taken - 1) > low(taken) {
            from = taken + 1;
        } else {
            to = taken;
        }
    }
    let next_low = if from < below.len() { low(from) } else { f64::INFINITY };
    let next_high = if rank - from < above.len() { high(rank - from) } else { f64::INFINITY };
    next_low.min(next_high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn median_and_deviation_equal_sorting(mut values in proptest::collection::vec(-50..50i32, 1..80)) {
            values.sort_unstable();
            let sorted: Vec<f64> = values.iter().map(|v| f64::from(*v)).collect();
            let center = median(&sorted);
            let mut deviations: Vec<f64> = sorted.iter().map(|v| (v - center).abs()).collect();
            deviations.sort_by(f64::total_cmp);
            prop_assert_eq!(median_absolute_deviation(&sorted, center), deviations[deviations.len() / 2]);
        }

        #[test]
        fn the_sorted_window_is_the_recent_window_sorted(values in proptest::collection::vec(-9..9i32, 0..700)) {
            let mut window = Sorted::new(240);
            for value in &values {
                window.push(f64::from(*value));
            }
            let mut expected: Vec<f64> = values.iter().rev().take(240).map(|v| f64::from(*v)).collect();
            expected.sort_by(f64::total_cmp);
            prop_assert_eq!(window.ascending, expected);
        }
    }
}
