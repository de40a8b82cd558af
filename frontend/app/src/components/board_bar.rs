//! The bar over a dashboard that is being changed: its name, undo, a new panel, keeping, files.

use leptos::html;
use leptos::prelude::*;
use spate_chart::panel::{PANELS, Surface, kind};
use spate_shared::schema::Role;

use crate::browser::event::{click, hide_popover};
use crate::browser::files::read_picked;
use crate::dashboard::Home;
use crate::document::{DocumentEdit, PanelDocument, Place};
use crate::session::Session;
use crate::shortcut::Action;

const ADD_MENU: &str = "add-panel";

/// The bar.
#[component]
pub(crate) fn BoardBar() -> impl IntoView {
    let session = Session::get();
    session.ask_shelf();
    let board = session.boards.board;
    let title = move || board.read().document().title.clone();
    let retitle = move |event| session.edit_board(DocumentEdit::Title(event_target_value(&event)));
    let state = move || if board.read().is_changed() { "Not kept yet, remembered here" } else { "" };
    view! {
        <section class="board-bar" aria-label="Change the dashboard" data-testid="board-bar">
            <input class="board-title" type="text" aria-label="Name of the dashboard" prop:value=title data-testid="board-title" on:change=retitle />
            <span class="chip" data-testid="board-state">{state}</span>
            <div class="header-gap"></div>
            {action("Undo", "undo", Box::new(move || session.undo(false)))}
            {action("Redo", "redo", Box::new(move || session.undo(true)))}
            <button type="button" class="button" popovertarget=ADD_MENU data-testid="add">"Add a panel"</button>
            <AddMenu />
            {action("Export", "export", Box::new(move || session.export_board()))}
            <Import />
            {action("Keep here", "keep", Box::new(move || session.keep_here()))}
            {move || session.boards.shelf.read().is_writable.then(|| {
                action("Keep on the relay", "keep-relay", Box::new(move || session.keep_on_relay()))
            })}
            <button type="button" class="button primary" data-testid="done" on:click=move |_| session.act(Action::Edit)>"Done"</button>
            {move || session.boards.conflict.get().map(|(name, _)| conflict(session, &name))}
        </section>
    }
    .into_any()
}

/// Somebody else saved another version.
fn conflict(session: Session, name: &str) -> AnyView {
    view! {
        <div class="board-conflict" role="alert" data-testid="conflict">
            <p>{format!("Someone else saved {name:?} meanwhile. Nothing is overwritten until you choose.")}</p>
            {action("Take theirs", "take-theirs", Box::new(move || session.take_theirs()))}
            {action("Keep mine", "keep-mine", Box::new(move || session.keep_mine()))}
        </div>
    }
    .into_any()
}

fn action(label: &'static str, testid: &'static str, click: Box<dyn Fn()>) -> AnyView {
    view! { <button type="button" class="button" data-testid=testid on:click=move |_| click()>{label}</button> }
        .into_any()
}

/// Shows the dashboard of a file.
#[component]
fn Import() -> impl IntoView {
    let session = Session::get();
    let input = NodeRef::<html::Input>::new();
    let pick = move || {
        if let Some(input) = input.get() {
            click(&input);
        }
    };
    let open = move |_| {
        if let Some(input) = input.get() {
            read_picked(&input, move |read| match read {
                Ok((_, bytes)) => session.show_text(&String::from_utf8_lossy(&bytes), Home::File),
                Err(reason) => session.report("The file could not be read".to_owned(), reason),
            });
        }
    };
    view! {
        {action("Import", "import", Box::new(pick))}
        <input node_ref=input type="file" hidden accept=".json" data-testid="import-input" on:change=open />
    }
    .into_any()
}

/// What a new panel shows: its kind, and a measure.
#[component]
fn AddMenu() -> impl IntoView {
    let session = Session::get();
    let chosen = RwSignal::new("time_series".to_owned());
    let source = RwSignal::new(0_usize);
    let sources = Memo::new(move |_| sources(session));
    let add = move |_| {
        hide_popover(ADD_MENU);
        let (_, stream, measure) =
            sources.with_untracked(|all| all.get(source.get_untracked()).cloned()).unwrap_or_default();
        session.edit_board(DocumentEdit::Add(new_panel(&chosen.read_untracked(), stream, measure)));
        session.announce("The new panel is the last one");
    };
    let kinds =
        PANELS.iter().map(|kind| view! { <option value=kind.id>{kind.title}</option> }).collect_view();
    let options = move || {
        let option = |(index, (title, ..)): (usize, &(String, String, String))| {
            view! { <option value=index.to_string()>{title.clone()}</option> }
        };
        sources.read().iter().enumerate().map(option).collect_view()
    };
    let doc = move || kind(&chosen.read()).map(|kind| kind.doc);
    view! {
        <div id=ADD_MENU class="menu add-menu" popover="auto" role="group" aria-label="Add a panel">
            <label class="add-field">"Kind"
                <select data-testid="add-kind" on:change=move |event| chosen.set(event_target_value(&event))>{kinds}</select>
            </label>
            <p class="add-note">{doc}</p>
            <label class="add-field">"Of"
                <select data-testid="add-source" on:change=move |event| source.set(event_target_value(&event).parse().unwrap_or(0))>{options}</select>
            </label>
            <button type="button" class="button primary" data-testid="add-now" on:click=add>"Add"</button>
        </div>
    }
    .into_any()
}

/// What there is to show: a title, a stream and a measure.
fn sources(session: Session) -> Vec<(String, String, String)> {
    let board = session.boards.board.read();
    let measures = board.streams.iter().flat_map(|stream| {
        stream.schema.with_role(Role::Measure).map(|index| {
            let measure = stream.schema.fields[index].name.clone();
            (format!("{} · {measure}", stream.name), stream.name.clone(), measure)
        })
    });
    measures.chain([("All series".to_owned(), String::new(), String::new())]).collect()
}

fn new_panel(kind_id: &str, stream: String, measure: String) -> PanelDocument {
    let is_plot = kind(kind_id).is_some_and(|kind| kind.surface == Surface::Canvas);
    let (w, h) = if kind_id == "stat" { (6, 3) } else { (12, 6) };
    PanelDocument {
        kind: kind_id.to_owned(),
        stream,
        measure: if is_plot { measure } else { String::new() },
        place: Place { x: 0, y: 0, w, h },
        ..PanelDocument::default()
    }
}
