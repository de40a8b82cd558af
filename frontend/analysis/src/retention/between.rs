//! The points of a stretch of time.

use spate_shared::time::Nanos;

use super::{Point, Retention};

impl Retention {
    /// The points in `[from, to)`, in time order.
    ///
    /// Cost: a search, then one step per point.
    pub fn between(&self, from: Nanos, to: Nanos) -> impl Iterator<Item = Point> + '_ {
        let first = self.chunks.partition_point(|chunk| chunk.last_time() < from);
        let chunks = self.chunks.range(first..).take_while(move |chunk| chunk.first_time() < to);
        chunks.flat_map(move |chunk| chunk.between(from, to).iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_has_its_start_and_not_its_end() {
        let mut retention = Retention::new(usize::MAX);
        for time in 0..1_000 {
            retention.insert(Point {
                time,
                value: 0.0,
                score: 0.0,
                lower: 0.0,
                upper: 0.0,
                is_unusual: false,
            });
        }
        let times: Vec<_> = retention.between(250, 600).map(|point| point.time).collect();
        assert_eq!(times, (250..600).collect::<Vec<_>>());
        assert_eq!((retention.between(5, 5).count(), retention.between(990, 2_000).count()), (0, 10));
    }
}
