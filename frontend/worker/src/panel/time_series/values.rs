//! Values over time: decimated points, bands, scores, anomalies, windows and gaps of one measure.

use spate_analysis::StreamId;
use spate_analysis::alert::Alert;
use spate_analysis::retention::{Coarse, Point as Held};
use spate_analysis::stream::{Series as Measured, Stream};
use spate_chart::data::{Anomaly, FanPoint, Series, TimeSeriesData, WindowMark};
use spate_chart::format::{self, Unit};
use spate_chart::layout::{Layout, Size};
use spate_shared::order;
use spate_shared::time::{self, Nanos};

use super::super::decimated::Decimated;
use super::super::{Panel, alerts, lines, results, severity};
use crate::export::{Row, Rows};
use crate::protocol::{HoverRow, HoverUpdate, LegendEntry, PanelId, PanelUpdate};
use crate::store::Store;
use crate::view::Range;

/// Bands of more series than this would hide each other.
const MOST_BANDS: usize = 2;

/// Windows narrower than this, in CSS pixels, would be specks.
const LEAST_WINDOW: f64 = 16.0;

pub(super) fn data(
    panel: &Panel,
    store: &Store,
    stream: &Stream,
    range: Range,
    size: Size,
    decimated: &mut Decimated,
) -> TimeSeriesData {
    let Range { from: start, to: end } = range;
    let shown: Vec<_> = panel.shown(stream).collect();
    let unit = lines::left_unit(&panel.spec, stream);
    let other = shown.iter().find(|(.., series)| series.field().unit.as_deref() != unit);
    let gaps: Vec<_> = stream.gaps().iter().map(|gap| (gap.from, gap.to)).collect();
    let stream_index =
        store.streams().get(&panel.spec.stream).and_then(|entry| entry.id).map(StreamId::index);
    let with_band = shown.len() <= MOST_BANDS;
    let window_part = stream.config().window.width() as f64 / range.width().max(1) as f64;
    let with_windows =
        shown.len() == 1 && window_part * f64::from(size.width_px) >= LEAST_WINDOW * size.scale;
    decimated.begin(stream);
    let lines = shown.iter().map(|(color_index, index, series)| {
        let anomaly = |alert: &&Alert| {
            Some(alert.series.stream) == stream_index
                && alert.series.series == *index
                && (start..=end).contains(&alert.peak)
        };
        Series {
            name: lines::name(&panel.spec, series),
            color_index: *color_index,
            side: lines::side(series, unit),
            gaps: gaps.clone(),
            anomalies: store.engine().alerts().iter().filter(anomaly).map(mark).collect(),
            windows: if with_windows { windows(stream, series, start, end) } else { Vec::new() },
            forecast: forecast(series),
            ..decimated.lend((*index, *series), range, size.width_px, with_band)
        }
    });
    TimeSeriesData {
        range: (start, end),
        series: lines.collect(),
        watermark: Some(stream.watermark().now()),
        unit: unit.map(str::to_owned),
        right_unit: other.and_then(|(.., series)| series.field().unit.clone()),
        hidden_series: lines::shown(&panel.spec, stream).1,
        ..TimeSeriesData::default()
    }
}

/// The fan begins at the latest value.
fn forecast(series: &spate_analysis::stream::Series) -> Vec<FanPoint> {
    let Some(forecaster) = series.forecaster() else { return Vec::new() };
    let latest = forecaster.latest().map(|(t, value)| {
        let all = (value, value);
        FanPoint { t, middle: value, inner: all, outer: all }
    });
    let steps = forecaster.steps().map(|step| FanPoint {
        t: step.time,
        middle: step.value,
        inner: step.inner,
        outer: (step.lower, step.upper),
    });
    latest.into_iter().chain(steps).collect()
}

fn mark(alert: &Alert) -> Anomaly {
    Anomaly { t: alert.peak, v: alert.value, severity: severity(&alert.verdict) }
}

