//! What a query says.

use super::GroupKey;
use crate::aggregate::Value;
use crate::window::Interval;
use serde::{Deserialize, Serialize};

/// One window of one group.
#[derive(Debug, Clone, PartialEq)]
pub struct WindowResult {
    /// Its place.
    pub interval: Interval,
    /// The group's values, in the order of the query's fields.
    pub group: GroupKey,
    /// One value per aggregate.
    pub values: Vec<Value>,
    /// How far it can be relied on.
    pub status: Status,
}

/// How far a result can be relied on.
#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// The window still takes events in time.
    Provisional,
    /// The watermark has passed the window's end.
    Final,
    /// A late event, within the allowed lateness, changed what was said before. A session may replace several.
    Revised(Vec<Was>),
}

/// What a revised result was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Was {
    /// Its place.
    pub interval: Interval,
    /// One value per aggregate.
    pub values: Vec<Value>,
}

/// Which results a query gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emit {
    /// One for each window and group, once no event can change it, in order of end, start and group.
    Closed,
    /// Every change: final results at the watermark, then revised ones.
    Changes,
}
