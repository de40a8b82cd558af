//! Values over time with expected bands, known gaps, windows, anomalies and how unusual it all is.

mod late;
mod marks;
mod overlay;
mod ribbon;
pub(super) mod scroll;
mod stack;
mod style;

use crate::axes::{Across, Axes, AxesSpec, Up};
use crate::data::{Series, Side, TimeSeriesData};
use crate::display_list::Op;
use crate::format::{self, Unit};
use crate::layout::{Layout, ordered_range};
use crate::options::{self, Note, OptionKind, OptionSpec, TextForm, Threshold};
use crate::panel::painter::{Painter, inside, visible};
use crate::panel::{Frame, PanelKind, Scratch, Surface, draw_plot};
use crate::scale::{Extent, LARGEST, Scale, log_range, value_range};
use crate::scene::Drawn;
use crate::theme::css_px;
use spate_pixels::map::extent;
use spate_shared::order;
use stack::Layer;
use style::{Pen, STYLE, Style};

const STACK: OptionSpec = OptionSpec {
    name: "stack",
    kind: OptionKind::Flag { default: false },
    doc: "Put series on top of each other; of lines, the areas between them are tinted.",
};
const SCALE: OptionSpec = OptionSpec {
    name: "scale",
    kind: OptionKind::Choice { default: "linear", choices: &["linear", "log"] },
    doc: "How values grow from bottom to top; on a logarithmic axis zero and less have no place, which is said.",
};
/// What else to show.
pub const ALSO: OptionSpec = OptionSpec {
    name: "also",
    kind: OptionKind::Text { form: TextForm::Names },
    doc: "More measures of the same stream; those of another unit get an axis on the right.",
};
const THRESHOLDS: OptionSpec = OptionSpec {
    name: "thresholds",
    kind: OptionKind::Text { form: TextForm::Thresholds },
    doc: "Values to mark with a line, each with how much it matters: minor, major or critical.",
};
const NOTES: OptionSpec = OptionSpec {
    name: "notes",
    kind: OptionKind::Text { form: TextForm::Notes },
    doc: "Moments and intervals to mark, each with a text.",
};
const PATTERNS: OptionSpec = OptionSpec {
    name: "patterns",
    kind: OptionKind::Flag { default: false },
    doc: "Tell lines apart by dashes too; series that share a colour always are.",
};
const BAND: OptionSpec = OptionSpec {
    name: "band",
    kind: OptionKind::Flag { default: true },
    doc: "Shade where values were expected to lie.",
};
const FORECAST: OptionSpec = OptionSpec {
    name: "forecast",
    kind: OptionKind::Flag { default: true },
    doc: "Show what values are expected to come, where there is a forecast.",
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
const LATE: OptionSpec = OptionSpec {
    name: "late",
    kind: OptionKind::Flag { default: true },
    doc: "Show under the lines which events came too late for every window, and how many.",
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
    doc: "Values over time with expected bands, gaps and anomalies.",
    needs: "one or more measures over time",
    surface: Surface::Canvas,
    options: &[
        STYLE, STACK, SCALE, ALSO, THRESHOLDS, NOTES, PATTERNS, BAND, FORECAST, RIBBON, WINDOWS, WATERMARK,
        LATE, LINE_WIDTH, Y_MIN, Y_MAX,
    ],
};

/// CSS pixels kept free between lines and the ribbon.
const RIBBON_GAP: f64 = 3.0;

/// What lies along the bottom of the plot. Only values have scores, and only results have late events.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strip {
    Ribbon,
    Late,
}

/// What the options say, read once.
struct Plan<'a> {
    frame: &'a Frame<'a>,
    style: Style,
    scale: Scale,
    has_bands: bool,
    has_forecast: bool,
    strip: Option<Strip>,
    thresholds: Vec<Threshold>,
    notes: Vec<Note>,
    /// The layers of a stack, when there is one.
    layers: Option<Vec<Vec<Layer>>>,
    range: (i64, i64),
}

