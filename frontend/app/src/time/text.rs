//! The time that is shown as text: what people type, what addresses say, what the picker's button reads.

use spate_chart::zone::Zone;
use spate_shared::time::{self, DAY, HOUR, MILLISECOND, MINUTE, Nanos, SECOND};
use spate_worker::moment::{Edge, Moment};
use spate_worker::view::{Span, View};

use crate::format::{civil_moment, duration};

/// Ranges on offer: what they are called, and their ends.
pub(crate) const PRESETS: [(&str, &str, &str); 18] = [
    ("Last minute", "now-1m", "now"),
    ("Last 5 minutes", "now-5m", "now"),
    ("Last 15 minutes", "now-15m", "now"),
    ("Last hour", "now-1h", "now"),
    ("Last 6 hours", "now-6h", "now"),
    ("Last 12 hours", "now-12h", "now"),
    ("Last day", "now-1d", "now"),
    ("Last 2 days", "now-2d", "now"),
    ("Last 7 days", "now-7d", "now"),
    ("Last 14 days", "now-14d", "now"),
    ("Last 30 days", "now-30d", "now"),
    ("Last 90 days", "now-90d", "now"),
    ("Today", "now/d", "now/d"),
    ("Yesterday", "now-1d/d", "now-1d/d"),
    ("This week", "now/w", "now/w"),
    ("Last week", "now-1w/w", "now-1w/w"),
    ("This month", "now/M", "now/M"),
    ("This year", "now/y", "now/y"),
];

/// Why a typed range cannot be shown: what is wrong with which end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RangeError {
    /// `from` or `to`.
    pub(crate) end: &'static str,
    /// What is wrong, and what to write.
    pub(crate) reason: String,
}

/// The view between two moments as people write them.
pub(crate) fn view_of(from: &str, to: &str, zone: &Zone) -> Result<View, RangeError> {
    let read = |end, text: &str| {
        Moment::parse(text, zone).map_err(|error| RangeError { end, reason: error.to_string() })
    };
    let (from, to) = (read("from", from)?, read("to", if to.is_empty() { "now" } else { to })?);
    // Any moment does to see which end is later, as long as calendar steps have their room.
    let now = 50 * 365 * DAY;
    if from.resolve(now, zone, Edge::Start) >= to.resolve(now, zone, Edge::End)
        && matches!((&from, &to), (Moment::At(_), Moment::At(_)) | (Moment::Now(_), Moment::Now(_)))
    {
        let reason = format!("the end must be later than the start, {from}, got {to}");
        return Err(RangeError { end: "to", reason });
    }
    Ok(match (&from, &to, from.back(), to.back()) {
        (Moment::At(from), Moment::At(to), ..) => View::Fixed { from: *from, to: *to },
        (.., Some(back), Some(behind @ 0..)) => {
            View::Follow(Span::Last { width: back.saturating_sub(behind), behind })
        }
        _ => View::Follow(Span::Between { from, to }),
    })
}

/// The two ends of a view as [`view_of`] reads them; `None` when the worker chooses.
pub(crate) fn ends_of(view: &View) -> Option<(String, String)> {
    Some(match view {
        View::Fixed { from, to } => (time::format(*from), time::format(*to)),
        View::Follow(Span::Auto) | View::Hold(Span::Auto) => return None,
        View::Follow(Span::Between { from, to }) | View::Hold(Span::Between { from, to }) => {
            (from.to_string(), to.to_string())
        }
        View::Follow(Span::Last { width, behind }) | View::Hold(Span::Last { width, behind }) => {
            (before_now(width.saturating_add(*behind)), before_now(*behind))
        }
    })
}

