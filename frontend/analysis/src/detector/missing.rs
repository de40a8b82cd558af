//! Missing data: a value that comes much later than values used to.

use serde::{Deserialize, Serialize};
use spate_shared::time::Nanos;

use super::evidence::{Evidence, Scored};
use super::sorted::{Sorted, median};
use super::{DetectorKind, Input, Parameter, Reason};

pub(super) const KIND: DetectorKind = DetectorKind {
    name: "missing",
    doc: "Gaps: an interval many times the median interval. Said by the first value after the gap.",
    parameters: &[LEVEL],
    texts: &[],
    is_multivariate: false,
    most_bytes: 6 << 10,
    build: |settings| Box::new(Scored::new(settings.get(&LEVEL), Missing::new())),
};

const LEVEL: Parameter = Parameter {
    name: "level",
    doc: "intervals of the usual length without a value at which the next one alerts",
    default: 5.0,
    least: 1.5,
    most: 1_000_000.0,
    is_whole: false,
};
/// Intervals the median is taken over, and how many there must be.
const WINDOW: usize = 60;
const FEWEST: usize = 20;

#[derive(Debug, Serialize, Deserialize)]
struct Missing {
    latest: Option<Nanos>,
    intervals: Sorted,
}

impl Missing {
    fn new() -> Self {
        Self { latest: None, intervals: Sorted::new(WINDOW) }
    }
}

impl Evidence for Missing {
    fn observe(&mut self, input: Input<'_>) -> (f64, Reason) {
        let time = input.time;
        // What comes out of order fills a gap rather than making one.
        let interval = self.latest.map(|latest| time.saturating_sub(latest)).filter(|interval| *interval > 0);
        self.latest = self.latest.max(Some(time));
        let Some(interval) = interval else { return (0.0, Reason::Ordinary) };
        let known = self.intervals.values();
        let usual = if known.len() < FEWEST { f64::INFINITY } else { median(known) };
        if input.learns {
            self.intervals.push(interval as f64);
        }
        let times = interval as f64 / usual;
        (times, if times > 1.0 { Reason::Late { interval, times } } else { Reason::Ordinary })
    }

    fn heap_bytes(&self) -> usize {
        self.intervals.heap_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_counts_the_intervals_it_lasted() {
        let mut missing = Missing::new();
        let mut observe = |time: Nanos| missing.observe(Input { time, values: &[0.0], learns: true }).0;
        assert_eq!(observe(0), 0.0);
        assert!((1..=20).all(|i| observe(i * 10) == 0.0), "not enough intervals are known");
        assert_eq!([210, 330, 340, 340, 335, 350].map(observe), [1.0, 12.0, 1.0, 0.0, 0.0, 1.0]);
    }
}
