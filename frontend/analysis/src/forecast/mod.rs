//! Forecasts: where a series is going, with intervals whose coverage is measured.
//!
//! Six small models forecast side by side. For each horizon they are mixed by how small their errors were of late, and the
//! interval widens or narrows until nine in ten values fall inside. Both learn only from forecasts whose time has come.
//!
//! # Source
//! Weights: N. Littlestone, M. K. Warmuth, "The Weighted Majority Algorithm", 1994. Intervals: I. Gibbs, E. Candès,
//! "Adaptive Conformal Inference Under Distribution Shift", 2021.

mod horizon;
mod models;

use serde::{Deserialize, Serialize};
use spate_shared::time::Nanos;

use horizon::Horizon;
use models::Models;
pub use models::{MODELS, Model};

/// The part of values that an interval is to hold.
pub const COVERAGE: f64 = 0.9;
/// The farthest horizon in events, and the most horizons.
pub const FARTHEST: u32 = 1_000;
/// The most horizons of one forecaster.
pub const MOST_HORIZONS: usize = 32;

/// One step of a forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// Events ahead.
    pub horizon: u32,
    /// The event time that is expected then.
    pub time: Nanos,
    /// The value expected.
    pub value: f64,
    /// Lower end of the interval; NaN before one is known.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
    /// The interval that is to hold one of two values.
    pub inner: (f64, f64),
}

/// How forecasts at one horizon turned out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Record {
    /// Events ahead.
    pub horizon: u32,
    /// Forecasts with an interval whose time has come.
    pub matured: u64,
    /// Part of them inside their interval; NaN without any.
    pub coverage: f64,
    /// Mean absolute error of the mix.
    pub error: f64,
    /// Mean absolute error of each of [`MODELS`], over the same forecasts.
    pub model_errors: [f64; MODELS.len()],
}

/// Forecasts one series. Values that are not finite are passed over.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Forecaster {
    models: Models,
    horizons: Vec<Horizon>,
    latest: Option<(Nanos, f64)>,
}

impl Forecaster {
    /// Forecasts this many events ahead; doubles, 0 and what is too far are left out.
    pub fn new(horizons: &[u32]) -> Self {
        let mut wanted: Vec<u32> = horizons.iter().copied().filter(|h| (1..=FARTHEST).contains(h)).collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted.truncate(MOST_HORIZONS);
        let horizons = wanted.into_iter().map(Horizon::new).collect();
        Self { models: Models::new(), horizons, latest: None }
    }

    /// Takes the next value: forecasts for now are judged, and new ones made.
    pub fn observe(&mut self, time: Nanos, value: f64) {
        if !value.is_finite() {
            return;
        }
        for horizon in &mut self.horizons {
            horizon.judge(value);
        }
        self.models.learn(time, value);
        self.latest = Some((time, value));
        for horizon in &mut self.horizons {
            let forecasts = self.models.forecast(time, horizon.events());
            horizon.promise(forecasts);
        }
    }

    /// The forecast from the latest value on, nearest first; empty before the first value.
    pub fn steps(&self) -> impl Iterator<Item = Step> {
        let latest = self.latest;
        self.horizons.iter().filter_map(move |horizon| {
            let (from, _) = latest?;
            let (value, [half, inner]) = horizon.latest()?;
            let ahead = self.models.interval().saturating_mul(i64::from(horizon.events()));
            let time = from.saturating_add(ahead);
            let (lower, upper, inner) = (value - half, value + half, (value - inner, value + inner));
            Some(Step { horizon: horizon.events(), time, value, lower, upper, inner })
        })
    }

    /// Event time and value that the forecast goes out from.
    pub fn latest(&self) -> Option<(Nanos, f64)> {
        self.latest
    }

    /// How forecasts turned out so far, by horizon.
    pub fn records(&self) -> impl Iterator<Item = Record> {
        self.horizons.iter().map(Horizon::record)
    }

    /// Bytes it holds.
    pub fn state_bytes(&self) -> usize {
        let horizons: usize = self.horizons.iter().map(Horizon::state_bytes).sum();
        size_of::<Self>() + self.models.heap_bytes() + horizons
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use spate_shared::time::{DAY, MINUTE};

    /// A daily rhythm with noise, ten minutes apart.
    fn series(days: i64) -> Vec<(Nanos, f64)> {
        let mut random = Random::new(5);
        let value = |time: Nanos, noise: f64| {
            let turn = (time % DAY) as f64 / DAY as f64 * std::f64::consts::TAU;
            100.0 + 20.0 * libm::sin(turn) + 6.0 * noise
        };
        (0..days * 144)
            .map(|event| (event * 10 * MINUTE, value(event * 10 * MINUTE, random.unit())))
            .collect()
    }

    #[test]
    fn nine_in_ten_values_fall_inside_and_the_mix_beats_the_naive_models() {
        let mut forecaster = Forecaster::new(&[12, 1, 12, 0, 5_000]);
        for (time, value) in series(40) {
            forecaster.observe(time, value);
        }
        let records: Vec<Record> = forecaster.records().collect();
        assert_eq!(records.iter().map(|record| record.horizon).collect::<Vec<_>>(), [1, 12]);
        for record in records {
            assert!((0.87..0.93).contains(&record.coverage), "{record:?}");
            let naive = MODELS.iter().position(|model| model.name == "last value").expect("in the table");
            assert!(record.error < record.model_errors[naive], "{record:?}");
        }
    }

    #[test]
    fn steps_lie_ahead_and_widen_with_what_is_not_known() {
        let mut forecaster = Forecaster::new(&[1, 36]);
        assert_eq!(forecaster.steps().count(), 0);
        let series = series(20);
        for (time, value) in &series {
            forecaster.observe(*time, *value);
        }
        let last = series.last().expect("values").0;
        let steps: Vec<Step> = forecaster.steps().collect();
        assert_eq!(
            steps.iter().map(|step| step.time).collect::<Vec<_>>(),
            [last + 10 * MINUTE, last + 360 * MINUTE]
        );
        assert!(steps.iter().all(|step| step.lower < step.value && step.value < step.upper), "{steps:?}");
    }

    #[test]
    fn nothing_later_changes_a_forecast_and_odd_values_leave_no_trace() {
        let (mut clean, mut dirty) = (Forecaster::new(&[1, 5]), Forecaster::new(&[1, 5]));
        for (at, (time, value)) in series(5).into_iter().enumerate() {
            clean.observe(time, value);
            dirty.observe(time, value);
            dirty.observe(time, [f64::NAN, f64::INFINITY][at % 2]);
            assert_eq!(clean.steps().collect::<Vec<_>>().len(), dirty.steps().collect::<Vec<_>>().len());
        }
        let bits = |f: &Forecaster| {
            f.steps().map(|s| [s.value, s.lower, s.upper].map(f64::to_bits)).collect::<Vec<_>>()
        };
        assert_eq!(bits(&clean), bits(&dirty));
    }

    #[test]
    fn extreme_values_and_clocks_stay_finite() {
        let mut forecaster = Forecaster::new(&[1, 1_000]);
        for time in [0, 0, Nanos::MAX, Nanos::MIN, 5, -5] {
            for value in [1e300, -1e300, 0.0, 5e-324] {
                forecaster.observe(time, value);
            }
        }
        assert!(forecaster.steps().all(|step| step.value.is_finite()));
        assert!(forecaster.state_bytes() < 128 << 10, "{}", forecaster.state_bytes());
    }
}
