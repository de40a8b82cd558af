//! What can be changed about how a stream's series are scored, and what that would do.

use serde::{Deserialize, Serialize};

use super::replay::{ROWS, Scored};
use super::scoring::{Alerting, Choice, Scoring, Shadow, WhatIf};
use super::{Series, Stream};
use crate::alert::Alerts;
#[cfg(feature = "checkpoint")]
use crate::checkpoint::{CheckpointError, Loader, Saver};
use crate::decision::{Decision, Subject, Unexplained};
use crate::detector::{Rows, Settings, Verdict};
use crate::forecast::Forecaster;
use crate::inject::FaultSpec;

/// Which series of a stream.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Which {
    /// Those of this measure.
    pub measure: String,
    /// Only this group's; all when `None`.
    pub group: Option<String>,
}

impl Which {
    /// Whether a series is one of them.
    pub fn holds(&self, series: &Series) -> bool {
        series.field().name == self.measure && self.group.as_ref().is_none_or(|group| group == series.group())
    }
}

/// What was chosen for some series, for those that come later and when a stream begins anew.
#[derive(Debug, Clone, Default)]
pub(super) struct Tuning {
    choice: Option<Choice>,
    shadow: Option<Choice>,
    is_frozen: bool,
    horizons: Vec<u32>,
}

#[cfg(feature = "checkpoint")]
impl Tuning {
    pub(super) fn save(&self, to: &mut Saver) {
        for choice in [&self.choice, &self.shadow] {
            to.put(&choice.is_some());
            if let Some(choice) = choice {
                choice.save(to);
            }
        }
        to.put(&(self.is_frozen, &self.horizons));
    }

    pub(super) fn load(from: &mut Loader<'_>) -> Result<Self, CheckpointError> {
        let mut choices = [None, None];
        for choice in &mut choices {
            if from.take("what was chosen")? {
                *choice = Some(Choice::load(from)?);
            }
        }
        let [choice, shadow] = choices;
        let (is_frozen, horizons) = from.take("what was chosen")?;
        Ok(Self { choice, shadow, is_frozen, horizons })
    }
}

impl Stream {
    /// Gives a new series what was chosen for it; `since` is the number of its first event.
    pub(super) fn tune_new(&self, series: &mut Series, since: u64) {
        // What was said of one group goes before what was said of all.
        let holding = self.tunings.iter().filter(|(which, _)| which.holds(series));
        let (of_group, of_all): (Vec<_>, Vec<_>) = holding.partition(|(which, _)| which.group.is_some());
        let chosen: Vec<&Tuning> = of_group.into_iter().chain(of_all).map(|(_, tuning)| tuning).collect();
        if let Some(choice) = chosen.iter().find_map(|tuning| tuning.choice.clone()) {
            series.active = self.scoring(choice, since);
        }
        if chosen.iter().any(|tuning| tuning.is_frozen) {
            series.active.set_learning(false, since);
        }
        if let Some(shadow) = chosen.iter().find_map(|tuning| tuning.shadow.clone()) {
            series.shadow = Some(Shadow::new(self.scoring(shadow, since)));
        }
        if let Some(tuning) = chosen.iter().find(|tuning| !tuning.horizons.is_empty()) {
            series.forecaster = Some(Forecaster::new(&tuning.horizons));
        }
        series.is_synthetic =
            self.faults.as_ref().is_some_and(|faults| faults.measure == series.field().name);
    }

    fn tuning_mut(&mut self, which: &Which) -> &mut Tuning {
        self.tunings.entry(which.clone()).or_default()
    }

    fn indices(&self, which: &Which) -> Vec<usize> {
        (0..self.series.len()).filter(|at| which.holds(&self.series[*at])).collect()
    }

    /// The fields of further measures; those that the stream lacks are left out.
    fn fields(&self, with: &[String]) -> Vec<usize> {
        let at = |name: &String| self.schema.fields.iter().position(|field| field.name == *name);
        with.iter().filter_map(at).filter(|field| self.measures.contains(field)).collect()
    }

    fn scoring(&self, choice: Choice, since: u64) -> Scoring {
        let with = self.fields(&choice.with);
        Scoring::new(choice, with, since)
    }

