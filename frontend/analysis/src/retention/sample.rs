//! Decimation: at most first, min, max and last of each pixel column, in time order.
//!
//! # Source
//! U. Jugel et al., "M4: A Visualization-Oriented Time Series Data Aggregation", VLDB 2014.

use std::collections::VecDeque;

use spate_shared::time::Nanos;

use super::chunk::Chunk;
use super::summary::Summary;
use super::{Point, Retention};

/// What a chart of one series needs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sampled {
    /// In time order. The nearest point outside each end of the range is included, so a line reaches the edge. Where there
    /// are roll-ups only, their smallest and largest value, without a band.
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
    /// Cost: a search; then one step for each chunk, and about 50 for each column's edge, where blocks and points are read.
    pub fn sample(&self, start: Nanos, end: Nanos, columns: usize) -> Sampled {
        let mut out = Sampled::default();
        let before = self.at_or_before(start.saturating_sub(1));
        let columns = Columns::new(start, column_nanos(start, end, columns));
        if before.is_none() {
            self.draw_roll_ups((start, end), &columns, &mut out);
        }
        out.points.extend(before);
        self.sample_points((start, end), columns, &mut out);
        let next = self.rolled.after(end).map(|cell| drawn(cell.first, cell.min));
        out.points.extend(next.or_else(|| self.after(end.saturating_sub(1))));
        out
    }

    /// Appends what is to be drawn of the points in a range of columns.
    pub(super) fn sample_points(&self, range: (Nanos, Nanos), columns: Columns, out: &mut Sampled) {
        let mut sampler = Sampler::new(&self.chunks, columns, range, out);
        let first = self.chunks.partition_point(|chunk| chunk.last_time() < range.0);
        for (index, chunk) in self.chunks.range(first..).enumerate() {
            if chunk.first_time() >= range.1 {
                break;
            }
            sampler.add_chunk(first + index, chunk);
        }
        sampler.flush();
    }

    /// Draws the roll-ups of the range, and the one before it: min, then max of each column.
    fn draw_roll_ups(&self, (start, end): (Nanos, Nanos), columns: &Columns, out: &mut Sampled) {
        let mut cells = self.rolled.between(start, end).copied().peekable();
        out.points.extend(self.rolled.before(start).map(|cell| drawn(cell.last, cell.max)));
        while let Some(mut column) = cells.next() {
            let column_end = columns.end(column.first.max(start));
            while let Some(next) = cells.next_if(|next| next.first < column_end) {
                column.merge(&next);
            }
            out.points.push(drawn(column.first, column.min));
            if column.count > 1 {
                out.points.push(drawn(column.last, column.max));
            }
            if !column.max_score.is_nan() {
                out.scores.push(ScoreSample { time: column.last, score: column.max_score });
            }
        }
    }
}

/// A point that stands for others.
fn drawn(time: Nanos, value: f64) -> Point {
    Point { time, value, score: f32::NAN, lower: f32::NAN, upper: f32::NAN, is_unusual: false }
}

/// How wide a pixel column is when a range has so many, in nanoseconds.
pub(super) fn column_nanos(start: Nanos, end: Nanos, columns: usize) -> u64 {
    end.max(start).abs_diff(start).div_ceil(columns.max(1) as u64).max(1)
}

/// Pixel columns: equal parts of time.
#[derive(Clone, Copy)]
pub(super) struct Columns {
    start: Nanos,
    nanos: u64,
}

impl Columns {
    /// Columns of this width from `start` on.
    pub(super) fn new(start: Nanos, nanos: u64) -> Self {
        Self { start, nanos }
    }

    /// The first time after `time` that is in a later column; `time` is not before the start.
    fn end(&self, time: Nanos) -> Nanos {
        time.saturating_add_unsigned(self.nanos - time.abs_diff(self.start) % self.nanos)
    }
}

/// Where a point is: its chunk, and its place in it.
type Place = (usize, usize);

/// The column that is being filled.
struct Open {
    summary: Summary,
    first: Place,
    last: Place,
    min: Place,
    max: Place,
}

