//! Detectors, faults and forecasts: what is asked of them, and what is told.

use spate_analysis::StreamId;
use spate_analysis::decision::Decision;
use spate_analysis::forecast::Forecaster;
use spate_analysis::stream::{Series, Stream};
use spate_analysis::tuning::{Comparison, WouldAlert};
use spate_chart::format::{self, Unit};
use spate_shared::time::{Nanos, SECOND};

use super::{Effect, Runtime};
use crate::protocol::forms::forms;
use crate::protocol::{
    AlertWords, DecisionAnswer, DetectAnswer, DetectCommand, DetectRequest, DetectStatus, DetectUpdate,
    FaultStatus, ForecastStatus, ShadowStatus, Target, Update, WhatIfAnswer,
};
use crate::tuning::{self, Setting, known};

/// How often the state of what is watched may be told.
const STATUS_EVERY: Nanos = SECOND;

/// What of detectors is being watched.
#[derive(Debug, Default)]
pub(super) struct Watched {
    target: Option<Target>,
    told: Option<DetectStatus>,
    told_at: Option<Nanos>,
}

impl Runtime {
    pub(super) fn detect(
        &mut self,
        DetectRequest { request, command }: DetectRequest,
        effects: &mut Vec<Effect>,
    ) {
        if let DetectCommand::Watch { target } = command {
            self.watched = Watched { target, ..Watched::default() };
            return;
        }
        let result = self.answer(command);
        self.watched.told_at = None;
        self.invalidate();
        let answer = DetectUpdate::Answer { request, result };
        effects.push(Effect::Post(Update::Detect(answer.to_bytes())));
    }

    fn answer(&mut self, command: DetectCommand) -> Result<DetectAnswer, String> {
        let done = |()| DetectAnswer::Done;
        match command {
            DetectCommand::List => Ok(DetectAnswer::Forms(forms())),
            DetectCommand::Choose { target, choice } => {
                let setting = Setting::Choice(tuning::which(&target), tuning::choice(&choice)?);
                self.set(&target.stream, setting).map(done)
            }
            DetectCommand::Sensitivity { target, sensitivity } => {
                let sensitivity = tuning::sensitivity(sensitivity)?;
                let mut choice = self.first_series(&target)?.choice().clone();
                choice.sensitivity = sensitivity;
                self.set(&target.stream, Setting::Choice(tuning::which(&target), choice)).map(done)
            }
            DetectCommand::Shadow { target, choice } => {
                let choice = choice.as_ref().map(tuning::choice).transpose()?;
                self.set(&target.stream, Setting::Shadow(tuning::which(&target), choice)).map(done)
            }
            DetectCommand::Promote { target } => {
                let choice = self.first_series(&target)?.shadow().map(|(choice, _)| choice.clone());
                let choice = choice.ok_or("there is no shadow detector to promote: choose one first")?;
                let stream = self.stream_id(&target.stream)?;
                self.store.promote(&target.stream, stream, &tuning::which(&target), choice);
                Ok(DetectAnswer::Done)
            }
            DetectCommand::Freeze { target, frozen } => {
                self.set(&target.stream, Setting::Frozen(tuning::which(&target), frozen)).map(done)
            }
            DetectCommand::Reset { target } => {
                self.first_series(&target)?;
                let stream = self.stream_id(&target.stream)?;
                self.store.engine_mut().reset(stream, &tuning::which(&target));
                Ok(DetectAnswer::Done)
            }
            DetectCommand::Inject { stream, measure, faults } => {
                let faults = faults.as_ref().map(tuning::faults).transpose()?;
                self.set(&stream, Setting::Faults(measure, faults)).map(done)
            }
            DetectCommand::Forecast { target, horizons } => {
                self.set(&target.stream, Setting::Horizons(tuning::which(&target), horizons)).map(done)
            }
            DetectCommand::WhatIf { target, choice } => {
                self.first_series(&target)?;
                let (stream, choice) = (self.stream_id(&target.stream)?, tuning::choice(&choice)?);
                let what_if = self.store.engine().what_if(stream, &tuning::which(&target), &choice);
                let unit = Unit::parse(self.first_series(&target)?.field().unit.as_deref());
                let words = |alert: &WouldAlert| AlertWords {
                    series: alert.series.clone(),
                    time: alert.start,
                    value: format::value(alert.value, &unit),
                    reason: alert.words.clone(),
                };
                Ok(DetectAnswer::WhatIf(WhatIfAnswer {
                    events: what_if.events,
                    before: what_if.before,
                    after: what_if.after,
                    kept: what_if.kept,
                    moved: what_if.moved.iter().map(|(_, to)| words(to)).collect(),
                    gained: what_if.gained.iter().map(words).collect(),
                    lost: what_if.lost.iter().map(words).collect(),
                }))
            }
            DetectCommand::Decision { alert } => {
                let engine = self.store.engine();
                let decision = engine.decision(alert).map_err(|error| error.to_string())?;
                let again = engine.recompute(&decision, &[]);
                let recomputed = again.map(|again| again.digest).map_err(|error| error.to_string());
                Ok(DetectAnswer::Decision(record(&decision, recomputed)))
            }
            DetectCommand::Watch { .. } => Ok(DetectAnswer::Done),
        }
    }

