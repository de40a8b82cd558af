//! What lies under the pointer, in words: exact values of the cell, bar or point there.
//!
//! Time series are not asked here: their exact values are held by the engine, not by what was drawn.

use crate::data::PanelData;
use crate::layout::{Layout, PlotRect};
use crate::panel::{heatmap, histogram, scatter, state_timeline, swimlanes};

/// What lies at one place of a panel.
#[derive(Clone, Debug, PartialEq)]
pub struct Tip {
    /// The moment, or the start of the interval, where there is one.
    pub time: Option<i64>,
    /// What it is: a row, an interval of values, a group.
    pub title: String,
    /// Names and values, with units.
    pub rows: Vec<TipRow>,
    /// Canvas pixels of what is described.
    pub at_px: [f64; 2],
}

/// One value of a tip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TipRow {
    /// What it is.
    pub name: String,
    /// It, with unit.
    pub value: String,
    /// Index into the theme's series colours.
    pub color_index: usize,
}

impl TipRow {
    pub(super) fn new(name: impl Into<String>, value: String, color_index: usize) -> Self {
        Self { name: name.into(), value, color_index }
    }
}

/// What lies at canvas pixel `at_px` of a drawing with this data and layout.
pub fn at(data: &PanelData, layout: &Layout, at_px: [f64; 2]) -> Option<Tip> {
    match data {
        PanelData::Histogram(data) => histogram::tip(data, layout, at_px),
        PanelData::Heatmap(data) => heatmap::tip(data, layout, at_px),
        PanelData::StateTimeline(data) => state_timeline::tip(data, layout, at_px),
        PanelData::Swimlanes(data) => swimlanes::tip(data, layout, at_px),
        PanelData::Scatter(data) => scatter::tip(data, layout, at_px),
        PanelData::TimeSeries(_)
        | PanelData::Stat(_)
        | PanelData::Top(_)
        | PanelData::Gauge(_)
        | PanelData::Rows(_)
        | PanelData::Alerts(_) => None,
    }
}

/// Where a pixel lies in the plot, in parts of its width and height; `None` outside.
pub(super) fn part(plot: PlotRect, at_px: [f64; 2]) -> Option<[f64; 2]> {
    let x = (at_px[0] - f64::from(plot.x_px)) / f64::from(plot.width_px.max(1));
    let y = (at_px[1] - f64::from(plot.y_px)) / f64::from(plot.height_px.max(1));
    let inside = 0.0..1.0;
    (inside.contains(&x) && inside.contains(&y)).then_some([x, y])
}
