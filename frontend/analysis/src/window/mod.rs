//! Windows: half-open intervals `[start, end)` of event time.
//!
//! Contract of every kind: ends are exclusive, and times at the edge of the 64-bit range (the years 1677 and 2262)
//! saturate rather than wrap. Tumbling and hopping windows depend on an event's time alone; a session depends on the
//! times of its group's other events.

mod hopping;
mod session;
mod shared;
mod tumbling;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use spate_shared::time::{self, Nanos};

pub use hopping::Hopping;
pub use session::Session;
pub use shared::Shared;
pub use tumbling::Tumbling;

/// One kind of window.
#[derive(Debug, Clone, Copy)]
pub struct WindowKind {
    /// Name in queries.
    pub name: &'static str,
    /// What follows the name.
    pub form: &'static str,
    /// One line for forms and help.
    pub doc: &'static str,
    parse: fn(&str) -> Result<Window, WindowError>,
}

/// All kinds.
pub const WINDOWS: &[WindowKind] = &[tumbling::KIND, hopping::KIND, session::KIND];

/// Which windows a query has.
///
/// ```
/// use spate_analysis::window::Window;
/// let window: Window = "hopping 10m/1m".parse().unwrap();
/// assert_eq!(window.to_string(), "hopping 10m/1m");
/// assert!("hopping 10m".parse::<Window>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Window {
    /// Adjoining windows.
    Tumbling(Tumbling),
    /// Windows that overlap or leave gaps.
    Hopping(Hopping),
    /// Windows that last as long as events follow each other.
    Session(Session),
}

impl FromStr for Window {
    type Err = WindowError;

    fn from_str(text: &str) -> Result<Self, WindowError> {
        let (name, rest) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
        let kind = WINDOWS.iter().find(|kind| kind.name == name);
        (kind.ok_or_else(|| WindowError::Kind(name.to_owned()))?.parse)(rest.trim())
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tumbling(window) => window.fmt(f),
            Self::Hopping(window) => window.fmt(f),
            Self::Session(window) => window.fmt(f),
        }
    }
}

impl Window {
    /// The part of a window's interval that is in no earlier window: all of it, or the last slide of one that overlaps.
    ///
    /// Drawn over this part, the results of overlapping windows stand side by side.
    pub fn own_part(&self, interval: Interval) -> Interval {
        let Self::Hopping(hopping) = self else { return interval };
        Interval { start: interval.end.saturating_sub(hopping.slide()).max(interval.start), ..interval }
    }

    /// Whether windows begin where the one before ends, so that one without a result had no events.
    pub fn adjoin(&self) -> bool {
        match self {
            Self::Tumbling(_) => true,
            Self::Hopping(hopping) => hopping.slide() <= hopping.width(),
            Self::Session(_) => false,
        }
    }
}

impl TryFrom<String> for Window {
    type Error = WindowError;

    fn try_from(text: String) -> Result<Self, WindowError> {
        text.parse()
    }
}

impl From<Window> for String {
    fn from(window: Window) -> Self {
        window.to_string()
    }
}

/// A window's place in event time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Interval {
    /// First time inside.
    pub start: Nanos,
    /// First time after.
    pub end: Nanos,
}

impl Interval {
    /// Seconds from start to end.
    pub fn seconds(&self) -> f64 {
        (i128::from(self.end) - i128::from(self.start)) as f64 / time::SECOND as f64
    }
}

/// Why a window cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WindowError {
    /// A width of nothing.
    #[error("window width must be more than 0, got {0} ns")]
    Width(Nanos),
    /// A slide of nothing.
    #[error("window slide must be more than 0, got {0} ns")]
    Slide(Nanos),
    /// Too many panes in a window.
    #[error(
        "a window of {width} that slides by {slide} is made of {panes} panes, at most {most} are allowed: choose a slide that divides the width, or a larger one",
        width = time::format_duration(*width), slide = time::format_duration(*slide), most = hopping::MAX_PANES
    )]
    Panes {
        /// Nanoseconds from start to end.
        width: Nanos,
        /// Nanoseconds from start to start.
        slide: Nanos,
        /// What the window would be cut into.
        panes: Nanos,
    },
    /// A gap of nothing.
    #[error("session gap must be more than 0, got {0} ns")]
    Gap(Nanos),
    /// Not a kind of window.
    #[error("no window is called {0:?}: choose one of {forms}", forms = forms())]
    Kind(String),
    /// The kind is right, what follows is not.
    #[error("a {kind} window is written '{kind} {form}': {why}")]
    Form {
        /// Name of the kind.
        kind: &'static str,
        /// What should follow it.
        form: &'static str,
        /// What is wrong.
        why: String,
    },
}

fn forms() -> String {
    let forms: Vec<String> = WINDOWS.iter().map(|kind| format!("'{} {}'", kind.name, kind.form)).collect();
    forms.join(", ")
}

fn saturate(time: i128) -> Nanos {
    time.clamp(i128::from(Nanos::MIN), i128::from(Nanos::MAX)) as Nanos
}

/// A duration, and after a `+` the offset of the alignment.
fn parse_aligned(kind: &WindowKind, text: &str) -> Result<(String, Nanos), WindowError> {
    match text.split_once('+') {
        Some((before, offset)) => Ok((before.trim().to_owned(), parse_duration(kind, offset)?)),
        None => Ok((text.to_owned(), 0)),
    }
}

fn parse_duration(kind: &WindowKind, text: &str) -> Result<Nanos, WindowError> {
    let form =
        |why: time::TimeError| WindowError::Form { kind: kind.name, form: kind.form, why: why.to_string() };
    time::parse_duration(text.trim()).map_err(form)
}

fn write_offset(f: &mut fmt::Formatter<'_>, offset: Nanos) -> fmt::Result {
    if offset == 0 { Ok(()) } else { write!(f, " + {}", time::format_duration(offset)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_window_reads_back_as_it_is_written() {
        for text in
            ["tumbling 1m", "tumbling 1d + 6h", "hopping 10m/1m", "hopping 1m/5m + 30s", "session 30s"]
        {
            assert_eq!(text.parse::<Window>().expect(text).to_string(), text);
        }
    }

    #[test]
    fn what_is_no_window_is_refused_with_the_choices() {
        for (text, says) in [
            ("sliding 1m", "choose one of 'tumbling WIDTH"),
            ("tumbling", "written 'tumbling WIDTH [+ OFFSET]'"),
            ("tumbling 0s", "more than 0"),
            ("hopping 1m", "WIDTH/SLIDE"),
            ("hopping 1m/0s", "slide must be more than 0"),
            ("hopping 1d/7ns", "at most 10000"),
            ("session 0s", "gap must be more than 0"),
            ("session soon", "not a duration"),
        ] {
            let message = text.parse::<Window>().expect_err(text).to_string();
            assert!(message.contains(says), "{text}: {message}");
        }
    }
}
