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

/// A seal that is later than it was due by no more than this is on time: a timer is never early, and coarse. Were the next
/// one put off by as much, every event would wait longer than it is said to.
const LATE: Nanos = 2 * MILLISECOND;

/// When one stream may be sealed.
pub(super) struct Cadence {
    pace: Pace,
    interval: Nanos,
    /// When it was sealed last, or should have been.
    last: Option<Nanos>,
}

impl Cadence {
    pub(super) fn new(pace: Pace) -> Self {
        Self { pace, interval: pace.interval(0), last: None }
    }

    pub(super) fn pace(&self) -> Pace {
        self.pace
    }

    pub(super) fn interval(&self) -> Nanos {
        self.interval
    }

    pub(super) fn follow_readers(&mut self, readers: usize) {
        self.interval = self.pace.interval(readers);
    }

    /// When the next seal may be; in the past for an idle stream, or when the clock stepped back.
    pub(super) fn due(&self) -> Nanos {
        self.last.map_or(Nanos::MIN, |last| last.saturating_add(self.interval))
    }

    /// Counts the interval from a seal on.
    pub(super) fn sealed(&mut self, now: Nanos) {
        let due = self.due();
        let is_on_time = (0..=LATE.min(self.interval)).contains(&now.saturating_sub(due));
        self.last = Some(if is_on_time { due } else { now });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_that_is_late_puts_off_no_seal_but_its_own() {
        let mut cadence = Cadence::new(Pace::Every(16 * MILLISECOND));
        // When it is sealed, and when the next seal is due.
        for (sealed, due) in
            [(100, 116), (117, 132), (134, 148), (151, 167), (160, 176), (500, 516), (100, 116)]
        {
            cadence.sealed(sealed * MILLISECOND);
            assert_eq!(cadence.due(), due * MILLISECOND, "sealed at {sealed} ms");
        }
    }

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
