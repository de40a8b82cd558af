//! Choosing detectors while events come in: what-if, shadow, freezing, faults, forecasts and decisions.
//!
//! Events that are still held stand in for history: a detector that is chosen now learns from them first, so it scores at
//! once. What it says of them changes no score that was given.

pub use crate::stream::{Choice, Comparison, WhatIf, Which, WouldAlert};

use crate::decision::{Decision, Unexplained};
use crate::detector::Settings;
use crate::engine::{Engine, StreamId};
use crate::inject::{FaultError, FaultSpec};

impl Engine {
    /// Scores series with another detector from now on. It learns first from the events held.
    ///
    /// Cost: that of every event held.
    pub fn choose(&mut self, stream: StreamId, which: &Which, choice: &Choice) {
        let (stream, alerts) = self.stream_and_alerts_mut(stream);
        stream.choose(which, choice, alerts);
    }

    /// What another detector would have said of the events held, beside the present one.
    ///
    /// Cost: that of every event held, twice.
    pub fn what_if(&self, stream: StreamId, which: &Which, choice: &Choice) -> WhatIf {
        self.stream(stream).what_if(which, choice)
    }

    /// Lets a second detector watch series without alerting, or no more.
    pub fn set_shadow(&mut self, stream: StreamId, which: &Which, choice: Option<&Choice>) {
        self.stream_and_alerts_mut(stream).0.set_shadow(which, choice);
    }

    /// Makes the second detector the one that alerts.
    pub fn promote(&mut self, stream: StreamId, which: &Which) {
        let (stream, alerts) = self.stream_and_alerts_mut(stream);
        stream.promote(which, alerts);
    }

    /// Forgets what detectors learned of series: they warm up anew.
    pub fn reset(&mut self, stream: StreamId, which: &Which) {
        let (stream, alerts) = self.stream_and_alerts_mut(stream);
        stream.reset(which, alerts);
    }

    /// Stops detectors from learning, or lets them again. They go on scoring by what they know.
    pub fn freeze(&mut self, stream: StreamId, which: &Which, is_frozen: bool) {
        self.stream_and_alerts_mut(stream).0.freeze(which, is_frozen);
    }

    /// Forecasts series this many events ahead, or no more when `horizons` is empty.
    pub fn forecast(&mut self, stream: StreamId, which: &Which, horizons: &[u32]) {
        self.stream_and_alerts_mut(stream).0.set_horizons(which, horizons);
    }

    /// Puts faults into a measure of the events that come, and holds these detectors against them; `None` ends that.
    ///
    /// # Errors
    /// [`FaultError`]; nothing changes then.
    pub fn inject(
        &mut self,
        stream: StreamId,
        measure: &str,
        faults: Option<(FaultSpec, Vec<Settings>)>,
    ) -> Result<(), FaultError> {
        if let Some((spec, _)) = &faults {
            spec.check()?;
        }
        self.stream_and_alerts_mut(stream).0.set_faults(measure, faults);
        Ok(())
    }

    /// The record of an alert: all that it rests on.
    ///
    /// # Errors
    /// [`Unexplained::NoAlert`].
    pub fn decision(&self, alert: u64) -> Result<Decision, Unexplained> {
        let held = self.alerts().get(alert).ok_or(Unexplained::NoAlert(alert))?;
        let (_, stream) = self.streams().nth(held.series.stream).ok_or(Unexplained::NoAlert(alert))?;
        let series = stream.series().get(held.series.series).ok_or(Unexplained::NoAlert(alert))?;
        let event = (held.peak, held.value);
        Ok(Decision::new(stream.subject(series), (*held.basis).clone(), held.number, event, &held.verdict))
    }

    /// The record of what was said last of a series, alert or not; `None` before its first value.
    pub fn latest_decision(&self, stream: StreamId, which: &Which) -> Option<Decision> {
        let stream = self.stream(stream);
        let series = stream.series().iter().find(|series| which.holds(series))?;
        let (number, event, verdict) = series.latest()?;
        Some(Decision::new(stream.subject(series), (*series.active.basis).clone(), number, event, &verdict))
    }

    /// Makes a decision once more from the events held. Equal digests say that it comes out the same.
    ///
    /// `models` are settings with trained models that it may have used, beside those in use.
    ///
    /// # Errors
    /// [`Unexplained`] when what it rests on is not to be had.
    ///
    /// Cost: that of the events it rests on.
    pub fn recompute(&self, decision: &Decision, models: &[&Settings]) -> Result<Decision, Unexplained> {
        let found = self.streams().find(|(_, stream)| stream.name() == decision.subject.stream);
        let (_, stream) = found.ok_or_else(|| Unexplained::NoSeries {
            stream: decision.subject.stream.clone(),
            measure: decision.subject.measure.clone(),
            group: decision.subject.group.clone(),
        })?;
        stream.recompute(decision, models)
    }
}
