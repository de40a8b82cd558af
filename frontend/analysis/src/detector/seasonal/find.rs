//! Finds the season of a series: the lag after which it resembles itself.

/// Lags looked at.
const SHORTEST: usize = 3;
pub(super) const LONGEST: usize = 512;
/// The least correlation at the season, and the least rise to it from the lowest at a shorter lag.
const CORRELATION: f64 = 0.3;
const RISE: f64 = 0.3;
/// The first lags with this part of the best correlation are the season; the best may be a multiple of it.
const NEARLY: f64 = 0.9;

/// Events in a season of evenly spaced values; `None` when they have no clear one.
///
/// A lag is a season when the autocorrelation peaks there, high enough, and well above the valley before it, which a
/// trend or a random walk does not have.
pub(super) fn season(values: &[f64]) -> Option<usize> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let centered: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let size: f64 = centered.iter().map(|value| value * value).sum();
    if !(size.is_finite() && size > 0.0) {
        return None;
    }
    let correlation = |lag: usize| {
        let per_pair = values.len() as f64 / (values.len() - lag) as f64;
        product(&centered[..centered.len() - lag], &centered[lag..]) / size * per_pair
    };
    let longest = LONGEST.min(values.len() / 2);
    let correlations: Vec<f64> = (1..=longest + 1).map(correlation).collect();
    let (mut valley, mut peaks) = (f64::INFINITY, Vec::new());
    for (around, lag) in correlations.windows(3).zip(2..) {
        valley = around[0].min(valley);
        let is_peak = around[1] > around[0] && around[1] >= around[2];
        if lag >= SHORTEST && is_peak && around[1] >= CORRELATION && around[1] - valley >= RISE {
            peaks.push((lag, around[1]));
        }
    }
    let best = peaks.iter().map(|(_, height)| *height).fold(0.0, f64::max);
    let (first, _) = *peaks.iter().find(|(_, height)| *height >= NEARLY * best)?;
    // Noise makes many small peaks of a broad one; multiples begin at twice the season.
    let of_broad = peaks.iter().filter(|(lag, _)| (first..first + first / 2).contains(lag));
    of_broad.max_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(lag, _)| *lag)
}

/// The sum of products of two equally long sequences: eight sums at once, which the compiler may not make of one.
fn product(a: &[f64], b: &[f64]) -> f64 {
    let (a, rest_a) = a.as_chunks::<8>();
    let (b, rest_b) = b.as_chunks::<8>();
    let mut sums = [0.0; 8];
    for (a, b) in a.iter().zip(b) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let rest: f64 = rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Evenly spread over the unit interval, and without memory.
    fn noise(i: usize) -> f64 {
        let mixed = (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed >> 11) as f64 / (1u64 << 53) as f64
    }

    fn check(value: impl Fn(usize) -> f64) -> Option<usize> {
        season(&(0..1_024).map(value).collect::<Vec<_>>())
    }

    #[test]
    fn the_season_is_found_under_noise() {
        for period in [7usize, 24, 60, 144, 288] {
            let wave = |i: usize| libm::sin(i as f64 * std::f64::consts::TAU / period as f64) + noise(i);
            let found = check(wave).unwrap_or(0);
            assert!(found.abs_diff(period) <= period / 20, "{found} is not {period}");
            let pulse = |i: usize| if i.is_multiple_of(period) { 20.0 } else { noise(i) };
            assert_eq!(check(pulse), Some(period));
        }
    }

    #[test]
    fn what_has_no_season_gets_none() {
        assert_eq!(check(noise), None);
        assert_eq!(check(|i| i as f64), None);
        assert_eq!(check(|_| 5.0), None);
        assert_eq!(check(|i| if i % 3 == 0 { 1e300 } else { -1e300 }), None);
    }
}
