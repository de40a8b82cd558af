//! How often values lie where: bars side by side, with quantiles and the latest value.

use crate::axes::{Across, Axes, AxesSpec, Up};
use crate::data::{Bin, HistogramData};
use crate::display_list::{Align, Baseline, Op};
use crate::format::{self, Unit};
use crate::layout::Layout;
use crate::options::{OptionKind, OptionSpec};
use crate::panel::painter::Painter;
use crate::panel::tip::{Tip, TipRow, part};
use crate::panel::{Frame, PanelKind, Scratch, Surface, draw_plot, note};
use crate::scale::{Extent, Scale, value_range};
use crate::scene::Drawn;
use crate::text;
use crate::theme::css_px;

/// How many bins the data should have.
pub const BINS: OptionSpec = OptionSpec {
    name: "bins",
    kind: OptionKind::Number { default: None, min: 2.0, max: 200.0 },
    doc: "Number of bars; by the spread of the values when empty.",
};
const QUANTILES: OptionSpec = OptionSpec {
    name: "quantiles",
    kind: OptionKind::Flag { default: true },
    doc: "Mark the median and the 95th and 99th percentile.",
};
const LATEST: OptionSpec = OptionSpec {
    name: "latest",
    kind: OptionKind::Flag { default: true },
    doc: "Mark where the latest value lies.",
};

/// What this kind of panel is.
pub const KIND: PanelKind = PanelKind {
    id: "histogram",
    title: "Histogram",
    doc: "How often the values in view lie where, with quantiles.",
    needs: "one measure",
    surface: Surface::Canvas,
    options: &[BINS, QUANTILES, LATEST],
};

/// CSS pixels above the plot for the names of quantiles, and between words.
const HEAD: f64 = 12.0;
const GAP: f64 = 3.0;

/// Draws the panel.
pub fn draw(data: &HistogramData, frame: &Frame<'_>, scratch: &mut Scratch) -> Drawn {
    let unit = Unit::parse(data.unit.as_deref());
    let axes = Axes::new(&AxesSpec {
        size: frame.size,
        across: Across::Values(span(data), &unit),
        up: Up::Values { range: counts(data), unit: &Unit::NONE, scale: Scale::Linear, floor_px: 0.0 },
        right: None,
        head: HEAD,
        zone: frame.zone,
    });
    let paint = |painter: &mut Painter<'_>, _: &mut Vec<f64>| {
        data.bins.iter().for_each(|bin| bar(bin, data.color_index, painter));
    };
    draw_plot(axes, frame, scratch, None, &paint, &|layout, ops| {
        if QUANTILES.flag(frame.options) {
            quantiles(data, &unit, frame, layout, ops);
        }
        if let Some(latest) = data.latest.filter(|_| LATEST.flag(frame.options)) {
            ops.extend(pointer(latest, data, frame, layout));
        }
    })
}

/// Values at the left and right edge: those of the outer bins.
fn span(data: &HistogramData) -> (f64, f64) {
    let mut extent = Extent::EMPTY;
    for bin in &data.bins {
        extent.include(bin.low);
        extent.include(bin.high);
    }
    if extent.min < extent.max { (extent.min, extent.max) } else { (0.0, 1.0) }
}

fn counts(data: &HistogramData) -> (f64, f64) {
    let most = data.bins.iter().map(|bin| bin.count).max().unwrap_or(0);
    let mut extent = Extent::EMPTY;
    extent.include(0.0);
    extent.include(most.max(1) as f64);
    value_range(extent, Extent::EMPTY)
}

