//! Alerts: what a series' unusual values add up to.
//!
//! One alert covers a run of unusual values: it fires with the first and resolves after [`QUIET`] ordinary ones.

use std::collections::VecDeque;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use spate_shared::time::Nanos;

use crate::decision::Basis;
use crate::detector::Verdict;

/// Ordinary values in a row that resolve an alert.
pub const QUIET: u32 = 12;
/// Alerts kept; the oldest go first, and [`Alerts::total`] goes on counting.
const MAX_ALERTS: usize = 1_000;

/// Where in the engine a series is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeriesRef {
    /// Index of the stream.
    pub stream: usize,
    /// Index of the series within it.
    pub series: usize,
}

/// A run of unusual values of one series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Counts up from 0.
    pub id: u64,
    /// Whose.
    pub series: SeriesRef,
    /// Event time of the first unusual value.
    pub start: Nanos,
    /// Event time of the last unusual value so far.
    pub last: Nanos,
    /// Event time of the most unusual value.
    pub peak: Nanos,
    /// The most unusual value.
    pub value: f64,
    /// What the detector said of it.
    pub verdict: Verdict,
    /// Whether it is still on.
    pub firing: bool,
    /// Number of the most unusual event in its stream, counted from 0.
    pub number: u64,
    /// What judged.
    #[serde(with = "shared")]
    pub basis: Arc<Basis>,
    /// Whether faults were being put into the series on purpose.
    pub is_synthetic: bool,
}

/// A basis that others share, as one of its own.
mod shared {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Basis;

    pub(super) fn serialize<S: Serializer>(basis: &Arc<Basis>, serializer: S) -> Result<S::Ok, S::Error> {
        Basis::serialize(basis, serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<Basis>, D::Error> {
        Basis::deserialize(deserializer).map(Arc::new)
    }
}

/// A scored event, as alerts take it in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judged<'a> {
    pub(crate) time: Nanos,
    pub(crate) value: f64,
    pub(crate) number: u64,
    pub(crate) verdict: Verdict,
    pub(crate) basis: &'a Arc<Basis>,
    pub(crate) is_synthetic: bool,
}

/// All alerts of an engine, oldest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Alerts {
    kept: VecDeque<Alert>,
    total: u64,
}

impl Alerts {
    /// The alerts kept, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Alert> + ExactSizeIterator {
        self.kept.iter()
    }

    /// How many there ever were.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The alert of an id, while it is kept.
    pub fn get(&self, id: u64) -> Option<&Alert> {
        let index = self.kept.binary_search_by_key(&id, |alert| alert.id).ok()?;
        self.kept.get(index)
    }

    fn fire(&mut self, series: SeriesRef, judged: Judged<'_>) -> u64 {
        let Judged { time, value, number, verdict, basis, is_synthetic } = judged;
        let id = self.total;
        self.total += 1;
        if self.kept.len() == MAX_ALERTS {
            self.kept.pop_front();
        }
        self.kept.push_back(Alert {
            id,
            series,
            start: time,
            last: time,
            peak: time,
            value,
            verdict,
            firing: true,
            number,
            basis: basis.clone(),
            is_synthetic,
        });
        id
    }

    /// Drops the alerts of a stream that began anew: its series are others. The total goes on.
    pub(crate) fn forget_stream(&mut self, stream: usize) {
        self.forget_those(&|series| series.stream == stream);
    }

    /// Drops the alerts of a series that made room for another. The total goes on.
    pub(crate) fn forget(&mut self, series: SeriesRef) {
        self.forget_those(&|of| of == series);
    }

    fn forget_those(&mut self, are: &dyn Fn(SeriesRef) -> bool) {
        self.kept.retain(|alert| !are(alert.series));
    }

    fn get_mut(&mut self, id: u64) -> Option<&mut Alert> {
        let index = self.kept.binary_search_by_key(&id, |alert| alert.id).ok()?;
        self.kept.get_mut(index)
    }
}

/// The alert state of one series.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct AlertState {
    firing: Option<u64>,
    quiet: u32,
}

impl AlertState {
    /// Another detector goes on: what is firing is over.
    pub(crate) fn end(&mut self, alerts: &mut Alerts) {
        if let Some(alert) = self.firing.take().and_then(|id| alerts.get_mut(id)) {
            alert.firing = false;
        }
    }

    /// Takes one verdict into account.
    pub(crate) fn observe(&mut self, alerts: &mut Alerts, series: SeriesRef, judged: Judged<'_>) {
        let Judged { time, value, number, verdict, basis, .. } = judged;
        match (self.firing, verdict.alert) {
            (None, false) => {}
            (None, true) => {
                self.firing = Some(alerts.fire(series, judged));
                self.quiet = 0;
            }
            (Some(id), true) => {
                self.quiet = 0;
                if let Some(alert) = alerts.get_mut(id) {
                    alert.last = alert.last.max(time);
                    if verdict.evidence > alert.verdict.evidence {
                        (alert.peak, alert.value, alert.verdict) = (time, value, verdict);
                        (alert.number, alert.basis) = (number, basis.clone());
                    }
                }
            }
            (Some(id), false) => {
                self.quiet += 1;
                if self.quiet >= QUIET {
                    self.firing = None;
                    if let Some(alert) = alerts.get_mut(id) {
                        alert.firing = false;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::{DETECTORS, Settings};

    fn run(pattern: &str) -> Vec<(Nanos, Nanos, bool)> {
        let (mut alerts, mut state) = (Alerts::default(), AlertState::default());
        let basis = Arc::new(Basis::new(&Settings::new(&DETECTORS[0]), &[], 0));
        for (time, symbol) in pattern.chars().enumerate() {
            let verdict = Verdict { alert: symbol == '!', ..Verdict::NONE };
            let series = SeriesRef { stream: 0, series: 0 };
            let (time, number, basis) = (time as i64, time as u64, &basis);
            let judged = Judged { time, value: 0.0, number, verdict, basis, is_synthetic: false };
            state.observe(&mut alerts, series, judged);
        }
        alerts.iter().map(|alert| (alert.start, alert.last, alert.firing)).collect()
    }

    #[test]
    fn unusual_values_close_together_are_one_alert() {
        assert_eq!(run("..!..!!."), [(2, 6, true)]);
    }

    #[test]
    fn an_alert_resolves_after_enough_ordinary_values_and_the_next_is_another() {
        assert_eq!(run("!............!"), [(0, 0, false), (13, 13, true)]);
    }
}
