//! The results of a query over time: a line through final ones, a bar for each window, hollow while provisional.

use spate_analysis::stream::Stream;
use spate_analysis::window::Window;
use spate_chart::data::{Point, Series, TimeSeriesData, WindowMark};
use spate_chart::format::{self, Unit};
use spate_chart::layout::Layout;
use spate_shared::order;
use spate_shared::time::{self, Nanos};

use super::super::Panel;
use super::super::results::{Line, Shown, late_times, lines, note, notes};
use crate::export::{Row, Rows};
use crate::protocol::{HoverRow, HoverUpdate, LegendEntry, PanelId, PanelUpdate};
use crate::store::Store;
use crate::view::Range;

pub(super) fn data(panel: &Panel, store: &Store, stream: &Stream, range: Range) -> TimeSeriesData {
    let Range { from: start, to: end } = range;
    let empty = TimeSeriesData { range: (start, end), ..TimeSeriesData::default() };
    let Some(answer) = panel.answer(store) else { return empty };
    let (lines, _) = lines(answer, start, end);
    let gaps: Vec<_> = stream.gaps().iter().map(|gap| (gap.from, gap.to)).collect();
    let shown = lines.iter().enumerate().filter(|(_, line)| !panel.hides(&line.name));
    let series = shown.map(|(color_index, line)| Series {
        name: line.name.clone(),
        color_index,
        points: points(line, answer.spec().window),
        gaps: gaps.clone(),
        windows: line.results.iter().map(mark).collect(),
        ..Series::default()
    });
    TimeSeriesData {
        series: series.collect(),
        watermark: Some(answer.watermark()),
        late: late_times(answer, start, end),
        unit: common_unit(&lines),
        ..empty
    }
}

/// The line through final results. It breaks at a window without a result: there was no event.
fn points(line: &Line<'_>, window: Window) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::with_capacity(line.results.len());
    let mut reached = None::<Nanos>;
    for shown in line.results.iter().filter(|shown| !shown.is_provisional) {
        let middle = shown.middle();
        if reached.is_some_and(|reached| reached < shown.own.start) || !window.adjoin() {
            points.push(Point { t: shown.own.start, v: f64::NAN });
        }
        points.push(Point { t: middle, v: shown.value });
        reached = Some(shown.own.end);
    }
    points
}

fn mark(shown: &Shown<'_>) -> WindowMark {
    let (start, end) = (shown.own.start, shown.own.end);
    WindowMark { start, end, value: shown.value, provisional: shown.is_provisional }
}

/// The unit of all lines, when it is one.
fn common_unit(lines: &[Line<'_>]) -> Option<String> {
    let first = lines.first()?.unit.clone();
    first.filter(|unit| lines.iter().all(|line| line.unit.as_ref() == Some(unit)))
}

pub(super) fn words(panel: &Panel, store: &Store, range: Range, update: &mut PanelUpdate) {
    let Range { from: start, to: end } = range;
    let Some(answer) = panel.answer(store) else { return };
    let (lines, more) = lines(answer, start, end);
    for (color, line) in lines.iter().enumerate() {
        let unit = Unit::parse(line.unit.as_deref());
        let latest = line.results.iter().rfind(|shown| !shown.is_provisional);
        update.legend.push(LegendEntry {
            name: line.name.clone(),
            color: (color % usize::from(u8::MAX)) as u8,
            latest: latest.map_or_else(|| "–".to_owned(), |shown| format::value(shown.value, &unit)),
        });
    }
    update.notes = notes(answer, more);
    let calls: Vec<String> = answer.spec().agg.iter().map(ToString::to_string).collect();
    let latest: Vec<_> =
        update.legend.iter().map(|entry| format!("{} {}", entry.name, entry.latest)).collect();
    update.summary = format!(
        "{} of {}, {} windows, from {} to {}: {}.",
        calls.join(", "),
        panel.spec.stream,
        answer.spec().window,
        time::format(start),
        time::format(end),
        latest.join(", "),
    );
    if !update.notes.is_empty() {
        update.summary = format!("{} {}.", update.summary, update.notes.join(", "));
    }
}

pub(super) fn hover(
    id: PanelId,
    panel: &Panel,
    store: &Store,
    layout: &Layout,
    wanted: Nanos,
) -> Option<HoverUpdate> {
    let (_, stream) = store.stream(&panel.spec.stream)?;
    let answer = panel.answer(store)?;
    let (start, end) = layout.time_range;
    let reach = end.abs_diff(start) / 50;
    let (lines, _) = lines(answer, start, end);
    let shown_lines = lines.iter().enumerate().filter(|(_, line)| !panel.hides(&line.name));
    let nearest = shown_lines.filter_map(|(color, line)| {
        let distance = |shown: &&Shown<'_>| {
            let is_inside = shown.own.start <= wanted && wanted < shown.own.end;
            if is_inside { 0 } else { shown.middle().abs_diff(wanted) }
        };
        let shown = line.results.iter().filter(|shown| shown.value.is_finite()).min_by_key(distance)?;
        (distance(&shown) <= reach).then_some((color, line, shown))
    });
    let mut near: Vec<_> = nearest.collect();
    let (.., at) = near.iter().min_by_key(|(.., shown)| shown.middle().abs_diff(wanted))?;
    let (time, moment, is_final) = (at.interval.start, at.middle(), !at.is_provisional);
    if !(start..=end).contains(&moment) {
        return None;
    }
    order::sort_by(&mut near, |(.., a), (.., b)| b.value.total_cmp(&a.value));
    let rows = near.into_iter().map(|(color, line, shown)| {
        let unit = Unit::parse(line.unit.as_deref());
        HoverRow {
            name: line.name.clone(),
            color: (color % usize::from(u8::MAX)) as u8,
            value: format::value(shown.value, &unit),
            expected: None,
            score: None,
            note: note(shown, line.aggregate, &unit),
            y_px: layout.px_from_value(shown.value) as f32,
        }
    });
    Some(HoverUpdate {
        panel: id,
        leads: true,
        moment,
        time: time::format(time),
        x_px: layout.px_from_time(moment) as f32,
        rows: rows.collect(),
        is_final,
        late: stream.counts().late,
        reasons: Vec::new(),
        mark_px: panel.mark.map(|mark| layout.px_from_time(mark) as f32),
    })
}

pub(super) fn moments(panel: &Panel, store: &Store, from: Nanos, to: Nanos) -> Vec<Nanos> {
    let Some(answer) = panel.answer(store) else { return Vec::new() };
    let (lines, _) = lines(answer, from, to);
    let shown = lines.iter().filter(|line| !panel.hides(&line.name)).flat_map(|line| &line.results);
    shown
        .filter(|shown| shown.value.is_finite())
        .map(Shown::middle)
        .filter(|t| (from..to).contains(t))
        .collect()
}

pub(super) fn rows(panel: &Panel, store: &Store, from: Nanos, to: Nanos) -> Option<Rows> {
    let answer = panel.answer(store)?;
    let (lines, _) = lines(answer, from, to);
    let shown = lines.iter().filter(|line| !panel.hides(&line.name));
    let rows = shown.flat_map(|line| {
        line.results.iter().map(|shown| Row {
            time: shown.interval.start,
            series: &line.name,
            value: shown.value,
            expected: (f32::NAN, f32::NAN),
            score: f32::NAN,
        })
    });
    Some(Rows::of("value", common_unit(&lines).as_deref(), rows.collect()))
}
