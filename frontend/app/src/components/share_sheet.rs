//! A link to what is shown, and the snippet that embeds it.

use leptos::prelude::*;

use super::dialog::Dialog;
use crate::browser::page;
use crate::session::Session;
use crate::url;

/// The dialog.
#[component]
pub(crate) fn ShareSheet() -> impl IntoView {
    let session = Session::get();
    let locked = RwSignal::new(false);
    let link = Memo::new(move |_| {
        let query = url::with(&page::query(), &session.address(locked.get()));
        format!("{}{query}", page::address())
    });
    let snippet = move || url::embed_snippet(&link.get());
    view! {
        <Dialog title="Share this view" name="share">
            <fieldset class="choices">
                <legend>"Time range"</legend>
                <label class="choice">
                    <input type="radio" name="share-range" checked=true on:change=move |_| locked.set(false) />
                    <span>"As it is: who opens the link sees the range of that moment"</span>
                </label>
                <label class="choice">
                    <input type="radio" name="share-range" data-testid="share-locked" on:change=move |_| locked.set(true) />
                    <span>"Locked: who opens the link sees the instants on screen now"</span>
                </label>
            </fieldset>
            <Copy label="Link" name="share-link" text=Signal::derive(move || link.get()) />
            <Copy label="Embed in a page" name="share-embed" text=Signal::derive(snippet) />
        </Dialog>
    }
}

/// A text and a button that copies it.
#[component]
fn Copy(label: &'static str, name: &'static str, text: Signal<String>) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| page::copy(&text.get_untracked(), move |ok| copied.set(ok));
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <div class="field-row">
                <input id=name class="input mono" type="text" readonly prop:value=text data-testid=name />
                <button type="button" class="button" on:click=copy>{move || if copied.get() { "Copied" } else { "Copy" }}</button>
            </div>
        </div>
    }
}
