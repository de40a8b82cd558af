//! What a window keeps of one field's values.
//!
//! # Source
//! Sums: A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", ZAMM 54, 1974, with the
//! branch-free two-sum of Knuth. Squares: B. P. Welford, Technometrics 4, 1962; merged after T. Chan et al., 1979.

use serde::{Deserialize, Serialize};
use spate_shared::time::Nanos;

use super::{Bucket, Distinct, Quantiles, Top};

/// Sums are kept this much smaller than they are, so that a mean of huge values does not overflow. A power of two:
/// exact for every value above 1e-270.
const SCALE: f64 = 1.0 / 18_446_744_073_709_551_616.0;

/// What is kept besides count, sum, least and greatest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a part of its own, and any may be kept")]
pub struct Parts {
    /// Squared deviations.
    pub squares: bool,
    /// First and last value.
    pub edges: bool,
    /// A sketch of quantiles.
    pub quantiles: bool,
    /// A sketch of distinct values.
    pub distinct: bool,
    /// The most frequent values: how many.
    pub top: Option<u16>,
}

impl Parts {
    /// What either needs.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            squares: self.squares | other.squares,
            edges: self.edges | other.edges,
            quantiles: self.quantiles | other.quantiles,
            distinct: self.distinct | other.distinct,
            top: self.top.max(other.top),
        }
    }
}

/// Values of one field, mergeable: those of two windows together equal those of one that saw both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Accumulator {
    /// How many values.
    pub count: u64,
    /// Least value; infinity when there are none.
    pub min: f64,
    /// Greatest value; minus infinity when there are none.
    pub max: f64,
    sum: f64,
    carry: f64,
    mean: f64,
    squares: f64,
    first: (Nanos, f64),
    last: (Nanos, f64),
    sketches: Option<Box<Sketches>>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Sketches {
    quantiles: Quantiles,
    distinct: Distinct,
    top: Top,
}

impl Default for Accumulator {
    fn default() -> Self {
        Self {
            count: 0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            sum: 0.0,
            carry: 0.0,
            mean: 0.0,
            squares: 0.0,
            first: (Nanos::MAX, 0.0),
            last: (Nanos::MIN, 0.0),
            sketches: None,
        }
    }
}

impl Accumulator {
    /// Adds a finite value.
    #[inline]
    pub fn add(&mut self, time: Nanos, value: f64, parts: Parts) {
        self.count += 1;
        self.add_to_sum(value * SCALE);
        self.min = if value < self.min { value } else { self.min };
        self.max = if value > self.max { value } else { self.max };
        if parts.squares {
            // Divided first: the difference of two finite values may overflow, its share may not.
            let (count, before) = (self.count as f64, self.mean);
            self.mean += value / count - before / count;
            self.squares += (value - before) * (value - self.mean);
        }
        if parts.edges {
            self.add_edge(time, value);
        }
        if parts.quantiles {
            self.sketches.get_or_insert_default().quantiles.add(value);
        }
    }

    /// Adds a value that is only told apart from others. `hash` is [`super::hash`] of the text.
    pub fn add_label(&mut self, text: &str, hash: u64, parts: Parts) {
        self.count += 1;
        let sketches = self.sketches.get_or_insert_default();
        if parts.distinct {
            sketches.distinct.add(hash);
        }
        if let Some(most) = parts.top {
            sketches.top.add(text, usize::from(most));
        }
    }

    #[inline]
    fn add_to_sum(&mut self, scaled: f64) {
        let sum = self.sum + scaled;
        let part = sum - self.sum;
        self.carry += (self.sum - (sum - part)) + (scaled - part);
        self.sum = sum;
    }

    fn add_edge(&mut self, time: Nanos, value: f64) {
        if self.count == 1 || time < self.first.0 {
            self.first = (time, value);
        }
        if self.count == 1 || time >= self.last.0 {
            self.last = (time, value);
        }
    }

    /// Adds what another holds. Of values at one time, those of `self` came first.
    pub fn merge(&mut self, other: &Self, parts: Parts) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            return self.clone_from(other);
        }
        if parts.squares {
            let (mine, theirs) = (self.count as f64, other.count as f64);
            let share = theirs / (mine + theirs);
            let apart = other.mean - self.mean;
            self.mean += apart * share;
            self.squares += other.squares + apart * apart * mine * share;
        }
        if parts.edges {
            if other.first.0 < self.first.0 {
                self.first = other.first;
            }
            if other.last.0 >= self.last.0 {
                self.last = other.last;
            }
        }
        self.count += other.count;
        self.add_to_sum(other.sum);
        self.carry += other.carry;
        self.min = if other.min < self.min { other.min } else { self.min };
        self.max = if other.max > self.max { other.max } else { self.max };
        if let Some(theirs) = &other.sketches {
            let mine = self.sketches.get_or_insert_default();
            mine.quantiles.merge(&theirs.quantiles);
            mine.distinct.merge(&theirs.distinct);
            mine.top.merge(&theirs.top, parts.top.map_or(0, usize::from));
        }
    }

    /// Sum of the values, rounded once; infinite when it is beyond 1.8e308.
    pub fn sum(&self) -> f64 {
        (self.sum + self.carry) / SCALE
    }

    /// Arithmetic mean; `None` without values.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| (self.sum + self.carry) / self.count as f64 / SCALE)
    }

    /// Sample variance; `None` below two values.
    pub fn variance(&self) -> Option<f64> {
        (self.count > 1).then(|| self.squares / (self.count - 1) as f64)
    }

    /// Value with the earliest time; `None` without values.
    pub fn first(&self) -> Option<f64> {
        (self.count > 0).then_some(self.first.1)
    }

    /// Value with the latest time; `None` without values.
    pub fn last(&self) -> Option<f64> {
        (self.count > 0).then_some(self.last.1)
    }

    /// The value that a part of the values, 0 to 1, does not exceed; `None` without values. See [`Quantiles`].
    pub fn quantile(&self, part: f64) -> Option<f64> {
        let estimate = self.sketches.as_ref()?.quantiles.value(part)?;
        Some(estimate.clamp(self.min, self.max))
    }

    /// How many values in each range, see [`Quantiles::buckets`].
    pub fn buckets(&self) -> Vec<Bucket> {
        self.sketches.as_ref().map(|sketches| sketches.quantiles.buckets()).unwrap_or_default()
    }

    /// How many distinct labels, see [`Distinct`].
    pub fn distinct(&self) -> u64 {
        self.sketches.as_ref().map_or(0, |sketches| sketches.distinct.count())
    }

    /// The most frequent labels, see [`Top`].
    pub fn top(&self, most: usize) -> Vec<(String, u64)> {
        self.sketches.as_ref().map(|sketches| sketches.top.first(most)).unwrap_or_default()
    }
}
