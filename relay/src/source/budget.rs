//! What a stream may be published per second.

/// A bucket that holds one second of bytes and may go into debt for one text.
#[derive(Default)]
pub(super) struct Budget {
    level: Option<f64>,
    at: i64,
}

impl Budget {
    /// Takes bytes, or says in how many seconds there will be some.
    pub(super) fn take(&mut self, bytes: usize, per_second: u64, now: i64) -> Result<(), u64> {
        let rate = per_second.max(1) as f64;
        let seconds = now.saturating_sub(self.at).max(0) as f64 / 1e9;
        let level = self.level.map_or(rate, |level| (level + seconds * rate).min(rate));
        self.at = now;
        self.level = Some(level);
        if level <= 0.0 {
            return Err((-level / rate).ceil().max(1.0) as u64);
        }
        self.level = Some(level - bytes as f64);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Budget;

    #[test]
    fn a_budget_goes_into_debt_once_and_says_when_it_is_paid() {
        let mut budget = Budget::default();
        assert_eq!(budget.take(3_000, 1_000, 0), Ok(()));
        assert_eq!(budget.take(1, 1_000, 0), Err(2));
        assert_eq!(budget.take(1, 1_000, 1_500_000_000), Err(1));
        assert_eq!(budget.take(1, 1_000, 2_100_000_000), Ok(()));
    }

    #[test]
    fn a_clock_that_steps_back_does_not_fill_or_drain_a_budget() {
        let mut budget = Budget::default();
        assert_eq!(budget.take(500, 1_000, 5_000_000_000), Ok(()));
        assert_eq!(budget.take(600, 1_000, 1_000_000_000), Ok(()));
        assert_eq!(budget.take(1, 1_000, 1_000_000_000), Err(1));
    }
}
