//! Series on top of each other.

use crate::data::{Series, Side};
use crate::panel::painter::visible;

/// Moments a pixel may have; more would not be seen.
const MOMENTS_PER_PIXEL: f64 = 4.0;

/// One series' part of a stack at one moment; not finite where the series has no value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Layer {
    pub(super) t: i64,
    pub(super) low: f64,
    pub(super) high: f64,
}

/// The layers of every series, in their order, the first at the bottom; series of either side stand on their own.
///
/// All layers have the same moments: those of all series, in which the others are interpolated. A missing value and a
/// known gap add nothing.
pub(super) fn layers(series: &[Series], range: (i64, i64), width_px: u32) -> Vec<Vec<Layer>> {
    let moments = moments(series, range, width_px);
    let mut sums = [vec![0.0; moments.len()], vec![0.0; moments.len()]];
    series
        .iter()
        .map(|series| {
            let sums = &mut sums[usize::from(series.side == Side::Right)];
            let values = values_at(series, range, &moments);
            moments
                .iter()
                .zip(values)
                .zip(sums)
                .map(|((&t, value), sum)| {
                    let low = *sum;
                    if value.is_finite() {
                        *sum += value;
                    }
                    Layer { t, low, high: if value.is_finite() { *sum } else { f64::NAN } }
                })
                .collect()
        })
        .collect()
}

fn moments(series: &[Series], range: (i64, i64), width_px: u32) -> Vec<i64> {
    let seen = |series: &Series| visible(&series.points, range, |point| point.t).to_vec();
    let mut moments: Vec<i64> = series.iter().flat_map(seen).map(|point| point.t).collect();
    moments.sort_unstable();
    moments.dedup();
    let most = f64::from(width_px) * MOMENTS_PER_PIXEL;
    let span = range.1.abs_diff(range.0) as f64;
    let pitch = if moments.len() as f64 > most { (span / most) as u64 } else { 0 };
    let mut kept: Option<i64> = None;
    moments.retain(|&t| {
        let keeps = kept.is_none_or(|last| t.abs_diff(last) > pitch);
        if keeps {
            kept = Some(t);
        }
        keeps
    });
    moments
}

/// The series' values at sorted moments, interpolated; not finite outside it, in gaps and beside missing values.
fn values_at(series: &Series, range: (i64, i64), moments: &[i64]) -> Vec<f64> {
    let points = visible(&series.points, range, |point| point.t);
    let mut next = 0;
    moments
        .iter()
        .map(|&t| {
            while points.get(next).is_some_and(|point| point.t < t) {
                next += 1;
            }
            let after = points.get(next);
            match (next.checked_sub(1).and_then(|index| points.get(index)), after) {
                (_, Some(after)) if after.t == t => after.v,
                (Some(before), Some(after)) => {
                    let crosses = series.gaps.iter().any(|gap| gap.0 < after.t && gap.1 > before.t);
                    let part = t.abs_diff(before.t) as f64 / after.t.abs_diff(before.t).max(1) as f64;
                    if crosses { f64::NAN } else { before.v + (after.v - before.v) * part }
                }
                _ => f64::NAN,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Point;

    fn series(points: &[(i64, f64)]) -> Series {
        Series { points: points.iter().map(|&(t, v)| Point { t, v }).collect(), ..Series::default() }
    }

    fn tops(series: &[Series]) -> Vec<Vec<f64>> {
        let layers = layers(series, (0, 100), 100);
        layers.iter().map(|layers| layers.iter().map(|layer| layer.high).collect()).collect()
    }

    #[test]
    fn each_series_stands_on_those_before_it_also_between_their_points() {
        let stacked = tops(&[series(&[(0, 1.0), (20, 3.0)]), series(&[(0, 10.0), (10, 10.0), (20, 10.0)])]);
        assert_eq!(stacked, [[1.0, 2.0, 3.0], [11.0, 12.0, 13.0]]);
    }

    #[test]
    fn what_is_missing_adds_nothing() {
        let stacked = tops(&[series(&[(0, 1.0), (10, f64::NAN)]), series(&[(0, 5.0), (10, 5.0)])]);
        assert!(stacked[0][1].is_nan());
        assert_eq!(stacked[1], [6.0, 5.0]);
    }

    #[test]
    fn a_known_gap_is_not_bridged() {
        let mut gapped = series(&[(0, 1.0), (30, 1.0)]);
        gapped.gaps = vec![(5, 25)];
        let stacked = tops(&[gapped, series(&[(0, 2.0), (10, 2.0), (30, 2.0)])]);
        assert_eq!(stacked[1], [3.0, 2.0, 3.0]);
    }
}
