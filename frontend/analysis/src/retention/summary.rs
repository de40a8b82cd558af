//! What decimation needs to know of a run of points, without the points themselves.

use spate_shared::time::Nanos;

use super::Point;

/// The extremes of a run of points, and where in the run they are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Summary {
    pub(super) first_time: Nanos,
    pub(super) last_time: Nanos,
    pub(super) min: f64,
    pub(super) max: f64,
    /// Place of the first of the smallest values; in a chunk, counted from its first point.
    pub(super) min_at: u16,
    /// Place of the first of the largest values.
    pub(super) max_at: u16,
    /// NaN when no point was scored.
    pub(super) max_score: f32,
    /// Whether a missing value lies inside, so that the summary cannot stand for its points.
    pub(super) is_broken: bool,
}

impl Summary {
    pub(super) fn of(point: Point, at: u16) -> Self {
        Self {
            first_time: point.time,
            last_time: point.time,
            min: point.value,
            max: point.value,
            min_at: at,
            max_at: at,
            max_score: point.score,
            is_broken: !point.is_present(),
        }
    }

    pub(super) fn push(&mut self, point: Point, at: u16) {
        if point.value < self.min {
            (self.min, self.min_at) = (point.value, at);
        }
        if point.value > self.max {
            (self.max, self.max_at) = (point.value, at);
        }
        self.last_time = point.time;
        self.max_score = self.max_score.max(point.score);
        self.is_broken |= !point.is_present();
    }

    /// Takes the run that follows.
    pub(super) fn append(&mut self, next: &Self) {
        if next.min < self.min {
            (self.min, self.min_at) = (next.min, next.min_at);
        }
        if next.max > self.max {
            (self.max, self.max_at) = (next.max, next.max_at);
        }
        self.last_time = next.last_time;
        self.max_score = self.max_score.max(next.max_score);
        self.is_broken |= next.is_broken;
    }
}
