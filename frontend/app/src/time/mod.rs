//! Which event time the page shows, changed by [`TimeEdit`]s only.
//!
//! A live view that is zoomed or panned keeps following: its span changes, and how far before the latest event it ends.

pub(crate) mod text;
pub(crate) mod zones;

use spate_shared::time::{DAY, MICROSECOND, Nanos};
use spate_worker::protocol::Shown;
use spate_worker::view::{Span, View};

/// The narrowest and the widest view.
const WIDTHS: (Nanos, Nanos) = (MICROSECOND, 100 * 365 * DAY);
/// A span that ends within this part of its width before the latest event ends at it.
const SNAP: i64 = 10;
/// What zooming out by a step multiplies the width with.
const OUT: f64 = 2.0;

/// The view, and the one to come back to from zooming.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TimeState {
    /// What is shown.
    pub(crate) view: View,
    /// What was shown before the first zoom.
    before_zoom: Option<View>,
}

/// One change of the time that is shown.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TimeEdit {
    /// Chosen by name or typed, read from the address: what was zoomed is forgotten.
    Choose(View),
    /// Stands still at the latest events there are now.
    Hold,
    /// Follows up to the latest events, as wide as it is.
    Follow,
    /// Shows a stretch of what a panel shows.
    Zoom {
        /// What the panel shows now.
        shown: Shown,
        /// Start of the stretch.
        from: Nanos,
        /// Its end.
        to: Nanos,
    },
    /// Multiplies the width.
    ZoomBy {
        /// What the panel shows now.
        shown: Shown,
        /// Below 1 is closer.
        factor: f64,
        /// What stays in place, unless the view follows the latest event.
        around: Nanos,
    },
    /// Moves the view.
    Pan {
        /// What the panel shows now.
        shown: Shown,
        /// Later when positive.
        by: Nanos,
    },
    /// Stands still around a moment, as wide as it is.
    Jump {
        /// What the panel shows now.
        shown: Shown,
        /// What comes to the middle.
        to: Nanos,
    },
    /// Back to what was shown before the first zoom; twice as wide when nothing was zoomed.
    Reset {
        /// What the panel shows now.
        shown: Shown,
    },
}

/// What a key does on a chart: `+` and `-` zoom, Page Up and Page Down move by half a width, `0` resets.
pub(crate) fn edit_from_key(key: &str, shown: Shown) -> Option<TimeEdit> {
    let around = shown.from.midpoint(shown.to);
    let half = shown.to.saturating_sub(shown.from) / 2;
    Some(match key {
        "+" | "=" => TimeEdit::ZoomBy { shown, factor: 1.0 / OUT, around },
        "-" => TimeEdit::ZoomBy { shown, factor: OUT, around },
        "PageUp" => TimeEdit::Pan { shown, by: -half },
        "PageDown" => TimeEdit::Pan { shown, by: half },
        "0" => TimeEdit::Reset { shown },
        _ => return None,
    })
}

impl TimeState {
    /// The state after a change.
    #[must_use]
    pub(crate) fn after(self, edit: TimeEdit) -> Self {
        match edit {
            TimeEdit::Choose(view) => Self { view, before_zoom: None },
            TimeEdit::Hold => match self.view {
                View::Follow(span) => Self { view: View::Hold(span), ..self },
                View::Hold(_) | View::Fixed { .. } => self,
            },
            TimeEdit::Follow => self.follow(),
            TimeEdit::Zoom { shown, from, to } => self.zoomed(shown, (from, to)),
            TimeEdit::ZoomBy { shown, factor, around } => {
                let stretch = self.stretch_by(shown, factor, around);
                self.zoomed(shown, stretch)
            }
            TimeEdit::Pan { shown, by } => {
                let stretch = (shown.from.saturating_add(by), shown.to.saturating_add(by));
                self.zoomed(shown, stretch)
            }
            TimeEdit::Jump { shown, to } => {
                let half = shown.to.saturating_sub(shown.from) / 2;
                let view = View::Fixed { from: to.saturating_sub(half), to: to.saturating_add(half.max(1)) };
                Self { before_zoom: Some(self.before_zoom.unwrap_or(self.view)), view }
            }
            TimeEdit::Reset { shown } => {
                let wider = || {
                    let middle = shown.from.midpoint(shown.to);
                    self.at(shown, self.stretch_by(shown, OUT, middle))
                };
                let view = self.before_zoom.clone().unwrap_or_else(wider);
                Self { view, before_zoom: None }
            }
        }
    }

    /// Whether [`TimeEdit::Reset`] comes back to another view.
    pub(crate) fn is_zoomed(&self) -> bool {
        self.before_zoom.is_some()
    }

    fn follow(self) -> Self {
        let view = match self.view {
            View::Hold(Span::Last { width, behind: 1.. })
            | View::Follow(Span::Last { width, behind: 1.. }) => {
                View::Follow(Span::Last { width, behind: 0 })
            }
            View::Follow(span) | View::Hold(span) => View::Follow(span),
            View::Fixed { from, to } => {
                View::Follow(Span::Last { width: to.saturating_sub(from), behind: 0 })
            }
        };
        Self { view, before_zoom: None }
    }

    fn zoomed(self, shown: Shown, stretch: (Nanos, Nanos)) -> Self {
        let view = self.at(shown, stretch);
        Self { before_zoom: Some(self.before_zoom.unwrap_or(self.view)), view }
    }