impl<'a> Plan<'a> {
    fn new(data: &TimeSeriesData, frame: &'a Frame<'a>) -> Self {
        let options = frame.options;
        let range = ordered_range(data.range);
        let mut notes = options::notes(NOTES.text(options)).0;
        notes.extend(data.notes.iter().cloned());
        order::sort_by_key(&mut notes, |note| (note.start, note.end));
        let is_stacked = STACK.flag(options) && data.series.len() > 1;
        let has_ribbon = RIBBON.flag(options) && data.series.iter().any(|series| !series.scores.is_empty());
        let has_late = LATE.flag(options) && !data.late.is_empty();
        Self {
            frame,
            style: Style::named(STYLE.choice(options)),
            scale: if SCALE.choice(options) == "log" { Scale::Log } else { Scale::Linear },
            // Bands around single values would mislead beside sums.
            has_bands: BAND.flag(options) && !is_stacked,
            has_forecast: FORECAST.flag(options) && !is_stacked,
            strip: if has_ribbon { Some(Strip::Ribbon) } else { has_late.then_some(Strip::Late) },
            thresholds: options::thresholds(THRESHOLDS.text(options)).0,
            notes,
            layers: is_stacked.then(|| stack::layers(&data.series, range, frame.size.width_px)),
            range,
        }
    }

    fn pen(&self, data: &TimeSeriesData, index: usize) -> Pen {
        let color_index = data.series.get(index).map_or(0, |series| series.color_index);
        let own = PATTERNS.flag(self.frame.options);
        Pen {
            style: self.style,
            line_width: LINE_WIDTH.number(self.frame.options).unwrap_or(css_px::LINE),
            pattern: if own { color_index } else { color_index / self.frame.theme.series.len() },
            slot: (index, data.series.len()),
        }
    }
}

/// Draws the panel.
pub fn draw(data: &TimeSeriesData, frame: &Frame<'_>, scratch: &mut Scratch) -> Drawn {
    let plan = Plan::new(data, frame);
    let axes = lay_out(data, &plan);
    let marks = if plan.layers.is_none() {
        marks::places(data, frame, &axes.layout)
    } else {
        marks::places(&without_values(data), frame, &axes.layout)
    };
    let paint = |painter: &mut Painter<'_>, scores: &mut Vec<f64>| {
        painter.note_tints(&plan.notes);
        painter.gaps(data);
        paint_series(data, &plan, painter);
        match plan.strip {
            Some(Strip::Ribbon) => ribbon::draw(data, scores, painter),
            Some(Strip::Late) => late::draw(data, frame, &painter.layout, &mut painter.under),
            None => {}
        }
        painter.anomalies(&marks);
    };
    let looks = scroll::looks(data, &plan, &axes, &marks);
    let shown = scratch.shown.take();
    let again =
        shown.as_ref().zip(looks.as_ref()).and_then(|(shown, looks)| shown.again(looks, data, frame.size));
    let drawn =
        draw_plot(axes, frame, scratch, again, &paint, &|layout, ops| draw_over(data, &plan, layout, ops));
    scratch.shown = looks;
    drawn
}

fn draw_over(data: &TimeSeriesData, plan: &Plan<'_>, layout: &Layout, ops: &mut Vec<Op>) {
    let frame = plan.frame;
    if WATERMARK.flag(frame.options) {
        ops.extend(marks::watermark(data, frame, layout));
    }
    if WINDOWS.flag(frame.options) && plan.layers.is_none() {
        data.series.iter().for_each(|series| marks::windows(series, frame, layout, ops));
    }
    if plan.strip == Some(Strip::Late) {
        ops.extend(late::words(data, frame, layout));
    }
    let unit = Unit::parse(data.unit.as_deref());
    overlay::thresholds(&plan.thresholds, &unit, frame, layout, ops);
    overlay::notes(&plan.notes, frame, layout, ops);
    overlay::remarks(&remarks(data, plan), frame, layout, ops);
}

fn paint_series(data: &TimeSeriesData, plan: &Plan<'_>, painter: &mut Painter<'_>) {
    if plan.has_bands {
        data.series.iter().for_each(|series| painter.band(series));
    }
    if let Some(layers) = &plan.layers {
        for (index, (series, layers)) in data.series.iter().zip(layers).enumerate() {
            painter.layer(series, layers, plan.pen(data, index));
        }
        return;
    }
    for (index, series) in data.series.iter().enumerate() {
        let pen = plan.pen(data, index);
        painter.series(series, pen);
        if plan.has_forecast {
            painter.fan(series, pen.line_width);
        }
    }
}

/// In a stack a series' own value has no place: its anomalies are marked at the bottom.
fn without_values(data: &TimeSeriesData) -> TimeSeriesData {
    let series = data.series.iter().map(|series| {
        let mut anomalies = series.anomalies.clone();
        for anomaly in &mut anomalies {
            anomaly.v = f64::NAN;
        }
        Series { anomalies, side: series.side, ..Series::default() }
    });
    TimeSeriesData { series: series.collect(), ..TimeSeriesData::default() }
}

