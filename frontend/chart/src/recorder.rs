//! A plotters backend that records instead of drawing.
//!
//! Every call with more than one pixel is overridden, so that plotters never rasterises and never measures text with a
//! font: on wasm that would need a document. plotters' coordinates are whole pixels; strokes run through pixel centres.

use std::convert::Infallible;

use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
};

use crate::Color;
use crate::display_list::{Align, Baseline, Op, Text, Weight};
use crate::text;

type Outcome = Result<(), DrawingErrorKind<Infallible>>;

/// Appends one op per call to a list.
pub(crate) struct Recorder<'a> {
    size_px: (u32, u32),
    ops: &'a mut Vec<Op>,
}

impl<'a> Recorder<'a> {
    pub(crate) fn new(size_px: (u32, u32), ops: &'a mut Vec<Op>) -> Self {
        Self { size_px, ops }
    }

    fn record(&mut self, color: Color, op: Op) {
        if color.is_visible() {
            self.ops.push(op);
        }
    }
}

fn color_of(color: BackendColor) -> Color {
    let (red, green, blue) = color.rgb;
    Color(u32::from_be_bytes([red, green, blue, (color.alpha.clamp(0.0, 1.0) * 255.0).round() as u8]))
}

/// The centre of a pixel.
fn center(at: BackendCoord) -> [f32; 2] {
    [at.0 as f32 + 0.5, at.1 as f32 + 0.5]
}

fn fill_and_stroke<S: BackendStyle>(style: &S, fill: bool) -> (Color, Color) {
    let color = color_of(style.color());
    if fill { (color, Color::NONE) } else { (Color::NONE, color) }
}

impl DrawingBackend for Recorder<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size_px
    }

    fn ensure_prepared(&mut self) -> Outcome {
        Ok(())
    }

    fn present(&mut self) -> Outcome {
        Ok(())
    }

    fn draw_pixel(&mut self, at: BackendCoord, color: BackendColor) -> Outcome {
        let color = color_of(color);
        self.record(color, Op::Rect { rect: [at.0 as f32, at.1 as f32, 1.0, 1.0], color });
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Outcome {
        let (color, width) = (color_of(style.color()), style.stroke_width() as f32);
        self.record(color, Op::Line { from: center(from), to: center(to), width, color, dash: None });
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Outcome {
        let (left, top, right, bottom) = (upper_left.0, upper_left.1, bottom_right.0, bottom_right.1);
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
        let (fill, stroke) = fill_and_stroke(style, fill);
        let points = corners.into_iter().map(center).collect();
        let stroke_width = style.stroke_width() as f32;
        self.record(color_of(style.color()), Op::Polygon { points, fill, stroke, stroke_width });
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Outcome {
        let (color, width) = (color_of(style.color()), style.stroke_width() as f32);
        let points: Vec<_> = path.into_iter().map(center).collect();
        match points[..] {
            [from, to] => self.record(color, Op::Line { from, to, width, color, dash: None }),
            _ => self.record(color, Op::Polyline { points, width, color }),
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        at: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Outcome {
        let (fill, stroke) = fill_and_stroke(style, fill);
        let stroke_width = style.stroke_width() as f32;
        let circle = Op::Circle { center: center(at), radius: radius as f32, fill, stroke, stroke_width };
        self.record(color_of(style.color()), circle);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vertices: I,
        style: &S,
    ) -> Outcome {
        let fill = color_of(style.color());
        let points = vertices.into_iter().map(center).collect();
        self.record(fill, Op::Polygon { points, fill, stroke: Color::NONE, stroke_width: 0.0 });
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Outcome {
        let anchor = style.anchor();
        let color = color_of(style.color());
        let text = Text {
            at: center(at),
            text: text.to_owned(),
            size_px: style.size() as f32,
            color,
            align: match anchor.h_pos {
                HPos::Left => Align::Left,
                HPos::Center => Align::Center,
                HPos::Right => Align::Right,
            },
            baseline: match anchor.v_pos {
                VPos::Top => Baseline::Top,
                VPos::Center => Baseline::Middle,
                VPos::Bottom => Baseline::Bottom,
            },
            weight: if matches!(style.style(), FontStyle::Bold) { Weight::Bold } else { Weight::Normal },
        };
        if !text.text.is_empty() {
            self.record(color, Op::Text(text));
        }
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let size_px = style.size();
        Ok((text::width_px(text, size_px).ceil() as u32, size_px.ceil() as u32))
    }
}
