//! What the worker tells of the cell, bar or point under the pointer.

use serde::{Deserialize, Serialize};

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
