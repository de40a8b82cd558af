//! Replays a scene on a canvas: one `putImageData` for the plot, then the ops above it.
//!
//! Works on the worker's `OffscreenCanvas` and, as the fallback, on the page's own canvas: both contexts have the same
//! methods, and wasm-bindgen calls methods by name.

use spate_chart::Color;
use spate_chart::columns::PixelColumns;
use spate_chart::display_list::{Align, Baseline, Op, Text, Weight};
use spate_chart::scene::{PixelImage, Scene};
use wasm_bindgen::{Clamped, JsValue};
use web_sys::{CanvasRenderingContext2d, ImageData};

/// The face that `spate_chart` measured its labels with.
const FACE: &str = "system-ui, sans-serif";

/// Draws the scene. What a context refuses is left out: no drawing call can fail for a valid scene.
pub fn replay(context: &CanvasRenderingContext2d, scene: &Scene) {
    let list = &scene.list;
    let mut pen = Pen { context, fill: None, stroke: None, font: None, align: None, baseline: None };
    pen.fill(list.background);
    context.fill_rect(0.0, 0.0, f64::from(list.width_px), f64::from(list.height_px));
    if let Some(image) = &scene.image {
        put(context, image);
    }
    list.ops.iter().for_each(|op| pen.draw(op));
}

fn put(context: &CanvasRenderingContext2d, image: &PixelImage) {
    if image.width_px == 0 || image.height_px == 0 {
        return;
    }
    let data =
        ImageData::new_with_u8_clamped_array_and_sh(Clamped(&image.rgba), image.row_px, image.height_px);
    if let Ok(data) = data {
        let [x, y, first, width, height] =
            [image.x_px, image.y_px, image.first_px, image.width_px, image.height_px].map(f64::from);
        let _ = context.put_image_data_with_dirty_x_and_dirty_y_and_dirty_width_and_dirty_height(
            &data,
            x - first,
            y,
            first,
            0.0,
            width,
            height,
        );
    }
}

/// A context, and what it was told last: setting a colour or font again costs more than most of what is drawn with it.
struct Pen<'a> {
    context: &'a CanvasRenderingContext2d,
    fill: Option<Color>,
    stroke: Option<Color>,
    font: Option<(Weight, f32)>,
    align: Option<Align>,
    baseline: Option<Baseline>,
}

impl Pen<'_> {
    fn fill(&mut self, color: Color) {
        if self.fill.replace(color) != Some(color) {
            self.context.set_fill_style_str(&color.css());
        }
    }

    fn draw(&mut self, op: &Op) {
        let context = self.context;
        match op {
            Op::Rect { rect: [x, y, width, height], color } => {
                self.fill(*color);
                context.fill_rect(f64::from(*x), f64::from(*y), f64::from(*width), f64::from(*height));
            }
            Op::Line { from, to, width, color, dash } => {
                if dash.is_some() {
                    set_dash(context, *dash);
                }
                path(context, &[*from, *to]);
                self.stroke(*color, *width);
                if dash.is_some() {
                    set_dash(context, None);
                }
            }
            Op::Polyline { points, width, color } => {
                context.set_line_join("round");
                path(context, points);
                self.stroke(*color, *width);
            }
            Op::Polygon { points, fill, stroke: line, stroke_width } => {
                path(context, points);
                context.close_path();
                self.fill_and_stroke(*fill, *line, *stroke_width);
            }
            Op::Circle { center: [x, y], radius, fill, stroke: line, stroke_width } => {
                context.begin_path();
                let _ =
                    context.arc(f64::from(*x), f64::from(*y), f64::from(*radius), 0.0, std::f64::consts::TAU);
                self.fill_and_stroke(*fill, *line, *stroke_width);
            }
            Op::Text(text) => self.write(text),
            Op::Columns(columns) => {
                self.fill(columns.color);
                fill_columns(context, columns);
            }
        }
    }

    fn stroke(&mut self, color: Color, width: f32) {
        if self.stroke.replace(color) != Some(color) {
            self.context.set_stroke_style_str(&color.css());
        }
        self.context.set_line_width(f64::from(width));
        self.context.stroke();
    }

    fn fill_and_stroke(&mut self, fill: Color, line: Color, width: f32) {
        if fill.is_visible() {
            self.fill(fill);
            self.context.fill();
        }
        if line.is_visible() {
            self.stroke(line, width);
        }
    }

    fn write(&mut self, text: &Text) {
        let context = self.context;
        if self.font.replace((text.weight, text.size_px)) != Some((text.weight, text.size_px)) {
            context.set_font(&format!("{} {}px {FACE}", text.weight.css(), text.size_px));
        }
        if self.align.replace(text.align) != Some(text.align) {
            context.set_text_align(text.align.css());
        }
        if self.baseline.replace(text.baseline) != Some(text.baseline) {
            context.set_text_baseline(text.baseline.css());
        }
        self.fill(text.color);
        let [x, y] = text.at;
        let _ = context.fill_text(&text.text, f64::from(x), f64::from(y));
    }
}

fn set_dash(context: &CanvasRenderingContext2d, dash: Option<[f32; 2]>) {
    let lengths = js_sys::Array::new();
    for length in dash.iter().flatten() {
        lengths.push(&JsValue::from_f64(f64::from(*length)));
    }
    let _ = context.set_line_dash(&lengths);
}

fn path(context: &CanvasRenderingContext2d, points: &[[f32; 2]]) {
    context.begin_path();
    for (index, [x, y]) in points.iter().enumerate() {
        if index == 0 {
            context.move_to(f64::from(*x), f64::from(*y));
        } else {
            context.line_to(f64::from(*x), f64::from(*y));
        }
    }
}

/// One polygon per run: tops left to right, bottoms right to left.
fn fill_columns(context: &CanvasRenderingContext2d, columns: &PixelColumns) {
    let step = 1.0 / columns.sub_columns.max(1) as f32;
    let [left, top] = columns.origin;
    for run in &columns.runs {
        let spans = columns.run_spans(*run);
        let x = |index: usize| left + (run.first_column as f32 + index as f32) * step;
        let tops = spans.iter().enumerate().flat_map(|(i, s)| [[x(i), top + s.top], [x(i + 1), top + s.top]]);
        let bottoms = spans.iter().enumerate().rev();
        let bottoms = bottoms.flat_map(|(i, s)| [[x(i + 1), top + s.bottom], [x(i), top + s.bottom]]);
        let outline: Vec<[f32; 2]> = tops.chain(bottoms).collect();
        path(context, &outline);
        context.close_path();
        context.fill();
    }
}
