//! The near-extremes of the last 5,000 values of a sequence.

use serde::{Deserialize, Serialize};

/// Blocks of values held; the oldest is dropped whole.
pub(super) const BLOCKS: usize = 10;
/// Values in a block.
pub(super) const BLOCK: u32 = 500;

/// The two largest and the two smallest values of each block.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct NearExtremes {
    blocks: [Extremes; BLOCKS],
    /// Of all blocks.
    all: Extremes,
    /// The block being filled, and the values in it.
    current: usize,
    filled: u32,
    /// Whole blocks held besides.
    whole: u32,
}

impl NearExtremes {
    pub(super) fn new() -> Self {
        let blocks = [Extremes::NONE; BLOCKS];
        Self { blocks, all: Extremes::NONE, current: 0, filled: 0, whole: 0 }
    }

    /// Values held.
    pub(super) fn held(&self) -> u32 {
        self.whole * BLOCK + self.filled
    }

    /// Whether a value lies within the second largest and the second smallest, and so within any two quantiles.
    pub(super) fn is_within(&self, value: f64) -> bool {
        (self.all.low[1]..=self.all.high[1]).contains(&value)
    }

    /// The quantile `1 - part`, as far as the two largest values tell.
    pub(super) fn high(&self, part: f64) -> f64 {
        self.between(self.all.high, part).max(self.all.high[1])
    }

    /// The quantile `part`, as far as the two smallest values tell.
    pub(super) fn low(&self, part: f64) -> f64 {
        self.between(self.all.low, part).min(self.all.low[1])
    }

    fn between(&self, [first, second]: [f64; 2], part: f64) -> f64 {
        let weight = (part * (f64::from(self.held()) - 1.0)).min(1.0);
        first + weight * (second - first)
    }

    pub(super) fn add(&mut self, value: f64) {
        if self.filled == BLOCK {
            self.whole = (self.whole + 1).min(BLOCKS as u32 - 1);
            self.current = (self.current + 1) % BLOCKS;
            self.blocks[self.current] = Extremes::NONE;
            self.filled = 0;
            self.all = self.blocks.iter().fold(Extremes::NONE, Extremes::merged);
        }
        self.blocks[self.current].add(value);
        self.all.add(value);
        self.filled += 1;
    }
}

/// The two largest and the two smallest of some values, the outermost first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Extremes {
    high: [f64; 2],
    low: [f64; 2],
}

impl Extremes {
    const NONE: Self = Self { high: [f64::NEG_INFINITY; 2], low: [f64::INFINITY; 2] };

    fn add(&mut self, value: f64) {
        self.add_high(value);
        self.add_low(value);
    }

    fn add_high(&mut self, value: f64) {
        if value > self.high[1] {
            self.high = if value > self.high[0] { [value, self.high[0]] } else { [self.high[0], value] };
        }
    }

    fn add_low(&mut self, value: f64) {
        if value < self.low[1] {
            self.low = if value < self.low[0] { [value, self.low[0]] } else { [self.low[0], value] };
        }
    }

    fn merged(mut self, other: &Self) -> Self {
        other.high.iter().for_each(|high| self.add_high(*high));
        other.low.iter().for_each(|low| self.add_low(*low));
        self
    }
}
