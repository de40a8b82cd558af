//! The thirteen features whose records are watched.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use spate_shared::time::{HOUR, MINUTE};

use super::ring::Ring;
use super::season::Season;
use crate::detector::{Feature, Input, reason};

/// The features, in the order of [`Features::observe`].
pub(super) const FEATURES: [Feature; 13] = [
    Feature::Value,
    Feature::Mean(4),
    Feature::Mean(12),
    Feature::Mean(36),
    Feature::Mean(96),
    Feature::Seasonal(reason::Season::HalfHourOfDay),
    Feature::Seasonal(reason::Season::TenMinutesOfDay),
    Feature::Seasonal(reason::Season::HourOfWeek),
    Feature::SeasonalMean(6),
    Feature::SeasonalMean(24),
    Feature::Change(1),
    Feature::Change(12),
    Feature::Change(48),
];
/// Level, season, change: groups count alike, whatever their size.
pub(super) const GROUPS: [Range<usize>; 3] = [0..5, 5..10, 10..13];
/// How fast the level follows, which stands in for a slot that was never seen.
const LEVEL_RATE: f64 = 0.02;

/// What the features are computed from.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Features {
    values: Ring<96>,
    residuals: Ring<24>,
    seasons: [Season; 3],
    /// `None` before the first value.
    level: Option<f64>,
}

impl Features {
    pub(super) fn new() -> Self {
        Self {
            values: Ring::new(),
            residuals: Ring::new(),
            seasons: [
                Season::new(48, 30 * MINUTE, 0.15),
                Season::new(144, 10 * MINUTE, 0.20),
                Season::new(168, HOUR, 0.30),
            ],
            level: None,
        }
    }

    /// The features at a value, of which `known` events came since a pause; not finite where there are too few before it.
    pub(super) fn observe(&mut self, input: Input<'_>, known: usize) -> [f64; FEATURES.len()] {
        let value = input.value();
        self.values.push(value);
        let level = self.level.unwrap_or(value);
        self.level = Some((1.0 - LEVEL_RATE) * level + LEVEL_RATE * value);
        let [half_hour, ten_minutes, hour] = &mut self.seasons;
        let of_half_hour = half_hour.residual(input, level);
        self.residuals.push(of_half_hour);
        let [m4, m12, m36, m96] = self.values.means([4, 12, 36, 96]);
        // Nothing is known of what happened in a pause, so no change reaches over one.
        let change = |events: usize| if events <= known { self.values.change(events) } else { f64::NAN };
        let [r6, r24] = self.residuals.means([6, 24]);
        [
            value,
            m4,
            m12,
            m36,
            m96,
            of_half_hour,
            ten_minutes.residual(input, level),
            hour.residual(input, level),
            r6,
            r24,
            change(1),
            change(12),
            change(48),
        ]
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.seasons.iter().map(Season::heap_bytes).sum()
    }
}
