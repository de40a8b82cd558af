//! Rows that were not taken: the first are shown, all are counted.

use spate_shared::text::Rejection;

use crate::output::count;
use crate::progress::Progress;

const MOST_SHOWN: u64 = 20;

/// Counts rejected rows and shows the first of them on standard error.
#[derive(Debug)]
pub(crate) struct Rejections {
    progress: Progress,
    total: u64,
    unlisted: u64,
}

impl Rejections {
    pub(crate) fn new(progress: Progress) -> Self {
        Self { progress, total: 0, unlisted: 0 }
    }

    pub(crate) fn add(&mut self, input: &str, rejections: &[Rejection]) {
        for rejection in rejections {
            self.total += 1;
            if self.total - self.unlisted <= MOST_SHOWN {
                self.progress.say(&format!("rejected: {input}, {rejection}"));
            }
        }
    }

    /// Counts rejections that were only counted.
    pub(crate) fn add_unlisted(&mut self, count: u64) {
        self.total += count;
        self.unlisted += count;
    }

    /// Says how many were not shown; returns how many there were.
    pub(crate) fn finish(&self) -> u64 {
        let listed = self.total - self.unlisted;
        let more = self.unlisted + listed.saturating_sub(MOST_SHOWN);
        if more > 0 {
            self.progress.say(&format!("rejected: {} more rows like these", count(more)));
        }
        self.total
    }
}
