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

/// What a write to one reader costs, about. A busy stream that is sent at once waits at least until its readers could
/// have been written to, so that what comes meanwhile goes in the same writes.
const WRITE: Nanos = 10_000;

/// What decides the shortest time between two seals of a busy stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pace {
    /// Its number of readers.
    #[default]
    Adaptive,
    /// The operator, in nanoseconds.
    Every(Nanos),
    /// Nobody: whatever is published is sealed at once, unless the readers are still being written to.
    Immediate,
}

impl Pace {
    /// The interval for so many readers.
    pub fn interval(self, readers: usize) -> Nanos {
        match self {
            Self::Every(interval) => interval,
            Self::Immediate => WRITE * readers as Nanos,
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
            assert_eq!(Pace::Immediate.interval(readers), WRITE * readers as Nanos);
        }
    }
}
