//! What the reader does on and around panels.

use leptos::prelude::*;
use spate_chart::panel::row_picture;
use spate_chart::scene::RowWindow;
use spate_chart::theme::Theme;
use spate_shared::time::{Nanos, SECOND};
use spate_worker::ask::{Answer, Ask, Picture, Ranking, TablePage};
use spate_worker::gesture::{Gesture, Place, Purpose, Span};
use spate_worker::protocol::{
    Command, HoverUpdate, OverviewPart, PanelId, Playback, PlayedAlert, Shown, TipUpdate,
};
use std::collections::BTreeMap;

use super::Session;
use super::detect::{Detect, stored_labels};
use crate::browser::picture::{self, Caption};
use crate::browser::{page, save};
use crate::format::civil_moment;
use crate::labels::Labels;
use crate::settings::QueryCheck;
use crate::time::TimeEdit;

/// What lies on the desk beside the dashboard; a copy is a handle to the same.
#[derive(Clone, Copy)]
pub(crate) struct Desk {
    /// Where playback is; `None` on a relay.
    pub(crate) playback: RwSignal<Option<Playback>>,
    /// Exact values at the crosshair's moment, one per panel that has some.
    pub(crate) hover: RwSignal<Vec<HoverUpdate>>,
    /// The sheet that is open.
    pub(crate) sheet: RwSignal<Option<SideSheet>>,
    /// Whether a drag chooses an interval to look into.
    pub(crate) brush: RwSignal<bool>,
    /// Which series changed most; `None` while it is computed.
    pub(crate) ranking: RwSignal<Option<Ranking>>,
    /// The interval that was chosen last.
    pub(crate) interval: RwSignal<Option<(Nanos, Nanos)>>,
    /// The part of a panel's table that is in view.
    pub(crate) table: RwSignal<Option<TablePage>>,
    /// What lies under the pointer of a panel without a crosshair.
    pub(crate) tip: RwSignal<Option<TipUpdate>>,
    /// The rows that tables and event logs show.
    pub(crate) rows: RwSignal<BTreeMap<PanelId, RowWindow>>,
    /// What the whole recording holds, once it was looked through.
    pub(crate) overview: RwSignal<Option<Overview>>,
    /// What the worker said of a query that is being typed.
    pub(crate) query: RwSignal<QueryCheck>,
    /// A dimension, and the values that series have of it; `None` until the worker told.
    pub(crate) values: RwSignal<Option<(String, Vec<String>)>>,
    /// The worker's account of itself, once it was asked for.
    pub(crate) account: RwSignal<Option<String>>,
    /// How copying a picture went.
    pub(crate) copied: RwSignal<Option<&'static str>>,
    /// What the next picture is for.
    pub(crate) picture_for: RwSignal<Option<PictureFor>>,
    /// What was told of detectors.
    pub(crate) detect: Detect,
    /// What people said of alerts.
    pub(crate) labels: RwSignal<Labels>,
}

/// What a whole recording holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Overview {
    /// Parts of equal length.
    pub(crate) parts: Vec<OverviewPart>,
    /// Its anomalies.
    pub(crate) alerts: Vec<PlayedAlert>,
}

/// What a picture is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PictureFor {
    /// A file.
    Download,
    /// The clipboard.
    Clipboard,
}

/// A sheet beside the dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SideSheet {
    /// Which series changed most over an interval.
    Changes(Span),
    /// The values of a panel.
    Table(PanelId),
    /// A panel as a file.
    Save(PanelId),
    /// How a panel's series are watched.
    Detector(PanelId),
    /// What a panel shows and how, by its id in the document.
    Settings(u32),
}

impl Desk {
    pub(super) fn new() -> Self {
        Self {
            playback: RwSignal::new(None),
            hover: RwSignal::new(Vec::new()),
            sheet: RwSignal::new(None),
            brush: RwSignal::new(false),
            ranking: RwSignal::new(None),
            interval: RwSignal::new(None),
            table: RwSignal::new(None),
            tip: RwSignal::new(None),
            rows: RwSignal::new(BTreeMap::new()),
            overview: RwSignal::new(None),
            query: RwSignal::new(QueryCheck::default()),
            values: RwSignal::new(None),
            account: RwSignal::new(None),
            copied: RwSignal::new(None),
            picture_for: RwSignal::new(None),
            detect: Detect::new(),
            labels: RwSignal::new(stored_labels()),
        }
    }

    /// Another source is open: what was said of the last one goes.
    pub(super) fn clear(&self) {
        self.playback.set(None);
        self.hover.set(Vec::new());
        self.sheet.set(None);
        self.ranking.set(None);
        self.interval.set(None);
        self.table.set(None);
        self.overview.set(None);
        self.detect.clear();
    }
}

impl Session {
    /// Tells the worker what was done on a plot.
    pub(crate) fn gesture(self, panel: PanelId, gesture: Gesture) {
        self.send(&Command::Gesture { panel, gesture });
    }

    /// Asks the worker.
    pub(crate) fn ask(self, ask: Ask) {
        self.send(&Command::Ask(ask));
    }

    /// An interval was chosen.
    pub(super) fn chose(self, span: Span) {
        match span.purpose {
            Purpose::Zoom => self.zoom_to(span),
            Purpose::Brush => self.look_into(span),
        }
    }

