//! What is said about detectors, faults and forecasts.
//!
//! Every command but [`DetectCommand::Watch`] is answered once, with its request's number.

use serde::{Deserialize, Serialize};
use spate_shared::time::Nanos;

use super::forms::Forms;

/// Which series a command is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The stream.
    pub stream: String,
    /// The measure.
    pub measure: String,
    /// The dimension values, joined, as a legend shows them; all series of the measure when `None`.
    pub group: Option<String>,
}

/// A detector and what is set of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DetectorChoice {
    /// A name of `spate_analysis::detector::DETECTORS`; empty for the one that ships.
    pub detector: String,
    /// Parameters by name, as text: those of the table; for a text parameter that is a file, the file's content.
    pub parameters: Vec<(String, String)>,
    /// How readily it alerts: 1 as it ships, 2 twice as readily.
    pub sensitivity: f64,
    /// Further measures of the same events, for detectors that look at several.
    pub with: Vec<String>,
}

impl Default for DetectorChoice {
    /// What ships.
    fn default() -> Self {
        Self { detector: String::new(), parameters: Vec::new(), sensitivity: 1.0, with: Vec::new() }
    }
}

/// Faults to put into a measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaultChoice {
    /// What draws begin with; the same seed gives the same faults.
    pub seed: u64,
    /// Names of `spate_analysis::inject::FAULTS`; all when empty.
    pub kinds: Vec<String>,
    /// Part of events that are to lie in faults, above 0 to 0.5.
    pub part: f64,
    /// Detectors to hold against them, by name; all that need no model when empty.
    pub detectors: Vec<String>,
}

/// What the UI asks about detectors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DetectRequest {
    /// Comes back with the answer.
    pub request: u32,
    /// What to do.
    pub command: DetectCommand,
}

/// What to do about detectors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum DetectCommand {
    /// Score with another detector from now on; it learns first from the events held.
    Choose {
        /// Which series.
        target: Target,
        /// With what.
        choice: DetectorChoice,
    },
    /// Alert more or less readily from now on.
    Sensitivity {
        /// Which series.
        target: Target,
        /// 1 as it ships, 2 twice as readily.
        sensitivity: f64,
    },
    /// Say what another detector would have said of the events held.
    WhatIf {
        /// Which series.
        target: Target,
        /// With what.
        choice: DetectorChoice,
    },
    /// Let a second detector watch without alerting; none when `None`.
    Shadow {
        /// Which series.
        target: Target,
        /// With what.
        choice: Option<DetectorChoice>,
    },
    /// Make the second detector the one that alerts.
    Promote {
        /// Which series.
        target: Target,
    },
    /// Learn no more, or again.
    Freeze {
        /// Which series.
        target: Target,
        /// Whether to stop.
        frozen: bool,
    },
    /// Forget what was learned and warm up anew.
    Reset {
        /// Which series.
        target: Target,
    },
    /// Show an alert's record, and make its decision once more.
    Decision {
        /// The alert's id.
        alert: u64,
    },
    /// Put faults into the events that come; none when `None`.
    Inject {
        /// The stream.
        stream: String,
        /// The measure.
        measure: String,
        /// Which.
        faults: Option<FaultChoice>,
    },
    /// Forecast this many events ahead; not at all when empty.
    Forecast {
        /// Which series.
        target: Target,
        /// Events ahead.
        horizons: Vec<u32>,
    },
    /// Tell the state of these series now and whenever it changed, at most once a second; of none when `None`.
    Watch {
        /// Which series.
        target: Option<Target>,
    },
    /// Say which detectors and faults there are.
    List,
}

/// What the worker tells about detectors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum DetectUpdate {
    /// Answers a request.
    Answer {
        /// Its number.
        request: u32,
        /// What came of it, or why nothing did: what, why and what to do.
        result: Result<DetectAnswer, String>,
    },
    /// The state of the series watched.
    Status(Box<DetectStatus>),
}

