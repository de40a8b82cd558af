//! Faults put into a series on purpose, from a seed, to see which detectors find them.
//!
//! A fault's size is told in standard deviations of the series so far, its length in events. What was changed is known
//! exactly: [`Fault`]s are the truth that a [`Board`] holds detectors against. Whatever shows such events says so.

mod board;
mod injector;

pub use board::{Board, Line};
pub use injector::{Change, Injector};

use serde::{Deserialize, Serialize};
use spate_shared::time::Nanos;

/// One kind of fault.
#[derive(Debug, Clone, Copy)]
pub struct FaultKind {
    /// Name in options and queries.
    pub name: &'static str,
    /// One line for forms and help.
    pub doc: &'static str,
    /// Least and most events it lasts.
    pub events: (usize, usize),
}

/// All kinds of faults.
pub const FAULTS: &[FaultKind] = &[
    FaultKind { name: "spike", doc: "one or two values six deviations off", events: (1, 2) },
    FaultKind { name: "dip", doc: "a few values five deviations below", events: (3, 10) },
    FaultKind { name: "shift", doc: "three deviations off for a while", events: (50, 150) },
    FaultKind { name: "drift", doc: "away by four deviations, little by little", events: (100, 200) },
    FaultKind { name: "variance", doc: "scattered by two and a half deviations more", events: (50, 150) },
    FaultKind { name: "no-season", doc: "flat where the series would go on", events: (60, 160) },
    FaultKind { name: "dropout", doc: "values missing", events: (20, 60) },
    FaultKind { name: "disorder", doc: "values arrive in another order", events: (20, 40) },
];

/// Which faults to put in, and how many.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaultSpec {
    /// What draws begin with; the same seed and series give the same faults.
    pub seed: u64,
    /// Names of kinds in [`FAULTS`]; all when empty.
    pub kinds: Vec<String>,
    /// Part of events that are to lie in faults, above 0 to 0.5.
    pub part: f64,
    /// Events before the first fault.
    pub after: u64,
}

/// Why faults cannot be put in.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FaultError {
    /// No such kind.
    #[error("no fault {name:?}; there are {known}")]
    Unknown {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// Too many or none.
    #[error("the part of events in faults is a number above 0 up to 0.5, not {part}")]
    Part {
        /// What was asked for.
        part: f64,
    },
}

impl Default for FaultSpec {
    fn default() -> Self {
        Self { seed: 1, kinds: Vec::new(), part: 0.05, after: 300 }
    }
}

impl FaultSpec {
    /// Whether it can be done.
    ///
    /// # Errors
    /// [`FaultError`] naming what there is instead.
    pub fn check(&self) -> Result<(), FaultError> {
        let known = |name: &str| FAULTS.iter().any(|kind| kind.name == name);
        if let Some(name) = self.kinds.iter().find(|name| !known(name)) {
            let known = FAULTS.iter().map(|kind| kind.name).collect::<Vec<_>>().join(", ");
            return Err(FaultError::Unknown { name: name.clone(), known });
        }
        if self.part > 0.0 && self.part <= 0.5 { Ok(()) } else { Err(FaultError::Part { part: self.part }) }
    }
}

/// A fault that was put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Index in [`FAULTS`].
    pub kind: usize,
    /// First and last of its events, counted from 0 over the series.
    pub events: (u64, u64),
    /// Event time of the first and the last.
    pub span: (Nanos, Nanos),
}
