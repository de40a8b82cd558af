//! The largest of many: bars from the top, each with its name and value.

use crate::data::TopData;
use crate::display_list::{Align, Baseline, Op, Text, Weight};
use crate::format::{self, Unit};
use crate::layout::{Layout, PlotRect};
use crate::options::{OptionKind, OptionSpec};
use crate::panel::{Frame, PanelKind, Surface, empty_list, note};
use crate::scene::{Drawn, Scene};
use crate::text;
use crate::theme::css_px;

/// How many bars there are at most.
pub const COUNT: OptionSpec = OptionSpec {
    name: "count",
    kind: OptionKind::Number { default: Some(10.0), min: 1.0, max: 50.0 },
    doc: "Most bars; how many series there are in all is said.",
};
/// What series are ranked by.
pub const BY: OptionSpec = OptionSpec {
    name: "by",
    kind: OptionKind::Choice {
        default: "latest",
        choices: &["latest", "mean", "max", "min", "events", "severity"],
    },
    doc: "What series are ranked by, over the range in view.",
};
/// Which end comes first.
pub const ASCENDING: OptionSpec = OptionSpec {
    name: "ascending",
    kind: OptionKind::Flag { default: false },
    doc: "Show the smallest instead of the largest.",
};

/// What this kind of panel is.
pub const KIND: PanelKind = PanelKind {
    id: "top",
    title: "Top list",
    doc: "The series with the largest values, as bars.",
    needs: "one measure of several series",
    surface: Surface::Canvas,
    options: &[COUNT, BY, ASCENDING],
};

/// CSS pixels: margin, smallest and largest row, and thickness of a bar.
const MARGIN: f64 = 10.0;
const ROW: (f64, f64) = (22.0, 34.0);
const BAR: f64 = 5.0;
/// CSS pixels of the line that says how many are not shown.
const FOOT: f64 = 16.0;

/// Draws the panel: as many rows as there is room for.
pub fn draw(data: &TopData, frame: &Frame<'_>) -> Drawn {
    let mut list = empty_list(frame);
    let size = frame.size;
    let bare = PlotRect { x_px: 0, y_px: 0, width_px: size.width_px, height_px: size.height_px };
    let layout = Layout { plot: bare, time_range: (0, 1), value_range: (0.0, 1.0), ..Layout::default() };
    let height = f64::from(size.height_px);
    let most = COUNT.number(frame.options).unwrap_or(10.0) as usize;
    let fitting = |free: f64| (free / size.px(ROW.0)).floor().max(0.0) as usize;
    let wanted = data.rows.len().min(most);
    let all = data.total.max(data.rows.len());
    let has_foot = wanted < all || fitting(height - size.px(MARGIN)) < wanted;
    let free = height - size.px(MARGIN + if has_foot { FOOT } else { 0.0 });
    let shown = wanted.min(fitting(free));
    let pitch = (free / shown.max(1) as f64).min(size.px(ROW.1));
    let unit = Unit::parse(data.unit.as_deref());
    let largest = data.rows.iter().map(|row| row.value.abs()).filter(|v| v.is_finite()).fold(0.0, f64::max);
    for (index, row) in data.rows.iter().take(shown).enumerate() {
        let middle = size.px(MARGIN / 2.0) + (index as f64 + 0.5) * pitch;
        let part = if row.value.is_finite() && largest > 0.0 { row.value.abs() / largest } else { 0.0 };
        let color = frame.theme.series_color(row.color_index);
        bar(part, color, middle, frame, &mut list.ops);
        words(&row.name, &format::value(row.value, &unit), middle, frame, &mut list.ops);
    }
    if has_foot && free > 0.0 {
        let at = [size.px(MARGIN), height - size.px(MARGIN / 2.0)];
        let words = format!("{shown} of {} series", format::count(all as u64));
        list.ops.push(note(frame, at, words, frame.theme.axis_text, Align::Left, Baseline::Bottom));
    }
    Drawn::Scene(Scene { list, image: None }, layout)
}

/// A thin bar on a track under the words.
fn bar(part: f64, color: crate::Color, middle: f64, frame: &Frame<'_>, ops: &mut Vec<Op>) {
    let size = frame.size;
    let left = size.px(MARGIN);
    let width = f64::from(size.width_px) - 2.0 * left;
    let top = (middle + size.px(4.0)).round();
    if width <= 0.0 {
        return;
    }
    let mut rect = |width: f64, color| {
        ops.push(Op::Rect { rect: [left, top, width, size.px(BAR)].map(|px| px as f32), color });
    };
    rect(width, frame.theme.track);
    if part > 0.0 {
        rect((width * part).max(size.px(2.0)).min(width), color);
    }
}

fn words(name: &str, value: &str, middle: f64, frame: &Frame<'_>, ops: &mut Vec<Op>) {
    let size = frame.size;
    let size_px = size.px(css_px::LABEL);
    let (left, right) = (size.px(MARGIN), f64::from(size.width_px) - size.px(MARGIN));
    let free = right - left - text::roomy_px(value, size_px) - size.px(MARGIN);
    let base = middle + size.px(1.5);
    let mut write = |x: f64, text: String, align, weight| {
        let at = [x as f32, base as f32];
        let (size_px, color) = (size_px as f32, frame.theme.text);
        ops.push(Op::Text(Text { at, text, size_px, color, align, baseline: Baseline::Bottom, weight }));
    };
    if free > 0.0 {
        write(left, text::shortened(name, size_px, free), Align::Left, Weight::Normal);
    }
    write(right, value.to_owned(), Align::Right, Weight::Bold);
}
