//! One horizon: the mix of models, the width of the interval, and how both turned out.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::models::MODELS;
use super::{COVERAGE, Record};

/// How fast errors are forgotten.
const RATE: f64 = 1.0 / 200.0;
/// How much a model loses by an error that is larger than the best one's by as much again.
const SHARPNESS: f64 = 6.0;
/// The interval's half width in mean errors: what it begins with, how fast it moves, and the least that moves it.
const FIRST_WIDTHS: [f64; 2] = [2.0, 0.8];
const WIDTH_RATE: f64 = 0.05;
const LEAST_WIDTH: f64 = 0.2;
/// Forecasts that come true before there is an interval.
const SETTLING: u64 = 30;

/// Forecasts this many events ahead.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Horizon {
    events: u32,
    /// Forecasts whose time has not come, oldest first.
    pending: VecDeque<Promise>,
    /// Exponentially weighted absolute errors of the models, and of their mix.
    model_errors: [f64; MODELS.len()],
    mix_error: f64,
    /// Half widths of the whole interval and the inner one, in mean errors.
    widths: [f64; 2],
    judged: u64,
    matured: u64,
    inside: u64,
    /// Sums of absolute errors since there is an interval.
    error_sum: f64,
    model_error_sums: [f64; MODELS.len()],
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Promise {
    forecasts: [f64; MODELS.len()],
    mix: f64,
    /// Of the intervals; NaN before there are any.
    halves: [f64; 2],
}

impl Horizon {
    pub(super) fn new(events: u32) -> Self {
        Self {
            events,
            pending: VecDeque::new(),
            model_errors: [0.0; MODELS.len()],
            mix_error: 0.0,
            widths: FIRST_WIDTHS,
            judged: 0,
            matured: 0,
            inside: 0,
            error_sum: 0.0,
            model_error_sums: [0.0; MODELS.len()],
        }
    }

    pub(super) fn events(&self) -> u32 {
        self.events
    }

    /// Holds the forecast for now, if there is one, against the value.
    pub(super) fn judge(&mut self, value: f64) {
        if self.pending.len() < self.events as usize {
            return;
        }
        let Some(promise) = self.pending.pop_front() else { return };
        let size = |forecast: f64| (value - forecast).abs().min(f64::MAX);
        let error = size(promise.mix);
        self.judged += 1;
        let has_interval = !promise.halves[0].is_nan();
        if has_interval {
            self.matured += 1;
            self.inside += u64::from(error <= promise.halves[0]);
            for ((width, half), coverage) in self.widths.iter_mut().zip(promise.halves).zip([COVERAGE, 0.5]) {
                let miss = if error <= half { 0.0 } else { 1.0 };
                *width += WIDTH_RATE * (miss - (1.0 - coverage)) * width.max(LEAST_WIDTH);
            }
            self.error_sum += error;
        }
        let rate = RATE.max(1.0 / self.judged as f64);
        self.mix_error += rate * (error - self.mix_error);
        for (at, forecast) in promise.forecasts.iter().enumerate() {
            let error = size(*forecast);
            self.model_errors[at] += rate * (error - self.model_errors[at]);
            if has_interval {
                self.model_error_sums[at] += error;
            }
        }
    }

    /// Forecasts made now.
    pub(super) fn promise(&mut self, forecasts: [f64; MODELS.len()]) {
        let best = self.model_errors.iter().copied().fold(f64::INFINITY, f64::min);
        let weights = self.model_errors.map(|error| {
            let regret =
                if best > 0.0 { error / best - 1.0 } else { f64::from(u8::from(error > 0.0)) * 100.0 };
            libm::exp(-SHARPNESS * regret)
        });
        let sum: f64 = weights.iter().sum();
        let mix =
            weights.iter().zip(&forecasts).map(|(weight, forecast)| weight / sum * forecast).sum::<f64>();
        let mix = mix.clamp(-f64::MAX, f64::MAX);
        let is_settled = self.judged >= SETTLING;
        let half = |width: f64| if is_settled { (width * self.mix_error).min(f64::MAX) } else { f64::NAN };
        let halves = self.widths.map(half);
        self.pending.push_back(Promise { forecasts, mix, halves });
    }

    /// The latest forecast and half the widths of its intervals.
    pub(super) fn latest(&self) -> Option<(f64, [f64; 2])> {
        self.pending.back().map(|promise| (promise.mix, promise.halves))
    }

    pub(super) fn record(&self) -> Record {
        let matured = self.matured as f64;
        Record {
            horizon: self.events,
            matured: self.matured,
            coverage: self.inside as f64 / matured,
            error: self.error_sum / matured,
            model_errors: self.model_error_sums.map(|sum| sum / matured),
        }
    }

    pub(super) fn state_bytes(&self) -> usize {
        size_of::<Self>() + self.pending.capacity() * size_of::<Promise>()
    }
}
