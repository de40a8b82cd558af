//! Events as lines, newest first, with search. The page asks for the window it shows, never for all.

use crate::options::{OptionKind, OptionSpec};
use crate::panel::table::COLUMNS;
use crate::panel::{PanelKind, Surface};

/// The order of events.
pub const OLDEST_FIRST: OptionSpec = OptionSpec {
    name: "oldest_first",
    kind: OptionKind::Flag { default: false },
    doc: "Show the oldest event first instead of the newest.",
};

/// What this kind of panel is.
pub const KIND: PanelKind = PanelKind {
    id: "event_log",
    title: "Event log",
    doc: "Events as lines, newest first, with search over all their fields.",
    needs: "one stream",
    surface: Surface::Rows,
    options: &[COLUMNS, OLDEST_FIRST],
};
