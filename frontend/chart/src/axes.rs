//! Grid and axis labels, drawn by plotters into ops.

use std::ops::Range;

use plotters::chart::ChartBuilder;
use plotters::coord::ranged1d::{KeyPointHint, KeyPointWeight, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::drawing::{DrawingAreaErrorKind, IntoDrawingArea};
use plotters::style::{Color as _, FontFamily, RGBAColor, ShapeStyle, TextStyle};

use crate::Color;
use crate::data::Side;
use crate::display_list::{Align, Baseline, Op, Text, Weight};
use crate::format::{self, Unit};
use crate::layout::{Layout, PlotRect, Size};
use crate::recorder::Recorder;
use crate::scale::{Scale, log_ticks, value_ticks};
use crate::text;
use crate::theme::{Theme, css_px};
use crate::ticks::time_ticks;
use crate::zone::Zone;

/// CSS pixels of free canvas above, right of and below the plot, and between labels and the plot.
const TOP: f64 = 8.0;
const RIGHT: f64 = 14.0;
const BOTTOM: f64 = 22.0;
const LABEL_GAP: f64 = 6.0;
/// CSS pixels between ticks, at the least, and the smallest plot that gets labels.
const TIME_TICK_PITCH: f64 = 96.0;
const VALUE_TICK_PITCH: f64 = 44.0;
const SMALLEST_PLOT: f64 = 24.0;
/// CSS pixels between names of rows, and the largest part of the canvas they take.
const NAME_PITCH: f64 = 14.0;
const MOST_NAME: f64 = 0.35;

/// One labelled position on an axis.
#[derive(Clone, Debug)]
struct Tick {
    /// Canvas pixel, counted along the axis' direction on the canvas.
    at_px: i32,
    label: String,
}

/// Ticks as plotters' coordinate: values are indices into the list.
struct TickAxis(Vec<Tick>);

impl Ranged for TickAxis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = usize;

    fn map(&self, index: &usize, _limit: (i32, i32)) -> i32 {
        self.0.get(*index).map_or(0, |tick| tick.at_px)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<usize> {
        match hint.weight() {
            KeyPointWeight::Bold => self.range().collect(),
            KeyPointWeight::Any => Vec::new(),
        }
    }

    fn range(&self) -> Range<usize> {
        0..self.0.len()
    }
}

impl ValueFormatter<usize> for TickAxis {
    fn format_ext(&self, index: &usize) -> String {
        self.0.get(*index).map_or_else(String::new, |tick| tick.label.clone())
    }
}

/// What to lay out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AxesSpec<'a> {
    pub(crate) size: Size,
    pub(crate) across: Across<'a>,
    pub(crate) up: Up<'a>,
    /// The right axis' range and unit.
    pub(crate) right: Option<((f64, f64), &'a Unit)>,
    /// CSS pixels of room above the plot beside the usual.
    pub(crate) head: f64,
    pub(crate) zone: &'a Zone,
}

/// What lies from left to right.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Across<'a> {
    Time((i64, i64)),
    /// The same, widened by less than two pixel columns so that it moves on by whole ones.
    Columns((i64, i64)),
    Values((f64, f64), &'a Unit),
}

/// What lies from bottom to top.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Up<'a> {
    /// The range ends `floor_px` above the plot's bottom; no tick lies below it.
    Values { range: (f64, f64), unit: &'a Unit, scale: Scale, floor_px: f64 },
    /// Rows of equal height, the first on top.
    Names(&'a [&'a str]),
}

/// A plot with labelled axes: its layout, and what draws them.
pub(crate) struct Axes {
    pub(crate) layout: Layout,
    size: Size,
    across: TickAxis,
    value: TickAxis,
    /// Labels right of the plot, and names left of it.
    right: Vec<Tick>,
    names: Vec<Tick>,
}

