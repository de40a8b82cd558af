//! Histograms and heat maps: how often the events in view have values where.

use spate_chart::data::{Bin, HeatmapData, HistogramData, PanelData, QuantileMark};
use spate_chart::format::Unit;
use spate_chart::layout::Size;
use spate_chart::panel::{heatmap, histogram};
use spate_chart::scale::{Extent, value_range, value_ticks};
use spate_shared::order;
use spate_shared::time::Nanos;

use super::Panel;
use super::scan::Scan;
use crate::store::Store;
use crate::view::Range;

/// Most events looked at for one drawing; the newest are.
const MOST_EVENTS: usize = 200_000;
/// Bars when nothing says how many, at least and at most.
const BINS: (f64, f64) = (8.0, 60.0);
/// CSS pixels of a heat map's cell.
const CELL: f64 = 12.0;

/// Values of the panel's measure in view, each with its time, and how many more there are.
fn values(panel: &Panel, store: &Store, range: Range) -> (Vec<(Nanos, f64)>, u64) {
    let Some((_, stream)) = store.stream(&panel.spec.stream) else { return (Vec::new(), 0) };
    let Some(field) = stream.schema().index_of(&panel.spec.measure) else { return (Vec::new(), 0) };
    let mut values = Vec::new();
    let left_out = Scan::new(stream, range, &panel.spec.filter).newest(MOST_EVENTS, |_, batch, row| {
        let value = batch.columns.get(field).and_then(|column| column.number(row));
        values.extend(value.filter(|value| value.is_finite()).map(|value| (batch.times[row], value)));
    });
    (values, left_out)
}

fn unit(panel: &Panel, store: &Store) -> Option<String> {
    let (_, stream) = store.stream(&panel.spec.stream)?;
    let schema = stream.schema();
    schema.fields[schema.index_of(&panel.spec.measure)?].unit.clone()
}

pub(super) fn histogram(panel: &Panel, store: &Store, range: Range) -> PanelData {
    let (values, _) = values(panel, store, range);
    // The first is the newest arrival.
    let latest = values.first().map(|(_, value)| *value);
    let mut sorted: Vec<f64> = values.into_iter().map(|(_, value)| value).collect();
    order::sort_floats(&mut sorted);
    let unit = unit(panel, store);
    let bins = bins(&sorted, histogram::BINS.number(panel.options()), &Unit::parse(unit.as_deref()));
    let mark = |(name, part): (&str, f64)| {
        let value = *sorted.get((sorted.len() as f64 * part) as usize)?;
        Some(QuantileMark { name: name.to_owned(), value })
    };
    let marks = [("median", 0.5), ("p95", 0.95), ("p99", 0.99)].into_iter().filter_map(mark).collect();
    PanelData::Histogram(HistogramData { bins, marks, latest, unit, color_index: 0 })
}

/// Bins of a round width over sorted values: about `wanted`, or as many as Freedman and Diaconis advise.
///
/// # Source
/// D. Freedman, P. Diaconis, "On the histogram as a density estimator", 1981.
fn bins(sorted: &[f64], wanted: Option<f64>, unit: &Unit) -> Vec<Bin> {
    let (Some(&least), Some(&greatest)) = (sorted.first(), sorted.last()) else { return Vec::new() };
    let span = greatest - least;
    let quarter = |part: usize| sorted[(sorted.len() * part / 4).min(sorted.len() - 1)];
    let width = 2.0 * (quarter(3) - quarter(1)) / (sorted.len() as f64).cbrt();
    let advised = if width > 0.0 { (span / width).clamp(BINS.0, BINS.1) } else { BINS.0 };
    let target = wanted.unwrap_or(advised);
    let padded = if span > 0.0 { (least, greatest) } else { (least - 0.5, least + 0.5) };
    let (_, step) = value_ticks(padded, target as usize, unit);
    let first = (padded.0 / step).floor();
    let count = ((padded.1 / step).floor() - first + 1.0).clamp(1.0, 400.0) as usize;
    let edge = |index: usize| (first + index as f64) * step;
    let mut bins: Vec<Bin> =
        (0..count).map(|index| Bin { low: edge(index), high: edge(index + 1), count: 0 }).collect();
    for value in sorted {
        let index = ((value / step).floor() - first).clamp(0.0, (count - 1) as f64) as usize;
        bins[index].count += 1;
    }
    bins
}

pub(super) fn heatmap(panel: &Panel, store: &Store, range: Range, size: Size) -> PanelData {
    let wanted = (f64::from(size.width_px) / size.scale / CELL).clamp(4.0, 200.0) as i64;
    let grid = Grid::new(range, wanted);
    let (values, _) = values(panel, store, Range { from: grid.range.0, to: grid.range.1 });
    let mut extent = Extent::EMPTY;
    for (_, value) in &values {
        extent.include(*value);
    }
    let (low, high) = value_range(extent, Extent::EMPTY);
    let rows = heatmap::ROWS.number(panel.options()).unwrap_or(24.0) as usize;
    let mut counts = vec![0.0; grid.columns * rows];
    for (time, value) in values {
        let row = ((value - low) / (high - low) * rows as f64) as usize;
        if let Some(count) = counts.get_mut(grid.column(time) * rows + row.min(rows - 1)) {
            *count += 1.0;
        }
    }
    PanelData::Heatmap(HeatmapData {
        range: grid.range,
        value_range: (low, high),
        rows,
        counts,
        unit: unit(panel, store),
    })
}

/// Columns of equal length that cover a range and stay where they are while it moves.
pub(super) struct Grid {
    /// Start of the first and end of the last.
    pub(super) range: (Nanos, Nanos),
    pub(super) columns: usize,
    step: Nanos,
}

impl Grid {
    /// About `wanted` columns.
    pub(super) fn new(range: Range, wanted: i64) -> Self {
        let step = (range.width() / wanted.max(1)).max(1);
        let start = range.from.div_euclid(step).saturating_mul(step);
        let columns = (range.to.saturating_sub(start) / step + 1).clamp(1, 2 * wanted.max(1));
        Self {
            range: (start, start.saturating_add(columns.saturating_mul(step))),
            columns: columns as usize,
            step,
        }
    }

    /// The column of a time in the range.
    pub(super) fn column(&self, time: Nanos) -> usize {
        ((time.saturating_sub(self.range.0)).max(0) / self.step) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_round_adjoin_and_hold_every_value() {
        let sorted: Vec<f64> = (0..1_000).map(f64::from).collect();
        let bins = bins(&sorted, Some(10.0), &Unit::NONE);
        assert_eq!((bins[0].low, bins[0].high), (0.0, 100.0));
        assert!(bins.windows(2).all(|pair| pair[0].high == pair[1].low));
        assert_eq!(bins.iter().map(|bin| bin.count).sum::<u64>(), 1_000);
    }

    #[test]
    fn a_constant_has_a_bin_of_its_own() {
        let bins = bins(&[7.0; 5], None, &Unit::NONE);
        assert_eq!(bins.iter().filter(|bin| bin.count == 5).count(), 1);
    }

    #[test]
    fn columns_stay_where_they_are_while_the_range_moves() {
        let at = |from: Nanos| Grid::new(Range { from, to: from + 1_000 }, 10);
        assert_eq!(at(40).range, (0, 1_100));
        assert_eq!(at(99).range, (0, 1_100));
        assert_eq!((at(100).range, at(100).columns), ((100, 1_200), 11));
        assert_eq!(at(40).column(1_040), 10);
    }
}
