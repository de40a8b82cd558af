//! A dashboard as a document: plain data, read from JSON and written to it, changed by [`DocumentEdit`]s only.
//!
//! Fields that this version does not know are kept and written again.

mod edit;
mod grid;
mod read;
#[cfg(test)]
mod schema;
mod write;

use serde_json::{Map, Value};
use spate_chart::options::Options;
use spate_worker::protocol::{FieldFilter, PanelSpec};

pub(crate) use edit::{DocumentEdit, History};
pub(crate) use grid::{COLUMNS, MOST_ROWS, Place, beyond, settle};
pub(crate) use read::read;
pub(crate) use write::write;

/// The version this build writes. Documents without a version are read as the first.
const VERSION: u64 = 1;

/// A dashboard.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Document {
    /// The version it was written in; 0 for one that was made here.
    pub(crate) version: u64,
    /// What it is called.
    pub(crate) title: String,
    /// The range it opens with, as people write its ends.
    pub(crate) time: Option<(String, String)>,
    /// The bundled recording it is about; empty for none.
    pub(crate) recording: String,
    /// Dimensions that all of it is filtered by, and their values to begin with; none for all.
    pub(crate) variables: Vec<FieldFilter>,
    /// Its panels, in the order they are read.
    pub(crate) panels: Vec<PanelDocument>,
    /// What this version does not know.
    pub(crate) rest: Map<String, Value>,
}

/// A panel of a dashboard.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PanelDocument {
    /// Unique in its document.
    pub(crate) id: u32,
    /// A kind of `spate_chart::PANELS`.
    pub(crate) kind: String,
    /// What its header says; empty for the names of what it shows.
    pub(crate) title: String,
    /// The stream; empty for all.
    pub(crate) stream: String,
    /// The measure; empty for all.
    pub(crate) measure: String,
    /// A query of windows, as `spate query` has it; none for the values themselves.
    pub(crate) query: Option<Value>,
    /// Which events it shows.
    pub(crate) filter: Vec<FieldFilter>,
    /// Options of its kind.
    pub(crate) options: Options,
    /// Where it stands.
    pub(crate) place: Place,
    /// What this version does not know.
    pub(crate) rest: Map<String, Value>,
}

impl PanelDocument {
    /// What the worker needs to know.
    pub(crate) fn spec(&self) -> PanelSpec {
        PanelSpec {
            kind: self.kind.clone(),
            stream: self.stream.clone(),
            measure: self.measure.clone(),
            query: self.query.as_ref().map(Value::to_string),
            options: self.options.clone(),
            filter: self.filter.clone(),
        }
    }
}

impl Document {
    /// The panel of an id.
    pub(crate) fn panel(&self, id: u32) -> Option<&PanelDocument> {
        self.panels.iter().find(|panel| panel.id == id)
    }

    /// Whether panels show a stream: one names it, or none names any and all are shown.
    pub(crate) fn shows(&self, stream: &str) -> bool {
        let mut named =
            self.panels.iter().map(|panel| &*panel.stream).filter(|name| !name.is_empty()).peekable();
        named.peek().is_none() || named.any(|name| name == stream)
    }

    /// An id that no panel has.
    pub(crate) fn free_id(&self) -> u32 {
        self.panels.iter().map(|panel| panel.id).max().unwrap_or(0).saturating_add(1)
    }
}
