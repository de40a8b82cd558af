//! Which series changed most over an interval, against the time before it.
//!
//! Two samples are compared per series: its values in the interval, and those in the [`BASELINE`] times as long before
//! it. The statistic is the two-sample Kolmogorov-Smirnov distance, the largest difference between their cumulative
//! distributions: 0 when they are alike, 1 when every value of one lies beyond every value of the other. It sees changes of
//! level, spread and shape alike, and needs no unit, so series of any kind are compared. Series whose distance could well be
//! chance ([`UNCLEAR`]) come after the others.
//!
//! # Source
//! W. H. Press et al., "Numerical Recipes", third edition, 6.14.12 and 14.3.3, for the probability of a distance.

use spate_shared::order;
use spate_shared::time::Nanos;

use crate::StreamId;
use crate::alert::SeriesRef;
use crate::engine::Engine;
use crate::retention::Retention;

/// How many times as long as the interval the time before it is looked at.
pub const BASELINE: i64 = 4;
/// A distance that chance explains with at least this probability is no clear change.
pub const UNCLEAR: f64 = 0.01;

/// What a sample says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Summary {
    /// Values.
    pub count: usize,
    /// Their mean; NaN when there are none.
    pub mean: f64,
    /// The least; NaN when there are none.
    pub min: f64,
    /// The greatest; NaN when there are none.
    pub max: f64,
    /// Their standard deviation (of the population); NaN when there are none.
    pub stddev: f64,
}

/// How a series changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// The time before.
    pub before: Summary,
    /// The interval.
    pub during: Summary,
    /// Kolmogorov-Smirnov distance, 0 to 1; NaN when either sample is empty.
    pub distance: f64,
    /// Probability of so great a distance if nothing had changed; NaN when either sample is empty.
    pub chance: f64,
}

/// A series and how it changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ranked {
    /// Which.
    pub series: SeriesRef,
    /// How.
    pub change: Change,
}

/// Ranks the series of all streams by how they changed over `[from, to)`, clearest and greatest first.
///
/// Series without a value in the interval or before it are left out.
pub fn rank(engine: &Engine, from: Nanos, to: Nanos) -> Vec<Ranked> {
    let start = from.saturating_sub(to.saturating_sub(from).saturating_mul(BASELINE));
    let streams = engine.streams().flat_map(|(stream, held)| {
        held.series().iter().enumerate().map(move |(index, series)| (stream, index, series.retention()))
    });
    let ranked = streams.filter_map(|(stream, series, retention)| {
        let change = change(&values(retention, start, from), &values(retention, from, to));
        let series = SeriesRef { stream: StreamId::index(stream), series };
        (!change.distance.is_nan()).then_some(Ranked { series, change })
    });
    let mut ranked: Vec<_> = ranked.collect();
    order::sort_by(&mut ranked, |a, b| {
        let is_unclear = |ranked: &Ranked| ranked.change.chance >= UNCLEAR;
        let order = is_unclear(a).cmp(&is_unclear(b));
        order.then(b.change.distance.total_cmp(&a.change.distance))
    });
    ranked
}

fn values(retention: &Retention, from: Nanos, to: Nanos) -> Vec<f64> {
    retention.between(from, to).map(|point| point.value).filter(|value| value.is_finite()).collect()
}

/// Compares two samples of finite values.
///
/// Cost: sorts both.
pub fn change(before: &[f64], during: &[f64]) -> Change {
    let distance = distance(before, during);
    let (n, m) = (before.len() as f64, during.len() as f64);
    let root = (n * m / (n + m)).sqrt();
    let chance = tail((root + 0.12 + 0.11 / root) * distance);
    Change { before: summary(before), during: summary(during), distance, chance }
}

fn summary(values: &[f64]) -> Summary {
    let count = values.len();
    let extreme = |of: fn(f64, f64) -> f64| values.iter().copied().reduce(of).unwrap_or(f64::NAN);
    let mean = values.iter().sum::<f64>() / count as f64;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    Summary {
        count,
        mean,
        min: extreme(f64::min),
        max: extreme(f64::max),
        stddev: (squares / count as f64).sqrt(),
    }
}

