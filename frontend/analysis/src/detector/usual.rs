//! What is usual of a series: the continuous score and the expected band beside sparse alerts.
//!
//! A level and what is usual at each half hour of the day follow the values slowly and give little on large surprises, so
//! that long or dense anomalies do not become usual while they last. Whichever of the two was nearer to the values of late
//! is the centre. The deviation of a value is its own distance, or twice the mean distance of the latest dozen where that
//! is more: of a long anomaly not every value stands out. The tail turns deviations into probabilities.
//!
//! # Source
//! P. J. Huber, "Robust Estimation of a Location Parameter", Annals of Mathematical Statistics 35, 1964 (bounded steps).

use serde::{Deserialize, Serialize};
use spate_shared::time::{MINUTE, Nanos};

use super::Input;
use super::tail::Tail;

/// Values before the first score, and before steps are bounded.
const WARM_UP: u32 = 60;
/// Values before deviations are told at all.
const SETTLING: u32 = 30;
/// How fast level and deviation follow; the first values are averaged.
const RATE: f64 = 1.0 / 500.0;
/// Deviations that a value moves the level or a slot by at most, and that the deviation learns of at most.
const STEP: f64 = 2.0;
const SURPRISE: f64 = 3.0;
/// Slots of a day, and how fast they follow; a slot counts after two visits.
const SLOTS: usize = 48;
const SLOT_WIDTH: Nanos = 30 * MINUTE;
const SLOT_RATE: f64 = 0.1;
const KNOWN: u32 = 2;
/// How fast the errors of level and season are forgotten, and the most deviations of one.
const ERROR_RATE: f64 = 1.0 / 200.0;
const LARGEST_ERROR: f64 = 6.0;
/// Latest values whose mean distance counts, times this; the most that one of them adds.
const LATEST: usize = 12;
const LATEST_FACTOR: f64 = 2.0;
const LARGEST_LATEST: f64 = 10.0;
/// A normal distribution's standard deviation in mean absolute deviations.
const MEAN_TO_SIGMA: f64 = 1.253_3;
/// Tail probability at the ends of the expected band.
const BAND_PROBABILITY: f64 = 0.05;

/// How rare a value is, and where it was expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rank {
    /// NaN while warming up, as are the others.
    pub(super) score: f64,
    pub(super) lower: f64,
    pub(super) upper: f64,
}

/// What is usual so far.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Usual {
    seen: u32,
    level: f64,
    slots: Vec<Slot>,
    from_level: Spread,
    from_season: Spread,
    /// Distances of the latest values, a ring.
    latest: [f64; LATEST],
    next: usize,
    tail: Tail,
}

/// What is usual in a slot, as a difference from the level.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Slot {
    usual: f64,
    visits: u32,
}

/// How far values lie from a centre.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Spread {
    sigma: f64,
    error: f64,
}

impl Spread {
    fn learn(&mut self, residual: f64, rate: f64, is_bounded: bool) {
        let size = finite(MEAN_TO_SIGMA * residual.abs());
        let size = if is_bounded { size.min(SURPRISE * self.sigma.max(f64::MIN_POSITIVE)) } else { size };
        self.sigma = finite(self.sigma + rate * (size - self.sigma));
        self.error += ERROR_RATE * (residual.abs().min(finite(LARGEST_ERROR * self.sigma)) - self.error);
    }
}

impl Usual {
    pub(super) fn new() -> Self {
        Self {
            seen: 0,
            level: 0.0,
            slots: vec![Slot::default(); SLOTS],
            from_level: Spread::default(),
            from_season: Spread::default(),
            latest: [0.0; LATEST],
            next: 0,
            tail: Tail::new(),
        }
    }

    /// Ranks a value, then learns from it, if it may.
    pub(super) fn observe(&mut self, input: Input<'_>) -> Rank {
        let value = input.value();
        if self.seen == 0 {
            self.level = value;
        }
        let at = input.time.div_euclid(SLOT_WIDTH).rem_euclid(SLOTS as Nanos) as usize;
        let slot = self.slots[at];
        let has_season = slot.visits >= KNOWN && self.from_season.error < self.from_level.error;
        let (center, spread) = if has_season {
            (finite(self.level + slot.usual), self.from_season)
        } else {
            (self.level, self.from_level)
        };
        let unit = if spread.sigma > center.abs() * 1e-12 { spread.sigma } else { center.abs() * 1e-3 };
        let unit = unit.max(f64::MIN_POSITIVE);
        let distance =
            if self.seen < SETTLING { 0.0 } else { (value / unit - center / unit).abs().min(1e12) };
        self.latest[self.next] = distance.min(LARGEST_LATEST);
        self.next = (self.next + 1) % LATEST;
        let mean = self.latest.iter().sum::<f64>() / LATEST as f64;
        let deviation = distance.max(LATEST_FACTOR * mean);
        let rank = if self.seen < WARM_UP {
            Rank { score: f64::NAN, lower: f64::NAN, upper: f64::NAN }
        } else {
            let reach = finite(self.tail.deviation(BAND_PROBABILITY) * unit);
            let score = 1.0 - self.tail.probability(deviation);
            Rank { score, lower: finite(center - reach), upper: finite(center + reach) }
        };
        if input.learns {
            if self.seen >= SETTLING {
                self.tail.learn(deviation);
            }
            self.learn(value, at);
        }
        rank
    }

