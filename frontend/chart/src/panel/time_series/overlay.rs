//! What people add to a time series: thresholds, annotations, and what is expected to come.

use crate::area::{self, Slice};
use crate::columns::LineWalk;
use crate::data::{Point, Series};
use crate::display_list::{Align, Baseline, Op};
use crate::format::{self, Unit};
use crate::layout::Layout;
use crate::options::{Note, Threshold};
use crate::panel::painter::{Painter, stroke, sub_columns, visible, walk_points};
use crate::panel::{Frame, label as labelled, note as words};
use crate::text;
use crate::theme::css_px;

/// CSS pixels between words and what they belong to.
const GAP: f64 = 4.0;
/// CSS pixels below which a note's words are left out.
const LEAST_WORDS: f64 = 28.0;
/// Most notes drawn with words; the others keep their line.
const MOST_WORDS: usize = 40;

/// Appends a dashed line and its value for every threshold in sight, graver ones in longer dashes.
pub(super) fn thresholds(
    thresholds: &[Threshold],
    unit: &Unit,
    frame: &Frame<'_>,
    layout: &Layout,
    ops: &mut Vec<Op>,
) {
    let plot = layout.plot;
    let (left, right) = (plot.x_px as f32, (plot.x_px + plot.width_px) as f32);
    let (top, bottom) = (f64::from(plot.y_px), f64::from(plot.y_px + plot.height_px));
    for threshold in thresholds {
        let y = layout.px_from_value(threshold.value);
        if !(y >= top && y <= bottom) {
            continue;
        }
        let color = frame.theme.level_color(threshold.severity);
        let dash = [2.0, 5.0, 9.0][threshold.severity as usize];
        let y = y.floor() as f32 + 0.5;
        ops.push(Op::Line {
            from: [left, y],
            to: [right, y],
            width: frame.size.scale.round().max(1.0) as f32,
            color,
            dash: Some([frame.size.px(dash) as f32, frame.size.px(3.0) as f32]),
        });
        let label = format!("{} {}", threshold.severity.label(), format::value(threshold.value, unit));
        let gap = frame.size.px(GAP) as f32;
        let above = f64::from(y) - top > frame.size.px(css_px::NOTE + 2.0 * GAP);
        let at = [right - gap, if above { y - gap / 2.0 } else { y + gap / 2.0 }].map(f64::from);
        let baseline = if above { Baseline::Bottom } else { Baseline::Top };
        labelled(ops, frame, words(frame, at, label, color, Align::Right, baseline));
    }
}

impl Painter<'_> {
    /// Tints annotated intervals.
    pub(super) fn note_tints(&mut self, notes: &[Note]) {
        let (theme, plot) = (self.frame.theme, self.layout.plot);
        for note in notes.iter().filter(|note| note.start < note.end) {
            if let Some((left, right)) = span(note, &self.layout) {
                let rect = [left as f32, 0.0, (right - left) as f32, plot.height_px as f32];
                self.under.rect(rect, theme.note.with_alpha(theme.note_alpha));
            }
        }
    }

    /// Tints where values are expected to come, and draws the most likely ones dashed.
    pub(super) fn fan(&mut self, series: &Series, css_width: f64) {
        let fan = visible(&series.forecast, self.layout.time_range, |point| point.t);
        if fan.is_empty() {
            return;
        }
        let theme = self.frame.theme;
        let color = theme.series_color(series.color_index);
        let map = self.layout.in_plot_on(series.side);
        for is_inner in [false, true] {
            self.columns.reset(self.under.origin(), 1, color.with_alpha(theme.band_alpha));
            let slices = fan.iter().map(|point| {
                let (lower, upper) = if is_inner { point.inner } else { point.outer };
                let (a, b) = (map.y(lower), map.y(upper));
                let whole = a.is_finite() && b.is_finite();
                whole.then(|| Slice { x: map.x(point.t), top: a.min(b), bottom: a.max(b) })
            });
            area::fill(self.columns, self.under.size_px(), slices);
            self.under.columns(self.columns);
        }
        let middle: Vec<_> = fan.iter().map(|point| Point { t: point.t, v: point.middle }).collect();
        self.columns.reset(self.under.origin(), sub_columns(middle.len(), self.layout.plot.width_px), color);
        let stroke = stroke(self.frame.size, css_width);
        let mut walk = LineWalk::new(self.columns, self.under.size_px(), stroke);
        walk_points(&mut walk, &middle, &[], map);
        drop(walk);
        self.put_dashed(2);
    }
}

/// Distances from the plot's left edge between which a note is seen.
fn span(note: &Note, layout: &Layout) -> Option<(f64, f64)> {
    let (map, width) = (layout.in_plot(), f64::from(layout.plot.width_px));
    let (start, end) = (map.x(note.start), map.x(note.end));
    (end >= 0.0 && start <= width).then(|| (start.max(0.0), end.min(width)))
}

/// Appends lines and words of annotations, sorted by start; words end where the next note's begin.
pub(super) fn notes(notes: &[Note], frame: &Frame<'_>, layout: &Layout, ops: &mut Vec<Op>) {
    let plot = layout.plot;
    let seen: Vec<_> =
        notes.iter().filter_map(|note| span(note, layout).map(|(from, to)| (note, from, to))).collect();
    let color = frame.theme.note;
    let (origin, top) = (f64::from(plot.x_px), plot.y_px as f32);
    let width = frame.size.scale.round().max(1.0) as f32;
    let bottom = top + plot.height_px as f32;
    for (index, &(note, from, to)) in seen.iter().enumerate() {
        let start = origin + from;
        if note.start < note.end {
            let line = 2.0 * width;
            ops.push(Op::Rect { rect: [start as f32, top, (to - from).max(1.0) as f32, line], color });
        } else {
            let x = start.floor() as f32 + 0.5;
            let (half, tall) = (frame.size.px(4.0) as f32, frame.size.px(6.0) as f32);
            ops.push(Op::Line { from: [x, top], to: [x, bottom], width, color, dash: None });
            let points = vec![[x - half, top], [x + half, top], [x, top + tall]];
            ops.push(Op::Polygon { points, fill: color, stroke: color, stroke_width: 0.0 });
        }
        let next = seen.get(index + 1).map_or(f64::from(plot.width_px), |(_, from, _)| *from);
        let gap = frame.size.px(GAP);
        let indent = if note.start < note.end { gap } else { gap + frame.size.px(3.0) };
        let free = next - from - indent - gap;
        if index < MOST_WORDS && free >= frame.size.px(LEAST_WORDS) && !note.text.is_empty() {
            let short = text::shortened(&note.text, frame.size.px(css_px::NOTE), free);
            let at = [start + indent, f64::from(top) + gap];
            labelled(ops, frame, words(frame, at, short, color, Align::Left, Baseline::Top));
        }
    }
}

/// Appends what the plot does not show, in its top right corner, a line each.
pub(super) fn remarks(lines: &[String], frame: &Frame<'_>, layout: &Layout, ops: &mut Vec<Op>) {
    let plot = layout.plot;
    let right = f64::from(plot.x_px + plot.width_px) - frame.size.px(GAP);
    for (index, line) in lines.iter().enumerate() {
        let y = f64::from(plot.y_px) + frame.size.px(GAP + index as f64 * (css_px::NOTE + GAP));
        let at = [right, y];
        let remark = words(frame, at, line.as_str(), frame.theme.axis_text, Align::Right, Baseline::Top);
        labelled(ops, frame, remark);
    }
}
