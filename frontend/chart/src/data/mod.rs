//! What a panel is drawn from: plain data in the words of the glossary.
//!
//! Times are nanoseconds since 1970 UTC. Slices of points are sorted by time; a point earlier than the one before it
//! starts a new stroke. A value that is not finite is missing: it breaks the line and is never drawn.

mod over_time;
mod rows;
mod values;

use serde::{Deserialize, Serialize};

use crate::options::Note;

pub use over_time::{HeatmapData, Lane, StateRow, StateSpan, StateTimelineData, SwimlanesData};
pub use spate_pixels::map::Point;
pub use spate_pixels::strip::ScorePoint;

pub use rows::{Cell, Column, RowsData};
pub use values::{Bin, GaugeData, HistogramData, QuantileMark, ScatterData, ScatterGroup, TopData, TopRow};

/// Everything one panel shows.
#[derive(Clone, Debug, PartialEq)]
pub enum PanelData {
    /// Lines over time.
    TimeSeries(TimeSeriesData),
    /// How often values lie where.
    Histogram(HistogramData),
    /// How often values lie where, over time.
    Heatmap(HeatmapData),
    /// What state things are in, over time.
    StateTimeline(StateTimelineData),
    /// How unusual many series are, over time.
    Swimlanes(SwimlanesData),
    /// One measure against another.
    Scatter(ScatterData),
    /// The largest of many.
    Top(TopData),
    /// One number with a sparkline.
    Stat(StatData),
    /// One number between two ends.
    Gauge(GaugeData),
    /// A window of rows.
    Rows(RowsData),
    /// Alerts as rows.
    Alerts(AlertTableData),
}

/// Lines over time with their expected bands, scores and anomalies.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimeSeriesData {
    /// Visible interval, start and end.
    pub range: (i64, i64),
    /// Whether the interval moves on with the data, so that most of a drawing is the last one, moved.
    pub follows: bool,
    /// Lines, drawn in this order: the last lies on top.
    pub series: Vec<Series>,
    /// Event time up to which results are final.
    pub watermark: Option<i64>,
    /// Event times of events that came too late for every window, sorted.
    pub late: Vec<i64>,
    /// Unit of the values on the left axis as the schema names it, such as `bytes`, `percent` or `s`.
    pub unit: Option<String>,
    /// Unit of the values on the right axis.
    pub right_unit: Option<String>,
    /// What happened when, beside what the options say.
    pub notes: Vec<Note>,
    /// Series that are not drawn because there are too many; said on the plot.
    pub hidden_series: usize,
}

/// Which value axis a series belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Side {
    /// The axis left of the plot.
    #[default]
    Left,
    /// The axis right of it.
    Right,
}

/// One measure of one stream for one combination of dimension values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// Name for legends and tables.
    pub name: String,
    /// Index into the theme's series colours.
    pub color_index: usize,
    /// Its value axis.
    pub side: Side,
    /// Values: raw ones, or first, min, max and last of every pixel column.
    pub points: Vec<Point>,
    /// Points, scores and band up to this time are as they were when the panel was drawn last; `None` when any may differ.
    pub same_until: Option<i64>,
    /// Known gaps `[start, end)`, sorted: points on either side are never joined.
    pub gaps: Vec<(i64, i64)>,
    /// Expected band.
    pub band: Vec<BandPoint>,
    /// Scores for the anomaly ribbon.
    pub scores: Vec<ScorePoint>,
    /// Anomalies, always drawn.
    pub anomalies: Vec<Anomaly>,
    /// Window results to show as steps.
    pub windows: Vec<WindowMark>,
    /// What the values are expected to become.
    pub forecast: Vec<FanPoint>,
}

/// Where a value is expected to lie in the future.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FanPoint {
    /// Event time.
    pub t: i64,
    /// Most likely value.
    pub middle: f64,
    /// Where one of two values is expected to lie; not finite before that is known.
    pub inner: (f64, f64),
    /// Where nine of ten values are expected to lie.
    pub outer: (f64, f64),
}

