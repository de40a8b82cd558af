//! Decision records: all that an alert rests on, enough to compute it again anywhere.
//!
//! Events are numbered from 0 with the first that the stream ever received. The digest covers everything else in the
//! record: equal digests, equal decisions.

use serde::{Deserialize, Serialize};
use spate_shared::time::{self, Nanos};
use thiserror::Error;

use crate::checkpoint::pack;
use crate::detector::{self, Reason, SettingError, Settings, Text, Verdict};

/// The engine that decides.
pub const ENGINE: &str = concat!("spate ", env!("CARGO_PKG_VERSION"));

/// Which detector judged, and what it had seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// Its name.
    pub detector: String,
    /// All its parameters: `level=0.08`.
    pub parameters: String,
    /// Hash of both, in hexadecimal digits.
    pub parameter_hash: String,
    /// Further measures it looks at.
    pub with: Vec<String>,
    /// Number of the first event it could learn from.
    pub since: u64,
    /// Numbers of the first event and of that after the last in which it learned nothing.
    pub frozen: Vec<(u64, u64)>,
}

/// What is decided about: a series of a stream, and how that is analysed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// The stream.
    pub stream: String,
    /// The measure.
    pub measure: String,
    /// The dimension values, joined; empty without dimensions.
    pub group: String,
    /// Width of the stream's windows, and for how long after them events are not late, in nanoseconds.
    pub window: Nanos,
    /// See `window`.
    pub lateness: Nanos,
    /// How far behind the head an event may be, in nanoseconds.
    pub out_of_orderness: Nanos,
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Name and version of the engine.
    pub engine: String,
    /// About what.
    pub subject: Subject,
    /// By what.
    pub basis: Basis,
    /// Number of the event that it is about.
    pub number: u64,
    /// Its event time.
    pub time: Nanos,
    /// Its value.
    pub value: f64,
    /// 0 to 1: the part of values that are less unusual.
    pub score: f64,
    /// What the detector compares with its level.
    pub evidence: f64,
    /// The level.
    pub level: f64,
    /// The band that was expected to hold 95 % of values.
    pub expected: (f64, f64),
    /// What the evidence rests on, as data.
    pub reason: Reason,
    /// The same in words.
    pub words: String,
    /// Hash of all of the above, in hexadecimal digits.
    pub digest: String,
}

/// Why a decision cannot be computed again.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Unexplained {
    /// There is no such alert.
    #[error("there is no alert {0} any more: only the latest are kept")]
    NoAlert(u64),
    /// There is no such series.
    #[error("there is no series {measure:?} {group:?} in {stream:?}")]
    NoSeries {
        /// The stream.
        stream: String,
        /// The measure.
        measure: String,
        /// The group.
        group: String,
    },
    /// The events it rests on were let go.
    #[error(
        "it rests on events from number {since} on, and those before {held} are no longer held: recompute it from a recording"
    )]
    NotHeld {
        /// The first it rests on.
        since: u64,
        /// The first held.
        held: u64,
    },
    /// The event has no verdict here.
    #[error("event {0} has no verdict here: it is not there, or was late or rejected")]
    NoVerdict(u64),
    /// The detector is not to be had.
    #[error("no detector {0:?}; the record is of another version of this program")]
    Detector(String),
    /// Its parameters are not to be had.
    #[error(transparent)]
    Settings(#[from] SettingError),
    /// It used a model that is not at hand.
    #[error("it used a model that is not at hand: {0}")]
    Model(String),
}

impl Basis {
    /// Of a detector that begins with the event of a number.
    pub fn new(settings: &Settings, with: &[String], since: u64) -> Self {
        Self {
            detector: settings.kind().name.to_owned(),
            parameters: settings.words(),
            parameter_hash: format!("{:016x}", settings.hash()),
            with: with.to_vec(),
            since,
            frozen: Vec::new(),
        }
    }

    /// Whether events of a number are learned from.
    pub fn learns(&self, number: u64) -> bool {
        !self.frozen.iter().any(|(from, to)| (*from..*to).contains(&number))
    }

    /// The settings it tells; a model is taken from `models`, which is not told.
    ///
    /// # Errors
    /// [`Unexplained`] when this program has no such detector, parameter or model.
    pub fn settings(&self, models: &[&Settings]) -> Result<Settings, Unexplained> {
        let kind =
            detector::find(&self.detector).ok_or_else(|| Unexplained::Detector(self.detector.clone()))?;
        if kind.texts.iter().any(|text| text.is_file) {
            let same =
                models.iter().find(|settings| format!("{:016x}", settings.hash()) == self.parameter_hash);
            let is_model = |text: &Text| matches!(text, Text::Forest(_));
            return same
                .filter(|settings| kind.texts.iter().any(|text| is_model(settings.text(text.name))))
                .map(|settings| (*settings).clone())
                .ok_or_else(|| Unexplained::Model(self.parameters.clone()));
        }
        let mut settings = Settings::new(kind);
        for setting in self.parameters.split(' ').filter(|setting| !setting.is_empty()) {
            let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
            settings.set(name, value)?;
        }
        Ok(settings)
    }
}

impl Decision {
    /// What a detector's verdict on one event says.
    pub fn new(
        subject: Subject,
        basis: Basis,
        number: u64,
        (time, value): (Nanos, f64),
        verdict: &Verdict,
    ) -> Self {
        let mut decision = Self {
            engine: ENGINE.to_owned(),
            subject,
            basis,
            number,
            time,
            value,
            score: verdict.score,
            evidence: verdict.evidence,
            level: verdict.level,
            expected: (verdict.lower, verdict.upper),
            reason: verdict.reason,
            words: verdict.reason.words(),
            digest: String::new(),
        };
        decision.digest = decision.computed_digest();
        decision
    }

    /// What to show people: name and value, in order.
    pub fn lines(&self) -> [(&'static str, String); 12] {
        let Self { subject, basis, .. } = self;
        let series = if subject.group.is_empty() { String::new() } else { format!(" · {}", subject.group) };
        [
            ("series", format!("{} · {}{series}", subject.stream, subject.measure)),
            ("event", format!("{} of the stream, at {}", self.number, time::format(self.time))),
            ("value", self.value.to_string()),
            ("expected", format!("{} to {}", self.expected.0, self.expected.1)),
            ("score", self.score.to_string()),
            ("evidence", format!("{} (alerts from {})", self.evidence, self.level)),
            ("why", self.words.clone()),
            ("detector", format!("{} {}", basis.detector, basis.parameters)),
            ("parameter hash", basis.parameter_hash.clone()),
            ("learned from", format!("event {} on", basis.since)),
            ("engine", self.engine.clone()),
            ("digest", self.digest.clone()),
        ]
    }

    /// The digest of what it holds; another than [`Decision::digest`] when it was altered.
    pub fn computed_digest(&self) -> String {
        let bytes = pack(&Self { digest: String::new(), ..self.clone() });
        format!("{:016x}", detector::hash(&bytes))
    }
}
