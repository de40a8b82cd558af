//! A stat tile: the mean of the latest window and of those before it.

use spate_analysis::stream::{Stream, WindowResult};
use spate_chart::data::{PanelData, Point, StatData};
use spate_chart::format::{self, Unit};
use spate_shared::time::{self, Nanos};
use std::collections::BTreeMap;

use super::series;
use crate::protocol::{PanelSpec, PanelUpdate};
use crate::store::Store;

/// Windows in the sparkline.
const SPARK_WINDOWS: usize = 48;

pub(super) fn data(spec: &PanelSpec, store: &Store) -> PanelData {
    let Some((_, stream)) = store.stream(&spec.stream) else { return PanelData::Stat(StatData::default()) };
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

pub(super) fn words(spec: &PanelSpec, store: &Store, update: &mut PanelUpdate) {
    let Some((_, stream)) = store.stream(&spec.stream) else { return };
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