fn bar(bin: &Bin, color_index: usize, painter: &mut Painter<'_>) {
    let (across, map) = (painter.layout.across(), painter.layout.in_plot());
    let width = f64::from(painter.layout.plot.width_px);
    let (left, right) = (across.x(bin.low).clamp(0.0, width), across.x(bin.high).clamp(0.0, width));
    let bottom = f64::from(painter.layout.plot.height_px);
    if bin.count == 0 || left.is_nan() || right.is_nan() || left >= right {
        return;
    }
    // A bin that is not empty is always seen.
    let top = map.y(bin.count as f64).min(bottom - painter.frame.size.scale).max(0.0);
    let hairline = if right - left > painter.frame.size.px(3.0) { painter.frame.size.scale } else { 0.0 };
    let rect = [left, top, (right - left - hairline).max(1.0), bottom - top].map(|px| px as f32);
    let color = painter.frame.theme.series_color(color_index);
    painter.under.rect(rect, color.with_alpha(0.75));
}

fn quantiles(data: &HistogramData, unit: &Unit, frame: &Frame<'_>, layout: &Layout, ops: &mut Vec<Op>) {
    let plot = layout.plot;
    let (top, bottom) = (plot.y_px as f32, (plot.y_px + plot.height_px) as f32);
    let right_edge = f64::from(plot.x_px + plot.width_px);
    let mut free_from = f64::NEG_INFINITY;
    for mark in data.marks.iter().filter(|mark| mark.value.is_finite()) {
        let x = layout.px_across(mark.value);
        // Not a number where the mark lies beyond what an axis can hold.
        if !(f64::from(plot.x_px)..=right_edge).contains(&x) {
            continue;
        }
        let center = x.floor() as f32 + 0.5;
        ops.push(Op::Line {
            from: [center, top],
            to: [center, bottom],
            width: frame.size.scale.round().max(1.0) as f32,
            color: frame.theme.text.with_alpha(0.65),
            dash: Some([frame.size.px(3.0) as f32, frame.size.px(3.0) as f32]),
        });
        let words = format!("{} {}", mark.name, format::value(mark.value, unit));
        let width = text::roomy_px(&words, frame.size.px(css_px::NOTE));
        let left = (x - width / 2.0).min(right_edge - width).max(f64::from(plot.x_px));
        if left >= free_from {
            let at = [left, f64::from(plot.y_px) - frame.size.px(GAP)];
            ops.push(note(frame, at, words, frame.theme.axis_text, Align::Left, Baseline::Bottom));
            free_from = left + width + frame.size.px(3.0 * GAP);
        }
    }
}

/// A triangle at the bottom where a value lies.
fn pointer(value: f64, data: &HistogramData, frame: &Frame<'_>, layout: &Layout) -> Option<Op> {
    let plot = layout.plot;
    let x = layout.px_across(value);
    let inside = x >= f64::from(plot.x_px) && x <= f64::from(plot.x_px + plot.width_px);
    let (x, bottom) = (x as f32, (plot.y_px + plot.height_px) as f32);
    let half = frame.size.px(css_px::MARK) as f32;
    inside.then(|| Op::Polygon {
        points: vec![[x, bottom - 1.8 * half], [x + half, bottom], [x - half, bottom]],
        fill: frame.theme.series_color(data.color_index),
        stroke: frame.theme.halo,
        stroke_width: frame.size.px(1.5) as f32,
    })
}

pub(super) fn tip(data: &HistogramData, layout: &Layout, at_px: [f64; 2]) -> Option<Tip> {
    part(layout.plot, at_px)?;
    let value = layout.value_across_px(at_px[0]);
    let bin = data.bins.iter().find(|bin| bin.low <= value && value < bin.high)?;
    let unit = Unit::parse(data.unit.as_deref());
    let all = data.bins.iter().fold(0_u64, |sum, bin| sum.saturating_add(bin.count));
    let share = bin.count as f64 / all.max(1) as f64 * 100.0;
    let count = format!("{} ({})", format::count(bin.count), format::value(share, &Unit::PERCENT));
    Some(Tip {
        time: None,
        title: format!("{} to {}", format::value(bin.low, &unit), format::value(bin.high, &unit)),
        rows: vec![TipRow::new("values", count, data.color_index)],
        at_px: [layout.px_across(f64::midpoint(bin.low, bin.high)), layout.px_from_value(bin.count as f64)],
    })
}
