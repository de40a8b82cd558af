//! The windows of one series.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use spate_shared::time::Nanos;

use crate::aggregate::{Accumulator, Parts};
use crate::window::Interval;

/// Windows kept for charts; the oldest go first.
const MAX_WINDOWS: usize = 1_000;

/// What a window holds so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WindowResult {
    /// Its place.
    pub interval: Interval,
    /// Its values.
    pub values: Accumulator,
}

impl WindowResult {
    /// Whether events may still come without being late: the watermark has not reached the end.
    pub fn is_provisional(&self, watermark: Nanos) -> bool {
        watermark < self.interval.end
    }
}

/// The windows of one series, by start.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Windows {
    kept: VecDeque<WindowResult>,
}

impl Windows {
    /// The windows kept, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &WindowResult> + ExactSizeIterator {
        self.kept.iter()
    }

    /// The window with the latest start.
    pub fn last(&self) -> Option<&WindowResult> {
        self.kept.back()
    }

    /// Adds a value to the window at `interval`.
    pub(super) fn add(&mut self, interval: Interval, time: Nanos, value: f64) {
        if let Some(last) = self.kept.back_mut().filter(|last| last.interval == interval) {
            return last.values.add(time, value, Parts::default());
        }
        let at = self.kept.partition_point(|held| held.interval < interval);
        if let Some(held) = self.kept.get_mut(at).filter(|held| held.interval == interval) {
            return held.values.add(time, value, Parts::default());
        }
        let mut values = Accumulator::default();
        values.add(time, value, Parts::default());
        self.kept.insert(at, WindowResult { interval, values });
        if self.kept.len() > MAX_WINDOWS {
            self.kept.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::window::Tumbling;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn windows_equal_sorting_events_into_buckets(events in proptest::collection::vec((0..5_000i64, -50..50i32), 0..400)) {
            let tumbling = Tumbling::new(100, 0).expect("valid");
            let mut windows = Windows::default();
            let mut naive: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
            for (time, value) in events {
                windows.add(tumbling.assign(time), time, f64::from(value));
                naive.entry(time / 100 * 100).or_default().push(f64::from(value));
            }
            let got: Vec<_> = windows.iter().map(|w| (w.interval.start, w.values.count, w.values.min, w.values.max)).collect();
            let expected: Vec<_> = naive.iter().map(|(start, values)| {
                let min = values.iter().copied().fold(f64::INFINITY, f64::min);
                let max = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                (*start, values.len() as u64, min, max)
            }).collect();
            prop_assert_eq!(got, expected);
        }
    }

    #[test]
    fn a_window_is_final_once_the_watermark_reaches_its_end() {
        let result =
            WindowResult { interval: Interval { start: 0, end: 10 }, values: Accumulator::default() };
        assert!(result.is_provisional(9));
        assert!(!result.is_provisional(10));
    }
}
