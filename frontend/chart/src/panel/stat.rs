//! One number with its change and a sparkline.

use crate::area::{self, Slice};
use crate::columns::{LineWalk, PixelColumns};
use crate::data::{StatData, StatState};
use crate::display_list::{Align, Baseline, Op, Text, Weight};
use crate::format::{self, Unit};
use crate::layout::{Layout, PlotRect, ordered_range};
use crate::options::{OptionKind, OptionSpec};
use crate::panel::painter::{stroke, sub_columns, walk_points};
use crate::panel::{Frame, PanelKind, PlotAs, Scratch, Surface, empty_list};
use crate::scale::{Extent, value_range};
use crate::scene::{Drawn, Scene};
use crate::text;
use crate::theme::css_px;
use crate::under::{Target, Under};

/// Whether its words are drawn.
pub const TEXT: OptionSpec = OptionSpec {
    name: "text",
    kind: OptionKind::Flag { default: true },
    doc: "Draw label, number and change; off when the page shows them itself.",
};
const SPARK: OptionSpec =
    OptionSpec { name: "spark", kind: OptionKind::Flag { default: true }, doc: "Draw the sparkline." };

/// What this kind of panel is.
pub const KIND: PanelKind = PanelKind {
    id: "stat",
    title: "Stat",
    doc: "The latest value as a number, with its change and a sparkline.",
    needs: "one measure over time",
    surface: Surface::Canvas,
    options: &[TEXT, SPARK],
};

/// CSS pixels: margin, label size, and smallest and largest number.
const MARGIN: f64 = 12.0;
const LABEL: f64 = 12.0;
const NUMBER: (f64, f64) = (14.0, 32.0);

/// Draws the panel.
pub fn draw(data: &StatData, frame: &Frame<'_>, scratch: &mut Scratch) -> Drawn {
    let mut list = empty_list(frame);
    let has_text = TEXT.flag(frame.options);
    let layout = spark_layout(data, frame, has_text);
    let plot = layout.plot;
    scratch.raster.clear(plot.width_px, plot.height_px, 0, frame.theme.background);
    if SPARK.flag(frame.options) {
        let target = match frame.plot_as {
            PlotAs::Pixels => Target::Pixels(&mut scratch.raster),
            PlotAs::Ops => Target::Ops(&mut list.ops),
        };
        spark(data, frame, &layout, &mut scratch.columns, &mut Under { plot, target });
    }
    if has_text {
        texts(data, frame, &mut list.ops);
    }
    let image = (frame.plot_as == PlotAs::Pixels).then(|| scratch.take_image(plot));
    Drawn::Scene(Scene { list, image }, layout)
}

/// The sparkline takes the full width; below the texts, when there are any.
fn spark_layout(data: &StatData, frame: &Frame<'_>, has_text: bool) -> Layout {
    let size = frame.size;
    let share = if has_text { 0.4 } else { 1.0 };
    let height_px = (f64::from(size.height_px) * share).round() as u32;
    let mut extent = Extent::EMPTY;
    data.spark.iter().for_each(|point| extent.include(point.v));
    let first = data.spark.first().map_or(0, |point| point.t);
    let last = data.spark.last().map_or(1, |point| point.t);
    Layout {
        plot: PlotRect { x_px: 0, y_px: size.height_px - height_px, width_px: size.width_px, height_px },
        time_range: ordered_range((first, last)),
        value_range: value_range(extent, Extent::EMPTY),
        ..Layout::default()
    }
}

fn spark(
    data: &StatData,
    frame: &Frame<'_>,
    layout: &Layout,
    columns: &mut PixelColumns,
    under: &mut Under<'_>,
) {
    let color = frame.theme.series_color(data.color_index);
    columns.reset(under.origin(), 1, color.with_alpha(frame.theme.area_alpha));
    let bottom = f64::from(layout.plot.height_px);
    let map = layout.in_plot();
    let slices = data
        .spark
        .iter()
        .map(|point| point.v.is_finite().then(|| Slice { x: map.x(point.t), top: map.y(point.v), bottom }));
    area::fill(columns, under.size_px(), slices);
    under.columns(columns);

    columns.reset(under.origin(), sub_columns(data.spark.len(), layout.plot.width_px), color);
    let mut walk = LineWalk::new(columns, under.size_px(), stroke(frame.size, css_px::LINE));
    walk_points(&mut walk, &data.spark, &[], map);
    drop(walk);
    under.columns(columns);
}

fn texts(data: &StatData, frame: &Frame<'_>, ops: &mut Vec<Op>) {
    let (size, theme) = (frame.size, frame.theme);
    let left = size.px(MARGIN);
    let ink = match data.state {
        StatState::Normal => theme.text,
        StatState::Alerting => theme.bad,
        StatState::Stale => theme.axis_text,
    };
    let number_px = (f64::from(size.height_px) * 0.26).clamp(size.px(NUMBER.0), size.px(NUMBER.1));
    let number_top = size.px(MARGIN + LABEL * 1.5);
    let label_px = size.px(LABEL);
    let mut write = |at: [f64; 2], text: String, size_px: f64, color, align, weight| {
        let at = [at[0] as f32, at[1] as f32];
        let size_px = size_px as f32;
        ops.push(Op::Text(Text { at, text, size_px, color, align, baseline: Baseline::Top, weight }));
    };
    let stale = (data.state == StatState::Stale).then(|| "stale".to_owned());
    let note = stale.or_else(|| data.delta.filter(|delta| delta.is_finite()).map(format::relative_change));
    let right = f64::from(size.width_px) - left;
    let note_width = note.as_ref().map_or(0.0, |note| text::width_px(note, label_px) + label_px);
    let label = text::shortened(&data.label, label_px, right - left - note_width);
    write([left, left], label, label_px, theme.axis_text, Align::Left, Weight::Normal);
    write([left, number_top], number(data), number_px, ink, Align::Left, Weight::Bold);
    if let Some(note) = note {
        write([right, left], note, label_px, theme.axis_text, Align::Right, Weight::Normal);
    }
}

/// The number as the tile shows it.
pub fn number(data: &StatData) -> String {
    format::value(data.value.unwrap_or(f64::NAN), &Unit::parse(data.unit.as_deref()))
}
