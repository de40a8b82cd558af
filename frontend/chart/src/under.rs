//! The layer under marks and labels: pixels at once, or ops for a replayer without the image.

use crate::Color;
use crate::columns::PixelColumns;
use crate::display_list::Op;
use crate::layout::PlotRect;
use crate::raster::Raster;

/// Takes what lies inside the plot, in coordinates of the plot.
pub(crate) struct Under<'a> {
    pub(crate) plot: PlotRect,
    pub(crate) target: Target<'a>,
}

/// Where the layer goes.
pub(crate) enum Target<'a> {
    Pixels(&'a mut Raster),
    Ops(&'a mut Vec<Op>),
}

impl Under<'_> {
    /// Left and top of the plot.
    pub(crate) fn origin(&self) -> [f32; 2] {
        [self.plot.x_px as f32, self.plot.y_px as f32]
    }

    /// Width and height of the plot.
    pub(crate) fn size_px(&self) -> (u32, u32) {
        (self.plot.width_px, self.plot.height_px)
    }

    /// A filled rectangle, `[x, y, width, height]`.
    pub(crate) fn rect(&mut self, rect: [f32; 4], color: Color) {
        let [left, top] = self.origin();
        match &mut self.target {
            Target::Pixels(raster) => raster.rect(rect, color),
            Target::Ops(ops) => {
                let [x, y, width, height] = rect;
                ops.push(Op::Rect { rect: [x + left, y + top, width, height], color });
            }
        }
    }

    /// An axis-aligned line given on the canvas, as the recorder gives it.
    pub(crate) fn canvas_line(&mut self, from: [f32; 2], to: [f32; 2], width: f32, color: Color) {
        let [left, top] = self.origin();
        let half = (width / 2.0).max(0.5);
        let [x0, x1] = [from[0].min(to[0]) - half - left, from[0].max(to[0]) + half - left];
        let [y0, y1] = [from[1].min(to[1]) - half - top, from[1].max(to[1]) + half - top];
        let (right, bottom) = (self.plot.width_px as f32, self.plot.height_px as f32);
        let (x0, x1, y0, y1) = (x0.max(0.0), x1.min(right), y0.max(0.0), y1.min(bottom));
        if x0 < x1 && y0 < y1 {
            self.rect([x0, y0, x1 - x0, y1 - y0], color);
        }
    }

    /// A series, band or hatching.
    pub(crate) fn columns(&mut self, columns: &PixelColumns) {
        match &mut self.target {
            Target::Pixels(raster) => raster.columns(columns),
            Target::Ops(_) if columns.runs.is_empty() => {}
            Target::Ops(ops) => ops.push(Op::Columns(columns.clone())),
        }
    }
}
