//! One measure against another: a dot per event, see-through so that crowds show.

use crate::axes::{Across, Axes, AxesSpec, Up};
use crate::columns::{LineWalk, Stroke};
use crate::data::{ScatterData, ScatterGroup};
use crate::display_list::{Align, Baseline, Op};
use crate::format::{self, Unit};
use crate::layout::Layout;
use crate::options::{OptionKind, OptionSpec, TextForm};
use crate::panel::painter::Painter;
use crate::panel::tip::{Tip, TipRow, part};
use crate::panel::{Frame, PanelKind, Scratch, Surface, draw_plot, note};
use crate::scale::{Extent, Scale, value_range};
use crate::scene::Drawn;
use crate::text;
use crate::theme::css_px;

/// What the x axis shows.
pub const X: OptionSpec = OptionSpec {
    name: "x",
    kind: OptionKind::Text { form: TextForm::Line },
    doc: "The measure from left to right; the stream's other measure when empty.",
};
const DOT: OptionSpec = OptionSpec {
    name: "dot",
    kind: OptionKind::Number { default: Some(2.5), min: 1.0, max: 8.0 },
    doc: "Radius of a dot in CSS pixels.",
};

/// What this kind of panel is.
pub const KIND: PanelKind = PanelKind {
    id: "scatter",
    title: "Scatter",
    doc: "One measure against another, a dot per event in view.",
    needs: "two measures of one stream",
    surface: Surface::Canvas,
    options: &[X, DOT],
};

/// CSS pixels above the plot for the axes' names.
const HEAD: f64 = 14.0;
/// Dots of a thousand or more are this see-through; few are nearly solid.
const ALPHA: (f64, f64) = (0.8, 0.25);
/// CSS pixels within which a dot is under the pointer.
const REACH: f64 = 12.0;

/// Draws the panel.
pub fn draw(data: &ScatterData, frame: &Frame<'_>, scratch: &mut Scratch) -> Drawn {
    let (x_unit, y_unit) = (Unit::parse(data.x_unit.as_deref()), Unit::parse(data.y_unit.as_deref()));
    let range = |axis: usize| {
        let mut extent = Extent::EMPTY;
        let pairs = data.groups.iter().flat_map(|group| &group.points).filter(|pair| is_whole(pair));
        pairs.for_each(|pair| extent.include(pair[axis]));
        value_range(extent, Extent::EMPTY)
    };
    let axes = Axes::new(&AxesSpec {
        size: frame.size,
        across: Across::Values(range(0), &x_unit),
        up: Up::Values { range: range(1), unit: &y_unit, scale: Scale::Linear, floor_px: 0.0 },
        right: None,
        head: HEAD,
        zone: frame.zone,
    });
    let count: usize = data.groups.iter().map(|group| group.points.len()).sum();
    let crowd = (count as f64 / 1_000.0).clamp(0.0, 1.0);
    let alpha = ALPHA.0 + (ALPHA.1 - ALPHA.0) * crowd;
    let paint = |painter: &mut Painter<'_>, _: &mut Vec<f64>| {
        data.groups.iter().for_each(|group| dots(group, alpha, painter));
    };
    draw_plot(axes, frame, scratch, None, &paint, &|layout, ops| names(data, count, frame, layout, ops))
}

fn is_whole(pair: &[f64; 2]) -> bool {
    pair[0].is_finite() && pair[1].is_finite()
}

fn dots(group: &ScatterGroup, alpha: f64, painter: &mut Painter<'_>) {
    let color = painter.frame.theme.series_color(group.color_index).with_alpha(alpha);
    let radius = painter.frame.size.px(DOT.number(painter.frame.options).unwrap_or(2.5));
    let (across, map) = (painter.layout.across(), painter.layout.in_plot());
    painter.columns.reset(painter.under.origin(), 4, color);
    let stroke = Stroke { radius, dot_radius: radius };
    let mut walk = LineWalk::new(painter.columns, painter.under.size_px(), stroke);
    for pair in group.points.iter().filter(|pair| is_whole(pair)) {
        walk.line_to(across.x(pair[0]), map.y(pair[1]));
        walk.break_line();
    }
    drop(walk);
    painter.under.columns(painter.columns);
}

/// Names of the axes: y above its labels, x above the plot's right end.
fn names(data: &ScatterData, shown: usize, frame: &Frame<'_>, layout: &Layout, ops: &mut Vec<Op>) {
    let plot = layout.plot;
    if plot.y_px == 0 {
        return;
    }
    let size_px = frame.size.px(css_px::NOTE);
    let y = f64::from(plot.y_px) - frame.size.px(5.0);
    let half = f64::from(frame.size.width_px) * 0.45;
    let ink = frame.theme.axis_text;
    let short = |words: &str| text::shortened(words, size_px, half);
    let up = format!("↑ {}", data.y_name);
    ops.push(note(frame, [frame.size.px(4.0), y], short(&up), ink, Align::Left, Baseline::Bottom));
    let mut across = format!("{} →", data.x_name);
    if data.hidden_points > 0 {
        let all = format::count(shown as u64 + data.hidden_points);
        across = format!("{} of {all} events · {across}", format::count(shown as u64));
    }
    let right = f64::from(plot.x_px + plot.width_px);
    ops.push(note(frame, [right, y], short(&across), ink, Align::Right, Baseline::Bottom));
}

pub(super) fn tip(data: &ScatterData, layout: &Layout, at_px: [f64; 2]) -> Option<Tip> {
    part(layout.plot, at_px)?;
    let place = |pair: &[f64; 2]| [layout.px_across(pair[0]), layout.px_from_value(pair[1])];
    let distance = |pair: &[f64; 2]| {
        let [x, y] = place(pair);
        (x - at_px[0]) * (x - at_px[0]) + (y - at_px[1]) * (y - at_px[1])
    };
    let pairs = data.groups.iter().flat_map(|group| {
        let whole = group.points.iter().enumerate().filter(|(_, pair)| is_whole(pair));
        whole.map(move |(at, pair)| (group, at, pair, distance(pair)))
    });
    let (group, at, pair, distance) = pairs.min_by(|a, b| a.3.total_cmp(&b.3))?;
    let (x_unit, y_unit) = (Unit::parse(data.x_unit.as_deref()), Unit::parse(data.y_unit.as_deref()));
    (distance <= REACH * REACH).then(|| Tip {
        time: group.times.get(at).copied(),
        title: group.name.clone(),
        rows: vec![
            TipRow::new(data.y_name.as_str(), format::value(pair[1], &y_unit), group.color_index),
            TipRow::new(data.x_name.as_str(), format::value(pair[0], &x_unit), group.color_index),
        ],
        at_px: place(pair),
    })
}
