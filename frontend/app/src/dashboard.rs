//! The cold state: which panels there are, changed by [`Edit`]s only.

use reactive_stores::Store;
use spate_shared::catalog::StreamInfo;
use spate_worker::protocol::{PanelId, PanelSpec};

use crate::catalog_dashboard;

/// What the page shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Store)]
pub(crate) struct Dashboard {
    /// In the order they appeared.
    #[store(key: PanelId = |panel| panel.id)]
    pub(crate) panels: Vec<Panel>,
    /// Ids are never used twice: a canvas can be handed to the worker only once.
    next_panel: PanelId,
}

/// One panel.
#[derive(Clone, Debug, PartialEq, Eq, Store)]
pub(crate) struct Panel {
    /// Names it to the worker.
    pub(crate) id: PanelId,
    /// What kind it is.
    pub(crate) kind: Kind,
    /// The stream; empty for all.
    pub(crate) stream: String,
    /// The measure; empty for all.
    pub(crate) measure: String,
    /// Whether the stream has dimensions, so that there may be several series.
    pub(crate) is_grouped: bool,
    /// What its header says first.
    pub(crate) title: String,
    /// What its header says next.
    pub(crate) subtitle: String,
}

/// The kinds of panels the page can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Lines over time.
    TimeSeries,
    /// The latest value, its change and a sparkline.
    Stat,
    /// What was unusual.
    Alerts,
}

impl Kind {
    /// The name in `spate_chart::PANELS`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::TimeSeries => "time_series",
            Self::Stat => "stat",
            Self::Alerts => "alerts",
        }
    }
}

impl Panel {
    /// The id of its element on the page.
    pub(crate) fn element_id(&self) -> String {
        format!("panel-{}", self.id)
    }

    /// What the worker needs to know.
    pub(crate) fn spec(&self) -> PanelSpec {
        PanelSpec {
            kind: self.kind.name().to_owned(),
            stream: self.stream.clone(),
            measure: self.measure.clone(),
            ..PanelSpec::default()
        }
    }
}

/// One change of the dashboard.
#[derive(Clone, Debug)]
pub(crate) enum Edit {
    /// These are the streams now: panels for new measures are appended, the others stay.
    Streams(Vec<StreamInfo>),
    /// Another source is open: its panels come with its catalog.
    Clear,
}

impl Dashboard {
    /// The dashboard after a change.
    #[must_use]
    pub(crate) fn after(mut self, edit: Edit) -> Self {
        match edit {
            Edit::Streams(streams) => self.append_missing(&streams),
            Edit::Clear => self.panels.clear(),
        }
        self
    }

    fn append_missing(&mut self, streams: &[StreamInfo]) {
        for wanted in catalog_dashboard::panels(streams) {
            if !self.panels.iter().any(|panel| panel.spec() == wanted.spec()) {
                self.panels.push(Panel { id: self.next_panel, ..wanted });
                self.next_panel += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog_dashboard::tests::stream;

    #[test]
    fn new_stream_appends_its_panels_and_keeps_the_others() {
        let first = Dashboard::default().after(Edit::Streams(vec![stream("b", &["x"])]));
        let second = first.clone().after(Edit::Streams(vec![stream("a", &["y"]), stream("b", &["x"])]));
        assert_eq!(second.panels[..first.panels.len()], first.panels);
        let added: Vec<_> =
            second.panels[first.panels.len()..].iter().map(|p| (p.kind, &*p.stream)).collect();
        assert_eq!(added, [(Kind::Stat, "a"), (Kind::TimeSeries, "a")]);
    }

    #[test]
    fn same_catalog_twice_changes_nothing() {
        let streams = vec![stream("a", &["x", "y"])];
        let once = Dashboard::default().after(Edit::Streams(streams.clone()));
        assert_eq!(once.clone().after(Edit::Streams(streams)), once);
    }

    #[test]
    fn panel_ids_are_never_used_twice() {
        let streams = vec![stream("a", &["x"])];
        let first = Dashboard::default().after(Edit::Streams(streams.clone()));
        let second = first.clone().after(Edit::Clear).after(Edit::Streams(streams));
        let ids = |dashboard: &Dashboard| dashboard.panels.iter().map(|panel| panel.id).collect::<Vec<_>>();
        assert!(ids(&second).iter().all(|id| !ids(&first).contains(id)));
    }
}