/// What the plot does not show.
fn remarks(data: &TimeSeriesData, plan: &Plan<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    if data.hidden_series > 0 {
        let shown = data.series.len();
        let all = format::count((shown + data.hidden_series) as u64);
        lines.push(format!("{shown} of {all} series"));
    }
    if plan.scale == Scale::Log {
        let seen = data.series.iter().flat_map(|series| visible(&series.points, plan.range, |point| point.t));
        let without_place = seen.filter(|point| point.v <= 0.0).count();
        if without_place > 0 {
            lines.push(format!("{} at or below 0 not shown", format::count(without_place as u64)));
        }
    }
    lines
}

fn lay_out(data: &TimeSeriesData, plan: &Plan<'_>) -> Axes {
    let frame = plan.frame;
    let automatic = |side| side_range(data, plan, side);
    let left = automatic(Side::Left);
    let low = Y_MIN.number(frame.options).unwrap_or(left.0);
    let high = Y_MAX.number(frame.options).unwrap_or(left.1);
    let has_place = plan.scale == Scale::Linear || low > 0.0;
    let range = if low < high && has_place { (low, high) } else { left };
    let floor_px = if plan.strip.is_some() { frame.size.px(css_px::RIBBON + RIBBON_GAP) } else { 0.0 };
    let unit = Unit::parse(data.unit.as_deref());
    let right_unit = Unit::parse(data.right_unit.as_deref());
    let has_right = data.series.iter().any(|series| series.side == Side::Right);
    Axes::new(&AxesSpec {
        size: frame.size,
        across: if data.follows { Across::Columns(plan.range) } else { Across::Time(plan.range) },
        up: Up::Values { range, unit: &unit, scale: plan.scale, floor_px },
        right: has_right.then(|| (automatic(Side::Right), &right_unit)),
        head: 0.0,
        zone: frame.zone,
    })
}

fn side_range(data: &TimeSeriesData, plan: &Plan<'_>, side: Side) -> (f64, f64) {
    let (values, mut bands) = extents(data, plan, side);
    if plan.scale == Scale::Log {
        return log_range(values);
    }
    if side == Side::Left {
        plan.thresholds.iter().for_each(|threshold| bands.include(threshold.value));
    }
    value_range(values, bands)
}

/// Extents of what is visible on one side: values of every sort, and bands. On a logarithmic axis, of what has a place.
fn extents(data: &TimeSeriesData, plan: &Plan<'_>, side: Side) -> (Extent, Extent) {
    let (mut values, mut bands) = (Extent::EMPTY, Extent::EMPTY);
    let range = plan.range;
    let has_place = |value: f64| plan.scale == Scale::Linear || value > 0.0;
    let mut include = |value: f64| {
        if has_place(value) {
            values.include(value);
        }
    };
    let is_inside = |t: i64| (range.0..=range.1).contains(&t);
    for (index, series) in data.series.iter().enumerate().filter(|(_, series)| series.side == side) {
        if plan.style.stands_on_zero() || plan.layers.is_some() {
            include(0.0);
        }
        if let Some(layers) = plan.layers.as_ref().and_then(|layers| layers.get(index)) {
            for layer in layers {
                include(layer.high);
            }
            continue;
        }
        let above = if plan.scale == Scale::Log { 0.0 } else { f64::NEG_INFINITY };
        let seen = extent(inside(&series.points, range, |point| point.t), above);
        if let Some((least, greatest)) = seen {
            include(least);
            include(greatest);
        }
        let anomalies = series.anomalies.iter().filter(|anomaly| is_inside(anomaly.t));
        anomalies.for_each(|anomaly| include(anomaly.v));
        let windows = series.windows.iter().filter(|mark| mark.end > range.0 && mark.start < range.1);
        windows.for_each(|mark| include(mark.value));
        if plan.has_bands {
            for point in visible(&series.band, range, |point| point.t) {
                bands.include(point.lower);
                bands.include(point.upper);
            }
        }
        if plan.has_forecast {
            for point in visible(&series.forecast, range, |point| point.t) {
                include(point.middle);
                bands.include(point.outer.0);
                bands.include(point.outer.1);
            }
        }
    }
    (values, bands)
}
