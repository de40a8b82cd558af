//! What a panel shows, and how: a form made from the tables of kinds, options, windows and aggregates.

use std::time::Duration;

use leptos::leptos_dom::helpers::debounce;
use leptos::prelude::*;
use spate_chart::options::{OptionKind, OptionSpec};
use spate_chart::panel::{PANELS, kind};

use super::form_field::{Control, FormField, field, flag};
use super::query_fields::query_fields;
use super::side_sheet::SheetFrame;
use crate::session::Session;
use crate::settings::Draft;

/// How long after a letter the panel shows what it makes of it.
const TRIED_AFTER: Duration = Duration::from_millis(300);

/// The sheet.
#[component]
pub(crate) fn SettingsSheet(
    /// The panel's id in the document.
    key: u32,
) -> impl IntoView {
    let session = Session::get();
    let panel = Memo::new(move |_| session.panel_document(key));
    let draft = RwSignal::new(Draft::default());
    let query = session.desk().query;
    // Filled anew when the panel was changed, but for what this form itself changed: by undoing.
    Effect::new(move |_| match panel.get() {
        Some(panel) => draft.update(|draft| draft.follow(panel, &query.read_untracked())),
        None => session.close_sheet(),
    });
    let question = Memo::new(move |_| draft.read().question());
    Effect::new(move |_| {
        if let Some(question) = question.get() {
            session.ask_query(question);
        }
    });
    Effect::new(move |_| {
        let told = query.read().current().map(|answer| answer.parts.clone());
        if let (Some(parts), true) =
            (told, question.read_untracked().as_ref().is_some_and(|q| q.parts.is_none()))
        {
            draft.update(|draft| draft.parts = Some(parts));
        }
    });
    // The panel shows on the board what is chosen here; applying it makes it a change.
    let tried = Memo::new(move |_| draft.read().document(&query.read()));
    let mut try_out = debounce(TRIED_AFTER, move |panel| session.try_out(key, panel));
    Effect::new(move |_| {
        if let Some(panel) = tried.get() {
            try_out(panel);
        }
    });
    on_cleanup(move || session.end_trial());
    let takes_query = Memo::new(move |_| draft.read().takes_query());
    let has_windows = Memo::new(move |_| draft.read().has_windows);
    let has_parts =
        Memo::new(move |_| draft.with(|draft| draft.question().is_some() && draft.parts.is_some()));
    let windows = move || {
        let turn = move |is_on| draft.update(|draft| draft.has_windows = is_on);
        takes_query.get().then(|| {
            flag(
                "settings-windows".to_owned(),
                "Results of windows".to_owned(),
                "instead of values as they are",
                has_windows.into(),
                Box::new(turn),
            )
        })
    };
    view! {
        <SheetFrame title="Panel settings" note=untrack(|| session.panel_name(key)) is_wide=true>
            <div class="settings">
                {subject(draft)}
                {windows}
                {move || has_parts.get().then(|| query_fields(draft))}
                {filters(draft)}
                {options(draft)}
            </div>
            {actions(key, draft)}
        </SheetFrame>
    }
    .into_any()
}

/// What it shows: its kind, its name, of which stream and field.
fn subject(draft: RwSignal<Draft>) -> AnyView {
    let session = Session::get();
    let named = |name: String| {
        let title = if name.is_empty() { "all".to_owned() } else { name.clone() };
        (name, title)
    };
    let streams = move || draft.read().streams(&session.known_streams()).into_iter().map(named).collect();
    let fields = move || draft.read().fields(&session.known_streams()).into_iter().map(named).collect();
    let kinds = PANELS.iter().map(|kind| (kind.id.to_owned(), kind.title.to_owned())).collect();
    let plain = |id: &str, label: &str, value: Signal<String>, control, enter: Box<dyn Fn(String)>| {
        let (id, label, error) = (format!("settings-{id}"), label.to_owned(), Signal::stored(None));
        field(FormField { id, label, doc: "", value, error, control, enter })
    };
    view! {
        <div class="settings-grid">
            {plain("kind", "Kind", Signal::derive(move || draft.read().panel.kind.clone()), Control::Choice(Signal::stored(kinds)), Box::new(move |name| {
                draft.update(|draft| draft.set_kind(name, &session.known_streams()));
            }))}
            {plain("title", "Title", Signal::derive(move || draft.read().panel.title.clone()), Control::Line { hint: "as what it shows".to_owned() }, Box::new(move |title| {
                draft.update(|draft| draft.panel.title = title);
            }))}
            {plain("stream", "Stream", Signal::derive(move || draft.read().panel.stream.clone()), Control::Choice(Memo::new(move |_| streams()).into()), Box::new(move |name| {
                draft.update(|draft| draft.set_stream(name, &session.known_streams()));
            }))}
            {plain("measure", "Field", Signal::derive(move || draft.read().panel.measure.clone()), Control::Choice(Memo::new(move |_| fields()).into()), Box::new(move |name| {
                draft.update(|draft| draft.panel.measure = name);
            }))}
            <p class="sheet-note settings-doc" data-testid="settings-doc">
                {move || draft.read().kind().map(|kind| format!("{} Needs {}.", kind.doc, kind.needs))}
            </p>
        </div>
    }
    .into_any()
}

