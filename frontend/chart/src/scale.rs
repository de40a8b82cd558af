//! The value axis: which range to show and where to put round ticks.

use serde::{Deserialize, Serialize};

use crate::format::Unit;

/// Values beyond this are drawn at the edge; it keeps every difference finite.
pub const LARGEST: f64 = 1e300;

/// Share of the range left free above and below.
const PADDING: f64 = 0.05;
/// How far bands may widen the range beyond the line, in units of the line's own range.
const BAND_REACH: f64 = 1.0;
/// A range this close to zero, in units of its maximum, starts at zero.
const ZERO_REACH: f64 = 0.2;

/// How values grow along an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scale {
    /// Equal steps are equal differences.
    #[default]
    Linear,
    /// Equal steps are equal ratios; zero and less have no place.
    Log,
}

impl Scale {
    /// Where a value lies, in any unit of length. Not a number where it has no place.
    pub(crate) fn forward(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Log if value > 0.0 => libm::log10(value),
            Self::Log => f64::NAN,
        }
    }

    /// The value that lies there.
    pub(crate) fn back(self, place: f64) -> f64 {
        match self {
            Self::Linear => place,
            Self::Log => libm::pow(10.0, place),
        }
    }
}

/// Least and greatest of the values seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// Least value; greater than `max` before the first value.
    pub min: f64,
    /// Greatest value.
    pub max: f64,
}

impl Extent {
    /// No value yet.
    pub const EMPTY: Self = Self { min: f64::INFINITY, max: f64::NEG_INFINITY };

    /// Widens to hold `value`; one that is not finite is missing and changes nothing.
    pub fn include(&mut self, value: f64) {
        if value.is_finite() {
            let value = value.clamp(-LARGEST, LARGEST);
            self.min = self.min.min(value);
            self.max = self.max.max(value);
        }
    }

    /// Whether no value was seen.
    pub fn is_empty(self) -> bool {
        self.min > self.max
    }
}

/// The range of a value axis that shows `values` and, within reason, `bands`, with room around.
///
/// A band far wider than its line is cut off rather than flatten it. Values that are all equal lie in the middle.
/// No value at all gives 0 to 1.
pub fn value_range(values: Extent, bands: Extent) -> (f64, f64) {
    let mut seen = if values.is_empty() { bands } else { values };
    if seen.is_empty() {
        return (0.0, 1.0);
    }
    if !bands.is_empty() {
        let reach = room(seen) * BAND_REACH;
        seen.min = seen.min.min(bands.min.max(seen.min - reach));
        seen.max = seen.max.max(bands.max.min(seen.max + reach));
    }
    let padding = if is_flat(seen) { room(seen) / 2.0 } else { (seen.max - seen.min) * PADDING };
    let near_zero = |edge: f64, far: f64| edge >= 0.0 && edge <= far * ZERO_REACH;
    let is_zero = seen.max == 0.0 && seen.min == 0.0;
    let low = if near_zero(seen.min, seen.max) { 0.0 } else { seen.min - padding };
    let high = if !is_zero && near_zero(-seen.max, -seen.min) { 0.0 } else { seen.max + padding };
    if low < high { (low, high) } else { (low - 1.0, high + 1.0) }
}

/// The range of a logarithmic axis that shows `values`, all greater than zero, with room around; 1 to 10 for none.
pub fn log_range(values: Extent) -> (f64, f64) {
    if values.is_empty() || values.min <= 0.0 {
        return (1.0, 10.0);
    }
    let (low, high) = (libm::log10(values.min.max(1e-300)), libm::log10(values.max.max(1e-300)));
    let padding = ((high - low) * PADDING).max(0.1);
    (libm::pow(10.0, low - padding), libm::pow(10.0, high + padding))
}

/// Values to label on a logarithmic axis: powers of ten and, where there are few, twice and five times them.
///
/// At most `target` and a few.
pub fn log_ticks(range: (f64, f64), target: usize) -> Vec<f64> {
    let (low, high) = (libm::log10(range.0), libm::log10(range.1));
    if !(low.is_finite() && high.is_finite()) || low >= high {
        return Vec::new();
    }
    let decades = high - low;
    let factors: &[f64] = match target as f64 / decades {
        3.0.. => &[1.0, 2.0, 5.0],
        1.8.. => &[1.0, 3.0],
        _ => &[1.0],
    };
    let skip = (decades / target.max(1) as f64).ceil().max(1.0) as i32;
    let (first, last) = (low.floor() as i32, high.ceil() as i32);
    (first..=last)
        .filter(|exponent| exponent.rem_euclid(skip) == 0)
        .flat_map(|exponent| factors.iter().map(move |factor| factor * libm::pow(10.0, f64::from(exponent))))
        .filter(|tick| (range.0..=range.1).contains(tick))
        .collect()
}

fn is_flat(extent: Extent) -> bool {
    let size = extent.min.abs().max(extent.max.abs());
    extent.max - extent.min <= size * 1e-12
}

