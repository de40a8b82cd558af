//! The dashboard: Leptos components over the worker.
//!
//! Events from the page become [`document::DocumentEdit`]s (cold state) or the protocol's commands; the worker's updates
//! become signals, one per panel. Nothing here sees a series: the worker draws, the page composites.
//!
//! Only [`browser`] knows web-sys. What can be said without a browser (settings, titles, the default dashboard,
//! formats, queues) is a plain function with a native test.

mod browser;
mod budget;
mod catalog_dashboard;
mod changes;
mod components;
mod cursor;
mod dashboard;
mod decision;
mod detection;
mod document;
mod drag;
mod format;
mod labels;
mod legend;
mod notes;
mod outbox;
mod overrides;
mod palette;
mod playback;
mod session;
mod settings;
mod shelf;
mod shortcut;
mod status;
mod theme;
mod time;
mod url;
mod variables;
mod ways;

/// Shows the dashboard in the page, in place of the static first paint.
pub fn start() {
    console_error_panic_hook::set_once();
    browser::page::mount(components::app::App);
}
