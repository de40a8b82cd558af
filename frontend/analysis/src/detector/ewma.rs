//! EWMA control chart: a smoothed value against the limits it keeps to while nothing changes.
//!
//! # Source
//! S. W. Roberts, "Control Chart Tests Based on Geometric Moving Averages", Technometrics 1, 1959; limits as in
//! D. C. Montgomery, "Introduction to Statistical Quality Control", 6th ed., section 9.2.

use serde::{Deserialize, Serialize};

use super::evidence::{Evidence, Scored};
use super::reference::Reference;
use super::{DetectorKind, Input, Parameter, Reason};

pub(super) const KIND: DetectorKind = DetectorKind {
    name: "ewma",
    doc: "EWMA control chart: small lasting shifts of a series without seasons or trend.",
    parameters: &[LEVEL, WEIGHT, MEMORY],
    texts: &[],
    is_multivariate: false,
    most_bytes: 5 << 10,
    build: |settings| {
        let evidence = Ewma::new(settings.get(&WEIGHT), settings.get(&MEMORY));
        Box::new(Scored::new(settings.get(&LEVEL), evidence))
    },
};

const LEVEL: Parameter = Parameter {
    name: "level",
    doc: "standard errors between smoothed value and mean at which a value alerts",
    default: 4.0,
    least: 0.5,
    most: 100.0,
    is_whole: false,
};
const WEIGHT: Parameter = Parameter {
    name: "weight",
    doc: "part of the smoothed value that is the latest value; smaller sees smaller shifts, later",
    default: 0.1,
    least: 0.001,
    most: 1.0,
    is_whole: false,
};
const MEMORY: Parameter = Parameter {
    name: "memory",
    doc: "values the mean and deviation are taken over",
    default: 500.0,
    least: 50.0,
    most: 1_000_000.0,
    is_whole: true,
};

#[derive(Debug, Serialize, Deserialize)]
struct Ewma {
    reference: Reference,
    smooth: Smooth,
}

/// The smoothed value, as standard deviations from the mean.
#[derive(Debug, Serialize, Deserialize)]
struct Smooth {
    weight: f64,
    value: f64,
    /// `(1 - weight)^(2 n)` after n values.
    unsettled: f64,
}

impl Smooth {
    fn new(weight: f64) -> Self {
        Self { weight, value: 0.0, unsettled: 1.0 }
    }

    /// Takes a standardised value; gives the smoothed one in standard errors.
    fn step(&mut self, z: f64) -> f64 {
        self.value = (1.0 - self.weight) * self.value + self.weight * z;
        self.unsettled *= (1.0 - self.weight) * (1.0 - self.weight);
        let variance = self.weight / (2.0 - self.weight) * (1.0 - self.unsettled);
        self.value / variance.sqrt()
    }
}

impl Ewma {
    fn new(weight: f64, memory: f64) -> Self {
        Self { reference: Reference::new(memory), smooth: Smooth::new(weight) }
    }
}

/// Values before the mean and deviation are believed.
const SETTLING: f64 = 30.0;

impl Evidence for Ewma {
    fn observe(&mut self, input: Input<'_>) -> (f64, Reason) {
        let value = input.value();
        let errors = if self.reference.seen() < SETTLING {
            0.0
        } else {
            self.smooth.step(self.reference.standardised(value))
        };
        if input.learns {
            self.reference.learn(value);
        }
        (errors.abs(), Reason::Smoothed { errors })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Montgomery's example: mean 10 and deviation 1 for 20 values, then mean 11.
    pub(in crate::detector) const VALUES: [f64; 30] = [
        9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.20, 10.34, 9.03, 11.47, 10.51, 9.40, 10.08,
        9.37, 10.62, 10.31, 8.52, 10.84, 10.90, 9.33, 12.29, 11.50, 10.60, 11.08, 10.38, 11.62, 11.31, 10.52,
    ];
    /// Table 9.10, weight 0.1.
    const SMOOTHED: [f64; 30] = [
        9.945, 9.7495, 9.7036, 9.8992, 10.1253, 10.1307, 9.9217, 10.0755, 9.9880, 10.0232, 9.9238, 10.0785,
        10.1216, 10.0495, 10.0525, 9.9843, 10.0478, 10.0740, 9.9186, 10.0108, 10.0997, 10.0227, 10.2495,
        10.3745, 10.3971, 10.4654, 10.4568, 10.5731, 10.6468, 10.6341,
    ];

    #[test]
    fn the_published_example_is_reproduced_and_alerts_at_its_29th_value() {
        let mut smooth = Smooth::new(0.1);
        let mut alerts = Vec::new();
        for (at, (value, expect)) in VALUES.iter().zip(SMOOTHED).enumerate() {
            let errors = smooth.step(value - 10.0);
            assert!((10.0 + smooth.value - expect).abs() < 1e-4, "{at}: {}", 10.0 + smooth.value);
            if errors.abs() > 2.7 {
                alerts.push(at + 1);
            }
        }
        assert_eq!(alerts, [29, 30]);
    }
}
