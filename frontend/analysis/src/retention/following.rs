//! Decimation that follows a moving range: what was decimated before is kept, and only what is new is read.
//!
//! Its columns are parts of time that do not move with the range, so a column that is full stays as it is, and lines do not
//! shimmer as they go by.

use spate_shared::time::Nanos;

use super::sample::{Columns, Sampled, ScoreSample, column_nanos};
use super::{Point, Retention};

/// What was decimated of one series, for the next look at it.
#[derive(Debug, Clone, Default)]
pub struct Following {
    /// In time order; what has left the range goes first, a lot at a time.
    sampled: Sampled,
    /// Nanoseconds of a column; 0 when nothing is kept.
    nanos: u64,
    /// Where the first column starts, and the first that may still change.
    range: (Nanos, Nanos),
    /// [`Retention::inserted_earlier`] of the series.
    inserted_earlier: u64,
}

/// What a chart of one series needs, as in [`Sampled`].
#[derive(Debug, Clone, Copy)]
pub struct Followed<'a> {
    /// The nearest point before.
    pub before: Option<Point>,
    /// In time order.
    pub points: &'a [Point],
    /// The nearest point after.
    pub after: Option<Point>,
    /// Largest score of each column that has one.
    pub scores: &'a [ScoreSample],
}

impl Following {
    /// Decimates a series in `[start, end)`, and up to a column more on either side, to about `columns` pixel columns.
    ///
    /// It must have followed no other series.
    ///
    /// Cost: that of [`Retention::sample`] for the columns that are new or may have changed since the last call, when the
    /// range is as wide as it was, no point came out of order, and all of it is held as points.
    pub fn follow(&mut self, of: &Retention, start: Nanos, end: Nanos, columns: usize) -> Followed<'_> {
        let nanos = column_nanos(start, end, columns);
        let width = Nanos::try_from(nanos).unwrap_or(Nanos::MAX);
        let from = start.saturating_sub(start.rem_euclid(width));
        let to = end.saturating_add((-i128::from(end)).rem_euclid(i128::from(width)) as Nanos);
        let Some(before) = of.at_or_before(from.saturating_sub(1)) else {
            self.nanos = 0;
            self.sampled = of.sample(start, end, columns);
            let Sampled { points, scores } = &self.sampled;
            return Followed { before: None, points, after: None, scores };
        };
        let goes_on = self.nanos == nanos
            && self.inserted_earlier == of.inserted_earlier
            && (self.range.0..=self.range.1).contains(&from)
            && self.range.1 < to;
        if goes_on {
            self.keep(from);
        } else {
            self.sampled.points.clear();
            self.sampled.scores.clear();
            self.range.1 = from;
        }
        of.sample_points((self.range.1, to), Columns::new(self.range.1, nanos), &mut self.sampled);
        let latest = of.last().map_or(from, |last| last.time);
        let open = latest.saturating_sub(latest.rem_euclid(width)).min(to.saturating_sub(width)).max(from);
        (self.nanos, self.range, self.inserted_earlier) = (nanos, (from, open), of.inserted_earlier);
        let Sampled { points, scores } = &self.sampled;
        Followed {
            before: Some(before),
            points: &points[points.partition_point(|point| point.time < from)..],
            after: of.after(to.saturating_sub(1)),
            scores: &scores[scores.partition_point(|score| score.time < from)..],
        }
    }

    /// Drops what may have changed, and what has left the range once that is half of all.
    fn keep(&mut self, from: Nanos) {
        let Sampled { points, scores } = &mut self.sampled;
        points.truncate(points.partition_point(|point| point.time < self.range.1));
        scores.truncate(scores.partition_point(|score| score.time < self.range.1));
        let gone = points.partition_point(|point| point.time < from);
        if gone > points.len() / 2 {
            points.drain(..gone);
            scores.drain(..scores.partition_point(|score| score.time < from));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bits(followed: Followed<'_>) -> Vec<(Nanos, u64)> {
        let points = followed.before.iter().chain(followed.points).chain(&followed.after);
        let points = points.map(|point| (point.time, point.value.to_bits()));
        points.chain(followed.scores.iter().map(|score| (score.time, score.score.to_bits().into()))).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn going_on_gives_what_a_fresh_look_gives(
            batches in proptest::collection::vec((1..60i64, -2..40i64, 0..20u8), 1..60),
            width in 1..3_000i64,
            behind in -300..300i64,
            columns in 1..80usize,
            budget in prop_oneof![Just(0usize), Just(usize::MAX)],
        ) {
            let mut retention = Retention::new(budget);
            let (mut following, mut time) = (Following::default(), 0);
            for (count, step, odd) in batches {
                for at in 0..count {
                    time += step.max(0);
                    let value = if odd == 0 && at == 3 { f64::NAN } else { ((time * 7_919) % 101) as f64 };
                    let late = if odd == 1 && at == 5 { time / 2 } else { time };
                    let score = (time % 13) as f32;
                    let (lower, upper, is_unusual) = (f32::NAN, f32::NAN, false);
                    retention.insert(Point { time: late, value, score, lower, upper, is_unusual });
                }
                // Sometimes the range stands still, or goes back.
                let end = if step < 0 { time / 3 } else { time - behind };
                let went_on = bits(following.follow(&retention, end - width, end, columns));
                let fresh = bits(Following::default().follow(&retention, end - width, end, columns));
                prop_assert_eq!(went_on, fresh);
            }
        }
    }

    #[test]
    fn every_extreme_of_the_range_is_kept() {
        let mut retention = Retention::new(usize::MAX);
        let mut following = Following::default();
        for time in 0..20_000 {
            let value = if time % 997 == 0 { 1e6 } else { (time % 10) as f64 };
            let (score, lower, upper) = (0.5, f32::NAN, f32::NAN);
            retention.insert(Point { time, value, score, lower, upper, is_unusual: false });
            if time > 6_000 && time % 10 == 0 {
                let followed = following.follow(&retention, time - 5_000, time, 100);
                let peaks = followed.points.iter().filter(|point| point.value == 1e6).count();
                assert!(peaks >= 5, "{peaks} at {time}");
            }
        }
    }
}
