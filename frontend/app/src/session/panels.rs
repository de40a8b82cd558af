//! Panels on the page: drawn, measured and watched until their components are gone.

use leptos::prelude::*;
use spate_chart::scene::RowWindow;
use spate_worker::protocol::{Command, PanelId, PanelState, PanelUpdate};

use super::Session;
use crate::browser::observe::{SizePx, SizeWatch, VisibilityWatch};
use crate::browser::{Canvas, Element, canvas};
use crate::dashboard::Panel;

impl Session {
    /// Labels and stats of a panel.
    pub(crate) fn updates_of(self, panel: PanelId) -> ArcRwSignal<PanelUpdate> {
        let new = || ArcRwSignal::new(PanelUpdate::new(panel, PanelState::Waiting));
        let known =
            self.machine.try_update_value(|machine| machine.updates.entry(panel).or_insert_with(new).clone());
        known.unwrap_or_else(new)
    }

    /// Has a panel drawn on `element` until the caller's owner is gone.
    pub(crate) fn draw_on(self, panel: &Panel, element: &Canvas) {
        let id = panel.id;
        let drawn_here = self.machine.try_update_value(|machine| {
            let canvases = machine.main_canvases.as_mut()?;
            canvases.add(id, element);
            Some(())
        });
        let offscreen = if drawn_here.flatten().is_some() { None } else { canvas::transfer(element) };
        self.send_with(&Command::AddPanel { panel: id, spec: panel.spec.clone() }, offscreen);
        StoredValue::new_local(SizeWatch::new(element, move |size| self.resize(id, size)));
        self.watch_visibility(id, element);
    }

    /// Has a panel without a canvas filled while `element` can be seen.
    pub(crate) fn fill(self, panel: &Panel, element: &Element) {
        self.send(&Command::AddPanel { panel: panel.id, spec: panel.spec.clone() });
        self.watch_visibility(panel.id, element);
    }

    /// Forgets a panel that left the page.
    pub(crate) fn forget(self, panel: PanelId) {
        self.machine.update_value(|machine| {
            machine.updates.remove(&panel);
            if let Some(canvases) = &mut machine.main_canvases {
                canvases.remove(panel);
            }
        });
        self.desk().rows.update(|rows| _ = rows.remove(&panel));
        self.send(&Command::RemovePanel { panel });
    }

    /// Rows that a table or event log shows now.
    pub(super) fn show_rows(self, panel: PanelId, window: RowWindow) {
        self.desk().rows.update(|rows| _ = rows.insert(panel, window));
    }

    fn watch_visibility(self, panel: PanelId, element: &Element) {
        let show = move |visible| self.send(&Command::Show { panel, visible });
        StoredValue::new_local(VisibilityWatch::new(element, show));
    }

    fn resize(self, panel: PanelId, size: SizePx) {
        self.machine.with_value(|machine| {
            if let Some(canvases) = &machine.main_canvases {
                canvases.resize(panel, size);
            }
        });
        let SizePx { width_px, height_px, scale } = size;
        self.send(&Command::Resize { panel, width_px, height_px, scale });
    }
}
