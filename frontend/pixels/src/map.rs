//! Values over time, and where they lie in a plot.

/// A value at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Event time.
    pub t: i64,
    /// Value; missing when not finite.
    pub v: f64,
}

/// Where times and values lie, in pixels from a plot's top left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Map {
    /// Event time at the left edge.
    pub start: i64,
    /// Pixels of a nanosecond.
    pub px_per_nano: f64,
    /// Value at the top edge.
    pub high: f64,
    /// Pixels of a step of 1.
    pub px_per_value: f64,
}

impl Map {
    /// Distance of a time from the left edge.
    pub fn x(&self, t: i64) -> f64 {
        nanos_between(self.start, t) * self.px_per_nano
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
