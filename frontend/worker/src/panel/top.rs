//! Top lists and gauges: what series say in view, in one number.

use spate_analysis::retention::Point as Held;
use spate_analysis::stream::Series;
use spate_chart::data::{GaugeData, PanelData, Severity, TopData, TopRow};
use spate_chart::panel::top::{ASCENDING, BY, COUNT};
use spate_chart::scale::Extent;
use spate_shared::order;

use super::{Panel, results, series, stat};
use crate::store::Store;
use crate::view::Range;

pub(super) fn top(panel: &Panel, store: &Store, range: Range) -> PanelData {
    let Some((_, stream)) = store.stream(&panel.spec.stream) else {
        return PanelData::Top(TopData::default());
    };
    let (mut rows, unit) = if panel.ask().is_some() {
        asked(panel, store, range)
    } else {
        let by = BY.choice(panel.options());
        let shown: Vec<_> = series(&panel.spec, stream).collect();
        let unit = shown.first().and_then(|(_, series)| series.field().unit.clone());
        let row = |(color_index, (_, series)): (usize, &(usize, &Series))| TopRow {
            name: series.label().to_owned(),
            value: ranked(series, by, range),
            color_index,
        };
        let unit = if matches!(by, "events" | "severity") { None } else { unit };
        (shown.iter().enumerate().map(row).collect(), unit)
    };
    let total = rows.len();
    rows.retain(|row: &TopRow| row.value.is_finite());
    order::sort_by(&mut rows, |a, b| b.value.total_cmp(&a.value).then_with(|| a.name.cmp(&b.name)));
    if ASCENDING.flag(panel.options()) {
        rows.reverse();
    }
    rows.truncate(COUNT.number(panel.options()).unwrap_or(10.0) as usize);
    PanelData::Top(TopData { rows, unit, total })
}

/// The last final result of every line of a query.
fn asked(panel: &Panel, store: &Store, range: Range) -> (Vec<TopRow>, Option<String>) {
    let Some(answer) = panel.answer(store) else { return (Vec::new(), None) };
    let (lines, _) = results::lines(answer, range.from, range.to);
    let unit = lines.first().and_then(|line| line.unit.clone());
    let row = |(color_index, line): (usize, &results::Line<'_>)| {
        let last = line.results.iter().rfind(|shown| !shown.is_provisional)?;
        Some(TopRow { name: line.name.clone(), value: last.value, color_index })
    };
    (lines.iter().enumerate().filter_map(row).collect(), unit)
}

/// What a series is ranked by; not finite when it has nothing in view.
fn ranked(series: &Series, by: &str, range: Range) -> f64 {
    let held = series.retention();
    let is_inside = |point: &Held| (range.from..=range.to).contains(&point.time) && point.is_present();
    let windows = || {
        let inside =
            series.windows().iter().filter(|w| w.interval.end > range.from && w.interval.start < range.to);
        inside.fold((0.0, 0_u64), |(sum, count), window| {
            (sum + window.values.sum(), count + window.values.count)
        })
    };
    let extreme = |pick: fn(f64, f64) -> f64| {
        let sampled = held.sample(range.from, range.to.saturating_add(1), 1);
        sampled.points.iter().filter(|point| is_inside(point)).map(|point| point.value).fold(f64::NAN, pick)
    };
    match by {
        "max" => extreme(f64::max),
        "min" => extreme(f64::min),
        "mean" => {
            let (sum, count) = windows();
            sum / count as f64
        }
        "events" => windows().1 as f64,
        "severity" => {
            let scores = held.sample(range.from, range.to.saturating_add(1), 1).scores;
            scores
                .iter()
                .map(|sample| Severity::points_of_score(f64::from(sample.score)).round())
                .fold(f64::NAN, f64::max)
        }
        _ => held.at_or_before(range.to).filter(is_inside).map_or(f64::NAN, |point| point.value),
    }
}

/// What a stat tile of the same panel shows, between the ends of its recent values.
pub(super) fn gauge(panel: &Panel, store: &Store) -> PanelData {
    let PanelData::Stat(stat) = stat::data(panel, store) else {
        return PanelData::Gauge(GaugeData::default());
    };
    let mut extent = Extent::EMPTY;
    stat.spark.iter().for_each(|point| extent.include(point.v));
    PanelData::Gauge(GaugeData {
        label: stat.label,
        value: stat.value,
        seen: (extent.min, extent.max),
        unit: stat.unit,
    })
}
