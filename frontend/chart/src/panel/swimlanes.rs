//! How unusual many series are, over time: a lane each, cells by severity.
//!
//! Severity shows by height as well as by colour: a critical cell fills its lane.

use crate::axes::{Across, Axes, AxesSpec, Up};
use crate::data::SwimlanesData;
use crate::display_list::{Align, Baseline, Op};
use crate::format::{self, Unit};
use crate::layout::{Layout, ordered_range};
use crate::options::{OptionKind, OptionSpec};
use crate::panel::painter::Painter;
use crate::panel::state_timeline::hidden;
use crate::panel::tip::{Tip, TipRow, part};
use crate::panel::{Frame, PanelKind, Scratch, Surface, draw_plot, note};
use crate::scene::Drawn;
use crate::text;
use crate::theme::css_px;

/// How many lanes there are at most.
pub const LANES: OptionSpec = OptionSpec {
    name: "lanes",
    kind: OptionKind::Number { default: Some(20.0), min: 1.0, max: 200.0 },
    doc: "Most series shown; how many there are in all is said.",
};
/// The order of lanes.
pub const ORDER: OptionSpec = OptionSpec {
    name: "order",
    kind: OptionKind::Choice { default: "severity", choices: &["severity", "name"] },
    doc: "Which series come first: those with the gravest moments in view, or by name.",
};

/// What this kind of panel is.
pub const KIND: PanelKind = PanelKind {
    id: "swimlanes",
    title: "Anomaly swimlanes",
    doc: "How unusual every series is, over time: severity from 25, 50 and 75 of 100.",
    needs: "scored measures of any streams",
    surface: Surface::Canvas,
    options: &[LANES, ORDER],
};

/// CSS pixels of the key above the plot, of its squares and of the space around them.
const HEAD: f64 = 14.0;
const SQUARE: f64 = 8.0;
const GAP: f64 = 5.0;
const KEY: [&str; 4] = ["below 25", "25", "50", "75"];
/// Part of a lane that a cell of each step fills.
const HEIGHTS: [f64; 4] = [0.34, 0.52, 0.7, 0.88];

/// Draws the panel.
pub fn draw(data: &SwimlanesData, frame: &Frame<'_>, scratch: &mut Scratch) -> Drawn {
    let names: Vec<&str> = data.lanes.iter().map(|lane| lane.name.as_str()).collect();
    let axes = Axes::new(&AxesSpec {
        size: frame.size,
        across: Across::Time(ordered_range(data.range)),
        up: Up::Names(&names),
        right: None,
        head: HEAD,
        zone: frame.zone,
    });
    let paint = |painter: &mut Painter<'_>, _: &mut Vec<f64>| cells(data, painter);
    draw_plot(axes, frame, scratch, None, &paint, &|layout, ops| {
        key(frame, layout, ops);
        hidden(data.hidden_lanes, data.lanes.len(), frame, layout, ops);
    })
}

fn cells(data: &SwimlanesData, painter: &mut Painter<'_>) {
    let plot = painter.layout.plot;
    let pitch = f64::from(plot.height_px) / data.lanes.len().max(1) as f64;
    let pixel = painter.frame.size.scale.round().max(1.0);
    for (row, lane) in data.lanes.iter().enumerate() {
        let count = lane.severities.len().max(1) as f64;
        let edge = |index: usize| (index as f64 * f64::from(plot.width_px) / count).round();
        for (index, severity) in lane.severities.iter().enumerate().filter(|(_, s)| s.is_finite()) {
            let (color, step) = painter.frame.theme.severity_color(f64::from(*severity));
            let (left, right) = (edge(index), edge(index + 1));
            let width = if right - left > 3.0 * pixel { right - left - pixel } else { right - left };
            let height = (pitch * HEIGHTS[step]).round().max(1.0);
            let top = (row as f64 * pitch + (pitch - height) / 2.0).round();
            painter.under.rect([left, top, width, height].map(|px| px as f32), color);
        }
    }
}

/// What the colours mean, above the plot.
fn key(frame: &Frame<'_>, layout: &Layout, ops: &mut Vec<Op>) {
    let plot = layout.plot;
    if plot.y_px == 0 {
        return;
    }
    let (square, gap) = (frame.size.px(SQUARE), frame.size.px(GAP));
    let middle = f64::from(plot.y_px) - frame.size.px(HEAD / 2.0 + 1.0);
    let mut right = f64::from(plot.x_px + plot.width_px);
    for (step, words) in KEY.iter().enumerate().rev() {
        ops.push(note(frame, [right, middle], *words, frame.theme.axis_text, Align::Right, Baseline::Middle));
        right -= text::roomy_px(words, frame.size.px(css_px::NOTE)) + gap * 0.8 + square;
        let height = square * (0.55 + 0.15 * step as f64);
        let rect = [right, middle - height / 2.0, square, height].map(|px| px as f32);
        ops.push(Op::Rect { rect, color: frame.theme.severity[step] });
        right -= 2.0 * gap;
    }
    ops.push(note(frame, [right, middle], "severity", frame.theme.axis_text, Align::Right, Baseline::Middle));
}

pub(super) fn tip(data: &SwimlanesData, layout: &Layout, at_px: [f64; 2]) -> Option<Tip> {
    let [x, y] = part(layout.plot, at_px)?;
    let lane = data.lanes.get((y * data.lanes.len() as f64) as usize)?;
    let cells = lane.severities.len();
    let cell = (x * cells as f64) as usize;
    let severity = f64::from(*lane.severities.get(cell)?);
    let (start, end) = layout.time_range;
    let left = start.saturating_add((end.abs_diff(start) as f64 * cell as f64 / cells.max(1) as f64) as i64);
    severity.is_finite().then(|| Tip {
        time: Some(left),
        title: lane.name.clone(),
        rows: vec![TipRow::new("severity", format::value(severity.round(), &Unit::NONE), 0)],
        at_px,
    })
}
