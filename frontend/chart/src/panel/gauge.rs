//! One number between two ends, on an arc that thresholds divide.

use std::f64::consts::PI;

use crate::Color;
use crate::data::GaugeData;
use crate::display_list::{Align, Baseline, Op, Text, Weight};
use crate::format::{self, Unit};
use crate::layout::{Layout, PlotRect};
use crate::options::{self, OptionKind, OptionSpec, TextForm, Threshold};
use crate::panel::{Frame, PanelKind, Surface, empty_list, note};
use crate::scale::LARGEST;
use crate::scene::{Drawn, Scene};
use crate::text;
use crate::theme::css_px;

const MIN: OptionSpec = OptionSpec {
    name: "min",
    kind: OptionKind::Number { default: None, min: -LARGEST, max: LARGEST },
    doc: "Value at the left end; 0 for percentages, else the least one held, when empty.",
};
const MAX: OptionSpec = OptionSpec {
    name: "max",
    kind: OptionKind::Number { default: None, min: -LARGEST, max: LARGEST },
    doc: "Value at the right end; 100 for percentages, else the greatest one held, when empty.",
};
const THRESHOLDS: OptionSpec = OptionSpec {
    name: "thresholds",
    kind: OptionKind::Text { form: TextForm::Thresholds },
    doc: "Values from which the number matters: minor, major or critical.",
};

/// What this kind of panel is.
pub const KIND: PanelKind = PanelKind {
    id: "gauge",
    title: "Gauge",
    doc: "The latest value between two ends, with thresholds.",
    needs: "one measure",
    surface: Surface::Canvas,
    options: &[MIN, MAX, THRESHOLDS],
};

/// Angle from straight up to either end, and corners per half turn.
const REACH: f64 = 0.66 * PI;
const CORNERS: f64 = 48.0;
/// Parts of the radius: thickness of the arc and of the threshold ring outside it, and the space between.
const THICK: f64 = 0.2;
const RING: f64 = 0.045;
const SPACE: f64 = 0.035;

/// The arc's place on the canvas.
#[derive(Clone, Copy)]
struct Dial {
    center: [f64; 2],
    radius: f64,
}

impl Dial {
    /// The largest that fits, with room for the ends' labels below.
    fn new(frame: &Frame<'_>) -> Self {
        let (width, height) = (f64::from(frame.size.width_px), f64::from(frame.size.height_px));
        let margin = frame.size.px(8.0);
        // Below the centre the arc still falls by this part of its radius.
        let fall = -libm::cos(REACH);
        let label = frame.size.px(css_px::NOTE + 12.0);
        let radius = ((width / 2.0 - margin).min((height - 2.0 * margin - label) / (1.0 + fall))).max(0.0);
        let used = radius * (1.0 + fall) + label;
        Self { center: [width / 2.0, (height - used) / 2.0 + radius], radius }
    }

    fn at(self, part: f64, radius: f64) -> [f32; 2] {
        let angle = REACH * (2.0 * part - 1.0);
        let (sin, cos) = (libm::sin(angle), libm::cos(angle));
        [(self.center[0] + radius * sin) as f32, (self.center[1] - radius * cos) as f32]
    }

    /// A piece of a ring between two parts of the way, 0 to 1.
    fn ring(self, from: f64, to: f64, inner: f64, outer: f64, fill: Color) -> Op {
        let corners = ((to - from) * 2.0 * REACH / PI * CORNERS).ceil().clamp(1.0, 200.0) as u32;
        let part = |index: u32| from + (to - from) * f64::from(index) / f64::from(corners);
        let there = (0..=corners).map(|index| self.at(part(index), self.radius * outer));
        let back = (0..=corners).rev().map(|index| self.at(part(index), self.radius * inner));
        Op::Polygon { points: there.chain(back).collect(), fill, stroke: Color::NONE, stroke_width: 0.0 }
    }
}