impl DetectUpdate {
    /// As bytes, for the page.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        // Writing to memory cannot fail.
        postcard::to_allocvec(self).unwrap_or_default()
    }

    /// From what the worker sent; `None` when it is none.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum DetectAnswer {
    /// It was done.
    Done,
    /// What another detector would have said.
    WhatIf(WhatIfAnswer),
    /// An alert's record.
    Decision(DecisionAnswer),
    /// Which detectors and faults there are.
    Forms(Forms),
}

/// What another detector would have said of the events held.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WhatIfAnswer {
    /// Events both were run over.
    pub events: u64,
    /// Alerts of the present detector.
    pub before: u64,
    /// Alerts of the other.
    pub after: u64,
    /// Alerts of both that begin at the same event.
    pub kept: u64,
    /// Alerts of both that begin at another, by when they would.
    pub moved: Vec<AlertWords>,
    /// Alerts of the other alone.
    pub gained: Vec<AlertWords>,
    /// Alerts of the present one alone.
    pub lost: Vec<AlertWords>,
}

/// An alert in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertWords {
    /// The series.
    pub series: String,
    /// When it begins.
    pub time: Nanos,
    /// The value it begins with, with unit.
    pub value: String,
    /// Why.
    pub reason: String,
}

/// An alert's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionAnswer {
    /// What to show, name and value, in order.
    pub lines: Vec<(String, String)>,
    /// The record as JSON, for `spate explain`.
    pub json: String,
    /// Its digest.
    pub digest: String,
    /// The digest that came out when the decision was made once more, or why it could not be.
    pub recomputed: Result<String, String>,
}

impl DecisionAnswer {
    /// Whether the decision came out the same.
    pub fn is_confirmed(&self) -> bool {
        self.recomputed.as_ref() == Ok(&self.digest)
    }
}

/// The state of some series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DetectStatus {
    /// Which.
    pub target: Target,
    /// How many they are.
    pub series: u32,
    /// The detector of the first.
    pub choice: DetectorChoice,
    /// Whether they learn nothing for now.
    pub frozen: bool,
    /// The most events still to come before a first score.
    pub warm_up: u32,
    /// The second detector.
    pub shadow: Option<ShadowStatus>,
    /// Faults being put in.
    pub faults: Option<FaultStatus>,
    /// How forecasts turned out, by horizon.
    pub forecasts: Vec<ForecastStatus>,
}

/// How a second detector compares with the one that alerts, over all series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShadowStatus {
    /// The second detector.
    pub choice: DetectorChoice,
    /// Events both saw beside each other.
    pub events: u64,
    /// Alerts of the active one, of the shadow, and of both.
    pub active: u64,
    /// See `active`.
    pub shadow: u64,
    /// See `active`.
    pub both: u64,
    /// Alerts of both as a part of alerts of either; `None` without any.
    pub agreement: Option<f64>,
    /// Mean events by which the shadow was later; `None` without alerts of both.
    pub delay: Option<f64>,
    /// Bytes that each holds.
    pub active_bytes: u64,
    /// See `active_bytes`.
    pub shadow_bytes: u64,
}

/// Faults being put in. Whatever shows the measure says that it is synthetic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaultStatus {
    /// How many so far.
    pub faults: u64,
    /// Each detector's line.
    pub lines: Vec<BoardLine>,
}

/// How a detector does against known faults.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BoardLine {
    /// The detector.
    pub detector: String,
    /// Part of faults found; `None` before the first.
    pub recall: Option<f64>,
    /// Part of alerts that were in a fault; `None` before the first.
    pub precision: Option<f64>,
    /// Mean events to the alert; `None` before the first.
    pub delay: Option<f64>,
    /// Alerts in no fault, per 10,000 events in none.
    pub false_per_10_000: f64,
    /// By kind of fault: name, how many there were, how many were found.
    pub kinds: Vec<(String, u64, u64)>,
}

/// How forecasts at one horizon turned out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForecastStatus {
    /// Events ahead.
    pub horizon: u32,
    /// Forecasts whose time has come.
    pub matured: u64,
    /// Part of values inside their interval, wanted to be 0.9; `None` before the first.
    pub coverage: Option<f64>,
}
