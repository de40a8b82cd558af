//! What the reader does on a panel's plot, in the plot's own coordinates, and what the page learns of it.
//!
//! The page knows pixels, the worker knows where event times and values lie on them.

use serde::{Deserialize, Serialize};
use spate_chart::layout::Layout;
use spate_shared::time::Nanos;

use crate::protocol::PanelId;

/// What the reader does on a plot. Places are device pixels from the canvas's left or top edge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Gesture {
    /// Chose what lies between two places, in any order; [`Span`] answers. Beyond the plot lie times beyond the range.
    Span {
        /// From here.
        from: Place,
        /// To here.
        to: Place,
        /// What for.
        purpose: Purpose,
    },
    /// Remembers where the crosshair is; it is one end of the interval that [`Gesture::TakeMark`] chooses.
    Mark,
    /// Forgets that.
    Unmark,
    /// Chose what lies between the mark and the crosshair, and forgets the mark; [`Span`] answers.
    TakeMark(Purpose),
    /// Shows the values between two heights only.
    ZoomValues {
        /// From here.
        from_px: f32,
        /// To here.
        to_px: f32,
    },
    /// Shows this part of the height only, around its middle: less than 1 zooms in.
    ScaleValues(f64),
    /// Shows all values again.
    ResetValues,
    /// Draws no series of these names.
    Hide(Vec<String>),
    /// Moves the crosshair to another point.
    Step(Step),
    /// Puts the crosshair there.
    Point(Place),
}

/// A place on a panel's time axis.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Place {
    /// Device pixels from the canvas's left edge; its moment changes as the range moves on.
    Px(f32),
    /// A moment; its place changes as the range moves on.
    Time(Nanos),
}

impl Place {
    /// Its moment on a drawing.
    pub fn time(self, layout: &Layout) -> Nanos {
        match self {
            Self::Px(x_px) => layout.time_from_px(f64::from(x_px)),
            Self::Time(time) => time,
        }
    }
}

/// What a span was chosen for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// To be shown alone.
    Zoom,
    /// To be looked into.
    Brush,
}

/// Where the crosshair goes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// So many points later, or earlier when negative.
    Points(i32),
    /// To the first point of the range.
    First,
    /// To the last point of the range.
    Last,
    /// So many anomalies later, or earlier when negative, also beyond the range.
    Anomalies(i32),
}

/// An interval of event time that the reader chose on a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// On which panel.
    pub panel: PanelId,
    /// What for.
    pub purpose: Purpose,
    /// Its start.
    pub from: Nanos,
    /// Its end, later than its start.
    pub to: Nanos,
    /// The latest event time of the panel's stream.
    pub head: Nanos,
}
