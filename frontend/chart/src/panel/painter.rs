//! What lies under marks and labels: grid, known gaps, expected bands and lines.

use crate::area::{self, Slice};
use crate::columns::{LineWalk, PixelColumns, Stroke};
use crate::data::{BandPoint, Point, Series, TimeSeriesData};
use crate::display_list::Op;
use crate::layout::{InPlot, Layout, Size};
use crate::panel::Frame;
use crate::theme::css_px;
use crate::under::Under;

/// Points per device pixel from which one sub-column per pixel is enough.
const DENSE: f64 = 2.5;
/// CSS pixels between hatching lines, and half their width.
const HATCH_PITCH: f64 = 7.0;
const HATCH_RADIUS: f64 = 0.4;

/// CSS pixels that anything drawn reaches beyond its point, twice: a mark is kept whole at an edge.
const WIDEST_REACH: f64 = 24.0;

/// Where the items in `range` begin and end among all, which are sorted by time.
fn place<T>(items: &[T], range: (i64, i64), time: impl Fn(&T) -> i64) -> (usize, usize) {
    (items.partition_point(|item| time(item) < range.0), items.partition_point(|item| time(item) <= range.1))
}

/// The part of `items`, sorted by time, inside `range`.
pub(super) fn inside<T>(items: &[T], range: (i64, i64), time: impl Fn(&T) -> i64) -> &[T] {
    let (first, end) = place(items, range, time);
    items.get(first..end).unwrap_or_default()
}

/// The same and one more on each side, which lines run on to.
pub(super) fn visible<T>(items: &[T], range: (i64, i64), time: impl Fn(&T) -> i64) -> &[T] {
    let (first, end) = place(items, range, time);
    items.get(first.saturating_sub(1)..items.len().min(end + 1)).unwrap_or_default()
}

/// Steps through sorted gaps beside points.
pub(super) struct GapWalk<'a> {
    pub(super) gaps: &'a [(i64, i64)],
}

impl GapWalk<'_> {
    /// Whether a gap lies between `from` and the later time `to`. Ask in order of time.
    pub(super) fn crosses(&mut self, from: i64, to: i64) -> bool {
        while let [(_, end), rest @ ..] = self.gaps
            && *end <= from
        {
            self.gaps = rest;
        }
        self.gaps.first().is_some_and(|(start, _)| *start < to)
    }
}

/// Sub-columns per pixel that suit `points` drawn over `width_px`.
pub(super) fn sub_columns(points: usize, width_px: u32) -> u32 {
    if points as f64 > f64::from(width_px) * DENSE { 1 } else { 4 }
}

/// Stroke of a line `css_width` CSS pixels wide.
pub(super) fn stroke(size: Size, css_width: f64) -> Stroke {
    let radius = in_parts(size.px(css_width) / 2.0);
    Stroke { radius, dot_radius: radius.max(in_parts(size.px(css_px::DOT_RADIUS))) }
}

/// A length as a whole number of parts so large that even small floats hold it beside any number of pixels: what is
/// drawn with it looks the same wherever on the plot it is.
pub(super) fn in_parts(px: f64) -> f64 {
    const PARTS: f64 = 1_024.0;
    (px * PARTS).round() / PARTS
}

/// Pixels that a stroke, a dot or a mark reaches beyond its point, at the most, with those that keep it from an edge.
pub(super) fn reach_px(size: Size) -> u32 {
    size.px(WIDEST_REACH).ceil() as u32
}

/// Draws what lies under marks and labels.
pub(super) struct Painter<'a> {
    pub(super) frame: &'a Frame<'a>,
    /// Of what is painted: the plot, or some of its columns.
    pub(super) layout: Layout,
    /// Of the whole plot.
    pub(super) whole: Layout,
    pub(super) columns: &'a mut PixelColumns,
    /// What lies between dashes.
    pub(super) pale: &'a mut PixelColumns,
    pub(super) under: Under<'a>,
}

