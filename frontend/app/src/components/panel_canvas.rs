//! A panel's canvas. The worker draws on it; here it is handed over, measured and watched.

use leptos::html;
use leptos::prelude::*;

use crate::dashboard::Panel;
use crate::session::Session;

/// A canvas that fills its parent; the panel around it says in words what it shows.
#[component]
pub(crate) fn PanelCanvas(
    /// Which panel.
    panel: Panel,
) -> impl IntoView {
    let session = Session::get();
    let canvas = NodeRef::<html::Canvas>::new();
    let id = panel.id;
    Effect::new(move |_| {
        if let Some(element) = canvas.get() {
            session.draw_on(&panel, &element);
        }
    });
    on_cleanup(move || session.forget(id));
    view! { <canvas node_ref=canvas class="panel-canvas" aria-hidden="true"></canvas> }
}
