//! What the page is told of a panel in words.

use serde::{Deserialize, Serialize};
use spate_chart::scene::AlertList;
use spate_shared::time::Nanos;

use super::PanelId;

/// What the DOM shows of one panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PanelUpdate {
    /// Which panel.
    pub panel: PanelId,
    /// Whether it has something to show.
    pub state: PanelState,
    /// The event time it shows.
    pub shown: Shown,
    /// One entry per series, in drawing order.
    pub legend: Vec<LegendEntry>,
    /// One sentence for people who cannot see the chart.
    pub summary: String,
    /// What happened to events that are in no result, and to results that changed: `12 late`, `3 revised`.
    pub notes: Vec<String>,
    /// The latest value of a stat tile, with its unit.
    pub value: Option<String>,
    /// What a stat tile's value is and its change against the window before: `1h mean  +3.1 %`.
    pub change: Option<String>,
    /// The alerts of an alert panel.
    pub alerts: AlertList,
    /// Whether only a part of the values is shown.
    pub values_zoomed: bool,
    /// Whether faults are being put into what it shows on purpose.
    pub synthetic: bool,
}

impl PanelUpdate {
    /// Of a panel of which nothing is known but its state.
    pub fn new(panel: PanelId, state: PanelState) -> Self {
        Self {
            panel,
            state,
            shown: Shown::default(),
            legend: Vec::new(),
            summary: String::new(),
            notes: Vec::new(),
            value: None,
            change: None,
            alerts: AlertList::default(),
            values_zoomed: false,
            synthetic: false,
        }
    }
}

/// The event time a panel shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Start.
    pub from: Nanos,
    /// End, later than the start.
    pub to: Nanos,
    /// Its stream's latest event, or that of when the view was held; `None` before the first.
    pub head: Option<Nanos>,
}

/// Whether a panel has something to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PanelState {
    /// No event yet.
    Waiting,
    /// Drawn, but the detector needs this many more events before it scores.
    WarmingUp {
        /// Events to go.
        events: u32,
    },
    /// Drawn and scored.
    Ready,
    /// No event for longer than the stream's pace explains.
    Stale {
        /// Milliseconds since the last one.
        millis: u64,
    },
    /// Nothing of it lies in the range.
    NoData {
        /// When the first event that is held of its stream happened.
        from: Nanos,
        /// When the last one did.
        to: Nanos,
    },
    /// Its query cannot be answered.
    Failed {
        /// Where it is wrong, and what would be right.
        reason: String,
    },
}

/// One series of a panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegendEntry {
    /// Its dimension values, or the measure's name.
    pub name: String,
    /// Index into the theme's palette.
    pub color: u8,
    /// Its latest value, with unit.
    pub latest: String,
}
