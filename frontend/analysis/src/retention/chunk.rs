//! A run of points in time order, with the summary that decimation reads.

use spate_shared::time::Nanos;

/// Points in a full chunk. A column on screen rarely spans fewer when it spans many points.
pub const CHUNK_POINTS: usize = 256;

/// One event of one series, and what the detector said of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Event time.
    pub time: Nanos,
    /// The value; NaN for a missing one, which breaks the line.
    pub value: f64,
    /// 0 to 1; NaN when it was not scored.
    pub score: f32,
    /// Expected band; NaN when there is none.
    pub lower: f32,
    /// Expected band; NaN when there is none.
    pub upper: f32,
}

impl Point {
    /// Whether there is a value.
    pub fn is_present(&self) -> bool {
        !self.value.is_nan()
    }
}

/// What a column needs to know of the points of a chunk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Summary {
    pub(super) first: Point,
    pub(super) last: Point,
    pub(super) min: Point,
    pub(super) max: Point,
    pub(super) max_score: f32,
    /// Whether a missing value lies inside, so that the chunk cannot stand for its points.
    pub(super) broken: bool,
}

impl Summary {
    pub(super) fn of(point: Point) -> Self {
        Self {
            first: point,
            last: point,
            min: point,
            max: point,
            max_score: point.score,
            broken: !point.is_present(),
        }
    }

    pub(super) fn push(&mut self, point: Point) {
        if point.value < self.min.value {
            self.min = point;
        }
        if point.value > self.max.value {
            self.max = point;
        }
        self.last = point;
        self.max_score = self.max_score.max(point.score);
        self.broken |= !point.is_present();
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Chunk {
    points: Vec<Point>,
    summary: Option<Summary>,
}

impl Chunk {
    pub(super) fn len(&self) -> usize {
        self.points.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.points.len() >= CHUNK_POINTS
    }

    pub(super) fn first_time(&self) -> Nanos {
        self.points.first().map_or(Nanos::MIN, |point| point.time)
    }

    pub(super) fn last_time(&self) -> Nanos {
        self.points.last().map_or(Nanos::MIN, |point| point.time)
    }

    pub(super) fn last(&self) -> Option<Point> {
        self.points.last().copied()
    }

    pub(super) fn summary(&self) -> Option<&Summary> {
        self.summary.as_ref()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Point> + '_ {
        self.points.iter().copied()
    }

    pub(super) fn push(&mut self, point: Point) {
        if self.points.is_empty() {
            self.points.reserve_exact(CHUNK_POINTS);
        }
        self.points.push(point);
        match &mut self.summary {
            Some(summary) => summary.push(point),
            None => self.summary = Some(Summary::of(point)),
        }
    }

    pub(super) fn insert(&mut self, point: Point) {
        let at = self.points.partition_point(|held| held.time <= point.time);
        self.points.insert(at, point);
        self.summarise();
    }

    pub(super) fn split_half(&mut self) -> Self {
        let points = self.points.split_off(self.points.len() / 2);
        let mut tail = Self { points, summary: None };
        tail.summarise();
        self.summarise();
        tail
    }

    fn summarise(&mut self) {
        self.summary = self.points.first().map(|first| {
            let mut summary = Summary::of(*first);
            self.points[1..].iter().for_each(|point| summary.push(*point));
            summary
        });
    }

    pub(super) fn at_or_before(&self, time: Nanos) -> Option<Point> {
        let after = self.points.partition_point(|point| point.time <= time);
        self.points.get(after.checked_sub(1)?).copied()
    }

    pub(super) fn after(&self, time: Nanos) -> Option<Point> {
        self.points.get(self.points.partition_point(|point| point.time <= time)).copied()
    }

    /// The points in `[start, end)`.
    pub(super) fn between(&self, start: Nanos, end: Nanos) -> &[Point] {
        let from = self.points.partition_point(|point| point.time < start);
        let to = self.points.partition_point(|point| point.time < end);
        &self.points[from..to.max(from)]
    }
}
