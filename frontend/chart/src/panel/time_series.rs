//! Lines over time with expected bands, known gaps, windows, anomalies and how unusual it all is.

use crate::axes::Axes;
use crate::data::TimeSeriesData;
use crate::format::Unit;
use crate::layout::ordered_range;
use crate::options::{OptionKind, OptionSpec};
use crate::panel::painter::{Painter, visible};
use crate::panel::{Frame, PanelKind, PlotAs, Scratch, empty_list, marks, ribbon};
use crate::scale::{Extent, LARGEST, value_range};
use crate::scene::{Drawn, Scene};
use crate::theme::css_px;
use crate::under::{Target, Under};

const BAND: OptionSpec = OptionSpec {
    name: "band",
    kind: OptionKind::Flag { default: true },
    doc: "Shade where values were expected to lie.",
};
const RIBBON: OptionSpec = OptionSpec {
    name: "ribbon",
    kind: OptionKind::Flag { default: true },
    doc: "Show under the lines how unusual each moment is.",
};
const WINDOWS: OptionSpec = OptionSpec {
    name: "windows",
    kind: OptionKind::Flag { default: true },
    doc: "Show window results as bars: filled when final, hollow while they may change.",
};
const WATERMARK: OptionSpec = OptionSpec {
    name: "watermark",
    kind: OptionKind::Flag { default: true },
    doc: "Mark the time up to which results are final.",
};
const LINE_WIDTH: OptionSpec = OptionSpec {
    name: "line_width",
    kind: OptionKind::Number { default: Some(css_px::LINE), min: 1.0, max: 6.0 },
    doc: "Width of lines in CSS pixels.",
};
const Y_MIN: OptionSpec = OptionSpec {
    name: "y_min",
    kind: OptionKind::Number { default: None, min: -LARGEST, max: LARGEST },
    doc: "Value at the bottom; automatic when empty.",
};
const Y_MAX: OptionSpec = OptionSpec {
    name: "y_max",
    kind: OptionKind::Number { default: None, min: -LARGEST, max: LARGEST },
    doc: "Value at the top; automatic when empty.",
};

/// What this kind of panel is.
pub const KIND: PanelKind = PanelKind {
    id: "time_series",
    title: "Time series",
    doc: "Lines over time with expected bands, gaps and anomalies.",
    needs: "one or more measures over time",
    options: &[BAND, RIBBON, WINDOWS, WATERMARK, LINE_WIDTH, Y_MIN, Y_MAX],
};

/// CSS pixels kept free between lines and the ribbon.
const RIBBON_GAP: f64 = 3.0;

/// Draws the panel.
pub fn draw(data: &TimeSeriesData, frame: &Frame<'_>, scratch: &mut Scratch) -> Drawn {
    let mut list = empty_list(frame);
    let has_ribbon = RIBBON.flag(frame.options) && data.series.iter().any(|series| !series.scores.is_empty());
    let axes = lay_out(data, frame, has_ribbon);
    let layout = axes.layout;
    let mut axis_ops = Vec::new();
    axes.draw(frame.theme, &mut axis_ops);

    scratch.raster.clear(layout.plot.width_px, layout.plot.height_px, frame.theme.background);
    let target = match frame.plot_as {
        PlotAs::Pixels => Target::Pixels(&mut scratch.raster),
        PlotAs::Ops => Target::Ops(&mut list.ops),
    };
    let mut painter =
        Painter { frame, layout, columns: &mut scratch.columns, under: Under { plot: layout.plot, target } };
    let labels = painter.grid(axis_ops);
    painter.gaps(data);
    if BAND.flag(frame.options) {
        data.series.iter().for_each(|series| painter.band(series));
    }
    let line_width = LINE_WIDTH.number(frame.options).unwrap_or(css_px::LINE);
    data.series.iter().for_each(|series| painter.line(series, line_width));
    if has_ribbon {
        ribbon::draw(data, frame, &layout, &mut scratch.levels, &mut painter.under);
    }

    if WATERMARK.flag(frame.options) {
        list.ops.extend(marks::watermark(data, frame, &layout));
    }
    if WINDOWS.flag(frame.options) {
        data.series.iter().for_each(|series| marks::windows(series, frame, &layout, &mut list.ops));
    }
    marks::anomalies(data, frame, &layout, &mut list.ops);
    list.ops.extend(labels);
    let image = (frame.plot_as == PlotAs::Pixels).then(|| scratch.take_image(layout.plot));
    Drawn::Scene(Scene { list, image }, layout)
}

fn lay_out(data: &TimeSeriesData, frame: &Frame<'_>, has_ribbon: bool) -> Axes {
    let time_range = ordered_range(data.range);
    let (values, bands) = extents(data, time_range, BAND.flag(frame.options));
    let automatic = value_range(values, bands);
    let low = Y_MIN.number(frame.options).unwrap_or(automatic.0);
    let high = Y_MAX.number(frame.options).unwrap_or(automatic.1);
    let chosen = if low < high { (low, high) } else { automatic };
    let floor_px = if has_ribbon { frame.size.px(css_px::RIBBON + RIBBON_GAP) } else { 0.0 };
    let unit = Unit::parse(data.unit.as_deref());
    Axes::new(frame.size, time_range, chosen, &unit, floor_px, frame.zone)
}

/// Extents of what is visible: values of every sort, and bands.
fn extents(data: &TimeSeriesData, range: (i64, i64), with_bands: bool) -> (Extent, Extent) {
    let (mut values, mut bands) = (Extent::EMPTY, Extent::EMPTY);
    let is_inside = |t: i64| (range.0..=range.1).contains(&t);
    for series in &data.series {
        let points = visible(&series.points, range, |point| point.t);
        points.iter().filter(|point| is_inside(point.t)).for_each(|point| values.include(point.v));
        let anomalies = series.anomalies.iter().filter(|anomaly| is_inside(anomaly.t));
        anomalies.for_each(|anomaly| values.include(anomaly.v));
        let windows = series.windows.iter().filter(|mark| mark.end > range.0 && mark.start < range.1);
        windows.for_each(|mark| values.include(mark.value));
        if with_bands {
            for point in visible(&series.band, range, |point| point.t) {
                bands.include(point.lower);
                bands.include(point.upper);
            }
        }
    }
    (values, bands)
}