    /// The view of a stretch, in the mode that is on.
    fn at(&self, shown: Shown, (from, to): (Nanos, Nanos)) -> View {
        let (from, to) = (from.min(to), from.max(to));
        let width = to.saturating_sub(from).clamp(WIDTHS.0, WIDTHS.1);
        let fixed = View::Fixed { from, to: from.saturating_add(width) };
        let (Some(head), false) = (shown.head, matches!(self.view, View::Fixed { .. })) else { return fixed };
        let behind = head.saturating_sub(to).max(0);
        let behind = if behind <= width / SNAP { 0 } else { behind };
        let span = Span::Last { width, behind };
        if self.view.is_held() { View::Hold(span) } else { View::Follow(span) }
    }

    /// What a panel shows after multiplying the width; a view that shows the latest event goes on showing it.
    fn stretch_by(&self, shown: Shown, factor: f64, around: Nanos) -> (Nanos, Nanos) {
        let width = shown.to.saturating_sub(shown.from);
        let wanted = (width as f64 * factor).clamp(WIDTHS.0 as f64, WIDTHS.1 as f64) as Nanos;
        let follows = matches!(self.view, View::Follow(_)) && shown.head == Some(shown.to);
        let around = if follows { shown.to } else { around.clamp(shown.from, shown.to) };
        let part = around.saturating_sub(shown.from) as f64 / width.max(1) as f64;
        let from = around.saturating_sub((wanted as f64 * part) as Nanos);
        (from, from.saturating_add(wanted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A panel whose latest event is at 1,000 shows 600 to 1,000 seconds.
    const S: Nanos = 1_000_000_000;
    const SHOWN: Shown = Shown { from: 600 * S, to: 1_000 * S, head: Some(1_000 * S) };

    fn check(view: View, edits: &[TimeEdit], expect: &View) {
        let state = edits.iter().cloned().fold(TimeState { view, before_zoom: None }, TimeState::after);
        assert_eq!(&state.view, expect);
    }

    fn last(width: Nanos, behind: Nanos) -> Span {
        Span::Last { width: width * S, behind: behind * S }
    }

    fn zoom(from: Nanos, to: Nanos) -> TimeEdit {
        TimeEdit::Zoom { shown: SHOWN, from: from * S, to: to * S }
    }

    #[test]
    fn zooming_a_live_view_changes_its_width_and_keeps_following() {
        check(View::default(), &[zoom(800, 990)], &View::Follow(last(190, 0)));
        check(View::default(), &[zoom(700, 800)], &View::Follow(last(100, 200)));
        check(View::default(), &[zoom(800, 700)], &View::Follow(last(100, 200)));
    }

    #[test]
    fn zooming_a_held_or_fixed_view_keeps_it_held_or_fixed() {
        check(View::Hold(Span::Auto), &[zoom(700, 800)], &View::Hold(last(100, 200)));
        let fixed = View::Fixed { from: 0, to: 5 };
        check(fixed, &[zoom(700, 800)], &View::Fixed { from: 700 * S, to: 800 * S });
    }

    #[test]
    fn the_wheel_keeps_the_latest_event_in_sight_or_the_pointer_in_place() {
        let closer = |shown| TimeEdit::ZoomBy { shown, factor: 0.5, around: 700 * S };
        check(View::default(), &[closer(SHOWN)], &View::Follow(last(200, 0)));
        check(View::Hold(Span::Auto), &[closer(SHOWN)], &View::Hold(last(200, 150)));
    }

    #[test]
    fn panning_goes_back_and_stops_at_the_latest_event() {
        let pan = |by: Nanos| TimeEdit::Pan { shown: SHOWN, by: by * S };
        check(View::default(), &[pan(-100)], &View::Follow(last(400, 100)));
        check(View::default(), &[pan(100)], &View::Follow(last(400, 0)));
    }

    #[test]
    fn reset_comes_back_to_what_was_before_the_first_zoom_and_then_zooms_out() {
        let reset = TimeEdit::Reset { shown: SHOWN };
        check(View::default(), &[zoom(700, 800), zoom(720, 740), reset.clone()], &View::default());
        check(View::default(), std::slice::from_ref(&reset), &View::Follow(last(800, 0)));
        let chosen = View::Follow(last(60, 0));
        check(
            View::default(),
            &[zoom(700, 800), TimeEdit::Choose(chosen), reset],
            &View::Follow(last(800, 0)),
        );
    }

    #[test]
    fn jumping_stands_around_the_moment_and_a_reset_comes_back() {
        let jump = TimeEdit::Jump { shown: SHOWN, to: 300 * S };
        check(View::default(), std::slice::from_ref(&jump), &View::Fixed { from: 100 * S, to: 500 * S });
        check(View::default(), &[jump, TimeEdit::Reset { shown: SHOWN }], &View::default());
    }

    #[test]
    fn following_again_shows_the_latest_event_as_wide_as_before() {
        check(View::Hold(last(100, 200)), &[TimeEdit::Follow], &View::Follow(last(100, 0)));
        check(View::Fixed { from: 0, to: 60 * S }, &[TimeEdit::Follow], &View::Follow(last(60, 0)));
        check(View::default(), &[TimeEdit::Hold, TimeEdit::Follow], &View::default());
    }

    #[test]
    fn no_zoom_is_closer_or_wider_than_the_bounds() {
        check(
            View::default(),
            &[zoom(1_000, 1_000)],
            &View::Follow(Span::Last { width: WIDTHS.0, behind: 0 }),
        );
        let out = TimeEdit::ZoomBy { shown: SHOWN, factor: 1e18, around: 0 };
        check(View::default(), &[out], &View::Follow(Span::Last { width: WIDTHS.1, behind: 0 }));
    }
}
