//! Dragging over a plot: what is chosen, and what that does.

use spate_worker::gesture::{Gesture, Place, Purpose};

/// A press that moved less than this, in CSS pixels, is a click.
const LEAST_PX: f64 = 5.0;

/// A place on the plot, in CSS pixels from its top left corner.
pub(crate) type At = (f64, f64);

/// What a drag chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Chooses {
    /// A range of time to show.
    Times,
    /// A range of values to show.
    Values,
    /// An interval to look into.
    Interval,
}

impl Chooses {
    /// Shift chooses values, Alt or the brush an interval, neither a range of time.
    pub(crate) fn with(shift: bool, alt: bool, brush: bool) -> Self {
        match (shift, alt || brush) {
            (true, _) => Self::Values,
            (_, true) => Self::Interval,
            _ => Self::Times,
        }
    }

    /// The name for styles.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Times => "times",
            Self::Values => "values",
            Self::Interval => "interval",
        }
    }
}

/// A drag under way.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Drag {
    /// Where the press was.
    pub(crate) from: At,
    /// Where the pointer is.
    pub(crate) to: At,
    /// What it chooses.
    pub(crate) chooses: Chooses,
}

impl Drag {
    /// Whether it moved far enough to choose something.
    pub(crate) fn is_choice(&self) -> bool {
        let (dx, dy) = ((self.to.0 - self.from.0).abs(), (self.to.1 - self.from.1).abs());
        let along = if self.chooses == Chooses::Values { dy } else { dx };
        along >= LEAST_PX
    }

    /// Start and length along the axis it chooses on, in CSS pixels.
    pub(crate) fn extent(&self) -> (f64, f64) {
        let (a, b) =
            if self.chooses == Chooses::Values { (self.from.1, self.to.1) } else { (self.from.0, self.to.0) };
        (a.min(b), (a - b).abs())
    }

    /// What it does when the pointer lets go; `ratio` is device pixels per CSS pixel.
    pub(crate) fn gesture(&self, ratio: f64) -> Option<Gesture> {
        let px = |css_px: f64| (css_px * ratio) as f32;
        let span = |purpose| Gesture::Span {
            from: Place::Px(px(self.from.0)),
            to: Place::Px(px(self.to.0)),
            purpose,
        };
        self.is_choice().then(|| match self.chooses {
            Chooses::Times => span(Purpose::Zoom),
            Chooses::Interval => span(Purpose::Brush),
            Chooses::Values => Gesture::ZoomValues { from_px: px(self.from.1), to_px: px(self.to.1) },
        })
    }
}

/// Two fingers on a plot.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pinch {
    fingers: [Option<(i32, f64)>; 2],
    began_px: Option<f64>,
}

impl Pinch {
    /// A finger is down at, or moved to, `x_css_px`.
    pub(crate) fn touch(&mut self, finger: i32, x_css_px: f64) {
        let known = self.fingers.iter().position(|held| held.is_some_and(|(id, _)| id == finger));
        let place = known.or_else(|| self.fingers.iter().position(Option::is_none));
        if let Some(place) = place {
            self.fingers[place] = Some((finger, x_css_px));
            if known.is_none() {
                self.began_px = self.spread();
            }
        }
    }

    /// A finger left. Gives the factor that two fingers zoomed by until then: less than 1 when they parted.
    pub(crate) fn leave(&mut self, finger: i32) -> Option<f64> {
        let done = self.began_px.zip(self.spread());
        let left = self.fingers.iter_mut().filter(|held| held.is_some_and(|(id, _)| id == finger));
        left.for_each(|held| *held = None);
        self.began_px = None;
        let (began, spread) = done?;
        let factor = (began.max(1.0) / spread.max(1.0)).clamp(0.05, 20.0);
        ((factor - 1.0).abs() > 0.02).then_some(factor)
    }

    /// Whether two fingers are down.
    pub(crate) fn is_on(&self) -> bool {
        self.spread().is_some()
    }

    fn spread(&self) -> Option<f64> {
        let [Some((_, a)), Some((_, b))] = self.fingers else { return None };
        Some((a - b).abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drag(from: At, to: At, chooses: Chooses) -> Drag {
        Drag { from, to, chooses }
    }

    #[test]
    fn keys_say_what_a_drag_chooses() {
        assert_eq!(Chooses::with(false, false, false), Chooses::Times);
        assert_eq!(Chooses::with(true, true, true), Chooses::Values);
        assert_eq!(Chooses::with(false, true, false), Chooses::Interval);
        assert_eq!(Chooses::with(false, false, true), Chooses::Interval);
    }

    #[test]
    fn click_chooses_nothing_and_a_drag_counts_along_its_axis() {
        assert_eq!(drag((10.0, 10.0), (13.0, 90.0), Chooses::Times).gesture(1.0), None);
        assert!(drag((10.0, 10.0), (13.0, 90.0), Chooses::Values).gesture(1.0).is_some());
        assert_eq!(drag((90.0, 0.0), (10.0, 0.0), Chooses::Interval).extent(), (10.0, 80.0));
    }

    #[test]
    fn places_are_told_in_device_pixels() {
        let span = drag((10.0, 0.0), (110.0, 0.0), Chooses::Times).gesture(2.0);
        let (from, to, purpose) = (Place::Px(20.0), Place::Px(220.0), Purpose::Zoom);
        assert_eq!(span, Some(Gesture::Span { from, to, purpose }));
    }

    #[test]
    fn pinch_zooms_by_how_far_the_fingers_parted() {
        let mut pinch = Pinch::default();
        pinch.touch(1, 100.0);
        assert!(!pinch.is_on());
        pinch.touch(2, 200.0);
        pinch.touch(2, 300.0);
        assert!(pinch.is_on());
        assert_eq!(pinch.leave(2), Some(0.5));
        assert_eq!(pinch.leave(1), None);
    }
}
