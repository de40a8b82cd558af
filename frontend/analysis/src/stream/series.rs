//! One measure of one stream for one combination of dimension values.

use spate_shared::schema::Field;
use spate_shared::time::Nanos;

use super::Windows;
use super::scoring::{Choice, Comparison, Scoring, Shadow};
use crate::alert::{AlertState, Alerts, Judged, SeriesRef};
#[cfg(feature = "checkpoint")]
use crate::checkpoint::{CheckpointError, Loader, Saver};
use crate::detector::{Rows, Verdict};
use crate::forecast::Forecaster;
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
    pub(crate) active: Scoring,
    pub(super) shadow: Option<Shadow>,
    pub(super) forecaster: Option<Forecaster>,
    /// Whether faults are put into it on purpose.
    pub(super) is_synthetic: bool,
    alert: AlertState,
    /// What was said last: number, time and value of the event, and the verdict.
    latest: Option<Said>,
    /// What the current batch brought, in order of arrival.
    pending: Vec<Pending>,
    /// Times and values of those that are scored, side by side for one call to the detector.
    times: Vec<Nanos>,
    values: Vec<f64>,
    /// What the shadow sees, where it looks at other measures, and what it says.
    shadow_values: Vec<f64>,
    shadow_verdicts: Vec<Verdict>,
}

/// Number, time and value of an event, and what the detector said of it.
type Said = (u64, (Nanos, f64), Verdict);

#[derive(Debug, Clone, Copy)]
struct Pending {
    time: Nanos,
    value: f64,
    number: u64,
    is_scored: bool,
}

