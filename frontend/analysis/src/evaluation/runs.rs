//! Runs: alerting events close together are one alert.

use serde::{Deserialize, Serialize};

use crate::alert::QUIET;

/// Tells where alerts begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runs {
    is_firing: bool,
    quiet: u32,
}

impl Runs {
    /// Whether the next event begins an alert.
    pub fn observe(&mut self, alert: bool) -> bool {
        let begins = alert && !self.is_firing;
        if alert {
            (self.is_firing, self.quiet) = (true, 0);
        } else if self.is_firing {
            self.quiet += 1;
            self.is_firing = self.quiet < QUIET;
        }
        begins
    }

    /// Whether an alert is on.
    pub fn is_firing(&self) -> bool {
        self.is_firing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_of_twelve_ends_an_alert() {
        let begins = |pattern: &str| {
            let mut runs = Runs::default();
            pattern.chars().map(|symbol| runs.observe(symbol == '!')).filter(|begins| *begins).count()
        };
        assert_eq!([begins("..!..!!."), begins("!............!"), begins("!...........!")], [1, 2, 1]);
    }
}
