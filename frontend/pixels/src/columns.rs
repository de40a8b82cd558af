//! Series as pixel columns: for every sub-column of the plot, the vertical interval the stroke covers.
//!
//! A stroke of radius *r* around a line is the union of one capsule per segment. While x only grows, the union's
//! cross-section at any x is a single interval, so one `[top, bottom]` per sub-column loses nothing. Runs end at breaks
//! and gaps, and are stored apart so that nothing joins across them. Cost: O(points + sub-columns touched).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::color::Color;
use crate::{greater, lesser};

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
        for column in first..end {
            let span = across(corners, (column as f32 + 0.5) / density);
            let (top, bottom) = (span.top.max(0.0), span.bottom.min(size_px.1 as f32));
            self.spans.push(Span { top, bottom });
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

/// What a convex polygon covers at `x`.
fn across(corners: &[[f32; 2]], x: f32) -> Span {
    let next = corners.iter().cycle().skip(1);
    corners.iter().zip(next).fold(Span::EMPTY, |span, (from, to)| {
        let (left, right) = if from[0] <= to[0] { (from, to) } else { (to, from) };
        if !(left[0] < right[0] && (left[0]..=right[0]).contains(&x)) {
            return span;
        }
        let y = left[1] + (x - left[0]) / (right[0] - left[0]) * (right[1] - left[1]);
        Span { top: lesser(span.top, y), bottom: greater(span.bottom, y) }
    })
}

/// How wide a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Half the line width in device pixels.
    pub radius: f64,
    /// Radius of a point with no neighbour to join.
    pub dot_radius: f64,
}

/// Walks a line from left to right and fills [`PixelColumns`].
#[derive(Debug)]
pub struct LineWalk<'a> {
    columns: &'a mut PixelColumns,
    stroke: Stroke,
    /// Sub-columns in the plot.
    width_columns: i64,
    height_px: f64,
    /// Sub-columns per pixel.
    density: f64,
    last: Option<[f64; 2]>,
    is_single: bool,
    run_start: Option<i64>,
    run_span: usize,
    /// The pixel column that a dense line is in.
    within: Within,
}

/// A pixel column whose points are gathered before they are covered at once.
#[derive(Clone, Copy, Debug)]
struct Within {
    column: i64,
    /// Its right edge; nothing lies before negative infinity, so nothing is gathered.
    end: f64,
    top: f64,
    bottom: f64,
}

impl Within {
    const NONE: Self = Self { column: 0, end: f64::NEG_INFINITY, top: 0.0, bottom: 0.0 };
}

impl<'a> LineWalk<'a> {
    /// Starts a walk over a plot of `size_px` (width, height); `columns` says how many sub-columns a pixel has.
    pub fn new(columns: &'a mut PixelColumns, size_px: (u32, u32), stroke: Stroke) -> Self {
        let run_span = columns.spans.len();
        Self {
            stroke,
            width_columns: i64::from(size_px.0) * i64::from(columns.sub_columns),
            height_px: f64::from(size_px.1),
            density: f64::from(columns.sub_columns),
            columns,
            last: None,
            is_single: true,
            run_start: None,
            run_span,
            within: Within::NONE,
        }
    }

    /// Draws on to a point in device pixels from the plot's top left.
    ///
    /// A point left of the last one starts a new run; one that is not finite is a break.
    pub fn line_to(&mut self, x: f64, y: f64) {
        if !(x.is_finite() && y.is_finite()) {
            return self.break_line();
        }
        let far = self.height_px + 1e6;
        let to = [x.clamp(-1e9, 1e9), y.clamp(-far, far)];
        if let Some(last) = self.last
            && to[0] < self.within.end
            && to[0] >= last[0]
        {
            if to[1] < self.within.top {
                self.within.top = to[1];
            }
            if to[1] > self.within.bottom {
                self.within.bottom = to[1];
            }
            self.last = Some(to);
            return;
        }
        self.leave_column();
        if self.last.is_some_and(|last| to[0] < last[0]) {
            self.break_line();
        }
        if let Some(from) = self.last {
            self.is_single = false;
            if self.density > 1.0 {
                self.capsule(from, to, self.stroke.radius);
            } else {
                self.extremes(from, to);
                self.enter_column(to);
            }
        }
        self.last = Some(to);
    }

    fn enter_column(&mut self, [x, y]: [f64; 2]) {
        let column = x as i64;
        if x >= 0.0 && column < self.width_columns {
            self.within = Within { column, end: (column + 1) as f64, top: y, bottom: y };
        }
    }

    /// Covers what was gathered.
    fn leave_column(&mut self) {
        let Within { column, end, top, bottom } = std::mem::replace(&mut self.within, Within::NONE);
        if end > f64::NEG_INFINITY {
            self.cover(column, top - self.stroke.radius, bottom + self.stroke.radius);
        }
    }

