//! The table twin of every kind of panel: what it shows, as rows.
//!
//! A row says which event time it is about: a moment, `time`, or an interval, `from` and `to`.

use spate_chart::data::{AlertTableData, PanelData};
use spate_shared::time::Nanos;

use super::decimated::Decimated;
use super::{Panel, alerts, results, rows, time_series};
use crate::export::{Columns, Part, Rows};
use crate::panel::rows::RowsRequest;
use crate::store::Store;
use crate::view::Range;

impl Panel {
    /// Some of its values as rows, and the interval they are of, when it shows `shown`; `None` without its stream.
    pub fn rows(&self, store: &Store, part: Part, shown: Range) -> Option<(Rows, (Nanos, Nanos))> {
        let range = match part {
            Part::Visible => shown,
            Part::Between(from, to) => Range { from, to: to.saturating_sub(1) },
            Part::All | Part::Late => held(&self.spec.stream, store).unwrap_or(shown),
        };
        let all = RowsRequest::default();
        let request = self.listing.request.as_ref().filter(|_| part == Part::Visible).unwrap_or(&all);
        let rows = match (part, self.spec.kind.as_str()) {
            (Part::Late, _) => {
                let (_, stream) = store.stream(&self.spec.stream)?;
                Some(results::late_rows(self.answer(store)?, stream.schema()))
            }
            // Results are held longer than the events they are of.
            (Part::All, "time_series") => time_series::rows(self, store, Nanos::MIN, Nanos::MAX),
            (_, "time_series") => time_series::rows(self, store, range.from, range.to.saturating_add(1)),
            (_, "table" | "event_log") => rows::rows(self, store, range, request),
            (_, "alerts") => {
                let of = matches!(part, Part::Between(..)).then_some(range);
                Some(alert_rows(&alerts::data(store, &self.spec.filter), of))
            }
            _ => drawn_rows(&self.data(store, range, &mut Decimated::default())?, range),
        };
        Some((rows?, (range.from, range.to)))
    }
}

/// From the first to the last event that is held of a stream, or of all when it has no name.
pub(super) fn held(name: &str, store: &Store) -> Option<Range> {
    let streams = store.engine().streams().map(|(_, stream)| stream);
    let streams = streams.filter(|stream| name.is_empty() || stream.name() == name);
    let spans = streams.flat_map(|stream| stream.events().batches().map(|held| held.span));
    let (from, to) = spans.reduce(|all, span| (all.0.min(span.0), all.1.max(span.1)))?;
    Some(Range { from, to })
}

/// What a kind without rows of its own is drawn from.
fn drawn_rows(data: &PanelData, range: Range) -> Option<Rows> {
    let span = (range.from, range.to);
    let rows = |time, words: &[&str], numbers: &[(&str, Option<&str>)]| {
        Rows::new(Columns { time, has_end: time == "from", words, numbers })
    };
    let mut all;
    match data {
        PanelData::Histogram(data) => {
            let unit = data.unit.as_deref();
            all = rows("from", &[], &[("low", unit), ("high", unit), ("events", None)]);
            for bin in &data.bins {
                all.push(span, &[], &[bin.low, bin.high, bin.count as f64]);
            }
        }
        PanelData::Heatmap(data) => {
            let unit = data.unit.as_deref();
            all = rows("from", &[], &[("low", unit), ("high", unit), ("events", None)]);
            let (least, greatest) = data.value_range;
            let edge = |row: usize| least + (greatest - least) * row as f64 / data.rows as f64;
            for (at, count) in data.counts.iter().enumerate().filter(|(_, count)| **count > 0.0) {
                let (column, row) = (at / data.rows, at % data.rows);
                let span = part(data.range, column, data.counts.len() / data.rows);
                all.push(span, &[], &[edge(row), edge(row + 1), *count]);
            }
        }
        PanelData::StateTimeline(data) => {
            all = rows("from", &["series", "state"], &[]);
            for row in &data.rows {
                for held in &row.spans {
                    let state = data.states.get(held.state).map_or("", String::as_str);
                    all.push((held.start, held.end), &[&row.name, state], &[]);
                }
            }
        }
        PanelData::Swimlanes(data) => {
            all = rows("from", &["series"], &[("severity", None)]);
            for lane in &data.lanes {
                for (column, severity) in lane.severities.iter().enumerate().filter(|(_, s)| s.is_finite()) {
                    let span = part(data.range, column, lane.severities.len());
                    all.push(span, &[&lane.name], &[f64::from(severity.round())]);
                }
            }
        }
        PanelData::Scatter(data) => {
            let (x, y) = ((&*data.x_name, data.x_unit.as_deref()), (&*data.y_name, data.y_unit.as_deref()));
            all = rows("time", &["series"], &[x, y]);
            for group in &data.groups {
                for (time, pair) in group.times.iter().zip(&group.points) {
                    all.push((*time, *time), &[&group.name], pair);
                }
            }
        }
        PanelData::Top(data) => {
            all = rows("from", &["series"], &[("value", data.unit.as_deref())]);
            data.rows.iter().for_each(|row| all.push(span, &[&row.name], &[row.value]));
        }
        PanelData::Stat(data) => {
            all = rows("time", &["series"], &[("value", data.unit.as_deref())]);
            all.newest_first = true;
            data.spark.iter().for_each(|point| all.push((point.t, point.t), &[&data.label], &[point.v]));
        }
        PanelData::Gauge(data) => {
            let unit = data.unit.as_deref();
            all = rows("from", &["series"], &[("value", unit), ("least", unit), ("greatest", unit)]);
            all.push(span, &[&data.label], &[data.value.unwrap_or(f64::NAN), data.seen.0, data.seen.1]);
        }
        PanelData::TimeSeries(_) | PanelData::Rows(_) | PanelData::Alerts(_) => return None,
    }
    Some(all)
}

/// One of so many equal parts of a range.
fn part(range: (Nanos, Nanos), index: usize, parts: usize) -> (Nanos, Nanos) {
    let step = range.1.saturating_sub(range.0) / parts.max(1) as Nanos;
    let from = range.0.saturating_add(step.saturating_mul(index as Nanos));
    (from, from.saturating_add(step))
}

/// Alerts, newest first; those that began in `range` when there is one.
fn alert_rows(data: &AlertTableData, range: Option<Range>) -> Rows {
    let mut all = Rows::new(Columns {
        time: "time",
        has_end: false,
        words: &["series", "severity", "state", "unit", "reason"],
        numbers: &[("value", None), ("expected_lower", None), ("expected_upper", None), ("score", None)],
    });
    all.newest_first = true;
    for row in &data.rows {
        if range.is_none_or(|range| (range.from..=range.to).contains(&row.start)) {
            let state = if row.firing { "firing" } else { "resolved" };
            let unit = row.unit.as_deref().unwrap_or_default();
            let words = [&row.series, row.severity.label(), state, unit, &row.reason];
            all.push((row.start, row.start), &words, &[row.value, row.expected.0, row.expected.1, row.score]);
        }
    }
    all
}
