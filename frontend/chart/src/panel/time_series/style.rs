//! How a series is drawn: as a line, an area, steps, bars or points.

use crate::area::{self, Slice};
use crate::columns::LineWalk;
use crate::data::{Point, Series};
use crate::layout::{InPlot, Layout};
use crate::options::{OptionKind, OptionSpec};
use crate::panel::painter::{GapWalk, Painter, stroke, sub_columns, visible, walk_points};
use crate::panel::time_series::stack::Layer;

pub(super) const STYLE: OptionSpec = OptionSpec {
    name: "style",
    kind: OptionKind::Choice { default: "lines", choices: &["lines", "area", "steps", "bars", "points"] },
    doc: "How values are drawn.",
};

/// Part of the space between two values that a bar fills, and the widest bar in CSS pixels.
const BAR_PART: f64 = 0.8;
const WIDEST_BAR: f64 = 40.0;
/// CSS pixels of a dash and the space after it, by pattern.
const PATTERNS: [[u32; 2]; 3] = [[8, 5], [3, 4], [14, 3]];
/// Alpha of the space between dashes: what lies there is still seen.
const PALE: f64 = 0.3;

/// A way to draw values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Lines,
    Area,
    Steps,
    Bars,
    Points,
}

impl Style {
    pub(super) fn named(name: &str) -> Self {
        match name {
            "area" => Self::Area,
            "steps" => Self::Steps,
            "bars" => Self::Bars,
            "points" => Self::Points,
            _ => Self::Lines,
        }
    }

    /// Whether values are drawn from zero.
    pub(super) fn stands_on_zero(self) -> bool {
        matches!(self, Self::Area | Self::Bars)
    }
}

/// One series among the others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pen {
    pub(super) style: Style,
    /// CSS pixels.
    pub(super) line_width: f64,
    /// 0 is a solid line.
    pub(super) pattern: usize,
    /// This series' place among those side by side, and how many there are.
    pub(super) slot: (usize, usize),
}