    /// Ends the run: whatever follows is not joined to it. A point left alone becomes a dot.
    pub fn break_line(&mut self) {
        self.leave_column();
        if let Some(point) = self.last.take()
            && self.is_single
        {
            self.capsule(point, point, self.stroke.dot_radius);
        }
        self.is_single = true;
        if let Some(start) = self.run_start.take() {
            let run = Run {
                first_column: start as u32,
                first_span: self.run_span as u32,
                len: (self.columns.spans.len() - self.run_span) as u32,
            };
            if run.len > 0 {
                self.columns.runs.push(run);
            }
        }
        self.run_span = self.columns.spans.len();
    }

    /// Everything within `radius` of the segment, exactly, at the centre of every sub-column.
    fn capsule(&mut self, from: [f64; 2], to: [f64; 2], radius: f64) {
        let first = ((from[0] - radius) * self.density - 0.5).ceil();
        let last = ((to[0] + radius) * self.density - 0.5).floor();
        let Some((first, last)) = self.visible_columns(first, last) else { return };
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        if from[1].min(to[1]) - radius > self.height_px || from[1].max(to[1]) + radius < 0.0 {
            return;
        }
        let length = (dx * dx + dy * dy).sqrt();
        // Where on the segment the boundary above a given x is touched: shifted against the slope. In the middle of the
        // segment the height there is always the same.
        let shift = if length > 0.0 { radius * dy / length } else { 0.0 };
        let slope = if dx > 0.0 { dy / dx } else { 0.0 };
        let height = |across: f64| (radius * radius - across * across).max(0.0).sqrt();
        let middle_height = height(shift);
        let reach = |x: f64, touch: f64| {
            if touch >= from[0] && touch <= to[0] {
                return (from[1] + (touch - from[0]) * slope, middle_height);
            }
            let end = if touch < from[0] { from } else { to };
            (end[1], height(end[0] - x))
        };
        let (upper, lower) = if from[1] < to[1] { (from[1], to[1]) } else { (to[1], from[1]) };
        let pitch = 1.0 / self.density;
        for column in first..=last {
            let x = (column as f64 + 0.5) * pitch;
            let (top, bottom) = if dx > 0.0 {
                let (top_y, top_height) = reach(x, x - shift);
                let (bottom_y, bottom_height) = reach(x, x + shift);
                (top_y.max(upper) - top_height, bottom_y.min(lower) + bottom_height)
            } else {
                let height = height(from[0] - x);
                (upper - height, lower + height)
            };
            self.cover(column, top, bottom);
        }
    }

    /// Least and greatest y inside every whole pixel column, widened by the radius.
    fn extremes(&mut self, from: [f64; 2], to: [f64; 2]) {
        if to[0] < 0.0 {
            return;
        }
        // Casts cut towards zero, which is the floor of what is not negative, and quicker.
        let Some((first, last)) = self.visible_columns(from[0].max(0.0), to[0]) else { return };
        let radius = self.stroke.radius;
        if first == last && from[0] >= 0.0 {
            return self.cover(first, from[1].min(to[1]) - radius, from[1].max(to[1]) + radius);
        }
        let dx = to[0] - from[0];
        let slope = if dx > 0.0 { (to[1] - from[1]) / dx } else { 0.0 };
        for column in first..=last {
            let enter = (column as f64).max(from[0]);
            let leave = (column as f64 + 1.0).min(to[0]);
            let y_enter = if enter > from[0] { from[1] + (enter - from[0]) * slope } else { from[1] };
            let y_leave = if leave < to[0] { from[1] + (leave - from[0]) * slope } else { to[1] };
            let (top, bottom) = (y_enter.min(y_leave), y_enter.max(y_leave));
            self.cover(column, top - radius, bottom + radius);
        }
    }

    /// The columns of `first..=last` inside the plot; the first ones seen start the run.
    fn visible_columns(&mut self, first: f64, last: f64) -> Option<(i64, i64)> {
        let first = (first as i64).max(0);
        let last = (last as i64).min(self.width_columns - 1);
        if first > last {
            return None;
        }
        self.run_start.get_or_insert(first);
        Some((first, last))
    }

    fn cover(&mut self, column: i64, top: f64, bottom: f64) {
        let (top, bottom) = (top.max(0.0), bottom.min(self.height_px));
        let Some(start) = self.run_start else { return };
        if bottom <= top || column < start {
            return;
        }
        let index = self.run_span + (column - start) as usize;
        if index >= self.columns.spans.len() {
            self.columns.spans.resize(index + 1, Span::EMPTY);
        }
        let span = &mut self.columns.spans[index];
        span.top = lesser(span.top, top as f32);
        span.bottom = greater(span.bottom, bottom as f32);
    }
}

impl Drop for LineWalk<'_> {
    fn drop(&mut self) {
        self.break_line();
    }
}

#[cfg(test)]
mod tests;