struct Sampler<'a> {
    chunks: &'a VecDeque<Chunk>,
    columns: Columns,
    range: (Nanos, Nanos),
    /// First time that is not in the open column.
    column_end: Nanos,
    open: Option<Open>,
    out: &'a mut Sampled,
}

impl<'a> Sampler<'a> {
    fn new(
        chunks: &'a VecDeque<Chunk>,
        columns: Columns,
        range: (Nanos, Nanos),
        out: &'a mut Sampled,
    ) -> Self {
        Self { chunks, columns, range, column_end: range.0, open: None, out }
    }

    fn add_chunk(&mut self, index: usize, chunk: &Chunk) {
        if let Some(summary) = chunk.summary()
            && self.holds(summary)
        {
            return self.add(summary, (index, 0), (index, chunk.len() - 1));
        }
        let mut at = 0;
        for (summary, points) in chunk.blocks() {
            let next = at + points.len();
            if self.holds(summary) {
                self.add(summary, (index, at), (index, next - 1));
            } else if summary.last_time >= self.range.0 && summary.first_time < self.range.1 {
                for (point, at) in points.iter().zip(at..) {
                    self.add_point(*point, (index, at));
                }
            }
            at = next;
        }
    }

    /// Whether a run is within one column, and none of it missing. Its column is then the open one.
    fn holds(&mut self, run: &Summary) -> bool {
        if run.first_time < self.range.0 || run.is_broken {
            return false;
        }
        self.enter(run.first_time);
        run.last_time < self.column_end.min(self.range.1)
    }

    fn add_point(&mut self, point: Point, place: Place) {
        if point.time < self.range.0 || point.time >= self.range.1 {
            return;
        }
        if !point.is_present() {
            self.flush();
            self.out.points.push(point);
            return;
        }
        self.enter(point.time);
        self.add(&Summary::of(point, place.1 as u16), place, place);
    }

    /// Takes a run of the open column.
    fn add(&mut self, run: &Summary, first: Place, last: Place) {
        let place = |at: u16| (first.0, usize::from(at));
        let Some(open) = &mut self.open else {
            let (min, max) = (place(run.min_at), place(run.max_at));
            self.open = Some(Open { summary: *run, first, last, min, max });
            return;
        };
        if run.min < open.summary.min {
            open.min = place(run.min_at);
        }
        if run.max > open.summary.max {
            open.max = place(run.max_at);
        }
        open.summary.append(run);
        open.last = last;
    }

    fn enter(&mut self, time: Nanos) {
        if time >= self.column_end {
            self.flush();
            self.column_end = self.columns.end(time);
        }
    }