/// Draws the panel.
pub fn draw(data: &GaugeData, frame: &Frame<'_>) -> Drawn {
    let mut list = empty_list(frame);
    let bare = PlotRect { x_px: 0, y_px: 0, width_px: frame.size.width_px, height_px: frame.size.height_px };
    let unit = Unit::parse(data.unit.as_deref());
    let ends = ends(data, &unit, frame);
    let layout = Layout { plot: bare, time_range: (0, 1), value_range: ends, ..Layout::default() };
    let dial = Dial::new(frame);
    if dial.radius < frame.size.px(12.0) {
        return Drawn::Scene(Scene { list, image: None }, layout);
    }
    let thresholds = options::thresholds(THRESHOLDS.text(frame.options)).0;
    let part = |value: f64| ((value - ends.0) / (ends.1 - ends.0)).clamp(0.0, 1.0);
    let ink = ink(data, &thresholds, frame);
    let inner = 1.0 - RING - SPACE - THICK;
    let outer = 1.0 - RING - SPACE;
    list.ops.push(dial.ring(0.0, 1.0, inner, outer, frame.theme.track));
    if let Some(value) = data.value.filter(|value| value.is_finite()) {
        list.ops.push(dial.ring(0.0, part(value).max(0.004), inner, outer, ink));
    }
    for (index, threshold) in thresholds.iter().enumerate() {
        let next = thresholds.get(index + 1).map_or(1.0, |next| part(next.value));
        let from = part(threshold.value);
        if from < next {
            let color = frame.theme.level_color(threshold.severity);
            list.ops.push(dial.ring(from, next, 1.0 - RING, 1.0, color));
        }
    }
    words(data, &unit, ends, dial, frame, &mut list.ops);
    Drawn::Scene(Scene { list, image: None }, layout)
}

/// Values at the left and right end; the right one is greater.
fn ends(data: &GaugeData, unit: &Unit, frame: &Frame<'_>) -> (f64, f64) {
    let seen = if unit.is_percent() { (0.0, 100.0) } else { data.seen };
    let low = MIN.number(frame.options).unwrap_or(seen.0);
    let high = MAX.number(frame.options).unwrap_or(seen.1);
    let fits = low.is_finite() && high.is_finite() && low < high;
    if fits { (low.max(-LARGEST), high.min(LARGEST)) } else { (0.0, 1.0) }
}

/// The colour of the threshold that the value passed, or of an ordinary value.
fn ink(data: &GaugeData, thresholds: &[Threshold], frame: &Frame<'_>) -> Color {
    let passed = data.value.and_then(|value| thresholds.iter().rfind(|threshold| value >= threshold.value));
    passed.map_or(frame.theme.series_color(0), |threshold| frame.theme.level_color(threshold.severity))
}

fn words(data: &GaugeData, unit: &Unit, ends: (f64, f64), dial: Dial, frame: &Frame<'_>, ops: &mut Vec<Op>) {
    let theme = frame.theme;
    let number = format::value(data.value.unwrap_or(f64::NAN), unit);
    let room = dial.radius * (1.0 - RING - SPACE - THICK) * 1.7;
    let widest = text::roomy_px(&number, 1.0).max(1.0);
    let size_px = (room / widest).min(dial.radius * 0.42).max(frame.size.px(11.0));
    ops.push(Op::Text(Text {
        at: dial.center.map(|px| px as f32),
        text: number,
        size_px: size_px as f32,
        color: theme.text,
        align: Align::Center,
        baseline: Baseline::Middle,
        weight: Weight::Bold,
    }));
    let label_px = frame.size.px(css_px::LABEL);
    let below = dial.center[1] + size_px * 0.5 + label_px * 1.1;
    if dial.radius > frame.size.px(44.0) {
        let label = text::shortened(&data.label, frame.size.px(css_px::NOTE), room);
        ops.push(note(
            frame,
            [dial.center[0], below],
            label,
            theme.axis_text,
            Align::Center,
            Baseline::Middle,
        ));
    }
    for (part, value) in [(0.0, ends.0), (1.0, ends.1)] {
        let [x, y] = dial.at(part, dial.radius * (1.0 - RING - SPACE - THICK / 2.0)).map(f64::from);
        let at = [x, y + dial.radius * THICK * 0.4 + frame.size.px(4.0)];
        let words = format::value(value, unit);
        ops.push(note(frame, at, words, theme.axis_text, Align::Center, Baseline::Top));
    }
}