/// Where a value was expected to lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BandPoint {
    /// Event time.
    pub t: i64,
    /// Lower edge; the band breaks when either edge is not finite.
    pub lower: f64,
    /// Upper edge.
    pub upper: f64,
}

/// How much an anomaly or alert matters. Ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// Worth a glance: a hollow diamond.
    #[default]
    Minor,
    /// Worth a look: a filled diamond.
    Major,
    /// Worth dropping everything: a filled triangle.
    Critical,
}

impl Severity {
    /// The severity of a calibrated score: one value in ten thousand is major, one in a hundred thousand critical.
    pub fn of_score(score: f64) -> Self {
        match score {
            0.999_99.. => Self::Critical,
            0.999_9.. => Self::Major,
            _ => Self::Minor,
        }
    }

    /// The severity of evidence, in multiples of what makes an alert: twice that is major, four times critical.
    pub fn of_evidence(multiple: f64) -> Self {
        match multiple {
            4.0.. => Self::Critical,
            2.0.. => Self::Major,
            _ => Self::Minor,
        }
    }

    /// The continuous severity of a calibrated score, 0 to 100: 50 where it is major, 75 where it is critical.
    ///
    /// One value in a thousand is 25; rarer ones gain 25 with every power of ten. A missing score is 0.
    pub fn points_of_score(score: f64) -> f64 {
        let rarity = rarity(score);
        if rarity < 3.0 { rarity * 25.0 / 3.0 } else { ((rarity - 2.0) * 25.0).min(100.0) }
    }

    /// The word shown to people.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }
}

/// How rare a score says its value is: `-log10(1 - score)`, 0 to 6; 0 for a missing score.
pub(crate) fn rarity(score: f64) -> f64 {
    if score.is_nan() {
        return 0.0;
    }
    (-libm::log10(1.0 - score.clamp(0.0, 1.0))).clamp(0.0, 6.0)
}

/// An unusual value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Anomaly {
    /// Event time.
    pub t: i64,
    /// The value itself; a missing one is marked at the bottom of the plot.
    pub v: f64,
    /// How much it matters.
    pub severity: Severity,
}

/// The result of one window `[start, end)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WindowMark {
    /// First instant of the window.
    pub start: i64,
    /// First instant after the window.
    pub end: i64,
    /// Aggregate over the window.
    pub value: f64,
    /// Whether events may still change it: drawn hollow, final ones filled.
    pub provisional: bool,
}

/// One number with a sparkline.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StatData {
    /// What the number is.
    pub label: String,
    /// The number, or `None` before the first one.
    pub value: Option<f64>,
    /// Unit as the schema names it.
    pub unit: Option<String>,
    /// Recent values, stretched over the tile.
    pub spark: Vec<Point>,
    /// Relative change over the spark's time: 0.05 is 5 % more.
    pub delta: Option<f64>,
    /// Whether the number needs attention.
    pub state: StatState,
    /// Index into the theme's series colours.
    pub color_index: usize,
}

/// Whether a stat needs attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StatState {
    /// As expected.
    #[default]
    Normal,
    /// Something is wrong.
    Alerting,
    /// No value arrived for longer than it should take.
    Stale,
}

/// Alerts as rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlertTableData {
    /// Rows, in any order; the list shows the newest first.
    pub rows: Vec<AlertRow>,
    /// How many alerts there ever were; rows may be fewer.
    pub total: u64,
}

/// One alert.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlertRow {
    /// Counts up with every alert.
    pub id: u64,
    /// When it started.
    pub start: i64,
    /// Which series, for people.
    pub series: String,
    /// The value that raised it; missing when not finite.
    pub value: f64,
    /// The band it was expected in.
    pub expected: (f64, f64),
    /// Unit of the values as the schema names it.
    pub unit: Option<String>,
    /// Calibrated probability in `0.0..=1.0` that the value is unusual.
    pub score: f64,
    /// How much it matters.
    pub severity: Severity,
    /// Whether the series is still outside.
    pub firing: bool,
    /// Why, in a sentence.
    pub reason: String,
}