impl Series {
    pub(super) fn new(
        field: Field,
        group: String,
        dimensions: Vec<(String, Option<String>)>,
        budget_bytes: usize,
        active: Scoring,
    ) -> Self {
        Self {
            field,
            group,
            dimensions,
            windows: Windows::default(),
            retention: Retention::new(budget_bytes),
            active,
            shadow: None,
            forecaster: None,
            is_synthetic: false,
            alert: AlertState::default(),
            latest: None,
            pending: Vec::new(),
            times: Vec::new(),
            values: Vec::new(),
            shadow_values: Vec::new(),
            shadow_verdicts: Vec::new(),
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
        self.active.detector.warm_up()
    }

    /// The detector chosen for it.
    pub fn choice(&self) -> &Choice {
        &self.active.choice
    }

    /// Whether its detector learns nothing for now.
    pub fn is_frozen(&self) -> bool {
        !self.active.learns()
    }

    /// Number, time and value of the last event in time, and what the detector said of it.
    pub(crate) fn latest(&self) -> Option<Said> {
        self.latest
    }

    /// The detector that only watches, and how the two compare.
    pub fn shadow(&self) -> Option<(&Choice, Comparison)> {
        self.shadow.as_ref().map(|shadow| (&shadow.scoring.choice, shadow.comparison(&self.active)))
    }

    /// Its forecast, where one was asked for.
    pub fn forecaster(&self) -> Option<&Forecaster> {
        self.forecaster.as_ref()
    }

    /// Whether faults are put into it on purpose.
    pub fn is_synthetic(&self) -> bool {
        self.is_synthetic
    }

    /// Another detector goes on from here.
    pub(super) fn set_active(&mut self, active: Scoring, alerts: &mut Alerts) {
        self.alert.end(alerts);
        self.alert = AlertState::default();
        self.active = active;
    }

    /// Takes a value in time. It is scored with the rest of its batch, see [`Series::score_pending`], unless one of the
    /// further measures is missing, which `measure` tells by field.
    pub(super) fn take(
        &mut self,
        (time, value): (Nanos, f64),
        number: u64,
        window: Interval,
        measure: impl Fn(usize) -> Option<f64>,
    ) {
        self.windows.add(window, time, value);
        let is_whole = |with: &[usize]| with.iter().all(|field| measure(*field).is_some());
        let shadow_with = self.shadow.as_ref().map_or(&[][..], |shadow| &shadow.scoring.with);
        let is_scored = is_whole(&self.active.with) && is_whole(shadow_with);
        if is_scored {
            let others = |with: &[usize]| with.iter().filter_map(|field| measure(*field)).collect::<Vec<_>>();
            self.times.push(time);
            self.values.push(value);
            if !self.active.with.is_empty() {
                self.values.extend(others(&self.active.with));
            }
            if let Some(shadow) = &self.shadow {
                self.shadow_values.push(value);
                self.shadow_values.extend(others(&shadow.scoring.with));
            }
        }
        self.pending.push(Pending { time, value, number, is_scored });
    }

    /// Takes a value whose window has closed: it is held and drawn, never scored.
    pub(super) fn take_late(&mut self, time: Nanos, value: f64) {
        self.pending.push(Pending { time, value, number: 0, is_scored: false });
    }

    /// Takes a missing value: the line breaks.
    pub(super) fn take_missing(&mut self, time: Nanos) {
        self.pending.push(Pending { time, value: f64::NAN, number: 0, is_scored: false });
    }

    fn hold(&mut self, time: Nanos, value: f64, verdict: Verdict) {
        let Verdict { score, lower, upper, alert: is_unusual, .. } = verdict;
        let (score, lower, upper) = (score as f32, lower as f32, upper as f32);
        self.retention.insert(Point { time, value, score, lower, upper, is_unusual });
    }

    /// Scores the batch's values with one call, holds them, and raises alerts. Gives how many got a score.
    pub(super) fn score_pending(
        &mut self,
        at: SeriesRef,
        alerts: &mut Alerts,
        verdicts: &mut Vec<Verdict>,
    ) -> u64 {
        verdicts.clear();
        let (times, learns) = (&self.times, self.active.learns());
        let rows = Rows { times, values: &self.values, width: 1 + self.active.with.len(), learns };
        self.active.detector.score(rows, verdicts);
        if let Some(shadow) = &mut self.shadow {
            let width = 1 + shadow.scoring.with.len();
            self.shadow_verdicts.clear();
            let rows = Rows { times, values: &self.shadow_values, width, learns: true };
            shadow.scoring.detector.score(rows, &mut self.shadow_verdicts);
            shadow.compare(verdicts, &self.shadow_verdicts);
        }
        self.times.clear();
        self.values.clear();
        self.shadow_values.clear();
        let (mut scored, mut next) = (0, verdicts.iter());
        let mut pending = std::mem::take(&mut self.pending);
        for Pending { time, value, number, is_scored } in pending.drain(..) {
            let verdict = if is_scored { next.next().copied() } else { None }.unwrap_or(Verdict::NONE);
            self.hold(time, value, verdict);
            if let Some(forecaster) = self.forecaster.as_mut().filter(|_| is_scored) {
                forecaster.observe(time, value);
            }
            if is_scored {
                self.latest = Some((number, (time, value), verdict));
            }
            if !verdict.score.is_nan() {
                scored += 1;
                let (basis, is_synthetic) = (&self.active.basis, self.is_synthetic);
                let judged = Judged { time, value, number, verdict, basis, is_synthetic };
                self.alert.observe(alerts, at, judged);
            }
        }
        self.pending = pending;
        scored
    }
}

#[cfg(feature = "checkpoint")]
impl Series {
    /// Between batches, when nothing is pending.
    pub(super) fn save(&self, to: &mut Saver) {
        to.put(&(&self.field, &self.group, &self.dimensions, &self.windows, &self.retention));
        self.active.save(to);
        to.put(&self.shadow.is_some());
        if let Some(shadow) = &self.shadow {
            shadow.save(to);
        }
        to.put(&(&self.forecaster, self.is_synthetic, self.alert, self.latest));
    }

    pub(super) fn load(from: &mut Loader<'_>) -> Result<Self, CheckpointError> {
        let (field, group, dimensions, windows, retention) = from.take("a series")?;
        let active = Scoring::load(from)?;
        let has_shadow = from.take("a series")?;
        let shadow = if has_shadow { Some(Shadow::load(from)?) } else { None };
        let (forecaster, is_synthetic, alert, latest) = from.take("a series")?;
        let new = Self::new(field, group, dimensions, 0, active);
        Ok(Self { windows, retention, shadow, forecaster, is_synthetic, alert, latest, ..new })
    }
}
