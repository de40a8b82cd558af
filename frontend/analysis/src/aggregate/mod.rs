//! Aggregates: what a window says about its values.
//!
//! Contract of all: a missing value is in no aggregate but `count()`, which counts events. Values are finite, since an
//! event with a NaN or an infinity in a field that is used is rejected whole, see [`crate::Counts::rejected`]. A window
//! with too few values says nothing ([`Value::Missing`]), never 0 or NaN. Everything merges across panes. Aggregates
//! of one field share one [`Accumulator`], so one more of them costs little.

use serde::{Deserialize, Serialize};

mod accumulator;
mod call;
mod distinct;
mod quantiles;
mod table;
mod top;

pub use accumulator::{Accumulator, Parts};
pub use call::{Call, CallError};
pub use distinct::{Distinct, hash};
pub use quantiles::{Bucket, Quantiles};
pub use table::AGGREGATES;
pub use top::Top;

/// One aggregate.
#[derive(Debug, Clone, Copy)]
pub struct Aggregate {
    /// Name in queries; `pN` and `topN` stand for a number in the name.
    pub name: &'static str,
    /// What it is given.
    pub takes: Takes,
    /// One line for forms and help.
    pub doc: &'static str,
    /// Whether its value is in the unit of its field.
    pub has_unit: bool,
    /// What its accumulators must keep for a number in the name.
    pub parts: fn(f64) -> Parts,
    /// Its value.
    pub value: fn(&Window<'_>) -> Value,
}

/// What an aggregate is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// One number field, or nothing: then it is about the events.
    NumberOrNothing,
    /// One number field.
    Number,
    /// Two number fields.
    TwoNumbers,
    /// Any field, as text.
    Label,
}

/// What an aggregate sees of a window.
#[derive(Debug, Clone, Copy)]
pub struct Window<'a> {
    /// Events, whether or not their values are missing.
    pub events: u64,
    /// The field's values; `None` when the aggregate is about the events.
    pub values: Option<&'a Accumulator>,
    /// The second field's values.
    pub others: Option<&'a Accumulator>,
    /// Seconds from the window's start to its end.
    pub seconds: f64,
    /// The number in the aggregate's name, 0 without one.
    pub number: f64,
}

/// What an aggregate says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// There are too few values.
    Missing,
    /// A count.
    Count(u64),
    /// A number; infinite only when a sum overflows.
    Number(f64),
    /// Labels with their counts, most frequent first.
    Labels(Vec<(String, u64)>),
    /// Ranges with their counts, least first; those without values are left out.
    Buckets(Vec<Bucket>),
}

impl From<Option<f64>> for Value {
    fn from(number: Option<f64>) -> Self {
        number.map_or(Self::Missing, Self::Number)
    }
}
