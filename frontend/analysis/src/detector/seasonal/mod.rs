//! Seasonal residual: the robust z of what a value differs by from the usual at its place in the season.
//!
//! The season is counted in events, so they have to be evenly spaced. It is either given or found in the series itself,
//! and looked for again as the series goes on; until one is found this is the plain robust z.

mod find;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::robust_z::{LEVEL, RobustZ};
use super::{Detector, DetectorKind, Input, Parameter, Reason, Verdict};
use find::LONGEST;

pub(super) const KIND: DetectorKind = DetectorKind {
    name: "seasonal",
    doc: "Robust z after taking out a season, found in the data or given; for any rhythm of evenly spaced values.",
    parameters: &[LEVEL, SEASON],
    texts: &[],
    is_multivariate: false,
    most_bytes: 24 << 10,
    build: |settings| Box::new(Seasonal::new(settings.get(&LEVEL), settings.get(&SEASON) as usize)),
};

const SEASON: Parameter = Parameter {
    name: "season",
    doc: "events in a season; 0 finds one of 3 to 512 events, if there is one",
    default: 0.0,
    least: 0.0,
    most: 100_000.0,
    is_whole: true,
};
/// Values a season is looked for in, and events between looks.
const LOOKED_AT: usize = 2 * LONGEST;
const LOOK_EVERY: u64 = 256;
/// How fast the usual follows the values at its place in the season; the first are averaged.
const RATE: f64 = 0.2;

#[derive(Debug, Serialize, Deserialize)]
struct Seasonal {
    level: f64,
    is_given: bool,
    /// The latest values; empty when the season is given.
    recent: VecDeque<f64>,
    seen: u64,
    places: Places,
    residuals: RobustZ,
}

/// What is usual at each place in the season.
#[derive(Debug, Serialize, Deserialize)]
struct Places {
    /// Mean and visits; no places without a season.
    usual: Vec<(f64, u32)>,
    next: usize,
}

impl Places {
    fn new(season: usize) -> Self {
        Self { usual: vec![(0.0, 0); season], next: 0 }
    }

    /// What was usual at a value's place, 0 before its first visit; then takes the value in, if it may.
    fn visit(&mut self, value: f64, learns: bool) -> f64 {
        let season = self.usual.len();
        let Some((mean, visits)) = self.usual.get_mut(self.next) else { return 0.0 };
        self.next = (self.next + 1) % season;
        let before = *mean;
        if !learns {
            return before;
        }
        *visits = visits.saturating_add(1);
        let rate = RATE.max(1.0 / f64::from(*visits));
        *mean = (1.0 - rate) * *mean + rate * value;
        before
    }
}

impl Seasonal {
    fn new(level: f64, season: usize) -> Self {
        let is_given = season > 0;
        Self {
            level,
            is_given,
            recent: VecDeque::with_capacity(if is_given { 0 } else { LOOKED_AT }),
            seen: 0,
            places: Places::new(season),
            residuals: RobustZ::for_score(),
        }
    }

    /// Looks for a season; one that differs from the present is applied to what is still known.
    fn look(&mut self) {
        let Some(season) = find::season(self.recent.make_contiguous()) else { return };
        // A neighbour of a long lag is the same season, told by other noise.
        if season.abs_diff(self.places.usual.len()) <= season / 20 {
            return;
        }
        self.places = Places::new(season);
        self.residuals = RobustZ::for_score();
        for (at, value) in self.recent.iter().enumerate() {
            let usual = self.places.visit(*value, true);
            if at >= season {
                let values = [residual(*value, usual)];
                self.residuals.observe(Input { time: 0, values: &values, learns: true });
            }
        }
    }
}

/// Stays finite where the difference would not.
fn residual(value: f64, usual: f64) -> f64 {
    (value - usual).clamp(-f64::MAX, f64::MAX)
}

impl Detector for Seasonal {
    fn observe(&mut self, input: Input<'_>) -> Verdict {
        let value = input.value();
        let usual = self.places.visit(value, input.learns);
        let of_residual = self.residuals.observe(Input { values: &[residual(value, usual)], ..input });
        if !self.is_given && input.learns {
            if self.recent.len() == LOOKED_AT {
                self.recent.pop_front();
            }
            self.recent.push_back(value);
            self.seen += 1;
            if self.seen.is_multiple_of(LOOK_EVERY) {
                self.look();
            }
        }
        let Reason::Deviations { deviations, .. } = of_residual.reason else { return Verdict::NONE };
        let season = self.places.usual.len() as u32;
        Verdict {
            lower: of_residual.lower + usual,
            upper: of_residual.upper + usual,
            level: self.level,
            alert: of_residual.evidence >= self.level,
            reason: Reason::OutOfSeason { deviations, season, is_given: self.is_given },
            ..of_residual
        }
    }

    fn warm_up(&self) -> u32 {
        self.residuals.warm_up()
    }

    fn state_bytes(&self) -> usize {
        let residuals = self.residuals.state_bytes() - size_of::<RobustZ>();
        let places = self.places.usual.capacity() * size_of::<(f64, u32)>();
        size_of::<Self>() + self.recent.capacity() * size_of::<f64>() + places + residuals
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detector::Rows;

    /// A wave of 50 events; at 1,812 the crest is missing, which is no unusual value in itself.
    fn verdicts(season: usize) -> Vec<Verdict> {
        let wave = |i: usize| 100.0 * libm::sin(i as f64 * std::f64::consts::TAU / 50.0);
        let values: Vec<f64> =
            (0..2_000).map(|i| if i == 1_812 { 0.0 } else { wave(i) + (i * i % 7) as f64 }).collect();
        let mut out = Vec::new();
        Seasonal::new(LEVEL.default, season).score(Rows::of(&vec![0; values.len()], &values), &mut out);
        out
    }

    #[test]
    fn a_value_unusual_only_for_its_place_alerts_and_says_which_season_was_found() {
        let verdicts = verdicts(0);
        let verdict = verdicts[1_812];
        assert!(verdict.alert && verdict.lower > 50.0 && verdict.upper < 150.0, "{verdict:?}");
        assert!(
            matches!(verdict.reason, Reason::OutOfSeason { season: 50, is_given: false, .. }),
            "{verdict:?}"
        );
        assert!(verdicts[1_100..1_812].iter().all(|verdict| !verdict.alert));
    }

    #[test]
    fn a_given_season_counts_from_the_start() {
        let verdicts = verdicts(50);
        assert!(verdicts[1_812].alert);
        assert!(matches!(verdicts[1_812].reason, Reason::OutOfSeason { season: 50, is_given: true, .. }));
    }
}