    fn flush(&mut self) {
        let Some(Open { summary, first, last, min, max }) = self.open.take() else { return };
        // By place, which is the order of time and then of arrival.
        let (low, high) = if min <= max { (min, max) } else { (max, min) };
        let mut previous = None;
        for place in [first, low, high, last] {
            if previous != Some(place) {
                self.out.points.extend(self.chunks[place.0].point(place.1));
            }
            previous = Some(place);
        }
        if !summary.max_score.is_nan() {
            self.out.scores.push(ScoreSample { time: summary.last_time, score: summary.max_score });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// First, min, max and last of each column and the largest score, by looking at every point.
    fn naive(points: &[Point], start: Nanos, end: Nanos, columns: usize) -> Sampled {
        let width = ((end - start + columns as i64 - 1) / columns as i64).max(1);
        let column = |point: &Point| (point.time - start) / width;
        let mut out = Sampled::default();
        out.points.extend(points.iter().rfind(|point| point.time < start));
        let inside: Vec<Point> =
            points.iter().copied().filter(|point| (start..end).contains(&point.time)).collect();
        for run in inside.chunk_by(|a, b| a.is_present() && b.is_present() && column(a) == column(b)) {
            let mut kept = vec![0, 0, 0, run.len() - 1];
            for (at, point) in run.iter().enumerate() {
                kept[1] = if point.value < run[kept[1]].value { at } else { kept[1] };
                kept[2] = if point.value > run[kept[2]].value { at } else { kept[2] };
            }
            kept.sort_unstable();
            kept.dedup();
            out.points.extend(kept.iter().map(|at| run[*at]));
            let last = run[run.len() - 1];
            let score = run.iter().map(|point| point.score).fold(f32::NAN, f32::max);
            if last.is_present() && !score.is_nan() {
                out.scores.push(ScoreSample { time: last.time, score });
            }
        }
        out.points.extend(points.iter().find(|point| point.time >= end));
        out
    }

    /// The sample as bits, so that NaN equals NaN and 0 is not -0.
    fn bits(sampled: &Sampled) -> Vec<(Nanos, u64, u32, u32, u32)> {
        let Sampled { points, scores } = sampled;
        let of =
            |p: &Point| (p.time, p.value.to_bits(), p.score.to_bits(), p.lower.to_bits(), p.upper.to_bits());
        let of_score = |s: &ScoreSample| (s.time, 0, s.score.to_bits(), 0, 0);
        points.iter().map(of).chain(scores.iter().map(of_score)).collect()
    }

    /// A value: often one of few, so that extremes are met more than once, and sometimes missing.
    fn value() -> impl Strategy<Value = f64> {
        prop_oneof![
            20 => (-3..3i32).prop_map(f64::from),
            20 => -100.0..100.0f64,
            1 => Just(-0.0),
            1 => Just(f64::INFINITY),
            1 => Just(f64::NAN),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn decimation_is_what_a_look_at_every_point_gives(
            events in proptest::collection::vec((value(), 0..5i64, 0..30u8), 1..2_000),
            (from, to) in (0.0..1.0f64, 0.0..1.0f64),
            scale in prop_oneof![Just(1), Just(7), Just(1_000_003), Just(1_000_000_000_000_000i64)],
            columns in prop_oneof![1..10usize, 1..300usize, Just(5_000)],
        ) {
            let mut retention = Retention::new(usize::MAX);
            let mut time = 0;
            for (at, (value, step, lag)) in events.iter().enumerate() {
                time += step * scale / 4;
                let score = if at % 3 == 0 { f32::NAN } else { at as f32 };
                let time = if *lag == 0 { time / 2 } else { time };
                retention.insert(Point { time, value: *value, score, lower: at as f32, upper: 0.0, is_unusual: false });
            }
            let points: Vec<_> = retention.iter().collect();
            let part = |part: f64| (time as f64 * part) as i64;
            for (start, end) in [(0, time + 1), (part(from.min(to)), part(from.max(to)))] {
                let sampled = retention.sample(start, end, columns);
                let expected = naive(&points, start, end, columns);
                prop_assert_eq!(bits(&sampled), bits(&expected));
            }
        }

        #[test]
        fn a_column_ends_where_the_next_begins(
            start in any::<i64>(), width in 1..i64::MAX, columns in 1..5_000usize, part in 0.0..1.0f64,
        ) {
            let end = start.saturating_add(width);
            let nanos = column_nanos(start, end, columns);
            let time = start.saturating_add((width as f64 * part) as i64);
            let column_end = Columns::new(start, nanos).end(time);
            prop_assert!(column_end > time || column_end == i64::MAX);
            prop_assert!(column_end == i64::MAX || column_end.abs_diff(start).is_multiple_of(nanos));
            prop_assert!(column_end.abs_diff(time) <= nanos);
        }
    }

    #[test]
    fn a_missing_value_survives_decimation_as_a_break() {
        let mut retention = Retention::new(usize::MAX);
        for time in 0..1_000 {
            let value = if time == 500 { f64::NAN } else { 1.0 };
            retention.insert(Point { time, value, score: 0.0, lower: 0.0, upper: 0.0, is_unusual: false });
        }
        let breaks = retention.sample(0, 1_000, 10).points.iter().filter(|point| !point.is_present()).count();
        assert_eq!(breaks, 1);
    }
}
