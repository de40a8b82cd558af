//! Panels without time: distributions, comparisons and single numbers.

/// How often values lie where.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HistogramData {
    /// Intervals from left to right.
    pub bins: Vec<Bin>,
    /// Quantiles to mark, such as `p95`.
    pub marks: Vec<QuantileMark>,
    /// The latest value.
    pub latest: Option<f64>,
    /// Unit of the values as the schema names it.
    pub unit: Option<String>,
    /// Index into the theme's series colours.
    pub color_index: usize,
}

/// Values in `[low, high)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// Least value.
    pub low: f64,
    /// Where the next bin starts.
    pub high: f64,
    /// How many values.
    pub count: u64,
}

/// A quantile of a histogram.
#[derive(Clone, Debug, PartialEq)]
pub struct QuantileMark {
    /// What it is, such as `p95`.
    pub name: String,
    /// Its value.
    pub value: f64,
}

/// One measure against another.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScatterData {
    /// Points by group.
    pub groups: Vec<ScatterGroup>,
    /// What the x axis shows.
    pub x_name: String,
    /// What the y axis shows.
    pub y_name: String,
    /// Unit of x as the schema names it.
    pub x_unit: Option<String>,
    /// Unit of y as the schema names it.
    pub y_unit: Option<String>,
    /// Points that are not shown because there are too many.
    pub hidden_points: u64,
}

/// Points of one series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScatterGroup {
    /// Its name.
    pub name: String,
    /// Index into the theme's series colours.
    pub color_index: usize,
    /// x and y, in any order; a pair that is not finite is missing.
    pub points: Vec<[f64; 2]>,
    /// The event time of each, where it is known.
    pub times: Vec<i64>,
}

/// The largest of many.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopData {
    /// Bars, first on top.
    pub rows: Vec<TopRow>,
    /// Unit of the values as the schema names it.
    pub unit: Option<String>,
    /// How many there are in all.
    pub total: usize,
}

/// One bar.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopRow {
    /// Its name.
    pub name: String,
    /// Its length; missing when not finite.
    pub value: f64,
    /// Index into the theme's series colours.
    pub color_index: usize,
}

/// One number between two ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GaugeData {
    /// What the number is.
    pub label: String,
    /// The number, or `None` before the first one.
    pub value: Option<f64>,
    /// Least and greatest value held: the ends, where the options name none.
    pub seen: (f64, f64),
    /// Unit as the schema names it.
    pub unit: Option<String>,
}
