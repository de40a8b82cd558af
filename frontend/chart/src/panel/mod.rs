//! Kinds of panels: one file and one line in [`PANELS`] each.
//!
//! All kinds share this contract:
//! - Drawing never fails and never panics: no data gives an empty plot, a canvas of zero pixels gives an empty list.
//! - A value that is not finite is missing; it is never drawn and never joined across.
//! - Output depends on the arguments alone, so that the same data gives the same bytes everywhere.
//! - Options that are missing, of the wrong type or out of range act as their default or nearest allowed value.
//!
//! A new kind is a file with its `KIND` and `draw`, a line in the table and a variant of [`PanelData`].

pub mod alert_table;
pub mod event_log;
pub mod gauge;
pub mod heatmap;
pub mod histogram;
mod painter;
pub mod row_picture;
pub mod scatter;
pub mod stat;
pub mod state_timeline;
pub mod swimlanes;
pub mod table;
pub mod time_series;
pub mod tip;
pub mod top;

use crate::Color;
use crate::axes::Axes;
use crate::columns::PixelColumns;
use crate::data::PanelData;
use crate::display_list::{Align, Baseline, DisplayList, Op, Text, Weight};
use crate::layout::{Layout, PlotRect, Size};
use crate::options::{OptionSpec, Options};
use crate::raster::Raster;
use crate::scene::{Drawn, PixelImage, Scene};
use crate::text;
use crate::theme::{Theme, css_px};
use crate::under::{Target, Under};
use crate::zone::Zone;
use painter::Painter;

/// How much of what lies under a label it hides.
const LABEL_ALPHA: f64 = 0.75;

/// What a kind of panel is, for pickers, forms and docs.
#[derive(Clone, Copy, Debug)]
pub struct PanelKind {
    /// Stable name in dashboards.
    pub id: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// What it shows, in a sentence.
    pub doc: &'static str,
    /// What a query must give.
    pub needs: &'static str,
    /// What it is shown on.
    pub surface: Surface,
    /// Options, in the order of the form.
    pub options: &'static [OptionSpec],
}

/// What a kind of panel is shown on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// A canvas that the worker draws on.
    Canvas,
    /// Words that the page lays out: rows come a window at a time.
    Rows,
    /// Words that the page lays out: alerts come as they change.
    Alerts,
}

/// Every kind of panel.
pub const PANELS: &[PanelKind] = &[
    time_series::KIND,
    stat::KIND,
    gauge::KIND,
    top::KIND,
    histogram::KIND,
    heatmap::KIND,
    scatter::KIND,
    state_timeline::KIND,
    swimlanes::KIND,
    table::KIND,
    event_log::KIND,
    alert_table::KIND,
];

/// The kind called `id`.
pub fn kind(id: &str) -> Option<&'static PanelKind> {
    PANELS.iter().find(|kind| kind.id == id)
}

/// How and where to draw.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Canvas size.
    pub size: Size,
    /// Colours.
    pub theme: &'a Theme,
    /// The panel's options.
    pub options: &'a Options,
    /// The clock of the time axis.
    pub zone: &'a Zone,
    /// How the plot area is given.
    pub plot_as: PlotAs,
}

/// How the plot area is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlotAs {
    /// One image, which is quickest to show.
    #[default]
    Pixels,
    /// Ops, for tests, other sizes and replayers without images.
    Ops,
}

/// Memory that outlives a frame; after the first frames, drawing a plot area allocates nothing.
#[derive(Debug, Default)]
pub struct Scratch {
    raster: Raster,
    columns: PixelColumns,
    pale: PixelColumns,
    scores: Vec<f64>,
}

impl Scratch {
    /// Takes back what an earlier [`draw`] gave, once it is on screen.
    pub fn recycle(&mut self, scene: Scene) {
        if let Some(image) = scene.image {
            self.raster.recycle(image.rgba);
        }
    }

    fn take_image(&mut self, plot: PlotRect) -> PixelImage {
        let PlotRect { x_px, y_px, width_px, height_px } = plot;
        PixelImage { x_px, y_px, width_px, height_px, rgba: self.raster.take_rgba() }
    }
}