/// The extent's own width, or one that suits a constant.
fn room(extent: Extent) -> f64 {
    if !is_flat(extent) {
        return extent.max - extent.min;
    }
    let size = extent.max.abs();
    if size < 1e-290 { 1.0 } else { size * 0.2 }
}

/// Round values inside `range`, both ends included, and the step between them; about `target` of them.
///
/// Steps are 1, 2 or 5 times a power of ten; for bytes and durations, times the unit they are shown in.
pub fn value_ticks(range: (f64, f64), target: usize, unit: &Unit) -> (Vec<f64>, f64) {
    let raw = (range.1 - range.0) / target.max(1) as f64;
    if !raw.is_finite() || raw <= 0.0 {
        return (Vec::new(), 1.0);
    }
    let base = unit.tick_base(range.0.abs().max(range.1.abs()));
    let step = nice_step(raw / base) * base;
    if !step.is_normal() || step <= 0.0 {
        return (Vec::new(), 1.0);
    }
    let (first, last) = ((range.0 / step).ceil(), (range.1 / step).floor());
    let count = (last - first).clamp(-1.0, 100.0) as i32;
    // Adding zero turns -0 into 0.
    let ticks = (0..=count).map(|index| (first + f64::from(index)) * step + 0.0).collect();
    (ticks, step)
}

fn nice_step(raw: f64) -> f64 {
    let decade = libm::pow(10.0, libm::log10(raw).floor());
    let factor = match raw / decade {
        ..1.000_001 => 1.0,
        ..2.000_001 => 2.0,
        ..5.000_001 => 5.0,
        _ => 10.0,
    };
    factor * decade
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn extent(values: &[f64]) -> Extent {
        let mut extent = Extent::EMPTY;
        for &value in values {
            extent.include(value);
        }
        extent
    }

    #[test]
    fn a_range_has_five_percent_of_room() {
        assert_eq!(value_range(extent(&[100.0, 200.0]), Extent::EMPTY), (95.0, 205.0));
    }

    #[test]
    fn a_range_near_zero_starts_at_zero() {
        assert_eq!(value_range(extent(&[1.0, 100.0]), Extent::EMPTY).0, 0.0);
        assert_eq!(value_range(extent(&[-100.0, -1.0]), Extent::EMPTY).1, 0.0);
    }

    #[test]
    fn a_constant_lies_in_the_middle() {
        assert_eq!(value_range(extent(&[50.0]), Extent::EMPTY), (45.0, 55.0));
        assert_eq!(value_range(extent(&[0.0]), Extent::EMPTY), (0.0, 0.5));
    }

    #[test]
    fn no_value_gives_zero_to_one() {
        assert_eq!(value_range(extent(&[f64::NAN, f64::INFINITY]), Extent::EMPTY), (0.0, 1.0));
    }

    #[test]
    fn an_absurd_band_does_not_flatten_the_line() {
        let (low, high) = value_range(extent(&[100.0, 110.0]), extent(&[-1e9, 1e9]));
        assert!(low > 80.0 && high < 130.0, "{low}..{high}");
    }

    #[test]
    fn ticks_are_round_numbers() {
        assert_eq!(value_ticks((95.0, 205.0), 5, &Unit::NONE).0, [100.0, 150.0, 200.0]);
        assert_eq!(value_ticks((0.0, 4096.0), 4, &Unit::BYTES).0, [0.0, 1024.0, 2048.0, 3072.0, 4096.0]);
    }

    #[test]
    fn logarithmic_ticks_are_powers_of_ten_and_parts_of_them_where_there_is_room() {
        assert_eq!(log_ticks((0.9, 1_100.0), 4), [1.0, 10.0, 100.0, 1_000.0]);
        assert_eq!(log_ticks((1.0, 10.0), 5), [1.0, 2.0, 5.0, 10.0]);
        assert_eq!(log_ticks((1e-9, 1e9), 4).len(), 3);
        assert_eq!(log_ticks((0.0, 1.0), 4), [0.0; 0]);
    }

    proptest! {
        #[test]
        fn logarithmic_ranges_hold_their_values(values in prop::collection::vec(1e-300..1e300_f64, 1..9)) {
            let seen = extent(&values);
            let range = log_range(seen);
            prop_assert!(range.0 < seen.min && seen.max < range.1, "{range:?}");
            prop_assert!(log_ticks(range, 6).len() <= 24);
        }

        #[test]
        fn any_values_fit_into_their_range_and_have_ticks(values in prop::collection::vec(any::<f64>(), 1..9)) {
            let seen = extent(&values);
            let range = value_range(seen, Extent::EMPTY);
            prop_assert!(range.0 < range.1);
            prop_assert!(seen.is_empty() || (range.0 <= seen.min && seen.max <= range.1));
            let (ticks, _) = value_ticks(range, 5, &Unit::NONE);
            prop_assert!(ticks.len() <= 12, "{ticks:?}");
            prop_assert!(ticks.iter().all(|tick| tick.is_finite()));
        }
    }
}
