//! Grid and axis labels, drawn by plotters into ops.

use std::ops::Range;

use plotters::chart::ChartBuilder;
use plotters::coord::ranged1d::{KeyPointHint, KeyPointWeight, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::drawing::{DrawingAreaErrorKind, IntoDrawingArea};
use plotters::style::{Color as _, FontFamily, RGBAColor, ShapeStyle, TextStyle};

use crate::color::Color;
use crate::display_list::Op;
use crate::format::{self, Unit};
use crate::layout::{Layout, PlotRect, Size};
use crate::recorder::Recorder;
use crate::scale::value_ticks;
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

/// A plot with labelled axes: its layout, and what draws them.
pub(crate) struct Axes {
    pub(crate) layout: Layout,
    size: Size,
    time: TickAxis,
    value: TickAxis,
}

impl Axes {
    /// Lays out a plot on `size`, with room for labels unless the canvas is too small for them.
    ///
    /// `value_range` ends `floor_px` above the plot's bottom; no tick lies below it.
    pub(crate) fn new(
        size: Size,
        time_range: (i64, i64),
        value_range: (f64, f64),
        unit: &Unit,
        floor_px: f64,
        zone: &Zone,
    ) -> Self {
        let bare = PlotRect { x_px: 0, y_px: 0, width_px: size.width_px, height_px: size.height_px };
        let mut axes = Self {
            layout: Layout { plot: bare, time_range, value_range },
            size,
            time: TickAxis(Vec::new()),
            value: TickAxis(Vec::new()),
        };
        let Some(height_px) = inner_px(size, size.height_px, TOP + BOTTOM) else { return axes };
        let (labels, values) = value_labels(size, f64::from(height_px), value_range, unit);
        let widest = labels.iter().fold(0.0_f64, |most, label| most.max(label_width(size, label)));
        let left = widest / size.scale + LABEL_GAP + 4.0;
        let Some(width_px) = inner_px(size, size.width_px, left + RIGHT) else { return axes };
        let (x_px, y_px) = (size.px(left).round() as u32, size.px(TOP).round() as u32);
        axes.layout.plot = PlotRect { x_px, y_px, width_px, height_px };
        axes.layout.value_range.0 = value_below(value_range, f64::from(height_px), floor_px);
        axes.value.0 = labels
            .into_iter()
            .zip(values)
            .map(|(label, value)| Tick {
                at_px: inside(axes.layout.px_from_value(value), y_px, height_px),
                label,
            })
            .collect();
        axes.time.0 = axes.time_labels(zone);
        axes
    }

    fn time_labels(&self, zone: &Zone) -> Vec<Tick> {
        let pitch = self.size.px(TIME_TICK_PITCH);
        let max_count = (f64::from(self.layout.plot.width_px) / pitch).floor().max(1.0) as usize;
        let mut free_from = 0.0;
        let ticks = time_ticks(self.layout.time_range, max_count, zone).into_iter();
        ticks
            .map(|tick| {
                let at_px = self.layout.px_from_time(tick.t);
                let half = label_width(self.size, &tick.label) / 2.0;
                let fits = at_px - half >= free_from && at_px + half <= f64::from(self.size.width_px);
                if fits {
                    free_from = at_px + half + self.size.px(LABEL_GAP);
                }
                let plot = self.layout.plot;
                let at_px = inside(at_px, plot.x_px, plot.width_px);
                Tick { at_px, label: if fits { tick.label } else { String::new() } }
            })
            .collect()
    }

    /// Appends grid lines and labels to `ops`.
    pub(crate) fn draw(self, theme: &Theme, ops: &mut Vec<Op>) {
        let kept = ops.len();
        let size_px = (self.size.width_px, self.size.height_px);
        if self.draw_mesh(theme, Recorder::new(size_px, ops)).is_err() {
            // Recording cannot fail; were plotters to refuse the layout, the data still shows.
            ops.truncate(kept);
        }
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
            .build_cartesian_2d(self.time, self.value)?;
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

/// The value `floor_px` below the range's lower end, when the range and that floor fill the height.
fn value_below((low, high): (f64, f64), height_px: f64, floor_px: f64) -> f64 {
    let free = (height_px - floor_px).max(height_px / 2.0);
    let below = low - (high - low) * (height_px / free - 1.0);
    if below.is_finite() { below } else { low }
}

fn value_labels(size: Size, height_px: f64, range: (f64, f64), unit: &Unit) -> (Vec<String>, Vec<f64>) {
    let target = (height_px / size.px(VALUE_TICK_PITCH)).round().clamp(1.0, 10.0) as usize;
    let (values, step) = value_ticks(range, target, unit);
    (format::axis_labels(&values, step, unit), values)
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
    use crate::civil::{HOUR, MINUTE};

    #[test]
    fn grid_lines_lie_where_the_layout_says() {
        let size = Size { width_px: 800, height_px: 300, scale: 1.0 };
        let axes = Axes::new(size, (0, 4 * HOUR), (0.0, 100.0), &Unit::None, 0.0, &Zone::default());
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
        let size = Size { width_px: 20, height_px: 20, scale: 1.0 };
        let axes = Axes::new(size, (0, MINUTE), (0.0, 1.0), &Unit::None, 0.0, &Zone::default());
        assert_eq!(axes.layout.plot, PlotRect { x_px: 0, y_px: 0, width_px: 20, height_px: 20 });
    }
}
