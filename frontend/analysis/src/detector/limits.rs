//! Limits that somebody set: on the value, and on how fast it changes.

use serde::{Deserialize, Serialize};
use spate_shared::time::{Nanos, SECOND};

use super::evidence::{Evidence, Scored};
use super::{DetectorKind, Input, Limit, Parameter, Reason, Settings};

pub(super) const KIND: DetectorKind = DetectorKind {
    name: "limits",
    doc: "Fixed limits on the value and on its change per second, for what is known beforehand. Silent until set.",
    parameters: &[LEVEL, ABOVE, BELOW, CHANGE],
    texts: &[],
    is_multivariate: false,
    most_bytes: 5 << 10,
    build: |settings| Box::new(Scored::new(settings.get(&LEVEL), Limits::new(settings))),
};

const LEVEL: Parameter = Parameter {
    name: "level",
    doc: "values in a row beyond a limit at which a value alerts",
    default: 1.0,
    least: 1.0,
    most: 1_000_000.0,
    is_whole: true,
};
const ABOVE: Parameter =
    limit("above", "values above this are beyond the limit; inf sets none", f64::INFINITY);
const BELOW: Parameter =
    limit("below", "values below this are beyond the limit; -inf sets none", f64::NEG_INFINITY);
const CHANGE: Parameter = Parameter {
    least: 0.0,
    ..limit(
        "change",
        "changes by more than this a second, up or down, are beyond the limit; inf sets none",
        f64::INFINITY,
    )
};

const fn limit(name: &'static str, doc: &'static str, default: f64) -> Parameter {
    Parameter { name, doc, default, least: f64::NEG_INFINITY, most: f64::INFINITY, is_whole: false }
}

#[derive(Debug, Serialize, Deserialize)]
struct Limits {
    above: f64,
    below: f64,
    change: f64,
    before: Option<(Nanos, f64)>,
    in_a_row: f64,
}

impl Limits {
    fn new(settings: &Settings) -> Self {
        let [above, below, change] = [ABOVE, BELOW, CHANGE].map(|parameter| settings.get(&parameter));
        Self { above, below, change, before: None, in_a_row: 0.0 }
    }

    fn beyond(&self, time: Nanos, value: f64) -> Option<(Limit, f64)> {
        // Two values of one moment, or out of order, have no speed.
        let seconds = |from: Nanos| (time > from).then(|| time.saturating_sub(from) as f64 / SECOND as f64);
        let speed = self.before.and_then(|(from, before)| Some((value - before).abs() / seconds(from)?));
        if value > self.above {
            Some((Limit::Above, self.above))
        } else if value < self.below {
            Some((Limit::Below, self.below))
        } else {
            speed.filter(|speed| *speed > self.change).map(|_| (Limit::ChangePerSecond, self.change))
        }
    }
}

impl Evidence for Limits {
    fn observe(&mut self, input: Input<'_>) -> (f64, Reason) {
        let (time, value) = (input.time, input.value());
        let beyond = self.beyond(time, value);
        self.before = Some((time, value));
        self.in_a_row = if beyond.is_some() { self.in_a_row + 1.0 } else { 0.0 };
        let reason = |(limit, at)| Reason::Limit { limit, at, in_a_row: self.in_a_row as u32 };
        (self.in_a_row, beyond.map_or(Reason::Ordinary, reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs in a row beyond a limit, values two seconds apart.
    fn check(set: &[(&str, &str)], values: &[f64]) -> Vec<f64> {
        let mut settings = Settings::new(crate::detector::find("limits").expect("in the table"));
        for (name, text) in set {
            settings.set(name, text).expect("in range");
        }
        let mut limits = Limits::new(&settings);
        (0..)
            .zip(values)
            .map(|(at, value)| {
                limits.observe(Input { time: at * 2 * SECOND, values: &[*value], learns: true }).0
            })
            .collect()
    }

    #[test]
    fn values_beyond_a_limit_are_counted_in_a_row() {
        assert_eq!(check(&[("above", "9")], &[9.0, 10.0, 11.0, 9.0, 10.0]), [0.0, 1.0, 2.0, 0.0, 1.0]);
        assert_eq!(check(&[("below", "-1")], &[0.0, -2.0, -1.0]), [0.0, 1.0, 0.0]);
        assert_eq!(check(&[("change", "3")], &[0.0, 6.0, -1.0, 0.0]), [0.0, 0.0, 1.0, 0.0]);
        assert_eq!(check(&[], &[0.0, f64::MAX, f64::MIN]), [0.0; 3]);
    }

    #[test]
    fn values_of_one_moment_have_no_speed() {
        let mut settings = Settings::new(crate::detector::find("limits").expect("in the table"));
        settings.set("change", "1").expect("in range");
        let mut limits = Limits::new(&settings);
        assert_eq!(
            [(5, 0.0), (5, 99.0), (4, 0.0)]
                .map(|(time, value)| limits.observe(Input { time, values: &[value], learns: true }).0),
            [0.0; 3]
        );
    }
}
