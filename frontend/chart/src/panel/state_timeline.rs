//! What state things are in, over time: one row each, a coloured bar per state.

use crate::axes::{Across, Axes, AxesSpec, Up};
use crate::data::{StateRow, StateTimelineData};
use crate::display_list::{Align, Baseline, Op};
use crate::layout::{Layout, ordered_range};
use crate::options::{OptionKind, OptionSpec, TextForm};
use crate::panel::painter::Painter;
use crate::panel::tip::{Tip, TipRow, part};
use crate::panel::{Frame, PanelKind, Scratch, Surface, draw_plot, note};
use crate::scene::Drawn;
use crate::text;
use crate::theme::css_px;

/// Which field's values are the states.
pub const FIELD: OptionSpec = OptionSpec {
    name: "field",
    kind: OptionKind::Text { form: TextForm::Line },
    doc: "The field whose values are the states; the panel's measure when empty.",
};
/// Where a number is cut into states.
pub const THRESHOLDS: OptionSpec = OptionSpec {
    name: "thresholds",
    kind: OptionKind::Text { form: TextForm::Thresholds },
    doc: "Values that cut a number into states: below all of them it is normal.",
};
const WORDS: OptionSpec = OptionSpec {
    name: "words",
    kind: OptionKind::Flag { default: true },
    doc: "Write each state's name into its bar where there is room.",
};

/// What this kind of panel is.
pub const KIND: PanelKind = PanelKind {
    id: "state_timeline",
    title: "State timeline",
    doc: "What state each series is in, over time.",
    needs: "a category, text or boolean field, or a measure and thresholds",
    surface: Surface::Canvas,
    options: &[FIELD, THRESHOLDS, WORDS],
};

/// Part of a row that its bar fills, and CSS pixels beside a state's name.
const BAR_PART: f64 = 0.78;
const GAP: f64 = 5.0;
/// CSS pixels of the head when rows are hidden.
const HEAD: f64 = 12.0;

/// A stretch of pixels in one state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    first_px: u32,
    end_px: u32,
    state: usize,
}

/// Draws the panel.
pub fn draw(data: &StateTimelineData, frame: &Frame<'_>, scratch: &mut Scratch) -> Drawn {
    let names: Vec<&str> = data.rows.iter().map(|row| row.name.as_str()).collect();
    let axes = Axes::new(&AxesSpec {
        size: frame.size,
        across: Across::Time(ordered_range(data.range)),
        up: Up::Names(&names),
        right: None,
        head: if data.hidden_rows > 0 { HEAD } else { 0.0 },
        zone: frame.zone,
    });
    let rows: Vec<_> = data.rows.iter().map(|row| stretches(row, &axes.layout)).collect();
    let paint = |painter: &mut Painter<'_>, _: &mut Vec<f64>| bars(data, &rows, painter);
    draw_plot(axes, frame, scratch, None, &paint, &|layout, ops| {
        if WORDS.flag(frame.options) {
            words(data, &rows, frame, layout, ops);
        }
        hidden(data.hidden_rows, data.rows.len(), frame, layout, ops);
    })
}

/// Says above the plot how many rows are not shown.
pub(super) fn hidden(hidden: usize, shown: usize, frame: &Frame<'_>, layout: &Layout, ops: &mut Vec<Op>) {
    let plot = layout.plot;
    if hidden > 0 && plot.y_px > 0 {
        let all = crate::format::count((hidden + shown) as u64);
        let at = [f64::from(plot.x_px), f64::from(plot.y_px) - frame.size.px(3.0)];
        let words = format!("{shown} of {all} series");
        ops.push(note(frame, at, words, frame.theme.axis_text, Align::Left, Baseline::Bottom));
    }
}

