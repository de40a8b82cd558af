//! What lies over a panel while its dashboard is being changed: it is moved, sized, renamed, copied, removed.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;

use super::icon::{Glyph, Icon};
use super::tool::Tool;
use crate::browser::event;
use crate::document::{COLUMNS, DocumentEdit, Place};
use crate::session::{Session, SideSheet, handle_id};

const SETTINGS: Tool =
    Tool { icon: Icon::Settings, label: "Settings", title: "Settings", testid: "cell-settings" };
const DUPLICATE: Tool =
    Tool { icon: Icon::Copy, label: "Duplicate", title: "Duplicate", testid: "duplicate" };
const REMOVE: Tool = Tool { icon: Icon::Trash, label: "Remove", title: "Remove", testid: "remove" };

/// A drag under way.
#[derive(Clone, Copy, Debug)]
struct Drag {
    /// Where the press was, in CSS pixels of the page.
    from_px: (f64, f64),
    /// How far columns and rows are apart, in CSS pixels.
    pitch_px: (f64, f64),
    place: Place,
    by_corner: bool,
}

/// The tools of one panel.
#[component]
pub(crate) fn CellTools(
    /// Its id in the document.
    key: u32,
) -> impl IntoView {
    let session = Session::get();
    let dragged = session.boards.dragged;
    let drag = StoredValue::new(None::<Drag>);
    let press = move |pressed: PointerEvent| {
        let pitch_px = event::grid_pitch_css_px(&pressed, COLUMNS);
        if let (0, false, Some(pitch_px)) =
            (pressed.button(), event::is_within(&pressed, "input, .tool"), pitch_px)
        {
            event::capture(&pressed);
            let (place, by_corner) = (session.place(key), event::is_within(&pressed, ".cell-corner"));
            drag.set_value(Some(Drag { from_px: event::page_css_px(&pressed), pitch_px, place, by_corner }));
        }
    };
    let follow = move |moved: PointerEvent| {
        if let Some(drag) = drag.get_value() {
            let at = event::page_css_px(&moved);
            let by_px = (at.0 - drag.from_px.0, at.1 - drag.from_px.1);
            let place = drag.place.dragged(by_px, drag.pitch_px, drag.by_corner);
            if dragged.get_untracked() != Some((key, place)) {
                session.drag(key, place);
            }
        }
    };
    let lift = move |keeps: bool| {
        drag.set_value(None);
        if let Some((key, place)) = session.drop_dragged().filter(|_| keeps) {
            session.edit_board(DocumentEdit::Place(key, place));
        }
    };
    let on_key = move |pressed: KeyboardEvent| {
        if !event::has_modifier(&pressed) && session.nudge(key, &pressed.key(), pressed.shift_key()) {
            pressed.prevent_default();
        }
    };
    let shown = session.panel_at(key);
    let automatic = shown.map(|panel| panel.title).unwrap_or_default();
    let title = move || {
        let board = session.boards.board.read();
        board.document().panel(key).map(|panel| panel.title.clone()).unwrap_or_default()
    };
    let rename = move |event| {
        let title = event_target_value(&event);
        session.edit_panel(key, |panel| panel.title = title);
    };
    view! {
        <div
            class="cell-tools"
            data-dragged=move || dragged.read().is_some_and(|(dragged, _)| dragged == key).to_string()
            on:pointerdown=press
            on:pointermove=follow
            on:pointerup=move |_| lift(true)
            on:pointercancel=move |_| lift(false)
        >
            <div class="cell-bar">
                <button
                    type="button"
                    class="cell-grip"
                    id=handle_id(key)
                    aria-label=format!("Move {automatic}: arrow keys move it, with Shift they change its size")
                    title="Drag, or use the arrow keys; Shift + arrow keys change the size"
                    data-testid="move"
                    on:keydown=on_key
                >
                    <Glyph icon=Icon::Grip />
                </button>
                <input
                    class="cell-title"
                    type="text"
                    aria-label=format!("Title of {automatic}")
                    placeholder=automatic
                    prop:value=title
                    data-testid="panel-title"
                    on:change=rename
                />
                {SETTINGS.view(Box::new(move || session.desk().sheet.set(Some(SideSheet::Settings(key)))))}
                {DUPLICATE.view(Box::new(move || session.edit_board(DocumentEdit::Duplicate(key))))}
                {REMOVE.view(Box::new(move || session.edit_board(DocumentEdit::Remove(key))))}
            </div>
            <span class="cell-corner" aria-hidden="true"></span>
        </div>
    }
    .into_any()
}
