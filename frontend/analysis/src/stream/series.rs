//! One measure of one stream for one combination of dimension values.

use spate_shared::schema::Field;
use spate_shared::time::Nanos;

use super::Windows;
use crate::alert::{AlertState, Alerts, SeriesRef};
use crate::detector::{self, Detector, Verdict};
use crate::retention::{Point, Retention};
use crate::window::Interval;

/// A series: its windows, its detector, and the points still held.
#[derive(Debug)]
pub struct Series {
    field: Field,
    group: String,
    dimensions: Vec<(String, Option<String>)>,
    windows: Windows,
    retention: Retention,
    detector: Box<dyn Detector>,
    alert: AlertState,
    /// What the current batch brought, in order of arrival.
    pending: Vec<Pending>,
    /// Times and values of those that are scored, side by side for one call to the detector.
    times: Vec<Nanos>,
    values: Vec<f64>,
}

#[derive(Debug, Clone, Copy)]
struct Pending {
    time: Nanos,
    value: f64,
    is_scored: bool,
}

impl Series {
    pub(super) fn new(
        field: Field,
        group: String,
        dimensions: Vec<(String, Option<String>)>,
        budget_bytes: usize,
    ) -> Self {
        Self {
            field,
            group,
            dimensions,
            windows: Windows::default(),
            retention: Retention::new(budget_bytes),
            detector: detector::default_detector(),
            alert: AlertState::default(),
            pending: Vec::new(),
            times: Vec::new(),
            values: Vec::new(),
        }
    }

    pub(super) fn set_budget(&mut self, bytes: usize) {
        self.retention.set_budget(bytes);
    }

    /// The measure.
    pub fn field(&self) -> &Field {
        &self.field
    }

    /// The dimension values, joined; empty when the stream has no dimensions.
    pub fn group(&self) -> &str {
        &self.group
    }

    /// Its value of a dimension; `None` when it has none.
    pub fn dimension(&self, name: &str) -> Option<&str> {
        let (_, value) = self.dimensions.iter().find(|(dimension, _)| dimension == name)?;
        value.as_deref()
    }

    /// The group, or the measure's name when there are no dimensions.
    pub fn label(&self) -> &str {
        if self.group.is_empty() { &self.field.name } else { &self.group }
    }

    /// Its windows.
    pub fn windows(&self) -> &Windows {
        &self.windows
    }

    /// The points still held.
    pub fn retention(&self) -> &Retention {
        &self.retention
    }

    /// Values to come before the first score.
    pub fn warm_up(&self) -> u32 {
        self.detector.warm_up()
    }

    /// Takes a value in time. It is scored with the rest of its batch, see [`Series::score_pending`].
    pub(super) fn take(&mut self, time: Nanos, value: f64, window: Interval) {
        self.windows.add(window, time, value);
        self.times.push(time);
        self.values.push(value);
        self.pending.push(Pending { time, value, is_scored: true });
    }

    /// Takes a value whose window has closed: it is held and drawn, never scored.
    pub(super) fn take_late(&mut self, time: Nanos, value: f64) {
        self.pending.push(Pending { time, value, is_scored: false });
    }

    /// Takes a missing value: the line breaks.
    pub(super) fn take_missing(&mut self, time: Nanos) {
        self.pending.push(Pending { time, value: f64::NAN, is_scored: false });
    }

    fn hold(&mut self, time: Nanos, value: f64, verdict: Verdict) {
        let Verdict { score, lower, upper, .. } = verdict;
        let (score, lower, upper) = (score as f32, lower as f32, upper as f32);
        self.retention.insert(Point { time, value, score, lower, upper });
    }

    /// Scores the batch's values with one call, holds them, and raises alerts. Gives how many got a score.
    pub(super) fn score_pending(
        &mut self,
        at: SeriesRef,
        alerts: &mut Alerts,
        verdicts: &mut Vec<Verdict>,
    ) -> u64 {
        verdicts.clear();
        self.detector.score(&self.times, &self.values, verdicts);
        self.times.clear();
        self.values.clear();
        let (mut scored, mut next) = (0, verdicts.iter());
        let mut pending = std::mem::take(&mut self.pending);
        for Pending { time, value, is_scored } in pending.drain(..) {
            let verdict = if is_scored { next.next().copied() } else { None }.unwrap_or(Verdict::NONE);
            self.hold(time, value, verdict);
            if !verdict.score.is_nan() {
                scored += 1;
                self.alert.observe(alerts, at, time, value, verdict);
            }
        }
        self.pending = pending;
        scored
    }
}