/// The state of every pixel: of several in one pixel, the one that holds longest there.
fn stretches(row: &StateRow, layout: &Layout) -> Vec<Stretch> {
    let width = layout.plot.width_px as usize;
    let mut held = vec![(0.0_f64, None); width];
    let map = layout.in_plot();
    for span in &row.spans {
        let (left, right) = (map.x(span.start).max(0.0), map.x(span.end).min(width as f64));
        if left >= right {
            continue;
        }
        let last = (right.ceil() as usize).min(width);
        for (column, best) in held.iter_mut().enumerate().take(last).skip(left as usize) {
            let cover = right.min(column as f64 + 1.0) - left.max(column as f64);
            if cover > best.0 {
                *best = (cover, Some(span.state));
            }
        }
    }
    let mut first = 0;
    let mut stretches = Vec::new();
    for run in held.chunk_by(|a, b| a.1 == b.1) {
        let end = first + run.len() as u32;
        stretches.extend(run[0].1.map(|state| Stretch { first_px: first, end_px: end, state }));
        first = end;
    }
    stretches
}

/// Top and height of a row's bar from the plot's top.
fn bar(row: usize, rows: usize, height_px: u32) -> (f64, f64) {
    let pitch = f64::from(height_px) / rows.max(1) as f64;
    let height = (pitch * BAR_PART).max(1.0).floor();
    ((row as f64 * pitch + (pitch - height) / 2.0).round(), height)
}

fn bars(data: &StateTimelineData, rows: &[Vec<Stretch>], painter: &mut Painter<'_>) {
    let plot = painter.layout.plot;
    let hairline = painter.frame.size.scale.round().max(1.0);
    for (index, stretches) in rows.iter().enumerate() {
        let (top, height) = bar(index, rows.len(), plot.height_px);
        for stretch in stretches {
            let width = f64::from(stretch.end_px - stretch.first_px);
            let inner = if width > 3.0 * hairline { width - hairline } else { width };
            let rect = [f64::from(stretch.first_px), top, inner, height].map(|px| px as f32);
            painter.under.rect(rect, painter.frame.theme.series_color(data.color_index(stretch.state)));
        }
    }
}

fn words(
    data: &StateTimelineData,
    rows: &[Vec<Stretch>],
    frame: &Frame<'_>,
    layout: &Layout,
    ops: &mut Vec<Op>,
) {
    let (size_px, gap) = (frame.size.px(css_px::NOTE), frame.size.px(GAP));
    for (index, stretches) in rows.iter().enumerate() {
        let (top, height) = bar(index, rows.len(), layout.plot.height_px);
        if height < size_px * 1.2 {
            return;
        }
        for stretch in stretches {
            let Some(state) = data.states.get(stretch.state) else { continue };
            let free = f64::from(stretch.end_px - stretch.first_px) - 2.0 * gap;
            if text::roomy_px(state, size_px) <= free {
                let x = f64::from(layout.plot.x_px + stretch.first_px) + gap;
                let y = f64::from(layout.plot.y_px) + top + height / 2.0;
                let fill = frame.theme.series_color(data.color_index(stretch.state));
                let ink = frame.theme.ink_on(fill);
                let state = text::one_line(state);
                ops.push(note(frame, [x, y], state, ink, Align::Left, Baseline::Middle));
            }
        }
    }
}

pub(super) fn tip(data: &StateTimelineData, layout: &Layout, at_px: [f64; 2]) -> Option<Tip> {
    let [_, y] = part(layout.plot, at_px)?;
    let row = data.rows.get((y * data.rows.len() as f64) as usize)?;
    let t = layout.time_from_px(at_px[0]);
    let span = row.spans.iter().find(|span| span.start <= t && t < span.end)?;
    let state = data.states.get(span.state)?.clone();
    Some(Tip {
        time: Some(span.start),
        title: row.name.clone(),
        rows: vec![TipRow::new(
            state,
            duration(span.end.saturating_sub(span.start)),
            data.color_index(span.state),
        )],
        at_px,
    })
}

/// A duration in nanoseconds with three digits.
fn duration(nanos: i64) -> String {
    crate::format::value(nanos as f64, &crate::format::Unit::parse(Some("ns")))
}
