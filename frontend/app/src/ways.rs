//! Ways out of states: whatever keeps the page or a panel from being as it should be, something can be done about it.

use spate_shared::time::Nanos;
use spate_worker::protocol::{Connection, PanelState};

/// Something that can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Tries the relay again, where it stood.
    Reconnect,
    /// Begins anew at the latest events.
    SkipAhead,
    /// Opens the relay that serves the page.
    OpenRelay,
    /// Follows the latest events.
    Follow,
    /// Shows all that is held.
    ShowHeld(Nanos, Nanos),
    /// Opens the panel's settings.
    Settings,
    /// Opens the sheet on how the panel is watched.
    Detector,
    /// Opens the panel's values.
    Table,
    /// Shows how fast it all is, and what is held.
    Measure,
}

impl Way {
    /// What its button says.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Reconnect => "Reconnect now",
            Self::SkipAhead => "Go to the latest events",
            Self::OpenRelay => "Live relay",
            Self::Follow => "Follow the latest events",
            Self::ShowHeld(..) => "Show where events are",
            Self::Settings => "Panel settings",
            Self::Detector => "Choose another detector",
            Self::Table => "Values as a table",
            Self::Measure => "How fast it all is",
        }
    }

    /// Its name for tests.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Reconnect => "way-reconnect",
            Self::SkipAhead => "way-skip",
            Self::OpenRelay => "way-relay",
            Self::Follow => "way-follow",
            Self::ShowHeld(..) => "way-held",
            Self::Settings => "way-settings",
            Self::Detector => "way-detector",
            Self::Table => "way-table",
            Self::Measure => "way-measure",
        }
    }
}

/// What can be done about the source, best first.
pub(crate) fn of_connection(connection: &Connection) -> &'static [Way] {
    match connection {
        Connection::Connecting | Connection::Resuming { .. } | Connection::Offline { .. } => {
            &[Way::Reconnect]
        }
        Connection::Live => &[Way::Measure],
        Connection::Behind { .. } => &[Way::SkipAhead, Way::Measure],
        Connection::Recording { .. } => &[Way::OpenRelay],
    }
}

/// What can be done about a panel, best first.
pub(crate) fn of_panel(state: &PanelState) -> Vec<Way> {
    match *state {
        PanelState::Waiting | PanelState::Failed { .. } => vec![Way::Settings],
        PanelState::WarmingUp { .. } => vec![Way::Detector],
        PanelState::Ready => vec![Way::Settings, Way::Measure],
        PanelState::Stale { .. } => vec![Way::Table, Way::Settings],
        PanelState::NoData { from, to } if from < to => vec![Way::ShowHeld(from, to), Way::Follow],
        PanelState::NoData { .. } => vec![Way::Follow, Way::Settings],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_way_out() {
        let connections = [
            Connection::Connecting,
            Connection::Live,
            Connection::Behind { events: 3 },
            Connection::Resuming { attempt: 1, retry_millis: 5 },
            Connection::Offline { reason: String::new() },
            Connection::Recording { name: String::new() },
        ];
        assert!(connections.iter().all(|connection| !of_connection(connection).is_empty()));
        let panels = [
            PanelState::Waiting,
            PanelState::WarmingUp { events: 3 },
            PanelState::Ready,
            PanelState::Stale { millis: 3 },
            PanelState::NoData { from: 0, to: 0 },
            PanelState::Failed { reason: String::new() },
        ];
        assert!(panels.iter().all(|panel| !of_panel(panel).is_empty()));
    }

    #[test]
    fn a_range_without_data_leads_to_where_data_is() {
        assert_eq!(of_panel(&PanelState::NoData { from: 3, to: 5 })[0], Way::ShowHeld(3, 5));
    }
}
