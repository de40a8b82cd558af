//! What an event of the page says, in numbers.

use leptos::ev::{Custom, KeyboardEvent, MouseEvent, PointerEvent, WheelEvent};
use wasm_bindgen::JsCast as _;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement};

/// CSS pixels from the top left corner of the element that listens.
pub(crate) fn place_css_px(event: &MouseEvent) -> (f64, f64) {
    let corner = target(event).map(|element| element.get_bounding_client_rect());
    let (left, top) = corner.map_or((0.0, 0.0), |rect| (rect.left(), rect.top()));
    (f64::from(event.client_x()) - left, f64::from(event.client_y()) - top)
}

/// A move of a pointer, told as it happens: half a frame before `pointermove`, which waits for the next painting. Browsers
/// that do not know it tell `pointermove` alone.
pub(crate) fn raw_move() -> Custom<PointerEvent> {
    Custom::new("pointerrawupdate")
}

/// Sends all further events of a pointer to the element that listens, until it is lifted.
pub(crate) fn capture(event: &PointerEvent) {
    if let Some(element) = target(event) {
        // A pointer that is already gone cannot be captured, and need not be.
        element.set_pointer_capture(event.pointer_id()).unwrap_or_default();
    }
}

/// CSS pixels from the top left corner of the page, which scrolls along.
pub(crate) fn page_css_px(event: &MouseEvent) -> (f64, f64) {
    (f64::from(event.page_x()), f64::from(event.page_y()))
}

/// Whether the event began inside an element that a selector names.
pub(crate) fn is_within(event: &Event, selector: &str) -> bool {
    let element = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    element.is_some_and(|element| element.closest(selector).ok().flatten().is_some())
}

/// How far columns and rows are apart, in CSS pixels, on the grid around the element that listens; `None` when it has
/// not that many columns now.
pub(crate) fn grid_pitch_css_px(event: &Event, columns: u32) -> Option<(f64, f64)> {
    let grid = target(event)?.closest(".grid").ok()??;
    let style = leptos::prelude::window().get_computed_style(&grid).ok()??;
    let value = |name: &str| style.get_property_value(name).unwrap_or_default();
    let px = |name: &str| value(name).strip_suffix("px")?.parse::<f64>().ok();
    if value("grid-template-columns").split_whitespace().count() != columns as usize {
        return None;
    }
    let width = f64::from(grid.client_width()) + px("column-gap")?;
    Some((width / f64::from(columns), px("grid-auto-rows")? + px("row-gap")?))
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
    is_within(event, "button, input, select, textarea, summary, a, [role=application]")
}

/// Whether the event began where text is written or an option is chosen: letters are then its own.
pub(crate) fn is_in_field(event: &Event) -> bool {
    is_within(event, "input, select, textarea")
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

/// Whether any popover is open.
pub(crate) fn is_popover_open() -> bool {
    super::page::document().is_some_and(|page| matches!(page.query_selector(":popover-open"), Ok(Some(_))))
}

/// Device pixels per CSS pixel.
pub(crate) fn pixel_ratio() -> f64 {
    leptos::prelude::window().device_pixel_ratio()
}