impl Painter<'_> {
    /// Draws the grid among axis ops.
    pub(super) fn grid(&mut self, axis_ops: &[Op]) {
        for op in axis_ops {
            if let Op::Line { from, to, width, color, .. } = op {
                self.under.canvas_line(*from, *to, *width, *color);
            }
        }
    }

    /// Columns of the plot left of what is painted.
    pub(super) fn first_px(&self) -> u32 {
        self.layout.plot.x_px - self.whole.plot.x_px
    }

    /// The times whose values are seen in what is painted, or are so near that their strokes and dots are.
    pub(super) fn seen(&self) -> (i64, i64) {
        let (start, end) = self.layout.time_range;
        let reach = i64::from(reach_px(self.frame.size)).saturating_mul(self.layout.column_nanos);
        let (first, last) = self.whole.time_range;
        (start.saturating_sub(reach).max(first), end.saturating_add(reach).min(last))
    }

    /// Tints and hatches the union of all known gaps.
    pub(super) fn gaps(&mut self, data: &TimeSeriesData) {
        let (start, end) = self.layout.time_range;
        let clipped = data.series.iter().flat_map(|series| &series.gaps);
        let mut gaps: Vec<_> = clipped.map(|gap| (gap.0.max(start), gap.1.min(end))).collect();
        gaps.retain(|gap| gap.0 < gap.1);
        gaps.sort_unstable();
        gaps.dedup_by(|next, kept| {
            let touches = next.0 <= kept.1;
            if touches {
                kept.1 = kept.1.max(next.1);
            }
            touches
        });
        for (start, end) in gaps {
            let map = self.layout.in_plot();
            let (left, right) = (map.x(start), map.x(end));
            let height = self.layout.plot.height_px as f32;
            self.under.rect([left as f32, 0.0, (right - left) as f32, height], self.frame.theme.gap);
            self.hatch(left, right);
        }
    }

    fn hatch(&mut self, left: f64, right: f64) {
        let height = f64::from(self.layout.plot.height_px);
        let radius = self.frame.size.px(HATCH_RADIUS);
        self.columns.reset(self.under.origin(), 1, self.frame.theme.gap_hatch);
        let stroke = Stroke { radius, dot_radius: radius };
        let mut walk = LineWalk::new(self.columns, self.under.size_px(), stroke);
        let pitch = self.frame.size.px(HATCH_PITCH);
        let lines = ((right - left + height) / pitch).ceil() as u32;
        for line in 0..lines {
            let foot = left - height + f64::from(line) * pitch;
            let (from, to) = (foot.max(left), (foot + height).min(right - 1.0));
            if from < to {
                walk.line_to(from, height - (from - foot));
                walk.line_to(to, height - (to - foot));
                walk.break_line();
            }
        }
        drop(walk);
        self.under.columns(self.columns);
    }

    /// Tints where the series was expected to lie.
    pub(super) fn band(&mut self, series: &Series) {
        let band = visible(&series.band, self.seen(), |point| point.t);
        if band.is_empty() {
            return;
        }
        let color = self.frame.theme.series_color(series.color_index).with_alpha(self.frame.theme.band_alpha);
        self.columns.reset(self.under.origin(), 1, color);
        let map = self.layout.in_plot_on(series.side);
        // A logarithmic axis has no place for a lower edge at or below zero: the band then reaches to the bottom.
        let bottom = f64::from(self.layout.plot.height_px);
        let slice = |point: &BandPoint| {
            let (top, low) = (map.y(point.upper.max(point.lower)), map.y(point.lower.min(point.upper)));
            Slice { x: map.x(point.t), top, bottom: if low.is_finite() { low } else { bottom } }
        };
        let mut gaps = GapWalk { gaps: &series.gaps };
        let mut last = None;
        let slices = band.iter().flat_map(|point| {
            let crosses = last.replace(point.t).is_some_and(|last| gaps.crosses(last, point.t));
            let whole = point.lower.is_finite() && point.upper.is_finite();
            // A break first, when there is a gap; then the slice itself, or a break in its place.
            [crosses.then_some(None), Some(whole.then(|| slice(point)))].into_iter().flatten()
        });
        area::fill(self.columns, self.under.size_px(), slices);
        self.under.columns(self.columns);
    }
}

/// Walks `points`, breaking at known gaps and missing values.
pub(super) fn walk_points(walk: &mut LineWalk<'_>, points: &[Point], gaps: &[(i64, i64)], map: InPlot) {
    let shown = points.first().zip(points.last()).map_or((0, 0), |(first, last)| (first.t, last.t));
    let has_gap = gaps.iter().any(|(start, end)| *end > shown.0 && *start < shown.1);
    if let Some(map) = map.linear().filter(|_| !has_gap) {
        return walk.line_through(points, map);
    }
    let mut gaps = GapWalk { gaps };
    let mut last = None;
    for point in points {
        if last.replace(point.t).is_some_and(|last| gaps.crosses(last, point.t)) {
            walk.break_line();
        }
        walk.line_to(map.x(point.t), map.y(point.v));
    }
}