impl Axes {
    /// Lays out a plot, with room for labels unless the canvas is too small for them.
    pub(crate) fn new(spec: &AxesSpec<'_>) -> Self {
        let size = spec.size;
        let bare = PlotRect { x_px: 0, y_px: 0, width_px: size.width_px, height_px: size.height_px };
        let mut axes = Self {
            layout: Layout {
                plot: bare,
                right_range: spec.right.map(|(range, _)| range),
                ..Layout::default()
            },
            size,
            across: TickAxis(Vec::new()),
            value: TickAxis(Vec::new()),
            right: Vec::new(),
            names: Vec::new(),
        };
        axes.layout.time_range = (0, 1);
        axes.layout.value_range = (0.0, 1.0);
        match spec.across {
            Across::Time(range) | Across::Columns(range) => axes.layout.time_range = range,
            Across::Values(range, _) => axes.layout.across_range = Some(range),
        }
        if let Up::Values { range, scale, .. } = spec.up {
            axes.layout.value_range = range;
            axes.layout.scale = scale;
        }
        let top = TOP + spec.head;
        let Some(height_px) = inner_px(size, size.height_px, top + BOTTOM) else { return axes };
        let labels = left_labels(spec, f64::from(height_px));
        let right_labels = spec
            .right
            .map(|(range, unit)| value_labels(size, f64::from(height_px), range, unit, axes.layout.scale))
            .unwrap_or_default();
        let left = label_room(size, labels.iter().map(|(label, _)| label.as_str()));
        let right = label_room(size, right_labels.iter().map(|(label, _)| label.as_str())).max(RIGHT);
        let Some(width_px) = inner_px(size, size.width_px, left + right) else { return axes };
        let (x_px, y_px) = (size.px(left).round() as u32, size.px(top).round() as u32);
        axes.layout.plot = PlotRect { x_px, y_px, width_px, height_px };
        if let Across::Columns(_) = spec.across {
            axes.layout.snap();
        }
        if let Up::Values { floor_px, .. } = spec.up {
            axes.layout.lift(floor_px);
        }
        let at = |side: Side, value: f64, layout: &Layout| inside(layout.px_on(side, value), y_px, height_px);
        match spec.up {
            Up::Values { .. } => {
                let tick = |(label, value)| Tick { at_px: at(Side::Left, value, &axes.layout), label };
                axes.value.0 = labels.into_iter().map(tick).collect();
            }
            Up::Names(names) => {
                axes.names = labels
                    .into_iter()
                    .map(|(label, row)| Tick { at_px: axes.row_center(row, names.len()), label })
                    .collect();
            }
        }
        axes.right = right_labels
            .into_iter()
            .map(|(label, value)| Tick { at_px: at(Side::Right, value, &axes.layout), label })
            .collect();
        axes.across.0 = axes.across_labels(spec);
        axes
    }

    fn row_center(&self, row: f64, rows: usize) -> i32 {
        let PlotRect { y_px, height_px, .. } = self.layout.plot;
        let pitch = f64::from(height_px) / rows.max(1) as f64;
        inside(f64::from(y_px) + (row + 0.5) * pitch, y_px, height_px)
    }

    fn across_labels(&self, spec: &AxesSpec<'_>) -> Vec<Tick> {
        let plot = self.layout.plot;
        let room = |pitch: f64| (f64::from(plot.width_px) / self.size.px(pitch)).floor().max(1.0) as usize;
        let ticks: Vec<(f64, String)> = match spec.across {
            Across::Time(_) | Across::Columns(_) => {
                time_ticks(self.layout.time_range, room(TIME_TICK_PITCH), spec.zone)
                    .into_iter()
                    .map(|tick| (self.layout.px_from_time(tick.t), tick.label))
                    .collect()
            }
            Across::Values(range, unit) => {
                let (values, step) = value_ticks(range, room(TIME_TICK_PITCH), unit);
                let labels = format::axis_labels(&values, step, unit);
                values.iter().map(|value| self.layout.px_across(*value)).zip(labels).collect()
            }
        };
        let mut free_from = 0.0;
        let tick = |(at_px, label): (f64, String)| {
            let half = label_width(self.size, &label) / 2.0;
            let fits = at_px - half >= free_from && at_px + half <= f64::from(self.size.width_px);
            if fits {
                free_from = at_px + half + self.size.px(LABEL_GAP);
            }
            let at_px = inside(at_px, plot.x_px, plot.width_px);
            Tick { at_px, label: if fits { label } else { String::new() } }
        };
        ticks.into_iter().map(tick).collect()
    }

