//! Opens the relay, a file or a bundled recording.

use leptos::prelude::*;
use leptos::{ev, html};

use super::icon::{Glyph, Icon};
use super::later::{Part, later};
use crate::browser::event::{click, hide_popover, open_popover};
use crate::browser::files::read_picked;
use crate::session::{Opened, Session};

/// The popover's id.
pub(super) const MENU: &str = "open-menu";

/// A button and its popover; the browser closes it on Escape and on a click elsewhere.
#[component]
pub(crate) fn OpenMenu() -> impl IntoView {
    let session = Session::get();
    let has_relay = move || matches!(&*session.opened.read(), Opened::Relay(_));
    let open_relay = move |_: ev::MouseEvent| {
        hide_popover(MENU);
        session.open_relay();
    };
    let is_open = RwSignal::new(false);
    let toggled = move |_| is_open.set(open_popover(MENU).is_some());
    view! {
        <button type="button" class="button open" data-testid="open" popovertarget=MENU>
            <Glyph icon=Icon::Open />
            "Open"
        </button>
        <div id=MENU class="menu" popover="auto" role="group" aria-label="Open a source" on:toggle=toggled>
            <button type="button" class="menu-item" aria-pressed=move || has_relay().to_string() on:click=open_relay>
                <Glyph icon=Icon::Relay />
                <span class="menu-title">"Live relay"</span>
                <span class="menu-note">"events as they arrive"</span>
            </button>
            <FilePicker class="menu-item">
                <span class="menu-title">"A file from this device"</span>
                <span class="menu-note">".spate, .csv, .ndjson, .json; stays here"</span>
            </FilePicker>
            {move || is_open.get().then(|| later(Part::OpenLists))}
        </div>
    }
}

/// A button that opens the system's file picker and then the file.
#[component]
pub(crate) fn FilePicker(
    /// How the button looks.
    class: &'static str,
    /// What it says.
    children: Children,
) -> impl IntoView {
    let session = Session::get();
    let input = NodeRef::<html::Input>::new();
    let pick = move |_| {
        if let Some(input) = input.get() {
            click(&input);
        }
    };
    let open = move |_| {
        if let Some(input) = input.get() {
            hide_popover(MENU);
            read_picked(&input, move |read| session.open_read(read));
        }
    };
    view! {
        <button type="button" class=class on:click=pick>
            <Glyph icon=Icon::File />
            {children()}
        </button>
        <input
            node_ref=input
            type="file"
            hidden
            accept=".spate,.csv,.ndjson,.jsonl,.json"
            data-testid="file-input"
            on:change=open
        />
    }
}