    fn set(&mut self, stream: &str, setting: Setting) -> Result<(), String> {
        if !self.store.streams().contains_key(stream) {
            return Err(no_stream(stream));
        }
        self.store.set(stream, setting)
    }

    fn stream_id(&self, stream: &str) -> Result<StreamId, String> {
        self.store.streams().get(stream).and_then(|entry| entry.id).ok_or_else(|| no_stream(stream))
    }

    fn first_series(&self, target: &Target) -> Result<&Series, String> {
        let (_, stream) = self.store.stream(&target.stream).ok_or_else(|| no_stream(&target.stream))?;
        let first = stream.series().iter().find(|series| is_of(series, target));
        first.ok_or_else(|| {
            format!("no series of {:?} in {:?} has had an event yet", target.measure, target.stream)
        })
    }

    /// Tells the state of what is watched, when it changed and long enough ago.
    pub(super) fn tell_status(&mut self, now: Nanos, effects: &mut Vec<Effect>) {
        let Some(target) = self.watched.target.clone() else { return };
        if self.watched.told_at.is_some_and(|at| now.saturating_sub(at) < STATUS_EVERY) {
            return;
        }
        let Some(status) = self.status(target) else { return };
        self.watched.told_at = Some(now);
        if self.watched.told.as_ref() != Some(&status) {
            self.watched.told = Some(status.clone());
            let status = DetectUpdate::Status(Box::new(status));
            effects.push(Effect::Post(Update::Detect(status.to_bytes())));
        }
    }

    fn status(&self, target: Target) -> Option<DetectStatus> {
        let (_, stream) = self.store.stream(&target.stream)?;
        let shown: Vec<&Series> = series_of(stream, &target).collect();
        let first = shown.first()?;
        let board = stream.scoreboard().filter(|(measure, ..)| *measure == target.measure);
        let faults = board.map(|(_, faults, lines)| FaultStatus {
            faults: faults.len() as u64,
            lines: lines.iter().map(tuning::board_line).collect(),
        });
        Some(DetectStatus {
            series: shown.len() as u32,
            choice: tuning::chosen(first.choice()),
            frozen: shown.iter().all(|series| series.is_frozen()),
            warm_up: shown.iter().map(|series| series.warm_up()).max().unwrap_or(0),
            shadow: shadow(&shown),
            faults,
            forecasts: forecasts(&shown),
            target,
        })
    }
}

fn no_stream(stream: &str) -> String {
    format!("there is no stream {stream:?} with events yet")
}

fn series_of<'a>(stream: &'a Stream, target: &'a Target) -> impl Iterator<Item = &'a Series> {
    stream.series().iter().filter(|series| is_of(series, target))
}

fn is_of(series: &Series, target: &Target) -> bool {
    let is_of_group = target.group.as_ref().is_none_or(|group| group == series.group());
    is_of_group && series.field().name == target.measure
}

fn shadow(shown: &[&Series]) -> Option<ShadowStatus> {
    let (choice, _) = shown.iter().find_map(|series| series.shadow())?;
    let mut sum = Comparison::default();
    for (_, comparison) in shown.iter().filter_map(|series| series.shadow()) {
        sum.events += comparison.events;
        sum.active += comparison.active;
        sum.shadow += comparison.shadow;
        sum.both += comparison.both;
        sum.delay_events += comparison.delay_events;
        sum.active_bytes += comparison.active_bytes;
        sum.shadow_bytes += comparison.shadow_bytes;
    }
    Some(ShadowStatus {
        choice: tuning::chosen(choice),
        events: sum.events,
        active: sum.active,
        shadow: sum.shadow,
        both: sum.both,
        agreement: known(sum.agreement()),
        delay: known(sum.delay()),
        active_bytes: sum.active_bytes as u64,
        shadow_bytes: sum.shadow_bytes as u64,
    })
}

/// Coverage over all series, by horizon.
fn forecasts(shown: &[&Series]) -> Vec<ForecastStatus> {
    let mut all: Vec<(u32, u64, f64)> = Vec::new();
    for record in shown.iter().filter_map(|series| series.forecaster()).flat_map(Forecaster::records) {
        let inside = if record.matured == 0 { 0.0 } else { record.coverage * record.matured as f64 };
        match all.iter_mut().find(|(horizon, ..)| *horizon == record.horizon) {
            Some((_, matured, sum)) => (*matured, *sum) = (*matured + record.matured, *sum + inside),
            None => all.push((record.horizon, record.matured, inside)),
        }
    }
    let status = |(horizon, matured, inside): (u32, u64, f64)| ForecastStatus {
        horizon,
        matured,
        coverage: known(inside / matured as f64),
    };
    all.into_iter().map(status).collect()
}

fn record(decision: &Decision, recomputed: Result<String, String>) -> DecisionAnswer {
    DecisionAnswer {
        lines: decision.lines().map(|(name, value)| (name.to_owned(), value)).into(),
        json: serde_json::to_string(decision).unwrap_or_default(),
        digest: decision.digest.clone(),
        recomputed,
    }
}