    /// Pixels from the plot's left edge to the grid lines that stand.
    pub(crate) fn grid_px(&self) -> impl Iterator<Item = f64> {
        self.across.0.iter().map(|tick| f64::from(tick.at_px) - f64::from(self.layout.plot.x_px))
    }

    /// Appends grid lines and labels to `ops`.
    pub(crate) fn draw(self, theme: &Theme, ops: &mut Vec<Op>) {
        let kept = ops.len();
        let plot = self.layout.plot;
        let gap = self.size.px(LABEL_GAP);
        let beside = |tick: &Tick, x: f64, align: Align| {
            Op::Text(Text {
                at: [x as f32, tick.at_px as f32 + 0.5],
                text: tick.label.clone(),
                size_px: self.size.px(css_px::LABEL) as f32,
                color: theme.axis_text,
                align,
                baseline: Baseline::Middle,
                weight: Weight::Normal,
            })
        };
        let left = f64::from(plot.x_px) - gap;
        let right = f64::from(plot.x_px + plot.width_px) + gap;
        let mut labels: Vec<_> = self.names.iter().map(|tick| beside(tick, left, Align::Right)).collect();
        labels.extend(self.right.iter().map(|tick| beside(tick, right, Align::Left)));
        let size_px = (self.size.width_px, self.size.height_px);
        if self.draw_mesh(theme, Recorder::new(size_px, ops)).is_err() {
            // Recording cannot fail; were plotters to refuse the layout, the data still shows.
            ops.truncate(kept);
        }
        ops.extend(labels);
    }

    fn draw_mesh(
        self,
        theme: &Theme,
        recorder: Recorder<'_>,
    ) -> Result<(), DrawingAreaErrorKind<std::convert::Infallible>> {
        let plot = self.layout.plot;
        let root = recorder.into_drawing_area();
        let below = self.size.height_px.saturating_sub(plot.y_px + plot.height_px);
        let text_color = plotters_color(theme.axis_text);
        let style = TextStyle::from((FontFamily::SansSerif, self.size.px(css_px::LABEL))).color(&text_color);
        let hairline_px = (self.size.scale / 2.0).round().max(1.0) as u32;
        let hairline = ShapeStyle::from(plotters_color(theme.grid)).stroke_width(hairline_px);
        let mut chart = ChartBuilder::on(&root)
            .margin_top(plot.y_px)
            .margin_right(self.size.width_px.saturating_sub(plot.x_px + plot.width_px))
            .x_label_area_size(below)
            .y_label_area_size(plot.x_px)
            .build_cartesian_2d(self.across, self.value)?;
        chart
            .configure_mesh()
            .axis_style(plotters_color(Color::NONE))
            .bold_line_style(hairline)
            .light_line_style(plotters_color(Color::NONE))
            .label_style(style)
            // plotters keeps labels twice the tick length away from the plot.
            .set_all_tick_mark_size((self.size.px(LABEL_GAP) / 2.0).round() as i32)
            .draw()
    }
}

/// Device pixels left of a side without `margins` CSS pixels, when that is enough for a plot.
fn inner_px(size: Size, side_px: u32, margins: f64) -> Option<u32> {
    let inner = (f64::from(side_px) - size.px(margins)).floor();
    (inner >= size.px(SMALLEST_PLOT)).then_some(inner as u32)
}

