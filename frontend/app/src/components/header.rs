//! The bar on top: what is open, how it is doing, and how it is shown.

use leptos::prelude::*;

use super::connection_badge::ConnectionBadge;
use super::hold_toggle::HoldToggle;
use super::icon::{Glyph, Icon};
use super::open_menu::OpenMenu;
use super::range_picker::RangePicker;
use super::theme_switch::ThemeSwitch;
use crate::session::Session;

/// The bar on top.
#[component]
pub(crate) fn Header() -> impl IntoView {
    let session = Session::get();
    let source = move || session.opened.read().title();
    view! {
        <header class="header">
            <a class="brand" href="?" aria-label="Spate, live dashboard">
                <BrandMark />
                <span class="brand-name">"Spate"</span>
            </a>
            <h1 class="source" title=source data-testid="source">{source}</h1>
            <ConnectionBadge />
            <div class="header-gap"></div>
            <Show when=move || session.has_panels()>
                <a class="button quiet alerts-link" href="#anomalies">
                    <Glyph icon=Icon::Bell />
                    "Anomalies"
                </a>
                <div class="controls" role="group" aria-label="Time range">
                    <RangePicker />
                    <HoldToggle />
                </div>
            </Show>
            <OpenMenu />
            <ThemeSwitch />
        </header>
    }
}

/// A river in flood: two waves, the upper one swelling.
#[component]
fn BrandMark() -> impl IntoView {
    view! {
        <svg class="brand-mark" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <rect class="brand-tile" width="24" height="24" rx="6" />
            <path class="brand-swell" d="M4 12.5c2.2 0 3-6 5.6-6s3.2 6 5.4 6 2.8-2.5 5-2.5" />
            <path class="brand-stream" d="M4 17c2 0 3-2 5.3-2s3.3 2 5.4 2 3.3-2 5.3-2" />
        </svg>
    }
}
