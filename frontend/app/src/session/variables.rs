//! Choosing what a whole dashboard is filtered by.

use leptos::prelude::*;
use spate_worker::protocol::FieldFilter;

use super::Session;
use crate::browser::page::Remember;
use crate::document::DocumentEdit;
use crate::variables;

impl Session {
    /// Filters all panels by a dimension. While the dashboard is being changed, what is chosen becomes its own.
    pub(crate) fn choose_variable(self, filter: FieldFilter) {
        let board = self.boards.board;
        let mut chosen = board.with_untracked(|board| board.chosen().to_vec());
        if self.boards.is_editing.get_untracked() {
            chosen.retain(|other| other.field != filter.field);
            self.edit_board(DocumentEdit::Variable(filter));
        } else {
            variables::set(&mut chosen, filter);
            let own = board.with_untracked(|board| board.document().variables.clone());
            // All is what there is anyway where the dashboard says nothing.
            chosen.retain(|filter| {
                !filter.values.is_empty() || own.iter().any(|own| own.field == filter.field)
            });
        }
        board.update(|board| board.choose(chosen));
        self.show_address(Remember::Step);
    }
}
