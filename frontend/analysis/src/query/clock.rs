//! When windows are given and closed.

use spate_shared::time::Nanos;

use super::{Emit, QuerySpec};
use crate::watermark::Watermark;

/// This many events in a row that are too far ahead are not believed.
const MAX_DISBELIEVED: u32 = 9;

/// The watermark, and what follows from it.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    pub(super) watermark: Watermark,
    lateness: Nanos,
    ahead: Option<Nanos>,
    /// Events in a row that were not believed.
    disbelieved: u32,
    emit: Emit,
}

impl Clock {
    pub(super) fn new(spec: &QuerySpec, emit: Emit) -> Self {
        let watermark = Watermark::new(spec.watermark, Nanos::MAX);
        Self { watermark, lateness: spec.lateness, ahead: spec.ahead, disbelieved: 0, emit }
    }

    /// Whether a time is not so far after the latest that it must be wrong.
    #[inline]
    pub(super) fn believes(&mut self, time: Nanos) -> bool {
        let (Some(ahead), Some(head)) = (self.ahead, self.watermark.head()) else { return true };
        let is_ahead = time > head.saturating_add(ahead);
        self.disbelieved = if is_ahead { self.disbelieved + 1 } else { 0 };
        if self.disbelieved > MAX_DISBELIEVED {
            self.disbelieved = 0;
        }
        self.disbelieved == 0
    }

    #[inline]
    pub(super) fn now(&self) -> Nanos {
        self.watermark.now()
    }

    /// The watermark at which a window that ends at `end` takes no more events.
    #[inline]
    pub(super) fn closes_at(&self, end: Nanos) -> Nanos {
        end.saturating_add(self.lateness)
    }

    /// The watermark at which the first result of a window that ends at `end` is given.
    pub(super) fn gives_at(&self, end: Nanos) -> Nanos {
        match self.emit {
            Emit::Closed => self.closes_at(end),
            Emit::Changes => end,
        }
    }

    /// Windows up to this end are closed.
    pub(super) fn closed_to(&self) -> Nanos {
        self.now().saturating_sub(self.lateness)
    }

    /// Windows up to this end have been given.
    pub(super) fn given_to(&self) -> Nanos {
        match self.emit {
            Emit::Closed => self.closed_to(),
            Emit::Changes => self.now(),
        }
    }

    /// Whether a result may change after it was given.
    #[inline]
    pub(super) fn revises(&self) -> bool {
        self.emit == Emit::Changes && self.lateness > 0
    }
}
