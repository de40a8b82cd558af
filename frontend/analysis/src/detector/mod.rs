//! Detectors: how unusual a value is, given only what came before it.
//!
//! Contract of every detector:
//! - It scores a value first and learns from it afterwards; nothing later changes a score.
//! - The score is the estimated probability that a value of this series is less unusual than this one: 0.999 means
//!   that one value in a thousand is this unusual. The same number means the same rarity on every series.
//! - The expected band holds 95 % of values by the same estimate.
//! - The evidence is the detector's own measure of what is worth an alert; it alerts when that reaches its level.
//! - Every alert has a reason.
//! - It is deterministic, uses a bounded number of bytes, and gives the same answers however a series is cut into
//!   batches.
//! - A value that is not finite has no verdict and leaves no trace; missing values are not passed.
//! - A frozen detector goes on scoring by what it knew: it follows the latest events, and learns nothing from them.
//! - A snapshot restores to a detector that goes on as if nothing had happened.

#[cfg(test)]
#[cfg(feature = "checkpoint")]
mod conformance;
mod consensus;
mod cusum;
mod cut_forest;
mod evidence;
mod ewma;
mod forest;
mod half_space;
mod input;
mod limits;
mod missing;
mod ranked;
mod reason;
mod record;
mod reference;
mod robust_z;
mod scale;
mod seasonal;
mod settings;
mod snapshot;
mod sorted;
mod spectral;
mod tail;
mod usual;

use serde::{Deserialize, Serialize};

pub use forest::Forest;
pub use input::{Input, Rows};
pub use reason::{Feature, Limit, Reason, Season};
pub use settings::{Parameter, SettingError, Settings, Text, TextParameter};
#[cfg(feature = "checkpoint")]
pub use snapshot::SnapshotError;
pub(crate) use snapshot::hash;

/// One kind of detector.
#[derive(Debug, Clone, Copy)]
pub struct DetectorKind {
    /// Name in queries.
    pub name: &'static str,
    /// One line for forms and help.
    pub doc: &'static str,
    /// What of it can be set; the first is the evidence at which a value alerts.
    pub parameters: &'static [Parameter],
    /// What of it is set by words.
    pub texts: &'static [TextParameter],
    /// Whether it looks at all measures it is given, and not only at the first.
    pub is_multivariate: bool,
    /// Most bytes one holds, at its defaults.
    pub most_bytes: usize,
    /// Makes one for a series.
    pub build: fn(&Settings) -> Box<dyn Detector>,
}

/// Kinds are the lines of one table: equal names, equal kinds.
impl PartialEq for DetectorKind {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// All detectors; the first is the default.
pub const DETECTORS: &[DetectorKind] = &[
    record::LIGHT,
    record::HEAVY,
    robust_z::KIND,
    seasonal::KIND,
    ewma::KIND,
    cusum::KIND,
    limits::KIND,
    missing::KIND,
    spectral::KIND,
    half_space::KIND,
    cut_forest::KIND,
    forest::KIND,
    consensus::KIND,
];

/// The detector a series gets when nothing says otherwise.
pub fn default_detector() -> Box<dyn Detector> {
    Settings::new(&DETECTORS[0]).build()
}

/// The detector of a name.
pub fn find(name: &str) -> Option<&'static DetectorKind> {
    DETECTORS.iter().find(|kind| kind.name == name)
}

/// Scores the events of one series in order of arrival.
pub trait Detector: Send {
    /// Scores an event whose values are finite, then learns from it, if it may.
    fn observe(&mut self, input: Input<'_>) -> Verdict;

    /// Scores rows in order, appending one verdict each to `out`.
    fn score(&mut self, rows: Rows<'_>, out: &mut Vec<Verdict>) {
        for input in rows.inputs() {
            out.push(if input.is_finite() { self.observe(input) } else { Verdict::NONE });
        }
    }

    /// Values still to come before the first score; 0 once it scores.
    fn warm_up(&self) -> u32;

    /// Bytes it holds, its own size included.
    fn state_bytes(&self) -> usize;

    /// Everything it has learned, for a detector of the same settings.
    #[cfg(feature = "checkpoint")]
    fn snapshot(&self) -> Vec<u8>;

    /// Goes on from a snapshot of a detector of the same settings.
    ///
    /// # Errors
    /// [`SnapshotError`] when the bytes are none; nothing changes then.
    #[cfg(feature = "checkpoint")]
    fn restore(&mut self, bytes: &[u8]) -> Result<(), SnapshotError>;
}

/// Says only that it is one: writing the state of every detector as text would be a fiftieth of the worker.
impl std::fmt::Debug for dyn Detector + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Detector")
    }
}

/// What a detector says of one value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// 0 to 1; NaN while warming up.
    pub score: f64,
    /// Lower end of the expected band; NaN while warming up.
    pub lower: f64,
    /// Upper end of the expected band; NaN while warming up.
    pub upper: f64,
    /// What the alert level is compared with, 0 or more; NaN while warming up.
    pub evidence: f64,
    /// The evidence that makes an alert; NaN while warming up.
    pub level: f64,
    /// Whether it is unusual enough to tell somebody.
    pub alert: bool,
    /// What the evidence rests on.
    pub reason: Reason,
}

impl Verdict {
    /// No verdict: the detector has not seen enough, or the value is not finite.
    pub const NONE: Self = Self {
        score: f64::NAN,
        lower: f64::NAN,
        upper: f64::NAN,
        evidence: f64::NAN,
        level: f64::NAN,
        alert: false,
        reason: Reason::Ordinary,
    };
}
