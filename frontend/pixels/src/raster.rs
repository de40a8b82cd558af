//! Pixels of the plot area: grid, bands and lines, blended with anti-aliased coverage.
//!
//! A raster keeps its memory between panels: after the first frame of a size nothing is allocated.

use crate::color::Color;
use crate::columns::{PixelColumns, Span};
use crate::{greater, lesser};

/// Opaque RGBA pixels, rows from the top.
#[derive(Clone, Debug, Default)]
pub struct Raster {
    width_px: usize,
    height_px: usize,
    /// Pixels of a row, with room beside those that are seen, and the first of these.
    row_px: usize,
    first_px: usize,
    rgba: Vec<u8>,
}

impl Raster {
    /// Takes a size and fills it with an opaque colour. Room beside the rows makes moves cheap.
    pub fn clear(&mut self, width_px: u32, height_px: u32, room_px: u32, background: Color) {
        self.width_px = width_px as usize;
        self.height_px = height_px as usize;
        self.row_px = self.width_px + room_px as usize;
        self.first_px = 0;
        self.rgba.resize(self.row_px * self.height_px * 4, 0);
        let row = self.row_px * 4;
        let Some(first) = self.rgba.get_mut(..row) else { return };
        first.as_chunks_mut().0.fill(opaque(background));
        // Copying rows is several times as quick as writing pixels.
        for from in (row..self.rgba.len()).step_by(row.max(1)) {
            self.rgba.copy_within(..row, from);
        }
    }

    /// The pixels, four bytes each.
    pub fn rgba(&self) -> &[u8] {
        &self.rgba
    }

    /// Pixels of a row, and the first of them that is seen.
    pub fn row_px(&self) -> (u32, u32) {
        (self.row_px as u32, self.first_px as u32)
    }

    /// Hands the pixels over.
    pub fn take_rgba(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.rgba)
    }

    /// Takes the pixels back, for the next [`Self::scroll`] or their memory for the next [`Self::clear`].
    pub fn recycle(&mut self, rgba: Vec<u8>) {
        self.rgba = rgba;
    }

    /// Moves pixels of this size to the left. What comes in from the right is not cleared. False without such pixels.
    pub fn scroll(&mut self, width_px: u32, height_px: u32, by_px: u32) -> bool {
        let (width, height) = (width_px as usize, height_px as usize);
        let len = self.row_px * height * 4;
        if by_px >= width_px || self.width_px != width || len == 0 || self.rgba.len() != len {
            return false;
        }
        self.first_px += by_px as usize;
        if self.first_px + width > self.row_px {
            // The room is used up: all rows move to their start at once.
            self.rgba.copy_within(self.first_px * 4.., 0);
            self.first_px = 0;
        }
        true
    }

    /// Replaces pixels from a column on by others of the same height, which have no room beside them.
    pub fn put(&mut self, part: &Self, first_px: u32) {
        let (row, part_row) = (self.row_px * 4, part.row_px * 4);
        let first = (self.first_px + first_px as usize) * 4;
        if row == 0 || part_row == 0 {
            return;
        }
        for (to, from) in self.rgba.chunks_exact_mut(row).zip(part.rgba.chunks_exact(part_row)) {
            if let Some(to) = to.get_mut(first..first + part_row) {
                to.copy_from_slice(from);
            }
        }
    }

    /// Blends a rectangle, `[x, y, width, height]`, with edges rounded to whole pixels.
    pub fn rect(&mut self, rect: [f32; 4], color: Color) {
        let [x, y, width, height] = rect;
        let (left, right) = (edge(x, self.width_px), edge(x + width, self.width_px));
        let (top, bottom) = (edge(y, self.height_px), edge(y + height, self.height_px));
        let ink = Ink::new(color);
        if left >= right || self.width_px == 0 {
            return;
        }
        let rows = self.rgba.as_chunks_mut().0.chunks_exact_mut(self.row_px);
        for row in rows.take(bottom).skip(top) {
            row[left..right].iter_mut().for_each(|pixel| ink.blend(pixel, ink.full));
        }
    }

    /// Blends what `columns` cover; their origin is not looked at, as the raster is the plot.
    #[inline(never)]
    pub fn columns(&mut self, columns: &PixelColumns) {
        let ink = Ink::new(columns.color);
        let sub = columns.sub_columns.max(1) as usize;
        for &run in &columns.runs {
            if sub == 1 {
                for (x, span) in (run.first_column as usize..).zip(columns.run_spans(run)) {
                    self.whole_column(x, *span, &ink);
                }
                continue;
            }
            let mut spans = columns.run_spans(run);
            let mut column = run.first_column as usize;
            while !spans.is_empty() {
                let inside = (sub - column % sub).min(spans.len());
                let (pixel, rest) = spans.split_at(inside);
                self.pixel_column(column / sub, pixel, sub, &ink);
                spans = rest;
                column += inside;
            }
        }
    }

    /// Blends one interval into a column of pixels.
    fn whole_column(&mut self, x: usize, span: Span, ink: &Ink) {
        if x >= self.width_px || span.is_empty() {
            return;
        }
        let first = span.top.max(0.0) as usize;
        let last = (span.bottom.ceil() as usize).min(self.height_px);
        let inner = span.top.ceil() as usize..(span.bottom as usize).min(self.height_px);
        let pixels = self.rgba.as_chunks_mut().0;
        let mut part = |y: usize| {
            let strength = (coverage(&[span], y) * ink.full as f32 + 0.5) as u32;
            pixels.get_mut(y * self.row_px + x).into_iter().for_each(|pixel| ink.blend(pixel, strength));
        };
        // At most one row above what is covered whole, and one below it.
        if inner.is_empty() {
            return (first..last).for_each(part);
        }
        (first..inner.start).for_each(&mut part);
        (inner.end..last).for_each(part);
        let mut index = inner.start * self.row_px + x;
        for _ in inner {
            let Some(pixel) = pixels.get_mut(index) else { return };
            ink.blend(pixel, ink.full);
            index += self.row_px;
        }
    }

    /// Blends up to `sub` intervals into one column of pixels.
    fn pixel_column(&mut self, x: usize, spans: &[Span], sub: usize, ink: &Ink) {
        let outer = spans.iter().filter(|span| !span.is_empty()).fold(Span::EMPTY, |all, span| Span {
            top: lesser(all.top, span.top),
            bottom: greater(all.bottom, span.bottom),
        });
        if x >= self.width_px || outer.is_empty() {
            return;
        }
        let inner_top = spans.iter().fold(0.0, |most, span| greater(most, span.top)).ceil();
        let inner_bottom = spans.iter().fold(f32::INFINITY, |least, span| lesser(least, span.bottom)).floor();
        let is_whole = spans.len() == sub && inner_top < inner_bottom;
        let inner = if is_whole { inner_top as usize..inner_bottom as usize } else { 0..0 };
        let weight = ink.full as f32 / sub as f32;
        let first = outer.top.max(0.0) as usize;
        let last = (outer.bottom.ceil() as usize).min(self.height_px);
        let pixels = self.rgba.as_chunks_mut().0;
        let mut index = first * self.row_px + x;
        for y in first..last {
            let Some(pixel) = pixels.get_mut(index) else { return };
            let strength =
                if inner.contains(&y) { ink.full } else { (coverage(spans, y) * weight + 0.5) as u32 };
            ink.blend(pixel, strength);
            index += self.row_px;
        }
    }
}

