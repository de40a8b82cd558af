//! What to draw, in order: a list a canvas can replay and a test can read.
//!
//! Coordinates are device pixels from the top left, pixel centres at `.5`. `Display` prints one op a line with two
//! decimals, which is what snapshot tests compare.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Color;
use crate::columns::PixelColumns;

/// A canvas to clear with `background`, then ops in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DisplayList {
    /// Canvas width in device pixels.
    pub width_px: u32,
    /// Canvas height in device pixels.
    pub height_px: u32,
    /// Colour of the whole canvas before anything else.
    pub background: Color,
    /// Drawing operations, first at the bottom.
    pub ops: Vec<Op>,
}

/// One drawing operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Op {
    /// A filled rectangle.
    Rect {
        /// Left, top, width and height.
        rect: [f32; 4],
        /// Fill.
        color: Color,
    },
    /// A straight stroke.
    Line {
        /// Start.
        from: [f32; 2],
        /// End.
        to: [f32; 2],
        /// Stroke width.
        width: f32,
        /// Stroke colour.
        color: Color,
        /// Lengths of dash and space; `None` is a solid line.
        dash: Option<[f32; 2]>,
    },
    /// A joined stroke through points, with round joins.
    Polyline {
        /// Corners.
        points: Vec<[f32; 2]>,
        /// Stroke width.
        width: f32,
        /// Stroke colour.
        color: Color,
    },
    /// A closed shape: filled, then stroked.
    Polygon {
        /// Corners.
        points: Vec<[f32; 2]>,
        /// Fill, possibly [`Color::NONE`].
        fill: Color,
        /// Outline, possibly [`Color::NONE`].
        stroke: Color,
        /// Outline width.
        stroke_width: f32,
    },
    /// A circle: filled, then stroked.
    Circle {
        /// Centre.
        center: [f32; 2],
        /// Radius.
        radius: f32,
        /// Fill, possibly [`Color::NONE`].
        fill: Color,
        /// Outline, possibly [`Color::NONE`].
        stroke: Color,
        /// Outline width.
        stroke_width: f32,
    },
    /// One line of text in the system's sans-serif face.
    Text(Text),
    /// A series, band or hatching as vertical intervals. A canvas fills one polygon per run: tops left to right,
    /// bottoms right to left.
    Columns(PixelColumns),
}

/// One line of text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Text {
    /// Anchor point.
    pub at: [f32; 2],
    /// The text; data, never markup.
    pub text: String,
    /// Font size in device pixels.
    pub size_px: f32,
    /// Ink.
    pub color: Color,
    /// Which side of the text the anchor is at.
    pub align: Align,
    /// Which height of the text the anchor is at.
    pub baseline: Baseline,
    /// Stroke weight.
    pub weight: Weight,
}

/// Horizontal place of the anchor, in the words of the canvas' `textAlign`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Align {
    /// The text starts at the anchor.
    Left,
    /// The anchor is in the middle.
    Center,
    /// The text ends at the anchor.
    Right,
}

impl Align {
    /// The canvas' name for it.
    pub const fn css(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Center => "center",
            Self::Right => "right",
        }
    }
}

/// Vertical place of the anchor, in the words of the canvas' `textBaseline`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Baseline {
    /// The text hangs below the anchor.
    Top,
    /// The anchor is half way up.
    Middle,
    /// The text stands on the anchor.
    Bottom,
}

impl Baseline {
    /// The canvas' name for it.
    pub const fn css(self) -> &'static str {
        match self {
            Self::Top => "top",
            Self::Middle => "middle",
            Self::Bottom => "bottom",
        }
    }
}

/// Stroke weight of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Weight {
    /// 400.
    Normal,
    /// 600.
    Bold,
}

impl Weight {
    /// The number CSS knows it by.
    pub const fn css(self) -> u16 {
        match self {
            Self::Normal => 400,
            Self::Bold => 600,
        }
    }
}

impl fmt::Display for DisplayList {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "canvas {}x{} {}", self.width_px, self.height_px, self.background.css())?;
        self.ops.iter().try_for_each(|op| writeln!(out, "{op}"))
    }
}

impl fmt::Display for Op {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rect { rect: [x, y, width, height], color } => {
                write!(out, "rect {x:.2},{y:.2} {width:.2}x{height:.2} {}", color.css())
            }
            Self::Line { from, to, width, color, dash } => {
                write!(out, "line {} {} w{width:.2} {}", At(from), At(to), color.css())?;
                dash.map_or(Ok(()), |[on, off]| write!(out, " dash {on:.2}/{off:.2}"))
            }
            Self::Polyline { points, width, color } => {
                write!(out, "polyline{} w{width:.2} {}", Path(points), color.css())
            }
            Self::Polygon { points, fill, stroke, stroke_width } => {
                write!(out, "polygon{} {}", Path(points), Paint(*fill, *stroke, *stroke_width))
            }
            Self::Circle { center, radius, fill, stroke, stroke_width } => {
                write!(out, "circle {} r{radius:.2} {}", At(center), Paint(*fill, *stroke, *stroke_width))
            }
            Self::Text(text) => write!(out, "{text}"),
            Self::Columns(columns) => write!(out, "{columns}"),
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, text, size_px, color, align, baseline, weight } = self;
        let (align, baseline, weight) = (align.css(), baseline.css(), weight.css());
        write!(out, "text {} {text:?} {size_px:.1}px {} {align} {baseline} {weight}", At(at), color.css())
    }
}

struct At<'a>(&'a [f32; 2]);

impl fmt::Display for At<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:.2},{:.2}", self.0[0], self.0[1])
    }
}

struct Path<'a>(&'a [[f32; 2]]);

impl fmt::Display for Path<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|point| write!(out, " {}", At(point)))
    }
}

struct Paint(Color, Color, f32);

impl fmt::Display for Paint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(fill, stroke, width) = self;
        write!(out, "fill {} stroke {} w{width:.2}", fill.css(), stroke.css())
    }
}