/// Labels left of the plot with their values, or their rows.
fn left_labels(spec: &AxesSpec<'_>, height_px: f64) -> Vec<(String, f64)> {
    match spec.up {
        Up::Values { range, unit, scale, .. } => value_labels(spec.size, height_px, range, unit, scale),
        Up::Names(names) => {
            let limit = f64::from(spec.size.width_px) * MOST_NAME;
            let rows_per_label =
                (spec.size.px(NAME_PITCH) * names.len() as f64 / height_px.max(1.0)).ceil().max(1.0) as usize;
            let short = |name: &str| text::shortened(name, spec.size.px(css_px::LABEL), limit);
            let rows = names.iter().enumerate().step_by(rows_per_label);
            rows.map(|(row, name)| (short(name), row as f64)).collect()
        }
    }
}

fn value_labels(
    size: Size,
    height_px: f64,
    range: (f64, f64),
    unit: &Unit,
    scale: Scale,
) -> Vec<(String, f64)> {
    let target = (height_px / size.px(VALUE_TICK_PITCH)).round().clamp(1.0, 10.0) as usize;
    let (labels, values) = match scale {
        Scale::Linear => {
            let (values, step) = value_ticks(range, target, unit);
            (format::axis_labels(&values, step, unit), values)
        }
        Scale::Log => {
            let values = log_ticks(range, target);
            (values.iter().map(|value| format::axis_value(*value, unit)).collect(), values)
        }
    };
    labels.into_iter().zip(values).collect()
}

/// CSS pixels that labels and the space around them take.
fn label_room<'a>(size: Size, labels: impl Iterator<Item = &'a str>) -> f64 {
    let roomy = |label: &str| text::roomy_px(label, size.px(css_px::LABEL));
    let widest = labels.fold(0.0_f64, |most, label| most.max(roomy(label)));
    if widest > 0.0 { widest / size.scale + LABEL_GAP + 2.0 } else { 4.0 }
}

/// The pixel nearest to `at_px` among the `len` pixels from `start`: plotters drops labels beyond them.
fn inside(at_px: f64, start: u32, len: u32) -> i32 {
    at_px.round().clamp(f64::from(start), f64::from(start + len) - 1.0) as i32
}

fn label_width(size: Size, label: &str) -> f64 {
    text::width_px(label, size.px(css_px::LABEL))
}

fn plotters_color(color: Color) -> RGBAColor {
    let [red, green, blue, alpha] = color.channels();
    plotters::style::RGBColor(red, green, blue).mix(f64::from(alpha) / 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use spate_shared::time::HOUR;

    fn axes(width_px: u32, height_px: u32) -> Axes {
        Axes::new(&AxesSpec {
            size: Size { width_px, height_px, scale: 1.0 },
            across: Across::Time((0, 4 * HOUR)),
            up: Up::Values { range: (0.0, 100.0), unit: &Unit::NONE, scale: Scale::Linear, floor_px: 0.0 },
            right: None,
            head: 0.0,
            zone: &crate::zone::UTC,
        })
    }

    #[test]
    fn grid_lines_lie_where_the_layout_says() {
        let axes = axes(800, 300);
        let layout = axes.layout;
        let mut ops = Vec::new();
        axes.draw(&Theme::LIGHT, &mut ops);
        let x = layout.px_from_time(2 * HOUR).round() as f32 + 0.5;
        let y = layout.px_from_value(40.0).round() as f32 + 0.5;
        let has = |test: &dyn Fn([f32; 2], [f32; 2]) -> bool| {
            ops.iter().any(|op| matches!(op, Op::Line { from, to, .. } if test(*from, *to)))
        };
        assert!(has(&|from, to| from[0] == x && to[0] == x), "{ops:?}");
        assert!(has(&|from, to| from[1] == y && to[1] == y), "{ops:?}");
    }

    #[test]
    fn a_tiny_canvas_has_no_labels() {
        let axes = axes(20, 20);
        assert_eq!(axes.layout.plot, PlotRect { x_px: 0, y_px: 0, width_px: 20, height_px: 20 });
    }
}
