//! The events of one series that are still held, in time order, and their decimation to pixel columns.
//!
//! Points live in chunks of about [`CHUNK_POINTS`]. Each chunk keeps a summary of itself and one of each block of 16 points,
//! so a column reads summaries of what lies in it whole, and points at its edges only. An event that arrives out of order is inserted at its place. Over the budget the
//! oldest chunk becomes part of roll-ups of a second, a minute, an hour, see [`RollUp`], which are drawn where there are no
//! points any more.

mod between;
mod chunk;
mod following;
mod sample;
mod sketch;
mod summary;
mod tiers;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use spate_shared::time::Nanos;

use chunk::Chunk;
pub use chunk::{CHUNK_POINTS, Point};
pub use following::{Followed, Following, Same};
pub use sample::{Sampled, ScoreSample};
use tiers::RollUps;
pub use tiers::{Coarse, RollUp, WIDTHS};

/// Bytes one point takes, its share of the chunk's bookkeeping included.
pub const POINT_BYTES: usize = 36;

/// One part in so many of the budget is for roll-ups.
const ROLL_UP_PART: usize = 8;

/// The held points of one series.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Retention {
    chunks: VecDeque<Chunk>,
    points: usize,
    max_points: usize,
    rolled: RollUps,
    trimmed: u64,
    /// How many points came out of order.
    #[serde(skip)]
    inserted_earlier: u64,
}

impl Retention {
    /// Holds at most `budget_bytes` of points and roll-ups, and at least two chunks and 64 roll-ups a tier.
    pub fn new(budget_bytes: usize) -> Self {
        let rolled = RollUps::default();
        let mut empty = Self {
            chunks: VecDeque::new(),
            points: 0,
            max_points: 0,
            rolled,
            trimmed: 0,
            inserted_earlier: 0,
        };
        empty.set_budget(budget_bytes);
        empty
    }

    /// Holds at most `budget_bytes` from now on, with the same least as [`Retention::new`].
    pub fn set_budget(&mut self, budget_bytes: usize) {
        let for_roll_ups = budget_bytes / ROLL_UP_PART;
        self.rolled.set_budget(for_roll_ups);
        self.max_points = ((budget_bytes - for_roll_ups) / POINT_BYTES).max(2 * CHUNK_POINTS);
        self.trim();
    }

    /// How many points are held.
    pub fn len(&self) -> usize {
        self.points
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.points == 0
    }

    /// How many points are in roll-ups instead, or nowhere any more, to stay within the budget.
    pub fn trimmed(&self) -> u64 {
        self.trimmed
    }

    /// How many values are in no roll-up any more either.
    pub fn dropped(&self) -> u64 {
        self.rolled.dropped()
    }

    /// The part of `[from, to)` that is answered from roll-ups; `None` when all of it is answered from points.
    pub fn coarse(&self, from: Nanos, to: Nanos) -> Option<Coarse> {
        self.rolled.coarse(from, to)
    }

    /// The last roll-up that starts at `time` or before.
    pub fn rolled_at(&self, time: Nanos) -> Option<RollUp> {
        self.rolled.at(time).copied()
    }

    /// The value that a part, 0 to 1, of the values of the last roll-up that starts at `time` or before does not exceed: within
    /// 6.3 % when the largest of them is at most 256 times the smallest.
    pub fn rolled_quantile_at(&self, time: Nanos, part: f64) -> Option<f64> {
        self.rolled.quantile_at(time, part)
    }

    /// First and last time of which there is a point.
    pub fn span(&self) -> Option<(Nanos, Nanos)> {
        Some((self.chunks.front()?.first_time(), self.chunks.back()?.last_time()))
    }

    /// Adds a point at its place in time; among equal times the later arrival comes last. Where earlier points have become
    /// roll-ups, so does a point of their time.
    ///
    /// Cost: constant when in order; otherwise a search over the chunks and a move within one.
    pub fn insert(&mut self, point: Point) {
        if self.trimmed > 0 && self.chunks.front().is_some_and(|first| point.time < first.first_time()) {
            self.rolled.take(point);
            self.trimmed += 1;
            return;
        }
        let in_order = self.chunks.back().is_none_or(|last| last.last_time() <= point.time);
        if in_order {
            if self.chunks.back().is_none_or(Chunk::is_full) {
                self.chunks.push_back(Chunk::default());
            }
            if let Some(last) = self.chunks.back_mut() {
                last.push(point);
            }
        } else {
            self.insert_earlier(point);
        }
        self.points += 1;
        self.trim();
    }

