//! What has left the points: roll-ups of a second, a minute, an hour, each tier within its part of the budget.
//!
//! Over its part, a tier's oldest roll-up becomes part of one of the next tier; the last tier's is dropped, counted. So the
//! tiers follow each other in time, coarsest first, and the points follow them: no two of them overlap.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use spate_shared::time::{HOUR, MINUTE, Nanos, SECOND};

use super::Point;
use super::sketch::Sketch;

/// Widths of the tiers, finest first.
pub const WIDTHS: [Nanos; 3] = [SECOND, MINUTE, HOUR];

/// Roll-ups that a tier holds at least.
pub(super) const LEAST_CELLS: usize = 64;

/// The present values of a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RollUp {
    /// Event time of its first value.
    pub first: Nanos,
    /// Event time of its last value.
    pub last: Nanos,
    /// How many values.
    pub count: u64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// All of them together.
    pub sum: f64,
    /// 0 to 1; NaN when none was scored.
    pub max_score: f32,
    /// How many were unusual.
    pub unusual: u32,
}

impl RollUp {
    fn of(point: Point) -> Self {
        Self {
            first: point.time,
            last: point.time,
            count: 1,
            min: point.value,
            max: point.value,
            sum: point.value,
            max_score: point.score,
            unusual: u32::from(point.is_unusual),
        }
    }

    /// The mean of its values.
    pub fn mean(&self) -> f64 {
        self.sum / self.count as f64
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.count += other.count;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.sum += other.sum;
        self.max_score = self.max_score.max(other.max_score);
        self.unusual = self.unusual.saturating_add(other.unusual);
    }
}

/// The part of a range that is answered from roll-ups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coarse {
    /// Width of the coarsest roll-up in it.
    pub width: Nanos,
    /// Event time of the last value in it.
    pub until: Nanos,
    /// How many values it stands for.
    pub events: u64,
    /// How many of them were unusual.
    pub unusual: u64,
}

/// A roll-up, and where its values lie.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Cell {
    rolled: RollUp,
    sketch: Sketch,
}

impl Cell {
    fn of(point: Point) -> Self {
        Self { rolled: RollUp::of(point), sketch: Sketch::of(point.value) }
    }

    fn bytes(&self) -> usize {
        size_of::<RollUp>() + self.sketch.bytes()
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Tier {
    cells: VecDeque<Cell>,
    bytes: usize,
}

impl Tier {
    fn add(&mut self, width: Nanos, cell: Cell) {
        let start = |cell: &Cell| cell.rolled.first.div_euclid(width);
        let wanted = start(&cell);
        let at = match self.cells.back() {
            Some(last) if start(last) > wanted => self.cells.partition_point(|held| start(held) < wanted),
            Some(last) if start(last) == wanted => self.cells.len() - 1,
            _ => self.cells.len(),
        };
        match self.cells.get_mut(at) {
            Some(held) if start(held) == wanted => {
                self.bytes -= held.bytes();
                held.rolled.merge(&cell.rolled);
                held.sketch.merge(&cell.sketch);
                self.bytes += held.bytes();
            }
            _ => {
                self.bytes += cell.bytes();
                self.cells.insert(at, cell);
            }
        }
    }

    /// Gives the oldest away when it holds more than it may.
    fn overflow(&mut self, max_bytes: usize) -> Option<Cell> {
        if self.bytes <= max_bytes || self.cells.len() <= LEAST_CELLS {
            return None;
        }
        let oldest = self.cells.pop_front()?;
        self.bytes -= oldest.bytes();
        Some(oldest)
    }

    fn first_after(&self, is_before: impl Fn(&RollUp) -> bool) -> usize {
        self.cells.partition_point(|cell| is_before(&cell.rolled))
    }

    fn between(&self, from: Nanos, to: Nanos) -> impl Iterator<Item = &RollUp> {
        let first = self.first_after(|rolled| rolled.last < from);
        self.cells.range(first..).map(|cell| &cell.rolled).take_while(move |rolled| rolled.first < to)
    }
}

/// The roll-ups of one series.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct RollUps {
    /// In the order of [`WIDTHS`].
    tiers: [Tier; WIDTHS.len()],
    /// Of each tier.
    max_bytes: usize,
    dropped: u64,
}

impl RollUps {
    pub(super) fn set_budget(&mut self, bytes: usize) {
        self.max_bytes = bytes / WIDTHS.len();
        self.trim();
    }

