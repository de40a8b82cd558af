//! What drawing a panel gives back.

use serde::{Deserialize, Serialize};

use crate::data::Severity;
use crate::display_list::DisplayList;
use crate::layout::Layout;

/// A drawn panel: pixels with their layout, or words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Drawn {
    /// Pixels, and where on them times and values lie.
    Scene(Scene, Layout),
    /// Alerts for the page to show.
    Alerts(AlertList),
    /// A window of rows for the page to show.
    Rows(RowWindow),
}

/// Pixels for one canvas: clear with `list.background`, put `image`, then replay `list.ops`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scene {
    /// What lies over the image; everything, when there is none.
    pub list: DisplayList,
    /// The plot area with grid, bands and lines.
    pub image: Option<PixelImage>,
}

/// Opaque pixels at a place on the canvas, ready for one `putImageData`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PixelImage {
    /// Left edge on the canvas.
    pub x_px: u32,
    /// Top edge on the canvas.
    pub y_px: u32,
    /// Width.
    pub width_px: u32,
    /// Height.
    pub height_px: u32,
    /// Pixels of a row of `rgba`.
    pub row_px: u32,
    /// The first of them that is shown.
    pub first_px: u32,
    /// Rows from the top, four bytes a pixel, not premultiplied.
    pub rgba: Vec<u8>,
}

/// Alerts for the page to show.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AlertList {
    /// Newest first.
    pub rows: Vec<AlertEntry>,
    /// How many there ever were.
    pub total: u64,
}

/// One alert, in words; data, never markup.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertEntry {
    /// Unique within the source.
    pub id: u64,
    /// When it began, event time.
    pub time: i64,
    /// Which series: dimension values, measure and stream.
    pub series: String,
    /// The value that raised it, with unit.
    pub value: String,
    /// The band it was expected in, with units.
    pub expected: String,
    /// Calibrated probability in `0.0..=1.0` that the value is unusual.
    pub score: f64,
    /// How much it matters.
    pub severity: Severity,
    /// Whether the series is still outside.
    pub firing: bool,
    /// Why, in a sentence.
    pub reason: String,
}

/// A window of rows, in words; data, never markup.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowWindow {
    /// Headings from left to right.
    pub columns: Vec<RowColumn>,
    /// Rows of the window; each has a text per column, empty where nothing is known.
    pub rows: Vec<Vec<String>>,
    /// Index of the first of them.
    pub first: u64,
    /// Rows that match the search.
    pub total: u64,
    /// Rows there are, matching or not.
    pub held: u64,
}

/// One column of rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowColumn {
    /// Its heading.
    pub name: String,
    /// Whether its texts are numbers: they are aligned right.
    pub is_number: bool,
}
