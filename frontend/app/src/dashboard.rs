//! The cold state: the dashboard that is open, and its panels as the worker knows them.

use spate_chart::panel::{PANELS, PanelKind, kind};
use spate_shared::catalog::StreamInfo;
use spate_shared::schema::Role;
use spate_worker::protocol::{FieldFilter, PanelId, PanelSpec};

use crate::catalog_dashboard;
use crate::document::{Document, DocumentEdit, History, PanelDocument, Place};
use crate::variables;

/// Where the open dashboard is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Home {
    /// Nowhere: it is made from the catalog, and grows with it until somebody changes it.
    #[default]
    Catalog,
    /// In this browser, by its name.
    Browser(String),
    /// On the relay, by its name, as the version that was read.
    Relay {
        /// Its name.
        name: String,
        /// Its version; empty when it was not read yet.
        etag: String,
    },
    /// A file that somebody opened.
    File,
}

impl Home {
    /// The name in addresses; none for one that an address cannot lead to.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Catalog | Self::File => None,
            Self::Browser(name) | Self::Relay { name, .. } => Some(name),
        }
    }
}

/// The dashboard that is open.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Board {
    /// Where it is kept.
    pub(crate) home: Home,
    /// The document, and what it was before.
    history: History,
    /// The document as it is kept there.
    kept: Document,
    /// What was chosen of its variables.
    chosen: Vec<FieldFilter>,
    /// The document as it would be with a change that is tried out.
    preview: Option<Document>,
    /// Its panels, in the order they are read.
    pub(crate) panels: Vec<Panel>,
    /// The streams there are.
    pub(crate) streams: Vec<StreamInfo>,
    /// Ids are never used twice: a canvas can be handed to the worker only once.
    next_panel: PanelId,
}

/// One panel as it is drawn: another one as soon as anything but its place changes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Panel {
    /// Names it to the worker.
    pub(crate) id: PanelId,
    /// Its id in the document.
    pub(crate) key: u32,
    /// What the worker draws.
    pub(crate) spec: PanelSpec,
    /// Whether the stream has dimensions, so that there may be several series.
    pub(crate) is_grouped: bool,
    /// What its header says first.
    pub(crate) title: String,
    /// What its header says next.
    pub(crate) subtitle: String,
    /// Why it cannot be drawn.
    pub(crate) problem: Option<String>,
}

impl Panel {
    /// The id of its element on the page.
    pub(crate) fn element_id(&self) -> String {
        format!("panel-{}", self.id)
    }

    /// The id of the element with its title.
    pub(crate) fn title_id(&self) -> String {
        format!("panel-{}-title", self.id)
    }

    /// What kind it is; none when this version does not know it.
    pub(crate) fn kind(&self) -> Option<&'static PanelKind> {
        kind(&self.spec.kind)
    }
}

impl Board {
    /// The document.
    pub(crate) fn document(&self) -> &Document {
        &self.history.document
    }

    /// The document as it is shown: with the change that is tried out.
    fn shown(&self) -> &Document {
        self.preview.as_ref().unwrap_or_else(|| self.document())
    }

    /// Where a panel stands as it is shown, by its id in the document.
    pub(crate) fn place(&self, key: u32) -> Option<Place> {
        self.shown().panel(key).map(|panel| panel.place)
    }

    /// What was chosen of its variables.
    pub(crate) fn chosen(&self) -> &[FieldFilter] {
        &self.chosen
    }

    /// What its panels are filtered by.
    pub(crate) fn variables(&self) -> Vec<FieldFilter> {
        variables::effective(&self.document().variables, &self.chosen)
    }

    /// The dimensions that can be chosen from: those of the streams it shows.
    pub(crate) fn offered(&self) -> Vec<String> {
        let document = self.document();
        let shown = self.streams.iter().filter(|stream| document.shows(&stream.name));
        variables::offered(&document.variables, &self.chosen, shown)
    }

    /// Filters its panels by other values of its variables.
    pub(crate) fn choose(&mut self, chosen: Vec<FieldFilter>) {
        if chosen != self.chosen {
            self.chosen = chosen;
            self.draw();
        }
    }

    /// Shows what a change would make of it, without making it.
    pub(crate) fn try_out(&mut self, edit: DocumentEdit) {
        let after = self.document().clone().after(edit);
        self.preview = Some(after).filter(|after| after != self.document());
        self.draw();
    }

    /// Shows it as it is.
    pub(crate) fn end_trial(&mut self) {
        self.preview = None;
        self.draw();
    }

    /// Whether a change is tried out.
    pub(crate) fn is_trying(&self) -> bool {
        self.preview.is_some()
    }

    /// Whether it was changed since it was kept.
    pub(crate) fn is_changed(&self) -> bool {
        self.history.document != self.kept
    }

    /// These are the streams now.
    pub(crate) fn set_streams(&mut self, streams: Vec<StreamInfo>) {
        self.streams = streams;
        if self.home == Home::Catalog && !self.is_changed() {
            let document = catalog_dashboard::document(&self.streams, self.document());
            self.kept = document.clone();
            self.history = History::new(document);
        }
        self.draw();
    }

