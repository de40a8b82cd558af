//! Marks over the lines: anomalies, window results and the watermark.
//!
//! Severity shows by shape and fill, not by colour alone.

use crate::Color;
use crate::data::{Anomaly, Series, Severity, Side, TimeSeriesData, WindowMark};
use crate::display_list::Op;
use crate::layout::Layout;
use crate::panel::Frame;
use crate::panel::painter::{Painter, in_parts, reach_px};
use crate::theme::css_px;
use spate_shared::order;

/// CSS pixels of grid within which only the gravest anomaly is shown.
const CELL: f64 = 3.0;
/// CSS pixels of ring around a mark.
const HALO: f64 = 1.5;
/// How far the corners of a mark of size 1 are from its middle, at the most.
const TALLEST: f64 = 1.38;
/// CSS pixels of a window's bar, and the width from which final windows are shown at all.
const BAR: f64 = 3.0;
const SMALLEST_WINDOW: f64 = 4.0;

impl Painter<'_> {
    /// Draws marks that are on what is painted.
    pub(super) fn anomalies(&mut self, marks: &[Mark]) {
        let (first, reach) = (f64::from(self.first_px()), f64::from(reach_px(self.frame.size)));
        let last = first + f64::from(self.layout.plot.width_px);
        let seen = marks.iter().filter(|(_, [x, _])| *x > first - reach && *x < last + reach);
        let marks: Vec<Mark> = seen.map(|(severity, [x, y])| (*severity, [x - first, *y])).collect();
        if marks.is_empty() {
            return;
        }
        let (color, halo) = (self.frame.theme.anomaly, self.frame.theme.halo);
        let line = self.frame.size.px(HALO);
        self.marks(&marks, line, halo);
        // The gravest lie on top.
        for severity in [Severity::Minor, Severity::Major, Severity::Critical] {
            let of: Vec<_> = marks.iter().filter(|mark| mark.0 == severity).copied().collect();
            self.marks(&of, line / 2.0, color);
            if severity == Severity::Minor {
                self.marks(&of, -line / 2.0, halo);
            }
        }
    }

    /// Fills marks up to so many pixels beyond their outline.
    fn marks(&mut self, marks: &[Mark], beyond_px: f64, color: Color) {
        self.columns.reset(self.under.origin(), 4, color);
        for (severity, at) in marks {
            let corners = outline(*severity, *at, self.frame.size.px(css_px::MARK), beyond_px);
            self.columns.add_convex(&corners, self.under.size_px());
        }
        self.under.columns(self.columns);
    }
}

/// Severity and place in the plot of what is marked.
pub(super) type Mark = (Severity, [f64; 2]);

/// A mark for every visible anomaly; of those that would cover each other, the gravest.
pub(super) fn places(data: &TimeSeriesData, frame: &Frame<'_>, layout: &Layout) -> Vec<Mark> {
    let cell = frame.size.px(CELL);
    // Cells lie where they did, however far the range has moved.
    let moved = layout.time_range.0.checked_div(layout.column_nanos).unwrap_or_default();
    let cell_px = cell.round().max(1.0) as i64;
    let visible = data
        .series
        .iter()
        .flat_map(|series| series.anomalies.iter().map(move |anomaly| (series.side, anomaly)))
        .filter(|(_, anomaly)| anomaly.t >= layout.time_range.0 && anomaly.t <= layout.time_range.1);
    let mut marks: Vec<_> = visible
        .map(|(side, anomaly)| {
            let [x, y] = place(side, anomaly, layout);
            let column = if layout.column_nanos > 0 {
                moved.saturating_add(x.floor() as i64).div_euclid(cell_px)
            } else {
                (x / cell).floor() as i64
            };
            let cells = (column, (y / cell).floor() as i64);
            (cells, std::cmp::Reverse(anomaly.severity), [x, y])
        })
        .collect();
    order::sort_by(&mut marks, |a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(a.2[0].total_cmp(&b.2[0])));
    marks.dedup_by_key(|mark| mark.0);
    // A mark is drawn whole: at the plot's edge it stands just inside.
    let reach = frame.size.px(css_px::MARK) * TALLEST + frame.size.px(HALO) * 2.0;
    let inside = |at: f64, from: u32, length: u32| {
        let (at, most) = (at - f64::from(from), f64::from(length) - reach);
        if most > reach { at.clamp(reach, most) } else { at }
    };
    let plot = layout.plot;
    let inside =
        |[x, y]: [f64; 2]| [inside(x, plot.x_px, plot.width_px), inside(y, plot.y_px, plot.height_px)];
    marks.into_iter().map(|(_, severity, at)| (severity.0, inside(at))).collect()
}

