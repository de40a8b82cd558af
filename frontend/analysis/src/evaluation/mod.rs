//! How good a detector is, on series whose anomalies are labelled.
//!
//! Alerts are judged by the scoring rule of the Numenta Anomaly Benchmark ([`nab`]), the continuous score by its average
//! precision ([`average_precision`]). Nothing here sees a detector: it sees what one said of every row.

pub mod nab;
mod precision;
mod runs;

pub use precision::average_precision;
pub use runs::Runs;

use spate_shared::time::Nanos;

/// A series and where its anomalies are.
#[derive(Debug, Clone, PartialEq)]
pub struct Labelled {
    /// Event time of each row; times may repeat or step back.
    pub times: Vec<Nanos>,
    /// Value of each row; NaN where there is none.
    pub values: Vec<f64>,
    /// First and last row of each labelled window, ascending.
    pub windows: Vec<(usize, usize)>,
}

impl Labelled {
    /// A series with windows given by the times of their first and last rows.
    ///
    /// # Errors
    /// The first window that holds no row.
    pub fn new(
        times: Vec<Nanos>,
        values: Vec<f64>,
        windows: &[(Nanos, Nanos)],
    ) -> Result<Self, (Nanos, Nanos)> {
        let rows = |window: &(Nanos, Nanos)| {
            let inside = |time: &Nanos| (window.0..=window.1).contains(time);
            times.iter().position(inside).zip(times.iter().rposition(inside)).ok_or(*window)
        };
        let mut windows = windows.iter().map(rows).collect::<Result<Vec<_>, _>>()?;
        windows.sort_unstable();
        Ok(Self { times, values, windows })
    }

    /// Whether a row lies in a window.
    pub fn is_anomalous(&self, row: usize) -> bool {
        self.windows.iter().any(|(first, last)| (*first..=*last).contains(&row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_take_in_repeated_times_and_a_step_back() {
        let times = vec![10, 20, 20, 30, 30, 20, 40];
        let labelled = Labelled::new(times.clone(), vec![0.0; 7], &[(40, 45), (20, 30)]);
        assert_eq!(labelled.map(|labelled| labelled.windows), Ok(vec![(1, 5), (6, 6)]));
        assert_eq!(Labelled::new(times, vec![0.0; 7], &[(31, 39)]), Err((31, 39)));
    }
}
