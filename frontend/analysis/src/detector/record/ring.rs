//! The latest values of a sequence, side by side in memory.

use serde::{Deserialize, Serialize};

use crate::detector::snapshot;

/// The last `N` values. Each is stored twice, `N` apart, so the latest are always one slice.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ring<const N: usize> {
    #[serde(with = "snapshot::twice")]
    twice: [[f64; N]; 2],
    /// Where the next value goes.
    at: usize,
    held: usize,
}

impl<const N: usize> Ring<N> {
    pub(super) fn new() -> Self {
        Self { twice: [[0.0; N]; 2], at: 0, held: 0 }
    }

    pub(super) fn push(&mut self, value: f64) {
        self.twice[0][self.at] = value;
        self.twice[1][self.at] = value;
        self.at = (self.at + 1) % N;
        self.held = (self.held + 1).min(N);
    }

    /// The values held, oldest first.
    pub(super) fn latest(&self) -> &[f64] {
        let end = N + self.at;
        &self.twice.as_flattened()[end - self.held..end]
    }

    /// The means of the latest values, for ascending lengths; of what there is while there are fewer.
    pub(super) fn means<const M: usize>(&self, lengths: [usize; M]) -> [f64; M] {
        let latest = self.latest();
        let (mut sum, mut summed) = (0.0, 0);
        lengths.map(|length| {
            let length = length.min(latest.len());
            sum += sum_of(&latest[latest.len() - length..latest.len() - summed]);
            summed = length;
            sum / length as f64
        })
    }

    /// The latest value minus the one `steps` before; NaN while there is none.
    pub(super) fn change(&self, steps: usize) -> f64 {
        match self.latest() {
            [.., latest] if steps < self.held => latest - self.latest()[self.held - 1 - steps],
            _ => f64::NAN,
        }
    }
}

/// Summed afresh each time, so that no large value leaves its rounding behind; four sums at once keep that cheap.
fn sum_of(values: &[f64]) -> f64 {
    let (fours, rest) = values.as_chunks::<4>();
    let mut sums = [0.0; 4];
    for four in fours {
        for (sum, value) in sums.iter_mut().zip(four) {
            *sum += value;
        }
    }
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest.iter().sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_and_changes_equal_those_of_the_whole_sequence() {
        let mut ring = Ring::<8>::new();
        let sequence: Vec<f64> = (0..40).map(|i| f64::from(i * i % 17)).collect();
        for end in 1..=sequence.len() {
            ring.push(sequence[end - 1]);
            let naive = |length: usize| {
                let tail = &sequence[end - length.min(end)..end];
                tail.iter().sum::<f64>() / tail.len() as f64
            };
            assert_eq!(ring.means([2, 5, 8]), [2, 5, 8].map(naive));
            let change = ring.change(7);
            match end.checked_sub(8) {
                Some(at) => assert_eq!(change, sequence[end - 1] - sequence[at]),
                None => assert!(change.is_nan()),
            }
        }
    }

    #[test]
    fn a_huge_value_leaves_no_trace_once_it_is_gone() {
        let mut ring = Ring::<4>::new();
        for value in [1.0, 1e300, 1.0, 1.0, 1.0, 1.0] {
            ring.push(value);
        }
        assert_eq!(ring.means([4]), [1.0]);
    }
}
