//! How often a stream has events, and the durations that suit it.

use spate_shared::batch::Batch;
use spate_shared::schema::{Role, Schema};
use spate_shared::time::{DAY, HOUR, MINUTE, Nanos, SECOND};

use crate::stream::StreamConfig;
use crate::window::Tumbling;

/// Intervals looked at before the pace is taken as known.
const ENOUGH: usize = 255;
/// Intervals that settle the width of windows.
const SETTLED: usize = 16;
/// Events a view of automatic width shows of a typical series.
const EVENTS_PER_VIEW: i64 = 800;
/// Events in a window of automatic width.
const EVENTS_PER_WINDOW: i64 = 12;
/// A time this many windows after the latest, and a day, is a wrong clock's.
const AHEAD_WINDOWS: i64 = 1_000;
/// Width of windows while nothing is known.
const DEFAULT_WINDOW: Nanos = MINUTE;

/// Durations people think in.
const ROUND: [Nanos; 29] = [
    SECOND / 10,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    15 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    2 * HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    3 * DAY,
    7 * DAY,
    14 * DAY,
    30 * DAY,
    60 * DAY,
    90 * DAY,
    180 * DAY,
    365 * DAY,
    730 * DAY,
];

/// The typical event-time interval between events of one series.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    key: Option<Vec<String>>,
    last: Option<Nanos>,
    intervals: Vec<Nanos>,
    /// Their median, which is asked for far more often than it changes.
    median: Option<Nanos>,
}

impl Pace {
    /// Looks at the events that share the first event's dimension values, until enough are known.
    pub fn observe(&mut self, schema: &Schema, batch: &Batch) {
        for row in 0..batch.len() {
            if self.intervals.len() >= ENOUGH {
                return;
            }
            let of_row =
                |field: usize| batch.columns.get(field).and_then(|c| c.text(row)).unwrap_or_default();
            let mut dimensions = schema.with_role(Role::Dimension);
            match &self.key {
                Some(key) if !dimensions.by_ref().zip(key).all(|(field, value)| of_row(field) == value) => {
                    continue;
                }
                Some(_) => {}
                None => self.key = Some(dimensions.map(|field| of_row(field).to_owned()).collect()),
            }
            let time = batch.times[row];
            if let Some(interval) = self.last.map(|last| time.saturating_sub(last)).filter(|i| *i > 0) {
                self.intervals.push(interval);
                self.median = median(&self.intervals);
            }
            self.last = Some(time);
        }
    }

    /// The median interval; `None` before the second event.
    pub fn interval(&self) -> Option<Nanos> {
        self.median
    }

    /// Whether [`Pace::window_width`] no longer changes.
    pub fn is_settled(&self) -> bool {
        self.intervals.len() >= SETTLED
    }

    /// A round width for this stream's windows, from its first intervals alone: however events are batched, the
    /// width is the same.
    pub fn window_width(&self) -> Nanos {
        let first = &self.intervals[..self.intervals.len().min(SETTLED)];
        let suits = |interval: Nanos| round_up(interval.saturating_mul(EVENTS_PER_WINDOW));
        median(first).map_or(DEFAULT_WINDOW, suits)
    }

    /// How such a stream is analysed when nothing else is said: in windows wide enough for a dozen events.
    pub fn config(&self) -> StreamConfig {
        config(self.window_width())
    }
}

/// How a stream is analysed in windows of this width: open for one more width, and no wrong clock is believed.
pub fn config(width: Nanos) -> StreamConfig {
    let ahead = width.saturating_mul(AHEAD_WINDOWS).max(DAY);
    StreamConfig { lateness: width, ahead: Some(ahead), ..StreamConfig::new(Tumbling::aligned(width)) }
}

/// A round width for a view of all these streams: what suits the middle one.
pub fn view_width<'a>(paces: impl Iterator<Item = &'a Pace>) -> Nanos {
    let mut widths: Vec<Nanos> =
        paces.filter_map(Pace::interval).map(|i| round_up(i.saturating_mul(EVENTS_PER_VIEW))).collect();
    widths.sort_unstable();
    widths.get(widths.len() / 2).copied().unwrap_or(5 * MINUTE)
}

fn median(intervals: &[Nanos]) -> Option<Nanos> {
    let mut sorted = intervals.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}

fn round_up(duration: Nanos) -> Nanos {
    ROUND.iter().copied().find(|round| *round >= duration).unwrap_or(ROUND[ROUND.len() - 1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_shared::batch::{Column, Values, intern};
    use spate_shared::schema::{Field, FieldType, TimeField, TimeSource};

    #[test]
    fn interleaved_series_have_the_pace_of_one_of_them() {
        let time = TimeField { name: "t".into(), source: TimeSource::Event };
        let schema = Schema::new(time, vec![Field::new("k", FieldType::Category)]);
        let (mut dictionary, mut codes, mut times) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..100i64 {
            times.push(row / 2 * 5 * MINUTE + row % 2);
            codes.push(intern(&mut dictionary, if row % 2 == 0 { "a" } else { "b" }));
        }
        let column = Column { values: Values::Category { dictionary, codes }, validity: None };
        let mut pace = Pace::default();
        pace.observe(&schema, &Batch { times, columns: vec![column] });
        assert_eq!(pace.interval(), Some(5 * MINUTE));
        assert_eq!(pace.window_width(), HOUR);
        assert_eq!(view_width([pace].iter()), 3 * DAY);
    }

    #[test]
    fn nothing_known_gives_defaults() {
        assert_eq!(Pace::default().window_width(), MINUTE);
        assert_eq!(view_width(std::iter::empty()), 5 * MINUTE);
    }
}
