//! What following streams has to tell a person.

use crate::output::{count, counted};

/// Something a person should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Notice {
    /// A named stream is not there yet.
    Waiting {
        /// Its name.
        stream: String,
    },
    /// Events that will never come.
    Gap {
        /// The stream's name.
        stream: String,
        /// First missing offset.
        from: u64,
        /// First offset that is not missing.
        to: u64,
    },
    /// The stream begins anew: its offsets do not connect to what came before.
    Reset {
        /// Its name.
        stream: String,
        /// Its epoch now.
        epoch: u64,
        /// Offset of the first event that will come.
        next: u64,
    },
    /// Events that wait in the relay; 0 is caught up.
    Behind {
        /// The stream's name.
        stream: String,
        /// How many.
        events: u64,
    },
    /// The relay refused something.
    Refused {
        /// What it said.
        message: String,
    },
}

impl Notice {
    /// The line for a person; `None` when there is nothing to say.
    pub(super) fn line(&self) -> Option<String> {
        Some(match self {
            Self::Waiting { stream } => format!("{stream}: no such stream yet, waiting for it"),
            Self::Gap { stream, from, to } => {
                let lost = counted(to - from, "event");
                format!("{stream}: gap, {lost} lost: offsets {from} to {} left the relay's memory", to - 1)
            }
            Self::Reset { stream, epoch, next } => {
                format!("{stream}: reset, its history begins anew: epoch {epoch}, offset {next}")
            }
            Self::Behind { events: 0, .. } => return None,
            Self::Behind { stream, events } => format!("{stream}: behind by {} events", count(*events)),
            Self::Refused { message } => format!("the relay says: {message}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_names_the_offsets_that_are_lost() {
        let line = Notice::Gap { stream: "taxi".into(), from: 3, to: 5 }.line();
        assert_eq!(line.as_deref(), Some("taxi: gap, 2 events lost: offsets 3 to 4 left the relay's memory"));
    }
}
