//! The scoring rule of the Numenta Anomaly Benchmark: early detections earn, false ones cost, one level for all series.
//!
//! A row whose evidence reaches the level is a detection. Each labelled window earns what its earliest detection
//! earns, or costs a miss; each detection outside windows costs, less so shortly after a window. 0 is what silence
//! gets, 100 what a detection at the first row of every window and nowhere else gets.
//!
//! # Source
//! A. Lavin and S. Ahmad, "Evaluating Real-Time Anomaly Detection Algorithms: the Numenta Anomaly Benchmark", ICMLA 2015.

use super::Labelled;

/// What errors cost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Profile {
    /// For people.
    pub name: &'static str,
    /// Cost of a detection far from any window.
    pub false_alert: f64,
    /// Cost of a window without a detection.
    pub miss: f64,
}

/// The three profiles of the public board; the first is the one that is quoted.
pub const PROFILES: [Profile; 3] = [
    Profile { name: "Standard", false_alert: 0.11, miss: 1.0 },
    Profile { name: "low FP", false_alert: 0.22, miss: 1.0 },
    Profile { name: "low FN", false_alert: 0.11, miss: 2.0 },
];

/// What one row can change.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Stake {
    /// Outside windows: what a detection costs, negative, in units of [`Profile::false_alert`].
    Outside(f64),
    /// Inside: the window, counted over the whole corpus, and what a detection earns.
    Inside(usize, f64),
}

/// The rows of a corpus with the evidence a detector gave each; feed it series by series.
#[derive(Debug, Clone, Default)]
pub struct Corpus {
    rows: Vec<(f64, Stake)>,
    windows: usize,
}

/// A score and the level it was reached at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Optimum {
    /// The evidence a detection needs; infinite when silence is best.
    pub level: f64,
    /// The score there.
    pub score: f64,
}

impl Corpus {
    /// Adds a series with the evidence for each of its rows; NaN is none.
    pub fn add(&mut self, series: &Labelled, evidence: &[f64]) {
        // The first 15 % of rows, but no more than 750, are for learning.
        let probation = (series.times.len() * 3 / 20).min(750);
        for (row, evidence) in evidence.iter().enumerate().skip(probation) {
            if !evidence.is_nan() {
                self.rows.push((*evidence, self.stake(series, row)));
            }
        }
        self.windows += series.windows.len();
    }

    fn stake(&self, series: &Labelled, row: usize) -> Stake {
        let before = series.windows.partition_point(|(first, _)| *first <= row);
        let Some((first, last)) = before.checked_sub(1).map(|window| series.windows[window]) else {
            return Stake::Outside(-1.0);
        };
        let width = (last - first + 1) as f64;
        if row <= last {
            let position = -((last - row + 1) as f64) / width;
            return Stake::Inside(self.windows + before - 1, sigmoid(position) / sigmoid(-1.0));
        }
        let position = (row - last) as f64 / (width - 1.0);
        Stake::Outside(if position > 3.0 { -1.0 } else { sigmoid(position) })
    }

    /// Labelled windows.
    pub fn windows(&self) -> usize {
        self.windows
    }

    /// The score when rows with at least this evidence are detections.
    pub fn score(&self, level: f64, profile: &Profile) -> f64 {
        let detections = self.rows.iter().filter(|(evidence, _)| *evidence >= level);
        let mut tally = Tally::new(self.windows, profile);
        detections.for_each(|(_, stake)| tally.take(*stake));
        tally.score()
    }

    /// The best score of any level, as the public board quotes it.
    pub fn optimum(&self, profile: &Profile) -> Optimum {
        let mut rows = self.rows.clone();
        rows.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let mut tally = Tally::new(self.windows, profile);
        let mut best = Optimum { level: f64::INFINITY, score: tally.score() };
        for tie in rows.chunk_by(|(a, _), (b, _)| a == b) {
            for (_, stake) in tie {
                tally.take(*stake);
            }
            if tally.score() > best.score {
                best = Optimum { level: tie[0].0, score: tally.score() };
            }
        }
        best
    }
}

/// The raw score of a growing set of detections.
struct Tally<'a> {
    profile: &'a Profile,
    /// What each window earns so far.
    earned: Vec<Option<f64>>,
    raw: f64,
}