    /// Another source is open: its streams come with its catalog. What was made of the other's is gone.
    pub(crate) fn clear(&mut self) {
        self.streams.clear();
        self.panels.clear();
        if self.home == Home::Catalog {
            self.history = History::default();
            self.kept = Document::default();
        }
    }

    /// Shows another dashboard; the catalog's own for [`Home::Catalog`].
    pub(crate) fn open(&mut self, document: Document, home: Home) {
        self.kept = document.clone();
        self.history = History::new(document);
        self.home = home;
        self.preview = None;
        let streams = std::mem::take(&mut self.streams);
        self.set_streams(streams);
    }

    /// It is kept from now on as it is.
    pub(crate) fn keep(&mut self, home: Home) {
        self.home = home;
        self.kept = self.history.document.clone();
    }

    /// Changes the document.
    pub(crate) fn edit(&mut self, edit: DocumentEdit) {
        self.preview = None;
        self.history.edit(edit);
        self.draw();
    }

    /// Takes the last change back, or makes it again; gives whether there was one.
    pub(crate) fn undo(&mut self, again: bool) -> bool {
        self.preview = None;
        let done = if again { self.history.redo() } else { self.history.undo() };
        self.draw();
        done
    }

    /// Makes the panels those of the document; what did not change keeps its canvas.
    fn draw(&mut self) {
        if self.streams.is_empty() {
            // Before the catalog came nobody can say what is missing.
            self.panels.clear();
            return;
        }
        let old = std::mem::take(&mut self.panels);
        let narrowed: Vec<_> =
            self.variables().into_iter().filter(|filter| !filter.values.is_empty()).collect();
        let shown = self.preview.as_ref().unwrap_or(&self.history.document);
        for document in &shown.panels {
            let mut made = panel(document, &self.streams, &narrowed, self.next_panel);
            let same = old.iter().find(|old| Panel { id: made.id, ..(*old).clone() } == made);
            match same {
                Some(same) => made.id = same.id,
                None => self.next_panel += 1,
            }
            self.panels.push(made);
        }
    }
}

fn panel(document: &PanelDocument, streams: &[StreamInfo], narrowed: &[FieldFilter], id: PanelId) -> Panel {
    let stream = streams.iter().find(|stream| stream.name == document.stream);
    let (title, subtitle) = names(document, stream);
    let mut spec = document.spec();
    // A panel of another stream stays as it is.
    let concerns = |filter: &&FieldFilter| stream.is_none_or(|s| s.schema.index_of(&filter.field).is_some());
    spec.filter.extend(narrowed.iter().filter(concerns).cloned());
    Panel {
        id,
        key: document.id,
        spec,
        is_grouped: document.query.is_some()
            || stream.is_none_or(|stream| stream.schema.with_role(Role::Dimension).next().is_some()),
        title,
        subtitle,
        problem: problem(document, stream),
    }
}

/// What tells panels apart comes first: the measure, or the stream when it has no other measure.
fn names(document: &PanelDocument, stream: Option<&StreamInfo>) -> (String, String) {
    let PanelDocument { title, stream: name, measure, kind, .. } = document;
    let parts: Vec<_> = [measure, name].into_iter().filter(|part| !part.is_empty()).cloned().collect();
    if !title.is_empty() {
        return (title.clone(), parts.join(" · "));
    }
    match parts.as_slice() {
        [measure, name] => {
            let measures = stream.map_or(1, |stream| stream.schema.with_role(Role::Measure).count());
            if measures == 1 { (name.clone(), measure.clone()) } else { (measure.clone(), name.clone()) }
        }
        [one] => (one.clone(), String::new()),
        _ if kind == "alerts" => ("Anomalies".to_owned(), "all series".to_owned()),
        _ => (kind.replace('_', " "), "all series".to_owned()),
    }
}

/// Why a panel cannot be drawn here.
fn problem(document: &PanelDocument, stream: Option<&StreamInfo>) -> Option<String> {
    let PanelDocument { stream: name, measure, query, .. } = document;
    if kind(&document.kind).is_none() {
        let known: Vec<_> = PANELS.iter().map(|kind| kind.id).collect();
        return Some(format!(
            "This version knows no panel of kind {:?}, only {}. It stays in the document.",
            document.kind,
            known.join(", ")
        ));
    }
    if name.is_empty() {
        return None;
    }
    let Some(stream) = stream else {
        return Some(format!("There is no stream {name:?} here. The panel shows it as soon as there is."));
    };
    let has_measure = stream.schema.fields.iter().any(|field| &field.name == measure);
    (!measure.is_empty() && query.is_none() && !has_measure)
        .then(|| format!("Stream {name:?} has no field {measure:?} any more."))
}

#[cfg(test)]
#[path = "dashboard_tests.rs"]
mod tests;
