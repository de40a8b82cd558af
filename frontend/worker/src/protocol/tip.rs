//! What the worker tells of what lies under the pointer: of a cell, bar or point, and of a moment.

use serde::{Deserialize, Serialize};
use spate_shared::time::Nanos;

use super::PanelId;

/// What lies at one place of a panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TipUpdate {
    /// Which panel.
    pub panel: PanelId,
    /// The moment or the start of the interval, RFC 3339, where there is one.
    pub time: Option<String>,
    /// What it is: a row, an interval of values, a group.
    pub title: String,
    /// Device pixels from the canvas's left and top edge.
    pub at_px: [f32; 2],
    /// Names and values, with units and indices into the theme's palette.
    pub rows: Vec<(String, String, u8)>,
}

/// Exact values at one moment of one panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HoverUpdate {
    /// Which panel.
    pub panel: PanelId,
    /// Whether the pointer or the keyboard is on this panel; the others follow it.
    pub leads: bool,
    /// The moment.
    pub moment: Nanos,
    /// The moment, RFC 3339.
    pub time: String,
    /// Device pixels from the canvas's left edge to that moment.
    pub x_px: f32,
    /// One per series with a value there, highest first.
    pub rows: Vec<HoverRow>,
    /// Whether the moment's window is final.
    pub is_final: bool,
    /// Events of the stream that came after their window closed.
    pub late: u64,
    /// Why the moment is unusual, one per alert there.
    pub reasons: Vec<String>,
    /// Device pixels from the canvas's left edge to where the reader began to choose an interval.
    pub mark_px: Option<f32>,
}

/// One series at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HoverRow {
    /// Its name.
    pub name: String,
    /// Index into the theme's palette.
    pub color: u8,
    /// Its value, with unit.
    pub value: String,
    /// The band it was expected in, with unit.
    pub expected: Option<String>,
    /// 0 to 1; `None` while warming up.
    pub score: Option<f64>,
    /// How far a window's result can be relied on: `provisional`, or what it was before late events revised it.
    pub note: Option<String>,
    /// Device pixels from the canvas's top edge.
    pub y_px: f32,
}
