//! When windows are given and closed.

use spate_shared::time::Nanos;

use super::{Emit, QuerySpec};
use crate::watermark::Watermark;

/// The watermark, and what follows from it.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    pub(super) watermark: Watermark,
    lateness: Nanos,
    emit: Emit,
}

impl Clock {
    pub(super) fn new(spec: &QuerySpec, emit: Emit) -> Self {
        let watermark = Watermark::new(spec.watermark, spec.idle.unwrap_or(Nanos::MAX));
        Self { watermark: watermark.with_bound(spec.ahead), lateness: spec.lateness, emit }
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
