//! Questions of the page that need one answer, and their answers.

use serde::{Deserialize, Serialize};
use spate_chart::scene::{RowWindow, Scene};
use spate_shared::time::Nanos;

use crate::export::{Format, Part};
use crate::protocol::PanelId;
use crate::query_form::{QueryAnswer, QueryQuestion};

/// A question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Ask {
    /// Which series changed most over an interval?
    Rank {
        /// Its start.
        from: Nanos,
        /// Its end.
        to: Nanos,
    },
    /// Which rows does a panel's table have?
    Rows {
        /// Which panel.
        panel: PanelId,
        /// Which rows.
        part: Part,
        /// So many are skipped.
        first: usize,
        /// At most so many.
        count: usize,
        /// Whether the table is to be made anew from what the panel shows now.
        fresh: bool,
    },
    /// What does a panel show, for a file?
    Export {
        /// Which panel.
        panel: PanelId,
        /// Which rows.
        part: Part,
        /// How they will be written.
        format: Format,
    },
    /// What does a panel look like?
    Picture {
        /// Which panel.
        panel: PanelId,
        /// Device pixels per CSS pixel.
        scale: f32,
    },
    /// Which values do series have of a dimension?
    Values {
        /// The dimension.
        field: String,
    },
    /// What is a part of the recording that is open, as a recording?
    Slice {
        /// The parts between which it is played, 0 to 1; the ranges on screen when `None`.
        parts: Option<(f64, f64)>,
    },
    /// Is what a form says a query?
    Query(Box<QueryQuestion>),
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// All series with values in an interval and before it, clearest and greatest change first.
    Ranking(Ranking),
    /// A part of a panel's table.
    Rows(TablePage),
    /// A file for the user.
    File(File),
    /// What a panel looks like.
    Picture {
        /// Which panel.
        panel: PanelId,
        /// The drawing.
        picture: Picture,
    },
    /// The values of a dimension, in their order.
    Values {
        /// The dimension.
        field: String,
        /// They, up to a bound.
        values: Vec<String>,
    },
    /// What is right and wrong about a query.
    Query(QueryAnswer),
}

impl Answer {
    /// As bytes, for the page.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        // Writing to memory cannot fail.
        postcard::to_allocvec(self).unwrap_or_default()
    }

    /// From what the worker sent; `None` when it is none.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }
}

/// A file for the user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What a panel looks like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Picture {
    /// A drawing, to be replayed on a canvas of its size.
    Scene(Scene),
    /// The first rows of a panel that is words.
    Rows(RowWindow),
}

/// A part of a panel's table. The table stands still until it is made anew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TablePage {
    /// Whose.
    pub panel: PanelId,
    /// Which rows.
    pub part: Part,
    /// The interval it covers.
    pub from: Nanos,
    /// Its end.
    pub to: Nanos,
    /// The rows.
    pub window: RowWindow,
}

/// Series by how they changed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Ranking {
    /// The interval.
    pub from: Nanos,
    /// Its end.
    pub to: Nanos,
    /// Start of the time before it that it was compared with.
    pub before: Nanos,
    /// One per series.
    pub rows: Vec<RankedSeries>,
    /// Series without values in both.
    pub silent: u32,
}

/// One series of a ranking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RankedSeries {
    /// Its stream.
    pub stream: String,
    /// Its measure.
    pub measure: String,
    /// Its dimension values; empty when the stream has none.
    pub group: String,
    /// The measure's unit.
    pub unit: Option<String>,
    /// Kolmogorov-Smirnov distance, 0 to 1.
    pub distance: f64,
    /// Probability of so great a distance if nothing had changed.
    pub chance: f64,
    /// Whether chance explains it too well to call it a change.
    pub unclear: bool,
    /// The time before.
    pub before: Sample,
    /// The interval.
    pub during: Sample,
}

/// What a sample of values says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Values.
    pub count: u64,
    /// Their mean.
    pub mean: f64,
    /// The least.
    pub min: f64,
    /// The greatest.
    pub max: f64,
    /// Their standard deviation.
    pub stddev: f64,
}
