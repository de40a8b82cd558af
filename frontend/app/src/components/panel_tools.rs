//! What can be done with a panel, in its header.

use leptos::prelude::*;
use spate_worker::protocol::{PanelId, PanelUpdate};

use super::icon::{Glyph, Icon};
use super::settings_sheet::SettingsTool;
use crate::session::{Session, SideSheet};

/// Buttons that stay quiet until the panel is pointed at or entered.
#[component]
pub(crate) fn PanelTools(
    /// Which panel.
    id: PanelId,
    /// Its id in the document.
    key: u32,
    /// The panel's labels and stats.
    update: ArcRwSignal<PanelUpdate>,
) -> impl IntoView {
    let session = Session::get();
    let brushes = session.desk().brush;
    let is_zoomed = Memo::new(move |_| update.read().values_zoomed || session.time.read().is_zoomed());
    view! {
        <div class="panel-tools" role="group" aria-label="Panel">
            <Show when=move || is_zoomed.get()>
                <button
                    type="button"
                    class="tool"
                    title="Show everything again (double-click)"
                    aria-label="Reset the zoom"
                    data-testid="reset-zoom"
                    on:click=move |_| session.reset_zoom(id)
                >
                    <Glyph icon=Icon::ZoomOut />
                </button>
            </Show>
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
            <button
                type="button"
                class="tool"
                title="How anomalies are found here"
                aria-label="Detector"
                data-testid="open-detector"
                on:click=move |_| session.desk().sheet.set(Some(SideSheet::Detector(id)))
            >
                <Glyph icon=Icon::Sliders />
            </button>
            <button
                type="button"
                class="tool"
                title="Values as a table"
                aria-label="Values as a table"
                data-testid="open-table"
                on:click=move |_| session.desk().sheet.set(Some(SideSheet::Table(id)))
            >
                <Glyph icon=Icon::Table />
            </button>
            <button
                type="button"
                class="tool"
                title="Save or copy"
                aria-label="Save or copy"
                data-testid="open-save"
                on:click=move |_| session.desk().sheet.set(Some(SideSheet::Save(id)))
            >
                <Glyph icon=Icon::Save />
            </button>
            <SettingsTool key />
        </div>
    }
}
