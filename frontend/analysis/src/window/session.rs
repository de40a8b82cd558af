//! Sessions: windows that last as long as a group's events follow each other within a gap.
//!
//! # Source
//! T. Akidau et al., "The Dataflow Model", VLDB 2015, §2.2 (sessions).

use std::fmt;

use spate_shared::time::{self, Nanos};

use super::{Interval, Window, WindowError, WindowKind, parse_duration};

pub(super) const KIND: WindowKind = WindowKind {
    name: "session",
    form: "GAP",
    doc: "As long as a group's events follow each other within GAP; an event that bridges two sessions makes them one.",
    parse: |text| Session::new(parse_duration(&KIND, text)?).map(Window::Session),
};

/// Windows `[first event, last event + gap)`, one run of events of one group each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    gap: Nanos,
}

impl Session {
    /// Sessions that end `gap` nanoseconds after their last event.
    ///
    /// # Errors
    /// [`WindowError::Gap`] unless `gap` is positive.
    pub fn new(gap: Nanos) -> Result<Self, WindowError> {
        if gap <= 0 { Err(WindowError::Gap(gap)) } else { Ok(Self { gap }) }
    }

    /// The session of an event that is alone.
    pub fn of(&self, time: Nanos) -> Interval {
        Interval { start: time, end: time.saturating_add(self.gap) }
    }
}

impl fmt::Display for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "session {}", time::format_duration(self.gap))
    }
}
