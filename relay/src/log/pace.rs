//! How long an open batch waits for more events.
//!
//! Every seal is a write to every reader, and writes are what fan-out costs. So the more readers a stream has, the longer
//! its batches wait, unless the operator says how long.

use spate_shared::time::{MILLISECOND, Nanos};

/// Interval of a busy stream by its readers: up to so many of them, so long.
const STEPS: &[(usize, Nanos)] =
    &[(500, 16 * MILLISECOND), (1_000, 33 * MILLISECOND), (2_000, 50 * MILLISECOND)];
/// Interval for more readers than that.
const LONGEST: Nanos = 100 * MILLISECOND;

/// What decides the shortest time between two seals of a busy stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pace {
    /// Its number of readers.
    #[default]
    Adaptive,
    /// The operator, in nanoseconds; 0 seals whatever is published at once.
    Every(Nanos),
}

impl Pace {
    /// No batching beyond what a producer sends together.
    pub const IMMEDIATE: Self = Self::Every(0);

    /// The interval for so many readers.
    pub fn interval(self, readers: usize) -> Nanos {
        match self {
            Self::Every(interval) => interval,
            Self::Adaptive => {
                let step = STEPS.iter().find(|(most, _)| readers <= *most);
                step.map_or(LONGEST, |(_, interval)| *interval)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_grows_with_the_readers_unless_it_is_set() {
        for (readers, millis) in
            [(0, 16), (1, 16), (500, 16), (501, 33), (1_000, 33), (1_001, 50), (2_001, 100), (20_000, 100)]
        {
            assert_eq!(Pace::Adaptive.interval(readers), millis * MILLISECOND, "{readers} readers");
            assert_eq!(Pace::Every(5).interval(readers), 5);
            assert_eq!(Pace::IMMEDIATE.interval(readers), 0);
        }
    }
}
