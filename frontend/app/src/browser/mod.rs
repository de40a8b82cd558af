//! The only room that knows web-sys. Guards stop watching when dropped; nothing here decides anything.

pub(crate) mod canvas;
pub(crate) mod dialog;
pub(crate) mod event;
pub(crate) mod files;
pub(crate) mod global;
pub(crate) mod http;
pub(crate) mod observe;
pub(crate) mod page;
pub(crate) mod picture;
pub(crate) mod recordings;
pub(crate) mod save;
pub(crate) mod worker;
pub(crate) mod zones;

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;
pub(crate) use web_sys::{Element, HtmlCanvasElement as Canvas, OffscreenCanvas};

/// Whether instances of a global class have a member: `has_member("ResizeObserverEntry", "contentRect")`.
fn has_member(class: &str, member: &str) -> bool {
    let prototype = Reflect::get(&js_sys::global(), &class.into())
        .and_then(|class| Reflect::get(&class, &JsValue::from_str("prototype")));
    prototype.is_ok_and(|prototype| {
        prototype.is_object() && Reflect::has(&prototype, &member.into()).unwrap_or(false)
    })
}

/// An error from the browser as text.
fn text_of(error: &JsValue) -> String {
    Object::from(error.clone()).to_string().into()
}
