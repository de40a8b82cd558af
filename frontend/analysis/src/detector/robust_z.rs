//! Robust z: distance from the running median in units of the running median absolute deviation.
//!
//! The window is the last 240 values unless set otherwise. Deviations become probabilities through their own tail, so a series with
//! frequent spikes does not alert on each of them.
//!
//! # Source
//! B. Iglewicz and D. C. Hoaglin, "How to Detect and Handle Outliers", ASQC 1993 (modified z-score).

use serde::{Deserialize, Serialize};

use super::sorted::{Sorted, median, median_absolute_deviation};
use super::tail::Tail;
use super::{Detector, DetectorKind, Input, Parameter, Reason, Verdict};

pub(super) const KIND: DetectorKind = DetectorKind {
    name: "robust-z",
    doc: "Distance from the running median in robust deviations. Quick to learn; blind to seasons.",
    parameters: &[LEVEL, WINDOW],
    texts: &[],
    is_multivariate: false,
    most_bytes: 4 << 10,
    build: |settings| Box::new(RobustZ::new(settings.get(&LEVEL), settings.get(&WINDOW) as usize)),
};

/// Of every detector that alerts by the calibrated score itself.
pub(super) const LEVEL: Parameter = Parameter {
    name: "level",
    doc: "score at which a value alerts",
    default: 0.999_7,
    least: 0.5,
    most: 1.0,
    is_whole: false,
};
const WINDOW: Parameter = Parameter {
    name: "window",
    doc: "values the median and the deviation are taken over",
    default: 240.0,
    least: WARM_UP as f64,
    most: 5_000.0,
    is_whole: true,
};
/// Values before the first score.
const WARM_UP: usize = 60;
/// Tail probability at the ends of the expected band.
const BAND_PROBABILITY: f64 = 0.05;
/// Where most values are equal and some are not, the deviation says nothing; it is at least this part of the span.
pub(super) const LEAST_OF_SPAN: f64 = 0.02;
/// A median absolute deviation times this estimates a normal distribution's standard deviation.
pub(super) const MAD_TO_SIGMA: f64 = 1.4826;

/// The detector, and the calibrated score of others.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RobustZ {
    level: f64,
    recent: Sorted,
    tail: Tail,
}

impl RobustZ {
    fn new(level: f64, window: usize) -> Self {
        Self { level, recent: Sorted::new(window), tail: Tail::new() }
    }

    /// The continuous score beside another detector's evidence.
    pub(super) fn for_score() -> Self {
        Self::new(LEVEL.default, WINDOW.default as usize)
    }

    fn verdict(&self, value: f64) -> (Verdict, f64) {
        let sorted = self.recent.values();
        let center = median(sorted);
        let sigma = MAD_TO_SIGMA * median_absolute_deviation(sorted, center);
        let unit = sigma.max(trimmed_span(sorted) * LEAST_OF_SPAN);
        // A window of one value has neither; then a part of that value stands in.
        let is_told = unit > center.abs() * 1e-12;
        let unit = if is_told { unit } else { (center.abs() * 1e-3).max(f64::MIN_POSITIVE) };
        let deviations = value / unit - center / unit;
        let score = 1.0 - self.tail.probability(deviations.abs());
        let reach = self.tail.deviation(BAND_PROBABILITY) * unit;
        let verdict = Verdict {
            score,
            lower: center - reach,
            upper: center + reach,
            evidence: score,
            level: self.level,
            alert: score >= self.level,
            reason: Reason::Deviations { deviations, events: sorted.len() as u32 },
        };
        (verdict, deviations.abs())
    }
}

impl Detector for RobustZ {
    fn observe(&mut self, input: Input<'_>) -> Verdict {
        let value = input.value();
        let verdict = if self.warm_up() > 0 {
            Verdict::NONE
        } else {
            let (verdict, deviation) = self.verdict(value);
            if input.learns {
                self.tail.learn(deviation.min(1e12));
            }
            verdict
        };
        if input.learns {
            self.recent.push(value);
        }
        verdict
    }

    fn warm_up(&self) -> u32 {
        WARM_UP.saturating_sub(self.recent.values().len()) as u32
    }

    fn state_bytes(&self) -> usize {
        size_of::<Self>() + self.recent.heap_bytes()
    }

    #[cfg(feature = "checkpoint")]
    fn snapshot(&self) -> Vec<u8> {
        super::snapshot::save(self)
    }

    #[cfg(feature = "checkpoint")]
    fn restore(&mut self, bytes: &[u8]) -> Result<(), super::SnapshotError> {
        *self = super::snapshot::load(bytes)?;
        Ok(())
    }
}

/// From the 2nd to the 98th percentile, so that a few outliers do not count. `sorted` is not empty.
pub(super) fn trimmed_span(sorted: &[f64]) -> f64 {
    let trimmed = sorted.len() / 50;
    (sorted[sorted.len() - 1 - trimmed] / 2.0 - sorted[trimmed] / 2.0) * 2.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::Rows;

    #[test]
    fn about_one_value_in_a_thousand_scores_above_0_999_on_a_heavy_tailed_series() {
        // Student t with 3 degrees of freedom, by its quantile function's leading terms over a low-discrepancy grid.
        let value = |i: u32| {
            let u = (f64::from(i) * 0.618_033_988_749_895).fract().clamp(1e-6, 1.0 - 1e-6);
            let p = u - 0.5;
            p.signum() * ((1.0 - (2.0 * p).abs()).powf(-1.0 / 3.0) - 1.0)
        };
        let values: Vec<f64> = (0..60_000).map(value).collect();
        let mut out = Vec::new();
        RobustZ::for_score().score(Rows::of(&vec![0; values.len()], &values), &mut out);
        let unusual = out[10_000..].iter().filter(|verdict| verdict.score > 0.999).count();
        let rate = unusual as f64 / 50_000.0;
        assert!((0.000_3..0.003).contains(&rate), "{rate}");
    }

    /// The score of the last value.
    fn last_score(values: &[f64]) -> f64 {
        let mut out = Vec::new();
        RobustZ::for_score().score(Rows::of(&vec![0; values.len()], values), &mut out);
        out.last().map_or(f64::NAN, |verdict| verdict.score)
    }

    fn ripple(i: u32) -> f64 {
        (f64::from(i) * 0.618_033_988_749_895).fract() - 0.5
    }

    #[test]
    fn one_outlier_does_not_hide_the_next() {
        let mut values: Vec<f64> = (0..600).map(ripple).collect();
        values[500] = 1_000.0;
        values.push(20.0);
        assert!(last_score(&values) > 0.999_7, "{}", last_score(&values));
    }

    #[test]
    fn scores_do_not_depend_on_where_zero_is() {
        let at = |zero: f64| {
            let mut values: Vec<f64> = (0..600).map(|i| zero + ripple(i)).collect();
            values.push(zero + 5.0);
            last_score(&values)
        };
        assert!((at(0.0) - at(131_072.0)).abs() < 1e-6, "{} {}", at(0.0), at(131_072.0));
    }
}