fn windows(stream: &Stream, series: &Measured, start: Nanos, end: Nanos) -> Vec<WindowMark> {
    let watermark = stream.watermark().now();
    let inside = series.windows().iter().filter(|w| w.interval.end > start && w.interval.start < end);
    inside
        .filter_map(|window| {
            let value = window.values.mean()?;
            let (start, end) = (window.interval.start, window.interval.end);
            Some(WindowMark { start, end, value, provisional: window.is_provisional(watermark) })
        })
        .collect()
}

pub(super) fn words(panel: &Panel, store: &Store, stream: &Stream, range: Range, update: &mut PanelUpdate) {
    let Range { from: start, to: end } = range;
    let (shown, hidden) = lines::shown(&panel.spec, stream);
    if hidden > 0 {
        update.notes.push(format!("{} series not shown", format::count(hidden as u64)));
    }
    update.notes.extend(
        [results::shed(stream.shed_groups()), results::forgotten(stream.forgotten_groups())]
            .into_iter()
            .flatten(),
    );
    update.notes.extend(coarse(shown.iter().map(|(_, series)| *series), range));
    for (color, (_, series)) in shown.into_iter().enumerate() {
        let unit = Unit::parse(series.field().unit.as_deref());
        let latest = series.retention().at_or_before(end).filter(Held::is_present);
        update.legend.push(LegendEntry {
            name: lines::name(&panel.spec, series),
            color: (color % usize::from(u8::MAX)) as u8,
            latest: latest.map_or_else(|| "–".to_owned(), |held| format::value(held.value, &unit)),
        });
    }
    let latest: Vec<_> =
        update.legend.iter().map(|entry| format!("{} {}", entry.name, entry.latest)).collect();
    let unusual =
        store.engine().alerts().iter().filter(|alert| (start..=end).contains(&alert.peak)).filter(|alert| {
            stream.series().get(alert.series.series).is_some_and(|s| s.field().name == panel.spec.measure)
                && store
                    .streams()
                    .get(&panel.spec.stream)
                    .and_then(|e| e.id)
                    .is_some_and(|id| id.index() == alert.series.stream)
        });
    update.summary = format!(
        "{} of {} from {} to {}: {}. {} unusual.",
        panel.spec.measure,
        panel.spec.stream,
        time::format(start),
        time::format(end),
        latest.join(", "),
        unusual.count()
    );
    if !update.notes.is_empty() {
        update.summary = format!("{} {}.", update.summary, update.notes.join(", "));
    }
}

/// What part of the range is answered with roll-ups, in words.
fn coarse<'a>(series: impl Iterator<Item = &'a Measured>, range: Range) -> Option<String> {
    let parts = series.filter_map(|series| series.retention().coarse(range.from, range.to));
    let all = parts.reduce(|all, part| Coarse {
        width: all.width.max(part.width),
        until: all.until.max(part.until),
        events: all.events + part.events,
        unusual: all.unusual + part.unusual,
    })?;
    let unusual =
        if all.unusual > 0 { format!(", {} unusual", format::count(all.unusual)) } else { String::new() };
    Some(format!(
        "until {} only smallest and largest of each {} are held ({} values{unusual})",
        time::format(all.until),
        time::format_duration(all.width),
        format::count(all.events)
    ))
}

/// The value nearest to a moment, with its note: a roll-up's mean where values are not held any more.
fn reading(series: &Measured, wanted: Nanos) -> Option<(Held, Option<String>)> {
    let held = series.retention();
    let (first, _) = held.span()?;
    let Some(rolled) = held.rolled_at(wanted).filter(|_| wanted < first) else {
        return Some((held.nearest(wanted)?, None));
    };
    let unit = Unit::parse(series.field().unit.as_deref());
    let show = |value: f64| format::value(value, &unit);
    let median =
        held.rolled_quantile_at(wanted, 0.5).map(|median| format!(", median about {}", show(median)));
    let note = format!(
        "mean of {}, {} to {}{}",
        format::count(rolled.count),
        show(rolled.min),
        show(rolled.max),
        median.unwrap_or_default()
    );
    let (time, value, score) = (wanted.clamp(rolled.first, rolled.last), rolled.mean(), rolled.max_score);
    let is_unusual = rolled.unusual > 0;
    Some((Held { time, value, score, lower: f32::NAN, upper: f32::NAN, is_unusual }, Some(note)))
}