/// `now-90m`, in the largest unit that is exact; the grammar ends at milliseconds.
fn before_now(back: Nanos) -> String {
    const UNITS: [(Nanos, &str); 4] = [(DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (SECOND, "s")];
    let millis = back.saturating_add(MILLISECOND - 1) / MILLISECOND;
    if millis == 0 {
        return "now".to_owned();
    }
    let unit = UNITS
        .iter()
        .find(|(unit, _)| millis % (unit / MILLISECOND) == 0 && millis / (unit / MILLISECOND) < 1_000);
    unit.map_or_else(
        || format!("now-{millis}ms"),
        |(unit, name)| format!("now-{}{name}", millis / (unit / MILLISECOND)),
    )
}

/// What the picker's button reads; `shown` is the range that is on screen.
pub(crate) fn title(view: &View, shown: Option<(Nanos, Nanos)>, zone: &Zone) -> String {
    let preset = ends_of(view)
        .and_then(|(from, to)| PRESETS.iter().find(|preset| preset.1 == from && preset.2 == to))
        .map(|preset| preset.0.to_owned());
    if let Some(preset) = preset {
        return preset;
    }
    match (view, view.span()) {
        (View::Fixed { from, to }, _) => between(*from, *to, zone),
        (_, Some(Span::Last { width, behind: 0 })) => format!("Last {}", duration(*width)),
        (_, Some(Span::Last { width, behind })) => {
            format!("{}, {} back", duration(*width), duration(*behind))
        }
        (_, Some(Span::Between { from, to })) => format!("{from} to {to}"),
        (_, Some(Span::Auto) | None) => {
            let width = shown.map(|(from, to)| to.saturating_sub(from)).filter(|width| *width > 0);
            width.map_or_else(|| "Auto".to_owned(), |width| format!("Auto · {}", duration(width)))
        }
    }
}

/// Two instants on the zone's clock, the date once when it is the same.
fn between(from: Nanos, to: Nanos, zone: &Zone) -> String {
    let (start, end) = (civil_moment(from, zone), civil_moment(to, zone));
    let (day, clock) = end.split_once(", ").unwrap_or((&end, ""));
    if start.starts_with(day) { format!("{start} to {clock}") } else { format!("{start} to {end}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_chart::zone::UTC;

    fn check(from: &str, to: &str, expect: &View, title_is: &str) {
        let view = view_of(from, to, &UTC);
        assert_eq!(view, Ok(expect.clone()));
        assert_eq!(title(expect, None, &UTC), title_is);
        let (from, to) = ends_of(expect).unwrap_or_default();
        assert_eq!(view_of(&from, &to, &UTC), view, "{from} {to}");
    }

    #[test]
    fn typed_ranges_become_views_and_come_back() {
        let last = |width, behind| View::Follow(Span::Last { width, behind });
        check("now-6h", "now", &last(6 * HOUR, 0), "Last 6 hours");
        check("now-90m", "", &last(90 * MINUTE, 0), "Last 1.5 h");
        check("now-3h", "now-2h", &last(HOUR, 2 * HOUR), "1 h, 2 h back");
        let day = 16_375 * DAY;
        let fixed = View::Fixed { from: day, to: day + HOUR };
        check("2014-11-01 00:00", "2014-11-01T01:00:00Z", &fixed, "1 Nov 2014, 00:00:00 to 01:00:00");
        let today = || Moment::parse("now/d", &UTC).unwrap_or(Moment::At(0));
        check("now/d", "now/d", &View::Follow(Span::Between { from: today(), to: today() }), "Today");
    }

    #[test]
    fn every_preset_is_a_range() {
        for (name, from, to) in PRESETS {
            let view = view_of(from, to, &UTC);
            assert_eq!(view.map(|view| title(&view, None, &UTC)).as_deref(), Ok(name));
        }
    }

    #[test]
    fn a_bad_end_is_named() {
        let error = |from, to| view_of(from, to, &UTC).err().map(|error| error.end);
        assert_eq!(error("now-6x", "now"), Some("from"));
        assert_eq!(error("now-6h", "later"), Some("to"));
        assert_eq!(error("now", "now-6h"), Some("to"));
        assert_eq!(error("2015-01-01", "2014-01-01"), Some("to"));
    }

    #[test]
    fn zoomed_widths_are_written_in_milliseconds() {
        assert_eq!(before_now(1_234_567_890), "now-1235ms");
        assert_eq!(before_now(36 * HOUR), "now-36h");
        assert_eq!(before_now(0), "now");
    }
}
