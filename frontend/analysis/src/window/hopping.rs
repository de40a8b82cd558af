//! Hopping windows: equal windows that start every slide, and so overlap or leave gaps.
//!
//! # Source
//! T. Akidau et al., "The Dataflow Model", VLDB 2015, §2.2 (sliding windows); panes: J. Li et al., "No Pane, No
//! Gain", SIGMOD Record 34, 2005.

use std::fmt;

use spate_shared::time::{self, Nanos};

use super::{
    Interval, Tumbling, Window, WindowError, WindowKind, parse_aligned, parse_duration, saturate,
    write_offset,
};

pub(super) const KIND: WindowKind = WindowKind {
    name: "hopping",
    form: "WIDTH/SLIDE [+ OFFSET]",
    doc: "Equal windows that start every SLIDE: they overlap when it is below WIDTH; above, events between two windows are in none.",
    parse: |text| {
        let (sizes, offset) = parse_aligned(&KIND, text)?;
        let why = || "it needs two durations with a / between".to_owned();
        let (width, slide) = sizes.split_once('/').ok_or_else(|| WindowError::Form {
            kind: KIND.name,
            form: KIND.form,
            why: why(),
        })?;
        let (width, slide) = (parse_duration(&KIND, width)?, parse_duration(&KIND, slide)?);
        Hopping::new(width, slide, offset).map(Window::Hopping)
    },
};

/// Most panes in one window.
pub(super) const MAX_PANES: Nanos = 10_000;

/// Windows `[k slide + offset, k slide + offset + width)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hopping {
    width: Nanos,
    slide: Nanos,
    offset: Nanos,
}

impl From<Tumbling> for Hopping {
    fn from(tumbling: Tumbling) -> Self {
        Self { width: tumbling.width(), slide: tumbling.width(), offset: tumbling.assign(0).start }
    }
}

impl Hopping {
    /// Windows of `width` nanoseconds that start every `slide`, aligned to 1970-01-01 UTC plus `offset`.
    ///
    /// # Errors
    /// [`WindowError::Width`] and [`WindowError::Slide`] unless both are positive; [`WindowError::Panes`] when a
    /// window would be made of more than 10,000 panes.
    pub fn new(width: Nanos, slide: Nanos, offset: Nanos) -> Result<Self, WindowError> {
        if width <= 0 {
            return Err(WindowError::Width(width));
        }
        if slide <= 0 {
            return Err(WindowError::Slide(slide));
        }
        let panes = width / gcd(width, slide);
        if panes > MAX_PANES {
            return Err(WindowError::Panes { width, slide, panes });
        }
        Ok(Self { width, slide, offset: offset.rem_euclid(slide) })
    }

    /// Nanoseconds from start to end.
    pub fn width(&self) -> Nanos {
        self.width
    }

    /// Nanoseconds from one window's start to the next one's.
    pub fn slide(&self) -> Nanos {
        self.slide
    }

    /// Adjoining slices of event time; every window is a whole number of them.
    pub fn panes(&self) -> Tumbling {
        Tumbling::aligned(gcd(self.width, self.slide)).shifted(self.offset)
    }

    /// The first time from `from` on that is a whole number of widths from the alignment.
    pub fn block_from(&self, from: Nanos) -> Nanos {
        let after = i128::from(self.offset) - i128::from(from);
        saturate(i128::from(from) + after.rem_euclid(i128::from(self.width)))
    }

    /// The window with the earliest end after `after` that holds the time `inside`; `None` when there is none.
    pub fn first_ending_after(&self, after: Nanos, inside: Nanos) -> Option<Interval> {
        let [width, slide, offset] = [self.width, self.slide, self.offset].map(i128::from);
        let (after, inside) = (i128::from(after), i128::from(inside));
        // Starts above both bounds end after them; the first is a whole number of slides from the offset.
        let above = after.max(inside) - width;
        let start = offset + ((above - offset).div_euclid(slide) + 1) * slide;
        let ends_in_range = saturate(start + width) > saturate(after);
        (start <= inside && ends_in_range)
            .then(|| Interval { start: saturate(start), end: saturate(start + width) })
    }

    /// The window with the latest end that holds `time`; `None` when `time` is between two windows.
    pub fn last_holding(&self, time: Nanos) -> Option<Interval> {
        let [width, slide, offset] = [self.width, self.slide, self.offset].map(i128::from);
        let time = i128::from(time);
        let start = time - (time - offset).rem_euclid(slide);
        (time < start + width).then(|| Interval { start: saturate(start), end: saturate(start + width) })
    }
}

pub(super) fn gcd(a: Nanos, b: Nanos) -> Nanos {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl fmt::Display for Hopping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "hopping {}/{}", time::format_duration(self.width), time::format_duration(self.slide))?;
        write_offset(f, self.offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn windows_of_a_time_equal_trying_every_start(time in -500..500i64, after in -600..600i64, width in 1..60i64, slide in 1..60i64, offset in 0..60i64) {
            let hopping = Hopping::new(width, slide, offset).expect("valid");
            let starts = (-600..600).map(|k| k * slide + offset % slide);
            let holding: Vec<i64> = starts.filter(|start| (*start..start + width).contains(&time)).map(|start| start + width).collect();
            prop_assert_eq!(hopping.last_holding(time).map(|window| window.end), holding.last().copied());
            let first = holding.iter().copied().find(|end| *end > after);
            prop_assert_eq!(hopping.first_ending_after(after, time).map(|window| window.end), first);
        }

        #[test]
        fn a_window_has_one_end_of_a_block_and_it_is_an_end_of_a_pane(time: i32, width in 1..60i64, slide in 1..60i64, offset in 0..60i64) {
            let hopping = Hopping::new(width, slide, offset).expect("valid");
            if let Some(window) = hopping.last_holding(i64::from(time)) {
                let end = hopping.block_from(window.start);
                let ends = (window.start..window.end).filter(|time| (time - offset % slide) % width == 0);
                prop_assert_eq!(ends.collect::<Vec<_>>(), [end]);
                prop_assert_eq!(hopping.panes().assign(end).start, end);
            }
        }

        #[test]
        fn windows_are_whole_numbers_of_panes(time: i32, width in 1..60i64, slide in 1..60i64, offset in 0..60i64) {
            let hopping = Hopping::new(width, slide, offset).expect("valid");
            if let Some(window) = hopping.last_holding(i64::from(time)) {
                prop_assert_eq!(hopping.panes().assign(window.start).start, window.start);
                prop_assert_eq!(hopping.panes().assign(window.end).start, window.end);
            }
        }
    }

    #[test]
    fn windows_at_the_ends_of_time_saturate() {
        let hopping = Hopping::new(100, 10, 0).expect("valid");
        assert_eq!(hopping.last_holding(i64::MAX).map(|window| window.end), Some(i64::MAX));
        assert_eq!(hopping.first_ending_after(i64::MIN, i64::MIN).map(|window| window.start), Some(i64::MIN));
    }
}