    /// Takes a point that is not held any more, or came when its time was not. A missing value leaves no trace.
    pub(super) fn take(&mut self, point: Point) {
        if !point.is_present() {
            return;
        }
        let is_before = |tier: usize| {
            let front = self.tiers[tier].cells.front();
            let start = |time: Nanos| time.div_euclid(WIDTHS[tier]);
            front.is_some_and(|cell| start(point.time) < start(cell.rolled.first))
        };
        let mut tier = 0;
        while tier + 1 < WIDTHS.len() && is_before(tier) && !self.tiers[tier + 1].cells.is_empty() {
            tier += 1;
        }
        self.tiers[tier].add(WIDTHS[tier], Cell::of(point));
        self.trim();
    }

    fn trim(&mut self) {
        for tier in 0..WIDTHS.len() {
            while let Some(oldest) = self.tiers[tier].overflow(self.max_bytes) {
                match self.tiers.get_mut(tier + 1) {
                    Some(next) => next.add(WIDTHS[tier + 1], oldest),
                    None => self.dropped += oldest.rolled.count,
                }
            }
        }
    }

    /// How many values are in no roll-up any more.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The roll-ups with a value in `[from, to)`, or with values on both sides of it, in time order.
    pub(super) fn between(&self, from: Nanos, to: Nanos) -> impl Iterator<Item = &RollUp> {
        self.tiers.iter().rev().flat_map(move |tier| tier.between(from, to))
    }

    /// The last roll-up that ends before `time`.
    pub(super) fn before(&self, time: Nanos) -> Option<&RollUp> {
        self.tiers.iter().find_map(|tier| {
            let after = tier.first_after(|rolled| rolled.last < time);
            tier.cells.get(after.checked_sub(1)?).map(|cell| &cell.rolled)
        })
    }

    /// The first roll-up that starts at `time` or later.
    pub(super) fn after(&self, time: Nanos) -> Option<&RollUp> {
        let first = |tier: &'_ Tier| tier.first_after(|rolled| rolled.first < time);
        self.tiers.iter().rev().find_map(|tier| tier.cells.get(first(tier)).map(|cell| &cell.rolled))
    }

    /// The last roll-up that starts at `time` or before.
    pub(super) fn at(&self, time: Nanos) -> Option<&RollUp> {
        self.cell_at(time).map(|cell| &cell.rolled)
    }

    /// The value that a part of the values of that roll-up does not exceed, see [`Sketch`].
    pub(super) fn quantile_at(&self, time: Nanos, part: f64) -> Option<f64> {
        let Cell { rolled, sketch } = self.cell_at(time)?;
        Some(sketch.quantile(part)?.clamp(rolled.min, rolled.max))
    }

    fn cell_at(&self, time: Nanos) -> Option<&Cell> {
        self.tiers.iter().find_map(|tier| {
            let after = tier.first_after(|rolled| rolled.first <= time);
            tier.cells.get(after.checked_sub(1)?)
        })
    }

    pub(super) fn coarse(&self, from: Nanos, to: Nanos) -> Option<Coarse> {
        let coarsest = self.tiers.iter().rposition(|tier| tier.between(from, to).next().is_some())?;
        let mut coarse = Coarse { width: WIDTHS[coarsest], until: from, events: 0, unusual: 0 };
        for cell in self.between(from, to) {
            coarse.until = cell.last;
            coarse.events += cell.count;
            coarse.unusual += u64::from(cell.unusual);
        }
        Some(coarse)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CHUNK_POINTS, Retention};
    use super::*;
    use proptest::prelude::*;

