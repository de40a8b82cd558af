//! Changes of a dashboard, and their undoing.

use spate_worker::protocol::FieldFilter;

use super::grid::past;
use super::{Document, PanelDocument, Place, settle};
use crate::variables;

/// Most steps that can be undone.
const MOST_STEPS: usize = 100;

/// One change of a dashboard.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum DocumentEdit {
    /// A new panel, below the others; its id is chosen here.
    Add(PanelDocument),
    /// Another content for a panel, by its id; it stays where it is, and grows where its kind needs more room.
    Replace(PanelDocument),
    /// A panel leaves.
    Remove(u32),
    /// The same panel again, below it.
    Duplicate(u32),
    /// A panel stands elsewhere, or has another size.
    Place(u32, Place),
    /// Another title.
    Title(String),
    /// Other values that a variable begins with.
    Variable(FieldFilter),
    /// Another document altogether.
    Whole(Box<Document>),
}

impl Document {
    /// The document after a change; a change of a panel that is not there changes nothing.
    #[must_use]
    pub(crate) fn after(mut self, edit: DocumentEdit) -> Self {
        match edit {
            DocumentEdit::Add(panel) => {
                let below = self.panels.iter().map(|panel| panel.place.y + panel.place.h).max().unwrap_or(0);
                let (id, place) = (self.free_id(), Place { y: below, ..panel.place });
                self.panels.push(PanelDocument { id, place, ..panel });
                settle(&mut self.panels, None);
            }
            DocumentEdit::Replace(panel) => {
                if let Some(old) = self.panels.iter_mut().find(|old| old.id == panel.id) {
                    let place =
                        if old.kind == panel.kind { old.place } else { old.place.suiting(&panel.kind) };
                    let id = panel.id;
                    *old = PanelDocument { place, ..panel };
                    settle(&mut self.panels, Some(id));
                }
            }
            DocumentEdit::Remove(id) => {
                self.panels.retain(|panel| panel.id != id);
                settle(&mut self.panels, None);
            }
            DocumentEdit::Duplicate(id) => {
                if let Some(panel) = self.panel(id).cloned() {
                    let place = Place { y: panel.place.y + panel.place.h, ..panel.place };
                    let id = self.free_id();
                    self.panels.push(PanelDocument { id, place, ..panel });
                    settle(&mut self.panels, Some(id));
                }
            }
            DocumentEdit::Place(id, place) => {
                if let Some(index) = self.panels.iter().position(|panel| panel.id == id) {
                    self.panels[index].place = past(&self.panels, id, self.panels[index].place, place);
                    settle(&mut self.panels, Some(id));
                }
            }
            DocumentEdit::Title(title) => self.title = title,
            DocumentEdit::Variable(filter) => variables::set(&mut self.variables, filter),
            DocumentEdit::Whole(document) => return *document,
        }
        self
    }
}

/// A dashboard, what it was before, and what was undone.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct History {
    /// As it is now.
    pub(crate) document: Document,
    before: Vec<Document>,
    undone: Vec<Document>,
}

impl History {
    /// A dashboard nobody changed yet.
    pub(crate) fn new(document: Document) -> Self {
        Self { document, ..Self::default() }
    }

    /// Changes it; a change that changes nothing is none.
    pub(crate) fn edit(&mut self, edit: DocumentEdit) {
        let after = self.document.clone().after(edit);
        if after != self.document {
            self.before.push(std::mem::replace(&mut self.document, after));
            let surplus = self.before.len().saturating_sub(MOST_STEPS);
            self.before.drain(..surplus);
            self.undone.clear();
        }
    }

    /// Takes the last change back; gives whether there was one.
    pub(crate) fn undo(&mut self) -> bool {
        let Some(before) = self.before.pop() else { return false };
        self.undone.push(std::mem::replace(&mut self.document, before));
        true
    }

    /// Makes the last change that was taken back again; gives whether there was one.
    pub(crate) fn redo(&mut self) -> bool {
        let Some(after) = self.undone.pop() else { return false };
        self.before.push(std::mem::replace(&mut self.document, after));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(title: &str) -> PanelDocument {
        let place = Place { x: 0, y: 0, w: 12, h: 4 };
        PanelDocument { title: title.to_owned(), place, ..PanelDocument::default() }
    }

    fn check(history: &History, expect: &[(&str, u32, u32)]) {
        let panels = history.document.panels.iter();
        let panels: Vec<_> = panels.map(|panel| (&*panel.title, panel.place.x, panel.place.y)).collect();
        assert_eq!(panels, expect);
    }

    fn two() -> History {
        let mut history = History::default();
        history.edit(DocumentEdit::Add(panel("a")));
        history.edit(DocumentEdit::Add(panel("b")));
        history
    }

    #[test]
    fn every_change_can_be_taken_back_and_made_again() {
        let mut history = two();
        let places = [("a", 0, 0), ("b", 0, 4)];
        check(&history, &places);
        history.edit(DocumentEdit::Place(2, Place { x: 12, y: 0, w: 12, h: 4 }));
        check(&history, &[("a", 0, 0), ("b", 12, 0)]);
        assert!(history.undo());
        check(&history, &places);
        assert!(history.redo() && !history.redo());
        check(&history, &[("a", 0, 0), ("b", 12, 0)]);
        history.edit(DocumentEdit::Remove(1));
        assert!(history.undo() && history.undo() && history.undo() && history.undo() && !history.undo());
        check(&history, &[]);
    }

    #[test]
    fn a_new_change_ends_what_could_be_made_again() {
        let mut history = two();
        history.undo();
        history.edit(DocumentEdit::Add(panel("c")));
        assert!(!history.redo());
        check(&history, &[("a", 0, 0), ("c", 0, 4)]);
    }

    #[test]
    fn a_change_that_changes_nothing_is_no_step() {
        let mut history = History::default();
        history.edit(DocumentEdit::Remove(7));
        history.edit(DocumentEdit::Duplicate(7));
        assert!(!history.undo());
    }

    #[test]
    fn a_copy_stands_below_its_panel() {
        let mut history = two();
        history.edit(DocumentEdit::Duplicate(1));
        check(&history, &[("a", 0, 0), ("a", 0, 4), ("b", 0, 8)]);
        assert_eq!(history.document.panels[1].id, 3);
    }

    #[test]
    fn another_content_leaves_the_place() {
        let mut history = two();
        history.edit(DocumentEdit::Replace(PanelDocument { id: 2, ..panel("B") }));
        check(&history, &[("a", 0, 0), ("B", 0, 4)]);
    }

    #[test]
    fn a_tile_that_becomes_a_chart_gets_the_room_of_one() {
        let tile = |kind: &str| PanelDocument {
            id: 1,
            kind: kind.to_owned(),
            place: Place { x: 20, y: 0, w: 4, h: 3 },
            ..PanelDocument::default()
        };
        let after = |kind: &str| {
            let document = Document { panels: vec![tile("stat")], ..Document::default() };
            document.after(DocumentEdit::Replace(tile(kind))).panels[0].place
        };
        assert_eq!(after("stat"), Place { x: 20, y: 0, w: 4, h: 3 });
        assert_eq!(after("heatmap"), Place { x: 15, y: 0, w: 9, h: 6 });
    }
}