/// Exact values near a moment.
pub(super) fn hover(
    id: PanelId,
    panel: &Panel,
    store: &Store,
    layout: &Layout,
    wanted: Nanos,
) -> Option<HoverUpdate> {
    let (entry, stream) = store.stream(&panel.spec.stream)?;
    let width = layout.time_range.1.saturating_sub(layout.time_range.0);
    let reach = entry.pace.interval().unwrap_or(0).saturating_mul(2).max(width / 50).unsigned_abs();
    let left_unit = lines::left_unit(&panel.spec, stream);
    let nearest = panel.shown(stream).filter_map(|(color, index, series)| {
        let (held, note) = reading(series, wanted)?;
        let is_near = held.time.abs_diff(wanted) <= reach && held.is_present();
        let is_drawn = (layout.time_range.0..=layout.time_range.1).contains(&held.time);
        (is_near && is_drawn).then_some((color, index, series, note, held))
    });
    let mut near: Vec<_> = nearest.collect();
    let time = near.iter().map(|(.., held)| held.time).min_by_key(|time| time.abs_diff(wanted))?;
    order::sort_by(&mut near, |(.., a), (.., b)| b.value.total_cmp(&a.value));
    let stream_index = entry.id.map(StreamId::index);
    let at_moment = |alert: &&Alert| {
        Some(alert.series.stream) == stream_index
            && (alert.start..=alert.last).contains(&time)
            && near.iter().any(|(_, index, ..)| *index == alert.series.series)
    };
    let reason = |alert: &Alert| Some(alerts::reason(stream.series().get(alert.series.series)?, alert));
    let reasons = store.engine().alerts().iter().filter(at_moment).filter_map(reason).collect();
    let rows = near.into_iter().map(|(color, _, series, note, held)| {
        let unit = Unit::parse(series.field().unit.as_deref());
        let show = |value: f32| format::value(f64::from(value), &unit);
        HoverRow {
            name: lines::name(&panel.spec, series),
            color: (color % usize::from(u8::MAX)) as u8,
            value: format::value(held.value, &unit),
            expected: (!held.lower.is_nan()).then(|| format!("{} to {}", show(held.lower), show(held.upper))),
            score: (!held.score.is_nan()).then_some(f64::from(held.score)),
            note,
            y_px: layout.px_on(lines::side(series, left_unit), held.value) as f32,
        }
    });
    let update = HoverUpdate {
        panel: id,
        leads: true,
        moment: time,
        time: time::format(time),
        x_px: layout.px_from_time(time) as f32,
        rows: rows.collect(),
        is_final: stream.config().window.assign(time).end <= stream.watermark().now(),
        late: stream.counts().late,
        reasons,
        mark_px: panel.mark.map(|mark| layout.px_from_time(mark) as f32),
    };
    Some(update)
}

pub(super) fn moments(panel: &Panel, stream: &Stream, from: Nanos, to: Nanos) -> Vec<Nanos> {
    let points = panel.shown(stream).flat_map(|(.., series)| series.retention().between(from, to));
    points.filter(Held::is_present).map(|point| point.time).collect()
}

pub(super) fn rows(panel: &Panel, stream: &Stream, from: Nanos, to: Nanos) -> Option<Rows> {
    let shown: Vec<_> = panel.shown(stream).map(|(.., series)| series).collect();
    let measure = shown.first()?.field();
    let rows = shown.iter().flat_map(|series| {
        series.retention().between(from, to).map(|point| Row {
            time: point.time,
            series: series.label(),
            value: point.value,
            expected: (point.lower, point.upper),
            score: point.score,
        })
    });
    Some(Rows::of(&measure.name, measure.unit.as_deref(), rows.collect()))
}
