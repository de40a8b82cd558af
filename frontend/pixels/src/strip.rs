//! How unusual each pixel column is.

use crate::map::Map;

/// A score holds until the next one, but no longer than about this many mean distances.
const HOLD: f64 = 2.0;

/// How unusual a value is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScorePoint {
    /// Event time.
    pub t: i64,
    /// Calibrated probability in `0.0..=1.0` that the value is unusual.
    pub score: f64,
}

/// Pixels that a score holds at the most: a power of two, so that it seldom changes as scores come and go.
pub fn hold(scores: &[ScorePoint], map: &Map) -> f64 {
    let [first, .., last] = scores else { return 1.0 };
    let hold = (map.x(last.t) - map.x(first.t)) / (scores.len() - 1) as f64 * HOLD;
    // A float without its fraction is the power of two below it.
    f64::from_bits((hold.max(1.0) * std::f64::consts::SQRT_2).to_bits() >> 52 << 52)
}

/// Raises each column to the greatest score that holds in it.
#[inline(never)]
pub fn raise(columns: &mut [f64], scores: &[ScorePoint], map: &Map, hold: f64) {
    let mut rest = scores;
    let mut x = scores.first().map_or(0.0, |first| map.x(first.t));
    while let Some((point, after)) = rest.split_first() {
        let start = x.floor();
        x = after.first().map_or(start + hold / HOLD, |next| map.x(next.t));
        let end = x.min(start + hold).max(start + 1.0);
        // Casts saturate, so what lies outside the plot becomes an empty range or none.
        let end = (end.ceil() as usize).min(columns.len());
        for greatest in columns.get_mut(start as usize..end).into_iter().flatten() {
            *greatest = if point.score > *greatest { point.score } else { *greatest };
        }
        rest = after;
    }
}
