//! What a client may use per second.

use tokio::time::Instant;

/// A bucket that holds one second's worth and may go into debt for one use.
#[derive(Debug)]
pub(super) struct Allowance {
    per_second: f64,
    level: f64,
    at: Instant,
}

impl Allowance {
    pub(super) fn new(per_second: f64, now: Instant) -> Self {
        Self { per_second, level: per_second, at: now }
    }

    pub(super) fn refill(&mut self, now: Instant) {
        let seconds = now.saturating_duration_since(self.at).as_secs_f64();
        self.level = (self.level + seconds * self.per_second).min(self.per_second);
        self.at = now;
    }

    /// Whether there is anything to use.
    pub(super) fn is_some(&self) -> bool {
        self.level > 0.0
    }

    /// Takes one of what is counted, if there is a whole one.
    pub(super) fn take_one(&mut self, now: Instant) -> bool {
        self.refill(now);
        let has_one = self.level >= 1.0;
        if has_one {
            self.level -= 1.0;
        }
        has_one
    }

    pub(super) fn spend(&mut self, amount: usize) {
        self.level -= amount as f64;
    }

    /// When there will be something to use.
    pub(super) fn next(&self) -> Instant {
        let seconds = (-self.level).max(0.0) / self.per_second;
        // A moment later than exact, so that something is there by then.
        self.at + std::time::Duration::from_secs_f64(seconds + 0.001)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn an_allowance_goes_into_debt_once_and_says_when_it_is_paid() {
        let start = Instant::now();
        let mut allowance = Allowance::new(1_000.0, start);
        allowance.spend(3_000);
        assert!(!allowance.is_some());
        let paid = allowance.next();
        assert!(paid > start + Duration::from_secs(2) && paid < start + Duration::from_millis(2_010));
        allowance.refill(start + Duration::from_secs(1));
        assert!(!allowance.is_some());
        allowance.refill(paid);
        assert!(allowance.is_some());
        allowance.refill(start + Duration::from_hours(1));
        allowance.spend(999);
        assert!(allowance.is_some(), "one second's worth and no more");
        allowance.spend(2);
        assert!(!allowance.is_some());
    }
}