/// Draws a panel.
pub fn draw(data: &PanelData, frame: &Frame<'_>, scratch: &mut Scratch) -> Drawn {
    let frame = Frame { size: frame.size.bounded(), ..*frame };
    match data {
        PanelData::TimeSeries(data) => time_series::draw(data, &frame, scratch),
        PanelData::Histogram(data) => histogram::draw(data, &frame, scratch),
        PanelData::Heatmap(data) => heatmap::draw(data, &frame, scratch),
        PanelData::StateTimeline(data) => state_timeline::draw(data, &frame, scratch),
        PanelData::Swimlanes(data) => swimlanes::draw(data, &frame, scratch),
        PanelData::Scatter(data) => scatter::draw(data, &frame, scratch),
        PanelData::Top(data) => top::draw(data, &frame),
        PanelData::Gauge(data) => gauge::draw(data, &frame),
        PanelData::Rows(data) => Drawn::Rows(table::window(data, frame.zone)),
        PanelData::Stat(data) => stat::draw(data, &frame, scratch),
        PanelData::Alerts(data) => Drawn::Alerts(alert_table::list(data, frame.options)),
    }
}

/// Draws a plot with axes: `paint` what lies under the labels, `over` what lies on it.
fn draw_plot(
    axes: Axes,
    frame: &Frame<'_>,
    scratch: &mut Scratch,
    paint: impl FnOnce(&mut Painter<'_>, &mut Vec<f64>),
    over: impl FnOnce(&Layout, &mut Vec<Op>),
) -> Drawn {
    let mut list = empty_list(frame);
    let layout = axes.layout;
    let mut axis_ops = Vec::new();
    axes.draw(frame.theme, &mut axis_ops);
    scratch.raster.clear(layout.plot.width_px, layout.plot.height_px, frame.theme.background);
    let target = match frame.plot_as {
        PlotAs::Pixels => Target::Pixels(&mut scratch.raster),
        PlotAs::Ops => Target::Ops(&mut list.ops),
    };
    let under = Under { plot: layout.plot, target };
    let mut painter =
        Painter { frame, layout, columns: &mut scratch.columns, pale: &mut scratch.pale, under };
    let labels = painter.grid(axis_ops);
    paint(&mut painter, &mut scratch.scores);
    over(&layout, &mut list.ops);
    list.ops.extend(labels);
    let image = (frame.plot_as == PlotAs::Pixels).then(|| scratch.take_image(layout.plot));
    Drawn::Scene(Scene { list, image }, layout)
}

/// One line of words in the size of notes; `text` is shown as it is.
fn note(
    frame: &Frame<'_>,
    at: [f64; 2],
    text: impl Into<String>,
    color: Color,
    align: Align,
    baseline: Baseline,
) -> Op {
    let size_px = frame.size.px(css_px::NOTE) as f32;
    let at = [at[0] as f32, at[1] as f32];
    Op::Text(Text { at, text: text.into(), size_px, color, align, baseline, weight: Weight::Normal })
}

/// Appends a small label over a plot: what is drawn under it shows through only faintly.
fn label(ops: &mut Vec<Op>, frame: &Frame<'_>, label: Op) {
    if let Op::Text(text) = &label {
        let width = text::roomy_px(&text.text, f64::from(text.size_px)) as f32;
        let height = text.size_px * 1.25;
        let left = match text.align {
            Align::Left => text.at[0],
            Align::Center => text.at[0] - width / 2.0,
            Align::Right => text.at[0] - width,
        };
        let top = match text.baseline {
            Baseline::Top => text.at[1],
            Baseline::Middle => text.at[1] - height / 2.0,
            Baseline::Bottom => text.at[1] - height,
        };
        let pad = frame.size.px(2.0) as f32;
        let rect = [left - pad, top, width + 2.0 * pad, height];
        ops.push(Op::Rect { rect, color: frame.theme.background.with_alpha(LABEL_ALPHA) });
    }
    ops.push(label);
}

fn empty_list(frame: &Frame<'_>) -> DisplayList {
    DisplayList {
        width_px: frame.size.width_px,
        height_px: frame.size.height_px,
        background: frame.theme.background,
        ops: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
