//! Shapes of the latest events, and how unlike every earlier shape they are.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::band::PeakBand;
use crate::detector::snapshot;

/// Shapes remembered.
const STORED: usize = 1_000;
/// Events between comparisons.
const EVERY: u64 = 4;
/// How fast the range that distances are measured in shrinks towards the level, and the level follows the values.
const RANGE_RATE: f64 = 1.0 / 8_000.0;
const LEVEL_RATE: f64 = 0.02;

/// Shapes of `N` points, each the mean of `WIDTH` events.
///
/// A shape is compared only with those as old as it is long, so none is compared with one that shares its events.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Shapes<const N: usize, const WIDTH: usize> {
    /// The latest means, oldest first: as many as a shape spans. They are relative to the first, which keeps 32 bits
    /// precise enough.
    means: VecDeque<f32>,
    /// A ring; `next` is the oldest once it is full.
    #[serde(with = "snapshot::rows")]
    stored: Vec<[f32; N]>,
    next: usize,
    store_every: u64,
    seen: u64,
    range: Range,
    /// To the nearest earlier shape, in parts of the range; infinite while nothing is old enough.
    distance: f64,
    band: PeakBand,
}

impl<const N: usize, const WIDTH: usize> Shapes<N, WIDTH> {
    /// Events a shape spans.
    pub(super) const EVENTS: usize = N * WIDTH;
    const MEANS: usize = Self::EVENTS - WIDTH + 1;

    /// Stores a shape every so many events, a multiple of four.
    pub(super) fn new(store_every: u64) -> Self {
        Self {
            means: VecDeque::with_capacity(Self::MEANS),
            stored: Vec::with_capacity(STORED),
            next: 0,
            store_every,
            seen: 0,
            range: Range::default(),
            distance: f64::INFINITY,
            band: PeakBand::new(),
        }
    }

    /// How surprising the latest shape is, given a value and the mean of the latest `WIDTH` values; then it is
    /// remembered, if it may.
    ///
    /// The distance of the latest comparison stands until the next, so the band looks back on as many events as those
    /// of the features.
    pub(super) fn observe(&mut self, value: f64, mean: f64, learns: bool) -> f64 {
        self.range.follow(value);
        if self.means.len() == Self::MEANS {
            self.means.pop_front();
        }
        self.means.push_back((mean - self.range.first) as f32);
        self.seen += 1;
        if self.seen.is_multiple_of(EVERY) && self.seen >= Self::EVENTS as u64 {
            self.compare(learns);
        }
        if self.distance.is_finite() { self.band.observe(libm::log1p(self.distance), learns) } else { 0.0 }
    }

    fn compare(&mut self, learns: bool) {
        let shape: [f32; N] = std::array::from_fn(|point| self.means[point * WIDTH]);
        self.distance = self.nearest(&shape) / self.range.width();
        if learns && self.seen.is_multiple_of(self.store_every) {
            self.store(shape);
        }
    }

    /// Root of the mean squared difference to the nearest stored shape that is old enough; infinite without one.
    fn nearest(&self, shape: &[f32; N]) -> f64 {
        let young = Self::EVENTS / self.store_every as usize;
        let old_enough = self.stored.len().saturating_sub(young);
        let (later, earlier) = self.stored.split_at(self.next);
        let old = earlier.iter().chain(later).take(old_enough);
        let nearest = old.map(|other| squared_distance(shape, other)).fold(f32::INFINITY, f32::min);
        (f64::from(nearest) / N as f64).sqrt()
    }

    fn store(&mut self, shape: [f32; N]) {
        if self.stored.len() < STORED {
            self.stored.push(shape);
        } else {
            self.stored[self.next] = shape;
            self.next = (self.next + 1) % STORED;
        }
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.means.capacity() * size_of::<f32>() + self.stored.capacity() * size_of::<[f32; N]>()
    }
}

/// Four sums at once: the compiler may not reorder one. NaN, from numbers too large for 32 bits, is never nearest.
fn squared_distance<const N: usize>(a: &[f32; N], b: &[f32; N]) -> f32 {
    let mut sums = [0.0; 4];
    for (a, b) in a.as_chunks::<4>().0.iter().zip(b.as_chunks::<4>().0) {
        for lane in 0..4 {
            sums[lane] += (a[lane] - b[lane]) * (a[lane] - b[lane]);
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3])
}

/// The range of values, which slowly forgets.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Range {
    first: f64,
    level: f64,
    high: f64,
    low: f64,
    is_begun: bool,
}

impl Range {
    fn follow(&mut self, value: f64) {
        if !self.is_begun {
            *self = Self { first: value, level: value, high: value, low: value, is_begun: true };
        }
        let towards = |from: f64, to: f64, rate: f64| (1.0 - rate) * from + rate * to;
        self.level = towards(self.level, value, LEVEL_RATE);
        self.high = towards(self.high, self.level, RANGE_RATE).max(value);
        self.low = towards(self.low, self.level, RANGE_RATE).min(value);
    }

    fn width(&self) -> f64 {
        (self.high - self.low).max(1e-9 + 1e-3 * self.high.abs().max(self.low.abs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_found_among_shapes_that_share_no_event() {
        let mut shapes = Shapes::<4, 2>::new(4);
        let values: Vec<f64> = (0..9_000).map(|i| f64::from(i * i % 97)).collect();
        let mean = |at: usize| if at == 0 { values[0] } else { f64::midpoint(values[at - 1], values[at]) };
        let shape = |end: usize| [6, 4, 2, 0].map(|back| (mean(end - back) - values[0]) as f32);
        let mut ends: Vec<usize> = Vec::new();
        for (at, value) in values.iter().enumerate() {
            shapes.observe(*value, mean(at), true);
            let seen = at + 1;
            if seen < 8 || seen % 4 != 0 {
                continue;
            }
            ends.push(at);
            let kept = &ends[ends.len().saturating_sub(STORED)..];
            let old = &kept[..kept.len().saturating_sub(2)];
            let naive = old.iter().map(|end| squared_distance(&shape(at), &shape(*end)));
            let naive = (f64::from(naive.fold(f32::INFINITY, f32::min)) / 4.0).sqrt();
            assert_eq!(shapes.nearest(&shape(at)), naive, "at {at}");
        }
    }

    #[test]
    fn a_shape_that_never_was_surprises_and_one_that_was_does_not() {
        let mut shapes = Shapes::<12, 4>::new(4);
        let mut values: Vec<f64> = (0..6_000).map(|i| f64::from(i % 96)).collect();
        values[5_520..5_568].reverse();
        let mut recent = VecDeque::new();
        let mut surprises = Vec::new();
        for value in &values {
            recent.push_back(*value);
            if recent.len() > 4 {
                recent.pop_front();
            }
            surprises.push(shapes.observe(*value, recent.iter().sum::<f64>() / recent.len() as f64, true));
        }
        assert!(surprises[..5_520].iter().all(|surprise| *surprise == 0.0));
        assert!(surprises[5_520..5_600].iter().any(|surprise| *surprise > 1.0));
    }
}
