//! Where times and values lie on the canvas, and back.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use spate_pixels::map::{Map, nanos_between};

use crate::data::Side;
use crate::scale::Scale;

/// Nanoseconds of a pixel column, at the least, for ranges that move by whole columns.
const FINEST_COLUMN: i64 = 1_000;

/// Device pixels of a canvas and how many of them make one CSS pixel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// Width in device pixels.
    pub width_px: u32,
    /// Height in device pixels.
    pub height_px: u32,
    /// Device pixels per CSS pixel.
    pub scale: f64,
}

impl Size {
    /// Largest side drawn, beyond any screen.
    const MAX_SIDE_PX: u32 = 8_192;

    /// The same size within what can be drawn: sides up to 8,192 and a scale of 0.5 to 8.
    #[must_use]
    pub fn bounded(self) -> Self {
        let scale = if self.scale.is_finite() { self.scale.clamp(0.5, 8.0) } else { 1.0 };
        Self {
            width_px: self.width_px.min(Self::MAX_SIDE_PX),
            height_px: self.height_px.min(Self::MAX_SIDE_PX),
            scale,
        }
    }

    /// Device pixels of a length in CSS pixels.
    pub fn px(self, css_px: f64) -> f64 {
        css_px * self.scale
    }
}

/// The part of a canvas that data is drawn in, in device pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlotRect {
    /// Left edge.
    pub x_px: u32,
    /// Top edge.
    pub y_px: u32,
    /// Width.
    pub width_px: u32,
    /// Height.
    pub height_px: u32,
}

/// The plot and the ranges it shows: what crosshairs and tooltips need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    /// Where the data is.
    pub plot: PlotRect,
    /// Event times at its left and right edge; the right one is later.
    pub time_range: (i64, i64),
    /// Nanoseconds of a pixel column, when the range moves by whole columns; else 0.
    pub column_nanos: i64,
    /// Values at its bottom and top edge; the top one is greater.
    pub value_range: (f64, f64),
    /// Values of the right axis at its bottom and top edge, when there is one.
    pub right_range: Option<(f64, f64)>,
    /// Values at its left and right edge, where x is a value and not time.
    pub across_range: Option<(f64, f64)>,
    /// How values grow from bottom to top.
    pub scale: Scale,
}

impl Layout {
    /// Canvas x of an event time; outside the plot for times outside the range.
    pub fn px_from_time(&self, t: i64) -> f64 {
        f64::from(self.plot.x_px) + self.in_plot().x(t)
    }

    /// Canvas y of a value on the left axis. Not finite where a logarithmic axis has no place for it.
    pub fn px_from_value(&self, value: f64) -> f64 {
        self.px_on(Side::Left, value)
    }

    /// Canvas y of a value on either axis.
    pub fn px_on(&self, side: Side, value: f64) -> f64 {
        f64::from(self.plot.y_px) + self.in_plot_on(side).y(value)
    }

    /// Canvas x of a value, where x is a value.
    pub fn px_across(&self, value: f64) -> f64 {
        f64::from(self.plot.x_px) + self.across().x(value)
    }

    /// Value at canvas x, where x is a value.
    pub fn value_across_px(&self, x_px: f64) -> f64 {
        let (low, high) = self.across_range.unwrap_or((0.0, 1.0));
        low + (x_px - f64::from(self.plot.x_px)) / f64::from(self.plot.width_px.max(1)) * (high - low)
    }

    /// Event time at canvas x, rounded to the nanosecond.
    pub fn time_from_px(&self, x_px: f64) -> i64 {
        let fraction = (x_px - f64::from(self.plot.x_px)) / f64::from(self.plot.width_px.max(1));
        let nanos = (fraction * self.span_nanos()).round();
        let nanos = if nanos.is_nan() { 0.0 } else { nanos };
        (i128::from(self.time_range.0) + nanos as i128).clamp(i64::MIN.into(), i64::MAX.into()) as i64
    }

    /// Value of the left axis at canvas y.
    pub fn value_from_px(&self, y_px: f64) -> f64 {
        let fraction = (y_px - f64::from(self.plot.y_px)) / f64::from(self.plot.height_px.max(1));
        let (low, high) = (self.scale.forward(self.value_range.0), self.scale.forward(self.value_range.1));
        self.scale.back(high - fraction * (high - low))
    }

    /// The left axis' mapping in coordinates of the plot, ready for many points.
    pub(crate) fn in_plot(&self) -> InPlot {
        self.in_plot_on(Side::Left)
    }

    /// Either axis' mapping in coordinates of the plot.
    pub(crate) fn in_plot_on(&self, side: Side) -> InPlot {
        let range = match side {
            Side::Left => self.value_range,
            Side::Right => self.right_range.unwrap_or(self.value_range),
        };
        let (low, high) = (self.scale.forward(range.0), self.scale.forward(range.1));
        let px_per_nano = if self.column_nanos > 0 {
            1.0 / self.column_nanos as f64
        } else {
            f64::from(self.plot.width_px) / self.span_nanos()
        };
        let map = Map {
            start: self.time_range.0,
            px_per_nano,
            column_nanos: self.column_nanos,
            high,
            px_per_value: f64::from(self.plot.height_px) / (high - low),
        };
        InPlot { map, scale: self.scale }
    }

    /// The mapping of values from left to right in coordinates of the plot.
    pub(crate) fn across(&self) -> Across {
        let (low, high) = self.across_range.unwrap_or((0.0, 1.0));
        Across { low, px_per_value: f64::from(self.plot.width_px) / (high - low) }
    }

