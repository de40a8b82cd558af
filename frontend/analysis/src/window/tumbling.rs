//! Tumbling windows: one after the other, each as wide as the next, none overlapping.
//!
//! # Source
//! T. Akidau et al., "The Dataflow Model", VLDB 2015, §2.2 (fixed windows).

use std::fmt;

use serde::{Deserialize, Serialize};
use spate_shared::time::{self, Nanos};

use super::{
    Interval, Window, WindowError, WindowKind, parse_aligned, parse_duration, saturate, write_offset,
};

pub(super) const KIND: WindowKind = WindowKind {
    name: "tumbling",
    form: "WIDTH [+ OFFSET]",
    doc: "Equal, adjoining windows: every event falls into exactly one.",
    parse: |text| {
        let (width, offset) = parse_aligned(&KIND, text)?;
        Tumbling::new(parse_duration(&KIND, &width)?, offset).map(Window::Tumbling)
    },
};

/// Windows `[k width + offset, (k + 1) width + offset)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(Nanos, Nanos)", into = "(Nanos, Nanos)")]
pub struct Tumbling {
    width: Nanos,
    offset: Nanos,
}

impl TryFrom<(Nanos, Nanos)> for Tumbling {
    type Error = WindowError;

    fn try_from((width, offset): (Nanos, Nanos)) -> Result<Self, WindowError> {
        Self::new(width, offset)
    }
}

impl From<Tumbling> for (Nanos, Nanos) {
    fn from(tumbling: Tumbling) -> Self {
        (tumbling.width, tumbling.offset)
    }
}

impl Tumbling {
    /// Windows of `width` nanoseconds, aligned to 1970-01-01 UTC plus `offset`.
    ///
    /// # Errors
    /// [`WindowError::Width`] unless `width` is positive.
    pub fn new(width: Nanos, offset: Nanos) -> Result<Self, WindowError> {
        if width <= 0 {
            Err(WindowError::Width(width))
        } else {
            Ok(Self { width, offset: offset.rem_euclid(width) })
        }
    }

    /// Windows of `width` nanoseconds aligned to 1970-01-01 UTC; a width below 1 acts as 1.
    pub fn aligned(width: Nanos) -> Self {
        Self { width: width.max(1), offset: 0 }
    }

    /// The same windows, all `offset` nanoseconds later.
    pub(super) fn shifted(self, offset: Nanos) -> Self {
        Self { offset: offset.rem_euclid(self.width), ..self }
    }

    /// Nanoseconds from start to end.
    pub fn width(&self) -> Nanos {
        self.width
    }

    /// The window that holds `time`.
    pub fn assign(&self, time: Nanos) -> Interval {
        let into = i128::from(time) - i128::from(self.offset);
        let start = i128::from(time) - into.rem_euclid(i128::from(self.width));
        Interval { start: saturate(start), end: saturate(start + i128::from(self.width)) }
    }
}

impl fmt::Display for Tumbling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tumbling {}", time::format_duration(self.width))?;
        write_offset(f, self.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ends_are_exclusive_and_negative_times_floor() {
        let windows = Tumbling::new(10, 0).expect("valid");
        for (time, start) in [(0, 0), (9, 0), (10, 10), (-1, -10), (-10, -10)] {
            assert_eq!(windows.assign(time), Interval { start, end: start + 10 }, "{time}");
        }
    }

    #[test]
    fn a_width_of_nothing_is_refused() {
        assert_eq!(Tumbling::new(0, 0), Err(WindowError::Width(0)));
        assert!(Tumbling::new(-5, 0).is_err());
    }

    proptest! {
        #[test]
        fn every_time_lies_in_its_window(time: i64, width in 1..i64::MAX, offset: i64) {
            let window = Tumbling::new(width, offset).expect("valid").assign(time);
            prop_assert!(window.start <= time);
            prop_assert!(time < window.end || window.end == i64::MAX);
        }
    }
}
