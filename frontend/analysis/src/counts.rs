//! Where every event went.

use serde::{Deserialize, Serialize};

/// Events of one stream by fate: `received = windowed + late + rejected + shed`, always.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// All that came in.
    pub received: u64,
    /// Added to a window.
    pub windowed: u64,
    /// Their window had already closed, lateness included.
    pub late: u64,
    /// A measure was not a finite number, or the time not to be believed.
    pub rejected: u64,
    /// Over the bound on groups.
    pub shed: u64,
    /// Of those rejected: too far in the future to be believed; not part of the sum.
    pub ahead: u64,
    /// Values given a score, per measure; not part of the sum.
    pub scored: u64,
}

impl Counts {
    /// Whether every event is accounted for.
    pub fn add_up(&self) -> bool {
        self.received == self.windowed + self.late + self.rejected + self.shed
    }
}
