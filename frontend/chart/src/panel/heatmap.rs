//! How often values lie where, over time: cells, the darker (or, on dark ground, the lighter) the more events.

use crate::axes::{Across, Axes, AxesSpec, Up};
use crate::data::HeatmapData;
use crate::display_list::{Align, Baseline, Op};
use crate::format::{self, Unit};
use crate::layout::{Layout, ordered_range};
use crate::options::{OptionKind, OptionSpec};
use crate::panel::painter::Painter;
use crate::panel::tip::{Tip, TipRow, part};
use crate::panel::{Frame, PanelKind, Scratch, Surface, draw_plot, note};
use crate::scale::Scale;
use crate::scene::Drawn;

/// How many rows the data should have.
pub const ROWS: OptionSpec = OptionSpec {
    name: "rows",
    kind: OptionKind::Number { default: Some(24.0), min: 2.0, max: 100.0 },
    doc: "Cells from bottom to top.",
};

/// What this kind of panel is.
pub const KIND: PanelKind = PanelKind {
    id: "heatmap",
    title: "Heat map",
    doc: "How often values of all series lie where, over time.",
    needs: "one measure over time, best of many series",
    surface: Surface::Canvas,
    options: &[ROWS],
};

/// CSS pixels of the key above the plot, of one of its steps, and of the space around it.
const HEAD: f64 = 14.0;
const STEP: f64 = 14.0;
const GAP: f64 = 5.0;
const STEPS: u32 = 5;

/// Draws the panel.
pub fn draw(data: &HeatmapData, frame: &Frame<'_>, scratch: &mut Scratch) -> Drawn {
    let unit = Unit::parse(data.unit.as_deref());
    let axes = Axes::new(&AxesSpec {
        size: frame.size,
        across: Across::Time(ordered_range(data.range)),
        up: Up::Values { range: value_range(data), unit: &unit, scale: Scale::Linear, floor_px: 0.0 },
        right: None,
        head: HEAD,
        zone: frame.zone,
    });
    let most = most(data);
    let paint = |painter: &mut Painter<'_>, _: &mut Vec<f64>| cells(data, most, painter);
    draw_plot(axes, frame, scratch, None, &paint, &|layout, ops| key(most, frame, layout, ops))
}

fn value_range(data: &HeatmapData) -> (f64, f64) {
    let (low, high) = data.value_range;
    if low.is_finite() && high.is_finite() && low < high { (low, high) } else { (0.0, 1.0) }
}

fn columns(data: &HeatmapData) -> usize {
    data.counts.len() / data.rows.max(1)
}

fn most(data: &HeatmapData) -> f64 {
    data.counts.iter().copied().filter(|count| count.is_finite()).fold(0.0, f64::max)
}

/// Few and many events differ by orders of magnitude: the root keeps few visible.
fn shade(count: f64, most: f64) -> f64 {
    (count / most.max(1.0)).sqrt()
}

fn cells(data: &HeatmapData, most: f64, painter: &mut Painter<'_>) {
    let plot = painter.layout.plot;
    let (columns, rows) = (columns(data), data.rows.max(1));
    let edge = |index: usize, count: usize, length: u32| {
        (index as f64 * f64::from(length) / count.max(1) as f64).round() as f32
    };
    let pixel = painter.frame.size.scale as f32;
    // Hairlines between cells, where they leave something of them.
    let hairline = |length: f32| if length > 4.0 * pixel { pixel } else { 0.0 };
    for (column, counts) in data.counts.chunks_exact(rows).enumerate() {
        let (left, right) = (edge(column, columns, plot.width_px), edge(column + 1, columns, plot.width_px));
        for (row, &count) in counts.iter().enumerate().filter(|(_, count)| **count > 0.0) {
            let (bottom, top) =
                (edge(rows - row, rows, plot.height_px), edge(rows - row - 1, rows, plot.height_px));
            let (width, height) = (right - left, bottom - top);
            let rect = [left, top, width - hairline(width), height - hairline(height)];
            painter.under.rect(rect, painter.frame.theme.ramp_color(shade(count, most)));
        }
    }
}

/// What the colours mean, above the plot.
fn key(most: f64, frame: &Frame<'_>, layout: &Layout, ops: &mut Vec<Op>) {
    let plot = layout.plot;
    if most <= 0.0 || plot.y_px == 0 {
        return;
    }
    let (step, gap) = (frame.size.px(STEP), frame.size.px(GAP));
    let middle = f64::from(plot.y_px) - frame.size.px(HEAD / 2.0 + 1.0);
    let right = f64::from(plot.x_px + plot.width_px);
    let words = format!("{} events", format::value(most, &Unit::NONE));
    let words_px = crate::text::roomy_px(&words, frame.size.px(crate::theme::css_px::NOTE));
    let strip = right - words_px - gap - step * f64::from(STEPS);
    let ink = frame.theme.axis_text;
    ops.push(note(frame, [right, middle], words, ink, Align::Right, Baseline::Middle));
    ops.push(note(frame, [strip - gap, middle], "1", ink, Align::Right, Baseline::Middle));
    let height = frame.size.px(8.0);
    for index in 0..STEPS {
        let part = f64::from(index) / f64::from(STEPS - 1);
        let rect = [strip + step * f64::from(index), middle - height / 2.0, step, height].map(|px| px as f32);
        ops.push(Op::Rect { rect, color: frame.theme.ramp_color(part) });
    }
}

pub(super) fn tip(data: &HeatmapData, layout: &Layout, at_px: [f64; 2]) -> Option<Tip> {
    let [x, y] = part(layout.plot, at_px)?;
    let (columns, rows) = (columns(data), data.rows.max(1));
    let column = ((x * columns as f64) as usize).min(columns.checked_sub(1)?);
    let row = (((1.0 - y) * rows as f64) as usize).min(rows - 1);
    let count = data.counts.get(column * rows + row)?;
    let unit = Unit::parse(data.unit.as_deref());
    let (low, high) = value_range(data);
    let value = |row: usize| format::value(low + (high - low) * row as f64 / rows as f64, &unit);
    let (start, end) = layout.time_range;
    let left = start.saturating_add((end.abs_diff(start) as f64 * column as f64 / columns as f64) as i64);
    let pitch = f64::from(layout.plot.width_px) / columns as f64;
    Some(Tip {
        time: Some(left),
        title: format!("{} to {}", value(row), value(row + 1)),
        rows: vec![TipRow::new("events", format::value(*count, &Unit::NONE), 0)],
        at_px: [f64::from(layout.plot.x_px) + (column as f64 + 0.5) * pitch, at_px[1]],
    })
}
