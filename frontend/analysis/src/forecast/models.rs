//! The models that are mixed.

use serde::{Deserialize, Serialize};
use spate_shared::time::{DAY, Nanos};

/// A model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Model {
    /// Name for people.
    pub name: &'static str,
}

/// All models, in the order of forecasts.
pub const MODELS: [Model; 6] = [
    Model { name: "last value" },
    Model { name: "a day before" },
    Model { name: "smoothed value" },
    Model { name: "damped trend" },
    Model { name: "level and season" },
    Model { name: "usual at this time" },
];

/// Slots of a day.
const SLOTS: usize = 288;
/// Smoothing of the value; of level and trend; how much of a trend is left after an event.
const SMOOTH: f64 = 0.3;
const TREND_LEVEL: f64 = 0.3;
const TREND: f64 = 0.1;
const DAMPING: f64 = 0.9;
/// Smoothing of level and season of the seasonal model.
const SEASON_LEVEL: f64 = 0.3;
const SEASON: f64 = 0.2;
/// How fast the usual at a time of day follows, and what its residuals have to do with each other.
const PROFILE: f64 = 0.2;
const RESIDUAL: f64 = 0.01;
/// How fast the interval between events follows.
const INTERVAL: f64 = 0.1;

/// What the models know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Models {
    seen: u64,
    last_time: Nanos,
    interval: f64,
    last: f64,
    smooth: f64,
    level: f64,
    trend: f64,
    season_level: f64,
    /// By slot of the day.
    slots: Vec<Slot>,
    residual: f64,
    /// Products of neighbouring residuals, and their squares.
    products: f64,
    squares: f64,
}

#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Slot {
    visits: u32,
    last: f64,
    season: f64,
    usual: f64,
}

impl Models {
    pub(super) fn new() -> Self {
        Self {
            seen: 0,
            last_time: 0,
            interval: 0.0,
            last: 0.0,
            smooth: 0.0,
            level: 0.0,
            trend: 0.0,
            season_level: 0.0,
            slots: vec![Slot::default(); SLOTS],
            residual: 0.0,
            products: 0.0,
            squares: 0.0,
        }
    }

    /// The interval between events that is expected.
    pub(super) fn interval(&self) -> Nanos {
        self.interval as Nanos
    }

    fn slot(time: Nanos) -> usize {
        (time.rem_euclid(DAY) / (DAY / SLOTS as Nanos)) as usize % SLOTS
    }

    pub(super) fn learn(&mut self, time: Nanos, value: f64) {
        if self.seen == 0 {
            (self.smooth, self.level, self.season_level) = (value, value, value);
        } else {
            self.learn_interval(time);
        }
        let finite = |number: f64| number.clamp(-f64::MAX, f64::MAX);
        (self.last, self.last_time) = (value, self.last_time.max(time));
        self.smooth = finite(self.smooth + SMOOTH * (value - self.smooth));
        let expected = self.level + DAMPING * self.trend;
        let level = finite(expected + TREND_LEVEL * (value - expected));
        self.trend = finite(TREND * (level - self.level) + (1.0 - TREND) * DAMPING * self.trend);
        self.level = level;
        let slot = &mut self.slots[Self::slot(time)];
        let season_level =
            finite(self.season_level + SEASON_LEVEL * (value - slot.season - self.season_level));
        slot.season = finite(slot.season + SEASON * (value - season_level - slot.season));
        self.season_level = season_level;
        let residual = if slot.visits == 0 { 0.0 } else { finite(value - slot.usual) };
        slot.visits = slot.visits.saturating_add(1);
        slot.usual = finite(slot.usual + PROFILE.max(1.0 / f64::from(slot.visits)) * (value - slot.usual));
        slot.last = value;
        self.products = finite(self.products + RESIDUAL * (residual * self.residual - self.products));
        self.squares = finite(self.squares + RESIDUAL * (self.residual * self.residual - self.squares));
        self.residual = residual;
        self.seen += 1;
    }

    /// A pause is no interval: one far longer than usual counts as twice the usual.
    fn learn_interval(&mut self, time: Nanos) {
        let interval = time.saturating_sub(self.last_time).max(0) as f64;
        if interval > 0.0 {
            let usual = if self.interval > 0.0 { self.interval } else { interval };
            self.interval = usual + INTERVAL * (interval.min(2.0 * usual) - usual);
        }
    }

    pub(super) fn forecast(&self, time: Nanos, events: u32) -> [f64; MODELS.len()] {
        let steps = f64::from(events);
        let ahead = time.saturating_add(self.interval().saturating_mul(i64::from(events)));
        let slot = self.slots[Self::slot(ahead)];
        let is_known = slot.visits > 0;
        let correlation =
            if self.squares > 0.0 { (self.products / self.squares).clamp(0.0, 0.999) } else { 0.0 };
        let damped = DAMPING * (1.0 - libm::pow(DAMPING, steps)) / (1.0 - DAMPING);
        [
            self.last,
            if is_known { slot.last } else { self.last },
            self.smooth,
            self.level + damped * self.trend,
            if is_known { self.season_level + slot.season } else { self.smooth },
            if is_known { slot.usual + libm::pow(correlation, steps) * self.residual } else { self.last },
        ]
        .map(|forecast| forecast.clamp(-f64::MAX, f64::MAX))
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.slots.capacity() * size_of::<Slot>()
    }
}
