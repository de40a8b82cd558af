//! How a series is scored: the detector chosen for it, what it may learn, and the one beside it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::replay::Scored;
use crate::alert::QUIET;
#[cfg(feature = "checkpoint")]
use crate::checkpoint::{CheckpointError, Loader, Saver};
use crate::decision::Basis;
use crate::detector::{DETECTORS, Detector, Rows, Settings, Verdict};
use crate::evaluation::Runs;

/// A detector for the series of a measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Which, and its parameters.
    pub settings: Settings,
    /// How readily it alerts: 2 is twice as readily, see [`Settings::with_sensitivity`].
    pub sensitivity: f64,
    /// Further measures of the same events that it looks at.
    pub with: Vec<String>,
}

impl Default for Choice {
    /// The default detector, as it ships.
    fn default() -> Self {
        Self::of(Settings::new(&DETECTORS[0]))
    }
}

impl Choice {
    /// A detector of one measure, as readily as it ships.
    pub fn of(settings: Settings) -> Self {
        Self { settings, sensitivity: 1.0, with: Vec::new() }
    }

    /// The settings, sensitivity included.
    pub fn effective(&self) -> Settings {
        self.settings.clone().with_sensitivity(self.sensitivity)
    }
}

#[cfg(feature = "checkpoint")]
impl Choice {
    pub(super) fn save(&self, to: &mut Saver) {
        self.settings.save(to);
        to.put(&(self.sensitivity, &self.with));
    }

    pub(super) fn load(from: &mut Loader<'_>) -> Result<Self, CheckpointError> {
        let settings = Settings::load(from)?;
        let (sensitivity, with) = from.take("a detector's settings")?;
        Ok(Self { settings, sensitivity, with })
    }
}

/// A detector at work on one series.
#[derive(Debug)]
pub(crate) struct Scoring {
    pub(super) choice: Choice,
    /// The fields of [`Choice::with`].
    pub(super) with: Vec<usize>,
    pub(super) detector: Box<dyn Detector>,
    pub(crate) basis: Arc<Basis>,
    learns: bool,
}

impl Scoring {
    /// One that has seen nothing; `since` is the number of the next event.
    pub(super) fn new(choice: Choice, with: Vec<usize>, since: u64) -> Self {
        let settings = choice.effective();
        let basis = Arc::new(Basis::new(&settings, &choice.with, since));
        Self { detector: settings.build(), choice, with, basis, learns: true }
    }

    /// Learns from now on, or no more; `number` is that of the next event.
    pub(super) fn set_learning(&mut self, learns: bool, number: u64) {
        if learns == self.learns {
            return;
        }
        self.learns = learns;
        let mut basis = (*self.basis).clone();
        if learns {
            if let Some((_, to)) = basis.frozen.last_mut() {
                *to = number;
            }
        } else {
            basis.frozen.push((number, u64::MAX));
        }
        self.basis = Arc::new(basis);
    }

    pub(super) fn learns(&self) -> bool {
        self.learns
    }

    /// Learns what is still held, without a word.
    pub(super) fn warm(&mut self, rows: Rows<'_>) {
        self.detector.score(rows, &mut Vec::with_capacity(rows.times.len()));
    }
}

#[cfg(feature = "checkpoint")]
impl Scoring {
    pub(super) fn save(&self, to: &mut Saver) {
        self.choice.save(to);
        to.put(&(&self.with, &*self.basis, self.learns));
        to.put_detector(&*self.detector);
    }

    pub(super) fn load(from: &mut Loader<'_>) -> Result<Self, CheckpointError> {
        let choice = Choice::load(from)?;
        let (with, basis, learns): (_, Basis, _) = from.take("a detector")?;
        let detector = from.take_detector(&choice.effective())?;
        Ok(Self { choice, with, detector, basis: Arc::new(basis), learns })
    }
}

/// How two detectors of one series compare.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Events both have seen beside each other.
    pub events: u64,
    /// Alerts of the active one.
    pub active: u64,
    /// Alerts of the shadow.
    pub shadow: u64,
    /// Alerts that both raised.
    pub both: u64,
    /// Events by which the shadow was later, over those; negative when it was earlier.
    pub delay_events: i64,
    /// Bytes that each holds.
    pub active_bytes: usize,
    /// See `active_bytes`.
    pub shadow_bytes: usize,
}

impl Comparison {
    /// Alerts of both, as a part of alerts of either; NaN without any.
    pub fn agreement(&self) -> f64 {
        self.both as f64 / (self.active + self.shadow - self.both) as f64
    }

    /// Mean events by which the shadow was later; NaN without alerts of both.
    pub fn delay(&self) -> f64 {
        self.delay_events as f64 / self.both as f64
    }
}

/// Events between the alerts of two detectors that count as one.
const TOGETHER: u64 = 4 * QUIET as u64;

