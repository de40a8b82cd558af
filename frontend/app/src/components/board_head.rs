//! What stands over the board: the panel that is alone, and what all panels are filtered by.

use leptos::prelude::*;
use spate_worker::ask::Ask;
use spate_worker::protocol::FieldFilter;

use super::icon::{Glyph, Icon};
use crate::browser::event::open_popover;
use crate::format::counted;
use crate::session::Session;
use crate::variables;

/// From so many values on there is a field to find one.
const MANY: usize = 9;
/// Most values shown at once.
const MOST_SHOWN: usize = 200;

/// The line over the board.
#[component]
pub(crate) fn BoardHead() -> impl IntoView {
    let session = Session::get();
    let offered = Memo::new(move |_| session.boards.board.read().offered());
    let alone = move || {
        session.boards.alone.get().map(|key| {
            let is_there = session.panel_at(key).is_some();
            let note = (!is_there).then_some("There is no such panel here, so all are shown");
            view! {
                <button type="button" class="button" data-testid="show-all" on:click=move |_| session.show_alone(None)>
                    <Glyph icon=Icon::Board />
                    "All panels"
                    <kbd>"Esc"</kbd>
                </button>
                <span class="variable-note">{note}</span>
            }
            .into_any()
        })
    };
    let restored = move || {
        session.boards.is_restored.get().then(|| {
            view! {
                <p class="chip" data-state="stale" role="status" data-testid="restored">"Changes that were not kept are back"</p>
                <button type="button" class="button" data-testid="restored-keep" on:click=move |_| session.keep_here()>"Keep here"</button>
                <button type="button" class="button" data-testid="restored-discard" on:click=move |_| session.discard_draft()>"Discard"</button>
            }
            .into_any()
        })
    };
    view! {
        {alone}
        {restored}
        <div class="variables" role="group" aria-label="Filter all panels">
            <For each=move || offered.get() key=String::clone let:field>{variable(&field)}</For>
        </div>
    }
    .into_any()
}

/// A button that says what is chosen of a dimension, and the list that it is chosen from.
fn variable(field: &str) -> AnyView {
    let session = Session::get();
    let menu = format!("variable-{field}");
    let chosen = Memo::new({
        let field = field.to_owned();
        move |_| {
            let all = session.boards.board.read().variables();
            all.into_iter()
                .find(|filter| filter.field == field)
                .map(|filter| filter.values)
                .unwrap_or_default()
        }
    });
    let is_open = RwSignal::new(false);
    let toggled = {
        let menu = menu.clone();
        move |_| is_open.set(open_popover(&menu).is_some())
    };
    let content = {
        let field = field.to_owned();
        move || is_open.get().then(|| choices(field.clone(), chosen))
    };
    view! {
        <button
            type="button"
            class="button variable"
            popovertarget=menu.clone()
            data-chosen=move || (!chosen.read().is_empty()).to_string()
            data-testid=format!("variable-{field}-button")
        >
            <span class="variable-name">{field.to_owned()}</span>
            <span class="variable-value">{move || variables::summary(&chosen.read())}</span>
            <Glyph icon=Icon::Down />
        </button>
        <div id=menu class="menu variable-menu" popover="auto" role="group" aria-label=format!("Only these of {field}") on:toggle=toggled>
            {content}
        </div>
    }
    .into_any()
}

/// The values of a dimension, each to be shown or not.
fn choices(field: String, chosen: Memo<Vec<String>>) -> AnyView {
    let session = Session::get();
    let known = session.desk().values;
    known.set(None);
    session.ask(Ask::Values { field: field.clone() });
    let text = RwSignal::new(String::new());
    // What is chosen stays in the list where no series has it now.
    let all = Memo::new({
        let field = field.clone();
        move |_| {
            let known = known.read();
            let mut all = known.as_ref().filter(|(of, _)| *of == field).map(|(_, all)| all.clone())?;
            all.extend(
                chosen.read().iter().filter(|value| !all.contains(value)).cloned().collect::<Vec<_>>(),
            );
            Some(all)
        }
    });
    let shown = Memo::new(move |_| {
        let wanted = text.read().to_lowercase();
        let all = all.get().unwrap_or_default();
        all.into_iter().filter(|value| value.to_lowercase().contains(&wanted)).collect::<Vec<_>>()
    });
    let choose = StoredValue::new({
        let field = field.clone();
        move |values: Vec<String>| session.choose_variable(FieldFilter { field: field.clone(), values })
    });
    let item = move |value: String| {
        let (of, turned) = (value.clone(), value.clone());
        let turn = move |event| {
            let mut values = chosen.get_untracked();
            values.retain(|other| *other != turned);
            if event_target_checked(&event) {
                values.push(turned.clone());
                values.sort_unstable();
            }
            choose.with_value(|choose| choose(values));
        };
        view! {
            <label class="choice">
                <input type="checkbox" prop:checked=move || chosen.read().contains(&of) on:change=turn />
                <span>{if value.is_empty() { "(empty)".to_owned() } else { value }}</span>
            </label>
        }
        .into_any()
    };
    let first = move || {
        let mut first = shown.get();
        first.truncate(MOST_SHOWN);
        first
    };
    let note = move || match all.read().as_ref().map(Vec::len) {
        None => "Looking".to_owned(),
        Some(0) => "No stream here has this dimension".to_owned(),
        Some(_) if shown.read().len() > MOST_SHOWN => {
            format!("and {} more: type to find one", shown.read().len() - MOST_SHOWN)
        }
        Some(count) => counted(count as u64, "value"),
    };
    view! {
        {move || all.read().as_ref().is_some_and(|all| all.len() >= MANY).then(|| view! {
            <input class="input" type="text" aria-label=format!("Find a value of {field}") placeholder="Find" autocomplete="off" data-testid="variable-find" on:input=move |event| text.set(event_target_value(&event)) />
        })}
        <label class="choice">
            <input type="checkbox" data-testid="variable-all" prop:checked=move || chosen.read().is_empty() on:change=move |_| choose.with_value(|choose| choose(Vec::new())) />
            <span>"All"</span>
        </label>
        <div class="variable-values">
            <For each=first key=String::clone let:value>{item(value)}</For>
        </div>
        <p class="variable-note" role="status">{note}</p>
    }
    .into_any()
}