    /// Lowers the bottom of both value axes until their ranges end `floor_px` above it.
    pub(crate) fn lift(&mut self, floor_px: f64) {
        let height_px = f64::from(self.plot.height_px);
        let free = (height_px - floor_px).max(height_px / 2.0);
        let share = height_px / free - 1.0;
        let scale = self.scale;
        for range in [Some(&mut self.value_range), self.right_range.as_mut()].into_iter().flatten() {
            let (low_at, high_at) = (scale.forward(range.0), scale.forward(range.1));
            let below = scale.back(low_at - (high_at - low_at) * share);
            if below.is_finite() && scale.forward(below).is_finite() {
                range.0 = below;
            }
        }
    }

    /// Widens the time range by less than two pixel columns, so that columns begin at whole multiples of their width. A range
    /// so narrow that nanoseconds would show stays.
    pub(crate) fn snap(&mut self) {
        let (start, end) = self.time_range;
        let columns = i64::from(self.plot.width_px.max(1));
        let nanos = (end.saturating_sub(start) / (columns - 1).max(1)).saturating_add(1);
        let snapped = || {
            let end = end.checked_add(nanos - 1)?.div_euclid(nanos) * nanos;
            Some((end.checked_sub(nanos.checked_mul(columns)?)?, end))
        };
        if let (FINEST_COLUMN.., Some(range)) = (nanos, snapped()) {
            (self.time_range, self.column_nanos) = (range, nanos);
        }
    }

    /// The layout of some of its pixel columns, whose range moves by whole columns.
    pub(crate) fn part(&self, columns: &Range<u32>) -> Self {
        let Self { plot, time_range: (start, _), column_nanos, .. } = *self;
        let time = |column: u32| start + i64::from(column) * column_nanos;
        let (x_px, width_px) = (plot.x_px + columns.start, columns.end - columns.start);
        Self {
            plot: PlotRect { x_px, width_px, ..plot },
            time_range: (time(columns.start), time(columns.end)),
            ..*self
        }
    }

    fn span_nanos(&self) -> f64 {
        nanos_between(self.time_range.0, self.time_range.1)
    }
}

/// A layout's mapping from the plot's top left, with its divisions done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InPlot {
    /// Of times, and of where values lie by the scale.
    map: Map,
    scale: Scale,
}

/// A layout's mapping of values from left to right.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Across {
    low: f64,
    px_per_value: f64,
}

impl Across {
    /// Distance of a value from the left edge.
    pub(crate) fn x(&self, value: f64) -> f64 {
        (value - self.low) * self.px_per_value
    }
}

impl InPlot {
    /// Distance of a time from the left edge.
    pub(crate) fn x(&self, t: i64) -> f64 {
        self.map.x(t)
    }

    /// Distance of a value from the top edge.
    pub(crate) fn y(&self, value: f64) -> f64 {
        self.map.y(self.scale.forward(value))
    }

    /// The mapping of times.
    pub(crate) fn times(&self) -> &Map {
        &self.map
    }

    /// The mapping of times, and of values whose steps are equal; `None` on a logarithmic axis.
    pub(crate) fn linear(&self) -> Option<&Map> {
        (self.scale == Scale::Linear).then_some(&self.map)
    }
}

/// A range whose end lies after its start, as near to `range` as can be.
pub(crate) fn ordered_range(range: (i64, i64)) -> (i64, i64) {
    match range {
        (start, end) if start < end => (start, end),
        (start, _) if start < i64::MAX => (start, start + 1),
        _ => (i64::MAX - 1, i64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLOT: PlotRect = PlotRect { x_px: 50, y_px: 10, width_px: 1_000, height_px: 200 };

    #[test]
    fn edges_of_the_ranges_are_edges_of_the_plot() {
        let layout =
            Layout { plot: PLOT, time_range: (0, 100), value_range: (-1.0, 1.0), ..Layout::default() };
        assert_eq!((layout.px_from_time(0), layout.px_from_time(100)), (50.0, 1_050.0));
        assert_eq!((layout.px_from_value(1.0), layout.px_from_value(-1.0)), (10.0, 210.0));
        assert_eq!((layout.time_from_px(550.0), layout.value_from_px(110.0)), (50, 0.0));
    }

    #[test]
    fn a_logarithmic_axis_gives_every_power_of_ten_the_same_height() {
        let value_range = (1.0, 10_000.0);
        let layout =
            Layout { plot: PLOT, time_range: (0, 1), value_range, scale: Scale::Log, ..Layout::default() };
        assert_eq!([1.0, 10.0, 100.0].map(|value| layout.px_from_value(value)), [210.0, 160.0, 110.0]);
        assert!((layout.value_from_px(60.0) - 1_000.0).abs() < 1e-9);
        assert!(!layout.px_from_value(0.0).is_finite() && !layout.px_from_value(-5.0).is_finite());
    }

    #[test]
    fn the_right_axis_has_its_own_range() {
        let right_range = Some((0.0, 10.0));
        let layout = Layout { plot: PLOT, value_range: (0.0, 1.0), right_range, ..Layout::default() };
        assert_eq!(layout.px_on(Side::Right, 5.0), layout.px_on(Side::Left, 0.5));
    }

    proptest! {
        #[test]
        fn a_pixel_comes_back_from_its_time(start in any::<i64>(), end in any::<i64>(), x in 50_u32..1_050) {
            let time_range = ordered_range((start.min(end), start.max(end)));
            let layout = Layout { plot: PLOT, time_range, value_range: (0.0, 1.0), ..Layout::default() };
            let t = layout.time_from_px(f64::from(x));
            prop_assert!((layout.px_from_time(t) - f64::from(x)).abs() < 1.0 || time_range.1 - time_range.0 < 1_000);
        }
    }
}
