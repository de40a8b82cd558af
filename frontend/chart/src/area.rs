//! Areas between two curves as pixel columns: expected bands, and what lies under a sparkline.

use crate::columns::{PixelColumns, Run, Span};

/// One abscissa of an area, in device pixels from the plot's top left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Slice {
    /// Distance from the left.
    pub(crate) x: f64,
    /// Upper edge.
    pub(crate) top: f64,
    /// Lower edge.
    pub(crate) bottom: f64,
}

/// Fills `columns` with the area through `slices`, sorted by x, sampled at every sub-column's centre.
///
/// `None` is a break. Where slices are denser than sub-columns, each shows the slices around its centre.
pub(crate) fn fill(
    columns: &mut PixelColumns,
    size_px: (u32, u32),
    slices: impl IntoIterator<Item = Option<Slice>>,
) {
    let mut last: Option<Slice> = None;
    let mut run: Option<Run> = None;
    for slice in slices {
        let slice =
            slice.filter(|slice| slice.x.is_finite() && slice.top.is_finite() && slice.bottom.is_finite());
        let joined = last.zip(slice).filter(|(from, to)| from.x <= to.x);
        match joined {
            Some((from, to)) => segment(columns, &mut run, size_px, from, to),
            None => columns.runs.extend(run.take()),
        }
        last = slice;
    }
    columns.runs.extend(run);
}

fn segment(columns: &mut PixelColumns, run: &mut Option<Run>, size_px: (u32, u32), from: Slice, to: Slice) {
    let density = f64::from(columns.sub_columns);
    let height_px = f64::from(size_px.1);
    let first = (from.x * density - 0.5).ceil().max(0.0);
    let last = (to.x * density - 0.5).ceil().min(f64::from(size_px.0) * density) - 1.0;
    if first > last {
        return;
    }
    for column in first as u32..=last as u32 {
        let x = (f64::from(column) + 0.5) / density;
        let fraction = (x - from.x) / (to.x - from.x);
        let at = |a: f64, b: f64| (a + (b - a) * fraction).clamp(0.0, height_px) as f32;
        let span = Span { top: at(from.top, to.top), bottom: at(from.bottom, to.bottom) };
        let first_span = columns.spans.len() as u32;
        run.get_or_insert(Run { first_column: column, first_span, len: 0 }).len += 1;
        columns.spans.push(span);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Color;

    /// Runs of an area 2 px high over these x; a NaN is a break.
    fn runs(xs: &[f64]) -> Vec<(u32, u32)> {
        let mut columns = PixelColumns::default();
        columns.reset([0.0; 2], 1, Color::rgb(0));
        fill(
            &mut columns,
            (10, 10),
            xs.iter().map(|&x| (!x.is_nan()).then_some(Slice { x, top: 1.0, bottom: 3.0 })),
        );
        columns.runs.iter().map(|run| (run.first_column, run.len)).collect()
    }

    #[test]
    fn an_area_covers_every_column_between_its_ends_once() {
        assert_eq!(runs(&[-5.0, 2.2, 2.4, 20.0]), [(0, 10)]);
    }

    #[test]
    fn a_break_splits_an_area() {
        assert_eq!(runs(&[0.0, 3.0, f64::NAN, 6.0, 9.0]), [(0, 3), (6, 3)]);
    }

    #[test]
    fn a_lone_slice_covers_nothing() {
        assert_eq!(runs(&[4.0]), []);
    }
}