    /// Opens the sheet on what changed over an interval.
    fn look_into(self, span: Span) {
        self.desk().ranking.set(None);
        self.desk().brush.set(false);
        self.desk().interval.set(Some((span.from, span.to)));
        self.desk().sheet.set(Some(SideSheet::Changes(span)));
        self.ask(Ask::Rank { from: span.from, to: span.to });
    }

    /// The worker answered.
    pub(super) fn answered(self, answer: Answer) {
        match answer {
            Answer::Ranking(ranking) => {
                let interval = (ranking.from, ranking.to);
                if self.desk().interval.get_untracked() == Some(interval) {
                    self.desk().ranking.set(Some(ranking));
                }
            }
            Answer::Query(answer) => self.told_of_query(answer),
            Answer::Values { field, values } => self.desk().values.set(Some((field, values))),
            Answer::Rows(page) => self.desk().table.set(Some(page)),
            Answer::File(file) => save::download(&file.name, &file.media_type, &file.bytes),
            Answer::Picture { panel, picture } => self.show_picture(panel, picture),
        }
    }

    /// A drawing came that was asked for.
    fn show_picture(self, panel: PanelId, drawn: Picture) {
        let theme = if self.is_dark() { Theme::DARK } else { Theme::LIGHT };
        let scale = picture::scale();
        let caption = Caption { title: self.title_of(panel), ink: theme.text.css(), scale };
        let scene = match drawn {
            Picture::Scene(scene) => scene,
            Picture::Rows(window) => row_picture::scene(&window, &theme, scale),
        };
        let scene = &scene;
        match self.desk().picture_for.try_update(Option::take).flatten() {
            Some(PictureFor::Download) => picture::download(scene, &caption),
            Some(PictureFor::Clipboard) => picture::copy(scene, &caption, move |copied| {
                let said = if copied {
                    "The image is on the clipboard"
                } else {
                    "The browser does not let this page copy"
                };
                self.announce(said);
                self.desk().copied.set(Some(said));
            }),
            None => {}
        }
    }

    /// Closes the sheet and gives the keyboard back to the panel it came from.
    pub(crate) fn close_sheet(self) {
        if let Some(sheet) = self.desk().sheet.try_update(Option::take).flatten() {
            let panel = match sheet {
                SideSheet::Changes(span) => Some(span.panel),
                SideSheet::Table(panel) | SideSheet::Save(panel) | SideSheet::Detector(panel) => Some(panel),
                SideSheet::Settings(key) => untrack(|| self.panel_at(key)).map(|panel| panel.id),
            };
            // A plot takes keys; other panels have none.
            if let Some(panel) = panel.and_then(|id| self.panel(id))
                && !page::focus(&plot_id(panel.id))
            {
                page::focus(&panel.element_id());
            }
        }
    }

    /// Reads a sentence out.
    pub(crate) fn announce(self, sentence: impl Into<String>) {
        self.announcement.set(sentence.into());
    }

    /// An anomaly that the keyboard asked for is not in the range.
    pub(super) fn beyond(self, panel: PanelId, time: Option<Nanos>) {
        match time {
            Some(time) => self.jump_to(panel, time),
            None => self.announce("No further anomaly"),
        }
    }

    /// Shows a chosen range of time.
    pub(crate) fn zoom_to(self, span: Span) {
        let shown = self.shown_on(span.panel);
        self.edit_time(TimeEdit::Zoom { shown, from: span.from, to: span.to });
    }

    /// What a panel shows; not tracked.
    pub(crate) fn shown_on(self, panel: PanelId) -> Shown {
        self.updates_of(panel).read_untracked().shown
    }

    /// What the first panel of a stream shows; not tracked.
    pub(crate) fn shown_of(self, stream: &str) -> Option<Shown> {
        let board = self.boards.board.read_untracked();
        let panel = board.panels.iter().find(|panel| panel.spec.stream == stream)?.id;
        Some(self.shown_on(panel)).filter(|shown| shown.from < shown.to)
    }

    /// Shows all values and the range from before the first zoom again; when that is what is shown, twice the range.
    pub(crate) fn reset_zoom(self, panel: PanelId) {
        let values_zoomed = self.updates_of(panel).read_untracked().values_zoomed;
        if values_zoomed {
            self.gesture(panel, Gesture::ResetValues);
        }
        if !values_zoomed || self.time.read_untracked().is_zoomed() {
            self.edit_time(TimeEdit::Reset { shown: self.shown_on(panel) });
        }
    }

    /// Shows a moment in the middle of all panels, with the crosshair of this one on it.
    pub(crate) fn jump_to(self, panel: PanelId, moment: Nanos) {
        self.edit_time(TimeEdit::Jump { shown: self.shown_on(panel), to: moment });
        self.hover_by_key(panel);
        self.gesture(panel, Gesture::Point(Place::Time(moment)));
    }

    /// An interval on the chosen clock, to the second.
    pub(crate) fn interval_text(self, from: Nanos, to: Nanos) -> String {
        self.zone.with(|zone| {
            let clock = |moment: Nanos| civil_moment(moment - moment.rem_euclid(SECOND), zone);
            format!("{} to {} {}", clock(from), clock(to), zone.title())
        })
    }

    /// What a panel is called; not tracked.
    pub(crate) fn title_of(self, id: PanelId) -> String {
        self.panel(id).map(|panel| format!("{} {}", panel.title, panel.subtitle)).unwrap_or_default()
    }
}

/// The DOM id of a panel's plot.
pub(crate) fn plot_id(panel: PanelId) -> String {
    format!("plot-{panel}")
}