/// Which events it shows, by dimension.
fn filters(draft: RwSignal<Draft>) -> AnyView {
    let session = Session::get();
    let dimensions = Memo::new(move |_| draft.read().dimensions(&session.known_streams()));
    let filter = move |dimension: String| {
        let (read, write) = (dimension.clone(), dimension.clone());
        let value = Memo::new(move |_| draft.read().chosen(&read));
        let take = move |event| draft.update(|draft| draft.choose(&write, &event_target_value(&event)));
        let id = format!("settings-only-{dimension}");
        view! {
            <div class="field">
                <label for=id.clone()>{format!("Only {dimension}")}</label>
                <input class="input" id=id.clone() autocomplete="off" placeholder="all; a, \"b, c\" for several" data-testid=id prop:value=value on:change=take />
            </div>
        }
        .into_any()
    };
    view! {
        <div class="settings-grid">
            {move || dimensions.get().into_iter().map(filter).collect_view()}
        </div>
    }
    .into_any()
}

/// The options of its kind.
fn options(draft: RwSignal<Draft>) -> AnyView {
    let chosen = Memo::new(move |_| draft.read().panel.kind.clone());
    let fields = move |all: &'static [OptionSpec], flags: bool| {
        let of = all.iter().filter(move |option| matches!(option.kind, OptionKind::Flag { .. }) == flags);
        of.map(|option| option_field(draft, option)).collect_view()
    };
    let view = move || {
        let all = kind(&chosen.read()).map_or(&[][..], |kind| kind.options);
        view! {
            <h3 class="sheet-section">"How it is drawn"</h3>
            <div class="settings-grid">{fields(all, false)}</div>
            <div class="choices">{fields(all, true)}</div>
        }
        .into_any()
    };
    view.into_any()
}

fn option_field(draft: RwSignal<Draft>, option: &'static OptionSpec) -> AnyView {
    let id = format!("settings-option-{}", option.name);
    let mut label = option.name.replace('_', " ");
    label[..1].make_ascii_uppercase();
    let line = |hint: &str| Control::Line { hint: hint.to_owned() };
    let control = match option.kind {
        OptionKind::Flag { .. } => {
            let is_on = Signal::derive(move || draft.read().flag(option));
            let turn = move |is_on: bool| draft.update(|draft| draft.type_in(option, is_on.to_string()));
            return flag(id, label, option.doc, is_on, Box::new(turn));
        }
        OptionKind::Number { default, .. } => {
            line(&default.map_or_else(|| "automatic".to_owned(), |number| number.to_string()))
        }
        OptionKind::Choice { choices, .. } => {
            let choices = choices.iter().map(|choice| ((*choice).to_owned(), (*choice).to_owned()));
            Control::Choice(Signal::stored(choices.collect()))
        }
        OptionKind::Text { form } if form.has_lines() => Control::Lines { hint: form.example().to_owned() },
        OptionKind::Text { form } => line(form.example()),
    };
    let value = move || {
        let text = draft.read().text(option);
        match option.kind {
            OptionKind::Choice { default, .. } if text.is_empty() => default.to_owned(),
            _ => text,
        }
    };
    field(FormField {
        id,
        label,
        doc: option.doc,
        value: Signal::derive(value),
        error: Signal::derive(move || draft.read().complaint(option)),
        control,
        enter: Box::new(move |text| draft.update(|draft| draft.type_in(option, text))),
    })
}

/// What can be done with the settings.
fn actions(key: u32, draft: RwSignal<Draft>) -> AnyView {
    let session = Session::get();
    let query = session.desk().query;
    let is_ready = Memo::new(move |_| draft.read().document(&query.read()).is_some());
    let changed = move || draft.read_untracked().document(&query.read_untracked());
    let beside = move || draft.read_untracked().document_beside(&query.read_untracked());
    view! {
        <div class="settings-actions">
            <button type="button" class="button primary" data-testid="settings-apply" disabled=move || !is_ready.get() on:click=move |_| {
                changed().map(|panel| session.apply_settings(panel)).unwrap_or_default();
            }>"Apply"</button>
            <button type="button" class="button" data-testid="settings-add" disabled=move || !is_ready.get() on:click=move |_| {
                beside().map(|panel| session.add_beside(panel)).unwrap_or_default();
            }>"Add as another panel"</button>
            <span class="sheet-note" role="status" data-testid="settings-tried">{move || session.boards.board.read().is_trying().then_some("Shown on the board, not applied yet")}</span>
            <button type="button" class="button quiet" data-testid="settings-undo" on:click=move |_| session.undo(false)>"Undo"</button>
            <button type="button" class="button quiet" data-testid="settings-remove" on:click=move |_| session.remove_panel(key)>"Remove"</button>
        </div>
    }
    .into_any()
}
