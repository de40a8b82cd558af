//! What a detector is given.

use spate_shared::time::Nanos;

/// One event of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Input<'a> {
    /// Event time.
    pub time: Nanos,
    /// The measures, at least one. The first is the series' own; detectors of one measure look at no other.
    pub values: &'a [f64],
    /// Whether the detector may learn from it.
    pub learns: bool,
}

impl Input<'_> {
    /// The series' own measure.
    pub fn value(&self) -> f64 {
        self.values[0]
    }

    /// Whether every measure is a number.
    pub fn is_finite(&self) -> bool {
        self.values.iter().all(|value| value.is_finite())
    }
}

/// Events of a series in order of arrival.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// Event time of each.
    pub times: &'a [Nanos],
    /// Their measures, event by event: `width` for each time.
    pub values: &'a [f64],
    /// Measures of an event, at least one.
    pub width: usize,
    /// Whether the detector may learn from them.
    pub learns: bool,
}

impl<'a> Rows<'a> {
    /// Events of one measure, to learn from.
    pub fn of(times: &'a [Nanos], values: &'a [f64]) -> Self {
        Self { times, values, width: 1, learns: true }
    }

    /// The events, one by one.
    pub fn inputs(self) -> impl Iterator<Item = Input<'a>> {
        let values = self.values.chunks_exact(self.width.max(1));
        let learns = self.learns;
        self.times.iter().zip(values).map(move |(time, values)| Input { time: *time, values, learns })
    }
}
