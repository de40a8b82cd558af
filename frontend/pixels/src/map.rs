//! Values over time, and where they lie in a plot.

/// A value at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Event time.
    pub t: i64,
    /// Value; missing when not finite.
    pub v: f64,
}

/// Into so many parts a pixel is cut.
const PARTS: f64 = (1 << 20) as f64;

/// Where times and values lie, in pixels from a plot's top left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Map {
    /// Event time at the left edge.
    pub start: i64,
    /// Pixels of a nanosecond.
    pub px_per_nano: f64,
    /// Nanoseconds of a pixel, when they are whole and the range moves by whole pixels; else 0.
    pub column_nanos: i64,
    /// Value at the top edge.
    pub high: f64,
    /// Pixels of a step of 1.
    pub px_per_value: f64,
}

impl Map {
    /// Distance of a time from the left edge.
    pub fn x(&self, t: i64) -> f64 {
        if self.column_nanos > 0 {
            return self.x_in_columns(t);
        }
        nanos_between(self.start, t) * self.px_per_nano
    }

    /// A left edge so many columns later gives exactly so many pixels less, whatever the time: the part of a column is
    /// rounded to what floats can hold beside any number of pixels.
    #[inline(never)]
    fn x_in_columns(&self, t: i64) -> f64 {
        let nanos = t.saturating_sub(self.start);
        let (column, part) = (nanos.div_euclid(self.column_nanos), nanos.rem_euclid(self.column_nanos));
        column as f64 + (part as f64 * self.px_per_nano * PARTS).floor() / PARTS
    }

    /// Distance of a value from the top edge.
    pub fn y(&self, value: f64) -> f64 {
        (self.high - value) * self.px_per_value
    }
}

/// `end - start` as a float; exact conversions only, and the wide path only where `i64` overflows.
pub fn nanos_between(start: i64, end: i64) -> f64 {
    end.checked_sub(start).map_or_else(|| (i128::from(end) - i128::from(start)) as f64, |nanos| nanos as f64)
}

/// Least and greatest of the values that are finite and greater than `above`; `None` when there is none.
pub fn extent(points: &[Point], above: f64) -> Option<(f64, f64)> {
    let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
    for Point { v, .. } in points {
        // False for what is missing.
        if *v > above && *v < f64::INFINITY {
            least = if *v < least { *v } else { least };
            greatest = if *v > greatest { *v } else { greatest };
        }
    }
    (least <= greatest).then_some((least, greatest))
}
