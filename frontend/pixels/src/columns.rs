//! Series as pixel columns: for every sub-column of the plot, the vertical interval the stroke covers.
//!
//! A stroke of radius *r* around a line is the union of one capsule per segment. While x only grows, the union's
//! cross-section at any x is a single interval, so one `[top, bottom]` per sub-column loses nothing. Runs end at breaks
//! and gaps, and are stored apart so that nothing joins across them. Cost: O(points + sub-columns touched).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::color::Color;
use crate::{greater, lesser};

mod walk;

pub use walk::{LineWalk, Stroke};

/// Vertical intervals per sub-column, in runs that are not joined.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PixelColumns {
    /// Left and top of the plot on the canvas, in device pixels.
    pub origin: [f32; 2],
    /// Sub-columns per device pixel: 4 for sharp slopes, 1 where points are dense.
    pub sub_columns: u32,
    /// Fill.
    pub color: Color,
    /// Unbroken runs, left to right.
    pub runs: Vec<Run>,
    /// Intervals of all runs, one after the other.
    pub spans: Vec<Span>,
}

/// An unbroken run of sub-columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// First sub-column, counted from the plot's left edge.
    pub first_column: u32,
    /// Index of its interval in `spans`.
    pub first_span: u32,
    /// Number of sub-columns.
    pub len: u32,
}

/// What one sub-column covers, in device pixels from the plot's top edge.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// Upper edge.
    pub top: f32,
    /// Lower edge; above `top` where nothing is covered.
    pub bottom: f32,
}

impl Span {
    /// Covers nothing.
    pub const EMPTY: Self = Self { top: f32::INFINITY, bottom: f32::NEG_INFINITY };

    /// Whether nothing is covered.
    pub fn is_empty(self) -> bool {
        self.bottom <= self.top
    }
}

impl PixelColumns {
    /// Forgets all runs and keeps the memory.
    pub fn reset(&mut self, origin: [f32; 2], sub_columns: u32, color: Color) {
        self.origin = origin;
        self.sub_columns = sub_columns.max(1);
        self.color = color;
        self.runs.clear();
        self.spans.clear();
    }

    /// Moves every other stretch to `pale`: `on_px` pixels stay, the next `off_px` go. Nothing is lost.
    pub fn dash(&mut self, on_px: u32, off_px: u32, pale: &mut Self) {
        pale.reset(self.origin, self.sub_columns, self.color);
        pale.runs.extend_from_slice(&self.runs);
        pale.spans.resize(self.spans.len(), Span::EMPTY);
        let (on, all) = (on_px * self.sub_columns, (on_px + off_px).max(1) * self.sub_columns);
        for run in &self.runs {
            for index in 0..run.len {
                let span = (run.first_span + index) as usize;
                if (run.first_column + index) % all >= on
                    && let (Some(here), Some(there)) = (self.spans.get_mut(span), pale.spans.get_mut(span))
                {
                    std::mem::swap(here, there);
                }
            }
        }
    }

    /// Adds a convex polygon on a plot of `size_px` (width, height), its corners in device pixels from the plot's top left.
    #[inline(never)]
    pub fn add_convex(&mut self, corners: &[[f32; 2]], size_px: (u32, u32)) {
        let density = self.sub_columns as f32;
        let (left, right) = corners
            .iter()
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(left, right), [x, _]| (left.min(*x), right.max(*x)));
        let first = (left * density - 0.5).ceil().max(0.0) as u32;
        let end = ((right * density + 0.5).floor().max(0.0) as u32).min(size_px.0 * self.sub_columns);
        if first >= end {
            return;
        }
        let run = Run { first_column: first, first_span: self.spans.len() as u32, len: end - first };
        self.runs.push(run);
        self.spans.resize((run.first_span + run.len) as usize, Span::EMPTY);
        let spans = &mut self.spans[run.first_span as usize..];
        for (from, to) in corners.iter().zip(corners.iter().cycle().skip(1)) {
            let (left, right) = if from[0] <= to[0] { (from, to) } else { (to, from) };
            let slope = (right[1] - left[1]) / (right[0] - left[0]);
            let start = ((left[0] * density - 0.5).ceil() as u32).max(first);
            let stop = ((right[0] * density + 0.5).floor() as u32).min(end);
            for column in start..stop {
                let y = left[1] + ((column as f32 + 0.5) / density - left[0]) * slope;
                let span = &mut spans[(column - first) as usize];
                *span = Span { top: lesser(span.top, y), bottom: greater(span.bottom, y) };
            }
        }
        for span in spans {
            *span = Span { top: greater(span.top, 0.0), bottom: lesser(span.bottom, size_px.1 as f32) };
        }
    }

    /// The intervals of `run`.
    pub fn run_spans(&self, run: Run) -> &[Span] {
        let first = run.first_span as usize;
        self.spans.get(first..first + run.len as usize).unwrap_or_default()
    }
}

impl fmt::Display for PixelColumns {
    /// Runs by their x range and the y range they cover, not every interval.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "columns {} x{}", self.color.css(), self.sub_columns)?;
        for &run in &self.runs {
            let sub = f64::from(self.sub_columns.max(1));
            let left = f64::from(self.origin[0]) + f64::from(run.first_column) / sub;
            let right = left + f64::from(run.len) / sub;
            let spans = self.run_spans(run).iter().filter(|span| !span.is_empty());
            let (top, bottom) = spans.fold((f32::INFINITY, f32::NEG_INFINITY), |(top, bottom), span| {
                (top.min(span.top), bottom.max(span.bottom))
            });
            if top < bottom {
                let (top, bottom) = (top + self.origin[1], bottom + self.origin[1]);
                write!(out, " [{left:.2}..{right:.2} {top:.2}..{bottom:.2}]")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