/// Corners of a mark whose outline is moved outwards.
fn outline(severity: Severity, at: [f64; 2], size_px: f64, beyond_px: f64) -> Vec<[f32; 2]> {
    // The last number is how far the nearest edge of a mark of size 1 is from its middle.
    let (corners, edge): (&[[f64; 2]], f64) = match severity {
        Severity::Critical => (&[[0.0, -1.38], [1.26, 0.9], [-1.26, 0.9]], 0.667),
        Severity::Minor | Severity::Major => {
            (&[[0.0, -1.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]], std::f64::consts::FRAC_1_SQRT_2)
        }
    };
    let grown = size_px + beyond_px / edge;
    corners
        .iter()
        .map(|[x, y]| [at[0] + x * grown, at[1] + y * grown].map(|px| in_parts(px) as f32))
        .collect()
}

/// Canvas position inside the plot; the bottom for a missing value, and for one without a place.
fn place(side: Side, anomaly: &Anomaly, layout: &Layout) -> [f64; 2] {
    let top = f64::from(layout.plot.y_px);
    let bottom = top + f64::from(layout.plot.height_px);
    let y = layout.px_on(side, anomaly.v);
    let y = if y.is_finite() { y } else { bottom };
    [layout.px_from_time(anomaly.t), y.clamp(top, bottom)]
}

/// Appends a bar for every visible window: filled when final, hollow while provisional.
///
/// Where windows are too narrow to tell apart, the line already shows the final ones.
pub(super) fn windows(series: &Series, frame: &Frame<'_>, layout: &Layout, ops: &mut Vec<Op>) {
    let color = frame.theme.series_color(series.color_index);
    let smallest = frame.size.px(SMALLEST_WINDOW);
    for window in &series.windows {
        let Some(bar) = bar(series.side, window, frame, layout) else { continue };
        let width = f64::from(bar[2]);
        if window.provisional {
            ops.push(hollow(bar, frame, color));
        } else if width >= smallest {
            ops.push(Op::Rect { rect: bar, color: color.with_alpha(frame.theme.window_alpha) });
        }
    }
}

/// The bar of a window, cut to the plot with a hairline of space to its neighbours.
fn bar(side: Side, window: &WindowMark, frame: &Frame<'_>, layout: &Layout) -> Option<[f32; 4]> {
    let plot = layout.plot;
    let (left, right) = (f64::from(plot.x_px), f64::from(plot.x_px) + f64::from(plot.width_px));
    let start = layout.px_from_time(window.start).clamp(left, right);
    let end = layout.px_from_time(window.end).clamp(left, right);
    let height = frame.size.px(BAR);
    let (top, bottom) = (f64::from(plot.y_px), f64::from(plot.y_px) + f64::from(plot.height_px) - height);
    let middle = layout.px_on(side, window.value);
    if start >= end || !middle.is_finite() || bottom < top {
        return None;
    }
    let y = (middle - height / 2.0).clamp(top, bottom);
    let width = (end - start - frame.size.scale).max(frame.size.px(2.0));
    Some([start as f32, y as f32, width as f32, height as f32])
}

fn hollow([x, y, width, height]: [f32; 4], frame: &Frame<'_>, stroke: Color) -> Op {
    let grow = frame.size.scale as f32 / 2.0;
    let (top, bottom, right) = (y - grow, y + height + grow, x + width);
    Op::Polygon {
        points: vec![[x, top], [right, top], [right, bottom], [x, bottom]],
        fill: frame.theme.background,
        stroke,
        stroke_width: frame.size.scale as f32,
    }
}

/// The watermark as a dashed line, when it is visible.
pub(super) fn watermark(data: &TimeSeriesData, frame: &Frame<'_>, layout: &Layout) -> Option<Op> {
    let t = data.watermark.filter(|t| *t > layout.time_range.0 && *t < layout.time_range.1)?;
    let x = layout.px_from_time(t).floor() as f32 + 0.5;
    let top = layout.plot.y_px as f32;
    Some(Op::Line {
        from: [x, top],
        to: [x, top + layout.plot.height_px as f32],
        width: frame.size.scale.round().max(1.0) as f32,
        color: frame.theme.watermark,
        dash: Some([frame.size.px(3.0) as f32, frame.size.px(3.0) as f32]),
    })
}