    fn point(time: Nanos, value: f64) -> Point {
        Point { time, value, score: 0.5, lower: f32::NAN, upper: f32::NAN, is_unusual: value >= 90.0 }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn what_leaves_the_points_is_in_the_roll_up_of_its_time(
            events in proptest::collection::vec((0..100i32, 0..40i64, 0..20u8), 1..2_500),
            scale in prop_oneof![Just(SECOND / 10), Just(SECOND), Just(MINUTE / 60 * 2)],
        ) {
            let mut retention = Retention::new(0);
            let (mut time, mut sent) = (-HOUR, Vec::new());
            for (value, step, lag) in events {
                time += step * scale / 20;
                let at = if lag == 0 { time - 100 * scale * i64::from(value) } else { time };
                retention.insert(point(at, f64::from(value)));
                sent.push((at, f64::from(value)));
            }
            sent.sort_by_key(|(time, _)| *time);
            let rolled: Vec<RollUp> = retention.rolled.between(Nanos::MIN, Nanos::MAX).copied().collect();
            let count: u64 = rolled.iter().map(|cell| cell.count).sum();
            prop_assert_eq!(retention.trimmed(), count);
            prop_assert_eq!(count + retention.len() as u64, sent.len() as u64);
            let mut left: Vec<_> = sent;
            for held in retention.iter() {
                let at = left.iter().position(|event| *event == (held.time, held.value));
                left.remove(at.expect("held points were sent"));
            }
            for cell in &rolled {
                let rest = left.split_off(cell.count as usize);
                let values = || left.iter().map(|(_, value)| *value);
                prop_assert_eq!((cell.first, cell.last), (left[0].0, left[left.len() - 1].0));
                prop_assert_eq!(Some(cell.min), values().reduce(f64::min));
                prop_assert_eq!(Some(cell.max), values().reduce(f64::max));
                prop_assert_eq!(cell.sum, values().sum::<f64>());
                let mut sorted: Vec<f64> = values().collect();
                sorted.sort_by(f64::total_cmp);
                let (median, exact) = (retention.rolled_quantile_at(cell.first, 0.5), sorted[(sorted.len() - 1) / 2]);
                prop_assert!(median.is_some_and(|median| (median - exact).abs() <= 0.0626 * exact + 1e-9), "{:?} for {}", median, exact);
                prop_assert_eq!(cell.unusual as usize, values().filter(|value| *value >= 90.0).count());
                left = rest;
            }
            prop_assert!(rolled.is_sorted_by(|a, b| a.last < b.first));
            prop_assert!(rolled.last().is_none_or(|cell| retention.iter().all(|held| held.time >= cell.last)));
        }
    }

    #[test]
    fn what_leaves_the_last_tier_is_counted() {
        let mut retention = Retention::new(0);
        let sent = 2_000;
        (0..sent).for_each(|hour| retention.insert(point(hour * HOUR, 1.0)));
        let held = retention.rolled.between(Nanos::MIN, Nanos::MAX).map(|cell| cell.count).sum::<u64>();
        assert_eq!(held, 3 * LEAST_CELLS as u64);
        assert_eq!(retention.len() as u64 + held + retention.dropped(), sent as u64);
    }

    #[test]
    fn an_answer_says_what_part_of_it_is_coarse() {
        let mut retention = Retention::new(0);
        let sent = 2 * CHUNK_POINTS as i64 + 100 * 60;
        (0..sent).for_each(|second| retention.insert(point(second * SECOND, (second % 100) as f64)));
        let (first, last) = retention.span().expect("points");
        assert_eq!(retention.coarse(first, last), None);
        let seconds = retention.coarse(first - 10 * SECOND, last);
        assert_eq!(seconds.map(|coarse| (coarse.width, coarse.events)), Some((SECOND, 10)));
        let minutes = retention.coarse(first - HOUR, last).expect("roll-ups");
        assert_eq!((minutes.width, minutes.until), (MINUTE, first - SECOND));
        let last_second = minutes.until / SECOND;
        let unusual =
            (last_second - minutes.events as i64 + 1..=last_second).filter(|second| second % 100 >= 90);
        assert_eq!(minutes.unusual as usize, unusual.count());
        let all = retention.coarse(0, last).expect("roll-ups");
        assert_eq!((all.width, all.events), (HOUR, retention.trimmed()));
    }

    #[test]
    fn what_is_rolled_up_is_still_drawn_between_its_extremes() {
        let mut retention = Retention::new(0);
        let sent = 20_000;
        (0..sent).for_each(|second| retention.insert(point(second * SECOND, (second % 100) as f64)));
        let sampled = retention.sample(0, sent * SECOND, 50);
        assert!(sampled.points.is_sorted_by_key(|point| point.time));
        assert!(sampled.points.len() <= 50 * 4);
        assert_eq!(sampled.points[0].time, 0);
        let extremes = sampled.points.windows(2).filter(|pair| (pair[0].value, pair[1].value) == (0.0, 99.0));
        assert!(extremes.count() > 10);
        let (first, _) = retention.span().expect("points");
        let before = retention.sample(0, first - HOUR, 50);
        let last = before.points.last().expect("drawn");
        assert!(last.time < first, "the line goes on to the next roll-up, not to the first point");
        assert!(sampled.scores.iter().any(|score| score.time < first));
    }
}
