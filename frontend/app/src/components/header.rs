//! The bar on top: what is open, how it is doing, and how it is shown.

use leptos::prelude::*;

use super::connection_badge::ConnectionBadge;
use super::icon::{Glyph, Icon};
use super::open_menu::OpenMenu;
use super::theme_switch::ThemeSwitch;
use super::time_picker::TimePicker;
use crate::browser::event::hide_popover;
use crate::session::Session;
use crate::shortcut::Action;

/// Id of the tools, which are a popover where the bar is narrow.
const TOOLS: &str = "tools";

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
                {move || session.alerts_id().map(|id| view! {
                    <a class="button quiet alerts-link" href=format!("#{id}")>
                        <Glyph icon=Icon::Bell />
                        "Anomalies"
                    </a>
                })}
                <div class="controls" role="group" aria-label="Time">
                    <TimePicker />
                </div>
            </Show>
            <OpenMenu />
            <button type="button" class="icon-button more" aria-label="More" title="More" popovertarget=TOOLS data-testid="more">
                <Glyph icon=Icon::More />
            </button>
            <div id=TOOLS class="tools" popover="auto" role="group" aria-label="Tools">
                <Tool icon=Icon::Search label="Find anything (Ctrl+K)" action=Action::Palette />
                <Show when=move || session.has_panels()>
                    <Tool icon=Icon::Edit label="Change the dashboard (E)" action=Action::Edit />
                </Show>
                <Tool icon=Icon::Share label="Share this view (S)" action=Action::Share />
                <Tool icon=Icon::Keyboard label="Keyboard shortcuts (?)" action=Action::Help />
                <ThemeSwitch />
            </div>
        </header>
        <Show when=move || session.kiosk.get()>
            <button type="button" class="button kiosk-exit" on:click=move |_| session.act(Action::Kiosk)>"Leave kiosk"</button>
        </Show>
    }
}

/// A button for something that also has a shortcut.
#[component]
fn Tool(icon: Icon, label: &'static str, action: Action) -> impl IntoView {
    let session = Session::get();
    let act = move |_| {
        hide_popover(TOOLS);
        session.act(action);
    };
    view! {
        <button type="button" class="icon-button" aria-label=label title=label on:click=act>
            <Glyph icon />
            <span class="tool-name">{label.split(" (").next()}</span>
        </button>
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
