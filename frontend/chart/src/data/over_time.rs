//! Panels with time from left to right and something other than a value axis, or cells, from bottom to top.

use crate::theme::FIRST_LEVEL;

/// How often values lie where, over time: a grid of equal cells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeatmapData {
    /// Time at the left and right edge of the grid.
    pub range: (i64, i64),
    /// Value at the bottom and top edge of the grid.
    pub value_range: (f64, f64),
    /// Cells from bottom to top.
    pub rows: usize,
    /// Events per cell: columns from left to right, each from bottom to top. As many as whole columns make.
    pub counts: Vec<f64>,
    /// Unit of the values as the schema names it.
    pub unit: Option<String>,
}

/// What state things are in, over time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StateTimelineData {
    /// Visible interval, start and end.
    pub range: (i64, i64),
    /// Things, from top to bottom.
    pub rows: Vec<StateRow>,
    /// Names of the states.
    pub states: Vec<String>,
    /// Whether the states are what is normal, minor, major and critical, in this order.
    pub is_graded: bool,
    /// Things that are not shown because there are too many.
    pub hidden_rows: usize,
}

impl StateTimelineData {
    /// Index of a state's colour, see [`crate::theme::Theme::series_color`].
    pub fn color_index(&self, state: usize) -> usize {
        if self.is_graded { FIRST_LEVEL + state } else { state }
    }
}

/// One thing and its states.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StateRow {
    /// Its name.
    pub name: String,
    /// Its states, sorted by start; where there is none, nothing is known.
    pub spans: Vec<StateSpan>,
}

/// A state that held in `[start, end)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateSpan {
    /// When it began.
    pub start: i64,
    /// When it ended.
    pub end: i64,
    /// Index into the states.
    pub state: usize,
}

/// How unusual many series are, over time: one lane each.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SwimlanesData {
    /// Visible interval, start and end.
    pub range: (i64, i64),
    /// Series, from top to bottom.
    pub lanes: Vec<Lane>,
    /// Series that are not shown because there are too many.
    pub hidden_lanes: usize,
}

/// One series of a swimlane panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lane {
    /// Its name.
    pub name: String,
    /// Greatest severity, 0 to 100, in equal parts of the range; not finite where nothing was scored.
    pub severities: Vec<f32>,
}