/// A second detector, that only watches.
#[derive(Debug)]
pub(super) struct Shadow {
    pub(super) scoring: Scoring,
    comparison: Comparison,
    /// Whether an alert is on, and the event of the latest that nothing answers yet: of the active one, then the shadow.
    runs: [Runs; 2],
    unanswered: [Option<u64>; 2],
}

impl Shadow {
    pub(super) fn new(scoring: Scoring) -> Self {
        Self { scoring, comparison: Comparison::default(), runs: Default::default(), unanswered: [None; 2] }
    }

    /// Takes the verdicts of both on the same events.
    pub(super) fn compare(&mut self, active: &[Verdict], shadow: &[Verdict]) {
        for pair in active.iter().zip(shadow) {
            let event = self.comparison.events;
            let begins = [pair.0, pair.1].map(|verdict| verdict.alert);
            let begins: [bool; 2] = std::array::from_fn(|at| self.runs[at].observe(begins[at]));
            self.comparison.active += u64::from(begins[0]);
            self.comparison.shadow += u64::from(begins[1]);
            for (unanswered, begins) in self.unanswered.iter_mut().zip(begins) {
                if begins {
                    *unanswered = Some(event);
                }
            }
            if let [Some(active), Some(shadow)] = self.unanswered
                && active.abs_diff(shadow) <= TOGETHER
            {
                self.comparison.both += 1;
                self.comparison.delay_events += shadow as i64 - active as i64;
                self.unanswered = [None; 2];
            }
            self.comparison.events += 1;
        }
    }

    pub(super) fn comparison(&self, active: &Scoring) -> Comparison {
        Comparison {
            active_bytes: active.detector.state_bytes(),
            shadow_bytes: self.scoring.detector.state_bytes(),
            ..self.comparison
        }
    }
}

#[cfg(feature = "checkpoint")]
impl Shadow {
    pub(super) fn save(&self, to: &mut Saver) {
        self.scoring.save(to);
        to.put(&(self.comparison, self.runs, self.unanswered));
    }

    pub(super) fn load(from: &mut Loader<'_>) -> Result<Self, CheckpointError> {
        let scoring = Scoring::load(from)?;
        let (comparison, runs, unanswered) = from.take("a second detector")?;
        Ok(Self { scoring, comparison, runs, unanswered })
    }
}

/// An alert that a detector would raise.
#[derive(Debug, Clone, PartialEq)]
pub struct WouldAlert {
    /// The series, by its label.
    pub series: String,
    /// Numbers of the first and the last of its events.
    pub numbers: (u64, u64),
    /// Event time of the first.
    pub start: i64,
    /// Its value.
    pub value: f64,
    /// Why, in words.
    pub words: String,
}

/// What another detector would have said of the events still held.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WhatIf {
    /// Events that both were run over.
    pub events: u64,
    /// Alerts of the present detector, and of the other.
    pub before: u64,
    /// See `before`.
    pub after: u64,
    /// Alerts of both that begin at the same event.
    pub kept: u64,
    /// Alerts of both that begin at another: the present one, then the other.
    pub moved: Vec<(WouldAlert, WouldAlert)>,
    /// Alerts of the other alone.
    pub gained: Vec<WouldAlert>,
    /// Alerts of the present one alone.
    pub lost: Vec<WouldAlert>,
}

/// Collects the alerts of a run.
#[derive(Debug, Default)]
pub(super) struct Alerting {
    runs: Runs,
    pub(super) alerts: Vec<WouldAlert>,
    pub(super) events: u64,
}

impl Alerting {
    pub(super) fn observe(&mut self, series: &str, rows: &Scored, verdicts: &[Verdict]) {
        self.events += verdicts.len() as u64;
        for (at, verdict) in verdicts.iter().enumerate() {
            let number = rows.numbers[at];
            if self.runs.observe(verdict.alert) {
                self.alerts.push(WouldAlert {
                    series: series.to_owned(),
                    numbers: (number, number),
                    start: rows.times[at],
                    value: rows.values[at * rows.width],
                    words: verdict.reason.words(),
                });
            } else if verdict.alert
                && let Some(alert) = self.alerts.last_mut()
            {
                alert.numbers.1 = number;
            }
        }
    }
}

impl WhatIf {
    /// Takes in what both said of one series. Alerts that overlap, or nearly, are one.
    pub(super) fn add(&mut self, before: Alerting, after: Alerting) {
        self.events += after.events;
        self.before += before.alerts.len() as u64;
        self.after += after.alerts.len() as u64;
        let mut after = after.alerts.into_iter().peekable();
        for alert in before.alerts {
            let reach = u64::from(QUIET);
            while let Some(earlier) = after.next_if(|other| other.numbers.1 + reach < alert.numbers.0) {
                self.gained.push(earlier);
            }
            match after.next_if(|other| other.numbers.0 <= alert.numbers.1 + reach) {
                Some(other) if other.numbers.0 == alert.numbers.0 => self.kept += 1,
                Some(other) => self.moved.push((alert, other)),
                None => self.lost.push(alert),
            }
        }
        self.gained.extend(after);
    }
}
