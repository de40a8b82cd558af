//! The head of every panel: its title, what keeps it from being as it should be, and what can be done with it.
//!
//! The title has the whole row. Tools lie over its end once the panel is pointed at or entered; for fingers they hang
//! below it, behind a button. They come with the parts that are fetched later.

use leptos::prelude::*;
use spate_worker::protocol::PanelUpdate;

use super::icon::{Glyph, Icon};
use super::later::{Part, later};
use super::panel_status::PanelStatus;
use crate::dashboard::Panel;
use crate::session::Session;

/// The head. What else stands in it comes after the title.
#[component]
pub(crate) fn PanelHead(
    /// Whose.
    panel: Panel,
    /// The panel's labels and stats.
    update: ArcRwSignal<PanelUpdate>,
    /// What else stands there.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let session = Session::get();
    let title_id = panel.title_id();
    let whole = format!("{} {}", panel.title, panel.subtitle);
    let Panel { id, title, subtitle, .. } = panel;
    let tools = move || session.has_later.get().then(|| later(Part::PanelTools(id)));
    let is_open = RwSignal::new(false);
    view! {
        <header class="panel-header">
            <div class="panel-heading">
                <h2 class="panel-title" id=title_id title=whole>{title}<span class="panel-subtitle">{subtitle}</span></h2>
                <button
                    type="button"
                    class="tool panel-more"
                    aria-label="What can be done with this panel"
                    aria-expanded=move || is_open.get().to_string()
                    data-testid="panel-more"
                    on:click=move |_| is_open.update(|is_open| *is_open = !*is_open)
                >
                    <Glyph icon=Icon::More />
                </button>
                <div
                    class="panel-tools"
                    role="group"
                    aria-label="Panel"
                    data-open=move || is_open.get().to_string()
                    on:click=move |_| is_open.set(false)
                >
                    {tools}
                </div>
            </div>
            <PanelStatus id update />
            {children.map(|children| children())}
        </header>
    }
    .into_any()
}