    fn learn(&mut self, value: f64, at: usize) {
        let is_bounded = self.seen >= WARM_UP;
        self.seen = self.seen.saturating_add(1);
        let rate = RATE.max(1.0 / f64::from(self.seen));
        let slot = &mut self.slots[at];
        let (of_level, of_season) = (finite(value - self.level), finite(value - self.level - slot.usual));
        let bound = |size: f64, sigma: f64| {
            let most = finite(STEP * sigma.max(f64::MIN_POSITIVE));
            size.clamp(-most, most)
        };
        slot.visits = slot.visits.saturating_add(1);
        let step = if slot.visits > KNOWN { bound(of_season, self.from_season.sigma) } else { of_season };
        slot.usual = finite(slot.usual + SLOT_RATE.max(1.0 / f64::from(slot.visits)) * step);
        let step = if is_bounded { bound(of_level, self.from_level.sigma) } else { of_level };
        self.level = finite(self.level + rate * step);
        self.from_level.learn(of_level, rate, is_bounded);
        self.from_season.learn(of_season, rate, is_bounded);
    }

    /// Values still to come before the first score.
    pub(super) fn warm_up(&self) -> u32 {
        WARM_UP.saturating_sub(self.seen)
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.slots.capacity() * size_of::<Slot>()
    }
}

/// The nearest number.
fn finite(number: f64) -> f64 {
    number.clamp(-f64::MAX, f64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::Detector;
    use crate::detector::robust_z::RobustZ;
    use crate::evaluation::average_precision;
    use crate::inject::{Change, FaultSpec, Injector};
    use crate::random::Random;
    use spate_shared::time::DAY;

    /// Four weeks of a daily rhythm with noise, ten minutes apart.
    fn month(seed: u64) -> Vec<(Nanos, f64)> {
        let mut random = Random::new(seed);
        let value = |time: Nanos, noise: f64| {
            let day = (time % DAY) as f64 / DAY as f64;
            100.0 + 20.0 * libm::sin(day * std::f64::consts::TAU) + 10.0 * noise
        };
        (0..28 * 144)
            .map(|i| (i * 10 * MINUTE, value(i * 10 * MINUTE, random.unit() + random.unit())))
            .collect()
    }

    #[test]
    fn one_ordinary_value_in_ten_scores_nine_tenths_or_more() {
        let mut usual = Usual::new();
        let ranks = month(3)
            .into_iter()
            .map(|(time, value)| usual.observe(Input { time, values: &[value], learns: true }));
        let ranks: Vec<Rank> = ranks.skip(1_000).collect();
        let part = ranks.iter().filter(|rank| rank.score >= 0.9).count() as f64 / ranks.len() as f64;
        assert!((0.05..0.15).contains(&part), "{part}");
    }

    #[test]
    fn dense_faults_are_ranked_higher_than_by_the_robust_z() {
        let (mut of_usual, mut of_robust) = (Vec::new(), Vec::new());
        for seed in 0..6 {
            let kinds = ["spike", "dip", "shift", "drift", "variance", "no-season"].map(str::to_owned).into();
            let mut injector = Injector::new(&FaultSpec { seed, kinds, part: 0.3, after: 300 });
            let (mut usual, mut robust) = (Usual::new(), RobustZ::for_score());
            for (time, value) in month(seed) {
                let before = injector.faults().len();
                let changed = injector.observe(time, value);
                let is_fault = changed != Change::Keep || injector.faults().len() > before;
                let value = if let Change::Value(changed) = changed { changed } else { value };
                let input = Input { time, values: &[value], learns: true };
                of_usual.push((usual.observe(input).score, is_fault));
                of_robust.push((robust.observe(input).score, is_fault));
            }
        }
        let (usual, robust) = (average_precision(of_usual), average_precision(of_robust));
        assert!(usual >= robust + 0.1, "{usual} against {robust}");
    }
}
