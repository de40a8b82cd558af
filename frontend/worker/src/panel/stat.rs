//! A stat tile: the mean of the latest window and of those before it, or the first line of a query's results.

use spate_analysis::stream::{Stream, WindowResult};
use spate_chart::data::{PanelData, Point, StatData};
use spate_chart::format::{self, Unit};
use spate_shared::time::{self, Nanos};
use std::collections::BTreeMap;

use super::{Panel, results, series};
use crate::protocol::{PanelSpec, PanelUpdate};
use crate::store::Store;

/// Windows in the sparkline.
const SPARK_WINDOWS: usize = 48;

pub(super) fn data(panel: &Panel, store: &Store) -> PanelData {
    let spec = &panel.spec;
    let Some((_, stream)) = store.stream(&spec.stream) else { return PanelData::Stat(StatData::default()) };
    if panel.ask().is_some() {
        let Some(line) = asked(panel, store) else { return PanelData::Stat(StatData::default()) };
        return PanelData::Stat(StatData {
            label: line.name,
            value: line.spark.last().map(|point| point.v),
            unit: line.unit,
            delta: change(&line.spark),
            spark: line.spark,
            ..StatData::default()
        });
    }
    let means = means(spec, stream);
    PanelData::Stat(StatData {
        label: spec.measure.clone(),
        value: means.last().map(|point| point.v),
        unit: unit(spec, stream),
        delta: change(&means),
        spark: means,
        ..StatData::default()
    })
}

/// What a query says, for a tile: its first line.
struct Asked {
    name: String,
    unit: Option<String>,
    window: String,
    spark: Vec<Point>,
}

fn asked(panel: &Panel, store: &Store) -> Option<Asked> {
    let answer = panel.answer(store)?;
    let (lines, _) = results::lines(answer, Nanos::MIN, Nanos::MAX);
    let line = lines.into_iter().next()?;
    let finals = line.results.iter().filter(|shown| !shown.is_provisional && shown.value.is_finite());
    let mut spark: Vec<Point> = finals.map(|shown| Point { t: shown.middle(), v: shown.value }).collect();
    spark.drain(..spark.len().saturating_sub(SPARK_WINDOWS));
    Some(Asked { name: line.name, unit: line.unit, window: answer.spec().window.to_string(), spark })
}

fn asked_words(panel: &Panel, store: &Store, update: &mut PanelUpdate) {
    let Some(line) = asked(panel, store) else { return };
    let unit = Unit::parse(line.unit.as_deref());
    update.value = line.spark.last().map(|point| format::value(point.v, &unit));
    let change = change(&line.spark).map(format::relative_change).unwrap_or_default();
    update.change = Some(format!("{} {}  {change}", line.window, line.name).trim_end().to_owned());
    let value = update.value.as_deref().unwrap_or("none yet");
    update.summary =
        format!("{} of {} over the last final {} window: {value}", line.name, panel.spec.stream, line.window);
}

pub(super) fn words(panel: &Panel, store: &Store, update: &mut PanelUpdate) {
    let spec = &panel.spec;
    let Some((_, stream)) = store.stream(&spec.stream) else { return };
    if panel.ask().is_some() {
        return asked_words(panel, store, update);
    }
    let means = means(spec, stream);
    let unit = Unit::parse(unit(spec, stream).as_deref());
    update.value = means.last().map(|point| format::value(point.v, &unit));
    let width = time::format_duration(stream.config().window.width());
    let change = change(&means).map(format::relative_change).unwrap_or_default();
    update.change = Some(format!("{width} mean  {change}").trim_end().to_owned());
    let value = update.value.as_deref().unwrap_or("none yet");
    update.summary =
        format!("mean {} of {} over the last final {width} window: {value}", spec.measure, spec.stream);
}

fn unit(spec: &PanelSpec, stream: &Stream) -> Option<String> {
    series(spec, stream).next().and_then(|(_, series)| series.field().unit.clone())
}

/// The mean over all groups, window by window, of the latest final windows.
fn means(spec: &PanelSpec, stream: &Stream) -> Vec<Point> {
    let watermark = stream.watermark().now();
    let mut sums: BTreeMap<Nanos, (f64, u64)> = BTreeMap::new();
    for (_, series) in series(spec, stream) {
        let is_final = |window: &&WindowResult| !window.is_provisional(watermark);
        for window in series.windows().iter().rev().filter(is_final).take(SPARK_WINDOWS) {
            let (sum, count) = sums.entry(window.interval.start).or_default();
            *sum += window.values.sum();
            *count += window.values.count;
        }
    }
    let point = |(start, (sum, count)): (Nanos, (f64, u64))| Point { t: start, v: sum / count as f64 };
    let mut means: Vec<_> = sums.into_iter().map(point).collect();
    means.drain(..means.len().saturating_sub(SPARK_WINDOWS));
    means
}

/// The latest against the one before, relative.
fn change(means: &[Point]) -> Option<f64> {
    let [.., before, latest] = means else { return None };
    let change = (latest.v - before.v) / before.v.abs();
    change.is_finite().then_some(change)
}
