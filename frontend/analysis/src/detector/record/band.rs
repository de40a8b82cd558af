//! The near-extremes of a feature's last 5,000 values, and how far beyond them values used to go.

use serde::{Deserialize, Serialize};

use super::extremes::NearExtremes;

/// Values before the first record.
const SILENT: u32 = 50;
/// The ends of the band are this quantile and its mirror image.
const QUANTILE: f64 = 0.000_2;
/// Records believed in before the first: this many, of this total size.
const PRIOR_RECORDS: f64 = 20.0;
const PRIOR_EXCESS: f64 = 1.0;
/// For [`PeakBand`]: values passed over, and again as many held before the first surprise; its quantile; and the least
/// it takes for a distance.
const PEAK_SILENT: u32 = 100;
const PEAK_QUANTILE: f64 = 0.000_5;
const PEAK_UNIT: f64 = 0.05;
/// Records beyond this count as this.
const LARGEST_EXCESS: f64 = 1e12;

/// A value beyond the band.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Record {
    /// How far beyond, in parts of the band's width; negative below it.
    pub(super) excess: f64,
    /// `ln(1 + |excess| / mean earlier excess)`.
    pub(super) surprise: f64,
}

/// The band of one feature.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Band {
    held: NearExtremes,
    excess_sum: f64,
    records: f64,
}

impl Band {
    pub(super) fn new() -> Self {
        Self { held: NearExtremes::new(), excess_sum: PRIOR_EXCESS, records: PRIOR_RECORDS }
    }

    /// Measures a value against the band, then adds it, if it may. A value that is not finite is passed over.
    pub(super) fn observe(&mut self, value: f64, learns: bool) -> Option<Record> {
        if !value.is_finite() {
            return None;
        }
        let record = self.excess(value).map(|excess| {
            let size = excess.abs();
            let surprise = libm::log1p(size * self.records / self.excess_sum);
            if learns {
                self.excess_sum += size.min(1.0);
                self.records += 1.0;
            }
            Record { excess, surprise }
        });
        if learns {
            self.held.add(value);
        }
        record
    }

    fn excess(&self, value: f64) -> Option<f64> {
        if self.held.held() < SILENT || self.held.is_within(value) {
            return None;
        }
        let (high, low) = (self.held.high(QUANTILE), self.held.low(QUANTILE));
        let width = (high - low).max(1e-9 + 1e-3 * high.abs().max(low.abs()));
        let (above, below) = ((value - high) / width, (low - value) / width);
        if above > 0.0 {
            Some(above.min(LARGEST_EXCESS))
        } else if below > 0.0 {
            Some(-below.min(LARGEST_EXCESS))
        } else {
            None
        }
    }
}

/// The band of a sequence that is only unusual when it is large, and larger in the beginning than later.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PeakBand {
    passed_over: u32,
    held: NearExtremes,
    /// Of all values but those passed over, and how many they are.
    mean: f64,
    seen: f64,
}

impl PeakBand {
    pub(super) fn new() -> Self {
        Self { passed_over: 0, held: NearExtremes::new(), mean: 0.0, seen: 0.0 }
    }

    /// The surprise of a finite value, then adds it, if it may.
    pub(super) fn observe(&mut self, value: f64, learns: bool) -> f64 {
        if self.passed_over < PEAK_SILENT {
            self.passed_over += u32::from(learns);
            return 0.0;
        }
        let high = self.held.high(PEAK_QUANTILE);
        let surprise = if self.held.held() >= PEAK_SILENT && value > high {
            let excess = (value - high) / (2.0 * (high - self.mean).max(PEAK_UNIT));
            libm::log1p(excess / PEAK_UNIT)
        } else {
            0.0
        };
        if learns {
            self.held.add(value);
            self.seen += 1.0;
            self.mean += (value - self.mean) / self.seen;
        }
        surprise
    }
}

#[cfg(test)]
mod tests {
    use super::super::extremes::{BLOCK, BLOCKS};
    use super::*;
    use proptest::prelude::*;

    /// The same from the definition, over a list of all values.
    fn naive(before: &[f64], value: f64) -> Option<f64> {
        let filled = before.len() % BLOCK as usize;
        let filled = if filled == 0 { BLOCK as usize } else { filled };
        let held = &before[before.len().saturating_sub((BLOCKS - 1) * BLOCK as usize + filled)..];
        if held.len() < SILENT as usize {
            return None;
        }
        let mut sorted = held.to_vec();
        sorted.sort_by(f64::total_cmp);
        let weight = (QUANTILE * (held.len() - 1) as f64).min(1.0);
        let [.., high1, high0] = sorted[..] else { return None };
        let (high, low) = (high0 + weight * (high1 - high0), sorted[0] + weight * (sorted[1] - sorted[0]));
        let width = (high - low).max(1e-9 + 1e-3 * high.abs().max(low.abs()));
        match value {
            _ if value > high => Some((value - high) / width),
            _ if value < low => Some((value - low) / width),
            _ => None,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(8))]

        #[test]
        fn records_equal_sorting_what_is_held(
            values in proptest::collection::vec(prop_oneof![9 => 0..400i32, 1 => -900..900i32], 0..600),
            repeats in 1..12usize,
        ) {
            let (mut band, mut before) = (Band::new(), Vec::new());
            let (mut excess_sum, mut records) = (1.0, 20.0);
            for value in values.repeat(repeats).into_iter().map(f64::from) {
                let expect = naive(&before, value).map(|excess| {
                    let surprise = libm::log1p(excess.abs() * records / excess_sum);
                    excess_sum += excess.abs().min(1.0);
                    records += 1.0;
                    Record { excess, surprise }
                });
                prop_assert_eq!(band.observe(value, true), expect, "after {} values", before.len());
                before.push(value);
            }
        }
    }

    #[test]
    fn a_peak_surprises_once_the_band_has_seen_enough() {
        let mut band = PeakBand::new();
        let ordinary = |i: u32| if i < 100 { 9.0 } else { f64::from(i % 10) / 10.0 };
        assert!(
            (0..300).all(|i| band.observe(ordinary(i), true) == 0.0),
            "large values in the beginning are no measure"
        );
        // The mean is 0.45 and the high end 0.9: an excess of 1.1 / (2 x 0.45), in units of 0.05.
        let expect = (1.0 + 1.1 / 0.9 / 0.05f64).ln();
        assert!((band.observe(2.0, true) - expect).abs() < 1e-9);
    }

    #[test]
    fn values_that_are_not_finite_leave_no_trace() {
        let mut band = Band::new();
        (0..100).for_each(|i| assert!(band.observe(f64::from(i % 10), true).is_none()));
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(band.observe(value, true).is_none());
        }
        assert!(band.observe(9.0, true).is_none());
        assert!(band.observe(10.0, true).is_some_and(|record| record.excess > 0.0));
        assert!(band.observe(f64::MAX, true).is_some_and(|record| record.surprise.is_finite()));
        assert!(band.observe(f64::MIN, true).is_none_or(|record| record.surprise.is_finite()));
    }
}
