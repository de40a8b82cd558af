//! The tally: how many tests ran, read from what the test programs print.

use serde_json::Value;
use std::ops::AddAssign;

/// Tests that ran, by outcome.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passed: u64,
    pub(super) failed: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

impl Tally {
    /// The sum over every `test result:` line of `cargo test`.
    pub(super) fn of_cargo(text: &str) -> Self {
        let mut sum = Self::default();
        for line in text.lines().filter(|line| line.starts_with("test result: ")) {
            let words: Vec<&str> = line.split([' ', ';', '.']).filter(|word| !word.is_empty()).collect();
            let before = |name: &str| {
                let at = words.iter().position(|&word| word == name)?;
                words.get(at.checked_sub(1)?)?.parse().ok()
            };
            sum += Self { passed: before("passed").unwrap_or(0), failed: before("failed").unwrap_or(0) };
        }
        sum
    }

    /// The counts of Playwright's JSON report. A flaky test is a failed one.
    pub(super) fn of_playwright(json: &str) -> Self {
        let report: Value = serde_json::from_str(json).unwrap_or_default();
        let count = |key: &str| report["stats"][key].as_u64().unwrap_or(0);
        Self { passed: count("expected"), failed: count("unexpected") + count("flaky") }
    }

    /// One failure when the program failed and named no failed test, such as when it did not compile.
    pub(super) fn or_failed(mut self, program_failed: bool) -> Self {
        if program_failed && self.failed == 0 {
            self.failed = 1;
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;

    #[test]
    fn result_lines_of_cargo_are_summed() {
        let text = "running 3 tests\ntest a ... ok\n\
            test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
            test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s\n";
        assert_eq!(Tally::of_cargo(text), Tally { passed: 13, failed: 2 });
    }

    #[test]
    fn flaky_test_of_playwright_is_a_failed_one() {
        let json = r#"{"stats": {"expected": 5, "unexpected": 1, "flaky": 1, "skipped": 4}}"#;
        assert_eq!(Tally::of_playwright(json), Tally { passed: 5, failed: 2 });
    }

    #[test]
    fn program_that_fails_without_a_failed_test_counts_as_one() {
        assert_eq!(
            Tally::of_cargo("error: could not compile").or_failed(true),
            Tally { passed: 0, failed: 1 }
        );
        assert_eq!(Tally::of_playwright("").or_failed(true), Tally { passed: 0, failed: 1 });
        assert_eq!(Tally { passed: 1, failed: 2 }.or_failed(true), Tally { passed: 1, failed: 2 });
        assert_eq!(Tally::default().or_failed(false), Tally::default());
    }
}
