//! A query as people and programs write it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use spate_shared::time::Nanos;

use super::Dedup;
use crate::aggregate::Call;
use crate::step::Step;
use crate::window::Window;

/// What is asked of a stream. As JSON every part is written as on the command line:
///
/// ```
/// use spate_analysis::query::QuerySpec;
/// let spec: QuerySpec = serde_json::from_str(r#"{
///     "by": ["host"], "window": "tumbling 1m", "agg": ["count", "p95(ms)"],
///     "where": "ms > 0", "derive": ["ms = seconds * 1000"], "watermark": "5s", "lateness": "10s"
/// }"#).unwrap();
/// assert_eq!(spec.agg[1].to_string(), "p95(ms)");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuerySpec {
    /// Name of the event time; the stream's own when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// Fields to group by, in the order of the results' columns.
    #[serde(default)]
    pub by: Vec<String>,
    /// The windows.
    pub window: Window,
    /// More windows over the same events, tumbling or hopping: they cost little, as all share their panes. A live query
    /// has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Window>,
    /// The columns of the results.
    pub agg: Vec<Call>,
    /// What is done to events before anything else, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    /// The tables that steps look values up in, by name: CSV with a header, or JSON.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tables: BTreeMap<String, String>,
    /// Fields computed for each event, `name = expression`; each may use those before it.
    #[serde(default)]
    pub derive: Vec<String>,
    /// An expression that an event must make true to be received.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Events that come twice are taken once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dedup: Option<Dedup>,
    /// How far behind the latest event another may be without being out of order, nanoseconds.
    #[serde(default, with = "duration")]
    pub watermark: Nanos,
    /// How long after the watermark a window still takes events, nanoseconds.
    #[serde(default, with = "duration")]
    pub lateness: Nanos,
    /// How far after the latest event, and the time of arrival where it is known, another may be, nanoseconds: beyond,
    /// it is rejected, so that a wrong clock does not close windows. Ten such events in a row are believed: the stream
    /// has jumped. No bound when left out.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_duration")]
    pub ahead: Option<Nanos>,
    /// Processing time without an event after which the watermark reaches the latest event, nanoseconds. A live query
    /// takes its stream's when left out; a file has no processing time.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "optional_duration")]
    pub idle: Option<Nanos>,
    /// Most groups with an open window; events of further ones are shed.
    #[serde(default = "default_max_groups")]
    pub max_groups: usize,
}

/// The bound on groups when none is given.
pub const DEFAULT_MAX_GROUPS: usize = 100_000;

fn default_max_groups() -> usize {
    DEFAULT_MAX_GROUPS
}

/// Durations as text, such as `"5s"`.
mod duration {
    use serde::{Deserialize, Deserializer, Serializer, de};
    use spate_shared::time::{self, Nanos};

    pub(super) fn serialize<N: Copy + Into<Nanos>, S: Serializer>(
        nanos: &N,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        to.serialize_str(&time::format_duration((*nanos).into()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Nanos, D::Error> {
        time::parse_duration(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// A duration as text, or none.
#[expect(clippy::ref_option, reason = "serde's signature")]
mod optional_duration {
    use serde::{Deserializer, Serializer};
    use spate_shared::time::Nanos;

    pub(super) fn serialize<S: Serializer>(nanos: &Option<Nanos>, serializer: S) -> Result<S::Ok, S::Error> {
        match nanos {
            Some(nanos) => super::duration::serialize(nanos, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Nanos>, D::Error> {
        super::duration::deserialize(deserializer).map(Some)
    }
}
