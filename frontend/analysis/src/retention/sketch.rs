//! Where the values of a roll-up lie: how many in each of a few ranges.
//!
//! # Source
//! The log-linear buckets of `HdrHistogram`: a range is a value's sign, its exponent and the first three bits of its
//! fraction, so eight ranges make a power of two. Unlike [`crate::aggregate::Quantiles`] it holds used ranges only, and few.

use serde::{Deserialize, Serialize};

/// Bits of a double that a range leaves out.
const SHIFT: u32 = 49;
/// Most ranges; beyond, the two neighbours with the fewest values become one.
const MOST_RANGES: usize = 64;
const SIGN: u64 = 1 << 63;

/// Counts by range: a quantile is within 6.3 % of a value at its rank, as long as the values lie in at most 64 ranges, as those
/// between a number and its 256-fold do.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Sketch {
    /// In the order of values.
    ranges: Vec<(u16, u32)>,
}

/// The range of a value, in the order of values.
fn range_of(value: f64) -> u16 {
    // Adding 0 makes one zero of two.
    let bits = (value + 0.0).to_bits();
    let in_order = if bits & SIGN == 0 { bits | SIGN } else { !bits };
    (in_order >> SHIFT) as u16
}

/// The middle of a range.
fn middle(range: u16) -> f64 {
    let value =
        |in_order: u64| f64::from_bits(if in_order & SIGN == 0 { !in_order } else { in_order ^ SIGN });
    let from = u64::from(range) << SHIFT;
    f64::midpoint(value(from), value(from + ((1 << SHIFT) - 1)))
}

impl Sketch {
    pub(super) fn of(value: f64) -> Self {
        Self { ranges: vec![(range_of(value), 1)] }
    }

    /// Bytes besides those of the roll-up itself.
    pub(super) fn bytes(&self) -> usize {
        size_of::<Self>() + self.ranges.len() * size_of::<(u16, u32)>()
    }

    /// Adds what another holds.
    pub(super) fn merge(&mut self, other: &Self) {
        for (range, count) in &other.ranges {
            match self.ranges.binary_search_by_key(range, |held| held.0) {
                Ok(at) => self.ranges[at].1 = self.ranges[at].1.saturating_add(*count),
                Err(at) => self.ranges.insert(at, (*range, *count)),
            }
        }
        while self.ranges.len() > MOST_RANGES {
            let together = |at: &usize| u64::from(self.ranges[*at].1) + u64::from(self.ranges[*at + 1].1);
            let Some(at) = (0..self.ranges.len() - 1).min_by_key(together) else { return };
            let (_, count) = self.ranges.remove(at);
            self.ranges[at].1 = self.ranges[at].1.saturating_add(count);
        }
    }

    /// The value at rank `floor(part (n - 1))` of the `n` values in order; `None` without values.
    pub(super) fn quantile(&self, part: f64) -> Option<f64> {
        let count: u64 = self.ranges.iter().map(|(_, count)| u64::from(*count)).sum();
        let rank = (part.clamp(0.0, 1.0) * count.checked_sub(1)? as f64) as u64;
        let mut below = 0;
        let held = self.ranges.iter().find(|(_, count)| {
            below += u64::from(*count);
            below > rank
        });
        held.map(|(range, _)| middle(*range))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[f64]) -> Sketch {
        values.iter().fold(Sketch::default(), |mut sketch, value| {
            sketch.merge(&Sketch::of(*value));
            sketch
        })
    }

    proptest! {
        #[test]
        fn quantiles_are_within_the_stated_error_of_sorting(
            mut values in proptest::collection::vec(prop_oneof![-20.0..-1.0f64, 1.0..15.9f64], 1..200), part in 0.0..=1.0f64, cut in 0..200usize,
        ) {
            let mut merged = of(&values[..cut.min(values.len())]);
            merged.merge(&of(&values[cut.min(values.len())..]));
            let got = merged.quantile(part).expect("values");
            prop_assert_eq!(Some(got), of(&values).quantile(part), "merging makes no difference");
            values.sort_by(f64::total_cmp);
            let exact = values[(part * (values.len() - 1) as f64) as usize];
            prop_assert!((got - exact).abs() <= 0.0626 * exact.abs(), "{} for {}", got, exact);
        }
    }

    #[test]
    fn any_values_fit_into_few_ranges_and_none_is_lost() {
        let values: Vec<f64> = (-300..300).map(|power| libm::pow(10.0, f64::from(power))).collect();
        let mut sketch = of(&values);
        sketch.merge(&of(&[0.0, -0.0, f64::MIN, f64::MAX, f64::MIN_POSITIVE]));
        assert!(sketch.ranges.len() <= MOST_RANGES && sketch.ranges.is_sorted());
        assert_eq!(sketch.ranges.iter().map(|(_, count)| *count).sum::<u32>(), 605);
        assert!([0.0, 0.5, 1.0].iter().all(|part| sketch.quantile(*part).is_some_and(f64::is_finite)));
        assert_eq!(of(&[]).quantile(0.5), None);
    }
}