/// The largest difference between two cumulative distributions; NaN when a sample is empty.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return f64::NAN;
    }
    let sorted = |values: &[f64]| {
        let mut sorted = values.to_vec();
        order::sort_floats(&mut sorted);
        sorted
    };
    let (a, b) = (sorted(a), sorted(b));
    let (mut i, mut j, mut most) = (0, 0, 0.0f64);
    while i < a.len() && j < b.len() {
        let value = a[i].min(b[j]);
        while a.get(i).is_some_and(|x| *x <= value) {
            i += 1;
        }
        while b.get(j).is_some_and(|x| *x <= value) {
            j += 1;
        }
        most = most.max((i as f64 / a.len() as f64 - j as f64 / b.len() as f64).abs());
    }
    most
}

/// The Kolmogorov distribution's tail: probability of more than `z`.
fn tail(z: f64) -> f64 {
    match z {
        _ if z.is_nan() => f64::NAN,
        // The series converges slowly where the answer is 1 to ten digits.
        ..0.3 => 1.0,
        _ => {
            let term = |k: i32| {
                let sign = if k % 2 == 1 { 1.0 } else { -1.0 };
                sign * libm::exp(-2.0 * f64::from(k * k) * z * z)
            };
            (2.0 * (1..=32).map(term).sum::<f64>()).clamp(0.0, 1.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::StreamConfig;
    use crate::window::Tumbling;
    use spate_shared::batch::{Batch, Column, Values};
    use spate_shared::schema::{Field, FieldType, Schema, TimeField, TimeSource};
    use spate_shared::time::MINUTE;

    #[test]
    fn distance_is_0_for_the_same_values_and_1_for_values_apart() {
        let values: Vec<f64> = (0..50).map(f64::from).collect();
        assert_eq!(change(&values, &values).distance, 0.0);
        assert!(change(&values, &values).chance > 0.999);
        let apart = change(&values, &[100.0; 20]);
        assert_eq!(apart.distance, 1.0);
        assert!(apart.chance < 1e-10, "{}", apart.chance);
        assert!(change(&values, &[]).distance.is_nan());
    }

    #[test]
    fn chance_agrees_with_the_published_table() {
        // Critical values of Kolmogorov's distribution.
        for (z, p) in [(1.22, 0.10), (1.36, 0.05), (1.63, 0.01)] {
            assert!((tail(z) - p).abs() < 0.002, "{z}: {}", tail(z));
        }
    }

    #[test]
    fn a_wider_spread_is_a_change_though_the_mean_stays() {
        let calm: Vec<f64> = (0..203).map(|i| f64::from(i % 7)).collect();
        let wild: Vec<f64> = (0..203).map(|i| 3.0 + 20.0 * (f64::from(i % 7) - 3.0)).collect();
        let found = change(&calm, &wild);
        assert!((found.before.mean - found.during.mean).abs() < 0.2);
        assert!(found.distance > 0.3 && found.chance < UNCLEAR, "{found:?}");
    }

    #[test]
    fn the_series_that_changed_most_comes_first_and_silent_ones_are_left_out() {
        let time = TimeField { name: "t".into(), source: TimeSource::Event };
        let field = |name: &str| Field::new(name, FieldType::F64);
        let schema = Schema::new(time, vec![field("steady"), field("jumps"), field("shifts")]);
        let mut engine = Engine::new();
        let stream = engine.open("s", schema, StreamConfig::new(Tumbling::aligned(MINUTE)));
        let wave = |i: i64| (i * 7_919 % 13) as f64;
        let column = |of: fn(i64, f64) -> f64| Column {
            values: Values::F64((0..500).map(|i| of(i, wave(i))).collect()),
            validity: None,
        };
        let columns = vec![
            column(|_, wave| wave),
            column(|i, wave| if i >= 400 { wave + 100.0 } else { wave }),
            column(|i, wave| if i >= 400 { wave + 4.0 } else { wave }),
        ];
        engine.push(stream, &Batch { times: (0..500).collect(), columns }, 0);
        let order: Vec<_> = rank(&engine, 400, 500).iter().map(|ranked| ranked.series.series).collect();
        assert_eq!(order, [1, 2, 0]);
        assert!(rank(&engine, 900, 1_000).is_empty());
    }
}
