//! `[batch]`: how long events wait to be sent together.

use std::fmt;

use serde::{Deserialize, Deserializer, de};
use spate_shared::time::{self, MILLISECOND, SECOND};

use crate::log::Pace;

/// How batches are sealed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BatchConfig {
    /// Shortest time between two seals of a busy stream.
    #[serde(deserialize_with = "pace")]
    pub interval: Pace,
}

fn pace<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Pace, D::Error> {
    deserializer.deserialize_str(PaceVisitor)
}

struct PaceVisitor;

impl de::Visitor<'_> for PaceVisitor {
    type Value = Pace;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("\"adaptive\", \"immediate\", or a duration from \"1ms\" to \"1s\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Pace, E> {
        match text {
            "adaptive" => Ok(Pace::Adaptive),
            "immediate" => Ok(Pace::Immediate),
            duration => match time::parse_duration(duration) {
                Ok(interval @ MILLISECOND..=SECOND) => Ok(Pace::Every(interval)),
                _ => Err(E::invalid_value(de::Unexpected::Str(duration), &self)),
            },
        }
    }
}
