//! The page itself: where it is mounted, its address, its storage.

use js_sys::Reflect;
use leptos::prelude::*;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Clipboard, Document, HtmlElement, Storage};

/// The element that holds the static first paint, and then the dashboard.
const ROOT: &str = "root";
/// What every stored key begins with; `style/first-paint.js` reads the theme.
const STORE: &str = "spate.";
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

/// Where the page is, without query and fragment.
pub(crate) fn address() -> String {
    let location = window().location();
    format!("{}{}", location.origin().unwrap_or_default(), location.pathname().unwrap_or_default())
}

/// How a new address is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remember {
    /// The back button leads to the one before.
    Step,
    /// It takes the place of the one before.
    InPlace,
}

/// Shows another query string in the address bar without loading the page.
pub(crate) fn show_query(query: &str, remember: Remember) {
    if query == self::query() {
        return;
    }
    let address = format!("{}{query}", window().location().pathname().unwrap_or_default());
    if let Ok(history) = window().history() {
        // A sandboxed frame may refuse; the address bar is then not ours to change.
        match remember {
            Remember::Step => history.push_state_with_url(&JsValue::NULL, "", Some(&address)),
            Remember::InPlace => history.replace_state_with_url(&JsValue::NULL, "", Some(&address)),
        }
        .unwrap_or_default();
    }
}

/// Puts a text into the clipboard, then says whether it could.
pub(crate) fn copy(text: &str, then: impl Fn(bool) + 'static) {
    let clipboard = Reflect::get(&window().navigator(), &"clipboard".into());
    // Pages of plain http have no clipboard.
    let Some(clipboard) = clipboard.ok().filter(JsValue::is_object) else { return then(false) };
    let promise = clipboard.unchecked_into::<Clipboard>().write_text(text);
    wasm_bindgen_futures::spawn_local(async move {
        then(wasm_bindgen_futures::JsFuture::from(promise).await.is_ok());
    });
}

/// Opens the browser's print dialog.
pub(crate) fn print() {
    // A sandboxed frame may refuse.
    window().print().unwrap_or_default();
}

/// Scrolls to an element and gives it the focus.
pub(crate) fn go_to(id: &str) {
    let element = document().and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        element.scroll_into_view();
        // Fails only for an element that left the page.
        element.focus().unwrap_or_default();
    }
}

/// An attribute of the first element that a selector names.
pub(crate) fn within(selector: &str, attribute: &str) -> Option<String> {
    document()?.query_selector(selector).ok()??.get_attribute(attribute)
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

/// What was stored under a key last time: `theme`, `recent-ranges`.
pub(crate) fn stored(key: &str) -> Option<String> {
    local_storage()?.get_item(&format!("{STORE}{key}")).ok().flatten()
}

/// Remembers something for next time, where the browser allows it; gives whether it did.
pub(crate) fn store(key: &str, value: &str) -> bool {
    // Storage may be full or forbidden.
    local_storage().is_some_and(|storage| storage.set_item(&format!("{STORE}{key}"), value).is_ok())
}

/// Forgets what was stored under a key.
pub(crate) fn forget(key: &str) {
    if let Some(storage) = local_storage() {
        // Storage that forbids this has nothing to forget.
        storage.remove_item(&format!("{STORE}{key}")).unwrap_or_default();
    }
}

fn local_storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// Gives the page a look by an attribute of its root: `theme`, `density`, `kiosk`; `None` takes it away.
pub(crate) fn show_look(name: &str, value: Option<&str>) {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        let name = format!("data-{name}");
        match value {
            // Fails only for an attribute name with forbidden characters.
            Some(value) => root.set_attribute(&name, value).unwrap_or_default(),
            None => root.remove_attribute(&name).unwrap_or_default(),
        }
    }
}

/// The colour that a portal around the page gave a token of its style, as `#rrggbb`; none where it gave no other.
pub(crate) fn given_color(token: &str) -> Option<String> {
    let root = document()?.document_element()?.dyn_into::<HtmlElement>().ok()?;
    root.style().get_property_value(&format!("--{token}")).ok().filter(|value| !value.is_empty())
}

/// Names the page in the tab and in the history.
pub(crate) fn show_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// Moves the keyboard to an element; gives whether it is there.
pub(crate) fn focus(id: &str) -> bool {
    let element = document().and_then(|document| document.get_element_by_id(id));
    let element = element.and_then(|element| element.dyn_into::<HtmlElement>().ok());
    // Only an element that was removed meanwhile refuses.
    element.is_some_and(|element| element.focus().is_ok())
}

/// Milliseconds of the wall clock, for pacing.
pub(crate) fn now_millis() -> f64 {
    js_sys::Date::now()
}

/// A number that differs from page to page.
pub(crate) fn random_seed() -> u64 {
    (js_sys::Math::random() * 2f64.powi(53)) as u64
}
