//! A run of points in time order, with the summaries that decimation reads.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use spate_shared::time::Nanos;

use super::summary::Summary;

/// Points in a full chunk. A column on screen rarely spans fewer when it spans many points.
pub const CHUNK_POINTS: usize = 256;

/// Points in a block, the smallest run that has a summary.
pub(super) const BLOCK_POINTS: usize = 16;

/// One event of one series, and what the detector said of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
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
    /// Whether it was unusual enough to tell somebody.
    pub is_unusual: bool,
}

impl Point {
    /// Whether there is a value.
    pub fn is_present(&self) -> bool {
        !self.value.is_nan()
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct Chunk {
    points: Vec<Point>,
    summary: Option<Summary>,
    /// One for each [`BLOCK_POINTS`] points.
    blocks: Vec<Summary>,
}

/// A checkpoint keeps the points; what sums them up follows from them.
impl Serialize for Chunk {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.points.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Chunk {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut chunk = Self::default();
        Vec::<Point>::deserialize(deserializer)?.into_iter().for_each(|point| chunk.push(point));
        Ok(chunk)
    }
}

impl Chunk {
    pub(super) fn len(&self) -> usize {
        self.points.len()
    }

    pub(super) fn is_full(&self) -> bool {
        self.points.len() >= CHUNK_POINTS
    }

    pub(super) fn first_time(&self) -> Nanos {
        self.summary.as_ref().map_or(Nanos::MIN, |summary| summary.first_time)
    }

    pub(super) fn last_time(&self) -> Nanos {
        self.summary.as_ref().map_or(Nanos::MIN, |summary| summary.last_time)
    }

    pub(super) fn last(&self) -> Option<Point> {
        self.points.last().copied()
    }

    pub(super) fn summary(&self) -> Option<&Summary> {
        self.summary.as_ref()
    }

    /// The summary of each block, with the points it sums up.
    pub(super) fn blocks(&self) -> impl Iterator<Item = (&Summary, &[Point])> {
        self.blocks.iter().zip(self.points.chunks(BLOCK_POINTS))
    }

    pub(super) fn point(&self, at: usize) -> Option<Point> {
        self.points.get(at).copied()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Point> + '_ {
        self.points.iter().copied()
    }

    pub(super) fn push(&mut self, point: Point) {
        if self.points.is_empty() {
            self.points.reserve_exact(CHUNK_POINTS);
            self.blocks.reserve_exact(CHUNK_POINTS / BLOCK_POINTS);
        }
        self.sum_up(self.points.len(), point);
        self.points.push(point);
    }

    pub(super) fn insert(&mut self, point: Point) {
        let at = self.points.partition_point(|held| held.time <= point.time);
        self.points.insert(at, point);
        self.summarise();
    }

    pub(super) fn split_half(&mut self) -> Self {
        let points = self.points.split_off(self.points.len() / 2);
        let mut tail = Self { points, ..Self::default() };
        tail.summarise();
        self.summarise();
        tail
    }

    fn summarise(&mut self) {
        self.blocks.clear();
        self.summary = None;
        for at in 0..self.points.len() {
            self.sum_up(at, self.points[at]);
        }
    }

    /// Takes the point at `at`, which follows those summed up already, into the summaries.
    fn sum_up(&mut self, at: usize, point: Point) {
        let place = at as u16;
        match self.blocks.get_mut(at / BLOCK_POINTS) {
            Some(block) => block.push(point, place),
            None => self.blocks.push(Summary::of(point, place)),
        }
        match &mut self.summary {
            Some(summary) => summary.push(point, place),
            None => self.summary = Some(Summary::of(point, place)),
        }
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
