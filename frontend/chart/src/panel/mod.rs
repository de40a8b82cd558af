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
use time_series::scroll::{Again, Looks};

/// Pixels that a plot which follows its data moves before its rows are copied.
const ROOM_PX: u32 = 256;
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

/// What of a panel outlives a frame: memory, so that drawing a plot area allocates nothing after the first frames, and what
/// was drawn, so that a plot that follows its data is drawn where it is new. With other options or another theme it
/// begins anew.
#[derive(Debug, Default)]
pub struct Scratch {
    raster: Raster,
    /// Some columns of a plot.
    part: Raster,
    /// How the pixels in `raster` look, when most of them can be used again.
    shown: Option<Looks>,
    columns: PixelColumns,
    pale: PixelColumns,
    scores: Vec<f64>,
}

impl Scratch {
    /// Takes back what the last [`draw`] gave, once it is on screen.
    pub fn recycle(&mut self, scene: Scene) {
        if let Some(image) = scene.image {
            self.raster.recycle(image.rgba);
        }
    }

    fn take_image(&mut self, plot: PlotRect) -> PixelImage {
        let PlotRect { x_px, y_px, width_px, height_px } = plot;
        let (row_px, first_px) = self.raster.row_px();
        PixelImage { x_px, y_px, width_px, height_px, row_px, first_px, rgba: self.raster.take_rgba() }
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

/// Draws a plot with axes: `paint` what lies under the labels, `over` what lies on it. With `again`, only those columns of
/// the last plot are painted, and the others moved.
fn draw_plot(
    axes: Axes,
    frame: &Frame<'_>,
    scratch: &mut Scratch,
    again: Option<Again>,
    paint: &dyn Fn(&mut Painter<'_>, &mut Vec<f64>),
    over: &dyn Fn(&Layout, &mut Vec<Op>),
) -> Drawn {
    let mut list = empty_list(frame);
    let whole = axes.layout;
    let mut axis_ops = Vec::new();
    axes.draw(frame.theme, &mut axis_ops);
    let Scratch { raster, part, columns, pale, scores, .. } = scratch;
    let mut paint = |layout: Layout, target: Target<'_>| {
        let under = Under { plot: layout.plot, target };
        let mut painter = Painter { frame, layout, whole, columns, pale, under };
        painter.grid(&axis_ops);
        paint(&mut painter, scores);
    };
    let PlotRect { width_px, height_px, .. } = whole.plot;
    let again = again.filter(|again| raster.scroll(width_px, height_px, again.moved_px));
    if frame.plot_as == PlotAs::Ops {
        paint(whole, Target::Ops(&mut list.ops));
    } else if let Some(again) = again {
        for columns in again.columns.into_iter().filter(|columns| !columns.is_empty()) {
            let layout = whole.part(&columns);
            part.clear(layout.plot.width_px, height_px, 0, frame.theme.background);
            paint(layout, Target::Pixels(part));
            raster.put(part, columns.start);
        }
    } else {
        let room_px = if whole.column_nanos > 0 { ROOM_PX } else { 0 };
        raster.clear(width_px, height_px, room_px, frame.theme.background);
        paint(whole, Target::Pixels(raster));
    }
    over(&whole, &mut list.ops);
    axis_ops.retain(|op| !matches!(op, Op::Line { .. }));
    list.ops.append(&mut axis_ops);
    let image = (frame.plot_as == PlotAs::Pixels).then(|| scratch.take_image(whole.plot));
    Drawn::Scene(Scene { list, image }, whole)
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
