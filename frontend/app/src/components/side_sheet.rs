//! A sheet at the side of the dashboard: a heading, a way out, and content. The dashboard stays usable.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;

use super::icon::Icon;
use super::later::{Part, later};
use super::tool::Tool;
use crate::session::Session;

const CLOSE: Tool =
    Tool { icon: Icon::Close, label: "Close", title: "Close (Escape)", testid: "sheet-close" };

/// The sheet that is open, if any. Escape closes it.
#[component]
pub(crate) fn SideSheets() -> impl IntoView {
    let session = Session::get();
    let keys = window_event_listener(ev::keydown, move |event| {
        if event.key() == "Escape" && session.desk().sheet.read_untracked().is_some() {
            session.close_sheet();
            event.prevent_default();
        }
    });
    on_cleanup(move || keys.remove());
    move || session.desk().sheet.get().map(|sheet| later(Part::Sheet(sheet)))
}

/// The frame of a sheet; the keyboard starts at its heading.
#[component]
pub(crate) fn SheetFrame(
    /// Its name.
    #[prop(into)]
    title: String,
    /// What it is about, under the name.
    #[prop(into)]
    note: String,
    /// Whether it holds a table.
    #[prop(optional)]
    is_wide: bool,
    /// What is in it.
    children: Children,
) -> impl IntoView {
    let session = Session::get();
    let heading = NodeRef::<html::H2>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            // Only an element that was removed meanwhile refuses.
            heading.focus().unwrap_or_default();
        }
    });
    view! {
        <section class="sheet" data-wide=is_wide.to_string() role="dialog" aria-labelledby="sheet-title" data-testid="sheet">
            <div class="sheet-header">
                <div class="sheet-heading">
                    <h2 id="sheet-title" tabindex="-1" node_ref=heading>{title}</h2>
                    <p class="sheet-note">{note}</p>
                </div>
                {CLOSE.view(Box::new(move || session.close_sheet()))}
            </div>
            <div class="sheet-body" tabindex="0" role="region" aria-labelledby="sheet-title">{children()}</div>
        </section>
    }
}