impl Painter<'_> {
    /// Draws a series.
    pub(super) fn series(&mut self, series: &Series, pen: Pen) {
        let points = visible(&series.points, self.seen(), |point| point.t);
        if points.is_empty() {
            return;
        }
        let map = self.layout.in_plot_on(series.side);
        match pen.style {
            Style::Bars => {
                let bars = points.iter().map(|point| (map.x(point.t), map.y(point.v), self.ground(map)));
                self.bars(series.color_index, &bars.collect::<Vec<_>>(), pen.slot);
            }
            Style::Points => self.dots(series.color_index, points, map, pen),
            Style::Area => {
                let ground = self.ground(map);
                let edges = points.iter().map(|point| (point.t, map.y(point.v), ground));
                self.fill(series, edges.collect(), map);
                self.line(series, points, density(series, &self.whole), map, pen);
            }
            Style::Lines | Style::Steps => {
                self.line(series, points, density(series, &self.whole), map, pen);
            }
        }
    }

    /// Draws one layer of a stack.
    pub(super) fn layer(&mut self, series: &Series, layers: &[Layer], pen: Pen) {
        let map = self.layout.in_plot_on(series.side);
        if pen.style == Style::Bars {
            let bars = layers.iter().map(|layer| (map.x(layer.t), map.y(layer.high), map.y(layer.low)));
            return self.bars(series.color_index, &bars.collect::<Vec<_>>(), (0, 1));
        }
        let edges = layers.iter().map(|layer| (layer.t, map.y(layer.high), map.y(layer.low)));
        self.fill(series, edges.collect(), map);
        let tops: Vec<_> = layers.iter().map(|layer| Point { t: layer.t, v: layer.high }).collect();
        self.line(series, &tops, sub_columns(tops.len(), self.layout.plot.width_px), map, pen);
    }

    /// Distance from the plot's top to what areas and bars stand on: zero, or the edge nearest to it.
    fn ground(&self, map: InPlot) -> f64 {
        let height = f64::from(self.layout.plot.height_px);
        let zero = map.y(0.0);
        if zero.is_finite() { zero.clamp(0.0, height) } else { height }
    }

    fn line(&mut self, series: &Series, points: &[Point], sub_columns: u32, map: InPlot, pen: Pen) {
        let color = self.frame.theme.series_color(series.color_index);
        self.columns.reset(self.under.origin(), sub_columns, color);
        let stroke = stroke(self.frame.size, pen.line_width);
        let mut walk = LineWalk::new(self.columns, self.under.size_px(), stroke);
        if pen.style == Style::Steps {
            walk_steps(&mut walk, points, &series.gaps, map);
        } else {
            walk_points(&mut walk, points, &series.gaps, map);
        }
        drop(walk);
        self.put_dashed(pen.pattern);
    }

    /// Puts the columns; with a pattern, every other stretch pale.
    pub(super) fn put_dashed(&mut self, pattern: usize) {
        if pattern > 0 {
            let lengths = PATTERNS[(pattern - 1) % PATTERNS.len()];
            let [on, off] = lengths.map(|css| self.frame.size.px(f64::from(css)).round().max(1.0) as u32);
            self.columns.dash(on, off, self.pale);
            self.pale.color = self.columns.color.with_alpha(PALE);
            self.under.columns(self.pale);
        }
        self.under.columns(self.columns);
    }

    fn dots(&mut self, color_index: usize, points: &[Point], map: InPlot, pen: Pen) {
        let color = self.frame.theme.series_color(color_index);
        self.columns.reset(self.under.origin(), sub_columns(points.len(), self.layout.plot.width_px), color);
        let mut stroke = stroke(self.frame.size, pen.line_width);
        stroke.dot_radius = stroke.dot_radius.max(self.frame.size.px(pen.line_width));
        let mut walk = LineWalk::new(self.columns, self.under.size_px(), stroke);
        for point in points {
            walk.line_to(map.x(point.t), map.y(point.v));
            walk.break_line();
        }
        drop(walk);
        self.under.columns(self.columns);
    }

    /// Tints what lies between two edges, each a time with the y of both.
    fn fill(&mut self, series: &Series, edges: Vec<(i64, f64, f64)>, map: InPlot) {
        let theme = self.frame.theme;
        let color = theme.series_color(series.color_index).with_alpha(theme.area_alpha * 1.6);
        self.columns.reset(self.under.origin(), 1, color);
        let mut gaps = GapWalk { gaps: &series.gaps };
        let mut last = None;
        let slices = edges.into_iter().flat_map(|(t, a, b)| {
            let crosses = last.replace(t).is_some_and(|last| gaps.crosses(last, t));
            let whole = a.is_finite() && b.is_finite();
            let slice = Slice { x: map.x(t), top: a.min(b), bottom: a.max(b) };
            [crosses.then_some(None), Some(whole.then_some(slice))].into_iter().flatten()
        });
        area::fill(self.columns, self.under.size_px(), slices);
        self.under.columns(self.columns);
    }

    /// Bars, each an x with the y of both ends, sorted by x.
    fn bars(&mut self, color_index: usize, bars: &[(f64, f64, f64)], (slot, slots): (usize, usize)) {
        let color = self.frame.theme.series_color(color_index);
        let spacing = bars
            .windows(2)
            .map(|pair| pair[1].0 - pair[0].0)
            .filter(|spacing| *spacing > 0.0)
            .fold(f64::INFINITY, f64::min);
        let widest = self.frame.size.px(WIDEST_BAR);
        // Spaces that pixels cannot show would beat against them: bars so narrow touch.
        let part = if spacing * (1.0 - BAR_PART) < 1.0 { 1.0 } else { BAR_PART };
        let all = (spacing * part).clamp(1.0, widest);
        let width = all / slots.max(1) as f64;
        let left = slot as f64 * width - all / 2.0;
        let hairline = if width > self.frame.size.px(3.0) { self.frame.size.scale } else { 0.0 };
        let height = f64::from(self.layout.plot.height_px);
        let inner = (width - hairline).max(1.0);
        for &(x, a, b) in bars {
            let (top, bottom) = (a.min(b).max(0.0), a.max(b).min(height));
            let start = x + left;
            let is_seen = start + inner > 0.0 && start < f64::from(self.layout.plot.width_px);
            if is_seen && top <= bottom {
                let tall = (bottom - top).max(1.0);
                let start_in = start.max(0.0);
                let end = (start + inner).min(f64::from(self.layout.plot.width_px));
                self.under.rect([start_in as f32, top as f32, (end - start_in) as f32, tall as f32], color);
            }
        }
    }
}

/// Sub-columns per pixel that suit a series on the whole plot.
pub(super) fn density(series: &Series, whole: &Layout) -> u32 {
    let points = visible(&series.points, whole.time_range, |point| point.t);
    sub_columns(points.len(), whole.plot.width_px)
}

/// Walks `points`, each holding until the next.
fn walk_steps(walk: &mut LineWalk<'_>, points: &[Point], gaps: &[(i64, i64)], map: InPlot) {
    let mut gaps = GapWalk { gaps };
    let mut last: Option<(i64, f64)> = None;
    for point in points {
        let (x, y) = (map.x(point.t), map.y(point.v));
        if let Some((t, held)) = last.replace((point.t, y)) {
            if gaps.crosses(t, point.t) {
                walk.break_line();
            } else if held.is_finite() {
                walk.line_to(x, held);
            }
        }
        walk.line_to(x, y);
    }
}
