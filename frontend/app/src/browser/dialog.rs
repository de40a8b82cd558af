//! Modal dialogs and popovers: the browser traps focus, closes on Escape and gives focus back.

use wasm_bindgen::JsCast as _;
use web_sys::{Event, HtmlDialogElement, HtmlElement};

/// Opens a dialog over the page.
pub(crate) fn show(dialog: &HtmlDialogElement) {
    if !dialog.open() {
        // Fails only for a dialog that left the page.
        dialog.show_modal().unwrap_or_default();
    }
}

/// Whether a click hit the dialog's backdrop, which counts as the dialog itself.
pub(crate) fn is_on_backdrop(event: &Event) -> bool {
    let is_dialog = |target: web_sys::EventTarget| target.dyn_into::<HtmlDialogElement>().is_ok();
    event.target().is_some_and(is_dialog)
}

/// Opens a popover, or closes it.
pub(crate) fn toggle_popover(id: &str) {
    let element = super::page::document().and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok())
        && super::has_member("HTMLElement", "togglePopover")
    {
        // Fails only for an element that is no popover.
        element.toggle_popover().map(|_| ()).unwrap_or_default();
    }
}
