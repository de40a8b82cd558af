//! What a subscription may ask of an event: equality and ranges, nothing that has to be computed.

use serde::{Deserialize, Deserializer, Serialize, de};

/// One thing that an event must meet. An event that lacks the field does not meet it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The field's name.
    pub field: String,
    /// What must be true of its value.
    pub is: Test,
}

/// What must be true of a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Test {
    /// It is one of these, written out: a text, `true` or `false`, an integer. Not for `f64` and `timestamp`.
    AnyOf(#[serde(deserialize_with = "super::sequence")] Vec<String>),
    /// It is a number or a timestamp of at least `min` and at most `max`. A timestamp is compared in nanoseconds.
    Between {
        /// Finite; `None` is no bound.
        #[serde(default, deserialize_with = "finite")]
        min: Option<f64>,
        /// Finite; `None` is no bound.
        #[serde(default, deserialize_with = "finite")]
        max: Option<f64>,
    },
}

/// Bounds that were read are finite, so equality is total.
impl Eq for Test {}

fn finite<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let bound = Option::<f64>::deserialize(deserializer)?;
    match bound {
        Some(number) if !number.is_finite() => {
            Err(de::Error::invalid_value(de::Unexpected::Float(number), &"a finite bound"))
        }
        bound => Ok(bound),
    }
}
