//! Decimation: at most first, min, max and last of each pixel column, in time order.
//!
//! # Source
//! U. Jugel et al., "M4: A Visualization-Oriented Time Series Data Aggregation", VLDB 2014.

use spate_shared::time::Nanos;

use super::chunk::Summary;
use super::{Point, Retention};

/// What a chart of one series needs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sampled {
    /// In time order. The nearest point outside each end of the range is included, so a line reaches the edge.
    pub points: Vec<Point>,
    /// Largest score of each column that has one.
    pub scores: Vec<ScoreSample>,
}

/// The largest score of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoreSample {
    /// A time in the column.
    pub time: Nanos,
    /// 0 to 1.
    pub score: f32,
}

impl Retention {
    /// Decimates `[start, end)` to `columns` pixel columns.
    ///
    /// Cost: a search, then one step per point for columns narrower than a chunk and one per chunk for wider ones.
    pub fn sample(&self, start: Nanos, end: Nanos, columns: usize) -> Sampled {
        let mut sampler = Sampler::new(start, end, columns);
        sampler.out.points.extend(self.at_or_before(start.saturating_sub(1)));
        let first = self.chunks.partition_point(|chunk| chunk.last_time() < start);
        for chunk in self.chunks.range(first..) {
            if chunk.first_time() >= end {
                break;
            }
            let inside = chunk.first_time() >= start && chunk.last_time() < end;
            match chunk.summary() {
                Some(summary)
                    if inside
                        && !summary.broken
                        && sampler.same_column(chunk.first_time(), chunk.last_time()) =>
                {
                    sampler.add_summary(summary);
                }
                _ => chunk.between(start, end).iter().for_each(|point| sampler.add(*point)),
            }
        }
        sampler.flush();
        sampler.out.points.extend(self.after(end.saturating_sub(1)));
        sampler.out
    }
}

struct Sampler {
    start: Nanos,
    column_nanos: f64,
    column: i64,
    open: Option<Summary>,
    out: Sampled,
}

impl Sampler {
    fn new(start: Nanos, end: Nanos, columns: usize) -> Self {
        let width = end.saturating_sub(start).max(1) as f64;
        let column_nanos = (width / columns.max(1) as f64).max(1.0);
        Self { start, column_nanos, column: 0, open: None, out: Sampled::default() }
    }

    fn column_of(&self, time: Nanos) -> i64 {
        (time.saturating_sub(self.start) as f64 / self.column_nanos) as i64
    }

    fn same_column(&self, first: Nanos, last: Nanos) -> bool {
        self.column_of(first) == self.column_of(last)
    }

    fn add(&mut self, point: Point) {
        if !point.is_present() {
            self.flush();
            self.out.points.push(point);
            return;
        }
        self.enter(point.time);
        match &mut self.open {
            Some(open) => open.push(point),
            None => self.open = Some(Summary::of(point)),
        }
    }

    fn add_summary(&mut self, summary: &Summary) {
        self.enter(summary.first.time);
        match &mut self.open {
            Some(open) => {
                let score = open.max_score.max(summary.max_score);
                open.push(summary.min);
                open.push(summary.max);
                open.push(summary.last);
                open.max_score = score;
            }
            None => self.open = Some(*summary),
        }
    }

    fn enter(&mut self, time: Nanos) {
        let column = self.column_of(time);
        if column != self.column {
            self.flush();
            self.column = column;
        }
    }

    fn flush(&mut self) {
        let Some(open) = self.open.take() else { return };
        let (low, high) =
            if open.min.time <= open.max.time { (open.min, open.max) } else { (open.max, open.min) };
        let mut previous = None;
        for point in [open.first, low, high, open.last] {
            if previous != Some((point.time, point.value.to_bits())) {
                self.out.points.push(point);
            }
            previous = Some((point.time, point.value.to_bits()));
        }
        if !open.max_score.is_nan() {
            self.out.scores.push(ScoreSample { time: open.last.time, score: open.max_score });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_column_keeps_its_first_min_max_and_last(
            values in proptest::collection::vec(-100.0..100.0f64, 1..4_000),
            columns in 1..300usize,
        ) {
            let mut retention = Retention::new(usize::MAX);
            for (time, value) in values.iter().enumerate() {
                let time = time as i64;
                retention.insert(Point { time, value: *value, score: *value as f32, lower: 0.0, upper: 0.0 });
            }
            let end = values.len() as i64;
            let sampled = retention.sample(0, end, columns);
            prop_assert!(sampled.points.len() <= 4 * columns + 2);
            prop_assert!(sampled.points.is_sorted_by_key(|point| point.time));
            let sampler = Sampler::new(0, end, columns);
            let mut at = 0;
            while at < values.len() {
                let column = sampler.column_of(at as i64);
                let until = (at..values.len()).find(|row| sampler.column_of(*row as i64) != column).unwrap_or(values.len());
                let naive = &values[at..until];
                let drawn: Vec<f64> = sampled.points.iter()
                    .filter(|point| (at as i64..until as i64).contains(&point.time)).map(|point| point.value).collect();
                prop_assert_eq!(drawn.first(), naive.first());
                prop_assert_eq!(drawn.last(), naive.last());
                prop_assert_eq!(drawn.iter().copied().reduce(f64::min), naive.iter().copied().reduce(f64::min));
                prop_assert_eq!(drawn.iter().copied().reduce(f64::max), naive.iter().copied().reduce(f64::max));
                at = until;
            }
        }
    }

    #[test]
    fn a_missing_value_survives_decimation_as_a_break() {
        let mut retention = Retention::new(usize::MAX);
        for time in 0..1_000 {
            let value = if time == 500 { f64::NAN } else { 1.0 };
            retention.insert(Point { time, value, score: 0.0, lower: 0.0, upper: 0.0 });
        }
        let breaks = retention.sample(0, 1_000, 10).points.iter().filter(|point| !point.is_present()).count();
        assert_eq!(breaks, 1);
    }
}
