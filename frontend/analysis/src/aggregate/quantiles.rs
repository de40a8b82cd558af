//! A mergeable sketch of quantiles with a bounded relative error.
//!
//! # Source
//! C. Masson et al., "`DDSketch`", VLDB 2019, with the log-linear buckets of `HdrHistogram`: a bucket is a value's exponent
//! and the first six bits of its fraction, so finding it takes one shift and no logarithm.

use serde::{Deserialize, Serialize};

/// Bits of a double's fraction that a bucket leaves out.
const SHIFT: u32 = 46;
/// Most buckets on one side of zero: 32 powers of two. Beyond, the buckets nearest zero become one.
const MAX_BUCKETS: usize = 2_048;

/// Counts of values by magnitude: any quantile to within 0.8 % of its value, as long as the values' magnitudes lie
/// within nine powers of ten. Merging and order make no difference.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Quantiles {
    negative: Buckets,
    zeros: u64,
    positive: Buckets,
}

/// How many values lie in a range.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its end nearer to minus infinity.
    pub from: f64,
    /// Its other end; the one farther from zero is outside the range.
    pub to: f64,
    /// How many.
    pub count: u64,
}

/// Bits of a double's fraction that a range of a histogram leaves out: four ranges make a power of two.
const COARSE_SHIFT: u32 = 50;

/// Counts of consecutive buckets.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Buckets {
    lowest: usize,
    counts: Vec<u32>,
    total: u64,
}

impl Quantiles {
    /// Adds a finite value.
    #[inline]
    pub fn add(&mut self, value: f64) {
        let bucket = (value.abs().to_bits() >> SHIFT) as usize;
        if value > 0.0 {
            self.positive.add(bucket, 1);
        } else if value < 0.0 {
            self.negative.add(bucket, 1);
        } else {
            self.zeros += 1;
        }
    }

    /// Adds what another holds.
    pub fn merge(&mut self, other: &Self) {
        self.negative.merge(&other.negative);
        self.zeros += other.zeros;
        self.positive.merge(&other.positive);
    }

    /// How many values in each range `[from, to)`, least first, of which four make a power of two; zeros have a range of
    /// their own, and ranges without values are left out.
    pub fn buckets(&self) -> Vec<Bucket> {
        let mirrored = |bucket: Bucket| Bucket { from: -bucket.to, to: -bucket.from, ..bucket };
        let negative = self.negative.coarse().into_iter().rev().map(mirrored);
        let zeros = Bucket { from: 0.0, to: 0.0, count: self.zeros };
        let zeros = (self.zeros > 0).then_some(zeros);
        negative.chain(zeros).chain(self.positive.coarse()).collect()
    }

    /// The value at rank `floor(part (n - 1))` of the `n` values in order; `None` without values.
    pub fn value(&self, part: f64) -> Option<f64> {
        let count = self.negative.total + self.zeros + self.positive.total;
        let rank = (part.clamp(0.0, 1.0) * count.checked_sub(1)? as f64) as u64;
        if rank < self.negative.total {
            return self.negative.at(self.negative.total - 1 - rank).map(|magnitude| -magnitude);
        }
        match (rank - self.negative.total).checked_sub(self.zeros) {
            None => Some(0.0),
            Some(rank) => self.positive.at(rank),
        }
    }
}

impl Buckets {
    #[inline]
    fn add(&mut self, bucket: usize, count: u32) {
        self.total += u64::from(count);
        if let Some(held) = bucket.checked_sub(self.lowest).and_then(|at| self.counts.get_mut(at)) {
            *held = held.saturating_add(count);
        } else {
            self.widen(bucket);
            let at = bucket.max(self.lowest) - self.lowest;
            self.counts[at] = self.counts[at].saturating_add(count);
        }
    }

    /// Makes room for a bucket, at the price of those nearest zero when they become too many.
    fn widen(&mut self, bucket: usize) {
        if self.counts.is_empty() {
            self.lowest = bucket;
        }
        let highest = bucket.max(self.lowest + self.counts.len().saturating_sub(1));
        let lowest = bucket.min(self.lowest).max((highest + 1).saturating_sub(MAX_BUCKETS));
        if lowest < self.lowest {
            self.counts.splice(0..0, std::iter::repeat_n(0, self.lowest - lowest));
        } else if lowest > self.lowest {
            let merged = (lowest - self.lowest).min(self.counts.len());
            let count = self.counts.drain(..merged).fold(0, u32::saturating_add);
            match self.counts.first_mut() {
                Some(first) => *first = first.saturating_add(count),
                None => self.counts.push(count),
            }
        }
        self.lowest = lowest;
        self.counts.resize(highest - lowest + 1, 0);
    }

    fn merge(&mut self, other: &Self) {
        for (at, count) in other.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            self.add(other.lowest + at, *count);
        }
    }

    /// Counts by the ranges of a histogram.
    fn coarse(&self) -> Vec<Bucket> {
        let mut buckets: Vec<(usize, u64)> = Vec::new();
        for (at, count) in self.counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let range = (self.lowest + at) >> (COARSE_SHIFT - SHIFT);
            match buckets.last_mut().filter(|(last, _)| *last == range) {
                Some((_, held)) => *held += u64::from(*count),
                None => buckets.push((range, u64::from(*count))),
            }
        }
        let edge = |range: usize| f64::from_bits((range as u64) << COARSE_SHIFT).min(f64::MAX);
        let bucket = |(range, count)| Bucket { from: edge(range), to: edge(range + 1), count };
        buckets.into_iter().map(bucket).collect()
    }

    /// The middle of the bucket that holds a rank, counted from zero outwards.
    fn at(&self, rank: u64) -> Option<f64> {
        let mut below = 0;
        let holds = |count: &u32| {
            below += u64::from(*count);
            below > rank
        };
        let bucket = self.lowest + self.counts.iter().position(holds)?;
        let [from, to] = [bucket, bucket + 1].map(|bucket| f64::from_bits((bucket as u64) << SHIFT));
        Some(if to.is_finite() { f64::midpoint(from, to) } else { from })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(values: &[f64]) -> Quantiles {
        let mut quantiles = Quantiles::default();
        for value in values {
            quantiles.add(*value);
        }
        quantiles
    }

    proptest! {
        #[test]
        fn quantiles_are_within_the_stated_error_of_sorting(
            mut values in proptest::collection::vec(prop_oneof![-1e4..1e4f64, 0.001..1.0f64, Just(0.0)], 1..200),
            part in 0.0..=1.0f64,
            cut in 0..200usize,
        ) {
            let cut = cut.min(values.len());
            let mut merged = of(&values[..cut]);
            merged.merge(&of(&values[cut..]));
            let got = merged.value(part).expect("values");
            prop_assert_eq!(Some(got), of(&values).value(part), "merging makes no difference");
            values.sort_by(f64::total_cmp);
            let exact = values[(part * (values.len() - 1) as f64) as usize];
            let is_in_range = exact.abs() < 1e-6 || (got - exact).abs() <= 0.008 * exact.abs();
            prop_assert!(is_in_range, "{got} for {exact}");
        }
    }

    #[test]
    fn a_range_beyond_the_bound_costs_accuracy_near_zero_only() {
        let mut quantiles = of(&[f64::MIN_POSITIVE, 1e-200, 1.0, 1e100, f64::MAX]);
        assert!((quantiles.value(1.0).expect("a value") / f64::MAX - 1.0).abs() < 0.008);
        assert!(quantiles.positive.counts.len() <= MAX_BUCKETS);
        quantiles.add(1e-300);
        assert_eq!(quantiles.positive.total, 6);
    }
}