/// How much of row `y` the intervals cover, summed.
fn coverage(spans: &[Span], y: usize) -> f32 {
    let (top, bottom) = (y as f32, y as f32 + 1.0);
    spans.iter().map(|span| greater(0.0, lesser(span.bottom, bottom) - greater(span.top, top))).sum()
}

fn edge(position: f32, limit: usize) -> usize {
    (position.round().max(0.0) as usize).min(limit)
}

fn opaque(color: Color) -> [u8; 4] {
    let [red, green, blue, _] = color.channels();
    [red, green, blue, 0xff]
}

/// Every second channel of a pixel, and half of one step in each.
const PAIR: u32 = 0x00ff_00ff;
const HALF: u32 = 0x0080_0080;

/// A colour ready to blend over opaque pixels.
struct Ink {
    channels: [u8; 4],
    /// Strength in 256ths at full coverage.
    full: u32,
}

impl Ink {
    fn new(color: Color) -> Self {
        let alpha = u32::from(color.channels()[3]);
        Self { channels: opaque(color), full: alpha + (alpha >> 7) }
    }

    /// Moves `pixel` towards the ink by `strength` 256ths.
    fn blend(&self, pixel: &mut [u8; 4], strength: u32) {
        if strength >= 256 {
            *pixel = self.channels;
            return;
        }
        // Two channels at a time: each product and its rounding fit into 16 bits.
        let (under, over) = (u32::from_le_bytes(*pixel), u32::from_le_bytes(self.channels));
        let mix = |under: u32, over: u32| (under * (256 - strength) + over * strength + HALF) >> 8 & PAIR;
        let even = mix(under & PAIR, over & PAIR);
        let odd = mix(under >> 8 & PAIR, over >> 8 & PAIR);
        *pixel = (even | odd << 8).to_le_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::Run;

    const WHITE: Color = Color::rgb(0xff_ffff);
    const BLACK: Color = Color::rgb(0);

    fn columns(sub_columns: u32, first_column: u32, spans: &[(f32, f32)]) -> PixelColumns {
        PixelColumns {
            origin: [0.0; 2],
            sub_columns,
            color: BLACK,
            runs: vec![Run { first_column, first_span: 0, len: spans.len() as u32 }],
            spans: spans.iter().map(|&(top, bottom)| Span { top, bottom }).collect(),
        }
    }

    /// Red channel of a 3x4 white raster after drawing.
    fn check(columns: &PixelColumns, expected: [[u8; 3]; 4]) {
        let mut raster = Raster::default();
        raster.clear(3, 4, 0, WHITE);
        raster.columns(columns);
        let reds: Vec<_> = raster.rgba().chunks_exact(4).map(|pixel| pixel[0]).collect();
        assert_eq!(reds, expected.concat());
        assert!(raster.rgba().chunks_exact(4).all(|pixel| pixel[3] == 255));
    }

    #[test]
    fn part_of_a_pixel_is_part_of_the_ink() {
        check(
            &columns(1, 1, &[(0.5, 3.25)]),
            [[255, 128, 255], [255, 0, 255], [255, 0, 255], [255, 191, 255]],
        );
    }

    #[test]
    fn four_sub_columns_make_one_pixel() {
        let spans = [(0.0, 1.0), (0.0, 2.0), (0.0, 3.0), (0.0, 4.0)];
        check(&columns(4, 0, &spans), [[0, 255, 255], [64, 255, 255], [128, 255, 255], [191, 255, 255]]);
    }

    #[test]
    fn a_run_may_start_in_the_middle_of_a_pixel() {
        check(&columns(4, 3, &[(0.0, 1.0); 2]), [[191, 191, 255], [255; 3], [255; 3], [255; 3]]);
    }

    #[test]
    fn what_lies_outside_is_not_drawn() {
        check(&columns(1, 2, &[(-9.0, 99.0); 3]), [[255, 255, 0]; 4]);
    }
}
