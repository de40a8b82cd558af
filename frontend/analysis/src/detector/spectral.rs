//! Spectral residual: what stands out of the latest values once all that their spectrum explains is taken away.
//!
//! The log amplitudes of the latest 64 values are compared with their own running mean; what is left, turned back into
//! time, is saliency. The latest value is unusual when its saliency is large beside that of the values before.
//!
//! # Source
//! H. Ren et al., "Time-Series Anomaly Detection Service at Microsoft", KDD 2019.

use std::collections::VecDeque;
use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

use super::ranked::{Ranked, Statistic};
use super::robust_z::LEVEL;
use super::{DetectorKind, Input, Reason};

pub(super) const KIND: DetectorKind = DetectorKind {
    name: "spectral-residual",
    doc: "Spectral residual: sudden values in fast, regular series of any short rhythm. Blind to slow changes.",
    parameters: &[LEVEL],
    texts: &[],
    is_multivariate: false,
    most_bytes: 12 << 10,
    build: |settings| Box::new(Ranked::new(settings.get(&LEVEL), Spectral::new())),
};

/// Values looked at, and how many of them are made up: the last value would lie on the edge without them.
const POINTS: usize = 64;
const MADE_UP: usize = 5;
const HELD: usize = POINTS - MADE_UP;
/// Amplitudes in a running mean, and saliencies in one.
const AMPLITUDES: usize = 3;
const SALIENCIES: usize = 21;
/// The least amplitude, in parts of their mean.
const LEAST_AMPLITUDE: f64 = 0.05;

#[derive(Debug, Serialize, Deserialize)]
struct Spectral {
    latest: VecDeque<f64>,
    /// Cosines and sines of the turns of the transform; follows from [`POINTS`].
    turns: Vec<(f64, f64)>,
}

impl Spectral {
    fn new() -> Self {
        let turn = |at: usize| TAU * at as f64 / POINTS as f64;
        let turns = (0..POINTS / 2).map(|at| (libm::cos(turn(at)), libm::sin(turn(at)))).collect();
        Self { latest: VecDeque::with_capacity(HELD), turns }
    }

    /// How far the saliency of the latest value exceeds the mean of those before, in parts of that mean.
    fn saliency(&self) -> f64 {
        let mean = self.latest.iter().sum::<f64>() / HELD as f64;
        let size = self.latest.iter().map(|value| (value - mean).abs()).fold(0.0, f64::max);
        if !(size.is_finite() && size > 0.0) {
            return 0.0;
        }
        let mut wave = [(0.0, 0.0); POINTS];
        for (at, value) in self.latest.iter().enumerate() {
            wave[at].0 = (value - mean) / size;
        }
        // The values go on as those before the latest have it, which is the one in question.
        let last = wave[HELD - 2].0;
        let slopes = (1..=MADE_UP).map(|back| (last - wave[HELD - 2 - back].0) / back as f64);
        let next = wave[HELD - 1 - MADE_UP].0 + slopes.sum::<f64>();
        wave[HELD..].fill((next, 0.0));
        self.transform(&mut wave);
        // Values are real, so the spectrum's upper half mirrors the lower one.
        let mirrored = |at: usize| at.min(POINTS - at);
        let mut amplitudes = [0.0; POINTS / 2 + 1];
        for (amplitude, (re, im)) in amplitudes.iter_mut().zip(wave) {
            *amplitude = (re * re + im * im).sqrt();
        }
        // What is absent up to rounding is not told apart from what is merely small.
        let sum: f64 = (0..POINTS).map(|at| amplitudes[mirrored(at)]).sum();
        let least = LEAST_AMPLITUDE * sum / POINTS as f64;
        for amplitude in &mut amplitudes {
            *amplitude = amplitude.max(least);
        }
        let logs = amplitudes.map(libm::log);
        for (at, (re, im)) in wave.iter_mut().enumerate() {
            let around = (0..AMPLITUDES).map(|back| logs[mirrored((at + POINTS - back) % POINTS)]);
            // exp(log amplitude - mean) / amplitude.
            let residual = libm::exp(-around.sum::<f64>() / AMPLITUDES as f64);
            // Backwards is forwards with the sign of the imaginary part changed.
            (*re, *im) = (*re * residual, -*im * residual);
        }
        self.transform(&mut wave);
        let salient = |at: usize| (wave[at].0 * wave[at].0 + wave[at].1 * wave[at].1).sqrt();
        let before = (1..=SALIENCIES).map(|back| salient(HELD - 1 - back)).sum::<f64>() / SALIENCIES as f64;
        (salient(HELD - 1) / before.max(1e-9) - 1.0).max(0.0)
    }

