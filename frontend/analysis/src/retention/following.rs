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
    /// In time order, with the nearest point before the range, and maybe more that have left it.
    pub points: &'a [Point],
    /// The nearest point after.
    pub after: Option<Point>,
    /// Largest score of each column that has one; maybe some that have left the range.
    pub scores: &'a [ScoreSample],
    /// What of the points, and of the scores, was there the last time.
    pub same: [Same; 2],
}

/// What of a list was in it the last time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Same {
    /// So many went from its front.
    pub gone: usize,
    /// So many behind those are as they were.
    pub kept: usize,
}

impl Same {
    /// Brings a copy of the list up to date; each item is copied by `copy`.
    pub fn follow<T, C>(self, copies: &mut Vec<C>, list: &[T], copy: impl Fn(&T) -> C) {
        let known = if self.gone + self.kept <= copies.len() { self } else { Self::default() };
        copies.truncate(known.gone + known.kept);
        copies.drain(..known.gone);
        copies.extend(list[known.kept..].iter().map(copy));
    }
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
            return self.followed(None, [Same::default(); 2]);
        };
        let goes_on = self.nanos == nanos
            && self.inserted_earlier == of.inserted_earlier
            && (self.range.0..=self.range.1).contains(&from)
            && self.range.1 < to;
        let mut same = [Same::default(); 2];
        if goes_on {
            same = self.keep(from);
        } else {
            self.sampled.points.clear();
            self.sampled.scores.clear();
            self.sampled.points.push(before);
            self.range.1 = from;
        }
        of.sample_points((self.range.1, to), Columns::new(self.range.1, nanos), &mut self.sampled);
        let latest = of.last().map_or(from, |last| last.time);
        let open = latest.saturating_sub(latest.rem_euclid(width)).min(to.saturating_sub(width));
        // While the latest point is before the range, the next one may be the nearest before it.
        self.nanos = if open < from { 0 } else { nanos };
        (self.range, self.inserted_earlier) = ((from, open), of.inserted_earlier);
        self.followed(of.after(to.saturating_sub(1)), same)
    }

    fn followed(&self, after: Option<Point>, same: [Same; 2]) -> Followed<'_> {
        let Sampled { points, scores } = &self.sampled;
        Followed { points, after, scores, same }
    }

    /// Drops what may have changed, and what has left the range, but for the last of it, once that is half of all.
    fn keep(&mut self, from: Nanos) -> [Same; 2] {
        let Sampled { points, scores } = &mut self.sampled;
        points.truncate(points.partition_point(|point| point.time < self.range.1));
        scores.truncate(scores.partition_point(|score| score.time < self.range.1));
        let mut gone = [0, 0];
        let left = points.partition_point(|point| point.time < from);
        if left > points.len() / 2 {
            gone = [left.saturating_sub(1), scores.partition_point(|score| score.time < from)];
            points.drain(..gone[0]);
            scores.drain(..gone[1]);
        }
        [Same { gone: gone[0], kept: points.len() }, Same { gone: gone[1], kept: scores.len() }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Bits = (Nanos, u64);

    fn of_point(point: &Point) -> Bits {
        (point.time, point.value.to_bits())
    }

    fn of_score(score: &ScoreSample) -> Bits {
        (score.time, score.score.to_bits().into())
    }

    /// What is in the range that begins in this column, and the point before.
    fn bits(followed: Followed<'_>, from: Nanos) -> Vec<Bits> {
        let first = followed.points.partition_point(|point| point.time < from).saturating_sub(1);
        let scores = followed.scores.iter().filter(|score| score.time >= from);
        followed.points[first..]
            .iter()
            .chain(&followed.after)
            .map(of_point)
            .chain(scores.map(of_score))
            .collect()
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
            let mut copies = [Vec::new(), Vec::new()];
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
                let nanos = column_nanos(end - width, end, columns) as Nanos;
                let from = (end - width).div_euclid(nanos) * nanos;
                let went_on = following.follow(&retention, end - width, end, columns);
                let fresh = bits(Following::default().follow(&retention, end - width, end, columns), from);
                prop_assert_eq!(bits(went_on, from), fresh);
                went_on.same[0].follow(&mut copies[0], went_on.points, of_point);
                went_on.same[1].follow(&mut copies[1], went_on.scores, of_score);
                prop_assert_eq!(&copies[0], &went_on.points.iter().map(of_point).collect::<Vec<_>>());
                prop_assert_eq!(&copies[1], &went_on.scores.iter().map(of_score).collect::<Vec<_>>());
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
