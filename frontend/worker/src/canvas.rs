//! Replays a scene on a canvas: one `putImageData` for the plot, then the ops above it.
//!
//! Works on the worker's `OffscreenCanvas` and, as the fallback, on the page's own canvas: both contexts have the same
//! methods, and wasm-bindgen calls methods by name.

use spate_chart::Color;
use spate_chart::columns::PixelColumns;
use spate_chart::display_list::{Op, Text};
use spate_chart::scene::{PixelImage, Scene};
use wasm_bindgen::{Clamped, JsValue};
use web_sys::{CanvasRenderingContext2d, ImageData};

/// The face that `spate_chart` measured its labels with.
const FACE: &str = "system-ui, sans-serif";

/// Draws the scene. What a context refuses is left out: no drawing call can fail for a valid scene.
pub fn replay(context: &CanvasRenderingContext2d, scene: &Scene) {
    let list = &scene.list;
    context.set_fill_style_str(&list.background.css());
    context.fill_rect(0.0, 0.0, f64::from(list.width_px), f64::from(list.height_px));
    if let Some(image) = &scene.image {
        put(context, image);
    }
    list.ops.iter().for_each(|op| draw(context, op));
}

fn put(context: &CanvasRenderingContext2d, image: &PixelImage) {
    if image.width_px == 0 || image.height_px == 0 {
        return;
    }
    let data =
        ImageData::new_with_u8_clamped_array_and_sh(Clamped(&image.rgba), image.width_px, image.height_px);
    if let Ok(data) = data {
        let _ = context.put_image_data(&data, f64::from(image.x_px), f64::from(image.y_px));
    }
}

fn draw(context: &CanvasRenderingContext2d, op: &Op) {
    match op {
        Op::Rect { rect: [x, y, width, height], color } => {
            context.set_fill_style_str(&color.css());
            context.fill_rect(f64::from(*x), f64::from(*y), f64::from(*width), f64::from(*height));
        }
        Op::Line { from, to, width, color, dash } => {
            set_dash(context, *dash);
            path(context, &[*from, *to]);
            stroke(context, *color, *width);
            if dash.is_some() {
                set_dash(context, None);
            }
        }
        Op::Polyline { points, width, color } => {
            context.set_line_join("round");
            path(context, points);
            stroke(context, *color, *width);
        }
        Op::Polygon { points, fill, stroke: line, stroke_width } => {
            path(context, points);
            context.close_path();
            fill_and_stroke(context, *fill, *line, *stroke_width);
        }
        Op::Circle { center: [x, y], radius, fill, stroke: line, stroke_width } => {
            context.begin_path();
            let _ = context.arc(f64::from(*x), f64::from(*y), f64::from(*radius), 0.0, std::f64::consts::TAU);
            fill_and_stroke(context, *fill, *line, *stroke_width);
        }
        Op::Text(text) => write(context, text),
        Op::Columns(columns) => fill_columns(context, columns),
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

fn stroke(context: &CanvasRenderingContext2d, color: Color, width: f32) {
    context.set_stroke_style_str(&color.css());
    context.set_line_width(f64::from(width));
    context.stroke();
}

fn fill_and_stroke(context: &CanvasRenderingContext2d, fill: Color, line: Color, width: f32) {
    if fill.is_visible() {
        context.set_fill_style_str(&fill.css());
        context.fill();
    }
    if line.is_visible() {
        stroke(context, line, width);
    }
}

fn write(context: &CanvasRenderingContext2d, text: &Text) {
    context.set_font(&format!("{} {}px {FACE}", text.weight.css(), text.size_px));
    context.set_text_align(text.align.css());
    context.set_text_baseline(text.baseline.css());
    context.set_fill_style_str(&text.color.css());
    let [x, y] = text.at;
    let _ = context.fill_text(&text.text, f64::from(x), f64::from(y));
}

/// One polygon per run: tops left to right, bottoms right to left.
fn fill_columns(context: &CanvasRenderingContext2d, columns: &PixelColumns) {
    let step = 1.0 / columns.sub_columns.max(1) as f32;
    let [left, top] = columns.origin;
    context.set_fill_style_str(&columns.color.css());
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
