//! Which event time the panels show: one view, obeyed by all of them.

use serde::{Deserialize, Serialize};
use spate_chart::zone::Zone;
use spate_shared::time::Nanos;

use crate::moment::{Edge, Moment};
use crate::protocol::Shown;

/// What all panels show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum View {
    /// A span that moves with each panel's latest event.
    Follow(Span),
    /// The same span, standing where the latest events were when it was held; events go on arriving.
    Hold(Span),
    /// The same instants for every panel.
    Fixed {
        /// Start, included.
        from: Nanos,
        /// End, later than the start.
        to: Nanos,
    },
}

/// A span of event time relative to the latest event of a panel's stream.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Span {
    /// A width that suits the streams' pace, up to the latest event.
    #[default]
    Auto,
    /// A constant width that ends a constant time before the latest event.
    Last {
        /// Width; more than 0.
        width: Nanos,
        /// From the end of the span to the latest event; 0 shows it.
        behind: Nanos,
    },
    /// From one moment of the calendar to another: `now-1d/d` to `now/d`.
    Between {
        /// Start.
        from: Moment,
        /// End.
        to: Moment,
    },
}

/// The event time one panel shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Range {
    /// Start.
    pub from: Nanos,
    /// End, later than the start.
    pub to: Nanos,
}

impl Default for View {
    fn default() -> Self {
        Self::Follow(Span::Auto)
    }
}

impl View {
    /// The span that is relative to the latest events; `None` when fixed.
    pub fn span(&self) -> Option<&Span> {
        match self {
            Self::Follow(span) | Self::Hold(span) => Some(span),
            Self::Fixed { .. } => None,
        }
    }

    /// Whether it stands where it was held.
    pub fn is_held(&self) -> bool {
        matches!(self, Self::Hold(_))
    }

    /// The range, for a panel whose latest event is at `head`, with the width that suits the streams.
    pub fn range(&self, head: Option<Nanos>, automatic: Nanos, zone: &Zone) -> Range {
        match self {
            Self::Fixed { from, to } => Range { from: *from, to: *to },
            Self::Follow(span) | Self::Hold(span) => span.range(head, automatic, zone),
        }
    }
}

impl Span {
    /// The range, when the latest event is at `head`; without one, a range that starts at 1970.
    pub fn range(&self, head: Option<Nanos>, automatic: Nanos, zone: &Zone) -> Range {
        let (width, behind) = match self {
            Self::Auto => (automatic, 0),
            Self::Last { width, behind } => (*width, *behind),
            Self::Between { from, to } => {
                let now = head.unwrap_or(0);
                let (from, to) = (from.resolve(now, zone, Edge::Start), to.resolve(now, zone, Edge::End));
                return Range { from: from.min(to.saturating_sub(1)), to };
            }
        };
        let end = head.unwrap_or(width).saturating_sub(behind);
        Range { from: end.saturating_sub(width.max(1)), to: end }
    }
}

impl Range {
    /// Its length.
    pub fn width(self) -> Nanos {
        self.to.saturating_sub(self.from)
    }
}

impl Shown {
    /// Its range alone.
    pub fn range(self) -> Range {
        Range { from: self.from, to: self.to }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_chart::zone::UTC;
    use spate_shared::time::{DAY, HOUR};

    #[test]
    fn a_span_ends_at_or_before_the_latest_event() {
        let check = |span: Span, from, to| {
            assert_eq!(
                span.range(Some(10 * HOUR), 4 * HOUR, &UTC),
                Range { from: from * HOUR, to: to * HOUR }
            );
        };
        check(Span::Auto, 6, 10);
        check(Span::Last { width: HOUR, behind: 0 }, 9, 10);
        check(Span::Last { width: HOUR, behind: 3 * HOUR }, 6, 7);
    }

    #[test]
    fn a_calendar_span_covers_the_day_of_the_latest_event() {
        let today = Moment::parse("now/d", &UTC).map(|now| Span::Between { from: now.clone(), to: now });
        let range = today.map(|span| span.range(Some(34 * HOUR), HOUR, &UTC));
        assert_eq!(range, Ok(Range { from: DAY, to: 2 * DAY }));
    }

    #[test]
    fn a_reversed_span_still_has_a_width() {
        let moment = |text| Moment::parse(text, &UTC).unwrap_or(Moment::At(0));
        let span = Span::Between { from: moment("now"), to: moment("now-1h") };
        assert!(span.range(Some(DAY), HOUR, &UTC).width() > 0);
    }
}
