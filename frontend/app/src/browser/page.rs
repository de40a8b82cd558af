//! The page itself: where it is mounted, its address, its storage.

use leptos::prelude::*;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Document, HtmlElement, Storage};

/// The element that holds the static first paint, and then the dashboard.
const ROOT: &str = "root";
const THEME_KEY: &str = "spate.theme";
const RELOADED_KEY: &str = "spate.reloaded-for";

/// The page's document.
pub(crate) fn document() -> Option<Document> {
    window().document()
}

/// Replaces the static first paint with `view` for as long as the page lives.
pub(crate) fn mount<F, N>(view: F)
where
    F: FnOnce() -> N + 'static,
    N: IntoView,
{
    let root = document().and_then(|document| document.get_element_by_id(ROOT));
    match root.and_then(|root| root.dyn_into::<HtmlElement>().ok()) {
        Some(root) => {
            root.set_inner_html("");
            leptos::mount::mount_to(root, view).forget();
        }
        None => leptos::mount::mount_to_body(view),
    }
}

/// The query string, with its `?` when there is one.
pub(crate) fn query() -> String {
    window().location().search().unwrap_or_default()
}

/// The folder relative addresses start from.
pub(crate) fn base() -> String {
    document().and_then(|document| document.base_uri().ok().flatten()).unwrap_or_default()
}

/// Shows another query string in the address bar without loading the page.
pub(crate) fn show_query(query: &str) {
    let location = window().location();
    let address = format!("{}{query}", location.pathname().unwrap_or_default());
    if let Ok(history) = window().history() {
        // A sandboxed frame may refuse; the address bar is then not ours to change.
        history.replace_state_with_url(&JsValue::NULL, "", Some(&address)).unwrap_or_default();
    }
}

/// Loads the page again.
pub(crate) fn reload() {
    // Only a detached document refuses.
    window().location().reload().unwrap_or_default();
}

/// Whether the page was not yet loaded again for the sake of `build`; remembers that it now is.
pub(crate) fn first_reload_for(build: &str) -> bool {
    let Some(storage) = window().session_storage().ok().flatten() else { return false };
    let reloaded = storage.get_item(RELOADED_KEY).ok().flatten();
    reloaded.as_deref() != Some(build) && storage.set_item(RELOADED_KEY, build).is_ok()
}

/// The theme chosen last time, by name.
pub(crate) fn stored_theme() -> Option<String> {
    local_storage()?.get_item(THEME_KEY).ok().flatten()
}

/// Remembers the theme for next time, where the browser allows it.
pub(crate) fn store_theme(name: &str) {
    if let Some(storage) = local_storage() {
        // Storage may be full or forbidden; the choice then lasts as long as the page.
        storage.set_item(THEME_KEY, name).unwrap_or_default();
    }
}

fn local_storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// Gives the page its colours.
pub(crate) fn show_theme(is_dark: bool) {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        let name = if is_dark { "dark" } else { "light" };
        // Fails only for an attribute name with forbidden characters.
        root.set_attribute("data-theme", name).unwrap_or_default();
    }
}

/// Names the page in the tab and in the history.
pub(crate) fn show_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// Milliseconds of the wall clock, for pacing.
pub(crate) fn now_millis() -> f64 {
    js_sys::Date::now()
}

/// A number that differs from page to page.
pub(crate) fn random_seed() -> u64 {
    (js_sys::Math::random() * 2f64.powi(53)) as u64
}
