//! A panel as a PNG: its drawing under its title, saved or copied.

use leptos::prelude::window;
use leptos::task::spawn_local;
use spate_chart::scene::Scene;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement};

use super::page::document;
use super::{canvas, save};

/// Height of the title, in CSS pixels.
const TITLE_PX: f64 = 36.0;
/// The face of the title, as charts have it.
const FACE: &str = "system-ui, sans-serif";

/// What stands above the drawing, and in which colour.
#[derive(Clone, Debug)]
pub(crate) struct Caption {
    /// The panel's name.
    pub(crate) title: String,
    /// CSS colour of the text.
    pub(crate) ink: String,
    /// Device pixels per CSS pixel.
    pub(crate) scale: f64,
}

/// A picture has at least this many device pixels per CSS pixel.
const LEAST_SCALE: f64 = 2.0;

/// Device pixels per CSS pixel of a picture: those of the screen, but at least two.
pub(crate) fn scale() -> f64 {
    super::event::pixel_ratio().max(LEAST_SCALE)
}

/// Saves a drawing.
pub(crate) fn download(scene: &Scene, caption: &Caption) {
    let name = format!("{}.png", caption.title.replace([' ', '/', '\\'], "_"));
    with_blob(scene, caption, move |blob| save::download_blob(&name, &blob));
}

/// Puts a drawing on the clipboard; tells whether that worked.
pub(crate) fn copy(scene: &Scene, caption: &Caption, on_done: impl Fn(bool) + 'static) {
    with_blob(scene, caption, move |blob| {
        let items = js_sys::Object::new();
        // Setting a member of a plain object does not fail.
        js_sys::Reflect::set(&items, &"image/png".into(), &blob).unwrap_or_default();
        let item = web_sys::ClipboardItem::new_with_record_from_str_to_blob_promise(&items);
        let Ok(item) = item else { return on_done(false) };
        let written = window().navigator().clipboard().write(&js_sys::Array::of1(&item));
        spawn_local(async move { on_done(JsFuture::from(written).await.is_ok()) });
    });
}

fn with_blob(scene: &Scene, caption: &Caption, then: impl FnOnce(Blob) + 'static) {
    let Some(canvas) = compose(scene, caption) else { return };
    let on_blob = Closure::once_into_js(move |blob: JsValue| {
        if let Ok(blob) = blob.dyn_into() {
            then(blob);
        }
    });
    // Fails only for a canvas with foreign images, which this is not.
    canvas.to_blob(on_blob.unchecked_ref()).unwrap_or_default();
}

/// The drawing on a canvas of its own, with its title above it.
fn compose(scene: &Scene, caption: &Caption) -> Option<HtmlCanvasElement> {
    let (width, height) = (scene.list.width_px, scene.list.height_px);
    let (drawing, on_drawing) = blank(width, height)?;
    canvas::draw(&on_drawing, scene);
    let title_px = TITLE_PX * caption.scale;
    let (page, on_page) = blank(width, height + title_px as u32)?;
    on_page.set_fill_style_str(&scene.list.background.css());
    on_page.fill_rect(0.0, 0.0, f64::from(width), f64::from(height) + title_px);
    on_page.set_fill_style_str(&caption.ink);
    on_page.set_font(&format!("600 {}px {FACE}", 15.0 * caption.scale));
    on_page.set_text_baseline("middle");
    on_page.fill_text(&caption.title, 12.0 * caption.scale, title_px / 2.0).ok()?;
    on_page.draw_image_with_html_canvas_element(&drawing, 0.0, title_px.floor()).ok()?;
    Some(page)
}

fn blank(width_px: u32, height_px: u32) -> Option<(HtmlCanvasElement, CanvasRenderingContext2d)> {
    let canvas: HtmlCanvasElement = document()?.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width_px);
    canvas.set_height(height_px);
    let context = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    Some((canvas, context))
}
