//! What badges and chips say about the source and about a panel.

use spate_worker::protocol::{Connection, PanelState};

use crate::format::{count, counted, duration};
use spate_shared::time::MILLISECOND;

/// A short text, its style and the whole story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Status {
    /// The name for styles and tests.
    pub(crate) name: &'static str,
    /// What the badge says.
    pub(crate) text: String,
    /// What it says when asked.
    pub(crate) detail: String,
}

impl Status {
    fn new(name: &'static str, text: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { name, text: text.into(), detail: detail.into() }
    }
}

/// The badge of a connection.
pub(crate) fn of_connection(connection: &Connection) -> Status {
    match connection {
        Connection::Connecting => Status::new("connecting", "Connecting", "Opening the source."),
        Connection::Live => Status::new("live", "Live", "Events are drawn as they arrive."),
        Connection::Behind { events } => Status::new(
            "behind",
            format!("Behind by {}", count(*events)),
            format!("The relay holds {} that this page has not taken yet.", counted(*events, "event")),
        ),
        Connection::Resuming { attempt, retry_millis } => {
            let wait = retry_millis.div_ceil(1_000);
            Status::new(
                "resuming",
                format!("Resuming, attempt {attempt}"),
                format!(
                    "The connection broke. Next attempt in {wait} s; events the relay still holds are not lost."
                ),
            )
        }
        Connection::Offline { reason } => Status::new("offline", "Offline", reason.clone()),
        Connection::Recording { name } => {
            Status::new("recording", "Recording", format!("Plays {name}, no relay needed."))
        }
    }
}

/// The badge of a source that cannot be shown.
pub(crate) fn of_failure(reason: &str) -> Status {
    Status::new("failed", "Not open", reason)
}

/// What to tell while no relay has answered yet.
pub(crate) fn of_missing_relay(connection: &Connection) -> String {
    match connection {
        Connection::Resuming { retry_millis, .. } => {
            let wait = retry_millis.div_ceil(1_000);
            format!("Is it running at this address? The page tries again by itself in {wait} s.")
        }
        Connection::Offline { reason } => reason.clone(),
        _ => "Opening the connection.".to_owned(),
    }
}

/// The chip of a panel; none when there is nothing to say. `leaves_out` tells whether its notes say that something is
/// not shown.
pub(crate) fn of_panel(state: &PanelState, leaves_out: bool) -> Option<Status> {
    match *state {
        PanelState::Waiting => None,
        PanelState::Ready => leaves_out.then(|| {
            Status::new(
                "over-budget",
                "Partly shown",
                "Some of it is left out to stay fast and within memory.",
            )
        }),
        PanelState::WarmingUp { events } => Some(Status::new(
            "warming-up",
            format!("Learning, {} to go", count(events.into())),
            format!(
                "The detector first learns what is usual here: {} to go until scores begin.",
                counted(events.into(), "event")
            ),
        )),
        PanelState::Stale { millis } => {
            let age = duration(i64::try_from(millis).unwrap_or(i64::MAX).saturating_mul(MILLISECOND));
            Some(Status::new(
                "stale",
                format!("No data for {age}"),
                "The stream is quieter than its pace explains. Is what sends it still running?",
            ))
        }
        PanelState::NoData { .. } => {
            Some(Status::new("no-data", "No data here", "Nothing of it lies in the range on screen."))
        }
        PanelState::Failed { ref reason } => {
            Some(Status::new("failed", "Cannot be answered", reason.clone()))
        }
    }
}

/// What covers a panel until its first event.
pub(crate) fn of_waiting() -> Status {
    let detail =
        "Nothing of its stream has come yet. Is what sends it running, and is the stream's name right?";
    Status::new("waiting", "Waiting for events", detail)
}

/// What stands in place of a panel that cannot be drawn here.
pub(crate) fn of_missing(problem: String) -> Status {
    Status::new("missing", "Cannot be shown here", problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn badge_says_how_far_behind_and_how_long_to_wait() {
        let behind = of_connection(&Connection::Behind { events: 1_200 });
        assert_eq!((behind.name, &*behind.text), ("behind", "Behind by 1,200"));
        let resuming = of_connection(&Connection::Resuming { attempt: 3, retry_millis: 1_500 });
        assert_eq!(resuming.text, "Resuming, attempt 3");
        assert!(resuming.detail.contains("in 2 s"), "{}", resuming.detail);
        let offline = of_connection(&Connection::Offline { reason: "no route".to_owned() });
        assert_eq!((&*offline.text, &*offline.detail), ("Offline", "no route"));
    }

    #[test]
    fn missing_relay_is_tried_again_or_says_why_not() {
        let resuming = of_missing_relay(&Connection::Resuming { attempt: 3, retry_millis: 1_500 });
        assert!(resuming.contains("in 2 s"), "{resuming}");
        assert_eq!(of_missing_relay(&Connection::Offline { reason: "no route".to_owned() }), "no route");
    }

    #[test]
    fn panel_says_what_keeps_it_from_scoring() {
        assert_eq!(of_panel(&PanelState::Ready, false), None);
        assert_eq!(of_panel(&PanelState::Ready, true).map(|chip| chip.name), Some("over-budget"));
        assert_eq!(
            of_panel(&PanelState::WarmingUp { events: 120 }, false).map(|chip| chip.text).as_deref(),
            Some("Learning, 120 to go")
        );
        assert_eq!(
            of_panel(&PanelState::Stale { millis: 90_000 }, false).map(|chip| chip.text).as_deref(),
            Some("No data for 1.5 min")
        );
        assert!(of_panel(&PanelState::Stale { millis: u64::MAX }, true).is_some());
    }
}
