//! What an event of the page says, in numbers.

use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent, WheelEvent};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

/// CSS pixels from the top left corner of the element that listens.
pub(crate) fn place_css_px(event: &MouseEvent) -> (f64, f64) {
    let corner = target(event).map(|element| element.get_bounding_client_rect());
    let (left, top) = corner.map_or((0.0, 0.0), |rect| (rect.left(), rect.top()));
    (f64::from(event.client_x()) - left, f64::from(event.client_y()) - top)
}

/// Sends all further events of a pointer to the element that listens, until it is lifted.
pub(crate) fn capture(event: &PointerEvent) {
    if let Some(element) = target(event) {
        // A pointer that is already gone cannot be captured, and need not be.
        element.set_pointer_capture(event.pointer_id()).unwrap_or_default();
    }
}

/// Whether the user holds a key that makes the wheel zoom instead of scroll.
pub(crate) fn zooms(event: &WheelEvent) -> bool {
    event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key()
}

/// Width of the element that listens, in CSS pixels.
pub(crate) fn width_css_px(event: &Event) -> f64 {
    target(event).map_or(0.0, |element| element.get_bounding_client_rect().width())
}

fn target(event: &Event) -> Option<Element> {
    event.current_target()?.dyn_into().ok()
}

/// Whether the event began in an element that uses the key itself, such as a button or a slider.
pub(crate) fn is_in_control(event: &Event) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| {
        element
            .closest("button, input, select, textarea, summary, a, [role=application]")
            .ok()
            .flatten()
            .is_some()
    })
}

/// Whether the event began where text is written or an option is chosen: letters are then its own.
pub(crate) fn is_in_field(event: &Event) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| element.closest("input, select, textarea").ok().flatten().is_some())
}

/// Whether Control, Alt or the Command key is held: the key is then the browser's.
pub(crate) fn has_modifier(event: &KeyboardEvent) -> bool {
    event.ctrl_key() || event.alt_key() || event.meta_key()
}

/// Clicks a hidden file input, which opens the system's file picker.
pub(crate) fn click(input: &HtmlInputElement) {
    HtmlElement::click(input);
}

/// Closes a popover; nothing when it is closed or the browser has none.
pub(crate) fn hide_popover(id: &str) {
    if let Some(element) = open_popover(id) {
        // It was open a moment ago; one that closed meanwhile is what was wanted.
        element.hide_popover().unwrap_or_default();
    }
}

/// The popover, when the browser has such and it is open.
pub(crate) fn open_popover(id: &str) -> Option<HtmlElement> {
    let element = super::page::document()?.get_element_by_id(id)?.dyn_into::<HtmlElement>().ok()?;
    let is_open =
        super::has_member("HTMLElement", "hidePopover") && element.matches(":popover-open").unwrap_or(false);
    is_open.then_some(element)
}

/// Device pixels per CSS pixel.
pub(crate) fn pixel_ratio() -> f64 {
    leptos::prelude::window().device_pixel_ratio()
}