    fn trim(&mut self) {
        while self.points > self.max_points
            && let Some(oldest) = self.chunks.pop_front()
        {
            self.points -= oldest.len();
            self.trimmed += oldest.len() as u64;
            oldest.iter().for_each(|point| self.rolled.take(point));
        }
    }

    fn insert_earlier(&mut self, point: Point) {
        let after = self.chunks.partition_point(|chunk| chunk.first_time() <= point.time);
        let index = after.saturating_sub(1);
        let Some(chunk) = self.chunks.get_mut(index) else { return };
        self.inserted_earlier += 1;
        chunk.insert(point);
        if chunk.len() > 2 * CHUNK_POINTS {
            let tail = chunk.split_half();
            self.chunks.insert(index + 1, tail);
        }
    }

    /// The last point at or before `time`.
    pub fn at_or_before(&self, time: Nanos) -> Option<Point> {
        let after = self.chunks.partition_point(|chunk| chunk.first_time() <= time);
        self.chunks.get(after.checked_sub(1)?)?.at_or_before(time)
    }

    /// The first point after `time`.
    pub fn after(&self, time: Nanos) -> Option<Point> {
        let index = self.chunks.partition_point(|chunk| chunk.last_time() <= time);
        self.chunks.get(index)?.after(time)
    }

    /// The point nearest to `time`.
    pub fn nearest(&self, time: Nanos) -> Option<Point> {
        match (self.at_or_before(time), self.after(time)) {
            (Some(before), Some(after)) => {
                let closer = time.abs_diff(before.time) <= time.abs_diff(after.time);
                Some(if closer { before } else { after })
            }
            (before, after) => before.or(after),
        }
    }

    /// The latest point.
    pub fn last(&self) -> Option<Point> {
        self.chunks.back().and_then(Chunk::last)
    }

    /// All points in time order.
    pub fn iter(&self) -> impl Iterator<Item = Point> + '_ {
        self.chunks.iter().flat_map(Chunk::iter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn point(time: Nanos, value: f64) -> Point {
        Point { time, value, score: f32::NAN, lower: f32::NAN, upper: f32::NAN, is_unusual: false }
    }

    proptest! {
        #[test]
        fn points_in_any_order_are_held_in_time_order(times in proptest::collection::vec(-500..500i64, 0..3_000)) {
            let mut retention = Retention::new(usize::MAX);
            let mut expected: Vec<(i64, f64)> = Vec::new();
            for (value, time) in times.iter().enumerate() {
                retention.insert(point(*time, value as f64));
                expected.push((*time, value as f64));
            }
            expected.sort_by_key(|(time, _)| *time);
            let held: Vec<_> = retention.iter().map(|point| (point.time, point.value)).collect();
            prop_assert_eq!(&held, &expected);
            for time in [-600, -3, 0, 7, 600] {
                let before = expected.iter().rfind(|(at, _)| *at <= time).copied();
                prop_assert_eq!(retention.at_or_before(time).map(|p| (p.time, p.value)), before);
                let after = expected.iter().find(|(at, _)| *at > time).copied();
                prop_assert_eq!(retention.after(time).map(|p| (p.time, p.value)), after);
            }
        }
    }

    #[test]
    fn a_smaller_budget_trims_at_once() {
        let mut retention = Retention::new(usize::MAX);
        (0..5_000).for_each(|time| retention.insert(point(time, 0.0)));
        retention.set_budget(1_000 * POINT_BYTES);
        assert!(retention.len() <= 1_000);
        assert_eq!(retention.len() as u64 + retention.trimmed(), 5_000);
    }

    #[test]
    fn over_the_budget_the_oldest_points_go_and_are_counted() {
        let mut retention = Retention::new(0);
        let sent = 10 * CHUNK_POINTS;
        (0..sent).for_each(|time| retention.insert(point(time as i64, 0.0)));
        assert!(retention.len() <= 2 * CHUNK_POINTS);
        assert_eq!(retention.len() as u64 + retention.trimmed(), sent as u64);
        assert_eq!(retention.span().map(|(_, last)| last), Some(sent as i64 - 1));
    }
}
