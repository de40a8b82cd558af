//! Watches elements and the page; each guard stops watching when dropped.

use js_sys::Array;
use leptos::prelude::window;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::closure::Closure;
use web_sys::{
    Element, Event, EventTarget, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit,
    MediaQueryList, ResizeObserver, ResizeObserverBoxOptions, ResizeObserverEntry, ResizeObserverOptions,
    ResizeObserverSize,
};

use super::has_member;

/// An element's size in device pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct SizePx {
    /// Device pixels.
    pub(crate) width_px: u32,
    /// Device pixels.
    pub(crate) height_px: u32,
    /// Device pixels per CSS pixel.
    pub(crate) scale: f32,
}

/// Tells an element's size now and whenever it changes.
#[derive(Debug)]
pub(crate) struct SizeWatch {
    observer: ResizeObserver,
    _on_resize: Closure<dyn FnMut(Array)>,
}

impl SizeWatch {
    /// Watches `element` until the guard is dropped; `None` when the browser cannot.
    pub(crate) fn new(element: &Element, mut on_size: impl FnMut(SizePx) + 'static) -> Option<Self> {
        let has_device_box = has_member("ResizeObserverEntry", "devicePixelContentBoxSize");
        let on_resize = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
            if let Ok(entry) =
                entries.get(entries.length().saturating_sub(1)).dyn_into::<ResizeObserverEntry>()
            {
                on_size(size_of(&entry, has_device_box));
            }
        });
        let observer = ResizeObserver::new(on_resize.as_ref().unchecked_ref()).ok()?;
        let options = ResizeObserverOptions::new();
        if has_device_box {
            options.set_box(ResizeObserverBoxOptions::DevicePixelContentBox);
        }
        observer.observe_with_options(element, &options);
        Some(Self { observer, _on_resize: on_resize })
    }
}

impl Drop for SizeWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Device pixels as the browser counts them, unless they are not those of `devicePixelRatio`, as in emulators.
fn size_of(entry: &ResizeObserverEntry, has_device_box: bool) -> SizePx {
    let scale = window().device_pixel_ratio();
    let (width, height) = (entry.content_rect().width() * scale, entry.content_rect().height() * scale);
    let exact = has_device_box.then(|| entry.device_pixel_content_box_size().get(0));
    let exact = exact.and_then(|size| size.dyn_into::<ResizeObserverSize>().ok());
    let exact = exact.map(|size| (size.inline_size(), size.block_size()));
    let near = exact.filter(|exact| (exact.0 - width).abs() < 2.0 && (exact.1 - height).abs() < 2.0);
    let (width, height) = near.unwrap_or((width, height));
    SizePx { width_px: width.round() as u32, height_px: height.round() as u32, scale: scale as f32 }
}

/// What is this near to the window counts as seen, so that scrolling meets panels already drawn.
const AHEAD: &str = "160px 0px";

/// Tells whether any of an element can be seen; to styles, as `data-seen`.
#[derive(Debug)]
pub(crate) struct VisibilityWatch {
    observer: IntersectionObserver,
    _on_change: Closure<dyn FnMut(Array)>,
}

impl VisibilityWatch {
    /// Watches `element` until the guard is dropped; `None` when the browser cannot.
    pub(crate) fn new(element: &Element, mut on_change: impl FnMut(bool) + 'static) -> Option<Self> {
        let on_change = Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
            let last = entries.get(entries.length().saturating_sub(1));
            if let Ok(entry) = last.dyn_into::<IntersectionObserverEntry>() {
                let is_seen = entry.is_intersecting();
                // Fails only for a name that no attribute can have.
                entry.target().toggle_attribute_with_force("data-seen", is_seen).unwrap_or_default();
                on_change(is_seen);
            }
        });
        let options = IntersectionObserverInit::new();
        options.set_root_margin(AHEAD);
        let callback = on_change.as_ref().unchecked_ref();
        let observer = IntersectionObserver::new_with_options(callback, &options).ok()?;
        observer.observe(element);
        Some(Self { observer, _on_change: on_change })
    }
}

impl Drop for VisibilityWatch {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Calls back on an event of a target.
#[derive(Debug)]
pub(crate) struct Listener {
    target: EventTarget,
    name: &'static str,
    on_event: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Listens until the guard is dropped.
    pub(crate) fn new(
        target: &EventTarget,
        name: &'static str,
        on_event: impl FnMut(Event) + 'static,
    ) -> Self {
        let on_event = Closure::<dyn FnMut(Event)>::new(on_event);
        // Adding a listener fails only for arguments of the wrong type.
        target.add_event_listener_with_callback(name, on_event.as_ref().unchecked_ref()).unwrap_or_default();
        Self { target: target.clone(), name, on_event }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let callback = self.on_event.as_ref().unchecked_ref();
        self.target.remove_event_listener_with_callback(self.name, callback).unwrap_or_default();
    }
}

/// Whether the system is set to dark, and a guard that tells when it changes.
pub(crate) fn system_is_dark(on_change: impl Fn(bool) + 'static) -> (bool, Option<Listener>) {
    let Some(query) = dark_query() else { return (false, None) };
    let listener = Listener::new(&query, "change", move |_| {
        on_change(dark_query().is_some_and(|query| query.matches()));
    });
    (query.matches(), Some(listener))
}

fn dark_query() -> Option<MediaQueryList> {
    window().match_media("(prefers-color-scheme: dark)").ok().flatten()
}

/// Tells when a portal around the page gives it another look; `style/first-paint.js` takes it.
pub(crate) fn portal_look(on_change: impl Fn() + 'static) -> Listener {
    Listener::new(&window(), "spate-look", move |_| on_change())
}

/// Tells when the tab goes to the background and comes back.
pub(crate) fn tab_hidden(on_change: impl Fn(bool) + 'static) -> Option<Listener> {
    let document = super::page::document()?;
    Some(Listener::new(&document.clone(), "visibilitychange", move |_| on_change(document.hidden())))
}
