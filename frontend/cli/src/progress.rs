//! How far the work is, on standard error and only when it is a terminal.

use std::io::Write;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar or a spinner, with a place to say things without tearing it.
#[derive(Debug, Clone)]
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// A bar towards `bytes`, or a spinner when the length is not known.
    pub(crate) fn bytes(bytes: Option<u64>) -> Self {
        match bytes {
            Some(bytes) => {
                Self::styled(ProgressBar::new(bytes), "{bar:32} {bytes}/{total_bytes}, {eta} left")
            }
            None => Self::spinner(),
        }
    }

    /// A spinner with a message.
    pub(crate) fn spinner() -> Self {
        let spinner = Self::styled(ProgressBar::new_spinner(), "{spinner} {msg}");
        spinner.0.enable_steady_tick(Duration::from_millis(100));
        spinner
    }

    /// Nothing to watch; lines are still said.
    pub(crate) fn hidden() -> Self {
        Self(ProgressBar::hidden())
    }

    fn styled(bar: ProgressBar, template: &str) -> Self {
        Self(match ProgressStyle::with_template(template) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        })
    }

    pub(crate) fn advance(&self, by: u64) {
        self.0.inc(by);
    }

    pub(crate) fn message(&self, text: String) {
        self.0.set_message(text);
    }

    /// A line on standard error, above the bar.
    pub(crate) fn say(&self, line: &str) {
        // A closed standard error leaves nobody to tell.
        self.0.suspend(|| {
            let _ = writeln!(std::io::stderr(), "spate: {line}");
        });
    }

    pub(crate) fn finish(&self) {
        self.0.finish_and_clear();
    }
}