impl<'a> Tally<'a> {
    fn new(windows: usize, profile: &'a Profile) -> Self {
        Self { profile, earned: vec![None; windows], raw: -profile.miss * windows as f64 }
    }

    fn take(&mut self, stake: Stake) {
        match stake {
            Stake::Outside(cost) => self.raw += self.profile.false_alert * cost,
            Stake::Inside(window, earns) => {
                let so_far = self.earned[window].unwrap_or(-self.profile.miss);
                if earns > so_far {
                    self.raw += earns - so_far;
                    self.earned[window] = Some(earns);
                }
            }
        }
    }

    fn score(&self) -> f64 {
        let windows = self.earned.len() as f64;
        let silent = self.profile.miss * windows;
        100.0 * (self.raw + silent) / (windows + silent)
    }
}

/// 1 long before, 0 at, and -1 long after the end of a window.
fn sigmoid(position: f64) -> f64 {
    2.0 / (1.0 + libm::exp(5.0 * position)) - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 100 rows, windows at 40..=49 and 70..=79; detections at these rows.
    fn check(rows: &[usize]) -> [f64; 3] {
        let labelled = Labelled::new((0..100).collect(), vec![0.0; 100], &[(40, 49), (70, 79)]);
        let evidence: Vec<f64> = (0..100).map(|row| if rows.contains(&row) { 1.0 } else { 0.0 }).collect();
        let mut corpus = Corpus::default();
        corpus.add(&labelled.expect("windows with rows"), &evidence);
        PROFILES.map(|profile| corpus.score(0.5, &profile))
    }

    fn assert_close(got: [f64; 3], expect: [f64; 3]) {
        for (got, expect) in got.iter().zip(expect) {
            assert!((got - expect).abs() < 1e-9, "{got} is not {expect}");
        }
    }

    #[test]
    fn silence_gets_0_and_perfection_100() {
        assert_close(check(&[]), [0.0; 3]);
        assert_close(check(&[40, 70]), [100.0; 3]);
    }

    #[test]
    fn only_the_earliest_detection_of_a_window_counts() {
        assert_close(check(&[40, 41, 49, 70, 75]), [100.0; 3]);
    }

    #[test]
    fn a_late_detection_earns_less() {
        // Row 49 is p = -1/10: sigma = 2/(1+e^-0.5) - 1 = 0.244918662, over sigma(-1) = 0.986614298.
        let earned = 0.244_918_662_403_709_13 / 0.986_614_298_151_430_3;
        let standard = 100.0 * (1.0 + earned) / 4.0;
        assert_close(check(&[49]), [standard, standard, 100.0 * (2.0 + earned) / 6.0]);
    }

    #[test]
    fn a_false_alert_costs_all_before_any_window_and_less_shortly_after_one() {
        assert_close(check(&[30, 40, 70]), [100.0 - 11.0 / 4.0, 100.0 - 22.0 / 4.0, 100.0 - 11.0 / 6.0]);
        // Row 58 is p = 9/9 after the window's end: 0.986614298.
        let part = 0.986_614_298_151_430_3;
        assert_close(
            check(&[40, 58, 70]),
            [100.0 - 11.0 * part / 4.0, 100.0 - 22.0 * part / 4.0, 100.0 - 11.0 * part / 6.0],
        );
    }

    #[test]
    fn rows_of_the_first_15_per_cent_are_not_looked_at() {
        assert_close(check(&[0, 5, 14]), [0.0; 3]);
        assert!(check(&[15])[0] < 0.0);
    }

    #[test]
    fn the_optimum_is_the_best_of_all_levels() {
        let labelled = Labelled::new((0..100).collect(), vec![0.0; 100], &[(40, 49), (70, 79)]);
        let labelled = labelled.expect("windows with rows");
        let evidence: Vec<f64> = (0..100).map(|row| f64::from(row * 37 % 101 % 23)).collect();
        let mut corpus = Corpus::default();
        corpus.add(&labelled, &evidence);
        for profile in PROFILES {
            let by_trial = (0..=23).map(|level| corpus.score(f64::from(level), &profile)).fold(0.0, f64::max);
            let optimum = corpus.optimum(&profile);
            assert!((optimum.score - by_trial).abs() < 1e-9);
            assert!((corpus.score(optimum.level, &profile) - optimum.score).abs() < 1e-9);
        }
    }
}
