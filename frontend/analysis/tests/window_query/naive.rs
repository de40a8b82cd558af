//! Windows by their definition: every event tried against every window, values sorted and looped over.

use std::collections::BTreeMap;

use spate_analysis::aggregate::{Bucket, Value};
use spate_analysis::window::{Interval, Window};
use spate_shared::time;

#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) time: i64,
    pub(crate) key: u8,
    pub(crate) v: Option<f64>,
}

/// A window of a key and its events, in order of arrival.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) interval: Interval,
    pub(crate) key: u8,
    events: Vec<Event>,
}

#[derive(Debug, Default)]
pub(crate) struct Naive {
    /// By end, start and key.
    pub(crate) rows: Vec<Row>,
    pub(crate) late: Vec<usize>,
    pub(crate) between: u64,
    pub(crate) windowed: u64,
    pub(crate) rejected: u64,
}

impl Naive {
    pub(crate) fn run(window: &Window, events: &[Event], out_of_orderness: i64, lateness: i64) -> Self {
        let mut naive = Self::default();
        let mut watermark = i64::MIN;
        for (index, event) in events.iter().enumerate() {
            if event.v.is_some_and(|v| !v.is_finite()) {
                naive.rejected += 1;
                continue;
            }
            let holding = naive.holding(window, event, watermark, lateness);
            let open: Vec<Interval> =
                holding.iter().copied().filter(|held| held.end + lateness > watermark).collect();
            if holding.is_empty() {
                naive.between += 1;
                watermark = watermark.max(event.time - out_of_orderness);
            } else if open.is_empty() {
                naive.late.push(index);
            } else {
                naive.windowed += 1;
                let closed_to = watermark.saturating_sub(lateness);
                for interval in open {
                    naive.put(window, interval, event, closed_to);
                }
                watermark = watermark.max(event.time - out_of_orderness);
            }
        }
        naive.rows.sort_by_key(|row| (row.interval.end, row.interval.start, row.key));
        naive
    }

    /// All windows that hold an event; of sessions the one it would be in.
    fn holding(&self, window: &Window, event: &Event, watermark: i64, lateness: i64) -> Vec<Interval> {
        let text = window.to_string();
        let durations: Vec<i64> =
            text.split([' ', '/', '+']).filter_map(|part| time::parse_duration(part).ok()).collect();
        let (width, slide, offset) = match (window, &durations[..]) {
            (Window::Tumbling(_), [width, offset @ ..]) => {
                (*width, *width, offset.first().copied().unwrap_or(0))
            }
            (Window::Hopping(_), [width, slide, offset @ ..]) => {
                (*width, *slide, offset.first().copied().unwrap_or(0))
            }
            (Window::Session(_), [gap]) => {
                let alone = Interval { start: event.time, end: event.time + gap };
                let is_open = |row: &&Row| row.interval.end + lateness > watermark;
                let touched = self.rows.iter().filter(is_open).filter(|row| touches(row, event.key, alone));
                let merged = touched.fold(alone, |merged, row| Interval {
                    start: merged.start.min(row.interval.start),
                    end: merged.end.max(row.interval.end),
                });
                return vec![merged];
            }
            other => panic!("{other:?}"),
        };
        let starts = (-2_000..2_000).map(|k| k * slide + offset);
        let windows = starts.map(|start| Interval { start, end: start + width });
        windows.filter(|window| window.start <= event.time && event.time < window.end).collect()
    }

    fn put(&mut self, window: &Window, interval: Interval, event: &Event, closed_to: i64) {
        let mut events = Vec::new();
        let is_session = matches!(window, Window::Session(_));
        let mut at = 0;
        while at < self.rows.len() {
            let row = &self.rows[at];
            let is_part = if is_session {
                row.interval.end > closed_to && touches(row, event.key, interval)
            } else {
                row.key == event.key && row.interval == interval
            };
            if is_part {
                let row = self.rows.remove(at);
                events.extend(row.events);
            } else {
                at += 1;
            }
        }
        events.push(event.clone());
        self.rows.push(Row { interval, key: event.key, events });
    }
}

fn touches(row: &Row, key: u8, interval: Interval) -> bool {
    row.key == key && row.interval.start < interval.end && interval.start < row.interval.end
}

impl Row {
    /// One value per aggregate of the test, from the definitions.
    pub(crate) fn values(&self) -> Vec<Value> {
        let present: Vec<(i64, f64)> =
            self.events.iter().filter_map(|event| Some((event.time, event.v?))).collect();
        let values: Vec<f64> = present.iter().map(|(_, v)| *v).collect();
        let (n, seconds) = (values.len() as f64, self.interval.seconds());
        let sum: f64 = values.iter().sum();
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let some = |value: f64| if values.is_empty() { Value::Missing } else { Value::Number(value) };
        let mut by_time = present.clone();
        by_time.sort_by_key(|(time, _)| *time);
        let variance = values.iter().map(|v| (v - sum / n).powi(2)).sum::<f64>() / (n - 1.0);
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for v in &values {
            *counts.entry(v.to_string()).or_default() += 1;
        }
        let mut top: Vec<(String, u64)> = counts.clone().into_iter().collect();
        top.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        top.truncate(3);
        vec![
            Value::Count(self.events.len() as u64),
            Value::Count(values.len() as u64),
            some(sum),
            some(sum / n),
            some(sorted.first().copied().unwrap_or(0.0)),
            some(sorted.last().copied().unwrap_or(0.0)),
            some(by_time.first().map_or(0.0, |(_, v)| *v)),
            some(by_time.last().map_or(0.0, |(_, v)| *v)),
            if values.len() > 1 { Value::Number(variance) } else { Value::Missing },
            if values.len() > 1 { Value::Number(variance.sqrt()) } else { Value::Missing },
            Value::Number(self.events.len() as f64 / seconds),
            Value::Number(sum / seconds),
            Value::Number(sum / (2.0 * self.events.len() as f64)),
            some(sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or(0.0)),
            Value::Count(counts.len() as u64),
            Value::Labels(top),
            Value::Buckets(histogram(&sorted)),
        ]
    }
}

/// Sorted values by ranges of which four make a power of two.
fn histogram(sorted: &[f64]) -> Vec<Bucket> {
    let range = |value: f64| {
        if value == 0.0 {
            return (0.0, 0.0);
        }
        let power = value.abs().log2().floor().exp2();
        let quarter = ((value.abs() / power - 1.0) * 4.0).floor();
        let (near, far) = (power * (1.0 + quarter / 4.0), power * (1.0 + (quarter + 1.0) / 4.0));
        if value > 0.0 { (near, far) } else { (-far, -near) }
    };
    let mut buckets: Vec<Bucket> = Vec::new();
    for (from, to) in sorted.iter().map(|value| range(*value)) {
        match buckets.last_mut().filter(|last| (last.from, last.to) == (from, to)) {
            Some(last) => last.count += 1,
            None => buckets.push(Bucket { from, to, count: 1 }),
        }
    }
    buckets
}