    /// A detector for a series that has seen all that is held.
    fn warmed(&self, series: usize, choice: &Choice) -> Scoring {
        let numbers = self.events.numbers();
        let mut scoring = self.scoring(choice.clone(), numbers.start);
        let with = scoring.with.clone();
        self.replay(series, &with, 0..u64::MAX, |rows| scoring.warm(rows.rows()));
        scoring
    }

    /// The events of a series that were scored and are still held, some at a time, in order.
    fn replay(
        &self,
        series: usize,
        with: &[usize],
        numbers: std::ops::Range<u64>,
        mut visit: impl FnMut(&Scored),
    ) {
        let place = self.places[series];
        let mut rows = Scored { width: 1 + with.len(), ..Scored::default() };
        for held in self.events.batches_from(numbers.start) {
            let batch = &held.batch;
            let Some(column) = batch.columns.get(self.measures[place.1]) else { continue };
            for (row, time) in batch.times.iter().enumerate() {
                let number = held.first + row as u64;
                if !numbers.contains(&number) || !self.taken.contains(number) {
                    continue;
                }
                let Some(value) = column.number(row) else { continue };
                if self.groups.find(batch, row) != Some(place.0) {
                    continue;
                }
                let before = rows.values.len();
                rows.values.push(value);
                let others =
                    with.iter().map(|field| batch.columns.get(*field).and_then(|other| other.number(row)));
                rows.values.extend(others.map_while(|other| other));
                if rows.values.len() < before + rows.width {
                    rows.values.truncate(before);
                    continue;
                }
                rows.numbers.push(number);
                rows.times.push(*time);
            }
            if rows.times.len() >= ROWS {
                visit(&rows);
                rows.clear();
            }
        }
        visit(&rows);
    }

    /// Another detector from now on; it learns first from what is held.
    pub(crate) fn choose(&mut self, which: &Which, choice: &Choice, alerts: &mut Alerts) {
        self.tuning_mut(which).choice = Some(choice.clone());
        for at in self.indices(which) {
            let mut scoring = self.warmed(at, choice);
            scoring.set_learning(!self.series[at].is_frozen(), self.events.numbers().end);
            self.series[at].set_active(scoring, alerts);
        }
    }

    /// Forgets what was learned; what comes next warms up anew.
    pub(crate) fn reset(&mut self, which: &Which, alerts: &mut Alerts) {
        for at in self.indices(which) {
            let since = self.events.numbers().end;
            let mut scoring = self.scoring(self.series[at].choice().clone(), since);
            scoring.set_learning(!self.series[at].is_frozen(), since);
            self.series[at].set_active(scoring, alerts);
        }
    }

    /// Learns no more, or again.
    pub(crate) fn freeze(&mut self, which: &Which, is_frozen: bool) {
        self.tuning_mut(which).is_frozen = is_frozen;
        let number = self.events.numbers().end;
        for at in self.indices(which) {
            self.series[at].active.set_learning(!is_frozen, number);
        }
    }

    /// A second detector that only watches, or none.
    pub(crate) fn set_shadow(&mut self, which: &Which, choice: Option<&Choice>) {
        self.tuning_mut(which).shadow = choice.cloned();
        for at in self.indices(which) {
            let shadow = choice.map(|choice| Shadow::new(self.warmed(at, choice)));
            self.series[at].shadow = shadow;
        }
    }

    /// The second detector becomes the one that alerts.
    pub(crate) fn promote(&mut self, which: &Which, alerts: &mut Alerts) {
        let tuning = self.tuning_mut(which);
        if let Some(shadow) = tuning.shadow.take() {
            tuning.choice = Some(shadow);
        }
        for at in self.indices(which) {
            if let Some(shadow) = self.series[at].shadow.take() {
                self.series[at].set_active(shadow.scoring, alerts);
            }
        }
    }

