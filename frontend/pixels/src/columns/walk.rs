//! From points to columns, left to right.

use super::{PixelColumns, Run, Span};
use crate::map::{Map, Point};
use crate::{greater, lesser};

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

    fn include(&mut self, top: f64, bottom: f64) {
        self.top = if top < self.top { top } else { self.top };
        self.bottom = if bottom > self.bottom { bottom } else { self.bottom };
    }
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
        let far = self.far();
        let to = [x.clamp(-1e9, 1e9), y.clamp(-far, far)];
        if self.last.is_some_and(|last| to[0] < last[0]) {
            self.break_line();
        }
        if let Some(from) = self.last {
            self.is_single = false;
            if self.density > 1.0 {
                self.capsule(from, to, self.stroke.radius);
            } else {
                self.extremes(from, to);
            }
        }
        self.last = Some(to);
    }

    /// Draws on through points, as by [`Self::line_to`].
    ///
    /// Most points of a dense line lie in the pixel column of the one before. Those are not mapped: their column is known by
    /// their time, and only the least and the greatest value of them count.
    #[inline(never)]
    pub fn line_through(&mut self, points: &[Point], map: &Map) {
        // A little less, so that no point is taken for one of the column whichever way the mapping rounds.
        let nanos_per_px = (1.0 - 1e-12) / map.px_per_nano;
        // Values that lie farther away are left to `line_to`.
        let reach = 1e6 / map.px_per_value;
        let known = (map.high - reach, map.high + reach);
        let mut rest = points;
        while let Some((point, after)) = rest.split_first() {
            self.line_to(map.x(point.t), map.y(point.v));
            rest = after;
            if self.within.end == f64::NEG_INFINITY {
                continue;
            }
            let end = map.start.saturating_add((self.within.end * nanos_per_px) as i64 - 1);
            let (mut last, mut least, mut greatest) = (*point, point.v, point.v);
            while let Some((next, after)) = rest.split_first() {
                if !(next.t >= last.t && next.t < end && next.v > known.0 && next.v < known.1) {
                    break;
                }
                least = if next.v < least { next.v } else { least };
                greatest = if next.v > greatest { next.v } else { greatest };
                (last, rest) = (*next, after);
            }
            if rest.len() < after.len() {
                self.within.include(map.y(greatest), map.y(least));
                self.last = Some([map.x(last.t), map.y(last.v)]);
            }
        }
    }

    /// The greatest distance from the top that is told apart from others.
    fn far(&self) -> f64 {
        self.height_px + 1e6
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
        // Distances from the first end, so that a line does not depend on how far from the plot's edge it is.
        let reach = |x: f64, touch: f64| {
            if touch >= 0.0 && touch <= dx {
                return (from[1] + touch * slope, middle_height);
            }
            let end = if touch < 0.0 { from } else { to };
            (end[1], height(end[0] - x))
        };
        let (upper, lower) = if from[1] < to[1] { (from[1], to[1]) } else { (to[1], from[1]) };
        let pitch = 1.0 / self.density;
        for column in first..=last {
            let x = (column as f64 + 0.5) * pitch;
            let (top, bottom) = if dx > 0.0 {
                let (top_y, top_height) = reach(x, x - from[0] - shift);
                let (bottom_y, bottom_height) = reach(x, x - from[0] + shift);
                (top_y.max(upper) - top_height, bottom_y.min(lower) + bottom_height)
            } else {
                let height = height(from[0] - x);
                (upper - height, lower + height)
            };
            self.cover(column, top, bottom);
        }
    }

    /// Least and greatest y inside every whole pixel column. Those of the last one are gathered, as more may follow.
    fn extremes(&mut self, from: [f64; 2], to: [f64; 2]) {
        // Casts cut towards zero, which is the floor of what is not negative, and quicker.
        let seen = if to[0] < 0.0 { None } else { self.visible_columns(from[0].max(0.0), to[0]) };
        let Some((first, last)) = seen else { return self.leave_column() };
        let dx = to[0] - from[0];
        let slope = if dx > 0.0 { (to[1] - from[1]) / dx } else { 0.0 };
        let at = |x: f64| from[1] + (x - from[0]) * slope;
        for column in first..=last {
            let (start, end) = (column as f64, (column + 1) as f64);
            let y_enter = if start > from[0] { at(start) } else { from[1] };
            let y_leave = if end < to[0] { at(end) } else { to[1] };
            let (top, bottom) = if y_enter < y_leave { (y_enter, y_leave) } else { (y_leave, y_enter) };
            if self.within.end == end {
                self.within.include(top, bottom);
            } else {
                self.leave_column();
                self.within = Within { column, end, top, bottom };
            }
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
