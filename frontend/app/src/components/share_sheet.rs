//! A link to what is shown, the snippet that embeds it, and recordings of it.

use std::rc::Rc;

use leptos::prelude::*;
use spate_shared::catalog::StreamInfo;
use spate_shared::time;
use spate_worker::ask::Ask;

use super::dialog::Dialog;
use super::icon::{Glyph, Icon};
use crate::browser::files::read_address;
use crate::browser::{page, save};
use crate::session::{Opened, Session};
use crate::url;

/// The dialog.
#[component]
pub(crate) fn ShareSheet() -> impl IntoView {
    let session = Session::get();
    let locked = RwSignal::new(false);
    let link = Memo::new(move |_| format!("{}{}", page::address(), session.query(locked.get())));
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
            {history(session)}
            {slices(session)}
            <Copy label="Link" name="share-link" text=Signal::derive(move || link.get()) />
            <Copy label="Embed in a page" name="share-embed" text=Signal::derive(snippet) />
        </Dialog>
    }
}

/// What a relay keeps of each stream as a recording: of the range on screen to be saved, all of it to be played.
fn history(session: Session) -> AnyView {
    // Only the relay that serves the page answers here.
    let is_served = matches!(&*session.opened.read_untracked(), Opened::Relay(_))
        && url::parse(&page::query()).0.relay.is_none();
    if !is_served {
        return ().into_any();
    }
    let address = |name: &str| format!("api/v1/streams/{name}/events?format=spate");
    let save = move |name: String| {
        let shown = session.shown_of(&name);
        let ends = shown.map(|shown| [shown.from, shown.to].map(time::format));
        let range = ends.map(|[from, to]| format!("&from={from}&to={to}")).unwrap_or_default();
        read_address(format!("{name}.spate"), address(&name) + &range, move |read| match read {
            Ok((name, bytes)) => save::download(&name, "application/vnd.spate.recording", &bytes),
            Err(reason) => session.report("The recording could not be saved".to_owned(), reason),
        });
    };
    let play = move |name: String| {
        session.modal.set(None);
        let address = address(&name);
        read_address(format!("{name}.spate"), address, move |read| session.open_read(read));
    };
    let buttons = |icon: Icon, testid: &'static str, act: Rc<dyn Fn(String)>| {
        let button = move |stream: StreamInfo| {
            let (name, act) = (stream.name.clone(), Rc::clone(&act));
            view! {
                <button type="button" class="button" data-testid=testid on:click=move |_| act(name.clone())>
                    <Glyph icon />
                    {stream.name}
                </button>
            }
        };
        untrack(|| session.known_streams()).into_iter().map(button).collect_view()
    };
    view! {
        <div class="field">
            <span>"Save the range on screen as a recording (.spate)"</span>
            <div class="share-streams">{buttons(Icon::Save, "save-slice", Rc::new(save))}</div>
        </div>
        <div class="field">
            <span>"Play what the relay keeps"</span>
            <div class="share-streams">{buttons(Icon::Play, "play-history", Rc::new(play))}</div>
        </div>
    }
    .into_any()
}

/// Parts of a recording or of a file that is being played, as recordings.
fn slices(session: Session) -> AnyView {
    if matches!(&*session.opened.read_untracked(), Opened::Relay(_)) {
        return ().into_any();
    }
    let playback = session.desk().playback;
    let looping = Memo::new(move |_| playback.read().as_ref().and_then(|playback| playback.looping));
    let button = move |name: &'static str, testid: &'static str, parts: Option<(f64, f64)>| {
        view! {
            <button type="button" class="button" data-testid=testid on:click=move |_| session.ask(Ask::Slice { parts })>
                <Glyph icon=Icon::Save />
                {name}
            </button>
        }
    };
    let of_loop = move || looping.get().map(|parts| button("What the loop plays", "slice-loop", Some(parts)));
    view! {
        <div class="field">
            <span>"Save a part as a recording (.spate)"</span>
            <div class="share-streams">
                {button("Range on screen", "slice-shown", None)}
                {of_loop}
                {button("All of it", "slice-all", Some((0.0, 1.0)))}
            </div>
        </div>
    }
    .into_any()
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
