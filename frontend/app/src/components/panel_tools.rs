//! What can be done with a panel, in its head.

use leptos::prelude::*;
use spate_worker::protocol::PanelId;

use super::icon::{Glyph, Icon};
use super::tool::Tool;
use crate::dashboard::Panel;
use crate::session::{Session, SideSheet};

const RESET: Tool = Tool {
    icon: Icon::ZoomOut,
    label: "Reset the zoom",
    title: "Show everything again (double-click)",
    testid: "reset-zoom",
};
const DETECTOR: Tool = Tool {
    icon: Icon::Sliders,
    label: "Detector",
    title: "How anomalies are found here",
    testid: "open-detector",
};
const TABLE: Tool = Tool {
    icon: Icon::Table,
    label: "Values as a table",
    title: "Values as a table (Shift + T)",
    testid: "open-table",
};
const SAVE: Tool =
    Tool { icon: Icon::Save, label: "Save or copy", title: "Save or copy (Shift + S)", testid: "open-save" };
const SETTINGS: Tool =
    Tool { icon: Icon::Settings, label: "Panel settings", title: "Panel settings", testid: "open-settings" };
const ALONE: Tool = Tool {
    icon: Icon::Maximize,
    label: "Show alone",
    title: "Show alone, or all again (V)",
    testid: "show-alone",
};

/// The tools of a panel.
#[component]
pub(crate) fn PanelTools(
    /// Which panel.
    id: PanelId,
) -> impl IntoView {
    let session = Session::get();
    session.panel(id).map(|panel| tools(session, &panel))
}

fn tools(session: Session, panel: &Panel) -> AnyView {
    let (id, key) = (panel.id, panel.key);
    let is_alone = move || session.boards.alone.get_untracked() == Some(key);
    let is_over_time = panel.spec.kind == "time_series";
    view! {
        {is_over_time.then(|| tools_over_time(session, id))}
        {opener(TABLE, SideSheet::Table(id))}
        {opener(SAVE, SideSheet::Save(id))}
        {ALONE.view(Box::new(move || session.show_alone((!is_alone()).then_some(key))))}
        {opener(SETTINGS, SideSheet::Settings(key))}
    }
    .into_any()
}

/// What a crosshair, a zoom and a detector make possible.
fn tools_over_time(session: Session, id: PanelId) -> AnyView {
    let update = session.updates_of(id);
    let brushes = session.desk().brush;
    let is_zoomed = Memo::new(move |_| update.read().values_zoomed || session.time.read().is_zoomed());
    view! {
        <Show when=move || is_zoomed.get()>{RESET.view(Box::new(move || session.reset_zoom(id)))}</Show>
        <button
            type="button"
            class="tool"
            title="Drag over an interval to see what changed (Alt + drag)"
            aria-label="Choose an interval"
            aria-pressed=move || brushes.get().to_string()
            data-testid="brush"
            on:click=move |_| brushes.update(|brushes| *brushes = !*brushes)
        >
            <Glyph icon=Icon::Brush />
        </button>
        {opener(DETECTOR, SideSheet::Detector(id))}
    }
    .into_any()
}

/// A button that opens a sheet.
fn opener(tool: Tool, sheet: SideSheet) -> AnyView {
    let session = Session::get();
    tool.view(Box::new(move || session.desk().sheet.set(Some(sheet))))
}
