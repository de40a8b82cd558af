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
mod marks;
mod painter;
mod ribbon;
pub mod stat;
pub mod time_series;

use crate::columns::PixelColumns;
use crate::data::PanelData;
use crate::display_list::DisplayList;
use crate::layout::{PlotRect, Size};
use crate::options::{OptionSpec, Options};
use crate::raster::Raster;
use crate::scene::{Drawn, PixelImage, Scene};
use crate::theme::Theme;
use crate::zone::Zone;

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
    /// Options, in the order of the form.
    pub options: &'static [OptionSpec],
}

/// Every kind of panel.
pub const PANELS: &[PanelKind] = &[time_series::KIND, stat::KIND, alert_table::KIND];

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
    levels: Vec<u8>,
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
        PanelData::Stat(data) => stat::draw(data, &frame, scratch),
        PanelData::Alerts(data) => Drawn::Alerts(alert_table::list(data, frame.options)),
    }
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