    /// The discrete Fourier transform in place, by J. W. Cooley and J. W. Tukey, 1965.
    fn transform(&self, wave: &mut [(f64, f64); POINTS]) {
        let bits = POINTS.trailing_zeros();
        for at in 0..POINTS {
            let other = at.reverse_bits() >> (usize::BITS - bits);
            if at < other {
                wave.swap(at, other);
            }
        }
        let mut half = 1;
        while half < POINTS {
            for pair in wave.chunks_exact_mut(2 * half) {
                let (low, high) = pair.split_at_mut(half);
                for (at, (a, b)) in low.iter_mut().zip(high).enumerate() {
                    let (cos, sin) = self.turns[at * (POINTS / 2 / half)];
                    let turned = (b.0 * cos + b.1 * sin, b.1 * cos - b.0 * sin);
                    *b = (a.0 - turned.0, a.1 - turned.1);
                    *a = (a.0 + turned.0, a.1 + turned.1);
                }
            }
            half *= 2;
        }
    }
}

impl Statistic for Spectral {
    fn observe(&mut self, input: Input<'_>) -> Option<(f64, Reason)> {
        if self.latest.len() == HELD {
            self.latest.pop_front();
        }
        self.latest.push_back(input.value());
        (self.latest.len() == HELD).then(|| {
            let times = self.saliency();
            (times, Reason::Salient { times, events: HELD as u32 })
        })
    }

    fn warm_up(&self) -> u32 {
        // The value that fills the window is the first with a statistic.
        (HELD - 1).saturating_sub(self.latest.len()) as u32
    }

    fn heap_bytes(&self) -> usize {
        self.latest.capacity() * size_of::<f64>() + self.turns.capacity() * size_of::<(f64, f64)>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_transform_is_the_sum_it_stands_for() {
        let spectral = Spectral::new();
        let values: Vec<f64> = (0..POINTS).map(|at| (at * at % 17) as f64).collect();
        let mut wave = std::array::from_fn(|at| (values[at], 0.0));
        spectral.transform(&mut wave);
        for (frequency, (re, im)) in wave.iter().enumerate() {
            let turn = |at: usize| TAU * (at * frequency) as f64 / POINTS as f64;
            let expect: f64 = values.iter().enumerate().map(|(at, value)| value * turn(at).cos()).sum();
            let expect_im: f64 = values.iter().enumerate().map(|(at, value)| -value * turn(at).sin()).sum();
            assert!((re - expect).abs() < 1e-9 && (im - expect_im).abs() < 1e-9, "{frequency}");
        }
    }

    #[test]
    fn a_spike_in_a_fast_wave_is_the_most_salient() {
        let mut spectral = Spectral::new();
        let mut best = (0.0, 0);
        for row in 0..1_000 {
            let noise = 0.1 * f64::from(row * row % 101) / 101.0;
            let value = libm::sin(f64::from(row) * 0.9) + noise + if row == 700 { 3.0 } else { 0.0 };
            let input = Input { time: 0, values: &[value], learns: true };
            if let Some((statistic, _)) = spectral.observe(input)
                && statistic > best.0
            {
                best = (statistic, row);
            }
        }
        assert_eq!(best.1, 700);
    }
}