    /// Forecasts this many events ahead from now on; nothing when empty.
    pub(crate) fn set_horizons(&mut self, which: &Which, horizons: &[u32]) {
        self.tuning_mut(which).horizons = horizons.to_vec();
        for at in self.indices(which) {
            let forecaster = (!horizons.is_empty()).then(|| {
                let mut forecaster = Forecaster::new(horizons);
                self.replay(at, &[], 0..u64::MAX, |rows| {
                    rows.times
                        .iter()
                        .zip(&rows.values)
                        .for_each(|(time, value)| forecaster.observe(*time, *value));
                });
                forecaster
            });
            self.series[at].forecaster = forecaster;
        }
    }

    /// Puts faults into a measure from now on, or no more.
    pub(crate) fn set_faults(&mut self, measure: &str, faults: Option<(FaultSpec, Vec<Settings>)>) {
        self.faults = faults.map(|(spec, contenders)| super::faults::Faults::new(measure, spec, contenders));
        for series in &mut self.series {
            series.is_synthetic = self.faults.is_some() && series.field().name == measure;
        }
    }

    /// What another detector would have said of all that is held, beside the present one, both from the first event on.
    pub(crate) fn what_if(&self, which: &Which, choice: &Choice) -> WhatIf {
        let mut what_if = WhatIf::default();
        for at in self.indices(which) {
            let [before, after] = [self.series[at].choice(), choice].map(|choice| {
                let mut scoring = self.scoring(choice.clone(), 0);
                let (mut alerting, mut verdicts) = (Alerting::default(), Vec::new());
                let with = scoring.with.clone();
                self.replay(at, &with, 0..u64::MAX, |rows| {
                    verdicts.clear();
                    scoring.detector.score(rows.rows(), &mut verdicts);
                    alerting.observe(self.series[at].label(), rows, &verdicts);
                });
                alerting
            });
            what_if.add(before, after);
        }
        what_if
    }

    /// A series, and how it is analysed.
    pub(crate) fn subject(&self, series: &Series) -> Subject {
        Subject {
            stream: self.name.clone(),
            measure: series.field().name.clone(),
            group: series.group().to_owned(),
            window: self.config.window.width(),
            lateness: self.config.lateness,
            out_of_orderness: self.config.out_of_orderness,
        }
    }

    /// Makes a decision once more from the events held; `models` are settings with models that it may have used.
    pub(crate) fn recompute(
        &self,
        decision: &Decision,
        models: &[&Settings],
    ) -> Result<Decision, Unexplained> {
        let Subject { stream, measure, group, .. } = &decision.subject;
        let which = Which { measure: measure.clone(), group: Some(group.clone()) };
        let at = *self.indices(&which).first().ok_or_else(|| Unexplained::NoSeries {
            stream: stream.clone(),
            measure: measure.clone(),
            group: group.clone(),
        })?;
        let basis = &decision.basis;
        let held = self.events.numbers().start;
        if basis.since < held {
            return Err(Unexplained::NotHeld { since: basis.since, held });
        }
        let own =
            [Some(&self.series[at].active), self.series[at].shadow.as_ref().map(|shadow| &shadow.scoring)];
        let own: Vec<Settings> =
            own.into_iter().flatten().map(|scoring| scoring.choice.effective()).collect();
        let models: Vec<&Settings> = own.iter().chain(models.iter().copied()).collect();
        let settings = basis.settings(&models)?;
        let mut detector = settings.build();
        let mut last = None;
        self.replay(at, &self.fields(&basis.with), basis.since..decision.number.saturating_add(1), |rows| {
            let mut verdicts: Vec<Verdict> = Vec::with_capacity(rows.times.len());
            for (row, number) in rows.numbers.iter().enumerate() {
                let values = &rows.values[row * rows.width..(row + 1) * rows.width];
                let learns = basis.learns(*number);
                let one = Rows { times: &rows.times[row..=row], values, width: rows.width, learns };
                detector.score(one, &mut verdicts);
            }
            if let Some(verdict) = verdicts.last() {
                let row = rows.times.len() - 1;
                last = Some((rows.numbers[row], (rows.times[row], rows.values[row * rows.width]), *verdict));
            }
        });
        let last = last.filter(|(number, _, verdict)| *number == decision.number && !verdict.score.is_nan());
        let (number, event, verdict) = last.ok_or(Unexplained::NoVerdict(decision.number))?;
        Ok(Decision::new(self.subject(&self.series[at]), basis.clone(), number, event, &verdict))
    }
}
