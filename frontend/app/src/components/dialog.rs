//! A modal dialog; the browser keeps the focus inside, closes it on Escape and gives the focus back.

use leptos::html;
use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use crate::browser::dialog;
use crate::session::Session;

/// The dialog that is open, with its title and a way to close it.
#[component]
pub(crate) fn Dialog(
    /// What it is called.
    title: &'static str,
    /// How it looks, and its test id.
    name: &'static str,
    /// What it holds.
    children: Children,
) -> impl IntoView {
    let session = Session::get();
    let element = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(element) = element.get() {
            dialog::show(&element);
        }
    });
    let close = move || session.modal.set(None);
    let on_click = move |event: leptos::ev::MouseEvent| {
        if dialog::is_on_backdrop(&event) {
            close();
        }
    };
    view! {
        <dialog node_ref=element class=format!("dialog {name}") aria-label=title data-testid=name on:close=move |_| close() on:click=on_click>
            <div class="dialog-body">
                <header class="dialog-header">
                    <h2>{title}</h2>
                    <button type="button" class="icon-button" aria-label="Close" on:click=move |_| close()>
                        <Glyph icon=Icon::Close />
                    </button>
                </header>
                {children()}
            </div>
        </dialog>
    }
}
