//! What is done about a state that is not as it should be.

use leptos::prelude::*;
use spate_worker::protocol::{Command, PanelId};
use spate_worker::view::View;

use super::{Session, SideSheet};
use crate::shortcut::Action;
use crate::time::TimeEdit;
use crate::ways::Way;

impl Session {
    /// Takes a way out; of a panel when it is about one.
    pub(crate) fn take_way(self, way: Way, panel: Option<PanelId>) {
        let open = |sheet: Option<SideSheet>| self.desk().sheet.set(sheet);
        match way {
            Way::Reconnect => self.send(&Command::Reconnect),
            Way::SkipAhead => self.send(&Command::SkipAhead),
            Way::OpenRelay => self.open_relay(),
            Way::Follow => self.edit_time(TimeEdit::Follow),
            Way::ShowHeld(from, to) => self.edit_time(TimeEdit::Choose(View::Fixed { from, to })),
            Way::Settings => {
                open(panel.and_then(|id| self.panel(id)).map(|panel| SideSheet::Settings(panel.key)));
            }
            Way::Detector => open(panel.map(SideSheet::Detector)),
            Way::Table => open(panel.map(SideSheet::Table)),
            Way::Measure => self.act(Action::Budget),
        }
    }
}
